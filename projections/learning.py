"""What was learnt: by scheme and role how many were asked and answered, the mean score of each question, and the minutes spent.

Providers' answers are shown with names to nobody but quality managers and the board; in what is public, small numbers
are left out, so that nobody is known by them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, class_row
from psycopg.sql import SQL, Composable

from domain.figures.asked import FEWEST
from domain.ids import kind_of
from domain.learning import QuestionnaireAnswered, QuestionnaireLapsed, QuestionnaireSent, may_see_names
from domain.person import Person
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """A person who was asked about a case in a role; `answered_at` or `lapsed_at` (UTC) says what became of it."""

    learning: str
    person: str
    case_id: str
    scheme: str
    role: str
    asked_at: datetime
    answered_at: datetime | None = None
    lapsed_at: datetime | None = None
    minutes: int | None = None
    comment: str | None = None


@dataclass(slots=True)
class ScoreRow:
    """The answer of one person to one question, from 1 to 5."""

    learning: str
    person: str
    question: str
    scheme: str
    role: str
    score: int


ASKED: Final = Table("learning_asked", Row, ("learning", "person"), ("scheme, role",))
SCORES: Final = Table("learning_scores", ScoreRow, ("learning", "person", "question"), ("scheme, role",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Note who was asked, and what they answered."""
    events = [one for one in events if kind_of(one.stream) == "learning"]
    if not events:
        return
    rows = {(row.learning, row.person): row for row in tables.load(ASKED, "learning", {one.stream for one in events})}
    scores = []
    for one in events:
        match one.event:
            case QuestionnaireSent(case=case, scheme=scheme, asked=asked):
                for each in asked:
                    rows[one.stream, each.person] = Row(one.stream, each.person, case, scheme, each.role, one.at)
            case QuestionnaireAnswered():
                row = rows[one.stream, one.event.person]
                row.answered_at, row.minutes = one.at, one.event.minutes_spent
                row.comment = one.event.comment.id if one.event.comment else None
                scores += [
                    ScoreRow(one.stream, row.person, each.question, row.scheme, row.role, each.score)
                    for each in one.event.scores
                ]
            case QuestionnaireLapsed(person=person):
                rows[one.stream, person].lapsed_at = one.at
    tables.save(ASKED, rows.values())
    tables.add(SCORES, scores)


MODEL: Final = ReadModel(name="learning", version=1, tables=(ASKED, SCORES), apply=apply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What people of a role said under a scheme version; None where too few answered for the public to be shown it."""

    scheme: str
    role: str
    asked: int | None
    answered: int | None
    mean_minutes: float | None
    total_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean score of a question, from `n` answers; None where too few answered for the public to be shown it."""

    scheme: str
    role: str
    question: str
    n: int | None
    mean: float | None


Seen = tuple[Composable, Mapping[str, Any]]
"""A condition on the column `learning`, with its values: of what the reader may see, nothing else is counted."""
ALL: Final[Seen] = (SQL("true"), {})


def summaries(
    connection: Connection[Any], *, scheme: str | None = None, public: bool = False, seen: Seen = ALL
) -> list[Summary]:
    """Return counts and minutes by scheme version and role, of all versions of `scheme` or of all schemes.

    To the `public` nothing is shown of fewer than five answers.
    """
    kept, values = seen
    query = SQL(
        "SELECT scheme, role, count(*)::int AS asked, count(answered_at)::int AS answered,"
        " avg(minutes)::float8 AS mean_minutes, coalesce(sum(minutes), 0)::int8 AS total_minutes FROM {} AS given"
        " WHERE (%(scheme)s::text IS NULL OR split_part(scheme, '@', 1) = %(scheme)s) AND ({})"
        " GROUP BY scheme, role ORDER BY scheme, role"
    ).format(ASKED.identifier(), kept)
    with connection.cursor(row_factory=class_row(Summary)) as cursor:
        found = cursor.execute(query, {**values, "scheme": scheme}).fetchall()
    return [_hidden(one) if public and (one.answered or 0) < FEWEST else one for one in found]


def means(
    connection: Connection[Any], *, scheme: str | None = None, public: bool = False, seen: Seen = ALL
) -> list[Mean]:
    """Return the mean score of each question by scheme version and role; to the `public` none of fewer than five answers."""
    kept, values = seen
    query = SQL(
        "SELECT scheme, role, question, count(*)::int AS n, avg(score)::float8 AS mean FROM {} AS given"
        " WHERE (%(scheme)s::text IS NULL OR split_part(scheme, '@', 1) = %(scheme)s) AND ({})"
        " GROUP BY scheme, role, question ORDER BY scheme, role, question"
    ).format(SCORES.identifier(), kept)
    with connection.cursor(row_factory=class_row(Mean)) as cursor:
        found = cursor.execute(query, {**values, "scheme": scheme}).fetchall()
    return [replace(one, n=None, mean=None) if public and (one.n or 0) < FEWEST else one for one in found]


def _hidden(one: Summary) -> Summary:
    return replace(one, asked=None, answered=None, mean_minutes=None, total_minutes=None)


def asked(connection: Connection[Any]) -> list[Row]:
    """Return everybody who was asked, with what became of it: names and cases are for few to see."""
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        return cursor.execute(ASKED.selection()).fetchall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answered questionnaire: its minutes, and of whom and what where the asker may know."""

    scheme: str
    role: str
    minutes: int
    person: str | None
    case_id: str | None
    comment: str | None


def answers(
    connection: Connection[Any], *, scheme: str, at: datetime, asker: Person | None = None, limit: int = 100
) -> list[Answer]:
    """Return answers under all versions of `scheme`, the latest first; in an order that tells nothing where names are hidden.

    Where a person asks who at `at` is neither a quality manager nor of the board, they see no names, cases or comments.
    """
    named = asker is None or may_see_names(asker, scheme, at)
    order = "answered_at DESC, learning, person" if named else "role, minutes"
    query = SQL(
        "SELECT scheme, role, minutes, person, case_id, comment FROM {} WHERE answered_at IS NOT NULL"
        " AND split_part(scheme, '@', 1) = %(scheme)s ORDER BY {} LIMIT %(limit)s"
    ).format(ASKED.identifier(), SQL(order))
    with connection.cursor(row_factory=class_row(Answer)) as cursor:
        found = cursor.execute(query, {"scheme": scheme, "limit": limit}).fetchall()
    return found if named else [replace(one, person=None, case_id=None, comment=None) for one in found]
