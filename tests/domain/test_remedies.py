"""What an upheld appeal does to a submission: set aside, judged again by others, or replaced; and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain.award import AwardLevel
from domain.clocks import Deadline
from domain.scheme import Scheme
from domain.submission import assessment, decision, items, moderation, preparation, remedy
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.assessment import Finding
from domain.submission.indicators import IndicatorLevel
from domain.submission.process import due_next, owed
from domain.submission.remedy import ASSESS_AGAIN, MODERATE_AGAIN, REPLACE_DECISION, Remedy, carry_through, remedied
from domain.submission.side_events import FeeRefunded, MarkedBlindBy
from domain.submission.state import Stage, Submission, evolve
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    CHAIR,
    DAY,
    MIA,
    NIK,
    NOON,
    SCHEME,
    after,
    all_at,
    all_but,
    fold,
    in_moderation,
    member,
    refused,
    text,
)
from tests.domain.test_indicators import SCHEME as SIGNS

LATER = NOON + 100 * DAY
PANELLIST = "person-panellist"
OTHERS = (member("chair2", "chair"), member("pia", "moderator"), member("que", "moderator"))
LEVELS = given.scheme(
    awards=tuple(
        AwardLevel(name=name, form="every-criterion-at-least", level=level)
        for name, level in (("bronze", "middle"), ("gold", "high"))
    )
)


def wanted(what: str, contested: str = "result", **said: Any) -> Remedy:
    return Remedy(**{"appeal": "appeal-a", "contested": contested, "remedy": what, **said})


def directed(case: Submission, what: Remedy, scheme: Scheme = SCHEME) -> list[e.SubmissionEvent]:
    return carry_through(case, wanted=what, by=PANELLIST, scheme=scheme, at=LATER)


def failed(levels: Mapping[str, str] | None = None) -> Submission:
    """A submission that was not awarded, and its provider was told."""
    short = given.assessed(levels=levels or all_at("high", c12="low"))
    return given.released(given.approved(given.decided(given.confirmed(in_moderation(short)))))


def findings(**levels: str) -> dict[str, Finding]:
    return {f"{name[1]}.{name[2]}": Finding(level=level, reason=text(f"why {name}")) for name, level in levels.items()}


def again(case: Submission) -> Submission:
    """It is taken up by others."""
    meeting = given.opened(given.scheduled(chair=OTHERS[0], panel=OTHERS))
    return after(case, moderation.start(case, meeting=meeting, by=OTHERS[0], panel=OTHERS, scheme=SCHEME, at=LATER))


# -- which remedy fits which decision ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contested", "what"),
    [("ineligible", MODERATE_AGAIN), ("review", MODERATE_AGAIN), ("review", ASSESS_AGAIN), ("result", "apology")],
)
def test_a_remedy_that_a_decision_can_not_have_is_refused(contested: str, what: str):
    with refused("remedy-fits", field="remedy", match=r"replace-decision"):
        directed(failed(), wanted(what, contested))


def test_what_is_no_decision_is_not_contested():
    with refused("remedy-fits", field="contested", match="ineligible"):
        directed(failed(), wanted(MODERATE_AGAIN, "fee"))
    with refused("remedy-fits", field="contested"):
        directed(failed(), wanted(REPLACE_DECISION, "review", reason=text("so")))


@pytest.mark.parametrize("name", all_but("released"))
@pytest.mark.parametrize("what", [MODERATE_AGAIN, ASSESS_AGAIN, REPLACE_DECISION])
def test_a_result_is_contested_once_it_is_released(name: str, what: str):
    with refused("remedy-fits", field="submission"):
        directed(given.STAGES[name](), wanted(what, judgements=findings(c11="low") if what == REPLACE_DECISION else {}))


@pytest.mark.parametrize("name", all_but("ineligible"))
def test_a_finding_is_contested_where_there_is_one(name: str):
    with refused("remedy-fits", field="submission"):
        directed(given.STAGES[name](), wanted(ASSESS_AGAIN, "ineligible"))


def test_there_has_to_be_a_submission():
    with refused("known-submission"):
        directed(Submission(), wanted(MODERATE_AGAIN))


@pytest.mark.parametrize(("contested", "what"), [("result", ASSESS_AGAIN), ("ineligible", REPLACE_DECISION)])
def test_judgements_are_changed_where_a_result_is_replaced_and_nowhere_else(contested: str, what: str):
    said = wanted(what, contested, judgements=findings(c11="high"), reason=text("so"))
    with refused("remedy-fits", field="judgements"):
        directed(given.ineligible() if contested == "ineligible" else failed(), said)


@pytest.mark.parametrize("contested", ["ineligible", "review"])
def test_a_finding_is_replaced_with_a_reason(contested: str):
    with refused("remedy-reason", field="reason"):
        directed(given.ineligible(), wanted(REPLACE_DECISION, contested))


@pytest.mark.parametrize("what", [MODERATE_AGAIN, ASSESS_AGAIN, REPLACE_DECISION])
def test_the_same_appeal_again_changes_nothing_and_another_one_needs_another_result(what: str):
    said = wanted(what, judgements=findings(c12="high") if what == REPLACE_DECISION else {})
    case = after(failed(), directed(failed(), said))

    assert directed(case, said) == []
    with refused("remedy-fits", field="submission"):
        directed(case, wanted(MODERATE_AGAIN, appeal="appeal-b"))


# -- moderated again ---------------------------------------------------------------------------------------------------


def test_moderated_again_the_assessor_s_judgements_stand_and_all_else_of_the_panel_is_open():
    short = given.assessed(levels=all_at("high", c12="low"))
    moderated = given.confirmed(
        after(
            in_moderation(short),
            moderation.moderate(in_moderation(short), **given.sitting(), findings=findings(c11="low")),
        )
    )
    before = given.released(given.approved(given.decided(moderated)))
    [event] = directed(before, wanted(MODERATE_AGAIN, excluded=frozenset({"person-x"})))

    assert event == r.ModerationSetAside(
        appeal="appeal-a",
        contested="result",
        excluded=tuple(sorted({"person-x", CHAIR.id, MIA.id, NIK.id})),
        clock=SCHEME.deadline("moderate_within", LATER),
    )
    case = after(before, [event])
    assert case.stage is Stage.AWAITING_MODERATION
    assert case.clock == event.clock
    assert case.judgements == all_at("high", c12="low")
    assert case.indicators == short.indicators
    assert (case.moderation, case.moderated, case.outcome, case.results) == (None, frozenset(), None, None)
    assert (case.released, case.report_approved, case.approved_at, case.shortfalls) == (False, False, None, ())
    assert (case.strengths, case.areas) == (short.strengths, short.areas)
    assert (case.assessor, case.assessed, case.first) == (ADA.id, True, before.first)
    assert not case.over
    [superseded] = case.superseded
    assert (superseded.outcome, superseded.shortfalls) == (before.outcome, before.shortfalls)
    assert dict(superseded.judgements) == before.judgements
    assert superseded.approved_at == before.approved_at


def test_its_clock_for_the_result_starts_anew():
    case = again(after(failed(), directed(failed(), wanted(MODERATE_AGAIN))))

    assert case.results == SCHEME.deadline("results_within", LATER)


def test_what_was_overdue_before_says_nothing_of_the_clocks_of_now():
    before = evolve(failed(), given_missed := e.DeadlineMissed(rule=moderation.RESULTS, due_at=NOON))
    assert given_missed
    case = after(before, directed(before, wanted(MODERATE_AGAIN)))

    assert case.missed == frozenset()


def test_the_new_panel_may_ask_once_for_further_evidence_itself():
    before = given.released(given.approved(given.decided(given.reviewed())))
    case = again(after(before, directed(before, wanted(MODERATE_AGAIN))))
    assert (case.requests, case.asked, case.response, case.results_left, case.review_concluded) == (
        0,
        (),
        None,
        None,
        False,
    )
    same = {code: Finding(level=level) for code, level in case.judgements.items()}
    sits = {"by": OTHERS[0], "panel": OTHERS, "scheme": SCHEME, "at": LATER}
    case = after(case, moderation.moderate(case, **sits, findings=same))

    case = after(case, moderation.request_evidence(case, **sits, criteria=["1.1"], wanted=text("more")))

    assert case.stage is Stage.EVIDENCE_REQUESTED


def test_the_excluded_moderate_nothing_lead_nothing_and_take_nothing_over():
    case = after(failed(), directed(failed(), wanted(MODERATE_AGAIN, excluded=frozenset({OTHERS[1].id}))))

    assert not any(moderation.may_moderate(case, one, SCHEME, LATER) for one in (CHAIR, MIA, NIK, OTHERS[1]))
    assert moderation.may_moderate(case, OTHERS[0], SCHEME, LATER)
    meeting = given.opened()
    with refused("appeal-excludes", field="actor"):
        moderation.start(case, meeting=meeting, by=CHAIR, panel=given.PANEL, scheme=SCHEME, at=LATER)
    panel = (OTHERS[0], OTHERS[2], member("rob", "moderator"))
    meeting = given.opened(given.scheduled(chair=OTHERS[0], panel=panel))
    taken = moderation.start(case, meeting=meeting, by=OTHERS[0], panel=panel, scheme=SCHEME, at=LATER)
    with refused("appeal-excludes"):
        items.hand_over(after(case, taken), to=CHAIR, had_part=(), reason=text("gone"), scheme=SCHEME, at=LATER)


def test_who_moderated_alone_does_not_do_it_again():
    alone = given.scheme(moderation_form="independent", quorum=1)
    short = given.assessed(levels=all_at("high", c12="low"))
    taken = items.take_up_alone(short, by=MIA, had_part=(), scheme=alone, at=LATER)
    case = after(short, taken)
    same = {code: Finding(level=level) for code, level in case.judgements.items()}
    sits = {"by": MIA, "panel": [MIA], "scheme": alone, "at": LATER}
    case = after(case, moderation.moderate(case, **sits, findings=same))
    case = given.released(
        after(
            after(case, decision.decide(case, **sits)),
            decision.approve_report(
                after(case, decision.decide(case, **sits)),
                by=MIA,
                scheme=alone,
                shortfalls=given.shortfalls(after(case, decision.decide(case, **sits))),
                at=LATER,
            ),
        )
    )
    case = after(case, directed(case, wanted(MODERATE_AGAIN), alone))

    with refused("appeal-excludes", field="actor"):
        items.take_up_alone(case, by=MIA, had_part=(), scheme=alone, at=LATER)
    assert items.take_up_alone(case, by=NIK, had_part=(), scheme=alone, at=LATER)


def test_a_blind_marking_that_the_first_result_overtook_is_not_asked_for_again():
    clock = Deadline(rule="mark-blind-within", due_at=LATER + DAY)
    before = evolve(failed(), MarkedBlindBy(calibration="calibration-a", second="person-s", marking=clock))
    case = after(before, directed(before, wanted(MODERATE_AGAIN)))

    assert case.marking is None
    due = due_next(case, at=LATER)
    assert due
    assert due.step == "miss_deadline"


# -- assessed again ----------------------------------------------------------------------------------------------------


def test_assessed_again_nothing_of_the_first_assessment_stands():
    before = failed()
    [event] = directed(before, wanted(ASSESS_AGAIN))
    case = after(before, [event])

    assert event == r.AssessmentSetAside(appeal="appeal-a", excluded=tuple(sorted({CHAIR.id, MIA.id, NIK.id})))
    assert (case.stage, case.assessor, case.accepted, case.assessed) == (Stage.IN_ASSESSMENT, None, False, False)
    assert (case.first, case.judgements, case.indicators, case.named) == ({}, {}, {}, ())
    assert (case.strengths, case.areas, case.completed, case.visit, case.clock) == ((), (), None, None, None)
    assert case.former_assessors == {ADA.id}
    assert owed(case) == "assign_assessor"


def test_the_rule_chooses_somebody_who_had_no_part_in_it_and_says_why_not_the_others():
    case = after(failed(), directed(failed(), wanted(ASSESS_AGAIN, excluded=frozenset({BEN.id}))))
    cyn = member("cyn", "assessor")

    events, chosen = assessment.assign(case, scheme=SCHEME, assessors=[ADA, BEN, cyn], at=LATER)

    assert chosen is cyn
    [assigned] = events
    assert isinstance(assigned, e.AssessorAssigned)
    seen = {one.person: one.verdict for one in assigned.considered}
    assert seen[BEN.id] == "had a part in what an appeal set aside"
    assert seen[ADA.id] == "had or advised on this case"


def test_a_further_assessment_counts_to_what_one_has_in_hand_and_not_to_a_round_that_is_over():
    case = failed()
    assert assessment.round_of(case) == given.WINDOW
    case = after(case, directed(case, wanted(ASSESS_AGAIN)))

    assert assessment.round_of(case) == f"at-a-time-{SCHEME.id}"


def test_without_an_assessor_in_the_first_place_nobody_is_a_former_one():
    case = given.ineligible(given.screening(given.paid(given.submitted())))
    case = after(case, directed(case, wanted(ASSESS_AGAIN, "ineligible")))

    assert case.former_assessors == frozenset()


# -- found ineligible --------------------------------------------------------------------------------------------------


def test_what_screening_found_ineligible_goes_on_to_assessment_once_it_is_paid_for():
    unpaid = given.ineligible()
    events = directed(unpaid, wanted(ASSESS_AGAIN, "ineligible"))
    assert events == [
        r.IneligibilitySetAside(appeal="appeal-a", excluded=()),
        e.ScreeningStarted(clock=SCHEME.deadline("screen_within", LATER)),
    ]
    assert after(unpaid, events).stage is Stage.SCREENING
    paid = given.ineligible(given.paid(given.screening()))
    events = directed(paid, wanted(REPLACE_DECISION, "ineligible", reason=text("it is taught")))
    assert events == [
        r.IneligibilitySetAside(appeal="appeal-a", excluded=(), reason=text("it is taught")),
        e.ScreeningPassed(),
    ]
    case = after(paid, events)
    assert (case.stage, owed(case)) == (Stage.IN_ASSESSMENT, "assign_assessor")
    assert not remedied(case, "appeal-a")


def test_on_appeal_found_eligible_it_is_not_found_otherwise_again():
    case = given.ineligible()
    case = after(case, directed(case, wanted(ASSESS_AGAIN, "ineligible")))

    with refused("eligibility-settled", field="submission"):
        preparation.find_ineligible(case, reason=text("and yet"))


def test_what_a_panel_ruled_outside_the_definition_is_moderated_by_others_who_can_not_rule_so_again():
    case = in_moderation()
    case = after(case, items.find_outside(case, **given.sitting(), reason=text("a sale")))
    [event] = directed(case, wanted(REPLACE_DECISION, "ineligible", reason=text("it is taught")))
    assert isinstance(event, r.ModerationSetAside)
    assert (event.contested, event.reason) == ("ineligible", text("it is taught"))
    case = again(after(case, [event]))

    with refused("eligibility-settled"):
        items.find_outside(case, by=OTHERS[0], panel=OTHERS, scheme=SCHEME, reason=text("a sale"), at=LATER)


# -- the decision replaced ---------------------------------------------------------------------------------------------


def test_a_replaced_decision_is_what_the_award_rule_makes_of_the_changed_judgements():
    before = failed()
    [event] = directed(before, wanted(REPLACE_DECISION, judgements=findings(c12="high"), excluded=frozenset({"p"})))

    assert event == r.DecisionReplaced(
        appeal="appeal-a",
        excluded=tuple(sorted({"p", CHAIR.id, MIA.id, NIK.id})),
        judgements=(r.JudgementReplaced(criterion="1.2", before="low", level="high", reason=text("why c12")),),
        outcome="awarded",
        level="marked",
        unmet=(),
        recorded_by=PANELLIST,
        replaced_at=LATER,
        strengths=("1.1", "1.2", "2.1"),
        areas=(),
    )
    case = after(before, [event])
    assert case.outcome == e.DecisionRecorded(
        outcome="awarded", level="marked", unmet=(), chair=PANELLIST, strengths=("1.1", "1.2", "2.1"), areas=()
    )
    assert (case.stage, case.judgements, case.strengths) == (Stage.DECIDED, all_at("high"), ("1.1", "1.2", "2.1"))
    assert (case.report_approved, case.approved_at, case.shortfalls) == (True, LATER, ())
    assert owed(case) == "release_result"
    assert not remedied(case, "appeal-a")
    told = after(case, decision.release_result(case))
    assert remedied(told, "appeal-a")
    assert told.over


def test_the_report_of_a_replaced_decision_says_of_what_is_still_short_what_it_said_before():
    before = failed(all_at("high", c11="low", c12="low"))
    case = after(before, directed(before, wanted(REPLACE_DECISION, judgements=findings(c12="high"))))

    assert case.outcome
    assert case.outcome.unmet == ("1.1",)
    assert [one.criterion for one in case.shortfalls] == ["1.1"]


def test_what_was_named_an_area_for_consideration_stays_one():
    case = given.confirmed(in_moderation(given.assessed(levels=all_at("high", c12="low"))))
    decided = after(case, decision.decide(case, **given.sitting(), areas=["2.1"]))
    before = given.released(given.approved(decided))

    [event] = directed(before, wanted(REPLACE_DECISION, judgements=findings(c12="high")))

    assert isinstance(event, r.DecisionReplaced)
    assert (event.strengths, event.areas) == (("1.1", "1.2"), ("2.1",))


@pytest.mark.parametrize("applies_for", [None, "gold"])
def test_a_level_may_be_raised_and_what_lies_at_the_level_asked_for_was_named(applies_for: str | None):
    case = given.assessed(levels=all_at("high", c12="middle"))
    case = replace(case, registered=replace(case.registration, applies_for=applies_for))
    case = given.confirmed(in_moderation(case))
    decided = after(case, decision.decide(case, **{**given.sitting(), "scheme": LEVELS}, areas=["1.2"]))
    assert decided.outcome
    assert decided.outcome.level == "bronze"
    before = given.released(after(decided, [e.OutcomeReportApproved(chair=CHAIR.id, shortfalls=(), approved_at=NOON)]))

    [event] = directed(before, wanted(REPLACE_DECISION, judgements=findings(c12="high")), LEVELS)

    assert isinstance(event, r.DecisionReplaced)
    assert (event.level, event.areas) == ("gold", ("1.2",))


@pytest.mark.parametrize("changed", [{}, {"1.2": Finding(level="low", reason=text("so"))}])
def test_a_replacement_changes_something(changed: dict[str, Finding]):
    with refused("remedy-changes-something", field="judgements"):
        directed(failed(), wanted(REPLACE_DECISION, judgements=changed))


def test_a_replacement_is_of_criteria_judged_here_at_levels_of_the_scale_and_for_a_reason():
    with refused("scheme-criteria", field="judgements.9.9"):
        directed(failed(), wanted(REPLACE_DECISION, judgements={"9.9": Finding(level="high", reason=text("so"))}))
    with refused("scheme-scale", field="judgements.1.2.level"):
        directed(failed(), wanted(REPLACE_DECISION, judgements={"1.2": Finding(level="superb", reason=text("so"))}))
    with refused("change-needs-reason", field="judgements.1.2.reason"):
        directed(failed(), wanted(REPLACE_DECISION, judgements={"1.2": Finding(level="high")}))


def test_indicators_are_replaced_with_their_criterion():
    code, first = "1.1", SIGNS.criteria["1.1"].indicators[0].code
    before = replace(failed(), indicators={code: (IndicatorLevel(indicator=first, level="low"),)})
    same = before.judgements[code]
    changed = {code: Finding(level=same, reason=text("a sign"), indicators={first: "high"})}

    case = after(before, directed(before, wanted(REPLACE_DECISION, judgements=changed), SIGNS))

    assert case.indicators[code][0] == IndicatorLevel(indicator=first, level="high")


# -- its end, and money ------------------------------------------------------------------------------------------------


def test_a_remedy_has_come_to_its_end_with_the_new_result_or_whatever_else_ends_the_case():
    assert not remedied(failed(), "appeal-a")
    case = after(failed(), directed(failed(), wanted(MODERATE_AGAIN)))
    assert not remedied(case, "appeal-a")
    gone = given.withdrawn(case)
    assert remedied(gone, "appeal-a")
    assert not remedied(gone, "appeal-b")


def test_what_a_later_appeal_set_aside_had_come_to_its_end():
    case = failed()
    case = after(case, directed(case, wanted(REPLACE_DECISION, judgements=findings(c12="high"))))
    case = after(case, decision.release_result(case))
    case = after(case, directed(case, wanted(MODERATE_AGAIN, appeal="appeal-b")))

    assert remedied(case, "appeal-a")
    assert not remedied(case, "appeal-b")
    assert [one.outcome.outcome for one in case.superseded if one.outcome] == ["not_awarded", "awarded"]


def test_what_a_further_try_was_charged_goes_back_or_is_waived():
    due = given.submitted()
    assert remedy.free_of_charge(due, appeal="appeal-a") == [
        e.FeeWaived(kind=kind, reason=None, appeal="appeal-a") for kind in due.fees
    ]
    paid = given.paid(due)
    paid = evolve(paid, FeeRefunded(kind="registration", amount=5000, reason=text("in part")))
    assert remedy.free_of_charge(paid, appeal="appeal-a") == [
        FeeRefunded(kind="registration", amount=15000, reason=None, appeal="appeal-a"),
        FeeRefunded(kind="submission", amount=150000, reason=None, appeal="appeal-a"),
    ]
    back = fold(evolve, paid, remedy.free_of_charge(paid, appeal="appeal-a"))
    assert remedy.free_of_charge(back, appeal="appeal-a") == []
