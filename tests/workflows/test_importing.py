"""Processes of awards that came from earlier records: asleep until something is due, woken by news, none for what is over."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowExecutionStatus

from domain.accreditation import AccreditationLapsed
from domain.clocks import ReminderSent
from domain.ids import derived_id
from domain.importing import Sheet
from infra import signaller
from infra.processes import states
from infra.store.vault import PostgresVault
from services import accreditations
from services.awards import accreditation_id
from services.import_rows import past_submission
from services.importing import import_records
from tests import factories
from tests.factories import Body
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, steps_taken

LONDON = ZoneInfo("Europe/London")


def bring(machinery: Machinery, body: Body, kind: str, *rows: Mapping[str, str]) -> None:
    sheet = Sheet(header=list(rows[0]), rows=[(number, list(row.values())) for number, row in enumerate(rows, 2)])
    done = import_records(
        body.office, body.command(body.officer, "officer"), kind=kind, sheet=sheet,
        vault=PostgresVault(machinery.app.records.datastore),
    )  # fmt: skip
    assert (list(done.faults), done.written) == ([], len(rows))


def brought(machinery: Machinery, source: str, *begun: datetime) -> tuple[Body, list[str]]:
    """A body with an award that began on each of these days; all tests share a Temporal, so references are its own."""
    body = factories.open_body(machinery.app.office, source=source)
    scheme = body.scheme
    place = {"scheme": scheme.id, "provider_type": scheme.provider_types[0], "size_band": scheme.size_bands[0]}
    bring(machinery, body, "providers", {"reference": "P", "name": "A provider", **place})
    speaks = {"provider": "P", "scheme": scheme.id}
    bring(machinery, body, "people", {"reference": "C", "name": "Jo", "email": "jo@x.org", **speaks})
    said = {
        "provider": "P", "scheme": scheme.ref, "category": scheme.categories[0], "subject": scheme.subjects[0],
        "phase": scheme.phases[0], "level": scheme.awards[0].name,
    }  # fmt: skip
    rows = [
        {"reference": f"{body.mark} {n}", "title": f"Title {n}", "starts_on": at.date().isoformat(), **said}
        for n, at in enumerate(begun)
    ]
    bring(machinery, body, "accreditations", *rows)
    return body, [accreditation_id(past_submission("accreditations", row["reference"])) for row in rows]


def told(machinery: Machinery) -> bool:
    return signaller.delivered(machinery.app.records) == machinery.app.records.max_position()


def test_a_process_sleeps_until_something_is_due_and_news_wakes_it_and_what_is_over_has_none(machinery: Machinery):
    now = datetime.now(LONDON)
    body, [running, over] = brought(
        machinery, factories.scheme_source(), now - timedelta(days=400), now - timedelta(days=1_500)
    )
    machinery.start()
    until(lambda: told(machinery), LIMIT)

    async def look(client: Client) -> Any:
        described = await client.get_workflow_handle(running).describe()
        return described.history_length, dict(described.search_attributes), described.status

    length, shown, status = machinery.ask(look)
    assert (length, status, shown["AssayStage"]) == (1, WorkflowExecutionStatus.RUNNING, ["accredited"])
    assert machinery.status(over) is None
    assert machinery.status(past_submission("accreditations", f"{body.mark} 0")) is None
    assert machinery.ask(lambda _: states(machinery.settings, machinery.app.records)).missing == ()

    body.by(
        accreditations.notify_change, derived_id("person", "imported", "C"), "provider", case=running, text="It moved."
    )
    steps = until(lambda: machinery.ask(lambda client: steps_taken(client, running)), LIMIT)
    assert [name for name, _ in steps] == ["look"]
    assert machinery.status(running) is WorkflowExecutionStatus.RUNNING


def test_what_comes_due_is_done_on_time_once_although_it_was_told_of_twice(machinery: Machinery):
    """Given validity that ends half a minute from now, and a reminder ten seconds before that."""
    now = datetime.now(LONDON)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = round(now.timestamp() - midnight.timestamp()) + 30
    source = factories.scheme_source(validity=f"PT{seconds}S", remind_validity=["PT10S"])
    body, [case] = brought(machinery, source, now)
    machinery.start()
    until(lambda: told(machinery), LIMIT)
    machinery.stop("signaller")
    machinery.app.records.datastore.rows("DELETE FROM read.positions WHERE name = 'signaller' RETURNING name", [])
    machinery.start("signaller")
    until(lambda: told(machinery), LIMIT)

    until(lambda: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, 2 * LIMIT)

    [reminded], [lapsed] = body.events(case, ReminderSent), body.events(case, AccreditationLapsed)
    end = midnight.astimezone(UTC) + timedelta(seconds=seconds)
    assert (reminded.due_at, lapsed.ended_at) == (end, end)
    ended = next(one for one in body.recorded(case) if isinstance(one.event, AccreditationLapsed))
    assert end <= ended.recorded_at < end + timedelta(seconds=20)
    steps = [name for name, _ in machinery.ask(lambda client: steps_taken(client, case))]
    assert [one for one in steps if one != "look"] == ["remind_of_end", "lapse_award"]
