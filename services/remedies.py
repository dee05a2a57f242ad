"""What an upheld appeal does: the first decision is set aside or replaced, and everything that hung on it follows.

Source: handbook, section 12 and Remedies. A remedy is part of the transaction of the appeal's own decision.
"""

from collections.abc import Mapping

from domain.accreditation import Accreditation
from domain.accreditation import remedy as award_remedy
from domain.accreditation.award import earned_by
from domain.accreditation.state import require_accreditation
from domain.submission import remedy as case_remedy
from domain.submission.assessment import Finding
from domain.submission.remedy import REPLACE_DECISION, REVIEW, Remedy, require_fitting
from domain.submission.state import Submission
from domain.texts import TextRef
from services.awards import earn
from services.moderation import pay_for_item
from services.office import Work


def carry_through(
    work: Work,
    *,
    appeal: str,
    case: str,
    contested: str,
    concern: str | None,
    remedy: str,
    excluded: frozenset[str],
    judgements: Mapping[str, Finding],
    reason: TextRef | None = None,
) -> None:
    """Carry the remedy through that the appeal with this id directs; within the transaction of the appeal's decision.

    `case` is the submission, or for a contested `review` the accreditation, then with the `concern`. `excluded` take no
    part in what follows. `judgements` are those that the appeals panel changed, where it replaces a result; the outcome is
    computed. `reason` says why it replaces anything else. Once for each appeal. Raises Refused for what does not fit.
    """
    wanted = Remedy(
        appeal=appeal, contested=contested, remedy=remedy, excluded=excluded, judgements=judgements, reason=reason
    )
    require_fitting(wanted)
    if contested == REVIEW:
        _on_award(work, wanted, case, concern or "")
    else:
        _on_submission(work, wanted, case)


def remedied(state: Submission | Accreditation, appeal: str) -> bool:
    """Has the remedy of this appeal come to its end: a new result released, or at once where a finding was replaced?"""
    if isinstance(state, Submission):
        return case_remedy.remedied(state, appeal)
    return award_remedy.remedied(state, appeal)


def _on_submission(work: Work, wanted: Remedy, case: str) -> None:
    held = work.submission(case)
    scheme = work.scheme(held.registration.scheme)
    events = case_remedy.carry_through(held, wanted=wanted, by=work.command.actor, scheme=scheme, at=work.command.at)
    if not events:
        return
    if held.moderation and held.moderation.meeting and wanted.remedy != REPLACE_DECISION:
        pay_for_item(work, held)  # who signs the minutes later does not find it among the meeting's items any more
    work.add(case, events, scheme=scheme.ref)
    now = work.submission(case)
    failed = held.outcome is None or held.outcome.outcome == "not_awarded"
    fails_still = now.outcome is not None and now.outcome.outcome == "not_awarded"
    if failed and not fails_still:
        _free_of_charge(work, held, wanted.appeal)
    if wanted.remedy != REPLACE_DECISION or now.outcome is None:
        _reopen(work, held, wanted.appeal)


def _free_of_charge(work: Work, case: Submission, appeal: str) -> None:
    """Give back what the further tries were charged that only this decision called for."""
    tries = list(case.linked)
    id = case.registration.accreditation
    if id and case.registration.origin == "reaccreditation":
        registered = list(work.accreditation(id).next)
        work.unmoved.add(id)  # another one may be registered at this moment
        tries += registered[registered.index(case.id) + 1 :] if case.id in registered else []
    work.load(*tries)
    for one in tries:
        further = work.submission(one)
        if further.registration.origin in ("again", "reaccreditation"):
            work.add(one, case_remedy.free_of_charge(further, appeal=appeal), scheme=further.registration.scheme)


def _reopen(work: Work, case: Submission, appeal: str) -> None:
    """Let the award know that a reaccreditation which had ended without renewing it is judged again."""
    id = case.registration.accreditation
    if id is None or case.registration.origin != "reaccreditation":
        return
    award = work.accreditation(id)
    reopened = award_remedy.reopen_reaccreditation(award, submission=case.id, appeal=appeal, at=work.command.at)
    work.add(id, reopened, scheme=award.scheme)


def _on_award(work: Work, wanted: Remedy, id: str, concern: str) -> None:
    award = work.accreditation(id)
    require_accreditation(award)
    if wanted.reason is None:
        raise AssertionError("a remedy of a review has its reason")
    replaced = award_remedy.replace_review(
        award,
        concern=concern,
        appeal=wanted.appeal,
        reason=wanted.reason,
        scheme=work.scheme(award.scheme),
        at=work.command.at,
    )
    work.add(id, replaced, scheme=award.scheme)
    if award.withdrawn_at is not None and replaced and work.accreditation(id).withdrawn_at is None:
        _earn_what_came_meanwhile(work, id)


def _earn_what_came_meanwhile(work: Work, id: str) -> None:
    """Let those submissions renew or raise the award, from now on, whose result came while it was withdrawn."""
    registered = list(work.accreditation(id).next)
    work.load(*registered)
    for one in registered:
        case = work.submission(one)
        if case.released and case.outcome and case.outcome.level and not earned_by(work.accreditation(id), one):
            earn(work, case, case.outcome.level, decided_at=work.command.at)
