"""What the rules let go and when, and what keeps it: a hold, an open matter, a case or an award that runs, or time."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.ids import PROCESS_ROLE
from domain.retention import RecordsLetGo
from domain.retention.keeping import Until
from domain.tasks import Matter, Task, TaskHandedOver
from services import accreditations, matters, people, preparation, retention
from services.going import due, facts_of
from services.keeping import HOLDS
from services.office import Work
from services.own_records import own_kind, own_until
from services.ports import Batch, Change
from services.survey import survey
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.projections.given import Log
from tests.services.conftest import Clock
from tests.services.retaining import YEAR, Keeping, facts, ids_of, of_texts, withdrawn

ROOT = Path(__file__).parents[2]


def test_a_day_before_its_time_nothing_goes_and_a_date_to_come_is_refused(body: Body, clock: Clock, keeping: Keeping):
    withdrawn(body)
    clock.passes(days=300)
    with refused("something-to-go", field="on"):
        keeping.listed()
    clock.passes(days=3 * 365 - 301)

    assert of_texts(due(facts(body, keeping))) == []
    with refused("dates-past", field="on"):
        keeping.listed(on=clock() + timedelta(days=400))


def test_as_of_an_earlier_date_only_what_was_due_then_is_listed(body: Body, clock: Clock, keeping: Keeping):
    early = withdrawn(body)
    clock.passes(days=100)
    withdrawn(body)
    clock.passes(days=3 * YEAR)

    case = keeping.listed(on=clock() - timedelta(days=90))

    assert of_texts(keeping.state(case)) == [(early, "administration", 1)]


def test_a_running_case_and_a_running_award_keep_everything(body: Body, clock: Clock, keeping: Keeping):
    factories.brought(body, "registered")
    factories.brought(body, "released")
    clock.passes(days=365)

    with refused("something-to-go"):
        keeping.listed()


def test_what_earned_an_award_goes_so_long_after_its_end(body: Body, clock: Clock, keeping: Keeping):
    case = factories.brought(body, "released")
    clock.passes(days=6 * 365)
    assert of_texts(due(facts(body, keeping))) == []
    clock.passes(days=30)

    assert {(holder, kind) for holder, kind, _ in of_texts(due(facts(body, keeping)))} == {
        (case, "portfolio"),
        (case, "judgements"),
    }


def test_a_hold_keeps_what_was_approved_until_somebody_else_releases_it(body: Body, clock: Clock, keeping: Keeping):
    case = withdrawn(body)
    reason = ids_of(body, case)["reason"]
    provider = body.submission(case).registration.provider
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())

    keeping.manager(retention.hold, subject=provider, ground="legal-claim", reason="They sue.")
    keeping.gone(listed)

    assert reason in keeping.texts()
    assert [(one.holder, one.ground, one.texts) for one in keeping.state(listed).kept] == [(case, "legal-hold", 1)]
    with refused("something-to-go"):
        keeping.listed()
    with refused("not-for-oneself", field="actor"):
        keeping.manager(retention.release_hold, subject=provider, reason="Settled.", shelves=keeping.seen)
    keeping.manager(retention.release_hold, 1, subject=provider, reason="Settled.", shelves=keeping.seen)
    keeping.gone(keeping.approved(keeping.listed()))
    assert reason not in keeping.texts()


def test_who_has_a_conflict_with_the_provider_does_not_release_its_hold(body: Body, keeping: Keeping):
    case = withdrawn(body)
    provider = body.submission(case).registration.provider
    keeping.manager(retention.hold, subject=case, ground="investigation", reason="We look into it.")
    body.by(people.declare_conflict, keeping.managers[1], "quality-manager", id=keeping.managers[1], provider=provider)

    with refused("conflict-of-interest", field="actor"):
        keeping.manager(retention.release_hold, 1, subject=case, reason="Done.", shelves=keeping.seen)


@pytest.mark.parametrize(
    "subject", ["", "nobody", "person-aaaaaaaaaaaaaaaa", "window-aaaaaaaaaaaaaaaa", "x" * 1_000_000]
)
def test_only_what_is_on_record_is_put_on_hold(keeping: Keeping, subject: str):
    before = keeping.events()

    with refused("known-subject", field="subject"):
        keeping.manager(retention.hold, subject=subject, ground="legal-claim", reason="A claim")

    assert keeping.events() == before


@pytest.mark.parametrize(("ground", "reason", "rule"), [
    ("because", "Why", "hold-grounds"), ("legal-claim", "", "text-given"), ("legal-claim", "x" * 1_000_000, "text-length"),
])  # fmt: skip
def test_a_hold_has_a_ground_of_the_policy_and_a_reason(keeping: Keeping, ground: str, reason: str, rule: str):
    before = keeping.events()

    with refused(rule):
        keeping.manager(retention.hold, subject=keeping.board, ground=ground, reason=reason)

    assert keeping.events() == before


def test_a_hold_is_reviewed_in_time_by_whoever_the_process_reminds(body: Body, clock: Clock, keeping: Keeping):
    keeping.manager(retention.hold, subject=keeping.board, ground="legal-claim", reason="A claim")
    [task] = keeping.state(retention.HOLDS).tasks.running.values()

    def by_process(service: Any) -> list[Any]:
        return list(
            body.by(service, retention.HOLDS, PROCESS_ROLE, case=retention.HOLDS).events.get(retention.HOLDS, [])
        )

    clock.comes_to(task.remind_at[0] - timedelta(seconds=1))
    assert by_process(matters.remind_task) == []
    clock.comes_to(task.remind_at[0])
    assert [one.about for one in by_process(matters.remind_task)] == [keeping.board]
    clock.comes_to(task.due_at)
    assert [one.rule for one in by_process(matters.miss_task)] == ["review-hold-within"]
    keeping.manager(retention.review_hold, 1, subject=keeping.board, reason="It still runs.")
    [later] = keeping.state(retention.HOLDS).tasks.running.values()
    assert later.due_at > task.due_at


def test_an_open_appeal_or_audit_that_names_the_case_keeps_it(body: Body, clock: Clock, keeping: Keeping):
    case = withdrawn(body)
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())
    opened = TaskHandedOver(
        because="conflict", sets=(Task(rule="decide-within", due_at=clock(), who="board", about=case),)
    )
    command = body.command(keeping.board, "board")
    body.office.records.append(
        Batch(command=command, changes=[Change(stream="appeal-aaaaaaaaaaaaaaaa", expected=0, events=[opened])])
    )

    keeping.gone(listed)

    assert [(one.holder, one.ground) for one in keeping.state(listed).kept] == [(case, "open-matter")]
    assert ids_of(body, case)["reason"] in keeping.texts()


def test_what_the_read_models_have_not_seen_yet_keeps_it_for_the_moment(body: Body, clock: Clock, keeping: Keeping):
    case = withdrawn(body)
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())
    shelves = keeping.seen
    provider = body.submission(case).registration
    factories.register(body, factories.Provider(id=provider.provider, contact=provider.lead_contact))

    with refused("shelves-behind", field="case"):
        keeping.manager(retention.let_go, case=listed, shelves=shelves)

    assert ids_of(body, case)["reason"] in keeping.texts()
    keeping.gone(listed)
    assert ids_of(body, case)["reason"] not in keeping.texts()


def test_people_and_providers_go_when_their_time_is_over(body: Body, clock: Clock, keeping: Keeping):
    former = factories.appoint(body, "officer", scheme=None)
    case = withdrawn(body)
    provider, contact = body.submission(case).registration.provider, body.submission(case).registration.lead_contact
    body.by_officer(people.end_role, id=former, role="officer")
    clock.passes(days=365)

    assert {one.holder for one in keeping.state(keeping.listed()).items} == {former, contact}
    clock.passes(days=10 * YEAR)
    listed = keeping.listed()
    assert {one.holder for one in keeping.state(listed).items} == {former, contact, case, provider}
    keeping.gone(keeping.approved(listed))

    assert not [key for key in keeping.vault() if key[0] in (former, provider)]
    assert (body.officer, "name") in keeping.vault()


def test_whoever_looks_sees_by_kind_what_may_go_what_stays_and_when(
    body: Body, clock: Clock, keeping: Keeping, database: Database
):
    case = withdrawn(body)
    factories.brought(body, "released")
    keeping.manager(retention.hold, subject=keeping.board, ground="legal-claim", reason="A claim")
    clock.passes(days=3 * YEAR)
    listed = keeping.listed()
    facts = facts_of(Work(body.office, body.command(body.officer, "officer"), HOLDS), keeping.seen, at=clock())

    counts = survey(facts)

    assert (counts["administration"].goes, counts["administration"].holders) == (1, {case})
    assert counts["register"].stays == {"public-register": 2}
    assert counts["register"].next_at == calendar_years(clock.at - timedelta(days=3 * YEAR), 10)
    assert counts["people"].stays["legal-hold"] == 2
    ran = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "retention", "--on", clock().isoformat()],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database.app_url},
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"administration +1 +1", ran.stdout)
    assert f"{keeping.board}: legal claim" in ran.stdout
    assert f"{listed}: deciding what is let go" in ran.stdout


def calendar_years(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year + years)


def test_who_came_with_a_complaint_goes_as_long_after_it_as_its_texts(body: Body, clock: Clock, keeping: Keeping):
    complaint, log = "complaint-aaaaaaaaaaaaaaaa", Log()
    opened = TaskHandedOver(because="new", sets=(Task(rule="answer-within", due_at=clock(), who="board"),))
    log.add(complaint, opened, at=clock())

    def kept() -> list[Until]:
        looked = facts(body, keeping)
        looked.streams[complaint], looked.states[complaint] = log.events, Matter(id=complaint)
        return own_until(looked, complaint)

    clock.passes(days=10 * YEAR)
    assert kept() == [Until(ground="open-matter")]
    closed = RecordsLetGo(by=keeping.board, texts=0, fields=0, digest="0", kept=(), sets=(), ends=("*",))
    log.add(complaint, closed, at=clock())
    six_years = calendar_years(clock(), 6)
    assert kept() == [Until(ground="legal-claims", at=six_years)]
    clock.comes_to(six_years)
    assert kept() == []
    assert own_kind(complaint) == "complaints"


def test_who_alone_spoke_for_a_provider_goes_after_the_last_of_its_cases_and_acts_no_more(
    body: Body, clock: Clock, keeping: Keeping
):
    case = factories.brought(body, "registered")
    contact = body.submission(case).registration.lead_contact
    clock.passes(days=200)
    body.by_contact(preparation.withdraw, case, reason="We have no time.")
    clock.passes(days=364)
    assert contact not in {one.holder for one in due(facts(body, keeping)).items}
    clock.passes(days=3)
    listed = keeping.listed()
    assert {one.holder for one in keeping.state(listed).items} == {contact}

    keeping.gone(keeping.approved(listed))

    assert not [subject for subject, _ in keeping.vault() if subject == contact]
    assert body.state(contact).roles == frozenset()


def test_who_still_leads_a_case_or_has_a_task_is_on_no_list(body: Body, clock: Clock, keeping: Keeping):
    former = factories.appoint(body, "officer", scheme=None)
    body.by_officer(people.end_role, id=former, role="officer")
    clock.passes(days=400)
    assert {one.holder for one in due(facts(body, keeping)).items} == {former}
    task = Task(rule="reflect-within", due_at=clock(), who=former)
    changes = [
        Change(stream="development-aaaaaaaaaaaaaaaa", expected=0, events=[TaskHandedOver(because="new", sets=(task,))])
    ]
    body.office.records.append(Batch(command=body.command(keeping.board, "board"), changes=changes))

    assert due(facts(body, keeping)).items == []


def test_a_list_has_the_oldest_and_at_most_so_many_holders(body: Body, clock: Clock, keeping: Keeping):
    cases = []
    for _ in range(3):
        cases.append(withdrawn(body))
        clock.passes(days=1)
    clock.passes(days=3 * YEAR)

    found = due(facts(body, keeping), most=2)

    assert [one.holder for one in found.items] == cases[:2]
    assert len(found.texts) == 2
    assert len(found.providers) == 2


def test_an_open_concern_keeps_all_records_of_its_award(body: Body, clock: Clock, keeping: Keeping):
    case = factories.brought(body, "released")
    award = factories.derived_id("accreditation", case)
    clock.passes(days=6 * YEAR + 30)
    assert {one.holder for one in due(facts(body, keeping)).items} >= {case}
    body.by_officer(accreditations.raise_concern, case=award, text="The badge is still shown.")

    assert not {one.holder for one in due(facts(body, keeping)).items} & {case, award}
    assert survey(facts(body, keeping))["judgements"].stays.keys() == {"open-matter"}
