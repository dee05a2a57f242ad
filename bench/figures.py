"""Governance figures over a year's events of a large scheme, against reading the same rows of the log and no more."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.generate import BEGIN, insert, recorded
from bench.row import Row, in_turns
from bench.server import fresh_server
from domain.figures.agreeing import agreements, changes
from domain.figures.appealed import appeals
from domain.figures.asked import Asked
from domain.figures.facts import Facts
from domain.figures.outcomes import outcomes
from domain.figures.times import clocks, minutes, stage_times
from domain.scheme_file import read_scheme
from infra.bootstrap import codec
from infra.store.records import PostgresRecords
from services import conformance, figures
from services.office import Office

EVENTS: Final = 72_000
CASES: Final = 3_000
AT: Final = BEGIN + timedelta(days=400)
SCHEME: Final = Path(__file__).parents[1] / "schemes" / "cpd-qa.toml"


def rows() -> list[Row]:
    """Measure on a server of its own."""
    scheme = read_scheme(SCHEME.read_text(encoding="utf-8"))
    with fresh_server() as server, PostgresRecords(server.app_url, codec(), pool_size=2) as records:
        insert(server.admin_url, recorded(CASES, days=200, limit=EVENTS), codec())
        office = Office(records, schemes={scheme.ref: scheme})
        return [
            _row("the facts of all figures", office, lambda: len(_facts(office).cases), 3.0),
            _row("the facts and every figure made of them", office, lambda: _every(office), 5.0),
            _row("the way of every case, held against the process", office, lambda: _ways(office), 4.0),
        ]


def _row(what: str, office: Office, count: Callable[[], int], target: float) -> Row:
    base, value = in_turns(3, lambda: _seconds(lambda: sum(1 for _ in figures.log(office))), lambda: _seconds(count))
    what = f"{what} from {EVENTS:,} events of {CASES:,} cases, against reading and decoding them"
    return Row(what=what, unit="s", value=value, base=base, target=target)


def _seconds(count: Callable[[], int]) -> float:
    started = time.perf_counter()
    assert count()
    return time.perf_counter() - started


def _facts(office: Office) -> Facts:
    office.settled.clear()  # each time anew
    return figures.known(office, at=AT)


def _every(office: Office) -> int:
    facts, asked = _facts(office), Asked()
    return sum(
        len(list(made))
        for made in (
            agreements(facts, asked, figures.scales(office, AT)),
            changes(facts, asked),
            outcomes(facts, asked),
            stage_times(facts, asked, figures.calendars(office, AT), AT),
            minutes(facts, asked),
            clocks(facts, asked, AT),
            appeals(facts, asked),
        )
    )


def _ways(office: Office) -> int:
    return len(conformance.paths(office))
