"""What the commands print on: as wide as the terminal, and wide enough where the output goes to a file or another program."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console


def screen() -> Console:
    """Return the console of a command."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 200
    return console


class Told(Protocol):
    """Tells a progress bar how far something is."""

    def __call__(self, done: int, total: int, what: str = ...) -> None: ...


@contextmanager
def bar(console: Console, unit: str) -> Iterator[Told]:
    """A progress bar with figures; what it gives is called with how many are done, of how many, and of what: a bar for each."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} {task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        tasks = {unit: progress.add_task(unit, total=0)}

        def tell(done: int, total: int, what: str = unit) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield tell
