"""The preview of a finished portfolio, and the visit: who is met, by whom, when, and what is recommended at its end.

Source: handbook, sections 3 and 5 (schemes with a visit). The visitor is the assigned assessor, who has no link to the
provider; a recommendation binds nobody, since the outcome is computed from judgements that others moderate.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.clocks import Deadline
from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme, require_listed
from domain.states import replace
from domain.submission import booking
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.assessment import require_assessor
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef


def pass_preview(case: Submission, *, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Find the finished portfolio fit for the visit."""
    if case.previewed:
        return []
    _require_preview(case, scheme)
    passed = replace(case, previewed=True)
    clock = booking.work_clock(passed, scheme, at=at) if case.accepted else None
    return [v.PreviewPassed(clock=clock)]


def alert(
    case: Submission, *, reason: TextRef, until: datetime, visit_at: datetime | None, scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Find it too weak: say so at once, with more time to prepare, and with another date if one is known already.

    The assessor has the case no longer: who looks at it next has not seen the weak one.
    """
    if case.stage is Stage.PREPARING and case.portfolio and case.submit_by.due_at == until:
        return []
    _require_preview(case, scheme)
    limit = case.submit_by
    if until <= at or until < limit.due_at:
        raise refuse(
            "extension-later",
            "what is recommended would end before the limit, or now",
            field="until",
            allowed=f"a later instant to come, from {limit.due_at.isoformat()}",
        )
    remind_at = scheme.reminders(at, until, scheme.clocks.remind_submit)
    alerted = v.PreviewAlerted(reason=reason, clock=Deadline(rule="submit-within", due_at=until, remind_at=remind_at))
    ended = [e.AssignmentEnded(assessor=case.assessor, reason="preview-alerted")] if case.assessor else []
    rebooked: list[e.SubmissionEvent] = []
    if visit_at is not None:
        before = replace(case, stage=Stage.PREPARING, visit_at=None, limit=alerted.clock, clock=alerted.clock)
        rebooked = booking.book(before, visit_at=visit_at, scheme=scheme, at=at)
    return [*ended, alerted, *rebooked]


def _require_preview(case: Submission, scheme: Scheme) -> None:
    booking.require_route(scheme, "booked")
    if scheme.route.preview_before is None:
        raise refuse(
            "preview-before",
            f"{scheme.ref} has no preview of the portfolio",
            field="submission",
            allowed="the visit or the assessment itself",
        )
    if case.stage not in (Stage.SCREENING, Stage.IN_ASSESSMENT) or case.previewed or case.visit:
        raise wrong_stage(case, "a preview", Stage.SCREENING, Stage.IN_ASSESSMENT)


def agree_people(
    case: Submission, *, groups: Sequence[str], missing: Mapping[str, TextRef], scheme: Scheme
) -> list[e.SubmissionEvent]:
    """Agree whom the visit meets: every group that the scheme names, or a reason for each that it will not."""
    _require_visit(case, scheme)
    wanted = scheme.route.people_to_meet
    for group in (*groups, *missing):
        require_listed(group, wanted, field="groups")
    agreed = v.PeopleToMeetAgreed(
        groups=tuple(group for group in wanted if group in groups),
        left_out=tuple(v.NotMet(group=group, reason=missing[group]) for group in wanted if group in missing),
    )
    if agreed == case.to_meet:
        return []
    unsaid = [group for group in wanted if (group in groups) == (group in missing)]
    if unsaid:
        raise refuse(
            "people-to-meet",
            f"to be met, or not and why not: {', '.join(unsaid)}",
            field="groups",
            allowed=f"each of {', '.join(wanted)} among those to be met, or with a reason",
        )
    if not groups:
        raise refuse("people-to-meet", "nobody is to be met", field="groups", allowed="one or more of the groups")
    return [agreed]


def _require_visit(case: Submission, scheme: Scheme) -> None:
    booking.require_route(scheme, "booked")
    if not scheme.route.visit:
        raise refuse(
            "visit-where-scheme-has-one",
            f"{scheme.ref} has no visit",
            field="submission",
            allowed="assessing the portfolio",
        )
    if case.stage not in booking.BOOKABLE or case.visit:
        raise wrong_stage(case, "preparing or holding a visit", Stage.PREPARING, Stage.IN_ASSESSMENT)


def hold(
    case: Submission,
    *,
    by: Person,
    met: Sequence[str],
    minutes_spent: int,
    recommendation: str | None,
    scheme: Scheme,
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Record the visit, on its date or later, with a recommendation: a level of award, or None for no award."""
    require_assessor(case, by)
    if case.visit:
        return []
    _require_visit(case, scheme)
    if case.stage is not Stage.IN_ASSESSMENT or not case.accepted:
        raise wrong_stage(case, "a visit by who has not accepted the work", Stage.IN_ASSESSMENT)
    if by.had_part(case.advisers):
        raise refuse(
            "visitor-without-link",
            "this person gave guidance on this case",
            field="actor",
            allowed="an assessor without any link to the provider",
        )
    _require_prepared(case, scheme, at)
    for group in met:
        require_listed(group, scheme.route.people_to_meet, field="met")
    if scheme.route.people_to_meet and not met:
        raise refuse("people-to-meet", "nobody was met", field="met", allowed="those of the agreed groups who were met")
    if minutes_spent < 1:
        raise refuse("minutes-spent", "the visit took no time", field="minutes_spent", allowed="1 or more minutes")
    if recommendation is not None:
        require_listed(recommendation, tuple(award.name for award in scheme.awards), field="recommendation")
    return [
        v.VisitHeld(
            assessor=by.id,
            met=tuple(dict.fromkeys(met)),
            minutes_spent=minutes_spent,
            recommendation=recommendation,
            clock=scheme.deadline("assess_within", at, scheme.clocks.remind_assess),
        )
    ]


def _require_prepared(case: Submission, scheme: Scheme, at: datetime) -> None:
    if scheme.route.preview_before and not case.previewed:
        raise refuse(
            "preview-before-visit",
            "nobody has seen the portfolio ahead",
            field="submission",
            allowed="the preview first",
        )
    if scheme.route.people_to_meet and case.to_meet is None:
        raise refuse(
            "people-to-meet",
            "it was not agreed whom to meet",
            field="met",
            allowed="agreeing on the groups first",
        )
    if case.visit_at is None or at < case.visit_at:
        raise refuse(
            "visit-on-date",
            f"the visit is on {case.visit_at.isoformat() if case.visit_at else 'a date not booked yet'}",
            field="at",
            allowed="holding it on its date, or booking another",
        )
