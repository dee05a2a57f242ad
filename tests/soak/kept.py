"""Whether the record and the answers say the same: what was answered with success is kept, once, and nothing else is there."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from infra.store.records import PostgresRecords
from services.ports import Recorded
from tests.soak.crowd import Given, Notes

PAGE: Final = 5_000
ATTEMPT: Final = "AttemptRefused"
"""What a refusal may leave on record: that somebody tried."""

Event = tuple[str, int, str]
"""Stream, version and name of an event."""


def recorded(records: PostgresRecords, after: int) -> list[Recorded]:
    """All that was recorded after a position."""
    found: list[Recorded] = []
    while page := records.read_log(found[-1].position if found else after, PAGE):
        found += page
    return found


def of_clients(log: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """What clients' commands recorded, by command."""
    found = defaultdict(list)
    for one in log:
        if one.command.startswith("api-"):
            found[one.command].append(one)
    return found


def check_kept(records: PostgresRecords, notes: Notes, after: int) -> None:
    """Hold the answers against what was recorded after a position.

    Every command was answered at last, so that whatever the record has of clients has to be what one of them was told.
    """
    log = of_clients(recorded(records, after))
    whose = {(one.stream, one.version): command for command, events in log.items() for one in events}
    told: dict[str, Given] = {}
    for one in notes.given:
        assert one.answer is not None, f"{one.key} was never answered"
        assert one.answer.status != 503, f"{one.key} was never answered"
        if not (did := one.did) or not did["events"]:
            continue  # refused, or it changed nothing
        commands = {whose.get((event["stream"], event["version"])) for event in did["events"]}
        assert len(commands) == 1, f"{one.key} was told of what is not on record as its own: {did}"
        command = commands.pop()
        assert command, f"{one.key} was told of what is not kept: {did}"
        assert command not in told, f"{one.key} and {told[command].key} were told of the same"
        told[command] = one
        _same(one, did, log[command])
    untold = [one for command, events in log.items() if command not in told for one in events]
    assert [one for one in untold if not one.name.startswith(ATTEMPT)] == []


def _same(given: Given, did: dict[str, Any], events: list[Recorded]) -> None:
    said: list[Event] = sorted((one["stream"], one["version"], one["name"]) for one in did["events"])
    kept: list[Event] = sorted((one.stream, one.version, one.name.partition(".")[0]) for one in events)
    assert said == kept, f"{given.key} was told of {said}, and there is {kept}"
    assert did["position"] == max(one.position for one in events), given.key
