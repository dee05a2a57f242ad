"""Whatever anyone tries with a submission: its assessors, its panels, and those whom it is appealed to."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain import meeting as meetings
from domain import person as people
from domain.meeting import Meeting
from domain.refusals import Refused
from domain.submission import assessment, decision, items, moderation, preparation, remedy
from domain.submission.assessment import Finding
from domain.submission.state import Stage
from tests.domain import given
from tests.domain.given import CASE, SAID, SCHEME, fold, text
from tests.domain.submitting import CAST, CRITERIA, LEVELS, NAMES, Submitting

GROUPS = st.lists(NAMES, max_size=5, unique=True)
PANELLIST = "person-panellist"
"""Who records what the appeals panel decides."""


class Judging(Submitting):
    """What assessors, panels and appeals try with it; each run begins so far along its way."""

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
