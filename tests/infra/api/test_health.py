"""Whether the API lives, and whether it can be asked: what watches it learns which of the three is not well, and no secret."""

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from infra.api import health as api_health
from infra.bootstrap import open_app
from infra.cli import health
from infra.embedded import EmbeddedPostgres
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.readiness import Check
from infra.settings import load_settings
from infra.store.migrate import migrate
from tests.conftest import Database
from tests.factories import open_body
from tests.infra.api.test_faults import serving
from tests.infra.polling import until


def base(root: str) -> str:
    return root.removesuffix("/api/v1")


def wrong(answer: httpx.Response) -> dict[str, str]:
    """What is said not to be well, with what was found."""
    assert answer.status_code == (200 if answer.json()["ready"] else 503)
    return {one["what"]: one["found"] for one in answer.json()["checks"] if not one["well"]}


def test_it_is_ready_once_the_lists_show_the_record(database: Database, tmp_path: Path):
    # given an API on a record whose lists nobody has built yet
    with serving(tmp_path, database.app_url) as server:
        at = base(server.root)
        assert httpx.get(f"{at}/healthz").json() == {"alive": True}
        assert wrong(httpx.get(f"{at}/readyz")) == {"projector": "lists are still being built"}

        # when they are built
        with open_app(database.app_url) as app:
            catch_up(app.records)

            # then it can be asked
            answer = httpx.get(f"{at}/readyz")
            assert wrong(answer) == {}
            assert [one["what"] for one in answer.json()["checks"]] == ["database", "migrations", "projector"]

            # and what was just recorded makes nobody send requests elsewhere, until it is old
            open_body(app.office, now=lambda: datetime.now(UTC))
            answer = httpx.get(f"{at}/readyz")
            assert wrong(answer) == {}
            assert "events behind" in answer.json()["checks"][2]["found"]


def test_lists_that_lack_what_is_older_than_a_minute_are_too_far_behind(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("infra.readiness.FAR_BEHIND", 0.0)
    with open_app(database.app_url) as app, serving(tmp_path, database.app_url) as server:
        catch_up(app.records)
        open_body(app.office, now=lambda: datetime.now(UTC))

        assert "events behind, for " in wrong(httpx.get(f"{base(server.root)}/readyz"))["projector"]


def test_a_migration_that_is_missing_or_unknown_is_named(database: Database, tmp_path: Path):
    with serving(tmp_path, database.app_url) as server, psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0005-looks'")
        lacking = wrong(httpx.get(f"{base(server.root)}/readyz"))
        admin.execute(
            "UPDATE migrations._yoyo_migration SET migration_id = '9999-later' WHERE migration_id LIKE '0006%'"
        )
        unknown = wrong(httpx.get(f"{base(server.root)}/readyz"))

    assert lacking == {"migrations": "0005-looks is not applied"}
    assert unknown == {"migrations": "9999-later is unknown to this version"}


def test_without_its_database_it_lives_and_is_not_ready_and_tells_no_secret(tmp_path: Path):
    embedded = EmbeddedPostgres(tmp_path)
    embedded.start()
    try:
        url = migrate(embedded.admin_url, embedded.app_password)
        with serving(tmp_path, url) as server:
            at = base(server.root)
            os.kill(embedded.pid or 0, signal.SIGKILL)
            until(lambda: not embedded.is_running())

            answer = httpx.get(f"{at}/readyz", timeout=10)

            assert wrong(answer) == {"database": "can't be reached"}
            assert embedded.app_password not in answer.text
            assert str(tmp_path) not in answer.text
            assert httpx.get(f"{at}/healthz").status_code == 200
            assert httpx.post(f"{at}/healthz").status_code == 405

            # and by itself it is ready again, as far as its database goes
            embedded.start()
            until(lambda: "database" not in wrong(httpx.get(f"{at}/readyz", timeout=10)))
    finally:
        embedded.stop()


def test_who_can_not_find_out_in_time_is_not_ready(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api_health, "PATIENCE", 0.3)
    with serving(tmp_path, database.app_url) as server, psycopg.connect(database.admin_url) as admin:
        admin.execute("LOCK TABLE read.positions IN ACCESS EXCLUSIVE MODE")

        answer = httpx.get(f"{base(server.root)}/readyz")

        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert "not known within" in answer.json()["reason"]


def test_the_doctor_asks_the_api_itself(database: Database, tmp_path: Path):
    with open_app(database.app_url) as app:
        catch_up(app.records)
    with serving(tmp_path, database.app_url) as server:
        (well,) = health.of_api(server.settings)
    (gone,) = health.of_api(server.settings)

    assert (well.well, well.found) == (True, f"answers at {base(server.root)}")
    assert (gone.well, gone.to_do) == (False, "start `assay serve`, or look at its log")


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path):
    from infra.group import Group

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings = load_settings({
            "ASSAY_DATA": str(tmp_path), "ASSAY_API_PORT": str(port), "ASSAY_TEMPORAL_PORT": "0",
            "ASSAY_TEMPORAL_UI_PORT": "off",
        })  # fmt: skip
        said: list[tuple[str, str]] = []

        with pytest.raises(CannotStart, match=rf"The API can't listen on 127.0.0.1:{port} .* set ASSAY_API_PORT"):
            Group(settings, ("projector", "serve")).start(lambda *line: said.append(line))

    assert said == []


def test_however_many_ask_at_once_the_record_is_asked_by_one_and_all_are_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    go_on, looks = threading.Event(), list[int]()

    def slowly(_: object) -> list[Check]:
        looks.append(1)
        assert go_on.wait(20)
        return [Check(what="database", well=True, found="answers")]

    monkeypatch.setattr(api_health, "readiness", slowly)
    with serving(tmp_path, database.app_url) as server, ThreadPoolExecutor(20) as people:
        asked = [people.submit(httpx.get, f"{base(server.root)}/readyz", timeout=30) for _ in range(20)]
        until(lambda: looks)
        go_on.set()
        answers = [one.result().status_code for one in asked]

    assert answers == [200] * 20
    assert len(looks) < 20
