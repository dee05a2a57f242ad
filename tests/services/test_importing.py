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
from domain.refusals import Refused
from domain.submission.past_events import DecisionImported
from infra.importing import read_bytes, read_file
from infra.projector import catch_up
from infra.store.vault import PostgresVault
from projections import board, register, reminders
from services import accreditations, assessment, moderation, people, preparation
from services.awards import accreditation_id
from services.import_rows import past_submission
from services.importing import WRITTEN, Imported, import_records
from services.preparation import Programme
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from workflows.activities import STEPS
from workflows.situation import situation_of

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
    rows = list(csv.DictReader(io.StringIO((EXAMPLES / f"{kind}.csv").read_text(), newline=""), delimiter=";" if kind == "people" else ","))
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
