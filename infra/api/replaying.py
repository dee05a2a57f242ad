"""A case replayed, for who hears an appeal about it, sees to that, or administers it: as it was, and as somebody saw it then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, create_model

from infra.api.caller import Api, Caller
from infra.api.cases import Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.looks import ID, LAST, look
from infra.api.positions import After, caught_up, header
from infra.api.problems import PROBLEMS
from infra.api.reading import told
from infra.api.reading.listing import View
from infra.api.reading.pages import CasePage
from infra.api.reading.parts import Judgements, Portfolio
from infra.api.reading.shown import nameable, row_model, shown
from infra.api.seeing import Sight
from infra.replay.past import moment_of
from infra.replay.seen import Decision, Eyes, Replayed, replay
from projections import history

REPLAY: Final = "see-replay"
HISTORY: Final = told.LISTS[0]
ENTRY: Final = row_model(HISTORY)


class Decided(BaseModel):
    """The decision that a case had come to: event `version` of the case, taken at `at`, recorded at `recorded_at` (UTC)."""

    name: str
    version: int
    at: datetime
    recorded_at: datetime


class _Replay(BaseModel):
    """A case as it was at `at`, after event `version`; `person`, `role` and `relations` are those of whom it is seen by.

    What they could not see then, and what the caller may not see now, is not there. `erased` are the SHA-256 of files and ids of
    texts that were there and are kept no more. `changed` was recorded after `since`; `known` with the decision or before it,
    `later` after it, up to today.
    """

    id: str
    at: datetime
    version: int
    position: int
    person: str | None
    role: str | None
    relations: list[str]
    page: CasePage
    portfolio: Portfolio | None
    judgements: Judgements | None
    erased: list[str]
    decision: Decided | None


Replay: Any = create_model(
    "Replay",
    __base__=_Replay,
    __doc__=_Replay.__doc__,
    history=(list[ENTRY], ...),  # type: ignore[valid-type]
    changed=(list[ENTRY], ...),  # type: ignore[valid-type]
    known=(list[ENTRY], ...),  # type: ignore[valid-type]
    later=(list[ENTRY], ...),  # type: ignore[valid-type]
)


def router(api: Api) -> APIRouter:
    """The route of a case as it was."""
    routes = APIRouter(tags=["cases"], responses=PROBLEMS)

    @routes.get(
        "/cases/{id}/replay",
        operation_id="get_replay",
        summary="A case as it was at an instant or a version, as somebody could see it then",
        openapi_extra={ACTION: REPLAY},
        response_class=Response,
        responses={200: {"model": Replay}},
    )
    def answer(
        *,
        id: Id,
        caller: Asking,
        at: Annotated[AwareDatetime | None, Query(description="As it was on record then; now by default.")] = None,
        version: Annotated[int | None, Query(ge=1, le=LAST, description="As it was after this event of it.")] = None,
        person: Annotated[str | None, Query(pattern=ID, description="As this person could see it then.")] = None,
        person_role: Annotated[
            str | None, Query(max_length=60, description="The role they acted in, where they held several.")
        ] = None,
        since: Annotated[AwareDatetime | None, Query(description="Also what was recorded after this.")] = None,
        decision: Annotated[
            bool, Query(description="Also what was known at the decision, and what came later.")
        ] = False,
        after: After = None,
    ) -> Response:
        sight = seen(api, caller, id, REPLAY)
        position = caught_up(api, (history.MODEL,), after)
        moment = moment_of(api.app.records, id, now=caller.at, at=at, version=version)
        eyes = Eyes(person=person, role=person_role) if person else None
        found = replay(api, id, moment, eyes=eyes, asker=caller, since=since, decision=decision)
        _note(api, caller, found)
        body = _answer(api, caller, sight, found)
        return Response(body.model_dump_json(), media_type="application/json", headers=header(position))

    return routes


def _note(api: Api, caller: Caller, found: Replayed) -> None:
    parts = {
        REPLAY: True,
        "see-portfolio": found.portfolio is not None,
        "see-judgements": found.judgements is not None,
        "see-confidential": told.is_confidential((*found.history, *found.later)),
    }
    for part in (part for part, is_shown in parts.items() if is_shown):
        look(api, caller, found.id, part)


def _answer(api: Api, caller: Caller, sight: Sight, found: Replayed) -> BaseModel:
    view = View(api=api, caller=caller, sight=sight, on=caller.at, id=found.id)
    page = dict(found.page or {})
    people = [one["person"] for one in page["people"]]
    names, _ = api.app.vault.words(nameable(sight, caller, [page["provider"], *people]), [])
    page["people"] = [{**one, "name": names.get(one["person"])} for one in page["people"]]
    page |= {"version": found.version, "position": found.position, "provider_name": names.get(page["provider"])}
    words = {one["position"]: one for one in shown(HISTORY, view, [*found.history, *found.later])}
    lists: dict[str, Sequence[told.Told]] = {
        "history": found.history,
        "changed": found.changed,
        "known": found.known,
        "later": found.later,
    }
    answer: BaseModel = Replay(
        id=found.id,
        at=found.moment.at,
        version=found.version,
        position=found.position,
        person=found.person,
        role=found.role,
        relations=list(found.relations),
        page=page,
        portfolio=found.portfolio,
        judgements=found.judgements,
        erased=list(found.erased),
        decision=_decided(found.decision) if found.decision else None,
        **{name: [ENTRY(**words[one.position]) for one in entries] for name, entries in lists.items()},
    )
    return answer


def _decided(one: Decision) -> Decided:
    return Decided(name=one.name, version=one.version, at=one.at, recorded_at=one.recorded_at)
