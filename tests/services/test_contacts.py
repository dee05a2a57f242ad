"""A provider is spoken for by several people: one of them leads each case, and another takes over when they leave."""

import pytest

from domain.ids import derived_id
from domain.submission.state import Stage
from services import people, preparation, providers
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.conftest import Clock


def named(body: Body, provider: Provider, *, by: str = "", role: str = "provider") -> str:
    """A colleague who speaks for the provider too."""
    command = body.command(by or provider.contact, role)
    said = {"contact_name": "A colleague", "contact_email": "colleague@provider.example"}
    providers.name_contact(body.office, command, id=provider.id, **said)
    return providers.contact_id(command.id)


@pytest.fixture
def provider(body: Body) -> Provider:
    return factories.register_provider(body)


def test_a_colleague_speaks_for_the_provider_under_the_same_schemes_and_has_a_conflict_with_it(
    body: Body, provider: Provider
):
    colleague = named(body, provider)

    held = body.state(colleague)
    assert held.holds("provider", body.scheme.id, body.now())
    assert held.conflicts == {provider.id}
    assert body.state(provider.id).contacts == {provider.contact, colleague}
    assert factories.register(body, Provider(id=provider.id, contact=colleague))


def test_another_contact_leads_a_case_and_the_former_one_does_so_no_longer(body: Body, provider: Provider):
    case = factories.register(body, provider)
    factories.settle(body, case)
    colleague = named(body, provider)
    with refused("own-provider"):
        body.by(preparation.withdraw, colleague, "provider", case=case, reason="No time")

    body.by(providers.name_lead_contact, colleague, "provider", case=case, person_id=colleague)
    body.by(providers.end_contact, colleague, "provider", id=provider.id, person_id=provider.contact)

    with refused("acting-role"):
        body.by(preparation.withdraw, provider.contact, "provider", case=case, reason="No time")
    body.by(preparation.withdraw, colleague, "provider", case=case, reason="No time")
    assert body.submission(case).stage is Stage.WITHDRAWN


def test_an_officer_names_who_leads_an_award_when_its_contact_is_gone(body: Body):
    case = factories.brought(body, "released")
    registration = body.submission(case).registration
    award = derived_id("accreditation", case)
    provider = Provider(id=registration.provider, contact=registration.lead_contact)
    colleague = named(body, provider, by=body.officer, role="officer")

    body.by_officer(providers.name_lead_contact, case=award, person_id=colleague)

    assert body.state(award).lead_contact == colleague


def test_who_leads_a_case_is_one_of_the_providers_contacts(body: Body, provider: Provider):
    case, stranger = factories.register(body, provider), factories.register_provider(body).contact

    with refused("own-provider", field="person"):
        body.by_officer(providers.name_lead_contact, case=case, person_id=stranger)
    with refused("own-provider", field="actor"):
        body.by(providers.name_lead_contact, stranger, "provider", case=case, person_id=stranger)
    with refused("own-provider", field="actor"):
        named(body, provider, by=stranger)
    with refused("acting-role", field="role"):
        named(body, provider, by=body.chair, role="chair")


def test_under_a_scheme_with_other_bands_a_provider_says_which_it_is_in(office: Office, body: Body, clock: Clock):
    source = factories.MAIN_SCHEME.with_name("cpd-mark.toml").read_text(encoding="utf-8")
    other = factories.open_body(office, source=source, now=clock)
    provider = factories.register_provider(body)
    body.by_officer(people.give_role, id=provider.contact, role="provider", scheme=other.scheme.id)

    with refused("scheme-lists", field="size_band"):
        factories.register(other, provider)
    kind = other.scheme.provider_types[0]
    case = factories.register(other, provider, audience="Teachers", size_band="any", provider_type=kind)

    registration = other.submission(case).registration
    assert (registration.size_band, registration.provider_type) == ("any", kind)
    assert registration.audience


def test_the_id_of_another_contacts_registration_makes_nobody_known_again(body: Body, provider: Provider):
    other = factories.register_provider(body)
    [registered] = [one for one in body.recorded(other.id) if one.version == 1]
    said = {"contact_name": "A stranger", "contact_email": "stranger@provider.example"}

    with refused("command-ids", field="id"):
        stolen = body.command(provider.contact, "provider", id=registered.command)
        providers.name_contact(body.office, stolen, id=provider.id, **said)

    assert body.state(provider.id).contacts == {provider.contact}
    assert body.state(other.contact).conflicts == {other.id}


def test_who_leads_a_case_may_act_under_its_scheme(body: Body, provider: Provider):
    case, colleague = factories.register(body, provider), named(body, provider)
    body.by_officer(people.end_role, id=colleague, role="provider", scheme=body.scheme.id)

    with refused("acting-role"):
        body.by(providers.name_lead_contact, provider.contact, "provider", case=case, person_id=colleague)


def test_an_officer_of_the_scheme_names_who_leads_a_case_under_it(body: Body, provider: Provider):
    case, colleague = factories.register(body, provider), named(body, provider)
    officer = factories.appoint(body, "officer")

    body.by(providers.name_lead_contact, officer, "officer", case=case, person_id=colleague)

    assert body.submission(case).registration.lead_contact == colleague


def test_somebody_always_speaks_for_a_provider(body: Body, provider: Provider):
    said = {"id": provider.id, "person_id": provider.contact}

    with refused("own-provider", field="person", match="nobody else"):
        body.by_officer(providers.end_contact, **said)
    named(body, provider)
    body.by_officer(providers.end_contact, **said)
    assert provider.contact not in body.state(provider.id).contacts
