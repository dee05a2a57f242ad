"""Webhooks, on a terminal: subscriptions and what did not arrive, by whoever may use this machine's data folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from infra.cli.identity import opened_store
from infra.cli.reading import columns
from infra.cli.screen import screen
from infra.settings import Settings
from infra.store.datastore import Datastore
from infra.webhooks import failures, subscriptions
from infra.webhooks.subscriptions import Webhook

WHY = {
    subscriptions.ASKED: "paused",
    subscriptions.FAILING: "paused: nothing arrived for a day",
    subscriptions.GONE: "paused: its receiver answered that it is gone",
    subscriptions.ACCOUNT: "paused: its service account has ended",
    subscriptions.OFFICER: "paused: whoever made it is no officer any more",
}


def add_webhook(
    settings: Settings, name: str, *, url: str, account: str, events: Sequence[str], after: int | None
) -> None:
    """Add a subscription, and show its secret, once."""
    with _store(settings) as store:
        made, secret = subscriptions.add(
            store,
            name=name,
            url=url,
            names=events,
            account=account,
            made_by=None,
            allowed=settings.webhooks,
            at=datetime.now(UTC),
            after=after,
        )
    of = ", ".join(made.names) or "all events"
    screen().print(f"{made.name} is told of {of}, after position {made.position:,}.\n")
    _show_secret(secret)


def show_webhooks(settings: Settings) -> None:
    """Print the subscriptions."""
    with _store(settings) as store:
        found = [(one, failures.of_webhook(store, one.id)) for one in subscriptions.all_webhooks(store)]
    table = columns("name", "url", "as", "of", "position", "last arrived (UTC)", "tried again", "dead", "")
    for one, failed in found:
        dead = sum(each.dead_at is not None for each in failed)
        table.add_row(
            one.name,
            one.url,
            one.account,
            " ".join(one.names) or "all",
            f"{one.position:,}",
            _time(one.told_at),
            str(len(failed) - dead),
            str(dead),
            _state(one),
        )
    screen().print(table if found else "There is no subscription.")


def _state(one: Webhook) -> str:
    if one.paused_at:
        return f"{WHY.get(one.paused_because or '', 'paused')}, {_time(one.paused_at)}"
    return f"failing since {_time(one.failing_since)}" if one.failing_since else "at work"


def rotate_secret(settings: Settings, name: str) -> None:
    """Sign with a new secret, and show it, once."""
    with _store(settings) as store:
        secret = subscriptions.rotate(store, name, at=datetime.now(UTC))
    _show_secret(secret)
    screen().print("For a day messages are signed with the former one too.")


def pause_webhook(settings: Settings, name: str) -> None:
    """Carry nothing for now."""
    with _store(settings) as store:
        held = subscriptions.require(store, name)
        subscriptions.pause(store, held.id, because=subscriptions.ASKED, at=datetime.now(UTC))
    screen().print(f"{name} is paused after position {held.position:,}.")


def resume_webhook(settings: Settings, name: str) -> None:
    """Go on where it was."""
    with _store(settings) as store:
        subscriptions.resume(store, name, by=None, at=datetime.now(UTC))
        held = subscriptions.require(store, name)
    screen().print(f"{name} goes on after position {held.position:,}.")


def replay_webhook(settings: Settings, name: str, *, after: int) -> None:
    """Carry again what comes after a position."""
    with _store(settings) as store:
        subscriptions.replay(store, name, after=after)
    screen().print(f"{name} is told again what comes after position {after:,}.")


def end_webhook(settings: Settings, name: str) -> None:
    """End a subscription."""
    with _store(settings) as store:
        subscriptions.end(store, name)
    screen().print(f"{name} has ended.")


def show_failures(settings: Settings, name: str) -> None:
    """Print what did not arrive."""
    with _store(settings) as store:
        found = failures.of_webhook(store, subscriptions.require(store, name).id)
    table = columns("position", "event", "attempts", "since (UTC)", "next (UTC)", "why", wraps=("why",))
    for one in found:
        coming = "dead letter" if one.dead_at else _time(one.next_at)
        table.add_row(f"{one.position:,}", one.name, str(one.attempts), _time(one.first_at), coming, one.error)
    screen().print(table if found else "Everything arrived.")


def retry_failures(settings: Settings, name: str, *, position: int | None) -> None:
    """Try what did not arrive again at once."""
    with _store(settings) as store:
        held = subscriptions.require(store, name)
        changed = failures.retry(store, held, position=position, at=datetime.now(UTC))
    screen().print(f"{changed} are tried again.")


def drop_failures(settings: Settings, name: str, *, position: int | None) -> None:
    """Give up what did not arrive."""
    with _store(settings) as store:
        changed = failures.drop(store, subscriptions.require(store, name), position=position)
    screen().print(f"{changed} are given up.")


def _show_secret(secret: str) -> None:
    screen().print(f"secret  {secret}\n\nIt is not shown again: note it now.")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


@contextmanager
def _store(settings: Settings) -> Iterator[Datastore]:
    with opened_store(settings) as app:
        yield app.records.datastore
