"""Moderation, further evidence and final review. Source: handbook, sections 6 and 7.

An assessor never moderates or decides their own case, and no one with a conflict takes part.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from domain.clocks import Deadline
from domain.meeting import Meeting
from domain.person import Person, require_no_conflict
from domain.qualification import Seated, lacks, qualified
from domain.refusals import Refused, refuse
from domain.scheme import Scheme, require_level
from domain.submission import events as e
from domain.submission import indicators
from domain.submission.assessment import Finding, require_judged_here
from domain.submission.preparation import check_evidence, manifest_of, require_provider
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef

OPEN = (Stage.IN_MODERATION, Stage.FINAL_REVIEW)
RESULTS = "results-within"
"""The rule of the clock for the result."""
PANEL_ROLES = ("moderator", "chair")
"""The roles in which one sits on a panel."""
ALONE = "independent"
"""The form in which one person moderates, without a meeting."""
FORM_WORDS = {
    "meeting": "a meeting of a chair and a panel",
    "award-panel": "an award panel",
    ALONE: "one independent person, without a meeting",
}


def may_moderate(case: Submission, person: Person, scheme: Scheme, at: datetime) -> bool:
    """May this member of a panel take part in this item at `at`?"""
    return not left_out(case, person, scheme, at)


def left_out(case: Submission, person: Person, scheme: Scheme, at: datetime) -> str:
    """Why this member of a panel may not take part in this item at `at`, in words; empty where they may.

    Not its assessors, nor anyone excluded because of an appeal, with a conflict, without the role, without valid training,
    or who has not signed.
    """
    if not any(person.holds(role, scheme.id, at) for role in ("moderator", "chair")):
        return "not authorised for this scheme"
    if person.had_part({case.assessor, *case.former_assessors, *case.calibrators}):
        return "assessed this case"
    if person.had_part(case.excluded):
        return "had a part in what an appeal set aside, or heard it"
    if person.kept_from(case.registration.provider, case=case.id, roles=PANEL_ROLES):
        return "conflict with the provider"
    return lacks(person, "moderator", scheme, at=at)


def start(
    case: Submission, *, meeting: Meeting, by: Person, panel: Sequence[Person], scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Take the item up in an opened meeting, with the members present who may take part in it.

    Refused, and so adjourned, where too few are left or the chair is not among them.
    """
    if case.moderation and case.moderation.meeting == meeting.id:
        return []
    require_form(scheme, alone=False)
    if case.stage is not Stage.AWAITING_MODERATION:
        raise wrong_stage(case, "moderation", Stage.AWAITING_MODERATION)
    if case.id not in meeting.items or case.listed not in (None, meeting.id):
        raise refuse(
            "meeting-items", "this submission is not an item of the meeting", field="submission", allowed="its items"
        )
    if not meeting.present or meeting.signed:
        raise refuse(
            "meeting-order",
            "the meeting is over, its minutes are signed" if meeting.signed else "the meeting was not opened",
            field="meeting",
            allowed="another meeting" if meeting.signed else "opening it first",
        )
    require_chair(case, by, meeting.chair, scheme, at)
    why = {one.id: left_out(case, one, scheme, at) or _absent(one, meeting) for one in panel}
    left = [one for one in panel if not why[one.id]]
    require_quorum(case, left, scheme)
    seen = tuple(seat(case, one, by=by, scheme=scheme, at=at, left_out=why[one.id]) for one in panel)
    return [started(case, meeting=meeting.id, by=by, panel=left, seen=seen, scheme=scheme, at=at)]


def _absent(person: Person, meeting: Meeting) -> str:
    return "" if person.id in meeting.present else "not present"


def seat(case: Submission, person: Person, *, by: Person, scheme: Scheme, at: datetime, left_out: str = "") -> Seated:
    """What is kept of a member of the panel of an item that `by` leads."""
    role = "chair" if person.id == by.id and scheme.moderation_form != ALONE else "moderator"
    return Seated(
        person=person.id,
        verdict=left_out or "seated",
        expert=case.registration.subject in person.subjects,
        qualified=qualified(person, role, scheme, at=at),
    )


def started(
    case: Submission,
    *,
    meeting: str,
    by: Person,
    panel: Sequence[Person],
    seen: tuple[Seated, ...],
    scheme: Scheme,
    at: datetime,
) -> e.ModerationStarted:
    """The event of taking an item up, with the clock for the result: from now, or where the scheme says so from the visit.

    What is moderated after an appeal has the whole time again, however long ago the visit was.
    """
    from_visit = scheme.route.results_from_visit and not case.superseded
    counts_from = case.visit_at if from_visit and case.visit_at else at
    return e.ModerationStarted(
        meeting=meeting,
        chair=by.id,
        panel=tuple(one.id for one in panel),
        results=scheme.deadline("results_within", counts_from),
        review_from=scheme.calendar.after(at, scheme.clocks.final_review_after),
        seen=seen,
    )


def require_form(scheme: Scheme, *, alone: bool) -> None:
    """Refuse a form of moderation that is not the scheme's, saying which is."""
    form = scheme.moderation_form
    if alone != (form == ALONE):
        raise refuse(
            "moderation-form",
            f"{scheme.ref} is moderated by {FORM_WORDS[form]}",
            field="form",
            allowed=f"the form {form}",
        )


def leads(scheme: Scheme) -> str:
    """The role in which an item is led: its chair's, or that of the one person who moderates it."""
    return "moderator" if scheme.moderation_form == ALONE else "chair"


def require_chair(case: Submission, by: Person, chair: str, scheme: Scheme, at: datetime) -> None:
    """Refuse anyone but the chair; and a chair who assessed the case, has a conflict, or is not trained to chair.

    Whoever moderates alone is their own chair, and needs no training to chair.
    """
    role = leads(scheme)
    require_no_part(case, by, role)
    if by.id != chair:
        raise refuse("meeting-chair", "only the chair of this item does that", field="actor", allowed="its chair")
    missing = lacks(by, "chair", scheme, at=at) if role == "chair" else ""
    if missing:
        raise refuse(
            "trained-chair",
            f"this chair may not lead it now: {missing}",
            field="actor",
            allowed="a chair trained for this scheme",
        )


def require_no_part(case: Submission, by: Person, role: str) -> None:
    """Refuse a person who assessed the case, under any account, has a conflict with its provider, or is excluded by an appeal.

    Scrutiny can be arranged for a conflict, to act in `role`; for having assessed it, never.
    """
    if by.had_part({case.assessor, *case.former_assessors, *case.calibrators}):
        raise refuse(
            "assessor-never-moderates",
            "this person assessed this case",
            field="actor",
            allowed="a chair who had no part in the assessment",
        )
    require_no_conflict(by, case.registration.provider, case=case.id, roles=(role,))
    require_not_excluded(case, by)


def require_not_excluded(case: Submission, by: Person) -> None:
    """Refuse a person who had a part in what an appeal set aside, or in hearing that appeal, under any account."""
    if by.had_part(case.excluded):
        raise refuse(
            "appeal-excludes",
            "this person had a part in what an appeal set aside, or in hearing it",
            field="actor",
            allowed="somebody who had none",
        )


def require_quorum(case: Submission, panel: Sequence[Person], scheme: Scheme) -> None:
    """Refuse an item with too few people who may take part, or none with expertise in its subject."""
    if len(panel) < scheme.quorum:
        raise refuse(
            "item-quorum",
            f"only {len(panel)} people who may take part in this item are present",
            field="present",
            allowed=f"at least {scheme.quorum}, trained, signed and without a conflict; adjourn the item",
        )
    if scheme.subject_expert and not any(case.registration.subject in one.subjects for one in panel):
        raise refuse(
            "item-expertise",
            f"nobody on this item is expert in {case.registration.subject}",
            field="present",
            allowed="a panel with subject expertise; adjourn the item",
        )


def has_quorum(case: Submission, panel: Sequence[Person], scheme: Scheme) -> bool:
    """Are these enough to go on with the item?"""
    with suppress(Refused):
        require_quorum(case, panel, scheme)
        return True
    return False


def moderate(
    case: Submission,
    *,
    by: Person,
    panel: Sequence[Person],
    scheme: Scheme,
    findings: Mapping[str, Finding],
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Confirm or change judgements: the same level confirms, another one changes and needs a reason.

    Indicators that are not named stay as they are.
    """
    require_open(case, "moderating", by=by, panel=panel, scheme=scheme, at=at)
    recorded: list[e.SubmissionEvent] = []
    for code, finding in findings.items():
        require_judged_here(case, scheme, code)
        require_level(scheme, finding.level, field=f"judgements.{code}.level")
        before = case.judgements[code]
        if case.stage is Stage.FINAL_REVIEW and code not in case.asked:
            raise refuse(
                "review-what-was-asked",
                f"no evidence was asked on {code}",
                field=f"judgements.{code}",
                allowed=", ".join(case.asked),
            )
        signs_before = case.indicators.get(code, ())
        signs = indicators.changed(scheme, code, signs_before, finding.indicators)
        if (finding.level, signs) == (before, signs_before):
            if code not in case.moderated:
                recorded.append(e.JudgementConfirmed(criterion=code, level=before))
        elif finding.reason is None:
            raise refuse(
                "change-needs-reason",
                f"{code} would change {_from_to(before, finding.level)} without a reason",
                field=f"judgements.{code}.reason",
                allowed="a text",
            )
        else:
            recorded.append(
                e.JudgementChanged(
                    criterion=code, before=before, level=finding.level, reason=finding.reason, indicators=signs
                )
            )
    return recorded


def _from_to(before: str, level: str) -> str:
    return f"from {before} to {level}" if level != before else "in its indicators"


def require_open(
    case: Submission, what: str, *, by: Person, panel: Sequence[Person], scheme: Scheme, at: datetime
) -> None:
    """Refuse a step on what is not before a panel, or is by anyone but its chair, or has lost its quorum."""
    if case.stage not in OPEN or case.moderation is None:
        raise wrong_stage(case, what, *OPEN)
    require_chair(case, by, case.moderation.chair, scheme, at)
    members = case.moderation.panel
    require_quorum(case, [one for one in panel if one.id in members and may_moderate(case, one, scheme, at)], scheme)


def request_evidence(
    case: Submission,
    *,
    by: Person,
    panel: Sequence[Person],
    scheme: Scheme,
    criteria: Sequence[str],
    wanted: TextRef,
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Ask for more on named criteria, once; the clock for the result stops meanwhile."""
    if case.stage is Stage.EVIDENCE_REQUESTED and set(criteria) == set(case.asked):
        return []
    require_open(case, "asking for further evidence", by=by, panel=panel, scheme=scheme, at=at)
    if case.requests >= scheme.evidence_rounds:
        raise refuse(
            "one-evidence-round",
            f"further evidence was asked {case.requests} time(s)",
            field="submission",
            allowed="a decision on what there is",
        )
    if not criteria:
        raise refuse("evidence-criteria", "no criterion is named", field="criteria", allowed="one or more criteria")
    for code in criteria:
        require_judged_here(case, scheme, code)
    require_all_moderated(case)
    left = (case.results.due_at - at).total_seconds() if case.results else 0.0
    return [
        e.EvidenceRequested(
            criteria=tuple(dict.fromkeys(criteria)),
            wanted=wanted,
            clock=scheme.deadline("evidence_within", at, scheme.clocks.remind_evidence),
            results_left=left,
        )
    ]


def require_all_moderated(case: Submission) -> None:
    """Refuse what can only be done once every criterion was confirmed or changed."""
    left = [code for code in case.registration.criteria if code not in case.moderated]
    if left:
        raise refuse(
            "every-criterion-moderated",
            f"not confirmed or changed yet: {', '.join(left)}",
            field="judgements",
            allowed="confirming or changing each first",
        )


def provide_evidence(
    case: Submission,
    *,
    by: str,
    scheme: Scheme,
    answers: Sequence[e.Answer],
    evidence: Sequence[e.Evidence],
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Answer the panel's request, in time, on the criteria it named."""
    require_provider(case, by)
    if case.response is not None:
        if manifest_of(answers, evidence) == manifest_of(case.response.answers, case.response.evidence):
            return []
        raise refuse(
            "evidence-once", "the request was answered already", field="submission", allowed="to wait for the review"
        )
    if case.stage is not Stage.EVIDENCE_REQUESTED or case.clock is None:
        raise wrong_stage(case, "providing further evidence", Stage.EVIDENCE_REQUESTED)
    if at > case.clock.due_at:
        raise refuse(
            "evidence-within",
            f"the date passed at {case.clock.due_at.isoformat()}",
            field="submission",
            allowed="nothing more; the panel reviews what there is",
        )
    check_evidence(evidence, scheme, case.asked)
    texts = [answer.criterion for answer in answers]
    answered = {*texts, *(one.criterion for one in evidence)}
    if not answered or answered - set(case.asked) or len(texts) != len(set(texts)):
        raise refuse(
            "evidence-criteria",
            "this does not answer the request",
            field="answers",
            allowed=f"one answer, files or both for any of {', '.join(case.asked)}",
        )
    return [e.EvidenceProvided(answers=tuple(answers), evidence=tuple(evidence))]


def review_opens_at(case: Submission) -> datetime | None:
    """When the final review opens (UTC): once answered or overdue, and not before about two weeks after the meeting."""
    if case.stage is not Stage.EVIDENCE_REQUESTED or case.moderation is None:
        return None
    if case.clock is None:
        return case.moderation.review_from
    return max(case.clock.due_at, case.moderation.review_from)


def open_final_review(case: Submission, *, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Open the final review when its time has come, noting an answer that did not come in time."""
    opens_at = review_opens_at(case)
    if opens_at is None or at < opens_at:
        return []
    unanswered: list[e.SubmissionEvent] = []
    if not case.answered and case.clock is not None:
        unanswered = [e.EvidenceNotProvided(due_at=case.clock.due_at)]
    left = case.results_left or 0.0
    overdue = max((due_at for rule, due_at in case.missed if rule == RESULTS), default=None)
    # What was overdue, and told of, when the clock stopped is so under the same date, and not told of again.
    results = Deadline(rule=RESULTS, due_at=overdue if overdue and left <= 0 else at + timedelta(seconds=left))
    return [*unanswered, e.FinalReviewOpened(clock=scheme.deadline("review_within", at), results=results)]


def conclude_review(
    case: Submission, *, by: Person, panel: Sequence[Person], scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """End the final review once the panel has looked again at each criterion it asked about."""
    if case.review_concluded:
        return []
    if case.stage is not Stage.FINAL_REVIEW:
        raise wrong_stage(case, "concluding the final review", Stage.FINAL_REVIEW)
    require_open(case, "concluding the final review", by=by, panel=panel, scheme=scheme, at=at)
    require_all_moderated(case)
    return [e.FinalReviewConcluded()]
