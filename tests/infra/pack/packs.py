"""Packs of one decided and contested case on a record that was sealed; how their own program sees them, and how they are changed."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.api.caller import Api
from infra.bootstrap import App
from infra.identity.known import NotKnown
from infra.pack.contents import Contents, contents_of
from infra.pack.writing import write_pack
from infra.replay.looks import Eyes


def nobody(_token: str, _at: datetime) -> Any:
    raise NotKnown("nobody signs in here")


@dataclass(frozen=True, slots=True)
class Ran:
    """How the program ended, and what it said."""

    code: int
    said: str


def contents(app: App, case: str, eyes: Eyes | None = None, size: int | None = None) -> Contents:
    return contents_of(Api(app=app, identify=nobody), case, size=size, eyes=eyes)


def packed(app: App, case: str, eyes: Eyes | None = None, size: int | None = None) -> bytes:
    """The pack of a case."""
    return written(app, contents(app, case, eyes, size))


def written(app: App, held: Contents) -> bytes:
    file = io.BytesIO()
    write_pack(app, held, file)
    return file.getvalue()


def members(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as held:
        return {name: held.read(name) for name in held.namelist()}


def events(pack: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members(pack)["events.jsonl"].split(b"\n") if line]


def rebuilt(held: Mapping[str, bytes], *, manifest: bool = True) -> bytes:
    """A pack of these members; with a `manifest` that says so, as whoever changes one would make it."""
    said = json.loads(held["manifest.json"])
    names = [name for name in held if name != "manifest.json"]
    if manifest:
        said["members"] = [
            {"name": one, "size": len(held[one]), "sha256": sha256(held[one]).hexdigest()} for one in names
        ]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for one in names:
            made.writestr(one, held[one])
        made.writestr("manifest.json", json.dumps(said))
    return file.getvalue()


def with_member(pack: bytes, name: str, change: Callable[[bytes], bytes], *, manifest: bool = True) -> bytes:
    """The pack with a member that was changed."""
    held = members(pack)
    return rebuilt({**held, name: change(held[name])}, manifest=manifest)


def with_json(pack: bytes, name: str, change: Callable[[Any], None]) -> bytes:
    """The pack with a member of JSON that was changed in place."""

    def changed(content: bytes) -> bytes:
        said = json.loads(content)
        change(said)
        return json.dumps(said).encode()

    return with_member(pack, name, changed)


def with_events(pack: bytes, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """The pack with events that were changed in place."""

    def changed(content: bytes) -> bytes:
        said = [json.loads(line) for line in content.split(b"\n") if line]
        change(said)
        return "".join(f"{json.dumps(one)}\n" for one in said).encode()

    return with_member(pack, "events.jsonl", changed)


def run(pack: bytes, folder: Path, *arguments: str) -> Ran:
    """Run the pack's own program on it, by Python alone: no environment, no packages, no module of the product."""
    folder.mkdir(exist_ok=True)
    (folder / "verify.py").write_bytes(members(pack)["verify.py"])
    (folder / "pack.zip").write_bytes(pack)
    return python("verify.py", "pack.zip", *arguments, folder=folder)


def python(*arguments: str, folder: Path) -> Ran:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", *arguments],
        cwd=folder, env={}, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr, ran.stderr
    assert ran.stderr == ""
    return Ran(ran.returncode, ran.stdout)
