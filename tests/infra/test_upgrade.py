"""A data folder of an earlier version is opened by this one, with all that is in it; one of a later version is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from infra.backup.manifest import read_manifest
from infra.backup.restoring import load, restore
from infra.bootstrap import open_app
from infra.cli.reading import database
from infra.embedded import EmbeddedPostgres
from infra.folder import prepare
from infra.generate.writing import Wanted, generate
from infra.problems import CannotStart
from infra.seals.checking.check import Asked, verify
from infra.seals.note import Verifier
from infra.seals.sealing import seal
from infra.seals.shelf import Shelf
from infra.settings import Settings
from infra.store.migrate import known_migrations
from services.states import fold
from tests.infra.record_earlier import CASES, EARLIER
from tests.infra.test_cli import assay

KEPT = sorted(EARLIER.iterdir())


def quiet(_done: int, _total: int) -> None:
    pass


@pytest.fixture(params=KEPT, ids=[one.name for one in KEPT])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder as an earlier version left it, with the schema of that time."""
    folder = tmp_path / "data"
    prepare(folder)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        load(server, request.param / "database.dump")
    finally:
        server.stop()
    return folder


def test_a_folder_of_an_earlier_version_is_brought_forward_and_every_case_in_it_is_there(earlier: Path):
    with database(Settings(data=earlier)) as url, open_app(url) as app, psycopg.connect(url) as connection:
        applied = {name for (name,) in connection.execute("SELECT migration_id FROM migrations._yoyo_migration")}
        assert applied == known_migrations()
        log = app.records.read_log(0, 100_000)
        cases = [one.stream for one in log if one.name == "ProgrammeRegistered.1"]
        assert len(cases) >= CASES
        assert connection.execute("SELECT count(DISTINCT submission) FROM read.board").fetchone() == (len(cases),)
        for case in cases:
            assert fold(case, app.records.streams(case)[case].entries)
    ran = assay("board", "--data", str(earlier))
    assert ran.returncode == 0, ran.stderr


def test_what_an_earlier_version_sealed_holds_and_is_sealed_on(earlier: Path):
    with database(Settings(data=earlier)) as url:
        with psycopg.connect(url) as connection:
            seals = Shelf(connection).seals()
        signers = [Verifier.read(one.signer) for one in seals]
        asked = Asked(outside=[("held", one.checkpoint) for one in seals], trusted=signers)
        report = verify(url, asked)
        assert (report.findings, report.undated) == ([], sum(one.checkpoint.made_at is None for one in seals))

        with open_app(url) as app:
            generate(app, Wanted(cases=2, seed=99, until=datetime(2026, 11, 20, tzinfo=UTC), add=True))
        new = seal(Settings(data=earlier), url).seal
        assert new
        assert verify(url, replace(asked, trusted=[*signers, Verifier.read(new.signer)])).findings == []


@pytest.mark.parametrize("kept", KEPT, ids=[one.name for one in KEPT])
def test_a_backup_of_an_earlier_version_is_restored_and_brought_forward(kept: Path, tmp_path: Path):
    manifest = read_manifest(kept)
    restore(Settings(data=tmp_path / "data"), kept, manifest, lambda _: quiet)

    with database(Settings(data=tmp_path / "data")) as url, open_app(url) as app, psycopg.connect(url) as connection:
        assert len(app.records.read_log(0, 100_000)) == manifest.events
        applied = {name for (name,) in connection.execute("SELECT migration_id FROM migrations._yoyo_migration")}
    assert set(manifest.migrations) <= applied == known_migrations()


def test_a_folder_whose_database_a_later_version_made_is_refused_in_a_sentence(earlier: Path):
    server = EmbeddedPostgres(earlier)
    server.start()
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO migrations._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
            " VALUES ('later', '9999-later', now())"
        )
    server.stop()

    with (
        pytest.raises(CannotStart, match=r"made by a newer version of Assay \(migration 9999-later"),
        database(Settings(data=earlier)),
    ):
        pass
    ran = assay("doctor", "--data", str(earlier))
    assert (ran.returncode, ran.stdout) == (1, "")
