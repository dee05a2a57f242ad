"""Whatever anyone tries with a submission, in any order, the rules that hold everywhere hold."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import meeting as meetings
from domain import person as people
from domain.award import compute_outcome
from domain.clocks import ReminderSent, reminder_key
from domain.meeting import Meeting
from domain.person import Person
from domain.refusals import Refused
from domain.submission import assessment, clocks, decision, items, moderation, preparation, remedy
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.assessment import Finding
from domain.submission.process import due_next, owed
from domain.submission.state import Stage, Submission, evolve
from tests.domain import given
from tests.domain.given import CASE, DAY, LEAD, NOON, PROVIDER, SAID, SCHEME, SECOND, WINDOW, fold, member, text

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

CAST: dict[str, tuple[str, ...]] = {
    "ada": ("assessor",),
    "ben": ("assessor", "moderator"),
    "cai": ("assessor", "chair"),
    "dot": ("chair", "moderator"),
    "eva": ("moderator",),
    "fin": ("moderator",),
    "gil": ("assessor", "moderator", "chair"),
    "hal": ("moderator", "chair"),
    "ivy": ("moderator",),
    "jon": ("moderator",),
    "lea": ("assessor", "chair"),
}
"""Who takes part, in which roles. Lea is the provider's lead contact too, and so has a conflict from the start."""

NAMES = st.sampled_from(sorted(CAST))
LEVELS = st.sampled_from(SCHEME.scale)
CRITERIA = st.sampled_from([*SCHEME.criteria, "9.9"])
GROUPS = st.lists(NAMES, max_size=5, unique=True)
PANELLIST = "person-panellist"
"""Who records what the appeals panel decides."""


class SubmissionRules(RuleBasedStateMachine):
    """One submission, eight people with several roles, and a clock; everyone tries everything."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOON
        self.case = Submission()
        self.happened: list[tuple[e.SubmissionEvent, Submission, datetime]] = []
        self.people: dict[str, Person] = {name: member(name, *roles) for name, roles in CAST.items()}
        self.people["lea"] = given.conflicted(replace(self.people["lea"], id=LEAD))
        self.meeting = Meeting()
        self.meetings = 0

    # -- how a command is tried ---------------------------------------------------------------------------------------

    def attempt(self, decide: Callable[[], Sequence[e.SubmissionEvent]], by: str | None = None) -> bool:
        """Try a command, on behalf of a person if one is named; say whether it came to anything."""
        before = self.case
        try:
            events = decide()
        except Refused as refusal:
            assert self.case is before
            given.says_all(refusal)
            return False
        for event in events:
            self.happened.append((event, self.case, self.now))
            self.case = evolve(self.case, event)
        if events and by:
            assert PROVIDER not in self.people[by].conflicts, f"{by} has a conflict, and yet {events}"
        if events:
            assert decide() == [], "the same command again changes nothing"
        return bool(events)

    def changes(self, name: str, events: Sequence[people.PersonEvent]) -> None:
        self.people[name] = fold(people.evolve, self.people[name], events)

    def sits(self, by: str) -> dict[str, Any]:
        panel = self.case.moderation.panel if self.case.moderation else self.meeting.panel
        members = [one for one in self.people.values() if one.id in panel]
        return {"by": self.people[by], "panel": members, "scheme": SCHEME, "at": self.now}

    # -- time and people ----------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 3, 8, 15, 40, 370]), seconds=st.integers(-1, 1))
    def time_passes(self, days: int, seconds: int) -> None:
        self.now = max(self.now, self.now + days * DAY + seconds * SECOND)

    @precondition(lambda self: self.case.clock)
    @rule(seconds=st.integers(-1, 1))
    def a_deadline_comes(self, seconds: int) -> None:
        assert self.case.clock
        self.now = max(self.now, self.case.clock.due_at + seconds * SECOND)

    @rule(name=NAMES, often=st.integers(0, 5))
    def someone_declares_a_conflict(self, name: str, often: int) -> None:
        if not often:  # seldom, or soon nobody is left
            self.changes(name, people.declare_conflict(self.people[name], provider=PROVIDER, kind="advised"))

    @rule(name=NAMES, often=st.integers(0, 5))
    def someones_role_ends(self, name: str, often: int) -> None:
        if not often:
            role = CAST[name][0]
            self.changes(name, people.end_role(self.people[name], role=role, scheme=SCHEME.id))

    # -- the process --------------------------------------------------------------------------------------------------

    @rule()
    def its_process_does_what_is_owed_or_due(self) -> None:
        due = due_next(self.case, at=self.now)
        step = owed(self.case) or (due.step if due and due.at <= self.now else None)
        if step:
            assert self.take(step), f"{step} did nothing when it was its turn"

    @rule(step=st.sampled_from(["start_preparation", "lapse", "remind", "miss_deadline", "start_screening",
        "take_back", "open_final_review", "release_result"]))  # fmt: skip
    def its_process_is_early_or_late(self, step: str) -> None:
        self.take(step)

    def take(self, step: str) -> bool:
        at = self.now
        match step:
            case "start_preparation":
                return self.attempt(lambda: preparation.start_preparation(self.case))
            case "start_screening":
                return self.attempt(lambda: preparation.start_screening(self.case, scheme=SCHEME, at=at))
            case "assign_assessor":
                return self.assign()
            case "release_result":
                return self.attempt(lambda: decision.release_result(self.case))
            case "remind":
                return self.attempt(lambda: clocks.remind(self.case, at=at))
            case "miss_deadline":
                return self.attempt(lambda: clocks.miss_deadline(self.case, at=at))
            case "lapse":
                return self.attempt(lambda: preparation.lapse(self.case, at=at))
            case "take_back":
                return self.ends_work(lambda: assessment.take_back(self.case, reason="not-answered", at=at))
            case _:
                return self.attempt(lambda: moderation.open_final_review(self.case, scheme=SCHEME, at=at))

    def assign(self) -> bool:
        pool = list(self.people.values())
        before = self.case.assessor
        done = self.attempt(lambda: assessment.assign(self.case, scheme=SCHEME, assessors=pool, at=self.now)[0])
        if self.case.assessor and not before:
            [name] = [one for one, person in self.people.items() if person.id == self.case.assessor]
            assert PROVIDER not in self.people[name].conflicts
            taken = people.take_work(
                self.people[name],
                submission=CASE,
                window=assessment.round_of(self.case),
                capacity=SCHEME.assessor_capacity,
            )
            self.changes(name, taken)
        return done

    def ends_work(self, decide: Callable[[], Sequence[e.SubmissionEvent]]) -> bool:
        assessor = self.case.assessor
        done = self.attempt(decide)
        if done:
            [name] = [one for one, person in self.people.items() if person.id == assessor]
            self.changes(name, people.release_work(self.people[name], submission=CASE, reason="declined"))
        return done

    # -- the provider and operations ----------------------------------------------------------------------------------

    @initialize(
        far=st.sampled_from([15, 15, 15, 12, 10, *range(9)]),
        levels=st.lists(LEVELS, min_size=3, max_size=3),
        ask=st.booleans(),
        wanted=st.sampled_from(remedy.FITTING["result"]),
    )
    def registers_and_gets_so_far(self, far: int, levels: list[str], ask: bool, wanted: str) -> None:
        assert self.attempt(lambda: preparation.register(self.case, **SAID))
        way = [
            self.its_process_does_what_is_owed_or_due,
            lambda: self.submits("We do", 0, late=False),
            self.its_process_does_what_is_owed_or_due,
            self.pays_and_passes,
            self.its_process_does_what_is_owed_or_due,
            lambda: self.the_assessor_gets_on_with_it(levels),
            lambda: self.a_meeting_of_those_who_may_takes_the_item_up(sorted(CAST)),
            lambda: self.the_chair_gets_on_with_it(ask and far < 9),
            self.its_process_does_what_is_owed_or_due,
            lambda: self.an_appeal_is_upheld(1, "result", wanted, [], {"1.1": "low", "1.2": "high"}),
            self.its_process_does_what_is_owed_or_due,
            lambda: self.case.assessor and self.the_assessor_gets_on_with_it(levels),
            lambda: self.a_meeting_of_those_who_may_takes_the_item_up(sorted(CAST, reverse=True)),
            lambda: self.case.moderation and self.the_chair_gets_on_with_it(ask),
            self.its_process_does_what_is_owed_or_due,
        ]
        for go in way[:far]:
            go()

    def pays_and_passes(self) -> None:
        for kind in ("registration", "submission"):
            self.a_fee_is_paid_or_waived(kind, waived=False, short=False)
        self.screens("pass")

    @rule(saying=st.sampled_from(["We do", "We would"]), some=st.integers(0, 4), late=st.booleans())
    def submits(self, saying: str, some: int, late: bool) -> None:
        whole = given.answers(saying=saying)[: some or 3]
        said = {"window": WINDOW, "late": late, "answers": whole, "evidence": given.files(), "at": self.now}
        self.attempt(lambda: preparation.submit(self.case, by=LEAD, scheme=SCHEME, **said))

    @rule(kind=st.sampled_from(["registration", "submission", "bribe"]), waived=st.booleans(), short=st.booleans())
    def a_fee_is_paid_or_waived(self, kind: str, waived: bool, short: bool) -> None:
        amount = self.case.charges.get(kind, 1) - short
        if waived:
            self.attempt(lambda: preparation.waive_fee(self.case, kind=kind, reason=text("small")))
        else:
            self.attempt(lambda: preparation.pay_fee(self.case, kind=kind, amount=amount))

    @rule(days=st.integers(-10, 60))
    def more_time_is_granted(self, days: int) -> None:
        limit = self.case.clock.due_at if self.case.clock else self.now
        said = {"until": max(limit, self.now) + days * DAY, "reason": text("ill"), "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: preparation.extend_preparation(self.case, **said))

    @rule(days=st.integers(-1, 20))
    def a_deadline_is_moved(self, days: int) -> None:
        due_at = self.case.clock.due_at if self.case.clock else self.now
        said = {"until": due_at + days * DAY, "reason": text("ill"), "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: clocks.extend_deadline(self.case, **said))

    @rule(what=st.sampled_from([*["pass"] * 6, "return", "ineligible"]))
    def screens(self, what: str) -> None:
        match what:
            case "pass":
                self.attempt(lambda: preparation.pass_screening(self.case))
            case "return":
                said = {"reason": text("a page"), "scheme": SCHEME, "at": self.now}
                self.attempt(lambda: preparation.return_portfolio(self.case, **said))
            case _:
                self.attempt(lambda: preparation.find_ineligible(self.case, reason=text("first aid")))

    @rule(by=st.sampled_from([LEAD, LEAD, "person-other"]), often=st.integers(0, 9))
    def withdraws(self, by: str, often: int) -> None:
        if not often:
            self.attempt(lambda: preparation.withdraw(self.case, by=by, reason=text("no time")))

    @rule(
        criteria=st.lists(CRITERIA, max_size=3), say=st.sampled_from(["This", "That"]), by=st.sampled_from([LEAD, "x"])
    )
    def answers_the_panel(self, criteria: list[str], say: str, by: str) -> None:
        said = {"answers": given.answers(criteria or self.case.asked, say), "evidence": [], "at": self.now}
        self.attempt(lambda: moderation.provide_evidence(self.case, by=by, scheme=SCHEME, **said))

    # -- assessors ----------------------------------------------------------------------------------------------------

    @rule(name=NAMES, what=st.sampled_from(["accept", "judge", "complete", "decline"]), level=LEVELS, some=CRITERIA)
    def someone_assesses(self, name: str, what: str, level: str, some: str) -> None:
        by = self.people[name]
        match what:
            case "accept":
                self.attempt(lambda: assessment.accept(self.case, by=by, scheme=SCHEME, at=self.now), name)
            case "judge":
                findings = given.findings({some: level}) if some in SCHEME.criteria else {some: Finding(level=level)}
                self.attempt(lambda: assessment.judge(self.case, by=by, scheme=SCHEME, findings=findings), name)
            case "complete":
                said = {"scheme": SCHEME, "minutes_spent": 60, "at": self.now}
                self.attempt(lambda: assessment.complete(self.case, by=by, **said), name)
            case _:
                self.ends_work(lambda: assessment.decline(self.case, by=by))

    @precondition(lambda self: self.case.assessor and self.case.stage is Stage.IN_ASSESSMENT)
    @rule(levels=st.lists(LEVELS, min_size=3, max_size=3))
    def the_assessor_gets_on_with_it(self, levels: list[str]) -> None:
        [name] = [one for one, person in self.people.items() if person.id == self.case.assessor]
        by, findings = self.people[name], given.findings(dict(zip(SCHEME.criteria, levels, strict=True)))
        self.attempt(lambda: assessment.accept(self.case, by=by, scheme=SCHEME, at=self.now), name)
        self.attempt(lambda: assessment.judge(self.case, by=by, scheme=SCHEME, findings=findings), name)
        said = {"scheme": SCHEME, "minutes_spent": 60, "at": self.now}
        self.attempt(lambda: assessment.complete(self.case, by=by, **said), name)

    # -- panels -------------------------------------------------------------------------------------------------------

    @rule(chair=NAMES, panel=GROUPS)
    def a_meeting_is_held(self, chair: str, panel: list[str]) -> None:
        planned = {
            "scheme": SCHEME.id,
            "starts_at": self.now,
            "chair": self.people[chair].id,
            "panel": tuple(self.people[one].id for one in panel),
            "items": (CASE,),
            "quorum": SCHEME.quorum,
            "at": self.now,
        }
        self.meetings += 1
        try:
            meeting = fold(
                meetings.evolve, Meeting(), meetings.schedule(Meeting(), id=f"meeting-{self.meetings}", **planned)
            )
        except Refused:
            return
        opened = meetings.open_meeting(meeting, by=meeting.chair, present=meeting.panel, at=self.now)
        self.meeting = fold(meetings.evolve, meeting, opened)

    @rule(name=NAMES)
    def someone_takes_the_item_up(self, name: str) -> None:
        by = self.people[name]
        panel = [one for one in self.people.values() if one.id in self.meeting.panel]
        said = {"by": by, "panel": panel, "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: moderation.start(self.case, meeting=self.meeting, **said), name)

    @precondition(lambda self: self.case.stage is Stage.AWAITING_MODERATION)
    @rule(panel=st.permutations(sorted(CAST)))
    def a_meeting_of_those_who_may_takes_the_item_up(self, panel: list[str]) -> None:
        able = [one for one in panel if moderation.may_moderate(self.case, self.people[one], SCHEME, self.now)]
        chairs = [one for one in able if self.people[one].holds("chair", SCHEME.id, self.now)]
        if chairs:  # as few as may be, so that others are left whom an appeal does not exclude
            self.a_meeting_is_held(chairs[0], [one for one in able if one != chairs[0]][: SCHEME.quorum])
            self.someone_takes_the_item_up(chairs[0])

    @rule(number=st.integers(1, 3), often=st.integers(0, 3))
    def it_is_listed_or_adjourned(self, number: int, often: int) -> None:
        meeting = f"meeting-{number}"
        match often:
            case 0:
                said = {"reason": text("two left"), "scheme": SCHEME, "at": self.now}
                self.attempt(lambda: items.adjourn(self.case, **said))
            case 1:
                self.attempt(lambda: items.free(self.case, meeting=meeting, scheme=SCHEME, at=self.now))
            case _:
                self.attempt(lambda: items.list_for(self.case, meeting=meeting, scheme=SCHEME))

    @rule(name=NAMES, often=st.integers(0, 3))
    def it_is_handed_to_another_chair(self, name: str, often: int) -> None:
        if not often:
            said = {"to": self.people[name], "had_part": (), "reason": text("gone"), "scheme": SCHEME, "at": self.now}
            self.attempt(lambda: items.hand_over(self.case, **said), name)

    @rule(name=NAMES, often=st.integers(0, 9))
    def someone_finds_it_outside_the_definition(self, name: str, often: int) -> None:
        if not often:
            self.attempt(lambda: items.find_outside(self.case, **self.sits(name), reason=text("a sale")), name)

    @rule(name=NAMES, level=LEVELS, code=CRITERIA, why=st.booleans())
    def someone_moderates(self, name: str, level: str, code: str, why: bool) -> None:
        findings = {code: Finding(level=level, reason=text(f"{code} {level}") if why else None)}
        self.attempt(lambda: moderation.moderate(self.case, **self.sits(name), findings=findings), name)

    @rule(name=NAMES, criteria=st.lists(CRITERIA, max_size=2))
    def someone_asks_for_more(self, name: str, criteria: list[str]) -> None:
        said = {"criteria": criteria, "wanted": text("more")}
        self.attempt(lambda: moderation.request_evidence(self.case, **self.sits(name), **said), name)

    @rule(name=NAMES, what=st.sampled_from(["conclude", "decide", "approve"]))
    def someone_decides(self, name: str, what: str) -> None:
        match what:
            case "conclude":
                self.attempt(lambda: moderation.conclude_review(self.case, **self.sits(name)), name)
            case "decide":
                self.attempt(lambda: decision.decide(self.case, **self.sits(name)), name)
            case _:
                short = given.shortfalls(self.case) if self.case.outcome else []
                said = {"by": self.people[name], "scheme": SCHEME, "shortfalls": short, "at": self.now}
                self.attempt(lambda: decision.approve_report(self.case, **said), name)

    @precondition(lambda self: self.case.moderation and not self.case.report_approved)
    @rule(ask=st.booleans())
    def the_chair_gets_on_with_it(self, ask: bool) -> None:
        assert self.case.moderation
        [name] = [one for one, person in self.people.items() if person.id == self.case.moderation.chair]
        for code in sorted(set(SCHEME.criteria) - self.case.moderated):
            self.someone_moderates(name, self.case.judgements[code], code, why=False)
        if ask:
            self.someone_asks_for_more(name, ["1.2"])
        for what in ("conclude", "decide", "approve"):
            self.someone_decides(name, what)

    # -- appeals ------------------------------------------------------------------------------------------------------

    @rule(
        number=st.integers(1, 3),
        contested=st.sampled_from(["result", "result", "ineligible", "review"]),
        wanted=st.sampled_from([remedy.MODERATE_AGAIN, remedy.ASSESS_AGAIN, remedy.REPLACE_DECISION]),
        barred=st.lists(NAMES, max_size=2, unique=True),
        changed=st.dictionaries(CRITERIA, LEVELS, max_size=2),
    )
    def an_appeal_is_upheld(
        self, number: int, contested: str, wanted: str, barred: list[str], changed: dict[str, str]
    ) -> None:
        replaces = (contested, wanted) == ("result", remedy.REPLACE_DECISION)
        directed = remedy.Remedy(
            appeal=f"appeal-{number}",
            contested=contested,
            remedy=wanted,
            excluded=frozenset(self.people[one].id for one in barred),
            judgements={code: Finding(level=level, reason=text("on appeal")) for code, level in changed.items()}
            if replaces
            else {},
            reason=text("so it is"),
        )
        assessor = self.case.assessor
        said = {"wanted": directed, "by": PANELLIST, "scheme": SCHEME, "at": self.now}
        if self.attempt(lambda: remedy.carry_through(self.case, **said)) and assessor and not self.case.assessor:
            [name] = [one for one, person in self.people.items() if person.id == assessor]
            self.changes(name, people.release_work(self.people[name], submission=CASE, reason="assessed"))

    @precondition(lambda self: self.case.released or self.case.stage is Stage.INELIGIBLE)
    @rule(
        number=st.integers(1, 3),
        wanted=st.sampled_from([remedy.MODERATE_AGAIN, remedy.ASSESS_AGAIN, remedy.REPLACE_DECISION]),
        barred=st.lists(NAMES, max_size=1, unique=True),
        level=LEVELS,
    )
    def what_is_over_is_contested(self, number: int, wanted: str, barred: list[str], level: str) -> None:
        contested = "result" if self.case.released else "ineligible"
        self.an_appeal_is_upheld(number, contested, wanted, barred, {"1.1": level})

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
