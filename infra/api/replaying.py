"""A case or a matter replayed, for who hears an appeal about it, sees to that, or administers or governs it: as it was, and as somebody
saw it then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, create_model

from domain import permissions
from domain.ids import kind_of
from infra.api.caller import Api, Caller
from infra.api.cases import Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.looks import ID, LAST, look
from infra.api.matters import made
from infra.api.positions import After, caught_up, header
from infra.api.problems import PROBLEMS, not_found, refused
from infra.api.reading import told
from infra.api.reading.listing import View
from infra.api.reading.matter_pages import LISTINGS, MODELS
from infra.api.reading.pages import CasePage
from infra.api.reading.parts import Judgements, Portfolio
from infra.api.reading.shown import SEE_PEOPLE, nameable, row_model, shown
from infra.api.reading.told import CASES, RESOURCES
from infra.api.seeing import Sight
from infra.api.telling import OF_STREAMS
from infra.replay import letters
from infra.replay.looks import Eyes, sees
from infra.replay.past import moment_of
from infra.replay.seen import Decision, Replayed, replay
from projections import history

Person = Annotated[str | None, Query(pattern=ID, description="As this person could see it then.")]
PersonRole = Annotated[str | None, Query(max_length=60, description="The role they acted in, where they held several.")]

REPLAY: Final = "see-replay"
ENTRIES: Final = {one.path.partition("/")[0]: one for one in told.LISTS}
"""The list of the history of each kind of case and matter, by its address."""
ENTRY: Final = row_model(ENTRIES["cases"])


class Decided(BaseModel):
    """The decision that a case had come to: event `version` of the case, taken at `at`, recorded at `recorded_at` (UTC)."""

    name: str
    version: int
    at: datetime
    recorded_at: datetime


class SentLetter(BaseModel):
    """A letter as it went, at `sent_at` (UTC), in its words; `subject` and `body` are null once they were erased."""

    id: str
    letter: str
    recipient: str
    recipient_name: str | None
    sent_at: datetime
    subject: str | None
    body: str | None


class _Replay(BaseModel):
    """A case or a matter as it was at `at`, after event `version`; `person`, `role` and `relations` are those of whom it is seen by.

    What they could not see then, and what the caller may not see now, is not there. `letters` had gone by then. `erased` are the
    SHA-256 of files and ids of texts that were there and are kept no more. `changed` was recorded after `since`. With `decision` all
    is as it was at the last one by that moment: `known` was recorded with it or before it, `later` after it, up to today.
    """

    id: str
    at: datetime
    version: int
    position: int
    person: str | None
    role: str | None
    relations: list[str]
    letters: list[SentLetter]
    erased: list[str]
    decision: Decided | None
    history: list[ENTRY]  # type: ignore[valid-type]
    changed: list[ENTRY]  # type: ignore[valid-type]
    known: list[ENTRY]  # type: ignore[valid-type]
    later: list[ENTRY]  # type: ignore[valid-type]


class Replay(_Replay):
    __doc__ = _Replay.__doc__
    page: CasePage
    portfolio: Portfolio | None
    judgements: Judgements | None


OF_MATTERS: Final[dict[str, type[_Replay]]] = {
    kind: create_model(f"{kind.title()}Replay", __base__=_Replay, __doc__=_Replay.__doc__, page=(model, ...))
    for kind, model in MODELS.items()
}


def router(api: Api) -> APIRouter:
    """The routes of cases and matters as they were."""
    routes = APIRouter(responses=PROBLEMS)
    for resource, kinds, name, action, model in (
        ("cases", CASES, "", REPLAY, Replay),
        *((resource, (kind,), f"{kind}_", OF_STREAMS[kind], OF_MATTERS[kind]) for resource, kind in RESOURCES.items()),
    ):
        routes.add_api_route(
            f"/{resource}/{{id}}/replay",
            _endpoint(api, resource, kinds, action),
            methods=["GET"],
            operation_id=f"get_{name}replay",
            summary="As it was at an instant or a version, as somebody could see it then",
            tags=[resource],
            openapi_extra={ACTION: action},
            response_class=Response,
            responses={200: {"model": model}},
        )
    return routes


def _endpoint(api: Api, resource: str, kinds: tuple[str, ...], action: str) -> Any:
    def answer(
        *,
        id: Id,
        caller: Asking,
        at: Annotated[AwareDatetime | None, Query(description="As it was on record then; now by default.")] = None,
        version: Annotated[int | None, Query(ge=1, le=LAST, description="As it was after this event of it.")] = None,
        person: Person = None,
        person_role: PersonRole = None,
        since: Annotated[AwareDatetime | None, Query(description="Also what was recorded after this.")] = None,
        decision: Annotated[
            bool, Query(description="As it was at the last decision by then, and what came later.")
        ] = False,
        after: After = None,
    ) -> Response:
        sight = seen(api, caller, id, action, kinds)
        if not sees(sight, caller, id):
            raise not_found("case" if kinds == CASES else kinds[0], "id")
        require_eyes(sight, caller, id, person, person_role)
        position = caught_up(api, (history.MODEL,), after)
        moment = moment_of(api.app.records, id, now=caller.at, at=at, version=version)
        eyes = Eyes(person=person, role=person_role) if person else None
        found = replay(api, id, moment, eyes=eyes, asker=sight, since=since, decision=decision)
        _note(api, caller, found)
        view = View(api=api, caller=caller, sight=sight, on=caller.at, id=id)
        # Long histories are written as they are: to make models of them first takes longer than all the rest.
        body = msgspec.json.encode(_answer(view, resource, found), enc_hook=BaseModel.model_dump)
        return Response(body, media_type="application/json", headers=header(position))

    return answer


def require_eyes(sight: Sight, caller: Caller, id: str, person: str | None, role: str | None) -> None:
    """Refuse who may not look at a case or a matter by the eyes of a person, and a role of nobody.

    For a case it takes what its replay takes; for a matter that they may see people, or that it is themselves.
    """
    if person is None and role is not None:
        raise refused(
            "replay-eyes", "nobody is named who acts in it", field="person_role", allowed="a `person` with it"
        )
    if person is None or (kind_of(id) not in CASES and person == caller.actor):
        return
    if not (sight.sees(id, REPLAY) if kind_of(id) in CASES else permissions.may(SEE_PEOPLE, caller.role, ())):
        raise not_found("person", "person")


def _note(api: Api, caller: Caller, found: Replayed) -> None:
    parts = {
        REPLAY: True,
        "see-portfolio": found.portfolio is not None,
        "see-judgements": found.judgements is not None,
        "see-confidential": told.is_confidential((*found.history, *found.later)),
    }
    look(api, caller, found.id, *(part for part, is_shown in parts.items() if is_shown))


def _answer(view: View, resource: str, found: Replayed) -> dict[str, Any]:
    """What is answered, of the form of `Replay`, or of that of the matter's kind."""
    said = {**(found.page or {}), "version": found.version, "position": found.position}
    recipients = [one.recipient for one in found.letters]
    people = [one["person"] for one in said.get("people", ())]
    names, _ = view.api.app.vault.words(nameable(view.sight, view.caller, [said["provider"], *people, *recipients]), [])
    listing = ENTRIES[resource]
    words = {one["position"]: one for one in shown(listing, view, [*found.history, *found.later])}
    lists: dict[str, Sequence[told.Told]] = {
        "history": found.history,
        "changed": found.changed,
        "known": found.known,
        "later": found.later,
    }
    whole: dict[str, Any] = {
        "id": found.id,
        "at": found.moment.at,
        "version": found.version,
        "position": found.position,
        "person": found.person,
        "role": found.role,
        "relations": list(found.relations),
        "letters": [_letter(one, names) for one in found.letters],
        "erased": list(found.erased),
        "decision": _decided(found.decision) if found.decision else None,
        **{name: [words[one.position] for one in entries] for name, entries in lists.items()},
    }
    if resource != "cases":
        return {**whole, "page": _matter(view, said, found)}
    said["people"] = [{**one, "name": names.get(one["person"])} for one in said["people"]]
    said["provider_name"] = names.get(said["provider"])
    return {**whole, "page": CasePage(**said), "portfolio": found.portfolio, "judgements": found.judgements}


def _matter(view: View, said: dict[str, Any], found: Replayed) -> BaseModel:
    """The page of a matter as it was, with the names and texts that the reader may see now."""
    listing = LISTINGS[said["kind"]]
    row = next(iter(shown(listing, view, [found.listed])), None) if listing and found.listed else None
    return made(view, said["kind"], said, row)


def _letter(one: letters.Letter, names: dict[str, str]) -> SentLetter:
    return SentLetter(
        id=one.id,
        letter=one.letter,
        recipient=one.recipient,
        recipient_name=names.get(one.recipient),
        sent_at=one.sent_at,
        subject=one.subject,
        body=one.body,
    )


def _decided(one: Decision) -> Decided:
    return Decided(name=one.name, version=one.version, at=one.at, recorded_at=one.recorded_at)
