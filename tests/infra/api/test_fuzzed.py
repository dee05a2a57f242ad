"""Whatever is sent to whichever route: no fault of ours, nothing that is not described, and nothing written where it is refused."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from infra.api.app import ROOT
from infra.api.catalogue import COMMANDS
from infra.api.lists import LISTS
from infra.embedded import EmbeddedPostgres
from tests.conftest import Database, copied
from tests.infra.api.conftest import Whole, headers, opened
from tests.infra.api.fuzzing import Found, Material, examine, material, operations, written
from tests.infra.api.oddities import Odd, oddities
from tests.infra.api.samples import Said, sample
from tests.services.whole.setting import Setting

PARTS = sorted(
    {one.resource for one in COMMANDS}
    | {one.path.partition("/")[0] for one in LISTS}
    | {
        "badge-issuer",
        "badge-status",
        "badges",
        "calendars",
        "checkpoints",
        "consistency",
        "events",
        "exports",
        "imports",
        "looks",
        "proofs",
        "webhooks",
    }
)
"""The first words of all routes: in full each is tried by itself, so that a part can be chosen (`-k board`)."""
WHOLE = ""
EACH = pytest.mark.parametrize("part", [WHOLE, *(pytest.param(one, marks=pytest.mark.soak) for one in PARTS)])
FEW, MANY = 2, 300
"""Made-up requests to each route, in short and in full."""
PER_ROUTE = 6
"""Odd requests to each route, in short: each in turn."""
OTHERS = ("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE")


@pytest.fixture
def whole(made: FastAPI, server: EmbeddedPostgres, brought: tuple[Database, Setting]) -> Iterator[Whole]:
    with copied(server, brought[0]) as database, opened(made, database, brought[1]) as lent:
        yield lent


@EACH
def test_made_up_requests_to_each_route_are_answered_as_described(
    made: FastAPI, whole: Whole, part: str, tmp_path: Path
):
    """Given people, cases and ids that there are, requests by schemathesis: half of them what somebody might mean."""
    found, of = Found(), material(whole, tmp_path)
    for operation in of_part(made, part):
        before = found.answers.total()
        examine(operation, whole, of, found, MANY if part else FEW)
        if part:
            print(f"{operation.label}: {found.answers.total() - before} requests, {len(found.faults)} faults so far")
    print(f"{part}: {found.answers.total()} requests, answered {dict(sorted(found.answers.items()))}")
    assert found.faults == [], "\n\n".join(found.faults[:30])
    assert found.answers[200] > 0
    assert part or {200, 403, 404, 422} <= found.answers.keys()


def test_every_route_is_in_a_part(made: FastAPI):
    assert {first(one) for one in operations(made)} == set(PARTS)


def of_part(made: FastAPI, part: str) -> list[Any]:
    """The routes below this first word, or all."""
    return [one for one in operations(made) if part in (WHOLE, first(one))]


def first(operation: Any) -> str:
    """The first word of a route below the root."""
    return str(operation.path.removeprefix(f"{ROOT}/").partition("/")[0])


@EACH
def test_odd_requests_to_each_route_are_refused_as_described(made: FastAPI, whole: Whole, part: str, tmp_path: Path):
    of, document = material(whole, tmp_path), made.openapi()
    wrong, number, asked = [], 0, 0
    for operation in of_part(made, part):
        said = operation.definition.raw
        odd = list(oddities(document, said))
        for one in odd if part else [odd[(number + each) % len(odd)] for each in range(PER_ROUTE)]:
            before, asked = whole.app.records.max_position() or 0, asked + 1
            answer = send(whole, of, operation, one, document)
            wrong += [f"{operation.label} {str(one)[:300]}: {fault}" for fault in faults(answer, said)]
            if answer.status_code >= 400 and written(whole, before):
                wrong.append(
                    f"{operation.label} {str(one)[:300]}: {answer.status_code}, and wrote {written(whole, before)}"
                )
        number += PER_ROUTE
    print(f"{part}: {asked} odd requests")
    assert wrong == [], "\n".join(wrong[:40])


def send(whole: Whole, of: Material, operation: Any, odd: Odd, document: Any) -> Response:
    """Send an odd request, by somebody for whom the route is."""
    said = operation.definition.raw
    who, role = of.may(said["x-assay-action"])[-1]
    there = of.of(operation.path.split("/")[3])[0]
    named = next(iter(of.beside.place(operation.path)), {})
    path = re.sub(
        r"\{(\w+)\}", lambda one: odd.id if odd.id is not None else str(named.get(one[1], there)), operation.path
    )
    sent: dict[str, Any] = {**headers(who, role), "Idempotency-Key": f"key-of-this-test-{next(whole.asks.numbers)}"}
    content = odd.body
    if content is None and "requestBody" in said:
        meant = of.beside.bodies.get(operation.path, sample(document, said, Said()))
        content = meant if isinstance(meant, bytes) else json.dumps(meant).encode()
    sent |= {"Content-Type": "application/json"} if content is not None else {}
    return whole.asks.client.request(
        operation.method.upper(), f"{path}?{odd.query}", content=content, headers={**sent, **odd.headers}
    )


def faults(answer: Response, said: Any) -> Iterator[str]:
    """What is wrong with an answer: it is a fault of ours, it is not described, or it says too little."""
    if answer.status_code >= 500 or str(answer.status_code) not in said["responses"]:
        if not (
            answer.status_code in {404, 405} and answer.json()["type"] in {"/problems/not-found", "/problems/method"}
        ):
            yield f"{answer.status_code} {answer.text[:300]}"
    elif answer.status_code >= 400 and not {"type", "title", "status", "detail"} <= answer.json().keys():
        yield f"it says too little: {answer.text[:300]}"


HEADED = re.compile(r"/badges/|/badge-status/|/badge-issuer$")
"""Whose addresses answer HEAD as GET, for who checks links."""


def test_other_methods_than_those_described_are_refused(made: FastAPI, whole: Whole):
    paths = {path: set(methods) for path, methods in made.openapi()["paths"].items()}
    wrong = [
        (method, path, answer.status_code)
        for path in paths
        for method in OTHERS
        if not (method == "HEAD" and HEADED.search(path))
        if (answer := whole.asks.client.request(method, path)).status_code not in {404, 405}
    ]
    assert wrong == []
