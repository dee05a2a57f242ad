"""Several people, or several processes, at once: one is first, and the others decide again on what is so then."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.conflicts import ConflictDeclared
from domain.person import AttemptRefused, WorkTaken
from domain.refusals import Refused
from domain.submission import events as e
from domain.submission.assessment import assign
from domain.submission.state import Stage
from domain.window import PlaceTaken
from infra.store.records import PostgresRecords
from services import assessment, moderation, people, preparation, screening
from services.assessment import Judgement
from services.office import TRIES, Office, Receipt
from services.ports import Batch, StaleStream, Stream
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body

ROOT = Path(__file__).parents[2]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of this at the same time; returns what came of each, which may be a refusal."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [Ellipsis] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = act()
        except Refused as refusal:
            results[number] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ellipsis not in results, "one of them broke"
    return results


class Interrupted:
    """The record, but that somebody else is faster: `first` happens between what is loaded and what is appended."""

    def __init__(self, records: PostgresRecords, first: Callable[[], Any]) -> None:
        self._records = records
        self._first: Callable[[], Any] | None = first

    def streams(self, *ids: str) -> Mapping[str, Stream]:
        return self._records.streams(*ids)

    def append(self, batch: Batch) -> int:
        first, self._first = self._first, None
        if first:
            first()
        return self._records.append(batch)


def while_deciding(body: Body, records: PostgresRecords, first: Callable[[], Any]) -> Office:
    """An office in which `first` happens while the next command is being decided."""
    return Office(Interrupted(records, first), schemes=body.office.schemes, files=body.office.files)


def test_two_officers_on_one_case_at_once_come_to_one_end(body: Body):
    other = factories.appoint(body, "officer", scheme=None)
    case = factories.brought(body, "submission")

    one, two = at_once(
        lambda: body.by_officer(screening.pass_screening, case=case),
        lambda: body.by(screening.return_portfolio, other, "officer", case=case, reason="A page is missing"),
    )

    held = body.submission(case)
    assert held.stage in (Stage.IN_ASSESSMENT, Stage.RETURNED)
    loser = two if held.stage is Stage.IN_ASSESSMENT else one
    assert isinstance(loser, Refused)
    assert (loser.rule, loser.field) == ("stage-order", "submission")
    assert len(body.events(case, e.ScreeningPassed | e.PortfolioReturned)) == 1


def test_the_same_command_given_by_many_at_once_is_carried_out_once(body: Body):
    case = factories.register(body)
    command = body.command(body.officer, "officer")
    said = {"case": case, "kind": "registration", "reason": "A pilot"}

    results = at_once(*[lambda: preparation.waive_fee(body.office, command, **said)] * 6)

    receipts = [one for one in results if isinstance(one, Receipt)]
    assert len(receipts) == 6
    assert [one.repeated for one in receipts].count(False) == 1
    assert len({one.position for one in receipts}) == 1
    assert len(body.events(case, e.FeeWaived)) == 1


def test_a_fee_is_not_paid_and_waived_at_once(body: Body):
    case = factories.register(body)
    said = {"case": case, "kind": "registration"}
    amount = body.submission(case).charges["registration"]

    at_once(
        *[lambda: body.by_officer(preparation.pay_fee, **said, amount=amount)] * 3,
        *[lambda: body.by_officer(preparation.waive_fee, **said, reason="A pilot")] * 3,
    )

    assert len(body.events(case, e.FeePaid | e.FeeWaived)) == 1


def test_a_windows_last_place_goes_to_one(body: Body):
    window = factories.schedule_window(body, capacity=2)
    cases = [factories.register(body) for _ in range(5)]

    results = at_once(*(partial(factories.submit, body, case, window) for case in cases))

    refusals = [one for one in results if isinstance(one, Refused)]
    assert {one.rule for one in refusals} == {"window-capacity"}
    assert len(refusals) == 3
    assert Counter(body.submission(case).stage for case in cases) == {Stage.SUBMITTED: 2, Stage.REGISTERED: 3}
    assert len(body.events(window, PlaceTaken)) == 2


def test_an_assessors_last_place_goes_to_one_of_two_processes(office: Office, database: Database):
    source = factories.scheme_source().replace("capacity_per_round = 4", "capacity_per_round = 1")
    body = factories.open_body(office, source=source, assessors=1)
    window = factories.schedule_window(body)
    cases = [factories.brought(body, "screened", window=window) for _ in range(2)]

    racers = [
        subprocess.Popen([sys.executable, "-m", "tests.services.racer", database.app_url, case], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for case in cases
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=30)[0].strip() for racer in racers]

    assert sorted(said) == ["AssessorAssigned", "NobodyEligible"]
    assert [racer.returncode for racer in racers] == [0, 0]
    assert len(body.events(body.assessors[0], WorkTaken)) == 1
    assert sorted(body.submission(case).assessor or "" for case in cases) == ["", body.assessors[0]]


def in_moderation(body: Body) -> str:
    """A case before a panel that is just a quorum."""
    case = factories.brought(body, "taken up")
    body.by_officer(people.end_role, id=body.moderators[2], role="moderator", scheme=body.scheme.id)
    return case


def conflict(body: Body, person: str, role: str, case: str) -> Callable[[], Receipt]:
    provider = body.submission(case).registration.provider
    return lambda: body.by(people.declare_conflict, person, role, id=person, provider=provider)


@pytest.mark.parametrize("who", ["chair", "moderator"])
def test_a_conflict_declared_while_the_panel_is_being_recorded_undoes_it(
    body: Body, records: PostgresRecords, who: str
):
    case = in_moderation(body)
    person = body.chair if who == "chair" else body.moderators[1]
    office = while_deciding(body, records, conflict(body, person, who, case))

    with refused("conflict-of-interest" if who == "chair" else "stage-order"):  # the item is adjourned at once
        judgements = {"1.1": Judgement(level="met")}
        moderation.moderate(office, body.command(body.chair, "chair"), case=case, judgements=judgements)

    assert body.submission(case).moderated == frozenset()
    assert body.events(person, ConflictDeclared)


def test_a_conflict_declared_while_the_decision_is_being_recorded_undoes_it(body: Body, records: PostgresRecords):
    case = in_moderation(body)
    factories.confirm(body, case)
    office = while_deciding(body, records, conflict(body, body.moderators[0], "moderator", case))

    with refused("stage-order", field="submission"):
        moderation.decide(office, body.command(body.chair, "chair"), case=case)

    assert body.submission(case).outcome is None


def test_a_conflict_found_while_an_assessor_judges_undoes_the_judgement(body: Body, records: PostgresRecords):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor
    assert assessor
    office = while_deciding(body, records, conflict(body, assessor, "assessor", case))
    cited = factories.evidence_of(["1.1"])[0].sha256

    with refused("conflict-of-interest", field="actor"):
        judgements = {"1.1": Judgement(level="met", reason="Why", cites=(cited,))}
        assessment.judge(office, body.command(assessor, "assessor"), case=case, judgements=judgements)

    assert body.submission(case).judgements == {}
    assert [one.stream for one in body.events(assessor, AttemptRefused)] == [case]


def test_a_conflict_declared_while_a_case_is_being_assigned_sends_it_to_another(body: Body, records: PostgresRecords):
    case = factories.brought(body, "screened")
    chosen: list[str] = []

    def declares() -> None:
        pool = [body.state(one) for one in body.assessors]
        _, at_first = assign(body.submission(case), scheme=body.scheme, assessors=pool, at=body.now())
        assert at_first
        chosen.append(at_first.id)
        conflict(body, at_first.id, "assessor", case)()

    office = while_deciding(body, records, declares)
    assessment.assign_assessor(office, body.command(case, "process"), case=case)

    assert body.submission(case).assessor not in (None, *chosen)
    assert not body.events(chosen[0], WorkTaken)


def test_an_officer_whose_role_ends_while_they_decide_decides_nothing(body: Body, records: PostgresRecords):
    other = factories.appoint(body, "officer", scheme=None)
    case = factories.register(body)
    office = while_deciding(
        body, records, lambda: body.by(people.end_role, other, "officer", id=body.officer, role="officer")
    )

    with refused("acting-role", field="role"):
        said = {"case": case, "kind": "registration", "reason": "A pilot"}
        preparation.waive_fee(office, body.command(body.officer, "officer"), **said)

    assert not body.events(case, e.FeeWaived)


def test_a_provider_that_withdraws_is_first_and_the_assessor_is_told_so(body: Body, records: PostgresRecords):
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor
    assert assessor
    office = while_deciding(body, records, lambda: body.by_contact(preparation.withdraw, case, reason="No time"))

    with refused("stage-order", field="submission", match="withdrawn"):
        assessment.complete_assessment(office, body.command(assessor, "assessor"), case=case, minutes_spent=90)

    assert body.submission(case).stage is Stage.WITHDRAWN
    assert body.state(assessor).in_hand == {}


def test_minutes_signed_while_an_item_is_taken_up_leave_it_for_another_meeting(body: Body, records: PostgresRecords):
    case = factories.brought(body, "completed")
    command = body.command(body.officer, "officer")
    planned = {"starts_at": body.now(), "chair": body.chair, "panel": body.moderators, "items": [case]}
    moderation.schedule_meeting(body.office, command, scheme=body.scheme.id, **planned)
    meeting = moderation.meeting_id(command.id)
    body.by_chair(moderation.open_meeting, id=meeting, present=[body.chair, *body.moderators])
    office = while_deciding(body, records, lambda: body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=9))

    with refused("meeting-order", field="meeting"):
        moderation.take_up(office, body.command(body.chair, "chair"), case=case, id=meeting)

    assert body.submission(case).stage is Stage.AWAITING_MODERATION


def test_who_is_overtaken_again_and_again_is_told_to_try_again_and_nothing_is_written(
    body: Body, records: PostgresRecords
):
    case = factories.register(body)
    tries: list[Batch] = []

    class Never(Interrupted):
        def append(self, batch: Batch) -> int:
            tries.append(batch)
            raise StaleStream("somebody was faster")

    before = records.max_position()

    with refused("too-busy", field="command"):
        office = Office(Never(records, lambda: None))
        said = {"case": case, "kind": "registration", "reason": "A pilot"}
        preparation.waive_fee(office, body.command(body.officer, "officer"), **said)

    assert len(tries) == TRIES
    assert records.max_position() == before
