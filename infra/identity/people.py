"""Which person a token stands for, and whether they still are one: on record, with an account that is not closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.events import recorded_names
from domain.linked import AccountClosed
from domain.person import PersonRegistered
from domain.refusals import refuse
from infra.identity.known import NotKnown
from infra.store.datastore import Datastore

REGISTERED: Final = recorded_names(PersonRegistered)
CLOSED: Final = recorded_names(AccountClosed)

_STANDING: Final = """
SELECT EXISTS (SELECT FROM record.events WHERE originator_id = %(person)s AND topic = ANY(%(registered)s)),
    EXISTS (SELECT FROM record.events WHERE originator_id = %(person)s AND topic = ANY(%(closed)s)),
    EXISTS (SELECT FROM access.live WHERE id = %(session)s AND person = %(person)s AND ends_at > %(at)s),
    EXISTS (SELECT FROM access.revoked WHERE id = %(token)s OR (id = %(earlier)s AND at >= %(issued_at)s))
"""
_LINKED: Final = "SELECT person FROM access.identities WHERE issuer = %s AND subject = %s"
_LINK: Final = """
INSERT INTO access.identities AS known (issuer, subject, person, linked_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (issuer, subject) DO UPDATE SET person = known.person RETURNING person
"""
_BY_EMAIL: Final = """
INSERT INTO access.identities (issuer, subject, person, linked_at)
SELECT %(issuer)s, %(subject)s, min(subject), %(at)s FROM record.vault
WHERE name = 'email' AND lower(value) = lower(%(email)s) AND subject LIKE 'person-%%'
    AND NOT EXISTS (SELECT FROM access.identities WHERE issuer = %(issuer)s AND person = vault.subject)
HAVING count(*) = 1 AND 1 = (
    SELECT count(*) FROM record.vault
    WHERE name = 'email' AND lower(value) = lower(%(email)s) AND subject LIKE 'person-%%'
)
ON CONFLICT DO NOTHING RETURNING person
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a person and of a token of theirs at an instant."""

    registered: bool
    closed: bool
    session: bool
    revoked: bool


def standing(
    datastore: Datastore,
    person: str,
    *,
    at: datetime,
    session: str = "",
    token: str = "",
    earlier: str = "",
    issued_at: datetime | None = None,
) -> Standing:
    """Look all of it up in one round trip: nothing is kept, so that what ends has ended at once."""
    values: dict[str, Any] = {
        "person": person,
        "registered": REGISTERED,
        "closed": CLOSED,
        "session": session,
        "at": at,
    }
    [found] = datastore.rows(_STANDING, values | {"token": token, "earlier": earlier, "issued_at": issued_at or at})
    return Standing(*found)


def require_standing(found: Standing) -> None:
    """Raise NotKnown for who is not on record, or whose account is closed."""
    if not found.registered:
        raise NotKnown("there is nobody on record whom the token stands for")
    if found.closed:
        raise NotKnown("this account is closed: the person has another one")


def is_somebody(datastore: Datastore, person: str, at: datetime) -> bool:
    """Whether this person is on record and their account is not closed."""
    found = standing(datastore, person, at=at)
    return found.registered and not found.closed


def require_open(datastore: Datastore, person: str, at: datetime) -> None:
    """Refuse somebody who can't sign in: not on record, or with an account that is closed."""
    if not is_somebody(datastore, person, at):
        raise refuse(
            "known-person", "there is no such person, or their account is closed", field="PERSON",
            allowed="a person on record; where accounts were linked, the one that goes on",
        )  # fmt: skip


def person_at(datastore: Datastore, issuer: str, subject: str) -> str | None:
    """The person that a subject of another issuer was linked to."""
    rows = datastore.rows(_LINKED, [issuer, subject])
    return rows[0][0] if rows else None


def link(datastore: Datastore, person: str, *, issuer: str, subject: str, at: datetime) -> None:
    """Have a subject of another issuer stand for a person. Refuses one that stands for somebody else."""
    require_open(datastore, person, at)
    [(now,)] = datastore.rows(_LINK, [issuer, subject, person, at])
    if now != person:
        raise refuse(
            "identity-linked",
            "this subject stands for somebody else",
            field="--subject",
            allowed="`assay identity unlink` first, if that was a mistake",
        )


def link_by_email(datastore: Datastore, *, issuer: str, subject: str, email: str, at: datetime) -> str | None:
    """Link a subject to the one person with this address, which the issuer verified; return the person.

    Nobody is linked where several have it, or where the one who has it signs in under another subject already.
    """
    rows = datastore.rows(_BY_EMAIL, {"issuer": issuer, "subject": subject, "email": email, "at": at})
    return rows[0][0] if rows else None


def unlink(datastore: Datastore, *, issuer: str, subject: str) -> bool:
    """Have a subject stand for nobody any more."""
    statement = "DELETE FROM access.identities WHERE issuer = %s AND subject = %s RETURNING person"
    return bool(datastore.rows(statement, [issuer, subject]))


def identities(datastore: Datastore, person: str) -> Sequence[tuple[str, str, datetime]]:
    """The subjects that stand for a person: issuer, subject, since when."""
    statement = "SELECT issuer, subject, linked_at FROM access.identities WHERE person = %s ORDER BY linked_at, issuer"
    return datastore.rows(statement, [person])


def find_person(datastore: Datastore, who: str, *, field: str = "PERSON") -> str:
    """The person of this id, of the beginning of one, or of this e-mail address. Refuses where there is not just one."""
    beginning = who.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    rows = datastore.rows(
        "SELECT originator_id FROM record.events WHERE originator_version = 1 AND originator_id LIKE %s"
        " AND topic = ANY(%s) UNION SELECT subject FROM record.vault WHERE name = 'email' AND lower(value) = lower(%s)"
        " AND subject LIKE 'person-%%' LIMIT 3",
        [f"{beginning}%" if who.startswith("person-") else "", REGISTERED, who],
    )
    found = [id for (id,) in rows]
    if who in found:
        return who
    if len(found) != 1:
        raise refuse(
            "known-person",
            "there is no such person" if not found else "several people fit that",
            field=field,
            allowed="the id of a person on record, or enough of it, or their e-mail address",
        )
    return str(found[0])
