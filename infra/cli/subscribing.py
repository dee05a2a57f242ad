"""The commands about who else is told: calendars at secret addresses, and webhooks."""

from typing import Annotated

import typer

from infra.cli.options import Data, settings_of

calendar = typer.Typer(
    help="Calendars that people subscribe to, each at a secret address: one for a person and a role.",
    no_args_is_help=True,
)
webhook = typer.Typer(
    help="Webhooks: the feed of events carried to other programs, signed, until it has arrived.",
    no_args_is_help=True,
)

Person = Annotated[
    str, typer.Argument(help="The person's id, enough of its beginning, or their e-mail address.", show_default=False)
]
Name = Annotated[
    str, typer.Argument(help="The subscription's name, as `assay webhook list` shows it.", show_default=False)
]
Position = Annotated[int | None, typer.Option("--position", help="Only the one at this position; all by default.")]


@calendar.command("make")
def make(
    person: Person, role: Annotated[str, typer.Option("--role", help="A role that they hold.")], data: Data = None
) -> None:
    """Make the address of somebody's calendar in a role, and print it, once; the one before is good for nothing then."""
    from infra.cli.calendars import make_address

    make_address(settings_of(data), person, role=role)


@calendar.command("list")
def show_calendars(data: Data = None) -> None:
    """The calendars that there are; not their addresses, which are not kept."""
    from infra.cli.calendars import show_calendars

    show_calendars(settings_of(data))


@calendar.command("end")
def end_calendar(
    id: Annotated[
        str, typer.Argument(help="The calendar's id, as `assay calendar list` shows it.", show_default=False)
    ],
    data: Data = None,
) -> None:
    """End a calendar; its address is good for nothing at once."""
    from infra.cli.calendars import end_calendar

    end_calendar(settings_of(data), id)


@webhook.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What it is called, e.g. statistics.", show_default=False)],
    url: Annotated[str, typer.Option("--url", help="Where word is carried to: https, and a public host.")],
    account: Annotated[str, typer.Option("--account", help="The service account that it is told as, for see-events.")],
    event: Annotated[
        list[str] | None, typer.Option("--event", metavar="NAME", help="Only of this event; repeat it. All by default.")
    ] = None,
    after: Annotated[int | None, typer.Option("--after", help="The position to begin after; now by default.")] = None,
    data: Data = None,
) -> None:
    """Have the feed carried to an address; the secret that signs it is shown once."""
    from infra.cli.webhooks import add_webhook

    add_webhook(settings_of(data), name, url=url, account=account, events=event or [], after=after)


@webhook.command("list")
def show_webhooks(data: Data = None) -> None:
    """The subscriptions: how far each is, what did not arrive, and which are paused and why."""
    from infra.cli.webhooks import show_webhooks

    show_webhooks(settings_of(data))


@webhook.command("rotate")
def rotate(name: Name, data: Data = None) -> None:
    """Sign with a new secret, which is shown once, and for a day with the former one too."""
    from infra.cli.webhooks import rotate_secret

    rotate_secret(settings_of(data), name)


@webhook.command("pause")
def pause(name: Name, data: Data = None) -> None:
    """Carry nothing for now; nothing is lost by it."""
    from infra.cli.webhooks import pause_webhook

    pause_webhook(settings_of(data), name)


@webhook.command("resume")
def resume(name: Name, data: Data = None) -> None:
    """Go on where it was paused; what did not arrive is tried again at once."""
    from infra.cli.webhooks import resume_webhook

    resume_webhook(settings_of(data), name)


@webhook.command("replay")
def replay(
    name: Name, after: Annotated[int, typer.Option("--after", help="A position of the log.")], data: Data = None
) -> None:
    """Carry again what comes after a position, under the same ids, as it may be seen now."""
    from infra.cli.webhooks import replay_webhook

    replay_webhook(settings_of(data), name, after=after)


@webhook.command("failures")
def show_failures(name: Name, data: Data = None) -> None:
    """What did not arrive, why, and when it is tried again; dead letters too."""
    from infra.cli.webhooks import show_failures

    show_failures(settings_of(data), name)


@webhook.command("retry")
def retry(name: Name, position: Position = None, data: Data = None) -> None:
    """Try one that did not arrive, or all of them, again at once."""
    from infra.cli.webhooks import retry_failures

    retry_failures(settings_of(data), name, position=position)


@webhook.command("drop")
def drop(name: Name, position: Position = None, data: Data = None) -> None:
    """Give one up that did not arrive, or all dead letters."""
    from infra.cli.webhooks import drop_failures

    drop_failures(settings_of(data), name, position=position)


@webhook.command("end")
def end_webhook(name: Name, data: Data = None) -> None:
    """End a subscription, with what did not arrive."""
    from infra.cli.webhooks import end_webhook

    end_webhook(settings_of(data), name)
