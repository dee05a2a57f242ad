"""Whatever anyone tries on a complaint, a questionnaire or a proposal, in any order: the rules hold, and every refusal says all.

Who dealt with a complaint was never party to it, had it at no earlier level, and had no conflict then.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from domain import complaint as complaints
from domain import learning, proposal, tasks
from domain.complaint import Complaint
from domain.complaint.state import UPHELD
from domain.learning import QUESTIONS, Learning
from domain.person import Person
from domain.proposal import Proposal
from domain.tasks import Matter
from tests.domain import given
from tests.domain.complaining import BOARD, HAL, IDA, JON, LEAD, QUINN, SAID, STAGES, worker
from tests.domain.given import ADA, CASE, CHAIR, MIA, NOON, SCHEME, conflicted, text
from tests.domain.test_learning import ID as LEARNING
from tests.domain.test_machines import Aggregate
from tests.domain.test_proposal import ID as PROPOSAL
from tests.domain.test_proposal import SAID as PROPOSED
from tests.domain.test_proposal import STAGES as PROPOSALS
from tests.domain.test_proposal import changing

SHORT = settings(max_examples=80, stateful_step_count=35, deadline=None)
EVERYTHING = worker("eve", "complaints-handler", "quality-manager", "board")
PEOPLE = (HAL, IDA, JON, QUINN, *BOARD, EVERYTHING)
ANYONE = st.sampled_from([*PEOPLE, *(conflicted(one) for one in (HAL, BOARD[1], EVERYTHING))])
IDS = st.sampled_from([*(one.id for one in PEOPLE), LEAD, ADA.id])
DAYS = st.sampled_from([0, 1, 3, 9, 35])
TEXTS = st.integers(0, 10**6).map(lambda number: text(str(number)))


class MatterMachine(Aggregate):
    """A matter with tasks, and a clock that goes on."""

    state: Matter

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON

    @rule(days=DAYS)
    def time_passes(self, days: int) -> None:
        """The matter's process does what is due on the way, as it would."""
        until = self.at + timedelta(days=days)
        while (due := tasks.due_next(self.state, at=self.at)) and max(due.at, self.at) <= until:
            self.at = max(due.at, self.at)
            assert self.tries(lambda: self.step(due.step)), f"{due.step} did nothing"
        self.at = until

    def step(self, name: str) -> Sequence[Any]:
        """What the process does."""
        return {"remind_task": tasks.remind, "miss_task": tasks.miss, **self.steps()}[name](self.state, at=self.at)

    def steps(self) -> dict[str, Callable[..., Sequence[Any]]]:
        """The steps of this kind of matter."""
        return {}

    @invariant()
    def what_is_over_has_no_tasks(self) -> None:
        assert not (self.state.over and self.state.tasks.running)


class ComplaintMachine(MatterMachine):
    """A complaint by a provider's contact, or entered by Jon for somebody outside, about Ada and whom is named later."""

    evolve = staticmethod(complaints.evolve)
    state: Complaint

    def __init__(self) -> None:
        super().__init__()
        self.state = Complaint()
        self.told: list[tuple[int, str]] = []

    def steps(self) -> dict[str, Callable[..., Sequence[Any]]]:
        return {"close_complaint": complaints.close}

    def deals(self, by: Person, events: Sequence[Any]) -> None:
        """Whoever did this was allowed to, as things were before it."""
        if events:
            assert by.id not in self.before.parties
            assert by.id not in self.before.earlier(self.before.level)
            assert self.before.provider not in by.conflicts

    def does(self, by: Person, decide: Callable[[], Any]) -> list[Any]:
        self.before = self.state
        events = self.tries(decide)
        self.deals(by, events)
        return events

    @initialize(stage=st.sampled_from(["", *STAGES]))
    def it_has_come_so_far(self, stage: str) -> None:
        if stage:
            self.state = STAGES[stage]()
            answered = [(1, HAL.id), (2, IDA.id), (3, BOARD[0].id)]
            self.told = [(level, by) for level, by in answered if f"answered-{level}" in self.state.told]

    @rule(outside=st.booleans(), about=st.sampled_from(["people", "service", "case"]), people=st.lists(IDS, max_size=2))
    def someone_complains(self, outside: bool, about: str, people: list[str]) -> None:
        who = {"raised_by": None, "entered_by": JON.id, "on_behalf_of": None} if outside else {}
        said = SAID | who | {"about": about, "people": tuple(people), "at": self.at, "case": CASE}
        said |= {} if about == "case" else {"case": None}
        if self.tries(lambda: complaints.raise_complaint(self.state, **said)):
            assert len(self.state.people) <= 2
            assert not self.state.people & {self.state.raised_by, self.state.entered_by}

    @rule(by=ANYONE, why=TEXTS)
    def it_goes_on(self, by: Person, why: Any) -> None:
        """The next step of its course, by who has it or is to take it on, so that a course comes to its end too."""
        held = self.state
        handler = next((one for one in PEOPLE if one.id == held.handler), by)
        match held.stage:
            case "":
                self.someone_complains(outside=False, about="service", people=[])
            case "raised" | "escalated":
                self.someone_acknowledges(by=by)
            case "acknowledged" | "acknowledged-again":
                self.someone_answers(by=handler, why=why, outcome="partly-upheld", done=True)
            case "answered" | "answered-again":
                self.someone_takes_it_further(by=held.raised_by or JON.id, why=why)
            case "committee-asked":
                self.someone_forms_a_committee(by=QUINN, members=list(BOARD))
            case "in-review":
                self.someone_decides(by=handler, why=why, late=False)

    @rule(by=ANYONE)
    def someone_acknowledges(self, by: Person) -> None:
        if self.does(by, lambda: complaints.acknowledge(self.state, by=by)):
            assert self.state.handler == by.id

    @rule(by=ANYONE, to=ANYONE, why=TEXTS)
    def someone_hands_it_on(self, by: Person, to: Person, why: Any) -> None:
        self.deals(to, self.does(by, lambda: complaints.hand_to(self.state, at=NOON, by=by, to=to, reason=why)))

    @rule(by=ANYONE, why=TEXTS, outcome=st.sampled_from([*UPHELD, "not-upheld", "regretted"]), done=st.booleans())
    def someone_answers(self, by: Person, why: Any, outcome: str, done: bool) -> None:
        said = {"outcome": outcome, "reason": why, "done": text("d") if done else None, "scheme": SCHEME, "at": self.at}
        for one in self.does(by, lambda: complaints.answer(self.state, by=by, **said)):
            assert one.done or one.outcome not in UPHELD
            self.told.append((one.level, by.id))

    @rule(by=IDS, why=TEXTS)
    def someone_takes_it_further(self, by: str, why: Any) -> None:
        said = {"by": Person(id=by), "reason": why, "scheme": SCHEME, "at": self.at}
        if self.tries(lambda: complaints.escalate(self.state, **said)):
            assert by in (self.state.raised_by, self.state.entered_by)

    @rule(by=ANYONE, members=st.lists(ANYONE, min_size=2, max_size=4, unique_by=lambda one: one.id))
    def someone_forms_a_committee(self, by: Person, members: list[Person]) -> None:
        said = {"by": by, "chair": members[0].id, "members": members, "scheme": SCHEME, "at": self.at}
        events = self.does(by, lambda: complaints.form_committee(self.state, **said))
        for one in members:
            self.deals(one, events)

    @rule(by=ANYONE, why=TEXTS, late=st.booleans())
    def someone_decides(self, by: Person, why: Any, late: bool) -> None:
        seated = [one for one in PEOPLE if one.id in self.state.members]
        seated = [conflicted(one) if late else one for one in seated]
        said = {"by": by, "members": seated, "outcome": "not-upheld", "reason": why, "done": None, "scheme": SCHEME}
        if events := self.does(by, lambda: complaints.decide(self.state, **said)):
            assert not late
            assert len(self.state.members) >= SCHEME.assurance.complaints.committee
            for one in seated:
                self.deals(one, events)
            self.told.append((3, by.id))

    @rule(by=IDS, person=IDS, often=st.integers(0, 5))
    def someone_is_named(self, by: str, person: str, often: int) -> None:
        if not often and self.tries(lambda: complaints.name_person(self.state, by=Person(id=by), person=person)):
            assert self.state.handler != person
            assert person not in self.state.members

    @rule(person=IDS)
    def someone_has_a_conflict(self, person: str) -> None:
        if self.tries(lambda: complaints.leave(self.state, person=person)):
            assert self.state.handler != person
            assert person not in self.state.members

    @rule(by=ANYONE, person=IDS, need=TEXTS)
    def something_follows(self, by: Person, person: str, need: Any) -> None:
        for _ in self.does(
            by, lambda: complaints.name_follow_up(self.state, by=by, person=person, topic="tone", need=need)
        ):
            assert self.state.outcome in UPHELD
            assert person in self.state.people
        said = {"by": by, "case": CASE, "note": need, "scheme": SCHEME, "at": NOON}
        assert not (self.does(by, lambda: complaints.name_affected_case(self.state, **said)) and not self.state.upheld)

    @rule(by=IDS, often=st.integers(0, 5))
    def someone_withdraws(self, by: str, often: int) -> None:
        if not often:
            self.tries(lambda: complaints.withdraw(self.state, by=Person(id=by), reason=None))

    @invariant()
    def no_two_levels_are_answered_by_the_same(self) -> None:
        by_level: dict[int, set[str]] = {}
        for level, person in self.told:
            by_level.setdefault(level, set()).add(person)
        everyone = [one for people in by_level.values() for one in people]
        assert len(everyone) == len(set(everyone))

    @invariant()
    def nobody_party_to_it_has_it_or_sits(self) -> None:
        held = self.state
        assert not held.people & {held.handler, *held.members} or held.over
        assert not any(complaints.may_see(held, one, at=NOON) for one in PEOPLE if one.id in held.people)

    @invariant()
    def its_tasks_belong_to_who_has_it(self) -> None:
        held = self.state
        for task in held.tasks.running.values():
            assert task.who not in held.people
            if task.rule in ("answer-complaint-within", "answer-complaint-again-within", "review-complaint-within"):
                assert task.who == (held.handler or "complaints-handler")


class LearningMachine(MatterMachine):
    """Questionnaires: each answered once at most, by who was asked; never a word of lateness."""

    evolve = staticmethod(learning.evolve)
    state: Learning

    def __init__(self) -> None:
        super().__init__()
        self.state = Learning()
        self.case = given.approved()

    def steps(self) -> dict[str, Callable[..., Sequence[Any]]]:
        return {"close_learning": learning.close}

    @rule()
    def the_result_is_told(self) -> None:
        said = {"id": LEARNING, "case": self.case, "scheme": SCHEME, "at": self.at}
        self.tries(lambda: learning.send(self.state, **said))

    @rule(by=st.sampled_from([LEAD, ADA.id, CHAIR.id, MIA.id, HAL.id]), role=st.sampled_from([*QUESTIONS, "officer"]),
          score=st.integers(0, 6), minutes=st.integers(-1, 99))  # fmt: skip
    def someone_answers(self, by: str, role: str, score: int, minutes: int) -> None:
        scores = dict.fromkeys(QUESTIONS.get(role, ()), score)
        said = {"by": by, "role": role, "scores": scores, "comment": None, "minutes_spent": minutes}
        if self.tries(lambda: learning.answer(self.state, **said)):
            assert self.state.asked[by] == role
            assert 1 <= score <= 5
            assert minutes >= 0

    @invariant()
    def nobody_is_reproached_and_each_answer_is_of_who_was_asked(self) -> None:
        assert not self.state.tasks.missed
        assert set(self.state.answers) <= set(self.state.asked)
        assert not self.state.id or self.state.over == (not self.state.tasks.running)


class ProposalMachine(MatterMachine):
    """A proposal: considered by others than who made it, and taken up by a version only once it is accepted."""

    evolve = staticmethod(proposal.evolve)
    state: Proposal
    BY = st.sampled_from([ADA, CHAIR, MIA])

    def __init__(self) -> None:
        super().__init__()
        self.state = Proposal()
        self.accepted = False

    @initialize(stage=st.sampled_from(["", *PROPOSALS]))
    def it_has_come_so_far(self, stage: str) -> None:
        if stage:
            self.state, self.accepted = PROPOSALS[stage](), stage in ("accepted", "taken-up")

    @rule(criteria=st.lists(st.sampled_from([*SCHEME.criteria, "9.9"]), max_size=2), evidence=st.booleans())
    def someone_proposes(self, criteria: list[str], evidence: bool) -> None:
        said = {"criteria": tuple(criteria), "evidence": (CASE,) if evidence else (), "id": PROPOSAL, "at": self.at}
        self.tries(lambda: proposal.propose(self.state, **PROPOSED | said))

    @rule(by=BY, result=st.sampled_from([*proposal.RESULTS, "liked"]), why=TEXTS)
    def someone_considers(self, by: Person, result: str, why: Any) -> None:
        said = {"by": by, "result": result, "reason": why, "scheme": SCHEME, "at": self.at}
        if self.tries(lambda: proposal.consider(self.state, **said)):
            assert by.id != self.state.proposer
            self.accepted = result == "accepted"

    @rule(changed=st.lists(st.sampled_from([*SCHEME.criteria]), max_size=3), version=st.integers(1, 3))
    def a_version_takes_it_up(self, changed: list[str], version: int) -> None:
        scheme = changing(*changed, version=version)
        if self.tries(lambda: proposal.take_up(self.state, before=SCHEME, scheme=scheme)):
            assert self.accepted
            assert set(self.state.criteria) <= set(changed)
            assert version > 1

    @rule(by=BY, often=st.integers(0, 5))
    def someone_withdraws(self, by: Person, often: int) -> None:
        if not often and self.tries(lambda: proposal.withdraw(self.state, by=by)):
            assert by.id == self.state.proposer

    @invariant()
    def it_is_to_be_considered_while_it_is_open(self) -> None:
        assert bool(self.state.tasks.running) == (self.state.stage in ("made", "deferred"))
        assert not self.state.provider


for machine in (ComplaintMachine, LearningMachine, ProposalMachine):
    machine.TestCase.settings = SHORT
ComplaintMachine.TestCase.settings = settings(SHORT, max_examples=200)
TestComplaints, TestLearning = ComplaintMachine.TestCase, LearningMachine.TestCase
TestProposals = ProposalMachine.TestCase
