"""Where decisions on awards, appeals and complaints came from: sound, joined with the case's own document, and silent on who spoke up."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.bootstrap import App, open_app
from infra.export.check import prov_faults
from infra.export.prov import prov_of
from tests import factories
from tests.conftest import Database
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.holding import award_of, conclude, raised, review
from tests.storing import store


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, store=store()) as opened:
        yield opened


def document_of(app: App, case: str) -> dict[str, Any]:
    made = prov_of(case, app.records.load(case)[case])
    assert prov_faults(made) == []
    return made


def ids(document: dict[str, Any], kind: str) -> list[str]:
    """The ids of entities of this type, in order."""
    return [id for id, one in document["entity"].items() if one.get("prov:type") == kind]


def sources(document: dict[str, Any], entity: str) -> set[str]:
    return {
        one["prov:usedEntity"] for one in document["wasDerivedFrom"].values() if one["prov:generatedEntity"] == entity
    }


def people(document: dict[str, Any]) -> dict[str, set[str]]:
    """The roles of everybody who is named."""
    found: dict[str, set[str]] = {}
    for one in document["wasAssociatedWith"].values():
        found.setdefault(one["prov:agent"].removeprefix("assay:"), set()).add(one["prov:role"])
    return found


def test_what_became_of_an_award_leads_back_to_the_review_its_reviewer_and_the_concern(app: App):
    body = factories.open_body(app.office)
    award, case, _ = award_of(body)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")
    document = document_of(app, award)

    [finding] = ids(document, "finding")
    earned, suspended = ids(document, "award")
    assert sources(document, earned) == {f"assay:{case}"}
    assert sources(document, finding) == {f"assay:{concern}", earned}
    assert sources(document, suspended) == {earned, finding}
    assert document["entity"][suspended]["assay:standing"] == "suspended"
    assert [one["prov:entity"] for one in document["wasInvalidatedBy"].values()] == [earned]
    assert people(document) == {body.chair: {"reviewer"}}


def test_the_decision_on_an_appeal_leads_back_to_what_it_contests_by_the_name_that_has_in_its_own_case(app: App):
    body = factories.open_body(app.office)
    here = hearing(body)
    case = refused_case(body)
    appeal = here.upheld(case)
    document, of_case = document_of(app, appeal), document_of(app, case)

    [contested] = [one for one in ids(document, "decision") if case in one]
    [decision] = [one for one in ids(document, "decision") if appeal in one]
    assert contested in of_case["entity"]
    assert contested in sources(document, decision)
    assert document["entity"][decision]["assay:outcome"] == "upheld"
    assert f"assay:{appeal}" in document["activity"].keys() & of_case["activity"].keys()
    roles = people(document)
    assert roles[here.officer] == {"appeals-officer"}
    assert [roles[one] for one in here.panel] == [{"chair"}, {"member"}, {"member"}]
    assert here.contact(case) not in roles


def test_answers_to_a_complaint_lead_back_to_it_and_to_each_other_and_name_nobody_who_complained(app: App):
    body = factories.open_body(app.office)
    provider = factories.register_provider(body)
    first, second = complaining.handlers(body)
    about = body.assessors[0]
    complaint = complaining.by_contact(body, provider, about="people", people=[about])
    complaining.answer(body, complaint, first)
    complaining.escalate(body, complaint, provider.contact)
    complaining.answer(body, complaint, second, "partly-upheld", "We said sorry.")
    document = document_of(app, complaint)

    [was] = ids(document, "complaint")
    one, other = ids(document, "answer")
    assert (sources(document, one), sources(document, other)) == ({was}, {was, one})
    assert document["entity"][other]["assay:outcome"] == "partly-upheld"
    assert people(document) == {first: {"complaints-handler"}, second: {"complaints-handler"}}
    assert provider.contact not in str(document)
    assert about not in str(document)
