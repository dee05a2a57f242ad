"""Letting records go: asked for by a person or listed by the rules, approved by two others than who proposed it, then done.

Source: handbook, Retention. Events are never deleted; what goes are typed texts, and names and addresses.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from itertools import combinations
from typing import Final

from domain.clocks import Calendar
from domain.person import Person
from domain.refusals import refuse
from domain.retention import events as e
from domain.retention.state import APPROVED, CHECKED, DONE, KEEPING, PROPOSED, REQUESTED, Retention
from domain.retention_policy import RetentionPolicy
from domain.tasks import ALL, Task, named, set_task
from domain.texts import TextRef

ANSWER: Final = "answer-erasure-within"
APPROVE: Final = "approve-letting-go-within"
LET_GO: Final = "let-go-within"
REST: Final = "erase-rest-on"


def digest_of_all(
    texts: Sequence[str], fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str]] = ()
) -> str:
    """The hex SHA-256 of what goes: ids of texts, letters and looks, subjects with names of fields, cases with SHA-256, in order, one a line."""
    lines = sorted([*texts, *(f"{subject} {name}" for subject, name in [*fields, *files])])
    return sha256("\n".join(lines).encode()).hexdigest()


def request(
    held: Retention, *, id: str, subject: str, by: str, received_at: datetime, policy: RetentionPolicy,
    calendar: Calendar, at: datetime,
) -> list[e.ErasureRequested]:  # fmt: skip
    """Note that somebody asked to be erased; the answer is due so long after it was received."""
    if held.id:
        return []
    if received_at > at:
        raise refuse("dates-past", "it was not received yet", field="received_at", allowed="an instant that has come")
    answer = set_task(
        ANSWER,
        who="quality-manager",
        start=received_at,
        within=policy.answer_within,
        calendar=calendar,
        remind=policy.remind_answer,
        told="board",
    )
    return [e.ErasureRequested(retention=id, subject=subject, by=by, received_at=received_at, sets=(answer,))]


def check_requester(held: Retention, *, by: Person, means: str, policy: RetentionPolicy) -> list[e.RequesterChecked]:
    """Note how it was made sure that the request comes from whom it is about; not by that person."""
    _require(held, REQUESTED, CHECKED, "a request that has come in")
    if by.had_part(_asking(held)):
        raise refuse(
            "not-for-oneself",
            "nobody vouches for their own request",
            field="actor",
            allowed="somebody else of the body",
        )
    if means not in policy.checks:
        raise refuse("erasure-checks", f"{means!r} is no such means", field="means", allowed=", ".join(policy.checks))
    return [] if held.stage == CHECKED else [e.RequesterChecked(by=by.id, means=means)]


def propose(
    held: Retention, *, id: str, policy_ref: str, by: Person, due_by: datetime, items: Sequence[e.Item],
    kept: Sequence[e.KeptBack], providers: Sequence[str], digest: str, policy: RetentionPolicy, calendar: Calendar,
    at: datetime,
) -> list[e.LettingGoProposed]:  # fmt: skip
    """Propose that what the rules let go by `due_by` (UTC) goes: a new list, or what a checked request comes to."""
    if held.id and held.stage == PROPOSED and (held.digest, held.proposed_by) == (digest, by.id):
        return []
    if held.id:
        _require(held, CHECKED, PROPOSED, "a request whose sender was checked")
        _require_not_about(held, by)
    if due_by > at:
        raise refuse("dates-past", "what is not due yet is not listed", field="on", allowed="an instant that has come")
    if not items and not held.subject:
        raise refuse("something-to-go", "the rules let nothing go by then", field="on", allowed="a later date")
    task = set_task(APPROVE, who="board", start=at, within=policy.approve_within, calendar=calendar)
    return [
        e.LettingGoProposed(
            retention=id,
            policy=policy_ref,
            by=by.id,
            due_by=due_by,
            items=tuple(items),
            kept=tuple(kept),
            providers=tuple(providers),
            digest=digest,
            sets=(task,),
        )
    ]


def approve(
    held: Retention, *, by: Person, before: Sequence[Person], policy: RetentionPolicy, calendar: Calendar, at: datetime
) -> list[e.LettingGoApproved]:
    """Approve what was proposed; with the second of two people, neither of whom proposed it, it is to be carried out.

    `before` are who proposed it and who approved it already: two accounts of one human are one.
    """
    if by.id in held.approved_by:
        return []
    _require(held, PROPOSED, PROPOSED, "a list that is proposed and not yet approved by two")
    _require_other(held, by)
    _require_two_others(held, [by, *before])
    if not held.approved_by:
        return [e.LettingGoApproved(by=by.id, sets=(), ends=())]
    task = set_task(LET_GO, who="quality-manager", start=at, within=policy.let_go_within, calendar=calendar)
    return [e.LettingGoApproved(by=by.id, sets=(task,), ends=(named(APPROVE),))]


def decline(held: Retention, *, by: Person, reason: TextRef) -> list[e.LettingGoDeclined]:
    """Decide, with a reason, that nothing goes: of a list that is proposed or approved, or of a request."""
    if held.stage not in (REQUESTED, CHECKED, PROPOSED, APPROVED):
        raise _out_of_order(held, "a list or a request that is not done with")
    _require_other(held, by)
    return [e.LettingGoDeclined(by=by.id, reason=reason, ends=(ALL,))]


def let_go(
    held: Retention, *, by: Person, before: Sequence[Person], texts: Sequence[str], fields: Sequence[tuple[str, str]],
    kept: Sequence[e.KeptBack], files: Sequence[tuple[str, str]] = (),
    policy: RetentionPolicy, calendar: Calendar, at: datetime,
) -> list[e.RecordsLetGo]:  # fmt: skip
    """Let go what was approved and nothing keeps now: these texts, fields and files, which the same transaction erases.

    `before` are who proposed it and the two who approved it, who are still two others, whatever was found out since.

    What is kept of a person who asked falls due when its ground ends, or is looked at again; of a list nothing is left over,
    since what was kept is in the next one.
    """
    if held.stage == DONE:
        return []
    _require(held, APPROVED, KEEPING, "what two people have approved")
    _require_not_about(held, by)
    _require_two_others(held, before)
    rest = _rest(kept, policy, calendar, at) if held.subject and kept else ()
    if not (texts or fields or files) and rest and at < _ground_ends(held, at):
        return []
    return [
        e.RecordsLetGo(
            by=by.id,
            texts=len(texts),
            fields=len(fields),
            digest=digest_of_all(texts, fields, files),
            kept=tuple(kept),
            files=len(files),
            sets=rest,
            ends=(ALL,),
        )
    ]


def _rest(kept: Sequence[e.KeptBack], policy: RetentionPolicy, calendar: Calendar, at: datetime) -> tuple[Task, ...]:
    """The task to erase what was kept, from when the first ground ends, or is to be looked at again where it has no date."""
    dated = [one.ends_at for one in kept if one.ends_at is not None]
    again = [calendar.after(at, policy.look_again_after)] if len(dated) < len(kept) else []
    first = min([*dated, *again])
    due_at = calendar.due(first, policy.let_go_within)
    return (Task(rule=REST, due_at=due_at, who="quality-manager", remind_at=(first,)),)


def _ground_ends(held: Retention, at: datetime) -> datetime:
    """When what was kept of this person is to be looked at next; now, where nothing was kept yet."""
    running = held.tasks.running.get(REST)
    return min(running.remind_at, default=running.due_at) if running else at


def _require(held: Retention, one: str, other: str, allowed: str) -> None:
    if held.stage not in (one, other):
        raise _out_of_order(held, allowed)


def _out_of_order(held: Retention, allowed: str) -> Exception:
    stands = held.stage or "not there"
    return refuse("letting-go-order", f"this is {stands}", field="case", allowed=allowed)


def _asking(held: Retention) -> set[str]:
    """Whom a request is about, and who noted it."""
    return {held.subject, held.requested_by} - {""}


def _require_not_about(held: Retention, by: Person) -> None:
    if by.had_part({held.subject} - {""}):
        raise refuse("not-for-oneself", "this is about them", field="actor", allowed="somebody else of the body")


def _require_two_others(held: Retention, people: Sequence[Person]) -> None:
    """Refuse where those who proposed and approved are not each another human, or one of them asked for it.

    Who only asked for it may propose what it comes to.
    """
    if any(one.had_part(other.ids) for one, other in combinations(people, 2)) or any(
        one.id != held.proposed_by and one.had_part(_asking(held)) for one in people
    ):
        raise refuse(
            "two-others-approve",
            "two of those who propose and approve it are one, under two accounts, or it is about one of them",
            field="actor",
            allowed="two others: of the board, quality managers or officers; or declining it, and proposing it anew",
        )


def _require_other(held: Retention, by: Person) -> None:
    """Who decides neither proposed it nor is it about them."""
    if by.had_part({held.proposed_by} - {""}):
        raise refuse(
            "two-others-approve",
            "who proposed it does not decide it",
            field="actor",
            allowed="two others: of the board, quality managers or officers",
        )
    if by.had_part(_asking(held)):
        raise refuse("not-for-oneself", "this is about them", field="actor", allowed="somebody whom it is not about")
