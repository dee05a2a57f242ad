"""Given cases on a scheme's own route: registered, booked, submitted, visited, judged and moderated, by its own people."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from domain.ids import PROCESS_ROLE
from domain.submission.process import due_next
from domain.submission.state import Submission, evolve
from projections.clocks import turn
from services import assessment, awards, items, moderation, preparation, screening, visits
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Office, Receipt
from services.preparation import Programme
from tests import factories
from tests.factories import Body, Provider, settle
from tests.services.conftest import Clock

SCHEMES = Path(__file__).parents[2] / "schemes"
DAY = timedelta(days=1)


def body_of(office: Office, clock: Clock, scheme: str) -> Body:
    """A body that runs one of the published schemes."""
    return factories.open_body(office, source=(SCHEMES / f"{scheme}.toml").read_text(), now=clock)


def provider_of(body: Body) -> Provider:
    return factories.register_provider(body)


def register(body: Body, applies_for: str | None = None, visit_at: datetime | None = None) -> str:
    """A new provider registers a programme; says whatever the scheme asks. Its process begins preparation."""
    provider, scheme = provider_of(body), body.scheme
    command = body.command(provider.contact, "provider")
    preparation.register_programme(
        body.office,
        command,
        scheme=scheme.id,
        provider=provider.id,
        programme=Programme(
            title="What we do",
            category=scheme.categories[0],
            subject=scheme.subjects[0],
            phase=scheme.phases[0],
            mode=scheme.modes[0],
            roll=250,
            applies=factories.none_applies(body),
            applies_for=applies_for,
        ),
        agreement_accepted=True,
        visit_at=visit_at,
    )
    case = preparation.submission_id(command.id)
    settle(body, case)
    return case


def book(body: Body, case: str, visit_at: datetime) -> Receipt:
    return body.by_contact(visits.book_assessment, case, visit_at=visit_at)


def submit(body: Body, case: str, window: str | None = None) -> Receipt:
    criteria = body.submission(case).registration.criteria
    answers = {code: f"What we do about {code}." for code in criteria}
    evidence = factories.uploaded(body, case, criteria)
    return body.by_contact(preparation.submit_portfolio, case, window_id=window, answers=answers, evidence=evidence)


def screen(body: Body, case: str) -> str:
    """The process begins screening, fees are paid, it is passed, and an assessor is assigned; returns that one's id."""
    settle(body, case)
    factories.pay_fees(body, case)
    body.by_officer(screening.pass_screening, case=case)
    assessor = settle(body, case).assessor
    assert assessor
    return assessor


def judge(body: Body, case: str, level: str, but: Mapping[str, str] | None = None) -> None:
    """The assessor judges every criterion at `level`, but for some."""
    criteria = body.submission(case).registration.criteria
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(criteria)}
    judgements = {
        code: factories.judged_at(body, code, (but or {}).get(code, level), digest) for code, digest in cited.items()
    }
    body.by_assessor(assessment.judge, case, judgements=judgements)


def complete(body: Body, case: str) -> None:
    body.by_assessor(assessment.complete_assessment, case, minutes_spent=300)


def moderate_alone(body: Body, case: str, by: str, **changed: str) -> None:
    """One independent moderator takes it up, confirms or changes, decides and approves; the result is released."""

    def do(service: Any, **said: Any) -> None:
        body.by(service, by, "moderator", case=case, **said)

    do(items.take_up_alone)
    judged = body.submission(case).judgements
    levels = {code: changed.get(code, level) for code, level in judged.items()}
    do(moderation.moderate, judgements={code: Judgement(level=level, reason="So") for code, level in levels.items()})
    do(moderation.decide)
    outcome = body.submission(case).outcome
    assert outcome
    lacks = {code: Lack(lacking="practice", missing=f"What {code} lacks.") for code in outcome.unmet}
    do(moderation.approve_report, lacks=lacks)
    settle(body, case)


def visited(body: Body, case: str, clock: Clock, visit_at: datetime, recommendation: str | None) -> None:
    """The people to be met are agreed, the date comes, and the visit is held."""
    groups = body.scheme.route.people_to_meet
    body.by_assessor(visits.agree_people, case, groups=groups, missing={})
    clock.comes_to(visit_at)
    met = {"met": groups[:2], "minutes_spent": 300, "recommendation": recommendation}
    body.by_assessor(visits.hold_visit, case, **met)


def same_clocks(body: Body, case: str) -> bool:
    """Whether the read models' clocks went, event by event, as those of the case itself."""
    row = SimpleNamespace(rule=None, due_at=None, remind_at=[], results_due=None)
    state = Submission()
    for event in body.events(case):
        state = evolve(state, event)
        turn(row, event)
        running = (state.clock.rule, state.clock.due_at) if state.clock else (None, None)
        assert (row.rule, row.due_at) == running, event
        assert row.results_due == (state.results.due_at if state.results else None), event
    return True


def awaiting(body: Body, clock: Clock) -> str:
    """A case of the leadership mark that is assessed."""
    case = register(body, "bronze")
    book(body, case, clock() + 60 * DAY)
    submit(body, case)
    screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    judge(body, case, "gold")
    complete(body, case)
    return case


def result(body: Body, case: str) -> tuple[str, str | None]:
    assert same_clocks(body, case)
    outcome = body.submission(case).outcome
    assert outcome
    assert body.submission(case).over
    assert bool(body.recorded(awards.accreditation_id(case))) is (outcome.outcome == "awarded")
    return outcome.outcome, outcome.level


def process(body: Body, case: str, clock: Clock, until: datetime) -> Iterator[str]:
    """What the case's process does by its clock until `until`; yields each step once it is taken."""
    from workflows.activities import STEPS

    while (due := due_next(body.submission(case), at=clock())) and due.at <= until:
        clock.comes_to(max(due.at, clock()))
        assert STEPS[due.step](body.office, body.command(case, PROCESS_ROLE), case=case).events
        yield due.step
    clock.comes_to(until)
