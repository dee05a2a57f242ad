"""The rows of every read model follow from the events alone: from the same ones in any batches, and as the domain has it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from bench.generate import BEGIN, recorded
from domain import accreditation
from domain.clocks import next_reminder
from domain.submission import state
from projections import board, reminders
from projections.catalogue import READ_MODELS
from services.ports import Recorded
from tests.projections.given import make, rows, show

logs = st.builds(
    lambda seed, limit: recorded(4, seed=seed, days=30, limit=limit), st.integers(0, 999), st.integers(1, 200)
)
on_one_database = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(log=logs, cuts=st.sets(st.integers(1, 199)))
@on_one_database
def test_any_batching_gives_the_same_rows(connection: Connection[Any], log: list[Recorded], cuts: set[int]):
    make(connection)
    show(connection, log)
    at_once = [rows(connection, model) for model in READ_MODELS]

    make(connection)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(log)), len(log)]
    for begin, end in pairwise(bounds):
        show(connection, log[begin:end])

    assert [rows(connection, model) for model in READ_MODELS] == at_once


def test_seeing_events_again_changes_nothing(connection: Connection[Any]):
    log = recorded(4, days=30)
    make(connection)
    show(connection, log)
    before = [rows(connection, model) for model in READ_MODELS]

    show(connection, log)
    show(connection, log[50:])

    assert [rows(connection, model) for model in READ_MODELS] == before


@given(log=logs)
@on_one_database
def test_the_board_stands_where_the_domain_says(connection: Connection[Any], log: list[Recorded]):
    make(connection)
    show(connection, log)

    for stream in streams(log, "submission-"):
        case = folded(log, stream, state.evolve, state.Submission())
        row = board.find(connection, [stream])[stream]
        assert (row.stage, row.assessor) == (case.stage, case.assessor)
        assert (row.rule, row.due_at) == ((case.clock.rule, case.clock.due_at) if case.clock else (None, None))
        assert row.results_due == (case.results.due_at if case.results else None)
        assert row.next_reminder == (next_reminder(case.clock, case.reminders, BEGIN) if case.clock else None)
        assert row.outcome == (case.outcome.outcome if case.outcome else None)


@given(log=logs)
@on_one_database
def test_the_reminders_planned_are_those_of_the_domain_s_clocks(connection: Connection[Any], log: list[Recorded]):
    make(connection)
    show(connection, log)
    far = log[-1].at.replace(year=2100)

    for stream in streams(log, "submission-"):
        case = folded(log, stream, state.evolve, state.Submission())
        told = case.clock and (case.clock.rule, case.clock.due_at) in case.missed
        planned = reminders.planned(connection, until=far, case=stream)
        assert to_remind(planned) == still_to_go(None if told else case.clock, case.reminders)
    for stream in streams(log, "accreditation-"):
        award = folded(log, stream, accreditation.evolve, accreditation.Accreditation())
        planned = reminders.planned(connection, until=far, case=stream)
        assert to_remind(planned) == still_to_go(award.clock, award.reminders)


def to_remind(planned: Sequence[reminders.Planned]) -> list[Any]:
    return [one.planned_for for one in planned if one.kind == reminders.REMINDER]


def still_to_go(clock: Any, sent: frozenset[Any]) -> list[Any]:
    if clock is None:
        return []
    first = next_reminder(clock, sent, BEGIN)
    return [moment for moment in clock.remind_at if first and moment >= first]


def streams(log: Sequence[Recorded], kind: str) -> list[str]:
    return sorted({one.stream for one in log if one.stream.startswith(kind)})


def folded(log: Sequence[Recorded], stream: str, evolve: Any, folding: Any) -> Any:
    for one in log:
        if one.stream == stream:
            folding = evolve(folding, one.event)
    return folding


NOT_MADE_UP = {"register", "tasks", "development"}
"""The read models of what does not happen in the made-up business; each has tests of its own."""


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.name)
def test_a_read_model_holds_no_text_but_its_id(connection: Connection[Any], model: Any):
    """Whatever is said of people stands in the vault, from which it can be erased."""
    make(connection)
    show(connection, recorded(10, days=30))

    texts = [value for row in rows(connection, model) for value in row if isinstance(value, str)]
    assert texts or model.name in NOT_MADE_UP
    assert not [one for one in texts if "digest" in one or "0" * 64 in one]
