"""`assay pack`: one file, whole or not at all, and a sentence about what is in it; what can't be made is refused with what can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bootstrap import App, open_app
from infra.cli.packing import pack_case
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.seals.sealing import seal
from infra.settings import Settings
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.infra.pack.conftest import Made
from tests.infra.pack.packs import events, run
from tests.services.holding import award_of
from tests.storing import folder, store

ROOT = Path(__file__).parents[3]


def settings_of(made: Made) -> Settings:
    """The settings of the record of these tests, with its files where the run has them."""
    link = made.folder / "files"
    if not link.exists():
        link.symlink_to(folder())
    return Settings(data=made.folder, database_url=made.database.app_url)


def pack(settings: Settings, case: str, out: Path, eyes: str | None = None, role: str | None = None) -> bytes:
    pack_case(settings, case, out=out, eyes=eyes, role=role, size=None)
    return out.read_bytes()


def test_a_pack_is_written_whole_or_as_somebody_may_see_it_and_what_is_in_it_is_said(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    whole = pack(settings_of(made), made.case[:24], tmp_path / "whole.zip")
    said = capsys.readouterr().out
    redacted = pack(settings_of(made), made.case, tmp_path / "redacted.zip", made.eyes.person, made.eyes.role)
    less = capsys.readouterr().out

    assert (whole, redacted) == (made.whole, made.redacted)
    assert f"events of {made.case}, as the checkpoint of" in said
    assert "by their hashes alone" not in said
    assert "further ones by their hashes alone." in less
    assert "documents are left out: not for this reader." in less
    assert sorted(one.name for one in tmp_path.iterdir()) == ["redacted.zip", "whole.zip"]


def test_the_command_makes_the_same_file_in_another_process(made: Made, tmp_path: Path):
    out = tmp_path / "pack.zip"
    ran = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "pack", made.case, "--out", str(out), "--data", str(made.folder)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": made.database.app_url, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert out.read_bytes() == made.whole


def test_what_can_not_be_made_is_refused_and_nothing_is_left(made: Made, tmp_path: Path):
    settings, out = settings_of(made), tmp_path / "pack.zip"

    with refused("known-case", field="CASE"):
        pack(settings, "submission-aaaaaaaaaaaaaaaa", out)
    with refused("known-case", field="CASE", match="of the kind person has no pack"):
        pack(settings, made.body.officer, out)
    with refused("replay-eyes", field="--role"):
        pack(settings, made.case, out, role="officer")
    with refused("replay-eyes", field="role"):
        pack(settings, made.case, out, made.body.officer, "board")
    with refused("export-file", field="--out", match="can't be written"):
        pack(settings, made.case, tmp_path / "none" / "pack.zip")
    with refused("known-checkpoint", field="size"):
        pack_case(settings, made.case, out=out, eyes=None, role=None, size=3)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is(made: Made, tmp_path: Path):
    out = tmp_path / "pack.zip"
    out.write_text("mine")

    with refused("export-file", field="--out", match="is there already"):
        pack(settings_of(made), made.case, out)

    assert out.read_text() == "mine"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> App:
    with open_app(database.app_url, pool_size=4, store=store(tmp_path / "data" / "files")) as opened:
        yield opened


@pytest.fixture
def body(app: App) -> Body:
    return factories.open_body(app.office)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database.app_url)


def test_before_anything_of_it_is_sealed_there_is_no_pack_and_then_it_ends_where_the_seal_does(
    app: App, body: Body, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    earlier = factories.register(body)
    catch_up(app.records)
    with refused("pack-sealed", match="nothing was sealed yet"):
        pack(settings, earlier, tmp_path / "none.zip")
    seal(settings, settings.database_url or "")
    later = factories.register(body)
    catch_up(app.records)
    with refused("pack-sealed", match="nothing of it is sealed"):
        pack(settings, later, tmp_path / "none.zip")
    before = pack(settings, earlier, tmp_path / "before.zip")
    factories.pay_fees(body, earlier)
    catch_up(app.records)
    capsys.readouterr()

    after = pack(settings, earlier, tmp_path / "after.zip")

    assert after == before
    assert "are not sealed by it and not in it: `assay seal`" in capsys.readouterr().out
    seal(settings, settings.database_url or "")
    newest = pack(settings, earlier, tmp_path / "newest.zip")
    assert newest != before
    assert "not sealed" not in capsys.readouterr().out
    assert not (tmp_path / "none.zip").exists()


def test_where_a_file_is_not_what_it_was_nothing_is_left_of_the_pack(
    app: App, body: Body, settings: Settings, tmp_path: Path
):
    case = factories.brought(body, "submitted")
    catch_up(app.records)
    seal(settings, settings.database_url or "")
    files = [one for one in (settings.data / "files").rglob("*") if one.is_file() and len(one.name) == 64]
    files[0].chmod(0o600)
    files[0].write_bytes(b"x" * files[0].stat().st_size)
    (tmp_path / "out").mkdir()

    with pytest.raises(CannotStart, match="is not as it was uploaded any more"):
        pack(settings, case, tmp_path / "out" / "pack.zip")
    files[0].unlink()
    with pytest.raises(CannotStart, match="is not as it was uploaded any more"):
        pack(settings, case, tmp_path / "out" / "pack.zip")

    assert list((tmp_path / "out").iterdir()) == []


def test_where_there_is_no_room_nothing_is_left_and_it_is_said(made: Made, tmp_path: Path):
    out = tmp_path / "pack.zip"
    assay = f"{sys.executable} -m infra.cli.main pack {made.case} --out {out} --data {made.folder}"

    ran = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f 64; exec {assay}"],  # blocks of 512 or 1,024 bytes that a file may have
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": made.database.app_url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 1
    assert "pack.zip can't be written (File too large). No pack was made." in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_not_as_it_was_sealed_gives_no_pack(
    app: App, body: Body, database: Database, settings: Settings, tmp_path: Path
):
    from tests.infra.seals.sealed import Record

    case = factories.register(body)
    catch_up(app.records)
    record = Record(database, settings.data, [])
    record.seal()
    record.tamper(
        "UPDATE record.events SET recorded_at = recorded_at + interval '1 second'"
        f" WHERE originator_id = '{case}' AND originator_version = 1"
    )

    with refused("pack-sealed", match="not as it was sealed"):
        pack(settings, case, tmp_path / "pack.zip")


def test_an_award_has_a_pack_of_its_own(
    app: App, body: Body, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    award, case, _ = award_of(body)
    catch_up(app.records)
    seal(settings, settings.database_url or "")

    made = pack(settings, award, tmp_path / "pack.zip")

    assert run(made, tmp_path / "run").code == 0
    assert events(made)[0]["name"].startswith("AccreditationAwarded")
    assert events(made)[0]["event"]["data"]["submission"] == case


def test_a_pack_of_before_a_new_key_is_by_the_key_that_signed_it(
    app: App, body: Body, settings: Settings, tmp_path: Path
):
    from infra.seals.keys import KeyFolder

    case = factories.register(body)
    catch_up(app.records)
    first = seal(settings, settings.database_url or "").seal
    KeyFolder(settings.data, settings.sealing).renew()
    second = seal(settings, settings.database_url or "").seal
    assert first is not None
    assert second is not None

    made = pack(settings, case, tmp_path / "pack.zip")

    assert run(made, tmp_path / "new", "--key", second.signer).code == 0
    assert run(made, tmp_path / "old", "--key", first.signer).code == 1
