"""The description of the API, made complete for who writes a client: what each field is, who may, how problems are sent."""

import json
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from fastapi import FastAPI, Response

from domain import permissions
from domain.person import ROLES
from infra.api.problems import Problem
from infra.api.words import words_for

ACTION: Final = "x-assay-action"
"""In the description of a route: what the table of permissions calls it."""
_JSON: Final = "application/json"


def describe(app: FastAPI, path: str) -> None:
    """Have the application describe itself whole, under `path`; that takes a second or two, once, while others are answered."""
    plain, making = app.openapi, threading.Lock()

    def whole() -> dict[str, Any]:
        with making:
            if app.openapi_schema is None:
                app.openapi_schema = complete(plain())
            return app.openapi_schema

    @cache
    def written() -> bytes:
        return json.dumps(whole(), ensure_ascii=False, separators=(",", ":")).encode()

    @app.get(path, include_in_schema=False)
    def description() -> Response:
        return Response(written(), media_type=_JSON)

    app.openapi = whole  # type: ignore[method-assign]


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what its routes and models do not say themselves."""
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    for name, schema in schemas.items():
        for field, said in schema.get("properties", {}).items():
            _say(said, name, field)
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    operation["description"] = "\n\n".join(_told(operation))
    if permissions.PUBLIC_ROLE in _row(operation) or not operation.get("tags"):
        operation["security"] = [*operation.get("security", []), {}]
    for one in operation.get("parameters", []):
        _say(one, path, one["name"])
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if _JSON in content:  # first, since clients take the first that they understand
            answer["content"] = {_JSON: content[_JSON], **content}
        if answer["description"] == "Successful Response":
            answer["description"] = "What was asked for." if status == "200" else "Done."


def _told(operation: dict[str, Any]) -> Iterator[str]:
    """What the route says of itself, and which roles may use it at all."""
    yield operation.get("description") or f"{operation['summary'].rstrip('.')}."
    if row := _row(operation):
        who = ", ".join(row) if len(row) < len(ROLES) else "whoever has a role"
        yield f"Action of the permissions: `{operation[ACTION]}`. Roles, each as far as the table lets it: {who}."


def _row(operation: dict[str, Any]) -> list[str]:
    action = operation.get(ACTION)
    return [one for one in permissions.row(action) if one in OFFERED] if action else []


OFFERED: Final = frozenset({*ROLES, permissions.PUBLIC_ROLE})
"""The roles that somebody can have who asks the API."""


def _say(said: dict[str, Any], owner: str, field: str) -> None:
    """Say what a field is, where its model does not."""
    if not said.get("description") and (words := words_for(owner, field)):
        said["description"] = words
