"""Only people on record, with an account that is not closed, come in; whoever is erased or is signed out comes in no more."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from domain.ids import derived_id
from domain.person import NonDisclosureSigned
from infra.bootstrap import App
from infra.identity import links, people, sessions
from infra.identity.configured import Elsewhere
from infra.identity.identify import Doors, open_doors
from infra.identity.known import NotKnown
from infra.identity.signing import Grant, Signer
from infra.identity.tokens import Issuer
from infra.settings import Settings
from infra.store.datastore import Datastore
from services.accounts import link_accounts
from services.ports import Batch, Change, Command, Erasure
from tests.domain.given import refused
from tests.infra.identity.conftest import Browser, asked, code_for, exchange, identified, register, tokens_for, told
from tests.infra.identity.provider import Running, new_key
from tests.services.conftest import Clock

ELSEWHERE = "https://login.example"
KEY = new_key("theirs")


@pytest.fixture
def both(doors: Doors) -> Doors:
    """Doors for people of our own issuer and of one elsewhere."""
    theirs = Issuer(name=ELSEWHERE, audience="assay", algorithms=("ES256",), key=lambda *_: KEY)
    elsewhere = Elsewhere(issuer=ELSEWHERE, audience="assay", client_id="assay", link_by_email=True)
    identity = replace(doors.identity, elsewhere=elsewhere)
    return replace(doors, identity=identity, issuers={**doors.issuers, ELSEWHERE: theirs})


def theirs(clock: Clock, **claims: object) -> str:
    return Running(ELSEWHERE, [KEY]).token(clock(), **claims)


def closed_for(app: App, clock: Clock, other: str) -> str:
    """Another account turns out to be the same human's, and goes on; returns it."""
    goes_on, officer = register(app, clock()), register(app, clock(), role="officer")
    command = Command(id="link", actor=officer, role="officer", at=clock())
    link_accounts(app.office, command, goes_on=goes_on, other=other, reason="They are one.")
    return goes_on


def test_whose_account_is_closed_comes_in_by_no_door(
    browser: Browser, both: Doors, app: App, person: str, clock: Clock
) -> None:
    given = tokens_for(browser, person)
    people.link(both.datastore, person, issuer=ELSEWHERE, subject="somebody", at=clock())
    outside, closed = theirs(clock), "this account is closed: the person has another one"
    assert both.identify(outside, clock()).actor == person

    closed_for(app, clock, person)

    assert identified(both, given["access_token"], clock()) == closed
    assert identified(both, outside, clock()) == closed
    assert browser.reads_as_nobody()
    assert told(browser.get("/identity/authorize", **asked()))["error"] == "access_denied"
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], "client_id": "program"}
    assert browser.client.post("/identity/token", data=refresh).status_code == 400
    with refused("known-person"):
        people.require_open(both.datastore, person, clock())


def test_who_is_not_on_record_is_nobody(browser: Browser, doors: Doors, clock: Clock) -> None:
    nobody = derived_id("person", "nobody")
    secret = sessions.begin(doors.datastore, kind="issuer", person=nobody, at=clock())
    assert secret
    browser.client.cookies.set("assay-issuer", secret, domain="127.0.0.1")

    assert told(browser.get("/identity/authorize", **asked()))["error"] == "access_denied"


@pytest.mark.parametrize(
    "subject", ["scheme-abc", "person-", "installer", "process", "public", "person-ABCDEFGHIJKLMNOP"]
)
def test_what_is_no_person_s_id_is_nobody_even_if_we_signed_it(doors: Doors, clock: Clock, subject: str) -> None:
    grant = Grant(subject=subject, client="program", scope="openid", ends_at=clock() + timedelta(hours=1), session="s")
    token = Signer(doors.identity, doors.keyring).answer(grant, clock())["access_token"]

    with pytest.raises(NotKnown):
        doors.identify(token, clock())


def test_a_subject_elsewhere_that_is_called_as_a_person_here_is_not_that_person(
    both: Doors, person: str, clock: Clock
) -> None:
    assert "linked" in str(identified(both, theirs(clock, sub=person), clock()))


def test_a_token_that_says_it_is_ours_is_held_against_our_keys(both: Doors, person: str, clock: Clock) -> None:
    forged = theirs(clock, iss=both.identity.issuer, aud=both.identity.audience, sub=person)

    assert isinstance(identified(both, forged, clock()), str)


def test_a_subject_stands_for_one_person_until_it_is_unlinked(both: Doors, app: App, person: str, clock: Clock) -> None:
    store, other = both.datastore, register(app, clock())
    for _ in range(2):
        people.link(store, person, issuer=ELSEWHERE, subject="somebody", at=clock())
    with refused("identity-linked", field="--subject"):
        people.link(store, other, issuer=ELSEWHERE, subject="somebody", at=clock())
    with refused("known-person", field="PERSON"):
        people.link(store, derived_id("person", "nobody"), issuer=ELSEWHERE, subject="another", at=clock())

    assert people.unlink(store, issuer=ELSEWHERE, subject="somebody")

    people.link(store, other, issuer=ELSEWHERE, subject="somebody", at=clock())
    assert both.identify(theirs(clock), clock()).actor == other


def test_somebody_who_is_erased_leaves_nothing_by_which_they_signed_in(
    browser: Browser, both: Doors, app: App, person: str, clock: Clock
) -> None:
    """In the transaction of the event that says so, and only what is theirs."""
    given, other = tokens_for(browser, person), register(app, clock())
    code_for(browser)
    browser.link(person)
    for one, subject in ((person, "somebody"), (other, "another")):
        people.link(both.datastore, one, issuer=ELSEWHERE, subject=subject, at=clock())
    sessions.begin(both.datastore, kind="issuer", person=other, at=clock())
    stream = app.records.streams(person)[person]
    erasure = Erasure(fields=[(person, "name"), (person, "email")], seen=app.records.max_position())
    command = Command(id="erase", actor="installer", role="installer", at=clock())
    change = Change(stream=person, expected=stream.version, events=[NonDisclosureSigned()])

    app.records.append(Batch(command=command, changes=[change], erase=erasure))

    for table in ("identities", "links", "codes", "sessions"):
        rows = both.datastore.rows(f"SELECT DISTINCT person FROM access.{table}", [])
        assert (person,) not in rows, table
    assert both.datastore.rows("SELECT 1 FROM access.refresh_tokens", []) == []
    assert [one[1] for one in people.identities(both.datastore, other)] == ["another"]
    assert isinstance(identified(both, given["access_token"], clock()), str)
    assert browser.reads_as_nobody()


def test_what_has_been_over_for_a_day_is_deleted_when_somebody_signs_in_and_the_rest_stays(
    browser: Browser, doors: Doors, app: App, person: str, clock: Clock
) -> None:
    def kept() -> set[str]:
        tables = ("links", "codes", "sessions", "refresh_tokens", "revoked")
        return {one for one in tables if doors.datastore.rows(f"SELECT 1 FROM access.{one} LIMIT 1", [])}

    given, other = tokens_for(browser, person), register(app, clock())
    browser.client.post("/identity/revoke", data={"token": given["access_token"]})
    clock.passes(hours=35)
    sessions.begin(doors.datastore, kind="issuer", person=other, at=clock())
    assert kept() == {"sessions", "refresh_tokens"}  # they ended after 12 hours, the others after minutes

    clock.passes(hours=37)
    sessions.begin(doors.datastore, kind="issuer", person=other, at=clock())

    assert kept() == {"sessions"}
    assert doors.datastore.rows("SELECT DISTINCT person FROM access.sessions", []) == [(other,)]


def test_no_secret_is_logged(
    browser: Browser, person: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        link = browser.link(person)
        browser.click(link)
        code = code_for(browser)
        given = exchange(browser, code).json()
        identified(browser.doors, given["access_token"] + "x", browser.clock())
    written = f"{logs} {capsys.readouterr()} " + " ".join(
        one.getMessage()
        for one in caplog.records
        if not one.name.startswith("httpx")  # the test's own client
    )

    for secret in (link.rpartition("/")[2], code, given["access_token"], given["refresh_token"]):
        assert secret not in written


def test_the_settings_say_by_which_doors_people_come_in(
    store: Datastore, doors: Doors, browser: Browser, person: str, clock: Clock
) -> None:
    given = tokens_for(browser, person)
    ours = Settings(data=doors.keyring.folder.parent, identity=doors.identity)
    off = replace(ours, identity=replace(doors.identity, local=False))

    assert open_doors(ours, store).identify(given["access_token"], clock()).actor == person
    with pytest.raises(NotKnown, match="not accepted"):
        open_doors(off, store).identify(given["access_token"], clock())
    with refused("sign-in-elsewhere"):
        links.make_link(store, off.identity, person, at=clock())
