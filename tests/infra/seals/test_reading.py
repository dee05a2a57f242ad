"""The record is read for a check in parts, by several processes, in one snapshot, and none of it is left out."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from infra.problems import CannotStart
from infra.seals.checking import ranges
from infra.seals.growing import Growing
from infra.seals.leaves import parts
from infra.seals.reading import BEGINNING, leaves, spans
from infra.seals.tree import leaf_hash
from tests.infra.seals.sealed import Record

HALF = "(SELECT notification_id FROM record.events ORDER BY notification_id OFFSET 40 LIMIT 1)"
"""An event that both checkpoints seal."""


def test_only_what_stands_behind_a_checkpoint_is_read_where_that_is_asked_for(record: Record):
    first, last = record.held
    report = record.check(since=first.size)
    assert (report.findings, report.events) == ([], last.size - first.size)

    [(position,)] = record.rows("SELECT max(notification_id) FROM record.events")
    record.tamper(f"UPDATE record.events SET state = state || '\\x20' WHERE notification_id IN (2, {position})")

    assert {one.position for one in record.found(since=first.size)} == {position, None}
    assert {one.position for one in record.found(quick=True)} == {2, position, None}


def test_a_checkpoint_that_there_is_not_is_no_beginning(record: Record):
    with pytest.raises(Exception, match="there is no checkpoint of 3 events"):
        record.check(since=3)


def test_the_tree_of_the_record_is_the_same_whether_it_grew_or_is_computed_at_once(record: Record):
    import psycopg

    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        made: list[Any] = list(leaves(connection, 0, 2**40))
    growing = Growing()
    for _ in growing.grow(b"".join(leaf_hash(one) for one in made)):
        pass
    assert growing.root() == record.held[-1].root
    assert [parts(one)[0] for one in made] == sorted(parts(one)[0] for one in made)


def test_a_long_log_is_read_in_parts_by_several_processes_and_the_same_is_found(
    record: Record, monkeypatch: pytest.MonkeyPatch
):
    [(position, stream)] = record.rows(
        "SELECT notification_id, originator_id FROM record.events WHERE originator_version = 3 ORDER BY 1 DESC LIMIT 1"
    )
    record.tamper(f"DELETE FROM record.events WHERE notification_id = {position}")
    at_once = record.found(quick=True)
    assert {one.stream for one in at_once} >= {stream}

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 150)
    report = record.check(quick=True)

    assert report.findings == at_once
    assert report.events == record.held[-1].size - 1


def test_the_parts_of_a_log_leave_nothing_out_whatever_gaps_it_has(record: Record):
    import psycopg

    last = record.rows("SELECT max(notification_id) FROM record.events")[0][0]
    record.tamper(
        f"DELETE FROM record.events WHERE notification_id BETWEEN {last - 90} AND {last - 20}",
        f"UPDATE record.events SET notification_id = -5 WHERE notification_id = {last - 2}",
        f"UPDATE record.events SET notification_id = {2**62} WHERE notification_id = {last - 1}",
    )

    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        parts_of = list(spans(connection, BEGINNING, 2**63 - 1, 40))
        read = [[parts(one)[0] for one in leaves(connection, *part)] for part in parts_of]

    positions = [position for (position,) in record.rows("SELECT notification_id FROM record.events ORDER BY 1")]
    assert [position for part in read for position in part] == positions
    assert all(1 <= len(part) <= 40 for part in read)
    assert [begin for begin, _ in parts_of[1:]] == [end for _, end in parts_of[:-1]]


def test_both_processes_see_the_record_as_it_was_when_the_check_began(record: Record, monkeypatch: pytest.MonkeyPatch):
    import psycopg

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 50)
    [(count, last)] = record.rows("SELECT count(*), max(notification_id) FROM record.events")
    with psycopg.connect(record.database.app_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        read = ranges.read_ranges(connection, record.database.app_url, BEGINNING, last, texts=False)
        found = [next(read)]
        record.tamper("DELETE FROM record.events WHERE notification_id > 50")
        found += read

    assert sum(one.events for one in found) == count
    assert len(found) > 4


def test_where_the_other_process_is_ended_it_is_said(record: Record, monkeypatch: pytest.MonkeyPatch):
    import psycopg

    class Ended(ProcessPoolExecutor):
        """One whose process is ended as soon as it is there, before it has read anything."""

        def submit(self, *asked: Any, **more: Any) -> Any:
            given = super().submit(*asked, **more)
            for one in multiprocessing.active_children():
                one.kill()
            return given

    monkeypatch.setattr(ranges, "LONG", 0)
    monkeypatch.setattr(ranges, "WIDE", 5)
    monkeypatch.setattr(ranges, "ProcessPoolExecutor", Ended)
    last = record.rows("SELECT max(notification_id) FROM record.events")[0][0]
    with psycopg.connect(record.database.app_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        read = ranges.read_ranges(connection, record.database.app_url, BEGINNING, last, texts=False)

        with pytest.raises(CannotStart, match="was ended"):
            list(read)
