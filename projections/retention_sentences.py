"""What the events of letting records go say in words: requests, lists, approvals, what went and what stays, and holds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain import retention
from domain.ids import kind_of
from projections.words import counted, listed, plain, time, token


def _of(subject: str) -> str:
    """Whom or what it is about."""
    kind = kind_of(subject)
    return token(kind if kind in ("person", "provider", "submission") else "case", subject)


def _proposed(event: retention.LettingGoProposed) -> str:
    if not event.items:
        return f"{token('person', event.by)} found that nothing may be erased yet{_kept(event.kept)}."
    texts, fields = sum(one.texts for one in event.items), sum(len(one.fields) for one in event.items)
    went = _what(texts, fields, sum(one.files for one in event.items))
    kinds = listed(sorted({plain(one.kind) for one in event.items}))
    said = f"{token('person', event.by)} proposed to let go {went}"
    return f"{said} of {counted(len({one.holder for one in event.items}), 'holder')} ({kinds}){_kept(event.kept)}."


def _what(texts: int, fields: int, files: int) -> str:
    """How much it is; of files only where there are some."""
    said = [counted(texts, "text"), counted(fields, "field"), *([counted(files, "file")] if files else [])]
    return listed(said)


def _kept(kept: Sequence[retention.KeptBack]) -> str:
    """What stays, on which ground and until when."""
    said = []
    for one in kept:
        counts = [(one.texts, "text"), (one.files, "file")]
        what = listed([plain(name) for name in one.fields] or [counted(*each) for each in counts if each[0]])
        until = f" until {time(one.ends_at)}" if one.ends_at else ""
        said.append(f"{what} of {_of(one.holder)} because of {plain(one.ground)}{until}")
    return f"; what stays: {'; '.join(said)}" if said else ""


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    retention.ErasureRequested: lambda o: (
        f"It was asked on {time(o.received_at)} that what is kept of {_of(o.subject)} be erased;"
        f" {token('person', o.by)} noted it."
    ),
    retention.RequesterChecked: lambda o: (
        f"{token('person', o.by)} made sure from whom the request came, by {plain(o.means)}."
    ),
    retention.LettingGoProposed: _proposed,
    retention.LettingGoApproved: lambda o: (
        f"{token('person', o.by)} approved what is to be let go{', the second of two' if o.sets else ''}."
    ),
    retention.LettingGoDeclined: lambda o: (
        f"{token('person', o.by)} decided that nothing is let go: {token('text', o.reason.id)}"
    ),
    retention.RecordsLetGo: lambda o: (
        f"{_what(o.texts, o.fields, o.files)} were erased, carried out by {token('person', o.by)}{_kept(o.kept)}."
    ),
    retention.HoldPlaced: lambda o: (
        f"{token('person', o.by)} put {_of(o.subject)} on hold because of {plain(o.ground)}: {token('text', o.reason.id)}"
    ),
    retention.HoldReviewed: lambda o: (
        f"{token('person', o.by)} reviewed the hold on {_of(o.subject)}, which stays: {token('text', o.reason.id)}"
    ),
    retention.HoldReleased: lambda o: (
        f"{token('person', o.by)} released the hold on {_of(o.subject)}: {token('text', o.reason.id)}"
    ),
}
