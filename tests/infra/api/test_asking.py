"""A route is asked only what it describes: who misspells what narrows an answer is told so, and is given nothing more."""

import pytest

from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking


@pytest.mark.parametrize(
    "part", ["", "/replay", "/pack", "/proof", "/portfolio", "/judgements", "/provenance", "/money"]
)
def test_what_a_page_of_a_case_is_not_asked_is_refused_with_what_it_is(body: Body, asks: Asking, part: str):
    case = factories.brought(body, "released")
    asks.caught_up()

    said = asks.get(f"/cases/{case}{part}", body.officer, "officer", persn="person-aaaaaaaaaaaaaaaa")

    assert (said.status_code, said.json()["type"], said.json()["field"]) == (422, "/problems/fields", "persn")
    if part in {"/replay", "/pack"}:
        assert "person, person_role" in said.json()["allowed"]


@pytest.mark.parametrize("part", ["replay", "pack"])
def test_a_role_to_see_a_case_in_is_refused_where_nobody_is_named(body: Body, asks: Asking, part: str):
    case = factories.brought(body, "released")
    asks.caught_up()

    said = asks.get(f"/cases/{case}/{part}", body.officer, "officer", person_role="chair")

    assert (said.json()["type"], said.json()["field"]) == ("/problems/replay-eyes", "person_role")


def test_nor_is_a_public_route_asked_anything_else(asks: Asking):
    for path in ("/badge-issuer", "/checkpoints/latest"):
        assert asks.get(path, foo="1").json()["type"] == "/problems/fields"
