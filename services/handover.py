"""Work taken from an assessor before it is done, in the transaction of what makes it so; the rule then chooses again.

Source: handbook, section 5, and "Who did not decide".
"""

from collections.abc import Callable
from typing import Final

from domain.submission.handover import end_early
from services import appeals, complaint_handling
from services.acting import permitted
from services.leaving import leave_case
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer, release_assessor
from services.standardisation import leave_sessions

LEAVING: Final[tuple[Callable[[Work, str, str], None], ...]] = (
    appeals.leave,
    complaint_handling.leave,
    leave_sessions,
)
"""What else takes a person (the second argument) off all that is a provider's affair (the third): a function of each part
where people take part otherwise than by a task of theirs, such as on a panel, which has to be made up again.
"""


@permitted
def end_assignment(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """End an assignment early, for a stated reason. By an officer without a conflict."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        ended = end_early(held, why=why)
        if ended:
            release_assessor(work, held, "reassigned")
        work.add(case, ended, scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def end_work(work: Work, person: str, provider: str) -> None:
    """Take a person off everything of a provider, wherever they are in it, since they have a conflict with it.

    What each is then handed on to is the rule's, another's or nobody's yet. Nothing of that provider may begin or move
    meanwhile; then everything is looked at again.
    """
    cases = sorted({*work.provider(provider).cases, *work.person(person).in_hand})
    work.load(*cases)
    work.unmoved.update({provider, *cases})
    for leave in LEAVING:
        leave(work, person, provider)
    for case in cases:
        leave_case(work, person, provider, case)
