"""What the command shows of the people who run a scheme: the timetable of standardisation, and who sits on panels and boards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.bootstrap import App, open_app
from infra.cli.people import show_composition, show_standardisation
from infra.projector import catch_up
from infra.settings import Settings, load_settings
from services import competence, people, standardisation
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.storing import store

YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=2, store=store()) as opened:
        yield opened


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return load_settings({"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")})


@pytest.fixture
def body(app: App) -> Body:
    source = f"{factories.scheme_source()}\n[people.minima]\nteacher = 50\n"
    return factories.open_body(app.office, source=source)


def shown(app: App, capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed since the last time, in one line, so that the width of the screen doesn't matter."""
    return " ".join(capsys.readouterr().out.split())


def test_the_timetable_shows_each_session_with_its_leader_by_name(
    app: App, body: Body, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    catch_up(app.records)
    show_standardisation(settings, year=None, scheme=None)
    assert "No standardisation session fits that." in shown(app, capsys)
    said = {"scheme": body.scheme.id, "leader": body.chair, "invited": body.assessors, "note": "Two portfolios"}
    for month in (3, 9):
        starts_at = datetime(YEAR, month, 1, 10, tzinfo=UTC)
        body.by_officer(standardisation.schedule_session, starts_at=starts_at, **said)
    catch_up(app.records)

    show_standardisation(settings, year=YEAR, scheme=body.scheme.id)
    both = shown(app, capsys)
    show_standardisation(settings, year=YEAR + 1, scheme=None)

    assert both.count("scheduled") == 2
    assert both.count(f"Chair of {body.mark}") == 2
    assert f"1 Mar {YEAR} 10:00:00" in both
    assert f"1 Sep {YEAR} 11:00:00" in both  # summer time
    assert "No standardisation session fits that." in shown(app, capsys)


def test_panels_and_the_board_show_their_shares_and_what_is_missed(
    app: App, body: Body, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    case = factories.brought(body, "completed")
    factories.take_up(body, case)
    catch_up(app.records)
    show_composition(settings, scheme=None, missing=False, limit=60)
    before = shown(app, capsys)
    assert "The board of cpd-qa, 0 members now" in before
    assert "of cpd-qa, 4 members" in before
    assert "teacher 0 0% 50% missed" in before
    assert "provider 0 0% any met" in before
    assert "4 seated, 4 expert in its subject" in before

    teacher = {"id": body.assessors[0], "topic": "background", "kind": "teacher", "text": "Since 2010"}
    body.by_officer(competence.state_credential, **teacher)
    ends_at = body.now() + timedelta(days=90)
    body.by_officer(people.give_role, id=body.assessors[0], role="board", ends_at=ends_at)
    catch_up(app.records)
    show_composition(settings, scheme="cpd-qa", missing=False, limit=60)
    after = shown(app, capsys)
    assert "The board of cpd-qa, 1 member now: background members share at least teacher 1 100% 50% met" in after
    show_composition(settings, scheme="cpd-qa", missing=True, limit=60)
    missed = shown(app, capsys)
    assert "The board" not in missed
    assert "teacher 0 0% 50% missed" in missed
    assert "provider" not in missed
