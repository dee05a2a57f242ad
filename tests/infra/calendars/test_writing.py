"""A calendar as other programs read it: each instant is what it was, on the clocks of the scheme's zone, also where they change."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject
from dateutil import tz

from infra.calendars.writing import mark_of, write
from projections.agenda import DEADLINE, MEETING, SESSION, TASK, VISIT, WINDOW, Entry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def entry(number: int = 0, at: datetime = NOON, **said: Any) -> Entry:
    whole = {
        "case_id": f"submission-{number}", "name": "deadline submit-within", "what": DEADLINE, "rule": "submit-within",
        "who": ["provider"], "scheme": "cpd-qa@1", "starts_at": at, "tentative": False, "sequence": 0, "changed_at": NOON,
    }  # fmt: skip
    return Entry(**whole | said)


def written(entries: Sequence[Entry], zone: str = "Europe/London") -> str:
    return write("officer", entries, lambda scheme: zone if scheme else "UTC").decode()


def read(text: str) -> list[Any]:
    [calendar] = vobject.readComponents(text)
    return list(calendar.contents.get("vevent", ()))


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_every_instant_is_read_as_it_was_also_where_the_clocks_change(zone: str):
    """Half hours around both changes of a year, read by what the calendar itself says of its zone and by nothing else."""
    instants = [
        around + timedelta(minutes=30 * step)
        for around in (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
                       datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
                       datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC))
        for step in range(-8, 9)
    ]  # fmt: skip
    text = written([entry(number, at) for number, at in enumerate(instants)], zone)
    starts = [line for line in text.replace("\r\n ", "").splitlines() if line.startswith("DTSTART")]
    starts = starts[-len(instants) :]
    described = tz.tzical(io.StringIO(text)) if "BEGIN:VTIMEZONE" in text else None

    for line, at in zip(starts, instants, strict=True):
        name, _, value = line.partition(":")
        plain = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone comes next
        zone_read = UTC if value.endswith("Z") else described.get(name.partition("TZID=")[2]) if described else None
        assert zone_read is not None, line
        assert plain.replace(tzinfo=zone_read).astimezone(UTC) == at, line


def test_nothing_is_a_calendar_too():
    assert read(written([])) == []
    assert "VTIMEZONE" not in written([])


def test_what_is_of_no_scheme_is_told_in_utc():
    assert "DTSTART:20260302T120000Z" in written([entry(scheme="")])


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ({"what": DEADLINE, "rule": "assess-within"}, "Due: the assessment"),
        ({"what": TASK, "rule": "review-risk-within"}, "Due: the review of the risk"),
        ({"what": VISIT, "rule": ""}, "Visit"),
        ({"what": MEETING, "rule": "meeting"}, "Moderation meeting"),
        ({"what": MEETING, "rule": "award-panel"}, "Moderation: award panel"),
        ({"what": SESSION, "rule": ""}, "Standardisation session"),
        ({"what": WINDOW, "rule": "opens"}, "A window for submissions opens"),
        ({"what": WINDOW, "rule": "closes"}, "A window for submissions closes"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_each_kind_is_called_by_what_is_to_happen(said: dict[str, str], called: str):
    [event] = read(written([entry(**said)]))
    assert event.summary.value == called


def test_what_is_provisional_or_gone_says_so():
    told = [entry(0), entry(1, what=VISIT, tentative=True), entry(2, gone_at=NOON, sequence=3)]
    assert [(one.status.value, one.sequence.value) for one in read(written(told))] == [
        ("CONFIRMED", "0"),
        ("TENTATIVE", "0"),
        ("CANCELLED", "3"),
    ]


def test_a_thing_has_one_uid_in_every_calendar_and_two_things_have_two():
    first, again, other = (
        read(write(role, [one], lambda _: "UTC").decode())[0].uid.value
        for role, one in (("officer", entry()), ("provider", entry(at=NOON + timedelta(days=9))), ("officer", entry(1)))
    )
    assert first == again
    assert first != other


def test_the_mark_of_a_calendar_changes_with_whatever_is_written():
    def mark(role: str = "officer", zone: str = "UTC", **said: Any) -> str:
        return mark_of(role, [entry(**said)], lambda _: zone)

    changed = [
        mark("chair"),
        mark(zone="Europe/London"),
        mark(sequence=1),
        mark(at=NOON + timedelta(1)),
        mark(gone_at=NOON),
    ]
    assert mark() == mark()
    assert len({mark(), *changed}) == 6
