"""A whole table as a file of any length: CSV or a spreadsheet, whose cells are never formulas, with instants in UTC."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, Final

import xlsxwriter

from projections.words import plain

LONGEST: Final = 32_767
"""Characters of a spreadsheet's cell."""
ROWS: Final = 1_048_575
"""Rows of a spreadsheet below its heads: no program opens more."""
AT_ONCE: Final = 500
"""Rows of CSV that are put into words at once."""
INSTANT: Final = 'yyyy-mm-dd hh:mm:ss "UTC"'
WIDE: Final = 24
"""Characters that an instant takes; a narrower column would show it as ####."""
NO_DATES: Final = 1900
"""The year up to which spreadsheets have no dates, or wrong ones; instants of then are texts."""
CUT: Final = " … (cut)"
SKIPPED: Final = " \u00a0\u200b\ufeff\"'`\v\f\n"
"""What a program may take away before it looks whether a cell is a formula."""
FORMULAS: Final = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with, also in the wide forms of East Asian writing."""


def cell(value: Any) -> str | int | float | bool:
    """A value as a cell: what would be taken for a formula gets an apostrophe before it, and is text."""
    if value is None:
        return ""
    if isinstance(value, (bool, int, float)):
        return value
    return _harmless(value if type(value) is str else _text(value))


def _text(value: Any) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case list() | tuple():
            return " | ".join(_text(one) for one in value)
        case _:
            return str(value)


def _harmless(text: str) -> str:
    looked_at = text.lstrip(SKIPPED)
    return f"'{text}" if text[:1] in FORMULAS or looked_at[:1] in FORMULAS else text


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a table as CSV (UTF-8, every text in quotes), some rows at a time."""
    left = iter(rows)
    head: list[list[Any]] = [[plain(one) for one in columns]]
    while lines := head + [[_said(cell(row[one])) for one in columns] for row in islice(left, AT_ONCE)]:
        buffer = io.StringIO()
        csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
        yield buffer.getvalue().encode("utf-8", "replace")
        head = []


def _said(value: str | int | float | bool) -> str | int | float:
    return str(value).lower() if isinstance(value, bool) else value


def write_xlsx(out: IO[bytes], columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, title: str) -> None:
    """Write a table as a spreadsheet, row by row to a temporary file, so that it may be long.

    Instants are dates, which keep thousandths of a second; a text longer than a cell holds is cut, and says so.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title[:31])
        sheet.write_row(0, 0, [plain(one) for one in columns], book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        instant = book.add_format({"num_format": INSTANT})
        dates: set[int] = set()
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = row[column]
                if value is None:
                    continue
                if isinstance(value, datetime) and value.year > NO_DATES:
                    sheet.write_datetime(number, place, value.astimezone(UTC).replace(tzinfo=None), instant)
                    dates.add(place)
                    continue
                value = cell(value)
                if isinstance(value, str):
                    sheet.write_string(number, place, value if len(value) <= LONGEST else _cut(value))
                elif isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                else:
                    sheet.write_number(number, place, value)
        for place in dates:
            sheet.set_column(place, place, WIDE)


def _cut(text: str) -> str:
    return text[: LONGEST - len(CUT)] + CUT
