"""What may go is listed, approved by two others, and erased with the event that says so, once."""

import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused
from domain.retention import RecordsLetGo
from domain.tasks import TaskHandedOver
from infra.store.shelves import PostgresShelves
from services import matters, people, retention
from services.office import Office
from services.ports import Batch, Change, Command, Erasure, StaleStream
from services.states import fold
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.retaining import YEAR, Keeping, ids_of, of_texts, withdrawn


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
