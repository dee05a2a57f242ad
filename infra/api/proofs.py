"""Checkpoints, for everybody; and proofs that a case's events are in the record that one seals, for who may see the case.

A proof shows hashes alone: it tells nobody anything that they don't know already.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from infra.api.caller import Api
from infra.api.cases import Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.looks import LAST
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.seeing import Sight
from infra.seals.proofs import case_proof, continued
from infra.seals.shelf import Seal, Shelf

CHECKPOINTS: Final = "see-checkpoints"
PROOFS: Final = "see-proofs"


class SealedRecord(BaseModel):
    """A checkpoint: so many events and `kept` digests of what is beside them, signed by the key `signer`; `note` says it."""

    size: int
    kept: int
    signer: str
    note: str
    made_at: datetime


class Checkpoints(BaseModel):
    """Checkpoints, the latest first; `next` is the cursor of those before, null where there are none."""

    items: list[SealedRecord]
    next: int | None


class ProvenEvent(BaseModel):
    """An event of a case, by its version and position: which leaf of the tree it is, its hash, and the path to the root."""

    version: int
    position: int
    index: int
    leaf_hash: str
    path: list[str]


class CaseProven(BaseModel):
    """The events of a case that a checkpoint seals, and how many of its events it does not seal yet."""

    id: str
    checkpoint: SealedRecord | None
    proven: list[ProvenEvent]
    unsealed: int


class Continued(BaseModel):
    """The path by which one checkpoint's tree continues another's."""

    before: int
    after: int
    path: list[str]


def router(api: Api) -> APIRouter:
    """The routes of checkpoints and proofs."""
    routes = APIRouter(responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/checkpoints",
        operation_id="list_checkpoints",
        summary="Checkpoints of the record, the latest first",
        tags=["checkpoints"],
        openapi_extra={ACTION: CHECKPOINTS},
    )
    def checkpoints(
        caller: Asking,
        cursor: Annotated[int | None, Query(ge=1, le=LAST, description="The `next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=api.limits.page)] = 50,
    ) -> Checkpoints:
        Sight(api, caller).require(CHECKPOINTS)
        with api.app.records.datastore.get_connection() as connection:
            found = Shelf(connection).latest(limit + 1, before=cursor)
        more = len(found) > limit
        return Checkpoints(
            items=[_sealed(one) for one in found[:limit]], next=found[limit - 1].number if more else None
        )

    @routes.get(
        "/checkpoints/latest",
        operation_id="get_checkpoint",
        summary="The latest checkpoint, as the signed note that it is",
        tags=["checkpoints"],
        openapi_extra={ACTION: CHECKPOINTS},
        response_class=Response,
        responses={200: {"description": "A signed note.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def latest(caller: Asking) -> Response:
        Sight(api, caller).require(CHECKPOINTS)
        with api.app.records.datastore.get_connection() as connection:
            last = Shelf(connection).last()
        if last is None:
            raise not_found("checkpoint", "latest")
        return Response(last.note, media_type="text/plain; charset=utf-8")

    @routes.get(
        "/proofs/consistency",
        operation_id="prove_consistency",
        summary="That what a checkpoint sealed is the beginning of what a later one did",
        tags=["checkpoints"],
        openapi_extra={ACTION: CHECKPOINTS},
    )
    def consistent(
        caller: Asking,
        before: Annotated[int, Query(ge=0, le=LAST, description="How many leaves the earlier checkpoint has.")],
        after: Annotated[int, Query(ge=0, le=LAST, description="How many leaves the later checkpoint has.")],
        tree: Annotated[
            Literal["events", "kept"], Query(description="The events, or the digests of what is kept beside them.")
        ] = "events",
    ) -> Continued:
        Sight(api, caller).require(CHECKPOINTS)
        with api.app.records.datastore.get_connection() as connection:
            path = continued(connection, tree, before, after)
        return Continued(before=before, after=after, path=_said(path))

    @routes.get(
        "/cases/{id}/proof",
        operation_id="prove_case",
        summary="That the events of a case are in the record that the latest checkpoint seals",
        tags=["cases"],
        openapi_extra={ACTION: PROOFS},
    )
    def proof(id: Id, caller: Asking) -> CaseProven:
        seen(api, caller, id, PROOFS)
        with api.app.records.datastore.get_connection() as connection:
            found = case_proof(connection, id)
        events = [
            ProvenEvent(
                version=one.leaf.place.version,
                position=one.leaf.place.position,
                index=one.leaf.index,
                leaf_hash=_said([one.leaf.hash])[0],
                path=_said(one.path),
            )
            for one in found.events
        ]
        seal = _sealed(found.seal) if found.seal else None
        return CaseProven(id=id, checkpoint=seal, proven=events, unsealed=found.unsealed)

    return routes


def _sealed(seal: Seal) -> SealedRecord:
    return SealedRecord(size=seal.size, kept=seal.kept, signer=seal.signer, note=seal.note, made_at=seal.made_at)


def _said(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]
