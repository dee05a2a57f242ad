"""A deadline that runs is moved later for one case, with a reason; what has no such deadline has no extension of it."""

from datetime import datetime
from typing import Any

import pytest

from domain.clocks import Deadline
from domain.submission import clocks, moderation, preparation
from domain.submission import events as e
from domain.submission.side_events import DeadlineExtended
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import DAY, NOON, SCHEME, SECOND, after, refused, text

WHY = text("They were ill")
LATER = NOON + 200 * DAY


def extend(case: Submission, until: datetime = LATER, **said: Any) -> list[e.SubmissionEvent]:
    return clocks.extend_deadline(case, until=until, **{"reason": WHY, "scheme": SCHEME, "at": NOON, **said})


@pytest.mark.parametrize(
    ("stage", "rule"),
    [
        ("returned", "return-within"),
        ("assigned", "accept-within"),
        ("accepted", "assess-within"),
        ("asked", "evidence-within"),
    ],
)
def test_the_deadline_of_a_provider_or_an_assessor_is_moved_later_once(stage: str, rule: str):
    case = given.STAGES[stage]()
    before = case.clock
    assert before

    extended = extend(case)

    [event] = extended
    assert isinstance(event, DeadlineExtended)
    assert (event.clock.rule, event.clock.due_at, event.reason) == (rule, LATER, WHY)
    assert extend(after(case, extended)) == []
    assert after(case, extended).stage is case.stage
    with refused("extension-later", field="until"):
        extend(case, before.due_at - SECOND)
    assert extend(case, before.due_at) == []
    assert extend(case, before.due_at + SECOND)
    with refused("extension-later", field="until"):
        extend(case, LATER, at=LATER)


@pytest.mark.parametrize("stage", given.all_but("returned", "assigned", "accepted", "judged", "asked"))
def test_where_no_such_deadline_runs_none_is_moved(stage: str):
    with refused("extension-of-running", field="submission", match="return-within"):
        extend(given.STAGES[stage]())


def test_the_scheme_s_reminders_come_before_the_new_deadline():
    [event] = extend(given.asked())

    assert isinstance(event, DeadlineExtended)
    assert event.clock == Deadline(
        rule="evidence-within",
        due_at=LATER,
        remind_at=SCHEME.reminders(NOON, LATER, SCHEME.clocks.remind_evidence),
    )
    assert event.clock.remind_at


def test_further_evidence_is_taken_and_reviewed_by_the_new_date():
    case = given.asked()
    assert case.clock
    case = after(case, extend(case))
    answer = {"by": given.LEAD, "scheme": SCHEME, "answers": given.answers(["1.2"]), "evidence": []}

    assert moderation.review_opens_at(case) == LATER
    assert moderation.provide_evidence(case, **answer, at=LATER)
    with refused("evidence-within"):
        moderation.provide_evidence(case, **answer, at=LATER + SECOND)


def test_what_lapsed_after_its_return_goes_on_with_more_time_though_the_limit_is_still_to_come():
    case = given.returned()
    assert case.clock
    due_at = case.clock.due_at
    case = after(case, preparation.lapse(case, at=due_at))
    assert case.stage is Stage.LAPSED
    more = {"reason": WHY, "scheme": SCHEME, "at": due_at + DAY}

    extended = preparation.extend_preparation(case, until=due_at + 10 * DAY, **more)

    assert after(case, extended).stage is Stage.PREPARING
    with refused("extension-later", field="until"):
        preparation.extend_preparation(case, until=due_at + DAY, **more)
    with refused("extension-later", field="until"):
        preparation.extend_preparation(given.preparing(), until=due_at, **{**more, "at": NOON})
