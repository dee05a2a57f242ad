"""A read model is one module: its tables, how events change them, and its queries; this is the form they share."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from projections.tables import Table, Tables


class Recorded(Protocol):
    """One event as the record holds it; `position` is its place in the whole log, instants are UTC."""

    @property
    def position(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def name(self) -> str: ...
    @property
    def event(self) -> Any: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def scheme(self) -> str | None: ...


Apply = Callable[[Tables, Sequence[Recorded]], None]
"""Changes the tables by the next events of the log, in their order. The same events in other batches make the same rows."""


@dataclass(frozen=True, kw_only=True)
class ReadModel:
    """A read model: `name`, `tables`, `apply`. Raise `version` when `apply` makes other rows of the same events."""

    name: str
    version: int
    tables: tuple[Table[Any], ...]
    apply: Apply

    @cached_property
    def fingerprint(self) -> str:
        """12 hex digits that change with the tables' definition and the version: rows made under another are outdated."""
        parts = [str(self.version)]
        for table in self.tables:
            parts += [table.creation().as_string(), *(one.as_string() for one in table.indexing())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
