"""Exports over the API: for the quality manager and the board, never against a conflict; provenance for who hears of the case."""

import io
import json

from infra.bootstrap import open_app
from infra.export.check import ocel_faults, prov_faults
from infra.export.ocel import write_ocel
from infra.export.prov import KINDS, prov_of
from services import people
from services.states import FOLDS
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.holding import award_of, conclude, raised, review
from tests.services.whole.setting import Setting


def test_the_record_is_exported_to_quality_manager_and_board_and_to_nobody_else(body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    asks.caught_up()
    for role in ("quality-manager", "board"):
        who = factories.appoint(body, role, scheme=None)
        said = asks.get("/exports/ocel", who, role)
        assert said.status_code == 200, said.text
        assert ocel_faults(said.json()) == []
        assert case in {one["id"] for one in said.json()["objects"]}
    assert asks.get("/exports/ocel", body.officer, "officer").status_code == 403
    assert asks.get("/exports/ocel").status_code == 401


def test_from_whom_a_conflict_hides_a_part_of_the_record_the_export_is_kept(body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    who = factories.appoint(body, "quality-manager", scheme=None)
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, who, "quality-manager", id=who, provider=provider)
    asks.caught_up()

    said = asks.get("/exports/ocel", who, "quality-manager")

    assert (said.status_code, said.json()["type"]) == (403, "/problems/export-conflict")
    assert asks.get(f"/cases/{case}/provenance", who, "quality-manager").status_code == 404


def test_where_a_decision_came_from_is_shown_to_who_administers_it_and_the_look_is_kept(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()

    said = asks.get(f"/cases/{case}/provenance", body.officer, "officer")

    assert prov_faults(said.json()) == []
    assert "wasDerivedFrom" in said.json()
    looks = asks.app.records.datastore.rows("SELECT part FROM access.looks WHERE case_id = %s", [case])
    assert looks == [("see-judgements",)]
    contact = body.submission(case).registration.lead_contact
    for who, role in ((contact, "provider"), (None, None)):
        assert asks.get(f"/cases/{case}/provenance", who, role).status_code == 404


def test_where_the_decisions_on_an_award_came_from_is_shown_to_who_sees_its_concerns(body: Body, asks: Asking):
    award, _, provider = award_of(body)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")
    asks.caught_up()

    said = asks.get(f"/cases/{award}/provenance", body.officer, "officer")

    assert prov_faults(said.json()) == []
    assert f"assay:{concern}" in said.json()["entity"]
    assert asks.get(f"/cases/{award}/provenance", provider.contact, "provider").status_code == 404


def test_where_the_decision_on_an_appeal_came_from_is_shown_to_who_hears_it_or_sees_to_it_and_not_to_who_lodged_it(
    body: Body, asks: Asking
):
    here = hearing(body)
    case = refused_case(body)
    appeal = here.heard(case)
    asks.caught_up()

    for who, role in ((here.panel[0], "appeals-panel"), (here.officer, "appeals-officer"), (body.officer, "officer")):
        said = asks.get(f"/appeals/{appeal}/provenance", who, role)
        assert said.status_code == 200, (role, said.text)
        assert prov_faults(said.json()) == []
    assert asks.get(f"/appeals/{appeal}/provenance", here.contact(case), "provider").status_code == 404
    here.decide(appeal)
    asks.caught_up()
    decided = asks.get(f"/appeals/{appeal}/provenance", body.officer, "officer").json()
    assert "dismissed" in {one.get("assay:outcome") for one in decided["entity"].values()}
    assert asks.get(f"/appeals/{case}/provenance", body.officer, "officer").status_code == 404


def test_where_the_answer_to_a_complaint_came_from_is_kept_from_who_is_complained_about(body: Body, asks: Asking):
    [handler] = complaining.handlers(body, 1)
    manager, other = (factories.appoint(body, "quality-manager", scheme=None) for _ in range(2))
    complaint = complaining.by_contact(body, factories.register_provider(body), about="people", people=[manager])
    complaining.answer(body, complaint, handler)
    asks.caught_up()

    said = asks.get(f"/complaints/{complaint}/provenance", other, "quality-manager")

    assert prov_faults(said.json()) == []
    assert handler in said.text
    for who, role in ((manager, "quality-manager"), (body.officer, "officer"), (body.assessors[0], "assessor")):
        assert asks.get(f"/complaints/{complaint}/provenance", who, role).status_code == 404


def test_the_record_of_a_whole_body_is_sound_in_every_form_and_tells_the_stage_of_all_that_has_one(
    brought: tuple[Database, Setting],
):
    made, _ = brought
    out = io.BytesIO()
    with open_app(made.app_url) as app:
        write_ocel(app.records, out)
        log = json.loads(out.getvalue())
        cases = [one["id"] for one in log["objects"] if one["type"] in KINDS and one["attributes"]]
        documents = {case: prov_of(case, app.records.load(case)[case]) for case in cases}

    assert ocel_faults(log) == []
    assert {case: faults for case, one in documents.items() if (faults := prov_faults(one))} == {}
    assert {case.partition("-")[0] for case in cases} == {*KINDS}
    told = {kind["name"]: {one["name"] for one in kind["attributes"]} for kind in log["objectTypes"]}
    staged = {kind for kind, (_, state) in FOLDS.items() if hasattr(state, "stage")} - {"authority", "development"}
    assert {kind for kind in staged & told.keys() if "stage" not in told[kind]} == set()
