"""Whatever is tried on an audit, a risk or a sampling plan, in any order and by anyone: the rules of separation hold, what is over
has no tasks, the same again changes nothing, and every refusal says which rule, of what, and what would be allowed.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import audit as audits
from domain import risk as risks
from domain import sampling as samples
from domain import tasks
from domain.audit import actions, drawing, findings
from domain.audit.seeing import has_conflict
from domain.audit.state import ACT, CLOSE, VERIFY
from domain.governance_policy import RATINGS
from domain.person import Person
from domain.refusals import Refused
from domain.risk import keeping
from domain.risk.state import CONFIRM, REVIEW, SEE
from domain.sampling import looking, planning
from domain.sampling.state import DRAW, FINISH, LOOK
from tests.domain.given import ADA, BEN, CHAIR, DAY, MIA, NIK, NOON, conflicted, fold, says_all, text
from tests.domain.governing import (
    ANN,
    AUDITING,
    BOARD,
    BOB,
    CALENDAR,
    CASES,
    CAT,
    CHECKLIST,
    OLA,
    OPENING,
    QUE,
    RISK,
    RISKING,
    SAMPLING,
    against,
    assessed,
)
from tests.domain.test_machines import Aggregate
from tests.domain.test_sampling import END
from tests.domain.test_sampling import SAID as PLANNING

SHORT = settings(max_examples=50, stateful_step_count=40, deadline=None)
TEXTS = st.sampled_from(["one", "two"]).map(text)
NUMBERS = st.integers(1, 6)
LATER = st.integers(0, 200).map(lambda days: NOON + days * DAY)


class AuditMachine(Aggregate):
    """An audit: nobody finds, acts on or verifies what a conflict hides from them, nor verifies their own, and it closes whole."""

    evolve = staticmethod(audits.evolve)
    NAMES = st.sampled_from([ANN.id, BOB.id, CAT.id, OLA.id, QUE.id])
    CASE_IDS = st.sampled_from([one.case for one in CASES[:4]])
    RESULTS = st.sampled_from([*findings.RESULTS, "splendid"])

    def __init__(self) -> None:
        super().__init__()
        self.state = audits.Audit()
        self.people: dict[str, Person] = {one.id: one for one in (ANN, BOB, CAT, OLA, QUE)}
        self.owned: dict[int, set[str]] = {}

    def provider(self, case: str) -> str:
        return next(one.provider for one in CASES if one.case == case)

    @rule(seed=st.integers(0, 3), size=st.integers(0, 4), by=NAMES)
    def someone_opens(self, seed: int, size: int, by: str) -> None:
        members = [self.people[one.id] for one in BOARD]
        said = OPENING | {"cases": CASES[:5], "seed": seed, "size": size, "by": self.people[by], "members": members}
        drawn = self.state.seed, self.state.size
        if self.tries(lambda: drawing.open_audit(self.state, **said)):
            assert drawn == (0, 0)
            assert by in self.state.members

    @rule(who=NAMES, case=CASE_IDS)
    def someone_declares(self, who: str, case: str) -> None:
        if len(self.people[who].conflicts) < 2:
            self.people[who] = against(self.people[who], case)

    @rule(case=CASE_IDS, item=st.sampled_from(["reasons", "clocks", "colour"]), by=NAMES, result=RESULTS, said=TEXTS)
    def someone_finds(self, case: str, item: str, by: str, result: str, said: Any) -> None:
        person = self.people[by]
        given = {"case": case, "item": item, "by": person, "result": result, "text": said}
        if self.tries(lambda: findings.record_finding(self.state, **given)):
            assert not has_conflict(person, self.provider(case))
            assert by in self.state.members

    @rule()
    def the_members_find_the_rest(self) -> None:
        for case, item in self.state.unanswered:
            for one in BOARD:
                said = {"case": case, "item": item, "by": self.people[one.id], "result": "conforms", "text": None}
                self.tries(lambda said=said: findings.record_finding(self.state, **said))

    @rule(finding=NUMBERS, by=NAMES, result=RESULTS, said=TEXTS)
    def someone_supersedes(self, finding: int, by: str, result: str, said: Any) -> None:
        person = self.people[by]
        given = {"finding": finding, "by": person, "result": result, "text": said, "reason": text("why")}
        if self.tries(lambda: findings.supersede_finding(self.state, **given)):
            assert not has_conflict(person, self.provider(self.state.findings[finding].case))

    @rule(finding=NUMBERS, by=NAMES, owner=NAMES, at=LATER)
    def someone_agrees_an_action(self, finding: int, by: str, owner: str, at: Any) -> None:
        given = {"finding": finding, "by": self.people[by], "owner": self.people[owner], "to_do": text("do")}
        dates = {"rules": AUDITING, "calendar": CALENDAR, "at": at}
        if len(self.state.actions) < 3 and self.only_once(lambda: actions.agree_action(self.state, **given, **dates)):
            assert not has_conflict(self.people[owner], self.provider(self.state.findings[finding].case))
            self.owned[len(self.state.actions)] = {owner}

    def only_once(self, decide: Any) -> list[Any]:
        """Two actions about a finding are two actions, so that the same again is not tried here."""
        try:
            events: list[Any] = decide()
        except Refused as refusal:
            says_all(refusal)
            return []
        self.state = fold(type(self).evolve, self.state, events)
        return events

    @rule(action=NUMBERS, by=NAMES, owner=NAMES)
    def someone_hands_an_action_on(self, action: int, by: str, owner: str) -> None:
        given = {"action": action, "by": self.people[by], "owner": self.people[owner], "reason": text("why")}
        if self.tries(lambda: actions.give_action(self.state, **given)):
            self.owned[action].add(owner)

    @rule(action=NUMBERS, by=NAMES, at=LATER, what=st.sampled_from(["do", "verify", "return"]))
    def someone_acts(self, action: int, by: str, at: Any, what: str) -> None:
        person, dates = self.people[by], {"rules": AUDITING, "calendar": CALENDAR, "at": at}
        decide = {
            "do": lambda: actions.do_action(self.state, action=action, by=person, note=text("n"), **dates),
            "verify": lambda: actions.verify_action(self.state, action=action, by=person, note=text("n")),
            "return": lambda: actions.return_action(self.state, action=action, by=person, reason=text("n"), **dates),
        }[what]
        if self.tries(decide):
            case = self.state.findings[self.state.actions[action].finding].case
            assert not has_conflict(person, self.provider(case))
            assert (by in self.owned[action]) is (what == "do")

    @rule(by=NAMES)
    def someone_replaces_what_is_hidden(self, by: str) -> None:
        members = [self.people[one] for one in self.state.members]
        before = set(self.state.sampled)
        given = {"by": self.people[by], "members": members, "cases": CASES[:5]}
        for one in self.tries(lambda: drawing.replace_hidden(self.state, **given)):
            assert one.case in before
            assert all(has_conflict(member, self.provider(one.case)) for member in members)

    @rule(by=NAMES)
    def someone_closes(self, by: str) -> None:
        hidden = len(drawing.hidden_from_all(self.state, [self.people[one] for one in self.state.members]))
        given = {"by": self.people[by], "hidden": hidden, "summary": text("all")}
        if self.tries(lambda: findings.close_audit(self.state, **given)):
            assert by == self.state.lead
            assert not self.state.unfinished

    @invariant()
    def the_sample_is_the_seeds_and_what_is_over_has_no_tasks(self) -> None:
        held = self.state
        if not held.id:
            assert not held.tasks.running
            return
        assert drawing.drawn_again(held, CASES[:5]) == []
        assert held.over is not bool(held.tasks.running)
        assert len(held.in_force) <= len(CHECKLIST) * (len(held.sampled) + len(held.gone))
        acting = {name for name in held.tasks.running if name != CLOSE}
        wanted = {tasks.named(VERIFY if one.done else ACT, str(one.number)) for one in held.to_verify}
        assert held.over or acting == wanted


class RiskMachine(Aggregate):
    """A risk: reviewed by its owner, confirmed and closed by nobody who ever owned it, and never without a review to come."""

    evolve = staticmethod(risks.evolve)
    PEOPLE = st.sampled_from([ANN, BOB, OLA, QUE, ADA])
    LEVELS = st.sampled_from([*RATINGS, "vast"])

    def __init__(self) -> None:
        super().__init__()
        self.state = risks.Risk()
        self.owners: set[str] = set()

    @rule(kind=st.sampled_from(["financial", "envy"]), one=LEVELS, other=LEVELS, owner=PEOPLE)
    def someone_registers(self, kind: str, one: str, other: str, owner: Person) -> None:
        said = {"kind": kind, "likelihood": one, "impact": other, "owner": owner, "description": text("what")}
        dates = {"rules": RISKING, "calendar": CALENDAR, "at": NOON}
        if self.tries(lambda: keeping.register(self.state, id=RISK, mitigation=text("how"), **said, **dates)):
            self.owners.add(owner.id)

    @rule(by=PEOPLE, result=st.sampled_from([*keeping.RESULTS, "splendid"]), one=LEVELS, other=LEVELS, at=LATER)
    def someone_reviews(self, by: Person, result: str, one: str, other: str, at: Any) -> None:
        waiting = self.state.unseen is not None and self.state.unseen.to_confirm
        high = self.state.id and self.state.rating == "high"
        said = {
            "by": by,
            "result": result,
            "likelihood": one,
            "impact": other,
            "note": text("note"),
            "mitigation": None,
        }
        dates = {"rules": RISKING, "calendar": CALENDAR, "at": at}
        if self.tries(lambda: keeping.review(self.state, **said, **dates)):
            assert by.id == self.state.owner
            assert self.state.unseen.to_confirm or not (waiting or high or self.state.rating == "high")

    @rule(by=PEOPLE, at=LATER, agrees=st.booleans())
    def someone_sees_the_review(self, by: Person, at: Any, agrees: bool) -> None:
        dates = {"rules": RISKING, "calendar": CALENDAR, "at": at}
        if agrees:
            happened = self.tries(lambda: keeping.see_review(self.state, by=by))
        else:
            happened = self.tries(lambda: keeping.return_review(self.state, by=by, reason=text("no"), **dates))
        if happened:
            assert by.id not in self.owners

    @rule(by=PEOPLE, owner=PEOPLE)
    def someone_names_an_owner(self, by: Person, owner: Person) -> None:
        before = self.state.owner
        if self.tries(lambda: keeping.name_owner(self.state, at=NOON, by=by, owner=owner, reason=text("why"))):
            assert by.id != before
            self.owners.add(owner.id)

    @rule(by=PEOPLE, role=st.sampled_from(["board", "quality-manager"]))
    def someone_closes(self, by: Person, role: str) -> None:
        high = self.state.id and self.state.rating == "high"
        if self.tries(lambda: keeping.close(self.state, by=by, role=role, reason=text("gone"))):
            assert by.id not in self.owners
            assert role == "board" or not high

    @invariant()
    def a_review_is_always_to_come_until_it_is_over(self) -> None:
        held = self.state
        running = set(held.tasks.running)
        assert held.over or not held.id or REVIEW in running
        assert not held.over or not running
        assert bool(running & {SEE, CONFIRM}) is (held.unseen is not None)
        assert not held.id or ADA.id not in held.hands


class SamplingMachine(Aggregate):
    """A plan: drawn as its seed says and by nobody's choice, looked at by who had no part, and closed only whole."""

    evolve = staticmethod(samples.evolve)
    PEOPLE = st.sampled_from([QUE, MIA, NIK, ADA, CHAIR, OLA, conflicted(QUE, assessed(1, ADA, 1).provider)])

    def __init__(self) -> None:
        super().__init__()
        self.state = samples.Plan()
        self.work = [assessed(1, ADA, 1)]
        self.at = NOON

    @rule(seed=st.integers(0, 3), percent=st.sampled_from([5, 10, 40]))
    def someone_plans(self, seed: int, percent: int) -> None:
        before = self.state.planned
        said = PLANNING | {"seed": seed, "percent": percent, "at": self.at}
        if self.tries(lambda: planning.plan_sampling(self.state, **said)):
            assert before is None

    @rule(by=st.sampled_from([ADA, BEN]), days=st.integers(0, 60))
    def someone_completes(self, by: Person, days: int) -> None:
        self.at += days * DAY
        self.work.append(assessed(len(self.work) + 1, by, (self.at - NOON) / DAY))

    @rule(days=st.integers(0, 120))
    def it_is_drawn(self, days: int) -> None:
        self.at += days * DAY
        said = {"assessments": self.work, "position": len(self.work), "rules": SAMPLING, "calendar": CALENDAR}
        before = dict(self.state.drawn)
        self.tries(lambda: planning.draw(self.state, **said, at=self.at))
        assert before.items() <= self.state.drawn.items()

    @rule(
        by=PEOPLE, number=st.integers(0, 9), result=st.sampled_from([*looking.RESULTS, "splendid"]), part=st.booleans()
    )
    def someone_looks(self, by: Person, number: int, result: str, part: bool) -> None:
        said = {"number": number, "by": by, "result": result, "topic": "reasons", "text": text("t"), "need": text("n")}
        took_part = {NIK.id} | ({MIA.id} if part else set())
        for one in self.tries(lambda: looking.record_result(self.state, **said, took_part=took_part, at=NOON)):
            held = self.state.drawn[number]
            assert by.id in {QUE.id, MIA.id} - took_part - {held.assessor}
            assert not has_conflict(by, held.provider)
            assert result == "serious" or not isinstance(one, samples.FollowUpNamed)

    @rule()
    def a_manager_looks_at_all(self) -> None:
        for number in self.state.waiting:
            said = {"number": number, "by": QUE, "result": "sound", "topic": None, "text": None, "need": None}
            self.tries(lambda said=said: looking.record_result(self.state, **said, took_part=(), at=NOON))

    @rule(number=st.integers(0, 9), looker=PEOPLE)
    def someone_is_asked(self, number: int, looker: Person) -> None:
        said = {"number": number, "looker": looker, "took_part": {NIK.id}, "at": NOON}
        if self.tries(lambda: looking.ask_to_look(self.state, **said)):
            assert looker.id in {QUE.id, MIA.id}

    @rule()
    def someone_closes(self) -> None:
        if self.tries(lambda: planning.close(self.state, by=QUE.id, report=text("all"))):
            assert self.at >= END
            assert self.state.final
            assert not self.state.waiting

    @invariant()
    def its_tasks_are_those_of_what_is_left(self) -> None:
        held = self.state
        looks = {tasks.named(LOOK, str(number)) for number in held.waiting}
        always = set() if held.over or held.planned is None else {FINISH} | (set() if held.final else {DRAW})
        assert set(held.tasks.running) == always | (set() if held.over else looks)
        assert len({(one.case, one.assessor, one.completed_at) for one in held.drawn.values()}) == len(held.drawn)


for machine in (AuditMachine, RiskMachine, SamplingMachine):
    machine.TestCase.settings = SHORT
TestAudits, TestRisks, TestSampling = AuditMachine.TestCase, RiskMachine.TestCase, SamplingMachine.TestCase
