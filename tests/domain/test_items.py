"""An item is led by somebody else when its chair, or its one moderator, can't go on with it."""

from dataclasses import replace
from typing import Any

import pytest

from domain.person import Person
from domain.submission import decision, items
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import ADA, BEN, CHAIR, DAY, MIA, NIK, NOON, after, conflicted, member, refused, text

SECOND = member("second", "chair")
WHY = text("Cy has left")
ALONE = given.scheme(moderation_form="independent", quorum=1)


def hand_over(case: Submission, to: Person = SECOND, **said: Any) -> list[Any]:
    whole = {"had_part": (), "reason": WHY, "scheme": given.SCHEME, "at": NOON + 50 * DAY}
    return items.hand_over(case, to=to, **{**whole, **said})


@pytest.mark.parametrize("stage", ["in_moderation", "confirmed", "asked", "in_review", "decided", "approved"])
def test_another_chair_leads_an_item_from_when_it_was_taken_up_until_its_result_is_told(stage: str):
    case = given.STAGES[stage]()

    [handed] = hand_over(case)
    assert (handed.chair, handed.reason, handed.seen.verdict) == (SECOND.id, WHY, "seated")
    assert [one.kind for one in handed.seen.qualified.training] == ["chairing"]
    assert hand_over(after(case, hand_over(case))) == []


@pytest.mark.parametrize(
    "stage",
    given.all_but("in_moderation", "confirmed", "asked", "responded", "in_review", "reviewed", "decided", "approved"),
)
def test_what_nobody_leads_is_not_handed_over(stage: str):
    with refused("stage-order", field="submission"):
        hand_over(given.STAGES[stage]())


def test_the_new_chair_brings_the_case_to_its_report_and_the_former_one_does_not():
    case = given.decided()
    case = after(case, hand_over(case))
    said = {"scheme": given.SCHEME, "shortfalls": given.shortfalls(case), "at": NOON + 51 * DAY}

    with refused("meeting-chair", field="actor"):
        decision.approve_report(case, by=CHAIR, **said)
    assert after(case, decision.approve_report(case, by=SECOND, **said)).report_approved
    assert case.outcome
    assert case.outcome.chair == CHAIR.id  # who decided stays who decided


def test_the_new_chair_counts_as_one_of_the_items_panel():
    case = given.in_moderation()
    case = after(case, hand_over(case))

    assert case.moderation
    assert case.moderation.panel == (CHAIR.id, MIA.id, NIK.id, SECOND.id)


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        (ADA, "authorised-panel"),
        (MIA, "authorised-panel"),
        (conflicted(SECOND), "conflict-of-interest"),
        (replace(SECOND, training={}), "trained-chair"),
        (replace(SECOND, id=ADA.id), "assessor-never-moderates"),
    ],
)
def test_it_is_handed_to_a_trained_chair_who_may_take_part(to: Person, rule: str):
    with refused(rule):
        hand_over(given.confirmed(), to)


def test_who_goes_on_alone_is_another_moderator_without_a_part_in_the_case():
    case = after(
        given.assessed(),
        items.take_up_alone(given.assessed(), by=MIA, had_part=(), scheme=ALONE, at=NOON + 45 * DAY),
    )

    [handed] = hand_over(case, NIK, scheme=ALONE)
    assert (handed.chair, [one.kind for one in handed.seen.qualified.training]) == (NIK.id, ["moderating"])
    with refused("independent-person", field="actor"):
        hand_over(case, NIK, scheme=ALONE, had_part=(NIK.id,))
    with refused("acting-role", field="role"):
        hand_over(case, BEN, scheme=ALONE)
    with refused("item-expertise"):
        hand_over(case, member("artist", "moderator", subjects=("arts",)), scheme=ALONE)


def test_what_was_found_outside_the_definition_is_not_handed_over():
    case = given.in_moderation()
    outside = items.find_outside(case, **given.sitting(), reason=text("A sale"))

    with refused("stage-order", field="submission"):
        hand_over(after(case, outside))
