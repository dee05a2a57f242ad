"""An appointment holds from its start until its end by itself, and goes on where it is renewed in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import person as people
from domain.person import Person, PersonEvent, RoleGiven
from domain.refusals import Refused
from domain.terms import ALWAYS, Term, appointed
from tests.domain.given import DAY, NOON, SCHEME, SECOND, fold, member, refused, says_all

KNOWN = member("ada")


def giving(person: Person = KNOWN, **said: object) -> list[PersonEvent]:
    return people.give_role(person, **{"role": "assessor", "scheme": SCHEME.id, "at": NOON, **said})  # type: ignore[arg-type]


def given_(person: Person = KNOWN, **said: object) -> Person:
    return fold(people.evolve, person, giving(person, **said))


def test_an_appointment_without_a_term_holds_until_it_is_ended():
    held = given_()

    assert held.holds("assessor", SCHEME.id, NOON)
    assert held.holds("assessor", SCHEME.id, NOON + 36500 * DAY)
    assert held.term_ends_at("assessor", SCHEME.id) is None


def test_an_appointment_holds_from_its_start_and_until_its_end_and_nothing_has_to_run():
    held = given_(starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)

    for after, holds in ((0, False), (1, True), (2, True), (3, False)):
        assert held.holds("assessor", SCHEME.id, NOON + after * DAY) is holds
    assert held.holds("assessor", SCHEME.id, NOON + 3 * DAY - SECOND)
    assert not held.holds("assessor", SCHEME.id, NOON + DAY - SECOND)
    assert held.term_ends_at("assessor", SCHEME.id) == NOON + 3 * DAY
    with refused("acting-role", field="role", match=r"holds \(none\)"):
        people.require_role(held, "assessor", SCHEME.id, NOON + 3 * DAY)
    with refused("acting-role", field="role"):
        people.require_own_role(held, "assessor", NOON + 3 * DAY)


def test_a_term_for_all_schemes_ends_for_each_of_them():
    held = given_(role="quality-manager", scheme=None, ends_at=NOON + DAY)

    assert held.holds("quality-manager", SCHEME.id, NOON)
    assert not held.holds("quality-manager", SCHEME.id, NOON + DAY)
    assert held.term_ends_at("quality-manager", SCHEME.id) == NOON + DAY


def test_a_role_in_the_scheme_holds_when_the_one_for_all_has_ended():
    both = given_(given_(role="officer", scheme=None, ends_at=NOON + DAY), role="officer")

    assert both.holds("officer", SCHEME.id, NOON + 2 * DAY)
    assert not both.holds("officer", "other-mark", NOON + 2 * DAY)


def test_the_same_appointment_again_changes_nothing():
    held = given_(ends_at=NOON + 3 * DAY)

    assert giving(held, ends_at=NOON + 3 * DAY) == []
    planned = given_(starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)
    assert giving(planned, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY) == []


def test_who_is_appointed_again_while_it_runs_goes_on_from_the_first_start():
    held = given_(starts_at=NOON, ends_at=NOON + 3 * DAY)

    [again] = giving(held, ends_at=NOON + 9 * DAY, at=NOON + 2 * DAY)

    assert again == RoleGiven(role="assessor", scheme=SCHEME.id, starts_at=NOON, ends_at=NOON + 9 * DAY)
    [endless] = giving(held, at=NOON + 2 * DAY)
    assert endless == RoleGiven(role="assessor", scheme=SCHEME.id, starts_at=NOON)
    with refused("appointment-term", field="starts_at", match="goes on until its new end"):
        giving(held, starts_at=NOON + 5 * DAY, ends_at=NOON + 9 * DAY, at=NOON + 2 * DAY)


def test_who_was_appointed_before_begins_anew():
    ended = given_(ends_at=NOON + DAY)

    [again] = giving(ended, starts_at=NOON + 5 * DAY, at=NOON + 2 * DAY)
    assert again == RoleGiven(role="assessor", scheme=SCHEME.id, starts_at=NOON + 5 * DAY)
    [at_once] = giving(ended, at=NOON + DAY)
    assert at_once == RoleGiven(role="assessor", scheme=SCHEME.id)
    with refused("appointment-term", field="ends_at"):
        giving(ended, ends_at=NOON + DAY, at=NOON + 2 * DAY)


def test_an_appointment_that_has_not_begun_can_be_moved():
    planned = given_(starts_at=NOON + 5 * DAY, ends_at=NOON + 9 * DAY)

    [moved] = giving(planned, starts_at=NOON + 6 * DAY, ends_at=NOON + 9 * DAY)

    assert moved == RoleGiven(role="assessor", scheme=SCHEME.id, starts_at=NOON + 6 * DAY, ends_at=NOON + 9 * DAY)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"starts_at": NOON - SECOND}, "starts_at"),
        ({"ends_at": NOON}, "ends_at"),
        ({"ends_at": NOON - DAY}, "ends_at"),
        ({"starts_at": NOON + 2 * DAY, "ends_at": NOON + 2 * DAY}, "ends_at"),
        ({"starts_at": NOON + 2 * DAY, "ends_at": NOON + DAY}, "ends_at"),
    ],
)
def test_no_appointment_begins_in_the_past_or_is_over_before_it_begins(said: dict[str, object], field: str):
    with refused("appointment-term", field=field):
        giving(**said)


def test_a_role_that_was_ended_and_given_again_has_no_term_left_over():
    held = given_(ends_at=NOON + DAY)
    ended = fold(people.evolve, held, people.end_role(held, role="assessor", scheme=SCHEME.id))

    assert not ended.holds("assessor", SCHEME.id, NOON)
    assert given_(ended).holds("assessor", SCHEME.id, NOON + 2 * DAY)


INSTANTS = st.none() | st.integers(-5, 30).map(lambda days: NOON + days * DAY)


@given(st.lists(st.tuples(INSTANTS, INSTANTS, st.integers(0, 5)), max_size=8))
def test_however_often_somebody_is_appointed_no_gap_and_no_past_comes_in(commands: list[tuple[object, object, int]]):
    held, now = None, NOON
    for starts_at, ends_at, wait in commands:
        now += wait * DAY
        before = held
        try:
            term = appointed(held, Term(starts_at=starts_at, ends_at=ends_at), at=now)  # type: ignore[arg-type]
        except Refused as refusal:
            says_all(refusal)
            continue
        held = term or held
        assert held is not None
        assert before is None or not before.runs(now) or held.runs(now)
        assert appointed(held, Term(starts_at=starts_at, ends_at=ends_at), at=now) is None  # type: ignore[arg-type]
        assert not held.ended(now)
        assert ALWAYS.runs(now)
