"""Providers register themselves; their contacts are people who may speak for them, and act in one case each or in several."""

from collections.abc import Sequence

from domain import conflicts, person, provider
from domain.accreditation.state import require_accreditation
from domain.ids import derived_id, kind_of
from domain.permissions import roles
from domain.person import SPEAKS, Person, require_no_conflict, require_role
from domain.refusals import refuse
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command


def provider_id(command_id: str) -> str:
    """The id of the provider that the command with this id registers."""
    return derived_id("provider", command_id)


def contact_id(command_id: str) -> str:
    """The id of the lead contact whom the registering command with this id makes known; also its actor."""
    return derived_id("person", command_id, "contact")


@permitted
def register_provider(
    office: Office,
    command: Command,
    *,
    scheme: str,
    name: str,
    address: str,
    contact_name: str,
    contact_email: str,
    provider_type: str,
    size_band: str,
) -> Receipt:
    """Register a provider and its lead contact, who is the command's actor (`contact_id(command.id)`).

    Type and size band are those of the scheme version in force. Names and addresses go to the vault.
    """
    id, contact = provider_id(command.id), contact_id(command.id)
    if command.actor != contact or command.role not in roles(command.action):
        raise refuse(
            "own-provider",
            "a provider is registered by its own contact",
            field="actor",
            allowed="the new contact, acting as provider",
        )

    def step(work: Work) -> None:
        version = work.scheme(f"{scheme}@{work.scheme_record(scheme).latest}")
        registered = provider.register(
            work.provider(id), scheme=version, id=id, provider_type=provider_type, size_band=size_band
        )
        if not registered:
            return
        work.keep_personal(id, name=name, address=address)
        work.keep_personal(contact, typed="contact_", name=contact_name, email=contact_email)
        work.add(id, registered)
        let_speak(work, id, contact, [scheme])

    return carry_out(office, command, id, scheme_stream(scheme), step=step)


@permitted
def name_contact(office: Office, command: Command, *, id: str, contact_name: str, contact_email: str) -> Receipt:
    """Let a colleague (`contact_id(command.id)`) speak for a provider too, under the same schemes.

    By one of its contacts, or by an officer.
    """
    contact = contact_id(command.id)

    def step(work: Work) -> None:
        held = work.provider(id)
        actor = _for_provider(work, held)
        spoken = work.people(sorted(held.contacts)) if work.permits("none") else [actor]
        if work.person(contact).id:
            raise refuse("command-ids", "this id made somebody known already", field="id", allowed="an id of its own")
        schemes = {scheme for one in spoken for role, scheme in one.roles if role == SPEAKS}
        work.keep_personal(contact, typed="contact_", name=contact_name, email=contact_email)
        let_speak(work, id, contact, sorted(schemes, key=str))

    return carry_out(office, command, id, contact, step=step)


@permitted
def end_contact(office: Office, command: Command, *, id: str, person_id: str) -> Receipt:
    """Let a person speak for a provider no longer; what they lead is given to a colleague by `name_lead_contact`.

    By one of its contacts, or by an officer.
    """

    def step(work: Work) -> None:
        _for_provider(work, work.provider(id))
        ended = provider.end_contact(work.provider(id), person=person_id)
        work.add(id, ended)
        if ended:
            over = conflicts.end_facts(work.person(person_id).ties, kind="employed", provider=id, at=command.at)
            work.add(person_id, over)
        for role, scheme in sorted(work.person(person_id).roles, key=str) if ended else ():
            if role == SPEAKS:
                work.add(person_id, person.end_role(work.person(person_id), role=role, scheme=scheme))

    return carry_out(office, command, id, person_id, step=step)


@permitted
def name_lead_contact(office: Office, command: Command, *, case: str, person_id: str) -> Receipt:
    """Let another of the provider's contacts act for it in a submission or an award.

    By one of its contacts, or by an officer.
    """

    def step(work: Work) -> None:
        if kind_of(case) == "accreditation":
            award = work.accreditation(case)
            require_accreditation(award)
            owner, present, scheme = award.provider, award.lead_contact, award.scheme
        else:
            pinned = work.submission(case).registration
            owner, present, scheme = pinned.provider, pinned.lead_contact, pinned.scheme
        held, scheme_id = work.provider(owner), scheme.partition("@")[0]
        _for_provider(work, held, scheme_id)
        if person_id in held.contacts:
            require_role(work.person(person_id), SPEAKS, scheme_id, work.command.at)
        work.add(case, provider.name_lead_contact(held, present=present, person=person_id), scheme=scheme)

    return carry_out(office, command, case, step=step)


def let_speak(work: Work, id: str, contact: str, schemes: Sequence[str | None]) -> None:
    """Make a person known as one who speaks for a provider, under these schemes."""
    work.add(id, provider.name_contact(work.provider(id), person=contact))
    work.add(contact, person.register(work.person(contact), id=contact, subjects=(), phases=()))
    for scheme in schemes:
        work.add(contact, person.give_role(work.person(contact), role=SPEAKS, scheme=scheme, at=work.command.at))
    speak_for(work, contact, id)


def speak_for(work: Work, contact: str, id: str) -> None:
    """Note that a person belongs to the provider that they speak for.

    Whatever else they may be one day: not an assessor, moderator or officer in a case of their own.
    """
    belongs = conflicts.record_fact(
        work.person(contact).ties,
        kind="employed",
        provider=id,
        from_at=work.command.at,
        until_at=None,
        source=conflicts.ON_RECORD,
        at=work.command.at,
    )
    work.add(contact, belongs)


def _for_provider(work: Work, held: provider.Provider, scheme: str | None = None) -> Person:
    """Refuse who neither speaks for the provider nor is an officer (of `scheme`) without a conflict with it; return who acts."""
    provider.require_provider(held)
    if work.permits("none"):
        officer = work.acts(scheme)
        require_no_conflict(officer, held.id)
        return officer
    work.unmoved.add(work.command.actor)
    actor = work.acts_in_own_role()
    if actor.id not in held.contacts:
        raise refuse("own-provider", "this is not your provider", field="actor", allowed="a contact of this provider")
    return actor
