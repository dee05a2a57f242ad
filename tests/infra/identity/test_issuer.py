"""Our own issuer: codes and refresh tokens are good once, bound to who asked, and end with the session that they came from."""

import threading
from typing import Any

from httpx import Response
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.identity import sessions
from infra.identity.identify import Doors
from infra.identity.known import Known
from infra.identity.sessions import LONGEST_SESSION
from infra.store.datastore import Datastore
from tests.infra.identity.conftest import (
    BACK,
    BASE,
    Browser,
    asked,
    code_for,
    exchange,
    identified,
    register,
    tokens_for,
    told,
)
from tests.services.conftest import Clock


def refresh(browser: Browser, token: str, **changed: str) -> Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "program"}
    return browser.client.post("/identity/token", data=form | changed)


def test_what_the_issuer_says_of_itself_is_where_it_answers(browser: Browser) -> None:
    said = browser.get("/identity/.well-known/openid-configuration").json()

    assert said["issuer"] == f"{BASE}/identity"
    assert said["code_challenge_methods_supported"] == ["S256"]
    for name in ("jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
        assert browser.get(said[name]).status_code in (200, 401), name
    for key in browser.get(said["jwks_uri"]).json()["keys"]:
        assert "d" not in key


def test_who_signed_in_by_a_link_is_who_the_program_s_token_stands_for(
    browser: Browser, doors: Doors, person: str
) -> None:
    given = tokens_for(browser, person)

    known = doors.identify(given["access_token"], browser.clock())

    assert (known.actor, known.roles, known.scopes) == (person, None, None)
    assert given["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert browser.client.get("/identity/userinfo", headers=headers).json() == {"sub": person}


def test_an_id_token_says_who_signed_in_to_whom_and_answers_the_nonce_and_opens_nothing(
    browser: Browser, doors: Doors, person: str
) -> None:
    given = tokens_for(browser, person)
    keys = KeySet.import_key_set(browser.get("/identity/jwks").json())

    said = jwt.decode(given["id_token"], keys, algorithms=["ES256"])

    assert said.header["typ"] == "JWT"
    assert (said.claims["sub"], said.claims["aud"], said.claims["nonce"]) == (person, "program", "the nonce")
    assert identified(doors, given["id_token"], browser.clock()) == "the token is of another kind"


def test_the_answer_to_a_program_has_its_state_and_names_the_issuer(browser: Browser, person: str) -> None:
    browser.sign_in(person)

    said = told(browser.get("/identity/authorize", **asked(state="s&t=1")))

    assert (said["state"], said["iss"]) == ("s&t=1", f"{BASE}/identity")


def test_nobody_is_sent_back_to_an_address_that_is_not_known_to_the_letter(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    wrong: list[dict[str, str | None]] = [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?more=1"},
        {"redirect_uri": "https://program.example.evil/back"},
        {"redirect_uri": None},
        {"client_id": "another"},
        {"client_id": "assay-pages"},
        {"client_id": None},
    ]
    for changed in wrong:
        answer = browser.get("/identity/authorize", **asked(**changed))
        assert (answer.status_code, "location" in answer.headers) == (400, False), changed


def test_a_program_is_told_what_it_asks_wrongly(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    wrong: list[tuple[dict[str, str | None], str]] = [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"nonce": "n" * 513}, "invalid_request"),
    ]
    for changed, error in wrong:
        said = told(browser.get("/identity/authorize", **asked(**changed)))
        assert (said["error"], said["state"], said["iss"]) == (error, "the state", f"{BASE}/identity"), changed
        assert "code" not in said


def test_a_parameter_that_comes_twice_is_no_request(browser: Browser) -> None:
    assert browser.get("/identity/authorize?client_id=program&client_id=other").status_code == 400
    twice = browser.client.post(
        "/identity/token",
        content="grant_type=refresh_token&grant_type=authorization_code",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


def test_nobody_signed_in_gets_a_page_and_a_program_that_wants_none_is_told(browser: Browser) -> None:
    page = browser.get("/identity/authorize", **asked())
    assert (page.status_code, "Nobody is signed in" in page.text) == (401, True)

    assert told(browser.get("/identity/authorize", **asked(prompt="none")))["error"] == "login_required"


def test_a_program_that_wants_a_recent_sign_in_gets_no_old_one(browser: Browser, person: str, clock: Clock) -> None:
    browser.sign_in(person)
    clock.passes(minutes=10)

    assert "code" in told(browser.get("/identity/authorize", **asked(max_age="600")))
    assert told(browser.get("/identity/authorize", **asked(max_age="599", prompt="none")))["error"] == "login_required"


def test_a_code_is_good_only_for_whom_it_was_asked_and_who_has_the_verifier(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    code = code_for(browser)
    wrong = [
        {"code_verifier": "w" * 43},
        {"code_verifier": "short"},
        {"code_verifier": "é" * 43},
        {"redirect_uri": "https://program.example/other"},
        {"client_id": "assay-pages"},
        {"code": "another"},
    ]
    for changed in wrong:
        answer = exchange(browser, code, **changed)
        assert answer.status_code == 400, changed
        assert answer.json()["error"] in ("invalid_grant", "invalid_request")

    assert exchange(browser, code).status_code == 200


def test_a_code_that_comes_twice_gives_nothing_and_ends_what_it_gave(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    browser.sign_in(person)
    code = code_for(browser)
    given = exchange(browser, code).json()
    assert isinstance(identified(doors, given["access_token"], clock()), Known)

    assert exchange(browser, code).json()["error"] == "invalid_grant"

    assert "over" in str(identified(doors, given["access_token"], clock()))
    assert refresh(browser, given["refresh_token"]).status_code == 400


def test_of_many_who_come_with_one_code_at_once_at_most_one_gets_tokens(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    code, answers = code_for(browser), []
    threads = [threading.Thread(target=lambda: answers.append(exchange(browser, code))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(one.status_code for one in answers) == [200, 400, 400, 400, 400, 400]


def test_a_code_is_good_for_a_minute(browser: Browser, person: str, clock: Clock) -> None:
    browser.sign_in(person)
    code = code_for(browser)
    clock.passes(seconds=60)

    assert exchange(browser, code).json()["error"] == "invalid_grant"


def test_a_refresh_token_gives_new_tokens_and_another_refresh_token(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    first = tokens_for(browser, person)
    clock.passes(minutes=11)
    assert identified(doors, first["access_token"], clock()) == "the token has expired"

    second = refresh(browser, first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert doors.identify(second["access_token"], clock()).actor == person


def test_a_refresh_token_that_comes_twice_ends_all_that_came_of_its_code(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    first = tokens_for(browser, person)
    second = refresh(browser, first["refresh_token"]).json()

    assert refresh(browser, first["refresh_token"]).json()["error"] == "invalid_grant"

    assert refresh(browser, second["refresh_token"]).status_code == 400
    assert "over" in str(identified(doors, second["access_token"], clock()))
    assert browser.reads_as() == person


def test_a_refresh_token_is_good_for_its_own_program_only(browser: Browser, person: str) -> None:
    token = tokens_for(browser, person)["refresh_token"]

    assert refresh(browser, token, client_id="assay-pages").status_code == 400
    assert refresh(browser, token).status_code == 200


def test_nothing_lasts_longer_than_the_sign_in_that_it_came_from(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    token = tokens_for(browser, person)["refresh_token"]
    ends = clock() + LONGEST_SESSION
    clock.comes_to(ends)
    clock.passes(minutes=-1)

    given = refresh(browser, token).json()

    assert doors.identify(given["access_token"], clock()).until == ends
    clock.comes_to(ends)
    assert refresh(browser, given["refresh_token"]).status_code == 400
    assert "over" in str(identified(doors, given["access_token"], clock()))


def revoked(browser: Browser, token: str) -> Response:
    return browser.client.post("/identity/revoke", data={"token": token, "client_id": "program"})


def test_a_revoked_token_is_not_accepted_and_the_others_are(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    first = tokens_for(browser, person)
    second = refresh(browser, first["refresh_token"]).json()

    assert revoked(browser, first["access_token"]).status_code == 200

    assert "revoked" in str(identified(doors, first["access_token"], clock()))
    assert doors.identify(second["access_token"], clock()).actor == person


def test_a_revoked_refresh_token_ends_all_that_came_of_its_code(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    given = tokens_for(browser, person)

    assert revoked(browser, given["refresh_token"]).status_code == 200

    assert "over" in str(identified(doors, given["access_token"], clock()))
    assert refresh(browser, given["refresh_token"]).status_code == 400


def test_what_is_no_token_of_ours_is_revoked_already(browser: Browser) -> None:
    assert revoked(browser, "what is this").status_code == 200
    assert revoked(browser, "").status_code == 400


def test_tokens_of_a_session_that_ended_are_not_accepted(
    browser: Browser, doors: Doors, person: str, clock: Clock, store: Datastore
) -> None:
    given = tokens_for(browser, person)
    assert sessions.end_all(store, person, at=clock()) >= 2

    assert "over" in str(identified(doors, given["access_token"], clock()))
    assert refresh(browser, given["refresh_token"]).status_code == 400
    assert browser.reads_as_nobody()


def test_signing_out_at_the_issuer_takes_a_click_there_and_ends_what_was_signed_in_to(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    given = tokens_for(browser, person)
    assert browser.get("/identity/end-session").status_code == 200
    assert browser.click("/identity/end-session", origin="https://evil.example").status_code == 403
    assert isinstance(identified(doors, given["access_token"], clock()), Known)

    back = browser.click(f"/identity/end-session?client_id=program&post_logout_redirect_uri={BACK}")

    assert back.headers["location"] == BACK
    assert "over" in str(identified(doors, given["access_token"], clock()))
    assert browser.reads_as_nobody()
    elsewhere = browser.click("/identity/end-session?client_id=program&post_logout_redirect_uri=https://evil.example")
    assert "location" not in elsewhere.headers


def test_a_new_key_signs_from_now_on_and_tokens_of_the_former_one_hold_until_they_expire(
    browser: Browser, doors: Doors, person: str, clock: Clock
) -> None:
    old = tokens_for(browser, person)
    doors.keyring.rotate(clock())
    new = refresh(browser, old["refresh_token"]).json()

    assert doors.identify(old["access_token"], clock()).actor == person
    assert doors.identify(new["access_token"], clock()).actor == person
    assert len(browser.get("/identity/jwks").json()["keys"]) == 2
    clock.passes(minutes=15)
    assert len(browser.get("/identity/jwks").json()["keys"]) == 1


def test_somebody_else_s_session_is_not_theirs(
    browser: Browser, doors: Doors, person: str, clock: Clock, app: Any
) -> None:
    other = register(app, clock())
    given = tokens_for(browser, person)
    claims = jwt.decode(given["access_token"], doors.keyring.signing(), algorithms=["ES256"]).claims
    key = doors.keyring.signing()
    forged = jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}, claims | {"sub": other}, key)

    assert "over" in str(identified(doors, forged, clock()))
