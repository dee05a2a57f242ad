"""A body with a governance board: its policy published, its people appointed, and cases for it to look at."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.audit import Audit, Scope
from domain.governance_policy import Governance
from domain.ids import PROCESS_ROLE
from domain.tasks import Matter, due_next
from services import audit_actions, audits, matters, people, policies, sampling
from services.office import Receipt
from tests import factories
from tests.factories import Body

GOVERNANCE = Path(__file__).parents[2] / "schemes" / "governance.toml"
SEED = 20260302
CHECKLIST = {"reasons": "Does each judgement have reasons?", "clocks": "Was every date kept?"}


def publish_governance(body: Body) -> Governance:
    """Put the shipped policy in force; returns what it says."""
    source = GOVERNANCE.read_text(encoding="utf-8")
    body.by(policies.publish_policy, "installer", "installer", source=source, file=GOVERNANCE.name)
    content: Governance = policies.read_policy(source).content
    return content


def board_of(body: Body, number: int = 3) -> list[str]:
    """So many people of the board, under the shipped policy."""
    publish_governance(body)
    return [factories.appoint(body, "board", scheme=None) for _ in range(number)]


def registered_case(body: Body) -> str:
    """A case of a provider of its own."""
    return factories.register(body)


def provider_of(body: Body, case: str) -> str:
    return body.submission(case).registration.provider


def scope(body: Body, **but: Any) -> Scope:
    """All cases of the scheme that came to their stage in the last month."""
    whole = Scope(schemes=(body.scheme.id,), begins_at=body.now() - timedelta(days=30), ends_at=body.now())
    return replace(whole, **but)


def opened(body: Body, members: Sequence[str], *, size: int = 3, seed: int = SEED, **but: Any) -> str:
    """An audit that the first of `members` opens; returns its id."""
    of = scope(body, **but)
    body.by(
        audits.open_audit, members[0], "board", scope=of, checklist=CHECKLIST, members=members, seed=seed, size=size
    )
    return audits.audit_id(of)


def audit(body: Body, id: str) -> Audit:
    found: Audit = body.state(id)
    return found


def declare(body: Body, person: str, case: str, role: str = "board") -> None:
    """The person declares a conflict with the case's provider."""
    body.by(people.declare_conflict, person, role, id=person, provider=provider_of(body, case), kind="family")


def find(
    body: Body, by: str, id: str, case: str, item: str, *, result: str = "conforms", role: str = "board"
) -> Receipt:
    text = None if result == "conforms" else f"What was found on {item}."
    return body.by(audits.record_finding, by, role, audit=id, case=case, item=item, result=result, text=text)


def find_all(body: Body, by: str, id: str, result: str = "conforms") -> None:
    """Every point of every case without a finding gets one."""
    for case, item in audit(body, id).unanswered:
        find(body, by, id, case, item, result=result)


def agree(body: Body, by: str, id: str, finding: int, owner: str) -> None:
    body.by(audit_actions.agree_action, by, "board", audit=id, finding=finding, owner=owner, to_do="Say why.")


def by_process(body: Body, matter: str, service: Callable[..., Receipt]) -> Receipt:
    """Have the matter's process take a step now."""
    command = body.command(matter, PROCESS_ROLE)
    return service(body.office, command, case=matter)


STEPS = {"remind_task": matters.remind_task, "miss_task": matters.miss_task, "draw_sample": sampling.draw_sample}


def time_passes(body: Body, clock: Any, matter: str, until: Any) -> list[Any]:
    """Let the matter's process do what time brings, until an instant; returns what it recorded, with when."""
    happened = []
    while due := due_next(state(body, matter), at=clock()):
        if due.at > until:
            break
        clock.comes_to(max(due.at, clock()))
        receipt = by_process(body, matter, STEPS[due.step])
        assert receipt.events, f"{due.step} did nothing"
        happened += [(clock(), one) for one in receipt.events[matter]]
    clock.comes_to(max(until, clock()))
    return happened


def state(body: Body, matter: str) -> Matter:
    found: Matter = body.state(matter)
    return found
