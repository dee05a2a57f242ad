"""Proposals are listed with who made them, where they stand, and which version took them up."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from domain import proposal
from domain.proposal import Proposal
from domain.tasks import TaskMoved
from projections import proposals
from tests.domain.given import ADA, CHAIR, SCHEME, fold
from tests.domain.test_proposal import ID, SAID, changing
from tests.projections.given import DAY, NOON, Log, make, show, text

MODELS = [proposals.MODEL]


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, MODELS)


def course(log: Log) -> Proposal:
    """A proposal deferred, accepted and taken up for one of its criteria."""
    held = Proposal()

    def happens(events: Any, day: int) -> None:
        nonlocal held
        log.add(ID, *events, at=NOON + day * DAY)
        held = fold(proposal.evolve, held, events)

    happens(proposal.propose(held, **SAID), 0)
    for day, result in ((1, "deferred"), (2, "accepted")):
        said: dict[str, Any] = {"by": CHAIR, "reason": text(result), "scheme": SCHEME, "at": NOON + day * DAY}
        happens(proposal.consider(held, result=result, **said), day)
    happens(proposal.take_up(held, before=SCHEME, scheme=changing("2.1"), criteria=("2.1",)), 3)
    return held


def test_a_proposal_is_shown_as_it_stands_at_each_step(connection: Connection[Any]):
    log = Log()
    course(log)
    shown = []
    for event in log.events:
        show(connection, [event], MODELS)
        [row] = proposals.page(connection)
        shown.append((row.stage, row.consider_by is not None, row.reason))

    assert shown == [
        ("made", True, None),
        ("deferred", True, "text-deferred"),
        ("accepted", False, "text-accepted"),
        ("taken-up", False, "text-accepted"),
    ]
    assert (row.proposer, row.considerer, row.taken_up) == (ADA.id, CHAIR.id, "test-mark@2")
    assert (row.criteria, row.criteria_changed, row.evidence) == (["1.1", "2.1"], ["2.1"], list(SAID["evidence"]))


def test_proposals_are_found_by_scheme_stage_and_criterion(connection: Connection[Any]):
    log = Log()
    course(log)
    show(connection, log.events, MODELS)

    for found in ({"scheme": SCHEME.id}, {"stage": "taken-up"}, {"criterion": "2.1"}, {}):
        assert [one.proposal for one in proposals.page(connection, **found)] == [ID]
    for missed in ({"scheme": "other"}, {"stage": "made"}, {"criterion": "1.2"}):
        assert proposals.page(connection, **missed) == []


def test_more_time_and_a_withdrawal_are_seen(connection: Connection[Any]):
    log, held = Log(), Proposal()
    made = proposal.propose(held, **SAID)
    held = fold(proposal.evolve, held, made)
    [task] = held.tasks.running.values()
    log.add(ID, *made)
    log.add(ID, TaskMoved(reason=text("ill"), sets=(replace(task, due_at=task.due_at + DAY),)))
    show(connection, log.events, MODELS)
    assert [one.consider_by for one in proposals.page(connection)] == [task.due_at + DAY]

    seen = len(log.events)
    log.add(ID, *proposal.withdraw(held, by=ADA))
    show(connection, log.events[seen:], MODELS)
    assert [(one.stage, one.consider_by) for one in proposals.page(connection)] == [("withdrawn", None)]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_it_says_the_same_as_the_record_however_the_events_come(connection: Connection[Any], size: int):
    log = Log()
    held = course(log)
    for start in range(0, len(log.events), size):
        show(connection, log.events[start : start + size], MODELS)

    [row] = proposals.page(connection)
    assert (row.stage, row.taken_up, tuple(row.criteria)) == (held.stage, held.taken_up, held.criteria)
