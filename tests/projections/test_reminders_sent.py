"""What is planned at an instant is exactly what then goes out: `assay reminders --until` against the processes' own rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from bench.generate import recorded
from domain import accreditation
from domain.accreditation import award as awards
from domain.clocks import Due, ReminderSent
from domain.submission import clocks, process
from domain.submission import state as submission
from projections import reminders
from projections.reminders import DEADLINE, REMINDER
from services.ports import Recorded
from tests.projections.given import make, show

Plan = tuple[str, str, datetime, datetime]
"""Kind, rule, when it was planned for, and the deadline."""

logs = st.builds(
    lambda seed, limit: recorded(6, seed=seed, days=30, limit=limit), st.integers(0, 999), st.integers(1, 300)
)
hours = st.integers(0, 400 * 24).map(lambda number: timedelta(hours=number))
on_one_database = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(log=logs, after=hours, ahead=hours)
@on_one_database
def test_what_is_planned_until_an_instant_is_what_is_then_sent(
    connection: Connection[Any], log: list[Recorded], after: timedelta, ahead: timedelta
):
    """Given cases whose processes were down for up to 400 days, and then run, with nobody else doing anything."""
    make(connection, [reminders.MODEL])
    show(connection, log, [reminders.MODEL])
    at = log[-1].at + after
    until = at + ahead

    planned: dict[str, list[Plan]] = {}
    for one in reminders.planned(connection, at=at, until=until):
        planned.setdefault(one.case_id, []).append((one.kind, one.rule, one.planned_for, one.due_at))

    for stream in {one.stream for one in log}:
        if stream.startswith(("submission-", "accreditation-")):
            own, sent = planned.get(stream, []), left_alone(log, stream, at, until)
            assert [one for one in own if one[0] == REMINDER] == [one for one in sent if one[0] == REMINDER]
            assert {one for one in sent if one[0] == DEADLINE} <= set(own)


def left_alone(log: Sequence[Recorded], stream: str, at: datetime, until: datetime) -> list[Plan]:
    """What the case's process sends from `at` to `until`, up to the end of the clock that runs."""
    award = stream.startswith("accreditation-")
    evolve: Any = accreditation.evolve if award else submission.evolve
    state: Any = accreditation.Accreditation() if award else submission.Submission()
    for one in log:
        if one.stream == stream:
            state = evolve(state, one.event)
    sent: list[Plan] = []
    while (due := next_of(state, at)) and max(at, due.at) <= until:
        at = max(at, due.at)
        if not due.step.startswith("remind"):
            clock = state.clock
            return [*sent, (DEADLINE, clock.rule, due.at, clock.due_at)] if clock and due.at == clock.due_at else sent
        events: list[ReminderSent] = (
            awards.remind(state, at=at, last_window=None) if award else clocks.remind(state, at=at)  # type: ignore[assignment]
        )
        for event in events:
            state = evolve(state, event)
            sent.append((REMINDER, event.rule, event.planned_for, event.due_at))
    return sent


def next_of(state: Any, at: datetime) -> Due | None:
    decide: Any = accreditation.due_next if isinstance(state, accreditation.Accreditation) else process.due_next
    due: Due | None = decide(state, at=at)
    return due
