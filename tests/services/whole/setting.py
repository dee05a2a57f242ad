"""The body that the machine begins with: thirty people, twenty cases at all stages, and matters of each kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from domain.audit import Scope
from domain.ids import derived_id
from infra.bootstrap import codec
from infra.projector import catch_up
from infra.store.records import PostgresRecords
from services import accreditations, audits, awards, development, erasure, people, policies, proposals, risks, sampling
from services import workforce as departments
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain import workforce
from tests.factories import Body, Provider
from tests.services import boards, complaining, retaining
from tests.services.appealing import Appealing
from tests.services.conftest import Clock
from tests.storing import office_on

CHECKLIST = {"reasons": "Does each judgement have reasons?"}
SHORT = {"1.1": "not_met"}


@dataclass(slots=True)
class Setting:
    """The body, its thirty people by the role for which they came, its providers, cases and other matters."""

    body: Body
    clock: Clock
    people: dict[str, list[str]] = field(default_factory=dict)
    twins: tuple[str, str] = ("", "")
    providers: list[Provider] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    matters: list[str] = field(default_factory=list)

    @property
    def everyone(self) -> list[str]:
        """All thirty people of the body."""
        return [one for group in self.people.values() for one in group]

    def on(self, records: PostgresRecords) -> "Setting":
        """The same body on a copy of its record, with a clock of its own."""
        clock = Clock(self.clock.at)
        body = replace(
            self.body,
            office=office_on(records, schemes=dict(self.body.office.schemes)),
            now=clock,
            numbers=count(100_000),
        )
        return replace(self, body=body, clock=clock, cases=list(self.cases), matters=list(self.matters))


def source() -> str:
    """The main scheme, with every third submission marked blind too and places enough for everyone."""
    text = factories.scheme_source()
    return re.sub(r"capacity_per_round = \d+.*", "capacity_per_round = 9\ncalibration_percent = 30", text)


def set_up(database: Database) -> Setting:
    """Bring a new body to where the machine begins."""
    clock = Clock()
    with PostgresRecords(database.app_url, codec(), pool_size=4) as records:
        body = factories.open_body(office_on(records), source=source(), now=clock, assessors=5, moderators=4)
        here = Setting(body, clock)
        _appoint(here)
        here.providers = [factories.register_provider(body) for _ in range(8)]
        _bring(here)
        _begin(here)
        catch_up(records)
        assert len(here.everyone) == 30
        assert len(set(here.everyone)) == 30
        assert len(here.cases) == 20
        here.body.office = Office(None, schemes=body.office.schemes)  # type: ignore[arg-type]  # the record is closed now
    return here


def _appoint(here: Setting) -> None:
    body, whole = here.body, {"scheme": None}
    boards.publish_governance(body)
    for text, file in ((retaining.POLICY.read_text(), "retention.toml"), (workforce.SOURCE, "workforce.toml")):
        body.by(policies.publish_policy, "installer", "installer", source=text, file=file)
    trained = {"assessor": "assessing", "chair": "chairing", "moderator": "moderating", "appeals-panel": "appeals"}

    def some(role: str, number: int, **said: Any) -> list[str]:
        return [factories.appoint(body, role, training=trained.get(role), **said) for _ in range(number)]

    here.people = {
        "officer": [body.officer, *some("officer", 2, **whole)],
        "quality-manager": some("quality-manager", 2, **whole),
        "assessor": [*body.assessors, *some("assessor", 1)],
        "chair": [body.chair, *some("chair", 1)],
        "moderator": [*body.moderators, *some("moderator", 1)],
        "appeals-officer": some("appeals-officer", 2, **whole),
        "appeals-panel": some("appeals-panel", 5),
        "complaints-handler": some("complaints-handler", 3, **whole),
        "board": some("board", 2, **whole),
    }
    here.twins = here.people["assessor"][-1], here.people["moderator"][-1]
    more = [
        (here.people["appeals-panel"][0], "board", None),
        (here.people["appeals-panel"][1], "board", None),
        (here.people["complaints-handler"][0], "officer", None),
        (here.people["assessor"][0], "moderator", body.scheme.id),
        (here.twins[0], "quality-manager", None),
        (here.twins[1], "officer", None),
    ]
    for person, role, scheme in more:
        body.by(people.give_role, "installer", "installer", id=person, role=role, scheme=scheme)


STAGES = (
    *("registered",) * 2,
    *("submitted",) * 2,
    *("screened",) * 3,
    *("completed",) * 3,
    *("taken up",) * 2,
    *("refused",) * 4,
    *("awarded",) * 4,
)
"""How far each of the twenty cases is brought; of the last eight the result is known."""


def _bring(here: Setting) -> None:
    body = here.body
    window = factories.schedule_window(body, lasts=timedelta(days=400))
    for number, stage in enumerate(STAGES):
        case = factories.register(body, here.providers[number % len(here.providers)])
        here.cases.append(case)
        factories.settle(body, case)
        levels = SHORT if stage == "refused" else None
        for reached in factories.course(body, case, window, levels) if stage != "registered" else ():
            factories.settle(body, case)
            if reached == stage:
                break


def _begin(here: Setting) -> None:
    """Begin one matter of each kind, or two, on the day after."""
    here.clock.passes(days=1)
    body, refused, awarded = here.body, here.cases[12:16], here.cases[16:]
    hear = Appealing(body=body, officer=here.people["appeals-officer"][0], hearers=tuple(here.people["appeals-panel"]))
    here.matters += [hear.lodge(refused[0]), *(hear.heard(one) for one in refused[1:])]
    handler, manager, member = (here.people[role][1] for role in ("complaints-handler", "quality-manager", "board"))
    here.matters += [
        complaining.by_contact(body, here.providers[0], people=here.people["assessor"][1:2]),
        complaining.entered(body, handler, about="case", case=awarded[0]),
    ]
    here.matters += [_before_committee(here)]
    award = awards.accreditation_id(awarded[1])
    body.by(
        accreditations.raise_concern, here.people["moderator"][2], "moderator", case=award, text="It is not taught."
    )
    here.matters += [awards.accreditation_id(one) for one in awarded]
    scope = Scope(schemes=(body.scheme.id,), begins_at=body.now() - timedelta(days=9), ends_at=body.now())
    lead = here.people["board"]
    body.by(audits.open_audit, member, "board", scope=scope, checklist=CHECKLIST, members=lead, seed=7, size=5)
    year = body.now().year
    body.by(sampling.plan_sampling, manager, "quality-manager", scheme=body.scheme.id, year=year, seed=7)
    plan = sampling.plan_id(body.scheme.id, year)
    body.by(sampling.draw_sample, manager, "quality-manager", case=plan)
    here.matters += [audits.audit_id(scope), plan]
    here.matters += [*_risk(here, member), *_proposal(here), _plan(here, manager), _request(here)]


def _before_committee(here: Setting) -> str:
    """A complaint that was answered twice, and taken further each time."""
    body, whose, handlers = here.body, here.providers[1], here.people["complaints-handler"]
    case = complaining.by_contact(body, whose)
    for handler in handlers[:2]:
        complaining.answer(body, case, handler)
        complaining.escalate(body, case, whose.contact)
    return case


def _risk(here: Setting, owner: str) -> Iterator[str]:
    command = here.body.command(owner, "board")
    said = {"description": "They are friends.", "mitigation": "Others do it.", "likelihood": "high", "impact": "high"}
    risks.register_risk(here.body.office, command, kind="familiarity", owner=owner, **said)
    yield risks.risk_id(command.id)


def _proposal(here: Setting) -> Iterator[str]:
    command = here.body.command(here.people["assessor"][0], "assessor")
    said = {
        "scheme": here.body.scheme.id,
        "criteria": ["1.1"],
        "text": "Say what it means.",
        "grounds": "Nobody knows.",
    }
    proposals.propose_change(here.body.office, command, **said)
    yield proposals.proposal_id(command.id)


def _plan(here: Setting, manager: str) -> str:
    body, lead, pat = here.body, here.people["assessor"][2], here.twins[1]
    body.by(departments.name_lead, manager, "quality-manager", department="assessing", lead=lead)
    body.by(development.open_plan, lead, "assessor", person=pat, department="assessing")
    said = {"person": pat, "topic": "bias", "text": "More on bias."}
    body.by(development.add_need, lead, "assessor", source="appraisal", **said)
    body.by(development.add_need, manager, "quality-manager", source="sampling", **said)
    body.by(development.add_need, pat, "moderator", source="self-evaluation", **said)
    body.by(development.agree_plan, lead, "assessor", person=pat)
    return development.development_id(pat)


def _request(here: Setting) -> str:
    """Somebody who once worked here asks to be erased."""
    body = here.body
    former = factories.appoint(body, "moderator", training="moderating")
    body.by_officer(people.end_role, id=former, role="moderator", scheme=body.scheme.id)
    command = body.command(here.people["officer"][1], "officer")
    erasure.request_erasure(body.office, command, subject=former)
    return derived_id("retention", command.id)
