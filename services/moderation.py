"""Moderation meetings, further evidence, final review, decision and report. Source: handbook, sections 6 to 8."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import meeting
from domain.clocks import checked_instant
from domain.composition import shares
from domain.ids import derived_id
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import decision, moderation
from domain.submission import items as agenda
from domain.submission.events import Evidence, FoundOutsideDefinition, OutcomeReportApproved, Shortfall, SubmissionEvent
from domain.submission.state import Submission
from services import files
from services.accreditations import follow
from services.acting import permitted
from services.assessment import Judgement, keep_findings
from services.ledger import earn_pay
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_process, keep_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """For the report: whether `evidence` or `practice` was lacking on an unmet criterion, and what is missing."""

    lacking: str
    missing: str


def meeting_id(command_id: str) -> str:
    """The id of the meeting that the scheduling command with this id creates."""
    return derived_id("meeting", command_id)


@permitted
def schedule_meeting(
    office: Office,
    command: Command,
    *,
    scheme: str,
    chair: str,
    panel: Sequence[str],
    items: Sequence[str],
    starts_at: datetime | None = None,
) -> Receipt:
    """Schedule a meeting (`meeting_id(command.id)`) over several submissions of a scheme, now or for later. By an officer.

    The panel must be authorised for when it begins; whoever may not take part in an item is left out of that item when it is
    taken up. Where the panel misses the scheme's minima of teachers, providers or experts, the event says so.
    """
    id = meeting_id(command.id)
    begins = checked_instant(starts_at, field="starts_at") if starts_at else command.at

    def step(work: Work) -> None:
        officer = work.acts(scheme)
        people = work.people([chair, *panel])
        for one in people:
            role = "chair" if one.id == chair else "moderator"
            if not any(one.holds(each, scheme, begins) for each in {role, "chair"}):
                raise refuse(
                    "authorised-panel",
                    f"{one.id} is not authorised as {role} when it begins",
                    field="panel",
                    allowed=f"people authorised as {role}",
                )
        form = "meeting"
        for item in items:
            case = work.submission(item)
            pinned = work.scheme(case.registration.scheme)
            seen = work.seen(officer, pinned)
            require_no_conflict(seen, case.registration.provider, case=item, roles=(command.role,))
            if case.scheme_id != scheme:
                raise refuse(
                    "meeting-items", f"{item} is under another scheme", field="items", allowed=f"cases of {scheme}"
                )
            form = pinned.moderation_form
            work.add(item, agenda.list_for(case, meeting=id, scheme=pinned), scheme=pinned.ref)
        version = work.latest_scheme(scheme)
        scheduled = meeting.schedule(
            work.meeting(id),
            id=id,
            scheme=scheme,
            starts_at=begins,
            chair=chair,
            panel=tuple(panel),
            items=tuple(items),
            quorum=version.quorum,
            form=form,
            composition=shares(people, version.assurance.people.minima),
            at=command.at,
        )
        work.add(id, scheduled, scheme=version.ref)

    return carry_out(office, command, id, chair, *panel, *items, step=step)


@permitted
def open_meeting(office: Office, command: Command, *, id: str, present: Sequence[str]) -> Receipt:
    """Open a meeting with those present. By its chair."""

    def step(work: Work) -> None:
        held = work.meeting(id)
        meeting.require_scheduled(held)
        work.acts(held.scheme)
        work.add(id, meeting.open_meeting(held, by=command.actor, present=tuple(present), at=command.at))

    return carry_out(office, command, id, step=step)


@permitted
def sign_minutes(office: Office, command: Command, *, id: str, minutes_spent: int) -> Receipt:
    """Sign the minutes of a meeting; its items that were not taken up are free for another one.

    By its chair, or by who took over one of its items.
    """

    def step(work: Work) -> None:
        held = work.meeting(id)
        meeting.require_scheduled(held)
        work.acts(held.scheme)
        work.load(*held.items)
        taken_up = [one for one in (work.submission(item).moderation for item in held.items) if one]
        took_over = {one.chair for one in taken_up if one.meeting == id}
        signed = meeting.sign_minutes(held, by=command.actor, minutes_spent=minutes_spent, took_over=took_over)
        for item in held.items if signed else ():
            case = work.submission(item)
            pinned = work.scheme(case.registration.scheme)
            work.add(item, agenda.free(case, meeting=id, scheme=pinned, at=command.at), scheme=pinned.ref)
        work.add(id, signed)
        if signed:
            _pay_for_items(work, held)

    return carry_out(office, command, id, step=step)


def _pay_for_items(work: Work, held: meeting.Meeting) -> None:
    """Let everyone earn what the scheme pays for each item that they were on."""
    work.load(*held.panel)  # in one round trip
    for item in held.items:
        case = work.submission(item)
        if case.moderation and case.moderation.meeting == held.id:
            pay_for_item(work, case)


def pay_for_item(work: Work, case: Submission) -> None:
    """Let everyone on an item earn what the scheme pays for it, once."""
    scheme = work.scheme(case.registration.scheme)
    for one in case.moderation.panel if case.moderation else ():
        kind = "chairing" if case.moderation and one == case.moderation.chair else "moderation"
        earn_pay(work, one, kind=kind, case=case.id, scheme=scheme)


@permitted
def take_up(office: Office, command: Command, *, case: str, id: str) -> Receipt:
    """Take a submission up in an opened meeting. By its chair.

    Where too few are left who may take part, that is refused: adjourn the item, and schedule it with others.
    """

    def step(work: Work) -> None:
        held, gathering = work.submission(case), work.meeting(id)
        scheme = work.scheme(held.registration.scheme)
        chair = work.acts(scheme.id)
        meeting.require_scheduled(gathering)
        panel = work.panel(gathering.panel)
        work.unmoved.add(id)
        started = moderation.start(held, meeting=gathering, by=chair, panel=panel, scheme=scheme, at=command.at)
        work.add(case, started, scheme=scheme.ref)

    return carry_out(office, command, case, id, step=step)


@dataclass(frozen=True, slots=True)
class Item:
    """An item before its panel, or before the one person who moderates it and is then its chair."""

    case: Submission
    chair: Person
    panel: list[Person]
    scheme: Scheme
    work: Work


def on_item(office: Office, command: Command, case: str, decide: Callable[[Item], list[SubmissionEvent]]) -> Receipt:
    """One step of the panel on one item, recorded by who leads it; everyone on the item is looked at again."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        chair = work.acts(scheme.id, among=(moderation.leads(scheme),))
        require_no_conflict(chair, held.registration.provider, case=case, roles=(command.role,))
        panel = work.panel(held.moderation.panel) if held.moderation else []
        decided = decide(Item(held, chair, panel, scheme, work))
        done = any(isinstance(one, OutcomeReportApproved | FoundOutsideDefinition) for one in decided)
        if done and scheme.moderation_form == moderation.ALONE:
            earn_pay(work, chair.id, kind="moderation", case=case, scheme=scheme)
        elif done and held.moderation and work.meeting(held.moderation.meeting).signed:
            earn_pay(work, chair.id, kind="chairing", case=case, scheme=scheme)  # who took over after that
        work.add(case, decided, scheme=scheme.ref)
        follow(work, case)

    return carry_out(office, command, case, step=step)


@permitted
def moderate(office: Office, command: Command, *, case: str, judgements: Mapping[str, Judgement]) -> Receipt:
    """Confirm judgements (the same level) or change them (another level, with a reason). By the item's chair."""

    def decide(item: Item) -> list[SubmissionEvent]:
        findings = keep_findings(item.work, item.case.registration.provider, judgements)
        return moderation.moderate(
            item.case, by=item.chair, panel=item.panel, scheme=item.scheme, findings=findings, at=command.at
        )

    return on_item(office, command, case, decide)


@permitted
def request_evidence(office: Office, command: Command, *, case: str, criteria: Sequence[str], wanted: str) -> Receipt:
    """Ask the provider for more on named criteria; the scheme sets the date. By the item's chair."""

    def decide(item: Item) -> list[SubmissionEvent]:
        text = item.work.text(wanted, field="wanted", subject=item.case.registration.provider)
        return moderation.request_evidence(
            item.case,
            by=item.chair,
            panel=item.panel,
            scheme=item.scheme,
            criteria=criteria,
            wanted=text,
            at=command.at,
        )

    return on_item(office, command, case, decide)


@permitted
def provide_evidence(
    office: Office, command: Command, *, case: str, answers: Mapping[str, str], evidence: Sequence[Evidence]
) -> Receipt:
    """Answer the panel's request, in time. By the provider's lead contact."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        work.acts(scheme.id)
        provided = moderation.provide_evidence(
            held,
            by=command.actor,
            scheme=scheme,
            answers=keep_answers(work, held, answers),
            evidence=evidence,
            at=command.at,
        )
        if provided:
            files.name_files(work, case, evidence)
        work.add(case, provided, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def open_final_review(office: Office, command: Command, *, case: str) -> Receipt:
    """Open the final review when its time has come. By the case's process."""

    def decide(work: Work, held: Submission) -> list[SubmissionEvent]:
        return moderation.open_final_review(held, scheme=work.scheme(held.registration.scheme), at=command.at)

    return by_process(office, command, case, decide)


@permitted
def conclude_review(office: Office, command: Command, *, case: str) -> Receipt:
    """End the final review. By the item's chair."""
    return on_item(
        office,
        command,
        case,
        lambda item: moderation.conclude_review(
            item.case, by=item.chair, panel=item.panel, scheme=item.scheme, at=command.at
        ),
    )


@permitted
def decide(office: Office, command: Command, *, case: str, areas: Sequence[str] | None = None) -> Receipt:
    """Record the outcome that the award rule computes. By the item's chair.

    `areas` are criteria that the panel names as areas for consideration; without any said, those that the assessor named.
    """
    return on_item(
        office,
        command,
        case,
        lambda item: decision.decide(
            item.case, by=item.chair, panel=item.panel, scheme=item.scheme, areas=areas, at=command.at
        ),
    )


@permitted
def approve_report(office: Office, command: Command, *, case: str, lacks: Mapping[str, Lack]) -> Receipt:
    """Approve the outcome report, with what is missing for each criterion unmet. By the item's chair."""

    def decide(item: Item) -> list[SubmissionEvent]:
        owner = item.case.registration.provider
        shortfalls = [
            Shortfall(
                criterion=code,
                lacking=lack.lacking,
                missing=item.work.text(lack.missing, field=f"lacks.{code}.missing", subject=owner),
            )
            for code, lack in lacks.items()
        ]
        return decision.approve_report(
            item.case, by=item.chair, scheme=item.scheme, shortfalls=shortfalls, at=command.at
        )

    return on_item(office, command, case, decide)
