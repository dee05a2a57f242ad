"""A share of submissions is marked blind a second time: chosen by their ids, by other people, for comparison only."""

from typing import Any

import pytest

from domain import calibration
from domain.calibration import Agreement, Calibration, agreement, evolve, in_sample
from domain.ids import derived_id
from domain.submission.moderation import may_moderate
from domain.submission.side_events import MarkedBlindBy
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

    assert not may_moderate(case, second)
    assert may_moderate(given.accepted(), second)


def test_nothing_that_was_made_of_it_blind_is_seen_in_the_case():
    case = given.judged()
    marked = after(case, [MarkedBlindBy(calibration=ID, second=BEN.id)])

    assert (marked.judgements, marked.first, marked.outcome) == (case.judgements, case.first, case.outcome)
