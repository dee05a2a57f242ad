"""What stands in a calendar: of all that has a date, what its person may see now in its role; and of that, what is theirs.

Each kind of thing is decided by the action of the permissions that decides it in the lists, in the same way, so that a
calendar shows nothing that the person could not look up at that time. Source: handbook, Who sees what.
"""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.sql import SQL, Composable, Identifier

from infra.api.caller import Api, Caller
from infra.api.reading.asked import JSON, Asked
from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import rows_of
from infra.api.seeing import Sight
from projections import agenda
from projections.agenda import ENTRIES, Entry

OPERATIONS: Final = ("officer", "quality-manager")
"""The roles whose calendars hold everything that they see; those of others what is theirs to do, to attend or to wait for."""
BEHIND: Final = timedelta(days=31)
"""For so long what is over stands in a calendar, and what is gone is said to be cancelled."""
AHEAD: Final = timedelta(days=3 * 366)
MOST: Final = 1_000
"""Entries of one kind, the first by date."""

KINDS: Final = {
    agenda.DEADLINE: "see-reminders",
    agenda.TASK: "see-tasks",
    agenda.VISIT: "see-case",
    agenda.MEETING: "see-case",
    agenda.SESSION: "see-standardisation",
    agenda.WINDOW: "see-windows",
}
"""Kind of entry → what its person has to be allowed to see."""


def _source(what: str) -> Composable:
    """The entries of one kind that a calendar may hold: those of its time, and of whoever asks or of all."""
    return SQL(
        "SELECT {columns} FROM {entries} WHERE what = {what} AND starts_at < %(until)s AND CASE"
        " WHEN gone_at IS NOT NULL THEN gone_at > %(since)s AND starts_at > %(since)s"
        " ELSE starts_at > %(since)s OR what IN ({deadline}, {task}) END"
        " AND (%(all)s OR who && %(who)s::text[])"
    ).format(
        columns=SQL(", ").join(Identifier(one.name) for one in fields(Entry)),
        entries=ENTRIES.identifier(),
        what=what,
        deadline=agenda.DEADLINE,
        task=agenda.TASK,
    )


def _listing(what: str) -> Listing:
    """The list of the entries of one kind: it has no route, but its rows are decided upon as those of any list."""
    open_to_all = what == agenda.WINDOW
    return Listing(
        path=f"agenda/{what}",
        operation=f"list_agenda_{what}",
        summary="",
        tag="calendars",
        action=KINDS[what],
        row=Entry,
        source=_source(what),
        models=(agenda.MODEL,),
        key=("case_id", "name"),
        order="starts_at",
        case=None if open_to_all else "case_id",
        matters=what == agenda.TASK,
    )


LISTS: Final = {what: _listing(what) for what in KINDS}


def entries_of(api: Api, caller: Caller) -> list[Entry]:
    """The entries of the calendar of `caller`, in their role, as it is at the instant of their request."""
    sight = Sight(api, caller)
    people = sorted(sight.person.ids) if sight.person else []
    asked: dict[str, Any] = {
        "since": caller.at - BEHIND,
        "until": caller.at + AHEAD,
        "all": caller.role in OPERATIONS,
        "who": [*people, caller.role],
    }
    view = View(api=api, caller=caller, sight=sight, on=caller.at, more=asked)
    found = [
        entry
        for what, listing in LISTS.items()
        if sight.allows(KINDS[what])
        for entry in rows_of(listing, view, _whole(listing, caller.at), limit=MOST)
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.case_id, one.name))


def _whole(listing: Listing, at: datetime) -> Asked:
    return Asked(filters=(), sort=listing.order, limit=MOST, format=JSON, on=at, behind=None, token="")
