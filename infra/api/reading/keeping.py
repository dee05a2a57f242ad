"""The lists of what was learnt and is kept, and of what is in force: learning, retention, schemes, policies, windows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from domain.learning import may_see_names
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from projections import directory, learning, tasks, texts
from services.going import facts_of
from services.keeping import HOLDS
from services.office import Work
from services.ports import Command
from services.survey import survey

_VERSIONS: Final = SQL("SELECT * FROM {} WHERE what = {}")


def _versions(what: str, path: str, summary: str) -> Listing:
    """The list of what was published of schemes, or of policies."""
    return Listing(
        path=path,
        operation=f"list_{path}",
        summary=summary,
        tag=path,
        action=f"see-{path}",
        row=directory.Version,
        source=_VERSIONS.format(directory.VERSIONS.identifier(), what),
        models=(directory.MODEL,),
        key=("name", "version"),
        order="name",
        sorts=("published_at", "position"),
        filters=("name", "version", "digest", "published_at"),
        hidden=("what",),
    )


def _summaries(view: View) -> Iterable[learning.Summary]:
    seen = view.sight.condition("see-learning", case="given.learning")
    with view.connect() as connection:
        return learning.summaries(connection, public=bool(view.more.get("public")), seen=seen)


def _means(view: View) -> Iterable[learning.Mean]:
    seen = view.sight.condition("see-learning", case="given.learning")
    with view.connect() as connection:
        return learning.means(connection, public=bool(view.more.get("public")), seen=seen)


def _answers(view: View) -> Iterable[learning.Row]:
    """Who was asked and what they answered, for who may see names; of their own, for anybody."""
    person = view.sight.person
    if person is None:
        return []
    with view.connect() as connection:
        found = learning.asked(connection)
    named = {ref: may_see_names(person, ref.partition("@")[0], view.on) for ref in {one.scheme for one in found}}
    return [one for one in found if named[one.scheme] or one.person in person.ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of one kind of record: how many texts, files and fields may go, and of how many; how many stay, and on which grounds."""

    kind: str
    goes: int
    holders: int
    stays: int
    grounds: list[str]
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is kept of `subject` stays, on this ground, until the hold is released."""

    subject: str
    ground: str
    by: str
    reason: str


def _work(view: View) -> Work:
    return Work(view.api.app.office, Command(id="reading", actor="reading", role="reading", at=view.on), about=HOLDS)


def _survey(view: View) -> Iterable[Kept]:
    facts = facts_of(_work(view), view.api.app.shelves, at=view.on)
    for kind, one in survey(facts, without=view.sight.hidden_providers).items():
        yield Kept(
            kind=kind,
            goes=one.goes,
            holders=len(one.holders),
            stays=sum(one.stays.values()),
            grounds=sorted(one.stays),
            next_at=one.next_at,
        )


def _holds(view: View) -> Iterable[Held]:
    for subject, one in sorted(_work(view).state(HOLDS).holds.items()):
        yield Held(subject=subject, ground=one.ground, by=one.by, reason=one.reason.id)


LISTS: Final = (
    Listing(
        path="learning",
        operation="list_learning",
        summary="By scheme version and role: how many answered about their cases, and the minutes a case took them",
        tag="learning",
        action="see-learning",
        row=learning.Summary,
        source=_summaries,
        models=(learning.MODEL,),
        key=("scheme", "role"),
        order="scheme",
        sorts=("role",),
        filters=("scheme", "role"),
        more={"public": kinds.YES},
    ),
    Listing(
        path="learning/questions",
        operation="list_learning_questions",
        summary="By scheme version and role: the mean score of each question",
        tag="learning",
        action="see-learning",
        row=learning.Mean,
        source=_means,
        models=(learning.MODEL,),
        key=("scheme", "role", "question"),
        order="scheme",
        sorts=("role", "question"),
        filters=("scheme", "role", "question"),
        more={"public": kinds.YES},
    ),
    Listing(
        path="learning/answers",
        operation="list_learning_answers",
        summary="Who was asked about which case, and answered what; one's own, or all for who may see names",
        tag="learning",
        action="see-learning",
        row=learning.Row,
        source=_answers,
        models=(learning.MODEL,),
        key=("learning", "person"),
        order="-asked_at",
        sorts=("answered_at", "scheme", "role", "minutes"),
        filters=("learning", "person", "case_id", "scheme", "role", "asked_at", "answered_at"),
        person="person",
        beside="case_id",
        names=("person",),
        texts=("comment",),
        empty={"unanswered": "answered_at"},
    ),
    Listing(
        path="retention",
        operation="list_retention",
        summary="By kind of record: what may go on a date, what stays and on which grounds",
        tag="retention",
        action="see-retention",
        row=Kept,
        source=_survey,
        models=(texts.MODEL, tasks.MODEL),
        key=("kind",),
        order="kind",
        filters=("kind",),
        dated=True,
    ),
    Listing(
        path="retention/holds",
        operation="list_holds",
        summary="What is on hold, and why",
        tag="retention",
        action="see-retention",
        row=Held,
        source=_holds,
        models=(texts.MODEL, tasks.MODEL),
        key=("subject",),
        order="subject",
        filters=("subject", "ground", "by"),
        beside="subject",
        names=("by",),
        texts=("reason",),
    ),
    _versions("scheme", "schemes", "Published versions of schemes"),
    _versions("policy", "policies", "Published versions of the body's policies"),
    Listing(
        path="windows",
        operation="list_windows",
        summary="Windows for submissions: when each opens and closes",
        tag="windows",
        action="see-windows",
        row=directory.Window,
        source=directory.WINDOWS,
        models=(directory.MODEL,),
        key=("window_id",),
        order="-closes_at",
        sorts=("opens_at", "scheme"),
        filters=("window_id", "scheme", "opens_at", "closes_at", "state"),
        values={"state": ("scheduled", "open", "closed")},
    ),
)
