"""What may be asked of a route beside its address: the parameters that it describes, each by its name. Anything else is refused.

Whoever misspells what narrows an answer would be given more than they meant to hand on.
"""

from collections.abc import Iterator

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from infra.api.problems import refused


def ask_only_described(route: APIRoute) -> None:
    """Have a route refuse what it does not know (`fields`); lists, which describe theirs as data, look for themselves."""
    if any(one.get("in") == "query" for one in (route.openapi_extra or {}).get("parameters", ())):
        return
    known = frozenset(_named(route.dependant))

    async def look(request: Request) -> None:
        for name in request.query_params:
            if name not in known:
                allowed = ", ".join(sorted(known)) or "nothing beside the address"
                raise refused("fields", "that is not asked here", field=name[:60], allowed=allowed)

    route.dependencies.insert(0, Depends(look))


def _named(dependant: Dependant) -> Iterator[str]:
    """The names of what a route takes from the query, and what it depends on."""
    yield from (one.alias for one in dependant.query_params)
    for one in dependant.dependencies:
        yield from _named(one)
