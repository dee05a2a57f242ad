"""A whole list as a file: CSV or a spreadsheet, whose cells are never formulas, with instants in UTC."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import xlsxwriter

from projections.words import plain

LONGEST: Final = 32_767
"""Characters of a spreadsheet's cell."""
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
    return _harmless(_text(value))


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


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a table as CSV (UTF-8, every text in quotes), some rows at a time."""
    for begin in range(0, max(len(rows), 1), 500):
        buffer = io.StringIO()
        writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
        if begin == 0:
            writer.writerow([plain(one) for one in columns])
        writer.writerows([[_said(cell(row[one])) for one in columns] for row in rows[begin : begin + 500]])
        yield buffer.getvalue().encode("utf-8", "replace")


def _said(value: str | int | float | bool) -> str | int | float:
    return str(value).lower() if isinstance(value, bool) else value


def as_xlsx(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, title: str) -> bytes:
    """Return a table as a spreadsheet; a text longer than a cell holds is cut, and says so."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(title[:31])
        sheet.write_row(0, 0, [plain(one) for one in columns], book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = cell(row[column])
                if isinstance(value, str):
                    sheet.write_string(number, place, value if len(value) <= LONGEST else _cut(value))
                elif isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                else:
                    sheet.write_number(number, place, value)
    return buffer.getvalue()


def _cut(text: str) -> str:
    return text[: LONGEST - len(CUT)] + CUT
