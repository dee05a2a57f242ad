"""Nobody is registered under the e-mail address of somebody on record, also where two are registered in the same moment."""

import threading

import pytest

from domain.ids import derived_id
from domain.person import PersonRegistered
from domain.refusals import Refused
from services import people, providers
from services.ports import Batch, Change, PersonalData, StaleStream
from tests.factories import Body
from tests.services.retaining import Keeping

ADA = "ada@example.org"


def emails(keeping: Keeping) -> list[str]:
    return sorted(value.lower() for (_, name), value in keeping.vault().items() if name == "email")


def registration(body: Body, email: str) -> Batch:
    """Of somebody new, as it is written by whoever found nobody of that address."""
    id = derived_id("person", body.mark, email)
    command = body.command(body.officer, "officer")
    known = PersonRegistered(person=id, subjects=(), phases=())
    return Batch(
        command=command,
        changes=[Change(stream=id, expected=0, events=[known])],
        personal=[PersonalData(subject=id, name="email", value=email)],
        addresses=[email],
    )


def test_of_several_registered_at_once_under_one_address_one_is(body: Body, keeping: Keeping):
    ready, came = threading.Barrier(4), []

    def register(number: int) -> None:
        ready.wait()
        try:
            id = derived_id("person", body.mark, str(number))
            body.by_officer(people.register_person, id=id, name=f"Ada {number}", email=ADA)
            came.append("registered")
        except Refused as refusal:
            came.append(refusal.rule)

    threads = [threading.Thread(target=register, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(came) == [*["address-taken"] * 3, "registered"]
    assert emails(keeping).count(ADA) == 1


def test_who_was_faster_is_found_as_it_is_written_and_nothing_is(body: Body, keeping: Keeping):
    body.office.records.append(registration(body, ADA))
    events, vault = keeping.events(), keeping.vault()

    with pytest.raises(StaleStream, match="this address"):
        body.office.records.append(registration(body, "Ada@Example.org"))

    assert (keeping.events(), keeping.vault()) == (events, vault)
    body.office.records.append(registration(body, "ben@example.org"))
    assert "ben@example.org" in emails(keeping)


def test_a_contact_of_a_provider_may_have_the_address_of_somebody_on_record(body: Body, keeping: Keeping):
    body.office.records.append(registration(body, ADA))

    providers.register_provider(
        body.office,
        body.command(providers.contact_id("one"), "provider", id="one"),
        scheme=body.scheme.id,
        name="A provider",
        address="1 Test Street",
        contact_name="Ada",
        contact_email=ADA,
        provider_type=body.scheme.provider_types[0],
        size_band=body.scheme.size_bands[0],
    )

    assert emails(keeping).count(ADA) == 2
