"""An appeal is lodged about one decision that was told, seen to by somebody without a part in it, and admitted or not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import ReviewConcluded
from domain.appeal import Appeal, Contested
from domain.appeal import events as e
from domain.appeal.contested import decisions, find_contested
from domain.appeal.lodging import acknowledge, admit, lodge, not_admit, withdraw
from domain.appeal.state import evolve
from domain.submission import events as s
from tests.domain.appealing import (
    GROUNDS,
    HAD_PART,
    HAL,
    OLA,
    PIP,
    acknowledged,
    admitted,
    dismissed,
    heard,
    hearer,
    lodged,
    lodging,
    seeing,
    upheld,
)
from tests.domain.given import AWARD, CASE, DAY, NOON, SCHEME, SECOND, conflicted, fold, member, refused, text

DECIDED = s.DecisionRecorded(outcome="not_awarded", level=None, unmet=("1.1",), chair="person-c")
RELEASED = s.ResultReleased(outcome="not_awarded")
INELIGIBLE = s.FoundIneligible(reason=text("not ours"))
OUTSIDE = s.FoundOutsideDefinition(reason=text("not ours"))


def concluded(finding: str, concern: str = "concern-a") -> ReviewConcluded:
    return ReviewConcluded(concern=concern, finding=finding, reason=text("so"))


@dataclass(frozen=True)
class Recorded:
    position: int
    version: int
    event: Any
    at: datetime


def log(*events: Any) -> list[Recorded]:
    return [
        Recorded(position=10 * number, version=number, event=event, at=NOON + number * DAY)
        for number, event in enumerate(events, start=1)
    ]


def test_a_result_is_pinned_to_the_decision_and_counts_from_when_it_was_told():
    found = find_contested(CASE, log(s.PreparationStarted(), DECIDED, RELEASED), kind="result", concern=None)

    assert found == Contested(kind="result", concern=None, version=2, position=20, told_at=NOON + 3 * DAY)


def test_of_several_decisions_the_latest_is_contested():
    events = log(DECIDED, RELEASED, DECIDED, RELEASED, DECIDED)

    assert find_contested(CASE, events, kind="result", concern=None).version == 3
    assert [one.version for one in decisions(events)] == [1, 3]
    assert decisions(log(RELEASED)) == []


@pytest.mark.parametrize("event", [INELIGIBLE, OUTSIDE])
def test_a_programme_found_not_eligible_can_be_contested(event: Any):
    found = find_contested(CASE, log(event), kind="ineligible", concern=None)

    assert (found.version, found.told_at) == (1, NOON + DAY)


@pytest.mark.parametrize("finding", ["suspend", "reduce", "withdraw"])
def test_a_review_that_took_something_away_can_be_contested_by_its_concern(finding: str):
    events = log(concluded(finding), concluded(finding, "concern-b"))

    assert find_contested(AWARD, events, kind="review", concern="concern-a").version == 1
    assert find_contested(AWARD, events, kind="review", concern="concern-b").version == 2


@pytest.mark.parametrize("finding", ["no_action", "reinstate"])
def test_a_review_that_took_nothing_away_can_not_be_contested(finding: str):
    with refused("decision-told", field="concern"):
        find_contested(AWARD, log(concluded(finding)), kind="review", concern="concern-a")


def test_what_was_not_told_or_is_no_such_decision_can_not_be_contested():
    with refused("decision-told", field="contested"):
        find_contested(CASE, log(DECIDED), kind="result", concern=None)
    with refused("decision-told", field="concern"):
        find_contested(AWARD, log(concluded("suspend")), kind="review", concern=None)
    for case, kind in ((CASE, "review"), (AWARD, "result"), (CASE, "mood"), ("provider-a", "result")):
        fits = {CASE: "Allowed: result, ineligible", AWARD: "Allowed: review"}.get(case, "Allowed: a decision about")
        with refused("contestable-decision", field="contested", match=fits):
            find_contested(case, log(DECIDED, RELEASED), kind=kind, concern=None)


def test_an_appeal_says_what_it_contests_and_is_to_be_acknowledged():
    [event] = lodge(Appeal(), **lodging())

    assert isinstance(event, e.AppealLodged)
    assert (event.case, event.version, event.position, event.told_at) == (CASE, 9, 90, NOON)
    assert [one.code for one in event.grounds] == ["evidence", "bias"]
    [task] = event.sets
    assert (task.rule, task.who, task.due_at) == ("acknowledge-appeal-within", "appeals-officer", NOON + 8 * DAY)
    assert lodge(lodged(), **lodging()) == []


def test_an_appeal_is_in_time_to_the_second_and_late_after_that():
    limit = SCHEME.calendar.due(NOON, SCHEME.assurance.appeals.lodge_within)

    assert not lodged(at=limit).lodging.late
    assert lodged(at=limit + SECOND).lodging.late
    assert lodged().lodging.lodge_by == limit


def test_grounds_are_those_of_the_scheme_and_there_is_one():
    for grounds in ({}, {"envy": text("x")}, {**GROUNDS, "envy": text("x")}):
        with refused("appeal-grounds", field="grounds"):
            lodge(Appeal(), **lodging(grounds=grounds))


def test_one_appeal_about_a_decision_runs_at_a_time_and_what_was_decided_is_not_decided_again():
    for running in (lodged(), acknowledged(), admitted(), heard()):
        with refused("one-appeal-at-a-time", field="contested"):
            lodge(Appeal(), **lodging(earlier=[running]))
    for decided in (upheld(), dismissed()):
        with refused("appealed-once", field="contested"):
            lodge(Appeal(), **lodging(earlier=[decided]))
    withdrawn = fold(evolve, lodged(), withdraw(lodged(), reason=text("no more")))
    refusal = not_admit(acknowledged(), by=OLA, had_part=HAD_PART, reason=text("no ground"))
    not_admitted = fold(evolve, acknowledged(), refusal)
    assert lodge(Appeal(), **lodging(earlier=[withdrawn, not_admitted]))


def test_who_acknowledges_an_appeal_sees_to_it():
    appeal = acknowledged()

    assert (appeal.stage, appeal.officer, appeal.officers) == ("acknowledged", OLA.id, {OLA.id})
    [task] = appeal.tasks.running.values()
    assert (task.rule, task.who) == ("admit-appeal-within", OLA.id)
    assert acknowledge(appeal, **seeing()) == []


def test_nobody_with_a_part_a_conflict_or_a_seat_sees_to_an_appeal():
    both = hearer("hal", "appeals-officer")
    assert both.id == HAL.id
    appeal = heard()
    for who, rule, because in (
        (member("ada", "appeals-officer"), "took-part-never-hears", "had a part in the contested case"),
        (conflicted(OLA), "conflict-of-interest", "conflict of interest"),
        (both, "took-part-never-hears", "hears the appeal"),
    ):
        for decide in (
            lambda who=who: acknowledge(appeal, **seeing(who)),
            lambda who=who: admit(appeal, reason=None, **seeing(who)),
            lambda who=who: not_admit(appeal, by=who, had_part=HAD_PART, reason=text("no")),
        ):
            with refused(rule, field="actor", match=because):
                decide()


def test_what_is_admitted_is_to_be_decided_in_time():
    appeal = admitted()

    assert (appeal.stage, appeal.over) == ("admitted", False)
    [task] = appeal.tasks.running.values()
    due_at = SCHEME.calendar.due(NOON + 2 * DAY, SCHEME.assurance.appeals.decide_within)
    assert (task.rule, task.who, task.due_at, task.told) == ("decide-appeal-within", OLA.id, due_at, "operations")
    assert admit(appeal, reason=None, **seeing()) == []
    assert admit(heard(), reason=None, **seeing()) == []


def test_another_officer_may_go_on_with_it():
    appeal = admitted(acknowledged())
    other = fold(evolve, acknowledged(), admit(acknowledged(), reason=None, **seeing(PIP)))

    assert appeal.officer == OLA.id
    assert (other.officer, other.officers) == (PIP.id, {OLA.id, PIP.id})


def test_a_late_appeal_is_admitted_for_a_reason():
    late = acknowledged(at=NOON + 90 * DAY)

    with refused("late-for-a-reason", field="reason"):
        admit(late, reason=None, **seeing())
    [event] = admit(late, reason=text("the letter went astray"), **seeing())
    assert isinstance(event, e.AppealAdmitted)
    assert event.reason == text("the letter went astray")


def test_what_is_not_admitted_or_is_withdrawn_is_over_without_tasks():
    refusal = not_admit(acknowledged(), by=OLA, had_part=HAD_PART, reason=text("no ground"))
    ends = [fold(evolve, acknowledged(), refusal)]
    ends += [
        fold(evolve, made, withdraw(made, reason=text("no more")))
        for made in (lodged(), acknowledged(), admitted(), heard())
    ]

    assert [one.stage for one in ends] == ["not-admitted", *["withdrawn"] * 4]
    assert all(one.over and not one.tasks.running for one in ends)
    assert not_admit(ends[0], by=OLA, had_part=HAD_PART, reason=text("no ground")) == []
    assert withdraw(ends[1], reason=text("no more")) == []


def test_each_step_belongs_to_its_stage():
    withdrawn = fold(evolve, lodged(), withdraw(lodged(), reason=text("no more")))
    for appeal in (lodged(), withdrawn, upheld(), dismissed()):
        with refused("appeal-order", field="appeal"):
            admit(appeal, reason=None, **seeing())
    for appeal in (lodged(), withdrawn, admitted(), heard(), upheld()):
        with refused("appeal-order", field="appeal"):
            not_admit(appeal, by=OLA, had_part=HAD_PART, reason=text("no"))
    with refused("appeal-order", field="appeal"):
        acknowledge(withdrawn, **seeing())
    for appeal in (upheld(), dismissed(), ended_without_hearing()):
        with refused("appeal-order", field="appeal"):
            withdraw(appeal, reason=text("no more"))


def ended_without_hearing() -> Appeal:
    refusal = not_admit(acknowledged(), by=OLA, had_part=HAD_PART, reason=text("no ground"))
    return fold(evolve, acknowledged(), refusal)


def test_an_appeal_that_does_not_exist_is_refused_by_each_step():
    for decide in (
        lambda: acknowledge(Appeal(), **seeing()),
        lambda: admit(Appeal(), reason=None, **seeing()),
        lambda: not_admit(Appeal(), by=OLA, had_part=HAD_PART, reason=text("no")),
        lambda: withdraw(Appeal(), reason=text("no")),
    ):
        with refused("known-appeal", field="appeal"):
            decide()
