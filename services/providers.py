"""Providers register themselves: their contact becomes a person who may speak for them."""

from domain import person, provider
from domain.ids import derived_id
from domain.refusals import refuse
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command


def provider_id(command_id: str) -> str:
    """The id of the provider that the command with this id registers."""
    return derived_id("provider", command_id)


def contact_id(command_id: str) -> str:
    """The id of the lead contact whom the registering command with this id makes known; also its actor."""
    return derived_id("person", command_id, "contact")


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
    if command.actor != contact or command.role != "provider":
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
        work.keep_personal(contact, name=contact_name, email=contact_email)
        work.add(id, registered)
        work.add(id, provider.name_contact(work.provider(id), person=contact))
        work.add(contact, person.register(work.person(contact), id=contact, subjects=(), phases=()))
        work.add(contact, person.give_role(work.person(contact), role="provider", scheme=scheme))
        # Whatever else they may be one day: not an assessor, moderator or officer in a case of their own.
        work.add(contact, person.declare_conflict(work.person(contact), provider=id, kind="employed-there"))

    return carry_out(office, command, id, scheme_stream(scheme), step=step)
