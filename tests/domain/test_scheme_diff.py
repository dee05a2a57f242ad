"""What a new version changes is said in words, with whom it concerns; no part of a scheme can change unsaid."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from domain import scheme_diff
from domain.award import AwardLevel
from domain.clocks import Duration
from domain.fees import FeeItem
from domain.scheme import Clocks, Criterion, Exclusion, Indicator, Route, Scheme
from domain.scheme_diff import Difference, differences
from domain.scheme_file import read_scheme
from domain.scheme_words import length, size
from tests.domain.given import SCHEME, SOURCE

ROOT = Path(__file__).parents[2]
OTHER = Duration.parse("P99D")

RICH = replace(
    read_scheme((ROOT / "schemes" / "cpd-mark.toml").read_text(encoding="utf-8")),
    exclusions=(Exclusion(code="statutory", question="Is it required by law?"),),
    extension=Duration.parse("P6M"),
    letters={"registered": "Welcome."},
    pay={"assessment": 40000, "visit": 35000},
    awards=(
        AwardLevel(name="bronze", form="in-each-section", level="developing", at_least=3),
        AwardLevel(name="gold", form="core-and-others", level="secure", at_least=2, core=("vision",)),
    ),
)
RICH = replace(
    RICH,
    criteria=RICH.criteria
    | {"vision": replace(RICH.criteria["vision"], indicators=(Indicator(code="v.a", title="It is said"),))},
)
"""A scheme in which every optional part is there."""


def others(value: Any) -> Iterator[Any]:
    """Other values of the same kind, each with one thing in it changed."""
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case str():
            yield f"{value}x"
        case None | Duration():
            yield OTHER
        case date():
            yield date(2040, 1, 2)
        case time():
            yield time(12)
        case frozenset():
            yield value | {date(2040, 1, 2)}
        case tuple():
            if value:
                yield value[:-1]
            for place, one in enumerate(value):
                yield from ((*value[:place], other, *value[place + 1 :]) for other in others(one))
        case Mapping():
            for key, one in value.items():
                yield {name: held for name, held in value.items() if name != key}
                yield from ({**value, key: other} for other in others(one))
        case _:
            yield from (replace(value, **{name: other}) for name, other in altered(value))


def altered(value: Any) -> Iterator[tuple[str, Any]]:
    """Each field of a dataclass with each of its other values; a criterion's own code is the key under which it stands."""
    for field in fields(value):
        if (type(value), field.name) != (Criterion, "code"):
            yield from ((field.name, other) for other in others(getattr(value, field.name)))


def with_fee(**changes: Any) -> dict[str, Any]:
    """The scheme with its first fee changed, which goes by type and roll."""
    first, *rest = RICH.fees.items
    return {"fees": replace(RICH.fees, items=(replace(first, **changes), *rest))}


def with_award(place: int, **changes: Any) -> dict[str, Any]:
    """The scheme with one of its two awards changed."""
    awards = list(RICH.awards)
    awards[place] = replace(awards[place], **changes)
    return {"awards": tuple(awards)}


FEES = {
    "kind": with_fee(kind="entry"),
    "due": with_fee(due="submission"),
    "by": with_fee(by="flat", amount=5),
    "amount": {"fees": replace(RICH.fees, items=(*RICH.fees.items[:2], replace(RICH.fees.items[2], amount=1)))},
    "amounts": with_fee(by="size_band", amounts={"any": 7}),
    "rolls": with_fee(rolls={**RICH.fees.items[0].rolls, "special": ((10, 1), (20, 70000))}),
    "percent": with_fee(percent=51),
    "group_discount": with_fee(group_discount=0),
}
AWARDS = {
    "name": with_award(0, name="silver"),
    "form": with_award(1, form="in-each-section"),
    "level": with_award(0, level="secure"),
    "at_least": with_award(0, at_least=4),
    "core": with_award(1, core=("needs",)),
}
WHOLE = {"fees": [*FEES.values(), {"fees": replace(RICH.fees, currency="EUR")}], "awards": list(AWARDS.values())}
"""What says something in one form only: each field is changed where it does."""


def test_every_field_of_a_fee_and_of_an_award_is_changed_here():
    assert set(FEES) == {field.name for field in fields(FeeItem)}
    assert set(AWARDS) == {field.name for field in fields(AwardLevel)}


@pytest.mark.parametrize("name", [field.name for field in fields(Scheme)])
def test_no_part_of_a_scheme_changes_unsaid(name: str):
    changes = WHOLE.get(name) or [{name: other} for other in others(getattr(RICH, name))]

    assert changes
    for change in changes:
        found = differences(RICH, replace(RICH, **change))
        assert found, f"{name} became {change[name]!r}, and nothing is said"
        for one in found:
            assert one.before != one.after
            assert one.what
            assert one.for_whom


def test_every_kind_of_part_is_in_the_scheme_that_the_walk_begins_from():
    assert all(getattr(RICH, field.name) not in (None, (), "", {}) for field in fields(Scheme))
    assert all(getattr(RICH.route, field.name) for field in fields(Route))


@pytest.mark.parametrize("name", [field.name for field in fields(Clocks)])
def test_every_clock_has_words_and_somebody_it_concerns(name: str):
    assert name in scheme_diff.CLOCKS


def test_the_same_content_differs_in_nothing():
    assert differences(RICH, RICH) == []
    assert differences(SCHEME, read_scheme(SOURCE)) == []


def test_a_comment_concerns_nobody():
    [one] = differences(SCHEME, read_scheme(f"# ours\n{SOURCE}"))

    assert (one.what, one.for_whom) == ("comments, order or layout of the file", "nobody")


def test_another_scheme_is_said_to_be_one():
    [one] = differences(SCHEME, replace(SCHEME, id="other-mark"))

    assert one.for_whom == "everybody: it is another scheme"


def only(**changes: Any) -> Difference:
    [one] = differences(SCHEME, replace(SCHEME, **changes))
    return one


def test_lengths_of_time_are_said_in_words_and_to_whom_they_matter():
    one = only(clocks=replace(SCHEME.clocks, validity=Duration.parse("P2Y6M")))

    assert str(one) == "validity of an award: 3 years → 2 years and 6 months (for holders of an award)"


def test_the_same_length_written_in_another_way_is_no_change_but_of_the_text():
    source = SOURCE.replace('submit_within = "P12M"', 'submit_within = "P1Y"')

    assert [one.for_whom for one in differences(SCHEME, read_scheme(source))] == ["nobody"]


def test_fees_are_said_in_money_and_concern_new_registrations_only():
    items = (*SCHEME.fees.items[:1], replace(SCHEME.fees.items[1], amount=157550), *SCHEME.fees.items[2:])
    one = only(fees=replace(SCHEME.fees, items=items))

    assert (one.what, one.before, one.after) == (
        "fee for submission",
        "1,500.00 GBP on submission",
        "1,575.50 GBP on submission",
    )
    assert one.for_whom == "new registrations only; no outcome changes a fee"


def test_what_is_newly_asked_of_people_is_said_and_that_nothing_is_asked_is_not():
    people = '[people.training]\nassessor = ["bias"]\nchair = []\n[people.experience]\nassessor = 2\nchair = 0\n'
    asked = read_scheme(f"{SOURCE}\n{people}[people.minima]\nteacher = 50\nexpert = 0\n")

    said = [one.what for one in differences(SCHEME, asked)]

    assert said == [
        "training asked of assessor",
        "kinds of experience asked of assessor",
        "percentage on a panel at least: teacher",
    ]


def test_criteria_are_added_dropped_reworded_and_put_in_another_order():
    criteria = dict(SCHEME.criteria)
    dropped = criteria.pop("1.2")
    criteria["2.2"] = replace(dropped, code="2.2", section="2", title="It lasts")
    criteria["2.1"] = replace(criteria["2.1"], guidance="Say how, and for how long.")

    found = {one.what: one for one in differences(SCHEME, replace(SCHEME, criteria=criteria))}

    assert list(found) == [
        "criterion 1.2, no longer asked for",
        "guidance of criterion 2.1",
        "criterion 2.2, newly asked for",
    ]
    assert found["criterion 2.2, newly asked for"].after == "It lasts"
    assert "assessors" in found["guidance of criterion 2.1"].for_whom
    other_order = dict(reversed(SCHEME.criteria.items()))
    assert only(criteria=other_order).what == "order of the criteria"
    assert only(sections=dict(reversed(SCHEME.sections.items()))).after == "2, 1"


def test_an_award_is_said_as_what_it_asks_for():
    one = only(awards=(dataclasses.replace(SCHEME.awards[0], form="in-each-section", at_least=1),))

    assert (one.before, one.after) == (
        "every criterion at high or above",
        "in each section at least 1 at high or above",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P12M", "1 year"),
        ("P14D", "14 days"),
        ("10 working days", "10 working days"),
        ("PT30S", "30 seconds"),
        ("PT1.5S", "1.5 seconds"),
        ("P1Y2M3DT4H5M6S", "1 year, 2 months, 3 days, 4 hours, 5 minutes and 6 seconds"),
    ],
)
def test_a_length_of_time_reads_as_words(text: str, words: str):
    assert length(Duration.parse(text)) == words


def test_a_size_reads_as_the_largest_unit_that_is_exact():
    assert [size(one) for one in (536870912, 1000, 1, 2048)] == ["512 MiB", "1,000 bytes", "1 byte", "2 KiB"]
