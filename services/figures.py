"""Figures from the record itself: the facts as known at an instant, by which the domain counts. Nothing is written.

Reading the log through takes seconds for some thousand cases, so one thread does at a time, and what was known at an
instant of the past, which never changes, is kept. Source: docs/decisions/0031.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from domain.clocks import Calendar
from domain.events import recorded_names
from domain.figures.facts import FOLLOWED, Facts
from domain.figures.outcomes import BY_SIZE, BY_TYPE
from domain.figures.public import PublicRow, Year, published, year_of
from domain.refusals import refuse
from services.office import Office, Work
from services.ports import Command, Recorded

PAGE: Final = 5000
"""How many events of the log are read at once."""
SURE: Final = timedelta(minutes=1)
"""So long after an instant nothing is recorded any more as of it: what was known then stays as it is."""
KEPT: Final = 1
"""Of how many instants of the past the facts are kept: a thousand cases take some fifteen megabytes."""
TOPICS: Final = tuple(name for kind in FOLLOWED for name in recorded_names(kind))
Telling = Callable[[int], object]
"""Is called with the position up to which the log was read."""
Groups = Mapping[str, Sequence[str]]
"""By what submissions are grouped, the groups that there are."""

PATIENCE: Final = 5.0
"""Seconds that somebody waits while figures are counted for somebody else."""

_ONE_AT_A_TIME: Final = threading.RLock()


@contextmanager
def alone() -> Iterator[None]:
    """Count figures for one at a time, so that whoever asks for many leaves the others their share of the machine.

    Refuses who would have to wait for long.
    """
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        raise refuse(
            "too-busy",
            "figures are being counted for somebody else",
            field="figures",
            allowed="the same request in a moment",
        )
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def known(office: Office, *, at: datetime, until: datetime | None = None, telling: Telling = lambda _: None) -> Facts:
    """The facts as recorded until an instant (UTC; all of them where none is said), asked at `at`. They are not to be changed."""
    with alone():
        if until is None:
            return _now(office, telling)
        if until > at - SURE:
            return _follow(Facts(), log(office, until=until, telling=telling))
        kept = office.settled.setdefault("figures", {})
        if until not in kept:
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[until] = _follow(Facts(), log(office, until=until, telling=telling))
        found: Facts = kept[until]
        return found


def _now(office: Office, telling: Telling) -> Facts:
    """The facts of all that is recorded; those of a moment ago while nothing has come since."""
    position, facts = office.settled.get("figures-now", (0, Facts()))
    if position == 0 or office.records.read_log(position, 1, TOPICS):
        facts, position = Facts(), 0
        for one in log(office, telling=telling):
            facts.follow(one)
            position = one.position
        office.settled["figures-now"] = (position, facts)
    found: Facts = facts
    return found


def log(
    office: Office,
    *,
    topics: Sequence[str] = TOPICS,
    until: datetime | None = None,
    telling: Telling = lambda _: None,
) -> Iterator[Recorded]:
    """The events of the log under these names, those that were recorded until an instant (UTC), in their order."""
    after = 0
    while page := office.records.read_log(after, PAGE, topics):
        yield from (one for one in page if until is None or one.recorded_at <= until)
        after = page[-1].position
        telling(after)


def told_to_the_public(office: Office, *, at: datetime) -> tuple[PublicRow, ...]:
    """What the public is told of every year that is settled by `at` (UTC), the latest first: the same for ever."""
    with alone():
        work = _work(office, at)
        schemes = work.schemes_in_force()
        first = next(iter(office.records.read_log(0, 1, TOPICS)), None)
        begun = first.recorded_at.year if first else at.year
        years = [year_of(one.id, one.calendar, year) for one in schemes for year in range(begun, at.year)]
        years = sorted((one for one in years if one.settled_at <= at), key=lambda one: one.settled_at)
        key = tuple((one.scheme, one.year) for one in years)
        kept = office.settled.get("public")
        if kept is None or kept[0] != key:
            rows = tuple(_told(office, years, {one.id: _groups(work, one.id) for one in schemes})) if years else ()
            kept = office.settled["public"] = (key, rows)
        found: tuple[PublicRow, ...] = kept[1]
        return found


def require_scheme(office: Office, scheme: str | None, *, at: datetime, field: str) -> None:
    """Refuse a scheme or a version that is not published: nothing of it would pass for figures of none (`published-scheme`)."""
    if scheme is None:
        return
    work = _work(office, at)
    versions = {one.id: sorted(work.scheme_record(one.id).versions) for one in work.schemes_in_force()}
    there_are = [name for id, numbers in versions.items() for name in (id, *(f"{id}@{one}" for one in numbers))]
    if scheme not in there_are:
        allowed = ", ".join(there_are) or "a published scheme; there is none yet"
        raise refuse("published-scheme", f"{scheme!r} is not published", field=field, allowed=allowed)


def _groups(work: Work, scheme: str) -> Groups:
    """The types and sizes that any version of the scheme knows: one that a later version gives up keeps its row, empty or not."""
    versions = [work.scheme(f"{scheme}@{number}") for number in work.scheme_record(scheme).versions]
    types = dict.fromkeys(code for one in versions for code in one.provider_types)
    sizes = dict.fromkeys(code for one in versions for code in one.size_bands)
    return {BY_TYPE: tuple(types), BY_SIZE: tuple(sizes)}


def _told(office: Office, years: Sequence[Year], groups: Mapping[str, Groups]) -> list[PublicRow]:
    """One pass of the log: each year's rows when what was known at its instant has been read."""
    facts, rows, waiting = Facts(), list[PublicRow](), list(years)
    events = log(office, until=years[-1].settled_at)
    for one in events:
        while one.recorded_at > waiting[0].settled_at:
            year = waiting.pop(0)
            rows += published(facts, year, groups[year.scheme])
        facts.follow(one)
    for year in waiting:
        rows += published(facts, year, groups[year.scheme])
    return sorted(rows, key=lambda row: (-row.year, row.scheme))


def scales(office: Office, at: datetime) -> Callable[[str], Sequence[str]]:
    """The scale of each scheme version."""
    work = _work(office, at)
    return lambda ref: work.scheme(ref).scale


def calendars(office: Office, at: datetime) -> Callable[[str], Calendar]:
    """The calendar of each scheme version."""
    work = _work(office, at)
    return lambda ref: work.scheme(ref).calendar


def _work(office: Office, at: datetime) -> Work:
    return Work(office, Command(id="reading", actor="reading", role="reading", at=at), about="reading")


def _follow(facts: Facts, events: Iterator[Recorded]) -> Facts:
    for one in events:
        facts.follow(one)
    return facts
