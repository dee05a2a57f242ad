"""The rows of a file, read whole: every fault of the header and of each cell is found at once, by row and column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from domain.importing.cells import WrongCell, read_cell
from domain.importing.columns import KINDS, Column
from domain.refusals import refuse

SAME_AWARD: Final = ("provider", "scheme", "title", "starts_on")
"""By which two rows are one award under two references."""
_ONCE: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "providers": (("reference",), ("name",)),
    "people": (("reference",), ("email",)),
    "accreditations": (("reference",), SAME_AWARD),
    "decisions": (("reference",), ("provider", "scheme", "title", "decided_on")),
}
"""Kind of file → the columns that tell its rows apart: no two rows say the same in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file as it stands: its header, and its rows, each with its number in the file (the header is in row 1)."""

    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: in which row and column, as far as it is in one, and what is allowed there."""

    row: int | None
    column: str | None
    problem: str
    allowed: str

    @property
    def place(self) -> str:
        """Where it is, in words; empty where it is about the whole file."""
        row = [f"row {self.row}"] if self.row is not None else []
        return ", ".join([*row, *([f"column {self.column}"] if self.column is not None else [])])

    def __str__(self) -> str:
        return f"{f'{self.place}: ' if self.place else ''}{self.problem}. Allowed: {self.allowed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it was read: its number in the file, and what it says by column; None, or no codes, where it says nothing.

    `sound` is false where some cell of it could not be read.
    """

    number: int
    said: Mapping[str, Any]
    sound: bool = True

    def __getitem__(self, column: str) -> Any:
        return self.said.get(column)


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind of file; refuses what is no kind."""
    if kind not in KINDS:
        raise refuse("import-kinds", f"{kind!r} is no kind of file", field="kind", allowed=", ".join(KINDS))
    return KINDS[kind]


def read_rows(kind: str, sheet: Sheet) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a file of this kind, and every fault that it has by itself. Empty rows are passed over."""
    columns = columns_of(kind)
    faults = list(_header_faults(columns, sheet.header))
    places = {name: place for place, name in reversed(list(enumerate(map(_name, sheet.header))))}
    known = [one for one in columns if one.name in places]
    rows: list[Row] = []
    for number, cells in sheet.rows if known else ():
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(sheet.header) :]):
            problem = f"it has {len(cells)} cells, and the header has {len(sheet.header)}"
            faults.append(Fault(row=number, column=None, problem=problem, allowed="a cell for each column"))
        said: dict[str, Any] = {}
        for column in known:
            place = places[column.name]
            try:
                said[column.name] = read_cell(column, cells[place] if place < len(cells) else "")
            except WrongCell as wrong:
                faults.append(Fault(row=number, column=column.name, problem=wrong.problem, allowed=wrong.allowed))
        rows.append(Row(number=number, said=said, sound=len(said) == len(known)))
    if known and not rows:
        faults.append(
            Fault(row=None, column=None, problem="there is no row behind the header", allowed="a row or more")
        )
    faults += _doubles(kind, rows)
    return rows, faults


def _name(raw: str) -> str:
    return raw.strip().lower()


def _header_faults(columns: Sequence[Column], header: Sequence[str]) -> Iterator[Fault]:
    names = [one.name for one in columns]
    if not any(one.strip() for one in header):
        yield Fault(row=None, column=None, problem="the file is empty", allowed=f"a header: {', '.join(names)}")
        return
    given = [_name(one) for one in header]
    missing = [one for one in columns if one.required and one.name not in given]
    for place, name in enumerate(given):
        shown = header[place].strip()[:60]
        if not name:
            yield Fault(row=1, column=None, problem=f"column {place + 1} has no name", allowed=", ".join(names))
        elif name not in names:
            near = get_close_matches(name.replace(" ", "_").replace("-", "_"), names, n=1, cutoff=0.6)
            allowed = f"{near[0]}, if that is meant" if near else ", ".join(names)
            yield Fault(row=1, column=shown, problem="there is no such column", allowed=allowed)
        elif name in given[:place]:
            yield Fault(row=1, column=shown, problem="the column stands there twice", allowed="each column once")
    for one in missing:
        yield Fault(row=1, column=one.name, problem="the column is missing", allowed=f"a column with {one.says}")


def _doubles(kind: str, rows: Sequence[Row]) -> Iterator[Fault]:
    for columns in _ONCE[kind]:
        first: dict[tuple[Any, ...], int] = {}
        for row in rows:
            key = tuple(_folded(row[one]) for one in columns)
            if None in key:
                continue
            if key in first:
                yield Fault(
                    row=row.number,
                    column=columns[0] if len(columns) == 1 else None,
                    problem=f"row {first[key]} says the same as {', '.join(columns)}",
                    allowed="each of them once in a file",
                )
            else:
                first[key] = row.number


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
