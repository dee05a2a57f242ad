"""What several people or panels made of one submission, side by side, criterion by criterion and indicator by indicator.

Markings are whole: an assessment that was completed, a blind one, a moderation that led to a decision, what an appeals
panel changed. Those set aside later are among them, marked as such. Source: handbook, Governance figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations
from typing import Any, Protocol

from domain.calibration import BlindJudgementRecorded, CalibrationAssigned, CalibrationCompleted
from domain.refusals import refuse
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.indicators import IndicatorLevel

ASSESSOR, SECOND, PANEL, APPEALS = "assessor", "second-assessor", "panel", "appeals-panel"


class Happened(Protocol):
    """One event, at its place in the log; `at` is when it holds (UTC)."""

    @property
    def position(self) -> int: ...
    @property
    def event(self) -> Any: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A level with those of the indicators, and the id of the text that says why, if one does."""

    level: str
    indicators: tuple[IndicatorLevel, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """What somebody made of a submission, complete at `at` (UTC), at `position` of the log; numbered from 1 in that order.

    `by` is the part that they had, `who` their id: a person's, of a panel its meeting's, or an appeal's. `set_aside`: an
    appeal did so with it.
    """

    number: int
    by: str
    who: str
    at: datetime
    position: int
    given: dict[str, Given]
    set_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What marking `marking` made of a criterion, or of one `indicator` of it.

    `apart` is how many steps of the scale lie between that and what the first marking made of it, None where it did not
    judge that. `text` is the id of the text that says why.
    """

    criterion: str
    indicator: str
    marking: int
    by: str
    who: str
    at: datetime
    level: str
    apart: int | None
    set_aside: bool
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two markings: of the criteria that both judged, how many alike, one step of the scale apart, or further."""

    first: int
    second: int
    compared: int
    alike: int
    one_apart: int
    further: int


@dataclass(slots=True)
class _Draft:
    """A marking under way: what was given so far, and who is at it."""

    who: str = ""
    given: dict[str, Given] = field(default_factory=dict)


def markings(submission: Iterable[Happened], calibration: Iterable[Happened] = ()) -> tuple[Marking, ...]:
    """The whole markings of a submission, from its own events and those of its blind marking, in the order of completion."""
    found = sorted([*_of_case(submission), *_blind(calibration)], key=lambda one: one.position)
    return tuple(replace(one, number=number) for number, one in enumerate(found, start=1))


def _blind(events: Iterable[Happened]) -> Iterator[Marking]:
    draft = _Draft()
    for one in events:
        match one.event:
            case CalibrationAssigned(assessor=who):
                draft = _Draft(who=who)
            case BlindJudgementRecorded(criterion=code, level=level, indicators=signs, rationale=text):
                draft.given[code] = Given(level=level, indicators=signs, text=text.id)
            case CalibrationCompleted():
                yield _whole(SECOND, draft.who, one, draft.given)


def _of_case(events: Iterable[Happened]) -> list[Marking]:
    found: list[Marking] = []
    assessor, panel, first = _Draft(), _Draft(), dict[str, Given]()
    for one in events:
        match one.event:
            case e.AssessorAssigned(assessor=who):
                assessor = _Draft(who=who)
            case e.JudgementRecorded(criterion=code, level=level, indicators=signs, rationale=text):
                assessor.given[code] = Given(level=level, indicators=signs, text=text.id)
            case e.AssessmentCompleted():
                first = dict(assessor.given)
                found.append(_whole(ASSESSOR, assessor.who, one, first))
            case e.ModerationStarted(meeting=meeting, chair=chair):
                panel = _Draft(who=meeting or chair)
            case e.JudgementConfirmed(criterion=code, level=level):
                held = panel.given.get(code) or first.get(code)
                panel.given[code] = Given(level=level, indicators=held.indicators if held else ())
            case e.JudgementChanged(criterion=code, level=level, indicators=signs, reason=text):
                panel.given[code] = Given(level=level, indicators=signs, text=text.id)
            case e.DecisionRecorded():
                found.append(_whole(PANEL, panel.who, one, panel.given))
            case r.ModerationSetAside():
                found = [_aside(mark) if mark.by == PANEL else mark for mark in found]
            case r.AssessmentSetAside():
                found = [_aside(mark) for mark in found]
            case r.DecisionReplaced(appeal=appeal, judgements=judgements):
                found = [_aside(mark) if mark.by == PANEL else mark for mark in found]
                given = {
                    code.criterion: Given(level=code.level, indicators=code.indicators, text=code.reason.id)
                    for code in judgements
                }
                found.append(_whole(APPEALS, appeal, one, given))
    return found


def _whole(by: str, who: str, one: Happened, given: dict[str, Given]) -> Marking:
    return Marking(number=0, by=by, who=who, at=one.at, position=one.position, given=given)


def _aside(mark: Marking) -> Marking:
    return replace(mark, set_aside=True)


def cells(marked: Sequence[Marking], scale: Sequence[str]) -> Iterator[Cell]:
    """Every marking's level of each criterion and indicator, side by side."""
    criteria = sorted({code for one in marked for code in one.given})
    for code in criteria:
        signs = sorted({sign.indicator for one in marked if code in one.given for sign in one.given[code].indicators})
        for indicator in ("", *signs):
            first = _level(marked[0], code, indicator)
            for one in marked:
                level = _level(one, code, indicator)
                if level is None:
                    continue
                apart = None if first is None else abs(scale.index(first) - scale.index(level))
                yield Cell(
                    criterion=code,
                    indicator=indicator,
                    marking=one.number,
                    by=one.by,
                    who=one.who,
                    at=one.at,
                    level=level,
                    apart=apart,
                    set_aside=one.set_aside,
                    text=None if indicator else one.given[code].text,
                )


def pairs(marked: Sequence[Marking], scale: Sequence[str]) -> Iterator[Pair]:
    """How far each two markings agree, by the criteria that both judged."""
    for one, two in combinations(marked, 2):
        apart = [
            abs(scale.index(one.given[code].level) - scale.index(two.given[code].level))
            for code in one.given
            if code in two.given
        ]
        yield Pair(
            first=one.number,
            second=two.number,
            compared=len(apart),
            alike=apart.count(0),
            one_apart=apart.count(1),
            further=len(apart) - apart.count(0) - apart.count(1),
        )


def require_not_blind(marker: str | None) -> None:
    """Refuse to put markings side by side while somebody still marks the submission blind: it would not be blind any more."""
    if marker is not None:
        raise refuse(
            "compared-when-done",
            "somebody is marking this blind",
            field="case",
            allowed="waiting until that is done, or given up",
        )


def _level(one: Marking, code: str, indicator: str) -> str | None:
    given = one.given.get(code)
    if given is None:
        return None
    if not indicator:
        return given.level
    return next((sign.level for sign in given.indicators if sign.indicator == indicator), None)
