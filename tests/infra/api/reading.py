"""What tests of lists do: read a list page by page to its end, and fill a record with made-up cases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain.scheme_file import read_scheme
from infra.api.lists import LISTS
from infra.api.reading.listing import Listing
from infra.bootstrap import App
from infra.generate.writing import SOURCE, Wanted, generate
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking

OF_ALL = tuple(one for one in LISTS if "{id}" not in one.path)
"""The lists that are about no single thing."""


def paged(
    asks: Asking,
    path: str,
    who: str | None,
    role: str | None,
    *,
    between: Callable[[], Any] = lambda: None,
    **asked: Any,
) -> list[dict[str, Any]]:
    """All rows of a list, page by page; `between` two pages something may happen."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = asks.get(path, who, role, **asked, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= asked.get("limit", 50)
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}
        between()


def keys(listing: Listing, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What tells rows apart, where it is shown."""
    shown = [column for column in listing.key if column not in listing.hidden]
    return [tuple(row[column] for column in shown) for row in rows]


def generated(app: App, at: datetime, *, cases: int = 40) -> str:
    """Fill the record with made-up cases as they stand at `at`; returns an officer who has a part in none."""
    generate(app, Wanted(cases=cases, seed=11, until=at))
    scheme = read_scheme(SOURCE.read_text(encoding="utf-8"))
    body = Body(office=app.office, scheme=scheme, now=lambda: at, mark="looking")
    return factories.appoint(body, "officer", scheme=None)
