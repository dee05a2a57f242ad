"""Requests that nobody would write, over a whole body: made by the description of the API, with people and ids that there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain import permissions
from domain.ids import KINDS, kind_of
from infra.api.app import ROOT
from infra.api.described import ACTION
from tests.infra.api.beside import Beside, bring
from tests.infra.api.conftest import Whole, headers
from tests.services.whole.acting import Acting
from tests.services.whole.tries import TRIES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/api/v1/events/stream"
"""It answers for as long as somebody listens; what it asks for is what `/events` does, and tests/infra/api/test_feed.py listens."""
CASES = ("submission", "accreditation")
NOTED = "AttemptRefused"
Who = tuple[str | None, str | None]
ONE_IN_FOUR = st.integers(0, 3).map(lambda drawn: drawn == 3)
TRIED = {permissions.named(service.__module__, service.__name__): said for service, said in TRIES.values()}
"""By action of a command, what the machine of the whole body says to it."""
APART = {"actor", "shelves", "touched"}
"""What nobody types of it."""


@dataclass(slots=True)
class Material:
    """What requests are made of: who asks, each in a role, ids by kind, and what somebody would say who means it."""

    callers: Sequence[Who]
    at: Acting
    beside: Beside
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def of(self, resource: str) -> list[str]:
        """Ids that go with a part of an address: of the kind that it names, or of any."""
        kinds = CASES if resource == "cases" else [one for one in KINDS if resource in (one, f"{one}s")]
        found = [id for kind in kinds for id in self.ids[kind]]
        return found or [id for ids in self.ids.values() for id in ids]

    def may(self, action: str) -> list[Who]:
        """Those for whose role there is such an action."""
        row = permissions.row(action)
        return [one for one in self.callers if (one[1] or permissions.PUBLIC_ROLE) in row]

    def apt(self, action: str, dice: int) -> dict[str, Any] | None:
        """What somebody might say to this command in earnest; None where the machine of the whole body does not try it."""
        if action not in TRIED:
            return None
        self.at.dice = Random(dice)
        said = TRIED[action](self.at)
        return {name: to_jsonable_python(one) for name, one in said.items() if name not in APART}


def material(whole: Whole, folder: Path) -> Material:
    """The people of the body in each role that they came for, the public and a program; and what is on record and beside it."""
    callers: list[Who] = [(None, None), ("service-1", "officer")]
    callers += [(who, role) for role, people in whole.here.people.items() for who in people[:2]]
    callers += [(one.contact, "provider") for one in whole.here.providers[:2]]
    records, beside = whole.app.records, bring(whole, folder)
    made = Material(callers, Acting(whole.here, records, cast("Any", None), Counter()), beside)
    for stream in sorted({one.stream for one in records.read_log(0, 100_000)}):
        made.ids[kind_of(stream)].append(stream)
    return made


def operations(made: FastAPI) -> list[Any]:
    """Every route of the description but the one that has no end."""
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(made.openapi(), config=config)
    schema.app = made
    return [found for one in schema.get_all_operations() if (found := one.ok()).path != ENDLESS]


@dataclass(slots=True)
class Found:
    """What came of it: answers by status, and what should not have been."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def examine(operation: Any, whole: Whole, made: Material, found: Found, examples: int) -> None:
    """Send so many requests to a route, and look at each answer and at the record."""
    fits, not_fit = (operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def once(data: st.DataObject) -> None:
        case = data.draw(not_fit if data.draw(ONE_IN_FOUR) else fits)
        sent = filled(case, made, data)
        before = whole.app.records.max_position() or 0
        answer = case.call(session=client, headers=sent)
        found.answers[answer.status_code] += 1
        found.faults.extend(faults(case, answer, sent))
        if answer.status_code >= 400 and written(whole, before):
            found.faults.append(f"{operation.label}: {answer.status_code}, and wrote {written(whole, before)}")

    with asgi.get_client(operation.app) as client:
        once()


def written(whole: Whole, before: int) -> list[str]:
    """What was recorded since, but for that something was tried."""
    return [one.name for one in whole.app.records.read_log(before, 10) if not one.name.startswith(NOTED)]


def faults(case: Case, answer: Any, sent: dict[str, str]) -> list[str]:
    """What is wrong with an answer."""
    try:
        case.validate_response(answer, checks=CHECKS, headers=sent)
    except Failure as failure:
        return [f"{case.operation.label}: {failure}"]
    except FailureGroup as failures:
        return [f"{case.operation.label}: {one}" for one in failures.exceptions]
    return []


def filled(case: Case, made: Material, data: st.DataObject) -> dict[str, str]:
    """Put what there is into most of a request; returns the headers of who asks, most often somebody for whom it is."""
    action = case.operation.definition.raw[ACTION]
    case.path_parameters, case.body = _address(case, made, data), _body(case, made, data)
    if (query := made.beside.queries.get(case.operation.path)) and data.draw(st.booleans()):
        case.query = {**(case.query or {}), **query}
    apt = made.apt(action, data.draw(st.integers(0, 1000))) if data.draw(st.booleans()) else None
    if apt is not None and case.path_parameters and isinstance(case.body, dict):
        [name] = case.path_parameters
        case.path_parameters = {name: str(apt.pop(name))}
    if apt is not None and isinstance(case.body, dict):
        kept = {name: one for name, one in case.body.items() if name in apt and data.draw(ONE_IN_FOUR)}
        case.body = {**apt, **kept}
    sent = {name: value for name, value in (case.headers or {}).items() if name not in {"If-Match", "Assay-Role"}}
    if data.draw(st.booleans()):
        sent["Idempotency-Key"] = data.draw(st.text("abcdefgh", min_size=16, max_size=16))
    case.headers = case.headers if data.draw(ONE_IN_FOUR) else sent
    among = made.callers if data.draw(ONE_IN_FOUR) else made.may(action)
    return headers(*data.draw(st.sampled_from(among)))


def _address(case: Case, made: Material, data: st.DataObject) -> dict[str, Any]:
    if not case.path_parameters or data.draw(ONE_IN_FOUR):
        return case.path_parameters
    if there := made.beside.place(case.operation.path):
        return {**case.path_parameters, **_named(case.path_parameters, data.draw(st.sampled_from(there)))}
    resource = case.operation.path.removeprefix(f"{ROOT}/").partition("/")[0]
    return {name: data.draw(st.sampled_from(made.of(resource))) for name in case.path_parameters}


def _named(names: Iterable[str], among: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in among.items() if name in names}


def _body(case: Case, made: Material, data: st.DataObject) -> Any:
    meant = made.beside.bodies.get(case.operation.path)
    if meant is not None and data.draw(st.booleans()):
        return meant
    return _real("", case.body, made, data) if isinstance(case.body, (dict, list)) else case.body


def _real(name: str, said: Any, made: Material, data: st.DataObject) -> Any:
    if isinstance(said, dict):
        return {key: _real(key, one, made, data) for key, one in said.items()}
    if isinstance(said, list):
        return [_real(name, one, made, data) for one in said]
    if isinstance(said, str) and data.draw(st.booleans()):
        return data.draw(st.sampled_from(made.of(name)))
    return said
