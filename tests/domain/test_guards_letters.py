"""Letters at their edges: to whom each goes and to whom none, which dates run, and what was overtaken while a letter waited."""

from dataclasses import replace
from typing import Any

import pytest

from domain import accreditation as award
from domain import appeal, complaint, learning
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.letter_events import (
    BOUNCED,
    FAILED,
    HELD,
    NO_ADDRESS,
    OVERTAKEN,
    PLANNED,
    QUEUED,
    REFUSED,
    SENDING,
    SENT,
    LetterHeldBack,
    LetterSentNow,
    hold,
    send_now,
)
from domain.letters import addressed, reminder_id, running, still_stands, told
from domain.submission import events as e
from domain.submission import side_events as beside
from domain.submission import visit_events as visit
from domain.submission.state import Stage, Submission
from domain.tasks import Matter
from tests.domain import appealing, complaining, given
from tests.domain.awards import after, awarded, concerned
from tests.domain.given import ADA, BEN, CASE, DAY, LEAD, NOON, refused, text
from tests.domain.test_accreditation_years import asked as asked_award
from tests.domain.test_calibration import MARKED

LETTER, MATTER = "letter-aaaaaaaaaaaaaaaa", "audit-aaaaaaaaaaaaaaaa"
WHY = text("why")
LATER = NOON + 3 * DAY


def clock(rule: str = "evidence-within", due_at: Any = LATER) -> Deadline:
    return Deadline(rule=rule, due_at=due_at, remind_at=())


def reminder(rule: str) -> ReminderSent:
    return ReminderSent(rule=rule, due_at=LATER, planned_for=NOON)


def to(event: Any, state: Any, stream: str = CASE) -> list[str]:
    return [one.recipient for one in addressed(stream, 2, event, state)]


# -- to whom -----------------------------------------------------------------------------------------------------------


def test_who_marks_blind_is_reminded_of_that_and_nobody_where_nobody_does():
    assert to(reminder("mark-blind-within"), MARKED) == [BEN.id]
    assert to(reminder("assess-within"), MARKED) == [ADA.id]
    assert to(reminder("mark-blind-within"), given.accepted()) == []
    assert to(reminder("assess-within"), given.screening()) == []


def test_an_award_has_no_assessor_so_that_its_lead_contact_is_reminded_of_all():
    assert to(reminder("assess-within"), awarded()) == [LEAD]


def test_of_what_nobody_has_nobody_is_reminded():
    assert to(reminder("submit-within"), Matter(id=MATTER), MATTER) == []
    assert to(e.FeeWaived(kind="gift", reason=WHY), Matter(id=MATTER), MATTER) == []


def test_a_concern_is_answered_to_who_raised_it_or_under_its_own_id():
    answer = award.ConcernAnswered(concern="concern-a", text=WHY)

    assert to(answer, concerned(by="person-r")) == ["person-r"]
    assert to(answer, concerned()) == ["concern-a"]


def test_a_complaint_is_answered_to_who_raised_it_or_under_its_own_id():
    acknowledged = complaint.ComplaintAcknowledged(
        **dict.fromkeys(complaint.ComplaintAcknowledged.__dataclass_fields__, "x")
    )

    assert to(acknowledged, complaining.raised(), complaining.COMPLAINT) == [complaining.LEAD]
    outside = replace(complaining.raised(), raised_by=None)
    assert to(acknowledged, outside, complaining.COMPLAINT) == [complaining.COMPLAINT]


def test_an_appeal_is_told_to_who_lodged_it_and_its_panel_to_each_of_them_once():
    named = appeal.PanelNamed(officer="o", chair="person-a", panel=("person-a", "person-b"), considered=(), sets=())
    lodged = replace(appealing.lodged().lodging, lodged_by="person-l")
    held = replace(appealing.lodged(), lodged=lodged)

    assert to(named, held, appealing.APPEAL) == ["person-a", "person-b"]
    decided = appealing.upheld().decided
    assert to(decided, held, appealing.APPEAL) == ["person-l"]


def test_a_letter_that_was_planned_is_known_by_its_date_and_word_of_a_date_that_passed_as_well():
    missed = DeadlineMissed(rule="screen-within", due_at=LATER)

    assert reminder_id(CASE, reminder("screen-within")) != reminder_id(CASE, missed)
    assert [one.id for one in addressed(CASE, 2, missed, given.screening())] == [reminder_id(CASE, missed)]


def test_operations_are_told_of_what_waits_for_the_body_and_of_nothing_else():
    assert told("screen-within", "", given.screening()) == "operations"
    assert told("submit-within", "", given.screening()) == ""


# -- which dates run ---------------------------------------------------------------------------------------------------


def test_the_dates_of_a_case_are_all_that_run_in_it_and_none_once_it_is_over():
    case = replace(
        given.assessed(), clock=clock("a"), limit=clock("b"), results=clock("c"), marking=clock("d"),
    )  # fmt: skip

    assert running(case) == {(rule, LATER) for rule in "abcd"}
    assert running(replace(case, limit=None, marking=None)) == {("a", LATER), ("c", LATER)}
    assert running(replace(case, stage=Stage.WITHDRAWN)) == set()


def test_the_dates_of_an_award_are_of_its_end_of_years_of_concerns_and_its_tasks():
    asked = asked_award()
    assert asked.clock
    assert asked.asked
    dates = {(one.rule, one.due_at) for one in (asked.clock, asked.asked.clock)}
    assert running(asked) == dates
    assert running(replace(asked, asked=None)) == {(asked.clock.rule, asked.clock.due_at)}

    raised = concerned()
    [concern] = raised.concerns.values()
    assert concern.clock
    assert (concern.clock.rule, concern.clock.due_at) in running(raised)
    assert {one.name for one in raised.tasks.running.values()} <= {rule for rule, _ in running(raised)}
    assert running(appealing.lodged()) == {(one.name, one.due_at) for one in appealing.lodged().tasks.running.values()}


# -- what still stands -------------------------------------------------------------------------------------------------

CASE_NOW = replace(given.accepted(), clock=clock(), visit_at=NOON, marker=BEN.id)


@pytest.mark.parametrize(
    ("event", "now", "stands"),
    [
        (e.AssessorAssigned(assessor=ADA.id, considered=(), clock=clock()), CASE_NOW, True),
        (e.AssessorAssigned(assessor=BEN.id, considered=(), clock=clock()), CASE_NOW, False),
        (beside.MarkedBlindBy(calibration="calibration-a", second=BEN.id), CASE_NOW, True),
        (beside.MarkedBlindBy(calibration="calibration-a", second=ADA.id), CASE_NOW, False),
        (e.PortfolioReturned(reason=WHY, clock=clock()), CASE_NOW, True),
        (e.PortfolioReturned(reason=WHY, clock=clock(due_at=NOON)), CASE_NOW, False),
        (e.EvidenceRequested(criteria=(), wanted=WHY, clock=clock("x"), results_left=1.0), CASE_NOW, False),
        (visit.AssessmentBooked(visit_at=NOON, provisional=True, clock=None), CASE_NOW, True),
        (visit.AssessmentBooked(visit_at=LATER, provisional=True, clock=None), CASE_NOW, False),
        (award.ConfirmationAsked(year=2, clock=clock()), asked_award(), True),
        (award.ConfirmationAsked(year=3, clock=clock()), asked_award(), False),
        (award.ConfirmationAsked(year=2, clock=clock()), awarded(), False),
    ],
    ids=[
        "assigned", "another-assigned", "marked-blind", "another-marks-blind", "returned", "due-otherwise", "asked-no-more",
        "booked", "booked-otherwise", "year", "another-year", "no-year",
    ],
)  # fmt: skip
def test_what_was_asked_stands_while_it_is_still_asked(event: Any, now: Any, stands: bool):
    assert still_stands(event, now, now) is stands


def test_a_question_is_overtaken_when_the_case_moved_on_without_an_answer():
    question = beside.QuestionAsked(number=1, assessor=ADA.id, text=WHY)

    assert still_stands(question, CASE_NOW, CASE_NOW)
    assert not still_stands(question, CASE_NOW, replace(CASE_NOW, stage=Stage.AWAITING_MODERATION))
    answered = {1: beside.QuestionAnswered(number=1, text=WHY)}
    assert not still_stands(question, CASE_NOW, replace(CASE_NOW, replies=answered))


@pytest.mark.parametrize(
    "event",
    [
        e.ResultReleased(outcome="awarded"),
        e.FoundIneligible(reason=WHY),
    ],
    ids=["result", "ineligible"],
)
def test_a_result_stands_until_an_appeal_sets_it_aside(event: Any):
    case: Submission = given.released()
    aside: Any = replace(case, superseded=(*case.superseded, "set aside"))

    assert still_stands(event, case, case)
    assert still_stands(event, aside, aside)
    assert not still_stands(event, case, aside)


def test_who_is_named_for_a_matter_is_told_while_it_is_not_over():
    sent = learning.QuestionnaireSent(learning="learning-a", case=CASE, scheme="", asked=(), sets=())
    open_one = Matter(id=MATTER)

    assert still_stands(sent, open_one, open_one)
    assert not still_stands(sent, open_one, replace(open_one, over=True))


def test_a_concern_that_was_answered_stays_answered():
    ended = after(awarded(), [award.AccreditationLapsed(ended_at=NOON)])

    assert still_stands(award.ConcernAnswered(concern="concern-a", text=WHY), ended, ended)


# -- what people may do to one -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [QUEUED, HELD, REFUSED, FAILED, NO_ADDRESS, BOUNCED])
def test_what_waits_or_did_not_get_there_is_sent_at_once(state: str):
    assert send_now(letter=LETTER, state=state, planned=None, reason=WHY) == [LetterSentNow(letter=LETTER, reason=WHY)]


@pytest.mark.parametrize("state", [SENDING, SENT, OVERTAKEN])
def test_what_goes_or_has_gone_is_not_sent_again(state: str):
    with refused("letter-waits", field="letter", match="allowed|Allowed"):
        send_now(letter=LETTER, state=state, planned=reminder("submit-within"), reason=WHY)


def test_a_reminder_that_is_planned_may_be_held_and_sent_before_its_time():
    planned = reminder("submit-within")

    assert hold(frozenset(), letter=LETTER, state=PLANNED, reason=WHY) == [LetterHeldBack(letter=LETTER, reason=WHY)]
    assert send_now(letter=LETTER, state=PLANNED, planned=planned, reason=WHY) == [
        LetterSentNow(letter=LETTER, reason=WHY, planned=planned)
    ]
