"""Whatever anyone tries on an appeal, in any order: who had a part in the case never hears it, nor sees to it, and a
decision has a reason on each ground, by a whole panel some of whom are from outside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain import tasks
from domain.appeal import Appeal, evolve
from domain.appeal.contested import REMEDIES
from domain.appeal.decision import Found, close_remedy, decide
from domain.appeal.lodging import acknowledge, admit, lodge, not_admit, withdraw
from domain.appeal.others import ACTIONS, close_other, deal_with, find_others, name_follow_up
from domain.appeal.panel import leave_office, leave_panel, name_panel
from domain.clocks import DeadlineMissed
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
    PIP,
    THIRD,
    admitted,
    candidate,
    heard,
    hearer,
    lodging,
    searched,
    upheld,
)
from tests.domain.given import ADA, CASE, NOON, PROVIDER, SCHEME, conflicted, text
from tests.domain.test_machines import SHORT, Aggregate

FROM_THE_CASE, BOTH = hearer("ada", "appeals-officer"), hearer("kim", "appeals-officer")
EVERYONE = {one.id: one for one in (OLA, PIP, HAL, IDA, JON, BOTH, FROM_THE_CASE)}
assert FROM_THE_CASE.id == ADA.id
assert BOTH.id == KIM.id
WHO = st.sampled_from(sorted(EVERYONE))
CASES = st.lists(st.sampled_from([CASE, OTHER, THIRD]), unique=True)


class AppealMachine(Aggregate):
    """An appeal, to which officers, hearers, one who assessed the case, and its provider do what they like."""

    evolve = staticmethod(evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = Appeal()
        self.at = NOON + timedelta(days=1)
        self.people = dict(EVERYONE)
        self.conflicted: set[str] = set()
        self.dealt: dict[str, set[str]] = {}

    @initialize(late=st.booleans(), stage=st.sampled_from([None, None, admitted, heard, upheld, searched]))
    def the_provider_lodges(self, late: bool, stage: Callable[[], Appeal] | None) -> None:
        if stage:
            self.state, self.at = stage(), NOON + timedelta(days=12)
            return
        self.at += timedelta(days=90 if late else 0)
        [event] = self.tries(lambda: lodge(self.state, **lodging(at=self.at)))
        assert event.late is late

    @rule(hours=st.integers(1, 900))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        while due := tasks.due_next(self.state, at=self.at):
            if due.at > self.at:
                return
            step = tasks.remind if due.step == "remind_task" else tasks.miss
            sent: Any = step(self.state, at=self.at)
            assert sent, due
            for one in sent:
                self.state = evolve(self.state, one)
                assert isinstance(one, DeadlineMissed) == (due.step == "miss_task")

    @rule(who=WHO)
    def somebody_has_a_conflict(self, who: str) -> None:
        self.conflicted.add(who)
        self.people[who] = conflicted(self.people[who])
        self.tries(lambda: leave_panel(self.state, person=who, because="conflict"))
        self.tries(lambda: leave_office(self.state, person=who, because="conflict"))

    def seeing(self, who: str) -> dict[str, Any]:
        return {"by": self.people[who], "had_part": HAD_PART}

    def on(self) -> dict[str, Any]:
        return {"scheme": SCHEME, "at": self.at}

    def by_officer(self, who: str, events: list[Any]) -> None:
        assert not events or (who not in self.conflicted and who not in HAD_PART)
        assert not events or who not in self.state.panel

    @rule(who=WHO, reason=st.sampled_from([None, text("why")]), no=st.integers(0, 9))
    def somebody_sees_to_it(self, who: str, reason: Any, no: int) -> None:
        self.by_officer(who, self.tries(lambda: acknowledge(self.state, **self.seeing(who), **self.on())))
        late = self.state.lodging.late
        admitted = self.tries(lambda: admit(self.state, reason=reason, **self.seeing(who), **self.on()))
        assert not admitted or reason or not late
        self.by_officer(who, admitted)
        if no == 0:
            self.by_officer(who, self.tries(lambda: not_admit(self.state, reason=text("no"), **self.seeing(who))))

    @rule(who=WHO, panel=st.lists(WHO, min_size=2, max_size=4))
    def somebody_names_a_panel(self, who: str, panel: list[str]) -> None:
        self.named(who, panel)

    @rule(panel=st.permutations([HAL.id, IDA.id, JON.id, KIM.id]), who=st.sampled_from([OLA.id, PIP.id]))
    def an_officer_names_those_who_hear(self, panel: list[str], who: str) -> None:
        kept = [one for one in panel if one not in self.state.panel and one != self.state.chair]
        self.named(who, [*filter(None, [self.state.chair]), *self.state.panel, *kept][:3])

    def named(self, who: str, panel: list[str]) -> None:
        known = [candidate(one) for one in self.people.values()]
        said = {"chair": panel[0], "members": panel[1:], "candidates": known}
        named = self.tries(lambda: name_panel(self.state, **self.seeing(who), **said, **self.on()))
        self.by_officer(who, named)
        if named:
            assert not {*self.state.panel} & {*HAD_PART, *self.conflicted, *self.state.officers}
            assert len(self.state.panel) >= SCHEME.assurance.appeals.panel
            assert {*self.state.panel} - {HAL.id, IDA.id}

    @rule(who=WHO)
    def somebody_steps_down(self, who: str) -> None:
        self.tries(lambda: leave_panel(self.state, person=who, because="stepped-down", why=text("ill")))

    @rule()
    def the_provider_withdraws(self) -> None:
        withdrawn = self.tries(lambda: withdraw(self.state, reason=text("no more")))
        assert not withdrawn or self.state.decided is None

    @precondition(lambda self: self.state.panel)
    @rule(
        who=st.one_of(WHO, st.none()),
        findings=st.dictionaries(
            st.sampled_from([*GROUNDS, "envy"]), st.sampled_from(["upheld", "dismissed", "maybe"])
        ),
        whole=st.booleans(),
        remedy=st.sampled_from([None, *REMEDIES["result"], "apologise"]),
    )
    def somebody_decides(self, who: str | None, findings: dict[str, str], whole: bool, remedy: str | None) -> None:
        by = who or self.state.chair
        findings = {code: findings.get(code, "upheld") for code in GROUNDS} if whole else findings
        if by not in self.people:
            return
        panel = [candidate(self.people[one]) for one in self.state.panel]
        rulings = {code: Found(finding=one, reason=text(code)) for code, one in findings.items()}
        said = {"by": self.people[by], "panel": panel, "excluded": set(HAD_PART), "findings": rulings, "remedy": remedy}
        for one in self.tries(lambda: decide(self.state, **said, **self.on())):
            assert by == self.state.chair
            assert {ground.ground for ground in one.findings} == set(GROUNDS)
            assert (one.remedy is None) == (one.outcome == "dismissed")
            assert not {*one.panel} & {*HAD_PART, *self.conflicted}
            assert {*one.panel, *HAD_PART} <= set(one.excluded)

    @rule(who=WHO, done=st.booleans())
    def somebody_closes_the_remedy(self, who: str, done: bool) -> None:
        closed = self.tries(lambda: close_remedy(self.state, carried_out=done, **self.seeing(who)))
        self.by_officer(who, closed)
        assert not closed or done

    @rule(who=WHO, cases=CASES)
    def somebody_searches(self, who: str, cases: list[str]) -> None:
        said = {"causes": [CAUSE], "cases": cases, "searched_to": 9}
        self.by_officer(who, self.tries(lambda: find_others(self.state, **said, **self.seeing(who), **self.on())))

    @rule(who=WHO, case=st.sampled_from([CASE, OTHER, THIRD]), action=st.sampled_from([*ACTIONS, "wept"]))
    def somebody_deals_with_another(self, who: str, case: str, action: str) -> None:
        said = {"by": self.people[who], "had_part": HAD_PART, "provider": PROVIDER, "case": case}
        if self.tries(lambda: deal_with(self.state, **said, action=action, done=text("so"))):
            self.dealt.setdefault(case, set()).add(who)
            assert who not in HAD_PART

    @rule(who=WHO, case=st.sampled_from([OTHER, THIRD]))
    def somebody_closes_another(self, who: str, case: str) -> None:
        said = {"by": self.people[who], "had_part": HAD_PART, "provider": PROVIDER, "case": case}
        if self.tries(lambda: close_other(self.state, **said)):
            assert who not in self.dealt[case]
            assert who not in HAD_PART
            assert who not in self.conflicted

    @rule(who=WHO, person=WHO)
    def somebody_names_what_follows(self, who: str, person: str) -> None:
        said = {"person": person, "topic": "reading", "need": text("reading"), **self.seeing(who)}
        if self.tries(lambda: name_follow_up(self.state, **said)):
            assert person in HAD_PART

    @invariant()
    def what_is_over_has_no_tasks_and_what_is_not_has_some(self) -> None:
        if self.state.id:
            assert self.state.over == (not self.state.tasks.running)

    @invariant()
    def nobody_with_a_conflict_hears_it_before_it_is_decided(self) -> None:
        if self.state.decided is None and not self.state.over:
            assert not {*self.state.panel} & self.conflicted

    @invariant()
    def an_upheld_appeal_is_over_once_all_is_done_and_not_before(self) -> None:
        held = self.state
        if held.decided and held.decided.outcome == "upheld":
            assert held.over == (held.remedy_closed and held.others is not None and not held.open_others)


TestAppeal = AppealMachine.TestCase
TestAppeal.settings = SHORT
