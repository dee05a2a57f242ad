"""What one cell says: read by what its column holds, or refused with what is allowed there.

Nothing is guessed: a date has one form, a code is as the scheme writes it, and what a spreadsheet would compute is no text.
"""

import re
import unicodedata
from datetime import date
from typing import Any, Final

from domain.ids import CODE_FORM, is_code
from domain.importing.columns import Column
from domain.refusals import Refused
from domain.texts import checked_email

FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula, whoever opens the file or a list of the same words later."""
_KEPT: Final = "\t\n\r"
_UNKEEPABLE: Final = frozenset({"Cc", "Cs", "Co", "Cn"})  # controls, halves of characters, private and unassigned ones
_MISLEADING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffd")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}@[0-9]{1,9}", re.ASCII)
DAY_FORM: Final = "a day that there is, as 2024-05-31, from 2000 and before 2200"


class WrongCell(Exception):
    """A cell can't be read: what is wrong with it, and what is allowed."""

    def __init__(self, problem: str, allowed: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.allowed = allowed


def read_cell(column: Column, raw: str) -> Any:
    """Return what the cell says: a str, a tuple of codes, a date or an int; None for an empty one. Raises WrongCell."""
    if len(raw) > column.most + 1_000:  # white space around it aside
        raise _too_long(column, len(raw))
    said = unicodedata.normalize("NFC", raw.strip())
    if not said:
        if column.required:
            raise WrongCell("it is empty", column.says)
        return () if column.form == "codes" else None
    _require_plain(column, said)
    return _READ[column.form](column, said)


def _require_plain(column: Column, said: str) -> None:
    if len(said) > column.most:
        raise _too_long(column, len(said))
    if said.startswith(FORMULA):
        raise WrongCell(
            f"it begins like a formula, with {said[0]}", f"text that does not begin with {' '.join(FORMULA)}"
        )
    for one in said:
        if one in _MISLEADING or (unicodedata.category(one) in _UNKEEPABLE and one not in _KEPT):
            raise WrongCell(
                f"it has the character U+{ord(one):04X}, which can't be kept or would mislead",
                "printable characters; a U+FFFD shows that the file was saved in another encoding than UTF-8",
            )
    if column.form != "text" and any(one in said for one in _KEPT):
        raise WrongCell("it goes on over several lines", "one line")
    if not any(one.isprintable() and not one.isspace() for one in said):
        raise WrongCell("nothing of it is to be seen", column.says)


def _too_long(column: Column, length: int) -> WrongCell:
    return WrongCell(f"it has {length:,} characters", f"at most {column.most:,}")


def _text(_: Column, said: str) -> str:
    return said


def _email(_: Column, said: str) -> str:
    try:
        return checked_email(said, field="email")
    except Refused as refused:
        raise WrongCell("it is no e-mail address", refused.allowed or "") from None


def _code(_: Column, said: str) -> str:
    if not is_code(said):
        raise WrongCell(f"{said!r} is not a code", CODE_FORM)
    return said


def _codes(_: Column, said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in re.split(r"[\s,;]+", said) if one))


def _scheme(column: Column, said: str) -> str:
    if not _SCHEME.fullmatch(said):
        raise WrongCell(f"{said!r} is no version of a scheme", column.says)
    return said


def _date(_: Column, said: str) -> date:
    found = _DAY.fullmatch(said)
    if not found:
        raise WrongCell(f"{said!r} is no date", DAY_FORM)
    try:
        day = date(*(int(one) for one in found.groups()))
    except ValueError:
        raise WrongCell(f"there is no such day as {said}", DAY_FORM) from None
    if not 2000 <= day.year < 2200:
        raise WrongCell(f"{said} is out of range", DAY_FORM)
    return day


def _number(column: Column, said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) < 6 and int(said)):
        raise WrongCell(f"{said!r} is no number from 1", column.says)
    return int(said)


_READ: Final = {
    "text": _text, "line": _text, "reference": _text, "email": _email, "code": _code, "codes": _codes,
    "scheme": _scheme, "date": _date, "number": _number,
}  # fmt: skip
