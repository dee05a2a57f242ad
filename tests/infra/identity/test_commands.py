"""The commands about who asks, each on a record of its own: what they print is what signs in, and what they end has ended."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.refusals import Refused
from infra import running
from infra.bootstrap import App
from infra.cli import identity as commands
from infra.identity import links, people, sessions
from infra.identity.identify import open_doors
from infra.identity.keyring import KeyRing
from infra.settings import Settings, load_settings
from services.people import end_role
from services.ports import Command
from tests.conftest import Database
from tests.domain.given import refused
from tests.infra.identity.conftest import register
from tests.infra.test_cli import assay

ELSEWHERE = "https://login.example"
Printed = Callable[[], str]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return load_settings({"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")})


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """What was printed since the last time."""
    return lambda: capsys.readouterr().out


def secret_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8080/identity/link/(\S+)", text)
    assert found, text
    return found[1]


def signs_in(app: App, text: str) -> str:
    used = links.use_link(app.records.datastore, secret_in(text), at=datetime.now(UTC))
    assert used
    return used[0]


@pytest.mark.parametrize("by", ["id", "beginning", "address"])
def test_a_link_is_printed_for_a_person_by_whatever_tells_them_from_others(
    app: App, settings: Settings, printed: Printed, by: str
) -> None:
    person = register(app, datetime.now(UTC), email="Ada@people.example")
    who = {"id": person, "beginning": person[:15], "address": "ada@PEOPLE.example"}[by]

    commands.print_link(settings, who, minutes=5, next="/cases")

    assert signs_in(app, printed()) == person


@pytest.mark.parametrize(
    "who", ["", "person-", "nobody@people.example", "%", "person-aaaaaaaaaaaaaaaa", "submission-x"]
)
def test_nobody_is_guessed(app: App, settings: Settings, who: str) -> None:
    for _ in range(2):
        register(app, datetime.now(UTC))

    with refused("known-person", field="PERSON"):
        commands.print_link(settings, who, minutes=5, next="/")


def test_the_first_officer_is_registered_once_and_gets_a_link(app: App, settings: Settings, printed: Printed) -> None:
    commands.register_first_officer(settings, name="Ada", email="ada@people.example")

    person = signs_in(app, printed())
    assert app.vault.personal([person])[person] == {"name": "Ada", "email": "ada@people.example"}
    with pytest.raises(Refused, match=f"`assay sign-in {person}`") as refusal:
        commands.register_first_officer(settings, name="Bo", email="bo@people.example")
    assert (refusal.value.rule, refusal.value.field) == ("first-officer", "role")


def test_after_an_officer_there_is_no_first_one_any_more(app: App, settings: Settings) -> None:
    at = datetime.now(UTC)
    officer = register(app, at, role="officer")
    ending = Command(id="end", actor="installer", role="installer", at=at)
    end_role(app.office, ending, id=officer, role="officer")

    with refused("first-officer"):
        commands.register_first_officer(settings, name="Bo", email="bo@people.example")


def test_a_person_is_linked_shown_and_unlinked_and_their_sessions_end_with_it(
    app: App, settings: Settings, printed: Printed
) -> None:
    at, store = datetime.now(UTC), app.records.datastore
    person = register(app, at)
    commands.link_identity(settings, person, issuer=ELSEWHERE, subject="s-1")
    commands.show_identities(settings, person)
    shown = printed()
    assert all(one in shown for one in (ELSEWHERE, "s-1"))
    secret = sessions.begin(store, kind="pages", person=person, at=at)
    assert secret

    commands.unlink_identity(settings, issuer=ELSEWHERE, subject="s-1")

    assert people.person_at(store, ELSEWHERE, "s-1") is None
    assert sessions.find(store, secret, kind="pages", at=datetime.now(UTC)) is None
    with refused("identity-linked", field="--subject"):
        commands.unlink_identity(settings, issuer=ELSEWHERE, subject="s-1")
    commands.show_identities(settings, person)
    assert "No provider elsewhere" in printed()


def test_a_person_is_signed_out_everywhere_and_their_unused_links_are_gone(
    app: App, settings: Settings, printed: Printed
) -> None:
    store, person = app.records.datastore, register(app, datetime.now(UTC))
    secret = sessions.begin(store, kind="pages", person=person, at=datetime.now(UTC))
    commands.print_link(settings, person, minutes=5, next="/")
    link = secret_in(printed())

    commands.end_sessions(settings, person)

    assert "1 ended" in printed()
    assert secret
    assert sessions.find(store, secret, kind="pages", at=datetime.now(UTC)) is None
    assert links.use_link(store, link, at=datetime.now(UTC)) is None


def test_the_key_is_changed_without_a_server(settings: Settings, printed: Printed) -> None:
    before = KeyRing(settings.data / "identity").signing().kid

    commands.rotate_key(settings)

    now = KeyRing(settings.data / "identity").signing().kid
    assert now != before
    assert str(now) in printed()


def test_a_service_account_is_added_listed_and_ended(app: App, settings: Settings, printed: Printed) -> None:
    commands.add_service_account(settings, "statistics", role="officer", scopes=["see-board"])
    said = printed()
    secret = re.search(r"client_secret +(\S+)", said)
    assert secret
    assert "/identity/token" in said

    commands.show_service_accounts(settings)
    listed = printed()
    assert all(one in listed for one in ("statistics", "service-", "officer", "see-board", "active"))
    assert secret[1] not in listed
    commands.end_service_account(settings, "statistics")
    commands.show_service_accounts(settings)
    assert "ended 20" in printed()
    assert open_doors(settings, app.records.datastore).identity.local


def test_a_service_account_is_for_actions_that_its_role_may_do(settings: Settings) -> None:
    with refused("token-scope", field="--scope"):
        commands.add_service_account(settings, "statistics", role="provider", scopes=["pass_screening"])
    with refused("token-scope", field="--scope"):
        commands.add_service_account(settings, "statistics", role="board", scopes=["no-such-action"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sign-in", "person-x"], "There is no data in"),
        (["identity", "end-sessions", "person-x"], "There is no data in"),
        (["service-account", "list"], "There is no data in"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    ran = assay(*arguments, ASSAY_DATA=str(tmp_path / "data"))

    assert (ran.returncode, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_link_leads_to_where_what_runs_is_reached_not_to_what_this_terminal_has_set(
    app: App, database: Database, tmp_path: Path, printed: Printed
) -> None:
    person = register(app, datetime.now(UTC), email="ada@people.example")
    settings = load_settings({"ASSAY_DATA": str(tmp_path / "data"), "ASSAY_API_PORT": "1234"})
    (settings.data / "run").mkdir(parents=True)
    lock = running.take(settings)
    here = running.Running(
        pid=1,
        pids={},
        database_url=database.app_url,
        temporal_address="",
        temporal_ui=None,
        base="http://127.0.0.1:8080",
    )
    try:
        running.tell(settings, here)
        commands.print_link(settings, person, minutes=5, next="/")
    finally:
        running.release(settings, lock)

    assert signs_in(app, printed()) == person
