"""Until when a record is kept: from the end of its cycle, its matter, or a person's last role, by the body's policy.

A cycle goes from a submission's registration to the end of the award that it earns. Source: handbook, Retention.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.accreditation import Accreditation
from domain.clocks import Calendar
from domain.person import Person
from domain.retention_policy import CLOSED, RetentionPolicy, Rule
from domain.submission.state import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """A record is kept on `ground` until `at` (UTC), which no longer belongs to it; while `at` is None nobody can say yet."""

    ground: str
    at: datetime | None = None

    def past(self, on: datetime) -> bool:
        """Is it let go at this instant?"""
        return self.at is not None and self.at <= on


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A case in which a person took part: whether it is over, and until when the award runs that rests on it."""

    over: bool
    award_ends_at: datetime | None = None


def case_kept(
    case: Submission,
    *,
    ended_at: datetime | None,
    award: Accreditation,
    next_runs: bool,
    rule: Rule,
    calendar: Calendar,
) -> Until:
    """Until when a submission's records are kept. `award` is the one that it earned or was to earn again, if there is one.

    One that earned nothing belongs to the cycle that ran when it ended. `next_runs`: one registered to earn the award
    again has not ended.
    """
    if not case.over or ended_at is None:
        return Until(ground="running-case")
    if not award.periods:
        return Until(ground=rule.ground, at=calendar.after(ended_at, rule.after))
    earned = any(one.submission == case.id for one in award.periods)
    cycle = case.id if earned else cycle_at(award, ended_at)
    kept = cycle_kept(award, cycle=cycle, next_runs=next_runs, rule=rule, calendar=calendar)
    own = calendar.after(ended_at, rule.after)
    return Until(ground=kept.ground, at=max(kept.at, own)) if kept.at and not earned else kept


def cycle_at(award: Accreditation, at: datetime) -> str:
    """The submission that earned the cycle of an award in which this instant falls; before all of them, the first."""
    begun = [one.submission for one in award.periods if one.starts_at <= at]
    return begun[-1] if begun else award.periods[0].submission


def cycle_kept(award: Accreditation, *, cycle: str, next_runs: bool, rule: Rule, calendar: Calendar) -> Until:
    """Until when the records of the cycle that submission `cycle` earned are kept: to the end of the cycle after it.

    Where none follows, they are kept for as long after the award's end as the rule says.
    """
    if any(one.clock for one in award.concerns.values()):
        return Until(ground="open-matter")
    cycles = list(dict.fromkeys(one.submission for one in award.periods))
    following = cycles[cycles.index(cycle) + 1 :]
    if following:
        return Until(ground=rule.ground, at=_end_of(award, following[0]))
    if next_runs:
        return Until(ground="running-case")
    return Until(ground=rule.ground, at=calendar.after(_end_of(award, cycle), rule.after))


def award_runs_until(award: Accreditation, submission: str) -> datetime | None:
    """When what this submission earned ends (UTC); None if it earned nothing."""
    return max((one.ends_at for one in award.periods if one.submission == submission), default=None)


def matter_kept(
    *, recorded_at: datetime, closed_at: datetime | None, rule: Rule, calendar: Calendar, basis: str = ""
) -> Until:
    """Until when a text of a matter is kept, counted from its closing or, as the rule has it, from when it was recorded.

    `basis` is that of the matter's own texts, where the rule's goes along with theirs.
    """
    closed = (basis or rule.basis) == CLOSED
    if closed and closed_at is None:
        return Until(ground="open-matter")
    counted = closed_at if closed and closed_at else recorded_at
    return Until(ground=rule.ground, at=calendar.after(counted, rule.after))


def provider_kept(*, ended_at: Sequence[datetime | None], known_at: datetime, rule: Rule, calendar: Calendar) -> Until:
    """Until when a provider's names are kept: so long after the last of its cases and awards ended (None: it runs)."""
    ends = [one for one in ended_at if one is not None]
    if len(ends) < len(ended_at):
        return Until(ground="running-case")
    return Until(ground=rule.ground, at=calendar.after(max([known_at, *ends]), rule.after))


def person_kept(
    person: Person,
    *,
    acts: bool,
    since: datetime,
    parts: Collection[Part],
    paid_at: datetime | None,
    named_in_open: bool,
    policy: RetentionPolicy,
    calendar: Calendar,
    at: datetime,
) -> list[Until]:
    """What keeps a person's own record as seen at `at`, each ground with its end; the rule of the kind `people` comes first.

    `acts`: they still hold a role in which anything can happen; `since` is when their last role ended, or when they became known; `paid_at` when money last moved.
    """
    own = policy.rules["people"]
    kept = [Until(ground=own.ground, at=None if acts else calendar.after(since, own.after))]
    if person.in_hand or any(not one.over for one in parts):
        kept.append(Until(ground="running-case"))
    ends = [one.award_ends_at for one in parts if one.award_ends_at]
    if ends:
        kept.append(Until(ground="award-runs", at=max(ends)))
    if named_in_open:
        kept.append(Until(ground="open-matter"))
    owed = any(person.account.owed(currency) for currency in person.account.earned)
    if owed or paid_at:
        rule = policy.rules["pay"]
        until = None if owed or paid_at is None else calendar.after(paid_at, rule.after)
        kept.append(Until(ground="pay-records", at=until))
    return [one for one in kept if not one.past(at)]


def _end_of(award: Accreditation, cycle: str) -> datetime:
    return max(one.ends_at for one in award.periods if one.submission == cycle)
