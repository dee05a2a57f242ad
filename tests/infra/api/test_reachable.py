"""Every use case is reachable by a route, and every route says all that a client needs to know of it."""

import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import APIRouter, FastAPI

from domain import permissions
from infra.api.app import create
from infra.api.caller import Api
from infra.api.catalogue import COMMANDS
from infra.api.described import ACTION
from infra.bootstrap import App
from tests.infra.api.conftest import known

ROOT = Path(__file__).parents[3]
FREE = {("Done", "result"), ("Entry", "data")}
"""Where what is answered has whatever form it has: what a command looked at, what an event says."""
ELSEWHERE = {
    "tell_clients": "a step of publishing a scheme",
    "see-concerns": "a part of the page of an award and of its history",
    "see-confidential": "a part of the page of judgements and of histories",
    "see-reports": "a part of the feed and of histories",
}
"""Actions that no route is for by themselves, and where they are."""
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="session")
def document(made: FastAPI) -> dict[str, Any]:
    return made.openapi()


@pytest.fixture(scope="session")
def operations(document: dict[str, Any]) -> list[Operation]:
    return [(path, method, said) for path, methods in document["paths"].items() for method, said in methods.items()]


def use_cases() -> Iterator[tuple[str, str]]:
    """The services of the handbook that people use: module and name of each function that carries a command out."""
    for module, name in sorted(
        set(re.findall(r"`services/(\w+)\.py:(\w+)`", (ROOT / "docs" / "handbook.md").read_text()))
    ):
        service = getattr(importlib.import_module(f"services.{module}"), name)
        if inspect.isfunction(service) and getattr(service, "__wrapped__", None):
            yield module, name


def test_every_use_case_that_the_handbook_names_has_a_route(operations: list[Operation]):
    routes = {said[ACTION] for _, _, said in operations}
    named = [permissions.named(f"services.{module}", name) for module, name in use_cases()]

    assert len(named) > 12
    assert [one for one in named if one not in routes | permissions.PROCESS_ONLY | ELSEWHERE.keys()] == []


def test_every_action_of_the_table_of_permissions_has_a_route(operations: list[Operation]):
    routes = {said[ACTION] for _, _, said in operations}

    missing = set(permissions.actions()) - routes - permissions.PROCESS_ONLY - permissions.PARTS - ELSEWHERE.keys()

    assert missing == set()


@pytest.mark.parametrize(("said", "why"), [(None, "is no action"), ({ACTION: "see-nothing"}, "has no row")])
def test_an_application_with_a_route_that_is_no_row_of_the_table_is_not_made(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str] | None, why: str
):
    def another(_: Api) -> APIRouter:
        routes = APIRouter()
        routes.add_api_route("/another", lambda: None, methods=["GET"], openapi_extra=said)
        return routes

    monkeypatch.setattr("infra.api.app.ROUTERS", (another,))

    with pytest.raises(KeyError, match=why):
        create(Api(app=cast("App", None), identify=known))


def test_every_operation_has_a_name_of_its_own_a_summary_a_description_and_one_tag(operations: list[Operation]):
    names = Counter(said["operationId"] for _, _, said in operations)

    assert [name for name, count in names.items() if count > 1] == []
    for path, method, said in operations:
        assert said["summary"], (method, path)
        assert len(said["description"]) > len(said["summary"]), (method, path)
        assert len(said["tags"]) == 1, (method, path)


def test_an_operation_is_called_by_what_it_does_and_where_two_do_the_same_also_by_what_to(operations: list[Operation]):
    called = {said["operationId"]: path for path, _, said in operations}

    assert called["conclude_submission_review"].endswith("/submissions/{case}/conclude-review")
    assert called["conclude_accreditation_review"].endswith("/accreditations/{case}/conclude-review")
    assert called["answer_development_questionnaire"].endswith("/development/{person}/answer-questionnaire")
    assert called["answer_learning_questionnaire"].endswith("/learning/{case}/answer-questionnaire")
    assert not [one for one in called if one.startswith(("see_", "post_"))]


def test_every_answer_has_words_and_a_schema(operations: list[Operation]):
    for path, method, said in operations:
        for status, answer in said["responses"].items():
            assert answer["description"], (method, path, status)
            if status not in {"204", "304"}:
                assert answer["content"], (method, path, status)
                assert all(one.get("schema") for one in answer["content"].values()), (method, path, status)


def test_every_parameter_and_every_field_says_what_it_is(document: dict[str, Any], operations: list[Operation]):
    parameters = [
        (method, path, one["name"])
        for path, method, said in operations
        for one in said.get("parameters", [])
        if not one.get("description")
    ]
    fields = [
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("description")
    ]

    assert (parameters, fields) == ([], [])


def test_no_field_takes_or_gives_just_anything(document: dict[str, Any]):
    free = {
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if any(_is_free(one) for one in [said, *said.get("anyOf", [])])
    }

    assert free == FREE


def _is_free(schema: dict[str, Any]) -> bool:
    says = schema.keys() - {"title", "description", "default", "examples"}
    unlisted = schema.get("type") == "array" and not schema.get("items") and not schema.get("prefixItems")
    return not says or unlisted or schema.get("additionalProperties") is True


def test_the_words_for_fields_are_all_of_use(document: dict[str, Any], operations: list[Operation]):
    from infra.api.words import WORDS

    used = {
        f"{name}.{field}"
        for name, one in document["components"]["schemas"].items()
        for field in one.get("properties", {})
    }
    used |= {f"{path}.{one['name']}" for path, _, said in operations for one in said.get("parameters", [])}
    used |= {one.rpartition(".")[2] for one in used}

    assert sorted(WORDS.keys() - used) == []


def test_every_command_names_the_key_and_the_version_that_it_takes(operations: list[Operation]):
    commands = {f"{ROOT}{one.path}" for one in COMMANDS}

    for path, _, said in operations:
        if path in commands:
            taken = {one["name"]: one["required"] for one in said["parameters"] if one["in"] == "header"}
            assert taken == {"Idempotency-Key": True, "If-Match": False, "Assay-Role": False}, path
