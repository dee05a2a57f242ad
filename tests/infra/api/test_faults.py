"""The API when something is wrong: PostgreSQL dies, it is told to stop, somebody is slow, a question takes too long."""

import asyncio
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from infra.api import connection
from infra.api.caller import Api, Limits
from infra.bootstrap import open_app
from infra.embedded import EmbeddedPostgres
from infra.store.errors import RecordUnavailable
from infra.store.migrate import migrate
from tests import factories as f
from tests.conftest import Database
from tests.infra.api.listening import following, projected, served, standing
from tests.infra.api.whole_service import Server, serving
from tests.infra.polling import until
from tests.soak.business import fill, gather
from tests.soak.crowd import Notes, at_work, repeated
from tests.soak.follower import meanwhile, told
from tests.soak.kept import check_kept
from tests.soak.test_load import MET
from tests.storing import store


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test's own, to be killed."""
    embedded = EmbeddedPostgres(tmp_path)
    embedded.start()
    yield embedded
    embedded.stop()


def test_whatever_is_answered_with_success_while_postgresql_dies_is_kept_once(mortal: EmbeddedPostgres, tmp_path: Path):
    url = migrate(mortal.admin_url, mortal.app_password)
    with (
        open_app(url, store=store()) as app,
        serving(tmp_path, url) as server,
        projected(app),
        ThreadPoolExecutor() as beside,
    ):
        body = fill(app, 12)
        until(lambda: httpx.get(f"{server.root}/register").status_code == 200, 60)
        members = gather(app, body, server.settings, {"officer": 2, "assessor": 1, "provider": 2, "public": 1})
        notes, before, port = Notes(), app.records.max_position(), server.settings.api_port
        crowd = at_work(members, notes, port=port, seconds=6, seed=3, thinking=0.1)
        officer = [one for one in members if one.name.startswith("officer")][:1]
        working = beside.submit(
            asyncio.run, meanwhile(officer, crowd, port=port, after=before, end=app.records.max_position)
        )
        until(lambda: sum(one.status == 200 for one in notes.commands) > 5)
        assert mortal.pid
        os.kill(mortal.pid, signal.SIGKILL)
        until(lambda: any(one.status == 503 for one in notes.asked))
        mortal.start()
        [following] = working.result(180)

        assert [one for one in notes.asked if one.status not in {200, 304, 503} and one.rule not in MET] == []
        assert [one for one in notes.asked if one.status == 503 and not one.retry_after] == []
        assert following.heard == told(following.member, port=port, after=before)
        assert following.heard != []
        check_kept(app.records, notes, before)
        for given, again in asyncio.run(repeated(notes, port=port)):
            if did := given.did:
                assert again
                assert json.loads(again.body) == did | {"repeated": True}


def test_who_is_being_answered_when_the_service_stops_is_answered(database: Database, tmp_path: Path):
    with (
        open_app(database.app_url, store=store()) as app,
        serving(tmp_path, database.app_url) as server,
        ThreadPoolExecutor() as beside,
        psycopg.connect(database.admin_url) as blocker,
    ):
        body = f.open_body(app.office)
        sent = {"Authorization": f"Bearer {server.token(app, body.officer)}", "Idempotency-Key": "k"}
        blocker.execute("LOCK TABLE record.events IN EXCLUSIVE MODE")
        path = f"{server.root}/me/set-availability"
        asked = beside.submit(httpx.post, path, json={"available": False}, headers=sent, timeout=20)
        until(lambda: blocker.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall())
        server.stop.set()
        until(lambda: not _listens(server))
        blocker.rollback()

        assert asked.result(20).json()["events"][0]["name"] == "AvailabilitySet"
        server.thread.join(20)
        assert not server.thread.is_alive()


def _listens(server: Server) -> bool:
    try:
        _connected(server.root).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_stream_ends_when_the_service_stops_and_does_not_hold_it_up(database: Database, tmp_path: Path):
    with (
        open_app(database.app_url, store=store()) as app,
        serving(tmp_path, database.app_url) as server,
        projected(app),
    ):
        body = f.open_body(app.office)
        until(lambda: httpx.get(f"{server.root}/register").status_code == 200, 60)
        with following(server.root, server.token(app, body.officer), "officer") as heard:
            next(one for one in heard if one.entries)
            server.stop.set()
            stopping = time.monotonic()
            for _ in heard:
                pass
        server.thread.join(20)
        assert time.monotonic() - stopping < 6


def _connected(root: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(root).port or 0), timeout=20)


def test_a_body_that_does_not_come_in_time_is_not_waited_for(api: Api):
    with served(replace(api, limits=Limits(seconds=0.5))) as root, _connected(root) as slow:
        slow.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
        answered = _to_the_end(slow)  # the connection is closed as well

    assert answered.startswith(b"HTTP/1.1 408")
    assert b"/problems/body-late" in answered


def test_who_says_nothing_or_half_a_line_loses_the_connection(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "TO_ASK", 0.5)
    with served(api) as root, _connected(root) as silent, _connected(root) as slow:
        slow.sendall(b"GET /api/v1/nothing HTTP/1.1\r\nHost: here\r\n\r\nGET /api")

        assert _to_the_end(silent) == b""
        assert _to_the_end(slow).startswith(b"HTTP/1.1 404")


def test_who_does_not_take_an_answer_loses_the_connection(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "TO_TAKE", 0.5)
    ended = threading.Event()

    async def much(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(50_000_000)})  # until it is taken, or nobody is there
        ended.set()

    with standing(much) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert ended.wait(20)
        assert 0 < len(_to_the_end(slow)) < 50_000_000


def test_where_too_many_ask_at_once_the_last_are_told_to_come_again(api: Api):
    with served(replace(api, limits=Limits(at_once=1))) as root, _connected(root) as slow:
        slow.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{")
        refused = until(lambda: answer if (answer := httpx.get(f"{root}/nothing")).status_code == 503 else None)
        slow.sendall(b"}")

        assert refused.json()["type"] == "/problems/too-busy"
        assert refused.headers["Retry-After"]
        assert slow.recv(4096).startswith(b"HTTP/1.1 405")


def test_where_there_are_too_many_connections_one_more_is_closed(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "MOST", 1)
    with served(api) as root, _connected(root) as first, _connected(root) as second:
        assert _to_the_end(second) == b""
        first.sendall(b"GET /api/v1/nothing HTTP/1.1\r\nHost: here\r\n\r\n")
        assert first.recv(4096).startswith(b"HTTP/1.1 404")


def _to_the_end(one: socket.socket) -> bytes:
    found = b""
    try:
        while some := one.recv(65536):
            found += some
    except ConnectionResetError:
        pass
    return found


def test_a_question_to_the_record_that_takes_too_long_is_ended(database: Database):
    with open_app(database.app_url, longest=0.2, store=store()) as app:
        with pytest.raises(RecordUnavailable, match="statement timeout"):
            app.records.datastore.rows("SELECT pg_sleep(20)::text", [])
        assert app.records.max_position() == 0
