"""Where a backup was restored, another key goes on from it and every checkpoint says so; what was sealed in between is found out."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.backup.manifest import Manifest, read_manifest
from infra.backup.restoring import restore
from infra.bootstrap import open_app
from infra.cli.backup import take_backup
from infra.cli.reading import database
from infra.cli.seals import verify_all
from infra.generate.writing import Wanted, generate
from infra.projector import catch_up
from infra.seals.checking.check import Asked, verify
from infra.seals.checking.report import Report
from infra.seals.keys import KeyFolder
from infra.seals.note import Checkpoint
from infra.seals.sealing import seal
from infra.settings import Settings, load_settings
from tests.infra.seals.sealed import UNTIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A folder from a backup, and the checkpoints that somebody holds: of before it, and of what came after it elsewhere."""

    settings: Settings
    manifest: Manifest
    before: Checkpoint
    after: Checkpoint


def more(url: str, seed: int) -> None:
    """Some more is recorded."""
    with open_app(url, pool_size=2) as app:
        generate(app, Wanted(cases=4, seed=seed, until=UNTIL, add=True))
        catch_up(app.records)


def sealed(settings: Settings, url: str) -> Checkpoint:
    found = seal(settings, url)
    assert found.new
    assert found.seal
    return found.seal.checkpoint


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    folder = tmp_path_factory.mktemp("restored")
    here, there = (load_settings({"ASSAY_DATA": str(folder / name)}) for name in ("here", "there"))
    with database(here, make=True) as url:
        more(url, 1)
        before = sealed(here, url)
    take_backup(here, folder / "backup")
    with database(here) as url:
        more(url, 2)
        after = sealed(here, url)
    manifest = read_manifest(folder / "backup")
    restore(there, folder / "backup", manifest, lambda _unit: lambda _done, _total: None)
    return Restored(settings=there, manifest=manifest, before=before, after=after)


def check(restored: Restored, url: str, last: Checkpoint | None = None, **held: Checkpoint) -> Report:
    """Verify all of it, against these checkpoints that are held outside, and what was signed `last`."""
    keys = KeyFolder(restored.settings.data, restored.settings.sealing)
    asked = Asked(outside=list(held.items()), trusted=keys.trusted(), restored=keys.restored(), models=(), last=last)
    return verify(url, asked)


def test_another_key_goes_on_from_the_backup_and_its_checkpoints_say_so(restored: Restored):
    keys = KeyFolder(restored.settings.data, restored.settings.sealing)
    [noted] = keys.restored()
    former, now = keys.trusted()

    assert (noted.events, noted.position) == (restored.manifest.events, restored.manifest.position)
    assert noted.keys == (str(former),)
    with database(restored.settings) as url:
        more(url, 3)
        continued = sealed(restored.settings, url)
        report = check(restored, url, before=restored.before)

    assert continued.size > restored.before.size
    assert continued.signed_by(now)
    assert not continued.signed_by(former)
    assert noted.line in continued.more
    assert report.findings == []
    assert report.restored == [noted.line]


def test_a_checkpoint_of_what_came_after_the_backup_is_found_wrong_and_it_is_said_what_that_means(restored: Restored):
    with database(restored.settings) as url:
        report = check(restored, url, after=restored.after)

    said = [one.found for one in report.findings if "after" in one.found.partition(":")[0]]
    assert not report.well
    assert said
    assert all(f"a backup of {restored.manifest.events:,} events was restored here" in one for one in said)


def test_assay_verify_says_that_a_backup_was_restored_and_ends_with_one_for_a_checkpoint_from_in_between(
    restored: Restored, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name, one in (("before", restored.before), ("after", restored.after)):
        (tmp_path / f"{name}.txt").write_text(one.note)

    verify_all(restored.settings, [tmp_path / "before.txt"], [], since=None, quick=True, as_json=False)
    well = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        verify_all(restored.settings, [tmp_path / "after.txt"], [], since=None, quick=True, as_json=False)
    wrong = capsys.readouterr().out

    assert "All is as it was sealed." in well
    assert f"A backup of {restored.manifest.events:,} events was restored here at" in well
    assert ended.value.code == 1
    assert "no checkpoint of it can agree with this one" in wrong


def test_the_key_of_what_was_restored_signs_no_more(restored: Restored):
    """Not even where nothing came after the backup as far as this folder knows: it can't know what the key signed since."""
    keys = KeyFolder(restored.settings.data, restored.settings.sealing)
    last = keys.last(keys.trusted()[0])

    assert last is None or last.size <= restored.manifest.events
    assert keys.signer().verifier == keys.trusted()[-1] != keys.trusted()[0]


def test_what_was_sealed_while_the_backup_was_made_is_explained_where_it_was_signed_last(restored: Restored):
    """The database's moment is earlier than what is copied from beside it."""
    keys = KeyFolder(restored.settings.data, restored.settings.sealing)
    with database(restored.settings) as url:
        report = check(restored, url, last=restored.after)
        [missed] = [one.found for one in report.findings if "is not among those that are kept" in one.found]
        assert f"a backup of {restored.manifest.events:,} events was restored here" in missed

        verified = verify(url, Asked(last=restored.before, trusted=keys.trusted(), restored=keys.restored(), models=()))
        assert (verified.findings, verified.checkpoints > 0) == ([], True)
