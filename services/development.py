"""Professional development of the people who run the schemes: plans, needs, activities, and looking back on them.

Source: handbook, Workforce. What is for somebody else than the person to do is done by the lead of the person's department or
by a quality manager. Typed texts are kept for the person, so that they go when the person is erased.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import workforce
from domain.clocks import checked_instant
from domain.development import Development, DevelopmentEvent, activities, looking_back, plan
from domain.development.activities import Proposal
from domain.development.duties import Duties
from domain.ids import MATTERS, derived_id, is_id
from domain.person import require_known
from domain.refusals import refuse
from domain.texts import TextRef
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command, Entry
from services.workforce import STREAM, by_lead, duties_of, policy_in_force, require_works_here


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An activity as it is proposed; `minutes` long, `cost` in hundredths, over at `planned_at`. Texts are typed."""

    topics: Sequence[str]
    kind: str
    title: str
    trainer: str
    quality: str
    statement: str
    minutes: int
    cost: int
    planned_at: datetime


def development_id(person: str) -> str:
    """The stream of a person's development."""
    return derived_id("development", person)


def activity_id(command_id: str) -> str:
    """The id of the activity that the proposing command with this id creates."""
    return derived_id("activity", command_id)


@permitted
def open_plan(office: Office, command: Command, *, person: str, department: str) -> Receipt:
    """Open a person's plan in a department, for the policy's period. By its lead or a quality manager, for somebody else."""

    def step(work: Work) -> None:
        workforce.require_department(policy_in_force(work), department)
        by_lead(work, department)
        [who] = work.panel([person])
        require_works_here(who, field="person")
        held = _held(work, person)
        opened = plan.open_plan(
            held,
            id=development_id(person),
            person=person,
            department=department,
            duties=_duties(work, person, department),
            by=work.person(command.actor),
            at=command.at,
        )
        work.add(development_id(person), opened)

    return _carry_out(office, command, person, step)


@permitted
def agree_plan(office: Office, command: Command, *, person: str) -> Receipt:
    """Agree a person's plan of this period. By the department's lead or a quality manager, not for oneself."""
    return _by_lead(office, command, person, lambda work, held: plan.agree_plan(held, by=work.person(command.actor)))


@permitted
def change_department(office: Office, command: Command, *, person: str, department: str) -> Receipt:
    """Have a person in another department. By the lead of the present one or a quality manager, not for oneself."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        duties = _duties(work, person, department)
        return plan.change_department(held, department=department, duties=duties, by=work.person(command.actor))

    return _by_lead(office, command, person, decide)


@permitted
def end_development(office: Office, command: Command, *, person: str, reason: str) -> Receipt:
    """End a person's development with a reason. By the department's lead or a quality manager, not for oneself."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        return plan.end(held, by=work.person(command.actor), reason=work.text(reason, field="reason", subject=person))

    return _by_lead(office, command, person, decide)


def turn_period(office: Office, command: Command, *, case: str) -> Receipt:
    """Close the period that is over, and open the next with the needs not met. By the development's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held: Development = work.state(require_kind(case, "development"))
        if held.id:
            duties = _duties(work, held.person, held.department)
            work.add(case, plan.turn(held, duties=duties, at=command.at))

    return carry_out(office, command, case, STREAM, step=step)


@permitted
def add_need(
    office: Office, command: Command, *, person: str, topic: str, source: str, text: str, matter: str | None = None
) -> Receipt:
    """Note that a source points to a need. Of oneself: a self-evaluation. Of others: by a lead or a quality manager.

    A need from an appeal or complaint names that `matter`, in which the person must be named for a follow-up; an appeals
    officer or complaints handler may note one too. Where there is no plan yet, one is to be opened in time.
    """

    def step(work: Work) -> None:
        policy_in_force(work)
        require_known(work.person(person))
        held = _held(work, person)
        actor = work.person(command.actor)
        if actor.had_part({person}):
            work.acts_in_own_role()
        elif plan.SPOKEN_FOR.get(command.role) == source:
            work.acts()
        else:
            by_lead(work, held.department)
        if matter is not None:
            require_named(_entries(work, matter), person)
        said = work.text(text, field="text", subject=person)
        note_need(work, person=person, topic=topic, source=source, text=said, matter=matter)

    return _carry_out(office, command, person, step)


def note_need(work: Work, *, person: str, topic: str, source: str, text: TextRef, matter: str | None = None) -> None:
    """Note a need within another command: of an appeal, complaint or sampling that names the person for a follow-up.

    That command has said who may, and that `matter` is what it is. Holds without a published policy too, by the usual rules.
    """
    held = _held(work, person)
    in_force = policy_in_force(work) if work.state(STREAM).latest else workforce.USUAL
    noted = plan.note_need(
        held,
        id=development_id(person),
        person=person,
        topic=topic,
        source=source,
        text=text,
        matter=matter,
        by=work.person(work.command.actor),
        duties=duties_of(work, in_force, person=person, department=held.department),
        at=work.command.at,
    )
    work.add(development_id(person), noted)


def require_named(entries: Sequence[Entry], person: str) -> None:
    """Refuse a matter that does not exist, or in which nobody named this person for a follow-up."""
    if not any(getattr(one.event, "person", "") == person and hasattr(one.event, "need") for one in entries):
        raise refuse(
            "need-from-matter",
            "there is no such matter, or it names no follow-up for this person",
            field="matter",
            allowed="an upheld appeal or complaint, or a sampling, that names the person for a follow-up",
        )


@permitted
def meet_need(office: Office, command: Command, *, person: str, topic: str) -> Receipt:
    """Find a need met, once an activity for it had impact. By the department's lead or a quality manager, not for oneself."""
    return _by_lead(
        office, command, person, lambda work, held: plan.meet_need(held, topic=topic, by=work.person(command.actor))
    )


@permitted
def propose_activity(office: Office, command: Command, *, person: str, offer: Offer) -> Receipt:
    """Propose an activity (`activity_id(command.id)`) for needs of the plan. By the person, their lead or a quality manager."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        proposal = Proposal(
            topics=tuple(offer.topics),
            kind=offer.kind,
            title=work.text(offer.title, field="title", subject=person),
            trainer=work.text(offer.trainer, field="trainer", subject=person),
            quality=offer.quality,
            statement=work.text(offer.statement, field="statement", subject=person),
            minutes=offer.minutes,
            cost=offer.cost,
            planned_at=checked_instant(offer.planned_at, field="planned_at"),
        )
        return activities.propose(
            held,
            id=activity_id(command.id),
            by=work.person(command.actor),
            proposal=proposal,
            duties=_duties(work, person, held.department),
            at=command.at,
        )

    return _by_person_or_lead(office, command, person, decide)


@permitted
def approve_activity(office: Office, command: Command, *, person: str, activity: str) -> Receipt:
    """Approve an activity. By the department's lead or a quality manager who is neither the person nor proposed it."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        duties = _duties(work, person, held.department)
        return activities.approve(held, activity=activity, by=work.person(command.actor), duties=duties, at=command.at)

    return _by_lead(office, command, person, decide)


@permitted
def decline_activity(office: Office, command: Command, *, person: str, activity: str, reason: str) -> Receipt:
    """Decline an activity with a reason. By the lead or a quality manager who is neither the person nor proposed it."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        return activities.decline(
            held,
            activity=activity,
            by=work.person(command.actor),
            reason=work.text(reason, field="reason", subject=person),
            duties=_duties(work, person, held.department),
            at=command.at,
        )

    return _by_lead(office, command, person, decide)


@permitted
def drop_activity(office: Office, command: Command, *, person: str, activity: str, reason: str) -> Receipt:
    """Note that an activity does not take place, with a reason. By the person, their lead or a quality manager."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        return activities.drop(
            held,
            activity=activity,
            by=work.person(command.actor),
            reason=work.text(reason, field="reason", subject=person),
            duties=_duties(work, person, held.department),
            at=command.at,
        )

    return _by_person_or_lead(office, command, person, decide)


@permitted
def complete_activity(
    office: Office, command: Command, *, person: str, activity: str, done_at: datetime, minutes: int
) -> Receipt:
    """Record centrally when an activity was over and how long it took. By the person, their lead or a quality manager."""
    done_at = checked_instant(done_at, field="done_at")

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        return activities.complete(
            held,
            activity=activity,
            by=work.person(command.actor),
            done_at=done_at,
            minutes=minutes,
            duties=_duties(work, person, held.department),
            at=command.at,
        )

    return _by_person_or_lead(office, command, person, decide)


@permitted
def answer_questionnaire(
    office: Office, command: Command, *, person: str, activity: str, scores: Mapping[str, int]
) -> Receipt:
    """Say how satisfied one is with an activity: each question of the policy from 1 to 5. By the person."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        questions = tuple(policy_in_force(work).content.questions)
        return looking_back.answer(
            held, activity=activity, by=work.person(command.actor), scores=scores, questions=questions
        )

    return _by_person_or_lead(office, command, person, decide)


@permitted
def reflect(office: Office, command: Command, *, person: str, activity: str, text: str) -> Receipt:
    """Write what one made of an activity. By the person."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        written = work.text(text, field="text", subject=person)
        return looking_back.reflect(held, activity=activity, by=work.person(command.actor), text=written)

    return _by_person_or_lead(office, command, person, decide)


@permitted
def review_impact(
    office: Office, command: Command, *, person: str, activity: str, impact: str, note: str, met: Sequence[str] = ()
) -> Receipt:
    """Find what impact an activity had, and which needs are `met` by it. By the lead or a quality manager, not for oneself."""

    def decide(work: Work, held: Development) -> list[DevelopmentEvent]:
        return looking_back.review_impact(
            held,
            activity=activity,
            by=work.person(command.actor),
            impact=impact,
            note=work.text(note, field="note", subject=person),
            met=met,
            duties=_duties(work, person, held.department),
            at=command.at,
        )

    return _by_lead(office, command, person, decide)


Decide = Callable[[Work, Development], list[DevelopmentEvent]]


def _by_lead(office: Office, command: Command, person: str, decide: Decide) -> Receipt:
    def step(work: Work) -> None:
        held = _held(work, person)
        by_lead(work, held.department)
        work.add(development_id(person), decide(work, held))

    return _carry_out(office, command, person, step)


def _by_person_or_lead(office: Office, command: Command, person: str, decide: Decide) -> Receipt:
    def step(work: Work) -> None:
        held = _held(work, person)
        actor = work.person(command.actor)
        if actor.had_part({person}):
            work.acts_in_own_role()
        else:
            by_lead(work, held.department)
        work.add(development_id(person), decide(work, held))

    return _carry_out(office, command, person, step)


def _carry_out(office: Office, command: Command, person: str, step: Callable[[Work], None]) -> Receipt:
    return carry_out(office, command, development_id(person), STREAM, person, step=step)


def _held(work: Work, person: str) -> Development:
    """A person's development, which may have no event yet."""
    held: Development = work.state(development_id(require_kind(person, "person")))
    return held


def _duties(work: Work, person: str, department: str) -> Duties:
    return duties_of(work, policy_in_force(work), person=person, department=department)


def _entries(work: Work, matter: str) -> Sequence[Entry]:
    return work.office.records.streams(matter)[matter].entries if is_id(matter, *MATTERS) else ()
