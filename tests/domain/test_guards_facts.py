"""Facts along a case's events: how long it stayed where, who spent how long on it, and what a panel made of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from domain.appeal.events import AppealWithdrawn
from domain.calibration import BlindJudgementRecorded, CalibrationAssigned, CalibrationCompleted
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.figures.facts import FOLLOWED, Case, Facts, Stay
from domain.learning import QuestionnaireAnswered, QuestionnaireSent
from domain.meeting import MeetingOpened, MinutesSigned
from domain.provider import ContactNamed, ProviderRegistered
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import visit_events as v
from domain.submission.moderation import RESULTS
from tests.domain import appealing, complaining, given
from tests.domain.given import ADA, CASE, DAY, LEAD, NOON, PROVIDER, conflicted, member, text

MEETING, MARKING, LEARNING = "meeting-a", "calibration-a", "learning-a"
BEN, CHAIR = "person-ben", "person-chair"
LATER = NOON + 10 * DAY


@dataclass(frozen=True, slots=True)
class Noted:
    """An event of a log."""

    stream: str
    event: Any
    at: datetime = NOON


def clock(rule: str = "some-within", due_at: datetime = LATER) -> Deadline:
    return Deadline(rule=rule, due_at=due_at, remind_at=())


REGISTERED = given.registered().registration


def judged(**levels: str) -> list[Any]:
    return [
        e.JudgementRecorded(criterion=f"{code[1]}.{code[2]}", level=level, rationale=text("so"), cites=())
        for code, level in levels.items()
    ]


def taken_up(meeting: str = MEETING) -> e.ModerationStarted:
    return e.ModerationStarted(meeting=meeting, chair=CHAIR, panel=(CHAIR,), results=clock(RESULTS), review_from=NOON)


def confirmed(code: str = "1.1", level: str = "high") -> e.JudgementConfirmed:
    return e.JudgementConfirmed(criterion=code, level=level)


def changed(code: str = "1.1", level: str = "low") -> e.JudgementChanged:
    return e.JudgementChanged(criterion=code, before="high", level=level, reason=text("no"))


ASSIGNED = e.AssessorAssigned(assessor=ADA.id, considered=(), clock=clock("accept-within"))
COMPLETED = e.AssessmentCompleted(assessor=ADA.id, minutes_spent=90, strengths=(), areas=(), clock=clock())
DECIDED = e.DecisionRecorded(outcome="awarded", level="marked", unmet=(), chair=CHAIR)
TOLD = e.ResultReleased(outcome="awarded")
ASSESSED = (REGISTERED, ASSIGNED, *judged(c11="high", c12="low"), COMPLETED)
ADJOURNED = e.ItemAdjourned(meeting=MEETING, reason=None, clock=clock())
ASKED = e.EvidenceRequested(criteria=("1.1",), wanted=text("more"), clock=clock("evidence-within"), results_left=9.0)


def followed(*events: Any, known: Facts | None = None, stream: str = CASE) -> Facts:
    facts = known or Facts()
    for number, event in enumerate(events):
        facts.follow(event if isinstance(event, Noted) else Noted(stream, event, NOON + number * DAY))
    return facts


def case(*events: Any) -> Case:
    return followed(*events).cases[CASE]


# -- which events, and whose -------------------------------------------------------------------------------------------


def test_facts_follow_from_what_happens_and_not_from_what_was_said_of_clocks():
    assert {e.ProgrammeRegistered, AppealWithdrawn, MinutesSigned, ProviderRegistered} <= set(FOLLOWED)
    assert not {ReminderSent, DeadlineMissed} & set(FOLLOWED)


def test_a_case_of_which_nothing_is_known_from_its_beginning_is_no_fact():
    assert followed(TOLD).cases == {}


def test_its_provider_type_is_that_of_its_registration_or_else_the_providers_own():
    provider = ProviderRegistered(provider=PROVIDER, provider_type="trust", size_band="small")
    known = (Noted(PROVIDER, provider), Noted(PROVIDER, ContactNamed(person=LEAD)))

    assert followed(*known, replace(REGISTERED, provider_type="")).cases[CASE].provider_type == "trust"
    assert followed(*known, replace(REGISTERED, provider_type="charity")).cases[CASE].provider_type == "charity"
    assert case(replace(REGISTERED, provider_type="")).provider_type == ""


def test_an_outcome_stands_once_it_was_told_and_was_not_set_aside():
    assert case(*ASSESSED, taken_up(), DECIDED).outcome is None
    assert case(*ASSESSED, taken_up(), DECIDED, TOLD).outcome == "awarded"
    assert case(*ASSESSED).outcome is None


def test_a_result_that_is_told_again_was_told_the_first_time():
    assert case(REGISTERED, TOLD, TOLD).told_at == NOON + DAY


# -- stages ------------------------------------------------------------------------------------------------------------


def test_each_stage_lasts_until_the_next_and_has_the_clock_that_it_was_left_with():
    found = case(REGISTERED, e.PreparationStarted(), e.SubmissionWithdrawn(reason=text("no")))

    assert found.stays == [
        Stay("registered", NOON, NOON + DAY, REGISTERED.clock.due_at),
        Stay("preparing", NOON + DAY, NOON + 2 * DAY, REGISTERED.clock.due_at),
        Stay("withdrawn", NOON + 2 * DAY),
    ]


def test_what_changes_no_stage_ends_none_and_a_stage_without_a_clock_had_none():
    found = case(REGISTERED, e.FeePaid(kind="registration", amount=1), e.ScreeningPassed(), ASSIGNED, taken_up())

    assert [(one.stage, one.due_at) for one in found.stays] == [
        ("registered", REGISTERED.clock.due_at), ("in_assessment", LATER), ("in_moderation", None),
    ]  # fmt: skip
    unclocked = case(REGISTERED, e.ScreeningPassed(), taken_up())
    assert [one.due_at for one in unclocked.stays] == [REGISTERED.clock.due_at, None, None]


def test_the_time_decided_ends_when_the_result_is_told_and_does_so_once():
    found = case(REGISTERED, DECIDED, TOLD, TOLD, e.FeePaid(kind="registration", amount=1))

    assert [(one.stage, one.until) for one in found.stays] == [
        ("registered", NOON + DAY), ("decided", NOON + 2 * DAY),
    ]  # fmt: skip


# -- what a panel made of it -------------------------------------------------------------------------------------------


def pairs(*events: Any) -> dict[str, tuple[str, str]] | None:
    moderated = case(*ASSESSED, *events).moderated
    return moderated.pairs if moderated else None


def test_a_moderation_is_what_the_panel_made_of_what_the_assessor_judged():
    assert pairs(taken_up(), changed(), confirmed("1.2", "low"), confirmed("2.1", "low"), DECIDED) == {
        "1.1": ("high", "low"),
        "1.2": ("low", "low"),
    }
    assert pairs(taken_up(), changed()) is None


def test_what_the_panel_asked_about_says_nothing_of_the_assessor():
    assert pairs(taken_up(), confirmed(), ASKED, changed(), changed("1.2", "high"), DECIDED) == {
        "1.1": ("high", "high"), "1.2": ("low", "high"),
    }  # fmt: skip


@pytest.mark.parametrize("again", [ADJOURNED, taken_up("meeting-b")], ids=["adjourned", "taken-up-again"])
def test_a_panel_that_begins_again_begins_with_nothing(again: Any):
    assert pairs(taken_up(), changed(), again, confirmed("1.2", "low"), DECIDED) == {"1.2": ("low", "low")}


def test_a_moderation_that_was_set_aside_is_none():
    aside = r.ModerationSetAside(appeal="appeal-a", contested="result", excluded=(), clock=clock())

    assert pairs(taken_up(), changed(), DECIDED, aside) is None
    assert pairs(taken_up(), changed(), DECIDED, r.AssessmentSetAside(appeal="appeal-a", excluded=())) is None


def test_a_decision_without_an_assessor_is_no_moderation_of_anybody():
    assert case(REGISTERED, taken_up(), confirmed(), DECIDED).moderated is None


# -- minutes -----------------------------------------------------------------------------------------------------------


def test_minutes_are_added_up_by_who_spent_them():
    visit = v.VisitHeld(assessor=ADA.id, met=(), minutes_spent=120, recommendation=None, clock=clock())
    found = case(*ASSESSED, visit)

    assert (found.minutes, found.assessed_at) == ({"assessor": 210}, NOON + 4 * DAY)


def blind(*events: Any, submission: str = CASE) -> list[Noted]:
    begun = CalibrationAssigned(
        calibration=MARKING, submission=submission, scheme="test-mark@1", provider=PROVIDER, criteria=("1.1",),
        scale=("low", "high"), assessor=BEN, considered=(), clock=clock(),
    )  # fmt: skip
    seen = BlindJudgementRecorded(criterion="1.1", level="low", rationale=text("so"), cites=())
    return [Noted(MARKING, one, LATER) for one in (begun, seen, *events)]


def test_a_blind_marking_counts_when_it_is_completed_and_for_a_case_that_is_known():
    done = CalibrationCompleted(assessor=BEN, minutes_spent=80)

    begun = followed(REGISTERED, *blind())
    assert (begun.cases[CASE].minutes, begun.markings[CASE].completed_at) == ({}, None)
    marked = followed(REGISTERED, *blind(done))
    assert (marked.cases[CASE].minutes, marked.markings[CASE].completed_at) == ({"second-assessor": 80}, LATER)
    elsewhere = followed(REGISTERED, *blind(done, submission="submission-else"))
    assert (elsewhere.cases[CASE].minutes, set(elsewhere.markings)) == ({}, {"submission-else"})


def answered(role: str = "provider", learning: str = LEARNING) -> Noted:
    said: Any = {"person": LEAD, "role": role, "scores": (), "comment": None, "minutes_spent": 30, "ends": ()}
    return Noted(learning, QuestionnaireAnswered(**said))


def test_what_a_provider_says_it_spent_is_of_the_case_that_it_was_asked_about():
    sent = QuestionnaireSent(learning=LEARNING, case=CASE, scheme="test-mark@1", asked=(), sets=())
    known = (REGISTERED, Noted(LEARNING, sent))

    assert followed(*known, answered()).cases[CASE].minutes == {"provider": 30}
    for other in (answered(role="assessor"), answered(learning="learning-else")):
        assert followed(*known, other).cases[CASE].minutes == {}


def met(meeting: str = MEETING, there: int = 3, minutes: int = 60) -> list[Noted]:
    present = tuple(f"person-{one}" for one in range(there))
    return [Noted(meeting, one) for one in (MeetingOpened(present=present), MinutesSigned(minutes_spent=minutes))]


def test_a_meeting_spent_on_each_case_its_part_times_who_was_there():
    other = "submission-b"
    facts = followed(REGISTERED, taken_up(), ADJOURNED, taken_up(), *met(), *met("meeting-nobody"))
    assert facts.panel_minutes() == {CASE: 180}

    facts = followed(replace(REGISTERED, submission=other), taken_up(), known=facts, stream=other)
    assert facts.panel_minutes() == {CASE: 90, other: 90}
    assert facts.seen({CASE}).panel_minutes() == {CASE: 180}


def test_a_case_that_one_person_took_up_was_in_no_meeting():
    assert case(REGISTERED, taken_up("")).meetings == []
    assert followed(REGISTERED, taken_up("")).panel_minutes() == {CASE: 0}


# -- matters, and who sees what ----------------------------------------------------------------------------------------


def matters() -> Facts:
    """A submission, an appeal about its provider, and two complaints: one of another provider, one about people."""
    facts = followed(REGISTERED, *blind())
    facts = followed(appealing.lodged().lodging, known=facts, stream=appealing.APPEAL)
    for id, provider in (("complaint-a", "provider-b"), ("complaint-b", PROVIDER)):
        said = {**complaining.SAID, "id": id, "provider": provider, "on_behalf_of": provider}
        raised = complaining.complaints.raise_complaint(complaining.Complaint(), **said)
        facts = followed(*raised, known=facts, stream=id)
    return facts


def test_matters_are_known_by_their_kind_and_when_they_were_decided():
    facts = matters()
    assert [one.id for one in facts.of_kind("appeal")] == [appealing.APPEAL]
    assert [one.id for one in facts.of_kind("complaint")] == ["complaint-a", "complaint-b"]
    assert [one.decided_at for one in facts.matters.values()] == [None] * 3

    facts = followed(Noted(appealing.APPEAL, appealing.upheld().decided, LATER), known=facts)
    assert [(one.began_at, one.decided_at) for one in facts.of_kind("appeal")] == [(NOON, LATER)]


def test_of_what_is_seen_only_that_is_left():
    seen = matters().seen({CASE, "complaint-a"})

    assert (list(seen.cases), list(seen.matters), list(seen.markings)) == ([CASE], ["complaint-a"], [CASE])
    assert matters().seen(()) == replace(Facts(), _meetings={})


def test_nobody_sees_what_is_of_a_provider_with_which_they_have_a_conflict_or_a_complaint_about_them():
    facts = matters()

    def seen(person: Any) -> set[str]:
        return facts.visible_to(person, NOON)

    assert seen(complaining.HAL) == {CASE, appealing.APPEAL, "complaint-a", "complaint-b"}
    assert seen(conflicted(complaining.HAL)) == {"complaint-a"}
    assert seen(member("ada")) == {CASE, appealing.APPEAL}
