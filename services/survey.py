"""What is kept and what may go, kind by kind, as of a date: for whoever looks, before anybody proposes anything.

Source: handbook, Retention.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.retention.keeping import Until
from domain.retention.kinds import OF_FILES
from services.going import AT_ONCE
from services.keeping import Facts
from services.own_records import own_kind, own_until, read_subjects


@dataclass(slots=True)
class Count:
    """Of one kind of record: how many texts, files and fields may go and whose, how many stay by ground, and when the next may go (UTC)."""

    goes: int = 0
    holders: set[str] = field(default_factory=set)
    stays: dict[str, int] = field(default_factory=dict)
    next_at: datetime | None = None

    def add(self, holder: str, untils: Sequence[Until], on: datetime) -> None:
        """Count one text, file or field, with everything that keeps it."""
        keeps = [one for one in untils if not one.past(on)]
        if not keeps:
            self.goes += 1
            self.holders.add(holder)
        for one in keeps[:1]:
            self.stays[one.ground] = self.stays.get(one.ground, 0) + 1
        dates = [one.at for one in keeps if one.at is not None]
        if keeps and len(dates) == len(keeps):
            self.next_at = min(one for one in (self.next_at, max(dates)) if one is not None)


def survey(facts: Facts, *, without: Collection[str] = ()) -> dict[str, Count]:
    """Return what may go at the instant of the facts and what stays, by kind of record, in the policy's order.

    Nothing of the providers in `without` counts.
    """
    counts = {kind: Count() for kind in facts.content.rules}
    for holder, kind, untils in _all(facts, without):
        counts[kind].add(holder, untils, facts.at)
    return {kind: one for kind, one in counts.items() if one.goes or one.stays}


def _all(facts: Facts, without: Collection[str]) -> Iterator[tuple[str, str, Sequence[Until]]]:
    """Every text, letter, look, file and field that is kept: whose it is, of which kind, and all that keeps it."""
    holders = facts.shelves.holders()
    for begin in range(0, len(holders), AT_ONCE):
        some = holders[begin : begin + AT_ONCE]
        facts.forget()
        facts.read_cases(some)
        for holder in (one for one in some if facts.provider_of(one) not in without):
            texts = facts.texts(holder)
            there = facts.shelves.kept([one.id for one in texts])
            yield from ((holder, one.kind, [one.until]) for one in texts if one.id in there)
            yield from ((holder, one.kind, [one.until]) for one in facts.beside(holder))
            yield from ((holder, OF_FILES, [one.until]) for one in facts.files(holder))
    kept = facts.shelves.fields()
    subjects = sorted(kept)
    for begin in range(0, len(subjects), AT_ONCE):
        some = subjects[begin : begin + AT_ONCE]
        facts.forget()
        read_subjects(facts, some)
        for subject in (one for one in some if not set(without) & {one, *facts.naming(one, "provider")}):
            untils = own_until(facts, subject)
            yield from ((subject, own_kind(subject), untils) for _ in kept[subject])
