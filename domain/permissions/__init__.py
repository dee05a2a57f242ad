"""The one table of who may do and see what: action × role × how they stand to what it is about.

An action is a service that people use, by its name (`pass_screening`; `learning.answer_questionnaire` where two have the
same one), or something that is read, in kebab case (`see-case`). What an action needs beyond this, its rules say, with a
refusal of their own. Source: docs/decisions/0018; printed by `assay permissions`.
"""

from collections.abc import Collection
from typing import Final

from domain.permissions.awards import AWARDS
from domain.permissions.cases import CASES
from domain.permissions.cells import INSTALLER_ROLE, PUBLIC_ROLE, RELATIONS, SHORT, Cell, Rows
from domain.permissions.governance import GOVERNANCE
from domain.permissions.people import PEOPLE
from domain.permissions.reading import READING
from domain.person import ROLES

__all__ = [
    "AREAS",
    "BESIDE",
    "INSTALLER_ROLE",
    "PARTS",
    "PROCESS_ONLY",
    "PUBLIC_ROLE",
    "RELATIONS",
    "Cell",
    "actions",
    "may",
    "named",
    "relations_allowed",
    "relations_said",
    "roles",
    "row",
    "said",
]

AREAS: Final[dict[str, Rows]] = {
    "cases": CASES,
    "awards": AWARDS,
    "people": PEOPLE,
    "governance": GOVERNANCE,
    "reading": READING,
}
PARTS: Final = frozenset({"enter-concern", "lead-any-department"})
"""Actions that are a part of services: what only some of those may who may use these."""
BESIDE: Final = frozenset({"keep-calendar", "end-calendar", "keep-webhooks"})
"""Actions on what is no part of the record, which no service carries out: who else is told what it holds."""
PROCESS_ONLY: Final = frozenset(
    {
        "ask_about_conflicts",
        "ask_confirmation",
        "assign_assessor",
        "begin_session",
        "close_complaint",
        "close_learning",
        "close_window",
        "end_terms",
        "give_up_date",
        "lapse",
        "look_again",
        "look_at_year",
        "lapse_award",
        "miss_confirmation",
        "miss_deadline",
        "miss_marking",
        "miss_review",
        "miss_task",
        "open_final_review",
        "open_window",
        "release_result",
        "remind",
        "remind_marker",
        "remind_of_end",
        "remind_task",
        "remind_to_confirm",
        "start_extension",
        "start_preparation",
        "start_screening",
        "take_back",
        "turn_period",
    }
)
"""Services that no person uses, in whatever role: steps of the process that watches over what they are about."""
_TABLE: Final = {action: cells for rows in AREAS.values() for action, cells in rows.items()}


def actions() -> tuple[str, ...]:
    """All actions, in the table's order."""
    return tuple(_TABLE)


def named(module: str, name: str) -> str:
    """The action of the service `name` in a module (`services.learning`): its name, with the module's where two have the same."""
    qualified = f"{module.rpartition('.')[2]}.{name}"
    return qualified if qualified in _TABLE else name


def row(action: str) -> dict[str, Cell]:
    """All roles that may do this in some relation, each with its relations; also those that nobody can be given."""
    try:
        return dict(_TABLE[action])
    except KeyError:
        raise KeyError(f"{action!r} is no action: the table in domain/permissions has no row for it") from None


def roles(action: str, relation: str | None = None) -> tuple[str, ...]:
    """The roles of people that may do this (in this relation, if one is said), in the table's order."""
    return tuple(role for role, cell in row(action).items() if role in ROLES and (relation is None or relation in cell))


def said(action: str) -> str:
    """Who may do this, in words: roles, and how they have to stand to what it is about."""
    cells: dict[Cell, list[str]] = {}
    for role in roles(action):
        cells.setdefault(row(action)[role], []).append(role)
    return "; ".join(f"{', '.join(who)}: {relations_said(cell)}" for cell, who in cells.items())


def relations_said(cell: Cell) -> str:
    """The relations of a cell, the sets that recur in words."""
    return SHORT.get(cell) or ", ".join(one for one in RELATIONS if one in cell)


def relations_allowed(action: str, role: str) -> Cell:
    """The relations in which the role may do this."""
    return row(action).get(role, frozenset())


def may(action: str, role: str, relations: Collection[str]) -> bool:
    """Whether somebody in this role may do this who stands in these relations to what it is about (`none` if in none).

    A conflict keeps them from it whatever else they are, unless the cell names it.
    """
    allowed = relations_allowed(action, role)
    if "conflicted" in relations and "conflicted" not in allowed:
        return False
    return not allowed.isdisjoint(relations or ("none",))
