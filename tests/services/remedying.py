"""Given remedies: an appeals panel that directs one, as an appeal's own decision will, and people who judge again."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.ids import derived_id
from domain.submission.events import SubmissionEvent
from domain.submission.state import Submission
from services import assessment, moderation, remedies, screening
from services.assessment import Judgement, keep_findings
from services.office import Receipt, Work, carry_out
from services.ports import Command
from tests import factories
from tests.factories import Body

APPEAL, OTHER_APPEAL = derived_id("appeal", "one"), derived_id("appeal", "two")


SHORT = {"1.1": "partially_met"}
"""Judgements with which a submission falls short."""


def failed(body: Body) -> str:
    """A submission that was not awarded."""
    case = factories.brought(body, "released", levels=SHORT)
    assert body.submission(case).outcome.outcome == "not_awarded"  # type: ignore[union-attr]
    return case


def direct(
    body: Body,
    case: str,
    remedy: str,
    *,
    contested: str = "result",
    appeal: str = APPEAL,
    excluded: Iterable[str] = (),
    judgements: Mapping[str, Judgement] | None = None,
    concern: str | None = None,
    reason: str | None = None,
    command: Command | None = None,
) -> Receipt:
    """The appeals panel directs a remedy."""
    panellist = derived_id("person", body.mark, "appeals-panel")

    def step(work: Work) -> None:
        award = contested == "review"
        owner = work.accreditation(case).provider if award else work.submission(case).registration.provider
        remedies.carry_through(
            work,
            appeal=appeal,
            case=case,
            contested=contested,
            concern=concern,
            remedy=remedy,
            excluded=frozenset(excluded) | {panellist},
            judgements=keep_findings(work, owner, judgements or {}),
            reason=work.text(reason, field="reason", subject=owner) if reason else None,
        )

    return carry_out(body.office, command or body.command(panellist, "appeals-panel"), case, step=step)


def others(body: Body) -> Body:
    """Another chair and other moderators take the places of those who sat before."""
    body.chair = factories.appoint(body, "chair", training="chairing")
    body.moderators = tuple(factories.appoint(body, "moderator", training="moderating") for _ in range(3))
    return body


def moderated(body: Body, case: str, levels: Mapping[str, str] | None = None) -> Submission:
    """The body's panel takes it up, changes these judgements, confirms the others and decides; the result is released."""
    factories.take_up(body, case)
    factories.confirm(body, case)
    if levels:
        changed = {code: Judgement(level=level, reason="So it is.") for code, level in levels.items()}
        body.by_chair(moderation.moderate, case=case, judgements=changed)
    factories.decide(body, case)
    return factories.settle(body, case)


def assessed(body: Body, case: str, levels: Mapping[str, str] | None = None) -> str:
    """The process assigns somebody, who assesses; returns who."""
    assessor = factories.settle(body, case).assessor
    assert assessor
    factories.assess(body, case, levels)
    return assessor


def finish(body: Body, case: str, levels: Mapping[str, str] | None = None) -> Submission:
    """It is assessed by whom the process assigns, and moderated."""
    assessed(body, case, levels)
    return moderated(body, case)


def ineligible(body: Body, *, paid: bool = True) -> str:
    """A case that screening found ineligible."""
    case = factories.brought(body, "submitted")
    factories.settle(body, case)
    if paid:
        factories.pay_fees(body, case)
    body.by_officer(screening.find_ineligible, case=case, reason="It is first aid.")
    return case


def names(events: Iterable[SubmissionEvent]) -> list[str]:
    return [type(one).__name__ for one in events]


def verdicts(body: Body, case: str) -> dict[str, str]:
    """What was seen of each person when the rule last chose an assessor."""
    from domain.submission.events import AssessorAssigned, NobodyEligible

    last: Any = body.events(case, AssessorAssigned | NobodyEligible)[-1]  # type: ignore[arg-type]
    return {one.person: one.verdict for one in last.considered}


def take(body: Body, case: str) -> None:
    """The assigned assessor accepts."""
    body.by_assessor(assessment.accept_assignment, case)
