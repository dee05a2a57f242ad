"""Why a decision was wrong may have touched others: the same assessor, meeting, criterion version, window or letter.

Source: handbook, section 12. Which causes touched a case follows from each of its events alone, so that a search can be
repeated, and comes to the same list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from domain import accreditation as award
from domain.case_letters import letters_of
from domain.ids import is_id, kind_of
from domain.letter_words import LETTERS
from domain.refusals import refuse
from domain.submission import events as e
from domain.submission import side_events as beside
from domain.submission.past_events import DecisionImported

KINDS: Final = {
    "assessor": "person",
    "panel-member": "person",
    "screener": "person",
    "reviewer": "person",
    "meeting": "meeting",
    "window": "window",
    "criterion": "",
    "letter": "",
}
"""The kinds of causes, each with the kind of id that its value is; criteria and letters are of a scheme version."""
CASES: Final = ("submission", "accreditation")
"""The kinds of streams that a cause can touch."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cause:
    """A person's, meeting's or window's id, or a criterion or a letter of a scheme version: `cpd-qa@1/2.1`."""

    kind: str
    value: str


class Happened(Protocol):
    """One event as the record holds it: in which stream, by whom, and under which scheme version."""

    @property
    def stream(self) -> str: ...
    @property
    def event(self) -> Any: ...
    @property
    def actor(self) -> str: ...
    @property
    def scheme(self) -> str | None: ...


def touched_by(one: Happened) -> frozenset[Cause]:
    """The causes that an event says its case was touched by; none for what is no case's."""
    if kind_of(one.stream) not in CASES:
        return frozenset()
    found = {Cause(kind=kind, value=value) for kind, value in _touched(one) if value}
    if one.scheme:
        found |= {Cause(kind="letter", value=f"{one.scheme}/{letter}") for letter in letters_of(one.event)}
    return frozenset(found)


def _touched(one: Happened) -> Iterator[tuple[str, str]]:
    match one.event:
        case DecisionImported(assessor=str(person)):
            yield "assessor", person
        case e.AssessorAssigned(assessor=person) | beside.MarkedBlindBy(second=person):
            yield "assessor", person
        case e.ScreeningPassed() | e.PortfolioReturned() | e.FoundIneligible():
            yield "screener", one.actor
        case e.PortfolioSubmitted(window=window):
            yield "window", window
        case e.JudgementRecorded(criterion=code) | e.JudgementConfirmed(criterion=code):
            yield "criterion", f"{one.scheme}/{code}"
        case e.JudgementChanged(criterion=code):
            yield "criterion", f"{one.scheme}/{code}"
        case e.ModerationStarted(meeting=meeting, chair=chair, panel=panel):
            yield "meeting", meeting
            yield from (("panel-member", person) for person in {chair, *panel})
        case e.ItemHandedOver(chair=chair):
            yield "panel-member", chair
        case award.ReviewOpened(reviewer=reviewer):
            yield "reviewer", reviewer


def checked_cause(kind: str, value: str) -> Cause:
    """A cause of a known kind whose value has the form of that kind; refuses any other."""
    if kind not in KINDS:
        raise refuse("cause-kinds", f"{kind!r} is no kind of cause", field="causes", allowed=", ".join(KINDS))
    wanted = KINDS[kind]
    if wanted and not is_id(value, wanted):
        raise refuse(
            "cause-value", f"this is no {kind}", field="causes", allowed=f"the id of a {wanted}, for the cause {kind}"
        )
    scheme, _, named = value.partition("/")
    if not wanted and not (scheme and named):
        raise refuse(
            "cause-value",
            f"this is no {kind} of a scheme version",
            field="causes",
            allowed="a scheme version and what it has: cpd-qa@1/2.1",
        )
    if kind == "letter" and named not in LETTERS:
        raise refuse("cause-value", f"{named!r} is no letter", field="causes", allowed=", ".join(LETTERS))
    return Cause(kind=kind, value=value)
