"""A case of 1,000 events replayed, beside loading and decoding the same events, and over HTTP: what relations and words cost."""

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from bench.api import served, settings_for, token_for
from bench.row import Row, in_turns, median_seconds
from bench.server import fresh_server
from bench.wire import latency
from domain.submission.events import DecisionRecorded, JudgementRecorded
from infra.api.caller import Api
from infra.bootstrap import App, folder_store, open_app
from infra.identity.identify import open_doors
from infra.identity.known import NotKnown
from infra.logs import configure_logging
from infra.projector import catch_up
from infra.replay.looks import Eyes
from infra.replay.past import moment_of
from infra.replay.seen import replay
from services.ports import Batch, Change
from tests import factories
from tests.factories import Body

EVENTS: Final = 1_000
CALLS: Final = 20
MOST: Final = 0.05
"""Seconds that a replay may take; the rows are over these, so that at most 1 is met."""


def rows() -> list[Row]:
    """Measure on servers of its own."""
    configure_logging("warning")
    with (
        fresh_server() as server,
        tempfile.TemporaryDirectory() as folder,
        open_app(server.app_url, store=folder_store(Path(folder))) as app,
    ):
        body = factories.open_body(app.office)
        case, assessor = long_case(app, body)
        api = Api(app=app, identify=_nobody)
        decoding, replaying = in_turns(5, lambda: _decode(app, case), lambda: _replay(api, case, assessor))
        settings = settings_for(Path(folder), server.app_url)
        token = token_for(open_doors(settings, app.records.datastore), body.officer)
        with served(settings) as port:
            answering = _answering(port, body, case, {"Authorization": f"Bearer {token}", "Assay-Role": "officer"})
    what = f"replay of a case of {EVENTS:,} events as its assessor saw it"
    route = "replay over HTTP of such a case at its decision as its chair saw it, with what changed, was known and came later"
    return [
        Row(what=f"{what}, over reading and decoding them", unit="ms", value=replaying, base=decoding, target=6),
        Row(what=f"{what}, over 50 ms", unit="ms", value=replaying, base=1000 * MOST, target=1),
        Row(what=f"{route}, over 50 ms", unit="ms", value=answering, base=1000 * MOST, target=1),
    ]


def long_case(app: App, body: Body) -> tuple[str, str]:
    """A case that was judged, and judged again, until it had so many events, and then decided; with its assessor."""
    window = factories.schedule_window(body)
    case = factories.register(body)
    factories.settle(body, case)
    for reached in factories.course(body, case, window):
        if reached == "judged":
            assessor = body.submission(case).assessor or ""
            recorded = body.recorded(case)
            judged = [one.event for one in recorded if isinstance(one.event, JudgementRecorded)]
            events = [judged[number % len(judged)] for number in range(EVENTS - len(recorded))]
            change = Change(stream=case, expected=len(recorded), events=events)
            app.records.append(Batch(command=body.command(assessor, "assessor"), changes=[change]))
        factories.settle(body, case)
    catch_up(app.records)
    return case, assessor


def _answering(port: int, body: Body, case: str, headers: Mapping[str, str]) -> float:
    """The milliseconds of the route, asked for everything that it tells: by an officer, of what the chair saw at the decision."""
    recorded = body.recorded(case)
    decided = next(one.version for one in recorded if isinstance(one.event, DecisionRecorded))
    since = recorded[EVENTS // 2].recorded_at.isoformat().replace("+00:00", "Z")
    asked = {"version": decided, "person": body.chair, "person_role": "chair", "since": since, "decision": "true"}
    return 1000 * latency(port, f"/api/v1/cases/{case}/replay?{urlencode(asked)}", headers, calls=CALLS * 5)


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
