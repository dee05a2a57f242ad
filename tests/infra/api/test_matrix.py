"""Every route by every role in every relation: as the table of permissions says; and a conflict hides without a trace.

Routes are those of the application. A command names a version that nothing has, so that what is let pass writes nothing.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from domain import permissions
from domain.ids import KINDS, derived_id, kind_of
from domain.permissions import PUBLIC_ROLE
from domain.person import ROLES
from infra.api.app import ROOT
from infra.api.catalogue import COMMANDS
from infra.api.described import ACTION
from infra.api.gate import LOOKED_UP
from infra.api.seeing import Sight
from infra.embedded import EmbeddedPostgres
from tests.conftest import Database
from tests.infra.api.conftest import Asking, Whole, headers
from tests.infra.api.matrix import Scene, scene_of
from tests.infra.api.samples import Said, sample
from tests.services.whole.setting import Setting

NOT_SEEN = '"99999"'
"""A version that nothing has: a command that is let pass is refused by it."""
BY_RULE = {"see-complaints", "see-judgements"}
"""What a rule of the domain takes away again from who may: who is complained about, and what is not told yet."""
SIGN_UP = {one.action for one in COMMANDS if one.signs_up}
ENDLESS = "/events/stream"
"""It goes on while somebody listens; what it sends is what `/events` answers: tests/infra/api/test_feed.py."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the application: what the table calls it, and a body for it, with a text of one's own."""

    method: str
    path: str
    action: str
    said: dict[str, Any]
    document: dict[str, Any]

    @property
    def about(self) -> str:
        """The kind of what stands in its address, empty where nothing does."""
        found = re.search(r"^/([a-z-]+)/\{", self.path)
        if not found:
            return ""
        kinds = {"cases": "submission", "meetings": "meeting", "learning": "learning", "holds": "submission"}
        kinds["conformance"] = "submission"
        return kinds.get(found[1]) or next((one for one in KINDS if found[1] in (one, f"{one}s")), found[1])

    def ask(self, asks: Asking, who: str | None, role: str | None, id: str, text: str = "x", **more: str) -> Response:
        """Ask it about `id`."""
        path = ROOT + re.sub(r"\{\w+\}", id, self.path)
        sent = headers(who, role) | more
        if self.method == "GET":
            return asks.client.get(path, headers=sent)
        sent |= {"Idempotency-Key": f"key-of-this-test-{next(asks.numbers)}", "If-Match": NOT_SEEN}
        return asks.client.post(path, json=sample(self.document, self.said, Said(text=text)), headers=sent)


@pytest.fixture(scope="module")
def routes(made: FastAPI) -> list[Route]:
    document = made.openapi()
    return [
        Route(method.upper(), path.removeprefix(ROOT), said[ACTION], said, document)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if path != ROOT + ENDLESS
    ]


@pytest.fixture(scope="module")
def scene(made: FastAPI, server: EmbeddedPostgres, brought: tuple[Database, Setting]) -> Iterator[Scene]:
    with scene_of(made, server, brought) as set_up:
        yield set_up


def told(answer: Response) -> tuple[int, Any]:
    """A problem without the id of its request."""
    said = answer.json()
    said.pop("request", None)
    return answer.status_code, said


def rule(answer: Response) -> str:
    """The rule by which something is refused, empty where it is not."""
    return answer.json()["type"].removeprefix("/problems/") if answer.status_code >= 400 else ""


FULLY = pytest.mark.parametrize("fully", [False, pytest.param(True, marks=pytest.mark.soak)])
RELATIONS = ("own", "assigned", "panel", "took-part", "conflicted", "none")
FEED = "/events"
OWN_CONFLICTS = "/conflicts"
"""There somebody sees with whom they have a conflict themselves."""
LOOKS = "/looks"
"""Tests here look at one of the two bodies more than at the other; that it hides looks: tests/infra/api/test_looks.py."""
RETENTION = "/retention"
"""There such looks count; of hidden cases they don't: tests/infra/letters/test_letting_go.py."""
SHUT = {"acting-role", "not-permitted", "token-scope", "not-found", "sign-in"}
"""Rules by which who may not is refused."""
APART = {"position", "recorded_at", "next", "request", "version"}
OF_PROVIDERS = {"submission", "accreditation", "appeal", "complaint"}


def nowhere(id: str) -> str:
    """An id of the same form, of what there is not."""
    return derived_id(kind_of(id), "nothing")


def test_the_people_stand_in_the_relations_that_are_tried(scene: Scene):
    for relation, (who, case) in scene.stands.items():
        for role in ROLES:
            apart = {"conflicted"} if relation == "own" and role != "provider" else set()
            assert scene.sight(who, role).relations(case) == {relation} | apart, (relation, role)


@FULLY
def test_every_route_lets_pass_whom_the_table_lets_and_nobody_else(scene: Scene, routes: list[Route], fully: bool):
    asks = scene.whole.lend()
    wrong = [
        f"{route.method} {route.path} by {role} {relation}: {fault}"
        for number, route in enumerate(routes)
        for role, relation in tried(route, number, fully=fully)
        for fault in disagreements(scene, asks, route, scene.stands[relation], role)
    ]
    assert wrong == [], "\n".join(wrong[:50])


def tried(route: Route, number: int, *, fully: bool) -> Iterator[tuple[str, str]]:
    """The cells that are tried: every one that there is, in each relation in which people stand to what it is about.

    Of the roles that have none, which are all refused alike, one for each route in turn where it is not done `fully`.
    """
    row = permissions.row(route.action)
    without = [one for one in ROLES if one not in row]
    for role in without if fully else without[number % len(without) :][:1] if without else ():
        yield role, "conflicted"
    for role in (one for one in ROLES if one in row):
        for relation in RELATIONS if route.about in OF_PROVIDERS else ("conflicted", "none"):
            yield role, relation


def disagreements(scene: Scene, asks: Asking, route: Route, stands: tuple[str, str], role: str) -> Iterator[str]:
    """Where the answer to who stands so to a submission is not as the table says."""
    who, case = stands
    id = case if route.about == "submission" else scene.about(route.about)
    answer = route.ask(asks, who, role, id)
    refusal, sight = rule(answer), scene.sight(who, role)
    where = f"{answer.status_code} {refusal}"
    if route.action in SIGN_UP:
        if answer.status_code != 412:
            yield f"{where} for who signs up, as anybody may"
    elif needs_a_cell(route) and not permissions.relations_allowed(route.action, role):
        if refusal != "acting-role":
            yield f"{where} for who has no cell"
    elif route.about in LOOKED_UP and not passes(sight, route, role, id):
        yield from shut(sight, route, id, answer, route.ask(asks, who, role, nowhere(id)))
    elif refusal in {"acting-role", "not-permitted", "token-scope"}:
        if not of_none(route) or permissions.may(route.action, role, ()):
            yield f"{where} for who may: {sorted(sight.relations(id))}"
    elif refusal == "not-found" and id in scene.there and not is_of_part(route, answer) and route.action not in BY_RULE:
        yield f"{where} for who may: {sorted(sight.relations(id))}"


def is_of_part(route: Route, answer: Response) -> bool:
    """Whether what there is not is a part of what the route is about, such as a file of a case."""
    return answer.json().get("field") in re.findall(r"\{(\w+)\}", route.path)[1:]


def needs_a_cell(route: Route) -> bool:
    """Whether it says to who has no cell that they have none: a page of something is just not there for them."""
    return route.method == "POST" or not route.about or route.action == "material"


def of_none(route: Route) -> bool:
    """Whether it is a list, or a department's, of which somebody who may see but what they have a part in may see nothing."""
    return route.method == "GET" and route.about in {"", "departments"}


def passes(sight: Sight, route: Route, role: str, id: str) -> bool:
    """Whether the table lets somebody pass; of a command, where no conflict hides what it is about."""
    if route.method == "POST" and not sight.there(id) and not sight.has_part(id):
        return False
    return permissions.may(route.action, role, sight.relations(id) - {"none"})


def shut(sight: Sight, route: Route, id: str, answer: Response, absent: Response) -> Iterator[str]:
    """What is wrong with an answer to who may not: it says so to who may see the case, and nothing to everybody else."""
    seen = route.method == "POST" and sight.sees(id, "see-case")
    if seen and rule(answer) != "not-permitted":
        yield f"{told(answer)} to who may see it"
    if not seen and (answer.status_code != 404 or told(answer) != told(absent)):
        yield f"{told(answer)}, and of what there is not {told(absent)}"


def test_a_program_and_who_is_not_known_do_what_the_table_has_for_them(scene: Scene, routes: list[Route]):
    asks = scene.whole.lend()
    wrong = []
    for route in routes:
        row, id = permissions.row(route.action), scene.about(route.about)
        for who, role in ((None, PUBLIC_ROLE), ("service-1", "officer")):
            answer = route.ask(asks, who, role, id)
            let = route.action in SIGN_UP or permissions.may(route.action, role, ())
            if permissions.relations_allowed(route.action, role) and route.about not in LOOKED_UP and not let:
                continue  # what it takes beside the role, the rules of a command say, and the rows of a list
            absent = rule(answer) == "not-found" and (id not in scene.there or is_of_part(route, answer))
            if let != (rule(answer) not in SHUT) and not absent:
                wrong.append((route.method, route.path, role, answer.status_code, answer.text[:200], row))
    assert wrong == []


@FULLY
def test_to_whom_a_conflict_keeps_away_both_bodies_look_the_same(scene: Scene, routes: list[Route], fully: bool):
    """Given a body with a provider's cases and one without, who has a conflict with it can't tell which is which."""
    wrong = [
        f"{route.path} by {role} asked {asked}: {fault}"
        for route in routes
        for number, role in enumerate(ROLES)
        if route.method == "GET" and not route.about and hides(route, role)
        for asked in variants(scene, route, number, fully=fully)
        for fault in traces(scene, route, role, asked)
    ]
    assert wrong == [], "\n".join(one[:500] for one in wrong[:30])


def hides(route: Route, role: str) -> bool:
    """Whether the role sees something here, and nothing of it in spite of a conflict, as everybody sees what is public."""
    cell = permissions.relations_allowed(route.action, role)
    return bool(cell) and "conflicted" not in cell


def traces(scene: Scene, route: Route, role: str, asked: dict[str, str]) -> Iterator[str]:
    """Where what is hidden shows in a list all the same."""
    here, there = (
        one.lend().client.get(ROOT + route.path, params=asked, headers=headers(scene.away, role))
        for one in (scene.whole, scene.beside)
    )
    said, secrets = read(here), list(scene.hidden.values()) if route.path == OWN_CONFLICTS else scene.secrets
    shown = [one for one in secrets if one in said and one not in asked.values()]
    if shown:
        yield f"it says {shown}"
    if route.path == FEED:
        told = events(scene.whole, scene.away, role, asked)
        others = events(scene.beside, scene.away, role, asked)
        yield from (f"it tells of {one}" for one in told if one not in others)
        yield from (f"it does not tell of {one}" for one in others if one not in told)
    elif (
        route.path != LOOKS
        and not (route.path == RETENTION and "format" in asked)
        and told_of_rows(here) != told_of_rows(there)
    ):
        yield f"{difference(here, there)}"


def events(whole: Whole, who: str, role: str, asked: dict[str, str]) -> list[str]:
    """All events that somebody is told of. Its pages end where so many were looked at, seen or not."""
    asks, found, after = whole.lend(), [], 0
    while True:
        page = asks.client.get(ROOT + FEED, params={**asked, "after": after}, headers=headers(who, role)).json()
        found += _without(page.get("items", [page]))
        if not page.get("more"):
            return [json.dumps(one) for one in found]
        after = page["next"]


def variants(scene: Scene, route: Route, number: int, *, fully: bool) -> Iterator[dict[str, str]]:
    """Ways to ask for a list: as it is, in another order, as a file, and by every text that it can be asked for.

    Where it is not done `fully`, one of these ways for each role in turn beside the list as it is.
    """
    asked = {one["name"]: one["schema"] for one in route.said["parameters"] if one["in"] == "query"}
    ways = [{"sort": one, "limit": "1"} for one in asked.get("sort", {}).get("enum", ())]
    ways += [{"format": one} for one in ("csv", "xlsx") if "format" in asked]
    ways += [
        {name: scene.provider.id if "provider" in name else scene.hidden["submission"]}
        for name, schema in asked.items()
        if schema.get("type") == "string" and not {"enum", "format"} & schema.keys() and name != "cursor"
    ]
    yield {}
    yield from ways if fully else ways[3 * number % len(ways) :][:1] if ways else ()


def read(answer: Response) -> str:
    """All that an answer says, in its headers too; of a spreadsheet what is in it."""
    said = answer.text
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            said = "".join(file.read(one).decode() for one in file.namelist())
    return said + str(answer.headers)


def told_of_rows(answer: Response) -> Any:
    """What an answer says, but for positions of the log, which have gaps, and when this test wrote it down."""
    if answer.content.startswith(b"PK") or "csv" in answer.headers["content-type"]:
        return read(answer).count("<row " if answer.content.startswith(b"PK") else "\n")
    return answer.status_code, _without(answer.json())


def _without(said: Any) -> Any:
    if isinstance(said, dict):
        apart = APART | (
            {"id"} if said.keys() >= {"time", "type", "relationships"} else set()
        )  # an exported event's own
        return {name: _without(one) for name, one in said.items() if name not in apart}
    if isinstance(said, list):
        return [_without(one) for one in said if not (isinstance(one, dict) and _is_apart(one))]
    return said


def _is_apart(one: dict[str, Any]) -> bool:
    """Whether it counts looks, or says, as an attribute of an export, where in the log something stands and when it came there."""
    return one.get("kind") == "looks" or one.get("name") in {"log_position", "recorded_at"}


def difference(here: Response, there: Response) -> Any:
    """What either answer has and the other has not."""
    one, other = told_of_rows(here), told_of_rows(there)
    if all(isinstance(each, tuple) and "objects" in each[1] for each in (one, other)):
        return [
            [[row for row in a[1][part] if row not in b[1][part]][:2] for part in ("events", "objects")]
            for a, b in ((one, other), (other, one))
        ]
    if not all(isinstance(each, tuple) and "items" in each[1] for each in (one, other)):
        return one, other
    rows, others = one[1]["items"], other[1]["items"]
    return [row for row in rows if row not in others][:2], [row for row in others if row not in rows][:2]


def test_what_a_conflict_hides_is_answered_as_what_there_is_not_wherever_it_is_named(scene: Scene, routes: list[Route]):
    asks, wrong, hidden = scene.whole.lend(), [], cycle(scene.hidden.values())
    for route in routes:
        for role in permissions.roles(route.action) if route.method == "POST" else ():
            about = "nothing" if route.about in OF_PROVIDERS else scene.about(route.about)
            id = next(hidden)
            named, absent = (told(route.ask(asks, scene.away, role, about, one)) for one in (id, nowhere(id)))
            if json.dumps(named).replace(id, nowhere(id)) != json.dumps(absent):
                wrong.append((route.path, role, kind_of(id), named, absent))
    assert wrong == [], "\n".join(str(one)[:700] for one in wrong[:30])


def test_nothing_was_written_by_any_of_that_but_that_it_was_tried(scene: Scene, routes: list[Route]):
    asks = scene.whole.lend()
    before = scene.whole.app.records.max_position() or 0
    for route in routes:
        for role in permissions.row(route.action) if route.method == "POST" else ():
            if role in ROLES:
                route.ask(asks, scene.stands["none"][0], role, scene.about(route.about))

    written = scene.whole.app.records.read_log(before, 1000)
    assert [one.name for one in written if not one.name.startswith("AttemptRefused")] == []
