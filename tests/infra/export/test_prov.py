"""Where a decision came from, as PROV-JSON: sound by a checker of its own, superseded after an appeal, valid after erasures."""

from typing import Any

import pytest

from infra.bootstrap import open_app
from infra.export.check import prov_faults
from infra.export.prov import prov_of
from tests import factories
from tests.conftest import Database
from tests.services.appealing import hearing, refused_case
from tests.storing import store


def test_a_decision_leads_back_to_judgements_the_portfolio_and_whose_hands_they_were_in(database: Database):
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = factories.brought(body, "released")
        document = prov_of(case, app.records.load(case)[case])
        app.vault.erase_subject(body.chair)
        again = prov_of(case, app.records.load(case)[case])

    assert prov_faults(document) == []
    assert again == document
    [decision] = [id for id, one in document["entity"].items() if one["prov:type"] == "decision"]
    sources = {one["prov:generatedEntity"]: set() for one in document["wasDerivedFrom"].values()}
    for one in document["wasDerivedFrom"].values():
        sources[one["prov:generatedEntity"]].add(one["prov:usedEntity"])
    judgements = {one for one in sources[decision] if document["entity"][one]["prov:type"] == "judgement"}
    assert judgements
    [portfolio] = {source for one in judgements for source in sources[one]}
    assert document["entity"][portfolio]["assay:manifest"]
    assert {one["prov:role"] for one in document["wasAssociatedWith"].values()} == {"assessor", "chair", "moderator"}
    assert {one["prov:type"] for one in document["activity"].values()} == {
        *("assessment", "moderation", "decision", "report"),
    }


def test_what_an_appeal_sets_aside_is_invalidated_by_it(database: Database):
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = refused_case(body)
        appeal = hearing(body).upheld(case)
        document = prov_of(case, app.records.load(case)[case])

    assert prov_faults(document) == []
    gone = {one["prov:entity"]: one["prov:activity"] for one in document["wasInvalidatedBy"].values()}
    assert {document["entity"][one]["prov:type"] for one in gone} == {"decision", "report"}
    assert set(gone.values()) == {f"assay:{appeal}"}


NODES: dict[str, Any] = {
    "prefix": {"a": "urn:a:"},
    "entity": {"a:x": {}, "a:y": {}},
    "activity": {"a:do": {}},
}


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"used": {"_:1": {"prov:activity": "a:do", "prov:entity": "a:z"}}}, "is no entity"),
        ({"wasAssociatedWith": {"_:1": {"prov:activity": "a:do", "prov:agent": "a:x"}}}, "is no agent"),
        ({"agent": {"b:who": {}}}, "prefix is not declared"),
        ({"wasMade": {}}, "no part of PROV-JSON"),
        (
            {"wasDerivedFrom": {"_:1": {"prov:generatedEntity": "a:x", "prov:usedEntity": "a:x"}}},
            "derived from itself",
        ),
        (
            {"activity": {"a:do": {"prov:startTime": "2026-01-02T00:00:00Z", "prov:endTime": "2026-01-01T00:00:00Z"}}},
            "ends before it begins",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_the_checker_finds_each_kind_of_fault(more: dict[str, Any], fault: str):
    assert prov_faults(NODES) == []
    [found] = prov_faults({**NODES, **more})
    assert fault in found
