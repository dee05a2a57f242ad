"""A case of 1,000 events replayed as its assessor saw it, beside loading and decoding the same events: what relations and words cost."""

from datetime import UTC, datetime
from typing import Any, Final

from bench.row import Row, in_turns, median_seconds
from bench.server import fresh_server
from domain.submission.events import JudgementRecorded
from infra.api.caller import Api
from infra.bootstrap import App, open_app
from infra.identity.known import NotKnown
from infra.logs import configure_logging
from infra.projector import catch_up
from infra.replay.looks import Eyes
from infra.replay.past import moment_of
from infra.replay.seen import replay
from services.ports import Batch, Change
from tests import factories

EVENTS: Final = 1_000
CALLS: Final = 20
MOST: Final = 0.05
"""Seconds that a replay may take; the row is over these, so that at most 1 is met."""


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    with fresh_server() as server, open_app(server.app_url) as app:
        case, assessor = long_case(app)
        api = Api(app=app, identify=_nobody)
        decoding, replaying = in_turns(5, lambda: _decode(app, case), lambda: _replay(api, case, assessor))
    what = f"replay of a case of {EVENTS:,} events as its assessor saw it"
    return [
        Row(what=f"{what}, over reading and decoding them", unit="ms", value=replaying, base=decoding, target=6),
        Row(what=f"{what}, over 50 ms", unit="ms", value=replaying, base=1000 * MOST, target=1),
    ]


def long_case(app: App) -> tuple[str, str]:
    """A case that is being judged, and judged again, until it has so many events; with its assessor."""
    body = factories.open_body(app.office)
    case = factories.brought(body, "judged")
    recorded = body.recorded(case)
    judged = [one.event for one in recorded if isinstance(one.event, JudgementRecorded)]
    command = body.command(body.submission(case).assessor or "", "assessor")
    events = [judged[number % len(judged)] for number in range(EVENTS - len(recorded))]
    app.records.append(Batch(command=command, changes=[Change(stream=case, expected=len(recorded), events=events)]))
    catch_up(app.records)
    return case, command.actor


def _decode(app: App, case: str) -> float:
    return 1000 * median_seconds(CALLS, lambda _: app.records.load(case))


def _replay(api: Api, case: str, assessor: str) -> float:
    def once(_: int) -> None:
        moment = moment_of(api.app.records, case, now=datetime.now(UTC), version=EVENTS)
        found = replay(api, case, moment, eyes=Eyes(person=assessor, role="assessor"))
        assert len(found.history) > EVENTS // 2, len(found.history)

    return 1000 * median_seconds(CALLS, once)


def _nobody(_token: str, _at: datetime) -> Any:
    raise NotKnown("nobody signs in to a benchmark")
