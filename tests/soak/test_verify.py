"""A million events are checked against their checkpoint, and a single bit that was changed among them is found."""

import time
from pathlib import Path

import psycopg
import pytest

from bench.server import fresh_server
from bench.verify import checking, fill
from infra.seals.checking.check import Asked, verify
from infra.seals.keys import KeyFolder
from infra.seals.sealing import seal
from infra.settings import Settings

WITHIN = 10.0
"""Seconds on two cores that nobody else uses."""


@pytest.mark.soak
def test_a_million_events_are_checked_and_one_changed_bit_is_found(tmp_path: Path):
    settings = Settings(data=tmp_path)
    with fresh_server() as server:
        fill(server, 50_000, 20)
        begun = time.perf_counter()
        sealed = seal(settings, server.app_url)
        assert sealed.events == 1_000_000
        print(f"sealed in {time.perf_counter() - begun:.1f} s")
        seconds = min(1_000_000 / checking(server, settings) for _ in range(3))
        print(
            f"a million events checked in {seconds:.1f} s; at most {WITHIN:.0f} s are allowed where nothing else runs"
        )

        with psycopg.connect(server.admin_url) as connection:
            connection.execute("ALTER TABLE record.events DISABLE TRIGGER ALL")
            connection.execute(
                "UPDATE record.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE notification_id = 567890"
            )
        trusted = KeyFolder(settings.data, settings.sealing).trusted()
        found = verify(server.app_url, Asked(trusted=trusted, quick=True)).findings
        assert [one.position for one in found if one.position] == [567890]
