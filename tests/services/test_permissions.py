"""Services ask the one table: each is a row, and whoever acts in a role without a cell is refused before anything is decided."""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import psycopg
import pytest

import services
from domain import permissions
from domain.ids import PROCESS_ROLE, derived_id
from domain.permissions import (
    BESIDE,
    INSTALLER_ROLE,
    PARTS,
    PROCESS_ONLY,
    PUBLIC_ROLE,
    actions,
    named,
    relations_allowed,
)
from domain.person import BODY_WIDE, ROLES, AttemptRefused
from domain.refusals import Refused
from services import acting, audits, screening
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services import boards
from tests.services.conftest import Clock

MODULES = tuple(import_module(f"services.{one.name}") for one in pkgutil.iter_modules(services.__path__))
SCHEME = factories.scheme_source()
GOVERNANCE = boards.GOVERNANCE.read_text(encoding="utf-8")
NOBODY_GIVES = (PUBLIC_ROLE, INSTALLER_ROLE, PROCESS_ROLE)


def is_service(module: Any, function: Any) -> bool:
    """Whether people or processes use it: office and command, and all else by name."""
    if not inspect.isfunction(function) or function.__module__ != module.__name__ or function.__name__.startswith("_"):
        return False
    parameters = list(inspect.signature(function).parameters.values())
    first = [one.name for one in parameters[:2]]
    return first == ["office", "command"] and all(one.kind is one.KEYWORD_ONLY for one in parameters[2:])


SERVICES: dict[str, Callable[..., Any]] = {
    named(module.__name__, function.__name__): function
    for module in MODULES
    for function in vars(module).values()
    if is_service(module, function)
}
BY_PEOPLE = {action: service for action, service in SERVICES.items() if action not in PROCESS_ONLY}


def test_every_service_is_a_row_of_the_table_or_a_step_of_a_process_alone():
    assert set(SERVICES) - PROCESS_ONLY == {one for one in actions() if not one.startswith("see-")} - PARTS - BESIDE
    assert set(SERVICES) >= PROCESS_ONLY
    assert len(BY_PEOPLE) > 150


def test_every_service_that_people_use_asks_the_table_and_no_other_does():
    assert {action for action, service in SERVICES.items() if hasattr(service, "__wrapped__")} == set(BY_PEOPLE)


def test_a_service_without_a_row_can_not_be_made():
    def do_as_one_likes(office: Any, command: Any) -> None:
        raise AssertionError

    with pytest.raises(KeyError, match="do_as_one_likes"):
        acting.permitted(do_as_one_likes)


def test_a_service_keeps_its_name_its_words_and_what_it_asks_for():
    parameters = inspect.signature(screening.return_portfolio).parameters

    assert list(parameters) == ["office", "command", "case", "reason"]
    assert screening.return_portfolio.__name__ == "return_portfolio"
    assert "with reasons" in str(screening.return_portfolio.__doc__)
    assert get_type_hints(screening.return_portfolio)["case"] is str


def test_no_service_names_the_role_of_who_may():
    """A role is compared only with what the table says, with who speaks for a provider, and with roles that nobody is given."""
    named_there = []
    for file in sorted(Path(services.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith("command.role"):
                named_there += [ast.unparse(node)] if names_a_role(node) else []
            if isinstance(node, ast.keyword) and node.arg == "among":
                named_there += [ast.unparse(node.value)] if names_a_role(node.value) else []

    assert named_there == []


def names_a_role(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Constant) and one.value in ROLES for one in ast.walk(node))


def some_of(kind: Any, name: str, at: datetime) -> Any:
    """Something of the form that a parameter asks for."""
    plain: dict[Any, Any] = {str: derived_id("submission", name), int: 1, bool: True, datetime: at}
    return plain.get(kind, [])


def arguments(service: Callable[..., Any], body: Body, command: Any) -> dict[str, Any]:
    """Arguments of plausible form for a service, all that it asks for."""
    hints, at = get_type_hints(service), body.now()
    asked = {
        name: some_of(hints[name], name, at)
        for name, one in list(inspect.signature(service).parameters.items())[2:]
        if one.default is inspect.Parameter.empty
    }
    special = {
        "scope": boards.scope(body),
        "checklist": boards.CHECKLIST,
        "scheme": body.scheme.id,
        "until": at + timedelta(days=1),
    }
    asked |= {name: value for name, value in special.items() if name in asked}
    if "source" in asked:
        asked["source"] = SCHEME if service.__name__ == "publish_scheme" else GOVERNANCE
    return asked


def kept(body: Body, database: Database) -> tuple[Any, ...]:
    """What is kept: events but for attempts noted, texts, and personal data."""
    log = body.office.records.read_log(0, 100_000)
    with psycopg.connect(database.admin_url) as connection:
        beside = [
            connection.execute(query).fetchone()
            for query in ("SELECT count(*) FROM record.texts", "SELECT count(*) FROM record.vault")
        ]
    return (sum(not isinstance(one.event, AttemptRefused) for one in log), *beside)


def holder(body: Body, role: str) -> str:
    """Somebody who holds the role, or acts in one that nobody can be given."""
    if role not in ROLES:
        return role
    return factories.appoint(body, role, scheme=None if role in BODY_WIDE else body.scheme.id)


def cells_without(role: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    return ((action, service) for action, service in BY_PEOPLE.items() if not relations_allowed(action, role))


@pytest.mark.parametrize("role", [*ROLES, *NOBODY_GIVES])
def test_a_role_without_a_cell_is_refused_by_the_service_and_nothing_is_written(
    role: str, body: Body, database: Database
):
    actor, wrong = holder(body, role), []
    before = kept(body, database)
    for action, service in cells_without(role):
        command = body.command(actor, role)
        try:
            service(body.office, command, **arguments(service, body, command))
        except Refused as refusal:
            rule = "own-provider" if action == "register_provider" else "acting-role"
            wrong += [(action, refusal.rule)] if refusal.rule != rule else []
        else:
            wrong.append((action, "done"))

    assert wrong == []
    assert kept(body, database) == before
    if role in ROLES:
        assert {one.rule for one in body.events(actor, AttemptRefused)} >= {"acting-role"}


LEADS_OR_SPEAKS = ("add_need",)
"""From whom a need comes decides who may note it, beside the table."""


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_may_without_any_relation_is_never_refused_for_its_role(role: str, body: Body):
    actor, wrong = holder(body, role), []
    for action, service in BY_PEOPLE.items():
        if "none" not in relations_allowed(action, role) or action in LEADS_OR_SPEAKS:
            continue
        command = body.command(actor, role)
        try:
            service(body.office, command, **arguments(service, body, command))
        except Refused as refusal:
            wrong += [action] if refusal.rule == "acting-role" else []

    assert wrong == []


@pytest.mark.parametrize("role", ["officer", "board", "provider"])
def test_a_step_of_a_process_is_refused_to_people(role: str, body: Body, database: Database):
    actor = holder(body, role)
    before = kept(body, database)
    for action in sorted(PROCESS_ONLY):
        with refused("process-only", field="role"):
            body.by(SERVICES[action], actor, role, case=derived_id("submission", "some"))

    assert kept(body, database) == before


def test_who_may_is_what_the_table_says_and_nothing_else(body: Body, monkeypatch: pytest.MonkeyPatch):
    window = factories.schedule_window(body)
    case = factories.brought(body, "submitted", window=window)
    rows = {action: permissions.row(action) for action in actions()}
    changed = {**rows, "pass_screening": {"chair": rows["pass_screening"]["officer"]}}
    monkeypatch.setattr(permissions, "_TABLE", changed)

    with refused("acting-role", field="role", match="Allowed: chair"):
        body.by_officer(screening.pass_screening, case=case)
    with refused("known-submission"):
        body.by_chair(screening.pass_screening, case="no-case")


def test_who_may_do_it_for_others_only_in_some_roles_does_it_for_themselves_in_any(body: Body):
    [assessor, other, *_] = body.assessors
    stated = {"topic": "experience", "kind": "led", "text": "Led a network for years."}

    with refused("acting-role", field="role", match="officer, quality-manager"):
        body.by(SERVICES["state_credential"], assessor, "assessor", id=other, **stated)
    assert body.by(SERVICES["state_credential"], assessor, "assessor", id=assessor, **stated).events


def test_an_item_is_led_in_the_role_that_the_scheme_says_of_those_that_the_table_names(body: Body):
    case = factories.brought(body, "taken up")

    with refused("acting-role", field="role", match="Allowed: chair"):
        body.by(SERVICES["decide"], body.moderators[0], "moderator", case=case)
    with refused("acting-role", field="role", match="Allowed: chair"):
        body.by(SERVICES["adjourn_item"], body.moderators[0], "moderator", case=case, reason="Too few are left.")


def test_a_concern_of_somebody_outside_is_entered_by_an_officer_alone(body: Body):
    award = derived_id("accreditation", factories.brought(body, "released"))
    said = {"case": award, "text": "It is not what was promised.", "from_outside": True}

    with refused("acting-role", field="role", match="Allowed: officer"):
        body.by_chair(SERVICES["raise_concern"], **said)
    assert body.by_officer(SERVICES["raise_concern"], **said).events


def test_a_look_that_is_repeated_in_another_role_is_refused_all_the_same(body: Body, clock: Clock):
    members = boards.board_of(body, 1)
    case = boards.registered_case(body)
    clock.passes(days=1)
    audit = boards.opened(body, members, size=1)
    body.by_officer(SERVICES["give_role"], id=members[0], role="quality-manager")
    command = body.command(members[0], "board")
    assert audits.look_at(body.office, command, audit=audit, case=case).case == case

    again = body.command(members[0], "quality-manager", id=command.id)
    with refused("acting-role", field="role", match="Allowed: board"):
        audits.look_at(body.office, again, audit=audit, case=case)
