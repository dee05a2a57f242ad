"""The panel decides on each ground with a reason; an appeal is upheld if any ground is, with a remedy that fits.

Source: handbook, section 12. Nothing is erased: the contested decision stays on record, and what the remedy brings
supersedes it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.appeal import events as e
from domain.appeal.contested import REMEDIES
from domain.appeal.lodging import DECIDE, OFFICER, require_officer
from domain.appeal.panel import Candidate, require_panel
from domain.appeal.state import DISMISSED, OUTCOMES, UPHELD, Appeal, wrong_stage
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import ALL, Task, named, set_task
from domain.texts import TextRef

REMEDY: Final = "carry-out-remedy-within"
OTHERS: Final = "others-within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a panel makes of one ground, and why."""

    finding: str
    reason: TextRef


def decide(
    appeal: Appeal,
    *,
    by: Person,
    panel: Sequence[Candidate],
    excluded: Collection[str],
    findings: Mapping[str, Found],
    remedy: str | None,
    scheme: Scheme,
    at: datetime,
) -> list[e.AppealEvent]:
    """Record what the panel decided, by its chair; everyone on it is looked at again.

    `excluded` are those whose part in the case was more than to administer it.
    """
    lodged = appeal.lodging
    _require_chair(appeal, by)
    if appeal.decided:
        return []
    if appeal.stage != "before-panel":
        raise wrong_stage(appeal, "deciding", "an appeal that a panel is hearing")
    require_panel(appeal, panel, scheme=scheme, at=at)
    _require_each_ground(lodged, findings)
    outcome = UPHELD if any(one.finding == UPHELD for one in findings.values()) else DISMISSED
    _require_remedy(lodged.contested, outcome, remedy)
    following = (REMEDY, OTHERS) if outcome == UPHELD else ()
    return [
        e.AppealDecided(
            case=lodged.case,
            outcome=outcome,
            chair=by.id,
            panel=appeal.panel,
            findings=tuple(
                e.GroundFinding(ground=one.code, finding=findings[one.code].finding, reason=findings[one.code].reason)
                for one in lodged.grounds
            ),
            remedy=remedy,
            excluded=tuple(sorted({*excluded, *appeal.panel, *appeal.former})),
            in_time=at <= appeal.tasks.running[DECIDE].due_at,
            sets=tuple(task_of(rule, appeal, scheme=scheme, at=at) for rule in following),
            ends=(ALL,),
        )
    ]


def task_of(rule: str, appeal: Appeal, *, scheme: Scheme, at: datetime) -> Task:
    """What follows an upheld appeal, from `at` on: its remedy, or looking after others. By the officer who sees to it."""
    rules = scheme.assurance.appeals
    within = rules.remedy_within if rule == REMEDY else rules.others_within
    return set_task(
        rule, who=appeal.officer or OFFICER, start=at, within=within, calendar=scheme.calendar, remind=rules.remind
    )


def _require_chair(appeal: Appeal, by: Person) -> None:
    require_no_conflict(by, appeal.provider)
    if by.id != (appeal.decided.chair if appeal.decided else appeal.chair):
        raise refuse(
            "panel-chair", "this person does not chair this panel", field="actor", allowed="the chair of its panel"
        )


def _require_each_ground(lodged: e.AppealLodged, findings: Mapping[str, Found]) -> None:
    grounds = [one.code for one in lodged.grounds]
    if set(findings) != set(grounds):
        raise refuse(
            "each-ground-decided",
            "not each ground of the appeal, and no other, is decided",
            field="rulings",
            allowed=f"one finding with its reason on each of {', '.join(grounds)}",
        )
    for code, one in findings.items():
        if one.finding not in OUTCOMES:
            raise refuse(
                "ground-findings",
                f"{one.finding!r} is no finding",
                field=f"rulings.{code}",
                allowed=" or ".join(OUTCOMES),
            )


def _require_remedy(contested: str, outcome: str, remedy: str | None) -> None:
    fitting = REMEDIES[contested] if outcome == UPHELD else ()
    if (remedy not in fitting) if fitting else (remedy is not None):
        raise refuse(
            "remedy-fits",
            f"{remedy!r} is no remedy here" if remedy else "an upheld appeal has a remedy",
            field="remedy",
            allowed=" or ".join(fitting) or "none, where the appeal is dismissed",
        )


def close_remedy(appeal: Appeal, *, by: Person, had_part: Collection[str], carried_out: bool) -> list[e.AppealEvent]:
    """Note that the remedy has been carried out: the new result told, or the decision replaced. By an appeals officer."""
    require_officer(appeal, by, had_part=had_part)
    if appeal.remedy_closed:
        return []
    if appeal.stage != UPHELD:
        raise wrong_stage(appeal, "closing a remedy", "an appeal that is upheld")
    if not carried_out:
        raise refuse(
            "remedy-carried-out",
            "what the remedy calls for has not come to its end",
            field="appeal",
            allowed="closing it once the new decision is told",
        )
    return [e.RemedyClosed(case=appeal.lodging.case, officer=by.id, ends=(named(REMEDY),))]
