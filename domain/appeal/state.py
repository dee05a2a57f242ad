"""Where an appeal stands: what it contests, who sees to it and hears it, what came of it, and who else was touched."""

from dataclasses import dataclass
from typing import assert_never

from domain.appeal import events as e
from domain.clocks import DeadlineMissed, ReminderSent
from domain.refusals import Refused, refuse
from domain.states import replace
from domain.tasks import Matter, TaskHandedOver, TaskMoved, follow

UPHELD, DISMISSED = "upheld", "dismissed"
OUTCOMES = (UPHELD, DISMISSED)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Other:
    """Another case that was touched: who dealt with it, what was done last (and the id of the text that says so), and whether
    that was found enough.
    """

    dealt_by: tuple[str, ...] = ()
    action: str = ""
    done: str = ""
    closed: bool = False


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Appeal(Matter):
    """The state of an appeal's stream.

    `officer` sees to it, `officers` are all who did; `former` are those who left the panel. `others` are the other cases
    that were touched, None while nobody has searched.
    """

    lodged: e.AppealLodged | None = None
    officer: str = ""
    officers: frozenset[str] = frozenset()
    chair: str = ""
    panel: tuple[str, ...] = ()
    former: frozenset[str] = frozenset()
    decided: e.AppealDecided | None = None
    remedy_closed: bool = False
    others: dict[str, Other] | None = None
    found: tuple[e.OthersFound, ...] = ()
    follow_ups: frozenset[tuple[str, str]] = frozenset()

    @property
    def lodging(self) -> e.AppealLodged:
        """How it was lodged; refuses an appeal that does not exist."""
        if self.lodged is None:
            raise refuse("known-appeal", "there is no such appeal", field="appeal", allowed="the id of a lodged appeal")
        return self.lodged

    @property
    def open_others(self) -> tuple[str, ...]:
        """The other cases that are not closed yet, in a stable order."""
        return tuple(sorted(case for case, one in (self.others or {}).items() if not one.closed))


def evolve(appeal: Appeal, event: e.AppealEvent) -> Appeal:
    """Apply one event."""
    appeal = replace(appeal, tasks=follow(appeal.tasks, event))
    match event:
        case e.AppealLodged():
            return replace(
                appeal, id=event.appeal, scheme=event.scheme, provider=event.provider, stage="lodged", lodged=event
            )
        case e.AppealAcknowledged():
            return _seen_to(replace(appeal, stage="acknowledged"), event.officer)
        case e.AppealAdmitted():
            return _seen_to(replace(appeal, stage="admitted"), event.officer)
        case e.AppealNotAdmitted():
            return _seen_to(replace(appeal, stage="not-admitted", over=True), event.officer)
        case e.AppealWithdrawn():
            return replace(appeal, stage="withdrawn", over=True)
        case e.PanelNamed():
            return _seen_to(replace(appeal, stage="before-panel", chair=event.chair, panel=event.panel), event.officer)
        case e.PanelMemberLeft():
            return replace(
                appeal,
                chair="" if event.person == appeal.chair else appeal.chair,
                panel=tuple(one for one in appeal.panel if one != event.person),
                former=appeal.former | {event.person},
            )
        case e.AppealOfficerLeft():
            return replace(appeal, officer="")
        case e.AppealDecided():
            return replace(appeal, stage=event.outcome, decided=event, over=event.outcome == DISMISSED)
        case e.RemedyClosed():
            return _finished(replace(appeal, remedy_closed=True))
        case e.OthersFound():
            known = appeal.others or {}
            others = {**{case: Other() for case in event.cases}, **known}
            return _finished(replace(appeal, others=others, found=(*appeal.found, event)))
        case e.OtherDealtWith():
            return _dealt(appeal, event)
        case e.OtherClosed():
            others = appeal.others or {}
            closed = replace(others[event.case], closed=True)
            return _finished(replace(appeal, others={**others, event.case: closed}))
        case e.FollowUpNamed():
            return replace(appeal, follow_ups=appeal.follow_ups | {(event.person, event.need.id)})
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return appeal
        case _:
            assert_never(event)


def _seen_to(appeal: Appeal, officer: str) -> Appeal:
    return replace(appeal, officer=officer, officers=appeal.officers | {officer})


def _dealt(appeal: Appeal, event: e.OtherDealtWith) -> Appeal:
    others = appeal.others or {}
    held = others[event.case]
    dealt_by = tuple(dict.fromkeys((*held.dealt_by, event.dealt_by)))
    dealt = replace(held, dealt_by=dealt_by, action=event.action, done=event.done.id)
    return replace(appeal, others={**others, event.case: dealt})


def _finished(appeal: Appeal) -> Appeal:
    """Once its remedy is carried out and everybody else who was touched is looked after, an upheld appeal is over."""
    done = appeal.remedy_closed and appeal.others is not None and not appeal.open_others
    return replace(appeal, stage="closed", over=True) if done else appeal


def wrong_stage(appeal: Appeal, what: str, allowed: str) -> Refused:
    """The refusal of a step that belongs to another stage of an appeal."""
    return refuse(
        "appeal-order",
        f"{what} is not possible while the appeal is {appeal.stage.replace('-', ' ')}",
        field="appeal",
        allowed=allowed,
    )
