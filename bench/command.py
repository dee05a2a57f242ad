"""Whole commands as people give them, on cases of ordinary length, against one bare locked insert; and replay of a long case."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench.row import Row, in_turns, median_seconds
from bench.server import fresh_server
from bench.store import THREADS, bare_insert, rate
from domain.ids import derived_id
from domain.qualification import kinds_asked
from domain.scheme_file import read_scheme
from domain.submission.state import Submission, evolve
from infra.bootstrap import App, folder_store, open_app
from infra.play.cast import publish
from infra.play.papers import hand_over
from services import assessment, people, preparation, providers, screening, windows
from services.assessment import Judgement
from services.ports import Command
from services.preparation import Programme

PILOT = Path(__file__).parents[1] / "examples" / "pilot" / "scheme.toml"
NOW = datetime.now(UTC)
CASES = 160
LENGTH = 50
"""Events of a case when a command is given on it."""

_numbers = count()


def rows() -> list[Row]:
    """Measure on a server of its own."""
    with (
        fresh_server() as server,
        TemporaryDirectory() as folder,
        open_app(server.app_url, pool_size=THREADS, store=folder_store(Path(folder))) as app,
    ):
        with psycopg.connect(server.admin_url) as connection:
            connection.execute("CREATE TABLE bare (LIKE record.events INCLUDING ALL)")
        judge = prepare(app)
        bare = [psycopg.connect(server.admin_url) for _ in range(THREADS)]
        found = [command_row(bare[0], judge), commands_row(bare, judge), replay_row(server.app_url, app, judge)]
        for one in bare:
            one.close()
        return found


def command_row(bare: psycopg.Connection[Any], judge: Callable[[int], None]) -> Row:
    """One command after another."""

    def base() -> float:
        stream = f"submission-{next(_numbers):016}"
        return median_seconds(200, lambda number: bare_insert(bare, stream, number + 1)) * 1e3

    base_ms, value_ms = in_turns(7, base, lambda: median_seconds(CASES, judge) * 1e3)
    what = f"a whole command (authorise, load {LENGTH} events, decide, append), p50"
    return Row(what=what, unit="ms", value=value_ms, base=base_ms, target=4.0)


def commands_row(bare: list[psycopg.Connection[Any]], judge: Callable[[int], None]) -> Row:
    """Commands from several threads, on different cases, against bare inserts from as many."""

    def base() -> float:
        streams = [f"submission-{next(_numbers):016}" for _ in bare]
        return rate(300, lambda thread, number: bare_insert(bare[thread], streams[thread], number + 1))

    def value() -> float:
        return rate(100, lambda thread, number: judge(number * THREADS + thread))

    base_rate, value_rate = in_turns(5, base, value)
    what = f"whole commands a second, {THREADS} threads"
    return Row(what=what, unit="/s", value=value_rate, base=base_rate, target=0.4, at_least=True)


def replay_row(url: str, app: App, judge: Callable[[int], None]) -> Row:
    """The state of a submission of 200 events, against reading and parsing its bytes and no more."""
    events = 200
    stream = judge_until(app, judge, events)
    with psycopg.connect(url) as connection:

        def bare(_: int) -> None:
            statement = "SELECT state FROM record.events WHERE originator_id = %s ORDER BY originator_version LIMIT %s"
            parsed = [json.loads(state) for (state,) in connection.execute(statement, [stream, events])]
            assert len(parsed) == events

        def replay(_: int) -> None:
            assert app.records.replay(stream, evolve, Submission(), version=events).assessor

        measure = partial(median_seconds, 100)
        base, value = in_turns(9, lambda: measure(bare) / events * 1e6, lambda: measure(replay) / events * 1e6)
    return Row(
        what=f"replay of {events} events of a submission, per event", unit="µs", value=value, base=base, target=1.2
    )


def judge_until(app: App, judge: Callable[[int], None], events: int) -> str:
    """Judge the first case until it is `events` long; return its id."""
    stream = _case(0)
    while len(app.records.load(stream)[stream]) < events:
        judge(0)
    return stream


def _case(number: int) -> str:
    return preparation.submission_id(f"bench/{number}/programme")


def prepare(app: App) -> Callable[[int], None]:
    """Bring cases into assessment, each `LENGTH` events long; return what gives the next command on case `number`."""
    source = PILOT.read_text().replace('submit_within = "PT14S"', 'submit_within = "P1D"')
    scheme = read_scheme(source)
    publish(app.office, source, "pilot", scheme, NOW)
    turns = [0] * CASES
    assigned = [""] * CASES
    locks = [threading.Lock() for _ in range(CASES)]

    def do(service: Callable[..., Any], who: str, role: str, what: str, /, **arguments: Any) -> None:
        service(app.office, Command(id=f"bench/{what}", actor=who, role=role, at=NOW), **arguments)

    officer = derived_id("person", "bench", "officer")
    assessors = [
        derived_id("person", "bench", "assessor", str(one)) for one in range(CASES // scheme.assessor_capacity)
    ]
    for person, role in ((officer, "officer"), *((one, "assessor") for one in assessors)):
        given = None if role == "officer" else scheme.id
        do(
            people.register_person,
            "x",
            "installer",
            f"{person} known",
            id=person,
            name=role,
            email=f"{person}@b.example",
        )
        do(people.give_role, "x", "installer", f"{person} given", id=person, role=role, scheme=given)
    expires = NOW + timedelta(days=9)
    for one in assessors:
        for kind in ("assessing", *kinds_asked("assessor", scheme)):
            training = {"id": one, "kind": kind, "scheme": scheme.id, "expires_at": expires}
            do(people.record_training, officer, "officer", f"{one} trained in {kind}", **training)
        do(people.sign_non_disclosure, one, "assessor", f"{one} signed")
    instants = {"opens_at": NOW - timedelta(hours=1), "closes_at": NOW + timedelta(hours=1)}
    do(windows.schedule_window, officer, "officer", "window", scheme=scheme.id, **instants)

    def judge(number: int) -> None:
        at = number % CASES
        with locks[at]:  # two threads on one case would measure their quarrel
            turns[at] += 1
            level, code = scheme.scale[turns[at] % 2 + 1], list(scheme.criteria)[turns[at] // 2 % 9]
            signs = {one.code: level for one in scheme.criteria[code].indicators}
            judgement = Judgement(level=level, reason="What the evidence shows", cites=(_digest(at),), indicators=signs)
            do(
                assessment.judge,
                assigned[at],
                "assessor",
                f"{at}/judged/{turns[at]}",
                case=_case(at),
                judgements={code: judgement},
            )

    for number in range(CASES):
        assigned[number] = _bring_into_assessment(app, do, scheme.id, officer, number)
        while (turns[number] < 1) or len(app.records.load(_case(number))[_case(number)]) < LENGTH:
            judge(number)
    return judge


def _content(number: int) -> bytes:
    return f"Evidence {number}".encode()


def _digest(number: int) -> str:
    return sha256(_content(number)).hexdigest()


def _bring_into_assessment(app: App, do: Callable[..., None], scheme: str, officer: str, number: int) -> str:
    from domain.submission.events import Evidence

    case, what = _case(number), f"{number}/provider"
    contact, provider = providers.contact_id(f"bench/{what}"), providers.provider_id(f"bench/{what}")
    said = {"name": "P", "address": "A", "contact_name": "C", "contact_email": f"{number}@d.example"}
    kind = {"provider_type": "charity", "size_band": "small"}
    do(providers.register_provider, contact, "provider", what, scheme=scheme, **said, **kind)
    programme = Programme(title="T", category="one-off", subject="general", phase="primary", mode="online")
    given = {"scheme": scheme, "provider": provider, "programme": programme, "agreement_accepted": True}
    do(preparation.register_programme, contact, "provider", f"{number}/programme", **given)
    kind_of_file, size = "text/plain", len(_content(number))
    codes = [f"{section}.{one}" for section in (1, 2, 3) for one in (1, 2, 3)]
    portfolio = {
        "window_id": windows.window_id("bench/window"),
        "answers": dict.fromkeys(codes, "An answer"),
        "evidence": [Evidence(criterion="1.1", sha256=_digest(number), media_type=kind_of_file, size=size)],
    }
    said_of_file: dict[str, Any] = {"case": case, "content": _content(number), "kind": kind_of_file}
    do(hand_over, contact, "provider", f"{number}/file", files=app.files, **said_of_file)
    do(preparation.submit_portfolio, contact, "provider", f"{number}/portfolio", case=case, **portfolio)
    for fee, amount in (("registration", 20000), ("submission", 150000)):
        do(preparation.pay_fee, officer, "officer", f"{number}/{fee}", case=case, kind=fee, amount=amount)
    do(screening.pass_screening, officer, "officer", f"{number}/screened", case=case)
    do(assessment.assign_assessor, case, "process", f"{number}/assigned", case=case)
    assessor: str = app.records.replay(case, evolve, Submission()).assessor or ""
    do(assessment.accept_assignment, assessor, "assessor", f"{number}/accepted", case=case)
    return assessor
