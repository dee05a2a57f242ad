"""Help before a portfolio is handed in: the provider's own evaluation, and guidance on drafts where the scheme allows it.

Source: handbook, section 2, Preparation. Who gave guidance may then neither assess nor moderate that provider.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme, require_criterion, require_level
from domain.submission import side_events as s
from domain.submission.preparation import require_provider
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef

BEFORE = (Stage.REGISTERED, Stage.PREPARING)
ADVISERS = ("assessor", "officer")


def evaluate_oneself(
    case: Submission, *, by: str, scheme: Scheme, levels: Mapping[str, str], plan: TextRef
) -> list[s.SelfEvaluationRecorded]:
    """Record where the provider sees itself, criterion by criterion, with its plan; as often as it likes. Section 2."""
    require_provider(case, by)
    if case.stage not in BEFORE:
        raise wrong_stage(case, "a self-evaluation", *BEFORE)
    if not levels:
        raise refuse("self-evaluation", "no criterion is named", field="levels", allowed="a level for one or more")
    for code, level in levels.items():
        _require_judged(case, scheme, code, field=f"levels.{code}")
        require_level(scheme, level, field=f"levels.{code}")
    own = tuple(s.OwnLevel(criterion=code, level=levels[code]) for code in scheme.criteria if code in levels)
    recorded = s.SelfEvaluationRecorded(levels=own, plan=plan)
    return [] if recorded == case.self_evaluation else [recorded]


def give_guidance(
    case: Submission, *, by: Person, scheme: Scheme, criteria: Sequence[str], text: TextRef, at: datetime
) -> list[s.DraftGuidanceGiven]:
    """Say something of a draft. Section 2.

    By someone authorised as an assessor or an officer whose only tie to the provider, if any, is having guided it before,
    and who is not on the case.
    """
    provider = case.registration.provider
    if not scheme.guidance_on_drafts:
        raise refuse(
            "guidance-on-drafts",
            f"{scheme.ref} has no guidance on drafts",
            field="submission",
            allowed="the scheme's published guidance",
        )
    if not any(by.holds(role, scheme.id, at) for role in ADVISERS):
        raise refuse(
            "guidance-adviser",
            "this person is not authorised to guide",
            field="actor",
            allowed=f"someone authorised as {' or '.join(ADVISERS)}",
        )
    if provider not in by.guided:
        require_no_conflict(by, provider)
    if case.stage not in BEFORE:
        raise wrong_stage(case, "guidance on a draft", *BEFORE)
    if not criteria:
        raise refuse("guidance-criteria", "no criterion is named", field="criteria", allowed="one or more criteria")
    for code in criteria:
        _require_judged(case, scheme, code, field="criteria")
    return [s.DraftGuidanceGiven(adviser=by.id, criteria=tuple(dict.fromkeys(criteria)), text=text)]


def _require_judged(case: Submission, scheme: Scheme, code: str, *, field: str) -> None:
    require_criterion(scheme, code, field=field)
    if code not in case.registration.criteria:
        raise refuse(
            "judged-criteria",
            f"{code} is not judged in this submission",
            field=field,
            allowed=", ".join(case.registration.criteria),
        )
