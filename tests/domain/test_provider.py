"""A provider is of a type and size that the scheme lists, and is spoken for by its contacts."""

from typing import Any

import pytest

from domain import provider as providers
from domain.provider import CaseOpened, ContactNamed, LeadContactNamed, Provider, ProviderRegistered, evolve
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


def test_what_a_scheme_does_not_list_is_told_anew_and_what_it_lists_is_not():
    listed = ("small", "large")

    assert providers.said_of("small", "large", listed) == "small"  # no band is chosen for its fee
    assert providers.said_of("any", "large", listed) == "large"
    assert providers.said_of("any", "", listed) == "any"  # and is refused, since the scheme has none such


def test_a_contact_ends_once_and_never_as_the_last():
    spoken_for = fold(evolve, KNOWN, [ContactNamed(person="person-lead"), ContactNamed(person="person-other")])
    alone = fold(evolve, spoken_for, providers.end_contact(spoken_for, person="person-lead"))

    assert alone.contacts == {"person-other"}
    assert providers.end_contact(alone, person="person-lead") == []
    with refused("own-provider", field="person"):
        providers.end_contact(alone, person="person-other")
    with refused("known-provider", field="provider"):
        providers.end_contact(Provider(), person="person-lead")


def test_who_leads_is_one_of_the_contacts():
    spoken_for = fold(evolve, KNOWN, [ContactNamed(person="person-lead"), ContactNamed(person="person-other")])

    named = providers.name_lead_contact(spoken_for, present="person-lead", person="person-other")
    assert named == [LeadContactNamed(lead_contact="person-other")]
    assert providers.name_lead_contact(spoken_for, present="person-other", person="person-other") == []
    with refused("own-provider", field="person"):
        providers.name_lead_contact(spoken_for, present="person-lead", person="person-stranger")
    with refused("known-provider", field="provider"):
        providers.name_lead_contact(Provider(), present="person-lead", person="person-lead")


def test_a_provider_lists_what_is_its_affair_once_and_one_that_is_not_known_lists_nothing():
    opened = providers.open_case(KNOWN, case="complaint-a")

    assert opened == [CaseOpened(case="complaint-a")]
    held = fold(evolve, KNOWN, opened)
    assert held.cases == {"complaint-a"}
    assert providers.open_case(held, case="complaint-a") == []
    assert providers.open_case(Provider(), case="complaint-a") == []
