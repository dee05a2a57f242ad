"""Whatever sends a letter, everything that its standard words name has a value; a letter that can't be written holds up no other."""

from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import Accreditation
from domain.case_letters import LETTER_OF
from domain.clocks import DeadlineMissed, ReminderSent
from domain.letter_events import LetterSentNow
from domain.letter_words import COMMON, PLACEHOLDER
from domain.letters import STANDARD_OF
from domain.scheme_file import read_scheme
from domain.submission import events as e
from domain.submission.state import Submission
from infra.letters.facts import answer_in, facts
from infra.letters.writing import on_the_clock, standard
from tests.domain.given import NOON, SCHEME
from tests.factories import register
from tests.infra.letters.conftest import Posting
from tests.projections.test_sentences import example

ELSEWHERE = {*COMMON, "window", "answer"}
"""What is looked up in other places than the event."""
SENDING = [
    *((letter, kind) for kind, letter in {**LETTER_OF, **STANDARD_OF}.items()),
    ("reminder", ReminderSent),
    ("end-of-award", ReminderSent),
    ("overdue", DeadlineMissed),
]


def shown(at: datetime) -> str:
    return on_the_clock(at, "Europe/London")


def named(letter: str) -> set[str]:
    words = standard()[letter]
    return {found[1] for found in PLACEHOLDER.finditer(words.subject + words.text)}


@pytest.mark.parametrize(("letter", "kind"), SENDING, ids=[f"{letter}-{kind.__name__}" for letter, kind in SENDING])
def test_all_that_standard_words_name_has_a_value(letter: str, kind: type[Any]):
    event = example(kind)
    state = Accreditation() if kind.__module__.startswith("domain.accreditation") else Submission()

    found = facts(event, NOON, state, SCHEME, shown)

    assert named(letter) - ELSEWHERE <= found.keys()
    assert all(found.values())
    assert ("{answer}" in standard()[letter].text) == bool(answer_in(event))


@pytest.mark.parametrize(("outcome", "level"), [("awarded", "accredited"), ("not_awarded", None)], ids=["yes", "no"])
def test_a_result_says_outcome_level_and_until_when_one_may_appeal(outcome: str, level: str | None):
    decided = e.DecisionRecorded(outcome=outcome, level=level, unmet=() if level else ("1.2",), chair="person-c")
    state = Submission(outcome=decided)

    found = facts(e.ResultReleased(outcome=outcome), NOON, state, SCHEME, shown)

    letter = f"result-{outcome.replace('_', '-')}"
    assert named(letter) - ELSEWHERE <= found.keys()
    assert found["outcome"] == outcome.replace("_", " ")
    assert found["appeal_by"] == shown(SCHEME.calendar.due(NOON, SCHEME.assurance.appeals.lodge_within))


def test_what_is_sent_before_its_time_says_what_the_reminder_will():
    planned = ReminderSent(rule="submit-within", due_at=NOON, planned_for=NOON)
    early = LetterSentNow(letter="letter-aaaaaaaaaaaaaaaa", reason=example(LetterSentNow).reason, planned=planned)
    assert facts(early, NOON, Submission(), SCHEME, shown) == facts(planned, NOON, Submission(), SCHEME, shown)


def test_a_schemes_own_words_take_the_place_of_the_standard_ones_and_the_date_and_page_are_added(post: Posting):
    source = post.body.scheme.source + '\n[letters]\nregistered = "Welcome, {recipient}, with {programme}."\n'
    post.app.office.schemes[post.body.scheme.ref] = read_scheme(source)
    case = register(post.body)
    post.compose()
    post.send()

    [registered, charged] = post.letters(case)
    _, body = post.outbox.words(registered.id)
    assert "Welcome, Contact of" in body
    assert "is registered under" not in body
    assert "The deadline is" in body
    assert f"The page: http://127.0.0.1:8080/api/v1/cases/{case}" in body
    assert "No result ever changes a fee." in post.outbox.words(charged.id)[1]


def test_a_letter_that_can_not_be_written_is_given_up_and_the_others_go(post: Posting, monkeypatch: pytest.MonkeyPatch):
    case = register(post.body)
    post.compose()
    monkeypatch.setitem(standard(), "registered", None)  # type: ignore[arg-type]
    post.send()

    assert [(one.letter, one.state, one.reply) for one in post.letters(case)] == [
        ("registered", "failed", "not-written"),
        ("fee-charged", "sent", "file"),
    ]
