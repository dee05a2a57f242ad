"""Files on their way in: the body is the file, taken in piece by piece for as long as bytes come, and kept whole or not at all."""

import asyncio
import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Final

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from domain.ids import is_id, kind_of
from domain.refusals import Refused
from domain.submission.files import StoredFile
from infra.api import gate, keys
from infra.api.caller import Api, Caller
from infra.api.catalogue import Entry
from infra.api.commands import KEY
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.files import BINARY, UNTYPED, Id, KeptFile, described, files_of
from infra.api.problems import PROBLEMS, not_found, refused
from infra.files.spool import Part
from services import files
from services.ports import Command, Incoming

UPLOAD: Final = Entry(service=files.upload_file, resource="cases", about="case")
BUFFER: Final = 512 * 1024
"""Bytes that are collected before they are written."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Come:
    """What came with a file: for which case and by whom, under which key, declared as what, and the SHA-256 it must have."""

    case: str
    caller: Caller
    key: str
    declared: str
    expected: str | None


class Places:
    """How many uploads there are at once, of all and of each caller; who finds no place comes again in a moment."""

    def __init__(self, api: Api) -> None:
        self._limits = api.limits
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """A place for this caller."""
        if self._taken[caller] >= self._limits.uploads_each or self._taken.total() >= self._limits.uploads:
            raise refused("too-busy", "too many files are coming in at once", allowed="the same request in a moment")
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1


def router(api: Api) -> APIRouter:
    """The route by which files come in."""
    routes, places = APIRouter(tags=["cases"], responses=PROBLEMS), Places(api)
    keeping = cache(partial(CapacityLimiter, api.limits.uploads))  # made when first needed, within a loop

    @routes.post(
        "/cases/{id}/files",
        status_code=201,
        operation_id="upload_file",
        summary="Upload a file for a submission: its bytes are the body",
        description="Upload a file for a submission to which evidence can still be handed in: its bytes, and nothing else,"
        " are the body. It may take as long as it takes, as long as bytes come. By a contact of the provider."
        " `Content-Type` may say what it is, and must then be true; the same bytes again are the same file.",
        openapi_extra={ACTION: UPLOAD.action, "requestBody": {"required": True, "content": {UNTYPED: BINARY}}},
        response_model=KeptFile,
    )
    async def upload_file(
        request: Request,
        id: Id,
        caller: Asking,
        key: Annotated[
            str, Header(alias=KEY, min_length=1, max_length=200, description="Repeats are known by it for 24 hours.")
        ],
        digest: Annotated[
            str | None,
            Header(
                alias="Content-Digest",
                max_length=500,
                description="The SHA-256 that the bytes must have (RFC 9530): `sha-256=:BASE64:`.",
            ),
        ] = None,
    ) -> KeptFile | Response:
        expected = _declared(digest)
        with places.taken(caller.actor):
            try:
                most, _ = await run_in_threadpool(_admit, api, caller, id)
                kept = files_of(api)
                with await run_in_threadpool(kept.spool.open) as part:
                    await _receive(api, request, part, most)
                    come = Come(case=id, caller=caller, key=key, declared=_type(request), expected=expected)
                    # With threads of its own: what the store and the scanner take nobody else waits for.
                    return await run_sync(_keep, api, come, part, limiter=keeping())
            except ClientDisconnect:
                log.info("files.cut_off")
                return Response(status_code=400)  # nobody is there to read it

    return routes


def _declared(header: str | None) -> str | None:
    """The SHA-256 that is declared, as hex; refuses what can't be read, so that nobody believes it was compared."""
    if header is None:
        return None
    found = re.search(r"(?:^|[\s,])sha-256=:([A-Za-z0-9+/=]{44}):", header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise refused("file-digest", "there is no SHA-256 in it", field="Content-Digest", allowed="sha-256=:BASE64:")
    return digest.hex()


def _admit(api: Api, caller: Caller, id: str) -> tuple[int, Any]:
    """Before any byte is taken: whether this caller may upload to this case now, and how much a file may have."""
    gate.admit(api, caller, UPLOAD, {"case": id})
    if not is_id(id, "submission"):
        raise not_found("submission", "id")
    return files.limits_of(api.app.office, id, at=caller.at)


async def _receive(api: Api, request: Request, part: Part, most: int) -> None:
    """Write what comes to the part, as long as something comes. Refuses more than `most` bytes, and to wait for ever."""
    declared = request.headers.get("content-length", "0")
    size = int(declared) if declared.isdigit() else 0
    _require_size(size, most)
    await run_in_threadpool(files_of(api).spool.require_room, size)
    collected = bytearray()
    async for piece in _pieces(request, api.limits.seconds):
        collected += piece
        _require_size(part.size + len(collected), most)
        if len(collected) >= BUFFER:
            await run_in_threadpool(part.write, bytes(collected))
            collected.clear()
    await run_in_threadpool(part.write, bytes(collected))


async def _pieces(request: Request, seconds: float) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                piece = await anext(stream, None)
        except TimeoutError:
            allowed = f"some bytes at least every {seconds:.0f} seconds"
            raise refused("body-late", "nothing more came", field="body", allowed=allowed) from None
        if piece is None:
            return
        yield piece


def _require_size(size: int, most: int) -> None:
    if size > most:
        raise refused("body-size", "the file is too large", field="body", allowed=f"at most {most:,} bytes")


def _type(request: Request) -> str:
    """What the body is declared as, without parameters."""
    return request.headers.get("content-type", UNTYPED).partition(";")[0].strip().lower()


def _keep(api: Api, come: Come, part: Part) -> KeptFile:
    """What came in, kept for the case, under the key."""
    incoming = part.finish()
    if come.expected not in {None, incoming.sha256}:
        raise refused(
            "file-digest", "the bytes that came in have another SHA-256", field="Content-Digest",
            allowed=f"the SHA-256 of the bytes that are sent; these have {incoming.sha256}",
        )  # fmt: skip
    said = f"{come.case} {incoming.sha256} {come.declared}".encode()
    taken = keys.claim(api, come.caller, come.key, route="/cases/{id}/files", body=said)
    if taken.answer is not None:
        return KeptFile.model_validate(taken.answer)
    done = described(_uploaded(api, come, taken.command, incoming), given=False)
    keys.keep(api, taken, done.model_dump(mode="json"))
    return done


def _uploaded(api: Api, come: Come, id: str, incoming: Incoming) -> StoredFile:
    """The file as it is kept, by the command of this id."""
    command = Command(id=id, actor=come.caller.actor, role=come.caller.role, at=api.now())
    kind = None if come.declared == UNTYPED else come.declared
    try:
        return files.upload_file(api.app.office, command, case=come.case, incoming=incoming, media_type=kind)
    except Refused as refusal:
        if refusal.rule == gate.CONFLICT:
            raise not_found(kind_of(come.case), "id") from None
        raise
