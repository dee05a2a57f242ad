#!/usr/bin/env python3
"""Checks an audit pack, offline: `python verify.py [PACK.zip] [--key KEY] [--checkpoint FILE]`.

It needs Python 3.9 or later and nothing else, prints what it checked, ends with TRUE or FALSE, and exits with 0 or 1.
Without PACK it checks the folder in which it lies. It trusts the key given by --key, or else the one within the pack: then
TRUE says that the pack is whole and signed by that key, and not whose key that is. A checkpoint that you hold (--checkpoint)
takes the place of the one within the pack. What is checked is written down in Assay's docs/verifying.md.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import hashlib
import json
import re
import struct
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

FORMAT = "assay-audit-pack/1"
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)


class Wrong(Exception):
    """It does not verify, and why."""


# Ed25519 (RFC 8032, 5.1.7): points of the curve -x² + y² = 1 + d x² y² over the integers modulo P, as (X, Y, Z, T) with
# x = X/Z, y = Y/Z, xy = T/Z. Nothing here is secret, so that how long it takes tells nobody anything.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)
Point = tuple[int, int, int, int]


def add(one: Point, two: Point) -> Point:
    """The sum of two points."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    found = ZERO
    while number:
        if number & 1:
            found = add(found, point)
        point = add(point, point)
        number >>= 1
    return found


def point_of(encoded: bytes) -> Point:
    """The point that 32 bytes stand for. Raises Wrong for bytes that no point is written as."""
    y, sign = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31] >> 7
    if y >= P:
        raise Wrong("these bytes are no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Wrong("these bytes are no point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def bytes_of(point: Point) -> bytes:
    """The 32 bytes by which a point is written."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key with these 32 bytes signed this message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    try:
        x, y, z, t = point_of(public)
        point_of(signature[:32])
    except Wrong:
        return False
    if s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return bytes_of(add(times(s, BASE), times(k, (P - x, y, z, P - t)))) == signature[:32]


# Checkpoints: C2SP's signed note


def opened(note: str, key: str) -> tuple[str, int, bytes]:
    """Log, number of events and root of a checkpoint that this key signed. Raises Wrong."""
    name, number, raw = [*key.strip().split("+", 2), "", ""][:3]
    public = unpacked(raw)
    if len(public) != 33 or public[0] != 1:
        raise Wrong("the key is none: it is written as name+id+base64, for Ed25519")
    if hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() != number:
        raise Wrong("the key's id is not that of its bytes")
    text, _, below = note.rpartition("\n\n")
    text += "\n"
    said = [line.split(" ") for line in below.split("\n")]
    ours = [unpacked(one[2]) for one in said if len(one) == 3 and one[0] == "\u2014" and one[1] == name]
    ours = [one[4:] for one in ours if one[:4].hex() == number]
    if not ours:
        raise Wrong("this key did not sign the checkpoint")
    if not all(signed(public[1:], text.encode(), one) for one in ours):
        raise Wrong("the checkpoint's signature is wrong")
    lines = text.split("\n")
    if lines[0] != name or len(lines) < 4 or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Wrong("the checkpoint is none, or of another log")
    return name, int(lines[1]), unpacked(lines[2])


def checkpoints_in(text: str) -> list[str]:
    """Each checkpoint of a text, as it is."""
    lines, found = (text.replace("\r\n", "\n").strip("\n") + "\n").split("\n"), []
    begin = 0
    for at, line in enumerate(lines):
        ends = line.startswith("\u2014 ") and not lines[at + 1].startswith("\u2014 ")
        if ends:
            found.append("\n".join(lines[begin : at + 1]).lstrip("\n") + "\n")
            begin = at + 1
    return found


# The tree of RFC 6962


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(size: int, leaves: dict[int, bytes], others: dict[tuple[int, int], bytes]) -> bytes:
    """The root over `size` leaves: those here, by number, and for each part of the tree without one of them its hash."""
    numbers = sorted(leaves)
    if not numbers or numbers[0] < 0 or numbers[-1] >= size:
        raise Wrong("an event has no place in the tree")

    def over(begin: int, end: int) -> bytes:
        if bisect.bisect_left(numbers, begin) == bisect.bisect_left(numbers, end):
            if (begin, end) not in others:
                raise Wrong(f"the proof lacks the hash over the events {begin} to {end - 1}")
            return others[begin, end]
        if end - begin == 1:
            return leaves[begin]
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        return node_hash(over(begin, middle), over(middle, end))

    return over(0, size)


def leaf_hash(event: dict[str, Any]) -> bytes:
    """The hash of an event's leaf, from what is stored of it."""
    since = datetime.strptime(event["recorded_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc) - EPOCH
    micro = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    fields = (
        struct.pack(">q", event["position"]),
        event["stream"].encode(),
        struct.pack(">q", event["version"]),
        event["name"].encode(),
        struct.pack(">q", micro),
        event["stored"].encode(),
    )
    leaf = struct.pack(">H", len(fields)) + b"".join(struct.pack(">i", len(one)) + one for one in fields)
    return hashlib.sha256(b"\x00" + leaf).digest()


# The pack


class Pack:
    """The members of a ZIP, or of the folder that it was unpacked to."""

    def __init__(self, path: Path) -> None:
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        self.folder = path
        if self.zip:
            self.names = [one.filename for one in self.zip.infolist() if not one.is_dir()]
        else:
            found = (one.relative_to(path) for one in path.rglob("*") if one.is_file())
            self.names = [one.as_posix() for one in found if not any(part.startswith(".") for part in one.parts)]

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece, so that a large one needs no more memory."""
        if name not in self.names:
            raise Wrong(f"{name} is missing")
        with self.zip.open(name) if self.zip else (self.folder / name).open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece

    def read(self, name: str) -> bytes:
        return b"".join(self.pieces(name))

    def json(self, name: str) -> Any:
        return json.loads(self.read(name))


def unpacked(text: str) -> bytes:
    """The bytes that base64 stands for. Raises Wrong."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"{text[:60]!r} is not base64") from None


def check(pack: Pack, key: str | None = None, held: str | None = None) -> Iterator[str]:
    """Say what was checked, in order. Raises Wrong at the first thing that does not verify."""
    manifest = pack.json("manifest.json")
    if manifest["format"] != FORMAT:
        raise Wrong(f"this is a pack of the form {manifest['format']}, and this program checks {FORMAT}")
    yield f"Pack of {manifest['case']}, by its manifest {for_whom(manifest)}."
    check_members(pack, manifest)
    whole = hashlib.sha256(pack.read("manifest.json")).hexdigest()
    yield f"{len(manifest['members'])} members are as the manifest has them (its own SHA-256: {whole})."

    log, size, root, lines = check_checkpoint(pack, key, held)
    yield from lines

    events = [json.loads(line) for line in pack.read("events.jsonl").split(b"\n") if line]
    hashes = check_events(events, manifest["case"])
    proof = pack.json("proof.json")
    others = {(one["from"], one["to"]): unpacked(one["hash"]) for one in proof["others"]}
    if proof["size"] != size:
        raise Wrong(f"the proof is for a checkpoint of {proof['size']:,} events, not of {size:,}")
    if root_of(size, hashes, others) != root:
        raise Wrong("the events do not lead to the checkpoint: at least one was changed, moved, added or taken out")
    shown = [one for one in events if "stored" in one]
    own = [one for one in events if one["stream"] == manifest["case"]]
    yield f"{len(shown)} events are in the record {log} as they are here, in this order, by that checkpoint."
    yield f"Of the case itself they are the versions 1 to {len(own)}, none missing between them."
    if len(shown) < len(events):
        yield f"LEFT OUT: {len(events) - len(shown)} events of the case; their hashes stand for them, and verify."
    yield from check_documents(pack, shown)
    yield "NOT SHOWN by a pack: whether the case goes on after its last event here, also by this checkpoint; what other streams hold of it."
    yield "story.pdf, letters and README.txt are for reading: the manifest speaks for them, and no signature."


def for_whom(manifest: dict[str, Any]) -> str:
    readers = " and ".join(f"{one['person']} as {one['role']}" for one in manifest["readers"])
    return f"as far as it may be seen by {readers}" if readers else "whole"


def check_members(pack: Pack, manifest: dict[str, Any]) -> None:
    listed = [one["name"] for one in manifest["members"]]
    if len(set(pack.names)) != len(pack.names) or len(set(listed)) != len(listed):
        raise Wrong("a member is there twice")
    if more := set(pack.names) - set(listed) - {"manifest.json"}:
        raise Wrong(f"{min(more)} is not in the manifest")
    for one in manifest["members"]:
        digest, size = hashlib.sha256(), 0
        for piece in pack.pieces(one["name"]):
            digest.update(piece)
            size += len(piece)
        if (digest.hexdigest(), size) != (one["sha256"], one["size"]):
            raise Wrong(f"{one['name']} is not as the manifest has it")


def check_checkpoint(pack: Pack, key: str | None, held: str | None) -> tuple[str, int, bytes, list[str]]:
    """Log, size and root of the checkpoint that is trusted, and what to say of it."""
    trusted = pack.read("key.txt").decode() if key is None else key
    name, size, root = opened(pack.read("checkpoint.txt").decode(), trusted)
    whose = "the key that you gave" if key is not None else "the key WITHIN THE PACK; give the one you know by --key"
    said = [f"The checkpoint of {size:,} events of {name} is signed by {whose}.", f"That key is {trusted.strip()}"]
    if held is not None:
        same = [note for note in checkpoints_in(held) if note.split("\n")[1:2] == [str(size)]]
        if not same:
            raise Wrong(f"the file given has no checkpoint of {size:,} events: ask for a pack of the one that you hold")
        if any(opened(note, trusted)[2] != root for note in same):
            raise Wrong("the checkpoint that you hold says something else than the one within the pack")
        said.append("The checkpoint that you hold says the same.")
    return name, size, root, said


def check_events(events: list[dict[str, Any]], case: str) -> dict[int, bytes]:
    """The hash of each event's leaf, by its place in the tree."""
    found: dict[int, bytes] = {}
    version, before = 0, -1
    for one in events:
        if one["index"] <= before:
            raise Wrong(f"event {one['index']} is not in its place")
        before = one["index"]
        if one["stream"] == case:
            version += 1
            if one["version"] != version:
                raise Wrong(f"version {version} of the case is missing, or not in its place")
        elif "stored" not in one:
            raise Wrong(f"event {before} is left out, and not of the case itself")
        found[before] = leaf_hash(one) if "stored" in one else unpacked(one["hash"])
        if "stored" in one and (json.loads(one["stored"]) != one["event"] or one["event"]["name"] != one["name"]):
            raise Wrong(f"what is to be read of event {one['index']} is not what is stored of it")
    if not version:
        raise Wrong(f"no event of {case} is here")
    return found


def check_documents(pack: Pack, events: list[dict[str, Any]]) -> Iterator[str]:
    """Check that each document is the one that an event names, and that each that is named is here or said to be left out."""
    named = [one for event in events for one, _ in objects(event["event"]["data"])]
    texts = {one["id"]: one["digest"] for one in named if is_text(one)}
    files = {one["sha256"]: one["size"] for one in named if is_file(one)}
    listed = pack.json("documents.json")
    for kind, said in (("texts", texts), ("files", files)):
        here = [one["id"] for one in listed[kind]]
        if len(set(here)) != len(here) or set(here) != set(said):
            raise Wrong(f"the {kind} listed are not those that the events name")
        given = [one for one in listed[kind] if "member" in one]
        for one in given:
            digest, size = hashlib.sha256(unpacked(one.get("salt", ""))), 0
            for piece in pack.pieces(one["member"]):
                digest.update(piece)
                size += len(piece)
            right = said[one["id"]] == (digest.hexdigest() if kind == "texts" else size)
            if not right or (kind == "files" and digest.hexdigest() != one["id"]):
                raise Wrong(f"{one['member']} is not what an event names")
        yield f"{len(given)} {kind} are those that the events name."
        for why in sorted({one["left_out"] for one in listed[kind] if "member" not in one}):
            count = sum(one.get("left_out") == why for one in listed[kind])
            yield f"LEFT OUT: {count} {kind} ({why}); the events hold their hashes."
    if "letters_left_out" in listed:
        yield f"LEFT OUT, by its own word: {listed['letters_left_out']}."


def objects(value: Any, where: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Every object within JSON, at whatever depth, and where it stands: by the names of fields, and by criteria."""
    if isinstance(value, dict):
        yield value, where
        about = f" on {value['criterion']}" if "criterion" in value else ""
        for key, one in value.items():
            yield from objects(one, f"{where}, {key.replace('_', ' ')}{about}")
    elif isinstance(value, list):
        for one in value:
            yield from objects(one, where)


def is_text(one: dict[str, Any]) -> bool:
    """Whether an object within an event stands for a text: its id, and the SHA-256 of its salt and its words."""
    return set(one) == {"id", "digest"} and str(one["id"]).startswith("text-")


def is_file(one: dict[str, Any]) -> bool:
    """Whether an object within an event stands for a file."""
    return {"sha256", "media_type", "size"} <= set(one)


def say(line: str) -> None:
    """Print a line, of which a pack can make neither two nor anything else on the screen."""
    print("".join(one if " " <= one <= "~" else "?" for one in line))


def main(arguments: list[str]) -> int:
    """Check, print, and return 0 where all is true, 1 where it is not, 2 where it was asked for something else."""
    asked: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        one = rest.pop(0)
        name = one if one in ("--key", "--checkpoint") else "" if not one.startswith("-") else None
        if name is None or name in asked or (name and not rest):
            print(__doc__)
            return 2
        asked[name] = rest.pop(0) if name else one
    try:
        held = Path(asked["--checkpoint"]).read_text(encoding="utf-8") if "--checkpoint" in asked else None
        for line in check(Pack(Path(asked.get("", Path(__file__).parent))), asked.get("--key"), held):
            say(line)
    except Wrong as problem:
        say(f"FALSE: {problem}.")
        return 1
    except (OSError, zipfile.BadZipFile) as problem:
        say(f"FALSE: it can't be read ({problem}).")
        return 1
    except Exception as problem:  # noqa: BLE001 - what was made to break this program is no pack
        say(f"FALSE: it has not the form of a pack ({type(problem).__name__}: {problem}).")
        return 1
    say("TRUE: all of this holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
