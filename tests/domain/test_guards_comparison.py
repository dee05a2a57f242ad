"""Markings side by side, from events alone: whose is whole, what an appeal set aside, and what can't be compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from domain.calibration import BlindJudgementRecorded, CalibrationAssigned, CalibrationCompleted
from domain.clocks import Deadline
from domain.comparison import (
    APPEALS,
    ASSESSOR,
    PANEL,
    SECOND,
    Cell,
    Given,
    Marking,
    Pair,
    cells,
    markings,
    pairs,
    require_not_blind,
)
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.indicators import IndicatorLevel
from tests.domain.given import DAY, NOON, refused, text

SCALE = ("low", "middle", "high")
ADA, BEN, CHAIR, MEETING = "person-ada", "person-ben", "person-chair", "meeting-a"
SO = text("so")


@dataclass(frozen=True, slots=True)
class Noted:
    """An event at its place in the log."""

    position: int
    event: Any
    at: datetime = NOON


def log(*events: Any, first: int = 1) -> list[Noted]:
    return [Noted(place, event, NOON + place * DAY) for place, event in enumerate(events, first)]


def clock() -> Deadline:
    return Deadline(rule="some-within", due_at=NOON, remind_at=())


def signs(**levels: str) -> tuple[IndicatorLevel, ...]:
    """The levels of indicators: `signs(a="low")`."""
    return tuple(IndicatorLevel(indicator=name, level=level) for name, level in levels.items())


def assigned(who: str = ADA) -> e.AssessorAssigned:
    return e.AssessorAssigned(assessor=who, considered=(), clock=clock())


def judged(code: str, level: str, **indicators: str) -> e.JudgementRecorded:
    return e.JudgementRecorded(criterion=code, level=level, rationale=SO, cites=(), indicators=signs(**indicators))


def completed(who: str = ADA) -> e.AssessmentCompleted:
    return e.AssessmentCompleted(assessor=who, minutes_spent=9, strengths=(), areas=(), clock=clock())


def taken_up(meeting: str = MEETING) -> e.ModerationStarted:
    return e.ModerationStarted(meeting=meeting, chair=CHAIR, panel=(), results=clock(), review_from=NOON)


def confirmed(code: str, level: str) -> e.JudgementConfirmed:
    return e.JudgementConfirmed(criterion=code, level=level)


def changed(code: str, level: str, **indicators: str) -> e.JudgementChanged:
    return e.JudgementChanged(criterion=code, before="high", level=level, reason=SO, indicators=signs(**indicators))


DECIDED = e.DecisionRecorded(outcome="awarded", level="marked", unmet=(), chair=CHAIR)
ASSESSED = (assigned(), judged("1.1", "high", a="middle"), judged("1.2", "low"), completed())
MODERATED = (taken_up(), confirmed("1.1", "high"), changed("1.2", "middle"), DECIDED)
AGAIN = r.ModerationSetAside(appeal="appeal-a", contested="result", excluded=(), clock=clock())
AFRESH = r.AssessmentSetAside(appeal="appeal-a", excluded=())
REPLACED = r.DecisionReplaced(
    appeal="appeal-a", excluded=(), outcome="awarded", level="marked", unmet=(), recorded_by="person-x", replaced_at=NOON,
    judgements=(r.JudgementReplaced(criterion="1.2", before="middle", level="high", reason=SO),),
)  # fmt: skip
BLIND = (
    CalibrationAssigned(
        calibration="calibration-a", submission="s", scheme="test-mark@1", provider="p", criteria=("1.1",), scale=SCALE,
        assessor=BEN, considered=(), clock=clock(),
    ),
    BlindJudgementRecorded(criterion="1.1", level="low", rationale=SO, cites=()),
    CalibrationCompleted(assessor=BEN, minutes_spent=9),
)  # fmt: skip


def whose(*events: Any) -> list[tuple[str, str, bool]]:
    return [(one.by, one.who, one.set_aside) for one in markings(log(*events))]


# -- which there are ---------------------------------------------------------------------------------------------------


def test_only_what_is_complete_is_a_marking():
    assert markings([]) == ()
    assert whose(*ASSESSED[:-1]) == []
    assert whose(*ASSESSED, *MODERATED[:-1]) == [(ASSESSOR, ADA, False)]
    assert whose(*ASSESSED, *MODERATED) == [(ASSESSOR, ADA, False), (PANEL, MEETING, False)]


def test_markings_are_numbered_as_they_were_completed():
    blind = log(*BLIND, first=2)
    found = markings(log(*ASSESSED, first=10), blind)

    assert [(one.number, one.by, one.who, one.position) for one in found] == [
        (1, SECOND, BEN, 4),
        (2, ASSESSOR, ADA, 13),
    ]
    assert [one.at for one in found] == [NOON + 4 * DAY, NOON + 13 * DAY]
    assert found[0].given == {"1.1": Given(level="low", text=SO.id)}


def test_one_who_moderates_alone_is_the_panel():
    assert whose(*ASSESSED, taken_up(""), DECIDED)[1] == (PANEL, CHAIR, False)


def test_who_takes_over_an_assessment_begins_it_afresh():
    [found] = markings(log(assigned(), judged("1.1", "high"), assigned(BEN), judged("1.2", "low"), completed(BEN)))

    assert (found.who, set(found.given)) == (BEN, {"1.2"})


def test_what_a_panel_confirmed_keeps_the_indicators_that_it_then_has_and_no_text():
    _, panel = markings(log(*ASSESSED, *MODERATED))
    assert panel.given == {
        "1.1": Given(level="high", indicators=signs(a="middle")),
        "1.2": Given(level="middle", text=SO.id),
    }

    both = (taken_up(), changed("1.1", "middle", a="low"), confirmed("1.1", "middle"), confirmed("2.1", "low"), DECIDED)
    _, panel = markings(log(*ASSESSED, *both))
    assert panel.given == {
        "1.1": Given(level="middle", indicators=signs(a="low")), "2.1": Given(level="low"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "aside"),
    [(AGAIN, [False, True]), (AFRESH, [True, True]), (REPLACED, [False, True, False])],
    ids=["moderation", "assessment", "decision"],
)
def test_what_an_appeal_set_aside_is_there_and_says_so(event: Any, aside: list[bool]):
    assert [set_aside for _, _, set_aside in whose(*ASSESSED, *MODERATED, event)] == aside


def test_what_an_appeals_panel_changed_is_its_own_marking():
    last = markings(log(*ASSESSED, *MODERATED, REPLACED))[-1]

    assert (last.by, last.who, last.given) == (APPEALS, "appeal-a", {"1.2": Given(level="high", text=SO.id)})


# -- side by side ------------------------------------------------------------------------------------------------------


def marked(number: int, **given: Given) -> Marking:
    """A marking of some criteria: `marked(1, c11=Given(level="low"))`."""
    levels = {f"{name[1]}.{name[2]}": one for name, one in given.items()}
    return Marking(number=number, by=ASSESSOR, who=ADA, at=NOON, position=number, given=levels)


def seen(found: list[Cell]) -> list[tuple[str, str, int, str, int | None, str | None]]:
    return [(one.criterion, one.indicator, one.marking, one.level, one.apart, one.text) for one in found]


def test_each_level_stands_beside_the_first_with_the_steps_between_them():
    one = marked(1, c11=Given(level="low", indicators=signs(a="high"), text="text-a"))
    two = marked(2, c11=Given(level="high", indicators=signs(a="middle", b="low"), text="text-b"))
    three = marked(3, c12=Given(level="middle"))

    assert seen(list(cells([one, two, three], SCALE))) == [
        ("1.1", "", 1, "low", 0, "text-a"),
        ("1.1", "", 2, "high", 2, "text-b"),
        ("1.1", "a", 1, "high", 0, None),
        ("1.1", "a", 2, "middle", 1, None),
        ("1.1", "b", 2, "low", None, None),
        ("1.2", "", 3, "middle", None, None),
    ]
    assert list(cells([], SCALE)) == []


def test_two_markings_agree_by_the_criteria_that_both_judged():
    low, middle, high = (Given(level=one) for one in SCALE)
    one = marked(1, c11=low, c12=low, c21=low, c22=high)
    two = marked(2, c11=low, c12=middle, c21=high, c31=high)

    assert list(pairs([one, two, marked(3)], SCALE)) == [
        Pair(first=1, second=2, compared=3, alike=1, one_apart=1, further=1),
        Pair(first=1, second=3, compared=0, alike=0, one_apart=0, further=0),
        Pair(first=2, second=3, compared=0, alike=0, one_apart=0, further=0),
    ]


def test_while_somebody_marks_it_blind_nothing_is_put_beside_it():
    require_not_blind(None)
    with refused("compared-when-done", field="case"):
        require_not_blind(BEN)
