"""One way to say no: every error is a problem (RFC 9457) with the rule, the field and what is allowed; 5xx say when to come back."""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from eventsourcing.persistence import ProgrammingError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg.errors import UndefinedTable
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from domain.refusals import Refused
from infra.files.errors import FileDamaged, FilesOutOfReach, StorageFull
from infra.identity.known import NotKnown
from infra.logs import frames
from infra.store.errors import RecordUnavailable

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "/problems/"
"""Begins the `type` of every problem; the rule's name in the handbook follows."""
SOON: Final = "2"
"""Seconds after which what is out of reach for a moment is tried again."""
LATER: Final = "30"
"""The same for what is out of reach for longer."""
FORBIDDEN: Final = frozenset({
    "account-closed", "acting-role", "authority-per-scheme", "conflict-of-interest", "not-for-oneself", "own-provider",
    "process-only", "program-notes-only", "not-permitted", "token-scope", "works-for-the-body",
})  # fmt: skip
"""Rules on who may; all others are about what is asked, or what it is asked of."""
MATTERS: Final = frozenset({
    "appeal", "at", "audit", "case", "complaint", "fees", "learning", "meeting", "policy", "proposal", "risk", "session", "stage", "submission",
})  # fmt: skip
"""What a refusal is about where the request is as it should be, and what is on record is not there yet, or no longer."""
STATUSES: Final[Mapping[str, int]] = {
    "sign-in": 401,
    "known-role": 422,
    "known-checkpoint": 422,
    "known-policy": 409,
    "list-filter": 422,
    "not-found": 404,
    "badge-of-award": 404,
    "version-meanwhile": 412,
    "body-late": 408,
    "body-size": 413,
    "rate-limit": 429,
    "too-busy": 503,
    "not-caught-up": 503,
    "identity-out-of-reach": 503,
    "files-out-of-reach": 503,
    "file-damaged": 500,
    "storage-full": 507,
}

PLAIN: Final = {
    "extra_forbidden": "there is no such field here",
    "missing": "this is missing",
    "tuple_type": "this is to be a list",
    "is_instance_of": "this is to be a list, or an object",
    "dict_type": "this is to be an object",
    "model_attributes_type": "this is to be an object",
    "model_type": "this is to be an object",
    "dataclass_type": "this is to be an object",
}
"""What the library that reads bodies would say in the words of its own language, in those of JSON."""
UNROUTED: Final = {
    404: ("not-found", "there is nothing at this address"),
    405: ("method", "this address is not asked by this method"),
}
"""What no route takes: by its status, the rule and the reason."""

log = structlog.get_logger()


class Fault(BaseModel):
    """What is wrong with one field."""

    field: str
    reason: str


class Problem(BaseModel):
    """Why a request was not carried out; nothing was written, but that an attempt against a rule may be noted."""

    type: str
    """The rule: `/problems/` and its name in the handbook. Stable."""
    title: str
    status: int
    detail: str
    field: str | None = None
    allowed: str | None = None
    errors: list[Fault] | None = None
    request: str | None = None


class RefusedFields(Exception):
    """A refusal with what is wrong with each of several fields."""

    def __init__(self, refusal: Refused, faults: list[Fault]) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.faults = faults


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, text in {
        400: "The request can't be read.",
        401: "Nobody is signed in, or the token is not accepted.",
        403: "A rule keeps the caller from it.",
        404: "There is no such thing, or none that the caller may see.",
        408: "The body did not come in time.",
        409: "It does not go with what is on record.",
        412: "It was changed meanwhile.",
        413: "The body is too large.",
        422: "A field is not as it must be.",
        429: "Too many requests; `Retry-After` says when.",
        503: "Out of reach for a moment; `Retry-After` says when.",
        507: "There is no room for a file.",
    }.items()
}
"""What any route may answer beside what it documents itself."""


def refused(rule: str, reason: str, *, field: str | None = None, allowed: str | None = None) -> Refused:
    """A refusal by the API itself; raise it."""
    return Refused(rule=rule, reason=reason, field=field, allowed=allowed)


def not_found(kind: str = "thing", field: str | None = None) -> Refused:
    """The one answer for what there is not and for what the caller may not see."""
    article = "an" if kind[0] in "aeiou" else "a"
    return refused(
        "not-found", f"there is no such {kind}", field=field, allowed=f"the id of {article} {kind} on record"
    )


def status_of(refusal: Refused, path: Mapping[str, Any]) -> int:
    """The status of a refusal: by its rule; else 422 where it is about a field of the body, 409 where about the case."""
    if refusal.rule in STATUSES:
        return STATUSES[refusal.rule]
    if refusal.rule in FORBIDDEN or refusal.field in {"role", "actor"}:
        return 403
    if refusal.rule.startswith("known-"):
        return 404 if refusal.field is None or refusal.field in MATTERS or refusal.field in path or not path else 422
    return 409 if refusal.field is None or refusal.field in MATTERS or refusal.field in path else 422


def answer(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The problem as the answer to this request."""
    problem.request = getattr(request.state, "request", None)
    return JSONResponse(
        problem.model_dump(exclude_none=True), problem.status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def problem_of(refusal: Refused, status: int) -> Problem:
    """A refusal as a problem."""
    return Problem(
        type=TYPES + refusal.rule,
        title=refusal.rule.replace("-", " "),
        status=status,
        detail=refusal.reason,
        field=refusal.field,
        allowed=refusal.allowed,
    )


def handle(app: FastAPI) -> None:
    """Have the application answer everything that goes wrong with a problem."""

    @app.exception_handler(Refused)
    def _refused(request: Request, refusal: Refused) -> JSONResponse:
        status = status_of(refusal, request.path_params)
        headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": SOON}, 429: {"Retry-After": SOON}}
        return answer(request, problem_of(refusal, status), headers.get(status))

    @app.exception_handler(RefusedFields)
    def _refused_fields(request: Request, several: RefusedFields) -> JSONResponse:
        problem = problem_of(several.refusal, status_of(several.refusal, request.path_params))
        problem.errors = several.faults
        return answer(request, problem)

    @app.exception_handler(NotKnown)
    def _not_known(request: Request, unknown: NotKnown) -> JSONResponse:
        refusal = refused("sign-in", str(unknown), field="Authorization", allowed="a bearer token that is still good")
        return answer(request, problem_of(refusal, 401), {"WWW-Authenticate": 'Bearer error="invalid_token"'})

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, invalid: RequestValidationError) -> JSONResponse:
        malformed = any(one["type"] == "json_invalid" for one in invalid.errors())
        faults = [
            Fault(field="body", reason=f"this is no JSON from character {one['loc'][-1]} on")
            if one["type"] == "json_invalid"
            else Fault(field=_where(one["loc"]), reason=PLAIN.get(one["type"], one["msg"]))
            for one in invalid.errors()
        ]
        refusal = refused(
            "fields", "some fields are not as they must be" if len(faults) > 1 else faults[0].reason,
            field=faults[0].field, allowed="what the description of this route says (/api/v1/openapi.json)",
        )  # fmt: skip
        problem = problem_of(refusal, 400 if malformed else 422)
        problem.errors = faults
        return answer(request, problem)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        rule, why = UNROUTED.get(error.status_code, ("request", str(error.detail)))
        refusal = refused(rule, why, allowed="what /api/v1/openapi.json describes")
        return answer(request, problem_of(refusal, error.status_code), error.headers)

    @app.exception_handler(RecordUnavailable)
    @app.exception_handler(OperationalError)
    def _out_of_reach(request: Request, error: Exception) -> JSONResponse:
        log.warning("api.record_out_of_reach", error=type(error).__name__, request=request.state.request)
        refusal = refused("too-busy", "the record is out of reach for a moment", allowed="the same request again")
        return answer(request, problem_of(refusal, 503), {"Retry-After": SOON})

    @app.exception_handler(FilesOutOfReach)
    def _no_files(request: Request, problem: Exception) -> JSONResponse:
        log.warning("api.files_out_of_reach", problem=str(problem), request=request.state.request)
        refusal = refused(
            "files-out-of-reach", "files can't be kept or read for a while; nothing of it was kept",
            allowed="the same request again",
        )  # fmt: skip
        return answer(request, problem_of(refusal, 503), {"Retry-After": LATER})

    @app.exception_handler(StorageFull)
    def _full(request: Request, problem: Exception) -> JSONResponse:
        log.error("api.storage_full", problem=str(problem), request=request.state.request)
        refusal = refused(
            "storage-full", "there is no room for the file; nothing of it was kept",
            allowed="the same request once operations have made room",
        )  # fmt: skip
        return answer(request, problem_of(refusal, 507))

    @app.exception_handler(FileDamaged)
    def _damaged(request: Request, _: Exception) -> JSONResponse:
        refusal = refused(
            "file-damaged", "the file is not as it was uploaded any more; operations are shown that",
            allowed="the same request once operations have put it right",
        )  # fmt: skip
        return answer(request, problem_of(refusal, 500))

    @app.exception_handler(ProgrammingError)
    @app.exception_handler(UndefinedTable)
    def _not_built(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, UndefinedTable) and not isinstance(error.__cause__, UndefinedTable):
            raise error
        refusal = refused("not-caught-up", "the read models are being built", allowed="the same request in a moment")
        return answer(request, problem_of(refusal, 503), {"Retry-After": SOON})

    @app.exception_handler(Exception)
    def _failed(request: Request, error: Exception) -> JSONResponse:
        """The log says which fault it is and where, with the request's id; not its words, which may hold what was typed."""
        log.error("api.failed", error=type(error).__name__, frames=frames(error), request=request.state.request)
        refusal = refused("fault", "something went wrong here", allowed="telling operations the id of this request")
        return answer(request, problem_of(refusal, 500))


def _where(path: tuple[int | str, ...]) -> str:
    """The field that a fault is in, as the caller wrote it: without whether it was in the body or the address."""
    return ".".join(str(one) for one in path[1:]) or str(path[0])
