"""`assay badge` and `assay certificate` write what was asked for to a file, in the form that its name says, or nothing."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from infra.badges.keys import issuer_in
from infra.bootstrap import App, open_app
from infra.cli.badges import disown_key, rotate_key, show_keys, write_badge, write_certificate
from infra.problems import CannotStart
from infra.settings import Settings
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body, open_body
from tests.independent import badges as checker
from tests.services.holding import award_of
from tests.services.remedying import SHORT
from tests.storing import store


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=4, store=store()) as opened:
        yield opened


@pytest.fixture
def body(app: App) -> Body:
    return open_body(app.office)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database.app_url)


def test_a_badge_is_written_in_the_form_that_the_name_of_the_file_says(
    settings: Settings, body: Body, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    award, case, _ = award_of(body)

    for form in ("json", "jwt", "png", "svg"):
        write_badge(settings, award if form != "svg" else case[:24], out=tmp_path / f"badge.{form}")

    badge = json.loads((tmp_path / "badge.json").read_bytes())
    checker.check_proof(badge, lambda _: None)  # a did:key: the key is its own name
    assert checker.unbaked_png((tmp_path / "badge.png").read_bytes()) == badge
    assert checker.unbaked_svg((tmp_path / "badge.svg").read_bytes()) == badge
    assert (tmp_path / "badge.jwt").read_text().count(".") == 2
    assert f"Badge 1 of {award}, valid, written to" in capsys.readouterr().out


def test_a_certificate_is_written(settings: Settings, body: Body, tmp_path: Path):
    award, _, _ = award_of(body)

    write_certificate(settings, award, year=None, out=tmp_path / "c.pdf")
    first = (tmp_path / "c.pdf").read_bytes()
    write_certificate(settings, award, year=1, out=tmp_path / "c.pdf", replace=True)

    assert first.startswith(b"%PDF-")
    assert (tmp_path / "c.pdf").read_bytes() == first
    with refused("certificate-issued", field="year", match="1"):
        write_certificate(settings, award, year=7, out=tmp_path / "d.pdf")
    assert not (tmp_path / "d.pdf").exists()


def test_the_key_is_exchanged_and_what_the_former_one_signed_is_believed_where_an_address_is_the_issuer(
    settings: Settings, body: Body, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    award, _, _ = award_of(body)
    settings = replace(settings, identity=replace(settings.identity, base="https://assay.example.org"))
    write_badge(settings, award, out=tmp_path / "before.json")
    [former] = re.findall("z6Mk[A-Za-z0-9]+", (tmp_path / "before.json").read_text())

    rotate_key(settings, another_issuer=False)
    write_badge(settings, award, out=tmp_path / "after.json")
    capsys.readouterr()
    show_keys(settings)

    told = capsys.readouterr().out
    document = issuer_in(settings.data, settings.badges, settings.identity.base).document()
    for name in ("before", "after"):
        checker.check_proof(json.loads((tmp_path / f"{name}.json").read_bytes()), lambda _: document)
    assert former in told
    assert former not in (tmp_path / "after.json").read_text()
    assert "did:web:assay.example.org" in told
    disown_key(settings, former)
    capsys.readouterr()
    show_keys(settings)
    assert former not in capsys.readouterr().out


def test_a_key_that_is_the_issuers_own_name_is_exchanged_only_where_another_issuer_is_wanted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
):
    before = issuer_in(settings.data, settings.badges, settings.identity.base)
    show_keys(settings)
    assert before.did in capsys.readouterr().out

    with refused("badge-issuer-stays", field="--another-issuer", match="ASSAY_BASE_URL"):
        rotate_key(settings, another_issuer=False)
    assert issuer_in(settings.data, settings.badges, settings.identity.base).did == before.did

    rotate_key(settings, another_issuer=True)

    after = issuer_in(settings.data, settings.badges, settings.identity.base)
    assert (after.did != before.did, after.former) == (True, ())


def test_where_there_is_no_data_no_key_is_made(tmp_path: Path):
    nowhere = Settings(data=tmp_path / "nowhere")
    for does in (show_keys, partial(rotate_key, another_issuer=True), partial(disown_key, multikey="z6Mk")):
        with pytest.raises(CannotStart, match="There is no data in"):
            does(nowhere)
    assert not nowhere.data.exists()


def test_what_can_t_be_written_is_said_and_a_result_that_is_no_award_has_none(
    settings: Settings, body: Body, tmp_path: Path
):
    award, _, _ = award_of(body)
    private = factories.brought(body, "released", levels=SHORT)

    with refused("export-form", field="--out", match="png"):
        write_badge(settings, award, out=tmp_path / "badge.gif")
    with refused("badge-of-award", field="case"):
        write_badge(settings, private, out=tmp_path / "badge.png")
    with refused("badge-of-award", field="case"):
        write_certificate(settings, private, year=None, out=tmp_path / "c.pdf")
    with refused("export-file", field="--out", match="can't be written"):
        write_badge(settings, award, out=tmp_path / "none" / "badge.png")
