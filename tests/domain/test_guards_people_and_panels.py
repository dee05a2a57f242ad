"""Guards of people, assessment and panels, each at its edge: what would still pass if the condition were turned round."""

import pytest

from domain import meeting as meetings
from domain import person
from domain.person import AvailabilitySet, NonDisclosureSigned, Person, PersonRegistered, RoleGiven
from domain.submission import assessment, moderation
from domain.submission import events as e
from domain.submission.assessment import Finding
from tests.domain import given
from tests.domain.given import ADA, CHAIR, NOON, PANEL, SCHEME, WINDOW, refused

LATER = NOON.replace(year=NOON.year + 2)
NEWCOMER = person.evolve(Person(), PersonRegistered(person="person-newcomer"))


def test_what_a_person_has_not_yet_is_recorded():
    assert person.give_role(NEWCOMER, role="officer", scheme=None, at=NOON) == [RoleGiven(role="officer", scheme=None)]
    assert person.sign_non_disclosure(NEWCOMER) == [NonDisclosureSigned()]
    assert person.set_availability(NEWCOMER, available=False) == [AvailabilitySet(available=False)]


def test_what_a_person_has_already_is_not():
    held = given.fold(person.evolve, NEWCOMER, [RoleGiven(role="officer", scheme=None), NonDisclosureSigned()])

    assert person.give_role(held, role="officer", scheme=None, at=NOON) == []
    assert person.sign_non_disclosure(held) == []
    assert person.set_availability(held, available=True) == []


def test_an_assessment_counts_towards_the_round_of_its_window():
    assert assessment.round_of(given.submitted()) == WINDOW
    assert assessment.round_of(given.registered()).startswith(assessment.AT_A_TIME)


def test_nothing_is_taken_back_where_nobody_has_the_case():
    nobody, _ = assessment.assign(given.in_assessment(), scheme=SCHEME, assessors=[], at=NOON)
    waiting = given.after(given.in_assessment(), nobody)

    assert waiting.clock is not None
    assert assessment.take_back(waiting, reason="not-answered", at=LATER) == []


def test_a_minute_is_time():
    [done] = [
        one
        for one in assessment.complete(given.judged(), by=ADA, scheme=SCHEME, minutes_spent=1, at=LATER)
        if isinstance(one, e.AssessmentCompleted)
    ]
    assert done.minutes_spent == 1


@pytest.mark.parametrize(("cites", "said"), [((), "no evidence"), (("0" * 64,), "not in the portfolio")])
def test_a_refusal_tells_no_evidence_from_strange_evidence(cites: tuple[str, ...], said: str):
    finding = Finding(level=SCHEME.scale[-1], reason=given.text("It shows"), cites=cites)

    with refused("judgement-cites-evidence", match=said):
        assessment.judge(given.accepted(), by=ADA, scheme=SCHEME, findings={"1.1": finding})


@pytest.mark.parametrize("over", [True, False])
def test_a_refusal_tells_a_meeting_that_is_over_from_one_that_has_not_begun(over: bool):
    held = given.opened() if over else given.scheduled()
    if over:
        held = given.fold(meetings.evolve, held, [meetings.MinutesSigned(minutes_spent=9)])

    with refused("meeting-order", match="another meeting" if over else "opening it first"):
        moderation.start(given.assessed(), meeting=held, by=CHAIR, panel=PANEL, scheme=SCHEME, at=LATER)
