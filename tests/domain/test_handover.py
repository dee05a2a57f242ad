"""A case is taken from its assessor before the work is done: by an officer who says why, or by a conflict, at once."""

import pytest

from domain.submission import assessment
from domain.submission import events as e
from domain.submission.handover import end_early, end_for_conflict
from domain.submission.process import owed
from tests.domain import given
from tests.domain.given import ADA, BEN, DAY, NOON, SCHEME, STAGES, after, all_but, refused, text

WHY = text("They are ill")


@pytest.mark.parametrize("reached", [given.assigned, given.accepted, given.judged])
def test_an_officer_ends_an_assignment_early_and_says_why(reached):
    case = reached()

    assert end_early(case, why=WHY) == [e.AssignmentEnded(assessor=ADA.id, reason="reassigned", why=WHY)]
    free = after(case, end_early(case, why=WHY))
    assert (free.assessor, free.judgements, owed(free)) == (None, {}, "assign_assessor")
    assert end_early(free, why=WHY) == []
    assert assessment.assign(free, scheme=SCHEME, assessors=[ADA, BEN], at=NOON + 34 * DAY)[1] is BEN


@pytest.mark.parametrize("stage", all_but("in_assessment", "assigned", "accepted", "judged"))
def test_there_is_no_assignment_to_end_at_any_other_stage(stage: str):
    with refused("stage-order"):
        end_early(STAGES[stage](), why=WHY)


def test_a_conflict_ends_the_assignment_of_who_has_it_and_of_nobody_else():
    case = given.judged()

    assert end_for_conflict(case, person=ADA.id) == [e.AssignmentEnded(assessor=ADA.id, reason="conflict")]
    assert end_for_conflict(case, person=BEN.id) == []
    assert end_for_conflict(given.assessed(), person=ADA.id) == []
