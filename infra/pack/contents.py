"""What of a case goes into its pack: as a checkpoint seals it, and as far as all who look may see it.

An event goes in as it is stored, or, where one of them may not see it, as the hash of its leaf, if it is of the case's own
stream; of other streams it is not there at all, as in the history.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from domain.ids import kind_of
from domain.refusals import Refused, refuse
from infra.api.caller import Api
from infra.api.feed import visible
from infra.api.positions import caught_up
from infra.api.reading.shown import nameable
from infra.api.reading.told import Told
from infra.api.seeing import Sight
from infra.pack.documents import File, Letter, Text, files_of, letters_left_out, letters_of, texts_of
from infra.pack.verify import root_of
from infra.replay.looks import Eyes, Look, looks_of
from infra.replay.past import Moment
from infra.replay.seen import told_to
from infra.seals.leaves import Event, written
from infra.seals.proofs import seal_of
from infra.seals.shelf import EVENTS, Leaf, Seal, Shelf
from infra.seals.tree import around, leaf_hash
from projections import history, parts
from projections.words import tokens
from services.ports import Recorded

_ROWS: Final = """
SELECT notification_id, originator_id, originator_version, recorded_at, topic, state FROM record.events
WHERE notification_id <= %s AND (originator_id = %s OR notification_id = ANY(%s)) ORDER BY notification_id
"""

_STANDING: Final = """
SELECT (SELECT count(*) FROM record.events WHERE originator_id = %s),
    (SELECT recorded_at FROM record.events WHERE notification_id = %s)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """An event of the pack: its leaf in the tree, and what is stored of it, None where its hash stands for it."""

    leaf: Leaf
    event: Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A case as `seal` seals it, its last sealed event recorded at `at` (UTC); `readers` are whose eyes see it, none if it is whole.

    `others` are the hashes that lead from the events to the checkpoint. `names` are those that may be seen and are still kept.
    `unsealed` of the case's events are in no checkpoint of this size yet, and not here.
    """

    case: str
    seal: Seal
    at: datetime
    readers: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    others: Mapping[tuple[int, int], bytes]
    told: Sequence[Told]
    texts: Sequence[Text]
    files: Sequence[File]
    letters: Sequence[Letter]
    letters_left_out: str | None
    names: Mapping[str, str]
    scheme: str | None
    unsealed: int


def contents_of(
    api: Api, case: str, *, size: int | None = None, eyes: Eyes | None = None, asker: Sight | None = None
) -> Contents:
    """Return what of a case the checkpoint of `size` events seals, the latest by default, for who looks; whole without any.

    Refuses a case of another kind (`known-case`), a size of which there is no checkpoint, a case of which nothing is sealed yet,
    and one that is not as it was sealed (`pack-sealed`); eyes as replay does.
    """
    if kind_of(case) not in history.KINDS:
        allowed = ", ".join(sorted(history.KINDS))
        raise refuse("known-case", f"what is of the kind {kind_of(case)} has no pack", field="CASE", allowed=allowed)
    store = api.app.records.datastore
    with store.get_connection() as connection:
        shelf = Shelf(connection)
        seal = seal_of(shelf, size)
        cut = shelf.position_of(seal.size - 1) if seal else 0
    caught_up(api, (history.MODEL, parts.MODEL), cut)
    with store.get_connection() as connection:
        entries = [one for one in history.history(connection, case) if one.position <= cut]
    rows = store.rows(_ROWS, [cut, case, [one.position for one in entries]])
    if seal is None or not any(row[1] == case for row in rows):
        raise refuse(
            "pack-sealed",
            "nothing of it is sealed by that checkpoint" if seal else "nothing was sealed yet",
            field="size",
            allowed="`assay seal` first, or a later checkpoint",
        )
    [(own, sealed_at)] = store.rows(_STANDING, [case, cut])
    moment = Moment(at=(sealed_at or seal.made_at).astimezone(UTC), position=cut)
    _, looks = looks_of(api, case, moment, eyes=eyes, asker=asker)
    recorded = api.app.records.codec.decode([(*row[:5], bytes(row[5])) for row in rows])
    seen = _seen(recorded, looks)
    with store.get_connection() as connection:
        shelf = Shelf(connection)
        lines = _lines(case, rows, {one.place.position: one for one in shelf.find([row[0] for row in rows])}, seen)
        others = around(shelf.node(EVENTS), [one.leaf.index for one in lines], seal.size)
    if root_of(seal.size, {one.leaf.index: one.leaf.hash for one in lines}, dict(others)) != seal.checkpoint.root:
        raise _changed()
    shown = [one for one in recorded if one.position in seen]
    data = {line.event.position: json.loads(line.event.state)["data"] for line in lines if line.event}
    told = told_to(case, entries, looks)
    return Contents(
        case=case,
        seal=seal,
        at=moment.at,
        readers=list(dict.fromkeys((one.caller.actor, one.caller.role) for one in looks)),
        lines=lines,
        others=others,
        told=told,
        texts=texts_of(api.app, case, shown, data, looks),
        files=files_of(api.app, case, shown, data, looks),
        letters=letters_of(api.app, case, cut, looks),
        letters_left_out=letters_left_out(case, looks),
        names=_names(api, told, looks),
        scheme=next((one.scheme for one in shown if one.scheme), None),
        unsealed=own - sum(row[1] == case for row in rows),
    )


def _changed() -> Refused:
    return refuse(
        "pack-sealed",
        "the record is not as it was sealed",
        field="CASE",
        allowed="`assay verify`, which says what is wrong, and docs/verifying.md, what to do",
    )


def _seen(recorded: Sequence[Recorded], looks: Sequence[Look]) -> frozenset[int]:
    """The positions of the events that all who look may see whole."""
    found = {one.position for one in recorded}
    for one in looks:
        found &= {each.position for each in visible(one.sight, one.caller, recorded, stored=True)}
    return frozenset(found)


def _lines(
    case: str, rows: Sequence[tuple[Any, ...]], leaves: Mapping[int, Leaf], seen: frozenset[int]
) -> Sequence[Line]:
    """The events as they go in. Refuses one whose bytes are not those that were sealed."""
    found = []
    for position, stream, version, recorded_at, name, state in rows:
        event = Event(position, stream, version, name, recorded_at.astimezone(UTC), bytes(state))
        leaf = leaves.get(position)
        if leaf is None or leaf.hash != leaf_hash(written(event)):
            raise _changed()
        if position in seen:
            found.append(Line(leaf, event))
        elif stream == case:
            found.append(Line(leaf, None))
    return found


def _names(api: Api, told: Sequence[Told], looks: Sequence[Look]) -> Mapping[str, str]:
    """The names in what is told that all may see and are kept."""
    ids = {value for one in told for kind, value in tokens(one.sentence) if kind in {"person", "provider"}}
    ids |= {one.actor for one in told if kind_of(one.actor) == "person"}
    for one in looks:
        ids &= set(nameable(one.sight, one.caller, ids))
    return api.app.vault.words(sorted(ids), [])[0]
