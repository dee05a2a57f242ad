"""Exports over the API: for the quality manager and the board, what the feed tells them; provenance for who hears of the case."""

import io
import json
from typing import Any

from infra.bootstrap import open_app
from infra.export.check import ocel_faults, prov_faults
from infra.export.ocel import write_ocel
from infra.export.prov import KINDS, prov_of
from services import people, schemes
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
        assert (case in ids(said.json())) == (role == "quality-manager")  # the board sees no case
    assert asks.get("/exports/ocel", body.officer, "officer").status_code == 403
    assert asks.get("/exports/ocel").status_code == 401


def ids(said: Any) -> set[str]:
    """The ids of all objects of an export, and of those that its events name."""
    return {one["id"] for one in said["objects"]} | {
        to["objectId"] for one in said["events"] for to in one["relationships"]
    }


def test_what_a_conflict_hides_is_not_in_the_export(body: Body, asks: Asking):
    hidden, shown = factories.brought(body, "accepted"), factories.brought(body, "accepted")
    who = factories.appoint(body, "quality-manager", scheme=None)
    provider = body.submission(hidden).registration.provider
    body.by(people.declare_conflict, who, "quality-manager", id=who, provider=provider)
    asks.caught_up()

    said = asks.get("/exports/ocel", who, "quality-manager").json()

    assert ocel_faults(said) == []
    assert shown in ids(said)
    assert not {hidden, provider} & ids(said)
    assert asks.get(f"/cases/{hidden}/provenance", who, "quality-manager").status_code == 404


def test_nor_is_a_complaint_about_the_reader(body: Body, asks: Asking):
    who = factories.appoint(body, "quality-manager", scheme=None)
    other = factories.appoint(body, "quality-manager", scheme=None)
    provider = factories.register_provider(body)
    complaint = complaining.by_contact(body, provider, about="people", people=[who])
    asks.caught_up()

    mine = asks.get("/exports/ocel", who, "quality-manager").json()
    theirs = asks.get("/exports/ocel", other, "quality-manager").json()

    assert complaint not in ids(mine)
    assert "ComplaintRaised" not in {one["type"] for one in mine["events"]}
    assert complaint in ids(theirs)


def test_nor_are_cases_of_schemes_that_the_role_is_not_held_for(body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    source = factories.scheme_source().replace(f'id = "{body.scheme.id}"', 'id = "other-mark"', 1)
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=source, file="other.toml")
    who = factories.appoint(body, "quality-manager", scheme="other-mark")
    asks.caught_up()

    said = asks.get("/exports/ocel", who, "quality-manager").json()

    assert ocel_faults(said) == []
    assert case not in ids(said)


def test_in_the_export_is_what_the_feed_tells_its_reader_and_that_they_took_it_is_kept(body: Body, asks: Asking):
    factories.brought(body, "released")
    board = factories.appoint(body, "board", scheme=None)
    manager = factories.appoint(body, "quality-manager", scheme=None)
    asks.caught_up()
    for who, role in ((board, "board"), (manager, "quality-manager")):
        said = asks.get("/exports/ocel", who, role).json()
        told, after = [], 0
        while (page := asks.get("/events", who, role, limit=200, after=after).json())["items"]:
            told += [one["position"] for one in page["items"]]
            after = page["next"]

        positions = [_value(one, "log_position") for one in said["events"]]
        assert ocel_faults(said) == []
        assert positions == told
        looks = asks.app.records.datastore.rows("SELECT case_id, part FROM access.looks WHERE person = %s", [who])
        assert looks == [(who, "see-export")]
    assert [one["part"] for one in asks.get("/looks", manager, "quality-manager", person=board).json()["items"]] == [
        "see-export"
    ]


def _value(one: Any, name: str) -> Any:
    return next(each["value"] for each in one["attributes"] if each["name"] == name)


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
