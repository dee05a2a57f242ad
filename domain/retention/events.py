"""What happens when records are let go: asked for, listed, approved by two others, done; and holds that keep them."""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import DeadlineMissed, ReminderSent
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is to go of one kind: so many `texts` and `files` of the stream `holder`, or the vault's `fields` of that person or provider.

    Of the kinds `letters` and `looks`, `texts` counts the letters that lose their words, and the looks.
    """

    holder: str
    kind: str
    texts: int = 0
    fields: tuple[str, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """What is not let go, on which ground, until when (UTC); None: while the ground lasts, which nobody can date."""

    holder: str
    kind: str
    ground: str
    ends_at: datetime | None
    texts: int = 0
    fields: tuple[str, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequested:
    """A person, or for a provider one of its contacts, asked that what is kept of `subject` be erased; or `by` noted it for them."""

    retention: str
    subject: str
    by: str
    received_at: datetime
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterChecked:
    """Somebody made sure, by `means`, that the request came from whom it is about."""

    by: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LettingGoProposed:
    """Somebody proposed that these items go, as the rules of `policy` (`retention@1`) let them by `due_by` (UTC).

    `digest` is the hex SHA-256 of all that goes, item by item; `providers` are those whose affair it is; `kept` is what
    stays, and why, where it was asked for.
    """

    retention: str
    policy: str
    by: str
    due_by: datetime
    items: tuple[Item, ...]
    kept: tuple[KeptBack, ...]
    providers: tuple[str, ...]
    digest: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LettingGoApproved:
    """One of two people approved it; with the second the approval is complete."""

    by: str
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LettingGoDeclined:
    """It is not to go, for a reason; nothing was erased."""

    by: str
    reason: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsLetGo:
    """So many texts with their salts, fields of the vault and files were erased, in the transaction of this event.

    `kept` is what was approved and stayed after all, since something keeps it now.
    """

    by: str
    texts: int
    fields: int
    digest: str
    kept: tuple[KeptBack, ...]
    files: int = 0
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """Whatever is kept of `subject` (a person, a provider, a case, a matter) stays, on this ground, until the hold is released."""

    register: str
    subject: str
    by: str
    ground: str
    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReviewed:
    """Somebody looked whether the hold is still needed, and it is; the next review is set."""

    subject: str
    by: str
    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """The hold is over; the rules apply to `subject` again."""

    subject: str
    by: str
    reason: TextRef
    ends: tuple[str, ...]


RetentionEvent = (
    ErasureRequested
    | RequesterChecked
    | LettingGoProposed
    | LettingGoApproved
    | LettingGoDeclined
    | RecordsLetGo
    | HoldPlaced
    | HoldReviewed
    | HoldReleased
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)
