"""An award that was made elsewhere: what it is on record, to the very instant, and what can't have been."""

from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import Accreditation, evolve
from domain.accreditation.events import AccreditationImported, CertificateIssued
from domain.accreditation.importing import Past, import_award
from domain.accreditation.validity import Suspension
from tests.domain.awards import YEARLY
from tests.domain.given import AWARD, CASE, DAY, LEAD, NOON, PROVIDER, SCHEME, SECOND, refused, text, utc

BEGAN, ENDS = utc("2024-03-02 12:00"), utc("2027-03-02 12:00")
"""Two years ago, and a year from now."""
CONCERN = "concern-elsewhere"


def imported(**said: Any) -> AccreditationImported:
    """What comes on record at NOON, unless told, of an award that began two years ago."""
    given = {"scheme": SCHEME, "scope": None, "at": NOON}
    given |= {one: said.pop(one) for one in tuple(said) if one in given}
    return import_award(
        id=AWARD,
        submission=CASE,
        provider=PROVIDER,
        lead_contact=LEAD,
        level="marked",
        category="single",
        subject="science",
        phase="primary",
        strengths=(),
        past=Past(**{"starts_at": BEGAN, **said}),
        concern=CONCERN,
        **given,
    )


def held(event: AccreditationImported) -> Accreditation:
    return evolve(Accreditation(), event)


def reminders(at: datetime = NOON, **said: Any) -> tuple[datetime, ...]:
    return imported(at=at, **said).clock.remind_at


# -- what it is --------------------------------------------------------------------------------------------------------


def test_without_an_end_it_lasts_as_long_as_the_scheme_says_and_with_one_until_then():
    assert imported().ends_at == imported().clock.due_at == ENDS
    assert imported(ends_at=ENDS - DAY).ends_at == ENDS - DAY


def test_only_what_is_to_come_is_reminded_of():
    first, *later = SCHEME.reminders(BEGAN, ENDS, SCHEME.clocks.remind_validity)

    assert reminders(at=first - SECOND) == (first, *later)
    assert reminders(at=first) == tuple(later)
    assert reminders(at=ENDS) == ()


def test_of_the_end_of_a_withdrawn_award_nobody_is_reminded():
    assert reminders(at=BEGAN + DAY) != ()
    assert reminders(at=BEGAN + DAY, withdrawn_at=BEGAN + DAY) == ()


@pytest.mark.parametrize(
    ("said", "at", "standing", "over"),
    [
        ({}, ENDS - SECOND, "accredited", False),
        ({}, ENDS, "lapsed", True),
        ({"withdrawn_at": BEGAN + DAY}, NOON, "withdrawn", True),
        ({"withdrawn_at": BEGAN + DAY}, ENDS, "withdrawn", True),
        ({"suspended_at": NOON - DAY}, NOON, "suspended", False),
        ({"suspended_at": NOON - DAY, "reinstated_at": NOON}, NOON, "accredited", False),
    ],
    ids=["runs", "just-over", "withdrawn", "withdrawn-and-past-its-end", "suspended", "reinstated"],
)
def test_it_stands_as_it_stood(said: dict[str, Any], at: datetime, standing: str, over: bool):
    event = imported(at=at, **said)

    assert (held(event).standing(at), event.over, held(event).over) == (standing, over, over)
    assert event.lapsed is (standing == "lapsed")


def test_a_suspension_that_lasts_is_reviewed_under_the_concern_and_one_that_ended_is_kept():
    lasting = held(imported(suspended_at=NOON - DAY))
    past = held(imported(suspended_at=NOON - DAY, reinstated_at=NOON))

    assert lasting.suspensions == (Suspension(concern=CONCERN, starts_at=NOON - DAY, ends_at=None),)
    assert lasting.concerns[CONCERN].finding == "suspend"
    assert past.suspensions == (Suspension(concern=CONCERN, starts_at=NOON - DAY, ends_at=NOON),)
    assert past.concerns == {}
    assert held(imported()).suspensions == ()


def test_what_it_is_limited_to_it_is_limited_to_from_the_first():
    only = text("only online")

    assert [one.scope for one in held(imported(scope=only)).periods] == [only.id]
    assert [one.scope for one in held(imported()).periods] == [None]


def test_the_years_confirmed_have_their_certificates_and_the_next_is_open():
    event = imported(scheme=YEARLY, confirmed_to=2, suspended_at=NOON - DAY)

    assert event.confirmed == (2,)
    assert [(one.year, one.starts_at) for one in event.certificates] == [(1, BEGAN), (2, event.years[1].starts_at)]
    assert all(isinstance(one, CertificateIssued) for one in event.certificates)
    assert [one.year for one in imported(scheme=YEARLY).certificates] == [1]


# -- what can't have been ----------------------------------------------------------------------------------------------

HAS_BEEN = "a day of its validity that has been"


@pytest.mark.parametrize(
    ("said", "field", "match"),
    [
        ({"starts_at": NOON + SECOND}, "starts_on", "has not begun"),
        ({"ends_at": BEGAN}, "ends_on", "ends before it begins"),
        ({"suspended_at": BEGAN - SECOND}, "suspended_on", HAS_BEEN),
        ({"suspended_at": NOON + SECOND}, "suspended_on", HAS_BEEN),
        ({"ends_at": NOON - DAY, "suspended_at": NOON}, "suspended_on", HAS_BEEN),
        ({"withdrawn_at": BEGAN - SECOND}, "withdrawn_on", HAS_BEEN),
        ({"withdrawn_at": NOON + SECOND}, "withdrawn_on", HAS_BEEN),
        ({"reinstated_at": NOON}, "reinstated_on", "it was not suspended"),
        ({"suspended_at": NOON - DAY, "reinstated_at": NOON - DAY}, "reinstated_on", "a later day that has been"),
        ({"suspended_at": NOON - DAY, "reinstated_at": NOON + SECOND}, "reinstated_on", "a later day that has been"),
        ({"scheme": YEARLY, "confirmed_to": 4}, "confirmed_to", "a number from 1 to 3"),
        ({"confirmed_to": 2}, "confirmed_to", "a number from 1 to 1"),
    ],
    ids=[
        "to-begin", "ends-as-it-begins", "suspended-before", "suspended-to-come", "suspended-after-its-end",
        "withdrawn-before", "withdrawn-to-come", "reinstated-only", "reinstated-at-once", "reinstated-to-come",
        "a-fourth-year", "a-second-certificate",
    ],
)  # fmt: skip
def test_what_can_not_have_been_is_refused_with_its_column(said: dict[str, Any], field: str, match: str):
    with refused("past-awards", field=field, match=match):
        imported(**said)


@pytest.mark.parametrize(
    "said",
    [
        {"starts_at": NOON},
        {"ends_at": BEGAN + SECOND},
        {"suspended_at": BEGAN},
        {"suspended_at": NOON},
        {"withdrawn_at": BEGAN},
        {"withdrawn_at": NOON},
        {"suspended_at": BEGAN, "reinstated_at": BEGAN + SECOND},
        {"suspended_at": NOON - DAY, "reinstated_at": NOON},
        {"scheme": YEARLY, "confirmed_to": 3},
    ],
    ids=[
        "begins-now", "a-second-long", "suspended-at-once", "suspended-now", "withdrawn-at-once", "withdrawn-now",
        "suspended-for-a-second", "reinstated-now", "the-last-year",
    ],
)  # fmt: skip
def test_what_can_just_have_been_comes_on_record(said: dict[str, Any]):
    assert held(imported(**said)).id == AWARD
