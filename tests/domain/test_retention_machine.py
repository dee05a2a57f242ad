"""Whatever anyone tries with a list, a request or a hold, in any order: nothing goes that two others have not approved."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.clocks import Calendar
from domain.refusals import Refused
from domain.retention import Item, KeptBack, RecordsLetGo, Retention, evolve, letting_go
from domain.retention import holds as register
from domain.retention.letting_go import digest_of_all
from domain.retention.state import APPROVED, KEEPING
from domain.tasks import due_next, miss, remind
from tests.domain import given
from tests.domain.given import NOON, text
from tests.domain.test_letting_go import before, who
from tests.domain.test_retention_policy import content

SHORT = settings(max_examples=80, stateful_step_count=30, deadline=None)
PEOPLE = st.sampled_from([f"person-{name}" for name in ("ann", "bob", "cat", "dan", "zoe")])
DAYS = st.integers(0, 400).map(lambda days: NOON + timedelta(days=days))
POLICY, CALENDAR = content(), Calendar(zone="Europe/London")
TEXTS = st.lists(st.sampled_from(["text-a", "text-b", "text-c"]), unique=True, max_size=3)
KEPT = st.lists(
    st.builds(
        KeptBack,
        holder=st.just("person-zoe"),
        kind=st.just("people"),
        ground=st.sampled_from(["award-runs", "running-case"]),
        ends_at=st.none() | DAYS.map(lambda at: at + timedelta(days=500)),
        texts=st.just(0),
        fields=st.just(("name",)),
    ),
    max_size=2,
)


class Machine(RuleBasedStateMachine):
    """One stream to which anyone does what they like; the same again changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Retention()
        self.events: list[Any] = []

    def tries(self, decide: Any) -> list[Any]:
        try:
            events = list(decide())
        except Refused as refusal:
            given.says_all(refusal)
            return []
        self.state = given.fold(evolve, self.state, events)
        self.events += events
        if events:
            with suppress(Refused):
                assert list(decide()) == []
        return events

    @rule(at=DAYS)
    def time_passes(self, at: Any) -> None:
        for step in (remind, miss):
            for one in self.tries(lambda step=step: step(self.state, at=at)):
                assert not self.state.over
                assert getattr(one, "planned_for", one.due_at) <= at

    @invariant()
    def what_is_over_has_no_task_and_nothing_is_due(self) -> None:
        if self.state.over:
            assert self.state.tasks.running == {}
            assert due_next(self.state, at=NOON) is None


class LettingGo(Machine):
    """A list, or a request of Zoe's."""

    @rule(by=PEOPLE, at=DAYS, received_at=DAYS)
    def someone_asks(self, by: str, at: Any, received_at: Any) -> None:
        terms = {"policy": POLICY, "calendar": CALENDAR, "at": at, "received_at": received_at}
        if self.tries(lambda: letting_go.request(self.state, id="retention-a", subject="person-zoe", by=by, **terms)):
            assert received_at <= at

    @rule(by=PEOPLE, means=st.sampled_from([*POLICY.checks, "a-hunch"]))
    def someone_checks(self, by: str, means: str) -> None:
        if self.tries(lambda: letting_go.check_requester(self.state, by=who(by), means=means, policy=POLICY)):
            assert by not in (self.state.subject, self.state.requested_by)
            assert means in POLICY.checks

    @rule(by=PEOPLE, at=DAYS, due_by=DAYS, texts=TEXTS, kept=KEPT)
    def someone_proposes(self, by: str, at: Any, due_by: Any, texts: list[str], kept: list[KeptBack]) -> None:
        items = [Item(holder=one, kind="portfolio", texts=1) for one in texts]
        said = {"id": "retention-a", "policy_ref": "retention@1", "providers": (), "digest": digest_of_all(texts, [])}
        terms = {"policy": POLICY, "calendar": CALENDAR, "at": at, "due_by": due_by, "items": items, "kept": kept}
        if self.tries(lambda: letting_go.propose(self.state, by=who(by), **said, **terms)):
            assert due_by <= at
            assert by != self.state.subject
            assert not self.state.subject or self.state.checked_by
            assert self.state.approved_by == ()

    @rule(by=PEOPLE, at=DAYS)
    def someone_approves(self, by: str, at: Any) -> None:
        self.tries(
            lambda: letting_go.approve(
                self.state, by=who(by), before=before(self.state), policy=POLICY, calendar=CALENDAR, at=at
            )
        )

    @rule(by=PEOPLE)
    def someone_declines(self, by: str) -> None:
        if self.tries(lambda: letting_go.decline(self.state, by=who(by), reason=text("no"))):
            assert by not in (self.state.subject, self.state.proposed_by)

    @rule(by=PEOPLE, at=DAYS, texts=TEXTS, kept=KEPT)
    def someone_carries_it_out(self, by: str, at: Any, texts: list[str], kept: list[KeptBack]) -> None:
        stage, goes = self.state.stage, {"texts": texts, "fields": (), "kept": kept}
        terms = {"policy": POLICY, "calendar": CALENDAR, "at": at}
        for done in self.tries(
            lambda: letting_go.let_go(self.state, by=who(by), before=before(self.state), **goes, **terms)
        ):
            assert stage in (APPROVED, KEEPING)
            assert by != self.state.subject
            assert self.state.over == (not kept or not self.state.subject)
            assert done.texts == len(texts)

    @invariant()
    def two_others_approved_whatever_went(self) -> None:
        held = self.state
        assert len(set(held.approved_by)) == len(held.approved_by) <= 2
        assert not {held.proposed_by, held.subject, held.requested_by} - {""} & set(held.approved_by)
        if any(isinstance(one, RecordsLetGo) for one in self.events):
            assert len(held.approved_by) == 2


class Holds(Machine):
    """The register of holds: each subject once, released by others than who placed it."""

    SUBJECTS = st.sampled_from(["submission-a", "person-zoe"])

    @rule(subject=SUBJECTS, by=PEOPLE, ground=st.sampled_from([*POLICY.holds, "because"]), at=DAYS)
    def someone_holds(self, subject: str, by: str, ground: str, at: Any) -> None:
        said = {"id": "retention-h", "subject": subject, "by": by, "ground": ground, "reason": text("why")}
        terms = {"policy": POLICY, "calendar": CALENDAR, "at": at}
        if self.tries(lambda: register.hold(self.state, **said, **terms)):
            assert ground in POLICY.holds

    @rule(subject=SUBJECTS, by=PEOPLE)
    def someone_releases(self, subject: str, by: str) -> None:
        before = dict(self.state.holds)
        if self.tries(lambda: register.release_hold(self.state, subject=subject, by=who(by), reason=text("over"))):
            assert before[subject].by != by

    @invariant()
    def each_hold_has_its_review_and_nothing_else_runs(self) -> None:
        assert {one.about for one in self.state.tasks.running.values()} == set(self.state.holds)
        assert not self.state.over


TestLettingGo = LettingGo.TestCase
TestHolds = Holds.TestCase
TestLettingGo.settings = TestHolds.settings = SHORT
