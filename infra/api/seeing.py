"""What one caller may see: made once a request, it answers for one case from the record, and for lists as a condition in SQL.

Conflicts are taken from the record for both, so that one declared a moment ago hides at once; other relations of lists come
from the read model of parts. What cannot be told there is not shown. Source: handbook, Who sees what.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, Final, TypeVar

from psycopg import Connection
from psycopg.errors import UndefinedTable
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Composed

from domain import permissions
from domain.ids import is_id, kind_of
from domain.person import Person
from domain.relations import ASSIGNED, CONFLICTED, MARKER, NONE, OWN, SHARED
from infra.api.caller import Api, Caller
from infra.api.condition import JUDGEMENTS, Scope, condition
from infra.api.problems import refused
from infra.identity.known import PUBLIC
from infra.read_models import Copy
from projections import parts
from services.ports import Stream
from services.relations import SPEAKS, Standing, as_seen, relations_of, rule_of, spoken_for, standing
from services.states import fold

Found = TypeVar("Found")

CASES: Final = ("submission", "accreditation")
_MADE: Final = "SELECT FROM read.positions WHERE name = %s"


class Sight:
    """What `caller` may see, at the instant of their request."""

    def __init__(self, api: Api, caller: Caller) -> None:
        self._api = api
        self._caller = caller
        self._standings: dict[str, tuple[Standing, frozenset[str]]] = {}
        self._named: list[str] | None = None

    @property
    def caller(self) -> Caller:
        """Who looks."""
        return self._caller

    def allows(self, action: str, case: str | None = None) -> bool:
        """Whether the role may do or see this: in at least one relation, or in those to a case where one is named."""
        if not self._allowed(action):
            return False
        return case is None or permissions.may(action, self._caller.role, self.relations(case))

    def require(self, action: str) -> None:
        """Refuse who may see or do this in no relation at all, saying who may."""
        scopes = self._caller.scopes
        if scopes is not None and action not in scopes:
            allowed = ", ".join(sorted(scopes)) or "none"
            raise refused("token-scope", "the token is not for that", field="scope", allowed=allowed)
        if not self._allowed(action) and self._caller.role == PUBLIC:
            why = "this is not for somebody who is not signed in"
            raise refused("sign-in", why, field="Authorization", allowed="a bearer token")
        if not self._allowed(action):
            roles = ", ".join(permissions.roles(action)) or "nobody"
            raise refused("acting-role", f"not for who acts as {self._caller.role}", field="role", allowed=roles)

    def exists(self, case: str) -> bool:
        """Whether there is such a case, whoever asks."""
        return self._standing(case)[0].place is not None

    def has_part(self, case: str) -> bool:
        """Whether the caller has or had a part in it, beside what hides it; that it is their provider's is none."""
        held, relations = self._standing(case)
        return held.place is not None and bool(
            relations - {CONFLICTED, NONE, *([OWN] if kind_of(case) in CASES else [])}
        )

    def there(self, case: str) -> bool:
        """Whether there is such a case, and no conflict hides it from the caller."""
        held, relations = self._standing(case)
        return held.place is not None and CONFLICTED not in relations

    def sees(self, case: str, action: str) -> bool:
        """Whether the caller may see this of a case."""
        held, relations = self._standing(case)
        allowed = self._allowed(action)
        if held.place is None or not allowed or not permissions.may(action, self._caller.role, relations):
            return False
        if action == JUDGEMENTS and not self._may_read_judgements(case, held, relations):
            return False
        return CONFLICTED in allowed or not relations <= {NONE} or self._appointed(held.place.scheme)

    def kept(self, action: str, cases: Collection[str]) -> frozenset[str]:
        """Those of these cases, or other streams, of which the caller may see this: as a list would have it."""
        condition, values = self.condition(action, case="asked.case_id")
        query = SQL("SELECT case_id FROM {} AS asked WHERE case_id = ANY(%(sight_asked)s) AND ({})").format(
            parts.PLACES.identifier(), condition
        )
        asked = {**values, "sight_asked": list(cases)}
        return self._ask(lambda connection: frozenset(_first(connection, query, asked)), frozenset[str]())

    def relations(self, case: str) -> frozenset[str]:
        """The caller's relations to a case, from the record."""
        return self._standing(case)[1]

    def stream(self, case: str) -> Stream:
        """The stream of a case, as it was when the caller's relations to it were looked up, so that nobody reads it twice."""
        return self._standing(case)[0].stream or Stream((), ())

    def condition(
        self, action: str, *, case: str | None = None, provider: str | None = None, optional: bool = False
    ) -> tuple[Composable, dict[str, Any]]:
        """The condition in SQL, with its values by name, that keeps the rows which the caller may see.

        `case` and `provider` name the columns that hold the case and the provider that a row is about; of a list without
        either the role alone decides. A row without a case is not shown, but where it is `optional`: then it goes by its
        provider, and without that by the role. Names of values begin with `sight_`; a `%` in the query is to be doubled.
        """
        scope = self._scope(action)
        if scope.hidden and case and not self._parts_are_known():
            raise refused(
                "not-caught-up", "what is asked for is being made anew", allowed="the same request in a moment"
            )
        return condition(scope, case=case, provider=provider, optional=optional)

    def _scope(self, action: str) -> Scope:
        person = self.person
        return Scope(
            action=action,
            allowed=self._allowed(action),
            people=sorted(person.ids) if person else [],
            own=sorted(self.speaks_for),
            schemes=sorted(self._schemes),
            hidden=self._hidden if person else {},
            speaks=self._caller.role == SPEAKS,
            granted=self._granted,
        )

    def _parts_are_known(self) -> bool:
        """Whether the read model of parts goes on with the log: while it is made anew, new cases are missing in it."""
        return bool(self._api.app.records.datastore.rows(_MADE, [Copy(parts.MODEL).name]))

    @cached_property
    def person(self) -> Person | None:
        """The caller as the record knows them; None for a service account and the public."""
        actor = self._caller.actor
        if not is_id(actor, "person"):
            return None
        held: Person = self._caller.person or fold(actor, self._api.app.records.streams(actor)[actor].entries)
        return held if held.id else None

    @cached_property
    def speaks_for(self) -> frozenset[str]:
        """The providers for which the caller speaks."""
        person = self.person
        if person is None:
            return frozenset()
        if self._named is None:
            self._named = self._ask(lambda connection: parts.speaking(connection, person.ids), list[str]())
        return spoken_for(self._api.app.records, person, self._named)

    @property
    def hidden_providers(self) -> frozenset[str]:
        """The providers that a conflict hides from the caller, at least under one scheme version."""
        return frozenset(self._hidden)

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the caller holds now, by the record."""
        held = self.person.roles_at(self._caller.at) if self.person else frozenset()
        return frozenset(role for role, _ in held)

    @cached_property
    def _schemes(self) -> frozenset[str]:
        """The schemes that the caller's appointment in this role is for, none where it is for all."""
        held = self.person.roles_at(self._caller.at) if self.person else frozenset()
        schemes = {scheme for role, scheme in held if role == self._caller.role}
        return frozenset() if None in schemes else frozenset(one for one in schemes if one)

    def _appointed(self, scheme: str | None) -> bool:
        return not scheme or not self._schemes or scheme.partition("@")[0] in self._schemes

    @cached_property
    def _granted(self) -> list[str]:
        """The cases in which scrutiny was arranged for what the caller does in this role."""
        held = self.person.ties.granted.values() if self.person else ()
        return sorted(one.case for one in held if one.role == self._caller.role and self._caller.at < one.until_at)

    @cached_property
    def _hidden(self) -> dict[str, list[str]]:
        """The providers with which the caller has a conflict, each with the scheme versions under which it has lapsed."""
        person = self.person
        if person is None:
            return {}
        likely = {one.provider for one in person.all_conflicts}
        lasting = {provider: list[str]() for provider in sorted(likely)}
        if not person.ties.timed or not likely:
            return lasting
        under = self._ask(lambda connection: parts.schemes_of(connection, likely), dict[str, list[str]]())
        lapsed = {one: [ref for ref in under.get(one, ()) if not self._kept(person, one, ref)] for one in lasting}
        return {one: lapsed[one] for one in lasting if self._kept(person, one, None) or lapsed[one] != under.get(one)}

    def _kept(self, person: Person, provider: str, scheme: str | None) -> bool:
        return provider in as_seen(person, rule_of(self._api.app.office, scheme), self._caller.at).conflicts

    def _allowed(self, action: str) -> frozenset[str]:
        scopes = self._caller.scopes
        if scopes is not None and action not in scopes:
            return frozenset()
        return permissions.relations_allowed(action, self._caller.role)

    def _standing(self, case: str) -> tuple[Standing, frozenset[str]]:
        """The case and the caller's relations to it, looked up once a request."""
        if case not in self._standings:
            self._standings[case] = self._look_up(case)
        return self._standings[case]

    def _look_up(self, case: str) -> tuple[Standing, frozenset[str]]:
        if not is_id(case):
            return Standing(place=None, parts={}), frozenset({NONE})
        people = self.person.ids if self.person else frozenset[str]()
        nothing: tuple[list[str], list[str]] = ([], [])
        beside, self._named = self._ask(lambda connection: parts.beside(connection, case, people), nothing)
        held = standing(self._api.app.records, case, [] if kind_of(case) in SHARED else beside)
        if self.person is None or held.place is None:
            return held, frozenset({NONE})
        relations = relations_of(
            self.person,
            held,
            case=case,
            role=self._caller.role,
            speaks_for=self.speaks_for,
            rule=rule_of(self._api.app.office, held.place.scheme),
            at=self._caller.at,
        )
        return held, relations

    def _may_read_judgements(self, case: str, held: Standing, relations: Collection[str]) -> bool:
        """Who marks a submission blind sees none of its first marking, and a provider none before the result is told."""
        people = self.person.ids if self.person else ()
        part = (held.parts.get((one, ASSIGNED, MARKER)) for one in people if kind_of(case) == "submission")
        marks = any(one is not None and one.until is None for one in part)
        unheard = OWN in relations and held.place is not None and not held.place.told
        return not marks and not (unheard and self._caller.role == SPEAKS)

    def _ask(self, question: Callable[[Connection[Any]], Found], otherwise: Found) -> Found:
        """Ask the read model of parts; what it would add is not there while it is not made, and nothing is shown by it."""
        with self._api.app.records.datastore.get_connection() as connection:
            try:
                return question(connection)
            except UndefinedTable:
                return otherwise


def _first(connection: Connection[Any], query: Composed, values: dict[str, Any]) -> list[str]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return [row[0] for row in cursor.execute(query, values)]
