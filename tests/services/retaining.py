"""A body that keeps records under the shipped policy, and what is looked at when some of them go."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from domain.ids import derived_id
from domain.retention import Retention
from infra.projector import catch_up
from infra.store.shelves import PostgresShelves
from services import erasure, policies, preparation, retention, schemes
from services.going import facts_of
from services.keeping import HOLDS, Facts
from services.office import Receipt, Work
from tests import factories
from tests.conftest import Database
from tests.factories import Body

POLICY = Path(__file__).parents[2] / "schemes" / "retention.toml"
YEAR = 366


@dataclass(slots=True)
class Keeping:
    """A body, those who decide what goes, and the shelves; `seen` brings the read models up to what was recorded."""

    body: Body
    shelves: PostgresShelves
    database: Database
    managers: tuple[str, ...]
    board: str

    @property
    def seen(self) -> PostgresShelves:
        """The shelves, once the read models show all that was recorded."""
        catch_up(self.body.office.records)  # type: ignore[arg-type]
        return self.shelves

    def manager(self, service: Any, which: int = 0, **said: Any) -> Receipt:
        """Have a quality manager use a service."""
        return self.body.by(service, self.managers[which], "quality-manager", **said)

    def listed(self, **said: Any) -> str:
        """The first manager proposes a list; returns it."""
        command = self.body.command(self.managers[0], "quality-manager")
        retention.propose_letting_go(self.body.office, command, shelves=self.seen, **said)
        return derived_id("retention", command.id)

    def asked(self, person: str) -> str:
        """An officer notes that the person asks to be erased, a manager checks who asked; returns the request."""
        command = self.body.command(self.body.officer, "officer")
        erasure.request_erasure(self.body.office, command, subject=person)
        case = derived_id("retention", command.id)
        self.manager(erasure.check_requester, 1, case=case, means="identity-document")
        return case

    def proposed(self, case: str) -> str:
        """The first manager proposes what goes of a request."""
        self.manager(erasure.propose_erasure, case=case, shelves=self.seen)
        return case

    def approved(self, case: str) -> str:
        """A second manager and the board approve."""
        self.manager(retention.approve_letting_go, 1, case=case)
        self.body.by(retention.approve_letting_go, self.board, "board", case=case)
        return case

    def gone(self, case: str, which: int = 0) -> Receipt:
        """A manager carries it out."""
        return self.manager(retention.let_go, which, case=case, shelves=self.seen)

    def state(self, case: str) -> Retention:
        """Where the list or request stands."""
        found: Retention = self.body.state(case)
        return found

    def texts(self) -> dict[str, str]:
        """Every text that is kept, with whom it is for."""
        return dict(self.rows("SELECT id, subject FROM record.texts"))

    def vault(self) -> dict[tuple[str, str], str]:
        """Every name and address that is kept."""
        rows = self.rows("SELECT subject, name, value FROM record.vault")
        return {(subject, name): value for subject, name, value in rows}

    def events(self) -> list[Any]:
        """The bytes of every event, in the log's order."""
        return self.rows(
            "SELECT originator_id, originator_version, topic, state FROM record.events ORDER BY notification_id"
        )

    def rows(self, query: str) -> list[Any]:
        """What the database holds, looked at by its superuser."""
        with psycopg.connect(self.database.admin_url) as connection:
            return connection.execute(query).fetchall()


def open_keeping(body: Body, database: Database, *, source: str | None = None) -> Keeping:
    """Publish the policy (the shipped one), and appoint two quality managers and a board member."""
    source = source or POLICY.read_text()
    body.by(policies.publish_policy, "installer", schemes.INSTALLER_ROLE, source=source, file="retention.toml")
    managers = tuple(factories.appoint(body, "quality-manager", scheme=None) for _ in range(2))
    board = factories.appoint(body, "board", scheme=None)
    shelves = PostgresShelves(body.office.records.datastore)  # type: ignore[attr-defined]
    return Keeping(body, shelves, database, managers, board)


def withdrawn(body: Body) -> str:
    """A case that was withdrawn: two texts, its title and the reason."""
    case = factories.brought(body, "registered")
    body.by_contact(preparation.withdraw, case, reason="We have no time.")
    return case


def ids_of(body: Body, case: str) -> dict[str, str]:
    """The texts of a withdrawn case: its title, and the reason of its end."""
    withdrawal = [one for one in body.events(case) if type(one).__name__ == "SubmissionWithdrawn"]
    return {"title": body.submission(case).registration.title.id, "reason": withdrawal[0].reason.id}


def of_texts(held: Any) -> list[tuple[str, str, int]]:
    """The items that are texts: whose, of which kind, how many."""
    return [(one.holder, one.kind, one.texts) for one in held.items if one.texts]


def facts(body: Body, keeping: Keeping) -> Facts:
    return facts_of(Work(body.office, body.command(body.officer, "officer"), HOLDS), keeping.seen, at=body.now())
