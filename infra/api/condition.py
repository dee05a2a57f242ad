"""The rows of a list that somebody may see, as a condition in SQL over the read model of parts.

It keeps what `Sight.sees` would: relations that the cell of the table names, or none at all where it names `none`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.sql import SQL, Composable, Identifier

from domain.relations import ASSIGNED, CONFLICTED, NONE, OWN, PANEL, PASSING, TOOK_PART
from projections.parts import PARTS, PLACES

JUDGEMENTS: Final = "see-judgements"
RELATIONS: Final = (OWN, ASSIGNED, PANEL, TOOK_PART)
COMPLAINT: Final = "{case} LIKE 'complaint-%%'"
OF_HIDDEN: Final = "SELECT case_id FROM {places} WHERE provider = ANY(%(sight_hidden)s)"
LAPSED: Final = "coalesce(provider || ' ' || scheme, '') = ANY(%(sight_lapsed)s)"
OF_CALLER: Final = "person = ANY(%(sight_people)s)"
TABLES: Final = {"parts": PARTS.identifier(), "places": PLACES.identifier()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What has to be known of who asks: the relations in which the action is `allowed` to their role, and who they are.

    `people` are the ids of all their accounts, `own` the providers that they speak for. `schemes` are those that their role
    is held for, none where it is held for all; `hidden` the providers that a conflict hides, each with the scheme versions
    under which it has lapsed, but not what is their own where the role `speaks` for a provider; `granted` the cases in which
    scrutiny was arranged for them.
    """

    action: str
    allowed: frozenset[str]
    people: Sequence[str]
    own: Sequence[str]
    schemes: Sequence[str]
    hidden: Mapping[str, Sequence[str]]
    speaks: bool
    granted: Sequence[str]

    @property
    def values(self) -> dict[str, Any]:
        """The values that the conditions name."""
        lapsed = [f"{provider} {scheme}" for provider, schemes in self.hidden.items() for scheme in schemes]
        return {
            "sight_people": list(self.people),
            "sight_own": list(self.own),
            "sight_schemes": list(self.schemes),
            "sight_hidden": list(self.hidden),
            "sight_lapsed": lapsed,
            "sight_granted": list(self.granted),
        }


def condition(
    scope: Scope, *, case: str | None, provider: str | None, optional: bool = False
) -> tuple[Composable, dict[str, Any]]:
    """The condition on a list whose columns `case` and `provider` say what each row is about; with its values.

    Where the case of a row is `optional` and it has none, it goes by the provider, and without one by the role alone.
    """
    if not scope.allowed:
        return SQL("false"), {}
    kept = _kept(scope, case, provider)
    if case and optional:
        kept = f"CASE WHEN {{case}} IS NULL THEN {_kept(scope, None, provider)} ELSE {kept} END"
    columns = {"case": _column(case), "provider": _column(provider)}
    return SQL(kept).format(**columns, **TABLES), scope.values


def _column(name: str | None) -> Composable:
    if name and "." not in name:  # the queries inside would take it for a column of their own, and hide nothing
        raise ValueError(f"{name} is named without its table")
    return Identifier(*name.split(".")) if name else SQL("NULL")


def _kept(scope: Scope, case: str | None, provider: str | None) -> str:
    wanted = [*_related(scope, case, provider), *_not_hidden(scope, case, provider)]
    if case and scope.action == JUDGEMENTS:
        wanted += _judgements(scope)
    return " AND ".join(f"({one})" for one in wanted) or "true"


def _related(scope: Scope, case: str | None, provider: str | None) -> list[str]:
    """In a relation that the cell names; or, where it names `none`, in no other."""
    others = [one for one in RELATIONS if one not in scope.allowed]
    if case:
        named, other = _by_case(scope, scope.allowed), _by_case(scope, others)
    elif provider:
        named, other = _by_provider(scope, scope.allowed), _by_provider(scope, others)
    else:
        return []
    if NONE not in scope.allowed:
        return [named or "false"]
    unrelated = f"NOT ({other})" if other else "true"
    if case and scope.schemes and CONFLICTED not in scope.allowed:
        unrelated += (
            " AND EXISTS (SELECT FROM {places} AS sight WHERE sight.case_id = {case}"
            " AND (sight.scheme IS NULL OR split_part(sight.scheme, '@', 1) = ANY(%(sight_schemes)s)))"
        )
    # The rarer is looked at first: of most rows it is known then, and the cases that somebody ever had a part in are not.
    return [] if unrelated == "true" else [f"({unrelated}) OR ({named})" if named else unrelated]


def _by_provider(scope: Scope, relations: Collection[str]) -> str:
    return "{provider} = ANY(%(sight_own)s)" if OWN in relations and scope.own else ""


def _by_case(scope: Scope, relations: Collection[str]) -> str:
    """The case is among those to which the caller stands in one of the relations; empty where it can be none."""
    found = []
    holding = [f"'{one}'" for one in (OWN, ASSIGNED, PANEL) if one in relations]
    held = [f"relation IN ({', '.join(holding)}) AND until IS NULL"] if holding else []
    if TOOK_PART in relations:
        over = ", ".join(f"'{one}'" for one in PASSING)
        held.append(f"relation = '{TOOK_PART}' OR (relation IN ({over}) AND until IS NOT NULL)")
    if scope.people and held:
        either = " OR ".join(f"({one})" for one in held)
        found.append(f"SELECT case_id FROM {{parts}} WHERE {OF_CALLER} AND ({either})")  # noqa: S608 - all of it is ours
    if OWN in relations and scope.own:
        found.append("SELECT case_id FROM {places} WHERE owner = ANY(%(sight_own)s)")
    return f"{{case}} IN ({' UNION ALL '.join(found)})" if found else ""


def _not_hidden(scope: Scope, case: str | None, provider: str | None) -> list[str]:
    """Of no provider that a conflict hides, but where scrutiny was arranged; and no complaint about the caller."""
    if CONFLICTED in scope.allowed:
        return []
    found = []
    if case and scope.people:
        found.append(
            "{case} NOT IN (SELECT case_id FROM {parts} WHERE person = ANY(%(sight_people)s) AND relation = 'conflicted')"
        )
    if not scope.hidden:
        return found
    if not case:
        own = " OR {provider} = ANY(%(sight_own)s)" if scope.speaks else ""
        return [f"{{provider}} IS NULL OR {{provider}} <> ALL(%(sight_hidden)s){own}"] if provider else []
    shown = [f"{{case}} NOT IN ({OF_HIDDEN} AND NOT ({LAPSED}))"]
    if provider:  # a case that the read model of parts has not seen yet is hidden by its own row
        stranger = "{provider} IS NULL OR {provider} <> ALL(%(sight_hidden)s)"
        shown = [f"({stranger} OR {{case}} IN ({OF_HIDDEN} AND ({LAPSED}))) AND {shown[0]}"]
    shown += [
        f"({_by_case(scope, [OWN])}) AND ({'true' if scope.speaks else COMPLAINT})",
        "{case} = ANY(%(sight_granted)s)",
    ]
    return [*found, " OR ".join(f"({one})" for one in shown)]


def _judgements(scope: Scope) -> list[str]:
    """Who marks a submission blind sees none of its first marking, and a provider none before the result is told."""
    found = []
    if scope.people:
        found.append(
            "{case} NOT IN (SELECT case_id FROM {parts} WHERE person = ANY(%(sight_people)s) AND until IS NULL"
            " AND held_by = 'marker' AND case_id LIKE 'submission-%%')"
        )
    if scope.allowed == {OWN}:
        found.append("EXISTS (SELECT FROM {places} AS sight WHERE sight.case_id = {case} AND sight.told)")
    return found
