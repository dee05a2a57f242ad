"""Watching a play: a live table of the cases moving through their stages, or plain lines where there is no terminal."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from domain.accreditation import Accreditation
from domain.submission.state import Stage, Submission
from infra.play.plot import Entry, now
from projections.words import task

WAY = (
    Stage.PREPARING,
    Stage.SUBMITTED,
    Stage.SCREENING,
    Stage.IN_ASSESSMENT,
    Stage.AWAITING_MODERATION,
    Stage.IN_MODERATION,
    Stage.EVIDENCE_REQUESTED,
    Stage.FINAL_REVIEW,
    Stage.DECIDED,
)
CYCLES = {"first": "", "again": " again", "renewal": " renewal"}


class View:
    """Shows each change of stage; on a terminal as one table that stays in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stages: dict[str, str] = {}
        self._awards: dict[str, str] = {}
        self._live = Live(console=console, auto_refresh=False, transient=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, cases: Sequence[tuple[Entry, Submission]], awards: dict[str, Accreditation]) -> None:
        """Show the cases as they stand; nothing happens on the screen where nothing changed."""
        stages = {label(entry): standing(case) for entry, case in cases}
        numbers = {entry.submission: entry.number for entry, _ in cases}
        held = {
            f"{numbers.get(award.periods[0].submission, '')} award": award_standing(award) for award in awards.values()
        }
        if stages == self._stages and held == self._awards:
            return
        if self._live:
            self._live.update(_table(cases, awards), refresh=True)
        else:
            self._tell(stages, held)
        self._stages, self._awards = stages, held

    def _tell(self, stages: dict[str, str], held: dict[str, str]) -> None:
        for name, standing_now in stages.items():
            if self._stages.get(name) != standing_now:
                self._console.print(f"  {name}: {standing_now}", highlight=False)
        for name, standing_now in held.items():
            if self._awards.get(name) != standing_now:
                self._console.print(f"  {name}: {standing_now}", highlight=False)


def label(entry: Entry) -> str:
    """What the submission is called in the file, and which try it is."""
    return f"{entry.number}{CYCLES[entry.cycle]}"


def standing(case: Submission) -> str:
    """Where a case stands, in the handbook's words."""
    if case.outcome:
        return case.outcome.outcome.replace("_", " ") + (", result released" if case.released else "")
    return case.stage.replace("_", " ")


def award_standing(award: Accreditation) -> str:
    """Where an award stands."""
    if award.withdrawn_at or award.lapsed:
        return "withdrawn" if award.withdrawn_at else "lapsed"
    if len({one.submission for one in award.periods}) > 1:
        return "accredited again"
    reminders = len(award.reminders)
    return "accredited" + (f", {reminders} reminder{'s' if reminders > 1 else ''} sent" if reminders else "")


def _table(cases: Sequence[tuple[Entry, Submission]], awards: dict[str, Accreditation]) -> Table:
    counts = Counter(case.stage for _, case in cases)
    above = "   ".join(f"{stage.replace('_', ' ')} {counts[stage]}" for stage in (*WAY, Stage.LAPSED) if counts[stage])
    table = Table(title=above or "nobody has registered yet", title_justify="left", box=None, padding=(0, 2))
    for name in ("submission", "way", "standing", "next on its clock"):
        table.add_column(name, no_wrap=True)
    for entry, case in cases:
        reached = WAY.index(case.stage) + 1 if case.stage in WAY else 0
        way = Text("■" * reached + "·" * (len(WAY) - reached), style="dim" if case.over else "cyan")
        left = f"{_left(case.clock.due_at)} for {task(case.clock.rule)}" if case.clock else ""
        table.add_row(label(entry), way, standing(case), left)
    numbers = {entry.submission: entry.number for entry, _ in cases}
    for award in awards.values():
        left = "" if award.lapsed else f"{_left(award.periods[-1].ends_at)} until its end"
        name = f"{numbers.get(award.periods[0].submission, '')} award"
        table.add_row(name, Text("★", style="yellow"), award_standing(award), left)
    return table


def _left(until: datetime) -> str:
    return f"{(until - now()).total_seconds():.0f} s"
