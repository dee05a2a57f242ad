"""Whatever PostgreSQL's superuser does to what is sealed is found, in every table, and said by stream, version and checkpoint."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from infra.problems import CannotStart
from infra.seals.checking import ranges
from infra.seals.checking.report import Finding
from infra.seals.growing import Growing
from infra.seals.leaves import parts
from infra.seals.note import Signer
from infra.seals.reading import BEGINNING, leaves, spans
from infra.seals.sealing import NotSealed
from infra.seals.tree import leaf_hash
from projections import board, ledger
from projections.catalogue import READ_MODELS
from tests.infra.seals.sealed import Record

HALF = "(SELECT notification_id FROM record.events ORDER BY notification_id OFFSET 40 LIMIT 1)"
"""An event that both checkpoints seal."""


def test_a_record_that_nobody_touched_is_as_it_was_sealed(record: Record):
    report = record.check(models=READ_MODELS)

    assert report.findings == []
    assert report.events == record.rows("SELECT count(*) FROM record.events")[0][0] == record.held[-1].size
    assert (report.unsealed, report.checkpoints) == (0, 4)
    assert "read models" in report.checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is done to the event at `position` in the middle, and what of it is to be said."""

    does: str
    says: str
    also: str = ""


EVENTS = {
    "its bytes": Deed(
        does=f"UPDATE record.events SET state = convert_to(replace(convert_from(state, 'UTF8'), '\"actor\":\"', '\"actor\":\"x'), 'UTF8') WHERE notification_id = {HALF}",
        says="others than were sealed",
    ),
    "one bit of its bytes": Deed(
        does=f"UPDATE record.events SET state = set_bit(state, 57, 1 - get_bit(state, 57)) WHERE notification_id = {HALF}",
        says="others than were sealed",
    ),
    "the instant at which it was recorded": Deed(
        does=f"UPDATE record.events SET recorded_at = recorded_at - interval '1 microsecond' WHERE notification_id = {HALF}",
        says="others than were sealed",
    ),
    "its name": Deed(
        does=f"UPDATE record.events SET topic = topic || '1' WHERE notification_id = {HALF}",
        says="others than were sealed",
    ),
    "its version": Deed(
        does=f"UPDATE record.events SET originator_version = originator_version + 100 WHERE notification_id = {HALF}",
        says="was sealed in its place",
    ),
    "its stream": Deed(
        does=f"UPDATE record.events SET originator_id = 'submission-of-another' WHERE notification_id = {HALF}",
        says="was sealed in its place",
    ),
    "its position": Deed(
        does=f"UPDATE record.events SET notification_id = 999999 WHERE notification_id = {HALF}",
        says="is there no more",
    ),
    "deleted": Deed(does=f"DELETE FROM record.events WHERE notification_id = {HALF}", says="is there no more"),
}


@pytest.mark.parametrize("deed", EVENTS.values(), ids=EVENTS)
def test_what_is_done_to_a_sealed_event_is_found_and_named(record: Record, deed: Deed):
    [(position, stream, version)] = record.rows(
        f"SELECT notification_id, originator_id, originator_version FROM record.events WHERE notification_id = {HALF}"
    )
    record.tamper(deed.does)

    found = record.found(quick=True)

    named = [one for one in found if one.position == position and deed.says in one.found]
    assert named, found
    assert named[0].since is not None
    assert f"{record.held[0].size:,} events" in named[0].since
    if "its place" in deed.says:
        assert f"version {version} of {stream}" in named[0].found
    else:
        assert (named[0].stream, named[0].version) == (stream, version)
    assert leads_to_neither(found, record)


def leads_to_neither(found: list[Finding], record: Record) -> bool:
    """Whether it is said of both checkpoints held outside that the record leads to neither."""
    said = [one.found for one in found if "does not lead to held-" in one.found]
    return len(said) == len(record.held)


def test_an_event_that_is_put_among_sealed_ones_is_found(record: Record):
    record.tamper(
        "INSERT INTO record.events (originator_id, originator_version, topic, state, notification_id, recorded_at)"
        " SELECT 'submission-added', 1, topic, state, -1, recorded_at FROM record.events ORDER BY notification_id LIMIT 1",
    )

    found = record.found(quick=True)

    assert [one.position for one in found if "added among what was sealed" in one.found] == [-1]
    assert leads_to_neither(found, record)


def test_an_event_put_where_a_failed_command_left_a_gap_is_found_and_named(record: Record):
    [(gap,)] = record.rows("SELECT nextval('record.events_notification_id_seq')")
    record.add(2, 3)
    record.seal()
    record.tamper(
        "INSERT INTO record.events (originator_id, originator_version, topic, state, notification_id, recorded_at)"
        f" SELECT 'submission-added', 1, topic, state, {gap}, recorded_at FROM record.events WHERE notification_id = {HALF}"
    )

    [added] = [one for one in record.found(quick=True) if "added among what was sealed" in one.found]

    assert (added.stream, added.version, added.position) == ("submission-added", 1, gap)


def test_two_events_that_change_places_are_found(record: Record):
    [(one, first), (other, second)] = record.rows(
        "SELECT notification_id, originator_id FROM record.events WHERE originator_version = 1 ORDER BY 1 LIMIT 2 OFFSET 4"
    )
    record.tamper(
        f"UPDATE record.events SET notification_id = 0 WHERE notification_id = {one}",
        f"UPDATE record.events SET notification_id = {one} WHERE notification_id = {other}",
        f"UPDATE record.events SET notification_id = {other} WHERE notification_id = 0",
    )

    said = {one.position: one.found for one in record.found(quick=True) if one.position}

    assert first in said[one]
    assert second in said[other]


def test_two_streams_that_change_names_are_found(record: Record):
    [(one,), (other,)] = record.rows(
        "SELECT DISTINCT originator_id FROM record.events WHERE originator_id LIKE 'submission-%' ORDER BY 1 LIMIT 2"
    )
    record.tamper(
        f"UPDATE record.events SET originator_id = 'x' WHERE originator_id = '{one}'",
        f"UPDATE record.events SET originator_id = '{one}' WHERE originator_id = '{other}'",
        f"UPDATE record.events SET originator_id = '{other}' WHERE originator_id = 'x'",
    )

    found = record.found(quick=True)

    count = record.rows("SELECT count(*) FROM record.events WHERE originator_id IN (%s, %s)", one, other)[0][0]
    assert len([finding for finding in found if "was sealed in its place" in finding.found]) == count


def test_instants_that_change_places_are_found(record: Record):
    one, other = (
        record.rows("SELECT min(notification_id) FROM record.events")[0][0],
        record.rows(f"SELECT {HALF}")[0][0],
    )
    record.tamper(
        "UPDATE record.events AS event SET recorded_at = of.recorded_at FROM record.events AS of"
        f" WHERE (event.notification_id, of.notification_id) IN (({one}, {other}), ({other}, {one}))"
    )

    assert {finding.position for finding in record.found(quick=True)} >= {one, other}


def test_a_tail_that_is_cut_off_is_found(record: Record):
    last = record.rows(
        "SELECT notification_id, originator_id, originator_version FROM record.events ORDER BY 1 DESC LIMIT 3"
    )
    record.tamper(f"DELETE FROM record.events WHERE notification_id >= {last[-1][0]}")

    found = record.found(quick=True)

    gone = {(one.position, one.stream, one.version) for one in found if "is there no more" in one.found}
    assert gone == set(last)
    assert any(
        f"it sealed {record.held[1].size:,} events and the record has {record.held[1].size - 3:,}" in one.found
        for one in found
    )
    assert any(f"the first {record.held[0].size:,} events are as they were sealed" in one.found for one in found)


def test_an_emptied_record_is_found(record: Record):
    record.tamper(
        "TRUNCATE record.events, record.texts, record.vault, seals.checkpoints, seals.tiles, seals.kept, seals.salts"
    )

    found = record.found()

    assert any("held-" in one.found and "the record has 0" in one.found for one in found)


def rebuild_tree(record: Record) -> None:
    """Make the kept tree and the checkpoints anew over whatever the record says now, as its keeper could."""
    record.tamper("TRUNCATE seals.checkpoints, seals.published, seals.tiles, seals.kept, seals.salts")
    (record.folder / "seals" / "last").unlink()
    record.seal()
    record.held.pop()


def test_a_rewritten_tail_with_tree_and_checkpoints_rewritten_too_is_found_by_the_checkpoint_held_outside(
    record: Record,
):
    [(position,)] = record.rows("SELECT max(notification_id) FROM record.events")
    record.tamper(
        f"UPDATE record.events SET recorded_at = recorded_at + interval '1 day' WHERE notification_id = {position}"
    )
    rebuild_tree(record)

    assert record.found(outside=(), quick=True) == []  # nothing inside gives it away
    found = record.found()
    later = [one for one in found if f"held-{record.held[1].size}.txt" in one.found and one.what == "record"]
    assert len(later) == 1
    assert f"the first {record.held[0].size:,} events are as they were sealed" in later[0].found
    assert not [one for one in found if one.what == "record" and f"held-{record.held[0].size}.txt:" in one.found]


def test_a_database_rolled_back_to_before_a_checkpoint_is_found_by_it_and_is_not_sealed_by_the_same_key(record: Record):
    size = record.held[0].size
    last = record.rows("SELECT notification_id FROM record.events ORDER BY 1 OFFSET %s LIMIT 1", size - 1)[0][0]
    later = record.held[-1]
    record.tamper(
        f"DELETE FROM record.events WHERE notification_id > {last}",
        f"DELETE FROM seals.checkpoints WHERE size > {size}",
        "TRUNCATE seals.tiles, seals.kept, seals.salts",
    )

    found = record.found(quick=True)

    assert any(f"held-{later.size}.txt" in one.found and f"the record has {size:,}" in one.found for one in found)
    with pytest.raises(NotSealed, match="does not go on from the checkpoint"):
        record.seal()


def test_another_key_that_signs_all_anew_is_found(record: Record):
    forged = Signer.make(record.held[0].origin)
    for seal in record.rows("SELECT size, note FROM seals.checkpoints"):
        kept = seal[1].split("\n")[3]
        root = next(one.root for one in record.held if one.size == seal[0])
        record.tamper(
            "UPDATE seals.checkpoints SET note = %s, signer = %s WHERE size = %s",
            values=[forged.sign(seal[0], root, kept), str(forged.verifier), seal[0]],
        )

    found = record.found()

    assert len([one for one in found if "no trusted key signed it" in one.found]) == 2
    assert len([one for one in found if "is not among those that are kept" in one.found]) == 2


def test_a_key_exchanged_on_this_machine_too_is_found_by_the_key_that_was_handed_over(record: Record):
    handed_over = [one.verifier for one in [Signer.read((record.folder / "seals" / "key").read_text())]]
    (record.folder / "seals" / "key").unlink()
    (record.folder / "seals" / "trusted").unlink()
    rebuild_tree(record)

    assert record.found(outside=()) == []
    assert any("no trusted key signed it" in one.found for one in record.found(trusted=handed_over, outside=()))
    assert len([one for one in record.found() if "no trusted key" in one.found]) == 2  # those held outside


CHECKPOINTS: dict[str, tuple[str, str]] = {
    "its size": ("UPDATE seals.checkpoints SET size = size - 1 WHERE number = 1", "another size than it does itself"),
    "its note": (
        "UPDATE seals.checkpoints SET note = replace(note, E'\\nkept ', E'\\nkept 1') WHERE number = 1",
        "no trusted key",
    ),
    "no note": ("UPDATE seals.checkpoints SET note = 'x' WHERE number = 1", "no checkpoint any more"),
    "deleted": ("DELETE FROM seals.checkpoints WHERE number = 1", "is not among those that are kept"),
}


def test_where_the_latest_kept_checkpoint_was_changed_nothing_is_signed(record: Record):
    record.tamper("UPDATE seals.checkpoints SET note = 'x'")

    with pytest.raises(NotSealed, match="was changed"):
        record.seal()


@pytest.mark.parametrize(("does", "says"), CHECKPOINTS.values(), ids=CHECKPOINTS)
def test_what_is_done_to_a_kept_checkpoint_is_found(record: Record, does: str, says: str):
    record.tamper(does)

    assert any(says in one.found for one in record.found(quick=True))


TREE: dict[str, str] = {
    "a leaf": "UPDATE seals.tiles SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) WHERE log = 'events' AND (level, number) = (0, 0)",
    "a tile": "DELETE FROM seals.tiles WHERE log = 'events' AND (level, number) = (0, 0)",
    "the last tile": "DELETE FROM seals.tiles WHERE log = 'events' AND level = 0 AND number = (SELECT max(number) FROM seals.tiles WHERE log = 'events' AND level = 0)",
    "what stands above": "UPDATE seals.tiles SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0)) WHERE log = 'events' AND level = 1",
    "a position": "UPDATE seals.tiles SET positions[3] = 999999 WHERE log = 'events' AND (level, number) = (0, 0)",
    "a stream": "UPDATE seals.tiles SET streams[3] = 'submission-x' WHERE log = 'events' AND (level, number) = (0, 0)",
    "the tree of digests": "UPDATE seals.tiles SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0)) WHERE log = 'kept' AND level = 0",
}


@pytest.mark.parametrize("does", TREE.values(), ids=TREE)
def test_a_kept_tree_that_is_changed_is_told_from_a_record_that_is(record: Record, does: str):
    record.tamper(does)

    found = record.found()

    assert {one.what for one in found} == {"tree"}, found


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


def test_what_is_not_sealed_yet_is_said_with_its_age_and_is_not_found_changed(record: Record):
    record.add(2, 3)
    size = record.rows("SELECT count(*) FROM record.events")[0][0]
    [(oldest,)] = record.rows(
        "SELECT recorded_at FROM record.events ORDER BY notification_id OFFSET %s LIMIT 1", record.held[-1].size
    )

    report = record.check()

    assert report.findings == []
    assert report.unsealed == size - record.held[-1].size > 0
    assert report.unsealed_since == oldest
    assert f"{record.held[-1].size:,} events" in (report.latest or "")

    record.tamper(
        "UPDATE record.events SET recorded_at = recorded_at - interval '1 s' WHERE notification_id = (SELECT max(notification_id) FROM record.events)"
    )
    assert record.found(quick=True) == []


def test_a_gap_in_a_stream_is_found_also_where_nothing_is_sealed(record: Record):
    record.add(3, 3)
    [(stream, position)] = record.rows(
        "SELECT originator_id, notification_id FROM record.events WHERE originator_version = 2 ORDER BY notification_id DESC LIMIT 1"
    )
    record.tamper(f"DELETE FROM record.events WHERE notification_id = {position}")

    [found] = record.found(quick=True)

    assert (found.stream, found.version, found.since) == (stream, 3, None)
    assert "version 2 of its stream is missing before it" in found.found


def test_a_content_that_is_not_that_of_its_digest_is_found_also_where_nothing_is_sealed(record: Record):
    rebuild = "UPDATE record.events SET state = convert_to(replace(convert_from(state, 'UTF8'), 'title = ', 'title  = '), 'UTF8') WHERE topic LIKE 'SchemeVersionPublished%'"
    record.tamper(rebuild, "TRUNCATE seals.checkpoints, seals.tiles")

    found = record.found(outside=(), quick=True)

    assert [one.found for one in found] == ["the content that it publishes is not that of its SHA-256"]


def test_only_what_stands_behind_a_checkpoint_is_read_where_that_is_asked_for(record: Record):
    first, last = record.held
    report = record.check(since=first.size)
    assert (report.findings, report.events) == ([], last.size - first.size)

    [(position,)] = record.rows("SELECT max(notification_id) FROM record.events")
    record.tamper(f"UPDATE record.events SET state = state || '\\x20' WHERE notification_id IN (2, {position})")

    assert {one.position for one in record.found(since=first.size)} == {position, None}
    assert {one.position for one in record.found(quick=True)} == {2, position, None}


def test_a_checkpoint_that_there_is_not_is_no_beginning(record: Record):
    with pytest.raises(Exception, match="there is no checkpoint of 3 events"):
        record.check(since=3)


def test_without_a_checkpoint_held_outside_and_with_the_key_a_keeper_goes_unnoticed(record: Record):
    """Why checkpoints are to be held elsewhere: the rest is in the keeper's own hands."""
    record.tamper("UPDATE record.events SET recorded_at = recorded_at - interval '1 day'")
    rebuild_tree(record)

    assert record.found(outside=(), quick=True) == []
    assert record.found(quick=True) != []


def test_the_tree_of_the_record_is_the_same_whether_it_grew_or_is_computed_at_once(record: Record):
    import psycopg

    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        made: list[Any] = list(leaves(connection, 0, 2**40))
    growing = Growing()
    for _ in growing.grow(b"".join(leaf_hash(one) for one in made)):
        pass
    assert growing.root() == record.held[-1].root
    assert [parts(one)[0] for one in made] == sorted(parts(one)[0] for one in made)


def test_a_long_log_is_read_in_parts_by_several_processes_and_the_same_is_found(
    record: Record, monkeypatch: pytest.MonkeyPatch
):
    [(position, stream)] = record.rows(
        "SELECT notification_id, originator_id FROM record.events WHERE originator_version = 3 ORDER BY 1 DESC LIMIT 1"
    )
    record.tamper(f"DELETE FROM record.events WHERE notification_id = {position}")
    at_once = record.found(quick=True)
    assert {one.stream for one in at_once} >= {stream}

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 150)
    report = record.check(quick=True)

    assert report.findings == at_once
    assert report.events == record.held[-1].size - 1


def test_the_parts_of_a_log_leave_nothing_out_whatever_gaps_it_has(record: Record):
    import psycopg

    last = record.rows("SELECT max(notification_id) FROM record.events")[0][0]
    record.tamper(
        f"DELETE FROM record.events WHERE notification_id BETWEEN {last - 90} AND {last - 20}",
        f"UPDATE record.events SET notification_id = -5 WHERE notification_id = {last - 2}",
        f"UPDATE record.events SET notification_id = {2**62} WHERE notification_id = {last - 1}",
    )

    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        parts_of = list(spans(connection, BEGINNING, 2**63 - 1, 40))
        read = [[parts(one)[0] for one in leaves(connection, *part)] for part in parts_of]

    positions = [position for (position,) in record.rows("SELECT notification_id FROM record.events ORDER BY 1")]
    assert [position for part in read for position in part] == positions
    assert all(1 <= len(part) <= 40 for part in read)
    assert [begin for begin, _ in parts_of[1:]] == [end for _, end in parts_of[:-1]]


def test_both_processes_see_the_record_as_it_was_when_the_check_began(record: Record, monkeypatch: pytest.MonkeyPatch):
    import psycopg

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 50)
    [(count, last)] = record.rows("SELECT count(*), max(notification_id) FROM record.events")
    with psycopg.connect(record.database.app_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        read = ranges.read_ranges(connection, record.database.app_url, BEGINNING, last, texts=False)
        found = [next(read)]
        record.tamper("DELETE FROM record.events WHERE notification_id > 50")
        found += read

    assert sum(one.events for one in found) == count
    assert len(found) > 4


def test_where_the_other_process_is_ended_it_is_said(record: Record, monkeypatch: pytest.MonkeyPatch):
    import psycopg

    class Ended(ProcessPoolExecutor):
        """One whose process is ended as soon as it is there, before it has read anything."""

        def submit(self, *asked: Any, **more: Any) -> Any:
            given = super().submit(*asked, **more)
            for one in multiprocessing.active_children():
                one.kill()
            return given

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 5)
    monkeypatch.setattr(ranges, "ProcessPoolExecutor", Ended)
    last = record.rows("SELECT max(notification_id) FROM record.events")[0][0]
    with psycopg.connect(record.database.app_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        read = ranges.read_ranges(connection, record.database.app_url, BEGINNING, last, texts=False)

        with pytest.raises(CannotStart, match="was ended"):
            list(read)
