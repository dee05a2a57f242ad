"""A body's earlier records come on record: with their dates, once, and nobody is told of what is past."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain import accreditation
from domain.accreditation import AccreditationImported
from domain.appeal.causes import letters_of
from domain.ids import PROCESS_ROLE, derived_id
from domain.importing import Sheet
from domain.permissions import INSTALLER_ROLE
from domain.submission.past_events import DecisionImported
from infra.importing import read_file
from infra.projector import catch_up
from infra.store.vault import PostgresVault
from projections import board, register, reminders
from services import accreditations, people, preparation
from services.awards import accreditation_id
from services.going import facts_of
from services.import_rows import past_submission
from services.importing import WRITTEN, Imported, import_records
from services.keeping import HOLDS
from services.office import Work
from services.preparation import Programme
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.retaining import Keeping
from workflows.activities import STEPS

EXAMPLES = Path(__file__).parents[2] / "examples" / "import"
KINDS = ("providers", "people", "accreditations", "decisions")
MARK = factories.MAIN_SCHEME.parent / "cpd-mark.toml"


def bring(body: Body, kind: str, sheet: Sheet, *, dry_run: bool = False, by: tuple[str, str] | None = None) -> Imported:
    """Import a sheet, as the officer if nobody else is named."""
    actor, role = by or (body.officer, "officer")
    return import_records(
        body.office,
        body.command(actor, role),
        kind=kind,
        sheet=sheet,
        vault=PostgresVault(body.office.records.datastore),  # type: ignore[attr-defined]
        dry_run=dry_run,
    )


def example(kind: str, **changed: str) -> Sheet:
    """An example file; `changed` gives its first row other cells."""
    rows = list(
        csv.DictReader(
            io.StringIO((EXAMPLES / f"{kind}.csv").read_text(), newline=""), delimiter=";" if kind == "people" else ","
        )
    )
    return sheet_of([{**rows[0], **changed}, *rows[1:]] if changed else rows)


def sheet_of(rows: Sequence[Mapping[str, str]]) -> Sheet:
    """Rows by column as a sheet."""
    header = list(rows[0])
    return Sheet(header=header, rows=[(number, [row[one] for one in header]) for number, row in enumerate(rows, 2)])


def award_of(reference: str) -> str:
    return accreditation_id(past_submission("accreditations", reference))


@pytest.fixture
def brought(body: Body) -> Body:
    """The body, with providers and people imported."""
    for kind in KINDS[:2]:
        assert bring(body, kind, example(kind)).faults == []
    return body


def faults_of(done: Imported) -> list[tuple[int | None, str | None, str]]:
    return [(one.row, one.column, one.problem) for one in done.faults]


def test_the_examples_are_imported_as_they_are_and_a_second_time_nothing_changes(body: Body, database: Database):
    first = {kind: bring(body, kind, read_file(EXAMPLES / f"{kind}.csv")) for kind in KINDS}
    position = body.office.records.max_position()  # type: ignore[attr-defined]
    again = {kind: bring(body, kind, read_file(EXAMPLES / f"{kind}.csv")) for kind in KINDS}

    assert {kind: (one.faults, one.written) for kind, one in first.items()} == {
        "providers": ([], 3), "people": ([], 5), "accreditations": ([], 5), "decisions": ([], 2),
    }  # fmt: skip
    assert {kind: (one.new, one.same, one.written, list(one.differences)) for kind, one in again.items()} == {
        kind: (0, one.rows, 0, []) for kind, one in first.items()
    }
    assert body.office.records.max_position() == position  # type: ignore[attr-defined]


def test_a_past_award_is_on_the_register_on_every_date_of_its_past(brought: Body, database: Database):
    bring(brought, "accreditations", example("accreditations"))
    catch_up(brought.office.records)  # type: ignore[arg-type]
    known = {
        award_of(one): one for one in ("ACC/2025/014", "ACC/2024/003", "ACC/2019/007", "ACC/2024/021", "ACC/2025/030")
    }

    def valid(at: datetime) -> set[str]:
        with psycopg.connect(database.app_url) as connection:
            return {known[one.accreditation] for one in register.valid(connection, at=at)}

    assert valid(datetime(2019, 9, 1, 22, 59, tzinfo=UTC)) == set()
    assert valid(datetime(2019, 9, 1, 23, tzinfo=UTC)) == {"ACC/2019/007"}  # the day begins in London, in summer
    assert valid(datetime(2022, 9, 2, tzinfo=UTC)) == set()
    assert valid(datetime(2025, 5, 20, tzinfo=UTC)) == {"ACC/2025/014", "ACC/2024/021"}  # the other is suspended
    assert valid(datetime(2025, 10, 20, tzinfo=UTC)) == {"ACC/2025/014", "ACC/2024/003", "ACC/2024/021", "ACC/2025/030"}
    assert valid(datetime(2025, 11, 4, tzinfo=UTC)) == {"ACC/2025/014", "ACC/2024/003", "ACC/2025/030"}
    assert valid(datetime(2027, 1, 31, 23, 59, tzinfo=UTC)) >= {"ACC/2024/003"}
    assert "ACC/2024/003" not in valid(datetime(2027, 2, 1, tzinfo=UTC))
    with psycopg.connect(database.app_url) as connection:
        [limited] = register.periods(connection, award_of("ACC/2025/030"))
        [withdrawn] = register.periods(connection, award_of("ACC/2024/021"))
    assert (limited.scope is not None, withdrawn.withdrawn) == (True, True)


def test_events_of_the_past_hold_since_then_and_are_recorded_now_without_a_word_of_anybody(brought: Body, clock: Clock):
    begun = datetime.now(UTC)
    for kind in KINDS[2:]:
        bring(brought, kind, example(kind))
    [decided] = brought.recorded(past_submission("accreditations", "ACC/2019/007"))
    [awarded] = brought.recorded(award_of("ACC/2019/007"))

    assert decided.at == awarded.at == awarded.event.starts_at == datetime(2019, 9, 1, 23, tzinfo=UTC)
    assert awarded.recorded_at >= begun
    assert (decided.scheme, awarded.scheme, awarded.event.lapsed) == ("cpd-qa@1", "cpd-qa@1", True)
    states = brought.office.records.datastore.rows("SELECT convert_from(state, 'utf8') FROM record.events", [])  # type: ignore[attr-defined]
    whole = "\n".join(state for (state,) in states if "SchemeVersionPublished" not in state)
    for kind in KINDS:
        for _, cells in example(kind).rows:
            told = dict(zip(example(kind).header, cells, strict=True))
            for column in ("reference", "name", "email", "address", "title", "scope"):
                assert not told.get(column) or told[column] not in whole


def test_of_what_is_past_nobody_is_told_and_of_what_comes_as_usual(brought: Body, database: Database, clock: Clock):
    """Given the clock stands at March 2026, an award until January 2027 is reminded of from then on only."""
    bring(brought, "accreditations", example("accreditations"))
    catch_up(brought.office.records)  # type: ignore[arg-type]
    events = brought.office.records.read_log(0, 10_000)
    of_awards = [one for one in events if one.stream.startswith(("accreditation-", "submission-"))]

    assert {letter for one in of_awards for letter in letters_of(one.event)} == set()
    assert {type(one.event) for one in of_awards} == {AccreditationImported, DecisionImported}
    with psycopg.connect(database.app_url) as connection:
        every = reminders.planned(connection, until=clock.at + timedelta(days=3650), at=clock.at)
        planned = [one for one in every if one.case_id.startswith(("accreditation-", "submission-"))]
        assert [one for one in of_awards if reminders.sent(connection, one.stream)] == []
    assert planned
    assert all(one.planned_for > clock.at for one in planned)
    running = {award_of(one) for one in ("ACC/2025/014", "ACC/2024/003", "ACC/2025/030")}
    assert {one.case_id for one in planned} == running
    of_one = [one.planned_for.date().isoformat() for one in planned if one.case_id == award_of("ACC/2024/003")]
    assert of_one == ["2026-07-31", "2026-11-01", "2027-01-01"]  # and not twelve months before, which is past


def test_what_has_ended_is_over_and_its_process_finds_nothing_to_do(brought: Body, clock: Clock):
    bring(brought, "accreditations", example("accreditations"))
    ended = brought.state(award_of("ACC/2019/007"))
    withdrawn = brought.state(award_of("ACC/2024/021"))
    running = brought.state(award_of("ACC/2024/003"))

    assert [(one.over, accreditation.due_next(one, at=clock.at)) for one in (ended, withdrawn)] == [(True, None)] * 2
    assert (ended.standing(clock.at), withdrawn.standing(clock.at)) == ("lapsed", "withdrawn")
    due = accreditation.due_next(running, at=clock.at)
    assert due is not None
    assert due.step == "remind_of_end"
    assert due.at > clock.at


def test_a_year_that_is_to_be_confirmed_now_is_asked_about_now_and_those_confirmed_are_not(office: Any, clock: Clock):
    """Given yearly certificates, an award of April 2024 whose second year was confirmed is asked about its third."""
    body = factories.open_body(office, source=MARK.read_text(encoding="utf-8"), now=clock)
    scheme = body.scheme
    place = {"scheme": scheme.id, "provider_type": scheme.provider_types[0], "size_band": scheme.size_bands[0]}
    bring(body, "providers", sheet_of([{"reference": "P", "name": "A provider", **place}]))
    bring(
        body,
        "people",
        sheet_of([{"reference": "C", "name": "Jo", "email": "jo@x.org", "provider": "P", "scheme": scheme.id}]),
    )
    said = {
        "provider": "P", "scheme": scheme.ref, "category": scheme.categories[0], "subject": scheme.subjects[0],
        "phase": scheme.phases[0], "level": scheme.awards[0].name,
    }  # fmt: skip
    rows = [
        {"reference": "asked", "title": "Asked", "starts_on": "2024-03-20", "confirmed_to": "2", **said},
        {"reference": "not-yet", "title": "Not yet", "starts_on": "2025-09-01", "confirmed_to": "", **said},
        {"reference": "all", "title": "All", "starts_on": "2024-03-20", "confirmed_to": "3", **said},
    ]
    done = bring(body, "accreditations", sheet_of(rows))
    states = {row["reference"]: body.state(award_of(row["reference"])) for row in rows}
    due = {name: accreditation.due_next(state, at=clock.at) for name, state in states.items()}

    assert (done.faults, done.written) == ([], 3)
    assert [len(state.certificates) for state in states.values()] == [2, 1, 3]
    asked, later = due["asked"], due["not-yet"]
    assert asked is not None
    assert later is not None
    assert due["all"] is not None
    assert (asked.step, due["all"].step) == ("ask_confirmation", "remind_of_end")
    assert asked.at <= clock.at < later.at
    case = award_of("asked")
    STEPS["ask_confirmation"](body.office, body.command(case, PROCESS_ROLE), case=case)
    assert (body.state(case).asked.year, body.state(case).asked.clock.due_at > clock.at) == (3, True)


@pytest.mark.parametrize(
    ("changed", "column", "problem"),
    [
        ({"scheme": "cpd-qa@7"}, "scheme", "'cpd-qa@7' is not published"),
        ({"scheme": "unknown@1"}, "scheme", "'unknown@1' is not published"),
        ({"provider": "P-999"}, "provider", "there is no such provider"),
        ({"contact": "C-002"}, "contact", "does not speak for the provider"),
        ({"contact": "C-999"}, "contact", "there is no such person"),
        ({"assessor": "A-999"}, "assessor", "there is no such person"),
        ({"level": "platinum"}, "level", "'platinum' is not one of this scheme's"),
        ({"subject": "alchemy"}, "subject", "'alchemy' is not one of this scheme's"),
        ({"areas": "2.1 9.9"}, "areas", "'9.9' is not one of this scheme's"),
        ({"starts_on": "2026-03-03"}, "starts_on", "it has not begun yet"),
        ({"ends_on": "2025-03-09"}, "ends_on", "it ends before it begins"),
        ({"suspended_on": "2025-01-01"}, "suspended_on", "not within its validity"),
        ({"reinstated_on": "2025-06-01"}, "reinstated_on", "it was not suspended"),
        ({"suspended_on": "2025-06-01", "reinstated_on": "2025-06-01"}, "reinstated_on", "not behind the day"),
        ({"withdrawn_on": "2026-06-01"}, "withdrawn_on", "not within its validity"),
        ({"confirmed_to": "2"}, "confirmed_to", "it has no year 2"),
        ({"title": "=1"}, "title", "begins like a formula"),
    ],
    ids=lambda one: "-".join(map("=".join, one.items())) if isinstance(one, dict) else None,
)
def test_a_fault_against_the_record_is_said_by_row_and_column_and_nothing_is_written(
    brought: Body, changed: dict[str, str], column: str, problem: str
):
    before = brought.office.records.max_position()  # type: ignore[attr-defined]
    faulty = example("accreditations", **changed)

    tried, done = (bring(brought, "accreditations", faulty, dry_run=dry) for dry in (True, False))

    assert [(row, where) for row, where, _ in faults_of(done)] == [(2, column)]
    assert problem in faults_of(done)[0][2]
    assert faults_of(tried) == faults_of(done)
    assert (done.written, brought.office.records.max_position()) == (0, before)  # type: ignore[attr-defined]


def test_a_dry_run_without_faults_says_what_would_come_and_writes_nothing(brought: Body):
    before = brought.office.records.max_position()  # type: ignore[attr-defined]

    tried = bring(brought, "accreditations", example("accreditations"), dry_run=True)

    assert (tried.rows, tried.new, tried.same, tried.written, tried.faults) == (5, 5, 0, 0, [])
    assert brought.office.records.max_position() == before  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("people", {"reference": "A-9", "name": "Other", "email": "P.VOSS@assessors.example", "subjects": "", "phases": "", "provider": "", "scheme": ""}, "email"),
        ("providers", {"reference": "P-9", "name": "SOCIETY of Number", "address": "", "scheme": "cpd-qa", "provider_type": "charity", "size_band": "small"}, "name"),
    ],
    ids=["address", "name"],
)  # fmt: skip
def test_who_is_on_record_under_another_reference_is_no_second_one(
    brought: Body, kind: str, row: dict[str, str], column: str
):
    assert [(one.row, one.column) for one in bring(brought, kind, sheet_of([row])).faults] == [(2, column)]


def test_a_corrected_file_says_what_differs_and_changes_nothing_while_new_rows_come(brought: Body):
    bring(brought, "accreditations", example("accreditations"))
    before = brought.recorded(award_of("ACC/2025/014"))
    corrected = {"ends_on": "2027-12-31", "title": "Reading aloud", "areas": "2.2", "assessor": "A-001"}
    sheet = example("accreditations", **corrected)
    new = [*sheet.rows[1][1]]
    new[0], new[4] = "ACC/2026/001", "Another"

    done = bring(brought, "accreditations", Sheet(header=sheet.header, rows=[*sheet.rows, (7, new)]))

    assert {(one.row, one.column) for one in done.differences} == {(2, column) for column in corrected}
    assert [one.on_record for one in done.differences if one.column == "areas"] == ["2.1"]
    assert (done.faults, done.new, done.same, done.written) == ([], 1, 4, 1)
    assert brought.recorded(award_of("ACC/2025/014")) == before
    people = bring(brought, "people", example("people", email="imogen@elsewhere.example"))
    assert [(one.column, one.on_record) for one in people.differences] == [("email", "imogen.aske@northfield.example")]


def test_in_batches_everything_comes_whole_and_in_order(brought: Body):
    """Given more rows than one transaction takes, of which a part is there already."""
    rows = [dict(zip(example("accreditations").header, example("accreditations").rows[0][1], strict=True))] * (
        2 * WRITTEN + 3
    )
    many = sheet_of([row | {"reference": f"ACC/{n}", "title": f"Programme {n}"} for n, row in enumerate(rows)])
    bring(brought, "accreditations", replace(many, rows=many.rows[3 : WRITTEN // 2]))
    told: list[tuple[str, int, int]] = []
    done = import_records(
        brought.office, brought.command(brought.officer, "officer"), kind="accreditations", sheet=many,
        vault=PostgresVault(brought.office.records.datastore),  # type: ignore[attr-defined]
        progress=lambda *said: told.append(said),
    )  # fmt: skip

    assert done.written == len(many.rows) - (WRITTEN // 2 - 3)
    assert told[-1] == ("written", len(many.rows), len(many.rows))
    assert all(len(brought.recorded(award_of(f"ACC/{n}"))) == 1 for n in range(len(many.rows)))
    cases = brought.state(derived_id("provider", "imported", "P-001")).cases
    assert {award_of(f"ACC/{n}") for n in range(len(many.rows))} <= cases


def test_an_imported_award_is_earned_again_by_its_areas_and_not_by_who_assessed_it(brought: Body, clock: Clock):
    """Given an award that ends within the year, its provider registers to earn it again, the light-touch way."""
    bring(brought, "accreditations", example("accreditations"))
    contact = derived_id("person", "imported", "C-002")
    case, award = past_submission("accreditations", "ACC/2024/003"), award_of("ACC/2024/003")
    scheme = brought.scheme
    command = brought.command(contact, "provider")
    preparation.register_programme(
        brought.office,
        command,
        scheme=scheme.id,
        provider=derived_id("provider", "imported", "P-002"),
        programme=Programme(
            title="Fractions again", category="single-programme", subject="mathematics", phase="primary", mode=scheme.modes[0],
            roll=1, applies=factories.none_applies(brought),
        ),
        agreement_accepted=True,
        follows=case,
        accreditation=award,
    )  # fmt: skip
    again = brought.submission(preparation.submission_id(command.id))

    assert again.registration.origin == "reaccreditation"
    assert set(again.registration.criteria) == set(scheme.judged_again(("2.2", "3.1")))
    work = accreditations.Work(brought.office, command, about=case)
    assert accreditations.who_assessed(work, award) == {derived_id("person", "imported", "A-001")}


def test_who_was_not_awarded_before_may_come_again_after_that_decision(brought: Body):
    bring(brought, "decisions", example("decisions"))
    earlier = past_submission("decisions", "DEC/2023/112")
    provider = factories.Provider(
        id=derived_id("provider", "imported", "P-001"), contact=derived_id("person", "imported", "C-001")
    )

    case = factories.register(brought, provider, follows=earlier)

    assert brought.submission(case).registration.origin == "again"
    assert brought.submission(earlier).linked == (case,)


def test_a_suspension_that_lasts_can_be_reviewed_and_lifted_here(brought: Body, clock: Clock):
    bring(brought, "accreditations", example("accreditations", suspended_on="2026-01-12"))
    case = award_of("ACC/2025/014")
    [concern] = brought.state(case).concerns
    assert brought.state(case).standing(clock.at) == "suspended"

    brought.by_officer(accreditations.open_review, case=case, concern=concern, reviewer=brought.chair)
    brought.by_chair(
        accreditations.conclude_review, case=case, concern=concern, finding="reinstate", reason="It is put right."
    )

    assert brought.state(case).standing(clock.at) == "accredited"


def test_a_past_decision_is_on_the_board_as_decided_and_told(brought: Body, database: Database):
    bring(brought, "decisions", example("decisions"))
    catch_up(brought.office.records)  # type: ignore[arg-type]
    case = past_submission("decisions", "DEC/2018/040")
    with psycopg.connect(database.app_url) as connection:
        row = board.find(connection, [case])[case]

    assert (row.stage, row.origin, row.outcome, row.level, row.released) == (
        "decided", "imported", "awarded", "accredited", True,
    )  # fmt: skip


def test_nobody_but_an_officer_or_the_installer_imports(body: Body):
    for actor, role in ((body.chair, "chair"), (body.assessors[0], "assessor"), (body.assessors[0], "officer")):
        with refused("acting-role"):
            bring(body, "providers", example("providers"), by=(actor, role))
    assert bring(body, "providers", example("providers"), by=("installer", INSTALLER_ROLE)).written == 3


def test_to_an_officer_with_a_conflict_the_provider_is_not_there(brought: Body):
    provider = derived_id("provider", "imported", "P-001")
    brought.by(
        people.declare_conflict, brought.officer, "officer", id=brought.officer, provider=provider, kind="family"
    )

    done = bring(brought, "accreditations", example("accreditations"))

    assert faults_of(done) == [(2, "provider", "there is no such provider")]


def test_what_is_kept_of_past_awards_goes_by_their_dates_and_not_by_the_day_of_the_import(keeping: Keeping):
    """Given the policy keeps what is on the register for ten years after the end: of an award until September 2022, to 2032."""
    body = keeping.body
    for kind in KINDS:
        bring(body, kind, example(kind))
    facts = facts_of(Work(body.office, body.command(body.officer, "officer"), about=HOLDS), keeping.seen, at=body.now())

    kept = facts.texts(past_submission("accreditations", "ACC/2019/007"))

    assert {(one.kind, one.until.at) for one in kept} == {("register", datetime(2032, 9, 1, 23, tzinfo=UTC))}
    assert len(kept) == 2
