"""What a second result of a submission does to the award that its first one made. Source: handbook, section 12 and Remedies."""

from domain.accreditation.award import earned_by
from domain.accreditation.remedy import follow_result
from domain.ids import derived_id
from domain.submission.state import Submission
from services.office import Work


def accreditation_of(case: Submission) -> str:
    """The id of the award that a submission earns, renews or raises, whether it has done so or not."""
    return case.registration.accreditation or derived_id("accreditation", case.id)


def supersede(work: Work, case: Submission) -> bool:
    """Let the award follow what a submission came to after an appeal set its first result aside.

    False where it had earned nothing: what it earns now is earned as ever.
    """
    if not case.superseded:
        return False
    id = accreditation_of(case)
    award = work.accreditation(id)
    if not earned_by(award, case.id):
        return False
    scheme = work.scheme(case.registration.scheme)
    followed = follow_result(
        award,
        submission=case.id,
        appeal=case.superseded[-1].appeal,
        level=case.outcome.level if case.outcome else None,
        strengths=case.strengths,
        scheme=scheme,
        decided_at=case.approved_at or work.command.at,
        noted_at=work.command.at,
    )
    work.add(id, followed, scheme=award.scheme)
    return True
