"""The commands about calendars and webhooks, each on a record of its own: what they print is good, and what they end has ended."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.bootstrap import App, open_app
from infra.calendars import addresses
from infra.cli import calendars, health, webhooks
from infra.identity import service_accounts
from infra.settings import Settings, load_settings
from infra.webhooks import failures, subscriptions
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body, open_body

Printed = Callable[[], str]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return load_settings({"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")})


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=4) as opened:
        yield opened


@pytest.fixture
def body(app: App) -> Body:
    return open_body(app.office)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """What was printed since the last time."""
    return lambda: capsys.readouterr().out


def test_a_calendar_s_address_is_printed_once_listed_without_it_and_ended(
    app: App, body: Body, settings: Settings, printed: Printed
):
    calendars.show_calendars(settings)
    assert printed() == "There is no calendar.\n"

    calendars.make_address(settings, body.assessors[0], role="assessor")
    found = re.search(r"http://127\.0\.0\.1:8080/calendars/(\S+)\.ics", printed())
    assert found
    held = addresses.find(app.records.datastore, found[1])
    assert held
    assert (held.person, held.role) == (body.assessors[0], "assessor")

    calendars.show_calendars(settings)
    shown = printed()
    assert held.id in shown
    assert found[1] not in shown
    calendars.end_calendar(settings, held.id)
    assert addresses.find(app.records.datastore, found[1]) is None
    with refused("known-calendar", field="ID"):
        calendars.end_calendar(settings, held.id)


def test_a_calendar_is_made_for_a_role_that_somebody_holds(body: Body, settings: Settings):
    with refused("acting-role", field="--role", match="assessor"):
        calendars.make_address(settings, body.assessors[0], role="officer")


def test_a_subscription_is_added_seen_changed_and_ended(app: App, body: Body, settings: Settings, printed: Printed):
    store, at = app.records.datastore, datetime.now(UTC)
    scopes = ["see-events", "see-case"]
    account, _ = service_accounts.add(store, name="statistics", role="officer", scopes=scopes, known=scopes, at=at)
    webhooks.show_webhooks(settings)
    assert printed() == "There is no subscription.\n"

    said = {"url": "https://hooks.example/", "account": "statistics", "events": ["FeePaid"], "after": 0}
    webhooks.add_webhook(settings, "hook", **said)
    found = re.search(r"secret  (whsec_\S+)", printed())
    assert found
    held = subscriptions.require(store, "hook")
    assert (held.account, held.made_by, held.secret, held.names) == (account, None, found[1], ["FeePaid"])

    failures.keep(store, held, position=1, name="FeePaid", attempts=99, error="answered 500", wait=0, at=at)
    webhooks.show_failures(settings, "hook")
    assert re.search(r"1 .*FeePaid.*dead letter.*answered 500", printed())
    with open_app(settings.database_url or "", pool_size=1) as opened:
        assert health._webhooks(opened).found == "dead letters of hook"
    webhooks.retry_failures(settings, "hook", position=None)
    webhooks.drop_failures(settings, "hook", position=1)
    webhooks.show_failures(settings, "hook")
    assert printed().endswith("Everything arrived.\n")

    webhooks.rotate_secret(settings, "hook")
    assert subscriptions.require(store, "hook").secret in printed()
    webhooks.pause_webhook(settings, "hook")
    webhooks.show_webhooks(settings)
    assert "paused" in printed()
    webhooks.resume_webhook(settings, "hook")
    webhooks.replay_webhook(settings, "hook", after=2)
    assert subscriptions.require(store, "hook").position == 2
    webhooks.show_webhooks(settings)
    assert "at work" in printed()

    webhooks.end_webhook(settings, "hook")
    with refused("known-webhook", field="name"):
        webhooks.end_webhook(settings, "hook")


def subscribed(app: App, at: datetime) -> str:
    """The id of a subscription named `hook`, of a service account."""
    store, scopes = app.records.datastore, ["see-events"]
    service_accounts.add(store, name="statistics", role="officer", scopes=scopes, known=scopes, at=at)
    made, _ = subscriptions.add(
        store, name="hook", url="https://hooks.example/", names=[], account="statistics", made_by=None,
        allowed=Settings(data=Path()).webhooks, at=at,
    )  # fmt: skip
    return made.id


def test_what_is_paused_by_itself_is_not_well(app: App, body: Body):
    store, at = app.records.datastore, datetime.now(UTC)
    hook = subscribed(app, at)
    assert health._webhooks(app).well
    subscriptions.pause(store, hook, because=subscriptions.ASKED, at=at)
    assert health._webhooks(app).well
    subscriptions.resume(store, "hook", by=None, at=at)
    subscriptions.pause(store, hook, because=subscriptions.GONE, at=at)
    assert (health._webhooks(app).well, health._webhooks(app).found) == (False, "paused: hook")


def test_that_nothing_arrives_for_a_while_is_not_well(app: App, body: Body):
    store, at = app.records.datastore, datetime.now(UTC)
    hook = subscribed(app, at)
    for since, well in ((at, True), (at - timedelta(minutes=6), False)):
        store.rows("UPDATE access.webhooks SET failing_since = %s WHERE id = %s RETURNING id", [since, hook])
        assert health._webhooks(app).well is well
    assert health._webhooks(app).found == "nothing arrives, and is tried again: hook"
