"""`assay scheme`: check a scheme file, say what it changes, try it out on decided cases, publish it, list what is published."""

from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from domain.scheme import Scheme
from domain.scheme_diff import differences
from domain.scheme_file import read_scheme
from domain.scheme_words import award_rule, counted, listed
from domain.toml_reader import FaultyFile
from infra.cli.files import print_faults, scheme_source
from infra.cli.screen import bar, screen
from infra.problems import CannotStart
from infra.settings import Settings


def check_scheme(file: Path) -> None:
    """Say what a scheme file holds; or print every fault, with line, key and what is allowed, and exit with 1."""
    source = scheme_source(file)
    try:
        scheme = read_scheme(source, str(file))
    except FaultyFile as faulty:
        print_faults(faulty)
    console = screen()
    console.print(f"[bold]{scheme.ref}[/bold] {escape(scheme.title)}: no fault.")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in _summary(scheme):
        table.add_row(name, escape(value))
    console.print(table)


def _summary(scheme: Scheme) -> list[tuple[str, str]]:
    indicators = sum(len(one.indicators) for one in scheme.criteria.values())
    return [
        ("SHA-256", scheme.digest),
        ("criteria", f"{len(scheme.criteria)} in {counted(len(scheme.sections), 'section')}, {indicators} indicators"),
        ("scale", " < ".join(scheme.scale)),
        *((f"award {one.name}", award_rule(one)) for one in scheme.awards),
        ("route", scheme.route.kind + (" with a visit" if scheme.route.visit else "")),
        ("moderation", f"{scheme.moderation_form}, at least {scheme.quorum}"),
        ("fees", listed([one.kind for one in scheme.fees.items])),
    ]


def show_differences(old: Path, new: Path) -> None:
    """Print in words what changes from one file to the other, and for whom."""
    before, after = _scheme(old), _scheme(new)
    found = differences(before, after)
    console = screen()
    if not found:
        console.print("Both files have the same content.")
        return
    console.print(
        f"From {before.ref} to {after.ref}; cases already registered stay under the version they are under.\n"
    )
    if before.ref == after.ref:
        console.print(
            f"Both say {after.ref}; a published version never changes, so the new one needs a higher version.\n"
        )
    for one in found:
        console.print(f"[bold]{escape(one.what)}[/bold] [dim](for {escape(one.for_whom)})[/dim]", soft_wrap=True)
        console.print(f"  was  {escape(one.before)}\n  now  {escape(one.after)}", soft_wrap=True)
    console.print(f"\n{counted(len(found), 'change')}.")


def try_out(settings: Settings, file: Path) -> None:
    """Replay the decided cases under the version in the file, with a bar, and print which outcomes would differ."""
    from infra.bootstrap import open_app
    from infra.cli.reading import database
    from services.dry_run import dry_run

    scheme, console = _scheme(file), screen()
    with database(settings) as url, open_app(url, pool_size=1) as app, bar(console, "decided cases") as progress:
        result = dry_run(app.office, scheme, progress)
    for title, trials in (("Would differ", result.differ), ("Can't be compared", result.incomparable)):
        if trials:
            table = Table(box=None, padding=(0, 2, 0, 0), title=title, title_justify="left")
            for name in ("case", "decided", f"under {scheme.ref}", "why"):
                table.add_column(name)
            for one in trials:
                table.add_row(one.case, escape(one.before), escape(one.after), escape(one.why))
            console.print(table)
    console.print(
        f"{counted(result.cases, 'decided case')} of {scheme.id}: {len(result.differ)} would differ, {len(result.same)} would"
        f" be the same, {len(result.incomparable)} can't be compared. Nothing was written.",
        soft_wrap=True,
    )


def publish(settings: Settings, file: Path) -> None:
    """Publish the version in the file, and tell clients of live cases under earlier versions; the same again says so."""
    from infra.bootstrap import open_app
    from infra.cli.reading import database
    from services import schemes
    from services.ports import Command

    source, scheme, console = scheme_source(file), _scheme(file), screen()
    id = f"publish/{scheme.ref}/{scheme.digest}"
    command = Command(id=id, actor="installer", role=schemes.INSTALLER_ROLE, at=datetime.now(UTC))
    told = 0
    with database(settings) as url, open_app(url, pool_size=1) as app, bar(console, "cases") as progress:

        def telling(looked_at: int, of: int, so_far: int) -> None:
            nonlocal told
            told = so_far
            progress(looked_at, of)

        receipt = schemes.publish_scheme(app.office, command, source=source, file=str(file), telling=telling)
    done = "is published" if receipt.events else "was already published with this content; nothing changed"
    console.print(f"{scheme.ref} {done}, at position {receipt.position}.")
    console.print(f"SHA-256 {scheme.digest}")
    console.print(f"It concerns {counted(told, 'live case')} under earlier versions, whose clients were told now.")


def show_published(settings: Settings) -> None:
    """Print every published version with its date and digest."""
    from domain.scheme_record import SchemeVersionPublished
    from infra.bootstrap import open_app
    from infra.cli.reading import database
    from services.schemes import recorded

    console = screen()
    with database(settings) as url, open_app(url, pool_size=1) as app:
        published = list(recorded(app.office, SchemeVersionPublished))
    if not published:
        console.print("No scheme is published yet; `assay scheme publish FILE` publishes one.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("scheme", "published (UTC)", "position", "SHA-256"):
        table.add_column(name, no_wrap=True)
    for one in sorted(published, key=lambda each: (each.event.scheme, each.event.version)):
        ref = f"{one.event.scheme}@{one.event.version}"
        table.add_row(ref, f"{one.recorded_at:%-d %b %Y %H:%M:%S}", str(one.position), one.event.digest)
    console.print(table)


def _scheme(file: Path) -> Scheme:
    try:
        return read_scheme(scheme_source(file), str(file))
    except FaultyFile as faulty:
        raise CannotStart(str(faulty)) from None
