"""What the page of a matter says: where it stands, what is to be done by whom, and its row in the list of its kind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, create_model

from domain.complaint.state import Complaint, may_see
from domain.development.state import Development
from domain.ids import kind_of
from domain.matter_steps import possible
from infra.api.caller import Caller
from infra.api.lists import LISTS
from infra.api.reading import kinds
from infra.api.reading.asked import JSON, Asked
from infra.api.reading.listing import Listing, Parameter, View
from infra.api.reading.pages import Next, next_steps
from infra.api.reading.rows import rows_of
from infra.api.reading.seen import asking
from infra.api.reading.shown import row_model, shown
from infra.api.reading.told import RESOURCES
from infra.api.seeing import Sight
from infra.api.telling import OF_STREAMS
from projections.tables import InMemory
from projections.words import task
from services.ports import Recorded, Stream
from services.states import fold


class Due(BaseModel):
    """Something to be done in the matter: by whom (a person or a role) and until when."""

    rule: str
    what: str
    about: str
    who: str
    who_name: str | None = None
    due_at: datetime
    overdue: bool


class MatterPage(BaseModel):
    """Where a matter stands, from the record; `listed` is its row in the list of its kind, once that shows it."""

    id: str
    kind: str
    version: int
    """The version of its stream, which a command may name as `If-Match`."""
    position: int
    stage: str
    over: bool
    scheme: str | None
    provider: str | None
    provider_name: str | None
    tasks: list[Due]
    next: list[Next]


class ComplaintPage(MatterPage):
    """Where a complaint stands, and what is complained about; the text is null once it was erased."""

    text: str | None


_MORE: Final = {"complaint": ComplaintPage}
"""The pages that say more than that of any matter, by kind."""


def _listing(resource: str, kind: str) -> Listing | None:
    """The list in which each matter of a kind is one row, if there is one."""
    return next((one for one in LISTS if one.path == resource and one.key == (kind,)), None)


def _model(kind: str, listing: Listing | None) -> type[BaseModel]:
    listed: Any = (row_model(listing) | None, None) if listing else (None, None)
    return create_model(f"{kind.title()}Page", __base__=_MORE.get(kind, MatterPage), listed=listed)


LISTINGS: Final = {kind: _listing(resource, kind) for resource, kind in RESOURCES.items()}
MODELS: Final = {kind: _model(kind, listing) for kind, listing in LISTINGS.items()}
"""The form of the page of each kind of matter."""


def sees_matter(sight: Sight, caller: Caller, id: str) -> bool:
    """Whether the caller may see a matter: by the table, and a complaint by the domain's rule too, which looks at more."""
    if not sight.sees(id, OF_STREAMS[kind_of(id)]):
        return False
    if kind_of(id) != "complaint":
        return True
    complaint: Complaint = fold(id, sight.stream(id).entries)
    asker = asking(sight, caller)
    return asker is not None and may_see(complaint, asker.person, speaks_for=asker.speaks_for, at=asker.at)


def matter_page(id: str, stream: Stream, caller: Caller, sight: Sight) -> dict[str, Any]:
    """What the page of a matter says, but for names, texts, and its row in a list."""
    state = fold(id, stream.entries)
    running = sorted(state.tasks.running.values(), key=lambda one: (one.due_at, one.name))
    return {
        "id": id,
        "kind": kind_of(id),
        "stage": state.stage,
        "over": state.over,
        "scheme": state.scheme or None,
        "provider": state.provider or None,
        "tasks": [
            {
                "rule": one.rule,
                "what": task(one.rule),
                "about": one.about,
                "who": one.who,
                "due_at": one.due_at,
                "overdue": one.due_at <= caller.at,
            }
            for one in running
        ],
        "next": next_steps(id, possible(state), sight, about=_about(state)),
    }


def _about(state: Any) -> dict[str, str]:
    """What commands are about where it is not the matter itself: somebody's development goes by the person."""
    return {"person": state.person} if isinstance(state, Development) else {}


def texts_of_page(id: str, stream: Stream) -> dict[str, str]:
    """The ids of the texts that the page of a matter shows, by the field they stand in."""
    return {"text": stream.entries[0].event.text.id} if kind_of(id) == "complaint" else {}


def listed(view: View) -> dict[str, Any] | None:
    """The row of the matter `view.id` in its list; None while the list does not show it yet, or there is none."""
    listing = LISTINGS[kind_of(view.id)]
    if listing is None:
        return None
    [key] = listing.key
    asked = Asked(
        filters=((Parameter(name=key, column=key, kind=kinds.TEXT), view.id),),
        sort=listing.order,
        limit=1,
        format=JSON,
        on=view.on,
        behind=None,
        token="",
    )
    return next(iter(shown(listing, view, rows_of(listing, view, asked, limit=1))), None)


def listed_then(id: str, events: Sequence[Recorded]) -> Any:
    """The row of a matter as its list had it after these events, which are those of its stream; None if it has none."""
    listing = LISTINGS[kind_of(id)]
    if listing is None:
        return None
    [key], [model] = listing.key, listing.models
    table = next((one for one in model.tables if one.row is listing.row), None)
    if table is None:
        return None
    tables = InMemory()
    model.apply(tables, events)
    return next((row for row in reversed(tables.rows(table)) if getattr(row, key) == id), None)
