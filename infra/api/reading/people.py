"""The lists of people and of providers: who they are, roles, training, conflicts, development, standardisation, composition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from projections import composition, conflicts, development, directory, standardisation


def _conflicts(view: View) -> Iterable[conflicts.Entry]:
    with view.connect() as connection:
        return conflicts.on(connection, at=view.on, known_at=view.more.get("known"))


def _plans(view: View) -> Iterable[development.Plan]:
    with view.connect() as connection:
        return development.plans(connection, at=view.on)


@dataclass(slots=True)
class Needed(development.Need):
    """What somebody has to learn: which `sources` said so, since when, when it was found to be so, and when it was met (UTC)."""

    person: str = ""


@dataclass(slots=True)
class Undertaken(development.Activity):
    """What somebody does, or was to do, to learn it, and when each thing happened to it (UTC); `ended`: declined or dropped.

    `scores` answer `questions`, in their order; `impact` is what the review of it found.
    """

    person: str = ""


_OF_WHOM: Final = "SELECT one.*, whose.person FROM {} AS one JOIN (SELECT DISTINCT development, person FROM {}) AS whose USING (development)"
_NEEDS: Final = SQL(_OF_WHOM).format(development.NEEDS.identifier(), development.PLANS.identifier())
_ACTIVITIES: Final = SQL(_OF_WHOM).format(development.ACTIVITIES.identifier(), development.PLANS.identifier())


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardShare:
    """How many of a board's members speak as what, and what percentage is asked for at least."""

    scheme: str
    background: str
    members: int
    size: int
    least: int
    met: bool


def _boards(view: View) -> Iterable[BoardShare]:
    with view.connect() as connection:
        return [
            BoardShare(
                scheme=scheme,
                background=one.background,
                members=one.members,
                size=one.size,
                least=one.least,
                met=one.met,
            )
            for scheme in composition.schemes(connection)
            for one in composition.board(connection, scheme=scheme, at=view.on)
        ]


LISTS: Final = (
    Listing(
        path="people",
        operation="list_people",
        summary="People known to the body: what they are expert in, and whether they take on work",
        tag="people",
        action="see-people",
        row=directory.Person,
        source=directory.PEOPLE,
        models=(directory.MODEL,),
        key=("person",),
        order="person",
        sorts=("registered_at",),
        filters=("person", "subjects", "phases", "registered_at", "available", "non_disclosure"),
        person="person",
        names=("person",),
        empty={"acting": "goes_on"},
    ),
    Listing(
        path="people/roles",
        operation="list_roles",
        summary="Appointments: who has, or had, which role for which scheme and term",
        tag="people",
        action="see-people",
        row=directory.Role,
        source=directory.ROLES,
        models=(directory.MODEL,),
        key=("person", "role", "scheme"),
        order="person",
        sorts=("role", "scheme", "given_at", "ends_at"),
        filters=("person", "role", "scheme", "given_at", "starts_at", "ends_at", "ended_at"),
        person="person",
        names=("person",),
        empty={"held": "ended_at"},
    ),
    Listing(
        path="people/training",
        operation="list_training",
        summary="Training: who has which kind, for which scheme, until when",
        tag="people",
        action="see-people",
        row=directory.Training,
        source=directory.TRAINING,
        models=(directory.MODEL,),
        key=("person", "kind", "scheme"),
        order="expires_at",
        sorts=("person", "kind"),
        filters=("person", "kind", "scheme", "expires_at"),
        person="person",
        names=("person",),
        past={"expired": "expires_at"},
    ),
    Listing(
        path="providers",
        operation="list_providers",
        summary="Providers: type, size, and who speaks for each",
        tag="people",
        action="see-people",
        row=directory.Provider,
        source=directory.PROVIDERS,
        models=(directory.MODEL,),
        key=("provider",),
        order="provider",
        sorts=("registered_at",),
        filters=("provider", "provider_type", "size_band", "registered_at", "contacts"),
        case="provider",
        provider="provider",
        names=("provider",),
    ),
    Listing(
        path="conflicts",
        operation="list_conflicts",
        summary="The register of conflicts on a date, as known at any",
        tag="people",
        action="see-conflicts",
        row=conflicts.Entry,
        source=_conflicts,
        models=(conflicts.MODEL,),
        key=("provider", "person", "rests_on"),
        order="provider",
        sorts=("person", "since", "until"),
        filters=("person", "provider", "kind", "source", "since", "until", "recorded_by"),
        beside_provider="provider",
        person="person",
        names=("person", "provider", "recorded_by"),
        texts=("reason",),
        more={"known": kinds.FROM},
        dated=True,
    ),
    Listing(
        path="development",
        operation="list_development",
        summary="Where each person's development stood on a date",
        tag="people",
        action="see-development",
        row=development.Plan,
        source=_plans,
        models=(development.MODEL,),
        key=("development",),
        order="development",
        sorts=("since", "person", "department"),
        filters=("development", "person", "department", "stage", "since"),
        case="development",
        names=("person",),
        dated=True,
    ),
    Listing(
        path="development/needs",
        operation="list_development_needs",
        summary="What each person has to learn, who said so, and whether it was met",
        tag="people",
        action="see-development",
        row=Needed,
        source=_NEEDS,
        models=(development.MODEL,),
        key=("development", "topic", "position"),
        order="-since",
        sorts=("person", "topic", "found_at", "met_at"),
        filters=("development", "person", "topic", "sources", "since", "found_at", "met_at"),
        case="development",
        names=("person",),
        hidden=("position", "heard_at"),
        empty={"unmet": "met_at"},
    ),
    Listing(
        path="development/activities",
        operation="list_development_activities",
        summary="What each person does to learn it: what was planned, approved, done, and what it was worth",
        tag="people",
        action="see-development",
        row=Undertaken,
        source=_ACTIVITIES,
        models=(development.MODEL,),
        key=("id",),
        order="-proposed_at",
        sorts=("id", "person", "kind", "done_at", "cost"),
        filters=("development", "person", "kind", "ended", "proposed_at", "done_at", "impact"),
        case="development",
        names=("person",),
        empty={"unapproved": "approved_at", "unrecorded": "recorded_at", "unreviewed": "reviewed_at"},
    ),
    Listing(
        path="standardisation",
        operation="list_standardisation",
        summary="The timetable of standardisation sessions: who leads, how many were invited and came",
        tag="people",
        action="see-standardisation",
        row=standardisation.Session,
        source=standardisation.SESSIONS,
        models=(standardisation.MODEL,),
        key=("session",),
        order="starts_at",
        sorts=("scheme", "state"),
        filters=("session", "scheme", "starts_at", "leader", "state"),
        case="session",
        names=("leader",),
        values={"state": ("scheduled", "held", "cancelled")},
    ),
    Listing(
        path="standardisation/attendance",
        operation="list_standardisation_attendance",
        summary="Who attended which standardisation session",
        tag="people",
        action="see-standardisation",
        row=standardisation.Attendance,
        source=standardisation.ATTENDANCE,
        models=(standardisation.MODEL,),
        key=("person", "session"),
        order="-attended_at",
        sorts=("person", "session"),
        filters=("person", "session", "scheme", "attended_at"),
        person="person",
        names=("person",),
    ),
    Listing(
        path="composition",
        operation="list_composition",
        summary="Teachers, providers and experts on each panel when it was called, against the scheme's minima",
        tag="people",
        action="see-composition",
        row=composition.PanelShare,
        source=composition.PANELS,
        models=(composition.MODEL,),
        key=("panel", "background"),
        order="-called_at",
        sorts=("panel", "scheme"),
        filters=("panel", "background", "form", "scheme", "called_at", "met"),
        beside="panel",
    ),
    Listing(
        path="composition/boards",
        operation="list_board_composition",
        summary="Teachers, providers and experts on the board of each scheme on a date, against its minima",
        tag="people",
        action="see-composition",
        row=BoardShare,
        source=_boards,
        models=(composition.MODEL,),
        key=("scheme", "background"),
        order="scheme",
        filters=("scheme", "background", "met"),
        dated=True,
    ),
    Listing(
        path="composition/items",
        operation="list_item_expertise",
        summary="How many of those on each item knew its subject when it was taken up",
        tag="people",
        action="see-composition",
        row=composition.ItemExpertise,
        source=composition.ITEMS,
        models=(composition.MODEL,),
        key=("case_id", "panel"),
        order="case_id",
        sorts=("panel",),
        filters=("case_id", "panel", "seated", "experts", "left_out"),
        beside="case_id",
    ),
)
