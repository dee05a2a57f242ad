"""A case stays under its version; its provider may ask to move it to a later one before submitting."""

from dataclasses import replace
from typing import Any

import pytest

from domain.award import AwardLevel
from domain.scheme import Exclusion, Route, Scheme
from domain.scheme_record import RequirementsChanged
from domain.submission import trial
from domain.submission.events import CaseMoved
from domain.submission.moving import move, tell_of_change
from domain.submission.state import Submission
from tests.domain.given import (
    NOON,
    SCHEME,
    STAGES,
    WINDOW,
    after,
    all_but,
    decided,
    preparing,
    refused,
    registered,
    scheme,
    text,
)

WHY = text("They asked")
LAW = Exclusion(code="statutory", question="Is it required by law?")


def second(**changes: Any) -> Scheme:
    """Version 2 of the scheme."""
    return scheme(version=2, digest="2", **changes)


def moved(case: Submission, to: Scheme, **applies: bool) -> list[Any]:
    return move(case, scheme=to, follows=None, applies=applies, reason=WHY)


@pytest.mark.parametrize("stage", ["registered", "preparing"])
def test_a_case_moves_before_submission_and_keeps_its_clock_and_charges(stage: str):
    case = STAGES[stage]()
    fewer = {code: one for code, one in SCHEME.criteria.items() if code != "1.2"}

    there = after(case, moved(case, second(criteria=fewer)))

    assert (there.registration.scheme, there.registration.criteria) == ("test-mark@2", ("1.1", "2.1"))
    assert (there.clock, there.charges, there.stage) == (case.clock, case.charges, case.stage)
    assert moved(there, second(criteria=fewer)) == []


@pytest.mark.parametrize("stage", all_but("registered", "preparing"))
def test_from_submission_on_it_stays(stage: str):
    with refused("stage-order", match="a move to another version"):
        moved(STAGES[stage](), second())


def test_it_moves_to_a_later_version_of_its_own_scheme_only():
    there = after(registered(), moved(registered(), second()))

    with refused("move-to-later-version", field="to"):
        moved(there, SCHEME)
    with refused("move-to-later-version", field="to"):
        moved(registered(), second(id="other-mark"))


@pytest.mark.parametrize(
    ("said", "listed"), [("category", "categories"), ("mode", "modes"), ("size_band", "size_bands")]
)
def test_what_was_said_on_registering_is_in_the_new_lists_too(said: str, listed: str):
    with refused("scheme-lists", field=said):
        moved(preparing(), second(**{listed: ("other",)}))


def test_what_the_new_version_does_not_accredit_is_asked_about_first():
    stricter = second(exclusions=(LAW,))

    with refused("exclusions-answered", field="applies.statutory"):
        moved(preparing(), stricter)
    with refused("excluded-programmes", field="applies.statutory"):
        moved(preparing(), stricter, statutory=True)
    there = after(preparing(), moved(preparing(), stricter, statutory=False))
    assert there.registration.ruled_out == ("statutory",)
    third = replace(stricter, version=3)
    assert moved(there, third) == [
        CaseMoved(scheme="test-mark@3", criteria=tuple(SCHEME.criteria), ruled_out=("statutory",), reason=WHY)
    ]


def test_a_case_with_a_date_or_a_claim_to_a_place_stays_on_its_route():
    dated, claiming = replace(preparing(), visit_at=NOON), replace(preparing(), claim=WINDOW)

    with refused("move-keeps-route", field="to", match="on the route booked"):
        moved(dated, second())
    with refused("move-keeps-route", field="to", match="on the route windows"):
        moved(claiming, second(route=Route(kind="booked")))
    assert moved(dated, second(route=Route(kind="booked")))
    assert moved(claiming, second())
    assert moved(preparing(), second(route=Route(kind="booked")))


def test_a_version_that_assesses_at_the_level_applied_for_takes_no_case_that_names_none():
    with refused("level-applied-for", field="to", match="names no level"):
        moved(preparing(), second(award_choice="applied"))


@pytest.mark.parametrize("stage", all_but("decided", "approved", "released", "withdrawn", "lapsed", "ineligible"))
def test_the_provider_of_a_case_not_decided_is_told_once_of_a_later_version(stage: str):
    case = STAGES[stage]()

    told = after(case, tell_of_change(case, scheme=second()))

    assert tell_of_change(case, scheme=second()) == [RequirementsChanged(scheme="test-mark@2", before="test-mark@1")]
    assert tell_of_change(told, scheme=second()) == []
    assert tell_of_change(told, scheme=SCHEME) == []
    assert replace(told, told=frozenset()) == case


@pytest.mark.parametrize("stage", ["decided", "approved", "released", "withdrawn", "lapsed", "ineligible"])
def test_of_a_case_that_is_over_nobody_is_told(stage: str):
    assert tell_of_change(STAGES[stage](), scheme=second()) == []


def test_a_decided_case_is_tried_at_the_level_applied_for():
    case = decided()
    assert case.registered
    levels = tuple(AwardLevel(name=one, form="every-criterion-at-least", level=one) for one in ("middle", "high"))
    applied = second(awards=levels, award_choice="applied")

    def tried(wanted: str | None) -> trial.Trial | None:
        return trial.under(replace(case, registered=replace(case.registration, applies_for=wanted)), applied)

    without, middle, gold = (tried(one) for one in (None, "middle", "gold"))
    assert without
    assert middle
    assert gold
    assert (without.verdict, without.why) == ("can't compare", "no level was applied for")
    assert (middle.verdict, middle.after) == ("differs", "awarded at middle")
    assert gold.why == "there is no level gold, which was applied for"


def test_a_case_that_is_not_decided_is_not_tried():
    assert trial.under(preparing(), second()) is None
