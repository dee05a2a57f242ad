"""A provider: who designs and delivers the programmes; its type, size and the people who speak for it."""

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


ProviderEvent = ProviderRegistered | ContactNamed


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Provider:
    """The state of a provider's stream; `id` is empty while nothing is known."""

    id: str = ""
    provider_type: str = ""
    size_band: str = ""
    contacts: frozenset[str] = frozenset()


def evolve(provider: Provider, event: ProviderEvent) -> Provider:
    """Apply one event."""
    match event:
        case ProviderRegistered():
            return replace(provider, id=event.provider, provider_type=event.provider_type, size_band=event.size_band)
        case ContactNamed():
            return replace(provider, contacts=provider.contacts | {event.person})
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
    if not provider.id:
        raise refuse("known-provider", "this provider is not registered", field="provider", allowed="register it first")
    return [] if person in provider.contacts else [ContactNamed(person=person)]
