"""What a row of a list shows: its columns, names beside the ids of people and providers, typed texts in the place of theirs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, Field, create_model

from domain import permissions
from domain.ids import kind_of
from infra.api.caller import Caller
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from infra.api.seeing import Sight
from projections.words import resolve, tokens

SEE_PEOPLE = "see-people"
"""The action of the permissions that shows names of people."""


def nameable(sight: Sight, caller: Caller, ids: Iterable[str | None]) -> list[str]:
    """Those of these providers and people whose names the reader may see."""
    wanted = {one for one in ids if one and kind_of(one) in {"person", "provider"}}
    if not (sight.allows(SEE_PEOPLE) and permissions.may(SEE_PEOPLE, caller.role, ())):
        wanted = {one for one in wanted if kind_of(one) == "provider" or one == caller.actor}
    return sorted(wanted)


def shown(listing: Listing, view: View, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what is shown of these rows, looked up in one round trip."""
    ids = {getattr(row, column) for row in rows for column in listing.names}
    texts = {getattr(row, column) for row in rows for column in listing.texts} - {None, ""}
    named = [one for row in rows for column in listing.said for one in tokens(getattr(row, column))]
    ids |= {value for kind, value in named if kind in {"person", "provider"}}
    texts |= {value for kind, value in named if kind == "text"}
    names, bodies = view.api.app.vault.words(nameable(view.sight, view.caller, ids), sorted(texts))
    word = partial(_word, names, bodies)
    cells: dict[str, Callable[[Any], Any] | None] = {
        column: bodies.get
        if column in listing.texts
        else partial(resolve, word=word)
        if column in listing.said
        else _utc
        if kinds.plain_type(hint) in _TIMES
        else None
        for column, hint in listing.hints.items()
        if column not in listing.hidden
    }
    found: list[dict[str, Any]] = []
    for row in rows:
        said: dict[str, Any] = {}
        for column, shows in cells.items():
            cell = getattr(row, column)
            said[column] = shows(cell) if shows else cell
            if column in listing.names:
                said[f"{column}_name"] = names.get(cell)
        found.append(said)
    return found


_TIMES: Final = (datetime, list[datetime])


def _word(names: Mapping[str, str], bodies: Mapping[str, str], kind: str, value: str) -> str:
    """What a token of a sentence stands for: an instant, a name that may be seen, a text; or else an id, which says itself."""
    if kind == "time":
        return value.replace("+00:00", "Z")
    return bodies.get(value, "[text erased]") if kind == "text" else names.get(value, value)


def _utc(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC)
    return [_utc(one) for one in cell] if isinstance(cell, list) else cell


def columns_of(listing: Listing) -> list[str]:
    """The columns that a row shows, in order."""
    found: list[str] = []
    for column in listing.hints:
        if column not in listing.hidden:
            found += [column, f"{column}_name"] if column in listing.names else [column]
    return found


def row_model(listing: Listing) -> type[BaseModel]:
    """The schema of a row, made from the dataclass of the read model."""
    fields: dict[str, Any] = {}
    for column, hint in listing.hints.items():
        if column in listing.hidden:
            continue
        text = column in listing.texts
        said = "The text itself; null where it was erased." if text else None
        fields[column] = (str | None if text else hint, Field(description=said))
        if column in listing.names:
            why = "The name; null where there is none, it was erased, or the caller may not see it."
            fields[f"{column}_name"] = (str | None, Field(default=None, description=why))
    return create_model(f"{_name(listing)}Row", __doc__=listing.row.__doc__, **fields)


def page_model(listing: Listing, row: type[BaseModel]) -> type[BaseModel]:
    """The schema of a page: its rows, the cursor of the next page where there is one, and the position it stands at."""
    return create_model(
        f"{_name(listing)}List",
        items=(list[row], Field(description="The rows that the caller may see.")),  # type: ignore[valid-type]
        next=(str | None, Field(default=None, description="The `cursor` of the next page; null on the last one.")),
        position=(int, Field(description="The position of the log up to which this is.")),
    )


def _name(listing: Listing) -> str:
    return "".join(word.title() for word in listing.operation.removeprefix("list_").split("_"))
