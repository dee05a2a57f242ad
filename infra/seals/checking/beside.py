"""What is kept beside the events: texts against the digests that events carry, the vault against those that were sealed.

What is gone was let go by an event that says so, or it was taken away.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from domain.retention.events import ErasureRequested, LettingGoProposed, RecordsLetGo
from domain.texts import digest_of
from infra.seals import kept
from infra.seals.checking.log import Log
from infra.seals.checking.report import Finding, kept_by, sealed_by
from infra.seals.growing import Growing
from infra.seals.shelf import KEPT, Seal, Shelf
from infra.seals.tree import EMPTY, leaf_hash

_TORN: Final = """
SELECT number FROM seals.tiles AS tile WHERE log = 'events' AND level = 0 AND (
    cardinality(positions) * 32 <> length(hashes) OR EXISTS (
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
_OF_FILES: Final = "SELECT number, id, name, digest FROM seals.kept WHERE kind = 'file' ORDER BY number"
_FILES: Final = "SELECT case_id, sha256, size, media_type, uploaded_by, uploaded_at FROM record.files"
_LAST: Final = 2**63 - 1


def let_go(log: Log, *, of_files: bool = False) -> frozenset[str]:
    """The holders (cases, matters, people, providers) of which something was let go, as events say; or files were."""
    named: dict[str, set[str]] = {}
    gone: set[str] = set()
    for stream, event in log.retention:
        held = named.setdefault(stream, set())
        if isinstance(event, ErasureRequested):
            held.add(event.subject)
        elif isinstance(event, LettingGoProposed):
            held.update(item.holder for item in event.items if item.files or not of_files)
        elif isinstance(event, RecordsLetGo):
            gone |= held
    return frozenset(gone)


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
    for id, (index, ref) in missing.items():
        if ref.stream not in gone:
            at = {"stream": ref.stream, "version": ref.version, "since": sealed_by(seals, index)}
            yield Finding(what="text", found=f"{id} is there no more, and no event says that it was let go", **at)


def vault(shelf: Shelf, log: Log, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Each field of the vault against the digest that was sealed of it."""
    held = {
        (subject, name): value for subject, name, value in shelf.rows("SELECT subject, name, value FROM record.vault")
    }
    gone, position = let_go(log), shelf.sealed_position()
    seen: set[tuple[str, str]] = set()
    for number, subject, name, digest, salt in shelf.rows(_OF_FIELDS):
        field, value = (subject, name), held.get((subject, name))
        since = kept_by(seals, number)
        if field in seen and subject not in gone:
            yield _vault(field, "was sealed a second time, after its salt was taken away", since)
        seen.add(field)
        if value is None and subject not in gone:
            yield _vault(field, "is there no more, and no event says that it was let go", since)
        elif value is not None and salt is not None and kept.digest(bytes(salt), value) != bytes(digest):
            yield _vault(field, "is not what was sealed", since)
        elif value is not None and salt is None and subject not in gone:
            yield _vault(field, "can't be checked: its salt was taken away", since)
    new = {field for field in held if field not in seen}
    told = kept.named(shelf, {subject for subject, _ in new}, after=position, until=_LAST)
    for field in sorted(new):
        if field[0] not in told and seals:
            yield _vault(field, "was not sealed, since no event came with it", None)


def files(shelf: Shelf, log: Log, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Each file of evidence that was sealed against what is kept of it now; its bytes are read elsewhere."""
    held = {(case, sha256): kept.said_of_file(*said) for case, sha256, *said in shelf.rows(_FILES)}
    gone = let_go(log, of_files=True)
    for number, case, sha256, digest in shelf.rows(_OF_FILES):
        said = held.get((case, sha256))
        at: dict[str, Any] = {"what": "file", "stream": case, "since": kept_by(seals, number)}
        if said is None and case not in gone:
            yield Finding(found=f"{sha256} of {case} is there no more, and no event says that it was let go", **at)
        elif said is not None and kept.digest(b"", said) != bytes(digest):
            yield Finding(
                found=f"{sha256} of {case} is of another size or type, or from somebody else, than was sealed", **at
            )


def _vault(field: tuple[str, str], found: str, since: str | None) -> Finding:
    return Finding(what="vault", found=f"the {field[1]} of {field[0]} {found}", stream=field[0], since=since)


def digests(shelf: Shelf, sizes: Sequence[int]) -> tuple[int, dict[int, bytes], list[Finding]]:
    """How many digests are kept, the root of each size asked for, and what is wrong with their order."""
    growing, wanted, found = Growing(), sorted({one for one in sizes if one}), dict[int, bytes]({0: EMPTY})
    findings: list[Finding] = []
    for expected, (number, kind, id, name, digest) in enumerate(
        shelf.rows("SELECT number, kind, id, name, digest FROM seals.kept ORDER BY number")
    ):
        if number != expected and not findings:
            findings.append(Finding(what="kept", found=f"the digests from number {expected} on are not all there"))
        for _ in growing.grow(leaf_hash(kept.leaf(kind, id, name, bytes(digest)))):
            pass
        if growing.size in wanted:
            found[growing.size] = growing.root()
    if shelf.growing(KEPT).root() != growing.root():
        findings.append(Finding(what="tree", found="the kept tree of digests is not that of the digests"))
    return growing.size, found, findings
