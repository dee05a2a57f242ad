"""Who asks, on a terminal: links, identities, sessions and service accounts, by whoever may use this machine's data folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from domain.events import recorded_names
from domain.ids import derived_id
from domain.permissions import actions, row
from domain.person import RoleGiven
from domain.refusals import refuse
from infra.bootstrap import App, open_app
from infra.cli.reading import columns, database
from infra.cli.screen import screen
from infra.identity import links, people, service_accounts, sessions
from infra.identity.configured import Identity
from infra.identity.keyring import KeyRing
from infra.running import find_running
from infra.settings import Settings
from infra.store.datastore import Datastore
from services import people as people_of_the_body
from services.ports import Command
from services.schemes import INSTALLER_ROLE


def print_link(settings: Settings, who: str, *, minutes: int, next: str) -> None:
    """Print a link by which a person signs in once; their name is not shown."""
    with _store(settings) as store:
        at, person = datetime.now(UTC), people.find_person(store, who)
        people.require_open(store, person, at)
        link = links.make_link(store, identity_of(settings), person, at=at, minutes=minutes, next=next)
    _print_link(link, person, minutes)


def register_first_officer(settings: Settings, *, name: str, email: str) -> None:
    """Register an officer while there is none, and print their link."""
    with database(settings, make=True) as url, open_app(url, pool_size=1) as app:
        at = datetime.now(UTC)
        person = _first_officer(app, name=name, email=email, at=at)
        link = links.make_link(app.records.datastore, identity_of(settings), person, at=at)
    _print_link(link, person, links.MINUTES)


def link_identity(settings: Settings, who: str, *, issuer: str, subject: str) -> None:
    """Have a subject of a provider elsewhere be a person."""
    with _store(settings) as store:
        person = people.find_person(store, who)
        people.link(store, person, issuer=issuer, subject=subject, at=datetime.now(UTC))
    screen().print(f"Whom {issuer} calls by that subject is {person}.")


def unlink_identity(settings: Settings, *, issuer: str, subject: str) -> None:
    """Have a subject of a provider elsewhere be nobody, and end the sessions of who it was."""
    with _store(settings) as store:
        person = people.person_at(store, issuer, subject)
        if person is None:
            raise refuse(
                "identity-linked", "that subject is nobody", field="--subject", allowed="one that `show` names"
            )
        people.unlink(store, issuer=issuer, subject=subject)
        sessions.end_all(store, person, at=datetime.now(UTC))
    screen().print(f"Whom {issuer} calls by that subject is nobody any more; the sessions of {person} have ended.")


def show_identities(settings: Settings, who: str) -> None:
    """Print what a person is called elsewhere."""
    with _store(settings) as store:
        found = people.identities(store, people.find_person(store, who))
    table = columns("issuer", "subject", "since (UTC)")
    for issuer, subject, since in found:
        table.add_row(issuer, subject, f"{since:%Y-%m-%d %H:%M}")
    screen().print(table if found else "No provider elsewhere is known to know them.")


def end_sessions(settings: Settings, who: str) -> None:
    """Sign a person out everywhere."""
    with _store(settings) as store:
        person = people.find_person(store, who)
        ended = sessions.end_all(store, person, at=datetime.now(UTC))
    screen().print(f"{person} is signed out everywhere ({ended} ended).")


def rotate_key(settings: Settings) -> None:
    """Have a new key sign."""
    id = KeyRing(settings.data / "identity").rotate(datetime.now(UTC))
    screen().print(f"From now on the key {id} signs.")


def add_service_account(settings: Settings, name: str, *, role: str, scopes: Sequence[str]) -> None:
    """Add a service account, and show its secret, once."""
    known = [one for one in actions() if role in row(one)]
    with _store(settings) as store:
        id, secret = service_accounts.add(store, name=name, role=role, scopes=scopes, known=known, at=datetime.now(UTC))
    screen().print(f"client_id      {id}\nclient_secret  {secret}\n\nThe secret is not kept: note it now.")
    screen().print(f"It gets tokens at {identity_of(settings).issuer}/token, by client_credentials.")


def show_service_accounts(settings: Settings) -> None:
    """Print the service accounts."""
    with _store(settings) as store:
        found = service_accounts.all_accounts(store)
    table = columns("name", "client_id", "role", "for", "since (UTC)", "")
    for one in found:
        ended = f"ended {one.ended_at:%Y-%m-%d %H:%M}" if one.ended_at else "active"
        table.add_row(one.name, one.id, one.role, " ".join(one.scopes), f"{one.added_at:%Y-%m-%d %H:%M}", ended)
    screen().print(table if found else "There is no service account.")


def end_service_account(settings: Settings, name: str) -> None:
    """End a service account."""
    with _store(settings) as store:
        service_accounts.end(store, name, at=datetime.now(UTC))
    screen().print(f"{name} has ended.")


def identity_of(settings: Settings) -> Identity:
    """How people sign in at what runs here: its address is the one it was started with, whatever this terminal has set."""
    running = None if settings.database_url else find_running(settings)
    return replace(settings.identity, base=running.base) if running and running.base else settings.identity


@contextmanager
def opened_store(settings: Settings) -> Iterator[App]:
    """The record of the settings, by one connection."""
    with database(settings) as url, open_app(url, pool_size=1) as app:
        yield app


@contextmanager
def _store(settings: Settings) -> Iterator[Datastore]:
    with opened_store(settings) as app:
        yield app.records.datastore


def _first_officer(app: App, *, name: str, email: str, at: datetime) -> str:
    """Register who begins: later officers are appointed by officers."""
    given = app.records.read_log(0, 1_000, recorded_names(RoleGiven))
    officers = [one.stream for one in given if one.event.role == "officer"]
    if officers:
        raise refuse(
            "first-officer",
            "there is or was an officer already",
            field="role",
            allowed=f"`assay sign-in {officers[-1]}`, or by their e-mail address; officers register others",
        )
    person = derived_id("person", "first-officer", sessions.new_secret())
    installing = Command(id=f"first-officer-{person}", actor="installer", role=INSTALLER_ROLE, at=at)
    people_of_the_body.register_person(app.office, installing, id=person, name=name, email=email)
    appointing = Command(id=f"appoint-{person}", actor="installer", role=INSTALLER_ROLE, at=at)
    people_of_the_body.give_role(app.office, appointing, id=person, role="officer")
    return person


def _print_link(link: str, person: str, minutes: int) -> None:
    console = screen()
    console.print(f"{person} signs in here, once, within {minutes} minutes:\n")
    console.print(link, soft_wrap=True)
