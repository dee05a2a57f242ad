"""Governance figures on a terminal, each kind with its interval, or as CSV. Nothing is changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape

from domain import permissions
from domain.figures import agreeing, appealed, outcomes, times
from domain.figures.asked import FEWEST, Asked, scheme_of
from domain.figures.facts import Facts
from domain.figures.public import PublicRow
from domain.person import require_known
from domain.refusals import refuse
from infra.api.reading.sheets import as_csv as sheet
from infra.bootstrap import App
from infra.cli.governance import looking
from infra.cli.reading import Reader, columns, instant
from infra.cli.screen import bar
from infra.identity.people import find_person
from infra.settings import Settings
from projections.words import plain, task, token
from services import figures
from services.office import Work
from services.ports import Command

PUBLISHED: Final = "published"
FIGURES: Final = "see-figures"
"""The action of who may see them; what of them they see is as over the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: kind, scheme, period, as recorded until when, as whom; instants as they were typed."""

    about: str | None
    scheme: str | None
    begins: str | None
    ends: str | None
    at: str | None
    reader: str | None


@dataclass(frozen=True, slots=True)
class _Shown:
    """How one kind of figures is made and shown: a title, the class of its rows, what heads the columns, and a row of cells."""

    title: str
    row: type[Any]
    make: Callable[[App, Facts, Asked, datetime], Iterable[Any]]
    heads: tuple[str, ...]
    cells: Callable[[Any, Reader], Sequence[str]]


def _share(value: float | None, low: float | None = None, high: float | None = None) -> str:
    if value is None:
        return "–"
    return _percent(value) + (f" ({_percent(low)} to {_percent(high)})" if low is not None and high is not None else "")


def _percent(value: float) -> str:
    """In whole percent, but for what would pass for none, or for all."""
    whole = f"{value:.0%}"
    return f"{value:.1%}" if whole in {"0%", "100%"} and value not in {0, 1} else whole


def _points(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "–"
    return f"{100 * value:+.0f} ({100 * low:+.0f} to {100 * high:+.0f}) points"


def _alpha(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "not defined"
    return f"{value:.2f}" + (f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else "")


def _days(*values: float | None) -> list[str]:
    return ["–" if one is None else f"{one:,.1f}" for one in values]


def _few(row: Any) -> str:
    return "few" if row.few else ""


KINDS: Final[dict[str, _Shown]] = {
    "agreement": _Shown(
        "How far judges agree (Krippendorff's alpha, 95 % bootstrap interval)",
        agreeing.AgreementRow,
        lambda app, facts, asked, at: agreeing.agreements(facts, asked, figures.scales(app.office, at)),
        ("between", "scheme", "criterion", "cases", "judgements", "alike", "one apart", "nominal", "ordinal", ""),
        lambda row, _: (
            "two assessors" if row.between == agreeing.CALIBRATION else "assessor and panel",
            row.scheme,
            row.criterion or "all",
            f"{row.cases:,}",
            f"{row.judgements:,}",
            f"{row.alike:,}",
            f"{row.one_apart:,}",
            _alpha(row.nominal, row.nominal_low, row.nominal_high),
            _alpha(row.ordinal, row.ordinal_low, row.ordinal_high),
            _few(row),
        ),
    ),
    "changes": _Shown(
        "Judgements that panels changed, by assessor (Wilson's 95 % interval)",
        agreeing.ChangeRow,
        lambda _app, facts, asked, _at: agreeing.changes(facts, asked),
        ("assessor", "scheme", "cases", "judgements", "changed", "share", "of all others", ""),
        lambda row, reader: (
            escape(reader.who(row.assessor)),
            row.scheme,
            f"{row.cases:,}",
            f"{row.judgements:,}",
            f"{row.changed:,}",
            _share(row.share, row.low, row.high),
            _share(row.rest),
            _few(row),
        ),
    ),
    "outcomes": _Shown(
        "Outcomes (Wilson's 95 % interval; difference from all others with Newcombe's)",
        outcomes.OutcomeRow,
        lambda _app, facts, asked, _at: outcomes.outcomes(facts, asked),
        ("scheme", "group", "told", "awarded", "not awarded", "share awarded", "difference", ""),
        lambda row, _: (
            row.scheme,
            "all" if row.by == outcomes.ALL else f"{plain(row.by)}: {plain(row.group) or 'not said'}",
            f"{row.decided:,}",
            f"{row.awarded:,}",
            f"{row.not_awarded:,}",
            _share(row.share, row.low, row.high),
            _points(row.difference, row.difference_low, row.difference_high),
            _few(row),
        ),
    ),
    "stages": _Shown(
        "Days at each stage, and in brackets working days",
        times.StageRow,
        lambda app, facts, asked, at: times.stage_times(facts, asked, figures.calendars(app.office, at), at),
        ("scheme", "stage", "left it", "too late", "lower quartile", "median", "upper quartile", "longest", "still there", "too late", ""),
        lambda row, _: (
            row.scheme,
            plain(row.stage),
            f"{row.ended:,}",
            f"{row.overdue:,}",
            *(
                days if days == "–" else f"{days} ({working:,.0f})"
                for days, working in zip(
                    _days(row.lower, row.median, row.upper, row.longest),
                    (row.working_lower, row.working_median, row.working_upper, row.working_longest),
                    strict=True,
                )
            ),
            f"{row.open:,}" + (f", the oldest for {row.longest_open:,.0f} days" if row.longest_open else ""),
            f"{row.open_overdue:,}",
            _few(row),
        ),
    ),
    "minutes": _Shown(
        "Minutes a submission takes",
        times.MinutesRow,
        lambda _app, facts, asked, _at: times.minutes(facts, asked),
        ("scheme", "whom", "known of", "lower quartile", "median", "upper quartile", "longest", "in all", ""),
        lambda row, _: (
            row.scheme,
            plain(row.role),
            f"{row.cases:,}",
            *(f"{one:,.0f}" for one in (row.lower, row.median, row.upper, row.longest, row.total)),
            _few(row),
        ),
    ),
    "clocks": _Shown(
        "Whether clocks were kept (Wilson's 95 % interval)",
        times.ClockRow,
        lambda _app, facts, asked, at: times.clocks(facts, asked, at),
        ("scheme", "of", "for", "due", "in time", "late", "late and waiting", "moved later", "share in time", ""),
        lambda row, _: (
            row.scheme,
            row.kind,
            task(row.rule),
            *(f"{one:,}" for one in (row.due, row.in_time, row.late, row.running_late, row.moved)),
            _share(row.share, row.low, row.high),
            _few(row),
        ),
    ),
    "appeals": _Shown(
        "Appeals (Wilson's 95 % interval)",
        appealed.AppealRow,
        lambda _app, facts, asked, _at: appealed.appeals(facts, asked),
        ("scheme", "which", "lodged", "upheld", "dismissed", "not heard", "withdrawn", "open", "share upheld", "results contested", ""),
        lambda row, _: (
            row.scheme,
            "all" if row.by == appealed.ALL else f"{row.by}: {plain(row.group)}",
            *(f"{one:,}" for one in (row.lodged, row.upheld, row.dismissed, row.not_admitted, row.withdrawn, row.open)),
            _share(row.share, row.low, row.high),
            "" if row.told is None else f"of {row.told:,} told: {_share(row.rate, row.rate_low, row.rate_high)}",
            _few(row),
        ),
    ),
}  # fmt: skip
"""The kinds of figures, in the order in which they are shown."""
_PUBLIC: Final = _Shown(
    "What the public is told of each year",
    PublicRow,
    lambda app, _facts, asked, at: (
        row
        for row in figures.told_to_the_public(app.office, at=at)
        if asked.scheme is None or row.scheme == scheme_of(asked.scheme)
    ),
    ("scheme", "year", "what", "decided", "awarded or upheld", "not", "share", "difference", "median days"),
    lambda row, _: (
        row.scheme,
        str(row.year),
        f"{plain(row.by)}{': ' if row.group else ''}{plain(row.group)}",
        *(
            ("too little to be told", "", "", "", "", "")
            if not row.shown
            else (
                *("" if one is None else f"{one:,}" for one in (row.decided, row.awarded, row.not_awarded)),
                _share(row.share, row.low, row.high),
                "" if row.difference is None else _points(row.difference, row.difference_low, row.difference_high),
                "" if row.median_days is None else str(row.median_days),
            )
        ),
    ),
)


def show_figures(settings: Settings, wanted: Wanted, *, as_csv: bool) -> None:
    """Print figures of a scheme and a period, as known at an instant and as one person may see them; or what the public is told."""
    begins, ends, known = (
        instant(text, option) if text else None
        for text, option in ((wanted.begins, "--from"), (wanted.ends, "--until"), (wanted.at, "--at"))
    )
    asked = Asked(scheme=wanted.scheme, begins=begins, ends=ends)
    if as_csv and wanted.about is None:
        raise refuse(
            "figures-kind",
            "several kinds of figures are no one table",
            field="ABOUT",
            allowed=", ".join((*KINDS, PUBLISHED)),
        )
    with looking(settings) as (console, app, _, reader):
        at = known or datetime.now(UTC)
        figures.require_scheme(app.office, wanted.scheme, at=datetime.now(UTC), field="--scheme")
        facts = Facts() if wanted.about == PUBLISHED else _facts(console, app, at, known)
        if wanted.reader:
            facts = facts.seen(_seen_by(app, facts, wanted.reader, at))
        kinds = {wanted.about: {**KINDS, PUBLISHED: _PUBLIC}[wanted.about]} if wanted.about else KINDS
        for shown in kinds.values():
            rows = list(shown.make(app, facts, asked, at))
            if as_csv:
                write_csv(shown.row, rows)
            else:
                _print(console, reader, shown, rows)
        if not as_csv:
            console.print(f"“few”: of fewer than {FEWEST}. How to read each: docs/guides/governance.md.")


def _facts(console: Console, app: App, at: datetime, known: datetime | None) -> Facts:
    """The facts, with a progress bar where somebody looks on."""
    if not console.is_terminal:
        return figures.known(app.office, at=at, until=known)
    end = app.records.max_position()
    with bar(console, "events") as progress:
        return figures.known(app.office, at=at, until=known, telling=lambda position: progress(position, end))


def _seen_by(app: App, facts: Facts, person: str, at: datetime) -> set[str]:
    """The cases whose figures somebody sees. Refuses who acts in no role that sees figures (`acting-role`)."""
    command = Command(id="reading", actor="reading", role="reading", at=at)
    held = Work(app.office, command, about="reading").person(find_person(app.records.datastore, person, field="--as"))
    require_known(held, field="--as")
    allowed = permissions.roles(FIGURES)
    if not {role for role, _ in held.roles_at(at)}.intersection(allowed):
        raise refuse(
            "acting-role", "they act in no role that sees figures", field="--as", allowed=", ".join(sorted(allowed))
        )
    return facts.visible_to(held, at)


def write_csv(row: type[Any], rows: Sequence[Any]) -> None:
    """Write rows of one class, each field a column; of none, what heads the columns, as over the API."""
    for part in sheet([one.name for one in fields(row)], [asdict(one) for one in rows]):
        typer.echo(part, nl=False)


def _print(console: Console, reader: Reader, shown: _Shown, rows: Sequence[Any]) -> None:
    console.print(f"[bold]{shown.title}[/bold]")
    if not rows:
        console.print("Nothing of that in this period.\n")
        return
    reader.prepare([token("person", row.assessor) for row in rows if hasattr(row, "assessor")])
    table = columns(*shown.heads)
    for row in rows:
        table.add_row(*shown.cells(row, reader))
    console.print(table)
    console.print()
