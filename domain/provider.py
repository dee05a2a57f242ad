"""A provider: who designs and delivers the programmes; its type, size and the people who speak for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from domain.refusals import refuse
from domain.scheme import Scheme, require_listed
from domain.states import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRegistered:
    """A provider became known. Its name is in the vault."""

    provider: str
    provider_type: str
    size_band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNamed:
    """A person speaks for this provider."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnded:
    """A person speaks for this provider no longer."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadContactNamed:
    """In the stream of a submission or an award: who acts for the provider there from now on."""

    lead_contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A case of this provider began: a submission, an award, or another matter that is its affair."""

    case: str


ProviderEvent = ProviderRegistered | ContactNamed | ContactEnded | CaseOpened


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Provider:
    """The state of a provider's stream; `id` is empty while nothing is known.

    `cases` are what is its affair, so that who has a conflict is taken off each of them.
    """

    id: str = ""
    provider_type: str = ""
    size_band: str = ""
    contacts: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()


def evolve(provider: Provider, event: ProviderEvent) -> Provider:
    """Apply one event."""
    match event:
        case ProviderRegistered():
            return replace(provider, id=event.provider, provider_type=event.provider_type, size_band=event.size_band)
        case ContactNamed():
            return replace(provider, contacts=provider.contacts | {event.person})
        case ContactEnded():
            return replace(provider, contacts=provider.contacts - {event.person})
        case CaseOpened():
            return replace(provider, cases=provider.cases | {event.case})
        case _:
            assert_never(event)


def register(provider: Provider, *, scheme: Scheme, id: str, provider_type: str, size_band: str) -> list[ProviderEvent]:
    """Register a provider of one of the scheme's types and size bands."""
    if provider.id:
        return []
    return [
        ProviderRegistered(
            provider=id,
            provider_type=require_listed(provider_type, scheme.provider_types, field="provider_type"),
            size_band=require_listed(size_band, scheme.size_bands, field="size_band"),
        )
    ]


def name_contact(provider: Provider, *, person: str) -> list[ProviderEvent]:
    """Let a person speak for the provider."""
    require_provider(provider)
    return [] if person in provider.contacts else [ContactNamed(person=person)]


def end_contact(provider: Provider, *, person: str) -> list[ProviderEvent]:
    """Let a person speak for the provider no longer; somebody always does."""
    require_provider(provider)
    if person not in provider.contacts:
        return []
    if len(provider.contacts) == 1:
        raise refuse(
            "own-provider", "nobody else speaks for it", field="person", allowed="naming another contact first"
        )
    return [ContactEnded(person=person)]


def name_lead_contact(provider: Provider, *, present: str, person: str) -> list[LeadContactNamed]:
    """Let another of its contacts than the `present` one act for the provider in a submission or an award."""
    require_provider(provider)
    if person not in provider.contacts:
        raise refuse(
            "own-provider",
            "this person does not speak for the provider",
            field="person",
            allowed="one of its contacts, who is named first",
        )
    return [] if person == present else [LeadContactNamed(lead_contact=person)]


def open_case(provider: Provider, *, case: str) -> list[ProviderEvent]:
    """Note that a case is this provider's affair, once; nothing where the provider is not known."""
    return [] if not provider.id or case in provider.cases else [CaseOpened(case=case)]


def said_of(known: str, told: str, listed: Sequence[str]) -> str:
    """A provider's type or size in a programme: what is on record, or what is told now where the scheme has no such one."""
    return known if known in listed or not told else told


def require_provider(provider: Provider) -> None:
    """Refuse a provider that is not registered."""
    if not provider.id:
        raise refuse("known-provider", "this provider is not registered", field="provider", allowed="register it first")
