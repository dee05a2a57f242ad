"""What a person sees of an audit: no case of a provider with which they have a conflict, and no competitor's portfolio.

It is computed at the time, so that a conflict declared later hides what was seen before. Source: handbook, Governance.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from domain.audit.events import SampledCase
from domain.audit.state import Audit
from domain.clocks import Calendar, Duration
from domain.person import Person, PersonEvent, RoleEnded, RoleGiven
from domain.refusals import refuse

PROVIDER = "provider"
"""The role of who speaks for a provider, and the background of who works for one."""


def has_conflict(person: Person, provider: str) -> bool:
    """Whether a conflict keeps this person from this provider's cases."""
    return provider in person.conflicts


def require_unconflicted(person: Person, provider: str, *, field: str) -> None:
    """Refuse to give a person what a conflict keeps from them, naming the input that names them."""
    if has_conflict(person, provider):
        raise refuse(
            "conflict-of-interest",
            "this person has a conflict of interest with the provider and takes no part in the case",
            field=field,
            allowed="someone without a conflict",
        )


def visible_to(audit: Audit, person: Person) -> tuple[SampledCase, ...]:
    """The cases of the sample that this person may see."""
    return tuple(one for one in audit.sampled.values() if not has_conflict(person, one.provider))


def visible_to_any(case: SampledCase, members: Sequence[Person]) -> bool:
    """Whether at least one of the members may see a case."""
    return any(not has_conflict(one, case.provider) for one in members)


def speaks_for_a_provider(
    history: Iterable[tuple[datetime, PersonEvent]], *, at: datetime, within: Duration, calendar: Calendar
) -> bool:
    """Whether a person speaks for any provider at `at`, or did so within the length before; from their stream, with instants."""
    spoken: set[str | None] = set()
    until: datetime | None = None
    for when, event in history:
        if isinstance(event, RoleGiven) and event.role == PROVIDER:
            spoken.add(event.scheme)
        elif isinstance(event, RoleEnded) and event.role == PROVIDER:
            spoken.discard(event.scheme)
            until = when
    return bool(spoken) or (until is not None and at < calendar.after(until, within))


def may_read_portfolio(person: Person, *, provider: str, speaks: bool, backgrounds: Collection[str]) -> bool:
    """Whether a person may read what a provider wrote and handed in.

    Not with a conflict, and nobody who `speaks` for a provider, or did so lately, or has that background: to them the
    portfolios of all others are a competitor's. They see outcomes and figures.
    """
    return not has_conflict(person, provider) and not speaks and PROVIDER not in backgrounds
