"""Appeals, complaints, audits and other matters replayed: as they were, for who may see them, and never more than they may see now."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from domain.appeal import AppealAdmitted, AppealDecided
from domain.audit import AuditOpened
from domain.complaint.events import ComplaintAnswered
from domain.ids import kind_of
from infra.api.reading.matter_pages import LISTINGS
from infra.api.reading.told import RESOURCES
from infra.api.replaying import OF_MATTERS
from infra.embedded import EmbeddedPostgres
from services import moderation
from services.assessment import Judgement
from tests import factories
from tests.conftest import Database, copied
from tests.factories import Body
from tests.infra.api.conftest import Asking, Whole, opened
from tests.services import boards, complaining
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.test_proposals import consider, proposed
from tests.services.whole.setting import Setting


@pytest.fixture(scope="module")
def whole(made: FastAPI, server: EmbeddedPostgres, brought: tuple[Database, Setting]) -> Iterator[Whole]:
    with copied(server, brought[0]) as database, opened(made, database, brought[1]) as lent:
        yield lent


def version_of(body: Body, matter: str, kind: type[Any]) -> int:
    return next(one.version for one in body.recorded(matter) if isinstance(one.event, kind))


def test_an_appeal_is_shown_as_it_was_before_its_panel_decided(body: Body, asks: Asking):
    made = hearing(body)
    appeal = made.heard(refused_case(body))
    made.decide(appeal)
    asks.caught_up()
    admitted = version_of(body, appeal, AppealAdmitted)

    then = asks.get(f"/appeals/{appeal}/replay", made.officer, "appeals-officer", version=admitted).json()
    now = asks.get(f"/appeals/{appeal}/replay", made.officer, "appeals-officer").json()

    assert (then["version"], then["page"]["stage"], then["page"]["over"]) == (admitted, "admitted", False)
    assert (then["page"]["listed"]["stage"], then["page"]["listed"]["outcome"]) == ("admitted", None)
    assert "AppealDecided" not in {one["name"] for one in then["history"]}
    assert (now["page"]["stage"], now["page"]["listed"]["outcome"]) == ("dismissed", "dismissed")
    assert now["page"]["listed"]["decided_at"] is not None


def test_a_member_of_the_panel_is_shown_to_have_seen_the_appeal_from_when_they_were_named(body: Body, asks: Asking):
    made = hearing(body)
    appeal = made.heard(refused_case(body))
    asks.caught_up()
    admitted = version_of(body, appeal, AppealAdmitted)
    asked = {"person": made.panel[2], "person_role": "appeals-panel"}

    named = asks.get(f"/appeals/{appeal}/replay", body.officer, "officer", **asked)
    before = asks.get(f"/appeals/{appeal}/replay", body.officer, "officer", version=admitted, **asked)

    assert named.json()["relations"] == ["panel"], named.text
    assert named.json()["page"]["stage"] == "before-panel"
    assert (before.status_code, before.json()["type"]) == (422, "/problems/replay-eyes"), before.text


def test_what_was_known_when_an_appeal_was_decided_stands_against_what_came_later(body: Body, asks: Asking):
    made = hearing(body)
    appeal = made.upheld(refused_case(body))
    asks.caught_up()

    said = asks.get(f"/appeals/{appeal}/replay", made.officer, "appeals-officer", decision="true").json()

    assert said["decision"]["name"] == AppealDecided.__name__
    assert said["decision"]["version"] == version_of(body, appeal, AppealDecided)
    assert {one["name"] for one in said["known"]} >= {"AppealLodged", "PanelNamed", "AppealDecided"}
    assert not {one["position"] for one in said["known"]} & {one["position"] for one in said["later"]}


def test_a_complaint_is_replayed_for_who_may_see_it_and_by_nobody_s_eyes_who_could_not(body: Body, asks: Asking):
    handler, _ = complaining.handlers(body)
    manager = factories.appoint(body, "quality-manager", scheme=None)
    complaint = complaining.entered(body, handler, people=(body.officer,))
    complaining.answer(body, complaint, complaining.handlers(body)[0])
    asks.caught_up()
    path = f"/complaints/{complaint}/replay"

    whole = asks.get(path, manager, "quality-manager", decision="true").json()
    theirs = asks.get(path, body.officer, "officer")
    eyes = asks.get(path, manager, "quality-manager", person=body.officer, person_role="officer")

    assert whole["page"]["text"] == "The badge means nothing."
    assert whole["page"]["listed"]["outcome"] == "not-upheld"
    assert whole["decision"]["name"] == ComplaintAnswered.__name__
    assert theirs.status_code == 404
    assert (eyes.status_code, eyes.json()["type"]) == (422, "/problems/replay-eyes"), eyes.text
    first = asks.get(path, manager, "quality-manager", version=1).json()
    assert (first["page"]["stage"], first["page"]["listed"]["outcome"]) == ("raised", None)


def test_the_board_replays_an_audit_and_no_case(body: Body, asks: Asking, clock: Clock):
    members = boards.board_of(body)
    case = factories.brought(body, "released")
    clock.passes(days=1)
    audit = boards.opened(body, members, size=1)
    asks.caught_up()
    opening = version_of(body, audit, AuditOpened)

    said = asks.get(f"/audits/{audit}/replay", members[1], "board", version=opening)
    refused = asks.get(f"/cases/{case}/replay", members[1], "board")

    assert said.json()["page"]["listed"]["audit"] == audit, said.text
    assert refused.status_code == 404


def test_of_now_a_replay_says_of_every_matter_what_its_page_says(whole: Whole):
    """Given a body with matters of each kind, the row that a replay makes of the events is that of the read model."""
    asks = whole.lend()
    manager = whole.here.people["quality-manager"][0]
    kinds = set()
    for resource, kind in RESOURCES.items():
        for matter in (one for one in whole.here.matters if kind_of(one) == kind):
            page = asks.get(f"/{resource}/{matter}", manager, "quality-manager")
            if page.status_code == 404:
                continue
            said = asks.get(f"/{resource}/{matter}/replay", manager, "quality-manager")
            assert said.status_code == 200, said.text
            OF_MATTERS[kind].model_validate_json(said.content)
            for field in page.json():
                assert said.json()["page"][field] == page.json()[field], (matter, field)
            kinds.add(kind)
    assert kinds >= {kind for kind, listing in LISTINGS.items() if listing}


def test_the_panel_s_reason_stands_beside_the_assessor_s_for_who_works_on_the_case(body: Body, asks: Asking):
    case = factories.brought(body, "taken up", levels={"1.1": body.scheme.scale[0]})
    higher = body.scheme.scale[1]
    body.by_chair(
        moderation.moderate, case=case, judgements={"1.1": Judgement(level=higher, reason="The file shows it.")}
    )
    asks.caught_up()

    judged = asks.get(f"/cases/{case}/replay", body.officer, "officer").json()["judgements"]["judgements"]
    [changed] = [one for one in judged if one["before"]]

    assert (changed["criterion"], changed["before"], changed["level"]) == ("1.1", body.scheme.scale[0], higher)
    assert changed["panel_reason"] == "The file shows it."
    assert changed["reason"] is not None


def test_what_was_known_when_a_proposal_was_decided_is_told_too(body: Body, asks: Asking):
    [member, *_] = complaining.board(body)
    proposal = proposed(body)
    consider(body, proposal, member, "declined")
    asks.caught_up()

    told = asks.get(f"/proposals/{proposal}/replay", member, "board", decision="true").json()

    assert told["decision"]["name"] == "ProposalConsidered"
    assert [one["name"] for one in told["known"]] == ["ProposalMade", "ProposalConsidered"]


def test_of_a_matter_too_it_is_said_what_was_erased(body: Body, asks: Asking):
    handler, _ = complaining.handlers(body)
    complaint = complaining.entered(body, handler)
    asks.caught_up()
    path = f"/complaints/{complaint}/replay"
    text = body.recorded(complaint)[0].event.text.id
    before = asks.get(path, handler, "complaints-handler").json()
    assert asks.app.vault.erase_text(text)

    after = asks.get(path, handler, "complaints-handler").json()

    assert (before["erased"], before["page"]["text"]) == ([], "The badge means nothing.")
    assert (after["erased"], after["page"]["text"]) == ([text], None)


def test_by_the_eyes_of_others_a_matter_is_for_who_may_see_people(body: Body, asks: Asking):
    made = hearing(body)
    case = refused_case(body)
    appeal = made.heard(case)
    contact = body.submission(case).registration.lead_contact
    asks.caught_up()
    path, chair = f"/appeals/{appeal}/replay", made.panel[0]

    own = asks.get(path, contact, "provider", person=contact, person_role="provider")
    theirs = asks.get(path, contact, "provider", person=chair, person_role="appeals-panel")
    officer = asks.get(path, body.officer, "officer", person=chair, person_role="appeals-panel")

    assert own.json()["relations"] == ["own"], own.text
    assert (theirs.status_code, theirs.json()["field"]) == (404, "person")
    assert officer.json()["relations"] == ["assigned", "panel"], officer.text
