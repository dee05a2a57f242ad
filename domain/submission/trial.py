"""A decided case looked at under another version of its scheme: would the outcome be the same? Nothing is decided by it."""

from dataclasses import dataclass

from domain.scheme import Scheme
from domain.scheme_words import listed
from domain.submission.moving import judged_under
from domain.submission.state import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One case under another version: `same`, `differs` or `can't compare`, with the outcomes and a reason in words.

    `after` is empty where nothing can be compared, `why` where nothing differs.
    """

    case: str
    verdict: str
    before: str
    after: str = ""
    why: str = ""


def under(case: Submission, scheme: Scheme, follows: Submission | None = None) -> Trial | None:
    """What the award rules of `scheme` make of the judgements in force; None for a case that is not decided.

    `follows` is the submission that earned the award, where this one earned it again the light-touch way.
    """
    if case.outcome is None:
        return None
    before = _said(case.outcome.outcome, case.outcome.level)
    criteria = judged_under(case, scheme, follows)
    wanted = case.registration.applies_for
    missing = [code for code in criteria if code not in case.judgements]
    if missing:
        return _incomparable(case.id, before, f"no judgement was ever made on {listed(missing)}")
    strange = sorted({case.judgements[code] for code in criteria} - set(scheme.scale))
    if strange:
        return _incomparable(case.id, before, f"the scale has no {listed(strange)}")
    if wanted is None and scheme.award_choice == "applied":
        return _incomparable(case.id, before, "no level was applied for")
    if wanted is not None and scheme.rank(wanted) < 0:
        return _incomparable(case.id, before, f"there is no level {wanted}, which was applied for")
    outcome = scheme.outcome(case.judgements, criteria, wanted)
    after = _said(outcome.outcome, outcome.level)
    if (outcome.outcome, outcome.level) == (case.outcome.outcome, case.outcome.level):
        return Trial(case=case.id, verdict="same", before=before, after=after)
    return Trial(case=case.id, verdict="differs", before=before, after=after, why=_why(case, criteria, outcome.unmet))


def _incomparable(case: str, before: str, why: str) -> Trial:
    return Trial(case=case, verdict="can't compare", before=before, why=why)


def _said(outcome: str, level: str | None) -> str:
    return f"{outcome.replace('_', ' ')}{f' at {level}' if level else ''}"


def _why(case: Submission, criteria: tuple[str, ...], unmet: tuple[str, ...]) -> str:
    was = case.outcome.unmet if case.outcome else ()
    dropped = [code for code in was if code not in criteria]
    if unmet:
        return f"{listed(unmet)} below what the lowest award asks"
    if dropped:
        return f"{listed(dropped)} no longer asked for"
    if was:
        return f"{listed(was)} would be enough"
    return "the award rules give another level"
