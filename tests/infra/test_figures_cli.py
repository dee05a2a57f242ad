"""What `assay figures`, `compare` and `conformance` print of a record, of none, and of what can't be asked."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.bootstrap import codec
from infra.cli import governance
from infra.cli.comparing import show_comparison, show_conformance, show_deviations
from infra.cli.figures import KINDS, Wanted, show_figures
from infra.cli.reading import short
from infra.projector import catch_up
from infra.settings import Settings
from infra.store.records import PostgresRecords
from services import people, preparation
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body, open_body
from tests.services.test_figures import moderated

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def records(database: Database) -> Any:
    with PostgresRecords(database.app_url, codec(), pool_size=4) as opened:
        yield opened


@pytest.fixture
def body(records: PostgresRecords) -> Body:
    return open_body(Office(records))


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=database.app_url)


def wanted(**said: str | None) -> Wanted:
    nothing: dict[str, str | None] = dict.fromkeys(("about", "scheme", "begins", "ends", "at", "reader"))
    return Wanted(**nothing | said)


def printed(capsys: Captured, settings: Settings, *, as_csv: bool = False, **said: str | None) -> str:
    show_figures(settings, wanted(**said), as_csv=as_csv)
    return capsys.readouterr().out


def test_of_a_record_without_cases_every_kind_says_that_there_is_nothing(settings: Settings, capsys: Captured):
    assert printed(capsys, settings).count("Nothing of that in this period.") == len(KINDS)
    assert "Nothing of that" in printed(capsys, settings, about="published")
    show_conformance(settings, None, at=None)
    assert "0 cases; straight on went 0" in capsys.readouterr().out


def test_all_figures_are_printed_with_their_intervals_and_that_they_are_few(
    body: Body, settings: Settings, capsys: Captured
):
    moderated(body, c11="partially_met")

    told = printed(capsys, settings)

    assert "Assessor of" in told
    assert "11% (2% to 43%)" in told
    assert "100% (21% to 100%)" in told
    assert told.count("  few ") >= 4


def test_one_kind_comes_as_csv_and_several_are_refused(body: Body, settings: Settings, capsys: Captured):
    moderated(body)

    lines = printed(capsys, settings, about="outcomes", as_csv=True).splitlines()

    assert lines[0].startswith('"scheme","by","group","decided"')
    assert lines[1].startswith('"cpd-qa","all","",1,1,0,1.0,')
    with refused("figures-kind", field="ABOUT", match="appeals, published"):
        show_figures(settings, wanted(), as_csv=True)


@pytest.mark.parametrize("about", [*KINDS, "published"])
def test_of_no_rows_the_csv_is_its_head(settings: Settings, capsys: Captured, about: str):
    [head] = printed(capsys, settings, about=about, as_csv=True).splitlines()
    assert '"scheme"' in head


@pytest.mark.parametrize("about", [None, "outcomes", "published"])
@pytest.mark.parametrize("version", ["", "@99"])
def test_a_scheme_or_version_that_is_not_published_is_refused_with_those_that_are(
    body: Body, settings: Settings, capsys: Captured, about: str | None, version: str
):
    unknown = f"{body.scheme.id}{version}" if version else "another"

    with refused("published-scheme", field="--scheme", match=f"{body.scheme.id}, {body.scheme.ref}"):
        printed(capsys, settings, about=about, scheme=unknown)

    assert "Nothing of that" in printed(capsys, settings, about="outcomes", scheme=body.scheme.ref)


def test_as_a_person_with_a_conflict_sees_them(body: Body, settings: Settings, capsys: Captured):
    case = moderated(body)
    member = factories.appoint(body, "board", scheme=None)
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, member, "board", id=member, provider=provider)

    assert "Nothing of that" not in printed(capsys, settings, about="outcomes")
    assert "Nothing of that" in printed(capsys, settings, about="outcomes", reader=member)
    with refused("known-person", field="--as"):
        printed(capsys, settings, about="outcomes", reader="person-aaaaaaaaaaaaaaaa")
    for no_reader in (body.submission(case).registration.lead_contact, body.assessors[0]):
        with refused("acting-role", field="--as", match="board"):
            printed(capsys, settings, about="changes", reader=no_reader)


def test_a_case_s_way_is_printed_with_deviations_who_allowed_them_and_why(
    body: Body, records: PostgresRecords, settings: Settings, capsys: Captured
):
    case = factories.brought(body, "registered")
    show_conformance(settings, case, at=None)
    assert "It went straight on." in capsys.readouterr().out
    until = body.recorded(case)[-1].recorded_at.isoformat()
    body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A small charity.")
    catch_up(records)

    show_conformance(settings, case[:20], at=None)
    told = capsys.readouterr().out
    assert "a fee was waived" in told
    assert f"Officer of {body.mark}, officer" in told
    assert "A small charity." in told
    show_conformance(settings, case, at=until)
    assert "It went straight on." in capsys.readouterr().out
    show_conformance(settings, None, at=None)
    told = capsys.readouterr().out
    assert "1 case; straight on went 0" in told
    assert "No case made a move that the process does not know." in told


def test_every_deviation_of_every_case_is_listed_with_who_allowed_it(
    body: Body, records: PostgresRecords, settings: Settings, capsys: Captured
):
    show_deviations(settings, None, at=None, as_csv=False)
    assert "No case departed from the straight way." in capsys.readouterr().out
    show_deviations(settings, None, at=None, as_csv=True)
    assert capsys.readouterr().out.startswith('"case id","scheme","kind","by","stage","at"')
    straight, waived, other = (factories.brought(body, "registered") for _ in range(3))
    for case, reason in ((waived, "A small charity."), (other, "A charity too.")):
        body.by_officer(preparation.waive_fee, case=case, kind="registration", reason=reason)
    catch_up(records)

    show_deviations(settings, None, at=None, as_csv=False)
    told = capsys.readouterr().out
    assert told.count("a fee was waived") == told.count(f"Officer of {body.mark}, officer") == 2
    assert "A small charity." in told
    assert "A charity too." in told
    show_deviations(settings, waived, at=None, as_csv=True)
    heads, line = capsys.readouterr().out.splitlines()
    assert heads.startswith('"case id","scheme","kind","by","stage","at","actor","role"')
    assert line.startswith(f'"{waived}","{body.scheme.ref}","fee-waived","registration"')
    assert body.officer in line
    assert straight not in line


def test_ids_and_instants_of_deviations_are_whole_at_any_width(
    body: Body, records: PostgresRecords, settings: Settings, capsys: Captured, monkeypatch: pytest.MonkeyPatch
):
    case = factories.brought(body, "registered")
    body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A charity that is small. " * 9)
    catch_up(records)
    for width in (80, 200):
        monkeypatch.setattr(governance, "screen", partial(Console, highlight=False, width=width))
        capsys.readouterr()

        show_deviations(settings, None, at=None, as_csv=False)

        told = capsys.readouterr().out
        assert short(case) in told
        assert re.search(r"\d+ [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d ", told)
        assert "…" not in told
        assert max(map(len, told.splitlines())) <= width


def test_markings_are_printed_side_by_side_with_their_reasons(body: Body, settings: Settings, capsys: Captured):
    case = moderated(body, c11="partially_met")

    show_comparison(settings, case, at=None)

    told = capsys.readouterr().out
    assert "1. assessor" in told
    assert "partially met !" in told
    assert "1 and 2: of 9 criteria alike 8, one step apart 1, further 0" in told
    assert "1.1, 2. panel: It is not shown." in told


def test_with_one_marking_there_is_nothing_to_compare(body: Body, settings: Settings, capsys: Captured):
    case = factories.brought(body, "registered")

    show_comparison(settings, case, at=None)

    assert "There is nothing to compare yet." in capsys.readouterr().out
