"""What is kept beside the events: texts against the digests that events carry, the vault against those that were sealed.

What is gone was let go by an event that says so, or it was taken away.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.retention.events import Item, LettingGoProposed, RecordsLetGo
from domain.retention.kinds import OF_LETTERS, OF_LOOKS
from domain.texts import digest_of
from infra.seals import kept
from infra.seals.checking.log import Log
from infra.seals.checking.report import Finding, kept_by, sealed_by
from infra.seals.growing import LEAVES, Growing, Tile
from infra.seals.shelf import KEPT, Seal, Shelf
from infra.seals.tree import EMPTY, HASH, leaf_hash

_TORN: Final = """
SELECT number FROM seals.tiles AS tile WHERE log = 'events' AND level = 0 AND (
    cardinality(positions) * 32 <> length(hashes)
    OR (array_lower(positions, 1), array_lower(streams, 1), array_lower(versions, 1)) IS DISTINCT FROM (1, 1, 1) OR EXISTS (
        SELECT FROM unnest(positions, streams, versions) AS said (position, stream, version)
        LEFT JOIN record.events AS one ON one.notification_id = said.position
        WHERE (one.originator_id, one.originator_version) IS DISTINCT FROM (said.stream, said.version)))
ORDER BY number
"""
_OF_TEXTS: Final = "SELECT number, id, digest FROM seals.kept WHERE kind = 'text'"
_OF_FIELDS: Final = """
SELECT number, kept.id, kept.name, digest, salt FROM seals.kept LEFT JOIN seals.salts USING (number)
WHERE kind = 'field' ORDER BY number
"""
_OF_SALTS: Final = """
SELECT salts.number, salts.subject, salts.name, kept.id, kept.name FROM seals.salts
LEFT JOIN seals.kept ON kept.number = salts.number AND kind = 'field' ORDER BY salts.number
"""
_OF_FILES: Final = "SELECT number, id, name, digest FROM seals.kept WHERE kind = 'file' ORDER BY number"
_FILES: Final = "SELECT case_id, sha256, size, media_type, uploaded_by, uploaded_at FROM record.files"
BESIDE: Final = (OF_LETTERS, OF_LOOKS)
"""Kinds of which what is let go is no text of the record."""
_LAST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Gone:
    """What events let go: so many `texts` and `files` of each stream, and which `fields` of the vault (subject and name)."""

    texts: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    fields: set[tuple[str, str]] = field(default_factory=set)


def let_go(log: Log) -> Gone:
    """What was let go in all: what was listed and approved, but for what stayed after all."""
    listed: dict[str, tuple[Item, ...]] = {}
    gone = Gone()
    for stream, event in log.retention:
        if isinstance(event, LettingGoProposed):
            listed[stream] = event.items
        elif isinstance(event, RecordsLetGo):
            for item in listed.get(stream, ()):
                if item.kind not in BESIDE:
                    gone.texts[item.holder] += item.texts
                gone.files[item.holder] += item.files
                gone.fields.update((item.holder, name) for name in item.fields)
            for stayed in event.kept:
                if stayed.kind not in BESIDE:
                    gone.texts[stayed.holder] -= stayed.texts
                gone.files[stayed.holder] -= stayed.files
                gone.fields.difference_update((stayed.holder, name) for name in stayed.fields)
    return gone


def torn(shelf: Shelf, log: Log) -> Iterator[Finding]:
    """Kept tiles whose leaves are named after other events than they are of."""
    for (number,) in shelf.rows(_TORN):
        if number not in log.differing:
            yield Finding(
                what="tree", found=f"tile {number} of the kept tree names other events than its hashes are of"
            )


def texts(shelf: Shelf, log: Log, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Each text against what its event says of it, and whose it is against what was sealed."""
    whose = {id: (bytes(digest), number) for number, id, digest in shelf.rows(_OF_TEXTS)}
    missing = dict(log.texts)
    gone = let_go(log)
    for id, salt, subject, body in shelf.rows("SELECT id, salt, subject, body FROM record.texts ORDER BY id"):
        known, sealed = missing.pop(id, None), whose.get(id)
        if known is None:
            yield Finding(what="text", found=f"{id}: no event refers to it, so that somebody added it", stream=None)
            continue
        index, ref = known
        at: dict[str, Any] = {"stream": ref.stream, "version": ref.version, "since": sealed_by(seals, index)}
        if digest_of(bytes(salt), body) != ref.digest:
            yield Finding(
                what="text", found=f"{id} says something else than was recorded, or its salt is another", **at
            )
        elif sealed and kept.digest(bytes(salt), subject) != sealed[0]:
            yield Finding(what="text", found=f"{id} is kept for somebody else than it was sealed for", **at)
    lost = Counter(ref.stream for _, ref in missing.values())
    for id, (index, ref) in missing.items():
        if lost[ref.stream] > gone.texts[ref.stream]:
            at = {"stream": ref.stream, "version": ref.version, "since": sealed_by(seals, index)}
            yield Finding(what="text", found=f"{id} is there no more, and {_not_let_go(gone.texts[ref.stream])}", **at)


def vault(shelf: Shelf, log: Log, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Each field of the vault against the digest that was sealed of it, and each salt against the field that it is for."""
    rows = shelf.rows("SELECT subject, name, value FROM record.vault")
    held = {(subject, name): value for subject, name, value in rows}
    gone, position = let_go(log), shelf.sealed_position()
    seen: dict[tuple[str, str], bool] = {}
    """Those that were sealed, and whether what was sealed last has its salt."""
    for number, subject, name, digest, salt in shelf.rows(_OF_FIELDS):
        which, value = (subject, name), held.get((subject, name))
        since = kept_by(seals, number)
        if which in seen and which not in gone.fields:
            yield _vault(which, "was sealed a second time, after its salt was taken away", since)
        seen[which] = salt is not None
        if value is None and which not in gone.fields:
            yield _vault(which, "is there no more, and no event says that it was let go", since)
        elif value is not None and salt is not None and kept.digest(bytes(salt), value) != bytes(digest):
            yield _vault(which, "is not what was sealed", since)
        elif value is not None and salt is None and which not in gone.fields:
            yield _vault(which, "can't be checked: its salt was taken away", since)
    new = {which for which in held if not seen.get(which)}
    told = kept.named(shelf, {subject for subject, _ in new}, after=position, until=_LAST)
    for which in sorted(new):
        if which[0] in told or not seals:
            continue
        if which not in seen:
            yield _vault(which, "was not sealed, since no event came with it", None)
        elif which in gone.fields:
            yield _vault(which, "was let go and is there again, and no event came with it", None)
    for which in _twice((subject, name) for subject, name, _ in rows):
        yield _vault(which, "is there more than once", None)
    for number, subject, name, *of in shelf.rows(_OF_SALTS):
        which = (subject, name)
        if of[0] is None:
            yield _vault(which, f"has a salt ({number}) of nothing that was sealed", None)
        elif which != tuple(of):
            found = f"has a salt ({number}) that says to be for the {name} of {subject}, with which it would go"
            yield _vault((of[0], of[1]), found, kept_by(seals, number))
        elif which not in held and which in gone.fields:
            yield _vault(which, f"was let go, and its salt ({number}) was not", kept_by(seals, number))


def files(shelf: Shelf, log: Log, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Each file of evidence that was sealed against what is kept of it now; its bytes are read elsewhere."""
    rows = shelf.rows(_FILES)
    held = {(case, sha256): kept.said_of_file(*said) for case, sha256, *said in rows}
    sealed = shelf.rows(_OF_FILES)
    gone, lost = let_go(log).files, Counter(case for _, case, sha256, _ in sealed if (case, sha256) not in held)
    for number, case, sha256, digest in sealed:
        said = held.get((case, sha256))
        at: dict[str, Any] = {"what": "file", "stream": case, "since": kept_by(seals, number)}
        if said is None and lost[case] > gone[case]:
            yield Finding(found=f"{sha256} of {case} is there no more, and {_not_let_go(gone[case])}", **at)
        elif said is not None and kept.digest(b"", said) != bytes(digest):
            yield Finding(
                found=f"{sha256} of {case} is of another size or type, or from somebody else, than was sealed", **at
            )

    for case, sha256 in _twice((case, sha256) for case, sha256, *_ in rows):
        yield Finding(what="file", found=f"{sha256} of {case} is there more than once", stream=case)


def _twice(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that come more than once, which a table with its key in force has none of."""
    return sorted(key for key, times in Counter(keys).items() if times > 1)


def _not_let_go(gone: int) -> str:
    """How many of its stream events say were let go, in words."""
    return (
        f"of its stream only {gone} were let go, of which it may be one" if gone else "no event says that it was let go"
    )


def _vault(which: tuple[str, str], found: str, since: str | None) -> Finding:
    return Finding(what="vault", found=f"the {which[1]} of {which[0]} {found}", stream=which[0], since=since)


def _others(shelf: Shelf, tiles: Iterator[Tile]) -> list[str]:
    """Those of these tiles of the tree of digests that are kept as others; of digests the first that is another, by its number."""
    found: list[str] = []
    for level, at, hashes in tiles:
        if (there := shelf.tile(KEPT, level, at)) != hashes:
            parts = range(0, len(hashes), HASH)
            first = next((one for one in parts if there[one : one + HASH] != hashes[one : one + HASH]), len(hashes))
            found.append(
                f"{at} of level {level}" + (f" from digest {at * LEAVES + first // HASH} on" if not level else "")
            )
    return found


def digests(shelf: Shelf, sizes: Sequence[int]) -> tuple[int, dict[int, bytes], list[Finding]]:
    """How many digests are kept, the root of each size asked for, and what is wrong with their order."""
    growing, wanted, found = Growing(), sorted({one for one in sizes if one}), dict[int, bytes]({0: EMPTY})
    findings, differing = list[Finding](), list[str]()
    for expected, (number, kind, id, name, digest) in enumerate(
        shelf.rows("SELECT number, kind, id, name, digest FROM seals.kept ORDER BY number")
    ):
        if number != expected and not findings:
            findings.append(Finding(what="kept", found=f"digest {expected} is not there: the next is {number}"))
        differing += _others(shelf, growing.grow(leaf_hash(kept.leaf(kind, id, name, bytes(digest)))))
        if growing.size in wanted:
            found[growing.size] = growing.root()
    differing += _others(shelf, growing.edge())
    if differing or shelf.size(KEPT) != growing.size:
        tiles = f", in tile {', '.join(differing[:5])}" if differing else ""
        findings.append(Finding(what="tree", found=f"the kept tree of digests is not that of the digests{tiles}"))
    return growing.size, found, findings
