"""Who sits on panels and the board: members by background, their shares against the scheme's minima, and expertise per item.

Panels are as they were when they were called; the board is as it is at the instant asked about. Source: handbook, People.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.competence import CredentialStated, CredentialVerified, CredentialWithdrawn
from domain.composition import Share
from domain.ids import kind_of
from domain.person import RoleEnded, RoleGiven
from domain.scheme_assurance import BACKGROUNDS
from domain.scheme_file import read_scheme
from domain.scheme_record import SchemeVersionPublished
from domain.submission.events import ModerationStarted
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

BOARD: Final = "board"


@dataclass(slots=True)
class PanelShare:
    """How many of a panel's `size` members were of a background when it was called, and what percentage was asked for."""

    panel: str
    background: str
    form: str
    scheme: str
    called_at: datetime
    members: int
    size: int
    least: int
    met: bool


@dataclass(slots=True)
class ItemExpertise:
    """How many of those on an item knew its subject when it was taken up; `left_out` of the panel took no part in it."""

    case_id: str
    panel: str
    seated: int
    experts: int
    left_out: int


@dataclass(slots=True)
class Member:
    """Somebody is or was on the board (of one scheme, or of all: empty) from `starts_at` until `ends_at`, where given (UTC)."""

    person: str
    scheme: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(slots=True)
class Background:
    """What somebody speaks as, and whether that holds: it was verified, and not withdrawn."""

    person: str
    background: str
    holds: bool


@dataclass(slots=True)
class Minimum:
    """The percentage of a background that a scheme's version in force asks for at least."""

    scheme: str
    background: str
    least: int


PANELS: Final = Table("composition_panels", PanelShare, ("panel", "background"), ("called_at",))
ITEMS: Final = Table("composition_items", ItemExpertise, ("case_id", "panel"), ("panel",))
MEMBERS: Final = Table("composition_members", Member, ("person", "scheme"))
BACKGROUND: Final = Table("composition_backgrounds", Background, ("person", "background"))
MINIMA: Final = Table("composition_minima", Minimum, ("scheme", "background"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter the panels that were called, the items that were taken up, the board, backgrounds and minima."""
    _enter_panels(tables, events)
    _enter_items(tables, [one for one in events if isinstance(one.event, ModerationStarted) and one.event.meeting])
    _enter_members(tables, events)
    _enter_backgrounds(tables, events)
    published = [one.event for one in events if isinstance(one.event, SchemeVersionPublished)]
    minima = {one.scheme: read_scheme(one.source).assurance.people.minima for one in published}
    tables.save(
        MINIMA,
        [Minimum(scheme, one, asked.get(one, 0)) for scheme, asked in minima.items() for one in BACKGROUNDS],
    )


MODEL: Final = ReadModel(
    name="composition", version=1, tables=(PANELS, ITEMS, MEMBERS, BACKGROUND, MINIMA), apply=apply
)


def _enter_panels(tables: Tables, events: Sequence[Recorded]) -> None:
    """Whatever calls a panel together says of what shares it is: a meeting, an award panel, an appeals panel."""
    rows = {
        (one.stream, share.background): PanelShare(
            panel=one.stream,
            background=share.background,
            form=getattr(one.event, "form", kind_of(one.stream)),
            scheme=getattr(one.event, "scheme", "").partition("@")[0],
            called_at=one.at,
            members=share.members,
            size=share.size,
            least=share.least,
            met=share.met,
        )
        for one in events
        for share in getattr(one.event, "composition", ())
    }
    tables.save(PANELS, rows.values())


def _enter_items(tables: Tables, events: Sequence[Recorded]) -> None:
    rows = {
        (one.stream, one.event.meeting): ItemExpertise(
            case_id=one.stream,
            panel=one.event.meeting,
            seated=len(one.event.panel),
            experts=sum(seat.expert for seat in one.event.seen if seat.person in one.event.panel),
            left_out=sum(seat.person not in one.event.panel for seat in one.event.seen),
        )
        for one in events
        if one.event.seen  # what was recorded before this was kept says nothing of it
    }
    tables.save(ITEMS, rows.values())


def _enter_members(tables: Tables, events: Sequence[Recorded]) -> None:
    given = [one for one in events if isinstance(one.event, RoleGiven | RoleEnded) and one.event.role == BOARD]
    if not given:
        return
    rows = {(row.person, row.scheme): row for row in tables.load(MEMBERS, "person", {one.stream for one in given})}
    for one in given:
        key = (one.stream, one.event.scheme or "")
        if isinstance(one.event, RoleGiven):
            rows[key] = Member(*key, starts_at=one.event.starts_at or one.at, ends_at=one.event.ends_at)
        elif key in rows:
            rows[key].ends_at = one.at
    tables.save(MEMBERS, rows.values())


def _enter_backgrounds(tables: Tables, events: Sequence[Recorded]) -> None:
    rows = {}
    for one in events:
        event = one.event
        if (
            isinstance(event, CredentialStated | CredentialVerified | CredentialWithdrawn)
            and event.topic == "background"
        ):
            holds = isinstance(event, CredentialVerified) or (isinstance(event, CredentialStated) and event.verified)
            rows[one.stream, event.kind] = Background(person=one.stream, background=event.kind, holds=holds)
    tables.save(BACKGROUND, rows.values())


def panels(
    connection: Connection[Any], *, scheme: str | None = None, missing: bool = False, limit: int = 100
) -> list[PanelShare]:
    """Return the shares of the panels called last, newest first; with `missing` only those below the minimum.

    `limit` counts shares, of which each panel has one for each background.
    """
    query = SQL(
        "{} WHERE (%(scheme)s::text IS NULL OR scheme = %(scheme)s) AND (NOT %(missing)s OR NOT met)"
        " ORDER BY called_at DESC, panel, background LIMIT %(limit)s"
    ).format(PANELS.selection())
    with connection.cursor(row_factory=args_row(PanelShare)) as cursor:
        return cursor.execute(query, {"scheme": scheme, "missing": missing, "limit": limit}).fetchall()


def items(connection: Connection[Any], *, panel: str) -> list[ItemExpertise]:
    """Return the items that a panel took up, with how many on each knew its subject."""
    query = SQL("{} WHERE panel = %s ORDER BY case_id").format(ITEMS.selection())
    with connection.cursor(row_factory=args_row(ItemExpertise)) as cursor:
        return cursor.execute(query, [panel]).fetchall()


def board(connection: Connection[Any], *, scheme: str, at: datetime) -> list[Share]:
    """Return the shares of the board of a scheme, with the members for all schemes, at `at` (UTC), against its minima."""
    query = SQL(
        "SELECT backgrounds.background, count(holding.person)::int8, (SELECT count(*) FROM sitting)::int8,"
        " coalesce(max(minima.least), 0)::int8"
        " FROM unnest(%(backgrounds)s::text[]) WITH ORDINALITY AS backgrounds (background, place)"
        " LEFT JOIN (SELECT person, background FROM {held} WHERE holds AND person IN (SELECT person FROM sitting))"
        " AS holding ON holding.background = backgrounds.background"
        " LEFT JOIN {minima} AS minima ON minima.background = backgrounds.background AND minima.scheme = %(scheme)s"
        " GROUP BY backgrounds.background, backgrounds.place ORDER BY backgrounds.place"
    ).format(held=BACKGROUND.identifier(), minima=MINIMA.identifier())
    sitting = SQL(
        "WITH sitting AS (SELECT DISTINCT person FROM {} WHERE scheme IN ('', %(scheme)s) AND starts_at <= %(at)s"
        " AND (ends_at IS NULL OR %(at)s < ends_at)) "
    ).format(MEMBERS.identifier())
    asked = {"backgrounds": list(BACKGROUNDS), "scheme": scheme, "at": at}
    rows = connection.execute(sitting + query, asked).fetchall()
    return [Share(background=one, members=members, size=size, least=least) for one, members, size, least in rows]


def schemes(connection: Connection[Any]) -> list[str]:
    """Return the ids of the schemes that say, or could say, of whom a board is to be."""
    return [
        one
        for (one,) in connection.execute(SQL("SELECT DISTINCT scheme FROM {} ORDER BY 1").format(MINIMA.identifier()))
    ]
