"""Names, addresses and typed texts never stand in an event; they can be erased, and the record goes on without them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from domain.submission import events as e
from domain.submission.state import Submission
from domain.texts import digest_of
from infra.store.vault import PostgresVault
from services import assessment, moderation, people, preparation, providers, screening
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock

MARK = "Wolkenkuckucksheim"
"""A word that stands in everything anybody types here, and nowhere else."""


def typed(what: str) -> str:
    return f"{what} in {MARK}, naïve & «quoted» – {what}"


def everything(database: Database) -> list[tuple[str, bytes]]:
    """The bytes of every event, with the stream that it is in."""
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute("SELECT originator_id, state FROM record.events ORDER BY 2").fetchall()


def kept(database: Database) -> dict[str, Any]:
    """Every text and every field of personal data."""
    with psycopg.connect(database.admin_url) as connection:
        texts = connection.execute("SELECT id, salt, body FROM record.texts").fetchall()
        fields = connection.execute("SELECT subject, name, value FROM record.vault").fetchall()
    return {**{id: (salt, text) for id, salt, text in texts}, **{f"{one} {name}": value for one, name, value in fields}}


def whole_story(body: Body, clock: Clock) -> tuple[str, str, Mapping[str, str]]:
    """A case in which everything that can be typed is typed; returns it, its provider, and who registered as what."""
    person = factories.derived_id("person", body.mark, "typed")
    body.by_officer(people.register_person, id=person, name=typed("Ada"), email=f"ada@{MARK}.example")
    provider = factories.derived_id("provider", "typing")
    registering = body.command(providers.contact_id("typing"), "provider", id="typing")
    providers.register_provider(
        body.office,
        registering,
        scheme=body.scheme.id,
        name=typed("A provider"),
        address=typed("Street"),
        contact_name=typed("Bram"),
        contact_email=f"bram@{MARK}.example",
        provider_type="charity",
        size_band="small",
    )
    command = body.command(registering.actor, "provider")
    programme = preparation.Programme(
        title=typed("Title"),
        category="suite",
        subject="science",
        phase="primary",
        mode="online",
        applies=factories.none_applies(body),
    )
    said = {"scheme": body.scheme.id, "provider": provider, "programme": programme, "agreement_accepted": True}
    preparation.register_programme(body.office, command, **said)
    case = preparation.submission_id(command.id)
    factories.settle(body, case)
    until = clock() + timedelta(days=400)
    body.by_officer(preparation.extend_preparation, case=case, until=until, reason=typed("Illness"))
    body.by_officer(preparation.waive_fee, case=case, kind="registration", reason=typed("Waiver"))
    window = factories.schedule_window(body)
    handed_in = {
        "window_id": window,
        "answers": {code: typed(f"Answer {code}") for code in body.scheme.criteria},
        "evidence": factories.uploaded(body, case, list(body.scheme.criteria)),
    }
    body.by_contact(preparation.submit_portfolio, case, **handed_in)
    factories.settle(body, case)
    body.by_officer(screening.return_portfolio, case=case, reason=typed("Return"))
    body.by_contact(preparation.submit_portfolio, case, **handed_in)
    factories.settle(body, case)
    body.by_officer(preparation.waive_fee, case=case, kind="submission", reason=typed("Waiver"))
    factories.pass_screening(body, case)
    factories.settle(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    judgements = {
        one.criterion: Judgement(
            level="partially_met",
            reason=typed(f"Rationale {one.criterion}"),
            cites=(one.sha256,),
            indicators={sign.code: "met" for sign in body.scheme.criteria[one.criterion].indicators},
        )
        for one in handed_in["evidence"]  # type: ignore[union-attr]
    }
    body.by_assessor(assessment.judge, case, judgements=judgements)
    body.by_assessor(assessment.complete_assessment, case, minutes_spent=90)
    factories.take_up(body, case)
    changed = {"1.1": Judgement(level="met", reason=typed("Change"))}
    body.by_chair(moderation.moderate, case=case, judgements=changed)
    factories.confirm(body, case)
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.2"], wanted=typed("Wanted"))
    body.by_contact(moderation.provide_evidence, case, answers={"1.2": typed("Further")}, evidence=[])
    clock.passes(days=14)
    body.by(moderation.open_final_review, case, "process", case=case)
    factories.confirm(body, case, "1.2")
    body.by_chair(moderation.conclude_review, case=case)
    body.by_chair(moderation.decide, case=case)
    lacks = {
        code: Lack(lacking="practice", missing=typed(f"Missing {code}"))
        for code in body.submission(case).outcome.unmet  # type: ignore[union-attr]
    }
    body.by_chair(moderation.approve_report, case=case, lacks=lacks)
    factories.settle(body, case)
    leaving = factories.register(body, factories.Provider(id=provider, contact=registering.actor))
    body.by_contact(preparation.withdraw, leaving, reason=typed("Leaving"))
    return case, provider, {"contact": registering.actor, "person": person}


def test_nothing_that_anybody_typed_stands_in_the_bytes_of_any_event(body: Body, clock: Clock, database: Database):
    whole_story(body, clock)

    recorded = everything(database)

    assert len(recorded) > 80
    for needle in (MARK, MARK.lower(), "naïve", "quoted", "Ada", "Bram", ".example", "Test Street", "A programme"):
        for form in {needle.encode(), json.dumps(needle).strip('"').encode(), needle.encode("utf-16-le")}:
            assert not [stream for stream, state in recorded if form in state and not stream.startswith("scheme-")], (
                needle
            )
    texts = [value for value in kept(database).values() if MARK in str(value)]
    assert len(texts) > 40


def references(found: Any) -> list[tuple[str, str]]:
    """Every id and digest of a text in an event's data."""
    if isinstance(found, dict):
        own = [(found["id"], found["digest"])] if found.keys() == {"id", "digest"} else []
        return own + [one for value in found.values() for one in references(value)]
    return [one for value in found for one in references(value)] if isinstance(found, list) else []


def test_every_text_that_an_event_refers_to_is_kept_and_its_digest_is_that_of_salt_and_text(
    body: Body, clock: Clock, database: Database
):
    whole_story(body, clock)
    texts = kept(database)

    referred = [one for _, state in everything(database) for one in references(json.loads(state)["data"])]

    assert len(referred) > 40
    assert all(digest_of(*texts[id]) == digest for id, digest in referred)
    salts = [value[0] for value in texts.values() if isinstance(value, tuple)]
    assert len(set(salts)) == len(salts)
    assert {len(salt) for salt in salts} == {16}


def test_what_is_erased_is_gone_and_the_case_is_as_it_was(body: Body, clock: Clock, database: Database, office: Office):
    case, provider, who = whole_story(body, clock)
    before: Submission = body.submission(case)
    vault = PostgresVault(office.records.datastore)  # type: ignore[attr-defined]

    for subject in (provider, *who.values()):
        assert vault.erase_subject(subject)

    assert not [one for one, value in kept(database).items() if MARK in str(value)]
    assert body.submission(case) == before
    assert body.events(case, e.DecisionRecorded)[0].outcome == "not_awarded"


@pytest.mark.parametrize("code", ["Ada Byron", "science because Ada said so"])
def test_typed_text_does_not_come_in_by_a_field_for_codes(body: Body, database: Database, code: str):
    before = len(everything(database))
    case = factories.register(body)
    person = factories.derived_id("person", "coded")
    provider = body.submission(case).registration.provider
    registered = len(everything(database))

    with refused("codes", field="subjects"):
        body.by_officer(people.register_person, id=person, name="A", email="a@b.example", subjects=(code,))
    with refused("conflict-kinds", field="kind"):
        body.by_officer(people.declare_conflict, id=body.chair, provider=provider, kind=code)
    with refused("training-kinds", field="kind"):
        training = {"scheme": body.scheme.id, "expires_at": body.now() + timedelta(days=1)}
        body.by_officer(people.record_training, id=body.chair, kind=code, **training)
    with refused("fee-charged", field="kind"):
        body.by_officer(preparation.pay_fee, case=case, kind=code, amount=1)
    with refused("known-person", field="person"):
        body.by_officer(people.register_person, id=f"person-{code}", name="A", email="a@b.example")

    assert len(everything(database)) == registered > before
