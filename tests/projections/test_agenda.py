"""The agenda: what has a date stands there once, under one name; what moved or went says so by a number that rises."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from domain.learning import QuestionnaireLapsed
from domain.meeting import MeetingScheduled
from domain.provider import LeadContactNamed
from domain.standardisation import (
    ATTEND,
    InvitationWithdrawn,
    StandardisationCancelled,
    StandardisationScheduled,
)
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.side_events import MarkedBlindBy
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.window import WindowExtended, WindowExtendedFor, WindowScheduled
from projections import agenda
from tests.projections.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MEETING,
    NOON,
    WINDOW,
    Log,
    assigned,
    due,
    make,
    moderation_started,
    registered,
    show,
    submitted,
    text,
)

SESSION = "standardisation-a"


class Shown:
    """A log, and the agenda made of it as it grows."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.log, self.connection = Log(), connection
        make(connection, [agenda.MODEL])

    def add(self, stream: str, *events: Any, days: float = 0) -> None:
        before = len(self.log.events)
        self.log.add(stream, *events, at=NOON + days * DAY)
        show(self.connection, self.log.events[before:], [agenda.MODEL])

    def of(self, stream: str) -> dict[str, tuple[float, int, bool]]:
        """The entries of a stream by name: how many days after NOON, how often changed, and whether they are gone."""
        rows = self.connection.execute(
            "SELECT name, starts_at, sequence, gone_at IS NOT NULL FROM read.agenda WHERE case_id = %s", [stream]
        )
        return {name: ((at - NOON) / DAY, sequence, gone) for name, at, sequence, gone in rows}

    def who(self, stream: str, name: str) -> list[str]:
        query = "SELECT who FROM read.agenda WHERE case_id = %s AND name = %s"
        [(who,)] = self.connection.execute(query, [stream, name]).fetchall()
        return list(who)


def test_the_deadline_of_a_stage_stands_until_it_is_met_and_keeps_its_name_when_it_moves(connection: Connection[Any]):
    shown = Shown(connection)
    shown.add(CASE, registered(days=100))
    shown.add(CASE, e.PreparationStarted())
    assert shown.of(CASE) == {"deadline submit-within": (100, 0, False)}

    longer = e.PreparationExtended(reason=text("why"), clock=due("submit-within", 130))
    shown.add(CASE, longer, days=2)
    assert shown.of(CASE) == {"deadline submit-within": (130, 1, False)}

    shown.add(CASE, submitted(), days=3)
    assert shown.of(CASE) == {"deadline submit-within": (130, 2, True)}
    assert shown.who(CASE, "deadline submit-within") == ["provider"]


def test_a_deadline_that_comes_back_is_the_same_one_there_again(connection: Connection[Any]):
    shown = Shown(connection)
    shown.add(CASE, registered(), submitted(), assigned())
    assert shown.of(CASE)["deadline accept-within"] == (7, 0, False)
    assert shown.who(CASE, "deadline accept-within") == [ADA]

    shown.add(CASE, e.AssignmentEnded(assessor=ADA, reason="declined"), days=1)
    assert shown.of(CASE)["deadline accept-within"] == (7, 1, True)
    shown.add(CASE, assigned(BEN), days=2)
    assert shown.of(CASE)["deadline accept-within"] == (7, 2, False)
    assert shown.who(CASE, "deadline accept-within") == [BEN]


def test_beside_a_final_review_the_clock_for_the_result_runs_and_a_blind_marking_has_its_own(
    connection: Connection[Any],
):
    shown = Shown(connection)
    shown.add(CASE, registered(), submitted(), assigned())
    shown.add(CASE, MarkedBlindBy(calibration="calibration-a", second=BEN, marking=due("mark-blind-within", 20)))
    assert shown.who(CASE, "deadline mark-blind-within marking") == [BEN]

    shown.add(CASE, moderation_started(21))
    asked = e.EvidenceRequested(
        criteria=("2.1",), wanted=text("more"), clock=due("evidence-within", 9), results_left=9.0
    )
    shown.add(CASE, asked)
    running = {name for name, (_, _, gone) in shown.of(CASE).items() if not gone}
    assert running == {"deadline evidence-within", "deadline mark-blind-within marking"}

    shown.add(CASE, e.FinalReviewOpened(clock=due("review-within", 7), results=due("results-within", 8)))
    running = {name for name, (_, _, gone) in shown.of(CASE).items() if not gone}
    assert running >= {"deadline review-within", "deadline results-within"}
    assert shown.who(CASE, "deadline review-within") == []


def test_a_visit_is_provisional_then_booked_and_given_up(connection: Connection[Any]):
    shown = Shown(connection)
    shown.add(CASE, registered())
    shown.add(CASE, v.AssessmentBooked(visit_at=NOON + 40 * DAY, provisional=True, clock=None))
    tentative = "SELECT tentative FROM read.agenda WHERE what = 'visit'"
    assert shown.connection.execute(tentative).fetchall() == [(True,)]
    shown.add(CASE, v.AssessmentBooked(visit_at=NOON + 40 * DAY, provisional=False, clock=None))
    assert shown.connection.execute(tentative).fetchall() == [(False,)]
    assert shown.of(CASE)["visit"] == (40, 1, False)

    shown.add(CASE, v.BookingGivenUp(visit_at=NOON + 40 * DAY, clock=due("submit-within", 365)))
    assert shown.of(CASE)["visit"] == (40, 2, True)


def test_windows_have_two_bounds_and_one_closes_later_for_one_submission(connection: Connection[Any]):
    shown = Shown(connection)
    bounds = {"opens_at": NOON + DAY, "closes_at": NOON + 9 * DAY}
    shown.add(WINDOW, WindowScheduled(window=WINDOW, scheme="cpd-qa", grace_seconds=0, capacity=None, **bounds))
    shown.add(WINDOW, WindowExtended(closes_at=NOON + 12 * DAY, reason=text("why")))
    assert shown.of(WINDOW) == {"opens": (1, 0, False), "closes": (12, 1, False)}

    shown.add(WINDOW, WindowExtendedFor(submission=CASE, closes_at=NOON + 14 * DAY, reason=text("why")))
    assert shown.of(CASE) == {f"closes {WINDOW}": (14, 0, False)}
    assert shown.of(WINDOW)["closes"] == (12, 1, False)


def test_a_meeting_is_that_of_its_panel(connection: Connection[Any]):
    shown = Shown(connection)
    said = {"chair": CHAIR, "panel": (CHAIR, BEN), "items": (CASE,), "scheme": "cpd-qa@1"}
    shown.add(MEETING, MeetingScheduled(meeting=MEETING, starts_at=NOON + 5 * DAY, **said))

    assert shown.of(MEETING) == {"meeting": (5, 0, False)}
    assert shown.who(MEETING, "meeting") == [CHAIR, BEN]


def test_a_session_is_that_of_who_is_invited_and_stands_once_until_it_is_cancelled(connection: Connection[Any]):
    shown = Shown(connection)
    starts_at = NOON + 30 * DAY
    invited = [Task(rule=ATTEND, about=one, due_at=starts_at, who=one) for one in (ADA, BEN)]
    session = StandardisationScheduled(
        session=SESSION, scheme="cpd-qa@1", starts_at=starts_at, leader=ADA, invited=(BEN,), exemplars=(), note=None,
        sets=tuple(invited),
    )  # fmt: skip
    shown.add(SESSION, session)
    assert shown.of(SESSION) == {"session": (30, 0, False)}

    shown.add(SESSION, InvitationWithdrawn(person=BEN, because="conflict", ends=(f"{ATTEND}:{BEN}",)))
    assert shown.who(SESSION, "session") == [ADA]
    shown.add(SESSION, StandardisationCancelled(reason=text("why")), days=2)
    assert shown.of(SESSION) == {"session": (30, 1, True)}


def test_a_task_moves_goes_to_somebody_else_and_ends(connection: Connection[Any]):
    shown = Shown(connection)
    task = Task(rule="review-risk-within", due_at=NOON + 5 * DAY, who=ADA)
    later = Task(rule="review-risk-within", due_at=NOON + 8 * DAY, who=ADA)
    name = "task review-risk-within"
    shown.add("risk-a", TaskMoved(reason=text("begin"), sets=(task,)))
    shown.add("risk-a", TaskMoved(reason=text("why"), sets=(later,)))
    assert shown.of("risk-a") == {name: (8, 1, False)}

    handed = Task(rule="review-risk-within", due_at=NOON + 8 * DAY, who=BEN)
    shown.add("risk-a", TaskHandedOver(because="conflict", sets=(handed,)))
    assert (shown.of("risk-a"), shown.who("risk-a", name)) == ({name: (8, 1, False)}, [BEN])

    shown.add("risk-a", QuestionnaireLapsed(person=BEN, ends=("review-risk-within",)))
    assert shown.of("risk-a") == {name: (8, 2, True)}


def test_another_lead_contact_changes_nothing_that_is_the_provider_s(connection: Connection[Any]):
    shown = Shown(connection)
    shown.add(CASE, registered(days=100))
    before = shown.of(CASE)
    shown.add(CASE, LeadContactNamed(lead_contact="person-other"), days=1)

    assert shown.of(CASE) == before


def test_what_went_is_known_by_when_it_was_recorded(connection: Connection[Any]):
    shown = Shown(connection)
    shown.add(CASE, registered(days=100))
    shown.add(CASE, submitted(), days=3)

    query = "SELECT changed_at, gone_at FROM read.agenda WHERE case_id = %s"
    went = NOON + 3 * DAY + timedelta(seconds=1)
    assert shown.connection.execute(query, [CASE]).fetchall() == [(went, went)]
