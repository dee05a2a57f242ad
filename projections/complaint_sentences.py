"""What events of complaints say in words. Nobody outside is named: their name and address are in the vault only."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import complaint
from projections.words import people, plain, time, token

_LEVELS: Final = {1: "", 2: " a second time", 3: " by a committee"}


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _by(event: Any) -> str:
    """When the last of the tasks that an event sets is due."""
    return time(max(one.due_at for one in event.sets)) if event.sets else "the same date"


def _raised(event: complaint.ComplaintRaised) -> str:
    who = token("person", event.raised_by) if event.raised_by else "Somebody outside"
    entered = f", for whom {token('person', event.entered_by)} entered it" if event.entered_by else ""
    behalf = f" for {token('provider', event.on_behalf_of)}" if event.on_behalf_of else ""
    of = {"service": "the body's service", "people": "people", "case": "a case"}.get(event.about, plain(event.about))
    named = f" ({token('case', event.case)})" if event.case else ""
    named += f", naming {people(event.people)}" if event.people else ""
    return (
        f"{who}{entered} complained{behalf} about {of}{named} under {event.scheme};"
        f" it is to be answered by {_by(event)}: {_text(event.text)}"
    )


def _outcome(event: Any) -> str:
    done = f" What was done: {_text(event.done)}" if event.done else ""
    return f"*{plain(event.outcome)}*.{done} Why: {_text(event.reason)}"


def _handler_changed(event: complaint.HandlerChanged) -> str:
    if event.reason is None:
        return f"{token('person', event.handler)} took the complaint on, which nobody had in hand."
    return f"The complaint was handed to {token('person', event.handler)}: {_text(event.reason)}"


def _withdrawn(event: complaint.ComplaintWithdrawn) -> str:
    return f"The complaint was withdrawn{': ' + _text(event.reason) if event.reason else '.'}"


def _in_time(event: complaint.AffectedCaseNamed) -> str:
    return f", which is to be looked after by {time(event.sets[0].due_at)}" if event.sets else ""


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    complaint.ComplaintRaised: _raised,
    complaint.PersonComplainedAbout: lambda o: f"The complaint is about {token('person', o.person)} too.",
    complaint.ComplaintAcknowledged: lambda o: (
        f"The complaint was acknowledged; {token('person', o.handler)} is to answer it{_LEVELS.get(o.level, '')}"
        f" by {_by(o)}."
    ),
    complaint.HandlerChanged: _handler_changed,
    complaint.HandlerLeft: lambda o: (
        f"{token('person', o.person)} has the complaint in hand no longer ({plain(o.because)}); somebody else is needed."
    ),
    complaint.ComplaintAnswered: lambda o: (
        f"{token('person', o.handler)} answered the complaint{_LEVELS.get(o.level, '')}; it may be taken further until"
        f" {_by(o)}. It is {_outcome(o)}"
    ),
    complaint.ComplaintEscalated: lambda o: (
        f"The complaint was taken further, to be answered{_LEVELS.get(o.level, '')} by {_by(o)}: {_text(o.reason)}"
    ),
    complaint.CommitteeFormed: lambda o: (
        f"A committee is to review the complaint by {_by(o)}, chaired by {token('person', o.chair)}:"
        f" {people(o.members)}."
    ),
    complaint.CommitteeMemberLeft: lambda o: (
        f"{token('person', o.person)} sits on the committee no longer ({plain(o.because)})."
    ),
    complaint.ComplaintDecided: lambda o: (
        f"The committee of {people(o.members)}, chaired by {token('person', o.chair)}, decided. The complaint is"
        f" {_outcome(o)}"
    ),
    complaint.ComplaintClosed: lambda o: f"The complaint was closed: {plain(o.because)}.",
    complaint.ComplaintWithdrawn: _withdrawn,
    complaint.FollowUpNamed: lambda o: (
        f"Something for {token('person', o.person)} to learn follows from the complaint: {_text(o.need)}"
    ),
    complaint.AffectedCaseNamed: lambda o: (
        f"What the complaint is about touched {token('case', o.case)} too{_in_time(o)}: {_text(o.note)}"
    ),
    complaint.AffectedCaseDealtWith: lambda o: (
        f"{token('person', o.dealt_by)} dealt with {token('case', o.case)} ({plain(o.action)}): {_text(o.done)}"
    ),
    complaint.AffectedCaseClosed: lambda o: (
        f"{token('person', o.closed_by)} found what was done about {token('case', o.case)} enough."
    ),
}
"""The kinds of events of a complaint, and the sentence of each."""
