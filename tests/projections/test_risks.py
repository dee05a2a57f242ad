"""The register of risks as it stood on any date."""

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import risk as e
from domain.clocks import ReminderSent
from domain.tasks import Task, TaskMoved
from projections import risks
from tests.projections.given import ADA, BEN, CHAIR, DAY, NOON, Log, make, rows, show, text

RISK, OTHER = "risk-a", "risk-b"


def review_by(days: int, who: str = ADA) -> Task:
    return Task(rule="review-risk-within", who=who, due_at=NOON + days * DAY, told="board")


def registered(risk: str = RISK, level: str = "high") -> e.RiskRegistered:
    return e.RiskRegistered(
        risk=risk,
        kind="familiarity",
        description=text("what"),
        likelihood=level,
        impact=level,
        owner=ADA,
        mitigation=text("first"),
        sets=(review_by(90),),
    )


COURSE: list[tuple[int, Any]] = [
    (0, registered()),
    (10, ReminderSent(rule="review-risk-within", due_at=NOON + 90 * DAY, planned_for=NOON + 10 * DAY)),
    (20, e.RiskReviewed(by=ADA, result="changed", note=text("n"), likelihood="medium", impact="medium",
                        mitigation=text("second"), to_confirm=True, sets=(review_by(200),), ends=())),
    (30, e.RiskReviewReturned(by=CHAIR, reason=text("r"), sets=(review_by(50),), ends=())),
    (40, e.RiskReviewed(by=ADA, result="holds", note=text("n"), likelihood="medium", impact="medium",
                        mitigation=None, to_confirm=True, sets=(review_by(240),), ends=())),
    (45, e.RiskReviewSeen(by=CHAIR, ends=())),
    (50, e.RiskOwnerNamed(owner=BEN, reason=text("o"), sets=(review_by(240, BEN),))),
    (60, TaskMoved(reason=text("ill"), sets=(review_by(250, BEN),))),
    (70, e.RiskClosed(by=CHAIR, reason=text("gone"), ends=("*",))),
]  # fmt: skip


def logged() -> Log:
    log = Log()
    for days, event in COURSE:
        log.add(RISK, event, at=NOON + days * DAY)
    return log


def standing(connection: Connection[Any], days: float, *, closed: bool = False) -> list[risks.Version]:
    return risks.register(connection, on=NOON + days * DAY, closed=closed)


def test_the_register_is_as_it_stood_on_any_date(connection: Connection[Any]):
    make(connection)
    show(connection, logged().events)

    def said(days: float) -> list[Any]:
        return [
            (one.rating, one.mitigation, one.owner, one.result, one.to_confirm, one.seen_at is not None)
            for one in standing(connection, days)
        ]

    assert said(-1) == []
    assert said(0) == [("high", "text-first", ADA, None, False, False)]
    assert said(19.9) == said(0)
    assert said(20) == [("medium", "text-second", ADA, "changed", True, False)]
    assert said(30) == [("medium", "text-second", ADA, "returned", False, False)]
    assert said(44) == [("medium", "text-second", ADA, "holds", True, False)]
    assert said(45) == [("medium", "text-second", ADA, "holds", False, True)]
    assert said(55) == [("medium", "text-second", BEN, "holds", False, True)]
    assert [one.review_by for days in (0, 20, 30, 45, 60) for one in standing(connection, days)] == [
        NOON + days * DAY for days in (90, 200, 50, 240, 250)
    ]
    assert said(70) == []
    [closed] = standing(connection, 70, closed=True)
    assert closed.closed_at == NOON + 70 * DAY
    assert closed.registered_at == NOON


def test_the_gravest_come_first(connection: Connection[Any]):
    log = Log()
    log.add("risk-c", registered("risk-c", "low"))
    log.add(OTHER, registered(OTHER, "medium"))
    log.add(RISK, registered())
    make(connection)
    show(connection, log.events)

    assert [one.risk for one in standing(connection, 1)] == [RISK, OTHER, "risk-c"]


@given(cuts=st.sets(st.integers(1, len(COURSE) - 1)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batching_gives_the_same_rows(connection: Connection[Any], cuts: set[int]):
    log = logged()
    make(connection, [risks.MODEL])
    show(connection, log.events, [risks.MODEL])
    at_once = rows(connection, risks.MODEL)

    make(connection, [risks.MODEL])
    for begin, end in pairwise([0, *sorted(cuts), len(COURSE)]):
        show(connection, log.events[begin:end], [risks.MODEL])
    assert rows(connection, risks.MODEL) == at_once
