"""What is drawn follows from plan, seed and case alone, so that nobody chooses which of their work is looked at.

Of each assessor a share, and at least their first ones; more while they are new. It is drawn again and again as the year
goes by, and comes to the same whenever that is. Source: handbook, Governance.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.clocks import Calendar, Duration
from domain.governance_policy import SamplingRules
from domain.population import Assessed
from domain.refusals import refuse
from domain.sampling.state import (
    DRAW,
    FINISH,
    LOOK,
    AssessmentsDrawn,
    Drawn,
    Plan,
    SamplingClosed,
    SamplingEvent,
    SamplingPlanned,
    Shares,
    Tally,
)
from domain.tasks import ALL, Task, set_task
from domain.texts import TextRef

LOOKERS = "quality-manager"


def plan_sampling(
    plan: Plan,
    *,
    id: str,
    scheme: str,
    year: int,
    seed: int,
    rules: SamplingRules,
    percent: int | None = None,
    least: int | None = None,
    calendar: Calendar,
    at: datetime,
) -> list[SamplingEvent]:
    """Plan the sampling of a scheme's assessments in a year that is not over; with more than the policy's shares, if wanted.

    A plan is made once: another seed or other shares for it are refused.
    """
    shares = _shares(rules, percent, least)
    if plan.planned:
        if (plan.planned.seed, plan.planned.shares) == (seed, shares):
            return []
        raise refuse(
            "sampling-planned-once",
            f"the sampling of {year} is planned already, with the seed {plan.planned.seed}",
            field="seed",
            allowed="the plan that there is",
        )
    if not 0 <= seed < 2**53:
        raise refuse("sample-seed", f"{seed} is no seed", field="seed", allowed="a whole number from 0, below 2^53")
    if not 2000 <= year < 2200 or bounds(year, calendar)[1] <= at:
        raise refuse("sampling-year", f"{year} is over, or no year", field="year", allowed="a year that is not over")
    begins_at, ends_at = bounds(year, calendar)
    finish = set_task(
        FINISH,
        who=LOOKERS,
        start=ends_at,
        within=rules.finish_within,
        calendar=calendar,
        remind=rules.remind,
        told="board",
    )
    planned = SamplingPlanned(
        plan=id,
        scheme=scheme,
        year=year,
        begins_at=begins_at,
        ends_at=ends_at,
        seed=seed,
        shares=shares,
        sets=(finish, _drawing(max(at, begins_at), ends_at, rules, calendar)),
    )
    return [planned]


def draw(
    plan: Plan,
    *,
    assessments: Sequence[Assessed],
    position: int,
    rules: SamplingRules,
    calendar: Calendar,
    at: datetime,
) -> list[SamplingEvent]:
    """Draw from the assessments completed up to `position` of the log, in its order; what was drawn before stays drawn.

    The drawing after the end of the year is the last one.
    """
    planned = require_plan(plan)
    if plan.over or plan.final:
        return []
    known = {(one.case, one.assessor, one.completed_at) for one in plan.drawn.values()}
    chosen, tallies = select(planned, assessments, calendar=calendar)
    fresh = [(one, because) for one, because in chosen if (one.case, one.assessor, one.completed_at) not in known]
    final, on_time = at >= planned.ends_at, _drawing_due(plan, at)
    if not (final or on_time or tallies != plan.tallies):
        return []
    drawn = tuple(
        Drawn(
            number=number,
            case=one.case,
            provider=one.provider,
            assessor=one.assessor,
            completed_at=one.completed_at,
            because=because,
        )
        for number, (one, because) in enumerate(fresh, start=len(plan.drawn) + 1)
    )
    looks = tuple(_look(one.number, rules, calendar, at) for one in drawn)
    again = () if final else (_drawing(at, planned.ends_at, rules, calendar),)
    return [
        AssessmentsDrawn(
            position=position, drawn=drawn, tallies=tallies, final=final, sets=(*looks, *again), ends=(DRAW,)
        )
    ]


def select(
    planned: SamplingPlanned, assessments: Sequence[Assessed], *, calendar: Calendar
) -> tuple[list[tuple[Assessed, str]], tuple[Tally, ...]]:
    """Which of all assessments, in the log's order, a plan draws and why; and what each assessor has completed in its year."""
    new_for = Duration.parse(planned.shares.new_for)
    begun: dict[str, datetime] = {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    chosen = []
    for one in assessments:
        if one.scheme_id != planned.scheme:
            continue
        first = begun.setdefault(one.assessor, one.completed_at)
        if not planned.begins_at <= one.completed_at < planned.ends_at:
            continue
        new = one.completed_at < calendar.after(first, new_for)
        count = counts[one.assessor]
        count[0] += 1
        count[1] += new
        shares = planned.shares
        percent, least = (shares.new_percent, shares.new_least) if new else (shares.percent, shares.least)
        if in_share(planned, one.case, percent):
            chosen.append((one, "share"))
        elif count[0] <= least:
            chosen.append((one, "least"))
    tallies = (
        Tally(assessor=who, completed=all_of, new=new, planned=_planned(planned.shares, all_of, new))
        for who, (all_of, new) in sorted(counts.items())
    )
    return chosen, tuple(tallies)


def drawn_again(plan: Plan, assessments: Sequence[Assessed], *, calendar: Calendar) -> list[str]:
    """Draw again from the assessments up to the plan's position of the log; return what does not agree, in words."""
    chosen, tallies = select(require_plan(plan), assessments, calendar=calendar)
    again = {(one.case, one.assessor, one.completed_at, because) for one, because in chosen}
    drawn = {(one.case, one.assessor, one.completed_at, one.because) for one in plan.drawn.values()}
    faults = []
    if missing := len(again - drawn):
        faults.append(f"{missing} that were to be drawn were not")
    if besides := len(drawn - again):
        faults.append(f"{besides} were drawn that were not to be")
    if tallies != plan.tallies:
        faults.append("what was completed is counted otherwise")
    return faults


def in_share(planned: SamplingPlanned, case: str, percent: int) -> bool:
    """Whether a case is of the share that this plan's seed draws: the same answer whoever asks, and whenever."""
    digest = hashlib.sha256(f"sampling {planned.plan} {planned.seed} {case}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < percent


def close(plan: Plan, *, by: str, report: TextRef) -> list[SamplingEvent]:
    """Close the plan with a report, once the year is over, all was drawn, and somebody looked at each."""
    if plan.over and plan.closed_by == by:
        return []
    require_running(plan)
    if not plan.final:
        raise refuse(
            "sampling-complete",
            "the year is not over, or not drawn from to its end",
            field="plan",
            allowed="closing it after the drawing that follows the end of the year",
        )
    if plan.waiting:
        raise refuse(
            "sampling-complete",
            f"nobody has looked at {len(plan.waiting)} of those drawn",
            field="plan",
            allowed="a result for each first",
        )
    return [SamplingClosed(by=by, report=report, ends=(ALL,))]


def bounds(year: int, calendar: Calendar) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a year begins and ends on the calendar's wall clock."""
    zone = ZoneInfo(calendar.zone)
    first, last = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def require_plan(plan: Plan) -> SamplingPlanned:
    """What was planned; refuses a plan that is not there."""
    if plan.planned is None:
        raise refuse("known-plan", "there is no such plan", field="plan", allowed="planning the sampling first")
    return plan.planned


def require_running(plan: Plan) -> SamplingPlanned:
    """What was planned; refuses a plan that is not there, or is closed."""
    planned = require_plan(plan)
    if plan.over:
        raise refuse("sampling-open", "this plan is closed", field="plan", allowed="the plan of another year")
    return planned


def _shares(rules: SamplingRules, percent: int | None, least: int | None) -> Shares:
    percent = rules.percent if percent is None else percent
    least = rules.least if least is None else least
    if not rules.percent <= percent <= 100 or not rules.least <= least <= 1000:
        raise refuse(
            "sampling-shares",
            f"{percent} % and at least {least} is less than the policy asks for, or more than there can be",
            field="percent" if not rules.percent <= percent <= 100 else "least",
            allowed=f"{rules.percent} to 100 %, and at least {rules.least} to 1,000",
        )
    new_percent, new_least = max(percent, rules.new_percent), max(least, rules.new_least)
    return Shares(
        percent=percent, least=least, new_percent=new_percent, new_least=new_least, new_for=rules.new_for.text
    )


def _planned(shares: Shares, completed: int, new: int) -> int:
    """How many the plan comes to on average, of so many completed: the share, and no fewer than the least."""
    hundredths = (completed - new) * shares.percent + new * shares.new_percent
    least = shares.new_least if new else shares.least
    return max(min(least, completed), -(-hundredths // 100))


def _drawing(start: datetime, ends_at: datetime, rules: SamplingRules, calendar: Calendar) -> Task:
    """The next drawing: in the policy's time, the last one at the end of the year."""
    task = set_task(DRAW, who=LOOKERS, start=start, within=rules.draw_every, calendar=calendar, told="")
    return replace(task, due_at=min(task.due_at, ends_at))


def _drawing_due(plan: Plan, at: datetime) -> bool:
    task = plan.tasks.running.get(DRAW)
    return task is not None and task.due_at <= at


def _look(number: int, rules: SamplingRules, calendar: Calendar, at: datetime) -> Task:
    return set_task(
        LOOK,
        who=LOOKERS,
        start=at,
        within=rules.look_within,
        calendar=calendar,
        remind=rules.remind,
        about=str(number),
        told="board",
    )
