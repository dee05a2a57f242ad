"""Before training expires or an appointment ends the person is reminded to renew it; of nothing that is over."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import authority, tasks
from domain.authority import APPOINTMENT, TRAINING, AppointmentNoted, AppointmentOver, Authority, TrainingNoted, evolve
from domain.clocks import DeadlineMissed
from tests.domain.competent import asking
from tests.domain.given import DAY, NOON, SCHEME, SECOND, fold
from tests.domain.test_machines import SHORT, Aggregate

ID, ADA = "authority-a", "person-ada"
REMINDED = asking('[people]\nremind_training = ["P30D", "P7D"]\nremind_appointment = ["P60D"]\n')
EXPIRES = NOON + 90 * DAY
HELD = frozenset({("assessor", SCHEME.id)})


def training(held: Authority, kind: str = "assessing", *, days: int = 90, at: Any = NOON) -> list[Any]:
    said = {"person": ADA, "kind": kind, "scheme": REMINDED, "expires_at": NOON + days * DAY, "at": at}
    return authority.note_training(held, id=ID, **said)  # type: ignore[arg-type,return-value]


def appointment(held: Authority, role: str = "assessor", *, scheme: Any = REMINDED, days: int | None = 90) -> list[Any]:
    ends_at = None if days is None else NOON + days * DAY
    said = {"person": ADA, "role": role, "scheme": scheme, "ends_at": ends_at, "at": NOON}
    return authority.note_appointment(held, id=ID, **said)  # type: ignore[arg-type,return-value]


def after(held: Authority, events: list[Any]) -> Authority:
    assert events
    return fold(evolve, held, events)


NOTED = after(Authority(), training(Authority()))


def test_training_is_to_be_renewed_before_it_expires_with_the_schemes_reminders():
    [noted] = training(Authority())

    [task] = noted.sets
    assert (noted.authority, noted.person, noted.kind, noted.scheme) == (ID, ADA, "assessing", SCHEME.id)
    assert (task.name, task.who, task.told) == (f"{TRAINING}:assessing:{SCHEME.id}", ADA, "quality-manager")
    assert task.due_at == EXPIRES
    assert task.remind_at == (EXPIRES - 30 * DAY, EXPIRES - 7 * DAY)
    assert (NOTED.id, NOTED.person, NOTED.stage, NOTED.over) == (ID, ADA, "in-force", False)


def test_training_is_reminded_of_once_each_and_told_when_it_expired():
    due = tasks.due_next(NOTED, at=NOON)
    assert due
    assert (due.step, due.at) == ("remind_task", EXPIRES - 30 * DAY)
    assert tasks.remind(NOTED, at=EXPIRES - 30 * DAY - SECOND) == []
    [reminder] = tasks.remind(NOTED, at=EXPIRES - 30 * DAY)
    assert (reminder.rule, reminder.about) == (TRAINING, f"assessing:{SCHEME.id}")
    assert tasks.miss(NOTED, at=EXPIRES) == [
        DeadlineMissed(rule=TRAINING, due_at=EXPIRES, about=f"assessing:{SCHEME.id}")
    ]


def test_the_same_training_again_changes_nothing_and_training_renewed_is_due_later():
    assert training(NOTED) == []
    assert training(NOTED, at=NOON + 80 * DAY) == []

    renewed = after(NOTED, training(NOTED, days=400, at=NOON + 80 * DAY))
    [task] = renewed.tasks.running.values()
    assert task.due_at == NOON + 400 * DAY
    assert tasks.remind(renewed, at=EXPIRES) == []
    assert tasks.miss(renewed, at=EXPIRES) == []


def test_kinds_of_training_are_told_apart():
    both = after(NOTED, training(NOTED, "bias", days=30))

    assert set(both.tasks.running) == {
        f"{TRAINING}:assessing:{SCHEME.id}",
        f"{TRAINING}:bias:{SCHEME.id}",
    }


def test_an_appointment_with_an_end_is_to_be_renewed_before_it():
    [noted] = appointment(Authority())

    [task] = noted.sets
    assert (task.name, task.due_at) == (f"{APPOINTMENT}:assessor:{SCHEME.id}", EXPIRES)
    assert task.remind_at == (EXPIRES - 60 * DAY,)
    assert appointment(after(Authority(), [noted])) == []
    due = tasks.due_next(after(Authority(), [noted]), at=EXPIRES)
    assert due
    assert (due.step, due.at) == ("end_terms", EXPIRES)


def test_an_appointment_without_an_end_is_no_task_and_ends_the_one_there_was():
    assert appointment(Authority(), days=None) == []

    held = after(Authority(), appointment(Authority()))
    [noted] = appointment(held, days=None)
    assert noted == AppointmentNoted(
        authority=ID, person=ADA, role="assessor", scheme=SCHEME.id, ends=(f"{APPOINTMENT}:assessor:{SCHEME.id}",)
    )
    assert not after(held, [noted]).tasks.running
    assert appointment(after(held, [noted]), days=None) == []


def test_an_appointment_for_all_schemes_is_reminded_of_two_months_and_one_before():
    [noted] = appointment(Authority(), "board", scheme=None)

    assert noted.scheme is None
    assert noted.sets[0].name == f"{APPOINTMENT}:board:all"
    assert [moment.isoformat()[:10] for moment in noted.sets[0].remind_at] == ["2026-03-31", "2026-04-30"]


def test_a_role_that_ended_takes_its_reminders_along():
    held = after(NOTED, appointment(NOTED))

    [over] = authority.end_appointment(held, role="assessor", scheme=SCHEME.id, left=frozenset())

    assert over == AppointmentOver(
        role="assessor",
        scheme=SCHEME.id,
        ends=(f"{APPOINTMENT}:assessor:{SCHEME.id}", f"{TRAINING}:assessing:{SCHEME.id}"),
    )
    assert not after(held, [over]).tasks.running
    assert authority.end_appointment(after(held, [over]), role="assessor", scheme=SCHEME.id, left=frozenset()) == []


@pytest.mark.parametrize("left", [("chair", SCHEME.id), ("officer", None)])
def test_training_is_still_to_be_renewed_while_another_role_needs_it(left: tuple[str, str | None]):
    held = after(NOTED, appointment(NOTED))

    [over] = authority.end_appointment(held, role="assessor", scheme=SCHEME.id, left={left})  # type: ignore[misc]

    assert over.ends == (f"{APPOINTMENT}:assessor:{SCHEME.id}",)  # type: ignore[union-attr]
    [gone] = authority.end_appointment(held, role="assessor", scheme=SCHEME.id, left={("chair", "other-mark")})
    assert len(gone.ends) == 2  # type: ignore[union-attr]


def test_the_end_of_a_role_in_one_scheme_leaves_training_for_another():
    assert authority.end_appointment(NOTED, role="assessor", scheme="test", left=frozenset()) == []
    assert authority.end_appointment(NOTED, role="officer", scheme=None, left=frozenset()) == []


def test_a_term_that_is_over_is_noted_at_its_end_and_not_before():
    held = after(NOTED, appointment(NOTED))

    assert authority.end_terms(held, left=HELD, at=EXPIRES - SECOND) == []
    assert authority.end_terms(held, left=frozenset(), at=EXPIRES - SECOND) == []
    [over] = authority.end_terms(held, left=frozenset(), at=EXPIRES)
    assert (over.role, over.scheme) == ("assessor", SCHEME.id)  # type: ignore[union-attr]
    assert authority.end_terms(after(held, [over]), left=frozenset(), at=EXPIRES) == []


def test_a_term_for_all_schemes_is_noted_too():
    held = after(NOTED, appointment(NOTED, "board", scheme=None))

    [over] = authority.end_terms(held, left=HELD, at=EXPIRES)

    assert over == AppointmentOver(role="board", scheme=None, ends=(f"{APPOINTMENT}:board:all",))


def test_an_appointment_that_runs_on_is_not_noted_as_over():
    held = after(NOTED, appointment(NOTED))

    assert authority.end_terms(held, left=HELD, at=EXPIRES) == []


class AuthorityMachine(Aggregate):
    """What a person has to renew: training and appointments come and go, and never a task is left of what is over."""

    evolve = staticmethod(evolve)
    ROLES = st.sampled_from(["assessor", "chair", "board"])
    DAYS = st.integers(1, 40)

    def __init__(self) -> None:
        super().__init__()
        self.state = Authority()
        self.now = NOON
        self.terms: dict[str, Any] = {}

    def scheme(self, role: str) -> Any:
        return None if role == "board" else REMINDED

    def left(self) -> frozenset[tuple[str, str | None]]:
        running = [role for role, ends_at in self.terms.items() if ends_at is None or self.now < ends_at]
        return frozenset((role, self.scheme(role) and SCHEME.id) for role in running)

    @rule(kind=st.sampled_from(["assessing", "bias"]), days=DAYS)
    def they_train(self, kind: str, days: int) -> None:
        said = {"person": ADA, "kind": kind, "scheme": REMINDED, "expires_at": self.now + days * DAY, "at": self.now}
        for one in self.tries(lambda: authority.note_training(self.state, id=ID, **said)):
            assert isinstance(one, TrainingNoted)

    @rule(role=ROLES, days=st.none() | DAYS)
    def they_are_appointed(self, role: str, days: int | None) -> None:
        ends_at = None if days is None else self.now + days * DAY
        said = {"person": ADA, "role": role, "scheme": self.scheme(role), "ends_at": ends_at, "at": self.now}
        self.terms[role] = ends_at
        self.tries(lambda: authority.note_appointment(self.state, id=ID, **said))

    @rule(role=ROLES)
    def a_role_is_ended(self, role: str) -> None:
        if self.terms.pop(role, self) is self:
            return
        said = {"role": role, "scheme": self.scheme(role) and SCHEME.id, "left": self.left()}
        self.tries(lambda: authority.end_appointment(self.state, **said))

    @rule(days=DAYS)
    def time_passes(self, days: int) -> None:
        self.now += days * DAY
        self.tries(lambda: tasks.remind(self.state, at=self.now))
        self.tries(lambda: tasks.miss(self.state, at=self.now))
        self.tries(lambda: authority.end_terms(self.state, left=self.left(), at=self.now))
        self.terms = {role: ends_at for role, ends_at in self.terms.items() if ends_at is None or self.now < ends_at}

    @invariant()
    def each_appointment_with_an_end_is_a_task_and_nothing_else_is(self) -> None:
        running = self.state.tasks.running.values()
        renewing = {one.about.partition(":")[0]: one.due_at for one in running if one.rule == APPOINTMENT}
        assert renewing == {role: ends_at for role, ends_at in self.terms.items() if ends_at}
        assert all(one.who == ADA for one in running)


TestAuthorityMachine = AuthorityMachine.TestCase
TestAuthorityMachine.settings = SHORT
