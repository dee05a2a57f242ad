"""Where the letting go of records stands: a list of what the rules let go, or what one person asked to be erased.

The register of holds is a stream of the same kind; it is never over. Source: handbook, Retention.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.retention import events as e
from domain.states import replace
from domain.tasks import Matter, TaskHandedOver, TaskMoved, follow

REQUESTED, CHECKED, PROPOSED, APPROVED = "requested", "checked", "proposed", "approved"
KEEPING, DONE, DECLINED, HOLDING = "keeping", "done", "declined", "holding"


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Retention(Matter):
    """`subject` is whose request it is, empty for a list of what the rules let go; `holds` the holds by subject.

    `kept` is what stays though it was asked for, or approved.
    """

    subject: str = ""
    requested_by: str = ""
    checked_by: str = ""
    proposed_by: str = ""
    approved_by: tuple[str, ...] = ()
    policy: str = ""
    due_by: datetime | None = None
    items: tuple[e.Item, ...] = ()
    kept: tuple[e.KeptBack, ...] = ()
    providers: tuple[str, ...] = ()
    digest: str = ""
    texts: int = 0
    fields: int = 0
    files: int = 0
    holds: dict[str, e.HoldPlaced] = field(default_factory=dict)

    @property
    def parties(self) -> frozenset[str]:
        """Whom the request is about."""
        return frozenset({self.subject} - {""})


def evolve(held: Retention, event: e.RetentionEvent) -> Retention:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case e.ErasureRequested():
            return replace(held, id=event.retention, stage=REQUESTED, subject=event.subject, requested_by=event.by)
        case e.RequesterChecked():
            return replace(held, stage=CHECKED, checked_by=event.by)
        case e.LettingGoProposed():
            return replace(
                held,
                id=event.retention,
                stage=PROPOSED,
                policy=event.policy,
                proposed_by=event.by,
                approved_by=(),
                due_by=event.due_by,
                items=event.items,
                kept=event.kept,
                providers=event.providers,
                digest=event.digest,
            )
        case e.LettingGoApproved():
            approved_by = (*held.approved_by, event.by)
            return replace(held, approved_by=approved_by, stage=APPROVED if len(approved_by) > 1 else held.stage)
        case e.LettingGoDeclined():
            return replace(held, stage=DECLINED, over=True)
        case e.RecordsLetGo():
            done = replace(held, kept=event.kept, texts=held.texts + event.texts, fields=held.fields + event.fields)
            done = replace(done, files=held.files + event.files)
            return replace(done, stage=KEEPING if event.sets else DONE, over=not event.sets)
        case e.HoldPlaced():
            return replace(held, id=event.register, stage=HOLDING, holds={**held.holds, event.subject: event})
        case e.HoldReleased():
            holds = {subject: one for subject, one in held.holds.items() if subject != event.subject}
            return replace(held, holds=holds)
        case e.HoldReviewed() | TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return held
        case _:
            assert_never(event)
