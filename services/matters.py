"""What all matters with tasks have in common: reminders, word of what is overdue, and tasks moved or handed over.

Source: handbook, Clocks. What each kind of matter is, its own service says.
"""

from datetime import datetime

from domain import tasks
from domain.appeal import Appeal
from domain.appeal.lodging import require_officer
from domain.clocks import checked_instant
from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.tasks import Matter
from services.acting import permitted
from services.contested import parts_in
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.watching import by_process, matter_of


def remind_task(office: Office, command: Command, *, case: str) -> Receipt:
    """Send the reminders that are due. By the matter's process."""
    return by_process(office, command, case, lambda held: tasks.remind(held, at=command.at))


def miss_task(office: Office, command: Command, *, case: str) -> Receipt:
    """Say that tasks are overdue, to whoever is to be told. By the matter's process."""
    return by_process(office, command, case, lambda held: tasks.miss(held, at=command.at))


@permitted
def move_task(
    office: Office, command: Command, *, case: str, rule: str, until: datetime, reason: str, about: str = ""
) -> Receipt:
    """Let a task be due later, with a reason. By an officer, or who handles such matters; nobody for themselves.

    Nor anybody who is a party to the matter, or had a part in what an appeal contests.
    """
    until = checked_instant(until, field="until")

    def step(work: Work) -> None:
        held: Matter = matter_of(work, case)
        task = tasks.require_running(held, rule, about)
        actor = work.acts(_scheme_id(held))
        if held.provider:
            require_no_conflict(actor, held.provider, case=case, roles=(command.role,))
        if actor.had_part({task.who}) or actor.holds(task.who, _scheme_id(held), command.at):
            raise refuse(
                "not-for-oneself",
                "nobody gives themselves more time",
                field="actor",
                allowed="somebody else who may: " + ", ".join(work.roles("none")),
            )
        if isinstance(held, Appeal):
            require_officer(held, actor, had_part=parts_in(work, held.lodging.case, but=case))
        if actor.had_part(held.parties):
            raise refuse(
                "parties-never-administer",
                "this person administers nothing of this matter",
                field="actor",
                allowed="somebody else who may: " + ", ".join(work.roles("none")),
            )
        why = work.text(reason, field="reason", subject=case)
        moved = tasks.move_task(held, rule=rule, about=about, until=until, reason=why, at=command.at)
        work.add(case, moved, scheme=held.scheme or None)

    return carry_out(office, command, case, step=step)


def _scheme_id(matter: Matter) -> str | None:
    return matter.scheme.partition("@")[0] or None
