"""The pack over the API: for who administers a case, hears of it or speaks for it, never more than they may see, and each is noted."""

import json
from pathlib import Path

import pytest

from infra.bootstrap import App
from infra.seals.sealing import seal
from infra.settings import Settings
from tests import factories
from tests.factories import Body
from tests.independent.packs import check_pack
from tests.infra.api.conftest import Asking
from tests.infra.pack.packs import events, members, run
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.test_conflicts import declare


@pytest.fixture
def sealed(asks: Asking, app: App, body: Body, tmp_path: Path) -> str:
    """A case of which the result was told, sealed."""
    return seal_all(asks, app, tmp_path, factories.brought(body, "released"))


def seal_all(asks: Asking, app: App, folder: Path, case: str) -> str:
    asks.caught_up()
    seal(Settings(data=folder / "data"), app.records.datastore.url)
    return case


def test_the_officer_gets_a_pack_that_verifies_and_it_is_noted_that_they_did(
    asks: Asking, app: App, body: Body, sealed: str, tmp_path: Path
):
    said = asks.get(f"/cases/{sealed}/pack", body.officer, "officer")

    assert said.status_code == 200, said.text
    assert said.headers["content-type"] == "application/zip"
    assert said.headers["content-length"] == str(len(said.content))
    assert f'filename="pack-{sealed}-' in said.headers["content-disposition"]
    ran = run(said.content, tmp_path / "pack")
    assert ran.code == 0, ran.said
    assert f"{body.officer} as officer" in ran.said
    assert int(said.headers["Assay-Position"]) == app.records.max_position()
    assert asks.get(f"/cases/{sealed}/pack", body.officer, "officer").content == said.content
    looks = app.records.datastore.rows(
        "SELECT part FROM access.looks WHERE case_id = %s AND person = %s ORDER BY id", [sealed, body.officer]
    )
    assert [one for (one,) in looks][:4] == ["see-pack", "see-portfolio", "see-judgements", "see-confidential"]


def test_what_is_in_it_is_what_the_feed_tells_its_reader(asks: Asking, body: Body, sealed: str):
    contact = body.submission(sealed).registration.lead_contact
    for who, role in ((body.officer, "officer"), (contact, "provider")):
        pack = asks.get(f"/cases/{sealed}/pack", who, role).content
        feed = asks.get("/events", who, role, case=sealed, limit=200).json()["items"]

        told = [one["position"] for one in events(pack) if one.get("position") and one["stream"] == sealed]
        assert told == [one["position"] for one in feed]


def test_a_provider_gets_its_own_without_what_the_body_says_among_itself(
    asks: Asking, app: App, body: Body, sealed: str, tmp_path: Path
):
    contact = body.submission(sealed).registration.lead_contact

    said = asks.get(f"/cases/{sealed}/pack", contact, "provider")

    assert run(said.content, tmp_path / "pack").code == 0
    texts = json.loads(members(said.content)["documents.json"])["texts"]
    assert {"left_out" in one for one in texts if "rationale" in one["where"]} == {True}
    assert {"left_out" in one for one in texts if one["where"].startswith("Portfolio submitted")} == {False}
    stranger = factories.register_provider(body)
    asks.caught_up()
    assert asks.get(f"/cases/{sealed}/pack", stranger.contact, "provider").status_code == 404
    assert asks.get(f"/cases/{sealed}/pack", contact, "provider", person=body.officer).status_code == 404
    parts = app.records.datastore.rows("SELECT DISTINCT part FROM access.looks WHERE person = %s", [contact])
    assert {one for (one,) in parts} == {"see-pack", "see-portfolio", "see-judgements"}


def test_before_its_result_is_told_a_provider_gets_no_judgement(asks: Asking, app: App, body: Body, tmp_path: Path):
    case = seal_all(asks, app, tmp_path, factories.brought(body, "completed"))
    contact = body.submission(case).registration.lead_contact

    pack = asks.get(f"/cases/{case}/pack", contact, "provider").content

    assert run(pack, tmp_path / "pack").code == 0
    assert not {one["name"] for one in events(pack) if "name" in one} & {"JudgementRecorded.1", "AssessmentCompleted.1"}
    assert [one for one in events(pack) if "stored" not in one]


def test_who_does_not_administer_it_and_the_public_are_told_there_is_none(asks: Asking, body: Body, sealed: str):
    for who, role in (
        (body.chair, "chair"),
        (body.assessors[0], "assessor"),
        (body.moderators[0], "moderator"),
        (None, None),
    ):
        assert asks.get(f"/cases/{sealed}/pack", who, role).status_code == 404, role
    board = factories.appoint(body, "board", scheme=None)
    assert asks.get(f"/cases/{sealed}/pack", board, "board").status_code == 404
    assert asks.get("/cases/submission-aaaaaaaaaaaaaaaa/pack", body.officer, "officer").status_code == 404


def test_to_whom_a_conflict_hides_a_case_there_is_no_pack(asks: Asking, body: Body, sealed: str):
    declare(body, body.officer, sealed, "officer")

    assert asks.get(f"/cases/{sealed}/pack", body.officer, "officer").status_code == 404


def test_who_hears_an_appeal_gets_it_and_who_may_replay_also_as_somebody_else_could_see_it(
    asks: Asking, app: App, body: Body, tmp_path: Path
):
    hear = hearing(body)
    case = refused_case(body)
    hear.heard(case)
    seal_all(asks, app, tmp_path, case)
    contact = body.submission(case).registration.lead_contact

    heard = asks.get(f"/cases/{case}/pack", hear.panel[1], "appeals-panel")
    theirs = asks.get(f"/cases/{case}/pack", body.officer, "officer", person=contact, person_role="provider")
    other = asks.get(f"/cases/{case}/pack", hear.hearers[4], "appeals-panel")

    assert run(heard.content, tmp_path / "heard").code == 0
    assert {one["stream"].partition("-")[0] for one in events(heard.content)} >= {"submission", "appeal"}
    ran = run(theirs.content, tmp_path / "theirs")
    assert f"seen by {contact} as provider and {body.officer} as officer" in ran.said
    assert [one for one in events(theirs.content) if "stored" not in one]
    assert other.status_code == 404
    eyes = asks.get(f"/cases/{case}/pack", body.officer, "officer", person=contact, person_role="board")
    assert (eyes.status_code, eyes.json()["type"]) == (403, "/problems/replay-eyes")


def test_what_is_not_sealed_is_refused_with_what_to_do(asks: Asking, app: App, body: Body, tmp_path: Path):
    case = factories.register(body)
    asks.caught_up()

    nothing = asks.get(f"/cases/{case}/pack", body.officer, "officer")
    seal_all(asks, app, tmp_path, case)
    size = asks.get(f"/cases/{case}/pack", body.officer, "officer", size=3)

    assert (nothing.status_code, nothing.json()["type"]) == (422, "/problems/pack-sealed")
    assert "assay seal" in nothing.json()["allowed"]
    assert (size.status_code, size.json()["type"]) == (422, "/problems/known-checkpoint")


def test_an_appeal_is_carried_away_by_itself_as_far_as_each_may_see_it(
    asks: Asking, app: App, body: Body, tmp_path: Path
):
    hear = hearing(body)
    case = refused_case(body)
    appeal = hear.heard(case)
    hear.decide(appeal)
    seal_all(asks, app, tmp_path, appeal)
    contact = body.submission(case).registration.lead_contact
    path = f"/appeals/{appeal}/pack"

    whole = asks.get(path, body.officer, "officer")
    own = asks.get(path, contact, "provider")
    eyes = asks.get(path, contact, "provider", person=hear.officer, person_role="appeals-officer")
    stranger = asks.get(path, factories.register_provider(body).contact, "provider")

    assert whole.status_code == 200, whole.text
    for name, pack in (("whole", whole.content), ("own", own.content)):
        ran = run(pack, tmp_path / name)
        assert ran.code == 0, ran.said
        check_pack(pack, members(pack)["key.txt"].decode().strip())
    stored = {one["name"].partition(".")[0] for one in events(whole.content) if "stored" in one}
    assert {"AppealLodged", "PanelNamed", "AppealDecided"} <= stored
    assert [one for one in events(own.content) if "stored" not in one]
    assert (eyes.status_code, stranger.status_code) == (404, 404)


def test_a_complaint_is_carried_away_by_who_may_see_it_alone(asks: Asking, app: App, body: Body, tmp_path: Path):
    [handler, _] = complaining.handlers(body)
    complaint = complaining.entered(body, handler, people=(body.officer,))
    seal_all(asks, app, tmp_path, complaint)
    path = f"/complaints/{complaint}/pack"

    pack = asks.get(path, handler, "complaints-handler")

    assert run(pack.content, tmp_path / "pack").code == 0
    assert b"The badge means nothing." in b"".join(members(pack.content).values())
    manager = factories.appoint(body, "quality-manager", scheme=None)
    assert asks.get(path, manager, "quality-manager").status_code == 200
    assert asks.get(path, body.officer, "officer").status_code == 404
