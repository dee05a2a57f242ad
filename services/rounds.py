"""The body's rounds: everybody is asked about their conflicts, and each scheme's year is looked at. Source: handbook, Governance."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from domain import authority, rounds
from domain.person import RoleGiven
from domain.policy import Policy, PolicyRecord
from domain.rounds import Missing
from domain.sampling.planning import bounds
from domain.scheme_assurance import SAMPLING, STANDARDISATION
from domain.standardisation import Standardisation, StandardisationScheduled
from services.acting import permitted
from services.authority import authority_id
from services.office import Office, Receipt, Work, carry_out
from services.policies import policy_of
from services.ports import Command
from services.sampling import plan_id
from services.schemes import recorded
from services.watching import matter_of


def ask_about_conflicts(office: Office, command: Command, *, case: str) -> Receipt:
    """Ask everybody who works for the body whether the conflicts that they declared are all. By the policy's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held, policy = _policy(work, case)
        people = sorted({one.stream for one in recorded(office, RoleGiven)})
        work.load(*people, *map(authority_id, people))
        asked = [one for one in people if any(role != "provider" for role, _ in work.person(one).roles_at(command.at))]
        rules = policy.content
        noted = rounds.ask(held, people=asked, rules=rules, calendar=policy.calendar, at=command.at)
        work.add(case, noted)
        for person in asked if noted else ():
            id = authority_id(person)
            of_person = authority.ask_conflicts(
                work.state(id), id=id, person=person, rules=rules.conflicts, calendar=policy.calendar, at=command.at
            )
            work.add(id, of_person)

    return carry_out(office, command, case, step=step)


@permitted
def confirm_conflicts(office: Office, command: Command) -> Receipt:
    """Confirm that the conflicts and facts that one declared are all there are. By anybody who works for the body, for themselves."""

    def step(work: Work) -> None:
        actor = work.acts_in_own_role()
        work.unmoved.add(actor.id)
        id = authority_id(actor.id)
        work.add(id, authority.confirm_conflicts(work.state(id), id=id, person=actor.id))

    return carry_out(office, command, authority_id(command.actor), step=step)


def look_at_year(office: Office, command: Command, *, case: str) -> Receipt:
    """Look whether each scheme has on its timetable what its year needs, and have it made up for. By the policy's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held, policy = _policy(work, case)
        year = command.at.astimezone(ZoneInfo(policy.calendar.zone)).year
        missing = list(_missing(work, year, policy))
        noted = rounds.look(
            held, year=year, missing=missing, rules=policy.content, calendar=policy.calendar, at=command.at
        )
        work.add(case, noted)

    return carry_out(office, command, case, step=step)


def _policy(work: Work, case: str) -> tuple[PolicyRecord, Policy]:
    held: PolicyRecord = matter_of(work, case)
    return held, policy_of(work, "governance")


def _missing(work: Work, year: int, policy: Policy) -> Iterator[Missing]:
    scheduled = list(recorded(work.office, StandardisationScheduled))
    work.load(*(one.stream for one in scheduled))
    begins_at, ends_at = bounds(year, policy.calendar)
    held = {
        one.event.scheme.partition("@")[0]
        for one in scheduled
        if begins_at <= one.event.starts_at < ends_at and _stands(work.state(one.stream))
    }
    for scheme in work.schemes_in_force():
        yearly = scheme.assurance.people.yearly
        if STANDARDISATION in yearly and scheme.id not in held:
            yield Missing(scheme=scheme.id, what=STANDARDISATION)
        if SAMPLING in yearly and not work.state(plan_id(scheme.id, year)).planned:
            yield Missing(scheme=scheme.id, what=SAMPLING)


def _stands(session: Standardisation) -> bool:
    return session.stage != "cancelled"
