"""Work taken from an assessor before it is done, in the transaction of what makes it so; the rule then chooses again.

Source: handbook, section 5, and "Who did not decide".
"""

from domain.person import release_work
from domain.submission.handover import end_early, end_for_conflict
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer, release_assessor
from services.sample import choose_again
from services.standardisation import leave_sessions


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
    """Take all that a person has in hand of a provider from them, since they have a conflict with it.

    They are taken off the standardisation sessions to come that look at its cases, too.
    """
    leave_sessions(work, person, provider)
    in_hand = list(work.person(person).in_hand)
    work.load(*in_hand)
    for case in in_hand:
        held = work.submission(case)
        if held.registration.provider != provider:
            continue
        ended = end_for_conflict(held, person=person)
        if ended:
            work.add(person, release_work(work.person(person), submission=case, reason="conflict"))
            work.add(case, ended, scheme=held.registration.scheme)
        else:
            choose_again(work, held, reason="conflict")
