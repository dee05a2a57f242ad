"""What the governance board does, on a terminal: its audits, the register of risks, internal sampling. Nothing is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape

from domain.audit.findings import RESULTS
from domain.audit.seeing import has_conflict
from domain.audit.state import Audit
from domain.ids import kind_of
from domain.person import require_known
from domain.refusals import refuse
from domain.risk.keeping import may_own
from infra.bootstrap import App, open_app
from infra.cli.reading import Reader, columns, database, find_case, instant, nobody, short
from infra.cli.screen import screen
from infra.identity.people import find_person
from infra.problems import CannotStart
from infra.settings import Settings
from projections import audits, risks, sampling
from projections.words import counted, plain, token
from services.audits import drawn_again
from services.office import Work
from services.ports import Command
from services.sampling import drawn_again as again
from services.states import fold


@contextmanager
def looking(settings: Settings) -> Iterator[tuple[Console, App, psycopg.Connection[Any], Reader]]:
    """What a command that only looks works with."""
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        yield screen(), app, connection, Reader(app)


def show_audits(settings: Settings, *, limit: int) -> None:
    """Print the audits, the latest first, with what is still to be done in each."""
    with looking(settings) as (console, _, connection, reader):
        found = audits.listed(connection, limit=limit)
        if not found:
            console.print("There is no audit yet.")
            return
        reader.prepare([token("person", one.lead) for one in found])
        table = columns("audit", "opened", "led by", "about", "from", "until", "drawn of", "seed", "to be closed by")
        for one in found:
            table.add_row(
                short(one.audit),
                reader.cell(one.opened_at),
                escape(reader.who(one.lead)),
                ", ".join(one.schemes),
                reader.cell(one.begins_at),
                reader.cell(one.ends_at),
                f"{one.size} of {one.population:,}",
                str(one.seed),
                "closed" if one.closed_at else reader.cell(one.close_by),
            )
        console.print(table)


def show_audit(settings: Settings, audit: str, *, reader_id: str | None, verify: bool, role: str | None = None) -> None:
    """Print the report of an audit, as one person may see it if named; or draw its sample again and say whether it agrees.

    Refuses who may not see it, as the table of permissions has it over the API (`replay-eyes`).
    """
    if role is not None and reader_id is None:
        raise refuse("replay-eyes", "nobody is named who acts in it", field="--role", allowed="--role with --as")
    with looking(settings) as (console, app, connection, reader):
        id = find_case(connection, audit, kind="audit", field="AUDIT")
        if verify:
            _verify(console, app, id)
            return
        if kind_of(id) != "audit":
            raise refuse("known-audit", f"{id} is no audit", field="AUDIT", allowed="an id that `assay audits` shows")
        hidden = _hidden_from(app, connection, id, reader_id, role) if reader_id else set()
        found = audits.report(connection, id, hidden_providers=hidden)
        if found is None:
            raise refuse("known-audit", f"{id} is not shown yet", field="AUDIT", allowed="the same in a moment")
        head = found.audit
        texts = [
            *head.questions,
            *(one.text for one in found.findings if one.text),
            *(one.to_do for one in found.actions),
        ]
        texts += [head.summary] if head.summary else []
        people = {head.lead, *head.members, *(one.by for one in found.findings), *(one.owner for one in found.actions)}
        people |= {one.verified_by for one in found.actions if one.verified_by}
        reader.prepare(
            [
                *(token("text", one) for one in texts),
                *(token("person", one) for one in people),
                *(token("provider", one.provider) for one in found.cases),
            ]
        )
        _print_head(console, reader, found)
        _print_cases(console, reader, found, fold(id, app.records.streams(id)[id].entries, "audit"))
        _print_findings(console, reader, found)
        _print_actions(console, reader, found)


def _print_head(console: Console, reader: Reader, found: audits.Report) -> None:
    head = found.audit
    standing = (
        f"closed {reader.cell(head.closed_at)}" if head.closed_at else f"to be closed by {reader.cell(head.close_by)}"
    )
    console.print(f"[bold]{head.audit}[/bold], {standing}; led by {escape(reader.who(head.lead))}")
    seen = f"{counted(len(found.cases), 'case')} of the sample" + (f", {found.hidden} hidden" if found.hidden else "")
    console.print(f"{seen}; drawn from {head.population:,} by the seed {head.seed}, digest {head.digest[:16]}…\n")
    table = columns("point", *(plain(one) for one in RESULTS), "of", "question")
    for item, question in zip(found.items, head.questions, strict=True):
        counts = [str(item.results[one]) for one in RESULTS]
        table.add_row(item.item, *counts, str(item.cases), escape(reader.say(token("text", question))))
    console.print(table)
    if head.summary:
        console.print(f"\n{escape(reader.say(token('text', head.summary)))}")


def _print_cases(console: Console, reader: Reader, found: audits.Report, held: Audit) -> None:
    """The cases that were drawn, as far as they are not hidden, each with what is still open for it."""
    table = columns("case", "provider", "scheme", "still open", wraps=("still open",))
    for one in found.cases:
        points = [item for case, item in held.unanswered if case == one.case_id]
        bare = [str(each.number) for each in held.bare if each.case == one.case_id]
        acting = {each.number for each in found.findings if each.case_id == one.case_id}
        verified = [str(each.number) for each in found.actions if each.finding in acting and not each.verified_at]
        left = [f"to be found: {', '.join(points)}"] if points else []
        left += [f"nothing agreed about finding {', '.join(bare)}"] if bare else []
        left += [f"to be done and verified: action {', '.join(verified)}"] if verified else []
        table.add_row(
            one.case_id, escape(reader.say(token("provider", one.provider))), one.scheme, "; ".join(left) or "nothing"
        )
    console.print()
    console.print(table)


def _print_findings(console: Console, reader: Reader, found: audits.Report) -> None:
    owners = {one.case_id: one.provider for one in found.cases}
    table = columns("finding", "case", "provider", "point", "result", "by", "what")
    for one in found.findings:
        gone = f" (superseded by {one.superseded_by})" if one.superseded_by else ""
        table.add_row(
            str(one.number),
            short(one.case_id),
            escape(reader.say(token("provider", owners[one.case_id]))),
            one.item,
            plain(one.result) + gone,
            escape(reader.who(one.by)),
            escape(reader.say(token("text", one.text))) if one.text else "",
        )
    console.print()
    console.print(table if found.findings else "Nothing was found yet.")


def _print_actions(console: Console, reader: Reader, found: audits.Report) -> None:
    if not found.actions:
        return
    table = columns("action", "finding", "whose", "by", "done", "verified", "what")
    for one in found.actions:
        table.add_row(
            str(one.number),
            str(one.finding),
            escape(reader.who(one.owner)),
            reader.cell(one.due_at),
            reader.cell(one.done_at),
            f"{reader.cell(one.verified_at)} {escape(reader.who(one.verified_by))}" if one.verified_by else "",
            escape(reader.say(token("text", one.to_do))),
        )
    console.print()
    console.print(table)


def _verify(console: Console, app: App, id: str) -> None:
    held = fold(id, app.records.streams(id)[id].entries, "audit")
    _agree(id, drawn_again(app.records, held))
    console.print(
        f"Drawn again from the record as of position {held.position:,}: the same {held.population:,} cases in scope"
        f" ({held.digest}), and by the seed {held.seed} the same {counted(len(held.sampled), 'case')}."
    )


def _agree(id: str, faults: list[str]) -> None:
    if faults:
        raise CannotStart(f"{id} does not agree with the record: {'; '.join(faults)}.")


def _hidden_from(app: App, connection: psycopg.Connection[Any], audit: str, person: str, role: str | None) -> set[str]:
    """The providers of an audit's cases with which a person has a conflict, now. Refuses who may not see the audit."""
    from infra.api.caller import Api
    from infra.replay.looks import Eyes, looks_of
    from infra.replay.past import moment_of

    person = find_person(app.records.datastore, person, field="--as")
    moment = moment_of(app.records, audit, now=datetime.now(UTC))
    looks_of(Api(app=app, identify=nobody), audit, moment, eyes=Eyes(person=person, role=role), asker=None)
    work = Work(app.office, Command(id="reading", actor="reading", role="reading", at=datetime.now(UTC)), about=audit)
    held = work.person(person)
    require_known(held, field="--as")
    return {one for one in audits.providers(connection, audit) if has_conflict(held, one)}


def show_risks(settings: Settings, *, on: str | None, closed: bool) -> None:
    """Print the register of risks to impartiality as it stood at an instant, the gravest first."""
    at = instant(on, "--on") if on else datetime.now(UTC)
    with looking(settings) as (console, app, connection, reader):
        found = risks.register(connection, on=at, closed=closed)
        if not found:
            console.print(f"No risk was on the register at {reader.time(at)}.")
            return
        texts = [one for risk in found for one in (risk.description, risk.mitigation)]
        reader.prepare([*(token("text", one) for one in texts), *(token("person", one.owner) for one in found)])
        work = Work(app.office, Command(id="reading", actor="reading", role="reading", at=at), about="reading")
        owners = sorted({one.owner for one in found if one.owner.startswith("person-")})
        idle = {one.id for one in work.people(owners) if not may_own(one, at)} if on is None else set()
        table = columns("risk", "kind", "rating", "owner", "review by", "last review", "seen", "what", "mitigation")
        for one in found:
            late = "! " if one.review_by <= at and not one.closed_at else ""
            unseen = "to be confirmed" if one.to_confirm else "not yet" if one.reviewed_at else ""
            table.add_row(
                short(one.risk),
                plain(one.kind),
                f"{one.rating} ({one.likelihood}, {one.impact})",
                escape(reader.who(one.owner)) + (" (! no role any more)" if one.owner in idle else ""),
                "closed" if one.closed_at else f"{late}{reader.cell(one.review_by)}",
                f"{one.result} {reader.cell(one.reviewed_at)}" if one.reviewed_at else "",
                reader.cell(one.seen_at) or unseen,
                escape(reader.say(token("text", one.description))),
                escape(reader.say(token("text", one.mitigation))),
            )
        console.print(table)


def show_sampling(settings: Settings, plan: str | None, *, verify: bool, limit: int) -> None:
    """Print the plans of internal sampling, or of one how far it has come with each assessor."""
    with looking(settings) as (console, app, connection, reader):
        if plan is None:
            _print_plans(console, reader, sampling.plans(connection, limit=limit))
            return
        id = find_case(connection, plan, kind="sampling", field="PLAN")
        if verify:
            _agree(id, again(app.office, id, at=datetime.now(UTC)))
            console.print(
                "Drawn again from the record as of the last drawing: the same assessments, for the same reasons."
            )
            return
        rows, waiting = sampling.progress(connection, id), sampling.samples(connection, id, waiting=True)
        looking_people = [one.looker for one in waiting if one.looker.startswith("person-")]
        people = {*(one.assessor for one in rows), *(one.assessor for one in waiting), *looking_people}
        reader.prepare([token("person", one) for one in people])
        table = columns("assessor", "completed", "planned", "drawn", "looked at", "sound", "minor", "serious")
        for one in rows:
            figures = (one.completed, one.planned, one.drawn, one.done, one.sound, one.minor, one.serious)
            table.add_row(escape(reader.who(one.assessor)), *map(str, figures))
        console.print(table if rows else "Nothing was completed yet, or nothing drawn.")
        if waiting:
            left = columns("number", "case", "assessor", "because", "to be looked at by", "until")
            for sample in waiting:
                left.add_row(
                    str(sample.number),
                    short(sample.case_id),
                    escape(reader.who(sample.assessor)),
                    "of the share" if sample.because == "share" else "one of the first",
                    escape(reader.who(sample.looker)),
                    reader.cell(sample.due_at),
                )
            console.print()
            console.print(left)


def _print_plans(console: Console, reader: Reader, found: list[sampling.Plan]) -> None:
    table = columns("plan", "scheme", "year", "seed", "to be finished by")
    for one in found:
        finish = "closed" if one.closed_at else reader.cell(one.finish_by)
        table.add_row(short(one.plan), one.scheme, str(one.year), str(one.seed), finish)
    console.print(table if found else "No sampling is planned yet.")
