"""Whatever is done to what stands beside the events (texts, the vault, digests, read models) is found and named too."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest

from domain.ids import derived_id
from infra.bootstrap import open_app
from projections import board, ledger
from services import people
from services.ports import Command
from tests.infra.seals.sealed import Record

TEXTS: dict[str, tuple[str, str]] = {
    "its words": ("UPDATE record.texts SET body = body || ' not' WHERE id = %s", "says something else"),
    "its salt": ("UPDATE record.texts SET salt = '\\x00' WHERE id = %s", "says something else"),
    "whose it is": ("UPDATE record.texts SET subject = 'person-x' WHERE id = %s", "for somebody else"),
    "its id": ("UPDATE record.texts SET id = 'text-x' WHERE id = %s", "no event says that it was let go"),
    "deleted": ("DELETE FROM record.texts WHERE id = %s", "no event says that it was let go"),
}


@pytest.mark.parametrize(("does", "says"), TEXTS.values(), ids=TEXTS)
def test_what_is_done_to_a_text_is_found_and_named(record: Record, does: str, says: str):
    [(id,)] = record.rows("SELECT id FROM record.texts ORDER BY id LIMIT 1 OFFSET 3")
    record.tamper(does, values=[id])

    [found] = [one for one in record.found() if says in one.found]

    assert found.what == "text"
    assert id in found.found
    assert found.stream is not None
    assert found.version is not None
    assert found.since is not None


def test_texts_that_change_places_and_a_text_that_is_added_are_found(record: Record):
    [(one, salt, body), (other, _, _)] = record.rows("SELECT id, salt, body FROM record.texts ORDER BY id LIMIT 2")
    record.tamper("UPDATE record.texts SET salt = %s, body = %s WHERE id = %s", values=[salt, body, other])
    record.tamper(
        "INSERT INTO record.texts SELECT 'text-added', subject, salt, body FROM record.texts WHERE id = %s",
        values=[one],
    )

    said = [one.found for one in record.found()]

    assert any(other in one and "says something else" in one for one in said)
    assert any("text-added: no event refers to it" in one for one in said)


VAULT: dict[str, tuple[str, str]] = {
    "its value": (
        "UPDATE record.vault SET value = 'Somebody Else' WHERE (subject, name) = (%s, %s)",
        "is not what was sealed",
    ),
    "whose it is": (
        "UPDATE record.vault SET subject = 'person-x' WHERE (subject, name) = (%s, %s)",
        "is there no more",
    ),
    "what it is": ("UPDATE record.vault SET name = 'nickname' WHERE (subject, name) = (%s, %s)", "is there no more"),
    "deleted": ("DELETE FROM record.vault WHERE (subject, name) = (%s, %s)", "no event says that it was let go"),
    "its salt": ("DELETE FROM seals.salts WHERE (subject, name) = (%s, %s)", "its salt was taken away"),
}


@pytest.mark.parametrize(("does", "says"), VAULT.values(), ids=VAULT)
def test_what_is_done_to_a_field_of_the_vault_is_found_and_named(record: Record, does: str, says: str):
    [field] = record.rows(
        "SELECT subject, name FROM record.vault WHERE name = 'name' ORDER BY subject LIMIT 1 OFFSET 2"
    )
    record.tamper(does, values=field)

    found = [one for one in record.found() if says in one.found]

    assert [(one.what, one.stream) for one in found] == [("vault", field[0])]
    assert found[0].since is not None


def test_a_field_that_is_added_to_the_vault_is_found_also_after_the_next_sealing(record: Record):
    subject = record.rows("SELECT subject FROM record.vault ORDER BY subject LIMIT 1")[0][0]
    record.tamper(
        "INSERT INTO record.vault VALUES (%s, 'nickname', 'x'), ('person-nobody', 'name', 'x')", values=[subject]
    )

    for seed in (5, 6):
        said = {one.found for one in record.found() if one.what == "vault"}
        assert said == {
            f"the nickname of {subject} was not sealed, since no event came with it",
            "the name of person-nobody was not sealed, since no event came with it",
        }
        record.add(2, seed)
        record.seal()


def test_a_field_that_is_added_is_not_sealed_by_what_its_person_does_later(record: Record):
    [(officer,)] = record.rows(
        "SELECT originator_id FROM record.events WHERE topic LIKE 'RoleGiven%%' AND convert_from(state, 'UTF8') LIKE '%%\"officer\"%%' ORDER BY 1 LIMIT 1"
    )
    record.tamper("INSERT INTO record.vault VALUES (%s, 'nickname', 'x')", values=[officer])
    with open_app(record.database.app_url, pool_size=2) as app:
        at = datetime.now(UTC)
        away = Command(id="away", actor=officer, role="officer", at=at)
        people.set_availability(app.office, away, available=False)
        registers = Command(id="registers", actor=officer, role="officer", at=at)
        new = derived_id("person", "registers")
        people.register_person(app.office, registers, id=new, name="Somebody", email="somebody@assay.example")
    record.seal()

    assert [one.found for one in record.found()] == [
        f"the nickname of {officer} was not sealed, since no event came with it"
    ]


FILES: dict[str, tuple[str, str]] = {
    "deleted, with triggers on": ("DELETE FROM record.files WHERE case_id = %s AND sha256 = %s", "is there no more"),
    "moved to another case": (
        "UPDATE record.files SET case_id = 'submission-other' WHERE case_id = %s AND sha256 = %s",
        "is there no more",
    ),
    "called another's bytes": (
        "UPDATE record.files SET sha256 = repeat('f', 64) WHERE case_id = %s AND sha256 = %s",
        "is there no more",
    ),
    "its size": ("UPDATE record.files SET size = 7 WHERE case_id = %s AND sha256 = %s", "than was sealed"),
    "its type": ("UPDATE record.files SET media_type = 'x' WHERE case_id = %s AND sha256 = %s", "than was sealed"),
    "whose it is": (
        "UPDATE record.files SET uploaded_by = 'person-x' WHERE case_id = %s AND sha256 = %s",
        "than was sealed",
    ),
    "when it came": (
        "UPDATE record.files SET uploaded_at = uploaded_at - interval '1 day' WHERE case_id = %s AND sha256 = %s",
        "than was sealed",
    ),
}


@pytest.mark.parametrize(("does", "says"), FILES.values(), ids=FILES)
def test_what_is_done_to_a_kept_file_of_evidence_is_found_and_named(record: Record, does: str, says: str):
    record.keep_files()
    [file] = record.rows("SELECT case_id, sha256 FROM record.files ORDER BY 1, 2 LIMIT 1 OFFSET 3")
    if does.startswith("DELETE"):
        with psycopg.connect(record.database.admin_url) as connection:
            connection.execute(does, file)
    else:
        record.tamper(does, values=file)

    [found] = record.found()

    assert (found.what, found.stream) == ("file", file[0])
    assert says in found.found
    assert file[1] in found.found
    assert found.since is not None


@pytest.mark.parametrize(("table", "what"), [("record.texts", "text"), ("record.vault", "vault")])
def test_a_table_that_is_emptied_is_found_row_by_row(record: Record, table: str, what: str):
    [(kept,)] = record.rows(f"SELECT count(*) FROM {table}")
    record.tamper(f"TRUNCATE {table}")

    report = record.check()

    assert sum(one.what == what for one in report.findings) + report.more.get(what, 0) == kept > 10


def test_two_fields_of_the_vault_that_change_places_are_both_found(record: Record):
    one, other = record.rows("SELECT subject, value FROM record.vault WHERE name = 'name' ORDER BY subject LIMIT 2")
    change = "UPDATE record.vault SET value = %s WHERE subject = %s AND name = 'name'"
    record.tamper(change, values=[other[1], one[0]])
    record.tamper(change, values=[one[1], other[0]])

    assert {(found.what, found.stream) for found in record.found()} == {("vault", one[0]), ("vault", other[0])}


def test_all_files_that_are_taken_away_at_once_are_found(record: Record):
    record.keep_files()
    [(kept,)] = record.rows("SELECT count(*) FROM record.files")
    record.tamper("TRUNCATE record.files")

    assert kept > 10
    assert sum(one.what == "file" for one in record.found()) == kept


def test_a_file_that_nothing_names_yet_is_not_sealed_and_may_go_again(record: Record):
    record.keep_files()
    [(case,)] = record.rows("SELECT case_id FROM record.files LIMIT 1")
    row = [case, "e" * 64]
    with psycopg.connect(record.database.admin_url) as connection:
        connection.execute("INSERT INTO record.files VALUES (%s, %s, 5, 'text/plain', 'person-x', now())", row)
    record.add(2, 9)
    record.seal()
    with psycopg.connect(record.database.admin_url) as connection:
        connection.execute("DELETE FROM record.files WHERE case_id = %s AND sha256 = %s", row)

    assert record.found() == []


KEPT: dict[str, str] = {
    "changed": "UPDATE seals.kept SET digest = '\\x00' WHERE number = 4",
    "deleted": "DELETE FROM seals.kept WHERE number = 4",
    "added": "INSERT INTO seals.kept VALUES (99999, 'field', 'person-x', 'name', '\\x00')",
    "cut off": "DELETE FROM seals.kept WHERE number > 4",
}


@pytest.mark.parametrize("does", KEPT.values(), ids=KEPT)
def test_what_is_done_to_the_sealed_digests_is_found(record: Record, does: str):
    record.tamper(does)

    found = [one for one in record.found() if one.what in {"kept", "tree"}]

    assert any("held-" in one.found for one in found) or "99999" in does


MODELS: dict[str, Callable[[str], str]] = {
    "a row is changed": lambda table: f"UPDATE read.{table} SET stage = 'decided'",
    "a row is deleted": lambda table: f"DELETE FROM read.{table} WHERE ctid = (SELECT min(ctid) FROM read.{table})",
    "it is emptied": lambda table: f"TRUNCATE read.{table}",
    "a row is added": lambda table: (
        f'INSERT INTO read.{table} SELECT * FROM (SELECT (jsonb_populate_record(one, \'{{"submission": "submission-other"}}\')).* FROM read.{table} AS one LIMIT 1) AS added'
    ),
}


@pytest.mark.parametrize("does", MODELS.values(), ids=MODELS)
def test_a_read_model_that_does_not_follow_from_the_record_is_found(record: Record, does: Callable[[str], str]):
    record.tamper(does(board.CASES.name))

    found = record.found(models=[board.MODEL, ledger.MODEL])

    assert {one.what for one in found} == {"read model"}
    assert all(one.found.startswith("board: ") and "projections rebuild" in one.found for one in found)
    assert record.found(quick=True) == []


@pytest.mark.parametrize("does", ["TRUNCATE read.positions", "DELETE FROM read.positions WHERE name LIKE 'board@%'"])
def test_a_read_model_of_which_nothing_says_how_far_it_got_is_found(record: Record, does: str):
    record.tamper("UPDATE read.board SET stage = 'decided'", does)

    assert [one.found.split(",")[0] for one in record.found(models=[board.MODEL])] == ["board is there"]


def test_positions_that_say_more_than_the_record_holds_are_found(record: Record):
    record.tamper("UPDATE read.positions SET position = 999999 WHERE name LIKE 'board@%'")

    assert [one.found.split(",")[0] for one in record.found(models=[board.MODEL])] == [
        "board says that it is at position 999"
    ]
