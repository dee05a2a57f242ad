"""What an upheld appeal changes in an award: from then on, never backwards, and only what was decided anew.

Source: handbook, section 12 and Remedies. A second result leaves the award as it is, corrects it or ends it; a review whose
finding is replaced suspends, reduces or withdraws nothing any more. What another submission earned stands as it was earned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from domain.accreditation import events as e
from domain.accreditation import remedy_events as r
from domain.accreditation.award import EXTENSION, earned_by
from domain.accreditation.concerns import TAKE_UP, answer_due
from domain.accreditation.confirmation import certificates_due
from domain.accreditation.state import Accreditation, evolve, require_accreditation
from domain.accreditation.superseding import as_it_is_now, without
from domain.accreditation.validity import Period
from domain.clocks import Deadline
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.texts import TextRef

REPLACEABLE = ("suspend", "reduce", "withdraw")
"""The findings of a review that can be contested."""
AGAIN = "earn-again-before-end"


def follow_result(
    award: Accreditation,
    *,
    submission: str,
    appeal: str,
    level: str | None,
    strengths: Sequence[str],
    scheme: Scheme,
    decided_at: datetime,
    noted_at: datetime,
) -> list[e.AccreditationEvent]:
    """Follow the second result of a submission that had earned something: at `level`, or not awarded (None).

    From `decided_at`, when the new report was approved, whenever that is noted. The end stays as it was.
    """
    require_accreditation(award)
    if (submission, appeal) in award.judged_again or not earned_by(award, submission):
        return []
    held = award.earned[submission]
    if level is None or not _raises(award, submission, level, scheme):
        return _annul(award, submission=submission, appeal=appeal, scheme=scheme, at=decided_at, noted_at=noted_at)
    if (held.level, held.strengths) == (level, tuple(strengths)):
        return [r.AwardConfirmed(submission=submission, appeal=appeal)]
    now = {**award.earned, submission: replace(held, level=level, strengths=tuple(strengths))}
    later = as_it_is_now(award.periods, decided_at, earned=now, reductions=award.reductions, scheme=scheme)
    return [
        r.AwardCorrected(
            submission=submission,
            appeal=appeal,
            level=level,
            strengths=tuple(strengths),
            corrected_from=decided_at,
            later=later,
        )
    ]


def _raises(award: Accreditation, submission: str, level: str, scheme: Scheme) -> bool:
    """Whether an upgrade still raises the award at this level; true of what is no upgrade."""
    if submission not in award.before:
        return True
    overtaken = [
        award.earned[one.submission].level for one in award.before[submission].periods if one.submission in award.earned
    ]
    return not overtaken or scheme.rank(level) > scheme.rank(overtaken[-1])


def _annul(
    award: Accreditation, *, submission: str, appeal: str, scheme: Scheme, at: datetime, noted_at: datetime
) -> list[e.AccreditationEvent]:
    """End what a submission had earned; what it had overtaken as an upgrade runs on to its own end."""
    others = [one for one in award.periods if one.submission != submission]
    if submission in award.before and award.withdrawn_at is None:
        others = [*_overtaken(award, submission, others, at), *others]
    later = as_it_is_now(others, at, earned=award.earned, reductions=award.reductions, scheme=scheme)
    clock = _clock(award, later, at)
    annulled = r.AwardAnnulled(submission=submission, appeal=appeal, annulled_from=at, later=later, clock=clock)
    return [annulled, *certificates_due(evolve(award, annulled), at=noted_at)]


def _overtaken(award: Accreditation, submission: str, others: Iterable[Period], at: datetime) -> list[Period]:
    """The periods that an upgrade cut short, until whatever was earned since."""
    kept = [one for one in award.before[submission].periods if not one.extension]
    since = [one.starts_at for one in others if one.ends_at > at and not one.extension]
    until = min(since, default=None)
    cut = [replace(one, ends_at=min(one.ends_at, until)) if until else one for one in kept]
    return [one for one in cut if one.starts_at < one.ends_at]


def _clock(award: Accreditation, later: Sequence[r.PeriodAgain], at: datetime) -> Deadline | None:
    """The clock of the end of what is left, with the reminders still to come unless it is being earned again."""
    if not later:
        return None
    earned = [one for one in later if not one.extension]
    if not earned:
        return Deadline(rule=EXTENSION, due_at=later[-1].ends_at)
    last = max(earned, key=lambda one: one.ends_at)
    remind_at = () if award.pending else tuple(one for one in award.earned[last.submission].remind_at if one > at)
    return Deadline(rule=AGAIN, due_at=last.ends_at, remind_at=remind_at)


def replace_review(
    award: Accreditation, *, concern: str, appeal: str, reason: TextRef, scheme: Scheme, at: datetime
) -> list[e.AccreditationEvent]:
    """Replace the finding of a review by no action: what it suspended, reduced or withdrew is as it was, from `at` on."""
    require_accreditation(award)
    held = award.concerns.get(concern)
    if held is None:
        allowed = "the id of a concern about this award"
        raise refuse("known-concern", "there is no such concern", field="concern", allowed=allowed)
    if (concern, appeal) in award.judged_again:
        return []
    if held.finding not in REPLACEABLE:
        raise refuse(
            "remedy-fits",
            "the review of this concern suspended, reduced and withdrew nothing",
            field="concern",
            allowed=f"a concern whose review found {', '.join(REPLACEABLE)}",
        )
    replaced = r.ReviewReplaced(concern=concern, appeal=appeal, finding=held.finding, reason=reason)
    match held.finding:
        case "suspend":
            return [replaced, *_reinstate(award, concern, at)]
        case "reduce":
            return [replaced, _undo(award, concern, scheme, at)]
        case _:
            return [replaced, *_lift(award, concern, scheme, at)]


def _reinstate(award: Accreditation, concern: str, at: datetime) -> list[e.AccreditationEvent]:
    reinstated = e.AccreditationReinstated(concern=concern, reinstated_from=at)
    return [reinstated, *certificates_due(evolve(award, reinstated), at=at)]


def _undo(award: Accreditation, concern: str, scheme: Scheme, at: datetime) -> r.ReductionUndone:
    left = without(award.reductions, concern)
    later = as_it_is_now(award.periods, at, earned=award.earned, reductions=left, scheme=scheme)
    return r.ReductionUndone(concern=concern, undone_from=at, later=later)


def _lift(award: Accreditation, concern: str, scheme: Scheme, at: datetime) -> list[e.AccreditationEvent]:
    """Let the award run again to its original end, and have the other concerns that were open then taken up."""
    before = award.before[concern]
    periods = [one for one in before.periods if not one.extension or award.pending]
    later = as_it_is_now(periods, at, earned=award.earned, reductions=award.reductions, scheme=scheme)
    lifted = r.WithdrawalLifted(concern=concern, lifted_from=at, later=later, clock=_clock(award, later, at))
    due_at = scheme.calendar.due(at, scheme.concern_taken_up)
    reopened = [
        r.ConcernReopened(concern=one, clock=Deadline(rule=TAKE_UP, due_at=due_at), ends=answer_due(award, one))
        for one in before.open_concerns
    ]
    return [lifted, *certificates_due(evolve(award, lifted), at=at), *reopened]


def reopen_reaccreditation(
    award: Accreditation, *, submission: str, appeal: str, at: datetime
) -> list[e.AccreditationEvent]:
    """Note that a reaccreditation which did not renew the award is judged again.

    Handed in in time, it carries validity on again from now on, as far as it might have before: the time between stays as
    it was. Where nothing is to be carried, it may still renew the award, or earn it anew after its end.
    """
    require_accreditation(award)
    if submission in award.pending or earned_by(award, submission):
        return []
    runs = award.withdrawn_at is None and award.annulled_at is None
    basis, cap = award.carried.get(submission, (None, at))
    begins = max(at, award.earned_until)
    carried = award.extended and award.ends_at > at  # by another one
    ends = cap if runs and basis == award.earned_until and not carried and begins < cap else None
    clock = Deadline(rule=AGAIN, due_at=award.earned_until) if runs and at < award.earned_until else None
    if ends and at >= award.earned_until:
        clock = Deadline(rule=EXTENSION, due_at=ends)
    return [
        r.ReaccreditationReopened(
            submission=submission,
            appeal=appeal,
            extension_starts_at=begins if ends else None,
            extension_ends_at=ends,
            clock=clock,
        )
    ]


def remedied(award: Accreditation, appeal: str) -> bool:
    """Has the remedy that this appeal directed been carried through on the award? A finding is replaced at once."""
    return any(one == appeal for _, one in award.judged_again)
