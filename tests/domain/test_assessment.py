"""Assignment and assessment: one assessor, by rule; each criterion judged with a rationale that cites evidence."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.person import Person
from domain.submission import assessment
from domain.submission import events as e
from domain.submission.assessment import Finding
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    CHAIR,
    DAY,
    NOON,
    SCHEME,
    SECOND,
    STAGES,
    after,
    all_at,
    conflicted,
    refused,
    text,
)

LATER = NOON + 34 * DAY


def assign(case: Submission, *people: Person, days: int = 32) -> tuple[list[e.SubmissionEvent], Person | None]:
    return assessment.assign(case, scheme=SCHEME, assessors=people, at=NOON + days * DAY)


def judge(case: Submission, by: Person = ADA, **findings: Any) -> list[e.SubmissionEvent]:
    """Judge some criteria: `judge(case, c11=Finding(...))`."""
    named = {f"{name[1]}.{name[2]}": one for name, one in findings.items()}
    return assessment.judge(case, by=by, scheme=SCHEME, findings=named)


def finding(level: str = "high", why: str | None = "It shows", cites: tuple[str, ...] | None = None) -> Finding:
    own = (given.file("1.1").sha256,) if cites is None else cites
    return Finding(level=level, reason=text(why) if why else None, cites=own)


def test_the_rule_assigns_and_keeps_who_was_considered():
    [event], chosen = assign(given.in_assessment(), conflicted(BEN), ADA)

    assert isinstance(event, e.AssessorAssigned)
    assert (event.assessor, chosen) == (ADA.id, ADA)
    assert {one.person: one.verdict for one in event.considered} == {
        ADA.id: "chosen",
        BEN.id: "conflict with the provider",
    }
    assert event.clock.rule == "accept-within"


def test_that_nobody_is_eligible_is_recorded_once_until_it_is_time_to_look_again():
    case = given.in_assessment()
    [event], chosen = assign(case, conflicted(ADA), days=32)
    assert isinstance(event, e.NobodyEligible)
    assert chosen is None
    stuck = after(case, [event])

    assert assign(stuck, conflicted(ADA), days=32) == ([], None)
    assert isinstance(assign(stuck, conflicted(ADA), days=33)[0][0], e.NobodyEligible)
    assert assign(stuck, BEN, days=32)[1] is BEN


@pytest.mark.parametrize("stage", given.all_but("in_assessment"))
def test_nobody_is_assigned_where_nobody_is_wanted(stage: str):
    assert assign(STAGES[stage](), BEN) == ([], None)


def test_the_assigned_assessor_accepts_once_and_the_assessment_is_due_with_reminders():
    case = given.assigned()

    [event] = assessment.accept(case, by=ADA, scheme=SCHEME, at=NOON)

    assert isinstance(event, e.AssignmentAccepted)
    assert event.clock.rule == "assess-within"
    assert len(event.clock.remind_at) == 1
    assert assessment.accept(given.accepted(), by=ADA, scheme=SCHEME, at=NOON) == []


ASSESSORS_OWN: list[Callable[[Submission, Person], Any]] = [
    lambda case, by: assessment.accept(case, by=by, scheme=SCHEME, at=LATER),
    lambda case, by: judge(case, by, c11=finding()),
    lambda case, by: assessment.complete(case, by=by, scheme=SCHEME, minutes_spent=9, at=LATER),
]


@pytest.mark.parametrize("act", ASSESSORS_OWN)
@pytest.mark.parametrize("stage", ["in_assessment", "assigned", "accepted", "judged", "assessed", "decided"])
def test_nobody_but_the_assigned_assessor_assesses(act: Callable[[Submission, Person], Any], stage: str):
    with refused("assigned-assessor", field="actor"):
        act(STAGES[stage](), BEN)
    with refused("assigned-assessor", field="actor"):
        assessment.decline(STAGES[stage](), by=BEN)


@pytest.mark.parametrize("act", ASSESSORS_OWN)
@pytest.mark.parametrize("stage", ["assigned", "accepted", "judged"])
def test_a_conflict_declared_stops_the_assessor_at_once(act: Callable[[Submission, Person], Any], stage: str):
    with refused("conflict-of-interest", field="actor"):
        act(STAGES[stage](), conflicted(ADA))


@pytest.mark.parametrize("stage", ["assigned", "accepted", "judged"])
def test_an_assessor_gives_a_case_back_before_it_is_done_also_with_a_conflict(stage: str):
    case = STAGES[stage]()

    back = after(case, assessment.decline(case, by=conflicted(ADA)))

    assert (back.assessor, back.judgements, back.first, back.clock) == (None, {}, {}, None)
    assert back.former_assessors == {ADA.id}
    assert assessment.decline(back, by=ADA) == []
    assert assign(back, ADA, BEN)[1] is BEN


def withdrawn_while(stage: str) -> Submission:
    return given.withdrawn(STAGES[stage]())


@pytest.mark.parametrize("stage", ["assigned", "accepted", "judged", "assessed", "in_moderation"])
def test_once_a_case_is_withdrawn_its_assessor_can_do_nothing_more_with_it(stage: str):
    case = withdrawn_while(stage)

    with refused("stage-order", field="submission"):
        assessment.decline(case, by=ADA)
    with refused("stage-order", field="submission"):
        judge(case, c11=finding("low"))
    if not case.accepted:
        with refused("stage-order", field="submission"):
            assessment.accept(case, by=ADA, scheme=SCHEME, at=LATER)
    if not case.assessed:
        with refused("stage-order", field="submission"):
            assessment.complete(case, by=ADA, scheme=SCHEME, minutes_spent=9, at=LATER)


@pytest.mark.parametrize("stage", ["assigned", "accepted"])
def test_a_case_is_taken_from_who_does_not_answer_or_assess_in_time_and_not_a_second_before(stage: str):
    case = STAGES[stage]()
    assert case.clock
    due = case.clock.due_at

    assert assessment.take_back(case, reason="overdue", at=due - SECOND) == []
    [event] = assessment.take_back(case, reason="overdue", at=due)

    assert event == e.AssignmentEnded(assessor=ADA.id, reason="overdue")
    assert assessment.take_back(after(case, [event]), reason="overdue", at=due) == []


@pytest.mark.parametrize("stage", given.all_but("assigned", "accepted", "judged"))
def test_no_case_is_taken_from_anyone_at_another_stage(stage: str):
    assert assessment.take_back(STAGES[stage](), reason="overdue", at=NOON + 9999 * DAY) == []


def test_who_accepted_keeps_the_case_though_a_process_learns_of_it_late():
    case = given.accepted()
    assert case.clock

    assert assessment.take_back(case, reason="not-answered", at=case.clock.due_at) == []
    assert assessment.take_back(case, reason="overdue", at=case.clock.due_at)


def test_judging_comes_after_accepting():
    with refused("accept-first", field="submission"):
        judge(given.assigned(), c11=finding())


def test_criteria_are_judged_one_by_one_or_together():
    case = given.accepted()

    case = after(case, judge(case, c11=finding("low")))
    case = after(case, judge(case, c12=finding("high"), c21=finding("middle")))

    assert case.judgements == {"1.1": "low", "1.2": "high", "2.1": "middle"}


@pytest.mark.parametrize(
    ("findings", "rule", "field"),
    [
        ({"c99": finding()}, "scheme-criteria", "judgements.9.9"),
        ({"c11": finding("top")}, "scheme-scale", "judgements.1.1.level"),
        ({"c11": finding("")}, "scheme-scale", "judgements.1.1.level"),
        ({"c11": finding(why=None)}, "judgement-rationale", "judgements.1.1.reason"),
        ({"c11": finding(cites=())}, "judgement-cites-evidence", "judgements.1.1.cites"),
        ({"c11": finding(cites=("f" * 64,))}, "judgement-cites-evidence", "judgements.1.1.cites"),
        ({"c11": finding(cites=("see the annex",))}, "judgement-cites-evidence", "judgements.1.1.cites"),
    ],
)
def test_a_judgement_is_on_the_scale_with_a_rationale_that_cites_the_portfolio(
    findings: dict[str, Finding], rule: str, field: str
):
    with refused(rule, field=field):
        judge(given.accepted(), c12=finding(), **findings)


def test_where_the_portfolio_has_no_files_nothing_is_cited():
    case = given.accepted(given.assigned(given.in_assessment(given.screening(given.submitted(evidence=[])))))

    assert judge(case, c11=finding(cites=()))
    with refused("judgement-cites-evidence"):
        judge(case, c11=finding())


def test_a_criterion_that_is_not_judged_in_this_submission_is_refused():
    light = given.registered(follows=given.released(), accreditation=given.AWARD)
    case = given.accepted(given.assigned(given.in_assessment(given.screening(given.submitted(light)))))

    with refused("judged-criteria", field="judgements.1.1", match=r"2\.1"):
        judge(case, c11=finding())


def test_a_judgement_may_be_revised_until_the_assessment_is_complete_also_in_its_rationale_alone():
    case = given.accepted()
    case = after(case, judge(case, c11=finding("low", "At first sight")))

    assert judge(case, c11=finding("low", "At first sight")) == []
    [reworded] = judge(case, c11=finding("low", "On reflection"))
    assert isinstance(reworded, e.JudgementRecorded)
    assert reworded.rationale == text("On reflection")
    assert after(case, judge(case, c11=finding("high"))).judgements["1.1"] == "high"


@pytest.mark.parametrize("stage", ["assessed", "in_moderation", "asked", "in_review", "decided", "released"])
def test_once_the_assessment_is_complete_the_assessor_judges_no_more(stage: str):
    with refused("stage-order", field="submission"):
        judge(STAGES[stage](), c11=finding("low"))
    assert assessment.complete(STAGES[stage](), by=ADA, scheme=SCHEME, minutes_spent=9, at=LATER) == []


def test_an_assessment_is_complete_when_every_criterion_is_judged():
    case = given.accepted()
    case = after(case, judge(case, c11=finding()))

    with refused("every-criterion-judged", field="judgements", match=r"1\.2, 2\.1"):
        assessment.complete(case, by=ADA, scheme=SCHEME, minutes_spent=90, at=LATER)


@pytest.mark.parametrize("minutes", [0, -5])
def test_an_assessment_took_time(minutes: int):
    with refused("minutes-spent", field="minutes_spent"):
        assessment.complete(given.judged(), by=ADA, scheme=SCHEME, minutes_spent=minutes, at=LATER)


def test_what_is_at_the_top_of_the_scale_is_a_strength_and_the_rest_is_for_consideration():
    case = given.assessed(None, all_at("high", c12="middle"))

    assert (case.strengths, case.areas) == (("1.1", "2.1"), ("1.2",))
    assert case.stage is Stage.AWAITING_MODERATION
    assert case.clock
    assert case.clock.rule == "moderate-within"


def test_the_next_assessor_begins_afresh():
    case = given.judged()
    case = after(case, assessment.decline(case, by=ADA))

    again = given.assessed(given.accepted(given.assigned(case, to=BEN), by=BEN), all_at("low"), by=BEN)

    assert again.judgements == all_at("low")
    assert again.former_assessors == {ADA.id}
    assert CHAIR.id != again.assessor == BEN.id


def test_an_assessor_names_areas_for_consideration_whatever_their_level():
    said = {"by": ADA, "scheme": SCHEME, "minutes_spent": 60, "at": NOON}
    case = given.judged(levels=all_at("high", c12="middle"))

    [event] = assessment.complete(case, **said, areas=["2.1"])

    assert isinstance(event, e.AssessmentCompleted)
    assert (event.strengths, event.areas, event.named) == (("1.1",), ("1.2", "2.1"), ("2.1",))
    with refused("scheme-criteria", field="areas"):
        assessment.complete(case, **said, areas=["9.9"])
    light = given.registered(follows=given.released(), accreditation=given.AWARD)
    with refused("judged-criteria", field="areas"):
        assessment.named_areas(light, SCHEME, ["1.1"])
