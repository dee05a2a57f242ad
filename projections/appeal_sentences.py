"""What events of appeals say in words, from lodging to the last of the others that were touched."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import appeal
from domain.appeal.causes import Cause
from projections.words import counted, listed, people, plain, time, token

CONTESTED: Final = {
    "result": "the result",
    "ineligible": "the finding that the programme is not eligible",
    "review": "the finding of a review",
}
REMEDIES: Final = {
    "moderate-again": "the submission is moderated again",
    "assess-again": "the submission is assessed again, by other people",
    "replace-decision": "the decision is replaced",
}
ACTIONS: Final = {"none-needed": "nothing was needed"}


def contested(kind: str) -> str:
    """Return what is contested, in words."""
    return CONTESTED.get(kind, plain(kind))


def remedy(name: str) -> str:
    """Return what a remedy brings, in words."""
    return REMEDIES.get(name, plain(name))


def cause(one: Cause) -> str:
    """Return a cause in words: a person, meeting or window by its token, a criterion or letter with its scheme version."""
    if one.kind in ("meeting", "window"):
        return token(one.kind, one.value)
    scheme, _, named = one.value.partition("/")
    if named:
        return f"the {plain(one.kind)} {plain(named)} of {plain(scheme)}"
    return f"the {plain(one.kind)} {token('person', one.value)}"


def _lodged(event: appeal.AppealLodged) -> str:
    said = f"{token('person', event.lodged_by)} lodged an appeal against {contested(event.contested)}"
    said += f", {'late, ' if event.late else ''}which was told at {time(event.told_at)}"
    grounds = "; ".join(f"{plain(one.code)}: {token('text', one.text.id)}" for one in event.grounds)
    return f"{said}. Grounds – {grounds}"


def _panel(event: appeal.PanelNamed) -> str:
    others = [one for one in event.panel if one != event.chair]
    outside = [one.person for one in event.considered if one.outsider and one.person in event.panel]
    return (
        f"{token('person', event.officer)} named who hears the appeal: {token('person', event.chair)} in the chair, with"
        f" {people(others)}; from outside: {people(outside)}. {counted(len(event.considered), 'person')} were looked at."
    )


def _left(event: appeal.PanelMemberLeft) -> str:
    said = f"{token('person', event.person)} hears the appeal no longer ({plain(event.because)})"
    return f"{said}: {token('text', event.why.id)}" if event.why else f"{said}."


def _decided(event: appeal.AppealDecided) -> str:
    said = f"The appeal was *{plain(event.outcome)}*{'' if event.in_time else ', overdue'}"
    if event.remedy:
        said += f", so that {remedy(event.remedy)}"
    findings = "; ".join(
        f"{plain(one.ground)} *{plain(one.finding)}*: {token('text', one.reason.id)}" for one in event.findings
    )
    return f"{said}; {token('person', event.chair)} recorded it. On each ground – {findings}"


def _found(event: appeal.OthersFound) -> str:
    cases = listed([token("case", one) for one in event.cases])
    return (
        f"A search for other cases that were touched by {listed([cause(one) for one in event.causes])} found {cases}."
    )


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    appeal.AppealLodged: _lodged,
    appeal.AppealAcknowledged: lambda o: f"{token('person', o.officer)} acknowledged the appeal.",
    appeal.AppealAdmitted: lambda o: (
        f"{token('person', o.officer)} admitted the appeal, which is to be heard"
        + (f", although it was late: {token('text', o.reason.id)}" if o.reason else ".")
    ),
    appeal.AppealNotAdmitted: lambda o: (
        f"{token('person', o.officer)} did not admit the appeal: {token('text', o.reason.id)}"
    ),
    appeal.AppealWithdrawn: lambda o: f"The provider withdrew the appeal: {token('text', o.reason.id)}",
    appeal.PanelNamed: _panel,
    appeal.PanelMemberLeft: _left,
    appeal.AppealOfficerLeft: lambda o: (
        f"{token('person', o.officer)} sees to the appeal no longer ({plain(o.because)})."
    ),
    appeal.AppealDecided: _decided,
    appeal.RemedyClosed: lambda o: f"{token('person', o.officer)} noted that the appeal's remedy was carried out.",
    appeal.OthersFound: _found,
    appeal.OtherDealtWith: lambda o: (
        f"{token('person', o.dealt_by)} dealt with {token('case', o.case)}"
        f" ({ACTIONS.get(o.action, plain(o.action))}): {token('text', o.done.id)}"
    ),
    appeal.OtherClosed: lambda o: (
        f"{token('person', o.closed_by)} found that what was done about {token('case', o.case)} is enough."
    ),
    appeal.FollowUpNamed: lambda o: (
        f"{token('person', o.person)} has something to learn from the appeal: {token('text', o.need.id)}"
    ),
}
