"""`assay development`: where everyone stands, the figures of a report, and one person's record whole, fit for inspection."""

from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.development import Development, figures
from domain.development import events as e
from domain.development.figures import Figures
from domain.policy import BOARD, read_policy
from domain.refusals import refuse
from domain.tasks import Matter
from infra.bootstrap import App, open_app
from infra.cli.reading import Reader, database, find_case, instant
from infra.cli.screen import screen
from infra.settings import Settings
from projections import development
from projections.sentences import sentence
from projections.words import listed, money, plain, task, token
from services.development import development_id
from services.ports import Recorded
from services.states import fold
from services.workforce import STREAM


def show_development(
    settings: Settings, *, person: str | None, department: str | None, board: bool, at: str | None, since: str | None
) -> None:
    """Print one person's record, the figures of a department or of the body, or a list of everyone's plan."""
    if sum((person is not None, department is not None, board)) > 1:
        raise refuse(
            "one-of-them", "only one can be shown", field="--person", allowed="one of --person, --department, --board"
        )
    console, when = screen(), instant(at, "--at") if at else datetime.now(UTC)
    begin = instant(since, "--since") if since else None
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        reader = Reader(app)
        if person is not None:
            _show_record(console, app, reader, _found(connection, person), when)
        elif board or department is not None:
            scope = BOARD if board else str(department)
            _require_department(connection, app, scope, when)
            found = development.figures_at(connection, scope, at=when, since=begin)
            _show_figures(console, found, f"As it was at {reader.time(when)}")
        else:
            plans = development.plans(connection, at=when)
            planned = {one.person for one in plans if one.stage in ("open", "agreed")}
            _show_plans(console, reader, app, plans, when)
            _show_without(console, reader, sorted(development.staff(connection, at=when) - planned))


def _found(connection: psycopg.Connection[Any], person: str) -> str:
    """The person whose id begins so; refuses what is none."""
    if not person.startswith("person-"):
        raise refuse("known-person", f"{person!r} is no person", field="--person", allowed="an id such as person-…")
    return find_case(connection, person, kind="person", field="--person")


def _require_department(connection: psycopg.Connection[Any], app: App, scope: str, at: datetime) -> None:
    """Refuse a department in which nobody has a plan and of which the policy does not know either."""
    record = fold(STREAM, app.records.load(STREAM)[STREAM])
    known = set(read_policy(record.versions[record.latest].source).content.cpd.departments) if record.latest else set()
    known |= {one.department for one in development.plans(connection, at=at) if one.department}
    if scope not in known | {BOARD}:
        raise refuse(
            "known-department",
            f"{scope!r} is no department",
            field="--department",
            allowed=", ".join(sorted(known)) or "one of a published workforce policy",
        )


def _show_plans(console: Console, reader: Reader, app: App, plans: list[development.Plan], at: datetime) -> None:
    if not plans:
        console.print("Nobody has a plan yet.")
        return
    reader.prepare([token("person", one.person) for one in plans])
    loaded = app.records.load(*(one.development for one in plans))
    table = _table("person", "id", "department", "period", "plan", "needs open", "met", "what is due", "by")
    for one in plans:
        held: Development = fold(one.development, [each for each in loaded[one.development] if each.at <= at])
        due = min(held.tasks.running.values(), key=lambda each: each.due_at, default=None)
        table.add_row(
            escape(reader.say(token("person", one.person))),
            one.person,
            plain(one.department),
            str(one.period or ""),
            plain(one.stage),
            str(sum(need.unmet for need in held.needs.values())),
            str(sum(need.met for need in held.needs.values())),
            task(due.rule) if due else "",
            reader.cell(due.due_at if due else None),
        )
    console.print(table)


def _show_without(console: Console, reader: Reader, people: list[str]) -> None:
    """Name those who work for the body and have no plan."""
    if not people:
        return
    reader.prepare([token("person", one) for one in people])
    console.print(f"\n[bold]Without a plan[/bold] ({len(people)})")
    for one in people:
        console.print(f"  {escape(reader.say(token('person', one)))}  {one}")


def _show_figures(console: Console, found: Figures, when: str) -> None:
    console.print(f"[bold]{plain(found.scope)}[/bold]  {when}")
    without = f", {found.without_plan} without" if found.scope == BOARD else ""
    console.print(f"{found.with_plan} with a plan{without}; {found.agreed} agreed\n")
    needs = _table("need", "to be confirmed", "open", "met", "from")
    for need in found.needs:
        sources = listed([f"{plain(name)} {number}" for name, number in need.sources])
        needs.add_row(plain(need.topic), str(need.waiting), str(need.open), str(need.met), sources)
    console.print(needs if found.needs else "No needs.")
    console.print()
    kinds = _table("activities", "by stage", "hours completed", "cost")
    for one in found.activities:
        stages = listed([f"{plain(name)} {number}" for name, number in one.stages])
        kinds.add_row(plain(one.kind), stages, f"{one.minutes / 60:.1f}", money(one.cost, one.currency))
    console.print(kinds if found.activities else "No activities.")
    console.print()
    for answer in found.satisfaction:
        console.print(f"satisfaction, {plain(answer.question)}: {answer.mean:.2f} of 5 (n = {answer.n})")
    for title, counted in (("impact", found.impact), ("overdue", found.overdue)):
        said = [f"{task(name) if title == 'overdue' else plain(name)} {number}" for name, number in counted]
        console.print(f"{title}: {listed(said)}", soft_wrap=True)
    console.print(f"SHA-256 of these figures {figures.digest(found)}")


def _show_record(console: Console, app: App, reader: Reader, person: str, at: datetime) -> None:
    """All that is recorded of a person's development by then: plan, each need with its sources, each activity to its review."""
    id = development_id(person)
    entries = [one for one in app.records.load(id)[id] if one.at <= at]
    reader.prepare([token("person", person), *(sentence(one) for one in entries)])
    console.print(f"[bold]{escape(reader.say(token('person', person)))}[/bold]  {person}")
    console.print(f"As it was at {reader.time(at)}")
    if not entries:
        console.print("There is no plan, and no need was noted.")
        return
    held: Development = fold(id, entries)
    console.print(f"{plain(held.stage)}, {plain(held.department) or 'no department'}, period {held.period}")
    _part(console, reader, "Plan", [one for one in entries if _is_of_plan(one)])
    for topic, need in sorted(held.needs.items()):
        state = "met" if need.met else "open" if need.found else "to be confirmed"
        title = f"Need: {plain(topic)} ({state}{f', carried over {need.carried}×' if need.carried else ''})"
        _part(console, reader, title, [one for one in entries if getattr(one.event, "topic", "") == topic])
    for activity in held.activities.values():
        title = f"Activity: {plain(activity.kind)} ({activity.stage})"
        _part(console, reader, title, [one for one in entries if getattr(one.event, "activity", "") == activity.id])
    _show_tasks(console, reader, held)


def _is_of_plan(one: Recorded) -> bool:
    return isinstance(one.event, e.PlanOpened | e.PlanAgreed | e.PlanClosed | e.DepartmentChanged | e.DevelopmentEnded)


def _part(console: Console, reader: Reader, title: str, entries: list[Recorded]) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    for one in entries:
        console.print(f"  {reader.cell(one.at)}  {escape(reader.say(sentence(one)))}", soft_wrap=True)


def _show_tasks(console: Console, reader: Reader, held: Matter) -> None:
    console.print("\n[bold]What is still to be done[/bold]")
    for one in sorted(held.tasks.running.values(), key=lambda each: each.due_at):
        console.print(f"  by {reader.cell(one.due_at)}  {task(one.rule)}")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table
