"""What tests of the domain begin from: a small scheme of its own, people, and a submission at each of its stages.

Each stage is reached by the decisions themselves, from the one before it, so that what a test is given can have happened.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import pytest

from domain import meeting as meetings
from domain import person as people
from domain.ids import derived_id
from domain.meeting import Meeting
from domain.person import Person
from domain.refusals import Refused
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.submission import assessment, decision, moderation, preparation
from domain.submission import events as e
from domain.submission.assessment import Finding
from domain.submission.state import Submission, evolve
from domain.texts import TextRef

State = TypeVar("State")

SOURCE = """\
[scheme]
id = "test-mark"
version = 1
title = "A mark for tests"

[calendar]
zone = "Europe/London"
holidays = [2026-04-03, 2026-04-06]

[lists]
categories = ["single", "suite"]
provider_types = ["charity", "trust"]
size_bands = ["small", "large"]
modes = ["online", "blended"]
subjects = ["science", "arts"]
phases = ["primary", "secondary"]

[[sections]]
code = "1"
title = "Purpose"

[[sections]]
code = "2"
title = "Practice"

[[criteria]]
code = "1.1"
section = "1"
title = "It has a purpose"
guidance = "Say which."

[[criteria]]
code = "1.2"
section = "1"
title = "The purpose is known"
guidance = "Say to whom."

[[criteria]]
code = "2.1"
section = "2"
title = "It is practised"
guidance = "Say how."

[scale]
levels = ["low", "middle", "high"]

[[awards]]
name = "marked"
form = "every-criterion-at-least"
level = "high"

[portfolio]
files_per_criterion = 2
file_bytes = 1000
media_types = ["application/pdf", "video/mp4"]

[assessment]
capacity_per_round = 2

[moderation]
form = "meeting"
quorum = 3
subject_expert = true
evidence_rounds = 1

[clocks]
submit_within = "P12M"
remind_submit = ["P1M", "P7D"]
screen_within = "10 working days"
return_within = "P10D"
accept_within = "5 working days"
assess_within = "15 working days"
remind_assess = ["5 working days"]
assign_again_after = "P1D"
moderate_within = "P30D"
evidence_within = "P14D"
remind_evidence = ["P7D"]
final_review_after = "P14D"
review_within = "P7D"
results_within = "P21D"
validity = "P3Y"
remind_validity = ["P12M", "P6M", "P1M"]

[fees]
currency = "GBP"

[[fees.items]]
kind = "registration"
due = "registration"
by = "size_band"
amounts = { small = 20000, large = 100000 }

[[fees.items]]
kind = "submission"
due = "submission"
amount = 150000

[[fees.items]]
kind = "reaccreditation"
due = "reaccreditation"
amount = 90000

[reaccreditation]
criteria = ["2.1"]
areas_for_consideration = true
"""
SCHEME = read_scheme(SOURCE)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday, in winter time."""
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

LEAD, PROVIDER, WINDOW = derived_id("person", "lead"), derived_id("provider", "one"), derived_id("window", "one")
CASE, AWARD, MEETING = derived_id("submission", "one"), derived_id("accreditation", "one"), derived_id("meeting", "one")


def utc(text: str) -> datetime:
    """`2026-03-02 12:00` as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def text(body: str) -> TextRef:
    """What an event says of this text."""
    return TextRef(id=derived_id("text", body), digest=sha256(body.encode()).hexdigest())


def fold(evolve: Callable[[State, Any], State], state: State, events: Iterable[Any]) -> State:
    """The state after these events."""
    for event in events:
        state = evolve(state, event)
    return state


def says_all(refusal: Refused) -> None:
    """A refusal says which rule it is, what of, why, and what would be allowed."""
    assert all((refusal.rule, refusal.field, refusal.reason, refusal.allowed)), refusal


@contextmanager
def refused(rule: str, *, field: str | None = None, match: str | None = None) -> Iterator[None]:
    """What is done inside is refused by this rule; the refusal says why, and what would be allowed."""
    with pytest.raises(Refused, match=match) as caught:
        yield
    refusal = caught.value
    assert refusal.rule == rule, f"refused by {refusal.rule}: {refusal}"
    says_all(refusal)
    if field:
        assert refusal.field == field
    assert rule in str(refusal)


def member(name: str, *roles: str, at: datetime = NOON, conflicts: Sequence[str] = (), **known: Any) -> Person:
    """A person with these roles in the scheme, trained for them, who has signed; expert in science unless told."""
    given: list[people.PersonEvent] = [
        people.PersonRegistered(
            person=derived_id("person", name), **{"subjects": ("science",), "phases": ("primary",), **known}
        ),
        people.NonDisclosureSigned(),
        *(people.RoleGiven(role=role, scheme=None if role == "officer" else SCHEME.id) for role in roles),
    ]
    for role, kind in (("assessor", "assessing"), ("moderator", "moderating"), ("chair", "chairing")):
        if role in roles:
            given.append(people.TrainingCompleted(kind=kind, scheme=SCHEME.id, expires_at=at + 3650 * DAY))
    given += [people.ConflictDeclared(provider=provider, kind="declared") for provider in conflicts]
    return fold(people.evolve, Person(), given)


def conflicted(person: Person, provider: str = PROVIDER) -> Person:
    """The person, once they have declared a conflict."""
    return fold(people.evolve, person, people.declare_conflict(person, provider=provider, kind="advised"))


ADA, BEN = member("ada", "assessor"), member("ben", "assessor")
CHAIR, MIA, NIK = member("chair", "chair"), member("mia", "moderator"), member("nik", "moderator")
PANEL = (CHAIR, MIA, NIK)

SAID: Mapping[str, Any] = {
    "id": CASE,
    "scheme": SCHEME,
    "provider": PROVIDER,
    "lead_contact": LEAD,
    "category": "single",
    "subject": "science",
    "phase": "primary",
    "mode": "online",
    "size_band": "small",
    "title": text("A programme"),
    "agreement_accepted": True,
    "at": NOON,
}
"""What is said on registering."""


def after(case: Submission, events: Iterable[e.SubmissionEvent]) -> Submission:
    """The case after these events; there has to be one."""
    happened = list(events)
    assert happened
    return fold(evolve, case, happened)


def registered(**said: Any) -> Submission:
    return after(Submission(), preparation.register(Submission(), **{**SAID, **said}))


def preparing(case: Submission | None = None) -> Submission:
    case = case or registered()
    return after(case, preparation.start_preparation(case))


def answers(criteria: Iterable[str] = SCHEME.criteria, saying: str = "We do") -> list[e.Answer]:
    return [e.Answer(criterion=code, text=text(f"{saying} {code}")) for code in criteria]


def file(criterion: str, **said: Any) -> e.Evidence:
    digest = sha256(criterion.encode()).hexdigest()
    return e.Evidence(
        **{"criterion": criterion, "sha256": digest, "media_type": "application/pdf", "size": 100, **said}
    )


def files(criteria: Iterable[str] = SCHEME.criteria) -> list[e.Evidence]:
    return [file(code) for code in criteria]


def portfolio(case: Submission, **said: Any) -> dict[str, Any]:
    """A whole portfolio, as its lead contact hands it in."""
    criteria = case.registration.criteria
    whole = {"window": WINDOW, "late": False, "answers": answers(criteria), "evidence": files(criteria)}
    return {"by": LEAD, "scheme": SCHEME, "at": NOON + 30 * DAY, **whole, **said}


def submitted(case: Submission | None = None, **said: Any) -> Submission:
    case = case or preparing()
    return after(case, preparation.submit(case, **portfolio(case, **said)))


def screening(case: Submission | None = None) -> Submission:
    case = case or submitted()
    return after(case, preparation.start_screening(case, scheme=SCHEME, at=NOON + 30 * DAY))


def paid(case: Submission) -> Submission:
    for kind in [kind for kind, state in case.fees.items() if state == "due"]:
        case = after(case, preparation.pay_fee(case, kind=kind, amount=case.charges[kind]))
    return case


def returned(case: Submission | None = None) -> Submission:
    case = case or screening()
    reason = text("a page is missing")
    return after(case, preparation.return_portfolio(case, reason=reason, scheme=SCHEME, at=NOON + 31 * DAY))


def in_assessment(case: Submission | None = None) -> Submission:
    case = paid(case or screening())
    return after(case, preparation.pass_screening(case))


def assigned(case: Submission | None = None, *, to: Person = ADA, scheme: Scheme = SCHEME) -> Submission:
    case = case or in_assessment()
    events, chosen = assessment.assign(case, scheme=scheme, assessors=[to], at=NOON + 32 * DAY)
    assert chosen is to
    return after(case, events)


def accepted(case: Submission | None = None, *, by: Person = ADA) -> Submission:
    case = case or assigned(to=by)
    return after(case, assessment.accept(case, by=by, scheme=SCHEME, at=NOON + 33 * DAY))


def findings(levels: Mapping[str, str], why: str = "It shows") -> dict[str, Finding]:
    """A finding on each criterion, citing its file."""
    return {
        code: Finding(level=level, reason=text(f"{why} {code} {level}"), cites=(file(code).sha256,))
        for code, level in levels.items()
    }


def all_at(level: str, **but: str) -> dict[str, str]:
    """Every criterion at this level, but for some: `all_at("high", c21="low")`."""
    return dict.fromkeys(SCHEME.criteria, level) | {f"{name[1]}.{name[2]}": other for name, other in but.items()}


def judged(case: Submission | None = None, levels: Mapping[str, str] | None = None, *, by: Person = ADA) -> Submission:
    case = case or accepted(by=by)
    wanted = levels or dict.fromkeys(case.registration.criteria, "high")
    return after(case, assessment.judge(case, by=by, scheme=SCHEME, findings=findings(wanted)))


def assessed(case: Submission | None = None, levels: Mapping[str, str] | None = None, by: Person = ADA) -> Submission:
    case = judged(case, levels, by=by)
    done = assessment.complete(case, by=by, scheme=SCHEME, minutes_spent=90, at=NOON + 40 * DAY)
    return after(case, done)


def scheduled(*, chair: Person = CHAIR, panel: Sequence[Person] = PANEL, items: Sequence[str] = (CASE,)) -> Meeting:
    planned = meetings.schedule(
        Meeting(),
        id=MEETING,
        scheme=SCHEME.id,
        starts_at=NOON + 45 * DAY,
        chair=chair.id,
        panel=tuple(one.id for one in panel),
        items=tuple(items),
        quorum=SCHEME.quorum,
        at=NOON,
    )
    return fold(meetings.evolve, Meeting(), planned)


def opened(meeting: Meeting | None = None, *, present: Sequence[str] | None = None) -> Meeting:
    meeting = meeting or scheduled()
    there = meeting.panel if present is None else tuple(present)
    begun = meetings.open_meeting(meeting, by=meeting.chair, present=there, at=NOON + 45 * DAY)
    return fold(meetings.evolve, meeting, begun)


def sitting(*, by: Person = CHAIR, panel: Sequence[Person] = PANEL, at: datetime = NOON + 45 * DAY) -> dict[str, Any]:
    """Who sits on an item, and when: what each decision of a panel is given."""
    return {"by": by, "panel": panel, "scheme": SCHEME, "at": at}


def in_moderation(case: Submission | None = None, meeting: Meeting | None = None) -> Submission:
    case = case or assessed()
    return after(case, moderation.start(case, meeting=meeting or opened(), **sitting()))


def confirmed(case: Submission | None = None, **sits: Any) -> Submission:
    """Every criterion not yet moderated is confirmed."""
    case = case or in_moderation()
    levels = {code: case.judgements[code] for code in case.registration.criteria if code not in case.moderated}
    same = {code: Finding(level=level) for code, level in levels.items()}
    return after(case, moderation.moderate(case, **sitting(**sits), findings=same))


def asked(case: Submission | None = None, criteria: Sequence[str] = ("1.2",)) -> Submission:
    case = case or confirmed()
    asking = moderation.request_evidence(case, **sitting(), criteria=criteria, wanted=text("more, please"))
    return after(case, asking)


def responded(case: Submission | None = None) -> Submission:
    case = case or asked()
    said = {"answers": answers(case.asked, "And we do"), "evidence": [], "at": NOON + 50 * DAY}
    return after(case, moderation.provide_evidence(case, by=LEAD, scheme=SCHEME, **said))


def in_review(case: Submission | None = None) -> Submission:
    case = case or responded()
    return after(case, moderation.open_final_review(case, scheme=SCHEME, at=NOON + 60 * DAY))


def reviewed(case: Submission | None = None) -> Submission:
    case = confirmed(case or in_review(), at=NOON + 60 * DAY)
    return after(case, moderation.conclude_review(case, **sitting(at=NOON + 60 * DAY)))


def decided(case: Submission | None = None) -> Submission:
    case = case or confirmed()
    return after(case, decision.decide(case, **sitting(at=NOON + 61 * DAY)))


def shortfalls(case: Submission, lacking: str = "evidence") -> list[e.Shortfall]:
    assert case.outcome
    return [e.Shortfall(criterion=code, lacking=lacking, missing=text(f"{code} lacks")) for code in case.outcome.unmet]


def approved(case: Submission | None = None) -> Submission:
    case = case or decided()
    said = {"shortfalls": shortfalls(case), "at": NOON + 62 * DAY}
    return after(case, decision.approve_report(case, by=CHAIR, scheme=SCHEME, **said))


def released(case: Submission | None = None) -> Submission:
    case = case or approved()
    return after(case, decision.release_result(case))


def withdrawn(case: Submission | None = None) -> Submission:
    case = case or preparing()
    return after(case, preparation.withdraw(case, by=LEAD, reason=text("no time")))


def lapsed(case: Submission | None = None) -> Submission:
    case = case or preparing()
    assert case.clock
    return after(case, preparation.lapse(case, at=case.clock.due_at))


def ineligible(case: Submission | None = None) -> Submission:
    case = case or screening()
    return after(case, preparation.find_ineligible(case, reason=text("not our field")))


STAGES: Mapping[str, Callable[[], Submission]] = {
    made.__name__: made
    for made in (
        registered, preparing, submitted, screening, returned, in_assessment, assigned, accepted, judged, assessed,
        in_moderation, confirmed, asked, responded, in_review, reviewed, decided, approved, released, withdrawn, lapsed,
        ineligible,
    )
}  # fmt: skip
"""A submission at each of its stages, and between them, by the name of how it got there."""


def all_but(*stages: str) -> list[str]:
    """The names of all stages but these."""
    assert set(stages) <= set(STAGES)
    return [name for name in STAGES if name not in stages]


def scheme(**changes: Any) -> Scheme:
    """The scheme with some of its rules changed."""
    return replace(SCHEME, **changes)
