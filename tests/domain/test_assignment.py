"""The assignment rule: who may assess a case, who comes first, and what is said of everyone that was looked at."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import person as people
from domain.assignment import Considered, choose_assessor
from domain.person import Person
from tests.domain.given import ADA, BEN, CASE, DAY, NOON, PROVIDER, SCHEME, SECOND, WINDOW, conflicted, fold, member


def choose(*pool: Person, **said: object) -> tuple[Person | None, tuple[Considered, ...]]:
    given = {
        "scheme": SCHEME,
        "submission": CASE,
        "provider": PROVIDER,
        "subject": "science",
        "phase": "primary",
        "window": WINDOW,
        "excluded": frozenset(),
        "at": NOON,
    }
    return choose_assessor(pool, **{**given, **said})  # type: ignore[arg-type]


def but(person: Person, *events: people.PersonEvent) -> Person:
    return fold(people.evolve, person, events)


def with_work(person: Person, count: int, window: str = WINDOW) -> Person:
    return but(person, *(people.WorkTaken(submission=f"{window}-{one}", window=window) for one in range(count)))


NOT_TRAINED = fold(
    people.evolve,
    Person(),
    [
        people.PersonRegistered(person=ADA.id),
        people.RoleGiven(role="assessor", scheme=SCHEME.id),
        people.NonDisclosureSigned(),
    ],
)


@pytest.mark.parametrize(
    ("person", "why_not"),
    [
        (member("ada", "moderator"), "not authorised for this scheme"),
        (but(ADA, people.RoleEnded(role="assessor", scheme=SCHEME.id)), "not authorised for this scheme"),
        (but(ADA, people.AvailabilitySet(available=False)), "not available"),
        (NOT_TRAINED, "no valid training for this scheme: assessing"),
        (
            but(NOT_TRAINED, people.TrainingCompleted(kind="assessing", scheme="other", expires_at=NOON + DAY)),
            "no valid training for this scheme: assessing",
        ),
        (
            but(NOT_TRAINED, people.TrainingCompleted(kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY)),
            "no valid training for this scheme: assessing",
        ),
        (
            but(NOT_TRAINED, people.TrainingCompleted(kind="assessing", scheme=SCHEME.id, expires_at=NOON)),
            "no valid training for this scheme: assessing",
        ),
        (conflicted(ADA), "conflict with the provider"),
        (with_work(ADA, SCHEME.assessor_capacity), "no capacity left in this round"),
    ],
)
def test_who_may_not_assess_is_passed_over_with_the_reason(person: Person, why_not: str):
    chosen, [seen] = choose(person)

    assert chosen is None
    assert (seen.person, seen.verdict) == (ADA.id, why_not)


def test_who_has_not_signed_is_passed_over():
    unsigned = fold(
        people.evolve,
        Person(),
        [
            people.PersonRegistered(person=ADA.id),
            people.RoleGiven(role="assessor", scheme=SCHEME.id),
            people.TrainingCompleted(kind="assessing", scheme=SCHEME.id, expires_at=NOON + DAY),
        ],
    )

    assert choose(unsigned)[1][0].verdict == "non-disclosure not signed"


def test_who_had_this_case_before_is_passed_over():
    chosen, seen = choose(ADA, BEN, excluded=frozenset({ADA.id}))

    assert chosen is BEN
    assert {one.person: one.verdict for one in seen} == {ADA.id: "had or advised on this case", BEN.id: "chosen"}


def test_training_holds_to_the_second_before_it_expires():
    trained = but(NOT_TRAINED, people.TrainingCompleted(kind="assessing", scheme=SCHEME.id, expires_at=NOON + SECOND))

    assert choose(trained, at=NOON)[0] is trained
    assert choose(trained, at=NOON + SECOND)[0] is None


def test_a_conflict_with_another_provider_does_not_matter():
    assert choose(conflicted(ADA, "provider-other"))[0] is not None


def test_the_best_match_of_subject_and_phase_comes_before_the_lowest_load():
    best = with_work(member("best", "assessor"), 1)
    half = member("half", "assessor", phases=("secondary",))
    none = member("none", "assessor", subjects=("arts",), phases=())

    chosen, seen = choose(none, half, best)

    assert chosen is best
    assert [(one.person, one.match, one.load) for one in seen] == [(best.id, 2, 1), (half.id, 1, 0), (none.id, 0, 0)]


def test_among_equal_matches_the_lowest_load_in_this_round_comes_first():
    busy_elsewhere = with_work(BEN, 2, window="window-other")

    assert choose(with_work(ADA, 1), busy_elsewhere)[0] is busy_elsewhere


def test_everyone_looked_at_is_named_with_a_verdict_and_one_is_chosen():
    _, seen = choose(conflicted(ADA), BEN, member("cem", "assessor"))

    assert sorted(one.verdict for one in seen) == ["chosen", "conflict with the provider", "eligible"]


def test_nobody_at_all_is_nobody_eligible():
    assert choose() == (None, ())


CREW = [member(f"assessor {number}", "assessor") for number in range(6)]


@given(pool=st.permutations(CREW))
def test_the_order_in_which_people_are_listed_does_not_matter(pool: Sequence[Person]):
    assert choose(*pool) == choose(*CREW)


def test_equals_share_the_work_since_the_stable_order_differs_from_case_to_case():
    firsts = {choose(*CREW, submission=f"submission-{number}")[0].id for number in range(60)}  # type: ignore[union-attr]

    assert firsts == {one.id for one in CREW}


@given(
    seed=st.integers(0, 2**32),
    excluded=st.sets(st.sampled_from([one.id for one in CREW])),
)
def test_whoever_is_chosen_may_assess_and_nobody_who_may_comes_before_them(seed: int, excluded: set[str]):
    random = Random(seed)
    pool = [
        with_work(conflicted(one) if random.random() < 0.3 else one, random.randint(0, SCHEME.assessor_capacity))
        for one in CREW
    ]

    chosen, seen = choose(*pool, excluded=frozenset(excluded))

    able = [one for one in pool if PROVIDER not in one.conflicts and one.id not in excluded]
    able = [one for one in able if one.round_work.get(WINDOW, 0) < SCHEME.assessor_capacity]
    assert (chosen is None) == (not able)
    if chosen:
        assert chosen in able
        assert chosen.round_work.get(WINDOW, 0) == min(one.round_work.get(WINDOW, 0) for one in able)
    assert [one.person for one in seen if one.verdict == "chosen"] == ([chosen.id] if chosen else [])
    assert {one.person for one in seen} == {one.id for one in pool}
