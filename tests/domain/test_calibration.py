"""A share of submissions is marked blind a second time: chosen by their ids, by other people, for comparison only."""

from dataclasses import replace
from typing import Any

import pytest

from domain import calibration
from domain.calibration import Agreement, Calibration, agreement, evolve, in_sample
from domain.clocks import Deadline, DeadlineMissed, Due
from domain.ids import derived_id
from domain.submission.moderation import may_moderate
from domain.submission.process import due_next
from domain.submission.side_events import MarkedBlindBy
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    NIK,
    NOON,
    SCHEME,
    SECOND,
    after,
    all_at,
    conflicted,
    fold,
    refused,
    scheme,
)

ALL = scheme(calibration_percent=100)
NONE = scheme(calibration_percent=0)
ID = derived_id("calibration", CASE)
KNOWN = frozenset(one.sha256 for one in given.files())


def assign(held: Calibration | None = None, *, people: Any = (ADA, BEN), case: Any = None, **said: Any) -> Any:
    case = case or given.accepted(by=ADA)
    said = {"scheme": ALL, "at": NOON + 33 * DAY, **said}
    return calibration.assign(held or Calibration(), id=ID, case=case, assessors=list(people), **said)


def begun() -> Calibration:
    return fold(evolve, Calibration(), assign()[0])


def judged(levels: dict[str, str] | None = None) -> Calibration:
    held = begun()
    return fold(evolve, held, judge(held, levels or all_at("high")))


def judge(held: Calibration, levels: dict[str, str], by: Any = BEN) -> Any:
    return calibration.judge(held, by=by, scheme=ALL, known=KNOWN, findings=given.findings(levels))


def test_the_sample_follows_from_the_ids_and_is_about_the_schemes_share():
    ids = [derived_id("submission", str(number)) for number in range(2000)]
    tenth = scheme(calibration_percent=10)

    chosen = [one for one in ids if in_sample(one, tenth)]

    assert chosen == [one for one in ids if in_sample(one, tenth)]
    assert 150 < len(chosen) < 250
    assert all(in_sample(one, ALL) for one in ids)
    assert not any(in_sample(one, NONE) for one in ids)
    assert set(chosen) <= {one for one in ids if in_sample(one, scheme(calibration_percent=20))}


def test_the_rule_chooses_anyone_but_the_first_assessor():
    [event], chosen = assign()

    assert chosen is BEN
    assert (event.assessor, event.submission, event.criteria) == (BEN.id, CASE, tuple(SCHEME.criteria))
    assert {one.person: one.verdict for one in event.considered} == {
        BEN.id: "chosen",
        ADA.id: "had or advised on this case",
    }


def test_what_is_not_of_the_sample_or_marked_already_is_given_to_nobody():
    assert assign(scheme=NONE) == ([], None)
    assert assign(begun()) == ([], None)


def test_that_nobody_was_eligible_is_recorded_once():
    [event], chosen = assign(people=[ADA])

    assert isinstance(event, calibration.NobodyToCalibrate)
    assert chosen is None
    looked = fold(evolve, Calibration(), [event])
    assert assign(looked, people=[ADA]) == ([], None)
    assert assign(looked)[1] is BEN


def test_it_is_judged_on_the_same_scale_and_cites_the_same_portfolio():
    held = begun()

    assert len(judge(held, {"1.1": "low"})) == 1
    with refused("scheme-scale"):
        judge(held, {"1.1": "superb"})
    with refused("scheme-criteria"):
        judge(held, {"9.9": "low"})
    with refused("judgement-cites-evidence"):
        calibration.judge(held, by=BEN, scheme=ALL, known=frozenset("x"), findings=given.findings({"1.1": "low"}))
    again = fold(evolve, held, judge(held, {"1.1": "low"}))
    assert judge(again, {"1.1": "low"}) == []


def test_only_the_second_assessor_marks_it_and_not_with_a_conflict():
    with refused("assigned-assessor"):
        judge(begun(), {"1.1": "low"}, by=ADA)
    with refused("conflict-of-interest"):
        judge(begun(), {"1.1": "low"}, by=conflicted(BEN))
    with refused("conflict-of-interest"):
        judge(begun(), {"1.1": "low"}, by=conflicted(ADA))


def test_it_is_complete_when_every_criterion_is_judged():
    with refused("every-criterion-judged"):
        calibration.complete(begun(), by=BEN, minutes_spent=60)
    with refused("minutes-spent"):
        calibration.complete(judged(), by=BEN, minutes_spent=0)
    done = fold(evolve, judged(), calibration.complete(judged(), by=BEN, minutes_spent=60))
    assert done.completed
    assert calibration.complete(done, by=BEN, minutes_spent=60) == []
    assert calibration.give_up(done, reason="declined") == []
    with refused("calibration-completed"):
        judge(done, {"1.1": "low"})


def test_who_gave_it_up_is_not_chosen_again():
    given_up = fold(evolve, judged(), calibration.give_up(begun(), reason="declined"))

    assert (given_up.assessor, given_up.judgements) == (None, {})
    assert assign(given_up)[1] is None
    assert assign(given_up, people=(ADA, BEN, given.member("cy", "assessor")))[1].id == given.member("cy").id


def test_two_markings_are_compared_criterion_by_criterion():
    first, second = all_at("high", c21="low"), all_at("high", c11="middle", c21="low")

    assert agreement(first, second, SCHEME.scale) == (
        Agreement(criterion="1.1", first="high", second="middle", apart=1),
        Agreement(criterion="1.2", first="high", second="high", apart=0),
        Agreement(criterion="2.1", first="low", second="low", apart=0),
    )
    assert agreement(first, {"1.1": "low"}, SCHEME.scale) == (
        Agreement(criterion="1.1", first="high", second="low", apart=2),
    )


@pytest.mark.parametrize("second", [NIK, CHAIR])
def test_who_marks_it_blind_neither_moderates_nor_chairs_it(second: Any):
    case = after(given.accepted(), [MarkedBlindBy(calibration=ID, second=second.id)])

    assert not may_moderate(case, second, SCHEME, NOON)
    assert may_moderate(given.accepted(), second, SCHEME, NOON)


def test_nothing_that_was_made_of_it_blind_is_seen_in_the_case():
    case = given.judged()
    marked = after(case, [MarkedBlindBy(calibration=ID, second=BEN.id)])

    assert (marked.judgements, marked.first, marked.outcome) == (case.judgements, case.first, case.outcome)


MARKED = after(
    given.accepted(), [MarkedBlindBy(calibration=ID, second=BEN.id, marking=calibration.marking_clock(SCHEME, NOON))]
)


def test_who_marks_blind_has_as_long_as_the_first_and_is_reminded_as_they_are():
    clock = calibration.marking_clock(SCHEME, NOON)
    first = SCHEME.deadline("assess_within", NOON, SCHEME.clocks.remind_assess)

    assert (clock.due_at, clock.remind_at) == (first.due_at, first.remind_at)
    assert clock.rule == "mark-blind-within"


def test_the_clock_of_a_blind_marking_runs_beside_that_of_the_stage():
    assert MARKED.marking
    assert MARKED.clock == given.accepted().clock
    sooner = replace(MARKED, marking=replace(MARKED.marking, due_at=NOON + 2 * DAY, remind_at=(NOON + DAY,)))

    assert due_next(sooner, at=NOON) == Due(step="remind_marker", at=NOON + DAY)
    assert calibration.remind_marker(sooner, at=NOON + DAY - SECOND) == []
    sooner = after(sooner, calibration.remind_marker(sooner, at=NOON + DAY))
    assert due_next(sooner, at=NOON + DAY) == Due(step="miss_marking", at=NOON + 2 * DAY)
    assert calibration.miss_marking(sooner, at=NOON + 2 * DAY - SECOND) == []
    told = calibration.miss_marking(sooner, at=NOON + 2 * DAY)
    assert told == [DeadlineMissed(rule="mark-blind-within", due_at=NOON + 2 * DAY)]
    sooner = after(sooner, told)
    assert calibration.miss_marking(sooner, at=NOON + 3 * DAY) == []
    assert due_next(sooner, at=NOON + 2 * DAY) == due_next(given.accepted(), at=NOON + 2 * DAY)


def test_where_nobody_marks_blind_nobody_is_reminded_or_told():
    case = given.accepted()

    assert calibration.remind_marker(case, at=NOON + 99 * DAY) == []
    assert calibration.miss_marking(case, at=NOON + 99 * DAY) == []


def test_no_blind_marking_is_waited_for_once_the_case_is_over():
    assert due_next(replace(given.released(), marking=MARKED.marking), at=NOON) is None


@pytest.mark.parametrize(
    ("case", "held", "percent", "match"),
    [
        (given.accepted(), Calibration(completed=True), 100, "marked already"),
        (given.accepted(), Calibration(), 0, "nobody marks"),
        (given.in_assessment(), Calibration(), 100, "nobody marks"),
        (given.released(), Calibration(), 100, "nobody marks"),
    ],
)
def test_somebody_is_chosen_for_a_case_of_the_sample_that_nobody_has_marked(
    case: Submission, held: Calibration, percent: int, match: str
):
    scheme = given.scheme(calibration_percent=percent)

    with refused("calibration-sample", field="submission", match=match):
        calibration.require_to_choose(case, held, scheme, at=NOON)
    calibration.require_to_choose(given.accepted(), Calibration(), given.scheme(calibration_percent=100), at=NOON)


def test_who_marks_blind_keeps_it_until_their_time_is_up():
    assert MARKED.marking
    everything = given.scheme(calibration_percent=100)

    with refused("mark-blind-within", field="submission"):
        calibration.require_to_choose(MARKED, Calibration(), everything, at=MARKED.marking.due_at - SECOND)
    calibration.require_to_choose(MARKED, Calibration(), everything, at=MARKED.marking.due_at)


def test_a_reminder_planned_for_the_end_of_a_blind_marking_is_none():
    marking = Deadline(rule="mark-blind-within", due_at=NOON + DAY, remind_at=(NOON + DAY,))

    assert due_next(replace(MARKED, marking=marking), at=NOON) == Due(step="miss_marking", at=NOON + DAY)
