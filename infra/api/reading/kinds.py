"""What may be asked of a list's column, by its type: how a value is read, and when a row has it, in SQL and in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import NoneType
from typing import Any, Final, get_args

LONGEST: Final = 200
"""Characters of a value."""
GREATEST: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to ask: `read` makes a value of what was written or raises ValueError, `holds` says whether a cell has it.

    `sql` says the same with `{column}` and `{value}`; `schema` describes it, `allowed` says it in words.
    """

    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    allowed: str
    sql: str
    holds: Callable[[Any, Any], bool]


def _text(said: str) -> str:
    if not 0 < len(said) <= LONGEST or not said.isprintable():
        raise ValueError(said)
    return said


def _number(said: str) -> int:
    number = int(said) if said.removeprefix("-").isdecimal() and said.isascii() else None
    if number is None or abs(number) >= GREATEST:
        raise ValueError(said)
    return number


def _yes(said: str) -> bool:
    if said not in {"true", "false"}:
        raise ValueError(said)
    return said == "true"


def instant(said: str) -> datetime:
    """Read an instant with its time zone; ValueError for anything else."""
    try:
        at = datetime.fromisoformat(said)
        if at.tzinfo is None:
            raise ValueError(said)
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(said) from None


INSTANTS: Final = "an instant with its time zone, e.g. 2027-03-12T09:00:00Z"
_DATE_TIME: Final = {"type": "string", "format": "date-time"}

TEXT: Final = Kind(
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST},
    read=_text,
    allowed=f"at most {LONGEST} characters; with * at the end, all that begins so",
    sql="{column} = {value}",
    holds=lambda cell, value: cell == value,
)
BEGINS: Final = Kind(
    schema=TEXT.schema,
    read=_text,
    allowed=TEXT.allowed,
    sql="starts_with({column}, {value})",
    holds=lambda cell, value: cell is not None and cell.startswith(value),
)
SCHEME: Final = Kind(
    schema=TEXT.schema,
    read=_text,
    allowed="a version such as cpd-qa@1, or a scheme such as cpd-qa, in any version",
    sql="({column} = {value} OR split_part({column}, '@', 1) = {value})",
    holds=lambda cell, value: cell is not None and value in {cell, cell.partition("@")[0]},
)
NUMBER: Final = Kind(
    schema={"type": "integer"},
    read=_number,
    allowed="a whole number",
    sql="{column} = {value}",
    holds=lambda cell, value: cell == value,
)
YES: Final = Kind(
    schema={"type": "boolean"},
    read=_yes,
    allowed="true or false",
    sql="{column} = {value}",
    holds=lambda cell, value: cell is value,
)
FROM: Final = Kind(
    schema=_DATE_TIME,
    read=instant,
    allowed=INSTANTS,
    sql="{column} >= {value}",
    holds=lambda cell, value: cell is not None and cell >= value,
)
UNTIL: Final = Kind(
    schema=_DATE_TIME,
    read=instant,
    allowed=INSTANTS,
    sql="{column} < {value}",
    holds=lambda cell, value: cell is not None and cell < value,
)
HAS: Final = Kind(
    schema=TEXT.schema,
    read=_text,
    allowed=f"at most {LONGEST} characters",
    sql="{value} = ANY({column})",
    holds=lambda cell, value: value in cell,
)
EMPTY: Final = Kind(
    schema={"type": "boolean"},
    read=_yes,
    allowed="true or false",
    sql="({column} IS NULL) = {value}",
    holds=lambda cell, value: (cell is None) is value,
)
SOME: Final = Kind(
    schema={"type": "boolean"},
    read=_yes,
    allowed="true or false",
    sql="({column} <> 0) = {value}",
    holds=lambda cell, value: bool(cell) is value,
)
PAST: Final = Kind(
    schema={"type": "boolean"},
    read=_yes,
    allowed="true or false",
    sql="(coalesce({column}, 'infinity') <= {at}) = {value}",
    holds=lambda cell, value: cell is value,  # asked only of what is read by SQL
)

SORTED_LAST: Final[Mapping[Any, tuple[str, str]]] = {
    str: ("text", ""),
    int: ("int8", str(GREATEST)),
    bool: ("bool", "false"),
    datetime: ("timestamptz", "infinity"),
}
"""By type of a column: its type in SQL, and where a cell without a value is sorted."""
_LEAST: Final[Mapping[Any, Any]] = {str: "", int: GREATEST, bool: False, datetime: datetime.max.replace(tzinfo=UTC)}


def plain_type(hint: Any) -> Any:
    """The type of a column without `None`."""
    return next(one for one in get_args(hint) if one is not NoneType) if NoneType in get_args(hint) else hint


def placed(hint: Any, cell: Any) -> Any:
    """A cell as it is sorted in memory, in the order that SQL has."""
    return _LEAST[plain_type(hint)] if cell is None else cell
