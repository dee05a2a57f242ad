"""Complaints: raised by who has a role or entered for somebody outside, taken further, withdrawn, or closed in time.

Source: handbook, section 13. How they are dealt with: `complaint_handling`.
"""

from collections.abc import Sequence

from domain import complaint as complaints
from domain.complaint import Complaint
from domain.complaint.state import require_raised
from domain.ids import derived_id, is_id, kind_of
from domain.person import SPEAKS, require_known, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command
from services.watching import by_process

CASES = ("submission", "accreditation")
"""The kinds of cases that a complaint may be about."""


def complaint_id(command_id: str) -> str:
    """The id of the complaint that the raising command with this id creates."""
    return derived_id("complaint", command_id)


@permitted
def raise_complaint(
    office: Office,
    command: Command,
    *,
    scheme: str,
    about: str,
    text: str,
    people: Sequence[str] = (),
    case: str | None = None,
    provider: str | None = None,
) -> Receipt:
    """Complain (`complaint_id(command.id)`) under the scheme's version in force. By anyone who has a role.

    A provider's contact names the `provider` for which they complain, and its own cases only.
    """
    id = complaint_id(command.id)

    def step(work: Work) -> None:
        actor = work.acts_in_own_role()
        on_behalf = _own_provider(work, provider) if command.role == SPEAKS else None
        whose = _whose(work, case, scheme, on_behalf)
        _require_people(work, people)
        raised = complaints.raise_complaint(
            work.state(id),
            id=id,
            scheme=_in_force(work, scheme),
            about=about,
            text=work.text(text, field="text", subject=on_behalf or actor.id),
            people=people,
            case=case,
            provider=whose,
            raised_by=actor.id,
            on_behalf_of=on_behalf,
            at=command.at,
        )
        work.add(id, raised, scheme=_in_force(work, scheme).ref)

    return carry_out(office, command, id, *people, *([case] if case else []), step=step)


@permitted
def enter_complaint(
    office: Office,
    command: Command,
    *,
    scheme: str,
    about: str,
    text: str,
    people: Sequence[str] = (),
    case: str | None = None,
    name: str = "",
    address: str = "",
) -> Receipt:
    """Enter a complaint for somebody outside, whose name and address go to the vault under its id; neither if anonymous.

    By a complaints handler or an officer, without a conflict with the provider of the case, who then deals with it no more.
    """
    id = complaint_id(command.id)

    def step(work: Work) -> None:
        actor = work.acts(scheme)
        whose = _whose(work, case, scheme, None)
        if whose:
            require_no_conflict(work.seen(actor, _in_force(work, scheme)), whose)
        _require_people(work, people)
        raised = complaints.raise_complaint(
            work.state(id),
            id=id,
            scheme=_in_force(work, scheme),
            about=about,
            text=work.text(text, field="text", subject=id),
            people=people,
            case=case,
            provider=whose,
            entered_by=actor.id,
            reachable=bool(address),
            at=command.at,
        )
        if raised:
            work.keep_personal(id, **{field: said for field, said in (("name", name), ("address", address)) if said})
        work.add(id, raised, scheme=_in_force(work, scheme).ref)

    return carry_out(office, command, id, *people, *([case] if case else []), step=step)


@permitted
def name_person(office: Office, command: Command, *, case: str, person: str) -> Receipt:
    """Say that a complaint is about this person too, who loses what they have in hand of it. By who complained or has it."""

    def step(work: Work) -> None:
        held = complaint_of(work, case)
        actor = work.acts_in_own_role()
        require_known(work.person(person))
        work.add(case, complaints.name_person(held, by=actor, person=person), scheme=held.scheme)

    return carry_out(office, command, case, person, step=step)


@permitted
def escalate_complaint(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Take a complaint further, to a second answer or then to a committee. By who complained, or entered it for them."""

    def step(work: Work) -> None:
        held = complaint_of(work, case)
        contacts = _complainants(work, held)
        escalated = complaints.escalate(
            held,
            by=work.person(command.actor),
            reason=work.text(reason, field="reason", subject=_whose_words(held)),
            scheme=work.scheme(held.scheme),
            at=command.at,
            contacts=contacts,
        )
        work.add(case, escalated, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def withdraw_complaint(office: Office, command: Command, *, case: str, reason: str | None = None) -> Receipt:
    """Withdraw a complaint. By who complained, or entered it for them; at any time until it is closed."""

    def step(work: Work) -> None:
        held = complaint_of(work, case)
        contacts = _complainants(work, held)
        why = work.text(reason, field="reason", subject=_whose_words(held)) if reason else None
        withdrawn = complaints.withdraw(held, by=work.person(command.actor), reason=why, contacts=contacts)
        work.add(case, withdrawn, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


def close_complaint(office: Office, command: Command, *, case: str) -> Receipt:
    """Close a complaint that was not taken further in time. By its process."""
    return by_process(office, command, case, lambda held: complaints.close(held, at=command.at))


def complaint_of(work: Work, case: str) -> Complaint:
    """A complaint that exists; refuses one that does not."""
    held: Complaint = work.state(require_kind(case, "complaint"))
    require_raised(held)
    return held


def _complainants(work: Work, held: Complaint) -> frozenset[str]:
    """The contacts of the provider on whose behalf it was raised; the actor must hold the role they act in."""
    work.acts_in_own_role()
    return work.provider(held.on_behalf_of).contacts if held.on_behalf_of else frozenset()


def _whose_words(held: Complaint) -> str:
    """For whom what the complainant writes may have to be erased."""
    return held.on_behalf_of or held.raised_by or held.id


def _in_force(work: Work, scheme: str) -> Scheme:
    latest = work.scheme_record(scheme).latest
    return work.scheme(f"{scheme}@{latest}")


def _own_provider(work: Work, provider: str | None) -> str:
    if not provider or work.command.actor not in work.provider(provider).contacts:
        raise refuse(
            "own-provider", "this is not your provider", field="provider", allowed="the provider that you speak for"
        )
    return provider


def _whose(work: Work, case: str | None, scheme: str, on_behalf: str | None) -> str | None:
    """The provider concerned: that of the case, or for which somebody complains."""
    if case is None:
        return on_behalf
    whose, under = provider_of(work, case, field="case")
    if under != scheme:
        raise refuse(
            "complaint-scheme", f"the case is under {under}", field="scheme", allowed=f"{under}, the case's own scheme"
        )
    if on_behalf and whose != on_behalf:
        raise refuse(
            "own-provider",
            "this is not your case",
            field="case",
            allowed="a case of your provider; a concern about another's award",
        )
    return whose


def provider_of(work: Work, case: str, *, field: str) -> tuple[str, str]:
    """The provider of a case that exists, and the id of its scheme."""
    if not is_id(case, *CASES):
        raise refuse("known-case", "this is no id of a case", field=field, allowed=f"the id of one: {', '.join(CASES)}")
    if kind_of(case) == "submission":
        held = work.submission(case)
        return held.registration.provider, held.scheme_id
    award = work.accreditation(case)
    if not award.id:
        raise refuse("known-case", "there is no such award", field=field, allowed="the id of one on record")
    return award.provider, award.scheme.partition("@")[0]


def _require_people(work: Work, people: Sequence[str]) -> None:
    for one in work.people(people):
        require_known(one, field="people")
