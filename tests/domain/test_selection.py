"""Experience and background count once somebody else verified them; absences and a capacity of one's own are one's own to say."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import person as people
from domain import selection
from domain.competence import (
    AbsenceCancelled,
    AbsencePlanned,
    CapacityLimited,
    CredentialStated,
    CredentialVerified,
    CredentialWithdrawn,
    StandardisationAttended,
    StandardisationInvited,
)
from domain.person import Person
from domain.scheme_assurance import BACKGROUNDS, EXPERIENCE
from tests.domain.given import ADA, DAY, NOON, SCHEME, SECOND, fold, refused, text
from tests.domain.test_machines import SHORT, Aggregate

MANAGER = "person-manager"


def after(person: Person, events: list[Any]) -> Person:
    assert events
    return fold(people.evolve, person, events)


def state(person: Person = ADA, *, by: str = ADA.id, topic: str = "experience", kind: str = "led") -> list[Any]:
    return list(selection.state(person, topic=topic, kind=kind, text=text("For ten years"), by=Person(id=by)))


def verify(person: Person, *, by: str = MANAGER, topic: str = "experience", kind: str = "led") -> list[Any]:
    return list(selection.verify(person, topic=topic, kind=kind, by=Person(id=by)))


def withdraw(person: Person, *, by: str = MANAGER, topic: str = "experience", kind: str = "led") -> list[Any]:
    return list(
        selection.withdraw(person, topic=topic, kind=kind, by=Person(id=by), reason=text("It was another person"))
    )


def test_what_one_says_of_oneself_counts_once_somebody_else_verified_it():
    [stated] = state()
    said = after(ADA, [stated])

    assert stated == CredentialStated(
        topic="experience", kind="led", text=text("For ten years"), stated_by=ADA.id, verified=False
    )
    assert said.competence.verified("experience") == ()
    assert verify(said) == [CredentialVerified(topic="experience", kind="led", verifier=MANAGER)]
    assert after(said, verify(said)).competence.verified("experience") == ("led",)
    assert after(said, verify(said)).competence.stated["experience", "led"].stated_by == ADA.id


def test_nobody_verifies_their_own_background():
    said = after(ADA, state(topic="background", kind="teacher"))

    with refused("not-for-oneself", field="actor"):
        verify(said, by=ADA.id, topic="background", kind="teacher")
    assert said.competence.verified("background") == ()


def test_what_somebody_else_records_counts_at_once_since_they_answer_for_it():
    said = after(ADA, state(by=MANAGER, topic="background", kind="teacher"))

    assert said.competence.verified("background") == ("teacher",)
    assert said.competence.stated["background", "teacher"].verifier == MANAGER
    assert said.competence.verified("experience") == ()


def test_one_statement_of_a_kind_stands_until_it_is_withdrawn():
    own = after(ADA, state())
    verified = after(own, verify(own))

    assert state(own) == []
    assert state(verified) == []
    assert state(verified, by=MANAGER) == []
    assert verify(verified) == []
    assert state(own, kind="delivered")
    [by_another] = state(own, by=MANAGER)  # whose word replaces that of the person
    assert by_another.verified
    withdrawn = after(verified, withdraw(verified))
    assert withdraw(verified) == [
        CredentialWithdrawn(topic="experience", kind="led", reason=text("It was another person"))
    ]
    assert withdrawn.competence.verified("experience") == ()
    assert withdraw(withdrawn) == []
    assert state(withdrawn)


def test_only_a_background_that_was_verified_is_not_withdrawn_by_oneself():
    led = after(ADA, state(by=MANAGER))
    teacher = after(ADA, state(topic="background", kind="teacher"))
    verified = after(ADA, state(by=MANAGER, topic="background", kind="teacher"))

    assert withdraw(led, by=ADA.id)
    assert withdraw(teacher, by=ADA.id, topic="background", kind="teacher")
    assert withdraw(verified, topic="background", kind="teacher")
    with refused("not-for-oneself", field="actor", match="background of their own"):
        withdraw(verified, by=ADA.id, topic="background", kind="teacher")


def test_withdrawing_one_kind_leaves_the_others():
    both = after(after(ADA, state(by=MANAGER)), state(by=MANAGER, kind="delivered"))
    both = after(both, state(both, by=MANAGER, topic="background", kind="expert"))

    left = after(both, withdraw(both))

    assert left.competence.verified("experience") == ("delivered",)
    assert left.competence.verified("background") == ("expert",)


def test_what_was_not_stated_is_not_verified():
    with refused("credential-stated", field="kind", match="stating it first"):
        verify(ADA)
    with refused("credential-stated", field="kind", match="Allowed: delivered"):
        verify(after(ADA, state(kind="delivered")))


@pytest.mark.parametrize(
    ("topic", "kind", "rule"),
    [
        ("hobby", "led", "credential-topics"),
        ("", "", "credential-topics"),
        ("experience", "teacher", "experience-kinds"),
        ("background", "led", "background-kinds"),
        ("background", "", "background-kinds"),
    ],
)
def test_there_are_no_other_kinds(topic: str, kind: str, rule: str):
    for decide in (state, verify, withdraw):
        with refused(rule):
            decide(ADA, topic=topic, kind=kind)  # type: ignore[operator]


DECISIONS: list[Callable[[Person], Any]] = [
    state,
    verify,
    withdraw,
    lambda who: selection.plan_absence(who, starts_at=NOON, ends_at=NOON + DAY, at=NOON),
    lambda who: selection.cancel_absence(who, starts_at=NOON, ends_at=NOON + DAY),
    lambda who: selection.limit_capacity(who, scheme=SCHEME, most=1),
    lambda who: selection.invite(who, session="standardisation-a", providers=("provider-a",)),
    lambda who: selection.attend(who, session="standardisation-a", scheme=SCHEME.id, attended_at=NOON),
]


@pytest.mark.parametrize("decide", DECISIONS)
def test_nothing_is_said_of_somebody_who_is_not_registered(decide: Callable[[Person], Any]):
    with refused("known-person"):
        decide(Person())


def test_an_absence_lasts_from_its_start_until_its_end():
    planned = selection.plan_absence(ADA, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, at=NOON)
    away = after(ADA, planned)

    assert planned == [AbsencePlanned(starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)]
    assert not away.competence.absent(NOON + DAY - SECOND)
    assert away.competence.absent(NOON + DAY)
    assert away.competence.absent(NOON + 3 * DAY - SECOND)
    assert not away.competence.absent(NOON + 3 * DAY)
    assert selection.plan_absence(away, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, at=NOON) == []
    assert selection.plan_absence(away, starts_at=NOON + 9 * DAY, ends_at=NOON + 10 * DAY, at=NOON)


def test_an_absence_that_has_begun_can_still_be_said_but_none_that_is_over():
    assert selection.plan_absence(ADA, starts_at=NOON - DAY, ends_at=NOON + DAY, at=NOON)
    for starts_at, ends_at in ((NOON - 2 * DAY, NOON), (NOON + DAY, NOON + DAY), (NOON + 2 * DAY, NOON + DAY)):
        with refused("absence-to-come", field="ends_at"):
            selection.plan_absence(ADA, starts_at=starts_at, ends_at=ends_at, at=NOON)


def test_an_absence_is_cancelled_once():
    said = {"starts_at": NOON, "ends_at": NOON + DAY}
    away = after(ADA, selection.plan_absence(ADA, **said, at=NOON))

    assert selection.cancel_absence(away, **said) == [AbsenceCancelled(**said)]
    back = after(away, selection.cancel_absence(away, **said))
    assert not back.competence.absent(NOON)
    assert selection.cancel_absence(back, **said) == []


def test_a_capacity_of_ones_own_is_at_most_the_schemes_and_can_be_lifted_again():
    limited = after(ADA, selection.limit_capacity(ADA, scheme=SCHEME, most=1))

    assert limited.competence.most == {SCHEME.id: 1}
    assert selection.limit_capacity(limited, scheme=SCHEME, most=1) == []
    assert selection.limit_capacity(ADA, scheme=SCHEME, most=SCHEME.assessor_capacity) == []
    lifted = selection.limit_capacity(limited, scheme=SCHEME, most=SCHEME.assessor_capacity)
    assert lifted == [CapacityLimited(scheme=SCHEME.id, most=SCHEME.assessor_capacity)]


@pytest.mark.parametrize("most", [0, -1, SCHEME.assessor_capacity + 1, 10**9])
def test_no_other_capacity_is_ones_own(most: int):
    with refused("own-capacity", field="most", match=f"1 to {SCHEME.assessor_capacity}"):
        selection.limit_capacity(ADA, scheme=SCHEME, most=most)


def test_who_is_invited_to_look_at_cases_is_noted_with_their_providers_once():
    def invite(person: Person, *providers: str) -> list[Any]:
        return list(selection.invite(person, session="standardisation-a", providers=providers))

    assert invite(ADA) == []
    [invited] = invite(ADA, "provider-a", "provider-b", "provider-a")
    assert invited == StandardisationInvited(session="standardisation-a", providers=("provider-a", "provider-b"))
    assert after(ADA, [invited]).competence.invited == {"standardisation-a": ("provider-a", "provider-b")}
    assert invite(after(ADA, [invited]), "provider-a") == []


def test_a_session_is_noted_once_and_the_latest_one_counts():
    def attend(person: Person, session: str, days: int) -> list[Any]:
        attended_at = NOON + days * DAY
        return list(selection.attend(person, session=session, scheme=SCHEME.id, attended_at=attended_at))

    once = after(ADA, attend(ADA, "standardisation-a", 9))

    assert attend(ADA, "standardisation-a", 9) == [
        StandardisationAttended(session="standardisation-a", scheme=SCHEME.id, attended_at=NOON + 9 * DAY)
    ]
    assert attend(once, "standardisation-a", 9) == []
    earlier = after(once, attend(once, "standardisation-b", 3))  # recorded later, and held before
    assert earlier.competence.standardised == {SCHEME.id: NOON + 9 * DAY}
    later = after(once, attend(once, "standardisation-b", 12))
    assert later.competence.standardised == {SCHEME.id: NOON + 12 * DAY}


class CompetenceMachine(Aggregate):
    """A person's competence: whoever says what in any order, nothing counts that nobody else answers for."""

    evolve = staticmethod(people.evolve)
    BY = st.sampled_from([ADA.id, MANAGER, "person-officer"])
    TOPICS = st.sampled_from(
        [*(("experience", one) for one in EXPERIENCE), *(("background", one) for one in BACKGROUNDS), ("a", "b")]
    )
    DAYS = st.integers(-3, 5).map(lambda days: NOON + days * DAY)

    def __init__(self) -> None:
        super().__init__()
        self.state = ADA

    @rule(by=BY, what=TOPICS)
    def someone_states(self, by: str, what: tuple[str, str]) -> None:
        said = {"topic": what[0], "kind": what[1], "text": text("said"), "by": Person(id=by)}
        for one in self.tries(lambda: selection.state(self.state, **said)):
            assert one.verified == (by != ADA.id)

    @rule(by=BY, what=TOPICS)
    def someone_verifies(self, by: str, what: tuple[str, str]) -> None:
        if self.tries(lambda: selection.verify(self.state, topic=what[0], kind=what[1], by=Person(id=by))):
            assert by != ADA.id

    @rule(by=BY, what=TOPICS)
    def someone_withdraws(self, by: str, what: tuple[str, str]) -> None:
        verified = what in self.state.competence.stated and what[1] in self.state.competence.verified(what[0])
        said = {"topic": what[0], "kind": what[1], "by": Person(id=by), "reason": text("why")}
        if self.tries(lambda: selection.withdraw(self.state, **said)):
            assert not (verified and what[0] == "background" and by == ADA.id)
            assert what[1] not in self.state.competence.verified(what[0])

    @rule(starts_at=DAYS, ends_at=DAYS, back=st.booleans())
    def they_go_and_come(self, starts_at: Any, ends_at: Any, back: bool) -> None:
        said = {"starts_at": starts_at, "ends_at": ends_at}
        if back:
            self.tries(lambda: selection.cancel_absence(self.state, **said))
        else:
            self.tries(lambda: selection.plan_absence(self.state, **said, at=NOON))

    @rule(most=st.integers(-1, 4))
    def they_limit_themselves(self, most: int) -> None:
        self.tries(lambda: selection.limit_capacity(self.state, scheme=SCHEME, most=most))

    @invariant()
    def nothing_counts_that_only_the_person_answers_for(self) -> None:
        held = self.state.competence
        assert all(one.verifier != ADA.id for one in held.stated.values())
        assert all(ends_at > max(starts_at, NOON) for starts_at, ends_at in held.absences)
        assert all(1 <= most <= SCHEME.assessor_capacity for most in held.most.values())


TestCompetenceMachine = CompetenceMachine.TestCase
TestCompetenceMachine.settings = SHORT


def test_what_an_account_that_is_their_own_verified_of_somebody_counts_no_longer_and_what_others_verified_does():
    stated = after(after(ADA, state(ADA)), state(ADA, topic="background", kind="teacher"))
    known = after(after(stated, verify(stated)), verify(stated, by="person-other", topic="background", kind="teacher"))

    [fell] = selection.fall(known, Person(id=MANAGER))

    assert (fell.topic, fell.kind, fell.verifier, fell.because) == ("experience", "led", MANAGER, selection.LINKED)
    assert after(known, [fell]).competence.verified("experience") == ()
    assert after(known, [fell]).competence.verified("background") == ("teacher",)
