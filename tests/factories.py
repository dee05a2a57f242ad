"""An accreditation body at work: a scheme published, its people appointed, and what each of them does, one call each.

Everything goes through the services, with a command id of its own. What a case's process does is left to the process;
`settle` stands in for it where none runs.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from domain.ids import PROCESS_ROLE, derived_id
from domain.qualification import kinds_asked
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.submission.events import Evidence, FeeCharged
from domain.submission.process import owed
from domain.submission.state import Submission
from services import assessment, moderation, people, preparation, providers, schemes, screening, windows
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Office, Receipt
from services.ports import Command, Recorded
from services.preparation import Programme
from services.states import fold
from tests.storing import evidence_of, given_files

MAIN_SCHEME = Path(__file__).parent.parent / "schemes" / "cpd-qa.toml"
CLOCK_NAMES = re.compile(r"^(\w+) = .*$", re.MULTILINE)


def scheme_source(**clocks: str | list[str]) -> str:
    """The main scheme's text, with other lengths of time where given: `scheme_source(submit_within="PT5S")`."""
    # Most tests don't wait for years to pass, nor have a second assessor by chance.
    source = re.sub(r"(?m)^(opens|calibration_percent) = .*\n", "", MAIN_SCHEME.read_text())
    head, clock_table, tail = re.split(r"(?<=\[clocks\]\n)(.*?)(?=\n\[)", source, flags=re.DOTALL)

    def line(found: re.Match[str]) -> str:
        given = clocks.pop(found[1], None)
        return found[0] if given is None else f"{found[1]} = {given!r}".replace("'", '"')

    text = head + CLOCK_NAMES.sub(line, clock_table) + tail
    assert not clocks, f"no such clocks: {', '.join(clocks)}"
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A registered provider and the contact who speaks for it."""

    id: str
    contact: str


@dataclass(slots=True, kw_only=True)
class Body:
    """The body, its people, and the clock by which they act. `mark` keeps its ids apart from those of other tests."""

    office: Office
    scheme: Scheme
    now: Callable[[], datetime]
    mark: str
    officer: str = ""
    assessors: tuple[str, ...] = ()
    chair: str = ""
    moderators: tuple[str, ...] = ()
    numbers: Iterator[int] = field(default_factory=count)

    def command(self, actor: str, role: str, *, id: str | None = None, at: datetime | None = None) -> Command:
        """A command by this actor in this role, now, under an id of its own."""
        return Command(id=id or f"{self.mark}-{next(self.numbers)}", actor=actor, role=role, at=at or self.now())

    def by(self, service: Callable[..., Receipt], actor: str, role: str, /, **arguments: Any) -> Receipt:
        """Have this actor use a service, in this role, now."""
        return service(self.office, self.command(actor, role), **arguments)

    def by_officer(self, service: Callable[..., Receipt], **arguments: Any) -> Receipt:
        """Have the officer use a service."""
        return self.by(service, self.officer, "officer", **arguments)

    def by_chair(self, service: Callable[..., Receipt], **arguments: Any) -> Receipt:
        """Have the chair use a service."""
        return self.by(service, self.chair, "chair", **arguments)

    def by_contact(self, service: Callable[..., Receipt], case: str, **arguments: Any) -> Receipt:
        """Have the case's lead contact use a service."""
        contact = self.submission(case).registration.lead_contact
        return self.by(service, contact, "provider", case=case, **arguments)

    def by_assessor(self, service: Callable[..., Receipt], case: str, **arguments: Any) -> Receipt:
        """Have the case's assigned assessor use a service."""
        assessor = self.submission(case).assessor
        assert assessor, f"{case} has no assessor"
        return self.by(service, assessor, "assessor", case=case, **arguments)

    def recorded(self, stream: str) -> Sequence[Recorded]:
        """The stream's events as the record holds them."""
        return self.office.records.load(stream)[stream]

    def events(self, stream: str, kind: type[Any] = object) -> list[Any]:
        """The stream's events, or those of one kind."""
        return [one.event for one in self.recorded(stream) if isinstance(one.event, kind)]

    def state(self, stream: str) -> Any:
        """The state that the stream's events make."""
        return fold(stream, self.recorded(stream))

    def submission(self, case: str) -> Submission:
        """The state of a submission."""
        found: Submission = self.state(case)
        return found


def open_body(
    office: Office,
    *,
    source: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    assessors: int = 3,
    moderators: int = 3,
) -> Body:
    """Publish the scheme in `source` (the main one) and appoint an officer, assessors, a chair and moderators, all expert in everything."""
    source = source or scheme_source()
    scheme = read_scheme(source)
    body = Body(office=office, scheme=scheme, now=now, mark=f"test-{secrets.token_hex(4)}")
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=source, file="scheme.toml")
    body.officer = appoint(body, "officer", scheme=None)
    body.assessors = tuple(appoint(body, "assessor", training="assessing") for _ in range(assessors))
    body.chair = appoint(body, "chair", training="chairing")
    body.moderators = tuple(appoint(body, "moderator", training="moderating") for _ in range(moderators))
    return body


def appoint(body: Body, role: str, *, training: str | None = None, scheme: str | None = "") -> str:
    """Make a person known who holds `role` and has signed; returns the id. `scheme` None: for all schemes.

    With `training` they have that kind, and what else the scheme asks of the role.
    """
    scheme = body.scheme.id if scheme == "" else scheme
    person = derived_id("person", body.mark, role, str(next(body.numbers)))

    def install(service: Callable[..., Receipt], /, **arguments: Any) -> None:
        body.by(service, "installer", schemes.INSTALLER_ROLE, id=person, **arguments)

    install(
        people.register_person,
        name=f"{role.title()} of {body.mark}",
        email=f"{person}@people.example",
        subjects=body.scheme.subjects,
        phases=body.scheme.phases,
    )
    install(people.give_role, role=role, scheme=scheme)
    for kind in (training, *kinds_asked(role, body.scheme)) if training else ():
        expires_at = body.now() + timedelta(days=3650)
        install(people.record_training, kind=kind, scheme=body.scheme.id, expires_at=expires_at)
    body.by(people.sign_non_disclosure, person, role)
    return person


def register_provider(body: Body) -> Provider:
    """A provider registers, by its own contact."""
    id = f"{body.mark}-{next(body.numbers)}"
    contact = providers.contact_id(id)
    providers.register_provider(
        body.office,
        body.command(contact, "provider", id=id),
        scheme=body.scheme.id,
        name=f"Provider of {id}",
        address="1 Test Street",
        contact_name=f"Contact of {id}",
        contact_email=f"{id}@provider.example",
        provider_type=body.scheme.provider_types[0],
        size_band=body.scheme.size_bands[0],
    )
    return Provider(id=providers.provider_id(id), contact=contact)


def none_applies(body: Body) -> dict[str, bool]:
    """What a provider answers to whom no exclusion of the scheme applies."""
    return {one.code: False for one in body.scheme.exclusions}


def register(
    body: Body,
    provider: Provider | None = None,
    *,
    follows: str | None = None,
    accreditation: str | None = None,
    upgrade: bool = False,
    applies_for: str | None = None,
    **said: str,
) -> str:
    """A provider (a new one, if none is given) registers a programme; returns the case.

    Where the scheme wants to know the level applied for and none is given, it is the lowest.
    """
    provider = provider or register_provider(body)
    if body.scheme.award_choice == "applied" and accreditation is None:
        applies_for = applies_for or body.scheme.awards[0].name
    command = body.command(provider.contact, "provider")
    preparation.register_programme(
        body.office,
        command,
        scheme=body.scheme.id,
        provider=provider.id,
        programme=Programme(
            title="A programme",
            category=body.scheme.categories[0],
            subject=body.scheme.subjects[0],
            phase=body.scheme.phases[0],
            mode=body.scheme.modes[0],
            roll=1,
            applies=none_applies(body),
            applies_for=applies_for,
            **said,
        ),
        agreement_accepted=True,
        follows=follows,
        accreditation=accreditation,
        upgrade=upgrade,
    )
    return preparation.submission_id(command.id)


def schedule_window(
    body: Body,
    *,
    opens_in: timedelta = timedelta(),
    lasts: timedelta = timedelta(days=30),
    grace_seconds: int = 0,
    capacity: int | None = None,
) -> str:
    """The officer schedules a window that opens some time from now; returns its id."""
    command = body.command(body.officer, "officer")
    windows.schedule_window(
        body.office,
        command,
        scheme=body.scheme.id,
        opens_at=command.at + opens_in,
        closes_at=command.at + opens_in + lasts,
        grace_seconds=grace_seconds,
        capacity=capacity,
    )
    return derived_id("window", command.id)


def pay_fees(body: Body, case: str) -> None:
    """Every fee that is due is paid."""
    for _ in paying(body, case):
        pass


def paying(body: Body, case: str) -> Iterator[str]:
    """Pay every fee that is due, one by one; yields the kind of each when it is paid."""
    due = [kind for kind, state in body.submission(case).fees.items() if state == "due"]
    for fee in body.events(case, FeeCharged):
        if fee.kind in due:
            body.by_officer(preparation.pay_fee, case=case, kind=fee.kind, amount=fee.amount)
            yield fee.kind


def uploaded(body: Body, case: str, criteria: Sequence[str]) -> list[Evidence]:
    """One file for each of the criteria, uploaded for the case."""
    evidence = evidence_of(criteria)
    given_files(body.office, case, evidence, by=body.submission(case).registration.lead_contact)
    return evidence


def submit(body: Body, case: str, window: str) -> None:
    """The lead contact submits a whole portfolio."""
    criteria = body.submission(case).registration.criteria
    body.by_contact(
        preparation.submit_portfolio,
        case,
        window_id=window,
        answers={code: f"What we do about {code}." for code in criteria},
        evidence=uploaded(body, case, criteria),
    )


def pass_screening(body: Body, case: str) -> None:
    """Every fee is paid, and the officer finds the portfolio complete."""
    pay_fees(body, case)
    body.by_officer(screening.pass_screening, case=case)


def assess(body: Body, case: str, levels: Mapping[str, str] | None = None) -> None:
    """The assigned assessor accepts, judges every criterion (at the top, but for `levels`) and completes."""
    for _ in assessing(body, case, levels):
        pass


def judged_at(body: Body, code: str, level: str, cites: str) -> Judgement:
    """A criterion and its indicators judged at `level`, citing a file (hex SHA-256)."""
    indicators = {one.code: level for one in body.scheme.criteria[code].indicators}
    return Judgement(level=level, reason=f"Why {code} is so.", cites=(cites,), indicators=indicators)


def assessing(body: Body, case: str, levels: Mapping[str, str] | None = None) -> Iterator[str]:
    """What `assess` does, command by command."""
    top = body.scheme.scale[-1]
    cited = {one.criterion: one.sha256 for one in evidence_of(body.submission(case).registration.criteria)}
    body.by_assessor(assessment.accept_assignment, case)
    yield "accepted"
    judgements = {code: judged_at(body, code, (levels or {}).get(code, top), digest) for code, digest in cited.items()}
    body.by_assessor(assessment.judge, case, judgements=judgements)
    yield "judged"
    body.by_assessor(assessment.complete_assessment, case, minutes_spent=90)
    yield "completed"


def take_up(body: Body, *cases: str) -> str:
    """A meeting over the cases is held: scheduled, opened with everyone present, each case taken up; returns its id."""
    command = body.command(body.officer, "officer")
    moderation.schedule_meeting(
        body.office,
        command,
        scheme=body.scheme.id,
        starts_at=command.at,
        chair=body.chair,
        panel=body.moderators,
        items=cases,
    )
    meeting = derived_id("meeting", command.id)
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, *body.moderators))
    for case in cases:
        body.by_chair(moderation.take_up, case=case, id=meeting)
    return meeting


def confirm(body: Body, case: str, *criteria: str) -> None:
    """The panel confirms the judgements of these criteria, or of all."""
    judged = body.submission(case).judgements
    body.by_chair(
        moderation.moderate,
        case=case,
        judgements={code: Judgement(level=judged[code]) for code in criteria or judged},
    )


def decide(body: Body, case: str) -> None:
    """The chair records the outcome and approves the report; the result is then to be released."""
    body.by_chair(moderation.decide, case=case)
    approve(body, case)


def approve(body: Body, case: str) -> None:
    """The chair approves the outcome report."""
    outcome = body.submission(case).outcome
    assert outcome
    lacks = {code: Lack(lacking="evidence", missing=f"What {code} lacks.") for code in outcome.unmet}
    body.by_chair(moderation.approve_report, case=case, lacks=lacks)


def course(body: Body, case: str, window: str, levels: Mapping[str, str] | None = None) -> Iterator[str]:
    """All that people do for a case that is registered, until its result can be released.

    Yields after each command that is news to the case's process, which has its turn then: wait for it, or `settle`.
    """
    yield from paying(body, case)
    submit(body, case, window)
    yield "submitted"
    yield from paying(body, case)
    body.by_officer(screening.pass_screening, case=case)
    yield "screened"
    yield from assessing(body, case, levels)
    take_up(body, case)
    yield "taken up"
    confirm(body, case)
    yield "confirmed"
    body.by_chair(moderation.decide, case=case)
    yield "decided"
    approve(body, case)
    yield "approved"


def settle(body: Body, case: str) -> Submission:
    """Do at once what is owed to the case, as its process would; returns where the case stands then."""
    from workflows.activities import STEPS  # brings Temporal's library, which most tests don't need

    while step := owed(body.submission(case)):
        STEPS[step](body.office, body.command(case, PROCESS_ROLE), case=case)
    return body.submission(case)


def brought(body: Body, until: str, *, window: str = "", levels: Mapping[str, str] | None = None) -> str:
    """A new case that its people and its process have brought as far as `until`, as `course` names it; returns its id.

    `registered` is its beginning, and `released` its end.
    """
    window = window or schedule_window(body)
    case = register(body)
    settle(body, case)
    for reached in course(body, case, window, levels) if until != "registered" else ():
        if reached == until:
            return case
        settle(body, case)
    assert until in ("registered", "released"), f"no case ever comes to {until}"
    settle(body, case)
    return case
