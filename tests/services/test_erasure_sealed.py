"""Somebody's data is erased as the process has it, and every checkpoint and proof stays as good as it was."""

from pathlib import Path

import psycopg
import pytest

from infra.projector import catch_up
from infra.seals.proofs import case_proof
from infra.store.records import PostgresRecords
from projections.catalogue import READ_MODELS
from services import people
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.independent.checking import hashed, included, leaf_of, opened
from tests.infra.seals.sealed import Record
from tests.services.conftest import Clock
from tests.services.retaining import Keeping


@pytest.fixture
def sealed(keeping: Keeping, database: Database, tmp_path: Path) -> Record:
    """The record of a body that keeps records."""
    return Record(database, tmp_path, [])


def test_erasing_a_person_leaves_every_checkpoint_and_proof_valid(
    sealed: Record,
    body: Body,
    clock: Clock,
    keeping: Keeping,
):
    case = factories.register(body)
    person = factories.derived_id("person", body.mark, "former")
    body.by_officer(people.register_person, id=person, name="Zdravka Wolkenkuckucksheim", email="z@example.org")
    sealed.seal()
    with psycopg.connect(sealed.database.app_url) as connection:
        before = [case_proof(connection, stream) for stream in (case, person)]
    assert sealed.found() == []

    keeping.gone(keeping.approved(keeping.proposed(keeping.asked(person))))

    assert not [field for field in keeping.vault() if field[0] == person]
    assert sealed.rows("SELECT count(*) FROM seals.salts WHERE subject = %s", person) == [(0,)]
    unsealed = sealed.check()
    assert unsealed.findings == []
    assert unsealed.unsealed > 0
    sealed.seal()
    assert isinstance(body.office.records, PostgresRecords)
    catch_up(body.office.records)
    assert sealed.found(models=READ_MODELS) == []  # against both checkpoints, the one from before the erasure too
    key = (sealed.folder / "seals" / "trusted").read_text().strip()
    for proof in before:
        _, size, root, _ = opened(proof.seal.note if proof.seal else "", key)
        rows = sealed.rows(
            "SELECT notification_id, originator_id, originator_version, topic, recorded_at, state FROM record.events"
            " WHERE originator_id = %s ORDER BY originator_version LIMIT %s",
            proof.stream,
            len(proof.events),
        )
        assert rows
        for one, row in zip(proof.events, rows, strict=True):
            assert included(hashed(leaf_of(*row)), one.leaf.index, size, one.path) == root


def test_what_is_taken_away_of_somebody_else_beside_an_erasure_is_found(
    sealed: Record,
    body: Body,
    clock: Clock,
    keeping: Keeping,
):
    person = factories.derived_id("person", body.mark, "former")
    body.by_officer(people.register_person, id=person, name="Zdravka Wolkenkuckucksheim", email="z@example.org")
    sealed.seal()
    keeping.gone(keeping.approved(keeping.proposed(keeping.asked(person))))
    sealed.tamper("DELETE FROM record.vault WHERE (subject, name) = (%s, 'email')", values=[body.officer])

    assert [one.found for one in sealed.found() if one.what == "vault"] == [
        f"the email of {body.officer} is there no more, and no event says that it was let go"
    ]


def test_what_was_let_go_and_is_put_back_is_found_also_after_the_next_sealing(
    sealed: Record,
    body: Body,
    clock: Clock,
    keeping: Keeping,
):
    person = factories.derived_id("person", body.mark, "former")
    body.by_officer(people.register_person, id=person, name="Zdravka Wolkenkuckucksheim", email="z@example.org")
    sealed.seal()
    [(number, salt)] = sealed.rows("SELECT number, salt FROM seals.salts WHERE (subject, name) = (%s, 'name')", person)
    keeping.gone(keeping.approved(keeping.proposed(keeping.asked(person))))
    assert sealed.found() == []
    sealed.tamper("INSERT INTO record.vault VALUES (%s, 'name', 'Somebody Else')", values=[person])

    for _ in range(2):
        assert [one.found for one in sealed.found()] == [
            f"the name of {person} was let go and is there again, and no event came with it"
        ]
        body.by_officer(people.set_availability, available=False)
        sealed.seal()

    sealed.tamper("DELETE FROM record.vault WHERE subject = %s", values=[person])
    sealed.tamper("INSERT INTO seals.salts VALUES (%s, %s, 'name', %s)", values=[number, person, salt])
    assert [one.found for one in sealed.found()] == [
        f"the name of {person} was let go, and its salt ({number}) was not"
    ]
