"""A superuser who knows how the check works gets round none of it: tables that say one thing to the check, values it can't read, words put back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from infra.bootstrap import open_app
from infra.seals import kept
from infra.seals.configured import Sealing
from infra.seals.keys import KeyFolder
from infra.seals.note import Signer
from infra.seals.publishing import publish, published
from infra.seals.shelf import Shelf
from projections import board
from projections.catalogue import READ_MODELS
from tests.conftest import Database
from tests.infra.seals.sealed import Record, filled

DAY = timedelta(days=1)

HALF = "(SELECT notification_id FROM record.events ORDER BY notification_id OFFSET 40 LIMIT 1)"

TABLES: dict[str, tuple[str, list[str], str]] = {
    "a view that tells who asks": (
        "record.events",
        [
            "ALTER TABLE record.events RENAME TO sealed",
            (
                "CREATE VIEW record.events AS SELECT originator_id, originator_version, topic, state, notification_id, CASE WHEN"
                " current_query() LIKE '%COPY%' THEN recorded_at ELSE now() END AS recorded_at FROM record.sealed"
            ),
            "GRANT SELECT ON record.events, record.sealed TO assay_app",
        ],
        "it is no plain table",
    ),
    "policies": (
        "record.vault",
        [
            "ALTER TABLE record.vault ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY part ON record.vault USING (current_query() LIKE 'SELECT subject%')",
        ],
        "policies say who sees which of its rows",
    ),
    "rules": (
        "record.events",
        ["CREATE RULE lost AS ON INSERT TO record.events DO INSTEAD NOTHING"],
        "rules rewrite what is asked of it",
    ),
    "an heir": ("record.texts", ["CREATE TABLE record.more () INHERITS (record.texts)"], "other tables inherit from it"),
    "a computed column": (
        "record.texts",
        [
            "ALTER TABLE record.texts RENAME body TO was",
            "ALTER TABLE record.texts ADD body text NOT NULL GENERATED ALWAYS AS (was) STORED",
        ],
        "its column body is computed",
    ),
    "a type of one's own": (
        "record.texts",
        ["CREATE DOMAIN public.words AS text", "ALTER TABLE record.texts ALTER body TYPE public.words"],
        "its column body is of a type of somebody's own (public.words)",
    ),
    "a collation in which words are the same": (
        "record.vault",
        [
            'CREATE COLLATION public.loose FROM "C"',
            "UPDATE pg_collation SET collisdeterministic = false WHERE collname = 'loose'",  # as ICU makes them, where there is one
            "ALTER TABLE record.vault ALTER subject TYPE text COLLATE public.loose",
        ],
        "to the collation of its column subject different words are the same",
    ),
    "one that a crash empties": ("record.vault", ["ALTER TABLE record.vault SET UNLOGGED"], "it is no plain table"),
    "no key": ("record.vault", ["ALTER TABLE record.vault DROP CONSTRAINT vault_pkey"], "its primary key is not in force"),
    "nothing where something has to be": (
        "record.texts",
        ["ALTER TABLE record.texts ALTER body DROP NOT NULL", "UPDATE record.texts SET body = NULL"],
        "its column body may be empty",
    ),
    "no table": ("seals.salts", ["DROP TABLE seals.salts CASCADE"], "it is not there"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "does", "says"), TABLES.values(), ids=TABLES)
def test_a_table_that_could_say_one_thing_to_the_check_and_another_to_people_is_found(
    record: Record, table: str, does: list[str], says: str
):
    record.tamper(*does)

    report = record.check(models=READ_MODELS)

    assert [one.what for one in report.findings] == ["table"] * len(report.findings)
    assert any(one.found.startswith(f"{table} is not as it was made: {says}") for one in report.findings)
    assert report.checked == ["tables of the record and of its seals"]


def test_a_read_model_s_table_that_a_view_takes_the_place_of_is_found(record: Record):
    record.tamper(
        "ALTER TABLE read.board RENAME TO was",
        "CREATE VIEW read.board AS SELECT * FROM read.was",
        "GRANT SELECT ON read.board, read.was TO assay_app",
    )

    report = record.check(models=READ_MODELS)

    assert "read.board is not as it was made: it is no plain table" in [one.found for one in report.findings]
    assert {"texts", "tables of read models"} <= set(report.checked)
    assert "read models" not in report.checked  # none is compared


def test_a_read_model_s_table_that_is_dropped_is_found(record: Record):
    record.tamper("DROP TABLE read.board")

    [found] = record.found(models=[board.MODEL])

    assert found.what == "read model"
    assert 'relation "read.board" does not exist' in found.found


EVENTS: dict[str, str] = {
    "a name that is none": f"UPDATE record.events SET topic = topic || 'x' WHERE notification_id = {HALF}",
    "bytes that are none of an event": f"UPDATE record.events SET state = '\\xff' WHERE notification_id = {HALF}",
    "no beginning": "DELETE FROM record.events WHERE originator_version = 1",
    "another order": "UPDATE record.events SET notification_id = -notification_id",
}


@pytest.mark.parametrize("does", EVENTS.values(), ids=EVENTS)
def test_a_record_of_which_no_read_model_can_be_made_is_told_with_all_that_is_wrong_with_it(record: Record, does: str):
    record.tamper(does)

    found = {one.what for one in record.found(models=READ_MODELS)}

    assert {"record", "read model"} <= found


def test_columns_that_are_not_there_any_more_are_found(record: Record):
    record.tamper("ALTER TABLE seals.kept RENAME digest TO was")

    assert ['column "digest" does not exist' in one.found for one in record.found()] == [True]


def test_functions_of_somebody_s_own_before_postgresql_s_are_found_and_the_product_does_not_use_them(record: Record):
    [(name,)] = record.rows("SELECT current_database()")
    record.tamper(
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.length(bytea) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS 'SELECT '''''",
        "GRANT USAGE ON SCHEMA evil TO PUBLIC",
        f"ALTER DATABASE {name} SET search_path = evil, pg_catalog",
    )

    found = record.found(models=READ_MODELS)

    assert [one.found for one in found if "names are looked up in evil, pg_catalog" in one.found] == [
        one.found for one in found
    ]
    assert len(found) == 1
    with open_app(record.database.app_url, pool_size=1) as app:
        assert app.records.datastore.rows("SELECT length('12'::bytea), current_setting('timezone')", []) == [(2, "UTC")]


INSTANTS: dict[str, tuple[str, str]] = {
    "of an event": (f"UPDATE record.events SET recorded_at = 'infinity' WHERE notification_id = {HALF}", "others than were sealed"),
    "of a file": ("UPDATE record.files SET uploaded_at = '-infinity'", "than was sealed"),
    "of a checkpoint": ("UPDATE seals.checkpoints SET made_at = 'infinity'", "it says another instant itself"),
    "of a note of what was published": ("UPDATE seals.published SET at = 'infinity'", "is not what was sealed"),
}  # fmt: skip


@pytest.mark.parametrize(("does", "says"), INSTANTS.values(), ids=INSTANTS)
def test_an_instant_that_no_calendar_has_is_found_and_does_not_stop_the_check(record: Record, does: str, says: str):
    publish_latest(record)
    record.keep_files()
    record.tamper(does)

    report = record.check(models=READ_MODELS)

    assert any(says in one.found for one in report.findings), report.findings


def test_an_instant_that_no_calendar_has_is_said_also_of_what_is_not_sealed(record: Record):
    record.add(1, 3)
    record.tamper(
        "UPDATE record.events SET recorded_at = 'infinity' WHERE notification_id = (SELECT max(notification_id) FROM record.events)"
    )

    report = record.check()

    assert report.unsealed > 0


def publish_latest(record: Record) -> None:
    """Note that the latest checkpoint was published."""
    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        seal = Shelf(connection).last()
        assert seal
        file = record.folder / "held"
        file.mkdir(exist_ok=True)
        assert publish(connection, Sealing(file=file), seal, datetime.now(UTC)) == {}


SIGNATURES: dict[str, str] = {
    "a signature that is no base64": "regexp_replace(note, '[A-Za-z0-9+/=]+\\n$', E'AAAAA\\n')",
    "a signature that is too short": "regexp_replace(note, '[A-Za-z0-9+/=]+\\n$', E'AAAA\\n')",
    "a root beside that is no base64": "regexp_replace(note, 'kept (\\d+) \\S+', 'kept \\1 x')",
    "a size beside that is no number": "regexp_replace(note, 'kept \\d+', 'kept ³')",
    "an instant that is none": "regexp_replace(note, 'made \\S+', 'made yesterday')",
}


@pytest.mark.parametrize("note", SIGNATURES.values(), ids=SIGNATURES)
def test_a_checkpoint_that_can_not_be_taken_apart_is_found_and_does_not_stop_the_check(record: Record, note: str):
    record.tamper(f"UPDATE seals.checkpoints SET note = {note} WHERE number = 1")

    assert any("no trusted key signed it as it is" in one.found for one in record.found())


def test_when_a_checkpoint_was_made_is_what_it_says_itself(record: Record):
    record.tamper("UPDATE seals.checkpoints SET made_at = made_at - interval '1 day' WHERE number = 2")

    [found] = record.found(quick=True)

    signed = record.held[1].made_at
    assert signed
    assert f"{signed:%-d %B %Y %H:%M:%S} UTC: what is kept of it says that it was made at {signed - DAY}" in found.found


def as_before(patch: pytest.MonkeyPatch) -> None:
    """Have checkpoints be made as by a version before they said when, and before each sealed those before it."""
    sign = Signer.sign

    def undated(signer: Signer, size: int, root: bytes, *more: str) -> str:
        return sign(signer, size, root, *(line for line in more if not line.startswith("made ")))

    patch.setattr(Signer, "sign", undated)
    patch.setattr(kept, "_earlier", lambda _shelf: iter(()))


def test_checkpoints_of_before_they_said_when_are_accepted_said_to_be_undated_and_sealed_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        as_before(patch)
        record = filled(database, tmp_path)
        publish_latest(record)
    report = record.check()
    assert (report.findings, report.undated, report.checkpoints) == ([], 2, 2)
    assert report.waiting["notes of where checkpoints were published"][0] == 1

    record.add(2, 3)
    record.seal()

    report = record.check()
    assert (report.findings, report.undated, report.waiting) == ([], 2, {})
    record.tamper("UPDATE seals.checkpoints SET made_at = made_at - interval '1 day' WHERE number = 1")
    record.tamper("UPDATE seals.published SET at = at - interval '1 day'")
    said = [one.found for one in record.found()]
    assert [one.split(": ")[-1] for one in said if "sealed of it" in one] == [
        "what is kept of it is not what a later one sealed of it"
    ]
    assert [one for one in said if "was published (file) is not what was sealed" in one]


def test_where_nothing_else_is_new_checkpoints_and_notes_ask_for_no_other_checkpoint(record: Record):
    publish_latest(record)

    assert [record.seal().new, record.seal().new] == [False, False]
    assert record.check().waiting.keys() == {"notes of where checkpoints were published"}


def test_where_a_checkpoint_was_published_is_not_noted_any_more_once_a_later_one_seals_what_is_noted(record: Record):
    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        earlier = Shelf(connection).seals()[0]
        assert publish(connection, Sealing(file=record.folder), earlier, datetime.now(UTC)) == {}
        assert published(connection, earlier) == []
    assert record.found() == []


def test_another_key_of_this_machine_that_is_said_to_have_signed_a_checkpoint_is_found(record: Record):
    other = KeyFolder(record.folder, record.settings.sealing).renew()
    record.tamper("UPDATE seals.checkpoints SET signer = %s WHERE number = 2", values=[str(other.verifier)])

    [found] = [one for one in record.found(quick=True) if one.what == "checkpoint"]

    assert f"what is kept of it says that {other.verifier} signed it" in found.found


def test_a_checkpoint_that_only_a_later_one_knows_is_missed_when_it_is_gone(record: Record):
    """Given that somebody holds the latest alone."""
    record.held = record.held[1:]
    record.tamper("DELETE FROM seals.checkpoints WHERE number = 1")

    [found] = record.found()

    assert "checkpoint 1, of" in found.found
    assert "was sealed by a later one, and is there no more" in found.found


def test_the_same_checkpoint_kept_and_given_twice_is_one(record: Record):
    given = [(name, one) for name in ("once", "twice") for one in record.held]

    assert record.check(outside=given).checkpoints == len(record.held)


def test_a_salt_that_would_stay_when_its_field_is_erased_is_found(record: Record):
    [(number, subject)] = record.rows("SELECT number, subject FROM seals.salts ORDER BY number LIMIT 1")
    record.tamper(f"UPDATE seals.salts SET subject = 'person-nobody' WHERE number = {number}")

    [found] = record.found()

    assert (found.what, found.stream) == ("vault", subject)
    assert f"has a salt ({number}) that says to be for the" in found.found


STRAY: dict[str, tuple[str, str]] = {
    "behind a gap": ("INSERT INTO seals.tiles SELECT log, level, number + 70, hashes, positions, streams, versions FROM seals.tiles WHERE log = 'events' AND (level, number) = (0, 0)", "tile 70 of level 0 of the kept tree of events"),
    "behind the last": ("INSERT INTO seals.tiles SELECT log, level, number + 1, hashes, positions, streams, versions FROM seals.tiles WHERE log = 'events' AND level = 0 ORDER BY number DESC LIMIT 1", "of level 0 of the kept tree of events is there, and tile"),
    "above the top": ("INSERT INTO seals.tiles SELECT log, 5, 0, hashes FROM seals.tiles WHERE log = 'events' AND (level, number) = (0, 0)", "tile 0 of level 5 of the kept tree of events stands above nothing"),
    "of no tree": ("INSERT INTO seals.tiles SELECT 'other', level, number, hashes FROM seals.tiles WHERE log = 'events' AND (level, number) = (0, 0)", "tile 0 of level 0 of the kept tree of other stands above nothing"),
    "with events that it is not of": ("UPDATE seals.tiles SET streams = '{x}' WHERE log = 'kept' AND level = 0", "names events, and is of none"),
    "whole, among digests": ("UPDATE seals.tiles SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) WHERE log = 'kept' AND (level, number) = (0, 0)", "tile 0 of level 0 from digest 1 on"),
    "counted from elsewhere": ("UPDATE seals.tiles SET positions = ('[0:' || cardinality(positions) - 1 || ']=' || positions::text)::bigint[] WHERE log = 'events' AND (level, number) = (0, 0)", "tile 0 of the kept tree names other events"),
}  # fmt: skip


@pytest.mark.parametrize(("does", "says"), STRAY.values(), ids=STRAY)
def test_a_tile_that_is_none_of_a_tree_s_is_found_and_is_no_fault_of_the_record(record: Record, does: str, says: str):
    record.tamper(does)

    found = record.found()

    assert {one.what for one in found} == {"tree"}, found
    assert any(says in one.found for one in found)


def test_read_models_of_another_definition_are_said_not_to_be_compared(record: Record):
    record.tamper("UPDATE read.positions SET name = name || 'x' WHERE name LIKE 'board@%'")

    report = record.check(models=READ_MODELS)

    assert (report.findings, report.not_compared) == ([], ["board"])


def test_a_read_model_that_is_emptied_and_said_to_have_got_nowhere_is_said_to_be_behind(record: Record):
    record.tamper("TRUNCATE read.board", "UPDATE read.positions SET position = 0 WHERE name LIKE 'board@%'")

    report = record.check(models=READ_MODELS)

    assert (report.findings, report.behind) == ([], {"board": 0})


def test_a_read_model_that_is_said_to_have_got_less_far_than_its_rows_is_found(record: Record):
    record.tamper("UPDATE read.positions SET position = 0 WHERE name LIKE 'board@%'")

    assert any(one.found.startswith("board: a row that does not follow") for one in record.found(models=READ_MODELS))
