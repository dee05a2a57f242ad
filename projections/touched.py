"""What touched each case: its assessors, panel members, meetings, windows, the criterion versions judged, and letters sent.

So that, when one of these turns out to have been wrong, nobody whom it concerns is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL

from domain.appeal.causes import touched_by
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """A case was touched by `value`, of a `kind` of cause, first by the event at position `since`, and last at `until`."""

    case_id: str
    kind: str
    value: str
    since: int
    until: int


TOUCHED: Final = Table("touched", Row, ("case_id", "kind", "value"), ("kind, value, since",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Add what the events say touched their cases."""
    found = [(one, causes) for one in events if (causes := touched_by(one))]
    if not found:
        return
    rows = {
        (row.case_id, row.kind, row.value): row
        for row in tables.load(TOUCHED, "case_id", {one.stream for one, _ in found})
    }
    changed: dict[tuple[str, str, str], Row] = {}
    for one, causes in found:
        for cause in causes:
            key = one.stream, cause.kind, cause.value
            row = rows.setdefault(key, Row(*key, since=one.position, until=one.position))
            row.until = one.position
            changed[key] = row
    tables.save(TOUCHED, changed.values())


MODEL: Final = ReadModel(name="touched", version=2, tables=(TOUCHED,), apply=apply)


def touched_cases(
    connection: Connection[Any], causes: Sequence[tuple[str, str]], *, until: int | None = None
) -> list[str]:
    """Return the cases that one of `causes` (kind and value) touched, at or before position `until` if given, by id."""
    query = SQL(
        "SELECT DISTINCT case_id FROM {} JOIN unnest(%(kinds)s::text[], %(values)s::text[]) AS asked (kind, value)"
        " USING (kind, value) WHERE %(until)s::int8 IS NULL OR since <= %(until)s ORDER BY case_id"
    ).format(TOUCHED.identifier())
    asked = {"kinds": [kind for kind, _ in causes], "values": [value for _, value in causes], "until": until}
    return [row[0] for row in connection.execute(query, asked)]
