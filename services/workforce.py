"""Who leads a department, and the reports that departments and the quality manager make under the workforce policy.

Source: handbook, Workforce. What a report says is computed from the record as it was at an instant; its digest is kept.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import policy, workforce
from domain.clocks import checked_instant
from domain.development import Development, figures, plan
from domain.development.duties import Duties
from domain.development.events import NeedNoted, PlanOpened
from domain.development.figures import Figures
from domain.ids import derived_id
from domain.permissions import roles
from domain.person import Person, RoleGiven, require_known
from domain.policy import Policy, PolicyRecord
from domain.refusals import refuse
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.policies import policy_id, policy_of
from services.ports import Command
from services.schemes import recorded
from services.states import fold

KIND = "workforce"
ANY_DEPARTMENT = "lead-any-department"
"""What a quality manager may: do for any department what its lead does."""
STREAM = policy_id(KIND)


def policy_in_force(work: Work) -> Policy:
    """The workforce policy in force; refuses where none is published."""
    return policy_of(work, KIND)


def lead_of(work: Work, department: str) -> str:
    """Who leads the department, empty where nobody does; that must not change while the command is decided."""
    record: PolicyRecord = work.state(STREAM)
    work.unmoved.add(STREAM)
    return record.leads.get(department, "")


def duties_of(work: Work, rules: Policy, *, person: str, department: str) -> Duties:
    """What sets the tasks of a person of this department, whose lead has no say about them under any account."""
    lead = lead_of(work, department)
    return Duties(
        policy=rules, person=person, lead=lead, aliases=work.person(lead).linked.aliases if lead else frozenset()
    )


def by_lead(work: Work, department: str) -> None:
    """The command must come from a quality manager, or from the department's lead in a role of theirs."""
    if work.command.role in roles(ANY_DEPARTMENT):
        work.acts()
        return
    actor = work.acts_in_own_role()
    if lead_of(work, department) != actor.id:
        raise refuse(
            "acting-role",
            "this person does not lead the department",
            field="role",
            allowed="the department's lead, or a quality-manager",
        )
    require_works_here(actor, field="actor")
    work.unmoved.add(actor.id)


def works_here(who: Person) -> bool:
    """Whether the person has a role in the body, beside speaking for a provider."""
    return any(role != "provider" for role, _ in who.roles)


def require_works_here(who: Person, *, field: str) -> None:
    """Refuse who is not known, and who only speaks for a provider: what a body asks of its people is not for them."""
    require_known(who, field=field)
    if not works_here(who):
        raise refuse(
            "works-for-the-body", "this person has no role in the body", field=field, allowed="somebody with a role"
        )


@permitted
def name_lead(office: Office, command: Command, *, department: str, lead: str) -> Receipt:
    """Name who leads a department; by a quality manager, for somebody else. Tasks of the former lead fall to them."""

    def step(work: Work) -> None:
        actor = work.acts()
        [leading] = work.panel([lead])
        require_works_here(leading, field="lead")
        held = work.state(STREAM)
        named = workforce.name_lead(held, policy=policy_in_force(work), department=department, lead=lead, by=actor)
        work.add(STREAM, named)

    receipt = carry_out(office, command, STREAM, lead, step=step)
    hand_department_over(office, command, department)
    return receipt


@permitted
def end_lead(office: Office, command: Command, *, department: str) -> Receipt:
    """Let a department have no lead until another is named; its tasks fall to the quality manager. By a quality manager."""

    def step(work: Work) -> None:
        work.acts()
        workforce.require_department(policy_in_force(work), department)
        work.add(STREAM, workforce.end_lead(work.state(STREAM), department=department))

    receipt = carry_out(office, command, STREAM, step=step)
    hand_department_over(office, command, department)
    return receipt


@permitted
def make_report(
    office: Office, command: Command, *, scope: str, until_at: datetime, since_at: datetime | None = None
) -> Receipt:
    """Make the report of a department, by its lead or a quality manager, or the board's (`board`), by a quality manager.

    It says what was so at `until_at`, with the activities completed after `since_at`, or all; its figures' digest is computed from the record. Its id is `report_id(command.id)`.
    """
    until_at = checked_instant(until_at, field="until_at")
    since_at = checked_instant(since_at, field="since_at") if since_at else None

    def step(work: Work) -> None:
        if scope == policy.BOARD:
            work.acts(among=roles(ANY_DEPARTMENT))
        else:
            workforce.require_department(policy_in_force(work), scope)
            by_lead(work, scope)
        made = workforce.make_report(
            work.state(STREAM),
            id=report_id(command.id),
            policy=policy_in_force(work),
            scope=scope,
            by=command.actor,
            since_at=since_at,
            until_at=until_at,
            digest=figures.digest(figures_at(office, scope, until_at, since_at)),
            at=command.at,
        )
        work.add(STREAM, made)

    return carry_out(office, command, STREAM, step=step)


@permitted
def note_report(office: Office, command: Command, *, report: str) -> Receipt:
    """Note that one has seen a report: the board its own, a quality manager or the board one of a department's."""

    def step(work: Work) -> None:
        actor = work.acts()
        noted = workforce.note_report(work.state(STREAM), report=report, by=actor, role=command.role)
        work.add(STREAM, noted)

    return carry_out(office, command, STREAM, step=step)


def report_id(command_id: str) -> str:
    """The id of the report that the command with this id makes."""
    return derived_id("report", command_id)


def figures_at(office: Office, scope: str, at: datetime, since: datetime | None = None) -> Figures:
    """The figures of a department or of the whole body (`board`), as they were at `at` (UTC), from the record itself."""
    developments = _as_it_was(office, at, {one.stream for one in recorded(office, NeedNoted, PlanOpened)})
    people = _as_it_was(office, at, {one.stream for one in recorded(office, RoleGiven)})
    staff = {one.id for one in people if works_here(one)}
    return figures.of((figures.facts_of(one, at) for one in developments), staff=staff, scope=scope, since=since)


def _as_it_was(office: Office, at: datetime, streams: set[str]) -> list[Any]:
    """The states of streams as their events up to `at` make them, of those that had any."""
    loaded = office.records.load(*streams) if streams else {}
    known = {id: [one for one in entries if one.at <= at] for id, entries in loaded.items()}
    return [fold(id, entries) for id, entries in sorted(known.items()) if entries]


def hand_department_over(office: Office, command: Command, department: str) -> None:
    """Let the tasks of everybody in the department fall to its present lead, each by a command of its own."""
    for id in _plans(office):

        def step(work: Work, id: str = id) -> None:
            _follow_lead(work, id, department)

        carry_out(office, replace(command, id=f"{command.id}/{id}", seen=None), id, STREAM, step=step)


def follow_lead(work: Work, department: str) -> None:
    """Let them fall to the lead in the transaction of something else."""
    plans = _plans(work.office)
    work.load(STREAM, *plans)
    for id in plans:
        _follow_lead(work, id, department)


def _plans(office: Office) -> list[str]:
    return sorted({one.stream for one in recorded(office, PlanOpened)})


def _follow_lead(work: Work, id: str, department: str) -> None:
    held: Development = work.state(id)
    if held.department == department:
        duties = duties_of(work, policy_in_force(work), person=held.person, department=department)
        work.add(id, plan.follow_lead(held, duties=duties))
