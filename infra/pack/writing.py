"""The pack as one ZIP, the same bytes for the same contents: nothing is compressed, nothing is dated, all is in one order."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from domain.submission.files import StoredFile
from infra.api.files import ENDINGS
from infra.bootstrap import App
from infra.files.errors import FileDamaged
from infra.pack.contents import Contents, Line
from infra.pack.documents import File, Text
from infra.pack.story import story_of
from infra.pack.verify import FORMAT

VERIFIER: Final = Path(__file__).with_name("verify.py")
README: Final = Path(__file__).with_name("README.txt")
DATED: Final = (1980, 1, 1, 0, 0, 0)
"""What a ZIP can't leave out: the earliest date that it can say."""
Progress = Callable[[int, int], None]


def write_pack(app: App, held: Contents, file: IO[bytes], progress: Progress = lambda *_: None) -> None:
    """Write the pack of a case to `file`, in which can be sought; `progress` is told how many bytes of files are in it.

    Raises FileDamaged where a file is not what its SHA-256 says, and FilesOutOfReach.
    """
    files = [one.kept for one in held.files if one.kept]
    done, total = 0, sum(one.size for one in files)
    members: list[dict[str, Any]] = []
    progress(done, total)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for name, content in _members(app, held):
            members.append(_add(made, name, [content]))
        for one in files:
            members.append(_add(made, _name_of(one), _bytes_of(app, one)))
            done += one.size
            progress(done, total)
        _add(made, "manifest.json", [_json(_manifest(held, members))])


def _add(made: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Add a member; returns its row of the manifest."""
    about = zipfile.ZipInfo(name, DATED)
    about.create_system, about.external_attr = 3, 0o644 << 16  # as on any machine
    digest, size = hashlib.sha256(), 0
    with made.open(about, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"name": name, "size": size, "sha256": digest.hexdigest()}


def _members(app: App, held: Contents) -> Iterator[tuple[str, bytes]]:
    """All but the files and the manifest, in their order."""
    seal = held.seal
    yield "README.txt", _readme(held).encode()
    yield "verify.py", VERIFIER.read_bytes()
    yield "story.pdf", story_of(app, held)
    yield "checkpoint.txt", seal.note.encode()
    yield "key.txt", f"{seal.signer}\n".encode()
    yield "events.jsonl", b"".join(_line(one) for one in held.lines)
    others = [{"from": begin, "to": end, "hash": _base64(one)} for (begin, end), one in sorted(held.others.items())]
    yield "proof.json", _json({"size": seal.size, "others": others})
    documents: dict[str, Any] = {"texts": list(map(_text, held.texts)), "files": list(map(_file, held.files))}
    if held.letters_left_out:
        documents["letters_left_out"] = held.letters_left_out
    yield "documents.json", _json(documents)
    yield from ((f"texts/{one.id}.txt", one.body.encode()) for one in held.texts if one.left_out is None)
    yield from ((f"letters/{one.id}.txt", one.words.encode()) for one in held.letters)


def _line(one: Line) -> bytes:
    """An event on a line: as it is stored, and the same as JSON to be read; or its hash alone."""
    if one.event is None:
        place = one.leaf.place
        said: dict[str, Any] = {"index": one.leaf.index, "stream": place.stream, "version": place.version}
        return _json({**said, "hash": _base64(one.leaf.hash)}, indent=None)
    event = one.event
    stored = event.state.decode()
    return _json(
        {
            "index": one.leaf.index,
            "position": event.position,
            "stream": event.stream,
            "version": event.version,
            "name": event.name,
            "recorded_at": f"{event.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ}",
            "event": json.loads(stored),
            "stored": stored,
        },
        indent=None,
    )


def _text(one: Text) -> dict[str, str]:
    if one.left_out:
        return {"id": one.id, "where": one.where, "left_out": one.left_out}
    return {"id": one.id, "where": one.where, "member": f"texts/{one.id}.txt", "salt": _base64(one.salt)}


def _file(one: File) -> dict[str, str]:
    if one.kept is None:
        return {"id": one.sha256, "where": one.where, "left_out": one.left_out or ""}
    return {"id": one.sha256, "where": one.where, "member": _name_of(one.kept)}


def _name_of(one: StoredFile) -> str:
    return f"files/{one.sha256}.{ENDINGS.get(one.media_type, 'bin')}"


def _bytes_of(app: App, one: StoredFile) -> Iterator[bytes]:
    """The bytes of a file, the last ones only once all are known to be those that were uploaded."""
    if app.files is None or app.files.objects.size(one.sha256) != one.size:
        raise FileDamaged(one.sha256)
    digest = hashlib.sha256()
    for piece in app.files.objects.read(one.sha256, 0, one.size):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != one.sha256:
        app.files.note_fault(one.sha256, "its bytes are others than were uploaded")
        raise FileDamaged(one.sha256)


def _manifest(held: Contents, members: Iterable[dict[str, Any]]) -> dict[str, Any]:
    readers = [{"person": person, "role": role} for person, role in held.readers]
    return {"format": FORMAT, "case": held.case, "readers": readers, "members": list(members)}


def _readme(held: Contents) -> str:
    readers = " and ".join(f"{person} as {role}" for person, role in held.readers)
    return README.read_text(encoding="utf-8").format(
        case=held.case,
        whom=f"as far as {readers} may see it" if readers else "whole",
        origin=held.seal.checkpoint.origin,
        size=f"{held.seal.size:,}",
        name=held.seal.signer.partition("+")[0],
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _json(value: Any, *, indent: int | None = 1) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode() + b"\n"
