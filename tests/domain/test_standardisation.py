"""A standardisation session: scheduled ahead with exemplars, held with attendance that nobody signs only for themselves."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import person as people
from domain import standardisation, tasks
from domain.clocks import DeadlineMissed
from domain.person import Person, RoleGiven
from domain.standardisation import (
    ATTEND,
    RECORD,
    InvitationWithdrawn,
    Standardisation,
    StandardisationBegun,
    StandardisationCancelled,
    StandardisationHeld,
    evolve,
)
from domain.tasks import ALL
from tests.domain import given
from tests.domain.competent import STRICT
from tests.domain.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    LEAD,
    MIA,
    NOON,
    SCHEME,
    SECOND,
    conflicted,
    fold,
    member,
    refused,
    text,
)
from tests.domain.test_machines import SHORT, Aggregate

ID, MANAGER = "standardisation-a", "person-manager"
STARTS = NOON + 30 * DAY
WHY = text("The room is flooded")


def plan(**said: Any) -> list[Any]:
    whole = {
        "id": ID,
        "scheme": STRICT,
        "starts_at": STARTS,
        "leader": CHAIR,
        "invited": (ADA, BEN, MIA),
        "exemplars": (),
        "note": text("Two portfolios"),
        "at": NOON,
    }
    return standardisation.schedule(said.pop("held", Standardisation()), **{**whole, **said})


def planned(**said: Any) -> Standardisation:
    return fold(evolve, Standardisation(), plan(**said))


def record(held: Standardisation, *present: Person, by: str = CHAIR.id, **said: Any) -> list[Any]:
    whole = {"manages": False, "at": STARTS, **said}
    return standardisation.record(held, by=Person(id=by), present=[one.id for one in present], **whole)


def held(*present: Person) -> Standardisation:
    session = planned()
    return fold(evolve, session, record(session, *(present or (CHAIR, ADA))))


def test_a_session_is_scheduled_with_a_task_for_each_who_is_to_come_and_one_for_its_leader():
    [scheduled] = plan()
    session = fold(evolve, Standardisation(), [scheduled])

    assert (scheduled.session, scheduled.scheme, scheduled.leader) == (ID, STRICT.ref, CHAIR.id)
    assert scheduled.invited == (ADA.id, BEN.id, MIA.id)
    assert (session.id, session.stage, session.over, session.starts_at) == (ID, "scheduled", False, STARTS)
    attend = {name: one for name, one in session.tasks.running.items() if one.rule == ATTEND}
    assert set(attend) == {f"{ATTEND}:{one.id}" for one in (CHAIR, ADA, BEN, MIA)}
    assert {(one.who, one.about) for one in attend.values()} == {(one.id, one.id) for one in (CHAIR, ADA, BEN, MIA)}
    assert {one.due_at for one in attend.values()} == {STARTS}
    # the wall clock keeps its hour: between 18 March and 1 April the clocks go forward
    ahead = tuple(STRICT.calendar.before(STARTS, one) for one in STRICT.assurance.people.remind_standardisation)
    assert {one.remind_at for one in attend.values()} == {ahead}
    said = session.tasks.running[RECORD]
    assert (said.who, said.told) == (CHAIR.id, "quality-manager")
    assert said.due_at == STRICT.calendar.due(STARTS, STRICT.assurance.people.record_standardisation_within)


def test_the_leader_is_not_invited_twice_nor_anybody_else():
    [scheduled] = plan(invited=(ADA, CHAIR, ADA))

    assert scheduled.invited == (ADA.id,)


def test_a_session_is_scheduled_once():
    assert plan(held=planned()) == []


@pytest.mark.parametrize("starts_at", [NOON, NOON - SECOND, NOON - 400 * DAY])
def test_a_session_is_scheduled_ahead(starts_at: Any):
    with refused("standardisation-to-come", field="starts_at"):
        plan(starts_at=starts_at)


def test_who_comes_works_under_the_scheme_on_that_day():
    officer, lead = member("olga", "officer"), fold(people.evolve, Person(), [people.PersonRegistered(person=LEAD)])
    leaves = fold(people.evolve, BEN, [RoleGiven(role="assessor", scheme=SCHEME.id, ends_at=STARTS)])

    for stranger in (officer, lead, leaves):
        with refused("standardisation-invited", field="invited"):
            plan(invited=(ADA, stranger))
        with refused("standardisation-invited", field="leader"):
            plan(leader=stranger)
    with refused("known-person", field="invited"):
        plan(invited=(Person(),))
    manager = member("quin", "quality-manager")
    assert plan(leader=manager)
    with refused("standardisation-invited", field="invited"):
        plan(invited=(manager,))
    hears = member("pia", "appeals-panel")
    assert plan(invited=(hears,))


def test_somebody_is_invited():
    for nobody in ((), (CHAIR,)):
        with refused("standardisation-invited", field="invited", match="nobody"):
            plan(invited=nobody)


def test_there_is_something_to_judge_together():
    with refused("standardisation-exemplars", field="exemplars"):
        plan(note=None)
    [by_case] = plan(note=None, exemplars=(given.released(), given.released()))
    assert by_case.exemplars == (CASE,)
    assert plan(exemplars=(given.released(),))


@pytest.mark.parametrize("stage", ["assessed", "decided", "approved", "withdrawn", "ineligible"])
def test_an_exemplar_is_a_case_whose_result_was_told(stage: str):
    with refused("standardisation-exemplars", field="exemplars"):
        plan(exemplars=(given.STAGES[stage](),))


def test_an_exemplar_is_of_the_same_scheme():
    from dataclasses import replace

    with refused("standardisation-exemplars", field="exemplars"):
        plan(
            exemplars=(given.released(),),
            scheme=replace(STRICT, id="other-mark"),
            leader=_of_all(CHAIR),
            invited=(_of_all(ADA),),
        )


def _of_all(person: Person) -> Person:
    return fold(people.evolve, person, [RoleGiven(role="chair", scheme=None)])


def test_nobody_looks_at_an_exemplar_of_a_provider_with_which_they_have_a_conflict():
    for said in ({"invited": (ADA, conflicted(BEN))}, {"leader": conflicted(CHAIR)}):
        with refused("conflict-of-interest"):
            plan(exemplars=(given.released(),), **said)
        assert plan(**said)  # a text is nobody's


def test_everyone_is_reminded_before_and_nobody_once_it_has_begun():
    session = planned()

    reminded = tasks.remind(session, at=STARTS - 2 * DAY)
    assert {one.about for one in reminded} == {one.id for one in (CHAIR, ADA, BEN, MIA)}
    due = tasks.due_next(fold(evolve, session, reminded), at=STARTS - DAY)
    assert due
    assert (due.step, due.at) == ("begin_session", STARTS)
    assert standardisation.begin(session, at=STARTS - SECOND) == []
    [begun] = standardisation.begin(session, at=STARTS)
    assert begun == StandardisationBegun(ends=tuple(f"{ATTEND}:{one.id}" for one in (CHAIR, ADA, BEN, MIA)))
    running = fold(evolve, session, [begun])
    assert set(running.tasks.running) == {RECORD}
    assert (running.stage, running.over) == ("begun", False)
    assert standardisation.begin(running, at=STARTS) == []
    assert standardisation.begin(Standardisation(), at=STARTS) == []


def test_the_quality_manager_is_told_when_nobody_recorded_who_came():
    session = planned()
    running = fold(evolve, session, standardisation.begin(session, at=STARTS))
    due_at = running.tasks.running[RECORD].due_at

    assert tasks.miss(running, at=due_at) == [DeadlineMissed(rule=RECORD, due_at=due_at)]


def test_its_leader_records_who_attended_on_its_date_or_later():
    session = planned()

    assert record(session, CHAIR, ADA, ADA) == [StandardisationHeld(recorder=CHAIR.id, present=(CHAIR.id, ADA.id))]
    assert record(session, ADA, at=STARTS + 90 * DAY)
    with refused("standardisation-on-date", field="at"):
        record(session, CHAIR, ADA, at=STARTS - SECOND)
    done = held()
    assert (done.stage, done.over, done.present) == ("held", True, (CHAIR.id, ADA.id))
    assert not done.tasks.running
    assert StandardisationHeld(recorder=CHAIR.id, present=()).ends == (ALL,)


def test_who_attended_is_said_once():
    done = held(CHAIR, ADA)

    assert record(done, ADA, CHAIR) == []
    with refused("standardisation-open", field="session", match="was held"):
        record(done, CHAIR, ADA, BEN)
    with refused("standardisation-open", field="session", match="was held"):
        standardisation.cancel(done, reason=WHY)


def test_nobody_else_says_who_attended_but_a_quality_manager():
    session = planned()

    for somebody in (ADA.id, MANAGER):
        with refused("standardisation-leader", field="actor"):
            record(session, CHAIR, BEN, by=somebody)
    assert record(session, CHAIR, BEN, by=MANAGER, manages=True)


def test_nobody_certifies_only_themselves():
    session = planned()

    for present in ((CHAIR,), ()):
        with refused("not-for-oneself", field="present"):
            record(session, *present)
    with refused("not-for-oneself", field="present"):
        record(session, ADA, BEN, by=ADA.id, manages=True)  # a manager who was invited, of themselves
    assert record(session, BEN, by=ADA.id, manages=True)


def test_who_was_not_invited_did_not_attend():
    with refused("standardisation-invited", field="present"):
        record(planned(), CHAIR, ADA, member("eve", "assessor"))


def test_a_session_is_cancelled_with_a_reason_once_and_not_held_then():
    session = planned()
    [cancelled] = standardisation.cancel(session, reason=WHY)
    gone = fold(evolve, session, [cancelled])

    assert cancelled == StandardisationCancelled(reason=WHY)
    assert (gone.stage, gone.over) == ("cancelled", True)
    assert not gone.tasks.running
    assert standardisation.cancel(gone, reason=WHY) == []
    assert standardisation.begin(gone, at=STARTS) == []
    with refused("standardisation-open", field="session", match="was cancelled"):
        record(gone, CHAIR, ADA)
    with refused("standardisation-open", match="was cancelled"):
        record(gone)


def test_of_a_session_that_is_not_on_the_timetable_nothing_is_recorded():
    with refused("known-standardisation", field="session"):
        record(Standardisation(), CHAIR, ADA)
    with refused("known-standardisation", field="session"):
        standardisation.cancel(Standardisation(), reason=WHY)


def leave_out(session: Standardisation, person: Person = BEN, at: Any = NOON) -> list[Any]:
    return list(standardisation.leave_out(session, person=person.id, at=at))


def test_who_has_a_conflict_with_the_provider_of_an_exemplar_is_taken_off_the_session_to_come():
    session = planned()
    [withdrawn] = leave_out(session)
    without = fold(evolve, session, [withdrawn])

    assert withdrawn == InvitationWithdrawn(person=BEN.id, because="conflict", ends=(f"{ATTEND}:{BEN.id}",))
    assert without.invited == (ADA.id, MIA.id)
    assert f"{ATTEND}:{BEN.id}" not in without.tasks.running
    assert without.tasks.running[RECORD].who == CHAIR.id
    assert leave_out(without) == []
    assert leave_out(session, member("eve", "assessor")) == []
    with refused("standardisation-invited", field="present"):
        record(without, CHAIR, ADA, BEN)
    [begun] = standardisation.begin(without, at=STARTS)
    assert set(begun.ends) == {f"{ATTEND}:{one.id}" for one in (CHAIR, ADA, MIA)}


def test_a_leader_with_a_conflict_leads_it_no_longer_and_a_quality_manager_says_who_came():
    session = planned()
    without = fold(evolve, session, leave_out(session, CHAIR))

    assert without.leader == ""
    assert without.tasks.running[RECORD].who == "quality-manager"
    assert without.tasks.running[RECORD].due_at == session.tasks.running[RECORD].due_at
    with refused("standardisation-leader", field="actor"):
        record(without, ADA, BEN)
    assert record(without, ADA, BEN, by=MANAGER, manages=True)


def test_nobody_is_taken_off_a_session_that_took_place():
    session = planned()

    assert leave_out(session, at=STARTS - SECOND)
    assert leave_out(session, at=STARTS) == []
    begun = fold(evolve, session, standardisation.begin(session, at=STARTS))
    assert leave_out(begun) == []
    assert leave_out(held(CHAIR, BEN)) == []
    assert leave_out(Standardisation()) == []


class StandardisationMachine(Aggregate):
    """A session to which anyone does what they like: attendance is signed by who may, and over means that no task is left."""

    evolve = staticmethod(evolve)
    PEOPLE = st.sampled_from([CHAIR, ADA, BEN, MIA, member("eve", "assessor"), member("olga", "officer")])
    DAYS = st.integers(-2, 60).map(lambda days: NOON + days * DAY)

    def __init__(self) -> None:
        super().__init__()
        self.state = Standardisation()

    @rule(leader=PEOPLE, invited=st.lists(PEOPLE, max_size=4), starts_at=DAYS, note=st.booleans())
    def someone_schedules(self, leader: Person, invited: list[Person], starts_at: Any, note: bool) -> None:
        said = {"leader": leader, "invited": invited, "starts_at": starts_at, "note": WHY if note else None}
        for one in self.tries(lambda: plan(held=self.state, **said)):
            assert one.starts_at > NOON
            assert one.invited

    @rule(by=PEOPLE, manages=st.booleans(), present=st.lists(PEOPLE, max_size=4), at=DAYS)
    def someone_records(self, by: Person, manages: bool, present: list[Person], at: Any) -> None:
        for one in self.tries(lambda: record(self.state, *present, by=by.id, manages=manages, at=at)):
            assert by.id == self.state.leader or manages
            assert set(one.present) - {by.id}
            assert by.id not in one.present or by.id == self.state.leader
            assert at >= self.state.starts_at

    @rule()
    def someone_cancels(self) -> None:
        before = self.state.stage
        if self.tries(lambda: standardisation.cancel(self.state, reason=WHY)):
            assert before in ("scheduled", "begun")

    @rule(person=PEOPLE, at=DAYS)
    def someone_has_a_conflict(self, person: Person, at: Any) -> None:
        if self.tries(lambda: standardisation.leave_out(self.state, person=person.id, at=at)):
            assert person.id not in (self.state.leader, *self.state.invited)
            assert at < self.state.starts_at

    @rule(at=DAYS)
    def time_passes(self, at: Any) -> None:
        self.tries(lambda: tasks.remind(self.state, at=at))
        self.tries(lambda: standardisation.begin(self.state, at=at))
        self.tries(lambda: tasks.miss(self.state, at=at))

    @invariant()
    def over_means_that_no_task_is_left_and_only_who_was_invited_attended(self) -> None:
        session = self.state
        assert not (session.over and session.tasks.running)
        assert session.over == (session.stage in ("held", "cancelled"))
        assert set(session.present) <= {session.leader, *session.invited}
        assert bool(session.present) == (session.stage == "held")
        coming = {one.who for one in session.tasks.running.values() if one.rule == ATTEND}
        assert coming <= {session.leader, *session.invited}


TestStandardisationMachine = StandardisationMachine.TestCase
TestStandardisationMachine.settings = SHORT
