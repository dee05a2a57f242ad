"""A command over the API: once under its key, about the version that was seen, by who may, and refused in one form."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from domain import permissions
from domain.person import AttemptRefused
from infra.api.app import ROOT, create
from infra.api.caller import Api, Limits
from infra.api.catalogue import COMMANDS
from services import schemes
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking, headers
from tests.services.conftest import Clock


def waived(asks: Asking, body: Body, case: str, **more: object) -> object:
    return asks.post(
        f"/submissions/{case}/waive-fee", body.officer, "officer", kind="registration", reason="A pilot.", **more
    )


def test_every_command_of_people_has_one_route():
    offered = [one.action for one in COMMANDS]

    assert len({one.path for one in COMMANDS}) == len(COMMANDS)
    missing = {one for one in permissions.actions() if "-" not in one} - set(offered) - NOT_OFFERED
    assert missing == set()


GUIDANCE = "\n[preparation]\nguidance_on_drafts = true\n"
NOT_OFFERED = {"tell_clients", "hand_department_over", "material", "import_records", "upload_file"}
"""Steps of other commands, what is read, and what takes files by routes of its own."""


def test_a_command_answers_with_its_position_its_events_and_the_new_version(asks: Asking, body: Body):
    case = factories.register(body)

    done = waived(asks, body, case)

    assert done.status_code == 200, done.text
    said = done.json()
    recorded = body.recorded(case)[-1]
    assert (said["about"], said["version"], said["position"]) == (case, recorded.version, recorded.position)
    assert {"stream": case, "version": recorded.version, "name": "FeeWaived"} in said["events"]
    assert done.headers["ETag"] == f'"{recorded.version}"'
    assert done.headers["Assay-Position"] == str(recorded.position)


def test_the_same_key_gives_the_same_answer_and_writes_nothing_again(asks: Asking, body: Body):
    case = factories.register(body)
    first = waived(asks, body, case, key="one").json()
    events = len(body.recorded(case))

    second = waived(asks, body, case, key="one").json()

    assert len(body.recorded(case)) == events
    assert second == first | {"repeated": True}


def test_the_same_key_with_another_body_is_refused(asks: Asking, body: Body):
    case, other = factories.register(body), factories.register(body)
    waived(asks, body, case, key="one")

    answer = waived(asks, body, other, key="one")

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key")
    assert answer.json()["field"] == "Idempotency-Key"
    assert body.submission(other).fees["registration"] != "waived"


def test_a_key_of_another_caller_is_another_key(asks: Asking, body: Body):
    case, second = factories.register(body), factories.appoint(body, "officer", scheme=None)
    waived(asks, body, case, key="one")

    answer = asks.post(f"/submissions/{case}/withdraw", second, "officer", key="one", reason="Theirs.")

    assert answer.json()["type"] != "/problems/idempotency-key"


def test_a_key_is_kept_for_24_hours_and_then_stands_for_something_new(asks: Asking, body: Body, clock: Clock):
    case, other = factories.register(body), factories.register(body)
    waived(asks, body, case, key="one")

    clock.passes(hours=24)
    assert waived(asks, body, other, key="one").status_code == 422

    clock.passes(seconds=1)
    answer = waived(asks, body, other, key="one")
    assert (answer.status_code, answer.json()["about"]) == (200, other)


def test_keys_whose_time_is_over_are_deleted_as_others_come(asks: Asking, body: Body, clock: Clock):
    case, other = factories.register(body), factories.register(body)
    waived(asks, body, case, key="one")
    clock.passes(hours=24, seconds=1)

    waived(asks, body, other, key="two")

    assert asks.app.records.datastore.rows("SELECT key FROM access.keys", []) == [("two",)]


def test_what_the_public_says_twice_under_a_key_is_one_concern_also_where_the_answer_was_not_kept(
    asks: Asking, body: Body
):
    factories.brought(body, "released")
    [award] = [one.stream for one in body.office.records.read_log(0, 5_000, ["AccreditationAwarded.1"])]
    said = {"key": "a-key-of-the-public", "text": "It is not as it says."}
    first = asks.post(f"/accreditations/{award}/raise-concern", **said).json()
    asks.app.records.datastore.rows("UPDATE access.keys SET answer = NULL RETURNING key", [])

    second = asks.post(f"/accreditations/{award}/raise-concern", **said).json()

    assert (second["repeated"], second["created"]) == (True, first["created"])
    assert list(body.state(award).concerns) == [first["created"]["concern"]]


def test_the_key_of_who_is_not_signed_in_is_one_that_nobody_else_comes_upon(asks: Asking, body: Body):
    factories.brought(body, "released")
    [award] = [one.stream for one in body.office.records.read_log(0, 5_000, ["AccreditationAwarded.1"])]
    path = f"/accreditations/{award}/raise-concern"

    short = asks.post(path, key="one", text="It is not as it says.")

    assert (short.status_code, short.json()["type"]) == (422, "/problems/idempotency-key")
    assert (short.json()["field"], "at least 16" in short.json()["allowed"]) == ("Idempotency-Key", True)
    assert body.state(award).concerns == {}
    assert asks.post(path, key="k" * 16, text="It is not as it says.").status_code == 200
    assert asks.post(path, body.officer, "officer", key="one", text="Nor is that.").status_code == 200


def test_half_a_surrogate_pair_is_refused_with_its_field(asks: Asking, body: Body):
    case = factories.register(body)

    answer = asks.client.post(
        f"{ROOT}/submissions/{case}/waive-fee",
        content=b'{"kind": "\\ud800", "reason": "A pilot."}',
        headers=headers(body.officer, "officer") | {"Idempotency-Key": "one", "Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "kind")


def test_a_command_without_a_key_is_refused(asks: Asking, body: Body):
    case = factories.register(body)

    answer = asks.client.post(
        f"{ROOT}/submissions/{case}/waive-fee",
        json={"kind": "registration", "reason": "A pilot."},
        headers=headers(body.officer, "officer"),
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


def test_a_command_done_before_its_answer_was_kept_is_known_by_the_record(asks: Asking, body: Body):
    case = factories.register(body)
    first = waived(asks, body, case, key="one").json()
    asks.app.records.datastore.rows("UPDATE access.keys SET answer = NULL RETURNING key", [])

    second = waived(asks, body, case, key="one").json()

    assert second == first | {"repeated": True}


def test_a_command_about_a_version_that_has_moved_on_is_refused(asks: Asking, body: Body):
    case = factories.register(body)
    seen = len(body.recorded(case))
    factories.pay_fees(body, case)

    answer = waived(asks, body, case, more={"If-Match": f'"{seen}"'})

    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/version-meanwhile")
    now = len(body.recorded(case))
    fits = asks.post(
        f"/submissions/{case}/withdraw", body.submission(case).registration.lead_contact, "provider",
        more={"If-Match": f'"{now}"'}, reason="We stop.",
    )  # fmt: skip
    assert fits.status_code == 200, fits.text


def test_a_version_that_is_none_is_refused_with_what_it_should_be(asks: Asking, body: Body):
    answer = waived(asks, body, factories.register(body), more={"If-Match": '"seven"'})

    assert (answer.status_code, answer.json()["field"]) == (422, "If-Match")


def test_a_refusal_says_rule_reason_field_and_what_is_allowed(asks: Asking, body: Body):
    case = factories.register(body)

    answer = asks.post(f"/submissions/{case}/waive-fee", body.officer, "officer", kind="tea", reason="No.")

    said = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, said["type"]) == (422, "/problems/fee-charged")
    assert said["detail"]
    assert said["allowed"]
    assert said["request"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("body_sent", "field"),
    [
        ({"kind": "registration"}, "reason"),
        ({"kind": "registration", "reason": 7}, "reason"),
        ({"kind": "registration", "reason": "x", "amount": 3}, "amount"),
    ],
)
def test_a_field_that_lacks_or_is_too_much_is_named(asks: Asking, body: Body, body_sent: dict, field: str):
    answer = asks.post(f"/submissions/{factories.register(body)}/waive-fee", body.officer, "officer", **body_sent)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_what_a_case_is_not_at_the_stage_for_is_refused_because_of_the_case_and_not_of_a_field(
    asks: Asking, body: Body
):
    case = factories.register(body)

    answer = asks.post(f"/submissions/{case}/pass-screening", body.officer, "officer")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/stage-order")


def test_what_needs_a_policy_that_is_not_published_is_refused_because_of_that(asks: Asking, body: Body):
    manager = factories.appoint(body, "quality-manager", scheme=None)

    answer = asks.post(
        "/sampling/plan-sampling", manager, "quality-manager", scheme="cpd-qa", year=body.now().year, seed=1
    )

    said = answer.json()
    assert (answer.status_code, said["type"], said["allowed"]) == (409, "/problems/known-policy", "publishing it first")


@pytest.mark.parametrize(
    ("causes", "reason"),
    [
        ([{"assessor": "x"}], "this is to be a list"),
        ({"assessor": "x"}, "this is to be a list, or an object"),
    ],
)
def test_what_is_no_list_is_refused_in_the_words_of_json(asks: Asking, body: Body, causes: Any, reason: str):
    answer = asks.post("/appeals/appeal-x/search-others", body.officer, "officer", causes=causes)

    assert answer.status_code == 422
    assert [one["reason"] for one in answer.json()["errors"]] == [reason]


def test_a_body_that_is_no_json_is_refused(asks: Asking, body: Body):
    case = factories.register(body)
    sent = headers(body.officer, "officer") | {"Idempotency-Key": "k", "Content-Type": "application/json"}

    answer = asks.client.post(f"{ROOT}/submissions/{case}/waive-fee", content=b"{", headers=sent)

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "body", "reason": "this is no JSON from character 1 on"}]


def test_a_role_that_there_is_not_is_a_wrong_field_and_nothing_that_keeps_one_from_it(asks: Asking, body: Body):
    answer = asks.post(f"/people/{body.chair}/give-role", body.officer, "officer", role="king", scheme="cpd-qa")

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/known-role"), answer.text


def test_a_role_that_may_not_is_refused_with_those_that_may(asks: Asking, body: Body):
    answer = asks.post(
        f"/submissions/{factories.register(body)}/waive-fee", body.chair, "chair", kind="registration", reason="No."
    )

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/acting-role")
    assert answer.json()["allowed"] == "officer"


def test_a_role_that_is_not_held_is_refused_with_those_that_are(asks: Asking, body: Body):
    answer = waived_as(asks, body, "board")

    assert (answer.status_code, answer.json()["field"]) == (403, "Assay-Role")
    assert answer.json()["allowed"] == "officer"


def waived_as(asks: Asking, body: Body, role: str) -> object:
    case = factories.register(body)
    return asks.post(f"/submissions/{case}/waive-fee", body.officer, role, kind="registration", reason="No.")


def test_who_is_not_signed_in_may_command_nothing_but_what_is_for_the_public(asks: Asking, body: Body):
    answer = asks.post(f"/submissions/{factories.register(body)}/waive-fee", kind="registration", reason="No.")

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in")


def test_a_token_that_is_not_accepted_says_so(asks: Asking):
    answer = asks.post("/me/sign-non-disclosure", "nobody", "officer")

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in")
    assert "WWW-Authenticate" in answer.headers


def test_a_token_narrowed_to_some_actions_does_no_others(asks: Asking, body: Body):
    case = factories.register(body)
    token = f"{body.officer}:pay_fee"

    answer = asks.post(f"/submissions/{case}/waive-fee", token, "officer", kind="registration", reason="No.")

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/token-scope")


def test_a_case_that_a_conflict_hides_is_answered_as_one_that_there_is_not(asks: Asking, body: Body):
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    asks.post(f"/people/{body.officer}/declare-conflict", body.officer, "officer", provider=provider.id)

    hidden = waived(asks, body, case)
    none = waived(asks, body, "submission-aaaaaaaaaaaaaaaa")

    same = {"type", "title", "status", "detail", "field", "allowed"}
    assert hidden.status_code == none.status_code == 404
    assert {key: hidden.json()[key] for key in same} == {key: none.json()[key] for key in same}
    assert hidden.headers.keys() == none.headers.keys()


def test_an_attempt_that_a_conflict_keeps_somebody_from_is_noted_although_they_are_told_of_nothing(
    asks: Asking, body: Body
):
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    asks.post(f"/people/{body.officer}/declare-conflict", body.officer, "officer", provider=provider.id)

    waived(asks, body, case)

    assert [one.rule for one in body.events(body.officer, AttemptRefused)] == ["conflict-of-interest"]


def test_who_guided_a_provider_guides_it_again_although_that_is_a_conflict(asks: Asking, body: Body):
    advising = factories.scheme_source().replace("version = 1", "version = 2") + GUIDANCE
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=advising, file="scheme.toml")
    case = factories.register(body)
    factories.settle(body, case)
    guided = [
        asks.post(f"/submissions/{case}/give-guidance", body.officer, "officer", criteria=["1.1"], text=text)
        for text in ("Say more.", "And more.")
    ]

    assert [one.status_code for one in guided] == [200, 200], guided[-1].text
    assert waived(asks, body, case).status_code == 404


def test_a_provider_registers_itself_and_is_told_who_it_is(asks: Asking, body: Body):
    done = asks.post(
        "/providers/register-provider",
        scheme=body.scheme.id, name="A School", address="1 Street", contact_name="Ada", contact_email="ada@a.example",
        provider_type=body.scheme.provider_types[0], size_band=body.scheme.size_bands[0],
    )  # fmt: skip

    assert done.status_code == 200, done.text
    created = done.json()["created"]
    assert body.state(created["provider"]).id == created["provider"]
    assert body.state(created["person"]).id == created["person"]


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@a.example", "ada@example", "a b@c.example", "ada@a..example", "a@b@c.example"]
)
def test_what_is_no_email_address_is_refused_with_the_field_that_it_was_typed_into(
    asks: Asking, body: Body, email: str
):
    provider = factories.register_provider(body)
    typed = {"field": "contact_email", "contact_name": "Ada", "contact_email": email}
    asked = (
        ("/people/register-person", {"field": "email", "name": "Ada", "email": email}),
        (f"/providers/{provider.id}/name-contact", typed),
    )
    before = asks.app.records.max_position()

    for path, said in asked:
        field = said.pop("field")
        answer = asks.post(path, body.officer, "officer", **said)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/email-form")
        assert answer.json()["field"] == field
    assert asks.app.records.max_position() == before


def test_nobody_is_recorded_under_the_address_of_somebody_else_and_it_is_not_said_whose_it_is(asks: Asking, body: Body):
    ada = {"name": "Ada Lovelace", "email": "ada@example.org"}
    first = asks.post("/people/register-person", body.officer, "officer", key="one", **ada)
    again = asks.post("/people/register-person", body.officer, "officer", key="one", **ada)

    second = asks.post("/people/register-person", body.officer, "officer", name="Another", email=" ADA@example.org")

    assert (first.status_code, again.json()["about"]) == (200, first.json()["about"])
    assert (second.status_code, second.json()["type"]) == (422, "/problems/address-taken")
    assert second.json()["field"] == "email"
    assert first.json()["about"] not in second.text
    assert "Lovelace" not in second.text


def test_a_role_that_there_is_not_is_refused_as_that_whether_or_not_a_scheme_is_said(asks: Asking, body: Body):
    for more in ({}, {"scheme": body.scheme.id}, {"scheme": "no-such-scheme"}):
        answer = asks.post(f"/people/{body.chair}/give-role", body.officer, "officer", role="emperor", **more)

        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/known-role")
        assert answer.json()["field"] == "role"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: Api, body: Body):
    small = replace(api, limits=Limits(body=1000))
    with TestClient(create(small)) as client:
        sent = headers(body.officer, "officer") | {"Idempotency-Key": "k"}
        answer = client.post(f"{ROOT}/people/register-person", json={"name": "x" * 1000}, headers=sent)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-size")


def test_who_asks_too_often_is_told_when_to_come_back(api: Api, body: Body):
    with TestClient(create(replace(api, limits=Limits(commands=2)))) as client:
        sent = headers(body.officer, "officer") | {"Idempotency-Key": "k"}
        answers = [client.post(f"{ROOT}/me/sign-non-disclosure", json={}, headers=sent) for _ in range(3)]
        other = client.post(
            f"{ROOT}/me/sign-non-disclosure", json={}, headers=headers(body.chair, "chair") | {"Idempotency-Key": "k"}
        )

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert other.status_code == 200


def test_a_record_out_of_reach_is_said_to_be_so_and_when_to_come_back(asks: Asking, body: Body):
    case = factories.register(body)
    asks.app.records.datastore.pool.close()

    answer = waived(asks, body, case)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_the_description_says_every_answer_of_every_route(made: FastAPI):
    described = made.openapi()

    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert {"401", "403", "404", "422", "429", "503"} <= operation["responses"].keys(), (method, path)


def test_a_program_notes_what_it_is_for_and_decides_nothing(asks: Asking, body: Body):
    case, bank = factories.register(body), "service-aaaaaaaaaaaaaaaa:pay_fee,waive_fee"
    amount = body.submission(case).charges["registration"]

    refused = waived_by(asks, bank, case)
    paid = asks.post(f"/submissions/{case}/pay-fee", bank, "officer", kind="registration", amount=amount)

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/program-notes-only")
    assert paid.status_code == 200, paid.text
    assert body.recorded(case)[-1].actor == "service-aaaaaaaaaaaaaaaa"


def waived_by(asks: Asking, who: str, case: str) -> Any:
    return asks.post(f"/submissions/{case}/waive-fee", who, "officer", kind="registration", reason="No.")


def test_a_meeting_begins_now_where_no_time_is_said(asks: Asking, body: Body, clock: Clock):
    case = factories.brought(body, "completed")
    factories.settle(body, case)

    done = asks.post(
        "/meetings/schedule-meeting", body.officer, "officer",
        scheme=body.scheme.id, chair=body.chair, panel=list(body.moderators), items=[case],
    )  # fmt: skip

    assert done.status_code == 200, done.text
    assert body.state(done.json()["about"]).starts_at == clock()
