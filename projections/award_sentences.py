"""Plain sentences for what happens to an accreditation; see `sentences`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import accreditation
from projections.words import listed, plain, task, time, token


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _level(level: str) -> str:
    return f"*{plain(level)}*"


def _earned(verb: str) -> Callable[[Any], str]:
    return lambda o: (
        f"The programme was {verb} under {o.scheme} at the level {_level(o.level)},"
        f" from {time(o.starts_at)} until {time(o.ends_at)}."
    )


def _imported(event: accreditation.AccreditationImported) -> str:
    said = (
        f"The accreditation came from the body's earlier records: under {event.scheme} at the level {_level(event.level)},"
        f" from {time(event.starts_at)} until {time(event.ends_at)}"
    )
    if event.confirmed:
        said += f", confirmed to year {event.confirmed[-1]}"
    for one in event.suspended:
        until = f"until {time(one.ends_at)}" if one.ends_at else "and not reinstated yet"
        said += f"; it was suspended from {time(one.starts_at)} {until}"
    if event.withdrawn_from:
        said += f"; it was withdrawn at {time(event.withdrawn_from)}"
    if event.lapsed:
        said += "; it had ended by then"
    return f"{said}. Its scope is: {_text(event.scope)}" if event.scope else f"{said}."


def _change_notified(event: accreditation.ChangeNotified) -> str:
    touched = f", touching {listed(event.criteria)}" if event.criteria else ""
    return f"The provider told of a change{touched}: {_text(event.text)}"


def _reduced(event: accreditation.AccreditationReduced) -> str:
    said = f"From {time(event.reduced_from)} the accreditation is reduced"
    if event.level:
        said += f" to the level {_level(event.level)}"
    return f"{said}; its scope is now: {_text(event.scope)}" if event.scope else f"{said}."


def _submitted(event: accreditation.ReaccreditationSubmitted) -> str:
    said = f"{token('submission', event.submission)}, which is to earn the accreditation again, was submitted"
    if event.extension_ends_at is None:
        return f"{said}."
    return f"{said} in time: validity may go on until it is decided, at most until {time(event.extension_ends_at)}."


def _looked_at(event: accreditation.ChangeLookedAt) -> str:
    came = "is noted" if event.result == "noted" else "calls for a review"
    return f"{token('person', event.by)} found that a change {came}: {_text(event.reason)} It was: {token('text', event.change)}"


SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    accreditation.AccreditationAwarded: _earned("accredited"),
    accreditation.AccreditationImported: _imported,
    accreditation.AccreditationRenewed: _earned("accredited again"),
    accreditation.AccreditationUpgraded: _earned("accredited at a higher level"),
    accreditation.AccreditationLapsed: lambda o: (
        f"The accreditation ended at {time(o.ended_at)} and was not earned again."
    ),
    accreditation.CertificateIssued: lambda o: (
        f"Certificate {o.year} was issued, for the time from {time(o.starts_at)} until {time(o.ends_at)}."
    ),
    accreditation.ConfirmationAsked: lambda o: (
        f"The provider was asked to confirm year {o.year}; the deadline for {task(o.clock.rule)} is {time(o.clock.due_at)}."
    ),
    accreditation.YearConfirmed: lambda o: f"The provider confirmed year {o.year}: {_text(o.statement)}",
    accreditation.ConfirmationMissed: lambda o: (
        f"Year {o.year} was not confirmed by {time(o.due_at)}; its certificate is withheld."
    ),
    accreditation.ChangeNotified: _change_notified,
    accreditation.ChangeLookedAt: _looked_at,
    accreditation.ConcernRaised: lambda o: (
        f"A concern was raised ({plain(o.kind)})"
        f"{f', to have a reviewer by {time(o.clock.due_at)}' if o.clock else ''}: {_text(o.text)}"
    ),
    accreditation.ConcernAnswered: lambda o: f"Who raised the concern was told what came of it: {_text(o.text)}",
    accreditation.ReviewOpened: lambda o: (
        f"{token('person', o.reviewer)} was asked to review the concern by {time(o.clock.due_at)}."
    ),
    accreditation.ReviewerRelieved: lambda o: (
        f"{token('person', o.reviewer)} reviews the concern no longer, because of {plain(o.because)}; somebody else is to"
        f" take it up by {time(o.clock.due_at)}."
    ),
    accreditation.ReviewConcluded: lambda o: (
        f"The review of the concern was concluded with the finding {_level(o.finding)}: {_text(o.reason)}"
    ),
    accreditation.AccreditationSuspended: lambda o: (
        f"The accreditation is suspended from {time(o.suspended_from)}, and not valid until it is reinstated."
    ),
    accreditation.AccreditationReinstated: lambda o: f"The accreditation was reinstated at {time(o.reinstated_from)}.",
    accreditation.AccreditationReduced: _reduced,
    accreditation.AccreditationWithdrawn: lambda o: f"The accreditation was withdrawn at {time(o.withdrawn_from)}.",
    accreditation.NextSubmissionRegistered: lambda o: (
        f"{token('submission', o.submission)} was registered to earn the accreditation"
        f" {'at a higher level' if o.origin == 'upgrade' else 'again'}."
    ),
    accreditation.ReaccreditationSubmitted: _submitted,
    accreditation.ExtensionStarted: lambda o: (
        f"What was earned ended at {time(o.starts_at)}; the accreditation is extended while it is decided whether it is"
        f" earned again, at most until {time(o.clock.due_at)}."
    ),
    accreditation.ReaccreditationEnded: lambda o: (
        f"{token('submission', o.submission)} does not renew the accreditation: {plain(o.outcome)}."
    ),
}
"""The kinds of events of an accreditation, and the sentence of each."""
