"""What the commands print on: as wide as the terminal, and wide enough where the output goes to a file or another program."""

from rich.console import Console


def screen() -> Console:
    """Return the console of a command."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    return console
