"""Comparisons of markings, and how cases went, on a terminal. Nothing is changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.conformance.deviations import KINDS as DEVIATIONS
from domain.conformance.deviations import NOT_ALLOWED
from domain.conformance.path import Deviation, Path, Step
from domain.ids import PROCESS_ROLE, kind_of
from infra.cli.figures import write_csv
from infra.cli.governance import looking
from infra.cli.reading import Reader, columns, find_case, instant, short
from infra.settings import Settings
from projections.words import counted, plain, task, token
from services import comparison, conformance

WORDS: Final = ("deviation", "at the stage", "by", "what for", "reason")
"""What takes several lines where a screen is narrow, so that ids, instants and positions are whole."""


def show_comparison(settings: Settings, case: str, *, at: str | None) -> None:
    """Print every marking of a submission side by side, and how far each two agree."""
    until = instant(at, "--at") if at else None
    with looking(settings) as (console, app, connection, reader):
        id = find_case(connection, case)
        found = comparison.side_by_side(app.office, case=id, at=datetime.now(UTC), until=until)
        console.print(f"[bold]{id}[/bold], {found.scheme}")
        if len(found.markings) < 2:
            console.print(f"There is {'nothing' if not found.markings else 'one marking only'} to compare yet.")
        people = [token("person", one.who) for one in found.markings if kind_of(one.who) == "person"]
        reader.prepare([*people, *(token("text", one.text) for one in found.cells if one.text)])
        heads = [f"{one.number}. {plain(one.by)}{' (set aside)' if one.set_aside else ''}" for one in found.markings]
        table = columns("criterion", *heads)
        levels = {(one.criterion, one.indicator, one.marking): one for one in found.cells}
        for code, sign in dict.fromkeys((one.criterion, one.indicator) for one in found.cells):
            cells = [levels.get((code, sign, one.number)) for one in found.markings]
            said = ["–" if one is None else plain(one.level) + ("" if not one.apart else " !") for one in cells]
            table.add_row(f"  {sign}" if sign else code, *said)
        if found.markings:
            console.print(table)
        for one in found.markings:
            who = escape(reader.who(one.who)) if kind_of(one.who) == "person" else short(one.who)
            console.print(f"{one.number}. {plain(one.by)}: {who}, {reader.cell(one.at)}")
        for pair in found.pairs:
            console.print(
                f"{pair.first} and {pair.second}: of {counted(pair.compared, 'criterion')} alike {pair.alike},"
                f" one step apart {pair.one_apart}, further {pair.further}".replace("criterions", "criteria")
            )
        for cell in found.cells:
            if cell.text:
                text = escape(reader.say(token("text", cell.text)))
                console.print(f"  {cell.criterion}, {cell.marking}. {plain(cell.by)}: {text}", soft_wrap=True)


def show_conformance(settings: Settings, case: str | None, *, at: str | None) -> None:
    """Print the way of one case with every deviation, or how often each kind occurred in all cases, and where a move was not allowed."""
    until = instant(at, "--at") if at else None
    with looking(settings) as (console, app, connection, reader):
        if case is not None:
            _print_path(console, reader, conformance.path(app.office, case=find_case(connection, case), until=until))
            return
        found = conformance.paths(app.office, until=until)
        counts: Counter[tuple[str, str]] = Counter()
        touched: Counter[tuple[str, str]] = Counter()
        for one in found:
            counts.update((one.kind, each.kind) for each in one.deviations)
            touched.update({(one.kind, each.kind) for each in one.deviations})
        straight = sum(not one.deviations for one in found)
        console.print(f"{counted(len(found), 'case')}; straight on went {straight:,}\n")
        table = columns("of", "deviation", "how often", "in cases")
        for kind, deviation in sorted(counts):
            words = DEVIATIONS[deviation]
            table.add_row(kind, words, f"{counts[kind, deviation]:,}", f"{touched[kind, deviation]:,}")
        if counts:
            console.print(table)
        wrong = [one.case for one in found if any(each.kind == NOT_ALLOWED for each in one.deviations)]
        console.print(
            f"! {counted(len(wrong), 'case')} with a move that the process does not know: {', '.join(wrong[:10])}"
            if wrong
            else "No case made a move that the process does not know."
        )


def show_deviations(settings: Settings, case: str | None, *, at: str | None, as_csv: bool) -> None:
    """Print every deviation of every case, or of one, with who allowed it; or write them as CSV, with the ids of people and reasons."""
    until = instant(at, "--at") if at else None
    with looking(settings) as (console, app, connection, reader):
        if case is None:
            found = conformance.paths(app.office, until=until)
        else:
            found = [conformance.path(app.office, case=find_case(connection, case), until=until)]
        deviations = sorted((each for one in found for each in one.deviations), key=lambda each: each.position)
        if as_csv:
            write_csv(Deviation, deviations)
            return
        if not deviations:
            console.print("No case departed from the straight way.")
            return
        _prepare(reader, (one.actor for one in deviations), deviations)
        console.print(_table(reader, deviations, of_many=True))


def _print_path(console: Console, reader: Reader, found: Path) -> None:
    actors = [*(one.actor for one in found.steps), *(one.actor for one in found.deviations)]
    _prepare(reader, actors, found.deviations)
    console.print(f"[bold]{found.case}[/bold], {found.scheme}\n")
    table = columns("when", "from", "to", "by", "event")
    for step in found.steps:
        event = f"{step.event}, version {step.version}" + ("" if step.allowed else " [bold]! not allowed[/bold]")
        table.add_row(reader.cell(step.at), plain(step.from_stage), plain(step.to_stage), _who(reader, step), event)
    console.print(table)
    console.print()
    if not found.deviations:
        console.print("It went straight on.")
        return
    console.print(_table(reader, found.deviations))


def _table(reader: Reader, deviations: Sequence[Deviation], *, of_many: bool = False) -> Table:
    """Deviations line by line; `of_many` cases each with its own."""
    heads = ("when", "deviation", "at the stage", "by", "what for", "position", "reason")
    table = columns(*(("case", *heads) if of_many else heads), wraps=WORDS)
    for one in deviations:
        cells = (
            reader.cell(one.at),
            DEVIATIONS[one.kind],
            plain(one.stage),
            _who(reader, one),
            task(one.by) if one.by else "",
            str(one.position),
            escape(reader.say(token("text", one.reason))) if one.reason else "",
        )
        table.add_row(*((short(one.case_id), *cells) if of_many else cells))
    return table


def _prepare(reader: Reader, actors: Iterable[str], deviations: Iterable[Deviation]) -> None:
    people = [token("person", one) for one in set(actors) if kind_of(one) == "person"]
    reader.prepare([*people, *(token("text", one.reason) for one in deviations if one.reason)])


def _who(reader: Reader, one: Step | Deviation) -> str:
    if one.role == PROCESS_ROLE:
        return "its clock or rule"
    return f"{escape(reader.who(one.actor))}, {plain(one.role)}"
