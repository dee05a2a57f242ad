"""What all matters with tasks have in common: reminders, word of what is overdue, and tasks moved or handed over.

Source: handbook, Clocks. What each kind of matter is, its own service says.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from domain import tasks
from domain.appeal.lodging import require_officer
from domain.appeal.state import Appeal
from domain.clocks import checked_instant
from domain.ids import MATTERS, is_id
from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.tasks import Matter
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command

MOVERS = ("officer", "quality-manager", "appeals-officer", "complaints-handler")
"""The roles that may give somebody more time."""


def matter_of(work: Work, id: str) -> Any:
    """The state of a matter that exists; refuses one that does not."""
    if not is_id(id, *MATTERS):
        raise refuse("known-matter", "this is no id of such a matter", field="case", allowed="an id such as appeal-…")
    held = work.state(id)
    if not held.id:
        raise refuse("known-matter", "there is no such matter", field="case", allowed="the id of one on record")
    return held


def remind_task(office: Office, command: Command, *, case: str) -> Receipt:
    """Send the reminders that are due. By the matter's process."""
    return by_process(office, command, case, lambda held: tasks.remind(held, at=command.at))


def miss_task(office: Office, command: Command, *, case: str) -> Receipt:
    """Say that tasks are overdue, to whoever is to be told. By the matter's process."""
    return by_process(office, command, case, lambda held: tasks.miss(held, at=command.at))


def move_task(
    office: Office, command: Command, *, case: str, rule: str, until: datetime, reason: str, about: str = ""
) -> Receipt:
    """Let a task be due later, with a reason. By an officer, or who handles such matters; nobody for themselves."""
    until = checked_instant(until, field="until")

    def step(work: Work) -> None:
        held: Matter = matter_of(work, case)
        task = tasks.require_running(held, rule, about)
        actor = work.acts_as_one_of(MOVERS, _scheme_id(held))
        if held.provider:
            require_no_conflict(actor, held.provider, case=case, roles=(command.role,))
        if isinstance(held, Appeal):
            from services.contested import parts_in  # which rests on services that need this module

            require_officer(held, actor, had_part=parts_in(work, held.lodging.case, but=case))
        if actor.had_part(held.parties):
            raise refuse(
                "parties-never-administer",
                "this person administers nothing of this matter",
                field="actor",
                allowed="somebody else who may: " + ", ".join(MOVERS),
            )
        if task.who in actor.ids or actor.holds(task.who, _scheme_id(held), command.at):
            raise refuse(
                "not-for-oneself",
                "nobody gives themselves more time",
                field="actor",
                allowed="somebody else who may: " + ", ".join(MOVERS),
            )
        why = work.text(reason, field="reason", subject=case)
        moved = tasks.move_task(held, rule=rule, about=about, until=until, reason=why, at=command.at)
        work.add(case, moved, scheme=held.scheme or None)

    return carry_out(office, command, case, step=step)


def by_process(office: Office, command: Command, case: str, decide: Callable[[Any], Sequence[Any]]) -> Receipt:
    """A step of the matter's own process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = matter_of(work, case)
        work.add(case, decide(held), scheme=held.scheme or None)

    return carry_out(office, command, case, step=step)


def _scheme_id(matter: Matter) -> str | None:
    return matter.scheme.partition("@")[0] or None
