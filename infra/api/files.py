"""Files of a case: listed, and given out as attachments, by range too, to who may see the portfolio.

What a provider uploaded and did not hand in only the provider sees. Who looks is written down first, see `looks.py`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from domain.relations import OWN
from domain.submission.files import StoredFile, handed_in
from infra.api import ranges
from infra.api.caller import Api
from infra.api.cases import VARY, Known, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.looks import look
from infra.api.positions import END_OF_LOG
from infra.api.problems import MEDIA_TYPE, PROBLEMS, answer, not_found, problem_of, refused
from infra.api.seeing import Sight
from infra.files.errors import FileDamaged
from infra.files.kept import KeptFiles

SEEN: Final = "see-portfolio"
UNTYPED: Final = "application/octet-stream"
"""What a file is declared as of which nothing is said."""
SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Accept-Ranges": "bytes",
    **VARY,
}
ENDINGS: Final = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "image/png": "png",
    "image/jpeg": "jpg",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
ANY_TYPE: Final = {UNTYPED: BINARY, "*/*": BINARY}
"""The contents of an answer that has the type of what it gives; the first is for clients that know no other."""

log = structlog.get_logger()
Id = Annotated[str, Path(min_length=1, max_length=60, description="The id of a submission.")]
Digest = Annotated[str, Path(max_length=64, description="The SHA-256 of a file, as hex digits in lower case.")]


class KeptFile(BaseModel):
    """A file that is kept for a submission."""

    case: str
    sha256: str
    size: int
    media_type: str
    by: str
    at: datetime
    handed_in: bool


class CaseFiles(BaseModel):
    """The files of a submission that the caller may see, the oldest first."""

    id: str
    items: list[KeptFile]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the headers of a request ask of a file."""

    part: Annotated[
        str | None, Header(alias="Range", max_length=200, description="One range of bytes: `bytes=0-1023`.")
    ] = None
    unchanged: Annotated[
        str | None, Header(alias="If-Range", max_length=200, description="The `ETag` of the file that the range is of.")
    ] = None
    known: Known = None


def router(api: Api) -> APIRouter:
    """The routes by which files are read."""
    routes = APIRouter(tags=["cases"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/cases/{id}/files",
        operation_id="list_files",
        summary="The files of a submission",
        description="The files of a submission, the oldest first. What was uploaded and not handed in only its provider sees.",
        openapi_extra={ACTION: SEEN},
    )
    def list_files(id: Id, caller: Asking) -> CaseFiles:
        sight = seen(api, caller, id, SEEN, ("submission",))
        look(api, caller, id, SEEN)
        return CaseFiles(id=id, items=[described(one, given) for one, given in _visible(api, sight, id)])

    def download(
        request: Request, id: Id, sha256: Digest, caller: Asking, asked: Annotated[Asked, Depends()]
    ) -> Response:
        sight = seen(api, caller, id, SEEN, ("submission",))
        file = next((one for one, _ in _visible(api, sight, id) if one.sha256 == sha256), None)
        if file is None:
            raise not_found("file", "sha256")
        look(api, caller, id, SEEN)
        return _given(api, request, file, asked)

    routes.add_api_route(
        "/cases/{id}/files/{sha256}",
        download,
        methods=["GET"],
        operation_id="get_file",
        summary="The bytes of a file, all or a range of them",
        description="The bytes of a file, all or a range of them, as an attachment. Of all of them it is made sure that they"
        " are those that were uploaded: the connection breaks off before the last where they are not.",
        openapi_extra={ACTION: SEEN},
        response_class=Response,
        responses={
            200: {"description": "All of it, as the type that it was uploaded as.", "content": ANY_TYPE},
            206: {"description": "The bytes asked for.", "content": ANY_TYPE},
            304: {"description": "It is as the caller has it."},
            416: {
                "description": "The file has none of the bytes asked for.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    )
    routes.add_api_route(
        "/cases/{id}/files/{sha256}",
        download,
        methods=["HEAD"],
        openapi_extra={ACTION: SEEN},
        include_in_schema=False,
        response_class=Response,
    )
    return routes


def _visible(api: Api, sight: Sight, id: str) -> list[tuple[StoredFile, bool]]:
    """The files that the caller may see, each with whether it was handed in."""
    given = handed_in([one.event for one in sight.stream(id).entries])
    stored = api.app.office.files.of_case(id)
    own = OWN in sight.relations(id)
    return [(one, one.sha256 in given) for one in stored if own or one.sha256 in given]


def files_of(api: Api) -> KeptFiles:
    """Where files are kept; refuses where none are."""
    if api.app.files is None:
        raise refused("files-out-of-reach", "no files are kept here", allowed="the same request in a while")
    return api.app.files


def described(file: StoredFile, given: bool) -> KeptFile:
    """A file as the API tells of it; `given` is whether it was handed in."""
    return KeptFile(
        case=file.case, sha256=file.sha256, size=file.size, media_type=file.media_type, by=file.by, at=file.at,
        handed_in=given,
    )  # fmt: skip


def _given(api: Api, request: Request, file: StoredFile, asked: Asked) -> Response:
    """The file, or the range of it, with headers that let no browser run it."""
    tag = f'"{file.sha256}"'
    headers = {**SAFE, "ETag": tag}
    if asked.known and ("*" in asked.known or tag in asked.known):
        return Response(status_code=304, headers=headers)
    name = f"{file.sha256[:16]}.{ENDINGS.get(file.media_type, 'bin')}"
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    try:
        span = ranges.asked(asked.part if asked.unchanged in {None, tag} else None, file.size)
    except ranges.NotSatisfiable:
        refusal = refused("file-range", "the file ends before", field="Range", allowed=f"bytes 0 to {file.size - 1}")
        return answer(request, problem_of(refusal, 416), {**headers, "Content-Range": f"bytes */{file.size}"})
    start, stop = span or (0, file.size)
    headers["Content-Length"] = str(stop - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    kept, status = files_of(api), 206 if span else 200
    _require_there(kept, file)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    pieces = kept.objects.read(file.sha256, start, stop)
    body = pieces if span else _checked(kept, file, pieces)
    return StreamingResponse(body, status, headers, media_type=file.media_type)


def _require_there(kept: KeptFiles, file: StoredFile) -> None:
    """Make sure that there is a file of this size, before anything is answered."""
    size = kept.objects.size(file.sha256)
    if size != file.size:
        fault = "it is missing" if size is None else f"it has {size:,} bytes, not {file.size:,}"
        kept.note_fault(file.sha256, fault)
        raise FileDamaged(fault)


def _checked(kept: KeptFiles, file: StoredFile, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the last one only once all are known to be those that were uploaded."""
    digest, held = hashlib.sha256(), b""
    for piece in pieces:
        if held:
            yield held
        digest.update(piece)
        held = piece
    if digest.hexdigest() != file.sha256:
        kept.note_fault(file.sha256, "its bytes are others than were uploaded")
        raise FileDamaged(file.sha256)
    yield held
