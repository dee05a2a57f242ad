"""Whatever is done to what stands beside the events (texts, the vault, digests, read models) is found and named too."""

from collections.abc import Callable

import pytest

from projections import board, ledger
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


KEPT: dict[str, str] = {
    "changed": "UPDATE seals.kept SET digest = '\\x00' WHERE number = 4",
    "deleted": "DELETE FROM seals.kept WHERE number = 4",
    "added": "INSERT INTO seals.kept VALUES (99999, 'field', 'person-x', 'name', '\\x00', 1)",
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
}


@pytest.mark.parametrize("does", MODELS.values(), ids=MODELS)
def test_a_read_model_that_does_not_follow_from_the_record_is_found(record: Record, does: Callable[[str], str]):
    record.tamper(does(board.CASES.name))

    found = record.found(models=[board.MODEL, ledger.MODEL])

    assert {one.what for one in found} == {"read model"}
    assert all(one.found.startswith("board: ") and "projections rebuild" in one.found for one in found)
    assert record.found(quick=True) == []


def test_positions_that_say_more_than_the_record_holds_are_found(record: Record):
    record.tamper("UPDATE read.positions SET position = 999999 WHERE name LIKE 'board@%'")

    assert [one.found.split(",")[0] for one in record.found(models=[board.MODEL])] == [
        "board says that it is at position 999"
    ]
