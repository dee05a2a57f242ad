"""Letting records go: asked for by a person or listed by the rules, approved by two others than who proposed it, then done.

Source: handbook, Retention. Events are never deleted; what goes are typed texts, and names and addresses.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
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
DECIDERS: Final = ("quality-manager", "officer", "board")
"""The roles that may propose, approve, decline and carry out."""


def digest_of_all(texts: Sequence[str], fields: Sequence[tuple[str, str]]) -> str:
    """The hex SHA-256 of what goes: the ids of texts, and subjects with the names of fields, in order, one a line."""
    lines = sorted([*texts, *(f"{subject} {name}" for subject, name in fields)])
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


def check_requester(
    held: Retention, *, by: str, means: str, policy: RetentionPolicy, aliases: Collection[str] = ()
) -> list[e.RequesterChecked]:
    """Note how it was made sure that the request comes from whom it is about; not by that person, under any account."""
    _require(held, REQUESTED, CHECKED, "a request that has come in")
    if not {held.subject, held.requested_by}.isdisjoint({by, *aliases}):
        raise refuse(
            "not-for-oneself",
            "nobody vouches for their own request",
            field="actor",
            allowed="somebody else of the body",
        )
    if means not in policy.checks:
        raise refuse("erasure-checks", f"{means!r} is no such means", field="means", allowed=", ".join(policy.checks))
    return [] if held.stage == CHECKED else [e.RequesterChecked(by=by, means=means)]


def propose(
    held: Retention, *, id: str, policy_ref: str, by: str, due_by: datetime, items: Sequence[e.Item],
    kept: Sequence[e.KeptBack], providers: Sequence[str], digest: str, policy: RetentionPolicy, calendar: Calendar,
    at: datetime,
) -> list[e.LettingGoProposed]:  # fmt: skip
    """Propose that what the rules let go by `due_by` (UTC) goes: a new list, or what a checked request comes to."""
    if held.id and held.stage == PROPOSED and (held.digest, held.proposed_by) == (digest, by):
        return []
    if held.id:
        _require(held, CHECKED, PROPOSED, "a request whose sender was checked")
        if by == held.subject:
            raise refuse("not-for-oneself", "this is about them", field="actor", allowed="somebody else of the body")
    if due_by > at:
        raise refuse("dates-past", "what is not due yet is not listed", field="on", allowed="an instant that has come")
    if not items and not held.subject:
        raise refuse("something-to-go", "the rules let nothing go by then", field="on", allowed="a later date")
    task = set_task(APPROVE, who="board", start=at, within=policy.approve_within, calendar=calendar)
    return [
        e.LettingGoProposed(
            retention=id,
            policy=policy_ref,
            by=by,
            due_by=due_by,
            items=tuple(items),
            kept=tuple(kept),
            providers=tuple(providers),
            digest=digest,
            sets=(task,),
        )
    ]


def approve(
    held: Retention,
    *,
    by: str,
    policy: RetentionPolicy,
    calendar: Calendar,
    at: datetime,
    aliases: Collection[str] = (),
) -> list[e.LettingGoApproved]:
    """Approve what was proposed; with the second of two people, neither of whom proposed it, it is to be carried out.

    `aliases` are other accounts of the same human, who counts once.
    """
    if not {by, *aliases}.isdisjoint(held.approved_by):
        return []
    _require(held, PROPOSED, PROPOSED, "a list that is proposed and not yet approved by two")
    _require_other(held, {by, *aliases})
    if not held.approved_by:
        return [e.LettingGoApproved(by=by, sets=(), ends=())]
    task = set_task(LET_GO, who="quality-manager", start=at, within=policy.let_go_within, calendar=calendar)
    return [e.LettingGoApproved(by=by, sets=(task,), ends=(named(APPROVE),))]


def decline(held: Retention, *, by: str, reason: TextRef, aliases: Collection[str] = ()) -> list[e.LettingGoDeclined]:
    """Decide, with a reason, that nothing goes: of a list that is proposed or approved, or of a request."""
    if held.stage not in (REQUESTED, CHECKED, PROPOSED, APPROVED):
        raise _out_of_order(held, "a list or a request that is not done with")
    _require_other(held, {by, *aliases})
    return [e.LettingGoDeclined(by=by, reason=reason, ends=(ALL,))]


def let_go(
    held: Retention, *, by: str, texts: Sequence[str], fields: Sequence[tuple[str, str]], kept: Sequence[e.KeptBack],
    policy: RetentionPolicy, calendar: Calendar, at: datetime,
) -> list[e.RecordsLetGo]:  # fmt: skip
    """Let go what was approved and nothing keeps now: these texts and fields, which the same transaction erases.

    What is kept of a person who asked falls due when its ground ends, or is looked at again; of a list nothing is left over,
    since what was kept is in the next one.
    """
    if held.stage == DONE:
        return []
    _require(held, APPROVED, KEEPING, "what two people have approved")
    if by == held.subject:
        raise refuse("not-for-oneself", "this is about them", field="actor", allowed="somebody else of the body")
    rest = _rest(kept, policy, calendar, at) if held.subject and kept else ()
    if not texts and not fields and rest and at < _ground_ends(held, at):
        return []
    return [
        e.RecordsLetGo(
            by=by,
            texts=len(texts),
            fields=len(fields),
            digest=digest_of_all(texts, fields),
            kept=tuple(kept),
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


def require_two(held: Retention, people: Collection[Person]) -> None:
    """Refuse what two accounts approved that were since found to be one human, or that of who proposed it or is its subject.

    `people` are all of these, as they are now.
    """
    parties = {one for one in (*held.approved_by, held.proposed_by, held.subject) if one}
    if any(one.had_part(parties - {one.id}) for one in people):
        raise refuse(
            "two-others-approve",
            "two of those who proposed and approved it, or whom it is about, are one human",
            field="case",
            allowed="declining it; what may go can be proposed again",
        )


def _require_other(held: Retention, accounts: Collection[str]) -> None:
    """Who decides neither proposed it nor is it about them, under any of their accounts."""
    if held.proposed_by in accounts:
        raise refuse(
            "two-others-approve",
            "who proposed it does not decide it",
            field="actor",
            allowed="two others: of the board, quality managers or officers",
        )
    if held.subject in accounts or held.requested_by in accounts:
        raise refuse("not-for-oneself", "this is about them", field="actor", allowed="somebody whom it is not about")
