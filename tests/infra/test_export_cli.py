"""`assay export`: the record and a decision's provenance as files, whole or not at all."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.bootstrap import open_app
from infra.cli.badges import write_certificate
from infra.cli.exporting import write_provenance, write_record
from infra.cli.files import replaced
from infra.cli.packing import pack_case
from infra.export.check import ocel_faults, prov_faults
from infra.settings import Settings
from services import awards, schemes
from services.ports import Command
from services.schemes import INSTALLER_ROLE
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.storing import store


def test_record_and_provenance_are_written_as_sound_files(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    settings = Settings(data=tmp_path, database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case, early = factories.brought(body, "released"), factories.brought(body, "registered")
        events = app.records.max_position()

    write_record(settings, tmp_path / "record.json")
    write_provenance(settings, case[:19], tmp_path / "prov.json")

    assert f"{events:,} events" in capsys.readouterr().out
    assert ocel_faults(json.loads((tmp_path / "record.json").read_text())) == []
    assert prov_faults(json.loads((tmp_path / "prov.json").read_text())) == []
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []
    write_provenance(settings, awards.accreditation_id(case), tmp_path / "award.json")
    assert prov_faults(json.loads((tmp_path / "award.json").read_text())) == []
    with refused("known-case", field="CASE"):
        write_provenance(settings, body.officer, tmp_path / "other.json")
    with refused("known-case", field="CASE", match="handed in"):
        write_provenance(settings, early, tmp_path / "other.json")
    assert not (tmp_path / "other.json").exists()
    with refused("export-file", field="FILE"):
        write_record(settings, tmp_path / "none" / "record.json")


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(database: Database, tmp_path: Path):
    settings, file = Settings(data=tmp_path, database_url=database.app_url), tmp_path / "record.json"
    file.write_text("somebody's")

    with refused("export-file", field="FILE", match="there already"):
        write_record(settings, file)
    assert file.read_text() == "somebody's"

    write_record(settings, file, replace=True)
    assert json.loads(file.read_text())["events"] == []
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]


def test_a_file_whose_name_says_another_form_is_not_written(tmp_path: Path):
    settings, case = Settings(data=tmp_path), "submission-aaaaaaaaaaaaaaaa"

    with refused("export-form", field="FILE", match=r"\.json or \.jsonocel"):
        write_record(settings, tmp_path / "record.xml")
    with refused("export-form", field="FILE", match=r"\.json"):
        write_provenance(settings, case, tmp_path / "s.xml")
    with refused("export-form", field="--out", match=r"\.pdf"):
        write_certificate(settings, case, year=None, out=tmp_path / "c.txt")
    with refused("export-form", field="--out", match=r"\.zip"):
        pack_case(settings, case, out=tmp_path / "pk.tar", eyes=None, role=None, size=None)

    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_the_file_that_was_there(tmp_path: Path):
    file = tmp_path / "record.json"
    file.write_text("the last one")

    def broken() -> None:
        with replaced(file, replace=True) as out:
            out.write(b"half of")
            raise RuntimeError("the record went away")

    with pytest.raises(RuntimeError):
        broken()

    assert file.read_text() == "the last one"
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]


def test_one_event_is_said_in_the_singular(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_app(database.app_url, store=store()) as app:
        command = Command(id="one", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
        schemes.publish_scheme(app.office, command, source=factories.scheme_source(), file="scheme.toml")

    write_record(Settings(data=tmp_path, database_url=database.app_url), tmp_path / "record.json")

    assert "\n1 event in " in capsys.readouterr().out
