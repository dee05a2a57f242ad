"""What events of audits, of the register of risks and of internal sampling say in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import audit, risk, sampling
from projections.words import counted, people, plain, time, token


def _person(id: str) -> str:
    return token("person", id)


def _case(id: str) -> str:
    return token("submission", id)


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _opened(event: audit.AuditOpened) -> str:
    others = [one for one in event.members if one != event.lead]
    said = (
        f"{_person(event.lead)} opened an audit {f'with {people(others)}' if others else 'on their own'}:"
        f" {counted(len(event.sampled), 'case')} drawn by the seed {event.seed} from {event.population:,} in scope, those"
        f" that came to their stage from {time(event.scope.begins_at)} to {time(event.scope.ends_at)}"
    )
    if event.passed_over:
        said += f"; {counted(len(event.passed_over), 'case')} that no member may see passed over"
    return f"{said}."


def _replaced(event: audit.SampledCaseReplaced) -> str:
    said = f"No member may see {_case(event.case)} any more;"
    if event.replacement is None:
        return f"{said} no other case is left to take its place."
    return f"{said} {_case(event.replacement.case)}, the next in the order of the seed, took its place."


def _finding(event: audit.FindingRecorded) -> str:
    said = f"{_person(event.by)} found {plain(event.item)} in {_case(event.case)} *{plain(event.result)}*"
    said += f" (finding {event.number})"
    if event.supersedes is not None:
        said += f", in the place of finding {event.supersedes}, since {_text(event.reason)}"
    return f"{said}: {_text(event.text)}" if event.text else f"{said}."


def _reviewed(event: risk.RiskReviewed) -> str:
    results = {"holds": "the mitigation holds", "changed": "it has changed", "escalated": "the board is to act"}
    said = (
        f"{_person(event.by)} reviewed the risk: {results.get(event.result, plain(event.result))}; likelihood"
        f" *{plain(event.likelihood)}*, impact *{plain(event.impact)}*"
    )
    said += ", to be confirmed by the board" if event.to_confirm else ""
    said += f"; the mitigation is now {_text(event.mitigation)}" if event.mitigation else ""
    return f"{said}: {_text(event.note)}"


def _result(event: sampling.SampleResultRecorded) -> str:
    said = f"{_person(event.by)} looked at number {event.number} of the sample and found it *{plain(event.result)}*"
    said += f", on {plain(event.topic)}" if event.topic else ""
    return f"{said}: {_text(event.text)}" if event.text else f"{said}."


def _drawn(event: sampling.AssessmentsDrawn) -> str:
    completed = sum(one.completed for one in event.tallies)
    said = f"{counted(len(event.drawn), 'assessment')} drawn into the sample, of {completed:,} completed in the year so far"
    return f"{said}; this was the last drawing." if event.final else f"{said}."


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    audit.AuditOpened: _opened,
    audit.AuditMembersChanged: lambda o: (
        f"{people(o.members)} are the audit's members from now on, led by {_person(o.lead)}: {_text(o.reason)}"
    ),
    audit.SampledCaseReplaced: _replaced,
    audit.AuditCaseSeen: lambda o: (
        f"{_person(o.person)} looked at {_case(o.case)}{', and at what the provider handed in' if o.portfolio else ''}."
    ),
    audit.FindingRecorded: _finding,
    audit.AuditActionAgreed: lambda o: (
        f"{_person(o.owner)} is to act on finding {o.finding} (action {o.number}): {_text(o.to_do)}"
    ),
    audit.AuditActionDone: lambda o: f"{_person(o.by)} has done action {o.number}: {_text(o.note)}",
    audit.AuditActionReturned: lambda o: f"{_person(o.by)} found action {o.number} not done: {_text(o.reason)}",
    audit.AuditActionVerified: lambda o: f"{_person(o.by)} found action {o.number} done: {_text(o.note)}",
    audit.AuditClosed: lambda o: f"{_person(o.by)} closed the audit: {_text(o.summary)}",
    risk.RiskRegistered: lambda o: (
        f"A risk to impartiality ({plain(o.kind)}) was registered, likelihood *{plain(o.likelihood)}*, impact"
        f" *{plain(o.impact)}*, owned by {_person(o.owner)}: {_text(o.description)} Its mitigation: {_text(o.mitigation)}"
    ),
    risk.RiskReviewed: _reviewed,
    risk.RiskReviewSeen: lambda o: f"{_person(o.by)} saw the review for the board, and agrees.",
    risk.RiskReviewReturned: lambda o: f"{_person(o.by)} had the risk reviewed again: {_text(o.reason)}",
    risk.RiskOwnerNamed: lambda o: f"{_person(o.owner)} owns the risk from now on: {_text(o.reason)}",
    risk.RiskClosed: lambda o: f"{_person(o.by)} took the risk off the register: {_text(o.reason)}",
    sampling.SamplingPlanned: lambda o: (
        f"Internal sampling was planned for {o.scheme} in {o.year}, by the seed {o.seed}: {o.shares.percent} % of each"
        f" assessor's work and at least {o.shares.least}; of a new one's {o.shares.new_percent} % and {o.shares.new_least}."
    ),
    sampling.AssessmentsDrawn: _drawn,
    sampling.SampleResultRecorded: _result,
    sampling.FollowUpNamed: lambda o: (
        f"{_person(o.person)} is to develop {plain(o.topic)}, after {_case(o.case)}: {_text(o.need)}"
    ),
    sampling.SamplingClosed: lambda o: f"{_person(o.by)} closed the year's sampling: {_text(o.report)}",
}
