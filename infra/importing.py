"""Files of the body's earlier records, read as rows of text: CSV as spreadsheets write it, and XLSX, read row by row.

Whatever can't be read is a fault, said with its row where it is in one. A file that would unpack to more than it may is not
unpacked.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from domain.importing import Fault, Sheet

MOST_BYTES: Final = 200 * 1024 * 1024
"""Of a file, and of what an XLSX unpacks to."""
MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
WIDEST: Final = 10 * 1024 * 1024
"""Characters of a cell that are read at all; how many it may have, its column says."""
CSV_SAVED: Final = "a file saved as “CSV UTF-8”, with commas or semicolons, or as XLSX"
_ZIP: Final = b"PK\x03\x04"


class UnreadableFile(Exception):
    """A file can't be read as rows at all; `fault` says why, and what is allowed."""

    def __init__(self, problem: str, allowed: str = CSV_SAVED, *, row: int | None = None) -> None:
        self.fault = Fault(row=row, column=None, problem=problem, allowed=allowed)
        super().__init__(str(self.fault))


def read_file(file: Path) -> Sheet:
    """Return the rows of a file. Raises UnreadableFile, also where there is none."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UnreadableFile(
                f"{file} is too large", f"at most {MOST_BYTES:,} bytes; several files, one after another"
            )
        return read_bytes(file.read_bytes())
    except OSError as error:
        raise UnreadableFile(f"{file} can't be read: {error.strerror}", "a file that is there") from None


def read_bytes(content: bytes, *, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> Sheet:
    """Return the rows of what is CSV in UTF-8 or XLSX, told by how it begins. Raises UnreadableFile."""
    rows = _xlsx(content, most_bytes) if content.startswith(_ZIP) else _csv(content)
    found: list[tuple[int, Sequence[str]]] = []
    header: Sequence[str] = ()
    for number, cells in rows:
        if number == 1:
            header = cells
        elif any(cells):
            found.append((number, cells))
        if len(cells) > MOST_COLUMNS:
            raise UnreadableFile(f"the row has {len(cells):,} cells", f"at most {MOST_COLUMNS}", row=number)
        if len(found) > most_rows:
            raise UnreadableFile(f"the file has more than {most_rows:,} rows", f"at most {most_rows:,}")
    return Sheet(header=header, rows=found)


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise UnreadableFile("it is not UTF-8 text", row=row) from None
    if "\x00" in text:
        raise UnreadableFile(
            "it holds NUL characters, so it is no text", row=text[: text.index("\x00")].count("\n") + 1
        )
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    csv.field_size_limit(WIDEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            unclosed = "unexpected end" in str(error) or "limit" in str(error)
            problem = "a quotation mark is not closed" if unclosed else f"it is no CSV ({error})"
            raise UnreadableFile(
                problem, 'cells in "…", with a quotation mark inside them doubled', row=number
            ) from None


def _xlsx(content: bytes, most_bytes: int) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        _require_bounded(content, most_bytes)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be anything
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, _trimmed([_said(one) for one in cells])
    except UnreadableFile:
        raise
    except Exception as error:  # noqa: BLE001 - the library raises whatever a broken file makes it stumble over
        raise UnreadableFile(f"it is no XLSX that can be read ({type(error).__name__})") from None


def _require_bounded(content: bytes, most_bytes: int) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(one.file_size for one in packed.infolist()) > most_bytes:
            raise UnreadableFile("it would unpack to too much", f"at most {most_bytes:,} bytes")


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _said(value: Any) -> str:
    """A cell as it would stand in a CSV: days as days, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
