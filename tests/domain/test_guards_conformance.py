"""A case held against the process, from events alone: each move, and each departure with what it went by."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation.award import award as awarded
from domain.accreditation.award import lapse
from domain.accreditation.events import AccreditationImported
from domain.accreditation.state import Accreditation
from domain.accreditation.state import evolve as evolve_award
from domain.accreditation.validity import Suspension
from domain.clocks import Deadline, DeadlineMissed
from domain.conflicts import ScrutinyGranted
from domain.conformance.deviations import Departure, about, departure
from domain.conformance.path import Path, path
from domain.conformance.windows import Windows
from domain.retention.events import HoldPlaced
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission import visit_events as v
from domain.submission.state import Stage
from domain.tasks import Task, TaskMoved
from domain.window import WindowExtended, WindowExtendedFor, WindowOpened, WindowScheduled
from tests.domain import appealing, given
from tests.domain.awards import GIVEN
from tests.domain.given import AWARD, CASE, DAY, NOON, PROVIDER, SCHEME, WINDOW, text

WHY = text("why")
REGISTERED = given.registered().registration
PREPARED = (REGISTERED, e.PreparationStarted())
WITHDRAWN = e.SubmissionWithdrawn(reason=WHY)


@dataclass(frozen=True, slots=True)
class Noted:
    """An event of the record."""

    position: int
    stream: str
    event: Any
    at: datetime = NOON
    version: int = 1
    actor: str = "person-a"
    role: str = "officer"


def followed(*events: Any, case: str = CASE) -> Path:
    """The way of a case along its own events, or others already `Noted`."""
    return path(
        case,
        [
            one if isinstance(one, Noted) else Noted(place, case, one, NOON + place * DAY, version=place)
            for place, one in enumerate(events, 1)
        ],
    )


def clock(rule: str = "submit-within") -> Deadline:
    return Deadline(rule=rule, due_at=NOON, remind_at=())


LAPSED = e.SubmissionLapsed(rule="submit-within", due_at=NOON)


def moves(way: Path) -> list[tuple[str, str, bool]]:
    return [(one.from_stage, one.to_stage, one.allowed) for one in way.steps]


# -- moves -------------------------------------------------------------------------------------------------------------


def test_a_case_that_goes_straight_on_has_steps_and_no_deviation():
    way = followed(*PREPARED, e.FeePaid(kind="registration", amount=1))

    assert moves(way) == [("", "registered", True), ("registered", "preparing", True)]
    assert [(one.position, one.version, one.event) for one in way.steps] == [
        (1, 1, "ProgrammeRegistered"), (2, 2, "PreparationStarted"),
    ]  # fmt: skip
    assert (way.stage, way.deviations, way.provider, way.scheme) == ("preparing", [], PROVIDER, SCHEME.ref)


def test_a_move_that_the_process_does_not_know_is_followed_and_is_a_deviation():
    way = followed(*PREPARED, e.ScreeningPassed())

    assert moves(way)[-1] == ("preparing", "in_assessment", False)
    [found] = way.deviations
    assert (found.kind, found.by, found.stage, found.event) == (
        "not-allowed", "in_assessment", "preparing", "ScreeningPassed",
    )  # fmt: skip


def test_a_move_from_the_wrong_stage_to_the_same_one_is_no_step_and_yet_a_deviation():
    way = followed(*PREPARED, e.PreparationStarted())

    assert len(way.steps) == 2
    assert [one.kind for one in way.deviations] == ["not-allowed"]


@pytest.mark.parametrize(
    ("before", "allowed"), [(PREPARED, True), ((REGISTERED, e.ScreeningPassed()), False)], ids=["preparing", "assessed"]
)
def test_a_case_lapses_where_its_time_to_submit_runs_and_nowhere_else(before: tuple[Any, ...], allowed: bool):
    assert moves(followed(*before, LAPSED))[-1][1:] == ("lapsed", allowed)


def test_a_case_of_which_nothing_is_on_record_yet_is_under_no_scheme():
    way = followed()
    assert (way.scheme, way.stage, way.kind) == ("", "", "submission")

    elsewhere = followed(Noted(1, WINDOW, WindowExtendedFor(submission=CASE, closes_at=NOON, reason=WHY)))
    assert [(one.kind, one.scheme, one.stream) for one in elsewhere.deviations] == [("extended", "", WINDOW)]


def test_what_happens_elsewhere_moves_no_case():
    way = followed(*PREPARED, Noted(9, WINDOW, WITHDRAWN))

    assert (way.stage, len(way.steps)) == ("preparing", 2)


def test_the_standing_of_an_award_is_looked_at_where_something_moves_it():
    events = awarded(Accreditation(), **GIVEN)
    held = evolve_award(Accreditation(), events[0])
    ended = Noted(9, AWARD, lapse(held, at=held.ends_at)[0], held.ends_at)
    missed = Noted(8, AWARD, DeadlineMissed(rule="confirm-within", due_at=NOON), held.ends_at - DAY)

    way = followed(*events, missed, ended, case=AWARD)

    assert moves(way) == [("", "accredited", True), ("accredited", "lapsed", True)]
    assert [one.kind for one in way.deviations] == ["deadline-missed", "lapsed"]
    assert (way.provider, way.scheme) == (PROVIDER, SCHEME.ref)


def test_a_standing_that_time_alone_changed_is_no_step():
    way = followed(*awarded(Accreditation(), **GIVEN), case=AWARD)
    way.held = Accreditation(**{**vars(way.held), "suspensions": (Suspension(concern="c", starts_at=NOON),)})

    way.follow(Noted(9, AWARD, DeadlineMissed(rule="confirm-within", due_at=NOON), NOON + DAY))

    assert (way.stage, len(way.steps)) == ("accredited", 1)


def test_an_appeal_has_its_own_way():
    way = followed(appealing.lodged().lodging, case=appealing.APPEAL)

    assert moves(way) == [("", "lodged", True)]
    assert (way.provider, way.scheme, way.deviations) == (PROVIDER, SCHEME.ref, [])


# -- departures --------------------------------------------------------------------------------------------------------


def submitted(*, late: bool) -> e.PortfolioSubmitted:
    portfolio = given.submitted(late=late).portfolio
    assert portfolio
    return portfolio


@pytest.mark.parametrize(
    ("event", "stage", "expected"),
    [
        (e.PreparationStarted(), "registered", None),
        (e.PreparationExtended(reason=WHY, clock=clock()), "preparing", ("extended", "submit-within", WHY.id)),
        (e.PreparationExtended(reason=WHY, clock=clock()), Stage.LAPSED, ("extended-after-the-end", "submit-within", WHY.id)),
        (submitted(late=True), "preparing", ("late", "", None)),
        (submitted(late=False), "preparing", None),
        (s.BlindMarkingEnded(second="person-b", reason="marked"), "decided", None),
        (s.BlindMarkingEnded(second="person-b", reason="declined"), "decided", ("work-ended", "declined", None)),
        (e.AssignmentEnded(assessor="person-b", reason="overdue", why=WHY), "x", ("work-ended", "overdue", WHY.id)),
        (e.FeeWaived(kind="registration", reason=WHY), "preparing", ("fee-waived", "registration", WHY.id)),
        (e.FeeWaived(kind="gift", reason=None, appeal="appeal-a"), "preparing", ("fee-waived", "appeal-a", None)),
        (
            e.ItemAdjourned(meeting="meeting-a", reason=None, clock=clock("moderate-within")),
            "in_moderation",
            ("adjourned", "moderate-within", None),
        ),
        (
            e.ItemAdjourned(meeting="meeting-a", reason=None, clock=clock(), because="conflict"),
            "in_moderation",
            ("adjourned", "conflict", None),
        ),
        (
            TaskMoved(reason=WHY, sets=(Task(rule="hear-within", due_at=NOON, who="board"),)),
            "admitted",
            ("extended", "hear-within", WHY.id),
        ),
        (WITHDRAWN, "preparing", ("withdrawn", "", WHY.id)),
        (r.AssessmentSetAside(appeal="appeal-a", excluded=()), "decided", ("set-aside", "appeal-a", None)),
    ],
    ids=[
        "straight", "extended", "after-the-end", "late", "in-time", "marked", "declined", "overdue", "fee", "fee-of-appeal",
        "adjourned", "because", "moved", "withdrawn", "set-aside",
    ],
)  # fmt: skip
def test_a_departure_says_how_by_what_and_why(event: Any, stage: str, expected: tuple[str, str, str | None] | None):
    kind, by, reason = expected or ("", "", None)

    assert departure(event, stage) == (Departure(kind=kind, by=by, reason=reason) if expected else None)


def test_an_event_elsewhere_is_about_the_case_that_it_names():
    granted = ScrutinyGranted(
        scrutiny="scrutiny-a", provider=PROVIDER, case=CASE, role="chair", scrutineer="person-b", until_at=NOON
    )
    held = HoldPlaced(register="register-a", subject=CASE, by="person-b", ground="appeal", reason=WHY, sets=())

    for one in (granted, held, WindowExtendedFor(submission=CASE, closes_at=NOON, reason=WHY)):
        assert about(one) == CASE
    assert about(WITHDRAWN) == ""


# -- windows that closed later -----------------------------------------------------------------------------------------


def handed_in(at: datetime, window: str = WINDOW) -> Noted:
    event = e.PortfolioSubmitted(window=window, late=False, answers=(), evidence=(), manifest="0" * 64)
    return Noted(9, CASE, event, at)


def extended(*, scheduled: bool = True) -> Windows:
    """A window that was to close at noon and closes two days later; between both it was opened."""
    found = Windows()
    at = {"opens_at": NOON - DAY, "closes_at": NOON, "grace_seconds": 0, "capacity": None}
    if scheduled:
        found.follow(Noted(1, WINDOW, WindowScheduled(window=WINDOW, scheme=SCHEME.ref, **at)))
    found.follow(Noted(2, WINDOW, WindowOpened(opens_at=NOON - DAY)))
    found.follow(Noted(3, WINDOW, WindowExtended(closes_at=NOON + 2 * DAY)))
    return found


@pytest.mark.parametrize(("at", "by"), [(NOON - DAY, None), (NOON, 3), (NOON + DAY, 3)])
def test_a_portfolio_came_in_by_an_extension_where_its_window_would_have_closed(at: datetime, by: int | None):
    found = extended().let_in(handed_in(at))

    assert (found.position if found else None) == by


def test_nothing_but_a_portfolio_for_that_window_comes_in_by_its_extension():
    windows = extended()

    assert windows.let_in(Noted(9, CASE, LAPSED, NOON + DAY)) is None
    assert windows.let_in(handed_in(NOON + DAY, window="window-another")) is None


def test_of_a_window_whose_first_close_is_not_known_no_portfolio_came_in_by_an_extension():
    assert extended(scheduled=False).let_in(handed_in(NOON + DAY)) is None


# -- what is judged where nobody can, other dates, and awards that came suspended ----------------------------------------


def test_what_is_done_at_a_stage_at_which_nobody_can_is_a_deviation_though_the_stage_stays():
    way = followed(*PREPARED, e.JudgementConfirmed(criterion="1.1", level="met"))

    assert [one.kind for one in way.deviations] == ["not-allowed"]


@pytest.mark.parametrize(
    ("bound", "kind"), [(None, None), (NOON, None), (NOON + DAY, "date-changed")], ids=["none", "same", "another"]
)
def test_another_date_is_a_deviation_only_where_one_bound(bound: datetime | None, kind: str | None):
    booked = v.AssessmentBooked(visit_at=NOON, provisional=False, clock=None)

    found = departure(booked, Stage.PREPARING, bound)

    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(("ends_at", "stage"), [(None, "suspended"), (NOON + 2 * DAY, "accredited")])
def test_an_award_that_came_from_elsewhere_stands_as_after_all_that_happened_to_it(
    ends_at: datetime | None, stage: str
):
    [given_out, *_] = awarded(Accreditation(), **GIVEN)
    said = {one.name: getattr(given_out, one.name) for one in fields(given_out)}
    suspension = Suspension(concern="concern-a", starts_at=NOON + DAY, ends_at=ends_at)

    way = followed(AccreditationImported(**said, suspended=(suspension,)), case=AWARD)

    assert way.stage == stage
