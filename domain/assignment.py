"""The rule that chooses an assessor, and the reasons it gives for everyone it looked at.

Source: handbook, section 5, Assessment: active; training valid for this scheme; non-disclosure signed; no conflict with
the provider; capacity left in this round; then best subject and phase match, then lowest load, then a stable order. What
the rule saw of each person is kept with the assignment.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.person import Person
from domain.qualification import Qualified, capacity_of, lacks, qualified
from domain.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One person as the rule saw them: `verdict` is `chosen`, `eligible` or the reason for being passed over.

    `qualified` is what made them eligible, or was there of it; what was recorded before that was kept has none.
    """

    person: str
    verdict: str
    match: int
    load: int
    qualified: Qualified | None = None


def choose_assessor(
    people: Sequence[Person],
    *,
    scheme: Scheme,
    submission: str,
    provider: str,
    subject: str,
    phase: str,
    window: str,
    excluded: frozenset[str],
    before: frozenset[str] = frozenset(),
    appealed: frozenset[str] = frozenset(),
    at: datetime,
) -> tuple[Person | None, tuple[Considered, ...]]:
    """Choose among `people` (those authorised as assessors); return the chosen one, or None, and what was seen of each.

    `excluded` are people who had this case before, or advised on it; `before` those who assessed the award that is to be
    earned again, where the scheme wants somebody else then; `appealed` those who had a part in what an appeal set aside, or
    heard it. The stable order differs from case to case, so
    that equals share the work.
    """
    seen: list[tuple[tuple[bool, int, int, bytes], Person, str]] = []
    for person in people:
        why_not = _passed_over(
            person, scheme=scheme, submission=submission, provider=provider, window=window, excluded=excluded, at=at
        )
        why_not = why_not or ("had a part in what an appeal set aside" if person.had_part(appealed) else "")
        why_not = why_not or ("assessed it when it was earned before" if person.had_part(before) else "")
        match = (subject in person.subjects) + (phase in person.phases)
        watched = provider in person.conflicts  # for which scrutiny was arranged: after everyone who has no conflict
        order = hashlib.sha256(f"{submission} {person.id}".encode()).digest()
        seen.append(((watched, -match, person.round_work.get(window, 0), order), person, why_not))
    seen.sort(key=lambda one: one[0])
    chosen = next((person for _, person, why_not in seen if not why_not), None)
    considered = tuple(
        Considered(
            person=person.id,
            verdict="chosen" if person is chosen else why_not or "eligible",
            match=-rank[1],
            load=rank[2],
            qualified=qualified(person, "assessor", scheme, at=at, used=rank[2], allowed=capacity_of(person, scheme)),
        )
        for rank, person, why_not in seen
    )
    return chosen, considered


def _passed_over(
    person: Person,
    *,
    scheme: Scheme,
    submission: str,
    provider: str,
    window: str,
    excluded: frozenset[str],
    at: datetime,
) -> str:
    if not person.holds("assessor", scheme.id, at):
        return "not authorised for this scheme"
    if not person.available or person.competence.absent(at):
        return "not available"
    if missing := lacks(person, "assessor", scheme, at=at):
        return missing
    if person.kept_from(provider, case=submission, roles=("assessor",)):
        return "conflict with the provider"
    if person.had_part(excluded):
        return "had or advised on this case"
    if person.round_work.get(window, 0) >= capacity_of(person, scheme):
        return "no capacity left in this round"
    return ""
