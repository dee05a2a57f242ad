"""At intervals the body asks its people about their conflicts, and looks whether each scheme has what its year needs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.clocks import Calendar
from domain.governance_policy import Governance
from domain.policy import PolicyRecord
from domain.rounds import (
    ASK,
    LOOK,
    ConflictsAskedAbout,
    Missing,
    YearLookedAt,
    YearMadeUpFor,
    ask,
    begin,
    look,
    make_up,
)
from domain.scheme_assurance import SAMPLING, STANDARDISATION
from domain.tasks import Tasks
from tests.domain.given import ADA, BEN, DAY, NOON, SCHEME, SECOND

RULES = Governance()
CALENDAR: Calendar = SCHEME.calendar
SESSION = Missing(scheme="cpd-qa", what=STANDARDISATION)
PLAN = Missing(scheme="cpd-qa", what=SAMPLING)
NAMES = {SESSION: "schedule-standardisation-within:cpd-qa:2026", PLAN: "plan-sampling-within:cpd-qa:2026"}


def begun() -> PolicyRecord:
    """The record once the rounds began."""
    tasks = begin(PolicyRecord(), RULES, at=NOON)
    return PolicyRecord(tasks=Tasks(running={one.name: one for one in tasks}))


def looked(record: PolicyRecord, *missing: Missing, **said: Any) -> YearLookedAt:
    said = {"year": 2026, "rules": RULES, "calendar": CALENDAR, "at": NOON} | said
    [event] = look(record, missing=missing, **said)
    assert isinstance(event, YearLookedAt)
    return event


def after(record: PolicyRecord, event: YearLookedAt) -> PolicyRecord:
    running = {name: one for name, one in record.tasks.running.items() if name not in event.ends}
    return replace(record, tasks=Tasks(running=running | {one.name: one for one in event.sets}))


def names(tasks: Sequence[Any]) -> list[str]:
    return [one.name for one in tasks]


def test_the_rounds_begin_at_once_under_a_governance_policy_and_only_once():
    assert names(begin(PolicyRecord(), RULES, at=NOON)) == [ASK, LOOK]
    assert begin(begun(), RULES, at=NOON) == ()
    assert begin(PolicyRecord(), object(), at=NOON) == ()


def test_people_are_asked_once_it_is_time_and_not_before():
    said: dict[str, Any] = {"people": (BEN.id, ADA.id), "rules": RULES, "calendar": CALENDAR}

    [event] = ask(begun(), **said, at=NOON)

    assert isinstance(event, ConflictsAskedAbout)
    assert (event.people, names(event.sets)) == (tuple(sorted((ADA.id, BEN.id))), [ASK])
    for record, at in ((begun(), NOON - SECOND), (PolicyRecord(), NOON)):
        assert ask(record, **said, at=at) == []
        assert look(record, year=2026, missing=(), rules=RULES, calendar=CALENDAR, at=at) == []


def test_what_a_year_lacks_is_to_be_made_up_for_once_and_no_longer_than_it_lacks_it():
    event = looked(begun(), SESSION)
    assert (names(event.sets), event.ends, event.lacks) == ([NAMES[SESSION], LOOK], (), (SESSION,))

    record, later = after(begun(), event), event.sets[-1].due_at
    both = looked(record, SESSION, PLAN, at=later)
    assert (names(both.sets), both.ends) == ([NAMES[PLAN], LOOK], ())
    only = looked(record, PLAN, at=later + DAY)
    assert (names(only.sets), only.ends) == ([NAMES[PLAN], LOOK], (NAMES[SESSION],))


def test_what_is_there_is_asked_for_no_longer():
    record, said = after(begun(), looked(begun(), SESSION)), {"scheme": "cpd-qa", "year": 2026}

    ends = (NAMES[SESSION],)
    assert make_up(record, what=STANDARDISATION, **said) == [YearMadeUpFor(what=STANDARDISATION, **said, ends=ends)]
    assert make_up(record, what=SAMPLING, **said) == []
