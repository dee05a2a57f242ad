"""The commands about letters: what will be sent and what was, a letter in its words, and what officers do to one."""

from typing import Annotated

import typer

from infra.cli.options import Data, settings_of

app = typer.Typer(help="Letters: what will be sent, to whom, when and why; and hold back, release, send now.")

Letter = Annotated[str, typer.Argument(help="The letter's id, as the list shows it.", show_default=False)]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who does it: a person's id or e-mail address.")]
Role = Annotated[str, typer.Option("--role", help="The role that they act in.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the case.")]


@app.callback(invoke_without_command=True)
def coming(
    context: typer.Context,
    case: Annotated[str | None, typer.Option(help="Only of this case, also what was sent.")] = None,
    state: Annotated[str | None, typer.Option(help="Those written that stand so, such as sent or refused.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """What will be sent, to whom, when and why; or the letters of a case, or those in one state."""
    if context.invoked_subcommand is None:
        from infra.cli.letters import show_coming, show_written

        settings = settings_of(data)
        if case or state:
            show_written(settings, case=case, state=state, limit=limit)
        else:
            show_coming(settings, limit=limit)


@app.command()
def preview(letter: Letter, data: Data = None) -> None:
    """A letter in its words, as it would go now or as it went."""
    from infra.cli.letters import show_words

    show_words(settings_of(data), letter)


@app.command()
def hold(letter: Letter, by: By, reason: Reason, role: Role = "officer", data: Data = None) -> None:
    """Hold a letter back that waits, or a planned reminder, until it is released."""
    from infra.cli.letters import edit
    from services.letters import hold_letter

    edit(settings_of(data), hold_letter, letter, by=by, role=role, reason=reason)


@app.command()
def release(letter: Letter, by: By, reason: Reason, role: Role = "officer", data: Data = None) -> None:
    """Let a letter go that was held back."""
    from infra.cli.letters import edit
    from services.letters import release_letter

    edit(settings_of(data), release_letter, letter, by=by, role=role, reason=reason)


@app.command("send-now")
def send_now(letter: Letter, by: By, reason: Reason, role: Role = "officer", data: Data = None) -> None:
    """Send a letter at once: one that is held or waits, one that could not be sent, or a reminder before its time."""
    from infra.cli.letters import edit
    from services.letters import send_letter_now

    edit(settings_of(data), send_letter_now, letter, by=by, role=role, reason=reason)


@app.command()
def bounced(
    letter: Annotated[str, typer.Argument(metavar="MESSAGE-ID", help="The Message-ID of what came back.")],
    reason: Reason,
    data: Data = None,
) -> None:
    """Note that a letter came back, by the Message-ID that the notice names."""
    from infra.cli.letters import note

    note(settings_of(data), letter, reason=reason)
