"""Every kind of event has a sentence in plain words, in which people, texts and instants stand as tokens."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from domain.accreditation import AwardAnnulled, PeriodAgain
from domain.clocks import ReminderSent
from domain.events import NAMES
from domain.person import WorkTaken
from domain.scheme import Clocks
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import visit_events as v
from domain.submission.side_events import FeeRefunded
from projections import words
from projections.sentences import sentence
from tests.projections.given import ADA, BEN, CASE, CHAIR, NOON, Log, due, moderation_started, submitted, text

KINDS = {"person", "provider", "text", "time", "submission", "window", "meeting", "case", "appeal"}
VALUES = {
    "assessor": "person-a",
    "chair": "person-c",
    "panel": "person-p",
    "person": "person-x",
    "present": "person-y",
    "lead_contact": "person-l",
    "stream": "submission-s",
    "follows": "submission-f",
    "items": "submission-i",
    "last_window": "window-l",
    "submission": "submission-a",
    "provider": "provider-a",
    "window": "window-a",
    "meeting": "meeting-a",
    "accreditation": "accreditation-a",
    "appeal": "appeal-a",
    "excluded": "person-e",
    "recorded_by": "person-r",
    "criterion": "2.1",
    "indicator": "2.1.a",
    "criteria": "2.1",
    "strengths": "2.1",
    "unmet": "2.1",
    "scheme": "cpd-qa@1",
    "currency": "GBP",
    "lacking": "practice",
}
"""What stands in the fields of these names; in others is `some_value`, which is to be put into words."""


def example(kind: Any, name: str = "") -> Any:
    """A value of a type, for the field `name` of an event."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        given = {field.name: example(hints[field.name], field.name) for field in fields(kind)}
        return kind(**given | ({"id": "text-a"} if kind.__name__ == "TextRef" else {}))
    if isinstance(kind, UnionType):
        return example(get_args(kind)[0], name)
    if get_origin(kind) is tuple:
        return tuple(example(one, name) for one in get_args(kind) if one is not ...)
    if kind is str:
        return VALUES.get(name, "some_value")
    return {int: 3, float: 3.0, bool: True, datetime: NOON}[kind]


def said(event: Any) -> str:
    log = Log()
    log.add(CASE, event)
    return sentence(log.events[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_event_has_a_sentence_in_plain_words(name: str):
    spoken = said(example(NAMES[name]))

    assert {kind for kind, _ in words.tokens(spoken)} <= KINDS
    plain = words.resolve(spoken, lambda kind, _: kind)
    assert not re.search(r"[{}\[\]<>_=]|None|True|False|datetime|tuple|\d{4}-\d\d-\d\d", plain), plain
    assert not re.search(r"\b(person|provider|text|submission|window|meeting|accreditation|appeal)-", plain), plain
    assert plain.endswith((".", ": text")), plain
    assert "  " not in plain


def test_a_changed_judgement_says_from_what_to_what_and_why():
    changed = e.JudgementChanged(criterion="2.1", before="partially_met", level="met", reason=text("reason"))

    assert said(changed) == "Judgement on 2.1 changed in moderation from *partially met* to *met*: {text:text-reason}"


def test_money_that_goes_back_because_of_an_appeal_says_so():
    waived = e.FeeWaived(kind="submission", reason=None, appeal="appeal-a")
    back = FeeRefunded(kind="submission", amount=5000, reason=None, appeal="appeal-a")

    assert said(waived) == "The submission fee was waived, because of {appeal:appeal-a}."
    assert said(back) == "50.00 of the submission fee were given back, because of {appeal:appeal-a}."
    assert said(replace(waived, reason=text("why"), appeal=None)) == "The submission fee was waived: {text:text-why}"


def test_an_award_annulled_says_what_is_left():
    gone = AwardAnnulled(submission=CASE, appeal="appeal-a", annulled_from=NOON, later=(), clock=None)
    left = PeriodAgain(submission="b", scheme="s@1", level="bronze", strengths=(), starts_at=NOON, ends_at=NOON)

    assert said(gone).endswith("and nothing of the accreditation is left.")
    assert "valid at the level *bronze* until" in said(replace(gone, later=(left,)))


def test_a_remedy_says_what_is_done_again_and_without_whom():
    clock = due("moderate-within", 30)
    again = r.ModerationSetAside(appeal="appeal-a", contested="result", excluded=(BEN,), clock=clock)
    deadline = "{time:2026-04-01T12:00:00+00:00}"

    assert said(again) == (
        "Because of {appeal:appeal-a} the result is set aside, and is to be moderated again"
        f" by {deadline}, without {{person:person-ben}}."
    )
    assert said(replace(again, contested="ineligible", excluded=(), reason=text("why"))) == (
        f"Because of {{appeal:appeal-a}} the programme counts as eligible and is to be moderated by {deadline}:"
        " {text:text-why}"
    )


def test_a_meeting_names_its_people_as_a_list():
    assert words.people([ADA]) == "{person:person-ada}"
    assert words.people([ADA, BEN, CHAIR]) == "{person:person-ada}, {person:person-ben} and {person:person-chair}"


def test_who_moderates_alone_is_named_and_no_meeting_is():
    alone = replace(moderation_started(), meeting="", panel=(CHAIR,))

    assert said(alone) == (
        "{person:person-chair} took the submission up alone, as its independent moderator;"
        " the result is due by {time:2026-03-23T12:00:00+00:00}."
    )


def test_a_visit_says_who_was_met_and_what_was_recommended():
    held = v.VisitHeld(
        assessor=ADA, met=("head", "staff"), minutes_spent=60, recommendation=None, clock=due("assess-within", 1)
    )

    assert "met head and staff and recommended no award" in said(held)
    assert "an award at the level *gold*" in said(replace(held, recommendation="gold"))


def test_what_has_no_window_names_none():
    assert "{window:" not in said(submitted(window=""))
    assert "{window:" not in said(WorkTaken(submission=CASE, window="at-a-time-cpd-mark"))
    provisional = v.AssessmentBooked(visit_at=NOON, provisional=True, clock=None)
    assert said(provisional) == "A provisional date of the assessment was agreed: {time:2026-03-02T12:00:00+00:00}."


def test_an_item_that_the_minutes_left_out_says_so():
    left = e.ItemAdjourned(meeting="meeting-a", reason=None, clock=due("moderate-within", 1))

    assert said(left).endswith("since the minutes were signed without it.")


def test_a_reminder_says_what_it_stands_for():
    spoken = said(
        ReminderSent(
            rule="earn-again-before-end", due_at=NOON, planned_for=NOON, overtaken=2, last_window="window-spring"
        )
    )

    assert spoken == (
        "A reminder was sent: the deadline for earning the accreditation again is {time:2026-03-02T12:00:00+00:00}."
        " It stands for 2 earlier reminders too. The last window still of use is {window:window-spring}."
    )


def test_a_fee_is_said_in_whole_money():
    assert said(e.FeeCharged(kind="registration", amount=157500, currency="GBP")) == (
        "The registration fee of 1,575.00 GBP fell due."
    )


def test_every_clock_of_a_scheme_has_words():
    others = {"validity", "final-review-after"}  # no deadlines of their own
    rules = {name.replace("_", "-") for name in Clocks.__dataclass_fields__ if not name.startswith("remind_")} - others

    assert rules <= words.TASKS.keys()


def test_tokens_are_found_and_put_into_words_by_whoever_may():
    spoken = "{person:person-ada} wrote “{text:text-1}” by {time:2026-03-02T12:00:00+00:00}"

    assert words.tokens(spoken) == [
        ("person", "person-ada"),
        ("text", "text-1"),
        ("time", "2026-03-02T12:00:00+00:00"),
    ]
    assert words.resolve(spoken, lambda kind, _: kind.upper()) == "PERSON wrote “TEXT” by TIME"
