"""A concern is reviewed by someone who did not raise it, and the review may suspend, reduce, withdraw or reinstate.

Source: handbook, section 10, and Who did not decide. Suspended means not valid for that time; withdrawn is for good.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from domain.accreditation import events as e
from domain.accreditation.confirmation import certificates_due, changes_waiting
from domain.accreditation.state import Accreditation, Concern, evolve, require_accreditation, require_running
from domain.clocks import Deadline, DeadlineMissed
from domain.person import Person, require_no_conflict
from domain.qualification import lacks_to_review
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import Task, named, set_task
from domain.texts import TextRef

KINDS = ("quality", "badge-misuse", "change-not-notified", "conduct", "other")
"""What a concern may be about."""
SAME_FOR = timedelta(days=1)
"""For how long the same words of the public about one award are one concern."""
FINDINGS = ("no_action", "suspend", "reduce", "withdraw", "reinstate")
OFFICER = "officer"
MANAGER = "quality-manager"
REVIEWERS = (OFFICER, "moderator", "chair")
"""The roles of which a reviewer holds one."""
REVIEW = "review-concern-within"
"""The rule of the clock of a review."""
TAKE_UP = "take-up-concern-within"
"""The rule of the clock of a concern that nobody reviews yet."""
ANSWER = "answer-concern-within"
"""The rule of the task to tell who raised a concern what came of it; about the concern."""


def raise_concern(
    award: Accreditation,
    *,
    id: str,
    raised_by: str | None,
    entered_by: str | None = None,
    text: TextRef,
    kind: str = "quality",
    reachable: bool = False,
    from_public: bool = False,
    scheme: Scheme,
    at: datetime,
) -> list[e.AccreditationEvent]:
    """Raise a concern, also about an award that is over: what it says of the past may matter to others.

    `entered_by` is who entered one that came from outside; `reachable`: an address was left for the answer. It is to be
    taken up in the scheme's time, but for one about what was withdrawn, which is not reviewed any more.
    """
    require_accreditation(award)
    if id in award.concerns:
        return []
    if kind not in KINDS:
        raise refuse("concern-kinds", f"{kind!r} is no kind of concern", field="kind", allowed=", ".join(KINDS))
    due_at = scheme.calendar.due(at, scheme.concern_taken_up)
    clock = Deadline(rule=TAKE_UP, due_at=due_at) if award.withdrawn_at is None else None
    answers = clock is None and (raised_by is not None or reachable)
    return [
        e.ConcernRaised(
            concern=id,
            raised_by=raised_by,
            text=text,
            clock=clock,
            entered_by=entered_by,
            kind=kind,
            reachable=reachable,
            same_until_at=at + SAME_FOR if from_public else None,
            sets=(_answer(id, scheme, at),) if answers else (),
        )
    ]


def open_review(
    award: Accreditation, *, concern: str, reviewer: Person, took_part: Collection[str], scheme: Scheme, at: datetime
) -> list[e.AccreditationEvent]:
    """Have a concern reviewed, or go on with another reviewer until the same date.

    A reviewer did not raise it, is in no conflict, and did not assess what earned the award (`took_part`). A suspension can
    be reviewed again.
    """
    held = _concern(award, concern)
    if award.withdrawn_at is not None:
        require_running(award, "a review", at)
    if held.reviewer == reviewer.id:
        return []
    if not any(reviewer.holds(role, scheme.id, at) for role in REVIEWERS):
        raise refuse(
            "reviewer-role",
            "this person reviews nothing under this scheme",
            field="reviewer",
            allowed=f"someone who is {', '.join(REVIEWERS)} here",
        )
    _require_may_decide(award, held, reviewer, took_part)
    _require_trained(reviewer, scheme, at, "reviewer")
    if held.clock is None and held.finding is not None and not _suspends(award, concern):
        raise refuse(
            "concern-concluded",
            "the review of this concern is concluded",
            field="concern",
            allowed="a new concern, or one whose suspension lasts",
        )
    clock = held.clock if held.reviewer else None
    clock = clock or Deadline(rule=REVIEW, due_at=scheme.calendar.due(at, scheme.concern_review))
    return [e.ReviewOpened(concern=concern, reviewer=reviewer.id, clock=clock, ends=answer_due(award, concern))]


def conclude_review(
    award: Accreditation,
    *,
    concern: str,
    by: Person,
    took_part: Collection[str] = (),
    finding: str,
    reason: TextRef,
    level: str | None = None,
    scope: TextRef | None = None,
    scheme: Scheme,
    standing: Scheme | None = None,
    at: datetime,
) -> list[e.AccreditationEvent]:
    """Conclude the review with a finding, which takes effect at once. By its reviewer.

    `level` (lower than the present one), `scope`, or both say to what a finding of `reduce` reduces the award. `standing` is
    the version under which the award in force was earned, whose levels these are; `scheme` the one it was earned under last.
    """
    held = _concern(award, concern)
    if finding not in FINDINGS:
        raise refuse("review-findings", f"{finding!r} is no finding", field="finding", allowed=", ".join(FINDINGS))
    _require_may_decide(award, held, by, took_part)
    if held.clock is None and held.finding == finding:
        return []
    if held.reviewer != by.id:
        raise refuse(
            "reviewer-concludes",
            "this person is not reviewing this concern",
            field="actor",
            allowed="the reviewer, once a review is open",
        )
    _require_trained(by, scheme, at, "actor")
    consequences = _consequences(
        award,
        concern=concern,
        finding=finding,
        level=level,
        scope=scope,
        scheme=scheme,
        standing=standing or scheme,
        at=at,
    )
    sets = (_answer(concern, scheme, at),) if held.answerable else ()
    return [e.ReviewConcluded(concern=concern, finding=finding, reason=reason, sets=sets), *consequences]


def _consequences(
    award: Accreditation,
    *,
    concern: str,
    finding: str,
    level: str | None,
    scope: TextRef | None,
    scheme: Scheme,
    standing: Scheme,
    at: datetime,
) -> list[e.AccreditationEvent]:
    if finding != "no_action":
        require_running(award, f"to {finding}", at)
    match finding:
        case "suspend":
            suspended = _suspends(award, concern)
            return [] if suspended else [e.AccreditationSuspended(concern=concern, suspended_from=at)]
        case "reinstate":
            if not _suspends(award, concern):
                raise refuse(
                    "reinstate-suspended",
                    "this concern suspends nothing",
                    field="finding",
                    allowed="a concern whose suspension lasts",
                )
            reinstated = e.AccreditationReinstated(concern=concern, reinstated_from=at)
            return [reinstated, *certificates_due(evolve(award, reinstated), at=at)]
        case "reduce":
            _require_less(award, level, scope, standing, at)
            lowers = _above(level, standing, scheme) if level else ()
            return [e.AccreditationReduced(concern=concern, level=level, scope=scope, reduced_from=at, lowers=lowers)]
        case "withdraw":
            open_ = [one.id for one in award.concerns.values() if one.clock and one.answerable and one.id != concern]
            sets = tuple(_answer(one, scheme, at) for one in open_)
            return [
                e.AccreditationWithdrawn(concern=concern, withdrawn_from=at, sets=sets, ends=changes_waiting(award))
            ]
        case _:
            return []


def hand_back(award: Accreditation, *, person: str, scheme: Scheme, at: datetime) -> list[e.AccreditationEvent]:
    """Take the reviews that a person has in hand from them, since they have a conflict: each is to be taken up again in time."""
    clock = Deadline(rule=TAKE_UP, due_at=scheme.calendar.due(at, scheme.concern_taken_up))
    return [
        e.ReviewerRelieved(concern=one.id, reviewer=person, because="conflict", clock=clock)
        for one in award.concerns.values()
        if one.reviewer == person
    ]


def answer_concern(
    award: Accreditation, *, concern: str, by: Person, text: TextRef, at: datetime
) -> list[e.AccreditationEvent]:
    """Tell who raised a concern what came of it, once it is concluded. By who concluded its review, or an officer.

    Not where nobody known raised it and no address was left; and not by who raised it, or who has a conflict.
    """
    held = _concern(award, concern)
    _require_may_decide(award, held, by, ())
    if held.answered == text.id:
        return []
    if not held.answerable:
        raise refuse(
            "concern-answerable",
            "nobody left an address",
            field="concern",
            allowed="a concern of somebody to be reached",
        )
    if held.clock is not None or (held.finding is None and award.withdrawn_at is None):
        raise refuse(
            "concern-concluded-first", "this concern is not concluded", field="concern", allowed="concluding its review"
        )
    if by.id != held.decided_by and not by.holds(OFFICER, award.scheme.partition("@")[0], at):
        raise refuse(
            "concern-answer-by",
            "this person did not review the concern",
            field="actor",
            allowed="who concluded its review, or an officer",
        )
    if held.answered is not None:
        raise refuse("concern-answered", "the answer was given", field="concern", allowed="a concern not answered yet")
    return [e.ConcernAnswered(concern=concern, text=text, ends=answer_due(award, concern))]


def answer_due(award: Accreditation, concern: str) -> tuple[str, ...]:
    """The name of the task to answer who raised a concern, if it runs."""
    name = named(ANSWER, concern)
    return (name,) if name in award.tasks.running else ()


def _answer(concern: str, scheme: Scheme, at: datetime) -> Task:
    return set_task(
        ANSWER,
        about=concern,
        who=OFFICER,
        start=at,
        within=scheme.concern_answered,
        calendar=scheme.calendar,
        remind=scheme.remind_answer,
        told=MANAGER,
    )


def said_lately(award: Accreditation, *, at: datetime) -> list[TextRef]:
    """What the public said of this award lately: the same words again are no other concern."""
    recent = (one for one in award.concerns.values() if one.same_until_at and at < one.same_until_at)
    return [one.said for one in recent if one.said]


def miss_review(award: Accreditation, *, at: datetime) -> list[e.AccreditationEvent]:
    """Tell operations of the concerns that nobody took up in time, and of the reviews overdue; once for each deadline."""
    overdue = [one.clock for one in award.concerns.values() if one.clock and one.clock.due_at <= at]
    late = sorted({(clock.rule, clock.due_at) for clock in overdue} - award.missed)
    return [DeadlineMissed(rule=rule, due_at=due_at) for rule, due_at in late]


def _concern(award: Accreditation, concern: str) -> Concern:
    require_accreditation(award)
    if concern not in award.concerns:
        allowed = "the id of a concern about this award"
        raise refuse("known-concern", "there is no such concern", field="concern", allowed=allowed)
    return award.concerns[concern]


def _suspends(award: Accreditation, concern: str) -> bool:
    return any(one.concern == concern and one.ends_at is None for one in award.suspensions)


def _require_may_decide(award: Accreditation, concern: Concern, person: Person, took_part: Collection[str]) -> None:
    require_no_conflict(person, award.provider, case=award.id, roles=REVIEWERS)
    if person.had_part({concern.raised_by, concern.entered_by}):
        raise refuse(
            "raiser-never-decides",
            "this person raised or entered the concern, and does not decide it",
            field="reviewer",
            allowed="someone who neither raised nor entered it",
        )
    if person.had_part(took_part):
        raise refuse(
            "assessor-never-reviews",
            "this person assessed what earned the award",
            field="reviewer",
            allowed="someone who did not assess it",
        )


def _require_trained(person: Person, scheme: Scheme, at: datetime, field: str) -> None:
    held = [role for role in REVIEWERS if person.holds(role, scheme.id, at)]
    if problem := lacks_to_review(person, held, scheme, at=at):
        raise refuse(
            "qualified-reviewer",
            f"this person lacks something at this time: {problem}",
            field=field,
            allowed="somebody who has all that the scheme asks of who reviews a concern, or making up for it first",
        )


def _above(level: str, *versions: Scheme) -> tuple[str, ...]:
    """The levels above this one in each of the versions that know it."""
    known = [one for one in versions if one.rank(level) >= 0]
    above = (award.name for one in known for award in one.awards if one.rank(award.name) > one.rank(level))
    return tuple(dict.fromkeys(above))


def _require_less(award: Accreditation, level: str | None, scope: TextRef | None, scheme: Scheme, at: datetime) -> None:
    held = award.level_on(at)
    lower = [one.name for one in scheme.awards if held is not None and scheme.rank(one.name) < scheme.rank(held)]
    if level is not None and level not in lower:
        raise refuse(
            "reduce-to-less",
            f"{level!r} is not lower than the level held",
            field="level",
            allowed=", ".join(lower) or "a narrower scope; there is no lower level",
        )
    if level is None and scope is None:
        raise refuse(
            "reduce-to-less", "it is not said to what", field="level", allowed="a lower level, a narrower scope or both"
        )
