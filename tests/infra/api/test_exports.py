"""Exports over the API: for the quality manager and the board, never against a conflict; provenance for who hears of the case."""

from infra.export.check import ocel_faults, prov_faults
from services import people
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking


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
