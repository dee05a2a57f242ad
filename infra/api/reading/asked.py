"""What somebody asks of a list: read from the address, every fault refused with the field and what is allowed."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import Headers, QueryParams

from infra.api.problems import refused
from infra.api.reading import kinds
from infra.api.reading.kinds import INSTANTS, instant
from infra.api.reading.listing import Listing, Parameter

JSON, CSV, XLSX = "json", "csv", "xlsx"
FORMATS: Final = (JSON, CSV, XLSX)
CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COMMON: Final = ("sort", "limit", "cursor", "format", "after")
PAGE: Final = 50
"""Rows of a page where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a list: `filters` with their values, the order, the place behind which the page begins, and how many.

    `on` is the instant as of which it is read. `token` stands for all of it but the place.
    """

    filters: tuple[tuple[Parameter, Any], ...]
    sort: str
    limit: int
    format: str
    on: datetime
    behind: tuple[Any, ...] | None
    token: str

    @property
    def more(self) -> dict[str, Any]:
        """What the list's own source has to know."""
        return {one.name: value for one, value in self.filters if not one.column}


def read_asked(
    listing: Listing, said: QueryParams, headers: Headers, *, at: datetime, most: int, whole: str = ""
) -> Asked:
    """Read what is asked of a list at `at` (UTC), for pages of at most `most` rows; `whole` is the id in its path."""
    given = _once(listing, said)
    filters = tuple((one, _value(one, given[name])) for name, one in listing.parameters.items() if name in given)
    sort = given.get("sort", listing.order)
    if sort not in listing.sortable:
        raise refused(
            "list-sort", f"{sort[:60]!r} is nothing to sort by", field="sort", allowed=", ".join(listing.sortable)
        )
    kept = sorted(f"{name}={value}" for name, value in given.items() if name not in COMMON)
    token = _digest(listing.path, whole, sort, *kept)
    when, behind = _place(listing, sort, token, given.get("cursor"))
    return Asked(
        filters=tuple(_begins(one, value) for one, value in filters),
        sort=sort,
        limit=_limit(given.get("limit"), most),
        format=_format(given.get("format"), headers),
        on=_sensible(when or (_instant(given["on"], "on") if "on" in given else at)),
        behind=behind,
        token=token,
    )


def cursor_of(listing: Listing, asked: Asked, row: Any) -> str:
    """The cursor of the page behind `row`.

    It is checked when it comes back, so that it can't be of another list or order; what it names gives no right to see it.
    """
    cells = [_written(getattr(row, column)) for column in listing.sorted_by(asked.sort)]
    on = asked.on.isoformat()
    body = json.dumps([on, cells, _digest(asked.token, on, json.dumps(cells))], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _once(listing: Listing, said: QueryParams) -> dict[str, str]:
    """Everything said, once each; refuses what this list does not know."""
    known = (*listing.parameters, *COMMON, *(("on",) if listing.dated else ()))
    given: dict[str, str] = {}
    for name, value in said.multi_items():
        if name not in known:
            raise refused(
                "list-filter", "this list is not asked like that", field=name[:60], allowed=", ".join(sorted(known))
            )
        if name in given:
            raise refused("list-filter", "it is said twice", field=name, allowed="saying it once")
        given[name] = value
    return given


def _value(parameter: Parameter, said: str) -> Any:
    try:
        value = parameter.kind.read(said)
    except ValueError:
        raise _not_a_value(parameter) from None
    if parameter.values and value not in parameter.values:
        raise _not_a_value(parameter)
    return value


def _not_a_value(parameter: Parameter) -> Exception:
    return refused(
        "list-filter", f"that is no value of {parameter.name}", field=parameter.name, allowed=parameter.allowed
    )


def _begins(parameter: Parameter, value: Any) -> tuple[Parameter, Any]:
    """With `*` at its end a text says how what is wanted begins."""
    if parameter.kind is kinds.TEXT and value.endswith("*"):
        return Parameter(name=parameter.name, column=parameter.column, kind=kinds.BEGINS), value[:-1]
    return parameter, value


def _limit(said: str | None, most: int) -> int:
    if said is None:
        return min(PAGE, most)
    number = int(said) if said.isdecimal() and said.isascii() and len(said) < 10 else 0
    if not 1 <= number <= most:
        raise refused("list-limit", "that is no number of rows", field="limit", allowed=f"1 to {most}")
    return number


def _format(said: str | None, headers: Headers) -> str:
    if said is None:
        accepted = headers.get("accept", "")
        return CSV if CSV_TYPE in accepted else XLSX if XLSX_TYPE in accepted else JSON
    if said not in FORMATS:
        raise refused("list-format", "that is no format of a list", field="format", allowed=", ".join(FORMATS))
    return said


def _instant(said: str, field: str) -> datetime:
    try:
        return instant(said)
    except ValueError:
        raise refused("list-filter", "that is no instant", field=field, allowed=INSTANTS) from None


def _sensible(on: datetime) -> datetime:
    """Refuse a date from which no calendar can count on."""
    if not 1900 <= on.year <= 2200:
        raise refused("list-filter", "nothing is known of that date", field="on", allowed="an instant of 1900 to 2200")
    return on


def _place(
    listing: Listing, sort: str, token: str, cursor: str | None
) -> tuple[datetime | None, tuple[Any, ...] | None]:
    """As of when the page before was read, and the cells of its last row; refuses a cursor that is not this list's."""
    if cursor is None:
        return None, None
    hints = [kinds.plain_type(listing.hints[column]) for column in listing.sorted_by(sort)]
    try:
        on, cells, digest = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if digest == _digest(token, on, json.dumps(cells)):
            return instant(on), tuple(_read(hint, cell) for hint, cell in zip(hints, cells, strict=True))
    except (ValueError, TypeError, RecursionError):
        pass
    raise refused(
        "list-cursor",
        "this is no cursor of this list in this order, with these filters",
        field="cursor",
        allowed="the `next` of the page before, with the same filters and order; or none, for the first page",
    )


def _written(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _read(hint: Any, cell: Any) -> Any:
    """A cell of a cursor; ValueError for one that no row of the list can have, since a cursor may be anybody's making."""
    if cell is None:
        return None
    if hint is datetime:
        return instant(cell)
    if type(cell) is not hint or (hint is int and abs(cell) >= kinds.GREATEST):
        raise ValueError(cell)
    if hint is str and b"\x00" in cell.encode():
        raise ValueError(cell)
    return cell


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(("list", *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
