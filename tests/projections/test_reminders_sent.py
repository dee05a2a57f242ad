"""What is listed until an instant is exactly what is then sent: `assay reminders --until` against the processes' own rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from bench.generate import recorded
from domain import accreditation, calibration, tasks
from domain.accreditation import Accreditation, concerns, confirmation
from domain.accreditation import award as awards
from domain.accreditation import events as a
from domain.clocks import DeadlineMissed, Due, Duration, ReminderSent
from domain.refusals import Refused
from domain.submission import assessment, booking, clocks, moderation, preparation, process
from domain.submission import events as e
from domain.submission import state as submission
from domain.submission import visit_events as v
from domain.submission.side_events import MarkedBlindBy
from projections import reminders
from projections.reminders import ASSESSOR_ACTS, DEADLINE, OPERATIONS, OPERATIONS_ARE_TOLD, REMINDER
from projections.words import TASKS
from services.ports import Recorded
from tests.domain.awards import GIVEN, LEVELS, RAY, YEARLY, renewing
from tests.projections.given import (
    ADA,
    AWARD,
    BEN,
    CASE,
    DAY,
    LEAD,
    NOON,
    Log,
    assigned,
    awarded,
    due,
    make,
    moderation_started,
    registered,
    show,
    submitted,
    text,
)

SCHEME = replace(LEVELS, extension=Duration.parse("P6M"), annual=YEARLY.annual)
FAR = NOON + 2000 * DAY
SAYINGS = (ReminderSent, DeadlineMissed, a.ConfirmationMissed)
"""What a process records when it only says something, and the case stays as it is."""

in_assessment = [registered(), submitted(), e.ScreeningPassed()]
accepted = [*in_assessment, assigned(), e.AssignmentAccepted(assessor=ADA, clock=due("assess-within", 20, 15))]
previewing = [*in_assessment, assigned(), e.AssignmentAccepted(assessor=ADA, clock=due("preview-within", 5))]
assessed = [
    *accepted,
    e.AssessmentCompleted(assessor=ADA, minutes_spent=9, strengths=(), areas=(), clock=due("moderate-within", 30)),
]
in_moderation = [*assessed, moderation_started(21)]
evidence_asked = [
    *in_moderation,
    e.EvidenceRequested(criteria=("2.1",), wanted=text("it"), clock=due("evidence-within", 14, 7), results_left=9e5),
]
concern_raised = [
    awarded(),
    a.ConcernRaised(concern="concern-a", raised_by=None, text=text("why"), clock=due("take-up-concern-within", 5)),
]

RULES: Mapping[str, tuple[Sequence[Any], Sequence[tuple[str, str, float]]]] = {
    "submit-within": ([registered(days=100)], [(REMINDER, LEAD, 40), (REMINDER, LEAD, 86)]),
    "portfolio-before-date": (
        [
            registered(days=100),
            v.AssessmentBooked(visit_at=NOON + 50 * DAY, provisional=False, clock=due("portfolio-before-date", 40, 30)),
        ],
        [(REMINDER, LEAD, 30), (DEADLINE, OPERATIONS, 40)],
    ),
    "screen-within": (
        [registered(), submitted(), e.ScreeningStarted(clock=due("screen-within", 10))],
        [(DEADLINE, OPERATIONS, 10)],
    ),
    "return-within": ([registered(), e.PortfolioReturned(reason=text("why"), clock=due("return-within", 10))], []),
    "assign-again-after": ([*in_assessment, e.NobodyEligible(considered=(), clock=due("assign-again-after", 1))], []),
    "accept-within": ([*in_assessment, assigned()], []),
    "preview-within": (previewing, [(DEADLINE, OPERATIONS, 5)]),
    "visit-on-date": (
        [*previewing, v.PreviewPassed(clock=due("visit-on-date", 20, 15))],
        [(REMINDER, ADA, 15), (DEADLINE, OPERATIONS, 20)],
    ),
    "assess-within": (accepted, [(REMINDER, ADA, 15), (DEADLINE, OPERATIONS, 20)]),
    "mark-blind-within": (
        [*accepted, MarkedBlindBy(calibration="calibration-a", second=BEN, marking=due("mark-blind-within", 18, 12))],
        [(REMINDER, BEN, 12), (DEADLINE, OPERATIONS, 18)],
    ),
    "moderate-within": (assessed, [(DEADLINE, OPERATIONS, 30)]),
    "results-within": (in_moderation, [(DEADLINE, OPERATIONS, 21)]),
    "evidence-within": (evidence_asked, [(REMINDER, LEAD, 7)]),
    "review-within": (
        [*evidence_asked, e.FinalReviewOpened(clock=due("review-within", 7), results=due("results-within", 21))],
        [(DEADLINE, OPERATIONS, 7)],
    ),
    "earn-again-before-end": ([awarded(days=1095)], [(REMINDER, LEAD, day) for day in (730, 913, 1004, 1065)]),
    "extension-ends": (
        [
            awarded(days=100),
            a.ReaccreditationSubmitted(submission="submission-b", extension_ends_at=NOON + 150 * DAY),
            a.ExtensionStarted(starts_at=NOON + 100 * DAY, clock=due("extension-ends", 150)),
        ],
        [],
    ),
    "confirm-within": (
        [awarded(), a.ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20))],
        [(REMINDER, LEAD, 20), (DEADLINE, OPERATIONS, 30)],
    ),
    "take-up-concern-within": (concern_raised, [(DEADLINE, OPERATIONS, 5)]),
    "review-concern-within": (
        [
            *concern_raised,
            a.ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40)),
        ],
        [(DEADLINE, OPERATIONS, 40)],
    ),
}
"""For the clock of each rule: what has happened when it runs, and what is sent by its end (kind, to whom, days after NOON)."""

logs = st.builds(
    lambda seed, limit: recorded(6, seed=seed, days=30, limit=limit), st.integers(0, 999), st.integers(1, 300)
)
hours = st.integers(0, 400 * 24).map(lambda number: timedelta(hours=number))
WHAT = ("raise", "open", "no_action", "withdraw", "confirm", "submitted", "ended", "renewed", "upgraded")
doings = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 300)), max_size=12)
on_one_database = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [reminders.MODEL])


def test_it_is_said_of_every_rule_what_is_sent():
    lead_contacts = {"submit-within", "return-within", "evidence-within", "earn-again-before-end"}
    assert set(RULES) >= lead_contacts | ASSESSOR_ACTS | OPERATIONS_ARE_TOLD  # those of matters are in test_tasks.py
    assert set(RULES) <= set(TASKS)


@pytest.mark.parametrize("rule", RULES)
def test_what_is_listed_while_a_clock_runs_is_what_is_then_sent(connection: Connection[Any], rule: str):
    happened, wanted = RULES[rule]
    stream, log = AWARD if isinstance(happened[0], a.AccreditationAwarded) else CASE, Log()
    log.add(stream, *happened)
    show(connection, log.events, [reminders.MODEL])

    sent = listed_and_sent(connection, log, stream, at=NOON, until=FAR)

    assert [(one.kind, one.recipient, (one.sent_at - NOON) / DAY) for one in sent if one.rule == rule] == wanted


@given(log=logs, after=hours, ahead=hours)
@example(log=recorded(1, limit=3), after=355 * DAY, ahead=DAY)  # two reminders to submit are late
@on_one_database
def test_what_is_listed_of_submissions_and_awards_is_what_is_then_sent(
    connection: Connection[Any], log: list[Recorded], after: timedelta, ahead: timedelta
):
    """Given cases whose processes were down for up to 400 days, and then run, with nobody else doing anything."""
    make(connection, [reminders.MODEL])
    show(connection, log, [reminders.MODEL])
    at = log[-1].at + after

    for stream in {one.stream for one in log if one.stream.startswith(("submission-", "accreditation-"))}:
        listed_and_sent(connection, Log(log), stream, at=at, until=at + ahead)


@given(doings=doings, after=hours, ahead=hours)
@example(doings=[("upgraded", 350)], after=DAY, ahead=400 * DAY)  # while a year is to be confirmed
@example(doings=[("raise", 0), ("open", 1), ("withdraw", 1)], after=DAY, ahead=400 * DAY)  # while two reviews are open
@on_one_database
def test_what_is_listed_of_an_award_with_years_and_concerns_is_what_is_then_sent(
    connection: Connection[Any], doings: list[tuple[str, int]], after: timedelta, ahead: timedelta
):
    """Given an award whose process ran while people did this and that, was then down for up to 400 days, and runs again."""
    make(connection, [reminders.MODEL])
    at, log = NOON, Log()
    log.add(AWARD, *awards.award(Accreditation(), **{**GIVEN, "id": AWARD, "scheme": SCHEME, "level": "bronze"}))
    for number, (what, days) in enumerate(doings):
        until = at + timedelta(days=days, seconds=1)
        for now, events in course(state_of(log, AWARD), at, until):
            log.add(AWARD, *events, at=now)
        at = until
        try:
            log.add(AWARD, *do(what, state_of(log, AWARD), f"submission-{number}", at), at=at)
        except Refused:
            continue
    show(connection, log.events, [reminders.MODEL])

    listed_and_sent(connection, log, AWARD, at=at + after, until=at + after + ahead)


def listed_and_sent(
    connection: Connection[Any], log: Log, stream: str, *, at: datetime, until: datetime
) -> list[reminders.Sent]:
    """Let the case's process run, until it does more than say something; what it then sent is what had been listed."""
    listed = reminders.planned(connection, at=at, until=until, case=stream)
    before, happened = len(reminders.sent(connection, stream)), len(log.events)
    for now, events in course(state_of(log, stream), at, until):
        if now > until:
            break
        log.add(stream, *events, at=now)
        if not all(isinstance(one, SAYINGS) for one in events):
            until = now
    show(connection, log.events[happened:], [reminders.MODEL])
    sent = reminders.sent(connection, stream)[before:]
    assert sorted(
        (max(at, one.planned_for), one.kind, one.rule, one.recipient, one.planned_for, one.due_at)
        for one in listed
        if one.planned_for <= until
    ) == sorted((one.sent_at, one.kind, one.rule, one.recipient, one.planned_for, one.due_at) for one in sent)
    return sent


def course(state: Any, at: datetime, until: datetime) -> Iterator[tuple[datetime, Sequence[Any]]]:
    """What the case's process records, and when, from `at` to `until`."""
    award = isinstance(state, Accreditation)
    due_next: Any = accreditation.due_next if award else process.due_next
    evolve: Any = accreditation.evolve if award else submission.evolve
    while (step := due_next(state, at=at)) and max(at, step.at) <= until:
        at = max(at, step.at)
        events = carry_out(step, state, at)
        assert events, step
        yield at, events
        for event in events:
            state = evolve(state, event)


def carry_out(step: Due, state: Any, at: datetime) -> Sequence[Any]:
    """What is recorded by a step of a process, where nobody is there to assess."""
    decide: Mapping[str, Callable[[], Sequence[Any]]] = {
        "remind": lambda: clocks.remind(state, at=at),
        "miss_deadline": lambda: clocks.miss_deadline(state, at=at),
        "give_up_date": lambda: booking.give_up(state, at=at),
        "lapse": lambda: preparation.lapse(state, at=at),
        "take_back": lambda: assessment.take_back(state, reason="not-answered", at=at),
        "assign_assessor": lambda: assessment.assign(state, scheme=SCHEME, assessors=(), at=at)[0],
        "remind_marker": lambda: calibration.remind_marker(state, at=at),
        "miss_marking": lambda: calibration.miss_marking(state, at=at),
        "open_final_review": lambda: moderation.open_final_review(state, scheme=SCHEME, at=at),
        "remind_of_end": lambda: awards.remind(state, at=at, last_window=None),
        "start_extension": lambda: awards.start_extension(state, at=at),
        "lapse_award": lambda: awards.lapse(state, at=at),
        "ask_confirmation": lambda: confirmation.ask_confirmation(state, scheme=SCHEME, at=at),
        "remind_to_confirm": lambda: confirmation.remind_to_confirm(state, at=at),
        "miss_confirmation": lambda: confirmation.miss_confirmation(state, at=at),
        "miss_review": lambda: concerns.miss_review(state, at=at),
        "remind_task": lambda: tasks.remind(state, at=at),
        "miss_task": lambda: tasks.miss(state, at=at),
    }
    return decide[step.step]()


def do(what: str, award: Accreditation, name: str, at: datetime) -> list[Any]:
    """What is recorded when somebody does `what`; two concerns come at once, so that their deadlines coincide."""
    held = [one.id for one in award.concerns.values() if one.clock]
    renewal = {**renewing(at, name, SCHEME), "level": "gold" if what == "upgraded" else "bronze"}
    why: dict[str, Any] = {"scheme": SCHEME, "at": at}
    match what:
        case "raise":
            ids = (f"concern-{name}-a", f"concern-{name}-b")
            said = [
                concerns.raise_concern(award, id=id, raised_by=None, reachable=True, text=text("why"), **why)
                for id in ids
            ]
        case "open":
            said = [concerns.open_review(award, concern=id, reviewer=RAY, took_part=(), **why) for id in held]
        case "no_action" | "withdraw":
            why |= {"finding": what, "reason": text("so")}
            said = [concerns.conclude_review(award, concern=id, by=RAY, **why) for id in held[:1]]
        case "confirm":
            year = max(award.asked_years, default=2)
            said = [confirmation.confirm_year(award, year=year, statement=text("yes"), at=at)]
        case "submitted":
            said = [awards.submit_reaccreditation(award, submission=name, **why)]
        case "ended":
            ending = sorted(award.pending)[:1]
            said = [awards.end_reaccreditation(award, submission=one, outcome="withdrawn", at=at) for one in ending]
        case "renewed":
            said = [awards.renew(award, **renewal)]
        case _:
            said = [awards.upgrade(award, **renewal)]
    return [event for events in said for event in events]


def state_of(log: Log, stream: str) -> Any:
    award = stream.startswith("accreditation-")
    evolve: Any = accreditation.evolve if award else submission.evolve
    state: Any = Accreditation() if award else submission.Submission()
    for one in log.events:
        if one.stream == stream:
            state = evolve(state, one.event)
    return state
