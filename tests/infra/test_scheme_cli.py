"""`assay scheme`: faults all at once, changes in words, decided cases tried out, and versions published for good."""

import re
from pathlib import Path

import pytest

from domain.scheme_file import read_scheme
from domain.scheme_record import RequirementsChanged
from infra.bootstrap import open_app
from infra.folder import prepare
from tests import factories
from tests.conftest import Database
from tests.domain.files import scheme_files
from tests.infra.test_cli import assay
from tests.storing import store

MAIN = Path("schemes/cpd-qa.toml")


def written(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The main scheme in a file of its own, with some lines replaced, each of which must be there once."""
    source = MAIN.read_text(encoding="utf-8")
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / name).write_text(source, encoding="utf-8")
    return folder / name


def test_every_fault_is_named_at_once_with_its_line_its_key_and_what_is_allowed(tmp_path: Path):
    file = written(tmp_path, "new.toml", ("quorum = 3", "quorum = 0"), ("version = 1", "version = 1\ncolour = 3"))

    ran = assay("scheme", "check", str(file))

    lines = file.read_text().splitlines()
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.splitlines() == [
        f"{file}: line {lines.index('colour = 3') + 1}: scheme.colour: is not known; allowed: id, title, version",
        f"{file}: line {lines.index('quorum = 0') + 1}: moderation.quorum: is 0; allowed: a whole number of at least 1",
        "2 faults.",
    ]


@pytest.mark.parametrize("file", scheme_files(), ids=lambda file: file.stem)
def test_a_scheme_without_faults_is_summed_up_with_its_digest(file: Path):
    scheme = read_scheme(file.read_text(encoding="utf-8"))

    ran = assay("scheme", "check", str(file))

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{scheme.ref} {scheme.title}: no fault." in ran.stdout
    assert scheme.digest in ran.stdout
    assert f"{len(scheme.criteria)} in " in ran.stdout


def test_a_change_is_said_in_words_and_for_whom(tmp_path: Path):
    new = written(tmp_path, "new.toml", ("version = 1", "version = 2"), ("amount = 150000", "amount = 165050"))

    said = assay("scheme", "diff", str(MAIN), str(new)).stdout

    assert "From cpd-qa@1 to cpd-qa@2; cases already registered stay under the version they are under." in said
    assert "fee for submission (for new registrations only; no outcome changes a fee)" in said
    assert "was  1,500.00 GBP on submission" in said
    assert "now  1,650.50 GBP on submission" in said
    assert "2 changes." in said


def test_the_same_content_has_no_changes_and_the_same_version_is_pointed_out(tmp_path: Path):
    new = written(tmp_path, "new.toml", ("quorum = 3", "quorum = 4"))

    assert "the same content" in assay("scheme", "diff", str(MAIN), str(MAIN)).stdout
    assert "the new one needs a higher version" in assay("scheme", "diff", str(MAIN), str(new)).stdout


def test_what_can_not_be_read_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")

    for file, said in (("none.toml", "can't be read"), ("bad.toml", "is not UTF-8 text")):
        for command in (["check"], ["diff", str(MAIN)], ["publish"], ["dry-run"]):
            ran = assay("scheme", *command, str(tmp_path / file), ASSAY_DATA=str(tmp_path / "data"))
            assert ran.returncode == 1
            assert said in ran.stderr
            assert "Traceback" not in ran.stderr


def test_a_version_is_published_for_good_and_listed_and_clients_are_told(tmp_path: Path, database: Database):
    second = written(tmp_path, "second.toml", ("version = 1", "version = 2"))
    other = written(tmp_path, "other.toml", ("version = 1", "version = 2"), ("quorum = 3", "quorum = 4"))
    environ = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")}
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = factories.register(body)

        first = assay("scheme", "publish", str(second), **environ)
        again = assay("scheme", "publish", str(second), **environ)
        changed = assay("scheme", "publish", str(other), **environ)
        shown = assay("scheme", "list", **environ).stdout

        digest = read_scheme(second.read_text(encoding="utf-8")).digest
        [position] = re.findall(r"cpd-qa@2 is published, at position (\d+)\.", first.stdout)
        assert f"SHA-256 {digest}" in first.stdout
        assert f"was already published with this content; nothing changed, at position {position}." in again.stdout
        assert "It concerns 1 live case under earlier versions, whose clients were told now." in first.stdout
        assert "It concerns 0 live cases under" in again.stdout
        assert changed.returncode == 1
        assert "already published with other content" in changed.stderr
        assert re.search(rf"cpd-qa@1 .* {body.scheme.digest}", shown)
        assert re.search(rf"cpd-qa@2 .* {position} +{digest}", shown)
        assert [one.before for one in body.events(case, RequirementsChanged)] == ["cpd-qa@1"]


def test_a_dry_run_says_which_outcomes_would_differ(tmp_path: Path, database: Database):
    lower = written(tmp_path, "lower.toml", ('level = "met"', 'level = "partially_met"'))
    environ = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")}
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        window = factories.schedule_window(body)
        factories.brought(body, "decided", window=window)
        short = factories.brought(body, "decided", window=window, levels={"2.2": "partially_met"})
        before = app.records.max_position()

        ran = assay("scheme", "dry-run", str(lower), **environ)

        assert app.records.max_position() == before
    assert re.search(rf"{short} +not awarded +awarded at accredited +2\.2 would be enough", ran.stdout)
    assert "2 decided cases of cpd-qa: 1 would differ, 1 would be the same, 0 can't be compared." in ran.stdout
    assert "Nothing was written." in ran.stdout


def test_where_nothing_runs_the_database_is_started_for_the_moment(tmp_path: Path):
    prepare(tmp_path / "data")

    published = assay("scheme", "publish", str(MAIN), ASSAY_DATA=str(tmp_path / "data"))
    shown = assay("scheme", "list", ASSAY_DATA=str(tmp_path / "data"))

    assert "cpd-qa@1 is published, at position 1." in published.stdout
    assert "cpd-qa@1" in shown.stdout
