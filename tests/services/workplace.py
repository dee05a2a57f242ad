"""A body with a workforce policy, quality managers, departments with their leads, and somebody with a plan."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.development import Development
from domain.ids import PROCESS_ROLE
from domain.tasks import due_next
from services import development, policies, workforce
from services.development import Offer
from services.office import Receipt
from services.schemes import INSTALLER_ROLE
from tests import factories
from tests.domain.workforce import SOURCE
from tests.factories import Body


@dataclass(slots=True)
class Workplace:
    """The people: a quality manager and another, the lead of `assessing` and another assessor, a board member, and `pat`."""

    body: Body
    manager: str
    other_manager: str
    lead: str
    colleague: str
    board: str
    pat: str

    def by_manager(self, service: Any, /, **said: Any) -> Receipt:
        return self.body.by(service, self.manager, "quality-manager", **said)

    def by_lead(self, service: Any, /, **said: Any) -> Receipt:
        return self.body.by(service, self.lead, "assessor", **said)

    def by_pat(self, service: Any, /, **said: Any) -> Receipt:
        return self.body.by(service, self.pat, "assessor", **{"person": self.pat, **said})

    def plan(self, person: str | None = None) -> Development:
        found: Development = self.body.state(development.development_id(person or self.pat))
        return found

    def offer(self, **changes: Any) -> Offer:
        said = {
            "topics": ("bias",),
            "kind": "sector",
            "title": "A course on bias",
            "trainer": "The Academy",
            "quality": "accredited",
            "statement": "Its tutors are known",
            "minutes": 90,
            "cost": 12_000,
            "planned_at": self.body.now() + timedelta(days=30),
        }
        return Offer(**said | changes)

    def find_need(self, topic: str = "bias") -> None:
        """Three sources point to a need of Pat's."""
        said = {"person": self.pat, "topic": topic, "text": f"More on {topic}"}
        self.by_lead(development.add_need, **said, source="appraisal")
        self.by_manager(development.add_need, **said, source="sampling")
        self.by_pat(development.add_need, **said, source="self-evaluation")

    def agree(self) -> None:
        """Pat's plan has a need, and is agreed."""
        self.find_need()
        self.by_lead(development.agree_plan, person=self.pat)

    def propose(self, **changes: Any) -> str:
        command = self.body.command(self.pat, "assessor")
        development.propose_activity(self.body.office, command, person=self.pat, offer=self.offer(**changes))
        return development.activity_id(command.id)

    def approve(self) -> str:
        """An activity of Pat's is proposed, and approved."""
        activity = self.propose()
        self.by_lead(development.approve_activity, person=self.pat, activity=activity)
        return activity

    def complete(self, clock: Any) -> str:
        """An activity of Pat's was approved, and is over."""
        activity = self.approve()
        clock.passes(days=30)
        self.by_pat(development.complete_activity, activity=activity, done_at=clock.at, minutes=95)
        return activity

    def process(self, service: Any, case: str) -> Receipt:
        return self.body.by(service, case, PROCESS_ROLE, case=case)

    def lives_on(self, case: str, until: Any, clock: Any) -> list[tuple[str, Any]]:
        """What the matter's process does until then, at its instants."""
        from workflows.activities import STEPS  # brings Temporal's library, which most tests don't need

        steps = []
        while (due := due_next(self.body.state(case), at=clock.at)) and due.at <= until:
            clock.comes_to(max(due.at, clock.at))
            assert self.process(STEPS[due.step], case).events, due
            steps.append((due.step, due.at))
        clock.comes_to(until)
        return steps


def open_workplace(body: Body) -> Workplace:
    """Publish the policy, appoint the people and open Pat's plan."""
    managers = [factories.appoint(body, "quality-manager", scheme=None) for _ in range(2)]
    board = factories.appoint(body, "board", scheme=None)
    lead, colleague, pat = body.assessors[:3]
    place = Workplace(body, *managers, lead, colleague, board, pat)
    body.by(policies.publish_policy, "installer", INSTALLER_ROLE, source=SOURCE, file="workforce.toml")
    place.by_manager(workforce.name_lead, department="assessing", lead=lead)
    place.by_lead(development.open_plan, person=pat, department="assessing")
    return place
