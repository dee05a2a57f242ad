"""Whatever is tried on a person's plan or on the policy, in any order and by anyone: nobody decides on their own development,
the same again changes nothing, tasks end with what they are for, and every refusal says which rule, of what, and what would do.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import policy as policies
from domain import tasks, workforce
from domain.development import Development, activities, evolve, looking_back, plan
from domain.development import events as e
from domain.development.activities import Proposal
from domain.development.duties import Duties
from domain.ids import derived_id
from domain.policy import PolicyRecord
from domain.workforce_policy import SOURCES
from tests.domain import workforce as given
from tests.domain.given import NOON, text
from tests.domain.test_machines import Aggregate
from tests.domain.workforce import ID, LEAD, MANAGER, OTHER, PERSON, POLICY, POLICY_ID, who

SHORT = settings(max_examples=60, stateful_step_count=40, deadline=None)
ACTORS = st.sampled_from([PERSON, LEAD, MANAGER, OTHER])
OTHERS = st.sampled_from([LEAD, MANAGER])
TOPICS = st.sampled_from(["bias", "chairing"])
ACTIVITIES = st.sampled_from([f"activity-{letter}" for letter in "abcdefgh"])
LEADS = st.sampled_from([LEAD, OTHER, PERSON, ""])
MATTERS = st.sampled_from(
    [None, *(derived_id(kind, "one") for kind in ("appeal", "complaint", "sampling", "learning"))]
)
MINUTES = st.integers(-1, 100)


class DevelopmentMachine(Aggregate):
    """A person's plan, as anyone may try to use it, while time goes on."""

    evolve = staticmethod(evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = Development()
        self.at = NOON
        self.decided: list[Any] = []

    def tries_to(self, decide: Any, /, timed: bool = True, **said: Any) -> list[Any]:
        now = {"at": self.at} if timed else {}
        if "by" in said:
            said["by"] = who(said["by"])
        events = self.tries(lambda: decide(self.state, **said, **now))
        self.decided += events
        return events

    def duties(self, lead: str) -> Duties:
        return Duties(policy=POLICY, person=PERSON, lead=lead)

    @rule(days=st.integers(1, 120))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)
        self.tries(lambda: tasks.remind(self.state, at=self.at))
        self.tries(lambda: tasks.miss(self.state, at=self.at))

    @rule(lead=LEADS)
    def the_process_turns_the_period(self, lead: str) -> None:
        """Period after period, as many as an outage held up, until the present one has time left."""
        while events := plan.turn(self.state, duties=self.duties(lead), at=self.at):
            period, unmet = self.state.period, {one.topic for one in self.state.needs.values() if one.unmet}
            self.decided += events
            self.state = given.after(self.state, events)
            assert self.state.period == period + 1
            assert set(events[-1].carried) == unmet
            assert events[-1].starts_at <= self.at
        turn = self.state.tasks.running.get("plan-period")
        assert turn is None or turn.due_at > self.at

    @rule(by=ACTORS, lead=LEADS, department=st.sampled_from(["assessing", "appeals", "kitchen"]))
    def someone_opens_a_plan(self, by: str, lead: str, department: str) -> None:
        said = {"id": ID, "person": PERSON, "department": department, "duties": self.duties(lead), "by": by}
        if self.tries_to(plan.open_plan, **said):
            assert by != PERSON

    @rule(
        by=ACTORS,
        topic=TOPICS,
        source=st.sampled_from([*SOURCES, "horoscope"]),
        matter=MATTERS,
        words=st.integers(0, 1),
    )
    def someone_notes_a_need(self, by: str, topic: str, source: str, matter: str | None, words: int) -> None:
        said = {"topic": topic, "source": source, "text": text(f"{source} {words}"), "matter": matter, "by": by}
        for one in self.tries_to(plan.note_need, id=ID, person=PERSON, duties=self.duties(LEAD), **said):
            assert (one.source == plan.OWN_SOURCE) == (by == PERSON)
            assert (one.matter is not None) or source not in plan.NEEDS_MATTER

    @rule(topic=TOPICS)
    def three_sources_point_to_a_need(self, topic: str) -> None:
        for source in ("appraisal", "sampling", plan.OWN_SOURCE):
            by = PERSON if source == plan.OWN_SOURCE else LEAD
            self.someone_notes_a_need(by, topic, source, None, 0)

    @rule(by=ACTORS)
    def someone_agrees_the_plan(self, by: str) -> None:
        self.tries_to(plan.agree_plan, timed=False, by=by)

    @rule(by=ACTORS, topics=st.lists(TOPICS, max_size=2), activity=ACTIVITIES, minutes=MINUTES, lead=LEADS)
    def someone_proposes(self, by: str, topics: list[str], activity: str, minutes: int, lead: str) -> None:
        said = {"topics": tuple(topics), "minutes": minutes, "planned_at": self.at + timedelta(days=10)}
        offer: Proposal = given.proposal(**said)
        for _ in self.tries_to(activities.propose, id=activity, by=by, proposal=offer, duties=self.duties(lead)):
            assert topics
            assert all(self.state.needs[topic].unmet for topic in topics)

    @rule(by=ACTORS, activity=ACTIVITIES, lead=LEADS)
    def someone_approves(self, by: str, activity: str, lead: str) -> None:
        self.tries_to(activities.approve, activity=activity, by=by, duties=self.duties(lead))

    @rule(by=ACTORS, activity=ACTIVITIES, what=st.sampled_from([activities.decline, activities.drop]))
    def someone_declines_or_drops(self, by: str, activity: str, what: Any) -> None:
        self.tries_to(what, activity=activity, by=by, reason=text("why"), duties=self.duties(LEAD))

    @rule(by=ACTORS, activity=ACTIVITIES, ago=st.integers(-1, 30), minutes=MINUTES)
    def someone_records(self, by: str, activity: str, ago: int, minutes: int) -> None:
        done_at = self.at - timedelta(days=ago)
        said = {"activity": activity, "by": by, "done_at": done_at, "minutes": minutes, "duties": self.duties(LEAD)}
        for _ in self.tries_to(activities.complete, **said):
            approved_at = self.state.activities[activity].approved_at
            assert approved_at is not None
            assert approved_at <= done_at <= self.at

    @rule(
        by=OTHERS,
        activity=ACTIVITIES,
        topics=st.lists(TOPICS, min_size=1, max_size=2, unique=True),
        until=st.integers(0, 6),
        impact=st.sampled_from(looking_back.IMPACTS),
    )
    def an_activity_goes_as_far_as_it_may(
        self, by: str, activity: str, topics: list[str], until: int, impact: str
    ) -> None:
        """Everyone does their part, one after the other, until somebody stops."""
        self.someone_opens_a_plan(by, LEAD, "assessing")
        for topic in topics:
            self.three_sources_point_to_a_need(topic)
        steps = [
            lambda: self.someone_agrees_the_plan(by),
            lambda: self.someone_proposes(PERSON, topics, activity, 90, LEAD),
            lambda: self.someone_approves(by, activity, LEAD),
            lambda: (self.time_passes(20), self.someone_records(PERSON, activity, 0, 95)),
            lambda: (self.someone_answers(PERSON, activity, 4), self.someone_reflects(PERSON, activity)),
            lambda: (self.time_passes(100), self.someone_reviews_the_impact(by, activity, impact, topics[:1])),
        ]
        for step in steps[:until]:
            step()

    @rule(lead=LEADS)
    def a_year_passes(self, lead: str) -> None:
        self.time_passes(365)
        self.the_process_turns_the_period(lead)

    @rule(by=ACTORS, activity=ACTIVITIES, score=st.integers(0, 6))
    def someone_answers(self, by: str, activity: str, score: int) -> None:
        scores = dict.fromkeys(given.SCORES, score)
        said = {"activity": activity, "by": by, "scores": scores, "questions": tuple(given.SCORES)}
        self.tries_to(looking_back.answer, timed=False, **said)

    @rule(by=ACTORS, activity=ACTIVITIES)
    def someone_reflects(self, by: str, activity: str) -> None:
        self.tries_to(looking_back.reflect, timed=False, activity=activity, by=by, text=text("hm"))

    @rule(
        by=ACTORS,
        activity=ACTIVITIES,
        impact=st.sampled_from([*looking_back.IMPACTS, "great"]),
        met=st.lists(TOPICS, max_size=2),
    )
    def someone_reviews_the_impact(self, by: str, activity: str, impact: str, met: list[str]) -> None:
        said = {"activity": activity, "by": by, "impact": impact, "note": text("so"), "met": met}
        if self.tries_to(looking_back.review_impact, duties=self.duties(LEAD), **said):
            done_at = self.state.activities[activity].done_at
            assert done_at is not None
            assert self.at >= POLICY.calendar.after(done_at, POLICY.content.clocks.impact_after)

    @rule(by=ACTORS, topic=TOPICS)
    def someone_finds_a_need_met(self, by: str, topic: str) -> None:
        self.tries_to(plan.meet_need, timed=False, topic=topic, by=by)

    @rule(by=ACTORS, lead=LEADS, department=st.sampled_from(["assessing", "appeals", "kitchen"]))
    def someone_changes_the_department(self, by: str, lead: str, department: str) -> None:
        duties = self.duties(lead)
        self.tries_to(plan.change_department, timed=False, department=department, duties=duties, by=by)

    @rule(lead=LEADS)
    def another_leads(self, lead: str) -> None:
        self.tries_to(plan.follow_lead, timed=False, duties=self.duties(lead))

    @rule(by=ACTORS)
    def someone_ends_it(self, by: str) -> None:
        self.tries_to(plan.end, timed=False, by=by, reason=text("left"))

    @invariant()
    def nobody_decides_on_their_own_development(self) -> None:
        for one in self.decided:
            match one:
                case (
                    e.PlanAgreed(by=by)
                    | e.ActivityApproved(by=by)
                    | e.ActivityDeclined(by=by)
                    | e.ImpactReviewed(by=by)
                    | e.NeedMet(by=by)
                    | e.DevelopmentEnded(by=by)
                ):
                    assert by != PERSON
        for one in self.decided:
            if isinstance(one, e.ActivityApproved | e.ActivityDeclined):
                assert one.by != self.state.activities[one.activity].proposed_by

    @invariant()
    def what_is_over_has_no_tasks_and_what_runs_turns_by_itself(self) -> None:
        running = self.state.tasks.running
        assert not (self.state.over and running)
        assert ("plan-period" in running) == self.state.running
        assert ("agree-plan-within" in running) == (self.state.running and not self.state.agreed)
        for name in ("answer-questionnaire-within", "reflect-within", "review-impact-within"):
            for one in self.state.activities.values():
                assert f"{name}:{one.id}" not in running or one.stage == "completed"

    @invariant()
    def each_need_that_is_open_wants_an_activity_or_has_one(self) -> None:
        if self.state.running:
            for one in self.state.needs.values():
                wanted = f"plan-for-need-within:{one.topic}" in self.state.tasks.running
                assert not one.unmet or wanted or self.state.planned(one.topic)
                assert not (one.met and wanted)

    @invariant()
    def a_need_is_found_by_sources_enough(self) -> None:
        for one in self.state.needs.values():
            kinds = {each.kind for each in one.sources}
            assert one.found == (len(kinds) >= 3 or bool(kinds & {"appeal", "complaint"}))


TestDevelopment = DevelopmentMachine.TestCase
TestDevelopment.settings = SHORT


class PolicyMachine(Aggregate):
    """The policy's stream: versions, reviews, leads and reports, as anyone may try them."""

    evolve = staticmethod(policies.evolve)
    NEXT = st.integers(1, 4)

    def __init__(self) -> None:
        super().__init__()
        self.state = PolicyRecord()
        self.at = NOON
        self.in_force = POLICY

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)
        self.tries(lambda: tasks.remind(self.state, at=self.at))
        self.tries(lambda: tasks.miss(self.state, at=self.at))

    @rule(
        version=NEXT,
        title=st.sampled_from(["How our", "How all our"]),
        departments=st.sampled_from(["appeals", "tills"]),
    )
    def someone_publishes(self, version: int, title: str, departments: str) -> None:
        one = given.policy([("How our", title), ('"appeals"', f'"{departments}"')], version=version)
        before = self.state.latest
        if self.tries(lambda: policies.publish(self.state, id=POLICY_ID, policy=one, at=self.at)):
            assert version > before
            self.in_force = one

    @rule(by=ACTORS, result=st.sampled_from(["stands", "to-change", "great"]))
    def someone_reviews(self, by: str, result: str) -> None:
        said = {"policy": self.in_force, "by": by, "result": result, "note": text("so"), "at": self.at}
        self.tries(lambda: policies.review(self.state, **said))

    @rule(by=ACTORS, lead=ACTORS, department=st.sampled_from(["assessing", "appeals", "tills"]))
    def someone_names_a_lead(self, by: str, lead: str, department: str) -> None:
        said = {"policy": self.in_force, "department": department, "lead": lead, "by": who(by)}
        if self.tries(lambda: workforce.name_lead(self.state, **said)):
            assert by != lead
        self.tries(lambda: workforce.end_lead(self.state, department="appeals"))

    @rule(
        by=ACTORS,
        scope=st.sampled_from(["assessing", "appeals", "tills", "board"]),
        ago=st.integers(-2, 20),
        number=st.integers(0, 5),
    )
    def someone_makes_a_report(self, by: str, scope: str, ago: int, number: int) -> None:
        if not self.state.id:
            return
        until_at = self.at - timedelta(days=ago)
        said = {"id": f"report-{number}", "scope": scope, "by": by, "since_at": None, "until_at": until_at}
        rest = {"policy": self.in_force, "digest": "0" * 64, "at": self.at}
        if self.tries(lambda: workforce.make_report(self.state, **said, **rest)):
            assert until_at <= self.at

    @rule(by=ACTORS, role=st.sampled_from(["board", "quality-manager", "officer"]), number=st.integers(0, 5))
    def someone_notes_a_report(self, by: str, role: str, number: int) -> None:
        for one in self.tries(
            lambda: workforce.note_report(self.state, report=f"report-{number}", by=who(by), role=role)
        ):
            made = self.state.reports[one.report]
            assert made.by != by
            assert role == "board" or (role == "quality-manager" and made.scope != "board")

    @invariant()
    def there_is_always_a_next_review_and_a_next_report_of_everyone(self) -> None:
        if self.state.id:
            running = set(self.state.tasks.running)
            departments = self.in_force.content.cpd.departments
            assert "review-policy-within" in running
            assert {one for one in running if one.startswith("report-within")} == {
                f"report-within:{scope}" for scope in (*departments, "board")
            }

    @invariant()
    def what_is_to_be_noted_was_made_and_not_noted_yet(self) -> None:
        waiting = {name.partition(":")[2] for name in self.state.tasks.running if name.startswith("note-report")}
        assert waiting == set(self.state.reports) - self.state.noted


TestPolicy = PolicyMachine.TestCase
TestPolicy.settings = SHORT
