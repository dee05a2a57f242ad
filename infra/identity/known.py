"""Who a token stands for, as the rest of the product knows it, and why one is not accepted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PUBLIC: Final = "public"
"""The role, and the beginning of the actor, of who is not known to the body."""
SERVICE: Final = "service"
"""Begins the actor of a service account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who a token stands for.

    `actor` is a person id, or a service account's (`service-…`). `roles` are a service account's own; a person's are on the
    record and None here. `scopes` are the actions (of `domain.permissions`) that it is narrowed to, None where it is not
    narrowed. `session` can be ended. `until` (UTC) is when the token expires.
    """

    actor: str
    session: str
    until: datetime
    roles: tuple[str, ...] | None = None
    scopes: frozenset[str] | None = None


class NotKnown(Exception):
    """A token that is not accepted; its text says why, and names nobody."""


Identify = Callable[[str, datetime], Known]
"""Returns who the bearer token stands for at an instant (UTC); raises NotKnown."""
