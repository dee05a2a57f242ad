"""Assignment and assessment by a single assessor. Source: handbook, section 5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.assignment import choose_assessor
from domain.person import AT_A_TIME, Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme, require_criterion, require_level
from domain.submission import booking, indicators
from domain.submission import events as e
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an assessor or a panel makes of one criterion, and of its indicators (level by code).

    `reason` is the rationale, or why a judgement was changed.
    """

    level: str
    reason: TextRef | None = None
    cites: tuple[str, ...] = ()
    indicators: Mapping[str, str] = field(default_factory=dict)


def assign(
    case: Submission,
    *,
    scheme: Scheme,
    assessors: Sequence[Person],
    before: frozenset[str] = frozenset(),
    at: datetime,
) -> tuple[list[e.SubmissionEvent], Person | None]:
    """Assign an assessor by the rule; return the events and the person chosen, whose capacity is then to be taken.

    `before` assessed the award that it is to earn again, and may not now. Where nobody is eligible that is recorded once, with the reasons, until what is seen of the people changes.
    """
    if case.stage is not Stage.IN_ASSESSMENT or case.assessor or case.portfolio is None:
        return [], None
    chosen, considered = choose_assessor(
        assessors,
        scheme=scheme,
        submission=case.id,
        provider=case.registration.provider,
        subject=case.registration.subject,
        phase=case.registration.phase,
        window=round_of(case),
        excluded=case.former_assessors | case.advisers | case.calibrators,
        before=before,
        appealed=case.excluded,
        at=at,
    )
    if chosen is None:
        if case.clock and at < case.clock.due_at:
            return [], None
        return [e.NobodyEligible(considered=considered, clock=scheme.deadline("assign_again_after", at))], None
    clock = scheme.deadline("accept_within", at)
    return [e.AssessorAssigned(assessor=chosen.id, considered=considered, clock=clock)], chosen


def round_of(case: Submission) -> str:
    """The round that an assessment counts towards: its window's, or that of all that one has in hand of this scheme.

    What an appeal opened again comes long after its window's round.
    """
    window = case.portfolio.window if case.portfolio and not case.superseded else ""
    return window or f"{AT_A_TIME}{case.scheme_id}"


def accept(case: Submission, *, by: Person, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Take the work on."""
    require_assessor(case, by)
    if case.accepted:
        return []
    if case.stage is not Stage.IN_ASSESSMENT:
        raise wrong_stage(case, "accepting", Stage.IN_ASSESSMENT)
    return [e.AssignmentAccepted(assessor=by.id, clock=booking.work_clock(case, scheme, at=at))]


def decline(case: Submission, *, by: Person) -> list[e.SubmissionEvent]:
    """Say no to the work, or give it back before it is done; whoever has a conflict may do that too."""
    if by.id in case.former_assessors and case.assessor != by.id:
        return []
    if case.assessor != by.id:
        require_assessor(case, by)
    if case.stage is not Stage.IN_ASSESSMENT:
        raise wrong_stage(case, "declining", Stage.IN_ASSESSMENT)
    return [e.AssignmentEnded(assessor=by.id, reason="declined")]


def take_back(case: Submission, *, reason: str, at: datetime) -> list[e.SubmissionEvent]:
    """Take the case from an assessor who did not answer, or not assess, in time; nothing before the deadline.

    Who has accepted did answer: a process that learns of it only afterwards takes nothing from them.
    """
    if reason == "not-answered" and case.accepted:
        return []
    if case.stage is not Stage.IN_ASSESSMENT or case.assessor is None or case.clock is None or at < case.clock.due_at:
        return []
    return [e.AssignmentEnded(assessor=case.assessor, reason=reason)]


def require_assessor(case: Submission, by: Person) -> None:
    """Refuse anyone but the assigned assessor, and the assessor too once they have a conflict."""
    require_no_conflict(by, case.registration.provider, case=case.id, roles=("assessor",))
    if case.assessor != by.id:
        raise refuse(
            "assigned-assessor", "only the assigned assessor does that", field="actor", allowed="the assigned assessor"
        )


def judge(case: Submission, *, by: Person, scheme: Scheme, findings: Mapping[str, Finding]) -> list[e.SubmissionEvent]:
    """Judge one or more criteria on the scheme's scale, each with a rationale that cites evidence of the portfolio."""
    require_assessor(case, by)
    if case.stage is not Stage.IN_ASSESSMENT or case.portfolio is None:
        raise wrong_stage(case, "judging", Stage.IN_ASSESSMENT)
    if not case.accepted:
        raise refuse(
            "accept-first", "the assignment was not accepted", field="submission", allowed="accepting it first"
        )
    known = frozenset(one.sha256 for one in case.portfolio.evidence)
    recorded: list[e.SubmissionEvent] = []
    for code, finding in findings.items():
        rationale = require_finding(code, finding, criteria=case.registration.criteria, scheme=scheme, known=known)
        judged = e.JudgementRecorded(
            criterion=code,
            level=finding.level,
            rationale=rationale,
            cites=finding.cites,
            indicators=indicators.judged(scheme, code, finding.indicators),
        )
        if case.first.get(code) != judged:
            recorded.append(judged)
    return recorded


def require_finding(
    code: str, finding: Finding, *, criteria: Sequence[str], scheme: Scheme, known: frozenset[str]
) -> TextRef:
    """Return the rationale of a judgement that is on the scale and cites the portfolio's files (`known`); refuse others."""
    _require_one_of(criteria, scheme, code)
    require_level(scheme, finding.level, field=f"judgements.{code}.level")
    if finding.reason is None:
        raise refuse(
            "judgement-rationale", f"no rationale for {code}", field=f"judgements.{code}.reason", allowed="a text"
        )
    strange = [one for one in finding.cites if one not in known]
    if strange or (known and not finding.cites):
        raise refuse(
            "judgement-cites-evidence",
            f"{code} cites {'evidence that is not in the portfolio' if strange else 'no evidence'}",
            field=f"judgements.{code}.cites",
            allowed="SHA-256 digests of files in the portfolio",
        )
    return finding.reason


def require_judged_here(case: Submission, scheme: Scheme, code: str) -> None:
    """Refuse a criterion that the scheme does not have, or that this submission is not judged on."""
    _require_one_of(case.registration.criteria, scheme, code)


def _require_one_of(criteria: Sequence[str], scheme: Scheme, code: str) -> None:
    require_criterion(scheme, code, field=f"judgements.{code}")
    if code not in criteria:
        raise refuse(
            "judged-criteria",
            f"{code} is not judged in this submission",
            field=f"judgements.{code}",
            allowed=", ".join(criteria),
        )


def complete(
    case: Submission, *, by: Person, scheme: Scheme, minutes_spent: int, areas: Sequence[str] = (), at: datetime
) -> list[e.SubmissionEvent]:
    """Finish the assessment once every criterion is judged.

    Criteria at the top of the scale are its strengths; those below, and those that the assessor names (`areas`), are areas
    for consideration.
    """
    require_assessor(case, by)
    if case.assessed:
        return []
    if case.stage is not Stage.IN_ASSESSMENT:
        raise wrong_stage(case, "completing the assessment", Stage.IN_ASSESSMENT)
    missing = [code for code in case.registration.criteria if code not in case.judgements]
    if missing:
        raise refuse(
            "every-criterion-judged",
            f"not judged yet: {', '.join(missing)}",
            field="judgements",
            allowed="a judgement of each criterion first",
        )
    if scheme.route.visit and case.visit is None:
        raise refuse(
            "visit-before-judgement", "the visit was not held", field="submission", allowed="holding the visit first"
        )
    if minutes_spent < 1:
        raise refuse("minutes-spent", "the assessment took no time", field="minutes_spent", allowed="1 or more minutes")
    named, top = named_areas(case, scheme, areas), scheme.scale[-1]
    strong = [code for code in case.registration.criteria if case.judgements[code] == top and code not in named]
    return [
        e.AssessmentCompleted(
            assessor=by.id,
            minutes_spent=minutes_spent,
            strengths=tuple(strong),
            areas=tuple(code for code in case.registration.criteria if code not in strong),
            named=named,
            clock=scheme.deadline("moderate_within", at),
        )
    ]


def named_areas(case: Submission, scheme: Scheme, areas: Sequence[str]) -> tuple[str, ...]:
    """Return the criteria named as areas for consideration, in the scheme's order; refuse what is not judged here."""
    for code in areas:
        require_criterion(scheme, code, field="areas")
        if code not in case.registration.criteria:
            raise refuse(
                "judged-criteria",
                f"{code} is not judged in this submission",
                field="areas",
                allowed=", ".join(case.registration.criteria),
            )
    return tuple(code for code in case.registration.criteria if code in areas)
