"""Whatever PostgreSQL's superuser does to what is sealed is found, in every table, and said by stream, version and checkpoint."""

from dataclasses import dataclass

import pytest

from infra.seals.checking.report import Finding
from infra.seals.note import Signer
from infra.seals.sealing import NotSealed
from projections.catalogue import READ_MODELS
from tests.infra.seals.sealed import Record

HALF = "(SELECT notification_id FROM record.events ORDER BY notification_id OFFSET 40 LIMIT 1)"
"""An event that both checkpoints seal."""


def test_a_record_that_nobody_touched_is_as_it_was_sealed(record: Record):
    report = record.check(models=READ_MODELS)

    assert report.findings == []
    assert report.events == record.rows("SELECT count(*) FROM record.events")[0][0] == record.held[-1].size
    assert (report.unsealed, report.checkpoints) == (0, 2)
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


def test_without_a_checkpoint_held_outside_and_with_the_key_a_keeper_goes_unnoticed(record: Record):
    """Why checkpoints are to be held elsewhere: the rest is in the keeper's own hands."""
    record.tamper("UPDATE record.events SET recorded_at = recorded_at - interval '1 day'")
    rebuild_tree(record)

    assert record.found(outside=(), quick=True) == []
    assert record.found(quick=True) != []
