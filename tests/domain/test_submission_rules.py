"""Whatever anyone tries with a submission, in any order, the rules that hold everywhere hold."""

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis.stateful import invariant

from domain.award import compute_outcome
from domain.clocks import ReminderSent, reminder_key
from domain.submission import clocks, remedy
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.state import Stage, Submission, evolve
from tests.domain.given import CASE, LEAD, SCHEME, fold
from tests.domain.judging import PANELLIST, Judging

WAYS = {
    Stage.UNKNOWN: {Stage.REGISTERED},
    Stage.REGISTERED: {Stage.PREPARING, Stage.SUBMITTED, Stage.LAPSED, Stage.WITHDRAWN},
    Stage.PREPARING: {Stage.SUBMITTED, Stage.LAPSED, Stage.WITHDRAWN},
    Stage.SUBMITTED: {Stage.SCREENING, Stage.IN_ASSESSMENT, Stage.RETURNED, Stage.INELIGIBLE, Stage.WITHDRAWN},
    Stage.SCREENING: {Stage.IN_ASSESSMENT, Stage.RETURNED, Stage.INELIGIBLE, Stage.WITHDRAWN},
    Stage.RETURNED: {Stage.SUBMITTED, Stage.LAPSED, Stage.WITHDRAWN},
    Stage.IN_ASSESSMENT: {Stage.AWAITING_MODERATION, Stage.WITHDRAWN},
    Stage.AWAITING_MODERATION: {Stage.IN_MODERATION, Stage.WITHDRAWN},
    Stage.IN_MODERATION: {
        Stage.EVIDENCE_REQUESTED,
        Stage.DECIDED,
        Stage.WITHDRAWN,
        Stage.AWAITING_MODERATION,
        Stage.INELIGIBLE,
    },
    Stage.EVIDENCE_REQUESTED: {Stage.FINAL_REVIEW, Stage.WITHDRAWN},
    Stage.FINAL_REVIEW: {Stage.DECIDED, Stage.WITHDRAWN, Stage.AWAITING_MODERATION, Stage.INELIGIBLE},
    Stage.LAPSED: {Stage.PREPARING},
    Stage.DECIDED: {Stage.AWAITING_MODERATION, Stage.IN_ASSESSMENT},
    Stage.WITHDRAWN: set(),
    Stage.INELIGIBLE: {Stage.SCREENING, Stage.IN_ASSESSMENT, Stage.AWAITING_MODERATION},
}
"""From each stage, where the handbook lets a case go."""

MONEY = (e.FeePaid, e.FeeWaived)
REMEDIES = (r.ModerationSetAside, r.AssessmentSetAside, r.IneligibilitySetAside, r.DecisionReplaced)
AFTER_THE_END: dict[Stage, tuple[type, ...]] = {
    Stage.WITHDRAWN: MONEY,
    Stage.INELIGIBLE: (*MONEY, *REMEDIES, e.ScreeningPassed, e.ScreeningStarted),
    Stage.LAPSED: (*MONEY, e.PreparationExtended),
    Stage.DECIDED: (e.ItemHandedOver, e.OutcomeReportApproved, e.ResultReleased, clocks.DeadlineMissed, *REMEDIES),
}
ONCE = (e.ProgrammeRegistered, e.ScreeningPassed, e.AssessmentCompleted, e.EvidenceRequested,
        e.FinalReviewOpened, e.FoundOutsideDefinition, e.DecisionRecorded, e.OutcomeReportApproved, e.ResultReleased)  # fmt: skip
OF_THE_PANEL = (e.ModerationStarted, e.JudgementConfirmed, e.JudgementChanged, e.EvidenceRequested,
                e.FinalReviewConcluded, e.FoundOutsideDefinition, e.DecisionRecorded)  # fmt: skip
JUDGED = (Stage.AWAITING_MODERATION, Stage.IN_MODERATION, Stage.EVIDENCE_REQUESTED, Stage.FINAL_REVIEW, Stage.DECIDED)


class SubmissionRules(Judging):
    """One submission, eight people with several roles, and a clock; everyone tries everything."""

    # -- what holds everywhere ----------------------------------------------------------------------------------------

    @invariant()
    def an_assessor_never_moderates_or_decides_their_own_case(self) -> None:
        own = {event.assessor for event, _, _ in self.happened if isinstance(event, e.AssessorAssigned)}
        sat = set(self.case.moderation.panel) | {self.case.moderation.chair} if self.case.moderation else set()
        assert own.isdisjoint(sat)
        assert LEAD not in own | sat
        replaced = self.happened and any(isinstance(event, r.DecisionReplaced) for event, _, _ in self.happened)
        assert self.case.outcome is None or self.case.outcome.chair in (sat | {PANELLIST} if replaced else sat)

    @invariant()
    def whom_an_appeal_excludes_never_judges_moderates_or_decides_afterwards(self) -> None:
        excluded: set[str] = set()
        for event, before, _ in self.happened:
            match event:
                case e.AssessorAssigned() | e.AssignmentAccepted() | e.AssessmentCompleted():
                    assert event.assessor not in excluded
                case e.JudgementRecorded():
                    assert before.assessor not in excluded
                case e.ModerationStarted():
                    assert excluded.isdisjoint({event.chair, *event.panel})
                case e.JudgementConfirmed() | e.JudgementChanged():
                    assert before.moderation
                    assert before.moderation.chair not in excluded
                case e.ItemHandedOver() | e.DecisionRecorded() | e.OutcomeReportApproved():
                    assert event.chair not in excluded
                case _:
                    excluded |= set(getattr(event, "excluded", ()))

    @invariant()
    def what_an_appeal_set_aside_is_kept_with_it(self) -> None:
        decided = [event for event, _, _ in self.happened if isinstance(event, e.DecisionRecorded)]
        for one in self.case.superseded:
            assert one.contested == "ineligible" or one.outcome is not None
            assert one.outcome is None or one.outcome.chair == PANELLIST or one.outcome in decided
        appeals = [one.appeal for one in self.case.superseded]
        assert len(appeals) == len(set(appeals))
        assert all(remedy.remedied(self.case, one) for one in appeals[:-1])

    @invariant()
    def no_outcome_but_the_award_rules_on_judgements_that_were_all_made_and_moderated(self) -> None:
        if self.case.outcome is None:
            return
        assert set(self.case.first) == set(self.case.judgements) == self.case.moderated == set(SCHEME.criteria)
        computed = compute_outcome(SCHEME.awards, SCHEME.scale, self.case.judgements, tuple(SCHEME.criteria))
        found = self.case.outcome
        assert (found.outcome, found.level, found.unmet) == (computed.outcome, computed.level, computed.unmet)
        [*_, taken_up] = [n for n, (event, _, _) in enumerate(self.happened) if isinstance(event, e.ModerationStarted)]
        asked = any(isinstance(event, e.EvidenceRequested) for event, _, _ in self.happened[taken_up:])
        assert not asked or self.case.review_concluded

    @invariant()
    def what_happens_once_happened_once(self) -> None:
        count: Counter[type] = Counter()
        for event, _, _ in self.happened:
            if isinstance(event, REMEDIES):
                count.clear()  # what follows an appeal may happen once again
            count[type(event)] += 1
            assert count[type(event)] == 1 or not isinstance(event, ONCE)

    @invariant()
    def the_portfolio_is_frozen_once_it_is_in(self) -> None:
        for event, before, _ in self.happened:
            if isinstance(event, e.PortfolioSubmitted):
                assert before.stage in (Stage.REGISTERED, Stage.PREPARING, Stage.RETURNED)

    @invariant()
    def the_case_goes_the_handbooks_ways_and_nothing_follows_an_end_but_what_may(self) -> None:
        for event, before, _ in self.happened[-8:]:
            after = evolve(before, event)
            assert after.stage is before.stage or after.stage in WAYS[before.stage], event
            assert before.stage not in AFTER_THE_END or isinstance(event, AFTER_THE_END[before.stage]), event
            assert not before.released or isinstance(event, REMEDIES)

    @invariant()
    def nothing_unpaid_is_assessed_and_no_fee_is_charged_twice(self) -> None:
        charged = [event.kind for event, _, _ in self.happened if isinstance(event, e.FeeCharged)]
        assert len(charged) == len(set(charged))
        if self.case.stage in (Stage.IN_ASSESSMENT, *JUDGED):
            assert "due" not in self.case.fees.values()

    @invariant()
    def a_panel_acts_in_quorum_and_changes_nothing_without_a_reason(self) -> None:
        for event, before, _ in self.happened:
            if isinstance(event, OF_THE_PANEL):
                panel = event.panel if isinstance(event, e.ModerationStarted) else before.moderation.panel  # type: ignore[union-attr]
                assert len(panel) >= SCHEME.quorum
            if isinstance(event, e.JudgementChanged):
                assert event.before == before.judgements[event.criterion] != event.level
                assert event.reason

    @invariant()
    def deadlines_hold(self) -> None:
        reminders = [event for event, _, _ in self.happened if isinstance(event, ReminderSent)]
        assert len({reminder_key(one) for one in reminders}) == len(reminders)
        for event, before, at in self.happened:
            if isinstance(event, e.PortfolioSubmitted | e.EvidenceProvided):
                assert before.clock is None or at <= before.clock.due_at
            if isinstance(event, e.SubmissionLapsed | e.EvidenceNotProvided | clocks.DeadlineMissed):
                assert at >= event.due_at
            if isinstance(event, ReminderSent):
                assert event.planned_for <= at < event.due_at
        assert not self.case.over or self.case.clock is None

    @invariant()
    def nobody_has_more_work_than_their_capacity(self) -> None:
        for person in self.people.values():
            assert all(0 <= count <= SCHEME.assessor_capacity for count in person.round_work.values())
        holders = {one.id for one in self.people.values() if CASE in one.in_hand}
        assert holders <= ({self.case.assessor} if self.case.assessor else set())

    @invariant()
    def the_state_is_what_the_events_make(self) -> None:
        assert fold(evolve, Submission(), [event for event, _, _ in self.happened]) == self.case


TestSubmissionRules = SubmissionRules.TestCase
TestSubmissionRules.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=timedelta(seconds=5), print_blob=True
)
