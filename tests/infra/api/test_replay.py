"""A case replayed: as it was, as somebody could see it then, and never more of it than who asks may see now."""

import json
from datetime import datetime
from typing import Any

import pytest

from domain.appeal import AppealDecided
from domain.submission.events import AssessorAssigned, DecisionRecorded, PortfolioSubmitted
from infra.api.caller import Api
from infra.api.replaying import Replay
from infra.replay.looks import Eyes
from infra.replay.past import Moment, api_then, moment_of
from infra.replay.seen import replay
from services import people
from services.ports import Batch
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.appealing import hearing, refused_case


def version_of(body: Body, case: str, kind: type[Any]) -> int:
    return next(one.version for one in body.recorded(case) if isinstance(one.event, kind))


def recorded_at(asks: Asking, case: str, version: int) -> datetime:
    return asks.app.records.load(case)[case][version - 1].recorded_at


def test_a_case_is_shown_as_it_was_at_a_version_and_at_the_instant_at_which_that_was_recorded(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    handed_in = version_of(body, case, PortfolioSubmitted)

    then = asks.get(f"/cases/{case}/replay", body.officer, "officer", version=handed_in).json()
    now = asks.get(f"/cases/{case}/replay", body.officer, "officer").json()

    for said in (then, now):
        Replay.model_validate_json(json.dumps(said))
    assert then["version"] == handed_in
    assert then["history"][-1]["version"] == handed_in
    assert then["page"]["outcome"] is None
    assert then["portfolio"]["answers"]
    assert then["judgements"]["judgements"] == []
    assert now["page"]["outcome"] is not None
    assert now["judgements"]["judgements"]
    at = recorded_at(asks, case, handed_in).isoformat()
    by_instant = asks.get(f"/cases/{case}/replay", body.officer, "officer", at=at).json()
    assert by_instant["portfolio"]["manifest"] == then["portfolio"]["manifest"]


def test_somebody_saw_what_their_relations_of_that_time_let_them_see(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    state = body.submission(case)
    given = version_of(body, case, AssessorAssigned)
    assessor = body.recorded(case)[given - 1].event.assessor
    contact = state.registration.lead_contact

    decided = version_of(body, case, DecisionRecorded)
    before = asks.get(
        f"/cases/{case}/replay", body.officer, "officer", version=decided, person=contact, person_role="provider"
    ).json()
    after = asks.get(f"/cases/{case}/replay", body.officer, "officer", person=contact, person_role="provider").json()

    assert before.get("relations") == ["own"], before
    assert (before["judgements"], before["page"]["outcome"]) == (None, None)
    assert before["portfolio"]
    assert after["judgements"]["judgements"]
    assert after["judgements"]["judgements"][0]["reason"] is None

    theirs = asks.get(
        f"/cases/{case}/replay", body.officer, "officer", version=given, person=assessor, person_role="assessor"
    )
    assert theirs.json()["relations"] == ["assigned"], theirs.text
    over = asks.get(f"/cases/{case}/replay", body.officer, "officer", person=assessor, person_role="assessor")
    assert (over.status_code, over.json()["type"]) == (422, "/problems/replay-eyes"), over.text


def test_a_conflict_hides_from_when_it_was_recorded_and_not_before(body: Body, asks: Asking):
    other = factories.appoint(body, "officer", scheme=None)
    case = factories.brought(body, "accepted")
    provider = body.submission(case).registration.provider
    before = body.recorded(case)[-1].version
    body.by(people.declare_conflict, other, "officer", id=other, provider=provider)
    factories.register(body)
    asks.caught_up()

    free = asks.get(f"/cases/{case}/replay", body.officer, "officer", version=before, person=other)
    kept = asks.get(f"/cases/{case}/replay", body.officer, "officer", person=other)

    assert free.status_code == 200, free.text
    assert kept.status_code == 422
    assert "conflicted" in kept.json()["detail"]


def test_nobody_sees_more_through_the_eyes_of_another_than_with_their_own(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    officer = factories.appoint(body, "appeals-officer", scheme=None)
    asks.caught_up()

    whole = asks.get(
        f"/cases/{case}/replay", body.officer, "officer", person=body.officer, person_role="officer"
    ).json()
    less = asks.get(
        f"/cases/{case}/replay", officer, "appeals-officer", person=body.officer, person_role="officer"
    ).json()

    assert whole["portfolio"]
    assert (less["portfolio"], less["judgements"]) == (None, None)
    seen = {one["name"] for one in less["history"]}
    assert "JudgementRecorded" not in seen
    assert "ProgrammeRegistered" in seen


def test_who_may_not_replay_is_told_there_is_none_and_looks_are_written_down(body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    asks.caught_up()
    contact = body.submission(case).registration.lead_contact
    for who, role in ((contact, "provider"), (None, None), (body.chair, "chair")):
        assert asks.get(f"/cases/{case}/replay", who, role).status_code == 404, role

    asks.get(f"/cases/{case}/replay", body.officer, "officer")
    parts = asks.app.records.datastore.rows("SELECT part FROM access.looks WHERE case_id = %s ORDER BY id", [case])
    assert [one for (one,) in parts] == ["see-replay", "see-portfolio", "see-judgements"]


def test_what_was_known_at_the_decision_stands_against_what_came_later(body: Body, asks: Asking):
    made = hearing(body)
    case = refused_case(body)
    appeal = made.heard(case)
    asks.caught_up()

    heard = asks.get(f"/cases/{case}/replay", made.panel[1], "appeals-panel", decision="true")
    assert heard.json()["later"], heard.text
    made.decide(appeal)
    asks.caught_up()

    said = asks.get(f"/cases/{case}/replay", body.officer, "officer", decision="true").json()

    assert said["decision"]["name"] == "DecisionRecorded"
    assert said["known"][-1]["position"] <= _position(body, case, said["decision"]["version"])
    assert {one["name"] for one in said["later"]} >= {"ResultReleased", "AppealLodged", AppealDecided.__name__}
    assert not {one["position"] for one in said["known"]} & {one["position"] for one in said["later"]}
    none = asks.get(f"/cases/{case}/replay", body.officer, "officer", decision="true", version=1)
    assert (none.status_code, none.json()["type"]) == (422, "/problems/replay-decision")


def test_at_the_decision_all_is_shown_as_it_was_then(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    decided = version_of(body, case, DecisionRecorded)

    said = asks.get(f"/cases/{case}/replay", body.officer, "officer", decision="true").json()

    assert (said["version"], said["decision"]["version"]) == (decided, decided)
    assert (said["page"]["outcome"], said["page"]["released"]) == ("awarded", False)
    assert said["history"] == said["known"]
    assert "ResultReleased" in {one["name"] for one in said["later"]}


def test_what_changed_between_two_instants_goes_forward(body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    asks.caught_up()
    first, last = recorded_at(asks, case, 1).isoformat(), recorded_at(asks, case, 5).isoformat()

    right = asks.get(f"/cases/{case}/replay", body.officer, "officer", since=first, at=last)
    wrong = asks.get(f"/cases/{case}/replay", body.officer, "officer", since=last, at=first)

    assert right.status_code == 200
    assert (wrong.json()["type"], wrong.json()["field"]) == ("/problems/replay-moment", "since")


def _position(body: Body, case: str, version: int) -> int:
    return body.office.records.streams(case)[case].positions[version - 1]


def test_what_changed_since_an_instant_is_told_in_words(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    since = recorded_at(asks, case, version_of(body, case, DecisionRecorded) - 1)

    said = asks.get(f"/cases/{case}/replay", body.officer, "officer", since=since.isoformat()).json()

    changed = {one["name"] for one in said["changed"]}
    assert {"DecisionRecorded", "ResultReleased"} <= changed
    assert "ProgrammeRegistered" not in changed
    assert all("{" not in one["sentence"] for one in said["changed"])


def test_what_was_erased_is_said_to_be_and_the_replay_goes_on(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    asks.caught_up()
    [subject] = {body.submission(case).registration.provider}
    before = asks.get(f"/cases/{case}/replay", body.officer, "officer").json()
    asks.app.vault.erase_subject(subject)

    after = asks.get(f"/cases/{case}/replay", body.officer, "officer").json()

    assert before["portfolio"]["answers"][0]["text"] is not None
    assert after["portfolio"]["answers"][0]["text"] is None
    assert set(before["erased"]) < set(after["erased"])
    assert after["portfolio"]["manifest"] == before["portfolio"]["manifest"]
    assert [one["name"] for one in after["history"]] == [one["name"] for one in before["history"]]


def test_what_can_not_be_replayed_is_refused_with_what_can(body: Body, asks: Asking, api: Api):
    case = factories.brought(body, "accepted")
    asks.caught_up()
    last = body.recorded(case)[-1].version
    with refused("replay-moment", field="version", match="there is no event"):
        moment_of(api.app.records, case, now=api.now(), version=last + 1)
    year_2000 = datetime.fromisoformat("2000-01-01T00:00:00Z")
    long_ago = Moment(at=year_2000, until=year_2000)
    with refused("replay-moment", field="at"):
        replay(api, case, long_ago)
    now = moment_of(api.app.records, case, now=api.now())
    with refused("replay-eyes", field="person"):
        replay(api, case, now, eyes=Eyes(person="person-aaaaaaaaaaaaaaaa"))
    with refused("replay-eyes", field="role"):
        replay(api, case, now, eyes=Eyes(person=body.officer, role="board"))


def test_the_past_can_not_be_written_to(body: Body, api: Api):
    past = api_then(api, Moment(at=api.now()))
    with pytest.raises(TypeError, match="can't be written to"):
        past.app.records.append(Batch(command=body.command(body.officer, "officer"), changes=[]))
