"""A calendar as iCalendar (RFC 5545): what each entry is called, in its scheme's time zone, without alarms, names or typed words."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event

from projections import agenda
from projections.agenda import Entry
from projections.words import plain, task

PRODUCT: Final = "-//Assay//Calendars//EN"
FORM: Final = 1
"""To be raised when the same entries are written in another way."""
HOURLY: Final = timedelta(hours=1)
"""How often who subscribes is to ask again."""
_THINGS: Final = uuid.UUID("6f2f5f0a-4f0e-5b52-9a63-8d2f4f6f8c11")
"""The name space of what stands in calendars, so that a thing has the same UID in each of them, and always."""
_CALLED: Final = {
    agenda.VISIT: "Visit",
    agenda.SESSION: "Standardisation session",
}
_BOUNDS: Final = {"opens": "A window for submissions opens", "closes": "A window for submissions closes"}


def mark_of(role: str, entries: Sequence[Entry], zone_of: Callable[[str], str]) -> str:
    """What tells this calendar from any other that is written, in a fraction of the time that it takes to write it."""
    zones = {one: zone_of(one) for one in sorted({entry.scheme for entry in entries})}
    return hashlib.sha256(msgspec.json.encode((FORM, role, zones, entries))).hexdigest()[:32]


def write(role: str, entries: Iterable[Entry], zone_of: Callable[[str], str]) -> bytes:
    """Write the calendar of a role; `zone_of` names the time zone of a scheme, by its reference, `UTC` for none.

    The same entries give the same bytes: nothing in them is of the time at which they are written.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    name = f"Accreditation, as {plain(role)}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", HOURLY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    first, last = date(9999, 1, 1), date(1, 1, 1)
    for one in entries:
        calendar.add_component(_event(one, zone_of(one.scheme)))
        first, last = min(first, one.starts_at.date()), max(last, one.starts_at.date())
    if first <= last:
        year = timedelta(days=366)
        calendar.add_missing_timezones(first_date=first - year, last_date=last + year)
    written: bytes = calendar.to_ical()
    return written


def _event(one: Entry, zone: str) -> Event:
    event = Event()
    event.add("uid", str(uuid.uuid5(_THINGS, f"{one.case_id} {one.name}")))
    event.add("dtstamp", one.changed_at.astimezone(UTC))
    event.add("last-modified", one.changed_at.astimezone(UTC))
    event.add("sequence", one.sequence)
    event.add("dtstart", _local(one.starts_at, zone))
    event.add("summary", summary(one))
    event.add("description", "\n".join(said for said in (one.case_id, one.scheme) if said))
    event.add("status", "CANCELLED" if one.gone_at else "TENTATIVE" if one.tentative else "CONFIRMED")
    event.add("transp", "OPAQUE" if one.what in {agenda.VISIT, agenda.MEETING, agenda.SESSION} else "TRANSPARENT")
    event.add("class", "CONFIDENTIAL")
    return event


def _local(at: datetime, zone: str) -> datetime:
    """An instant on the clocks of a zone; in the hour that they show twice, the second time, in UTC, as it could not be told."""
    local = at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return at.astimezone(UTC) if local.fold else local


def summary(one: Entry) -> str:
    """What an entry is called: what is to happen, and of whom it is says the rest, by an id."""
    if one.what in {agenda.DEADLINE, agenda.TASK}:
        return f"Due: {task(one.rule)}"
    if one.what == agenda.WINDOW:
        return _BOUNDS[one.rule]
    if one.what == agenda.MEETING:
        return "Moderation meeting" if one.rule == "meeting" else f"Moderation: {plain(one.rule)}"
    return _CALLED[one.what]
