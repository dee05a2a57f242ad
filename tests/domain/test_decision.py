"""Decision, outcome report and release: the outcome is computed, the report says what is missing, then it is told."""

from dataclasses import replace
from typing import Any

import pytest

from domain.award import AwardLevel
from domain.scheme import Scheme
from domain.submission import assessment, decision, moderation
from domain.submission import events as e
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.awards import LEVELS
from tests.domain.given import (
    ADA,
    CHAIR,
    DAY,
    MIA,
    NOON,
    SCHEME,
    STAGES,
    after,
    all_at,
    conflicted,
    refused,
    sitting,
    text,
)


def judged_as(levels: dict[str, str]) -> Submission:
    return given.confirmed(given.in_moderation(given.assessed(None, levels)))


def decide(case: Submission) -> list[e.SubmissionEvent]:
    return decision.decide(case, **sitting())


def test_every_criterion_met_is_awarded_with_its_level_and_strengths():
    assert decide(judged_as(all_at("high"))) == [
        e.DecisionRecorded(
            outcome="awarded",
            level="marked",
            unmet=(),
            chair=CHAIR.id,
            strengths=("1.1", "1.2", "2.1"),
            areas=(),
        )
    ]


def test_one_criterion_short_is_not_awarded_and_named():
    assert decide(judged_as(all_at("high", c12="middle"))) == [
        e.DecisionRecorded(
            outcome="not_awarded",
            level=None,
            unmet=("1.2",),
            chair=CHAIR.id,
            strengths=("1.1", "2.1"),
            areas=("1.2",),
        )
    ]


LOW_ENOUGH = replace(LEVELS.awards[0], form="in-each-section", at_least=1, level="middle")


@pytest.mark.parametrize(
    ("scheme", "applies_for", "levels", "came_to"),
    [
        (LEVELS, None, all_at("middle", c12="high"), ("bronze", ("1.2",), ())),
        (LEVELS, None, all_at("high"), ("gold", ("1.1", "1.2", "2.1"), ())),
        (LEVELS, "bronze", all_at("high", c12="middle"), ("bronze", ("1.1", "2.1"), ())),
        (
            replace(LEVELS, award_choice="applied"),
            "gold",
            all_at("high", c12="middle"),
            (None, ("1.1", "2.1"), ("1.2",)),
        ),
        (replace(LEVELS, awards=(LOW_ENOUGH,)), None, all_at("middle", c12="low"), ("bronze", (), ("1.2",))),
        (LEVELS, None, all_at("middle", c12="low"), (None, (), ("1.2",))),
    ],
)
def test_strengths_are_above_what_the_level_awarded_asks_or_at_the_top_and_areas_below_it(
    scheme: Scheme,
    applies_for: str | None,
    levels: dict[str, str],
    came_to: tuple[str | None, tuple[str, ...], tuple[str, ...]],
):
    case = judged_as(levels)
    case = replace(case, registered=replace(case.registration, applies_for=applies_for))

    [decided] = decision.decide(case, **{**sitting(), "scheme": scheme})

    assert isinstance(decided, e.DecisionRecorded)
    assert (decided.level, decided.strengths, decided.areas) == came_to


def test_what_counts_is_what_the_panel_made_of_it():
    case = given.in_moderation(given.assessed(None, all_at("middle")))
    better = {code: given.Finding(level="high", reason=text(f"more {code}")) for code in SCHEME.criteria}

    case = after(case, moderation.moderate(case, **sitting(), findings=better))

    assert given.decided(case).outcome.outcome == "awarded"  # type: ignore[union-attr]


def test_there_is_no_decision_before_every_criterion_was_confirmed_or_changed():
    case = given.in_moderation()
    case = after(case, moderation.moderate(case, **sitting(), findings={"1.1": given.Finding(level="high")}))

    with refused("every-criterion-moderated", field="judgements", match=r"1\.2, 2\.1"):
        decide(case)


def test_nor_before_the_final_review_is_concluded():
    reviewing = given.confirmed(given.in_review(), at=NOON + 60 * DAY)

    with refused("review-before-decision", field="submission"):
        decide(reviewing)


def test_a_case_is_decided_once():
    assert decide(given.decided()) == []
    assert decide(given.released()) == []


@pytest.mark.parametrize("stage", given.all_but("in_moderation", "confirmed", "in_review", "reviewed", "decided", "approved", "released"))  # fmt: skip
def test_only_a_panel_that_has_the_case_before_it_decides(stage: str):
    with refused("stage-order", field="submission"):
        decide(STAGES[stage]())


SHORT = given.decided(judged_as(all_at("high", c11="low", c12="middle")))


def approve(case: Submission, **said: Any) -> list[e.SubmissionEvent]:
    given_ = {"by": CHAIR, "shortfalls": given.shortfalls(case), "at": NOON + 62 * DAY, **said}
    return decision.approve_report(case, scheme=SCHEME, **given_)


def lacking(*criteria: str, what: str = "practice") -> list[e.Shortfall]:
    return [e.Shortfall(criterion=code, lacking=what, missing=text(f"{code} lacks")) for code in criteria]


def test_the_report_says_of_each_unmet_criterion_what_is_missing_and_whether_evidence_or_practice():
    shortfalls = [*lacking("1.1", what="evidence"), *lacking("1.2", what="practice")]

    assert approve(SHORT, shortfalls=shortfalls) == [
        e.OutcomeReportApproved(chair=CHAIR.id, shortfalls=tuple(shortfalls), approved_at=NOON + 62 * DAY)
    ]
    [nothing_lacks] = approve(given.decided())
    assert isinstance(nothing_lacks, e.OutcomeReportApproved)
    assert nothing_lacks.shortfalls == ()


@pytest.mark.parametrize(
    "shortfalls",
    [[], lacking("1.1"), lacking("1.1", "1.2", "2.1"), lacking("1.1", "1.2", "1.2"), lacking("1.1", "1.1")],
)
def test_a_report_that_leaves_one_out_or_says_too_much_is_refused(shortfalls: list[e.Shortfall]):
    with refused("report-complete", field="lacks", match=r"1\.1, 1\.2"):
        approve(SHORT, shortfalls=shortfalls)


def test_what_is_lacking_is_evidence_or_practice():
    with refused("report-lacking", field="lacks", match="evidence or practice"):
        approve(SHORT, shortfalls=lacking("1.1", "1.2", what="manners"))


@pytest.mark.parametrize(
    ("by", "rule"),
    [(MIA, "meeting-chair"), (ADA, "assessor-never-moderates"), (conflicted(CHAIR), "conflict-of-interest")],
)
def test_only_the_chair_of_the_item_approves_the_report(by: Any, rule: str):
    with refused(rule, field="actor"):
        approve(SHORT, by=by)


def test_a_report_is_approved_once_and_only_of_a_decision():
    assert approve(given.approved()) == []
    said = lacking("1.1", "1.2")
    told = given.after(SHORT, approve(SHORT, shortfalls=said))
    assert approve(told, shortfalls=said) == []
    with refused("report-approved-once", field="lacks"):
        approve(told, shortfalls=lacking("1.1", "1.2", what="evidence"))
    with refused("stage-order", field="submission"):
        decision.approve_report(given.confirmed(), by=CHAIR, scheme=SCHEME, shortfalls=[], at=NOON)


def test_the_result_is_told_once_the_report_is_approved_and_that_ends_the_case():
    assert decision.release_result(given.decided()) == []
    assert decision.release_result(given.approved()) == [e.ResultReleased(outcome="awarded")]

    over = given.released()

    assert decision.release_result(over) == []
    assert (over.stage, over.over, over.clock, over.results) == (Stage.DECIDED, True, None, None)


@pytest.mark.parametrize("stage", given.all_but("approved"))
def test_no_result_is_told_where_there_is_none_to_tell(stage: str):
    assert decision.release_result(STAGES[stage]()) == []


def test_areas_for_consideration_are_those_that_the_assessor_named_unless_the_panel_names_others():
    case = given.judged()
    completed = assessment.complete(case, by=ADA, scheme=SCHEME, minutes_spent=60, areas=["2.1"], at=NOON)
    case = given.confirmed(given.in_moderation(after(case, completed)))

    [kept] = decide(case)
    [other] = decision.decide(case, **sitting(), areas=["1.2"])
    [none] = decision.decide(case, **sitting(), areas=[])

    assert isinstance(kept, e.DecisionRecorded)
    assert isinstance(other, e.DecisionRecorded)
    assert isinstance(none, e.DecisionRecorded)
    assert (kept.areas, kept.strengths) == (("2.1",), ("1.1", "1.2"))
    assert (other.areas, other.strengths) == (("1.2",), ("1.1", "2.1"))
    assert none.areas == ()
    with refused("scheme-criteria", field="areas"):
        decision.decide(case, **sitting(), areas=["9.9"])


def test_where_an_award_is_made_the_report_may_say_what_its_areas_for_consideration_lack():
    scheme = given.scheme(awards=(AwardLevel(name="award", form="in-each-section", level="high", at_least=1),))
    case = given.confirmed(given.in_moderation(given.assessed(None, all_at("high", c11="low"))))
    case = after(case, decision.decide(case, **{**sitting(), "scheme": scheme}))
    assert case.outcome
    assert (case.outcome.outcome, case.outcome.areas) == ("awarded", ("1.1",))
    said = {"by": CHAIR, "scheme": scheme, "at": NOON + 62 * DAY}

    assert decision.approve_report(case, **said, shortfalls=lacking("1.1"))
    assert decision.approve_report(case, **said, shortfalls=[])
    with refused("report-complete", field="lacks", match="any of 1.1"):
        decision.approve_report(case, **said, shortfalls=lacking("1.2"))
    with refused("report-complete", field="lacks"):
        decision.approve_report(case, **said, shortfalls=lacking("1.1", "1.1"))
