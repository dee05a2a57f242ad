"""The commands about who asks: sign-in links, identities at a provider elsewhere, sessions, keys, service accounts."""

from typing import Annotated

import typer

from infra.cli.options import Data, settings_of

app = typer.Typer()
identity = typer.Typer(
    help="Who signs in as whom: the first officer, people of a provider elsewhere, sessions, the key.",
    no_args_is_help=True,
)
service_account = typer.Typer(help="Programs that act in one role, for named actions only.", no_args_is_help=True)

Person = Annotated[
    str, typer.Argument(help="The person's id, enough of its beginning, or their e-mail address.", show_default=False)
]
Issuer = Annotated[str, typer.Option("--issuer", help="The provider's name, as its tokens have it.")]
Subject = Annotated[str, typer.Option("--subject", help="What the provider calls them: `sub` in its tokens.")]


@app.command("sign-in", rich_help_panel="Who asks")
def sign_in(
    person: Person,
    minutes: Annotated[int, typer.Option("--minutes", help="How long the link is good.")] = 10,
    next: Annotated[str, typer.Option("--next", metavar="PATH", help="The page to come to.")] = "/",
    data: Data = None,
) -> None:
    """Print a link by which a person signs in, once."""
    from infra.cli.identity import print_link

    print_link(settings_of(data), person, minutes=minutes, next=next)


@identity.command("first-officer")
def first_officer(
    name: Annotated[str, typer.Option("--name", help="Their name.")],
    email: Annotated[str, typer.Option("--email", help="Their address.")],
    data: Data = None,
) -> None:
    """Register the body's first officer, while there is none, and print their sign-in link."""
    from infra.cli.identity import register_first_officer

    register_first_officer(settings_of(data), name=name, email=email)


@identity.command("link")
def link(person: Person, issuer: Issuer, subject: Subject, data: Data = None) -> None:
    """Have whom a provider elsewhere calls by this subject be this person."""
    from infra.cli.identity import link_identity

    link_identity(settings_of(data), person, issuer=issuer, subject=subject)


@identity.command("unlink")
def unlink(issuer: Issuer, subject: Subject, data: Data = None) -> None:
    """Have whom a provider elsewhere calls by this subject be nobody any more; their sessions end."""
    from infra.cli.identity import unlink_identity

    unlink_identity(settings_of(data), issuer=issuer, subject=subject)


@identity.command("show")
def show(person: Person, data: Data = None) -> None:
    """What a person is called by providers elsewhere."""
    from infra.cli.identity import show_identities

    show_identities(settings_of(data), person)


@identity.command("end-sessions")
def end_sessions(person: Person, data: Data = None) -> None:
    """Sign a person out on all devices; tokens that they have are not accepted any more."""
    from infra.cli.identity import end_sessions as end

    end(settings_of(data), person)


@identity.command("rotate-key")
def rotate_key(data: Data = None) -> None:
    """Have a new key sign from now on; the former one stays known until its tokens have expired."""
    from infra.cli.identity import rotate_key as rotate

    rotate(settings_of(data))


@service_account.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What it is called, e.g. statistics.", show_default=False)],
    role: Annotated[str, typer.Option("--role", help="The role that it acts in.")],
    scope: Annotated[list[str], typer.Option("--scope", metavar="ACTION", help="An action it is for; repeat it.")],
    data: Data = None,
) -> None:
    """Add a service account; its secret is shown once, and not kept."""
    from infra.cli.identity import add_service_account

    add_service_account(settings_of(data), name, role=role, scopes=scope)


@service_account.command("list")
def show_all(data: Data = None) -> None:
    """The service accounts that there are and were."""
    from infra.cli.identity import show_service_accounts

    show_service_accounts(settings_of(data))


@service_account.command("end")
def end(
    name: Annotated[str, typer.Argument(help="Its name or its id.", show_default=False)],
    data: Data = None,
) -> None:
    """End a service account; its tokens are not accepted any more."""
    from infra.cli.identity import end_service_account

    end_service_account(settings_of(data), name)
