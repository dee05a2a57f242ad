"""Calendars, on a terminal: addresses made for people, listed and ended, by whoever may use this machine's data folder."""

from datetime import UTC, datetime

from domain.refusals import refuse
from infra.calendars import addresses
from infra.cli.identity import identity_of, opened_store
from infra.cli.reading import columns
from infra.cli.screen import screen
from infra.identity import people
from infra.settings import Settings
from infra.store.datastore import Datastore
from services.states import fold


def make_address(settings: Settings, who: str, *, role: str) -> None:
    """Print a new address of somebody's calendar in a role that they hold."""
    with opened_store(settings) as app:
        store, at = app.records.datastore, datetime.now(UTC)
        person = people.find_person(store, who)
        people.require_open(store, person, at)
        held = {one for one, _ in fold(person, app.records.streams(person)[person].entries).roles_at(at)}
        if role not in held:
            raise refuse("acting-role", "they do not hold that role", field="--role", allowed=", ".join(sorted(held)))
        made, path = addresses.make(store, person=person, role=role, at=at)
    screen().print(f"{made.id}: the calendar of {made.person}, as {made.role}\n")
    screen().print(identity_of(settings).base.rstrip("/") + path, soft_wrap=True)
    screen().print("\nWhoever has this address sees it. It is not kept: note it now.")


def show_calendars(settings: Settings) -> None:
    """Print the calendars that there are."""
    with opened_store(settings) as app:
        found = addresses.all_addresses(app.records.datastore)
    table = columns("id", "person", "role", "since (UTC)", "addresses so far")
    for one in found:
        table.add_row(one.id, one.person, one.role, f"{one.made_at:%Y-%m-%d %H:%M}", str(one.version))
    screen().print(table if found else "There is no calendar.")


def end_calendar(settings: Settings, id: str) -> None:
    """End a calendar."""
    with opened_store(settings) as app:
        _require_ended(app.records.datastore, id)
    screen().print(f"{id} has ended.")


def _require_ended(store: Datastore, id: str) -> None:
    if not addresses.end(store, id):
        raise refuse(
            "known-calendar", "there is no such calendar", field="ID", allowed="one that `assay calendar list` shows"
        )
