"""People: their roles, training, undertakings and conflicts, and the work they have in hand."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import person as people
from domain.person import CONFLICT_KINDS, ROLES, Person, evolve
from domain.refusals import Refused
from tests.domain.given import ADA, CHAIR, DAY, NOON, PROVIDER, SCHEME, SECOND, conflicted, fold, member, refused

KNOWN = fold(evolve, Person(), people.register(Person(), id="person-ada", subjects=("science",), phases=()))


def test_a_person_becomes_known_with_what_they_are_expert_in():
    assert (KNOWN.id, KNOWN.subjects, KNOWN.phases, KNOWN.available) == (
        "person-ada",
        frozenset({"science"}),
        frozenset(),
        True,
    )


@pytest.mark.parametrize("code", ["Ada Byron", "ada@example.org", "", "science\n", "\ud800", "x" * 61])
def test_expertise_is_told_in_codes_and_no_typed_text_comes_in_with_it(code: str):
    with refused("codes", field="subjects"):
        people.register(Person(), id="person-ada", subjects=("science", code), phases=())
    with refused("codes", field="phases"):
        people.register(Person(), id="person-ada", subjects=(), phases=(code,))


NOT_KNOWN: list[Callable[[Person], Any]] = [
    lambda who: people.give_role(who, role="chair", scheme=SCHEME.id, at=NOON),
    lambda who: people.end_role(who, role="chair", scheme=SCHEME.id),
    lambda who: people.complete_training(who, kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON),
    people.sign_non_disclosure,
    lambda who: people.set_availability(who, available=False),
    lambda who: people.declare_conflict(who, provider=PROVIDER, kind="advised"),
    lambda who: people.require_role(who, "chair", SCHEME.id, NOON),
    lambda who: people.require_own_role(who, "chair", NOON),
]


@pytest.mark.parametrize("decide", NOT_KNOWN)
def test_nothing_is_decided_about_someone_who_is_not_registered(decide: Callable[[Person], Any]):
    with refused("known-person"):
        decide(Person())


CHANGES: list[Callable[[Person], list[people.PersonEvent]]] = [
    lambda who: people.register(who, id="person-other", subjects=(), phases=()),
    lambda who: people.give_role(who, role="chair", scheme=SCHEME.id, at=NOON),
    lambda who: people.complete_training(who, kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON),
    people.sign_non_disclosure,
    lambda who: people.set_availability(who, available=False),
    lambda who: people.declare_conflict(who, provider=PROVIDER, kind="advised"),
    lambda who: people.take_work(who, submission="submission-a", window="window-a", capacity=1),
]


@pytest.mark.parametrize("decide", CHANGES)
def test_what_is_so_already_is_not_recorded_a_second_time(decide: Callable[[Person], list[people.PersonEvent]]):
    once = fold(evolve, KNOWN, decide(KNOWN))

    assert decide(once) == []


def test_a_role_or_work_that_someone_has_not_is_not_ended():
    assert people.end_role(KNOWN, role="chair", scheme=SCHEME.id) == []
    assert people.release_work(KNOWN, submission="submission-a", reason="declined") == []


@pytest.mark.parametrize("role", ["installer", "process", "Officer", ""])
def test_there_are_no_other_roles(role: str):
    with refused("known-role", field="role", match="officer, quality-manager"):
        people.give_role(KNOWN, role=role, scheme=None, at=NOON)


def test_a_role_in_one_scheme_is_none_in_another_and_one_for_all_holds_in_each():
    assert ADA.holds("assessor", SCHEME.id, NOON)
    assert not ADA.holds("assessor", "other-mark", NOON)
    assert not ADA.holds("assessor", None, NOON)
    assert member("olga", "officer").holds("officer", "other-mark", NOON)


def test_a_role_that_ended_is_held_no_longer():
    ended = fold(evolve, ADA, people.end_role(ADA, role="assessor", scheme=SCHEME.id))

    with refused("acting-role", field="role", match="not an assessor here"):
        people.require_role(ended, "assessor", SCHEME.id, NOON)


def test_a_refused_role_names_those_that_are_held():
    with refused("acting-role", field="role", match=r"holds \(assessor\)"):
        people.require_role(ADA, "chair", SCHEME.id, NOON)
    with refused("acting-role", field="role", match=r"holds \(none\)"):
        people.require_role(KNOWN, "chair", SCHEME.id, NOON)


def test_for_oneself_one_acts_in_a_role_that_one_holds_somewhere():
    people.require_own_role(ADA, "assessor", NOON)
    with refused("acting-role", field="role"):
        people.require_own_role(ADA, "officer", NOON)


@pytest.mark.parametrize("kind", ["assesing", "Ada was ill", ""])
def test_training_is_for_assessing_moderating_or_chairing(kind: str):
    with refused("training-kinds", field="kind", match="assessing, moderating, chairing"):
        people.complete_training(KNOWN, kind=kind, scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON)


def test_training_that_has_expired_is_not_recorded():
    with refused("training-validity", field="expires_at"):
        people.complete_training(KNOWN, kind="assessing", scheme=SCHEME.id, expires_at=NOON, at=NOON)


def test_training_is_valid_to_the_second_and_for_its_kind_and_scheme_only():
    trained = fold(
        evolve,
        KNOWN,
        people.complete_training(KNOWN, kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON),
    )

    assert trained.trained("chairing", SCHEME.id, NOON + DAY - SECOND)
    assert not trained.trained("chairing", SCHEME.id, NOON + DAY)
    assert not trained.trained("assessing", SCHEME.id, NOON)
    assert not trained.trained("chairing", "other-mark", NOON)


def test_training_may_be_renewed():
    [renewed] = people.complete_training(CHAIR, kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON)

    assert fold(evolve, CHAIR, [renewed]).training["chairing", SCHEME.id] == NOON + DAY


@pytest.mark.parametrize("kind", CONFLICT_KINDS)
def test_a_conflict_of_any_kind_shuts_out(kind: str):
    shut_out = fold(evolve, ADA, people.declare_conflict(ADA, provider=PROVIDER, kind=kind))

    people.require_no_conflict(ADA, PROVIDER)
    people.require_no_conflict(shut_out, "provider-other")
    with refused("conflict-of-interest", field="actor"):
        people.require_no_conflict(shut_out, PROVIDER)


def test_a_conflict_has_a_kind_that_is_known():
    with refused("conflict-kinds", field="kind", match="declared, employed-there"):
        people.declare_conflict(ADA, provider=PROVIDER, kind="once met them at a conference")


def test_nothing_lifts_a_conflict():
    later = fold(
        evolve,
        conflicted(ADA),
        [
            people.AvailabilitySet(available=True),
            people.RoleEnded(role="assessor", scheme=SCHEME.id),
            people.RoleGiven(role="assessor", scheme=SCHEME.id),
            people.TrainingCompleted(kind="assessing", scheme=SCHEME.id, expires_at=NOON + DAY),
            people.AttemptRefused(rule="conflict-of-interest", stream=None),
        ],
    )

    assert later.conflicts == {PROVIDER}


def test_beyond_the_capacity_of_a_round_no_work_is_taken():
    full = fold(evolve, ADA, people.take_work(ADA, submission="submission-a", window="window-a", capacity=1))

    with refused("assessor-capacity", field="assessor"):
        people.take_work(full, submission="submission-b", window="window-a", capacity=1)
    assert people.take_work(full, submission="submission-b", window="window-b", capacity=1)


@pytest.mark.parametrize("reason", ["declined", "not-answered", "overdue", "withdrawn"])
def test_work_given_back_frees_its_place_in_the_round(reason: str):
    full = fold(evolve, ADA, people.take_work(ADA, submission="submission-a", window="window-a", capacity=1))

    free = fold(evolve, full, people.release_work(full, submission="submission-a", reason=reason))

    assert (free.in_hand, free.round_work) == ({}, {"window-a": 0})
    assert people.take_work(free, submission="submission-b", window="window-a", capacity=1)


def test_work_that_is_done_still_counts_towards_the_round():
    full = fold(evolve, ADA, people.take_work(ADA, submission="submission-a", window="window-a", capacity=1))

    done = fold(evolve, full, people.release_work(full, submission="submission-a", reason="assessed"))

    assert done.in_hand == {}
    with refused("assessor-capacity"):
        people.take_work(done, submission="submission-b", window="window-a", capacity=1)


CASES, WINDOWS = st.sampled_from("abcde"), st.sampled_from(["w1", "w2"])
COMMANDS = st.one_of(
    st.tuples(st.just("take"), CASES, WINDOWS),
    st.tuples(st.just("release"), CASES, st.sampled_from(["declined", "assessed", "overdue"])),
    st.tuples(st.just("conflict"), st.sampled_from(["p1", "p2"]), st.sampled_from(CONFLICT_KINDS)),
    st.tuples(st.just("role"), st.sampled_from([*ROLES, "king"]), st.sampled_from(["s1", None])),
    st.tuples(st.just("end"), st.sampled_from(ROLES), st.sampled_from(["s1", None])),
    st.tuples(st.just("train"), st.sampled_from(["assessing", "dancing"]), st.integers(-3, 3)),
)


def decide(who: Person, what: str, one: Any, other: Any) -> list[people.PersonEvent]:
    match what:
        case "take":
            return people.take_work(who, submission=one, window=other, capacity=2)
        case "release":
            return people.release_work(who, submission=one, reason=other)
        case "conflict":
            return people.declare_conflict(who, provider=one, kind=other)
        case "role":
            return people.give_role(who, role=one, scheme=other, at=NOON)
        case "end":
            return people.end_role(who, role=one, scheme=other)
        case _:
            return people.complete_training(who, kind=one, scheme="s1", expires_at=NOON + other * DAY, at=NOON)


@given(st.lists(COMMANDS, max_size=30))
def test_whatever_is_tried_capacity_holds_conflicts_stay_and_a_repetition_changes_nothing(
    commands: list[tuple[str, Any, Any]],
):
    who = KNOWN
    for what, one, other in commands:
        before = who
        try:
            events = decide(who, what, one, other)
        except Refused:
            assert who == before
            continue
        who = fold(evolve, who, events)
        assert decide(who, what, one, other) == []
        assert who.conflicts >= before.conflicts
        assert all(0 <= count <= 2 for count in who.round_work.values())
        assert all(
            sum(held == window for held in who.in_hand.values()) <= who.round_work[window]
            for window in who.in_hand.values()
        )
        assert {role for role, _ in who.roles} <= set(ROLES)
        assert all(expires > NOON for expires in who.training.values())
