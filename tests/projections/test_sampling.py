"""How far a plan of internal sampling has come, assessor by assessor."""

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import sampling as e
from domain.tasks import Task, TaskHandedOver
from projections import sampling
from projections.sampling import Progress
from tests.projections.given import ADA, BEN, CHAIR, DAY, NOON, Log, make, rows, show, text

PLAN = "sampling-a"


def task(rule: str, about: str = "", days: int = 20, who: str = "quality-manager") -> Task:
    return Task(rule=rule, who=who, about=about, due_at=NOON + days * DAY, told="board")


def drawn(number: int, assessor: str) -> e.Drawn:
    return e.Drawn(
        number=number,
        case=f"submission-{number}",
        provider="provider-a",
        assessor=assessor,
        completed_at=NOON,
        because="share",
    )


def tally(assessor: str, completed: int, planned: int) -> e.Tally:
    return e.Tally(assessor=assessor, completed=completed, new=0, planned=planned)


def result(number: int, found: str) -> e.SampleResultRecorded:
    said = text(f"r{number}") if found != "sound" else None
    topic = "reasons" if found == "serious" else None
    return e.SampleResultRecorded(number=number, by=CHAIR, result=found, text=said, topic=topic, ends=())


COURSE: list[Any] = [
    e.SamplingPlanned(plan=PLAN, scheme="cpd-qa", year=2026, begins_at=NOON, ends_at=NOON + 300 * DAY, seed=7,
                      shares=e.Shares(percent=10, least=2, new_percent=30, new_least=4, new_for="P12M"),
                      sets=(task("finish-sampling-within", days=360), task("draw-sample-on"))),
    e.AssessmentsDrawn(position=9, drawn=(drawn(1, ADA), drawn(2, BEN)), tallies=(tally(ADA, 1, 1), tally(BEN, 1, 1)),
                       final=False, sets=(task("look-at-sample-within", "1"), task("look-at-sample-within", "2")), ends=()),
    TaskHandedOver(because="asked-to-look", sets=(task("look-at-sample-within", "2", who=CHAIR),)),
    result(1, "sound"),
    result(2, "serious"),
    e.FollowUpNamed(person=BEN, need=text("need"), topic="reasons", case="submission-2"),
    e.AssessmentsDrawn(position=20, drawn=(drawn(3, ADA),), tallies=(tally(ADA, 20, 2), tally(BEN, 3, 2)), final=True,
                       sets=(task("look-at-sample-within", "3"),), ends=()),
    result(3, "minor"),
    e.SamplingClosed(by=CHAIR, report=text("report"), ends=("*",)),
]  # fmt: skip


def shown(connection: Connection[Any], events: list[Any]) -> None:
    log = Log()
    log.add(PLAN, *events)
    make(connection)
    show(connection, log.events)


def test_progress_says_of_how_many_and_what_was_found(connection: Connection[Any]):
    shown(connection, COURSE)

    assert sampling.progress(connection, PLAN) == [
        Progress(assessor=ADA, completed=20, planned=2, drawn=2, done=2, sound=1, minor=1, serious=0),
        Progress(assessor=BEN, completed=3, planned=2, drawn=1, done=1, sound=0, minor=0, serious=1),
    ]
    [plan] = sampling.plans(connection)
    assert (plan.position, plan.report, plan.closed_at) == (20, "text-report", NOON)
    assert plan.finish_by == NOON + 360 * DAY


def test_what_waits_is_listed_with_who_is_to_look(connection: Connection[Any]):
    shown(connection, COURSE[:4])

    [waiting] = sampling.samples(connection, PLAN, waiting=True)
    assert (waiting.number, waiting.looker, waiting.due_at) == (2, CHAIR, NOON + 20 * DAY)
    assert [(one.number, one.result) for one in sampling.samples(connection, PLAN)] == [(1, "sound"), (2, None)]


@given(cuts=st.sets(st.integers(1, len(COURSE) - 1)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batching_gives_the_same_rows(connection: Connection[Any], cuts: set[int]):
    log = Log()
    log.add(PLAN, *COURSE)
    make(connection, [sampling.MODEL])
    show(connection, log.events, [sampling.MODEL])
    at_once = rows(connection, sampling.MODEL)

    make(connection, [sampling.MODEL])
    for begin, end in pairwise([0, *sorted(cuts), len(COURSE)]):
        show(connection, log.events[begin:end], [sampling.MODEL])
    assert rows(connection, sampling.MODEL) == at_once
