"""What can happen to an appeal, in the handbook's order. People are ids, texts are references, instants are UTC."""

from dataclasses import dataclass
from datetime import datetime

from domain.appeal.causes import Cause
from domain.clocks import DeadlineMissed, ReminderSent
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One ground of the scheme's list, and what the provider says of it."""

    code: str
    text: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLodged:
    """A contact of the provider contested one decision, which stands meanwhile.

    The decision is event `version` of `case`, at `position` of the log; it was told at `told_at`, and appeals against it are
    lodged by `lodge_by`; `late` says that this one was not.
    """

    appeal: str
    case: str
    scheme: str
    provider: str
    lodged_by: str
    contested: str
    concern: str | None
    version: int
    position: int
    told_at: datetime
    lodge_by: datetime
    late: bool
    grounds: tuple[Ground, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAcknowledged:
    """An appeals officer told the provider that the appeal has arrived; they see to it from now on."""

    officer: str
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAdmitted:
    """It is to be heard; a late one for a `reason`."""

    case: str
    officer: str
    reason: TextRef | None
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealNotAdmitted:
    """It is not heard, for a reason; that is its end."""

    case: str
    officer: str
    reason: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealWithdrawn:
    """The provider withdrew it before it was decided; that is its end."""

    case: str
    reason: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelConsidered:
    """One person as the rule saw them: `verdict` is `named`, `eligible` or why they can't hear this appeal.

    `outsider`: they never had to do with the body but for hearing appeals.
    """

    person: str
    verdict: str
    outsider: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelNamed:
    """These people hear the appeal; `considered` keeps who was looked at, and what was found, at that time."""

    officer: str
    chair: str
    panel: tuple[str, ...]
    considered: tuple[PanelConsidered, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMemberLeft:
    """Somebody no longer hears the appeal: `because` of a `conflict` or an account closed, or for a stated `why`; another is to be named."""

    person: str
    because: str
    why: TextRef | None
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealOfficerLeft:
    """The officer no longer sees to the appeal, `because` of a `conflict` or an account closed; what they had to do falls to another one."""

    officer: str
    because: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundFinding:
    """What the panel found on one ground, `upheld` or `dismissed`, with its reason."""

    ground: str
    finding: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided:
    """The panel decided: `upheld`, with a remedy, if any ground is, or else `dismissed`; its chair recorded it.

    `excluded` are those who take no part in what the remedy brings: who judged or decided before, and the panel itself.
    """

    case: str
    outcome: str
    chair: str
    panel: tuple[str, ...]
    findings: tuple[GroundFinding, ...]
    remedy: str | None
    excluded: tuple[str, ...]
    in_time: bool
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyClosed:
    """What the remedy called for has come to its end."""

    case: str
    officer: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersFound:
    """These are the other cases that the same causes touched, in the log up to `searched_to`; each is to be dealt with."""

    officer: str
    causes: tuple[Cause, ...]
    searched_to: int
    cases: tuple[str, ...]
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDealtWith:
    """Somebody did something about another case that was touched, or found nothing to do; somebody else closes it."""

    case: str
    dealt_by: str
    action: str
    done: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClosed:
    """Somebody who did not deal with it found that what was done about another case is enough."""

    case: str
    closed_by: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpNamed:
    """Somebody who had a part in the contested decision has something to learn from it, on a topic (a code)."""

    person: str
    need: TextRef
    topic: str = ""


AppealEvent = (
    AppealLodged
    | AppealAcknowledged
    | AppealAdmitted
    | AppealNotAdmitted
    | AppealWithdrawn
    | PanelNamed
    | PanelMemberLeft
    | AppealOfficerLeft
    | AppealDecided
    | RemedyClosed
    | OthersFound
    | OtherDealtWith
    | OtherClosed
    | FollowUpNamed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)
