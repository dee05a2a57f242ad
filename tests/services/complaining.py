"""Complaints on a real record: who complains, who deals with it, and what its process does when it is due."""

from typing import Any

from domain.complaint import Complaint
from domain.ids import PROCESS_ROLE
from domain.tasks import due_next
from services import complaint_handling, complaints, people
from services.ports import Command
from tests import factories
from tests.factories import Body, Provider
from workflows.activities import STEPS


def handlers(body: Body, count: int = 2) -> list[str]:
    """So many complaints handlers of the whole body."""
    return [factories.appoint(body, "complaints-handler", scheme=None) for _ in range(count)]


def board(body: Body, count: int = 3) -> list[str]:
    """So many members of the board."""
    return [factories.appoint(body, "board", scheme=None) for _ in range(count)]


def raised(body: Body, by: str, role: str, **said: Any) -> str:
    """A complaint about the service, or about what is said; returns its id."""
    command = body.command(by, role)
    whole = {"scheme": body.scheme.id, "about": "service", "text": "Nobody answers the phone."}
    complaints.raise_complaint(body.office, command, **whole | said)
    return complaints.complaint_id(command.id)


def by_contact(body: Body, provider: Provider, **said: Any) -> str:
    """A complaint by a provider's contact."""
    return raised(body, provider.contact, "provider", provider=provider.id, **said)


def entered(body: Body, by: str, role: str = "complaints-handler", **said: Any) -> str:
    """A complaint of somebody outside; returns its id."""
    command = body.command(by, role)
    whole = {"scheme": body.scheme.id, "about": "service", "text": "The badge means nothing."}
    complaints.enter_complaint(body.office, command, **whole | said)
    return complaints.complaint_id(command.id)


def acknowledge(body: Body, case: str, by: str) -> None:
    body.by(complaint_handling.acknowledge_complaint, by, "complaints-handler", case=case)


def answer(body: Body, case: str, by: str, outcome: str = "not-upheld", done: str | None = None) -> None:
    """Acknowledged and answered by this handler."""
    acknowledge(body, case, by)
    said = {"outcome": outcome, "reason": "We looked into it.", "done": done}
    body.by(complaint_handling.answer_complaint, by, "complaints-handler", case=case, **said)


def escalate(body: Body, case: str, by: str, role: str = "provider") -> None:
    body.by(complaints.escalate_complaint, by, role, case=case, reason="That is no answer.")


def declare(body: Body, person: str, role: str, provider: str) -> None:
    body.by(people.declare_conflict, person, role, id=person, provider=provider)


def passing(body: Body, case: str) -> list[str]:
    """What the matter's process does up to now, each step at its instant; returns the steps."""
    taken = []
    while True:
        held: Complaint = body.state(case)
        due = due_next(held, at=body.now())
        if due is None or due.at > body.now():
            return taken
        id = f"{case}/{len(body.recorded(case))}/{due.step}/{due.at.isoformat()}"
        STEPS[due.step](
            body.office, Command(id=id, actor=case, role=PROCESS_ROLE, at=max(due.at, body.now())), case=case
        )
        taken.append(due.step)
