"""The words that the table of permissions is written in: relations to what an action is about, and the sets that recur."""

from collections.abc import Mapping
from typing import Final

from domain.person import ROLES

RELATIONS: Final = ("own", "assigned", "panel", "took-part", "conflicted", "none")
"""How who acts stands to what an action is about.

`own`: they speak for its provider, or it is about themselves. `assigned`: they are to do something in it now, see to it, or
lead the department whose affair it is. `panel`: they sit on what decides it. `took-part`: they did something in it before.
`conflicted`: a conflict keeps them from it in the role they act in (the provider for which a contact acts is their `own`, and
no conflict). `none`: nothing of these, or it is about no case.
"""
PUBLIC_ROLE: Final = "public"
"""The role of who is not known to the body; its actor is no person."""
INSTALLER_ROLE: Final = "installer"
"""Who runs the command line with the record's own credentials; sets up schemes and the first people."""

Cell = frozenset[str]
Rows = Mapping[str, Mapping[str, Cell]]

OWN: Final[Cell] = frozenset({"own"})
ASSIGNED: Final[Cell] = frozenset({"assigned"})
PANEL: Final[Cell] = frozenset({"panel"})
NONE: Final[Cell] = frozenset({"none"})
NO_PART: Final[Cell] = frozenset({"assigned", "none"})
"""Who had no part in what it is about, and has no seat on what decides it."""
UNCONFLICTED: Final[Cell] = frozenset({"assigned", "panel", "took-part", "none"})
"""Whoever has no conflict; what else they need, the rules of the action say."""
ANYHOW: Final[Cell] = frozenset(RELATIONS)
"""Also with a conflict: for what concerns oneself, and for what is public."""
ONESELF: Final[Cell] = frozenset({"own", "conflicted"})
"""Only about oneself, and then also about a conflict of one's own."""

SHORT: Final[Mapping[Cell, str]] = {
    ANYHOW: "in any relation",
    UNCONFLICTED: "without a conflict",
    UNCONFLICTED | OWN: "own, or without a conflict",
}
"""Sets of relations that recur, in a few words."""


def everyone(cell: Cell) -> dict[str, Cell]:
    """A row in which all roles of people have the same cell."""
    return dict.fromkeys(ROLES, cell)
