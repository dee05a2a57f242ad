"""An appeal two years after the decision, the scheme changed and people erased since: replayed, remedied, superseded."""

import re
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.accreditation import AccreditationAwarded, AwardCorrected
from domain.appeal import AppealLodged, OtherClosed, PanelNamed, RemedyClosed
from domain.learning import QUESTIONS
from domain.pay import PayEarned
from domain.submission import events as e
from domain.submission.remedy_events import DecisionReplaced
from domain.submission.side_events import FeeRefunded
from infra.cli.appeals import show_appeal
from infra.rebuild import rebuild
from infra.settings import Settings
from infra.store.records import PostgresRecords
from projections.catalogue import READ_MODELS
from services import affected, appeals, awards, learning, people, providers, schemes
from services.assessment import Judgement
from services.badges import AllBadges
from services.learning import learning_id
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.appealing import Appealing, hearing
from tests.services.conftest import Clock
from tests.services.holding import catch_up, source
from tests.services.remedying import others
from tests.services.retaining import open_keeping
from tests.services.tending import process
from tests.services.watching import MONTHS, Badge, Told, Watch

TWO_YEARS = timedelta(days=731)
SHORT = {"1.1": "not_met"}
LOWER = {"1.1": "partially_met"}
COMMENT = "The papers came late, and I had a cold."
GROUNDS = {"evidence": "The file on impact was not read.", "procedure": "Nobody told us when it was heard."}


@dataclass(slots=True)
class Then:
    """What there was when the decision was told."""

    case: str
    other: str
    provider: Provider
    events: list[Any]
    recorded: list[Any]
    told: Told
    badges: dict[str, Any]
    texts: dict[str, Any]


@dataclass(slots=True)
class Story:
    """A body under a scheme with two levels, which pays nobody, and whoever sees to what becomes of a case of two years ago."""

    body: Body
    hear: Appealing
    watch: Watch
    clock: Clock
    first: str = ""
    gone: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def award(self) -> str:
        return awards.accreditation_id(self.first)

    def decided(self, levels: dict[str, str]) -> Then:
        """Two cases that the same people judged, and what is then to be seen of the first; one of the people says how it was."""
        body = self.body
        window = factories.schedule_window(body)
        for one in body.assessors[1:]:
            body.by(people.set_availability, one, "assessor", available=False)
        case, other = (factories.brought(body, "released", window=window, levels=levels) for _ in range(2))
        for one in body.assessors[1:]:
            body.by(people.set_availability, one, "assessor", available=True)
        self.first, held = case, body.submission(case)
        answer = {"scores": dict.fromkeys(QUESTIONS["moderator"], 2), "minutes_spent": 60, "comment": COMMENT}
        body.by(learning.answer_questionnaire, body.moderators[0], "moderator", case=learning_id(case), **answer)
        return Then(
            case=case,
            other=other,
            provider=Provider(id=held.registration.provider, contact=held.registration.lead_contact),
            events=self.watch.bytes_of(case),
            recorded=list(body.recorded(case)),
            told=self.watch.told(case),
            badges=self.watch.badges(self.award, MONTHS),
            texts=self.watch.texts(),
        )

    def years_pass(self, then: Then, *cases: str) -> None:
        """Two years pass, in which the scheme is published with other criteria and clocks."""
        for case in (then.case, then.other, *cases):
            for _ in process(self.body, learning_id(case), self.clock, self.clock()):
                pass
        self.clock.passes(days=200)
        changed = source(levels=True).replace("version = 1", "version = 2", 1)
        changed = changed.replace("The intended impact is clear", "The intended impact is measured")
        changed = changed.replace('decide_within = "30 working days"', 'decide_within = "5 working days"')
        changed = changed.replace('acknowledge_within = "5 working days"', 'acknowledge_within = "1 working day"')
        published = {"source": changed, "file": "scheme.toml"}
        self.body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, **published)
        self.clock.comes_to(self.clock() + TWO_YEARS - timedelta(days=200))
        for case in (then.case, then.other, *cases):
            for _ in process(self.body, learning_id(case), self.clock, self.clock()):
                pass
            catch_up(self.body, awards.accreditation_id(case))

    def speaks(self, then: Then, *cases: str) -> str:
        """Another contact takes the first one's place; returns it."""
        command, (id, first) = (
            self.body.command(then.provider.contact, "provider"),
            (then.provider.id, then.provider.contact),
        )
        said = {"contact_name": "Ben Nevis", "contact_email": "ben@p.example"}
        providers.name_contact(self.body.office, command, id=id, **said)
        new = providers.contact_id(command.id)
        for case in cases:
            self.body.by(providers.name_lead_contact, new, "provider", case=case, person_id=new)
        self.body.by(providers.end_contact, new, "provider", id=id, person_id=first)
        return new

    def erase(self, person: str) -> None:
        """Their roles end; they ask to be erased, two approve, and what no ground keeps goes."""
        for role, scheme in sorted(self.body.state(person).roles, key=str):
            if role != "provider":
                self.body.by_officer(people.end_role, id=person, role=role, scheme=scheme)
        request = self.watch.keeping.asked(person)
        self.watch.keeping.gone(self.watch.keeping.approved(self.watch.keeping.proposed(request)))
        self.gone.append(person)
        self.requests.append(request)

    def heard(self, then: Then, contact: str) -> str:
        """The new contact lodges an appeal, late; it is admitted for a reason, and three people hear it."""
        command = self.body.command(contact, "provider")
        lodged = appeals.lodge_appeal(self.body.office, command, case=then.case, contested="result", grounds=GROUNDS)
        appeal = appeals.appeal_of(lodged)
        self.hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
        with refused("late-for-a-reason", field="reason"):
            self.hear.by_officer(appeals.admit_appeal, appeal=appeal)
        self.hear.by_officer(appeals.admit_appeal, appeal=appeal, reason="The file came to light only now.")
        self.hear.name(appeal)
        [named] = self.body.events(appeal, PanelNamed)
        assert {one.person for one in named.considered if one.outsider} & set(named.panel) == {self.hear.panel[2]}
        due = self.hear.state(appeal).tasks.running["decide-appeal-within"].due_at
        assert due > self.clock() + timedelta(days=30)  # by the later version it would be a week
        return appeal


@pytest.fixture
def story(office: Office, records: PostgresRecords, database: Database, clock: Clock) -> Story:
    unpaid = re.sub(r"(?s)\n\[pay\].*?(?=\n\[)", "", source(levels=True))
    body = factories.open_body(office, source=unpaid, now=clock)
    hear = hearing(body)
    return Story(body, hear, Watch(body, open_keeping(body, database), records), clock)


def same_but_for(then: Told, now: Told, *gone: str) -> bool:
    """The same entries in the same words, but for the people who are gone: each stood there, and is said to be erased."""
    before, after = then.said(but=gone), now.said()
    assert "[person erased]" not in str(then.said())
    for person in gone:
        assert then.said(but=[person]) != then.said(), f"{person} stood nowhere"
    return now.entries[: len(then.entries)] == then.entries and after[: len(before)] == before


def test_not_awarded_two_years_ago_an_appeal_replaces_the_decision_from_now_on_and_the_record_holds(
    story: Story, clock: Clock, database: Database, capsys: pytest.CaptureFixture[str]
):
    body, watch, hear = story.body, story.watch, story.hear
    then = story.decided(SHORT)
    assert set(then.badges.values()) == {None}
    further = factories.register(body, then.provider, follows=then.case)
    factories.settle(body, further)
    for _ in factories.course(body, further, factories.schedule_window(body), SHORT):
        factories.settle(body, further)
    factories.settle(body, further)
    paid = [(one.kind, one.amount) for one in body.events(further, e.FeePaid)]
    assert paid
    story.years_pass(then, further)

    contact = story.speaks(then, then.case, further)
    rows = watch.tables()
    people_gone = [body.assessors[0], body.moderators[0], then.provider.contact]
    erased_and_nothing_else(story, then, people_gone)

    appeal = story.heard(then, contact)
    replays(story, then, appeal)
    before = watch.badges(story.award, MONTHS)
    replaced = {"1.1": Judgement(level="met", reason="The file shows it.")}
    hear.decide(appeal, finding="upheld", remedy="replace-decision", judgements=replaced)
    decided_at = clock()
    clock.passes(days=1)
    factories.settle(body, then.case)

    held = body.submission(then.case)
    assert held.outcome
    assert (held.outcome.outcome, held.outcome.level) == ("awarded", "gold")
    assert {one.scheme for one in body.recorded(then.case)} == {body.scheme.ref}
    asked = [*MONTHS, decided_at - timedelta(microseconds=1), decided_at]
    badges = watch.badges(story.award, asked)
    ends_at = decided_at.replace(year=decided_at.year + 3)
    gold = Badge(
        provider=then.provider.id,
        scheme=body.scheme.ref,
        level="gold",
        strengths=held.strengths,
        starts_at=decided_at,
        ends_at=ends_at,
        standing="accredited",
        submission=then.case,
    )
    assert badges == {at: gold if decided_at <= at < ends_at else None for at in asked}
    assert all(badges[at] == before[at] == then.badges[at] for at in MONTHS if at < decided_at)
    assert any(badges[at] for at in MONTHS)
    # The fee of the further try that only the first decision called for goes back, once.
    assert [(one.kind, one.amount, one.appeal) for one in body.events(further, FeeRefunded)] == [
        (kind, amount, appeal) for kind, amount in paid
    ]
    assert body.events(then.case, FeeRefunded) == []
    assert not any(body.events(one, PayEarned) for one in (*body.assessors, *body.moderators, *hear.panel))
    finish(story, then, appeal)
    with refused("appealed-once", field="contested"):
        hear.lodge(then.case)
    assert [type(one) for one in body.events(then.case, e.DecisionRecorded | DecisionReplaced)] == [
        e.DecisionRecorded,
        DecisionReplaced,
    ]
    capsys.readouterr()
    show_appeal(Settings(data=Path(), database_url=database.app_url), appeal)
    before_it = capsys.readouterr().out.partition("What was before the decider")[2]
    assert "[person erased]" in before_it
    assert "The award rule gave the outcome" in before_it
    assert "the decision was replaced" not in before_it
    tell_it(story, then, appeal, people_gone, "the decision was replaced", "was accredited under cpd-qa@1 at the level")
    adds_up(story, rows)


def erased_and_nothing_else(story: Story, then: Then, people_gone: list[str]) -> None:
    """Gone are their names, addresses and own words, and nothing else: no byte of an event or text, no state, no sentence."""
    watch, end = story.watch, story.watch.records.max_position()
    events, states, texts, told = watch.keeping.events(), watch.states(end), watch.texts(), watch.told(then.case)
    assert then.texts.items() <= texts.items()
    for person in people_gone:
        story.erase(person)

    assert {subject for subject, _ in watch.keeping.vault()}.isdisjoint(people_gone)
    assert watch.keeping.events()[: len(events)] == events
    left = {id: one for id, one in texts.items() if one[0] not in people_gone}
    assert COMMENT in {one[2] for one in texts.values()} - {one[2] for one in left.values()}
    assert {id: one for id, one in watch.texts().items() if id in texts} == left
    assert watch.states(end) == states
    assert same_but_for(told, watch.told(then.case), *people_gone)


def replays(story: Story, then: Then, appeal: str) -> None:
    """Before the panel, under the version of its case, is what was before the decider then, and none of what came later."""
    body, hear = story.body, story.hear
    [lodged] = body.events(appeal, AppealLodged)
    assert (lodged.late, lodged.scheme) == (True, body.scheme.ref)
    seen = list(appeals.material(body.office, body.command(hear.panel[1], "appeals-panel"), appeal=appeal))
    assert seen == then.recorded[: lodged.version]
    assert story.watch.bytes_of(then.case)[: len(then.events)] == then.events
    assert [one.event for one in seen if isinstance(one.event, e.DecisionRecorded)] == [seen[-1].event]


def finish(story: Story, then: Then, appeal: str) -> None:
    """The remedy is closed; the case that the same assessor judged is found, dealt with, and closed by somebody else."""
    body, hear = story.body, story.hear
    hear.by_officer(appeals.close_remedy, appeal=appeal)
    causes = [("assessor", story.gone[0])]
    hear.by_officer(affected.search_others, appeal=appeal, causes=causes, touched=story.watch.touched)
    another = factories.appoint(body, "officer", scheme=None)
    for other in hear.state(appeal).open_others:
        dealt = {"appeal": appeal, "other": other, "action": "none-needed", "done": "The file was read there."}
        hear.by_officer(affected.deal_with_other, **dealt)
        with refused("closed-by-another", field="actor"):
            hear.by_officer(affected.close_other, appeal=appeal, other=other)
        body.by(affected.close_other, another, "officer", appeal=appeal, other=other)
    assert then.other in {one.case for one in body.events(appeal, OtherClosed)}
    assert len(body.events(appeal, RemedyClosed)) == 1
    assert hear.state(appeal).over


def tell_it(story: Story, then: Then, appeal: str, gone: list[str], *said: str) -> None:
    """The histories of case, award and appeal tell it, the first decision too, and nobody's name who is erased."""
    assert same_but_for(then.told, story.watch.told(then.case), *gone)
    case, award, own = (story.watch.told(one).said() for one in (then.case, story.award, appeal))
    for one in said:
        assert any(one in sentence for sentence in (*case[len(then.told.entries) :], *award)), one
    for told in (case, own):
        assert any("lodged an appeal against the result, late" in one and GROUNDS["evidence"] in one for one in told)
        assert any("The appeal was *upheld*" in one for one in told)
    assert not [one for one in (*case, *award, *own) if f"Contact of {story.body.mark}" in one]


def adds_up(story: Story, rows: dict[str, list[Any]]) -> None:
    """Read models built anew equal those that ran; what stood in the register then still stands in it."""
    watch = story.watch
    running = watch.tables()
    assert rebuild(watch.records, READ_MODELS, threading.Event())
    assert watch.tables() == running
    assert {row[:3] for row in rows["history"]} <= {row[:3] for row in running["history"]}


def test_awarded_at_the_lower_level_it_is_assessed_again_by_others_and_is_at_the_higher_one_from_then_on(
    story: Story, clock: Clock
):
    body, watch, hear = story.body, story.watch, story.hear
    then = story.decided(LOWER)
    ends_at = body.state(story.award).ends_at
    assert {one.level for one in then.badges.values() if one} == {"bronze"}
    story.years_pass(then)
    contact = story.speaks(then, then.case, story.award)
    gone = [body.assessors[0], then.provider.contact]
    events, texts, rows = watch.keeping.events(), watch.texts(), watch.tables()
    for person in gone:
        story.erase(person)

    # Who judged what is still accredited keeps the name until that ends; the address is gone, and the contact wholly.
    assert {(one, name) for one, name in watch.keeping.vault() if one in gone} == {(gone[0], "name")}
    [kept] = [one for one in watch.keeping.state(story.requests[0]).kept if one.fields]
    assert (kept.ground, kept.fields, kept.ends_at) == ("award-runs", ("name",), ends_at)
    assert watch.keeping.events()[: len(events)] == events
    assert watch.texts().items() >= {id: one for id, one in texts.items() if one[0] not in gone}.items()

    appeal = story.heard(then, contact)
    before = watch.badges(story.award, MONTHS)
    assert before == then.badges
    hear.decide(appeal, finding="upheld", remedy="assess-again")
    assert watch.badges(story.award, MONTHS) == before  # the award stands until there is another decision
    new = others(body)
    again = factories.settle(body, then.case).assessor
    assert again not in (None, *gone)
    clock.passes(days=3)
    factories.assess(body, then.case)
    factories.take_up(new, then.case)
    factories.confirm(new, then.case)
    factories.decide(new, then.case)
    approved_at = clock()
    clock.passes(days=1)
    factories.settle(body, then.case)

    assert [one.level for one in body.events(then.case, e.DecisionRecorded)] == ["bronze", "gold"]
    assert len(body.events(story.award, AccreditationAwarded)) == len(body.events(story.award, AwardCorrected)) == 1
    gold_from(story, then, approved_at, ends_at)
    assert body.events(then.case, FeeRefunded) == []
    replays(story, then, appeal)
    finish(story, then, appeal)
    tell_it(story, then, appeal, gone[1:], "earned the level", "gold")
    adds_up(story, rows)


def gold_from(story: Story, then: Then, approved_at: datetime, ends_at: datetime) -> None:
    """Bronze on every date as it was said, until the new report was approved; gold from then on, to the same end."""
    body, watch, held = story.body, story.watch, story.body.submission(then.case)
    asked = [*MONTHS, approved_at - timedelta(microseconds=1), approved_at, ends_at - timedelta(seconds=1), ends_at]
    badges = watch.badges(story.award, asked)
    bronze = next(one for one in then.badges.values() if one)
    assert (bronze.level, bronze.ends_at) == ("bronze", ends_at)
    until_then = replace(bronze, ends_at=approved_at)
    gold = replace(bronze, level="gold", strengths=held.strengths, starts_at=approved_at)
    assert badges == {
        at: None if at < bronze.starts_at or at >= ends_at else gold if at >= approved_at else until_then
        for at in asked
    }
    given = AllBadges(watch.records, watch.records.max_position).of(story.award)
    assert given
    assert [(one.period.level, given.standing(one, approved_at)) for one in given.badges] == [
        ("bronze", "revoked"),
        ("bronze", "ended"),
        ("gold", "valid"),
    ]
    for at in (one for one in MONTHS if one < approved_at):
        said, says = then.badges[at], badges[at]
        assert (said and replace(said, ends_at=approved_at)) == says
    assert {one.level for one in badges.values() if one} == {"bronze", "gold"}
    assert {one.provider for one in badges.values() if one} == {then.provider.id}
    assert body.state(story.award).ends_at == ends_at
