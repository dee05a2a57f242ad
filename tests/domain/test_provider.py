"""A provider is of a type and size that the scheme lists, and is spoken for by its contacts."""

from typing import Any

import pytest

from domain import provider as providers
from domain.provider import ContactNamed, Provider, ProviderRegistered, evolve
from tests.domain.given import PROVIDER, SCHEME, fold, refused

SAID: dict[str, Any] = {"scheme": SCHEME, "id": PROVIDER, "provider_type": "charity", "size_band": "small"}
KNOWN = fold(evolve, Provider(), providers.register(Provider(), **SAID))


def test_a_provider_becomes_known_by_its_type_and_size():
    assert providers.register(Provider(), **SAID) == [
        ProviderRegistered(provider=PROVIDER, provider_type="charity", size_band="small")
    ]


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"provider_type": "academy"}, "charity, trust"),
        ({"size_band": "Small"}, "small, large"),
        ({"size_band": ""}, "small, large"),
        ({"provider_type": "charity\0"}, "charity, trust"),
    ],
)
def test_a_type_or_size_that_the_scheme_does_not_list_is_refused(said: dict[str, str], match: str):
    with refused("scheme-lists", field=next(iter(said)), match=match):
        providers.register(Provider(), **{**SAID, **said})


def test_a_provider_is_registered_once_and_a_contact_named_once():
    spoken_for = fold(evolve, KNOWN, providers.name_contact(KNOWN, person="person-lead"))

    assert providers.register(KNOWN, **{**SAID, "size_band": "large"}) == []
    assert spoken_for.contacts == {"person-lead"}
    assert providers.name_contact(spoken_for, person="person-lead") == []
    assert providers.name_contact(spoken_for, person="person-other") == [ContactNamed(person="person-other")]


def test_nobody_speaks_for_a_provider_that_is_not_registered():
    with refused("known-provider", field="provider"):
        providers.name_contact(Provider(), person="person-lead")
