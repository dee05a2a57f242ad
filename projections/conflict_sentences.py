"""Plain sentences for conflicts, the facts they are found from, linked accounts and arrangements of scrutiny; see `sentences`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import conflicts, linked, scrutiny
from projections.words import counted, people, plain, task, time, token

_SOURCES: Final = {"said": "the person said so", "noted": "the office noted it", "on-record": "the record shows it"}


def _fact(event: Any) -> str:
    until = f"until {time(event.until_at)}" if event.until_at else "and still"
    with_whom = token("provider", event.provider)
    return f"{plain(event.kind)}, {with_whom}, from {time(event.from_at)} {until}"


def _recorded(event: conflicts.FactRecorded) -> str:
    return (
        f"Fact {event.number} was recorded: {_fact(event)}; {_SOURCES.get(event.source, plain(event.source))}."
        " Any conflict found from it blocks from now on."
    )


def _corrected(event: conflicts.FactCorrected) -> str:
    said = f"Fact {event.number} was corrected: {_fact(event) if event.stands else 'it does not stand'}"
    return f"{said}: {token('text', event.reason.id)}" if event.reason else f"{said}; the record shows it."


def _linked(event: linked.AccountsLinked) -> str:
    had = f"{counted(len(event.declared), 'conflict')} and {counted(len(event.facts), 'fact')}"
    return (
        f"The account of {people(event.aliases)} was found to be the same person's; its {had} count here:"
        f" {token('text', event.reason.id)}"
    )


def _approved(event: scrutiny.ScrutinyApproved) -> str:
    said = f"{token('person', event.approver)} approved the scrutiny"
    if event.until_at is None:
        return f"{said}; one more is to approve it."
    return f"{said}, which is granted until {time(event.until_at)}."


def _ended(event: scrutiny.ScrutinyEnded) -> str:
    if event.reason:
        return f"The scrutiny was ended: {token('text', event.reason.id)}"
    return f"The scrutiny was ended because of {plain(event.because)}."


SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    conflicts.ConflictDeclared: lambda o: (
        f"A conflict of interest with {token('provider', o.provider)} was declared: {plain(o.kind)}."
    ),
    conflicts.ConflictLifted: lambda o: (
        f"The conflict with {token('provider', o.provider)} ({plain(o.kind)}), declared in error, was lifted:"
        f" {token('text', o.reason.id)}"
    ),
    conflicts.FactRecorded: _recorded,
    conflicts.FactCorrected: _corrected,
    conflicts.ScrutinyGranted: lambda o: (
        f"The person may act as {plain(o.role)} in {token('case', o.case)} in spite of a conflict, until"
        f" {time(o.until_at)}; {token('person', o.scrutineer)} scrutinises it."
    ),
    conflicts.ScrutinyRevoked: lambda _: "What was granted under scrutiny is over.",
    linked.AccountsLinked: _linked,
    linked.AccountClosed: lambda o: (
        f"The account was closed: it is the same person's as that of {token('person', o.goes_on)}."
    ),
    scrutiny.ScrutinyProposed: lambda o: (
        f"{token('person', o.proposer)} proposed that {token('person', o.person)} acts as {plain(o.role)} in"
        f" {token('case', o.case)} under the scrutiny of {token('person', o.scrutineer)};"
        + "".join(f" {task(one.rule)} is due by {time(one.due_at)}:" for one in o.sets)
        + f" {token('text', o.reason.id)}"
    ),
    scrutiny.ScrutinyApproved: _approved,
    scrutiny.ScrutinyEnded: _ended,
    scrutiny.ScrutinySigned: lambda o: (
        f"{token('person', o.scrutineer)} signed the statement on what was scrutinised: {token('text', o.statement.id)}"
    ),
}
"""The kinds of these events, and the sentence of each."""
