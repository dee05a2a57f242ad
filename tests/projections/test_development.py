"""The figures of people's development, as of any date, are those that the record itself yields."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain import person as people
from domain.development import Development, activities, evolve, figures, looking_back, plan
from domain.development.duties import Duties
from domain.development.figures import ActivityFigures, NeedFigures, Satisfaction
from domain.ids import derived_id
from domain.person import Person, RoleEnded, RoleGiven
from projections import development
from tests.domain import workforce as given
from tests.domain.given import DAY, NOON, fold, text
from tests.projections.given import Log, make, rows, show

PAT, KIM, SAM = (derived_id("person", name) for name in ("pat", "kim", "sam"))
BOARD = "board"


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [development.MODEL])


class Course:
    """A log of decisions as time goes on, an hour between them, and the states that they make."""

    def __init__(self) -> None:
        self.log = Log()
        self.at = NOON
        self.held: dict[str, Development] = {}

    def happens(
        self, person: str, decide: Any, /, by: str | None = given.LEAD, timed: bool = True, **said: Any
    ) -> None:
        id = derived_id("development", person)
        held = self.held.get(id, Development())
        known: dict[str, Any] = {"by": given.who(by)} if by else {}
        known |= {"at": self.at} if timed else {}
        events = decide(held, **known, **said)
        assert events, decide
        self.held[id] = fold(evolve, held, events)
        self.log.add(id, *events, at=self.at)
        self.at += timedelta(hours=1)

    def role(self, person: str, event: Any) -> None:
        self.log.add(person, event, at=self.at)
        self.at += timedelta(hours=1)


def duties(person: str, lead: str = given.LEAD) -> Duties:
    return Duties(policy=given.POLICY, person=person, lead=lead)


def course() -> Course:
    """Pat's and Kim's plans over more than a year, Sam with a need and no plan; Kim leaves."""
    one = Course()
    for person in (PAT, KIM, SAM):
        one.role(person, RoleGiven(role="assessor", scheme="cpd-qa"))
    one.role(SAM, RoleGiven(role="provider"))
    one.role(KIM, RoleGiven(role="officer"))
    for person, department in ((PAT, "assessing"), (KIM, "appeals")):
        said = {"id": derived_id("development", person), "person": person}
        one.happens(person, plan.open_plan, **said, department=department, duties=duties(person))
        for topic in ("bias", "chairing") if person == PAT else ("bias",):
            for source in ("appraisal", "sampling", "self-evaluation"):
                own = person if source == plan.OWN_SOURCE else given.LEAD
                told = {"topic": topic, "source": source, "text": text(f"{source} {topic}"), "matter": None}
                one.happens(person, plan.note_need, by=own, **said, **told, duties=duties(person))
        one.happens(person, plan.agree_plan, timed=False)
    said = {"id": derived_id("development", SAM), "person": SAM, "topic": "tone", "text": text("rude")}
    matter = derived_id("complaint", "one")
    one.happens(SAM, plan.note_need, **said, source="complaint", matter=matter, duties=duties(SAM))
    for number, (person, kind) in enumerate(
        ((PAT, "sector"), (PAT, "teaching"), (KIM, "sector"), (KIM, "sector"), (PAT, "sector"))
    ):
        offer = given.proposal(kind=kind, planned_at=one.at + 10 * DAY, cost=1000 * number)
        one.happens(
            person, activities.propose, by=person, id=f"activity-{number}", proposal=offer, duties=duties(person)
        )
    one.happens(PAT, activities.decline, activity="activity-4", reason=text("dear"), duties=duties(PAT))
    for number, person in ((0, PAT), (1, PAT), (2, KIM)):
        one.happens(person, activities.approve, activity=f"activity-{number}", duties=duties(person))
    one.at += 40 * DAY
    one.happens(PAT, activities.drop, activity="activity-1", reason=text("ill"), duties=duties(PAT))
    for number, person in ((0, PAT), (2, KIM)):
        done = {"activity": f"activity-{number}", "done_at": one.at - DAY, "minutes": 100 + number}
        one.happens(person, activities.complete, **done, duties=duties(person))
        scores = dict.fromkeys(given.SCORES, 3 + number)
        answers = {"activity": f"activity-{number}", "scores": scores, "questions": tuple(scores)}
        one.happens(person, looking_back.answer, by=person, timed=False, **answers)
        own = {"activity": f"activity-{number}", "text": text("hm")}
        one.happens(person, looking_back.reflect, by=person, timed=False, **own)
    one.happens(PAT, plan.change_department, timed=False, department="appeals", duties=duties(PAT, given.OTHER))
    one.at += 150 * DAY
    review = {"activity": "activity-0", "impact": "partly", "note": text("some"), "met": ["bias"]}
    one.happens(PAT, looking_back.review_impact, **review, duties=duties(PAT))
    again = {"id": derived_id("development", PAT), "person": PAT, "topic": "bias", "matter": None}
    one.happens(PAT, plan.note_need, **again, source="appraisal", text=text("again"), duties=duties(PAT))
    one.happens(KIM, plan.end, timed=False, reason=text("left"))
    one.role(KIM, RoleEnded(role="officer"))
    one.role(KIM, RoleEnded(role="assessor", scheme="cpd-qa"))
    one.at = NOON + 366 * DAY
    one.happens(PAT, plan.turn, by=None, duties=duties(PAT))
    return one


def as_recorded(one: Course, at: datetime) -> tuple[list[figures.Facts], set[str]]:
    """The facts and the people that the record yields at an instant."""
    known: dict[str, list[Any]] = {}
    for each in one.log.events:
        if each.at <= at:
            known.setdefault(each.stream, []).append(each.event)
    facts = [
        figures.facts_of(fold(evolve, Development(), events), at)
        for stream, events in sorted(known.items())
        if stream.startswith("development-")
    ]
    roles = {
        stream: fold(people.evolve, Person(id=stream), events).roles
        for stream, events in known.items()
        if stream.startswith("person-")
    }
    return facts, {id for id, held in roles.items() if {role for role, _ in held} - {"provider"}}


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_figures_at_every_instant_are_those_of_the_record_however_the_events_come(
    connection: Connection[Any], size: int
):
    one = course()
    events = one.log.events
    for start in range(0, len(events), size):
        show(connection, events[start : start + size], [development.MODEL])

    moments = {each.at for each in events} | {each.at + 30 * DAY for each in events} | {NOON - DAY}
    since = NOON + 20 * DAY
    seen = set()
    for at in sorted(moments):
        facts, staff = as_recorded(one, at)
        assert development.staff(connection, at=at) == staff
        for scope in ("board", "assessing", "appeals"):
            for begin in (None, since):
                expected = figures.of(facts, staff=staff, scope=scope, since=begin)
                assert development.figures_at(connection, scope, at=at, since=begin) == expected, at
                seen.add(figures.digest(expected))
    assert len(seen) > 60


def test_the_board_sees_who_has_a_plan_what_is_needed_what_was_done_and_what_came_of_it(connection: Connection[Any]):
    one = course()
    show(connection, one.log.events, [development.MODEL])

    found = development.figures_at(connection, BOARD, at=one.at)

    assert (found.with_plan, found.agreed, found.without_plan) == (1, 0, 1)
    assert found.needs == (
        NeedFigures(
            topic="bias", waiting=1, open=1, met=0, sources=(("appraisal", 2), ("sampling", 1), ("self-evaluation", 1))
        ),
        NeedFigures(
            topic="chairing",
            waiting=0,
            open=1,
            met=0,
            sources=(("appraisal", 1), ("sampling", 1), ("self-evaluation", 1)),
        ),
        NeedFigures(topic="tone", waiting=0, open=1, met=0, sources=(("complaint", 1),)),
    )
    assert found.activities == (
        ActivityFigures(
            kind="sector",
            currency="GBP",
            stages=(("completed", 2), ("declined", 1), ("dropped", 1)),
            minutes=202,
            cost=2000,
        ),
        ActivityFigures(kind="teaching", currency="GBP", stages=(("dropped", 1),), minutes=0, cost=0),
    )
    assert found.satisfaction[0] == Satisfaction(question="quality", n=2, total=8)
    assert found.satisfaction[0].mean == 4.0
    assert found.impact == (("partly", 1), ("to-review", 1))
    assert dict(found.overdue)["open-plan-within"] == 1


def test_a_department_sees_its_own_people_only(connection: Connection[Any]):
    one = course()
    show(connection, one.log.events, [development.MODEL])

    before = NOON + 40 * DAY
    assert development.figures_at(connection, "assessing", at=before).with_plan == 1
    assert development.figures_at(connection, "appeals", at=before).with_plan == 1
    assert development.figures_at(connection, "assessing", at=one.at).with_plan == 0
    assert development.figures_at(connection, "assessing", at=one.at).without_plan == 0
    assert development.figures_at(connection, "kitchen", at=one.at).needs == ()


def test_since_an_instant_only_what_was_completed_after_it_counts(connection: Connection[Any]):
    one = course()
    show(connection, one.log.events, [development.MODEL])
    done = [each.event.done_at for each in one.log.events if hasattr(each.event, "done_at")]

    found = development.figures_at(connection, BOARD, at=one.at, since=min(done))

    assert sum(each.minutes for each in found.activities) == 102
    assert development.figures_at(connection, BOARD, at=one.at, since=max(done)).satisfaction == ()


def test_where_everyone_stands_is_listed_as_of_any_date(connection: Connection[Any]):
    one = course()
    show(connection, one.log.events, [development.MODEL])

    assert {(each.person, each.stage) for each in development.plans(connection, at=one.at)} == {
        (PAT, "open"),
        (KIM, "ended"),
        (SAM, "noted"),
    }
    [kim] = development.plans(connection, at=NOON + 40 * DAY, department="appeals")
    assert (kim.person, kim.stage, kim.period) == (KIM, "agreed", 1)


def test_it_holds_ids_codes_and_instants_and_no_text_or_its_digest(connection: Connection[Any]):
    one = course()
    show(connection, one.log.events, [development.MODEL])

    held = [value for row in rows(connection, development.MODEL) for value in row if isinstance(value, str)]
    assert len(held) > 100
    assert not [value for value in held if value.startswith("text-") or len(value) == 64]


def test_nothing_is_counted_before_anything_happened(connection: Connection[Any]):
    found = development.figures_at(connection, BOARD, at=NOON)

    assert (found.with_plan, found.without_plan, found.needs, found.activities) == (0, 0, (), ())
    assert len(figures.digest(found)) == 64
