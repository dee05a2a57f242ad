"""Checkpoints, kept and held outside: who signed them, whether the record leads to them, and what is kept of them.

Each that is kept was sealed by the one that followed it, with where it was published.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rfc3161_client import VerificationError

from infra.seals import kept
from infra.seals.checking.report import Finding, called, kept_by
from infra.seals.kept import read_line
from infra.seals.keys import Restored
from infra.seals.note import Checkpoint, NoCheckpoint, Verifier
from infra.seals.publishing import is_stamp_of, require_stamped
from infra.seals.shelf import Seal, Shelf

_SEALED: Final = "SELECT number, id, name, digest FROM seals.kept WHERE kind = %s ORDER BY number"
_PUBLISHED: Final = """
SELECT one.number::text, size, place, at, proof FROM seals.published
LEFT JOIN seals.checkpoints AS one USING (size, kept, signer) ORDER BY at, place
"""

SIGNED_LAST: Final = "the last checkpoint that the key here signed"
"""What the one is called that stands beside the key, which whoever may change the database alone could not take out."""

Root = Callable[[int], bytes | None]
"""The root of the first so many leaves, None where there are not so many."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint to be checked, and what it is called: one that is kept, as signed by `signer`, or one from a file that somebody held."""

    checkpoint: Checkpoint
    name: str
    signer: str | None = None

    @property
    def outside(self) -> bool:
        """Whether somebody held it."""
        return self.signer is None


def readable(seals: Sequence[Seal]) -> Iterator[Held | Finding]:
    """The kept checkpoints, or what is wrong with what is kept in their place."""
    for seal in seals:
        name = called(seal)
        try:
            read = seal.checkpoint
        except NoCheckpoint:
            yield _wrong(name, "its text is no checkpoint any more")
            continue
        beside = read_line(read)
        if read.size != seal.size or (beside[0] if beside else 0) != seal.kept:
            yield _wrong(name, f"what is kept of it says another size than it does itself ({read.size:,} events)")
        if read.made_at not in {None, seal.made_at}:
            yield _wrong(
                name,
                f"what is kept of it says that it was made at {seal.made_at.isoformat(' ')}, and it says another instant itself",
            )
        yield Held(read, name, seal.signer)


def signatures(held: Sequence[Held], trusted: Sequence[Verifier]) -> Iterator[Finding]:
    """Checkpoints that none of the trusted keys signed, or another one than is kept with them."""
    for one in held:
        signed = (key for key in trusted if one.checkpoint.origin == key.name and one.checkpoint.signed_by(key))
        key = next(signed, None)
        if key is None:
            keys = ", ".join(str(key) for key in trusted) or "none is known here"
            yield _wrong(one.name, f"no trusted key signed it as it is; trusted: {keys}")
        elif one.signer not in {None, str(key)}:
            yield _wrong(one.name, f"what is kept of it says that {one.signer} signed it, and {key} did")


def taken_out(held: Sequence[Held], restored: Sequence[Restored] = ()) -> Iterator[Finding]:
    """Checkpoints held outside that are not among the kept ones."""
    there = {one.checkpoint.note for one in held if not one.outside}
    for one in held:
        if one.outside and one.checkpoint.note not in there:
            found = f"the checkpoint of {one.checkpoint.size:,} events is not among those that are kept"
            yield _wrong(one.name, found + _given_up(one, restored))


def _given_up(held: Held, restored: Sequence[Restored]) -> str:
    """What is to be said where a checkpoint held outside may be of what was given up when a backup was restored."""
    for one in restored:
        signed = any(held.checkpoint.signed_by(Verifier.read(key)) for key in one.keys)
        if held.outside and signed and held.checkpoint.size >= one.events:
            return (
                f"; a backup of {one.events:,} events was restored here on {one.at:%-d %B %Y %H:%M:%S} UTC, as is noted beside"
                " the key: what was recorded and sealed after that backup is not in this record, and no checkpoint of it can"
                " agree with this one. Whether that was on purpose, and what was lost, whoever keeps the record has to say"
            )
    return ""


def roots(held: Sequence[Held], size: int, root: Root, restored: Sequence[Restored] = ()) -> Iterator[Finding]:
    """Checkpoints to which the events do not lead, each with the last one before it to which they do."""
    agreeing = [one.checkpoint.size for one in held if root(one.checkpoint.size) == one.checkpoint.root]
    for one in held:
        wanted, found = one.checkpoint, root(one.checkpoint.size)
        if found == wanted.root:
            continue
        last = max((at for at in agreeing if at < wanted.size), default=0)
        since = (
            f"the first {last:,} events are as they were sealed" if last else "no checkpoint before it agrees either"
        )
        if wanted.size > size:
            lacking = f"it sealed {wanted.size:,} events and the record has {size:,}"
        elif found is None:
            continue  # it is of what was not read
        else:
            lacking = (
                f"its first {wanted.size:,} events have the root {_said(found)}, and {_said(wanted.root)} was sealed"
            )
        found_so = f"the record does not lead to {one.name}: {lacking}; {since}{_given_up(one, restored)}"
        yield Finding(what="record", found=found_so, since=one.name)


def beside(held: Sequence[Held], size: int, root: Root, restored: Sequence[Restored] = ()) -> Iterator[Finding]:
    """Checkpoints to which the digests of what is kept beside the events do not lead."""
    for one in held:
        said = read_line(one.checkpoint)
        if said and root(said[0]) != said[1]:
            why = (
                f"it sealed {said[0]:,}, and there are {size:,}"
                if said[0] > size
                else "they are others than were sealed"
            )
            found = f"the digests of what is kept beside the events do not lead to {one.name}: {why}{_given_up(one, restored)}"
            yield Finding(what="kept", found=found, since=one.name)


def sealed(shelf: Shelf, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Kept checkpoints that are others than a later one sealed, or are there no more, or were added among those."""
    digests = {id: (number, name, digest) for number, id, name, digest in shelf.rows(_SEALED, [kept.CHECKPOINT])}
    there = {str(one.number): one for one in seals}
    for of, (number, size, digest) in digests.items():
        seal, since = there.get(of), kept_by(seals, number)
        if seal is None:
            events = f"{int(size):,}" if size.isdecimal() and len(size) < 20 else size[:20]
            found = f"checkpoint {of}, of {events} events, was sealed by a later one, and is there no more"
            yield Finding(what="checkpoint", found=found, since=since)
        elif kept.digest(b"", _said_of(seal)) != bytes(digest):
            found = f"{called(seal)}: what is kept of it is not what a later one sealed of it"
            yield Finding(what="checkpoint", found=found, since=since)
    followed = max((one.number for one in seals), default=0)
    for seal in seals if digests else ():
        if str(seal.number) not in digests and seal.number != followed:
            yield _wrong(called(seal), "it was added: none that followed sealed it")
    for number, times in Counter(one.number for one in seals).items():
        if times > 1:
            yield Finding(what="checkpoint", found=f"there are {times} checkpoints with the number {number}")


def _said_of(seal: Seal) -> str:
    return kept.said_of_checkpoint(seal.size, seal.signer, seal.kept, seal.note, seal.made_at)


def publications(shelf: Shelf, seals: Sequence[Seal]) -> Iterator[Finding]:
    """Notes of where checkpoints were published that are others than were sealed, or are there no more, or were added."""
    names = {str(one.number): called(one) for one in seals}
    digests = {(of, place): (number, digest) for number, of, place, digest in shelf.rows(_SEALED, [kept.PUBLISHED])}
    closed = {of for _, of, _, _ in shelf.rows(_SEALED, [kept.CHECKPOINT])}
    there: Counter[tuple[str, str]] = Counter()
    for of, size, place, at, proof in shelf.rows(_PUBLISHED):
        if of is None:
            name = f"a checkpoint of {size:,} events that is not kept"
            yield _published(name, place, "is of none that there is", None)
            continue
        there[of, place] += 1
        sealed = digests.get((of, place))
        if there[of, place] > 1 or (sealed is None and of in closed):
            yield _published(names[of], place, "was added: no checkpoint sealed it with that one", None)
        elif sealed and kept.digest(b"", kept.said_of_publication(at, proof)) != bytes(sealed[1]):
            yield _published(names[of], place, "is not what was sealed", kept_by(seals, sealed[0]))
    for (of, place), (number, _) in digests.items():
        if not there[of, place]:
            name = names.get(of, f"checkpoint {of}")
            yield _published(name, place, "was sealed, and is there no more", kept_by(seals, number))


def _published(name: str, place: str, found: str, since: str | None) -> Finding:
    return Finding(what="published", found=f"the note that {name} was published ({place}) {found}", since=since)


def stamps(shelf: Shelf, seals: Sequence[Seal], roots: bytes) -> Iterator[Finding]:
    """Time stamps that are not of the checkpoint that they are kept with; with `roots` (PEM), also who made them."""
    notes = {(one.size, one.kept, one.signer): one for one in seals}
    for *of, proof in shelf.rows(
        "SELECT size, kept, signer, proof FROM seals.published WHERE place = 'time-stamp' ORDER BY at"
    ):
        seal = notes.get((of[0], of[1], of[2]))
        name = called(seal) if seal else f"a checkpoint of {of[0]:,} events that is not kept"
        if seal is None or not _verifies(bytes(proof or b""), seal.note, roots):
            yield _wrong(name, "the time stamp that is kept of it does not verify")


def _verifies(proof: bytes, note: str, roots: bytes) -> bool:
    try:
        return bool(require_stamped(proof, note, roots)) if roots else is_stamp_of(proof, note)
    except (VerificationError, ValueError):
        return False


def _wrong(name: str, found: str) -> Finding:
    return Finding(what="checkpoint", found=f"{name}: {found}", since=name)


def _said(root: bytes) -> str:
    return base64.b64encode(root).decode()
