"""Made-up cases: the same for the same seed, at all stages, told in words, and never mixed into what is there unasked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.submission.state import Submission, evolve
from domain.texts import TextRef, digest_of
from infra.bootstrap import App, open_app
from infra.cli.reading import Reader
from infra.generate.case import DAY
from infra.generate.order import run_of, steps
from infra.generate.people import peopled
from infra.generate.writing import SPAN, Wanted, generate
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.read_models import connect
from infra.store.records import PostgresRecords
from projections import board, history
from services.ports import Recorded
from tests.conftest import Database

WANTED = Wanted(cases=120, seed=7, until=datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=2) as opened:
        yield opened


def logged(records: PostgresRecords) -> list[Recorded]:
    return records.read_log(0, 100_000)


def test_a_seed_gives_the_same_events_every_time(app: App) -> None:
    """Given a store filled by one run, what a second run would write is what the first one wrote."""
    written = generate(app, WANTED)
    log = [one for one in logged(app.records) if one.name != "SchemeVersionPublished.1"]

    begin = WANTED.until - SPAN * DAY
    made = steps(WANTED.cases, seed=WANTED.seed, begin=begin, days=SPAN, until=WANTED.until)
    again = list(peopled(made, run=run_of(WANTED.seed), at=begin - DAY))
    assert [(one.stream, one.at, one.actor, one.role, one.event) for one in log] == [
        (step.stream, step.at, step.actor, step.role, event) for step in again for event in step.events
    ]
    assert len({one.id for one in log}) == len(log) == written.events


def test_the_cases_are_at_all_stages_and_as_long_as_real_ones(app: App) -> None:
    generate(app, replace(WANTED, cases=300, seed=1))

    with connect(app.records.datastore.url) as connection:
        catch_up(app.records)
        stages = {one.stage: one.cases for one in board.counts(connection, at=WANTED.until)}
    log = logged(app.records)
    cases: dict[str, Submission] = {}
    for one in log:
        if one.stream.startswith("submission-"):
            cases[one.stream] = evolve(cases.get(one.stream, Submission()), one.event)
    folded = Counter(case.stage.value for case in cases.values())
    assert stages == folded
    assert sum(stages.values()) == 300
    assert {
        "preparing",
        "screening",
        "returned",
        "in_assessment",
        "awaiting_moderation",
        "in_moderation",
    } <= stages.keys()
    assert {"evidence_requested", "decided", "withdrawn", "ineligible"} <= stages.keys()
    assert 24 < len(log) / 300 < 28
    assert all(one.at <= WANTED.until for one in log)


def test_whoever_and_whatever_a_history_names_is_in_the_vault(app: App) -> None:
    generate(app, WANTED)

    reader = Reader(app)
    with connect(app.records.datastore.url) as connection:
        catch_up(app.records)
        for case in board.page(connection, at=WANTED.until, limit=200):
            said = [one.sentence for one in history.history(connection, case.submission)]
            reader.prepare(said)
            assert not [one for one in map(reader.say, said) if "erased" in one]


def test_a_text_is_the_one_that_its_event_names(app: App) -> None:
    generate(app, replace(WANTED, cases=20))

    rows = app.records.datastore.rows("SELECT id, salt, body FROM record.texts", [])
    kept = {id: digest_of(bytes(salt), body) for id, salt, body in rows}
    titles = [one.event.title for one in logged(app.records) if one.name.startswith("ProgrammeRegistered.")]
    assert len(titles) == 20
    assert [one for one in titles if TextRef(id=one.id, digest=kept[one.id]) != one] == []


def test_a_store_with_cases_is_left_alone_unless_more_are_asked_for(app: App) -> None:
    generate(app, replace(WANTED, cases=10))
    before = app.records.max_position()

    with pytest.raises(CannotStart, match="cases already"):
        generate(app, replace(WANTED, seed=8))
    with pytest.raises(CannotStart, match="another --seed"):
        generate(app, replace(WANTED, add=True))
    assert app.records.max_position() == before

    written = generate(app, replace(WANTED, cases=10, seed=8, add=True))
    assert app.records.max_position() == before + written.events


def test_progress_is_told_in_cases(app: App) -> None:
    told: list[tuple[int, int]] = []
    generate(app, replace(WANTED, cases=5), lambda done, of: told.append((done, of)))
    assert told == [(number, 5) for number in range(1, 6)]
