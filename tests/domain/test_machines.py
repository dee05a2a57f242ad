"""Whatever is tried on a window, a meeting, a person, a blind marking, a provider or a scheme's record, in any order and by anyone:
the rules hold, the same again changes nothing, and every refusal says which rule, of what, and what would be allowed.

Submissions and awards have machines of their own.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain import calibration, meeting, person, places, provider, scheme_record, window
from domain.refusals import Refused
from domain.scheme import Scheme
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    CHAIR,
    DAY,
    MEETING,
    MIA,
    NOON,
    PROVIDER,
    SCHEME,
    WINDOW,
    conflicted,
    text,
)
from tests.domain.test_calibration import ALL, ID, KNOWN

SHORT = settings(max_examples=60, stateful_step_count=25, deadline=None)
HOURS = st.integers(-30, 60).map(lambda hours: NOON + timedelta(hours=hours))
CASES = st.sampled_from([f"submission-{letter}" for letter in "abcde"])


class Aggregate(RuleBasedStateMachine):
    """One aggregate's stream, to which anyone does what they like."""

    evolve: Callable[[Any, Any], Any]
    state: Any

    def tries(self, decide: Callable[[], Any]) -> list[Any]:
        """Carry out a decision; returns its events, none where it is refused. The same again changes nothing."""
        try:
            events = decide()
        except Refused as refusal:
            given.says_all(refusal)
            return []
        self.state = given.fold(type(self).evolve, self.state, events)
        if events:
            with suppress(Refused):
                assert decide() == []
        return list(events)


class WindowMachine(Aggregate):
    """A window with two places: never more in it than that, and nobody let in out of time."""

    evolve = staticmethod(window.evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = window.Window()

    @rule(opens=HOURS, closes=HOURS, at=HOURS, grace=st.integers(-1, 3600))
    def someone_schedules(self, opens: Any, closes: Any, at: Any, grace: int) -> None:
        said = {"id": WINDOW, "scheme": SCHEME.id, "opens_at": opens, "closes_at": closes, "grace_seconds": grace}
        for one in self.tries(lambda: window.schedule(self.state, **said, capacity=2, at=at)):
            assert one.opens_at < one.closes_at
            assert at < one.closes_at

    @rule(closes=HOURS, at=HOURS)
    def someone_extends(self, closes: Any, at: Any) -> None:
        before = self.state.closes_at
        if self.tries(lambda: window.extend(self.state, closes_at=closes, reason=text("why"), at=at)):
            assert self.state.closes_at > max(before, at)
            assert not self.state.closed

    @rule(case=CASES, closes=HOURS, at=HOURS)
    def someone_extends_for_one(self, case: str, closes: Any, at: Any) -> None:
        said = {"submission": case, "closes_at": closes, "reason": text("ill"), "at": at}
        if self.tries(lambda: window.extend_for(self.state, **said)):
            assert self.state.closes_for(case) > at

    @rule(at=HOURS)
    def time_passes(self, at: Any) -> None:
        if self.tries(lambda: window.open_window(self.state, at=at)):
            assert at >= self.state.opens_at
        if self.tries(lambda: window.close_window(self.state, at=at)):
            assert at >= self.state.ends_at

    @rule(case=CASES, at=HOURS, scheme=st.sampled_from([SCHEME.id, "other-mark"]))
    def someone_comes(self, case: str, at: Any, scheme: str) -> None:
        if self.tries(lambda: places.take_place(self.state, submission=case, scheme=scheme, at=at)[0]):
            assert scheme == self.state.scheme
            assert self.state.opens_at <= at <= self.state.closes_for(case) + self.state.grace

    @rule(case=CASES, what=st.sampled_from([places.refuse_place, places.reserve_place, places.end_reservation]))
    def a_claim_is_kept(self, case: str, what: Callable[..., Any]) -> None:
        self.tries(lambda: what(self.state, submission=case))

    @invariant()
    def no_more_are_in_than_there_are_places(self) -> None:
        assert self.state.capacity is None or self.state.room >= 0
        assert not self.state.places & self.state.reserved
        assert len(set(self.state.refused)) == len(self.state.refused)


class MeetingMachine(Aggregate):
    """A meeting: opened and signed by its own chair, in this order, with members of its panel."""

    evolve = staticmethod(meeting.evolve)
    NAMES = st.sampled_from([CHAIR.id, MIA.id, ADA.id, BEN.id])

    def __init__(self) -> None:
        super().__init__()
        self.state = meeting.Meeting()

    @rule(chair=NAMES, panel=st.lists(NAMES, max_size=4), items=st.lists(CASES, max_size=3))
    def someone_schedules(self, chair: str, panel: list[str], items: list[str]) -> None:
        said = {"id": MEETING, "scheme": SCHEME.id, "starts_at": NOON, "quorum": SCHEME.quorum, "at": NOON}
        self.tries(lambda: meeting.schedule(self.state, **said, chair=chair, panel=tuple(panel), items=tuple(items)))

    @rule(by=NAMES, present=st.lists(NAMES, max_size=4), at=HOURS)
    def someone_opens(self, by: str, present: list[str], at: Any) -> None:
        if self.tries(lambda: meeting.open_meeting(self.state, by=by, present=tuple(present), at=at)):
            assert by == self.state.chair
            assert at >= NOON

    @rule(by=NAMES, minutes=st.integers(-1, 90))
    def someone_signs(self, by: str, minutes: int) -> None:
        if self.tries(lambda: meeting.sign_minutes(self.state, by=by, minutes_spent=minutes)):
            assert by == self.state.chair
            assert minutes > 0

    @invariant()
    def a_panel_is_whole_and_only_its_members_are_present(self) -> None:
        held = self.state
        assert not held.id or len(held.panel) >= SCHEME.quorum
        assert len(set(held.panel)) == len(held.panel)
        assert set(held.present) <= set(held.panel)
        assert not held.present or held.chair in held.present
        assert not held.signed or held.present


class PersonMachine(Aggregate):
    """A person: what is declared stays declared, and nobody has more in hand than they can take."""

    evolve = staticmethod(person.evolve)
    ROLES = st.sampled_from([*person.ROLES, "king"])
    SCHEMES = st.sampled_from([None, SCHEME.id])

    def __init__(self) -> None:
        super().__init__()
        self.state = person.Person()
        self.conflicts: set[str] = set()

    @rule(subject=st.sampled_from(["science", "Déjà vu"]))
    def they_register(self, subject: str) -> None:
        self.tries(lambda: person.register(self.state, id="person-a", subjects=(subject,), phases=("primary",)))

    @rule(role=ROLES, scheme=SCHEMES, change=st.sampled_from([person.give_role, person.end_role]))
    def a_role_changes(self, role: str, scheme: str | None, change: Callable[..., Any]) -> None:
        more = {"at": NOON} if change is person.give_role else {}
        self.tries(lambda: change(self.state, role=role, scheme=scheme, **more))
        assert self.state.roles <= {(one, of) for one in person.ROLES for of in (None, SCHEME.id)}

    @rule(kind=st.sampled_from([*person.TRAINING_KINDS, "juggling"]), expires=HOURS, at=HOURS)
    def they_train(self, kind: str, expires: Any, at: Any) -> None:
        said = {"kind": kind, "scheme": SCHEME.id, "expires_at": expires, "at": at}
        for one in self.tries(lambda: person.complete_training(self.state, **said)):
            assert one.expires_at > at

    @rule(provider=st.sampled_from([PROVIDER, "provider-b"]), kind=st.sampled_from([*person.CONFLICT_KINDS, "envy"]))
    def they_declare(self, provider: str, kind: str) -> None:
        if self.tries(lambda: person.declare_conflict(self.state, provider=provider, kind=kind)):
            self.conflicts.add(provider)

    @rule(available=st.booleans())
    def they_say_whether_they_are_there(self, available: bool) -> None:
        self.tries(lambda: person.set_availability(self.state, available=available))
        self.tries(lambda: person.sign_non_disclosure(self.state))

    @rule(case=CASES, take=st.booleans())
    def work_comes_and_goes(self, case: str, take: bool) -> None:
        if take:
            self.tries(lambda: person.take_work(self.state, submission=case, window=WINDOW, capacity=2))
        else:
            self.tries(lambda: person.release_work(self.state, submission=case, reason="declined"))

    @invariant()
    def what_was_declared_stays_and_nobody_has_too_much_in_hand(self) -> None:
        assert self.conflicts <= self.state.conflicts
        assert len(self.state.in_hand) <= 2
        assert self.state.id or not self.state.roles


class CalibrationMachine(Aggregate):
    """A blind marking: by one person who is not the first assessor and has no conflict, and complete before it counts."""

    evolve = staticmethod(calibration.evolve)
    PEOPLE = st.sampled_from([ADA, BEN, MIA, conflicted(BEN)])
    LEVELS = st.sampled_from([*SCHEME.scale, "superb"])

    def __init__(self) -> None:
        super().__init__()
        self.state = calibration.Calibration()
        self.case = given.accepted(by=ADA)

    @rule(people=st.lists(PEOPLE, max_size=3, unique_by=lambda one: one.id))
    def the_rule_chooses(self, people: list[Any]) -> None:
        said = {"id": ID, "case": self.case, "scheme": ALL, "assessors": people, "at": NOON + 33 * DAY}
        self.tries(lambda: calibration.assign(self.state, **said)[0])

    @rule(by=PEOPLE, level=LEVELS, code=st.sampled_from([*SCHEME.criteria, "9.9"]))
    def someone_judges(self, by: Any, level: str, code: str) -> None:
        said = {"by": by, "scheme": ALL, "known": KNOWN, "findings": given.findings({code: level})}
        if self.tries(lambda: calibration.judge(self.state, **said)):
            assert by is BEN
            assert level in SCHEME.scale

    @rule(by=PEOPLE, minutes=st.integers(-1, 60))
    def someone_completes(self, by: Any, minutes: int) -> None:
        if self.tries(lambda: calibration.complete(self.state, by=by, minutes_spent=minutes)):
            assert by is BEN
            assert set(self.state.judgements) == set(SCHEME.criteria)

    @rule()
    def it_is_given_up(self) -> None:
        done = self.state.completed
        assert not (self.tries(lambda: calibration.give_up(self.state, reason="declined")) and done)

    @invariant()
    def the_first_assessor_never_marks_it_again(self) -> None:
        assert self.state.assessor in (None, BEN.id)


class ProviderMachine(Aggregate):
    """A provider: of a kind that the scheme knows, and with contacts only once it is registered."""

    evolve = staticmethod(provider.evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = provider.Provider()

    @rule(kind=st.sampled_from([*SCHEME.provider_types, "circus"]), size=st.sampled_from([*SCHEME.size_bands, "vast"]))
    def it_registers(self, kind: str, size: str) -> None:
        said = {"scheme": SCHEME, "id": PROVIDER, "provider_type": kind, "size_band": size}
        self.tries(lambda: provider.register(self.state, **said))

    @rule(name=st.sampled_from([ADA.id, BEN.id]))
    def it_names_a_contact(self, name: str) -> None:
        self.tries(lambda: provider.name_contact(self.state, person=name))

    @rule(name=st.sampled_from([ADA.id, BEN.id]))
    def a_contact_ends(self, name: str) -> None:
        if self.tries(lambda: provider.end_contact(self.state, person=name)):
            assert self.state.contacts

    @invariant()
    def it_is_of_a_known_kind(self) -> None:
        assert not self.state.id or self.state.provider_type in SCHEME.provider_types
        assert self.state.id or not self.state.contacts


class SchemeMachine(Aggregate):
    """A scheme's record: versions only rise, and what was published stays word for word."""

    evolve = staticmethod(scheme_record.evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = scheme_record.SchemeRecord()
        self.published: dict[int, str] = {}

    @rule(version=st.integers(1, 4), digest=st.sampled_from("ab"))
    def someone_publishes(self, version: int, digest: str) -> None:
        other: Scheme = replace(SCHEME, version=version, digest=digest * 64)
        if self.tries(lambda: scheme_record.publish(self.state, scheme=other, source=digest)):
            assert version > max(self.published, default=0)
            self.published[version] = other.digest

    @rule(name=st.sampled_from([ADA.id, BEN.id]), on=st.booleans())
    def authority_comes_and_goes(self, name: str, on: bool) -> None:
        change = scheme_record.authorise if on else scheme_record.end_authority
        self.tries(lambda: change(self.state, person=name, role="assessor"))
        assert ((name, "assessor") in self.state.authorised) is on

    @invariant()
    def what_was_published_stays(self) -> None:
        assert {number: one.digest for number, one in self.state.versions.items()} == self.published


for machine in (WindowMachine, MeetingMachine, PersonMachine, CalibrationMachine, ProviderMachine, SchemeMachine):
    machine.TestCase.settings = SHORT
TestWindows, TestMeetings = WindowMachine.TestCase, MeetingMachine.TestCase
TestPeople, TestCalibrations = PersonMachine.TestCase, CalibrationMachine.TestCase
TestProviders, TestSchemes = ProviderMachine.TestCase, SchemeMachine.TestCase
