"""What the commands print on: as wide as the terminal, and wide enough where the output goes to a file or another program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


def screen() -> Console:
    """Return the console of a command."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    return console


@contextmanager
def bar(console: Console, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with figures; what it gives is called with how many are done, and of how many."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=0)
        yield lambda done, total: progress.update(task, completed=done, total=total)
