"""An appeal is lodged about one decision, acknowledged, and admitted or not; until it is decided it may be withdrawn.

Source: handbook, section 12. The contested decision stands meanwhile. Deadlines are the scheme's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.appeal import events as e
from domain.appeal.contested import Contested
from domain.appeal.state import OUTCOMES, Appeal, wrong_stage
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import ALL, Task, named, set_task
from domain.texts import TextRef

OFFICER: Final = "appeals-officer"
"""The role of who sees to appeals."""
ACKNOWLEDGE: Final = "acknowledge-appeal-within"
ADMIT: Final = "admit-appeal-within"
DECIDE: Final = "decide-appeal-within"
UNDECIDED: Final = ("lodged", "acknowledged", "admitted", "before-panel")
"""The stages at which an appeal may still be withdrawn."""


def lodge(
    appeal: Appeal,
    *,
    id: str,
    case: str,
    provider: str,
    by: str,
    contested: Contested,
    earlier: Sequence[Appeal],
    grounds: Mapping[str, TextRef],
    scheme: Scheme,
    at: datetime,
) -> list[e.AppealEvent]:
    """Contest a decision on grounds of the scheme's list; `earlier` are the appeals about the same decision before.

    One runs at a time, and what was decided is not decided again. After its time an appeal is still lodged, and marked late.
    """
    if appeal.id:
        return []
    if any(not one.over for one in earlier if one.decided is None):
        raise refuse(
            "one-appeal-at-a-time",
            "an appeal about this decision is running",
            field="contested",
            allowed="to wait for it, or to withdraw it first",
        )
    if any(one.decided for one in earlier):
        raise refuse(
            "appealed-once",
            "an appeal about this decision was decided already",
            field="contested",
            allowed="an appeal about another decision",
        )
    rules = scheme.assurance.appeals
    unknown = [code for code in grounds if code not in rules.grounds]
    if unknown or not grounds:
        raise refuse(
            "appeal-grounds",
            f"{unknown[0]!r} is no ground for an appeal" if unknown else "no ground is named",
            field="grounds",
            allowed=f"one or more of {', '.join(rules.grounds)}, each with a text",
        )
    lodge_by = scheme.calendar.due(contested.told_at, rules.lodge_within)
    return [
        e.AppealLodged(
            appeal=id,
            case=case,
            scheme=scheme.ref,
            provider=provider,
            lodged_by=by,
            contested=contested.kind,
            concern=contested.concern,
            version=contested.version,
            position=contested.position,
            told_at=contested.told_at,
            lodge_by=lodge_by,
            late=at > lodge_by,
            grounds=tuple(e.Ground(code=code, text=grounds[code]) for code in rules.grounds if code in grounds),
            sets=(
                set_task(
                    ACKNOWLEDGE,
                    who=OFFICER,
                    start=at,
                    within=rules.acknowledge_within,
                    calendar=scheme.calendar,
                    remind=rules.remind,
                ),
            ),
        )
    ]


def require_officer(appeal: Appeal, by: Person, *, had_part: Collection[str]) -> None:
    """Refuse who may not see to this appeal: with a conflict, a part in the contested case, or a seat on the panel."""
    _ = appeal.lodging
    require_no_conflict(by, appeal.provider)
    took_part = by.had_part(had_part)
    if took_part or by.had_part({*appeal.panel, *appeal.former}):
        raise refuse(
            "took-part-never-hears",
            "this person had a part in the contested case" if took_part else "this person hears the appeal",
            field="actor",
            allowed="an appeals officer who had no part in it, and does not hear the appeal",
        )


def acknowledge(
    appeal: Appeal, *, by: Person, had_part: Collection[str], scheme: Scheme, at: datetime
) -> list[e.AppealEvent]:
    """Tell the provider that the appeal has arrived; who does so sees to it from then on."""
    require_officer(appeal, by, had_part=had_part)
    if appeal.stage != "lodged":
        if appeal.officer:
            return []
        raise wrong_stage(appeal, "acknowledging", "an appeal that is lodged")
    rules = scheme.assurance.appeals
    admit_by = set_task(
        ADMIT, who=by.id, start=at, within=rules.admit_within, calendar=scheme.calendar, remind=rules.remind
    )
    return [e.AppealAcknowledged(officer=by.id, sets=(admit_by,), ends=(named(ACKNOWLEDGE),))]


def admit(
    appeal: Appeal,
    *,
    by: Person,
    had_part: Collection[str],
    reason: TextRef | None,
    scheme: Scheme,
    at: datetime,
) -> list[e.AppealEvent]:
    """Let it be heard; one that is late only for a stated reason."""
    require_officer(appeal, by, had_part=had_part)
    if appeal.stage in ("admitted", "before-panel"):
        return []
    if appeal.stage != "acknowledged":
        raise wrong_stage(appeal, "admitting", "an appeal that is acknowledged")
    if appeal.lodging.late and reason is None:
        raise refuse(
            "late-for-a-reason",
            f"it was to be lodged by {appeal.lodging.lodge_by.isoformat()}",
            field="reason",
            allowed="a text that says why it is heard all the same",
        )
    return [
        e.AppealAdmitted(
            case=appeal.lodging.case,
            officer=by.id,
            reason=reason,
            sets=(_decide_by(by.id, scheme, at),),
            ends=(named(ADMIT),),
        )
    ]


def _decide_by(who: str, scheme: Scheme, at: datetime) -> Task:
    rules = scheme.assurance.appeals
    return set_task(
        DECIDE, who=who, start=at, within=rules.decide_within, calendar=scheme.calendar, remind=rules.remind
    )


def not_admit(appeal: Appeal, *, by: Person, had_part: Collection[str], reason: TextRef) -> list[e.AppealEvent]:
    """Don't let it be heard, for a reason; that is its end."""
    require_officer(appeal, by, had_part=had_part)
    if appeal.stage == "not-admitted":
        return []
    if appeal.stage != "acknowledged":
        raise wrong_stage(appeal, "refusing to hear it", "an appeal that is acknowledged")
    return [e.AppealNotAdmitted(case=appeal.lodging.case, officer=by.id, reason=reason, ends=(ALL,))]


def withdraw(appeal: Appeal, *, reason: TextRef) -> list[e.AppealEvent]:
    """Withdraw it, until it is decided. The provider may lodge another one in time."""
    case = appeal.lodging.case
    if appeal.stage == "withdrawn":
        return []
    if appeal.stage not in UNDECIDED:
        raise wrong_stage(appeal, "withdrawing", f"an appeal that is not {' or '.join(OUTCOMES)}, nor over")
    return [e.AppealWithdrawn(case=case, reason=reason, ends=(ALL,))]
