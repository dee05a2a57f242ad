"""The pages of submissions and awards: where each stands, its portfolio, judgements, money and letters, for who may see them.

A page is made from the record itself, so that it stands at the newest; its `ETag` is the version of the case's stream.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel

from domain.ids import is_id, kind_of
from domain.letter_events import HELD, PLANNED
from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.looks import look
from infra.api.positions import After, caught_up, header, require_recorded
from infra.api.problems import PROBLEMS, not_found
from infra.api.reading import parts as of_submission
from infra.api.reading.cases import FAR
from infra.api.reading.letters import recipients_seen
from infra.api.reading.listing import View
from infra.api.reading.pages import CasePage, award_page, submission_page
from infra.api.reading.parts import Judgements, Portfolio
from infra.api.reading.shown import nameable
from infra.api.reading.told import CASES
from infra.api.seeing import Sight
from infra.letters.outbox import Row
from infra.letters.post import letter_of, planned_id
from projections import ledger, reminders
from services.ports import Stream
from services.states import fold

Id = Annotated[str, Path(min_length=1, max_length=60, description="The id of a submission or an award.")]
Known = Annotated[
    str | None, Header(alias="If-None-Match", max_length=400, description="The `ETag` of what the caller has already.")
]
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "It is as the caller has it."}}
VARY: Final = {"Vary": "Authorization, Assay-Role"}


class Fee(BaseModel):
    """One fee of a case, in minor units."""

    kind: str
    currency: str
    charged: int
    paid: int
    waived: int
    refunded: int


class Money(BaseModel):
    """The fees of a case, and what is still to be paid."""

    id: str
    fees: list[Fee]
    balance: int
    position: int


class Letter(BaseModel):
    """A letter about a deadline that is planned, if nothing else happens; or `held` back already."""

    id: str
    letter: str
    state: str
    kind: str
    rule: str
    recipient: str
    recipient_name: str | None
    planned_for: datetime
    due_at: datetime


class WrittenLetter(BaseModel):
    """A letter that was written, and where it stands: queued, held, sent, refused, bounced, without an address."""

    id: str
    letter: str
    state: str
    recipient: str
    recipient_name: str | None
    version: int
    """The number of the event of the case that sends it."""
    written_at: datetime
    state_at: datetime
    sent_at: datetime | None
    tries: int
    interrupted: int
    reply: str


class Letters(BaseModel):
    """The letters about a case that were written, as far as they are the caller's to see, and the reminders that are planned."""

    id: str
    written: list[WrittenLetter]
    planned: list[Letter]
    position: int


def router(api: Api) -> APIRouter:
    """The routes of the pages of cases."""
    routes = APIRouter(tags=["cases"])
    for path, answer, model, name, summary in (
        ("", case_page, CasePage, "get_case", "Where a submission or an award stands, and what may be done next"),
        ("/portfolio", _portfolio, Portfolio, "get_portfolio", "What the provider of a submission handed in"),
        ("/judgements", _judgements, Judgements, "get_judgements", "How a submission was judged"),
    ):
        routes.add_api_route(
            f"/cases/{{id}}{path}",
            _versioned(api, answer),
            methods=["GET"],
            operation_id=name,
            summary=summary,
            openapi_extra={ACTION: ACTIONS[answer]},
            response_class=Response,
            responses={**PROBLEMS, **NOT_MODIFIED, 200: {"model": model}},
        )

    @routes.get(
        "/cases/{id}/money",
        operation_id="get_money",
        summary="The fees of a case",
        responses=PROBLEMS,
        openapi_extra={ACTION: "see-ledger"},
    )
    def money(id: Id, caller: Asking, response: Response, after: After = None) -> Money:
        return _money(api, caller, id, response, after)

    @routes.get(
        "/cases/{id}/letters",
        operation_id="get_letters",
        summary="Letters written and planned",
        responses=PROBLEMS,
        openapi_extra={ACTION: "see-reminders"},
    )
    def letters(id: Id, caller: Asking, response: Response, after: After = None) -> Letters:
        return _letters(api, caller, id, response, after)

    return routes


Answer = Callable[[Api, Caller, Sight, str, Stream], BaseModel]


def _versioned(api: Api, answer: Answer) -> Callable[..., Response]:
    """An endpoint that answers with the version of the case's stream, or that the caller has it already."""

    def endpoint(id: Id, caller: Asking, known: Known = None, after: After = None) -> Response:
        sight = seen(api, caller, id, ACTIONS[answer])
        stream = sight.stream(id)
        return unless_known(api, stream, known, after, lambda: answer(api, caller, sight, id, stream))

    endpoint.__name__ = answer.__name__.strip("_")
    return endpoint


def unless_known(
    api: Api, stream: Stream, known: str | None, after: int | None, page: Callable[[], BaseModel]
) -> Response:
    """The page made of a stream, with its version and position; or only that the caller has this version already."""
    if after and after > stream.position:
        require_recorded(api, after)
    headers = {"ETag": f'"{stream.version}"', **header(max(stream.position, after or 0)), **VARY}
    if known and has(known, stream.version):
        return Response(status_code=304, headers=headers)
    return Response(page().model_dump_json(), media_type="application/json", headers=headers)


def seen(api: Api, caller: Caller, id: str, action: str, kinds: tuple[str, ...] = CASES) -> Sight:
    """What the caller sees, once they may see this of the case; otherwise it is answered as one that there is not."""
    sight = Sight(api, caller)
    if not is_id(id, *kinds) or not sight.sees(id, action):
        raise not_found("case" if kinds == CASES else kinds[0], "id")
    return sight


def has(known: str, version: int) -> bool:
    """Whether the caller has this version, by what they say in `If-None-Match`."""
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    return "*" in tags or f'"{version}"' in tags


def case_page(api: Api, caller: Caller, sight: Sight, id: str, stream: Stream) -> BaseModel:
    """The page of a case; what it names is looked up in one round trip."""
    state = fold(id, stream.entries)
    submission = kind_of(id) == "submission"
    said = submission_page(state, caller, sight) if submission else award_page(state, caller, sight)
    title = [state.registration.title.id] if submission else []
    ids = [said["provider"], *(one["person"] for one in said["people"])]
    names, bodies = api.app.vault.words(nameable(sight, caller, ids), title)
    for one in said["people"]:
        one["name"] = names.get(one["person"])
    return CasePage(
        **said,
        version=stream.version,
        position=stream.position,
        provider_name=names.get(said["provider"]),
        title=bodies.get(title[0]) if title else None,
    )


def _portfolio(api: Api, caller: Caller, _sight: Sight, id: str, stream: Stream) -> BaseModel:
    case = _submission(id, stream)
    look(api, caller, id, "see-portfolio")
    _, bodies = api.app.vault.words([], of_submission.texts_of_portfolio(case))
    return of_submission.portfolio(case, stream.version, bodies)


def _judgements(api: Api, caller: Caller, sight: Sight, id: str, stream: Stream) -> BaseModel:
    case = _submission(id, stream)
    look(api, caller, id, "see-judgements")
    _, bodies = api.app.vault.words([], of_submission.texts_of_judgements(case))
    confidential = sight.sees(id, "see-confidential")
    return of_submission.judgements(case, stream.version, bodies, confidential=confidential)


ACTIONS: Final[dict[Answer, str]] = {
    case_page: "see-case",
    _portfolio: "see-portfolio",
    _judgements: "see-judgements",
}


def _submission(id: str, stream: Stream) -> Any:
    """The state of a submission; an award has neither portfolio nor judgements."""
    if kind_of(id) != "submission":
        raise not_found("submission", "id")
    return fold(id, stream.entries)


def _money(api: Api, caller: Caller, id: str, response: Response, after: int | None) -> Money:
    sight = seen(api, caller, id, "see-ledger")
    position = caught_up(api, (ledger.MODEL,), after)
    response.headers.update(header(position))
    view = View(api=api, caller=caller, sight=sight, on=caller.at, id=id)
    with view.connect() as connection:
        found = ledger.fees(connection, id)
    fees = [
        Fee(
            kind=one.kind,
            currency=one.currency,
            charged=one.charged,
            paid=one.paid,
            waived=one.waived,
            refunded=one.refunded,
        )
        for one in found
    ]
    return Money(id=id, fees=fees, balance=sum(one.charged - one.paid - one.waived for one in fees), position=position)


def _letters(api: Api, caller: Caller, id: str, response: Response, after: int | None) -> Letters:
    sight = seen(api, caller, id, "see-reminders")
    position = caught_up(api, (reminders.MODEL,), after)
    response.headers.update(header(position))
    view = View(api=api, caller=caller, sight=sight, on=caller.at, id=id)
    with view.connect() as connection:
        planned = reminders.planned(connection, until=caller.at + FAR, at=caller.at, case=id)
        held = reminders.held(connection)
    theirs = recipients_seen(sight, id)
    written = [one for one in api.app.post.outbox.of_case(id) if theirs is None or one.recipient in theirs]
    gone = {one.id for one in written}
    recipients = [*(one.recipient for one in written), *(one.recipient for one in planned)]
    names, _ = api.app.vault.words(nameable(sight, caller, recipients), [])
    return Letters(
        id=id,
        written=[_written(one, names) for one in written],
        planned=[_letter(one, names, held) for one in planned if planned_id(one) not in gone],
        position=position,
    )


def _letter(one: reminders.Planned, names: dict[str, str], held: frozenset[str]) -> Letter:
    id = planned_id(one)
    return Letter(
        id=id,
        letter=letter_of(one),
        state=HELD if id in held else PLANNED,
        kind=one.kind,
        rule=one.rule,
        recipient=one.recipient,
        recipient_name=names.get(one.recipient),
        planned_for=one.planned_for,
        due_at=one.due_at,
    )


def _written(one: Row, names: dict[str, str]) -> WrittenLetter:
    return WrittenLetter(
        id=one.id,
        letter=one.letter,
        state=one.state,
        recipient=one.recipient,
        recipient_name=names.get(one.recipient),
        version=one.version,
        written_at=one.written_at,
        state_at=one.state_at,
        sent_at=one.sent_at,
        tries=one.tries,
        interrupted=one.interrupted,
        reply=one.reply,
    )
