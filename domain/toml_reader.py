"""Reading a scheme file whole: every fault is collected with its key and what is allowed, none is guessed at."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.clocks import DURATION_FORM, Calendar, Duration
from domain.ids import CODE_FORM, is_code

Content = TypeVar("Content")

MOST = 2**53
"""The largest whole number: the largest that every reader of JSON takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a file: where (`key`, dotted), what, and what is allowed."""

    file: str
    key: str
    problem: str
    allowed: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}: line {self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.problem}; allowed: {self.allowed}"


class FaultyFile(Exception):
    """A file can't be used; `faults` names everything wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(slots=True)
class Reader:
    """Reads typed values out of nested tables, noting faults; what was never asked for is an unknown key."""

    file: str
    tables: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def fault(self, key: str, problem: str, allowed: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(file=self.file, key=key, problem=problem, allowed=allowed))

    def adopt(self, part: "Reader", key: str) -> None:
        """Take over the faults of a part that was read on its own, as faults at `key`."""
        self.faults += [replace(fault, key=f"{key}.{fault.key}") for fault in part.faults]

    def raw(self, key: str, default: Any = None, *, allowed: str | None = None) -> Any:
        """Return what stands at the dotted `key`; where it is missing and `allowed` is given, that is a fault."""
        self.asked.add(key)
        at: Any = self.tables
        for part in key.split("."):
            if not isinstance(at, Mapping) or part not in at:
                if allowed is not None and default is None:
                    self.fault(key, "is missing", allowed)
                return default
            at = at[part]
        return at

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.raw(key, default, allowed="a text")
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self.fault(key, f"is {value!r}", "a text")
            return ""
        return value or ""

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        allowed = f"a whole number of at least {least}"
        value = self.raw(key, default, allowed=allowed)
        if value is None:
            return least
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
            too_large = type(value) is int and value > MOST
            self.fault(key, f"is {value!r}", f"a whole number of at most {MOST:,}" if too_large else allowed)
            return least
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            self.fault(key, f"is {value!r}", "true or false")
            return default
        return value

    def texts(self, key: str, default: Sequence[str] | None = None, *, least: int = 1) -> tuple[str, ...]:
        """A list of different texts, at least `least` of them."""
        allowed = f"a list of different texts, at least {least}"
        value = self.raw(key, default, allowed=allowed)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) and one.strip() for one in value):
            self.fault(key, f"is {value!r}", allowed)
            return ()
        if len(value) < least:
            self.fault(key, f"has {len(value)}", allowed)
        for one in {one for one in value if value.count(one) > 1}:
            self.fault(key, f"names {one!r} more than once", allowed)
        return tuple(value)

    def code(self, key: str) -> str:
        """A code: what stands in events, where no typed text may stand."""
        value = self.raw(key, allowed=CODE_FORM)
        if value is not None and not (isinstance(value, str) and is_code(value)):
            self.fault(key, f"is {value!r}", CODE_FORM)
            return ""
        return value or ""

    def codes(self, key: str) -> tuple[str, ...]:
        """A list of different codes, at least one."""
        values = self.texts(key)
        for one in values:
            if not is_code(one):
                self.fault(key, f"names {one!r}", CODE_FORM)
        return values

    def chosen(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of the texts in `allowed`, which are not none."""
        value = self.raw(key, default, allowed=", ".join(allowed))
        if value is not None and value not in allowed:
            self.fault(key, f"is {value!r}", ", ".join(allowed))
        return value if value in allowed else allowed[0]

    def chosen_all(self, key: str, allowed: Sequence[str], default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list whose every entry is in `allowed`; an empty list is one too."""
        values = self.texts(key, default, least=0)
        for one in values:
            if one not in allowed:
                self.fault(key, f"names {one!r}", ", ".join(allowed) or "what the file lists")
        return tuple(one for one in values if one in allowed)

    def duration(self, key: str, default: str | None = None) -> Duration:
        """An ISO 8601 duration or a number of working days."""
        value = self.raw(key, default, allowed=DURATION_FORM)
        return self._as_duration(key, value) if value is not None else Duration(text="")

    def optional_duration(self, key: str) -> Duration | None:
        """A duration, or nothing."""
        value = self.raw(key)
        return None if value is None else self._as_duration(key, value)

    def percent(self, key: str, default: int) -> int:
        """A whole number from 0 to 100."""
        value = self.raw(key, default)
        if type(value) is not int or not 0 <= value <= 100:
            self.fault(key, f"is {value!r}", "a whole number from 0 to 100")
            return default
        return value

    def durations(self, key: str, default: Sequence[str] | None = None) -> tuple[Duration, ...]:
        """A list of durations; an empty list is one too."""
        return tuple(self._as_duration(key, one) for one in self.texts(key, default, least=0))

    def days(self, key: str) -> frozenset[date]:
        """A list of dates written as TOML dates."""
        value = self.raw(key, [])
        if not isinstance(value, list) or not all(type(one) is date for one in value):
            self.fault(key, "is not a list of dates", "dates such as 2027-12-25, without quotes")
            return frozenset()
        return frozenset(value)

    def moment(self, key: str) -> time | None:
        """A time of day, or nothing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, time):
            self.fault(key, f"is {value!r}", "a time such as 23:59:59, without quotes")
            return None
        return value

    def amounts(self, key: str, names: Sequence[str]) -> dict[str, int]:
        """A table with an amount of money, in minor units (pence), for each of `names`."""
        return {name: self.whole(f"{key}.{name}") for name in names}

    def unknown_keys(self) -> None:
        """Note every key that nothing asked for."""
        known = self.asked | {key[:end] for key in self.asked for end, mark in enumerate(key) if mark == "."}
        for key in _keys(self.tables):
            if key not in known and not any(key.startswith(f"{asked}.") for asked in self.asked):
                beside = sorted(one for one in known if one.rpartition(".")[0] == key.rpartition(".")[0])
                self.fault(key, "is not known", ", ".join(one.rpartition(".")[2] for one in beside) or "nothing here")

    def _as_duration(self, key: str, value: Any) -> Duration:
        try:
            return Duration.parse(str(value))
        except ValueError:
            self.fault(key, f"is {value!r}", DURATION_FORM)
            return Duration(text="")


def read_file(source: str, file: str, read: Callable[[Reader, str], Content]) -> Content:
    """Read a TOML text whole by `read`, which gets the reader and the text's SHA-256 (hex).

    Raises FaultyFile naming every fault at once, keys that nothing asked for among them.
    """
    try:
        digest = hashlib.sha256(source.encode()).hexdigest()
        tables = tomllib.loads(source)
    except (ValueError, RecursionError) as problem:  # of TOML, of a number with too many digits, of Unicode
        raise FaultyFile([Fault(file=file, key="(file)", problem=str(problem), allowed="TOML")]) from None
    reader = Reader(file, tables)
    content = read(reader, digest)
    reader.unknown_keys()
    if reader.faults:
        lines = lines_of(source)
        located = [replace(fault, line=_line(lines, fault.key)) for fault in reader.faults]
        raise FaultyFile(sorted(located, key=lambda fault: (fault.key, fault.problem)))
    return content


def read_calendar(reader: Reader) -> Calendar:
    """The table `[calendar]`: time zone, days off, and when a deadline in whole days ends."""
    zone = reader.text("calendar.zone")
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        reader.fault("calendar.zone", f"is {zone!r}", "a time zone such as Europe/London")
        zone = "UTC"
    return Calendar(zone=zone, holidays=reader.days("calendar.holidays"), day_ends=reader.moment("calendar.day_ends"))


def _line(lines: Mapping[str, int], key: str) -> int | None:
    """The line of a key, or of the nearest table that it belongs to."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key)


def _keys(table: Mapping[str, Any], above: str = "") -> list[str]:
    found = []
    for name, value in table.items():
        key = f"{above}.{name}" if above else name
        found += (_keys(value, key) if isinstance(value, Mapping) else []) or [key]
    return found


_HEADER = re.compile(r"^\s*(\[\[|\[)([^\[\]#]+)\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-]+|\"[^\"]+\")\s*=")


def lines_of(source: str) -> dict[str, int]:
    """Return the line of each table and key of a TOML text, by the dotted name that a fault has (`criteria[2].title`).

    A key whose table is written inline, or that is missing, is not there; its table is. Lines within a text of several
    lines that look like a key are taken for one, which harms nothing: faults are of keys that the reader knows.
    """
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(source.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2].strip().replace('"', "")
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                found.setdefault(table, number)
                table = f"{table}[{counts[table]}]"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].replace('"', "")
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found
