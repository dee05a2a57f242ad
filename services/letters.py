"""What officers do to letters before and after they go: hold back, let go, send now, note that one came back.

Each stands in the case that the letter is about, with its reason. Source: handbook, Letters.
"""

from collections.abc import Callable, Sequence

from domain import letter_events
from domain.accreditation import Accreditation
from domain.ids import is_id, kind_of
from domain.letter_events import LetterEvent, held_back
from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.submission.state import Submission
from domain.tasks import Matter
from domain.texts import TextRef
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command, Letter, Post
from services.schemes import by_installer
from services.watching import matter_of

Deciding = Callable[[frozenset[str], Letter, TextRef], Sequence[LetterEvent]]


@permitted
def hold_letter(office: Office, command: Command, *, case: str, letter: str, reason: str, post: Post) -> Receipt:
    """Hold a letter back that waits to be sent, or the reminder planned under this id, until it is released. By an officer."""

    def decide(held: frozenset[str], found: Letter, why: TextRef) -> Sequence[LetterEvent]:
        return letter_events.hold(held, letter=letter, state=found.state, reason=why)

    return _edit(office, command, decide, case=case, letter=letter, reason=reason, post=post)


@permitted
def release_letter(office: Office, command: Command, *, case: str, letter: str, reason: str, post: Post) -> Receipt:
    """Let a letter go that was held back; a planned reminder then goes when its time comes. By an officer."""

    def decide(held: frozenset[str], _: Letter, why: TextRef) -> Sequence[LetterEvent]:
        return letter_events.release(held, letter=letter, reason=why)

    return _edit(office, command, decide, case=case, letter=letter, reason=reason, post=post)


@permitted
def send_letter_now(office: Office, command: Command, *, case: str, letter: str, reason: str, post: Post) -> Receipt:
    """Send a letter at once: one that is held or waits, one that could not be sent, or a reminder before its time.

    By an officer. What was sent ahead of its time is not sent again when that comes.
    """

    def decide(_: frozenset[str], found: Letter, why: TextRef) -> Sequence[LetterEvent]:
        return letter_events.send_now(letter=letter, state=found.state, planned=found.planned, reason=why)

    return _edit(office, command, decide, case=case, letter=letter, reason=reason, post=post)


@permitted
def note_bounce(office: Office, command: Command, *, case: str, letter: str, reason: str, post: Post) -> Receipt:
    """Note that a letter which was sent came back, and what the notice says. By an officer, or from the command line."""

    def decide(_: frozenset[str], found: Letter, why: TextRef) -> Sequence[LetterEvent]:
        return letter_events.bounce(letter=letter, state=found.state, reason=why)

    return _edit(office, command, decide, case=case, letter=letter, reason=reason, post=post)


def _edit(
    office: Office, command: Command, decide: Deciding, *, case: str, letter: str, reason: str, post: Post
) -> Receipt:
    def step(work: Work) -> None:
        _require_part(work, case)
        found = post.letter(case, letter) if is_id(letter, "letter") else None
        if found is None:
            raise refuse(
                "known-letter",
                "no such letter is planned or was written here",
                field="letter",
                allowed="the id of a letter of this case, as the list of letters shows it",
            )
        held = held_back(one.event for one in work.entries[case])
        events = decide(held, found, work.text(reason, field="reason", subject=case))
        if not events:
            work.texts.clear()
        work.add(case, events, scheme=_scheme(_state(work, case)))

    return carry_out(office, command, case, step=step)


def _require_part(work: Work, case: str) -> None:
    """Refuse who has a conflict with whose affair the case is, or is a party to the matter; and a case that there is not."""
    state = _state(work, case)
    scheme = _scheme(state)
    if by_installer(work.command):
        return
    actor = work.acts(scheme.partition("@")[0] if scheme else None)
    owner = state.registration.provider if isinstance(state, Submission) else state.provider
    if owner:
        require_no_conflict(actor, owner, case=case, roles=(work.command.role,))
    if isinstance(state, Matter) and actor.had_part(state.parties):
        raise refuse(
            "parties-never-administer",
            "this person administers nothing of this matter",
            field="actor",
            allowed="somebody else who may: " + ", ".join(work.roles("none")),
        )


def _state(work: Work, case: str) -> Submission | Accreditation | Matter:
    """The state of a submission, an award or a matter that exists."""
    if kind_of(case) == "submission":
        return work.submission(case)
    held: Accreditation | Matter = matter_of(work, case)
    return held


def _scheme(state: Submission | Accreditation | Matter) -> str | None:
    return (state.registration.scheme if isinstance(state, Submission) else state.scheme) or None
