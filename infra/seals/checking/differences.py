"""What the kept tree says was sealed, and the record says no more: changed, taken away or added, by stream and version."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg import Connection

from infra.seals.checking.report import Finding, sealed_by
from infra.seals.growing import LEAVES
from infra.seals.leaves import Place, parts
from infra.seals.reading import BEGINNING, leaves, spans
from infra.seals.sealing import Progress
from infra.seals.shelf import Leaf, Seal, Shelf
from infra.seals.tree import leaf_hash

STEP: Final = 20_000
"""Events that are read at once."""


def differences(
    connection: Connection[Any], seals: Sequence[Seal], first: int, until: int, progress: Progress
) -> Iterator[Finding]:
    """Compare the record with the kept tree, from tile `first` on, up to position `until` of the log."""
    shelf = Shelf(connection)
    after = shelf.position(before=first) if first else BEGINNING
    there = _there(connection, after, until)
    event = next(there, None)
    for leaf in shelf.leaves(first):
        since, position = sealed_by(seals, leaf.index), leaf.place.position
        while event and event[0].position < position:
            yield _finding(event[0], "it was added among what was sealed", since)
            event = next(there, None)
        if event is None or event[0].position > position:
            yield _finding(leaf.place, "it was sealed, and is there no more", since)
            continue
        if event[1] != leaf.hash:
            yield _finding(event[0], _changed(event[0], leaf), since)
        event = next(there, None)
        if leaf.index % LEAVES == 0:
            progress(position, until)


def _changed(there: Place, leaf: Leaf) -> str:
    if there != leaf.place:
        return f"version {leaf.place.version} of {leaf.place.stream} was sealed in its place"
    return "its bytes, its name or the instant at which it was recorded are others than were sealed"


def _finding(place: Place, found: str, since: str | None) -> Finding:
    return Finding(
        what="record", found=found, stream=place.stream, version=place.version, position=place.position, since=since
    )


def _there(connection: Connection[Any], after: int, until: int) -> Iterator[tuple[Place, bytes]]:
    for begin, end in spans(connection, after, until, STEP):
        for leaf in list(leaves(connection, begin, end)):
            position, stream, version, _, _ = parts(leaf)
            yield Place(position, stream.decode(errors="replace"), version), leaf_hash(leaf)
