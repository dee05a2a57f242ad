"""The lists of cases: board, register, tasks, reminders, ledger; of each only what the reader may see."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL

from domain.submission.state import Stage
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import MOST
from infra.api.reading.seen import ANY_CASE
from projections import board, complaints, directory, ledger, parts, register, reminders, tasks
from projections.register import PERIODS, SUSPENSIONS, Period

FAR: Final = timedelta(days=36525)
STAGES: Final = tuple(one.value for one in Stage if one is not Stage.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Accredited(Period):
    """A period of an accreditation that the instant asked about is in, from `starts_at` until, and without, `ends_at` (UTC).

    While it is `suspended` it is not valid. `extension`: validity goes on while it is decided whether it is earned again.
    `scope` narrows it. `strengths` are codes of criteria of its scheme. `title` is the programme's.
    """

    title: str | None = None
    suspended: bool = False


_BOARD: Final = SQL(
    "SELECT submission, title, scheme, provider, origin, category, subject, stage, since, rule, due_at, remind_at,"
    ' results_due, "window", visit_at, provisional, assessor, stuck, released,'
    " CASE WHEN released OR NOT %(outside)s THEN outcome END AS outcome,"
    " CASE WHEN released OR NOT %(outside)s THEN level END AS level FROM {}"
).format(board.CASES.identifier())

_REGISTER: Final = SQL(
    "SELECT periods.*, cases.title, EXISTS (SELECT FROM {suspensions} AS one"
    " WHERE one.accreditation = periods.accreditation"
    " AND one.starts_at <= %(on)s AND coalesce(one.ends_at, 'infinity') > %(on)s) AS suspended"
    " FROM {periods} AS periods LEFT JOIN {cases} AS cases USING (submission)"
    " WHERE periods.starts_at <= %(on)s AND periods.ends_at > %(on)s"
).format(periods=PERIODS.identifier(), suspensions=SUSPENSIONS.identifier(), cases=board.CASES.identifier())

_FEES: Final = SQL(
    "SELECT case_id, currency, sum(charged)::int8 AS charged, sum(paid)::int8 AS paid, sum(waived)::int8 AS waived,"
    " sum(refunded)::int8 AS refunded, sum(charged - paid - waived)::int8 AS balance FROM {} GROUP BY case_id, currency"
).format(ledger.FEES.identifier())


def _register_then(view: View) -> list[Accredited]:
    """What the register said, at the instant `known`, of the instant `on`; titles are those still kept."""
    events = view.api.app.records.read_kind("accreditation", view.more.get("known") or view.caller.at)
    valid, suspended = register.known_by(events, on=view.on)
    titles: dict[str, str | None] = {}
    query = SQL("SELECT submission, title FROM {} WHERE submission = ANY(%s)").format(board.CASES.identifier())
    with view.connect() as connection:
        titles.update(connection.execute(query, [[one.submission for one in (*valid, *suspended)]]).fetchall())
    return [
        Accredited(**asdict(one), title=titles.get(one.submission), suspended=stopped)
        for stopped, periods in ((False, valid), (True, suspended))
        for one in periods
    ]


def _pay(view: View) -> Iterable[ledger.PersonBalance]:
    """What people earned by work on what no conflict hides from the reader; by all of it, of their own."""
    condition, values = view.sight.condition(ANY_CASE, case="earned.case_id")
    seen = SQL("earned.person = %(reader)s OR earned.case_id NOT IN (SELECT case_id FROM {places}) OR ({seen})").format(
        places=parts.PLACES.identifier(), seen=condition
    )
    with view.connect() as connection:
        return ledger.people_as_seen(connection, seen, {**values, "reader": view.caller.actor})


def _counts(view: View) -> Iterable[board.Count]:
    """How many cases that the reader sees each stage has."""
    seen, values = view.sight.condition("see-board", case="listed.submission", provider="listed.provider")
    query = SQL(
        "SELECT stage, count(*) AS cases, count(*) FILTER (WHERE due_at <= %(on)s) AS overdue, count(stuck) AS stuck"
        " FROM {} AS listed WHERE {} GROUP BY stage"
    ).format(board.CASES.identifier(), seen)
    with view.connect() as connection, connection.cursor(row_factory=class_row(board.Count)) as cursor:
        return cursor.execute(query, {**values, "on": view.on}).fetchall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What will be sent, to whom (a person, a role or operations), and why: a `reminder`, or word that a `deadline` passed."""

    case_id: str
    kind: str
    rule: str
    recipient: str
    planned_for: datetime
    due_at: datetime
    about: str
    why: str


def _planned(view: View) -> Iterable[Coming]:
    until = view.on + FAR
    with view.connect() as connection:
        found = reminders.planned(connection, at=view.on, until=until, limit=MOST + 1)
    return [
        Coming(
            case_id=one.case_id,
            kind=one.kind,
            rule=one.rule,
            recipient=one.recipient,
            planned_for=one.planned_for,
            due_at=one.due_at,
            about=one.about,
            why=one.why,
        )
        for one in found
    ]


_ITEMS: Final = SQL("SELECT * FROM {} WHERE meeting = %(id)s").format(directory.ITEMS.identifier())

LISTS: Final = (
    Listing(
        path="board",
        operation="list_board",
        summary="Submissions: stage, next deadline, people, what each is stuck on",
        tag="cases",
        action="see-board",
        row=board.Case,
        source=_BOARD,
        models=(board.MODEL,),
        key=("submission",),
        order="due_at",
        sorts=("submission", "since", "stage", "scheme", "provider", "visit_at"),
        filters=(
            "submission", "stage", "scheme", "provider", "origin", "category", "subject", "rule", "due_at", "since",
            "window", "visit_at", "assessor", "stuck", "outcome", "level", "released",
        ),
        case="submission",
        provider="provider",
        names=("provider", "assessor"),
        texts=("title",),
        hidden=("remind_at",),
        past={"overdue": "due_at"},
        values={"stage": STAGES},
    ),
    Listing(
        path="board/counts",
        operation="list_board_counts",
        summary="How many submissions are at each stage, overdue and stuck",
        tag="cases",
        action="see-board",
        row=board.Count,
        source=_counts,
        models=(board.MODEL,),
        key=("stage",),
        order="stage",
        sorts=("cases", "overdue", "stuck"),
    ),
    Listing(
        path="meetings",
        operation="list_meetings",
        summary="Meetings for moderation: when, who chairs and sits, and whether the minutes are signed",
        tag="meetings",
        action="see-case",
        row=directory.Meeting,
        source=directory.MEETINGS,
        models=(directory.MODEL,),
        key=("meeting",),
        order="-starts_at",
        sorts=("meeting", "scheme", "opened_at", "signed_at"),
        filters=("meeting", "scheme", "form", "starts_at", "chair", "panel", "state"),
        case="meeting",
        names=("chair",),
        values={"state": ("scheduled", "opened", "signed")},
        empty={"open": "signed_at"},
    ),
    Listing(
        path="meetings/{id}/items",
        kinds=("meeting",),
        operation="list_meeting_items",
        summary="The cases that a meeting was called to look at, as far as the caller may see them",
        tag="meetings",
        action="see-case",
        row=directory.Item,
        source=_ITEMS,
        models=(directory.MODEL,),
        key=("case_id",),
        order="case_id",
        filters=("case_id",),
        case="case_id",
    ),
    Listing(
        path="register",
        operation="list_register",
        summary="The public register: what is accredited on a date, and what is suspended then",
        tag="register",
        action="see-register",
        row=Accredited,
        source=_REGISTER,
        models=(register.MODEL, board.MODEL),
        key=("accreditation", "starts_at"),
        order="accreditation",
        sorts=("ends_at", "provider", "scheme", "level"),
        filters=(
            "accreditation", "submission", "provider", "scheme", "level", "category", "subject", "phase", "starts_at",
            "ends_at", "strengths", "extension", "suspended", "withdrawn",
        ),
        names=("provider",),
        texts=("title", "scope"),
        dated=True,
    ),
    Listing(
        path="register/as-known",
        operation="list_register_as_known",
        summary="What the public register said, at one instant, of another: before corrections that came later",
        tag="register",
        action="see-register",
        row=Accredited,
        source=_register_then,
        models=(board.MODEL,),
        key=("accreditation", "starts_at"),
        order="accreditation",
        sorts=("ends_at", "provider", "scheme", "level"),
        filters=("accreditation", "submission", "provider", "scheme", "level", "suspended", "withdrawn"),
        names=("provider",),
        texts=("title", "scope"),
        more={"known": kinds.FROM},
        dated=True,
    ),
    Listing(
        path="tasks",
        operation="list_tasks",
        summary="Who has to do what by when, in appeals, complaints, audits and other matters",
        tag="tasks",
        action="see-tasks",
        row=tasks.Row,
        source=tasks.TASKS,
        models=(tasks.MODEL, complaints.MODEL),
        key=("case_id", "name"),
        order="due_at",
        sorts=("set_at", "done_at", "rule", "who", "case_id"),
        filters=("case_id", "rule", "about", "who", "told", "set_at", "due_at", "done_at"),
        case="case_id",
        names=("who",),
        empty={"running": "done_at"},
        past={"overdue": "due_at"},
        matters=True,
    ),
    Listing(
        path="reminders",
        operation="list_reminders",
        summary="What will be sent next, to whom and why",
        tag="tasks",
        action="see-reminders",
        row=Coming,
        source=_planned,
        models=(reminders.MODEL, complaints.MODEL),
        key=("planned_for", "case_id", "rule", "kind", "about", "recipient"),
        order="planned_for",
        sorts=("case_id", "due_at"),
        filters=("case_id", "kind", "rule", "recipient", "planned_for", "due_at"),
        case="case_id",
        names=("recipient",),
        said=("why",),
        matters=True,
    ),
    Listing(
        path="reminders/sent",
        operation="list_reminders_sent",
        summary="What was sent, to whom and for which deadline",
        tag="tasks",
        action="see-reminders",
        row=reminders.Sent,
        source=reminders.SENT,
        models=(reminders.MODEL, complaints.MODEL),
        key=("case_id", "position"),
        order="-sent_at",
        sorts=("position", "case_id", "due_at"),
        filters=("case_id", "kind", "rule", "recipient", "sent_at", "due_at"),
        case="case_id",
        names=("recipient",),
        matters=True,
    ),
    Listing(
        path="ledger/cases",
        operation="list_ledger_cases",
        summary="What each case was charged, paid, was waived and given back (minor units)",
        tag="ledger",
        action="see-ledger",
        row=ledger.CaseBalance,
        source=_FEES,
        models=(ledger.MODEL,),
        key=("case_id", "currency"),
        order="case_id",
        sorts=("balance", "charged", "paid"),
        filters=("case_id", "currency", "charged", "paid", "balance"),
        case="case_id",
        some={"owing": "balance"},
    ),
    Listing(
        path="ledger/people",
        operation="list_ledger_people",
        summary="What each person earned and was paid (minor units)",
        tag="ledger",
        action="see-ledger",
        row=ledger.PersonBalance,
        source=_pay,
        models=(ledger.MODEL,),
        key=("person", "currency"),
        order="person",
        sorts=("balance", "earned", "paid"),
        filters=("person", "currency", "earned", "paid", "balance"),
        person="person",
        names=("person",),
        some={"owed": "balance"},
    ),
)  # fmt: skip
