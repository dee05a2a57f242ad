"""Appeals in the tests of services: the people who see to them and hear them, and an appeal at each of its stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.appeal.state import Appeal
from domain.ids import PROCESS_ROLE
from services import appeals, people
from services.appeals import Ruling
from services.office import Receipt
from tests import factories
from tests.factories import Body


@dataclass(slots=True, kw_only=True)
class Appealing:
    """A body with an appeals officer and five people who hear appeals, of whom the last three are from outside."""

    body: Body
    officer: str = ""
    hearers: tuple[str, ...] = ()
    grounds: Mapping[str, str] = field(default_factory=lambda: {"evidence": "A file was not read."})

    @property
    def inside(self) -> str:
        return self.hearers[0]

    @property
    def panel(self) -> tuple[str, str, str]:
        """The chair, somebody else from inside, and one from outside."""
        return self.hearers[0], self.hearers[1], self.hearers[2]

    def contact(self, case: str) -> str:
        held = self.body.state(case)
        contact: str = held.registration.lead_contact if case.startswith("submission") else held.lead_contact
        return contact

    def lodge(self, case: str, kind: str = "result", **said: Any) -> str:
        """The case's contact lodges an appeal; returns its id."""
        command = self.body.command(self.contact(case), "provider")
        lodged = appeals.lodge_appeal(
            self.body.office, command, case=case, contested=kind, **{"grounds": self.grounds, **said}
        )
        return appeals.appeal_of(lodged)

    def by_officer(self, service: Any, **said: Any) -> Receipt:
        return self.body.by(service, self.officer, "appeals-officer", **said)

    def acknowledged(self, case: str) -> str:
        appeal = self.lodge(case)
        self.by_officer(appeals.acknowledge_appeal, appeal=appeal)
        return appeal

    def admitted(self, case: str) -> str:
        appeal = self.acknowledged(case)
        self.by_officer(appeals.admit_appeal, appeal=appeal)
        return appeal

    def name(self, appeal: str, panel: Sequence[str] | None = None) -> Receipt:
        chair, *members = panel or self.panel
        return self.by_officer(appeals.name_panel, appeal=appeal, chair=chair, members=members)

    def heard(self, case: str) -> str:
        """An appeal that its panel is hearing."""
        appeal = self.admitted(case)
        self.name(appeal)
        return appeal

    def decide(self, appeal: str, *, finding: str = "dismissed", by: str | None = None, **said: Any) -> Receipt:
        lodged = self.state(appeal).lodging
        rulings = {one.code: Ruling(finding=finding, reason="We looked.") for one in lodged.grounds}
        said = {"rulings": rulings, **said}
        return self.body.by(
            appeals.decide_appeal, by or self.state(appeal).chair, "appeals-panel", appeal=appeal, **said
        )

    def state(self, appeal: str) -> Appeal:
        found: Appeal = self.body.state(appeal)
        return found

    def upheld(self, case: str) -> str:
        """An appeal that is upheld, so that the case is assessed again."""
        appeal = self.heard(case)
        self.decide(appeal, finding="upheld", remedy="assess-again")
        return appeal


def hearing(body: Body) -> Appealing:
    """Appoint who sees to appeals and who hears them."""
    officer = factories.appoint(body, "appeals-officer", scheme=None)
    hearers = tuple(factories.appoint(body, "appeals-panel", training="appeals") for _ in range(5))
    for one in hearers[:2]:
        body.by_officer(people.give_role, id=one, role="board")
    return Appealing(body=body, officer=officer, hearers=hearers)


def refused_case(body: Body) -> str:
    """A submission that was not awarded, as its provider was told."""
    return factories.brought(body, "released", levels={"1.1": body.scheme.scale[0]})


def catch_up(body: Body, appeal: str) -> list[str]:
    """Let the appeal's process do what has fallen due; returns the steps it took."""
    from workflows.activities import STEPS
    from workflows.situation import situation_of

    taken: list[str] = []
    while (due := situation_of(body.state(appeal), position=0, at=body.now()).due) and due.at <= body.now():
        assert STEPS[due.step](body.office, body.command(appeal, PROCESS_ROLE), case=appeal).events
        taken.append(due.step)
    return taken


LATER = timedelta(days=60)
"""Longer than an appeal may be lodged."""
