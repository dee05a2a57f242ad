"""Proofs from the kept tree: that a case's events are in the record that a checkpoint seals, and that one checkpoint continues another.

A proof is worth what it comes to: whoever checks it computes the root from it, and compares that with a checkpoint they hold.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from domain.refusals import refuse
from infra.seals.shelf import EVENTS, Leaf, Seal, Shelf
from infra.seals.tree import consistency, inclusion


@dataclass(frozen=True, slots=True)
class Proven:
    """An event of a case: where it stands in the tree, and the path from its leaf to the checkpoint's root."""

    leaf: Leaf
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProof:
    """The events of a case that `seal` seals, in their order, and how many it does not seal yet."""

    stream: str
    seal: Seal | None
    events: Sequence[Proven]
    unsealed: int


def case_proof(connection: Connection[Any], stream: str, *, size: int | None = None) -> CaseProof:
    """Prove that the events of a stream are among those that a checkpoint seals: the latest, or the kept one of `size` events.

    Refuses a `size` of which no checkpoint is kept.
    """
    shelf = Shelf(connection)
    seal = seal_of(shelf, size)
    positions = [
        int(position)
        for (position,) in shelf.rows(
            "SELECT notification_id FROM record.events WHERE originator_id = %s ORDER BY originator_version", [stream]
        )
    ]
    leaves = [one for one in shelf.find(positions) if seal and one.index < seal.size]
    node = shelf.node(EVENTS)
    events = [Proven(one, inclusion(node, one.index, seal.size)) for one in leaves if seal]
    return CaseProof(stream=stream, seal=seal, events=events, unsealed=len(positions) - len(events))


def continued(
    connection: Connection[Any], log: str, before: int, after: int, *, fields: tuple[str, str] = ("before", "after")
) -> list[bytes]:
    """Prove that what a checkpoint sealed is the beginning of what a later one did; by their numbers of leaves in the tree `log`.

    Refuses numbers of which no checkpoint is kept, by the names of the two `fields` in which they were said.
    """
    shelf = Shelf(connection)
    if not 0 <= before <= after:
        raise refuse(
            "proof-sizes", "a later checkpoint has more than an earlier one", field=fields[0], allowed=f"0 to {after}"
        )
    sizes, what = shelf.sizes(log), "events" if log == EVENTS else "digests"
    for size, field in zip((before, after), fields, strict=True):
        if size not in sizes:
            raise refuse(
                "known-checkpoint", f"there is no checkpoint of {size:,} {what}", field=field, allowed=_some(sizes)
            )
    return consistency(shelf.node(log), before, after)


def seal_of(shelf: Shelf, size: int | None, *, field: str = "size") -> Seal | None:
    """The kept checkpoint of `size` events, or the latest, None where nothing was sealed. Refuses a size of which none is kept."""
    if size is None:
        return shelf.last()
    seals = shelf.seals()
    found = [one for one in seals if one.size == size]
    if not found:
        allowed = _some({one.size for one in seals})
        raise refuse("known-checkpoint", f"there is no checkpoint of {size:,} events", field=field, allowed=allowed)
    return found[-1]


def _some(sizes: Set[int]) -> str:
    return ", ".join(str(one) for one in sorted(sizes)[-5:]) or "none is kept yet"
