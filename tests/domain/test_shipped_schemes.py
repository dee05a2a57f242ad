"""The four schemes that come with the product award and charge as their bodies publish."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees import MOMENTS
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.submission.events import FeeCharged
from tests.domain.given import SCHEME, all_at, approved, assessed, confirmed, decided, in_moderation, released

FOLDER = Path(__file__).parents[2] / "schemes"


def shipped(name: str) -> Scheme:
    return read_scheme((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name)


CPD_QA, CPLD_MARK, CPD_MARK, PD_MARK = map(shipped, ("cpd-qa", "cpld-mark", "cpd-mark", "pd-mark"))


def levels(scheme: Scheme, level: str, **but: str) -> dict[str, str]:
    """Every criterion at a level, but for some, named with `__` for a dot and `_` for a dash."""
    others = {name.replace("__", ".").replace("_", "-"): one for name, one in but.items()}
    assert others.keys() <= scheme.criteria.keys()
    return dict.fromkeys(scheme.criteria, level) | others


def awarded(scheme: Scheme, judged: dict[str, str], applied_for: str | None = None) -> str | None:
    return scheme.outcome(judged, tuple(scheme.criteria), applied_for).level


def test_the_main_scheme_asks_for_every_criterion_met():
    assert len(CPD_QA.criteria) == 9
    assert awarded(CPD_QA, levels(CPD_QA, "met")) == "accredited"
    for code in CPD_QA.criteria:
        assert awarded(CPD_QA, levels(CPD_QA, "met") | {code: "partially_met"}) is None


@pytest.mark.parametrize(
    ("award", "level", "below"),
    [("bronze", "developing", "not_yet"), ("silver", "enhancing", "developing"), ("gold", "embedded", "enhancing")],
)
def test_the_four_aspects_each_allow_one_strand_of_four_to_fall_short(award: str, level: str, below: str):
    strands = {
        section: [one for one in PD_MARK.criteria if one.startswith(f"{section}.")] for section in PD_MARK.sections
    }
    assert [len(some) for some in strands.values()] == [4, 4, 4, 4]
    lower = {"bronze": None, "silver": "bronze", "gold": "silver"}[award]

    for one_short in product(*strands.values()):
        assert awarded(PD_MARK, levels(PD_MARK, level) | dict.fromkeys(one_short, below)) == award
    for aspect in strands.values():
        assert awarded(PD_MARK, levels(PD_MARK, level) | dict.fromkeys(aspect[:2], below)) == lower


def test_strength_in_one_aspect_does_not_make_up_for_another():
    weak = levels(PD_MARK, "embedded", leadership__vision="not_yet", leadership__culture="not_yet")

    assert awarded(PD_MARK, weak) is None


@pytest.mark.parametrize("award", ["bronze", "silver", "gold"])
def test_every_objective_reaches_the_level_applied_for_or_there_is_no_award(award: str):
    assert len(CPLD_MARK.criteria) == 9
    below = CPLD_MARK.scale[CPLD_MARK.scale.index(award) - 1]

    assert awarded(CPLD_MARK, levels(CPLD_MARK, "gold"), award) == award
    assert awarded(CPLD_MARK, levels(CPLD_MARK, award), award) == award
    assert awarded(CPLD_MARK, levels(CPLD_MARK, award, impact=below), award) is None


def test_the_mark_with_a_visit_asks_for_all_eight_steps_and_gives_three_yearly_certificates():
    assert len(CPD_MARK.criteria) == 8
    assert awarded(CPD_MARK, levels(CPD_MARK, "secure")) == "mark"
    assert awarded(CPD_MARK, levels(CPD_MARK, "secure", needs="developing")) is None
    assert CPD_MARK.annual
    assert CPD_MARK.annual.certificates == 3
    assert (CPD_MARK.route.kind, CPD_MARK.route.visit, CPD_MARK.moderation_form) == ("booked", True, "independent")


def charged(scheme: Scheme, moment: str, **provider: object) -> int:
    said = {"size_band": scheme.size_bands[0], "provider_type": scheme.provider_types[0], "roll": 0, "grouped": False}
    return sum(item.charge(**{**said, **provider}) for item in scheme.fees.due_at(moment))


@pytest.mark.parametrize("roll", [1, 100, 101, 300, 301, 5000])
@pytest.mark.parametrize("provider_type", CPD_MARK.provider_types)
def test_half_the_fee_of_the_mark_with_a_visit_falls_due_at_each_of_two_moments(provider_type: str, roll: int):
    halves = [charged(CPD_MARK, one, provider_type=provider_type, roll=roll) for one in ("registration", "submission")]
    grouped = charged(CPD_MARK, "registration", provider_type=provider_type, roll=roll, grouped=True)

    assert halves[0] == halves[1] > 0
    assert grouped == halves[0] * 9 // 10


def test_a_larger_provider_of_the_same_type_never_pays_less():
    for kind in CPD_MARK.provider_types:
        amounts = [charged(CPD_MARK, "registration", provider_type=kind, roll=roll) for roll in range(0, 2000, 50)]
        assert amounts == sorted(amounts)
    sizes = [charged(CPD_QA, "registration", size_band=band) for band in CPD_QA.size_bands]
    assert sizes == sorted(set(sizes))


def test_the_flat_fee_is_575_pounds_for_visit_and_administration():
    assert charged(PD_MARK, "submission") == 57500
    assert charged(PD_MARK, "registration") == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(SCHEME.scale), min_size=3, max_size=3))
def test_no_outcome_changes_a_fee(judged: list[str]):
    course = dict(zip(SCHEME.criteria, judged, strict=True))
    before = assessed(levels=course)

    after = released(approved(decided(confirmed(in_moderation(before)))))
    best = released(approved(decided(confirmed(in_moderation(assessed(levels=all_at("high")))))))

    assert after.charges == before.charges == best.charges
    assert after.fees == before.fees
    assert "outcome" not in {name for one in (FeeCharged,) for name in one.__dataclass_fields__}
    assert all("award" not in moment for moment in MOMENTS)
