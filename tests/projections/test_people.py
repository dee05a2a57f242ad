"""The timetable of standardisation and the composition of panels and the board, as they are read; in any batches the same."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.competence import CredentialStated, CredentialVerified, CredentialWithdrawn, StandardisationAttended
from domain.composition import Share
from domain.meeting import MeetingScheduled
from domain.person import RoleEnded, RoleGiven
from domain.qualification import Qualified, Seated
from domain.scheme_record import SchemeVersionPublished
from domain.standardisation import (
    InvitationWithdrawn,
    StandardisationBegun,
    StandardisationCancelled,
    StandardisationHeld,
    StandardisationScheduled,
)
from projections import composition, standardisation
from projections.composition import ItemExpertise
from projections.standardisation import Attendance
from services.office import scheme_stream
from tests.domain.competent import STRICT
from tests.domain.given import SCHEME
from tests.projections.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MEETING,
    NOON,
    OTHER,
    Log,
    make,
    moderation_started,
    rows,
    show,
    text,
)

MODELS = (standardisation.MODEL, composition.MODEL)
SPRING, AUTUMN, LAST = "standardisation-spring", "standardisation-autumn", "standardisation-last"


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, MODELS)


def scheduled(session: str = SPRING, *, starts_at: datetime = NOON + 30 * DAY, scheme: str = "cpd-qa@1") -> Any:
    return StandardisationScheduled(
        session=session,
        scheme=scheme,
        starts_at=starts_at,
        leader=CHAIR,
        invited=(ADA, BEN),
        exemplars=(CASE,),
        note=text("note"),
        sets=(),
    )


def shares(*found: tuple[str, int, int], size: int = 3) -> tuple[Share, ...]:
    return tuple(Share(background=one, members=members, size=size, least=least) for one, members, least in found)


def called(meeting: str = MEETING, *, scheme: str = "cpd-qa", form: str = "meeting", teachers: int = 1) -> Any:
    return MeetingScheduled(
        meeting=meeting,
        scheme=scheme,
        starts_at=NOON + DAY,
        chair=CHAIR,
        panel=(CHAIR, ADA, BEN),
        items=(CASE,),
        form=form,
        composition=shares(("teacher", teachers, 50), ("provider", 0, 0), ("expert", 1, 25)),
    )


def published(version: int = 1, source: str = STRICT.source) -> SchemeVersionPublished:
    return SchemeVersionPublished(scheme=SCHEME.id, version=version, digest="0" * 64, source=source)


def stated(kind: str = "teacher", *, verified: bool = True, topic: str = "background") -> CredentialStated:
    return CredentialStated(topic=topic, kind=kind, text=text("said"), stated_by=BEN, verified=verified)


def board(connection: Connection[Any], at: datetime = NOON) -> dict[str, tuple[int, int, int]]:
    found = composition.board(connection, scheme=SCHEME.id, at=at)
    return {one.background: (one.members, one.size, one.least) for one in found}


def whole() -> Log:
    """All that these models read, once each."""
    log = Log()
    log.add(scheme_stream(SCHEME.id), published())
    log.add(
        ADA,
        RoleGiven(role="board"),
        stated(verified=False),
        CredentialVerified(topic="background", kind="teacher", verifier=BEN),
    )
    log.add(BEN, RoleGiven(role="board", ends_at=NOON + 90 * DAY), stated("expert"), stated("led", topic="experience"))
    log.add(SPRING, scheduled(), StandardisationBegun(ends=()))
    log.add(AUTUMN, scheduled(AUTUMN, starts_at=NOON + 200 * DAY))
    log.add(AUTUMN, InvitationWithdrawn(person=CHAIR, because="conflict", ends=()))
    log.add(SPRING, StandardisationHeld(recorder=CHAIR, present=(CHAIR, ADA)))
    log.add(ADA, StandardisationAttended(session=SPRING, scheme="cpd-qa", attended_at=NOON + 30 * DAY))
    log.add(AUTUMN, StandardisationCancelled(reason=text("why")))
    log.add(MEETING, called())
    log.add(CASE, taken_up())
    log.add(
        BEN,
        RoleEnded(role="board"),
        CredentialWithdrawn(topic="background", kind="expert", reason=text("why")),
        at=NOON + DAY,
    )
    return log


def taken_up() -> Any:
    def seat(person: str, verdict: str = "seated", *, expert: bool = True) -> Seated:
        return Seated(person=person, verdict=verdict, expert=expert, qualified=Qualified())

    seen = (seat(CHAIR), seat(BEN, expert=False), seat(ADA, "conflict with the provider"))
    return replace(moderation_started(), seen=seen)


def test_the_timetable_is_in_the_order_of_dates_with_who_was_to_come_and_who_came(connection: Connection[Any]):
    show(connection, whole().events, MODELS)

    spring, autumn = standardisation.timetable(connection)
    assert (spring.session, spring.scheme, spring.leader, spring.state) == (SPRING, "cpd-qa", CHAIR, "held")
    assert (spring.invited, spring.attended, spring.exemplars) == (3, 2, 2)
    assert (autumn.session, autumn.state, autumn.attended) == (AUTUMN, "cancelled", 0)
    assert (autumn.invited, autumn.leader) == (2, "")  # its leader has a conflict
    assert standardisation.timetable(connection, limit=1) == [spring]
    assert standardisation.timetable(connection, scheme="other-mark") == []
    assert standardisation.attended(connection, person=ADA) == [
        Attendance(person=ADA, session=SPRING, scheme="cpd-qa", attended_at=NOON + 30 * DAY)
    ]
    assert standardisation.attended(connection, person=BEN) == []


def test_a_session_belongs_to_the_year_that_it_is_in_where_the_body_is(connection: Connection[Any]):
    log = Log()
    log.add(LAST, scheduled(LAST, starts_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)))
    log.add(SPRING, scheduled(starts_at=datetime(2027, 6, 30, 23, 30, tzinfo=UTC)))
    show(connection, log.events, MODELS)

    def year(number: int, zone: str = "Europe/London") -> list[str]:
        return [one.session for one in standardisation.timetable(connection, year=number, zone=zone)]

    assert year(2026) == [LAST]
    assert year(2027) == [SPRING]
    assert year(2027, zone="Europe/Oslo") == [LAST, SPRING]
    assert year(2028) == []


def test_a_panel_shows_its_shares_and_where_it_misses_the_minima(connection: Connection[Any]):
    log = Log()
    log.add(MEETING, called())
    log.add("meeting-b", called("meeting-b", form="award-panel", teachers=2), at=NOON + DAY)
    show(connection, log.events, MODELS)

    newest, *_, oldest = composition.panels(connection)
    assert (newest.panel, newest.form, oldest.panel, oldest.form) == ("meeting-b", "award-panel", MEETING, "meeting")
    [missed] = composition.panels(connection, missing=True)
    assert (missed.panel, missed.background, missed.members, missed.size, missed.least, missed.met) == (
        MEETING,
        "teacher",
        1,
        3,
        50,
        False,
    )
    assert composition.panels(connection, scheme="other-mark") == []
    assert len(composition.panels(connection, limit=4)) == 4


def test_what_was_called_before_shares_were_kept_shows_none(connection: Connection[Any]):
    log = Log()
    log.add(MEETING, replace(called(), composition=()))
    log.add(CASE, moderation_started())
    show(connection, log.events, MODELS)

    assert composition.panels(connection) == []
    assert composition.items(connection, panel=MEETING) == []


def test_an_item_shows_how_many_knew_its_subject_and_how_many_were_left_out(connection: Connection[Any]):
    log = Log()
    log.add(CASE, taken_up())
    log.add(OTHER, replace(taken_up(), meeting=""))  # by one person alone
    show(connection, log.events, MODELS)

    assert composition.items(connection, panel=MEETING) == [
        ItemExpertise(case_id=CASE, panel=MEETING, seated=2, experts=1, left_out=1)
    ]


def test_the_board_is_counted_as_it_sits_with_what_was_verified_against_the_version_in_force(
    connection: Connection[Any],
):
    log = whole()
    show(connection, log.events[:-2], MODELS)
    assert board(connection) == {"teacher": (1, 2, 50), "provider": (0, 2, 0), "expert": (1, 2, 25)}
    assert board(connection, NOON + 90 * DAY)["expert"] == (0, 1, 25)  # a term that ended
    assert composition.schemes(connection) == [SCHEME.id]

    show(connection, log.events[-2:], MODELS)
    assert board(connection, NOON + DAY) == {"teacher": (1, 1, 50), "provider": (0, 1, 0), "expert": (0, 1, 25)}
    later = Log(events=list(log.events))
    later.add(scheme_stream(SCHEME.id), published(2, SCHEME.source), at=NOON + 2 * DAY)
    show(connection, later.events[len(log.events) :], MODELS)
    assert board(connection, NOON + 2 * DAY)["teacher"] == (1, 1, 0)


def test_a_member_of_another_schemes_board_or_in_another_role_is_not_counted(connection: Connection[Any]):
    log = Log()
    log.add(scheme_stream(SCHEME.id), published())
    log.add(ADA, RoleGiven(role="board", scheme="other-mark"), stated())
    log.add(BEN, RoleGiven(role="officer"), stated(), RoleEnded(role="board"))
    log.add(CHAIR, RoleGiven(role="board", scheme=SCHEME.id, starts_at=NOON + DAY), stated(verified=False))
    show(connection, log.events, MODELS)

    assert board(connection) == {"teacher": (0, 0, 50), "provider": (0, 0, 0), "expert": (0, 0, 25)}
    assert board(connection, NOON + DAY)["teacher"] == (0, 1, 50)


@given(cuts=st.sets(st.integers(1, 18)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_batches_the_rows_are_the_same(connection: Connection[Any], cuts: set[int]):
    log = whole().events
    make(connection, MODELS)
    show(connection, log, MODELS)
    at_once = [rows(connection, model) for model in MODELS]
    assert all(at_once)

    make(connection, MODELS)
    for begin, end in pairwise([0, *sorted(cut for cut in cuts if cut < len(log)), len(log)]):
        show(connection, log[begin:end], MODELS)

    assert [rows(connection, model) for model in MODELS] == at_once
