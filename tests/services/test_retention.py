"""What the rules let go is listed, approved by two others, and erased with the event that says so; what is held stays."""

import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused
from domain.retention import RecordsLetGo
from domain.retention.keeping import Until
from domain.tasks import Matter, Task, TaskHandedOver
from infra.store.shelves import PostgresShelves
from services import accreditations, matters, people, preparation, retention
from services.going import due, facts_of
from services.keeping import HOLDS, Facts
from services.office import Office, Work
from services.own_records import own_kind, own_until
from services.ports import Batch, Change, Command, Erasure, StaleStream
from services.states import fold
from services.survey import survey
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.projections.given import Log
from tests.services.conftest import Clock
from tests.services.retaining import Keeping, open_keeping

ROOT = Path(__file__).parents[2]
YEAR = 366


@pytest.fixture
def keeping(body: Body, database: Database) -> Keeping:
    return open_keeping(body, database)


def withdrawn(body: Body) -> str:
    """A case that was withdrawn: two texts, its title and the reason."""
    case = factories.brought(body, "registered")
    body.by_contact(preparation.withdraw, case, reason="We have no time.")
    return case


def ids_of(body: Body, case: str) -> dict[str, str]:
    """The texts of a withdrawn case: its title, and the reason of its end."""
    withdrawal = [one for one in body.events(case) if type(one).__name__ == "SubmissionWithdrawn"]
    return {"title": body.submission(case).registration.title.id, "reason": withdrawal[0].reason.id}


def test_a_case_s_texts_go_when_their_time_is_over_by_two_approvals_and_are_gone_with_the_event(
    body: Body, clock: Clock, keeping: Keeping
):
    case = withdrawn(body)
    texts = ids_of(body, case)
    clock.passes(days=3 * YEAR)

    list_id = keeping.listed()
    assert of_texts(keeping.state(list_id)) == [(case, "administration", 1)]
    keeping.approved(list_id)
    assert set(texts.values()) <= set(keeping.texts())
    keeping.gone(list_id)

    assert texts["reason"] not in keeping.texts()
    assert texts["title"] in keeping.texts()
    [done] = body.events(list_id, RecordsLetGo)
    assert (done.texts, done.fields, done.digest) == (1, 2, keeping.state(list_id).digest)
    assert keeping.state(list_id).over
    assert keeping.state(list_id).deadline is None


def of_texts(held: Any) -> list[tuple[str, str, int]]:
    """The items that are texts: whose, of which kind, how many."""
    return [(one.holder, one.kind, one.texts) for one in held.items if one.texts]


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


def test_who_proposed_a_list_does_not_approve_it_and_one_person_counts_once(body: Body, clock: Clock, keeping: Keeping):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    case = keeping.listed()

    with refused("two-others-approve", field="actor"):
        keeping.manager(retention.approve_letting_go, case=case)
    with refused("two-others-approve", field="actor"):
        keeping.manager(retention.decline_letting_go, case=case, reason="No")
    keeping.manager(retention.approve_letting_go, 1, case=case)
    assert not keeping.manager(retention.approve_letting_go, 1, case=case).events
    before = keeping.texts()
    with refused("letting-go-order", field="case"):
        keeping.gone(case)
    assert keeping.texts() == before


def test_neither_another_role_nor_a_task_handed_over_lets_the_proposer_approve(
    body: Body, clock: Clock, keeping: Keeping
):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    case, proposer = keeping.listed(), keeping.managers[0]
    for role in ("officer", "board"):
        body.by_officer(people.give_role, id=proposer, role=role)
    handed = TaskHandedOver(
        because="conflict",
        sets=(replace(keeping.state(case).tasks.running["approve-letting-go-within"], who=proposer),),
    )
    changes = [Change(stream=case, expected=len(body.recorded(case)), events=[handed])]
    body.office.records.append(Batch(command=body.command(keeping.board, "board"), changes=changes))

    for role in ("quality-manager", "officer", "board"):
        with refused("two-others-approve", field="actor"):
            body.by(retention.approve_letting_go, proposer, role, case=case)

    assert keeping.state(case).approved_by == ()
    assert [one.rule for one in body.events(proposer, AttemptRefused)] == ["two-others-approve"] * 3


@pytest.mark.parametrize("role", ["assessor", "moderator", "chair"])
def test_only_the_board_quality_managers_and_officers_have_a_say(body: Body, clock: Clock, keeping: Keeping, role: str):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    case = keeping.listed()
    who = {"assessor": body.assessors[0], "moderator": body.moderators[0], "chair": body.chair}[role]

    for service, said in (
        (retention.propose_letting_go, {"shelves": keeping.seen}),
        (retention.approve_letting_go, {"case": case}),
        (retention.decline_letting_go, {"case": case, "reason": "No"}),
        (retention.let_go, {"case": case, "shelves": keeping.seen}),
        (retention.hold, {"subject": case, "ground": "legal-claim", "reason": "A claim"}),
    ):
        with refused("acting-role", field="role"):
            body.by(service, who, role, **said)


def test_what_is_a_provider_s_is_neither_listed_nor_approved_by_whom_has_a_conflict_with_it(
    body: Body, clock: Clock, keeping: Keeping
):
    case, other = withdrawn(body), withdrawn(body)
    provider = body.submission(case).registration.provider
    clock.passes(days=3 * YEAR)
    body.by(people.declare_conflict, keeping.managers[0], "quality-manager", id=keeping.managers[0], provider=provider)

    listed = keeping.listed()
    contact = body.submission(other).registration.lead_contact
    assert {one.holder for one in keeping.state(listed).items} == {other, contact}
    command = body.command(keeping.board, "board")
    retention.propose_letting_go(body.office, command, shelves=keeping.seen)
    with refused("conflict-of-interest", field="actor"):
        keeping.manager(retention.approve_letting_go, case=retention.retention_id(command.id))


def test_what_is_declined_stays_and_can_be_listed_again(body: Body, clock: Clock, keeping: Keeping):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    case, before = keeping.listed(), keeping.texts()

    keeping.manager(retention.decline_letting_go, 1, case=case, reason="The auditor comes next week.")

    assert keeping.state(case).over
    assert before.keys() <= keeping.texts().keys()
    with refused("letting-go-order"):
        keeping.approved(case)
    assert keeping.state(keeping.listed()).items


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


def test_something_recorded_in_the_very_moment_makes_it_look_again(body: Body, clock: Clock, keeping: Keeping):
    case = withdrawn(body)
    position = body.office.records.read_log(0, 10_000)[-1].position
    factories.appoint(body, "officer", scheme=None)
    text = ids_of(body, case)["reason"]
    done = RecordsLetGo(by=keeping.board, texts=1, fields=0, digest="0", kept=(), sets=(), ends=("*",))
    batch = Batch(
        command=body.command(keeping.board, "board"),
        changes=[Change(stream="retention-aaaaaaaaaaaaaaaa", expected=0, events=[done])],
        erase=Erasure(texts=[text], seen=position),
    )
    before = keeping.events()

    with pytest.raises(StaleStream):
        body.office.records.append(batch)

    assert text in keeping.texts()
    assert keeping.events() == before


def test_done_twice_and_by_many_at_once_it_is_done_once(body: Body, clock: Clock, keeping: Keeping, office: Office):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())
    shelves = keeping.seen
    found: list[bool] = []

    def carry_out(number: int) -> None:
        command = Command(
            id=f"at-once-{number}", actor=keeping.managers[number % 2], role="quality-manager", at=clock()
        )
        found.append(bool(retention.let_go(office, command, case=listed, shelves=shelves).events))

    threads = [threading.Thread(target=carry_out, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(found) == [False] * 5 + [True]
    assert len(body.events(listed, RecordsLetGo)) == 1
    again = keeping.gone(listed)
    assert not again.events


def test_the_same_command_again_answers_as_the_first_time(body: Body, clock: Clock, keeping: Keeping):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())
    command = body.command(keeping.managers[0], "quality-manager")
    first = retention.let_go(body.office, command, case=listed, shelves=keeping.seen)
    before = keeping.events()

    again = retention.let_go(body.office, command, case=listed, shelves=keeping.seen)

    assert (again.position, again.repeated) == (first.position, True)
    assert keeping.events() == before


def test_a_crash_before_the_commit_leaves_text_and_log_as_they_were(
    body: Body, clock: Clock, keeping: Keeping, database: Database
):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    listed = keeping.approved(keeping.listed())
    shelves, texts, events = keeping.seen, keeping.texts(), keeping.events()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER crash AFTER INSERT ON record.events DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION public.crash()"
        )

    with pytest.raises(Exception, match=r"can't be used|terminat"):
        keeping.manager(retention.let_go, case=listed, shelves=shelves)

    assert (keeping.texts(), keeping.events()) == (texts, events)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("DROP TRIGGER crash ON record.events")
    assert keeping.gone(listed).events
    assert len(keeping.texts()) == len(texts) - 1


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


def test_the_process_says_when_an_approval_or_the_doing_is_overdue(body: Body, clock: Clock, keeping: Keeping):
    withdrawn(body)
    clock.passes(days=3 * YEAR)
    case = keeping.listed()

    def late() -> list[str]:
        receipt = body.by(matters.miss_task, case, PROCESS_ROLE, case=case)
        return [one.rule for one in receipt.events.get(case, [])]

    [task] = keeping.state(case).tasks.running.values()
    clock.comes_to(task.due_at - timedelta(seconds=1))
    assert late() == []
    clock.passes(seconds=1)
    assert late() == ["approve-letting-go-within"]
    keeping.approved(case)
    clock.passes(days=7)
    assert late() == ["let-go-within"]


@pytest.mark.parametrize("case", ["", "retention-aaaaaaaaaaaaaaaa", "submission-aaaaaaaaaaaaaaaa", "x" * 1_000_000])
def test_an_unknown_list_is_refused(keeping: Keeping, case: str):
    before = keeping.events()

    for service, said in (
        (retention.approve_letting_go, {}),
        (retention.decline_letting_go, {"reason": "No"}),
        (retention.let_go, {"shelves": keeping.seen}),
    ):
        with refused("known-matter", field="case"):
            keeping.manager(service, case=case, **said)

    assert keeping.events() == before


def test_without_a_policy_nothing_is_listed(body: Body):
    manager = factories.appoint(body, "quality-manager", scheme=None)
    shelves = PostgresShelves(body.office.records.datastore)  # type: ignore[attr-defined]

    with refused("known-policy", field="policy"):
        body.by(retention.propose_letting_go, manager, "quality-manager", shelves=shelves)


def test_streams_are_what_they_were_and_say_the_same(body: Body, clock: Clock, keeping: Keeping):
    case = factories.brought(body, "released")
    clock.passes(days=6 * YEAR + 60)
    before = keeping.events()
    state = body.submission(case)
    keeping.gone(keeping.approved(keeping.listed()))

    assert keeping.events()[: len(before)] == before
    assert body.submission(case) == state == fold(case, body.recorded(case))


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


def facts(body: Body, keeping: Keeping) -> Facts:
    return facts_of(Work(body.office, body.command(body.officer, "officer"), HOLDS), keeping.seen, at=body.now())


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
