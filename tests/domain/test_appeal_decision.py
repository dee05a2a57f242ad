"""A panel decides on each ground with a reason; what is upheld has a remedy, and everyone else touched is looked after."""

from dataclasses import dataclass
from typing import Any, get_args

import pytest

from domain.accreditation import (
    AccreditationEvent,
    AccreditationReduced,
    AwardAnnulled,
    ConcernReopened,
    ReaccreditationReopened,
    ReviewOpened,
    WithdrawalLifted,
)
from domain.accreditation import events as award
from domain.appeal import Appeal
from domain.appeal import events as e
from domain.appeal.causes import Cause, checked_cause, touched_by
from domain.appeal.contested import Contested
from domain.appeal.decision import Found, close_remedy, decide
from domain.appeal.others import close_other, deal_with, find_others, name_follow_up
from domain.appeal.panel import leave_panel
from domain.appeal.state import evolve
from domain.case_letters import LETTER_OF, letters_of
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.provider import LeadContactNamed
from domain.scheme_file import LETTERS
from domain.submission import events as s
from domain.submission import remedy_events as remedy
from domain.submission import side_events as beside
from domain.submission import visit_events as visit
from domain.submission.past_events import DecisionImported
from domain.submission.side_events import MarkedBlindBy
from domain.tasks import TaskMoved
from tests.domain.appealing import (
    CAUSE,
    GROUNDS,
    HAD_PART,
    HAL,
    IDA,
    JON,
    KIM,
    OLA,
    OTHER,
    PANEL,
    PIP,
    THIRD,
    acknowledged,
    admitted,
    candidate,
    candidates,
    closed,
    dealt,
    dismissed,
    heard,
    lodged,
    remedy_closed,
    ruling,
    searched,
    searching,
    upheld,
)
from tests.domain.given import (
    ADA,
    AWARD,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MEETING,
    NOON,
    PROVIDER,
    SCHEME,
    SECOND,
    WINDOW,
    conflicted,
    fold,
    refused,
    text,
)

CLOCK = Deadline(rule="some-within", due_at=NOON)


def test_an_appeal_is_upheld_if_any_ground_is_and_its_remedy_and_others_are_tasks():
    findings = {
        "evidence": Found(finding="dismissed", reason=text("it was read")),
        "bias": Found(finding="upheld", reason=text("they said so")),
    }

    [event] = decide(heard(), **ruling(findings=findings))

    assert isinstance(event, e.AppealDecided)
    assert (event.outcome, event.remedy, event.chair, event.in_time) == ("upheld", "assess-again", HAL.id, True)
    assert [(one.ground, one.finding) for one in event.findings] == [("evidence", "dismissed"), ("bias", "upheld")]
    assert set(event.excluded) == {ADA.id, HAL.id, IDA.id, JON.id}
    at = NOON + 10 * DAY
    rules = SCHEME.assurance.appeals
    assert {one.rule: (one.who, one.due_at) for one in event.sets} == {
        "carry-out-remedy-within": (OLA.id, SCHEME.calendar.due(at, rules.remedy_within)),
        "others-within": (OLA.id, SCHEME.calendar.due(at, rules.others_within)),
    }
    appeal = fold(evolve, heard(), [event])
    assert set(appeal.tasks.running) == {"carry-out-remedy-within", "others-within"}
    assert not appeal.over
    assert decide(appeal, **ruling()) == []


def test_an_appeal_is_dismissed_if_no_ground_is_upheld_and_is_over():
    appeal = dismissed()

    assert (appeal.stage, appeal.over, appeal.tasks.running) == ("dismissed", True, {})
    assert appeal.decided
    assert appeal.decided.remedy is None


def test_a_decision_is_in_time_to_the_second():
    due_at = heard().tasks.running["decide-appeal-within"].due_at

    for at, in_time in ((due_at, True), (due_at + SECOND, False)):
        [event] = decide(heard(), **ruling(at=at))
        assert isinstance(event, e.AppealDecided)
        assert event.in_time is in_time


def test_who_left_the_panel_takes_no_part_later_either():
    appeal = fold(evolve, heard(), leave_panel(heard(), person=JON.id, because="conflict"))
    appeal = fold(
        evolve,
        appeal,
        [e.PanelNamed(officer=OLA.id, chair=HAL.id, panel=(HAL.id, IDA.id, KIM.id), considered=(), sets=())],
    )

    [event] = decide(appeal, **ruling(panel=candidates(HAL, IDA, KIM)))

    assert isinstance(event, e.AppealDecided)
    assert JON.id in event.excluded


def test_the_chair_of_the_panel_decides_and_nobody_else():
    for who in (IDA, KIM, OLA):
        with refused("panel-chair", field="actor"):
            decide(heard(), **ruling(by=who))
        with refused("panel-chair", field="actor"):
            decide(upheld(), **ruling(by=who))
    with refused("conflict-of-interest", field="actor"):
        decide(heard(), **ruling(by=conflicted(HAL)))
    with refused("known-appeal"):
        decide(Appeal(), **ruling())


def test_deciding_needs_a_whole_panel_that_may_still_hear_it():
    with refused("panel-size", field="members"):
        decide(heard(), **ruling(panel=candidates(HAL, JON)))
    with refused("panel-outsiders", field="members"):
        decide(heard(), **ruling(panel=[candidate(one, outsider=False) for one in PANEL]))
    with refused("panel-eligible", field="panel"):
        decide(heard(), **ruling(panel=candidates(HAL, conflicted(IDA), JON)))


def test_it_is_decided_once_a_panel_hears_it():
    for appeal in (lodged(), acknowledged(), admitted()):
        with refused("panel-chair", field="actor"):
            decide(appeal, **ruling())
    withdrawn = fold(evolve, heard(), [e.AppealWithdrawn(case=CASE, reason=text("no more"), ends=("*",))])
    with refused("appeal-order", field="appeal"):
        decide(withdrawn, **ruling())


def test_each_ground_and_no_other_is_decided():
    one = Found(finding="upheld", reason=text("so"))
    for findings in ({"evidence": one}, {**dict.fromkeys(GROUNDS, one), "procedure": one}, {}):
        with refused("each-ground-decided", field="rulings"):
            decide(heard(), **ruling(findings=findings))
    with refused("ground-findings", field="rulings.bias"):
        decide(heard(), **ruling(findings={"evidence": one, "bias": Found(finding="maybe", reason=text("so"))}))


@pytest.mark.parametrize(
    ("kind", "fitting", "unfitting"),
    [
        ("result", ["moderate-again", "assess-again", "replace-decision"], ["apologise", None]),
        ("ineligible", ["assess-again", "replace-decision"], ["moderate-again", None]),
        ("review", ["replace-decision"], ["assess-again", "moderate-again", None]),
    ],
)
def test_a_remedy_fits_what_is_contested(kind: str, fitting: list[str], unfitting: list[str | None]):
    contested = Contested(kind=kind, concern=None, version=9, position=90, told_at=NOON)
    appeal = heard(contested=contested)

    for one in fitting:
        assert decide(appeal, **ruling(remedy=one))
    for refusable in unfitting:
        because = f"'{refusable}' is no remedy" if refusable else "an upheld appeal has a remedy"
        with refused("remedy-fits", field="remedy", match=because):
            decide(appeal, **ruling(remedy=refusable))
    with refused("remedy-fits", field="remedy"):
        decide(appeal, **ruling("dismissed", remedy=fitting[0]))


def test_a_remedy_is_closed_once_it_was_carried_out():
    said: dict[str, Any] = {"by": OLA, "had_part": HAD_PART}
    with refused("remedy-carried-out", field="appeal"):
        close_remedy(upheld(), **said, carried_out=False)
    for appeal in (heard(), dismissed()):
        with refused("appeal-order", field="appeal"):
            close_remedy(appeal, **said, carried_out=True)
    with refused("took-part-never-hears", field="actor"):
        close_remedy(upheld(), by=HAL, had_part=HAD_PART, carried_out=True)

    done = remedy_closed(upheld())

    assert set(done.tasks.running) == {"others-within"}
    assert close_remedy(done, **said, carried_out=True) == []


def test_the_list_of_others_is_kept_without_the_appealed_case():
    [event] = find_others(upheld(), **searching())

    assert isinstance(event, e.OthersFound)
    assert (event.causes, event.searched_to, set(event.cases)) == ((CAUSE,), 500, {OTHER, THIRD})
    assert (event.sets, event.ends) == ((), ())
    appeal = fold(evolve, upheld(), [event])
    assert appeal.open_others == tuple(sorted((OTHER, THIRD)))
    assert find_others(appeal, **searching()) == []
    assert find_others(appeal, **searching(causes=[Cause(kind="meeting", value=MEETING)]))
    assert find_others(appeal, **searching((CASE, OTHER, THIRD, AWARD)))


def test_where_nobody_else_was_touched_that_task_is_done():
    appeal = searched(cases=(CASE,))

    assert appeal.others == {}
    assert set(appeal.tasks.running) == {"carry-out-remedy-within"}
    assert remedy_closed(appeal).over


def test_a_later_search_sets_the_task_again_where_it_was_done():
    alone = searched(cases=(CASE,))

    [event] = find_others(alone, **searching(causes=[Cause(kind="meeting", value=MEETING)], cases=(OTHER,)))

    assert isinstance(event, e.OthersFound)
    assert [one.rule for one in event.sets] == ["others-within"]
    assert fold(evolve, alone, [event]).open_others == (OTHER,)
    done = closed(dealt(searched(cases=(OTHER,))))
    [further] = find_others(done, **searching(causes=[Cause(kind="meeting", value=MEETING)], cases=(OTHER,)))
    assert isinstance(further, e.OthersFound)
    assert (further.sets, further.ends) == ((), ("others-within",))


def test_others_are_searched_for_when_an_appeal_is_upheld_for_a_cause_by_who_may():
    for appeal in (heard(), dismissed()):
        with refused("appeal-order", field="appeal"):
            find_others(appeal, **searching())
    with refused("causes-named", field="causes"):
        find_others(upheld(), **searching(causes=[]))
    with refused("took-part-never-hears", field="actor"):
        find_others(upheld(), **searching(by=HAL))


def test_each_other_case_is_dealt_with_by_one_and_closed_by_another():
    appeal = dealt()

    same: dict[str, Any] = {
        "had_part": HAD_PART,
        "provider": PROVIDER,
        "case": OTHER,
        "action": "told",
        "done": text("told them"),
    }
    assert deal_with(appeal, by=OLA, **same) == []
    with refused("closed-by-another", field="actor"):
        close_other(appeal, by=OLA, had_part=HAD_PART, provider=PROVIDER, case=OTHER)
    with refused("dealt-with-first", field="other"):
        close_other(appeal, by=PIP, had_part=HAD_PART, provider=PROVIDER, case=THIRD)
    anew = fold(evolve, appeal, deal_with(appeal, by=PIP, **{**same, "done": text("told them again")}))
    assert (anew.others or {})[OTHER].dealt_by == (OLA.id, PIP.id)
    for who in (OLA, PIP):  # who dealt with it earlier dealt with it
        with refused("closed-by-another", field="actor"):
            close_other(anew, by=who, had_part=HAD_PART, provider=PROVIDER, case=OTHER)
    done = closed(appeal)
    assert done.open_others == (THIRD,)
    assert "others-within" in done.tasks.running
    assert close_other(done, by=PIP, had_part=HAD_PART, provider=PROVIDER, case=OTHER) == []
    with refused("other-closed", field="other"):
        deal_with(done, by=OLA, **{**same, "action": "corrected"})
    last = closed(dealt(done, THIRD), THIRD)
    assert set(last.tasks.running) == {"carry-out-remedy-within"}
    assert (last.over, remedy_closed(last).over, remedy_closed(last).stage) == (False, True, "closed")
    assert not closed(dealt(remedy_closed(appeal), THIRD), THIRD).over


def test_whose_work_is_a_cause_that_was_named_neither_deals_with_another_case_nor_closes_it():
    with refused("cause-of-it-never-settles", field="actor"):
        dealt(searched(causes=[Cause(kind="screener", value=OLA.id)]), by=OLA)
    with refused("cause-of-it-never-settles", field="actor"):
        closed(dealt(searched(causes=[CAUSE, Cause(kind="reviewer", value=PIP.id)])), by=PIP)


def test_another_case_is_one_that_was_found_and_of_no_provider_with_a_conflict():
    said: dict[str, Any] = {"had_part": HAD_PART, "case": OTHER, "action": "told", "done": text("so")}
    for appeal in (upheld(), searched(cases=(THIRD,))):
        with refused("known-other", field="other"):
            deal_with(appeal, by=OLA, provider=PROVIDER, **said)
    with refused("other-actions", field="action"):
        deal_with(searched(), by=OLA, provider=PROVIDER, **{**said, "action": "wept"})
    elsewhere = derived_id("provider", "two")
    for provider in (elsewhere, PROVIDER):
        with refused("conflict-of-interest", field="actor"):
            deal_with(searched(), by=conflicted(OLA), provider=provider, **said)
    with refused("conflict-of-interest", field="actor"):
        close_other(dealt(), by=conflicted(PIP), had_part=HAD_PART, provider=elsewhere, case=OTHER)
    with refused("known-appeal"):
        deal_with(Appeal(), by=OLA, provider=PROVIDER, **said)


def test_what_follows_for_people_is_named_for_those_who_had_a_part():
    said: dict[str, Any] = {"by": OLA, "had_part": HAD_PART, "topic": "reading", "need": text("reading long files")}

    [event] = name_follow_up(upheld(), person=ADA.id, **said)

    assert event == e.FollowUpNamed(person=ADA.id, topic="reading", need=text("reading long files"))
    assert name_follow_up(fold(evolve, upheld(), [event]), person=ADA.id, **said) == []
    over = remedy_closed(searched(cases=()))
    assert over.over
    assert name_follow_up(over, person=ADA.id, **said)
    with refused("people-concerned", field="person"):
        name_follow_up(upheld(), person=BEN.id, **said)
    with refused("people-concerned", field="person"):
        name_follow_up(upheld(), person=ADA.id, **{**said, "had_part": {}})
    for appeal in (heard(), dismissed()):
        with refused("appeal-order", field="appeal"):
            name_follow_up(appeal, person=ADA.id, **said)


@dataclass(frozen=True)
class Recorded:
    event: Any
    stream: str = CASE
    actor: str = "person-x"
    scheme: str | None = SCHEME.ref


def causes(event: Any, stream: str = CASE) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in touched_by(Recorded(event, stream)) if one.kind != "letter"}


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (s.AssessorAssigned(assessor=ADA.id, considered=(), clock=CLOCK), {("assessor", ADA.id)}),
        (MarkedBlindBy(calibration="calibration-a", second=BEN.id), {("assessor", BEN.id)}),
        (s.ScreeningPassed(), {("screener", "person-x")}),
        (s.PortfolioReturned(reason=text("so"), clock=CLOCK), {("screener", "person-x")}),
        (s.FoundIneligible(reason=text("so")), {("screener", "person-x")}),
        (s.JudgementRecorded(criterion="1.1", level="low", rationale=text("so"), cites=()), {("criterion", "test-mark@1/1.1")}),
        (s.JudgementConfirmed(criterion="1.1", level="low"), {("criterion", "test-mark@1/1.1")}),
        (s.JudgementChanged(criterion="1.1", before="low", level="high", reason=text("so")), {("criterion", "test-mark@1/1.1")}),
        (s.ItemHandedOver(chair=BEN.id, reason=text("so")), {("panel-member", BEN.id)}),
        (ReviewOpened(concern="concern-a", reviewer=BEN.id, clock=CLOCK), {("reviewer", BEN.id)}),
        (s.PreparationStarted(), set()),
    ],
)  # fmt: skip
def test_what_touched_a_case_follows_from_its_events(event: Any, found: set[tuple[str, str]]):
    assert causes(event) == found
    assert causes(event, "calibration-a") == set()


def test_a_meeting_and_its_panel_touch_a_case_and_a_moderator_alone_does_without_a_meeting():
    started = s.ModerationStarted(
        meeting=MEETING, chair=CHAIR.id, panel=(CHAIR.id, BEN.id), results=CLOCK, review_from=NOON
    )
    alone = s.ModerationStarted(meeting="", chair=BEN.id, panel=(BEN.id,), results=CLOCK, review_from=NOON)

    assert causes(started) == {("meeting", MEETING), ("panel-member", CHAIR.id), ("panel-member", BEN.id)}
    assert causes(alone) == {("panel-member", BEN.id)}


def test_the_window_in_which_a_case_was_handed_in_touches_it_and_none_does_where_there_is_none():
    for window, found in ((WINDOW, {("window", WINDOW)}), ("", set())):
        submitted = s.PortfolioSubmitted(window=window, late=False, answers=(), evidence=(), manifest="0")
        assert causes(submitted) == found


TOLD_BY_CONTENT = {ReminderSent, s.ResultReleased}
TOLD_TO_NOBODY = {
    # what a client, an assessor or a panel did themselves, and what goes on inside
    *(s.FeePaid, s.PreparationStarted, s.CaseMoved, s.SubmissionWithdrawn, s.PortfolioSubmitted, s.ScreeningStarted),
    *(s.ScreeningPassed, s.NobodyEligible, s.AssignmentAccepted, s.AssignmentEnded, s.JudgementRecorded),
    *(s.AssessmentCompleted, s.ItemListed, s.ItemHandedOver, s.ItemAdjourned, s.ModerationStarted),
    *(s.JudgementConfirmed, s.JudgementChanged, s.EvidenceProvided, s.EvidenceNotProvided, s.FinalReviewOpened),
    *(s.FinalReviewConcluded, s.OutcomeReportApproved, LeadContactNamed, DeadlineMissed, TaskMoved),
    *(beside.SelfEvaluationRecorded, beside.QuestionAnswered, beside.BlindMarkingEnded),
    *(beside.LinkedSubmissionRegistered, beside.MemberRelieved, visit.PreviewPassed, visit.PeopleToMeetAgreed),
    *(
        visit.VisitHeld,
        award.YearConfirmed,
        award.ChangeNotified,
        award.ChangeLookedAt,
        award.ConcernRaised,
        award.ReviewOpened,
    ),
    *(award.ReviewerRelieved, award.NextSubmissionRegistered, award.ReaccreditationSubmitted, ConcernReopened),
    # what is told with what follows from it: a result, a certificate, a finding's own letter, what an appeal changes
    *(s.DecisionRecorded, remedy.DecisionReplaced, award.AccreditationAwarded, award.AccreditationRenewed),
    *(award.AccreditationUpgraded, award.ReviewConcluded, award.ReaccreditationEnded, ReaccreditationReopened),
    # what was decided and told elsewhere, long before it was brought along
    *(DecisionImported, award.AccreditationImported),
}


def test_every_letter_that_a_scheme_may_word_is_found_in_the_events_that_send_it():
    by_content = {
        "end-of-award": ReminderSent(rule="earn-again-before-end", due_at=NOON, planned_for=NOON),
        "reminder": ReminderSent(rule="submit-within", due_at=NOON, planned_for=NOON),
        "result-awarded": s.ResultReleased(outcome="awarded"),
        "result-not-awarded": s.ResultReleased(outcome="not_awarded"),
    }
    by_kind = {
        "ineligible": s.FoundOutsideDefinition(reason=text("so")),
        "reduced": AccreditationReduced(concern="concern-a", level=None, scope=text("less"), reduced_from=NOON),
        "award-annulled": AwardAnnulled(submission=CASE, appeal="appeal-a", annulled_from=NOON, later=(), clock=None),
        "withdrawal-lifted": WithdrawalLifted(concern="concern-a", lifted_from=NOON, later=(), clock=None),
        "lapsed": s.SubmissionLapsed(rule="submit-within", due_at=NOON),
    }
    for letter, event in (*by_content.items(), *by_kind.items()):
        assert letters_of(event) == (letter,)
        assert Cause(kind="letter", value=f"test-mark@1/{letter}") in touched_by(Recorded(event))
    assert {*by_content, *LETTER_OF.values()} == set(LETTERS)
    assert {one.kind for one in touched_by(Recorded(by_content["result-awarded"], scheme=None))} == set()


def test_of_every_event_of_a_case_it_is_said_which_letter_tells_it_or_that_none_does():
    happens = {*get_args(s.SubmissionEvent), *get_args(AccreditationEvent)}
    assert {*LETTER_OF, *TOLD_BY_CONTENT} & TOLD_TO_NOBODY == set()
    assert {*LETTER_OF, *TOLD_BY_CONTENT} | TOLD_TO_NOBODY == happens


def test_a_cause_has_a_kind_and_a_value_of_that_kind():
    assert checked_cause("assessor", ADA.id) == CAUSE
    assert checked_cause("criterion", "cpd-qa@1/2.1") == Cause(kind="criterion", value="cpd-qa@1/2.1")
    assert checked_cause("letter", "cpd-qa@1/lapsed").kind == "letter"
    with refused("cause-kinds", field="causes"):
        checked_cause("weather", "rain")
    for kind, value in (
        ("assessor", MEETING),
        ("meeting", "when we met"),
        ("criterion", "2.1"),
        ("criterion", "/2.1"),
        ("criterion", "cpd-qa@1/"),
        ("letter", "cpd-qa@1/love"),
    ):
        with refused("cause-value", field="causes"):
            checked_cause(kind, value)
