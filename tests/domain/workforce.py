"""What tests of the workforce begin from: a small policy of its own, people, and a plan at each of its stages.

Each stage is reached by the decisions themselves, so that what a test is given can have happened.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.development import Development, activities, evolve, looking_back, plan
from domain.development.activities import Proposal
from domain.development.duties import Duties
from domain.ids import derived_id
from domain.person import Person
from domain.policy import Policy, PolicyRecord, publish, read_policy
from domain.policy import evolve as evolve_policy
from tests.domain.given import DAY, NOON, fold, text

SOURCE = """\
[policy]
kind = "workforce"
version = 1
title = "How our people go on learning"

[calendar]
zone = "Europe/London"
holidays = [2026-04-03, 2026-04-06]

[cpd]
departments = ["assessing", "appeals"]
"""
POLICY: Policy = read_policy(SOURCE)

PERSON, LEAD, MANAGER, OTHER = (derived_id("person", name) for name in ("pat", "lea", "max", "oli"))
ID, ACTIVITY, APPEAL = derived_id("development", PERSON), derived_id("activity", "one"), derived_id("appeal", "one")
POLICY_ID = derived_id("policy", "workforce")
DUTIES = Duties(policy=POLICY, person=PERSON, lead=LEAD)
SCORES = dict.fromkeys(POLICY.content.questions, 4)
LATER = NOON + 40 * DAY
"""When the activity is over."""


def policy(changes: Sequence[tuple[str, str]] = (), **version: int) -> Policy:
    """The policy with some of its text changed."""
    source = SOURCE.replace("version = 1", f"version = {version.get('version', 1)}")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return read_policy(source)


def published(at: datetime = NOON) -> PolicyRecord:
    return fold(evolve_policy, PolicyRecord(), publish(PolicyRecord(), id=POLICY_ID, policy=POLICY, at=at))


def who(id: str) -> Person:
    """Somebody with one account."""
    return Person(id=id)


def after(held: Development, events: Iterable[Any]) -> Development:
    """The development after these events; there has to be one."""
    happened = list(events)
    assert happened
    return fold(evolve, held, happened)


def noted(held: Development, source: str, topic: str = "bias", **said: Any) -> Development:
    """A source points to a need; what is the person's own they say themselves."""
    by = PERSON if source == plan.OWN_SOURCE else LEAD
    matter = APPEAL if source == "appeal" else None
    told = {"matter": matter, "text": text(f"{source} {topic}"), "at": NOON, **said}
    told["by"] = who(said.get("by", by))
    return after(held, plan.note_need(held, id=ID, person=PERSON, topic=topic, source=source, duties=DUTIES, **told))


def opened(held: Development | None = None, at: datetime = NOON) -> Development:
    held = held or Development()
    said = {"id": ID, "person": PERSON, "department": "assessing", "duties": DUTIES, "by": who(LEAD), "at": at}
    return after(held, plan.open_plan(held, **said))


def with_need(held: Development | None = None, topic: str = "bias") -> Development:
    """A need to which three sources point."""
    held = held or opened()
    for source in ("appraisal", "sampling", "self-evaluation"):
        held = noted(held, source, topic)
    return held


def agreed(held: Development | None = None) -> Development:
    held = held or with_need()
    return after(held, plan.agree_plan(held, by=who(LEAD)))


PROPOSAL = Proposal(
    topics=("bias",),
    kind="sector",
    title=text("A course"),
    trainer=text("A trainer"),
    quality="accredited",
    statement=text("They are good"),
    minutes=90,
    cost=12_000,
    planned_at=LATER,
)


def proposal(**changes: Any) -> Proposal:
    """A proposal that fits, but for these."""
    held = {name: getattr(PROPOSAL, name) for name in Proposal.__dataclass_fields__}
    return Proposal(**held | changes)


def proposed(held: Development | None = None, *, by: str = PERSON, id: str = ACTIVITY, **changes: Any) -> Development:
    held = held or agreed()
    said = {"proposal": proposal(**changes), "duties": DUTIES, "at": NOON}
    return after(held, activities.propose(held, id=id, by=who(by), **said))


def approved(held: Development | None = None) -> Development:
    held = held or proposed()
    return after(held, activities.approve(held, activity=ACTIVITY, by=who(LEAD), duties=DUTIES, at=NOON + DAY))


def completed(held: Development | None = None) -> Development:
    held = held or approved()
    said = {"done_at": LATER, "minutes": 95, "duties": DUTIES, "at": LATER + DAY}
    return after(held, activities.complete(held, activity=ACTIVITY, by=who(PERSON), **said))


def reviewed(held: Development | None = None, impact: str = "had", met: Sequence[str] = ()) -> Development:
    held = held or completed()
    said = {"note": text("It shows"), "met": met, "duties": DUTIES, "at": LATER + 100 * DAY}
    return after(held, looking_back.review_impact(held, activity=ACTIVITY, by=who(LEAD), impact=impact, **said))


def running(held: Any) -> set[str]:
    """The names of the tasks that run."""
    return set(held.tasks.running)
