"""Learning from a case: who had a part is asked when its result is told, answers if they like, and is left alone otherwise.

Source: handbook, section 14.
"""

from collections.abc import Mapping

from domain import learning
from domain.ids import derived_id
from domain.learning import Learning
from domain.person import require_known
from domain.submission.state import Submission
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command
from services.watching import by_process


def learning_id(case: str) -> str:
    """The id of what is asked about this case."""
    return derived_id("learning", case)


def send_questionnaires(work: Work, case: Submission) -> None:
    """Ask everyone who had a part, in the transaction that tells the result; each of them once."""
    id, scheme = learning_id(case.id), work.scheme(case.registration.scheme)
    sent = learning.send(work.state(id), id=id, case=case, scheme=scheme, at=work.command.at)
    work.add(id, sent, scheme=scheme.ref)


@permitted
def answer_questionnaire(
    office: Office,
    command: Command,
    *,
    case: str,
    scores: Mapping[str, int],
    minutes_spent: int,
    comment: str | None = None,
) -> Receipt:
    """Answer the questionnaire `case` (a `learning_id`): scores from 1 to 5, minutes, a comment. By who was asked, as what.

    Who has the role no longer in which they had a part may still answer.
    """

    def step(work: Work) -> None:
        held: Learning = work.state(require_kind(case, "learning"))
        require_known(work.person(command.actor), field="actor")
        said = work.text(comment, field="comment", subject=command.actor) if comment else None
        answered = learning.answer(
            held, by=command.actor, role=command.role, scores=scores, comment=said, minutes_spent=minutes_spent
        )
        work.add(case, answered, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


def close_learning(office: Office, command: Command, *, case: str) -> Receipt:
    """Let what was not answered in time lapse. By its process."""
    return by_process(office, command, case, lambda held: learning.close(held, at=command.at))
