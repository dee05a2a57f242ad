"""Which rows of a list its reader sees: the table of permissions, their relations to what a row is about, and complaints apart."""

from collections.abc import Mapping
from typing import Any, Final

from psycopg.sql import SQL, Composable, Identifier

from domain import permissions
from domain.conflicts import Seen
from domain.ids import is_id
from domain.states import replace
from infra.api.caller import Caller
from infra.api.problems import not_found, refused
from infra.api.reading.listing import Listing, View
from infra.api.seeing import Sight
from projections import complaints

ANY_CASE: Final = "see-events"
"""The action by which whoever has no conflict sees that there is a case, once another lets them see what is beside it."""

LISTED: Final = "listed"
"""What the rows of a list are called in its query."""


def admit(listing: Listing, sight: Sight, caller: Caller, id: str) -> None:
    """Refuse who sees nothing of this list; what it is about (`id`) and they may not see is there not."""
    if "{id}" in listing.path:
        if not is_id(id, *listing.kinds) or not sight.sees(id, listing.action):
            raise not_found(field="id")
        return
    sight.require(listing.action)
    related = listing.case or listing.provider or listing.person
    if not related and not permissions.may(listing.action, caller.role, ()):
        raise refused(
            "acting-role",
            f"not for who acts as {caller.role}",
            field="role",
            allowed=", ".join(permissions.roles(listing.action, "none")),
        )


def conditions(listing: Listing, view: View, columns: Mapping[str, str]) -> tuple[list[Composable], dict[str, Any]]:
    """What a row has to fulfil to be seen, as SQL over `columns` (by what they are for) of `LISTED`, with its values."""
    found: list[Composable] = []
    values: dict[str, Any] = {}
    # Named with their table, so that they are never taken for the columns of what a condition looks up.
    named = {name: f"{LISTED}.{column}" for name, column in columns.items()}
    if listing.case or listing.provider:
        seen, more = view.sight.condition(listing.action, case=named.get("case"), provider=named.get("provider"))
        found.append(seen)
        values |= more
    own = SQL("{} = %(reader)s").format(Identifier(LISTED, columns["person"])) if listing.person else None
    if own and not permissions.may(listing.action, view.caller.role, ()):
        found.append(own)
    if listing.beside or listing.beside_provider:
        seen, more = view.sight.condition(ANY_CASE, case=named.get("beside"), provider=named.get("beside_provider"))
        found.append(SQL("({} OR {})").format(seen, own) if own else seen)
        values |= more
    if listing.matters:
        found.append(
            SQL("(NOT starts_with({case}, 'complaint-') OR {case} = ANY(%(complaints)s))").format(
                case=Identifier(LISTED, columns["case"])
            )
        )
        values["complaints"] = [one.complaint for one in complaints_seen(view)]
    return [SQL("({})").format(one) for one in found], values | {"reader": view.caller.actor}


def complaints_seen(view: View, limit: int = 100_000) -> list[complaints.Row]:
    """The complaints that the reader may see by the domain's rule, the latest first."""
    asker = asking(view.sight, view.caller)
    if asker is None:
        return []
    with view.connect() as connection:
        return complaints.page(connection, asker=asker, limit=limit)


def asking(sight: Sight, caller: Caller) -> complaints.Asker | None:
    """The reader as the rule on complaints knows them; None for who is no person."""
    if sight.person is None:
        return None
    person = replace(sight.person, seen=Seen(at=caller.at))
    return complaints.Asker(person=person, at=caller.at, speaks_for=sight.speaks_for)
