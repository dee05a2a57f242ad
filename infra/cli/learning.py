"""What was learnt from cases, how far assessors agree, and the proposals to change criteria, on a terminal."""

from datetime import UTC, datetime

import psycopg
from rich.markup import escape

from domain.refusals import refuse
from infra.bootstrap import open_app
from infra.cli.reading import Reader, columns, database, short, zone_of
from infra.cli.screen import screen
from infra.settings import Settings
from projections import learning, proposals
from projections.words import plain, token
from services.calibration import consistent

STAGES = ("made", "deferred", "accepted", "declined", "taken-up", "withdrawn")
"""The stages of a proposal."""


def show_learning(settings: Settings, *, scheme: str | None, public: bool) -> None:
    """Print by scheme version and role how many answered, the minutes that a case took them, and the mean of each question."""
    console = screen()
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        summaries = learning.summaries(connection, scheme=scheme, public=public)
        means = learning.means(connection, scheme=scheme, public=public)
    if not summaries:
        console.print("Nobody was asked about a case yet.")
        return
    for one in summaries:
        said = f"{one.answered} of {one.asked} answered" if one.answered is not None else "too few answered to say"
        minutes = f"; a case took them {one.mean_minutes:.0f} minutes" if one.mean_minutes is not None else ""
        console.print(f"[bold]{one.scheme}, {one.role}[/bold]: {said}{minutes}")
        table = columns("question", "mean of 1 to 5", "answers")
        for each in means:
            if (each.scheme, each.role) == (one.scheme, one.role) and each.mean is not None:
                table.add_row(plain(each.question), f"{each.mean:.1f}", str(each.n))
        if table.row_count:
            console.print(table)


def show_consistency(settings: Settings, *, scheme: str | None) -> None:
    """Print of each criterion how many cases were marked twice, and how many of them alike, one step apart, or further."""
    console = screen()
    with database(settings) as url, open_app(url, pool_size=1) as app:
        rows = consistent(app.office, scheme=scheme)
    if not rows:
        console.print("Nothing was marked by two assessors yet.")
        return
    table = columns("scheme", "criterion", "marked twice", "alike", "one step apart", "further")
    for one in rows:
        alike = f"{one.alike} ({one.share:.0%})"
        table.add_row(one.scheme, one.criterion, str(one.compared), alike, str(one.one_apart), str(one.further))
    console.print(table)


def show_proposals(
    settings: Settings, *, scheme: str | None, stage: str | None, criterion: str | None, limit: int
) -> None:
    """Print the proposals to change criteria, the latest first: by whom, about what, where each stands."""
    if stage is not None and stage not in STAGES:
        raise refuse("proposal-stages", f"{stage!r} is no stage", field="--stage", allowed=", ".join(STAGES))
    console, at = screen(), datetime.now(UTC)
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        rows = proposals.page(connection, scheme=scheme, stage=stage, criterion=criterion, limit=limit)
        reader = Reader(app)
        reader.prepare([token(kind, id) for one in rows for kind, id in (("person", one.proposer), ("text", one.text))])
        if not rows:
            console.print("No proposal fits that." if scheme or stage or criterion else "There is no proposal yet.")
            return
        table = columns("proposal", "by", "criteria", "stage", "to be considered by", "taken up by", "what")
        for one in rows:
            reader.zone = zone_of(app, one.scheme)
            late = "! " if one.consider_by and one.consider_by <= at else ""
            table.add_row(
                short(one.proposal),
                escape(reader.say(token("person", one.proposer))),
                f"{', '.join(one.criteria)} of {one.scheme}",
                plain(one.stage),
                late + reader.cell(one.consider_by),
                one.taken_up or "",
                escape(reader.say(token("text", one.text))),
            )
        console.print(table)
        if len(rows) == limit:
            console.print(f"Only the first {limit:,} are shown; --limit shows more.")
