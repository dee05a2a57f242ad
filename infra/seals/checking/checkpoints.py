"""Checkpoints, kept and held outside: who signed them, and whether the record leads to them."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rfc3161_client import VerificationError

from infra.seals.checking.report import Finding, called
from infra.seals.kept import read_line
from infra.seals.keys import Restored
from infra.seals.note import Checkpoint, NoCheckpoint, Verifier
from infra.seals.publishing import is_stamp_of, require_stamped
from infra.seals.shelf import Seal, Shelf

Root = Callable[[int], bytes | None]
"""The root of the first so many leaves, None where there are not so many."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint to be checked, and what it is called: one that is kept, or one from a file that somebody held."""

    checkpoint: Checkpoint
    name: str
    outside: bool = False


def readable(seals: Sequence[Seal]) -> Iterator[Held | Finding]:
    """The kept checkpoints, or what is wrong with what is kept in their place."""
    for seal in seals:
        try:
            read = seal.checkpoint
        except NoCheckpoint:
            yield _wrong(called(seal), "its text is no checkpoint any more")
            continue
        beside = read_line(read)
        if read.size != seal.size or (beside[0] if beside else 0) != seal.kept:
            yield _wrong(
                called(seal), f"what is kept of it says another size than it does itself ({read.size:,} events)"
            )
        yield Held(read, called(seal))


def signatures(held: Sequence[Held], trusted: Sequence[Verifier]) -> Iterator[Finding]:
    """Checkpoints that none of the trusted keys signed."""
    for one in held:
        if not any(one.checkpoint.origin == key.name and one.checkpoint.signed_by(key) for key in trusted):
            keys = ", ".join(str(key) for key in trusted) or "none is known here"
            yield _wrong(one.name, f"no trusted key signed it as it is; trusted: {keys}")


def taken_out(held: Sequence[Held], restored: Sequence[Restored] = ()) -> Iterator[Finding]:
    """Checkpoints held outside that are not among the kept ones."""
    kept = {one.checkpoint.note for one in held if not one.outside}
    for one in held:
        if one.outside and one.checkpoint.note not in kept:
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


def stamps(shelf: Shelf, seals: Sequence[Seal], roots: bytes) -> Iterator[Finding]:
    """Time stamps that are not of the checkpoint that they are kept with; with `roots` (PEM), also who made them."""
    notes = {(one.size, one.kept, one.signer): one for one in seals}
    for size, kept, signer, proof in shelf.rows(
        "SELECT size, kept, signer, proof FROM seals.published WHERE place = 'time-stamp' ORDER BY at"
    ):
        seal = notes.get((size, kept, signer))
        name = called(seal) if seal else f"a checkpoint of {size:,} events that is not kept"
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
