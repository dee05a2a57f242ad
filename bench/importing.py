"""How long past accreditations take to come on record, beside copying the same bytes into a bare table.

Import: the rows are looked at whole, then written by the service in its batches, as `assay import` does it.
Copy: the events, texts and their ids that this made, written by COPY in one transaction, which is as fast as the database can.
"""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg

from bench.row import Row
from bench.server import Server, fresh_server
from domain.importing import Sheet
from domain.permissions import INSTALLER_ROLE
from infra.bootstrap import App, open_app
from services.importing import Imported, import_records
from services.ports import Command
from services.schemes import publish_scheme
from tests.factories import MAIN_SCHEME

AWARDS: Final = 4_000
PER_PROVIDER: Final = 10
YEARS: Final = 6
"""Over which they began; with three years of validity half of them have ended."""
TODAY: Final = date(2026, 11, 20)


def rows() -> list[Row]:
    """Measure on a server of its own."""
    with fresh_server() as server, open_app(server.app_url, pool_size=2) as app:
        prepare(app, AWARDS)
        before = app.records.max_position()
        sheet = awards(AWARDS)
        began = time.perf_counter()
        done = bring(app, "accreditations", sheet)
        value = time.perf_counter() - began
        assert done.written == AWARDS, done.faults[:3]
        base = copied(server, before)
    what = f"import of {AWARDS:,} past accreditations, against COPY of the same bytes"
    return [Row(what=what, unit="s", value=value, base=base, target=40.0)]


def prepare(app: App, count: int) -> None:
    """Publish the main scheme, and import the providers of so many awards, each with a contact, and some assessors."""
    at = datetime.now(UTC)
    by_installer = Command(id="publish", actor="installer", role=INSTALLER_ROLE, at=at)
    publish_scheme(app.office, by_installer, source=MAIN_SCHEME.read_text(encoding="utf-8"), file="scheme.toml")
    owners = range(-(-count // PER_PROVIDER))
    providers = [[f"P-{one}", f"Provider {one}", "1 Test Street", "cpd-qa", "charity", "small"] for one in owners]
    people = [[f"C-{one}", f"Contact {one}", f"c{one}@provider.example", f"P-{one}", "cpd-qa"] for one in owners]
    assessors = [[f"A-{one}", f"Assessor {one}", f"a{one}@people.example", "", ""] for one in range(40)]
    for kind, header, found in (
        ("providers", "reference name address scheme provider_type size_band", providers),
        ("people", "reference name email provider scheme", people + assessors),
    ):
        done = bring(app, kind, _sheet(header, found))
        assert done.written == len(found), done.faults[:3]


def awards(count: int) -> Sheet:
    """So many awards, evenly over the last years and the providers, each with its decision."""
    header = "reference provider scheme title category subject phase level starts_on assessor strengths areas"
    return _sheet(header, [_award(one, count) for one in range(count)])


def bring(app: App, kind: str, sheet: Sheet) -> Imported:
    """Import a sheet, as the command does."""
    command = Command(id="import", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
    return import_records(app.office, command, kind=kind, sheet=sheet, vault=app.vault)


def _award(number: int, count: int) -> Sequence[str]:
    began = TODAY - timedelta(days=1 + number * YEARS * 365 // count)
    return [
        f"ACC/{number}", f"P-{number // PER_PROVIDER}", "cpd-qa@1", f"Programme {number}", "single-programme",
        "mathematics", "primary", "accredited", began.isoformat(), f"A-{number % 40}", "1.1", "2.1 3.2",
    ]  # fmt: skip


def _sheet(header: str, found: Sequence[Sequence[str]]) -> Sheet:
    return Sheet(header=header.split(), rows=list(enumerate(found, start=2)))


def copied(server: Server, before: int) -> float:
    """Return the seconds that COPY takes for all that was written behind a position."""
    with psycopg.connect(server.admin_url) as connection:
        events: list[Any] = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM record.events WHERE notification_id > %s",
            [before],
        ).fetchall()
        texts = connection.execute("SELECT id, subject, salt, body FROM record.texts").fetchall()
        connection.execute("CREATE TABLE bare (LIKE record.events INCLUDING ALL)")
        connection.execute("CREATE TABLE bare_texts (LIKE record.texts INCLUDING ALL)")
        connection.commit()
        began = time.perf_counter()
        with connection.cursor() as cursor:
            columns = "(originator_id, originator_version, topic, state)"
            with cursor.copy(f"COPY bare {columns} FROM STDIN") as copy:
                for row in events:
                    copy.write_row(row)
            with cursor.copy("COPY bare_texts (id, subject, salt, body) FROM STDIN") as copy:
                for row in texts:
                    copy.write_row(row)
        connection.commit()
        return time.perf_counter() - began
