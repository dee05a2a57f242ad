"""Which letter goes to whom, and whether one that waited still says what is so, from events and states alone."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain.case_letters import LETTER_OF
from domain.clocks import DeadlineMissed, ReminderSent
from domain.letter_events import (
    BOUNCED,
    PLANNED,
    QUEUED,
    SENDING,
    SENT,
    LetterBounced,
    LetterHeldBack,
    LetterReleased,
    LetterSentNow,
    bounce,
    held_back,
    hold,
    release,
    send_now,
)
from domain.letter_words import LETTERS, OWN, STANDARD, fill, unknown_in
from domain.letters import STANDARD_OF, addressed, reminder_id, running, still_stands
from domain.submission import events as e
from domain.submission import side_events as beside
from domain.tasks import Matter, Task, Tasks
from tests.domain.given import ADA, NOON, accepted, after, assigned, preparing, refused, registered, text

CASE = "submission-aaaaaaaaaaaaaaaa"
MATTER = "audit-aaaaaaaaaaaaaaaa"
LETTER = "letter-aaaaaaaaaaaaaaaa"
WHY = text("why")
DUE = NOON + timedelta(days=3)


def recipients(event: Any, state: Any, stream: str = CASE) -> list[tuple[str, str]]:
    return [(one.letter, one.recipient) for one in addressed(stream, 2, event, state)]


def reminder(rule: str, about: str = "") -> ReminderSent:
    return ReminderSent(rule=rule, due_at=DUE, planned_for=NOON, about=about)


@dataclass(frozen=True, kw_only=True)
class Audited(Matter):
    """A matter with two tasks of one rule."""

    tasks: Tasks = field(
        default_factory=lambda: Tasks(
            running={
                one.name: one
                for one in (
                    Task(rule="act-on-finding-within", about="1", due_at=DUE, who="person-a"),
                    Task(rule="act-on-finding-within", about="2", due_at=DUE, who="board", told=""),
                )
            }
        )
    )


def test_every_letter_is_sent_by_some_event_and_every_one_that_is_sent_there_is():
    by_content = {"reminder", "end-of-award", "result-awarded", "result-not-awarded"}
    assert {*LETTER_OF.values(), *by_content} == set(LETTERS) == set(OWN)
    assert {*STANDARD_OF.values(), "overdue"} == set(STANDARD)


def test_the_assessor_is_reminded_of_what_the_assessor_does_and_the_lead_contact_of_all_else():
    case = assigned()
    lead = case.registration.lead_contact

    assert recipients(reminder("accept-within"), case) == [("reminder", ADA.id)]
    assert recipients(reminder("submit-within"), case) == [("reminder", lead)]
    assert recipients(reminder("earn-again-before-end"), case) == [("end-of-award", lead)]


def test_operations_hear_of_dates_that_passed_only_where_nothing_goes_on_by_itself():
    case = registered()

    assert recipients(DeadlineMissed(rule="screen-within", due_at=DUE), case) == [("overdue", "operations")]
    assert recipients(DeadlineMissed(rule="submit-within", due_at=DUE), case) == []


def test_of_a_task_whoever_has_it_is_reminded_and_whom_it_names_is_told():
    matter = Audited(id=MATTER)

    assert recipients(reminder("act-on-finding-within", "1"), matter, MATTER) == [("reminder", "person-a")]
    assert recipients(reminder("act-on-finding-within", "2"), matter, MATTER) == [("reminder", "board")]
    missed = [DeadlineMissed(rule="act-on-finding-within", due_at=DUE, about=about) for about in "12"]
    assert [recipients(one, matter, MATTER) for one in missed] == [[("overdue", "operations")], []]


def test_a_reminder_is_known_by_its_date_before_it_is_sent_and_other_letters_by_their_event():
    first, second = (addressed(CASE, version, reminder("submit-within"), registered()) for version in (2, 9))
    assert first == second
    assert first[0].id == reminder_id(CASE, reminder("submit-within"))
    charged = e.FeeCharged(kind="registration", amount=1, currency="GBP")
    one, other = (addressed(CASE, version, charged, registered())[0].id for version in (2, 3))
    assert one != other
    assert one != addressed(CASE[:-1] + "b", 2, charged, registered())[0].id


def test_what_is_no_case_and_no_matter_sends_nothing():
    assert recipients(reminder("submit-within"), None, "person-aaaaaaaaaaaaaaaa") == []


def test_a_question_stands_until_it_is_answered_and_an_assignment_until_it_ends():
    case = accepted()
    question = beside.QuestionAsked(number=1, assessor=ADA.id, text=text("Which year?"))
    asked = after(case, [question])
    answered = after(asked, [beside.QuestionAnswered(number=1, text=text("The second."))])
    assert still_stands(question, asked, asked)
    assert not still_stands(question, asked, answered)

    given = e.AssessorAssigned(assessor=ADA.id, considered=(), clock=case.clock)
    left = after(case, [e.AssignmentEnded(assessor=ADA.id, reason="conflict")])
    assert still_stands(given, case, case)
    assert not still_stands(given, case, left)


def test_a_reminder_stands_as_long_as_its_date_runs_also_one_sent_before_its_time():
    case = preparing(registered())
    early = reminder(case.clock.rule)
    running_one = ReminderSent(rule=case.clock.rule, due_at=case.clock.due_at, planned_for=NOON)
    over = after(case, [e.SubmissionWithdrawn(reason=WHY)])

    assert still_stands(running_one, case, case)
    assert not still_stands(early, case, case)
    assert not still_stands(running_one, case, over)
    assert not still_stands(LetterSentNow(letter=LETTER, reason=WHY, planned=running_one), case, over)
    assert running(over) == set()
    assert still_stands(e.FeeWaived(kind="registration", reason=WHY), case, over)


def test_a_letter_that_is_held_twice_is_held_once_and_released_only_if_it_is_held():
    [held] = hold(frozenset(), letter=LETTER, state=QUEUED, reason=WHY)
    assert held == LetterHeldBack(letter=LETTER, reason=WHY)
    assert hold(held_back([held]), letter=LETTER, state=QUEUED, reason=WHY) == []
    assert release(frozenset(), letter=LETTER, reason=WHY) == []
    [released] = release(held_back([held]), letter=LETTER, reason=WHY)
    assert released == LetterReleased(letter=LETTER, reason=WHY)
    assert held_back([held, released]) == frozenset()
    assert held_back([held, LetterSentNow(letter=LETTER, reason=WHY)]) == frozenset()


@pytest.mark.parametrize("state", [SENDING, SENT, BOUNCED])
def test_what_is_on_its_way_or_has_gone_is_not_held_back(state: str):
    with refused("letter-waits", field="letter"):
        hold(frozenset(), letter=LETTER, state=state, reason=WHY)


def test_nobody_is_told_of_a_date_before_it_has_passed():
    with refused("letter-waits", field="letter"):
        send_now(letter=LETTER, state=PLANNED, planned=None, reason=WHY)
    [sent] = send_now(letter=LETTER, state=PLANNED, planned=reminder("submit-within"), reason=WHY)
    assert recipients(sent, registered())[0][0] == "reminder"
    assert recipients(LetterSentNow(letter=LETTER, reason=WHY), registered()) == []


def test_only_what_was_sent_comes_back_and_once():
    with refused("letter-waits", field="letter"):
        bounce(letter=LETTER, state=QUEUED, reason=WHY)
    assert bounce(letter=LETTER, state=SENT, reason=WHY) == [LetterBounced(letter=LETTER, reason=WHY)]
    assert bounce(letter=LETTER, state=BOUNCED, reason=WHY) == []


def test_placeholders_are_filled_once_and_others_are_named():
    assert fill("{programme} by {nobody}", {"programme": "{page}"}) == "{page} by {nobody}"
    assert unknown_in("{programme} {level} {} {level} {programme!r}", "returned") == ["{level}", "{}", "{programme!r}"]
