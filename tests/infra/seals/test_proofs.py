"""Proofs convince a checker that shares nothing with what makes them, and only of what is so."""

import base64
import json
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.seals.keys import KeyFolder
from infra.seals.note import Checkpoint
from infra.seals.proofs import case_proof, continued
from infra.seals.sealing import LOCK, last_signed
from tests.independent.checking import Wrong, consistent, hashed, included, leaf_of, opened, root_of
from tests.infra.seals.sealed import Record

ROOT = Path(__file__).parents[3]
COLUMNS = "notification_id, originator_id, originator_version, topic, recorded_at, state"


def key_of(record: Record) -> str:
    return (record.folder / "seals" / "trusted").read_text().split()[-1]


def events(record: Record, condition: str = "") -> list[Any]:
    return record.rows(f"SELECT {COLUMNS} FROM record.events {condition} ORDER BY notification_id")


def test_the_root_is_that_which_others_compute_from_the_columns_alone(record: Record):
    leaves = [hashed(leaf_of(*one)) for one in events(record)]

    for held in record.held:
        _, size, root, _ = opened(held.note, key_of(record))
        assert root_of(leaves[:size]) == root


def test_the_root_of_what_is_kept_beside_is_that_which_others_compute_too(record: Record):
    import struct

    def leaf(*fields: bytes) -> bytes:
        return hashed(struct.pack(">H", len(fields)) + b"".join(struct.pack(">I", len(one)) + one for one in fields))

    rows = record.rows("SELECT kind, id, name, digest FROM seals.kept ORDER BY number")
    leaves = [leaf(kind.encode(), id.encode(), name.encode(), bytes(digest)) for kind, id, name, digest in rows]
    for held in record.held:
        said, size, root = opened(held.note, key_of(record))[3][0].split(" ")
        assert said == "kept"
        assert 0 < int(size) <= len(rows)
        assert root_of(leaves[: int(size)]) == base64.b64decode(root)


def test_what_is_sealed_of_an_earlier_checkpoint_and_its_publication_is_as_the_page_says(record: Record):
    record.tamper(
        "INSERT INTO seals.published SELECT size, kept, signer, 'time-stamp', '2027-03-12 09:00:00.000001Z', '\\x0102'"
        " FROM seals.checkpoints WHERE number = 2"
    )
    record.add(2, 3)
    record.seal()

    told: dict[tuple[str, ...], str] = {
        ("published", "2", "time-stamp"): f"2027-03-12T09:00:00.000001+00:00 {sha256(bytes([1, 2])).hexdigest()}"
    }
    for number, size, signer, kept, made_at, note in record.rows(
        "SELECT number, size, signer, kept, made_at AT TIME ZONE 'UTC', note FROM seals.checkpoints WHERE number < 3"
    ):
        told["checkpoint", str(number), str(size)] = f"{size} {signer} {kept} {made_at.isoformat()}+00:00\n{note}"
        assert f"\nmade {made_at:%Y-%m-%dT%H:%M:%S.%f}Z\n\n" in note
    sealed = record.rows("SELECT kind, id, name, digest FROM seals.kept WHERE kind IN ('checkpoint', 'published')")
    assert {tuple(leaf): bytes(digest) for *leaf, digest in sealed} == {
        leaf: sha256(said.encode()).digest() for leaf, said in told.items()
    }


def test_every_event_of_a_case_is_proven(record: Record):
    stream = record.rows("SELECT originator_id FROM record.events GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")[0][0]
    rows = events(record, f"WHERE originator_id = '{stream}'")

    with psycopg.connect(record.database.app_url) as connection:
        proof = case_proof(connection, stream)

    assert proof.seal is not None
    assert proof.unsealed == 0
    _, size, root, _ = opened(proof.seal.note, key_of(record))
    assert [one.leaf.place.position for one in proof.events] == [row[0] for row in rows]
    for one, row in zip(proof.events, rows, strict=True):
        assert one.leaf.hash == hashed(leaf_of(*row))
        assert included(hashed(leaf_of(*row)), one.leaf.index, size, one.path) == root
        changed = (*row[:5], bytes(row[5]).replace(b"}", b" }", 1))
        assert included(hashed(leaf_of(*changed)), one.leaf.index, size, one.path) != root


def test_what_an_earlier_checkpoint_does_not_seal_is_said_not_to_be_sealed(record: Record):
    first, last = record.held
    [(stream,)] = record.rows(
        "SELECT originator_id FROM record.events GROUP BY 1 HAVING min(notification_id) ="
        " (SELECT notification_id FROM record.events WHERE originator_version = 1 ORDER BY 1 DESC LIMIT 1)"
    )
    with psycopg.connect(record.database.app_url) as connection:
        before, after = case_proof(connection, stream, size=first.size), case_proof(connection, stream, size=last.size)
        assert (list(before.events), before.unsealed) == ([], len(after.events))
        assert after.unsealed == 0
        with pytest.raises(Exception, match="there is no checkpoint of 5 events"):
            case_proof(connection, stream, size=5)


def test_a_checkpoint_is_proven_to_continue_the_one_before_and_no_other(record: Record):
    first, last = record.held
    with psycopg.connect(record.database.app_url) as connection:
        path = continued(connection, "events", first.size, last.size)
        consistent(first.size, last.size, first.root, last.root, path)
        for wrong in (bytes(32), last.root):
            with pytest.raises(Wrong):
                consistent(first.size, last.size, wrong, last.root, path)
        with pytest.raises(Exception, match="later checkpoint has more"):
            continued(connection, "events", last.size, first.size)


def test_a_number_of_which_no_checkpoint_is_kept_is_not_proven_to_be_continued(record: Record):
    first, last = record.held
    with psycopg.connect(record.database.app_url) as connection:
        for never, before, after in ((5, 5, last.size), (0, 0, last.size), (last.size - 1, first.size, last.size - 1)):
            with pytest.raises(Exception, match=f"there is no checkpoint of {never:,} events"):
                continued(connection, "events", before, after)
        with pytest.raises(Exception, match="there is no checkpoint of 1 digests"):
            continued(connection, "kept", 1, record.rows("SELECT max(kept) FROM seals.checkpoints")[0][0])


def test_erased_people_leave_every_checkpoint_and_proof_as_it_was(record: Record):
    """Names and texts go with their salts, as when they are let go; what is left still leads to every checkpoint."""
    record.tamper("DELETE FROM record.vault", "DELETE FROM record.texts", "DELETE FROM seals.salts")

    leaves = [hashed(leaf_of(*one)) for one in events(record)]
    assert all(root_of(leaves[: one.size]) == one.root for one in record.held)
    assert {one.what for one in record.found()} == {"vault", "text"}  # no event says that they were let go


def assay(record: Record, *arguments: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": record.database.app_url, "ASSAY_DATA": str(record.folder)},
        check=False,
    )


def test_the_commands_print_what_a_checker_of_its_own_verifies(record: Record, tmp_path: Path):
    note, key = assay(record, "checkpoint").stdout, assay(record, "checkpoint", "--key").stdout.strip()
    _, size, root, _ = opened(note, key)
    assert (size, root) == (record.held[-1].size, record.held[-1].root)

    [(stream,)] = record.rows("SELECT min(originator_id) FROM record.events WHERE originator_id LIKE 'submission-%'")
    said = assay(record, "proof", stream[:22], "--out", str(tmp_path / "proof.json"))
    assert said.returncode == 0, said.stderr
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert (proof["case"], proof["checkpoint"], proof["key"], proof["unsealed"]) == (stream, note, key, 0)
    assert [one["version"] for one in proof["events"]] == list(range(1, len(proof["events"]) + 1))
    for one in proof["events"]:
        path = [base64.b64decode(step) for step in one["path"]]
        assert included(hashed(base64.b64decode(one["leaf"])), one["index"], size, path) == root

    continues = json.loads(assay(record, "checkpoint", "--continues", str(record.held[0].size)).stdout)
    path = [base64.b64decode(step) for step in continues["path"]]
    consistent(record.held[0].size, size, record.held[0].root, root, path)


def test_verify_says_what_is_wrong_and_ends_with_1_and_what_is_well_with_0(record: Record, tmp_path: Path):
    held = tmp_path / "held.txt"
    held.write_text("\n".join(one.note for one in record.held))
    well = assay(record, "verify", "--checkpoint", str(held))
    assert (well.returncode, well.stderr) == (0, "")
    assert "All is as it was sealed." in well.stdout
    assert "All events are sealed, by the checkpoint of" in well.stdout

    [(position, stream, version)] = record.rows(
        "SELECT notification_id, originator_id, originator_version FROM record.events ORDER BY 1 OFFSET 20 LIMIT 1"
    )
    record.tamper(f"UPDATE record.events SET recorded_at = now() WHERE notification_id = {position}")
    wrong = assay(record, "verify", "--checkpoint", str(held))
    assert wrong.returncode == 1
    assert f"{stream}, version {version}: (position {position:,}) its bytes, its name or the instant" in wrong.stdout
    assert f"sealed by the checkpoint of {record.held[0].size:,} events" in wrong.stdout
    assert "does not lead to" in wrong.stdout

    read = assay(record, "verify", "--quick", "--json", "--checkpoint", str(held))
    said = json.loads(read.stdout)
    assert read.returncode == 1
    assert not said["well"]
    assert {"what", "found", "stream", "version", "position", "since"} == set(said["findings"][0])
    assert position in {one["position"] for one in said["findings"]}


UNSEALED = [
    f"TRUNCATE {table}"
    for table in ("seals.checkpoints", "seals.published", "seals.kept", "seals.salts", "seals.tiles")
]
"""What whoever may change the database does so that nothing says any more that it was sealed."""


def test_seals_that_were_all_deleted_are_missed_by_what_the_key_signed_last(record: Record):
    record.tamper(*UNSEALED)

    ran, quick = assay(record, "verify"), assay(record, "verify", "--quick")

    last = f"the last checkpoint that the key here signed: the checkpoint of {record.held[-1].size:,} events"
    for one in (ran, quick):
        assert one.returncode == 1
        assert f"{last} is not among those that are kept" in one.stdout
        assert "How many events are sealed can't be told; no checkpoint is kept." in one.stdout
        assert "as it was sealed" not in one.stdout
        assert "Nothing is sealed" not in one.stdout


def test_an_end_cut_off_with_its_checkpoint_is_missed_by_what_the_key_signed_last(record: Record):
    record.tamper(
        "DELETE FROM record.events WHERE notification_id = (SELECT max(notification_id) FROM record.events)",
        "DELETE FROM seals.checkpoints WHERE number = (SELECT max(number) FROM seals.checkpoints)",
    )

    ran = assay(record, "verify", "--quick")

    size = record.held[-1].size
    assert ran.returncode == 1
    assert (
        f"the record does not lead to the last checkpoint that the key here signed: it sealed {size:,} events and the record"
        f" has {size - 1:,}; the first {record.held[0].size:,} events are as they were sealed" in ran.stdout
    )


def test_where_nothing_was_ever_sealed_it_is_not_said_to_be_as_it_was_sealed(record: Record, tmp_path: Path):
    record.tamper(*UNSEALED)
    record.folder = tmp_path / "on-another-machine"
    record.folder.mkdir()

    ran = assay(record, "verify", "--quick")
    said = json.loads(assay(record, "verify", "--quick", "--json").stdout)

    events = record.rows("SELECT count(*) FROM record.events")[0][0]
    assert ran.returncode == 0
    assert "as it was sealed" not in ran.stdout
    assert f"{events:,} events are not sealed yet" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("Nothing is sealed, so that nothing could be found changed")
    assert (said["well"], said["verdict"], said["unsealed"]) == (True, "nothing-sealed", events)


def test_where_events_are_missing_it_is_not_said_that_all_are_sealed(record: Record):
    record.tamper("DELETE FROM record.events WHERE notification_id = (SELECT max(notification_id) FROM record.events)")

    ran = assay(record, "verify", "--quick")
    said = json.loads(assay(record, "verify", "--quick", "--json").stdout)

    size = record.held[-1].size
    assert ran.returncode == 1
    assert f"{size - 1:,} events," in ran.stdout
    assert "sealed, by" not in ran.stdout
    assert (
        f"How many events are sealed can't be told; the latest that is kept is the checkpoint of {size:,} events"
        in ran.stdout
    )
    assert (said["well"], said["verdict"], said["unsealed"]) == (False, "wrong", None)


def test_where_tables_are_not_as_made_nothing_is_said_of_what_was_not_read(record: Record):
    record.tamper("ALTER TABLE record.texts ENABLE ROW LEVEL SECURITY")

    ran = assay(record, "verify")

    assert ran.returncode == 1
    assert "Checked: tables of the record and of its seals." in ran.stdout
    assert "No event was read" in ran.stdout
    for never in ("Nothing is sealed", "are sealed, by", "as it was sealed"):
        assert never not in ran.stdout


def test_what_is_checked_is_said_and_what_is_not_sealed(record: Record):
    quick, whole = assay(record, "verify", "--quick").stdout, assay(record, "verify").stdout

    first = "Checked: tables of the record and of its seals, events, their order and their streams, checkpoints"
    assert f"{first}.\n" in quick
    assert f"{first}, texts, what is kept beside the events, schemes and policies," in whole
    assert ", tables of read models, read models.\n" in whole
    for one in (quick, whole):
        assert "Not sealed: letters, and who looked.\n" in one


def test_what_the_key_signed_last_is_asked_for_when_no_sealing_is_under_way(record: Record):
    """What is being sealed is signed a moment before it is kept, and is no checkpoint that was taken out."""
    folder, asked = KeyFolder(record.folder, record.settings.sealing), list[Checkpoint | None]()

    def ask() -> None:
        with psycopg.connect(record.database.app_url, autocommit=True) as connection:
            asked.append(last_signed(connection, folder))

    with psycopg.connect(record.database.app_url, autocommit=True) as sealing:
        sealing.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.3)
        assert asked == []
    asking.join()
    assert asked == [record.held[-1]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "--checkpoint", "none.txt"], "none.txt"),
        (["verify", "--key", "x"], "a key is written as name+id+base64"),
        (["verify", "--since", "3"], "there is no checkpoint of 3 events"),
        (["verify", "--since", "yesterday"], "no instant"),
        (["checkpoint", "--size", "3"], "there is no such checkpoint"),
        (["checkpoint", "--continues", "3"], "there is no checkpoint of 3 events"),
        (["proof", "submission-none"], "submission-none"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_can_not_be_asked_is_said_in_a_sentence(record: Record, arguments: list[str], said: str):
    ran = assay(record, *arguments)

    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_record_is_sealed_by_command_only_if_something_was_recorded(record: Record):
    assert "Nothing was recorded since" in assay(record, "seal").stdout
    record.add(2, 4)
    assert "events are not sealed yet, the oldest since" in assay(record, "verify", "--quick").stdout

    sealed = assay(record, "seal")

    assert "Sealed:" in sealed.stdout
    assert "It is published nowhere" in sealed.stdout
    assert "All events are sealed" in assay(record, "verify", "--quick").stdout


def test_after_another_key_was_made_what_both_signed_is_verified(record: Record):
    before = key_of(record)

    assert assay(record, "seal", "--new-key").returncode == 0

    assert key_of(record) != before
    opened(assay(record, "checkpoint").stdout, key_of(record))
    assert record.found(quick=True) == []
    assert len(assay(record, "checkpoint", "--key").stdout.split()) == 2
