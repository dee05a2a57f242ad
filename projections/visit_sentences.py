"""Plain sentences for booked dates, previews and visits; see `sentences`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.submission import visit_events as v
from projections.words import counted, listed, plain, task, time, token


def _person(id: str) -> str:
    return token("person", id)


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _level(level: str) -> str:
    return f"*{plain(level)}*"


def _assessment_booked(event: v.AssessmentBooked) -> str:
    if event.provisional:
        return f"A provisional date of the assessment was agreed: {time(event.visit_at)}."
    said = f"The assessment was booked for {time(event.visit_at)}"
    if event.clock:
        said += f"; the deadline for {task(event.clock.rule)} is {time(event.clock.due_at)}"
    return f"{said}."


def _people_agreed(event: v.PeopleToMeetAgreed) -> str:
    said = f"It was agreed that the visit meets {listed([plain(one) for one in event.groups])}."
    return said + "".join(f" Not {plain(one.group)}: {_text(one.reason)}." for one in event.left_out)


def _visit_held(event: v.VisitHeld) -> str:
    met = listed([plain(one) for one in event.met])
    advice = f"an award at the level {_level(event.recommendation)}" if event.recommendation else "no award"
    return (
        f"{_person(event.assessor)} held the visit in {counted(event.minutes_spent, 'minute')}, met {met} and recommended"
        f" {advice}; the assessment is due by {time(event.clock.due_at)}."
    )


SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    v.AssessmentBooked: _assessment_booked,
    v.BookingGivenUp: lambda o: (
        f"The date of the assessment, {time(o.visit_at)}, was given up, since the portfolio was not in;"
        f" the deadline for {task(o.clock.rule)} is {time(o.clock.due_at)}."
    ),
    v.PreviewPassed: lambda _: "The portfolio was seen ahead, and is fit to go on with.",
    v.PreviewAlerted: lambda o: (
        f"Seen ahead, the portfolio is too weak to go on with; more time is recommended, until {time(o.clock.due_at)},"
        f" and another date: {_text(o.reason)}"
    ),
    v.PeopleToMeetAgreed: _people_agreed,
    v.VisitHeld: _visit_held,
}
