"""The rows of every read model follow from the events alone: from the same ones in any batches, and as the domain has it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from bench.generate import BEGIN, recorded
from domain import accreditation
from domain.clocks import Deadline, DeadlineMissed, next_reminder
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import state
from projections import board, reminders
from projections.catalogue import READ_MODELS
from services.ports import Recorded
from tests.projections.given import Log, assigned, make, moderation_started, rows, show, text


def log_of(seed: int, limit: int, far: int) -> list[Recorded]:
    """Made-up business, and what became of the decisions in it that were contested: so `far`, step by step."""
    log = Log(recorded(4, seed=seed, days=30, limit=limit))
    for number, stream in enumerate(streams(log.events, "submission-")):
        case = folded(log.events, stream, state.evolve, state.Submission())
        at = log.events[-1].at
        for event in after_appeal(case, seed + number, at)[:far]:
            log.add(stream, event, at=at)
    return log.events


def after_appeal(case: state.Submission, way: int, at: datetime) -> list[Any]:
    """What follows an upheld appeal, one of several ways; nothing where there is no decision to contest."""

    def clock(rule: str, days: int, *before: int) -> Deadline:
        return Deadline(
            rule=rule, due_at=at + timedelta(days=days), remind_at=tuple(at + timedelta(days=one) for one in before)
        )

    said: dict[str, Any] = {"appeal": "appeal-a", "excluded": ("person-x",)}
    moderated = [
        r.ModerationSetAside(**said, contested="result", clock=clock("moderate-within", 30)),
        DeadlineMissed(rule="moderate-within", due_at=at + timedelta(days=30)),
        moderation_started(),
        e.EvidenceRequested(
            criteria=("2.1",), wanted=text("more"), clock=clock("evidence-within", 9, 3), results_left=9.0
        ),
        e.FinalReviewOpened(clock=clock("review-within", 7), results=clock("results-within", 8)),
        e.FinalReviewConcluded(),
        e.DecisionRecorded(outcome="awarded", level="accredited", unmet=(), chair="person-c"),
        e.OutcomeReportApproved(chair="person-c", shortfalls=()),
        e.ResultReleased(outcome="awarded"),
    ]
    assessed = [
        assigned(),
        e.AssignmentAccepted(assessor="person-ada", clock=clock("assess-within", 20, 15)),
        e.AssessmentCompleted(
            assessor="person-ada", minutes_spent=9, strengths=(), areas=(), clock=clock("moderate-within", 30)
        ),
    ]
    replaced = r.DecisionReplaced(
        **said, judgements=(), outcome="not_awarded", level=None, unmet=("2.1",), recorded_by="person-p", replaced_at=at
    )
    if case.stage is state.Stage.INELIGIBLE and case.moderation is None:
        return [r.IneligibilitySetAside(**said), e.ScreeningPassed(), *assessed]
    if not case.released:
        return []
    ways = (moderated, [r.AssessmentSetAside(**said), *assessed], [replaced, e.ResultReleased(outcome="not_awarded")])
    return ways[way % 3]


logs = st.builds(log_of, st.integers(0, 999), st.integers(1, 200), st.integers(0, 9))
on_one_database = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


"""The read models of what does not happen in the made-up business; each has tests of its own."""


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.name)
def test_a_read_model_holds_no_text_but_its_id(connection: Connection[Any], model: Any):
    """Whatever is said of people stands in the vault, from which it can be erased."""
    make(connection)
    show(connection, recorded(10, days=30))

    held = rows(connection, model)
    texts = [value for row in held for value in row if isinstance(value, str)]
    assert texts or not held or model.name == "register"  # made-up submissions come with no matters of other kinds
    assert not [one for one in texts if "digest" in one or "0" * 64 in one]
