"""Plain sentences for what an upheld appeal does to submissions and accreditations; see `sentences`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain import accreditation
from domain.submission import remedy_events as r
from projections.words import listed, people, plain, task, time, token


def _appeal(event: Any) -> str:
    return f"Because of {token('appeal', event.appeal)}"


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _level(level: str) -> str:
    return f"*{plain(level)}*"


def _without(excluded: Sequence[str]) -> str:
    return f", without {people(excluded)}" if excluded else ""


def _moderated_again(event: r.ModerationSetAside) -> str:
    what = "the programme counts as eligible and" if event.contested == "ineligible" else "the result is set aside, and"
    said = f"{_appeal(event)} {what} is to be moderated{'' if event.contested == 'ineligible' else ' again'}"
    said += f" by {time(event.clock.due_at)}{_without(event.excluded)}"
    return f"{said}: {_text(event.reason)}" if event.reason else f"{said}."


def _eligible(event: r.IneligibilitySetAside) -> str:
    said = f"{_appeal(event)} the programme counts as eligible, and is judged{_without(event.excluded)}"
    return f"{said}: {_text(event.reason)}" if event.reason else f"{said}."


def _decision_replaced(event: r.DecisionReplaced) -> str:
    changed = [
        f"{one.criterion} from {_level(one.before)} to {_level(one.level)}{_signs(one.indicators)} ({_text(one.reason)})"
        for one in event.judgements
    ]
    said = f"{_appeal(event)} the decision was replaced: {listed(changed)}."
    said += f" The award rule gave the outcome {_level(event.outcome)}"
    if event.level:
        said += f" at the level {_level(event.level)}"
    if event.unmet:
        said += f", with {listed(event.unmet)} below what it asks for"
    return f"{said}; {token('person', event.recorded_by)} recorded it."


def _signs(indicators: Sequence[Any]) -> str:
    said = [f"{one.indicator} {_level(one.level)}" for one in indicators]
    return f", with {listed(said)}" if said else ""


def _corrected(event: accreditation.AwardCorrected) -> str:
    strengths = f" and strengths in {listed(event.strengths)}" if event.strengths else ""
    return (
        f"Judged again because of {token('appeal', event.appeal)}, {token('submission', event.submission)} earned the level"
        f" {_level(event.level)}{strengths}, which the accreditation has from {time(event.corrected_from)} on; its end stays."
    )


def _left(later: Sequence[accreditation.PeriodAgain]) -> str:
    if not later:
        return "nothing of the accreditation is left"
    last = later[-1]
    return f"the accreditation is valid at the level {_level(last.level)} until {time(last.ends_at)}"


def _reopened(event: accreditation.ReaccreditationReopened) -> str:
    said = f"{_appeal(event)} {token('submission', event.submission)}, to earn the accreditation again, is judged again"
    if event.extension_starts_at is None or event.extension_ends_at is None:
        return f"{said}."
    return (
        f"{said}: from {time(event.extension_starts_at)} validity goes on until that is decided, at most until"
        f" {time(event.extension_ends_at)}."
    )


SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    r.ModerationSetAside: _moderated_again,
    r.AssessmentSetAside: lambda o: (
        f"{_appeal(o)} the result is set aside, and all is to be assessed afresh{_without(o.excluded)}."
    ),
    r.IneligibilitySetAside: _eligible,
    r.DecisionReplaced: _decision_replaced,
    accreditation.AwardConfirmed: lambda o: (
        f"Judged again because of {token('appeal', o.appeal)}, {token('submission', o.submission)} earned what it had"
        " earned: the accreditation stands."
    ),
    accreditation.AwardCorrected: _corrected,
    accreditation.AwardAnnulled: lambda o: (
        f"Judged again because of {token('appeal', o.appeal)}, {token('submission', o.submission)} earned no"
        f" accreditation; what it had earned ended at {time(o.annulled_from)}, and {_left(o.later)}."
    ),
    accreditation.ReviewReplaced: lambda o: (
        f"{_appeal(o)} the finding {_level(o.finding)} of the review was replaced by {_level('no_action')}: {_text(o.reason)}"
    ),
    accreditation.ReductionUndone: lambda o: (
        f"The reduction is undone from {time(o.undone_from)} on; {_left(o.later)}."
    ),
    accreditation.WithdrawalLifted: lambda o: f"The withdrawal was lifted at {time(o.lifted_from)}; {_left(o.later)}.",
    accreditation.ConcernReopened: lambda o: (
        f"A concern is open again; the deadline for {task(o.clock.rule)} is {time(o.clock.due_at)}."
    ),
    accreditation.ReaccreditationReopened: _reopened,
}
"""The kinds of events of remedies, and the sentence of each."""
