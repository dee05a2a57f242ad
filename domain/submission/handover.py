"""A case taken from its assessor before the work is done: by an officer for a stated reason, or by a conflict, at once.

Source: handbook, section 5, and "Who did not decide". The rule then chooses somebody else, and never the same again.
"""

from domain.submission import events as e
from domain.submission.state import Stage, Submission, require_registered, wrong_stage
from domain.texts import TextRef


def end_early(case: Submission, *, why: TextRef) -> list[e.AssignmentEnded]:
    """Relieve the assessor, also before any deadline has passed; nothing where nobody has the case."""
    require_registered(case)
    if case.stage is not Stage.IN_ASSESSMENT:
        raise wrong_stage(case, "ending the assignment", Stage.IN_ASSESSMENT)
    if case.assessor is None:
        return []
    return [e.AssignmentEnded(assessor=case.assessor, reason="reassigned", why=why)]


def end_for_conflict(case: Submission, *, person: str, reason: str = "conflict") -> list[e.AssignmentEnded]:
    """End the assignment of a person who has a conflict with the provider, or whose account is closed; what they finished before is left to the panel."""
    if case.stage is not Stage.IN_ASSESSMENT or case.assessor != person:
        return []
    return [e.AssignmentEnded(assessor=person, reason=reason)]
