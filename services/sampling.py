"""Internal quality assurance: a plan a scheme and year, drawn by its own clock, and what people find. Source: handbook, Governance."""

from datetime import datetime

from domain.audit.seeing import has_conflict
from domain.ids import PROCESS_ROLE, derived_id
from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.sampling import FollowUpNamed, Plan, looking, planning
from domain.scheme_assurance import SAMPLING
from domain.submission import events as e
from domain.submission import side_events as beside
from services.acting import permitted
from services.audits import governance
from services.development import note_need
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.policies import make_up, policy_id
from services.population import population
from services.ports import Command


def plan_id(scheme: str, year: int) -> str:
    """The id of the plan of a scheme (its id) and a year, of which there is one."""
    return derived_id("sampling", scheme, str(year))


@permitted
def plan_sampling(
    office: Office,
    command: Command,
    *,
    scheme: str,
    year: int,
    seed: int,
    percent: int | None = None,
    least: int | None = None,
) -> Receipt:
    """Plan the sampling of a scheme's assessments in a year (`plan_id(scheme, year)`). By a quality manager.

    `percent` and `least` may be more than the policy asks for.
    """
    id = plan_id(scheme, year)

    def step(work: Work) -> None:
        work.acts(scheme)
        if not work.scheme_record(scheme).versions:
            raise refuse(
                "published-scheme", f"{scheme!r} is not published", field="scheme", allowed="a published scheme's id"
            )
        policy = governance(work)
        planned = planning.plan_sampling(
            work.state(id),
            id=id,
            scheme=scheme,
            year=year,
            seed=seed,
            rules=policy.content.sampling,
            percent=percent,
            least=least,
            calendar=policy.calendar,
            at=command.at,
        )
        work.add(id, planned)
        make_up(work, what=SAMPLING, scheme=scheme, year=year)

    return carry_out(office, command, id, policy_id("governance"), step=step)


@permitted
def draw_sample(office: Office, command: Command, *, case: str) -> Receipt:
    """Draw from what was completed until now. By the plan's process, as its clock says, or by a quality manager."""

    def step(work: Work) -> None:
        held = _plan(work, case)
        planned = planning.require_running(held)
        if command.role == PROCESS_ROLE:
            work.acts_as_process(case)
        else:
            work.acts(planned.scheme)
        policy, found = governance(work), population(office.records)
        drawn = planning.draw(
            held,
            assessments=found.assessments,
            position=found.position,
            rules=policy.content.sampling,
            calendar=policy.calendar,
            at=command.at,
        )
        work.add(case, drawn)

    return carry_out(office, command, case, policy_id("governance"), step=step)


@permitted
def ask_to_look(office: Office, command: Command, *, plan: str, number: int, looker: str) -> Receipt:
    """Have somebody who may look at an assessment of the sample. By a quality manager without a conflict."""

    def step(work: Work) -> None:
        held = _plan(work, plan)
        actor = work.acts(planning.require_running(held).scheme)
        drawn = looking.require_drawn(held, number)
        require_no_conflict(actor, drawn.provider)
        [person] = work.panel([looker])
        asked = looking.ask_to_look(
            held, number=number, looker=person, took_part=took_part(work, drawn.case), at=command.at
        )
        if asked:
            work.concerns(drawn.provider, plan)
        work.add(plan, asked)

    return carry_out(office, command, plan, looker, step=step)


@permitted
def record_result(
    office: Office,
    command: Command,
    *,
    plan: str,
    number: int,
    result: str,
    text: str | None = None,
    topic: str | None = None,
    need: str | None = None,
) -> Receipt:
    """Record what was found of an assessment of the sample. By a quality manager or trained moderator who had no part in it.

    A `serious` result says on which topic (a code) and what the assessor needs to develop.
    """

    def step(work: Work) -> None:
        held = _plan(work, plan)
        actor = work.acts(planning.require_running(held).scheme)
        drawn = looking.require_drawn(held, number)
        require_no_conflict(actor, drawn.provider)
        recorded = looking.record_result(
            held,
            number=number,
            by=actor,
            took_part=took_part(work, drawn.case),
            result=result,
            text=None if text is None else work.text(text, field="text", subject=drawn.assessor),
            topic=topic,
            need=None if need is None else work.text(need, field="need", subject=drawn.assessor),
            at=command.at,
        )
        work.add(plan, recorded)
        for one in recorded:
            if isinstance(one, FollowUpNamed):
                note_need(work, person=one.person, topic=one.topic, source="sampling", text=one.need, matter=plan)

    return carry_out(office, command, plan, step=step)


@permitted
def close_sampling(office: Office, command: Command, *, plan: str, report: str) -> Receipt:
    """Close a plan with a report, once its year is over and each of the sample was looked at. By a quality manager."""

    def step(work: Work) -> None:
        held = _plan(work, plan)
        actor = work.acts(planning.require_plan(held).scheme)
        said = work.text(report, field="report", subject=plan)
        work.add(plan, planning.close(held, by=actor.id, report=said))

    return carry_out(office, command, plan, step=step)


def drawn_again(office: Office, plan: str, *, at: datetime) -> list[str]:
    """Draw a plan's sample again from the record as it was at the last drawing; return what does not agree, in words."""
    work = Work(office, Command(id="reading", actor="reading", role="reading", at=at), about=plan)
    held = _plan(work, plan)
    found = population(office.records, until=held.position)
    return planning.drawn_again(held, found.assessments, calendar=governance(work).calendar)


def visible_in(plan: Plan, work: Work, person: str) -> list[int]:
    """The numbers of the plan's sample that a person may see: none of a provider with which they have a conflict."""
    reader = work.person(person)
    return [number for number, one in plan.drawn.items() if not has_conflict(reader, one.provider)]


def took_part(work: Work, case: str) -> frozenset[str]:
    """Everybody who had a part in a case: did something in it, assessed, advised, marked it blind, or sat on it.

    Whoever gets a part meanwhile undoes the command.
    """
    held = work.submission(case)
    work.unmoved.add(case)
    people = {one.actor for one in work.entries[case]} | held.former_assessors | held.advisers | held.calibrators
    for one in work.entries[case]:
        match one.event:
            case e.ModerationStarted():
                people |= {one.event.chair, *one.event.panel}
            case e.ItemHandedOver():
                people.add(one.event.chair)
            case e.AssessorAssigned():
                people.add(one.event.assessor)
            case beside.MarkedBlindBy():
                people.add(one.event.second)
            case _:
                pass
    return frozenset(people)


def _plan(work: Work, plan: str) -> Plan:
    held: Plan = work.state(require_kind(plan, "sampling"))
    return held
