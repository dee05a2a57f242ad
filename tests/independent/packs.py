"""A checker of its own for audit packs: written from docs/verifying.md alone, sharing nothing with what makes or checks them.

What is not right is a `Wrong` with the reason.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.independent.checking import Wrong, hashed, leaf_of, opened, root_of_parts


def check_pack(content: bytes, key: str) -> None:
    """Raise Wrong unless all in a pack is what the checkpoint seals that this key signed."""
    try:
        held = unpacked(content)
        manifest = json.loads(held["manifest.json"])
        listed(held, manifest)
        if held["key.txt"].decode().strip() != key:
            raise Wrong("the key within is another")
        _, size, root, _ = opened(held["checkpoint.txt"].decode(), key)
        told = [json.loads(line) for line in held["events.jsonl"].splitlines()]
        proven(told, json.loads(held["proof.json"]), size, root)
        in_order(told, manifest["case"])
        documented(held, told, json.loads(held["documents.json"]))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError, zipfile.BadZipFile) as fault:
        raise Wrong(f"it has not the form of a pack: {fault!r}") from fault


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        names = pack.namelist()
        if len(names) != len(set(names)):
            raise Wrong("a member is there twice")
        return {name: pack.read(name) for name in names if not name.endswith("/")}


def listed(held: dict[str, bytes], manifest: Any) -> None:
    """Every member but the manifest is listed there, with its size and hash, and is there."""
    if manifest["format"] != "assay-audit-pack/1":
        raise Wrong("it is of another form")
    said = {one["name"]: (one["size"], one["sha256"]) for one in manifest["members"]}
    found = {name: (len(one), hashlib.sha256(one).hexdigest()) for name, one in held.items() if name != "manifest.json"}
    if said != found or len(said) != len(manifest["members"]):
        raise Wrong("the manifest lists something else")


def proven(told: list[Any], proof: Any, size: int, root: bytes) -> None:
    """The leaves of the events, with the hashes of the proof, lead to the checkpoint's root."""
    if not told or proof["size"] != size:
        raise Wrong("the proof is of something else")
    places = [one["index"] for one in told]
    if places != sorted(set(places)):
        raise Wrong("events are not in their order")
    parts = [(one["from"], one["to"], base64.b64decode(one["hash"])) for one in proof["others"]]
    parts += [(one["index"], one["index"] + 1, leaf(one)) for one in told]
    if root_of_parts(size, parts) != root:
        raise Wrong("they do not lead to the root")


def leaf(one: Any) -> bytes:
    """The hash of an event's leaf; of one that is left out, the hash that stands for it."""
    if "stored" not in one:
        if set(one) != {"index", "stream", "version", "hash"}:
            raise Wrong("more is said of an event than a hash can stand for")
        return base64.b64decode(one["hash"])
    if one["event"] != json.loads(one["stored"]) or one["event"]["name"] != one["name"]:
        raise Wrong("what is read of an event is not what is stored")
    at = datetime.fromisoformat(one["recorded_at"])
    return hashed(leaf_of(one["position"], one["stream"], one["version"], one["name"], at, one["stored"].encode()))


def in_order(told: list[Any], case: str) -> None:
    """The case's versions are 1, 2, 3 …, in the order of the log."""
    versions = [one["version"] for one in told if one["stream"] == case]
    if versions != list(range(1, len(versions) + 1)) or not versions:
        raise Wrong("versions of the case are missing")


def documented(held: dict[str, bytes], told: list[Any], documents: Any) -> None:
    """Each text and file that events name is there with its digest, or is said to be left out; nothing else is."""
    named = [one for event in told if "event" in event for one in objects(event["event"]["data"])]
    texts = {one["id"]: one["digest"] for one in named if set(one) == {"id", "digest"}}
    files = {one["sha256"] for one in named if "sha256" in one}
    for folder, known, listed in (("texts/", set(texts), documents["texts"]), ("files/", files, documents["files"])):
        here = sorted(name for name in held if name.startswith(folder))
        there = [one for one in listed if not one.get("left_out")]
        if here != sorted({one["member"] for one in there}) or {one["id"] for one in listed} != known:
            raise Wrong(f"of {folder} others are there, or said to be, than events name")
        for one in there:
            salt, expected = (base64.b64decode(one["salt"]), texts[one["id"]]) if "salt" in one else (b"", one["id"])
            if hashlib.sha256(salt + held[one["member"]]).hexdigest() != expected:
                raise Wrong(f"{one['id']} is not what an event names")


def objects(said: Any) -> Iterator[dict[str, Any]]:
    """Every object in what an event says."""
    if isinstance(said, dict):
        yield said
    for inner in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from objects(inner)
