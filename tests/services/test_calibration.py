"""A sample is marked blind: assigned with the case, done apart from it, compared afterwards, and counting for nothing."""

import pytest

from domain.calibration import CalibrationAssigned, CalibrationGivenUp, NobodyToCalibrate
from domain.clocks import DeadlineMissed
from domain.ids import PROCESS_ROLE
from domain.submission import events as e
from domain.submission.side_events import BlindMarkingEnded, MarkedBlindBy
from services import assessment, calibration, people, preparation
from services.office import Office
from services.sample import calibration_id
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock


@pytest.fixture
def body(office: Office, clock: Clock) -> Body:
    """A body that has every submission marked blind."""
    source = factories.scheme_source()
    source = source.replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    return factories.open_body(office, source=source, now=clock)


def assigned(body: Body) -> tuple[str, str, str]:
    """A case with its first and its second assessor."""
    case = factories.brought(body, "screened")
    first = factories.settle(body, case).assessor
    second = body.state(calibration_id(case)).assessor
    assert first
    assert second
    return case, first, second


def mark(body: Body, case: str, second: str, **levels: str) -> None:
    """The second assessor marks it whole, at the top but for some criteria."""
    criteria = body.submission(case).registration.criteria
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(criteria)}
    low = {f"{name[1]}.{name[2]}": level for name, level in levels.items()}
    top = body.scheme.scale[-1]
    judged = {code: factories.judged_at(body, code, low.get(code, top), cited[code]) for code in criteria}
    body.by(calibration.judge_blind, second, "assessor", case=case, judgements=judged)
    body.by(calibration.complete_blind, second, "assessor", case=case, minutes_spent=80)


def test_the_second_assessor_is_chosen_in_the_same_transaction_and_their_capacity_taken(body: Body):
    case, first, second = assigned(body)

    [here] = [one for one in body.recorded(case) if isinstance(one.event, e.AssessorAssigned)]
    [there] = [one for one in body.recorded(calibration_id(case)) if isinstance(one.event, CalibrationAssigned)]
    assert first != second
    assert (here.command, here.recorded_at) == (there.command, there.recorded_at)
    [marked] = body.events(case, MarkedBlindBy)
    assert (marked.calibration, marked.second) == (calibration_id(case), second)
    assert case in body.state(second).in_hand
    assert sum(body.state(second).round_work.values()) == 1


def test_what_is_marked_blind_counts_for_nothing_and_is_compared_when_both_are_done(body: Body):
    case, _, second = assigned(body)

    mark(body, case, second, c11="not_met")
    assert calibration.compare(body.office, case=case) == ()
    assert body.submission(case).judgements == {}
    factories.assess(body, case)

    apart = {one.criterion: one.apart for one in calibration.compare(body.office, case=case)}
    assert apart == {code: 2 if code == "1.1" else 0 for code in body.scheme.criteria}
    assert set(body.submission(case).judgements.values()) == {body.scheme.scale[-1]}
    assert body.state(second).in_hand == {}


def test_what_two_assessors_made_of_all_that_was_marked_blind_adds_up_by_criterion(body: Body):
    assert calibration.consistent(body.office) == ()
    for level in ("not_met", "met", "partially_met"):
        case, _, second = assigned(body)
        mark(body, case, second, c11=level)
        factories.assess(body, case)
    assigned(body)  # which nobody has marked yet

    figures = calibration.consistent(body.office, scheme=body.scheme.id)

    assert [one.criterion for one in figures] == sorted(body.scheme.criteria)
    first = figures[0]
    assert (first.compared, first.alike, first.one_apart, first.further) == (3, 1, 1, 1)
    assert {(one.compared, one.share) for one in figures[1:]} == {(3, 1.0)}
    assert calibration.consistent(body.office) == figures
    assert calibration.consistent(body.office, scheme="another") == ()


def test_neither_assessor_does_the_others_work(body: Body):
    case, first, second = assigned(body)
    body.by_assessor(assessment.accept_assignment, case)

    with refused("assigned-assessor"):
        body.by(calibration.judge_blind, first, "assessor", case=case, judgements={})
    with refused("assigned-assessor"):
        body.by(assessment.judge, second, "assessor", case=case, judgements={})


def test_who_declines_is_followed_by_another_at_once_and_never_becomes_the_first(body: Body):
    case, first, second = assigned(body)

    body.by(calibration.decline_blind, second, "assessor", case=case)
    assert body.by(calibration.decline_blind, second, "assessor", case=case).events == {}

    [third] = [one for one in body.assessors if one not in (first, second)]
    assert body.state(calibration_id(case)).assessor == third
    assert body.events(calibration_id(case), CalibrationGivenUp) == [
        CalibrationGivenUp(assessor=second, reason="declined")
    ]
    body.by_assessor(assessment.decline_assignment, case)
    assert factories.settle(body, case).assessor is None


def test_operations_are_told_once_of_a_blind_marking_that_is_overdue_and_have_somebody_else_do_it(
    body: Body, clock: Clock
):
    case, first, second = assigned(body)
    marking = body.submission(case).marking
    assert marking
    with refused("mark-blind-within", field="submission"):
        body.by_officer(calibration.choose_marker, case=case)
    clock.comes_to(marking.due_at)

    for _ in range(2):
        body.by(calibration.miss_marking, case, PROCESS_ROLE, case=case)
    body.by_officer(calibration.choose_marker, case=case)

    assert body.events(case, DeadlineMissed) == [DeadlineMissed(rule="mark-blind-within", due_at=marking.due_at)]
    third = body.state(calibration_id(case)).assessor
    assert third not in (None, first, second)
    assert body.state(second).in_hand == {}
    assert body.events(case, BlindMarkingEnded) == [BlindMarkingEnded(second=second, reason="overdue")]
    assert body.submission(case).marking.due_at > clock()  # type: ignore[union-attr]


def test_the_clock_of_a_blind_marking_stops_when_it_is_done(body: Body):
    case, _, second = assigned(body)
    assert body.submission(case).marking

    mark(body, case, second)

    assert body.submission(case).marking is None
    assert body.events(case, BlindMarkingEnded) == [BlindMarkingEnded(second=second, reason="marked")]
    with refused("calibration-sample", match="marked already"):
        body.by_officer(calibration.choose_marker, case=case)


def test_where_nobody_was_eligible_an_officer_has_the_rule_look_again(body: Body):
    for one in body.assessors[1:]:
        body.by(people.set_availability, one, "assessor", available=False)
    case = factories.brought(body, "screened")
    factories.settle(body, case)
    assert body.state(calibration_id(case)).assessor is None

    body.by(people.set_availability, body.assessors[1], "assessor", available=True)
    body.by_officer(calibration.choose_marker, case=case)

    assert body.state(calibration_id(case)).assessor == body.assessors[1]


def test_a_conflict_takes_the_blind_marking_away_too(body: Body):
    case, _, second = assigned(body)
    provider = body.submission(case).registration.provider

    body.by(people.declare_conflict, second, "assessor", id=second, provider=provider)

    assert body.state(second).in_hand == {}
    assert body.state(calibration_id(case)).assessor not in (None, second)
    with refused("conflict-of-interest"):
        body.by(calibration.judge_blind, second, "assessor", case=case, judgements={})


def test_a_withdrawn_case_gives_the_second_assessor_their_place_back(body: Body):
    case, _, second = assigned(body)

    body.by_contact(preparation.withdraw, case, reason="No time")

    assert body.state(second).in_hand == {}
    assert body.state(calibration_id(case)).assessor is None


def test_where_nobody_else_is_left_the_case_goes_on_and_that_is_recorded(office: Office, clock: Clock, body: Body):
    for one in body.assessors[1:]:
        body.by(people.set_availability, one, "assessor", available=False)
    case = factories.brought(body, "screened")

    body.by(assessment.assign_assessor, case, PROCESS_ROLE, case=case)

    assert body.submission(case).assessor == body.assessors[0]
    assert len(body.events(calibration_id(case), NobodyToCalibrate)) == 1
    with refused("calibration-sample"):
        body.by(calibration.judge_blind, body.assessors[1], "assessor", case=case, judgements={})
