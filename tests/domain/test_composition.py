"""The shares of teachers, providers and experts on a panel, against the scheme's minima; only what was verified counts."""

import pytest

from domain.composition import Share, missed, shares
from domain.person import Person
from domain.scheme_assurance import BACKGROUNDS
from tests.domain.competent import STRICT, stating
from tests.domain.given import ADA, BEN, CHAIR, MIA

MINIMA = STRICT.assurance.people.minima


def of(*people: Person) -> dict[str, tuple[int, int, int, bool]]:
    return {one.background: (one.members, one.size, one.least, one.met) for one in shares(people, MINIMA)}


def test_each_background_is_counted_against_its_minimum():
    teacher, expert = stating(ADA, "background", "teacher"), stating(BEN, "background", "expert")

    assert [one.background for one in shares([teacher], MINIMA)] == list(BACKGROUNDS)
    assert of(teacher, expert) == {"teacher": (1, 2, 50, True), "provider": (0, 2, 0, True), "expert": (1, 2, 25, True)}
    assert of(teacher, expert, MIA) == {
        "teacher": (1, 3, 50, False),
        "provider": (0, 3, 0, True),
        "expert": (1, 3, 25, True),
    }


def test_a_background_that_nobody_verified_is_not_counted():
    claims = stating(ADA, "background", "teacher", verified=False)

    assert of(claims)["teacher"] == (0, 1, 50, False)


def test_experience_is_no_background():
    assert of(stating(ADA, "experience", "led"))["teacher"] == (0, 1, 50, False)


def test_somebody_of_two_backgrounds_counts_for_both_and_nobody_twice():
    both = stating(ADA, "background", "teacher", "expert")

    assert of(both, both) == {"teacher": (1, 1, 50, True), "provider": (0, 1, 0, True), "expert": (1, 1, 25, True)}


def test_a_scheme_without_minima_asks_for_nothing():
    assert all(one.met for one in shares([CHAIR], {}))
    assert missed(shares([], {})) == ()


def test_of_nobody_nothing_is_enough():
    assert [one.background for one in missed(shares([], MINIMA))] == ["teacher", "expert"]
    assert Share(background="teacher", members=0, size=0, least=1).percent == 0


@pytest.mark.parametrize(
    ("members", "size", "least", "percent", "met"),
    [(1, 3, 33, 33, True), (1, 3, 34, 33, False), (2, 3, 66, 66, True), (3, 3, 100, 100, True), (0, 3, 1, 0, False)],
)
def test_a_share_is_enough_when_it_is_the_minimum_exactly(members: int, size: int, least: int, percent: int, met: bool):
    share = Share(background="teacher", members=members, size=size, least=least)

    assert (share.percent, share.met) == (percent, met)
    assert missed([share]) == (() if met else (share,))
