"""Items of moderation: taken up by one independent person, adjourned, or ruled outside the scheme. Source: handbook, section 6."""

from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.submission import items, moderation
from domain.submission.events import SubmissionEvent
from domain.submission.state import Submission
from services.acting import permitted
from services.moderation import Item, on_item
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer


@permitted
def take_up_alone(office: Office, command: Command, *, case: str) -> Receipt:
    """Take a submission up alone, where the scheme has it moderated by one independent person. By that moderator."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        actor = work.acts(scheme.id)
        taken = items.take_up_alone(held, by=actor, had_part=_had_part(work, case), scheme=scheme, at=command.at)
        work.add(case, taken, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def _had_part(work: Work, case: str) -> set[str]:
    """Everyone who did anything in a case, but moderate it."""
    return {one.actor for one in work.entries[case] if one.role != "moderator"}


@permitted
def hand_over_item(office: Office, command: Command, *, case: str, to: str, reason: str) -> Receipt:
    """Let somebody else lead an item that was taken up, when its chair or its one moderator can't any more. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        [person] = work.panel([to])
        why = work.text(reason, field="reason", subject=held.registration.provider)
        handed = items.hand_over(
            held, to=person, had_part=_had_part(work, case) | {command.actor}, reason=why, scheme=scheme, at=command.at
        )
        if command.actor in person.ids:
            raise refuse(
                "not-for-oneself",
                "nobody hands an item over to themselves",
                field="to",
                allowed="another person, or another officer doing it",
            )
        work.add(case, handed, scheme=scheme.ref)

    return carry_out(office, command, case, to, step=step)


@permitted
def adjourn_item(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Adjourn an item that lost its quorum, or that is listed and will not be taken up; it can be scheduled again.

    By who leads it (the chair of its meeting, or its one moderator), or by an officer.
    """

    def step(work: Work) -> None:
        held = by_officer(work, case) if work.permits("none") else _by_lead(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, items.adjourn(held, reason=why, scheme=scheme, at=command.at), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def _by_lead(work: Work, case: str) -> Submission:
    held = work.submission(case)
    actor = work.acts(held.scheme_id, among=(moderation.leads(work.scheme(held.registration.scheme)),))
    require_no_conflict(actor, held.registration.provider, case=case, roles=(work.command.role,))
    listed_by = work.meeting(held.listed).chair if held.listed else actor.id
    if actor.id != (held.moderation.chair if held.moderation else listed_by):
        raise refuse("meeting-chair", "only the chair of this item does that", field="actor", allowed="its chair")
    return held


@permitted
def find_outside_definition(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Rule that the programme is not one by the scheme's definition, which ends it. By the item's chair, with its quorum."""

    def decide(item: Item) -> list[SubmissionEvent]:
        why = item.work.text(reason, field="reason", subject=item.case.registration.provider)
        return items.find_outside(
            item.case, by=item.chair, panel=item.panel, scheme=item.scheme, reason=why, at=command.at
        )

    return on_item(office, command, case, decide)
