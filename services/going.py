"""What may go: from the whole store as of a date, of what two people approved, or of what one person asked to be erased.

Source: handbook, Retention. Whatever it says is looked at again in the transaction that erases.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.accreditation.concerns import answer_due
from domain.ids import kind_of
from domain.refusals import refuse
from domain.retention import Item, KeptBack
from domain.retention.keeping import Until
from domain.retention.kinds import OF_FILES, ids_in
from domain.retention.letting_go import digest_of_all
from services.keeping import HOLDS, LEGAL_HOLD, OPEN_MATTER, Facts
from services.office import Work
from services.own_records import came_with, own_kind, own_until, person_until, read_subjects
from services.policies import policy_of
from services.ports import Recorded, Shelves

MOST = 200
"""How many holders a list has at most: what comes after them is in the next one."""
AT_ONCE = 100
PAGE = 500
RUNNING = ("running-case", OPEN_MATTER, LEGAL_HOLD)
"""Grounds that keep also what goes on request."""


@dataclass(slots=True)
class Going:
    """What goes, item by item, and what stays and why; `concerned` are the ids of all that it may depend on."""

    items: list[Item] = field(default_factory=list)
    kept: list[KeptBack] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    providers: set[str] = field(default_factory=set)
    concerned: set[str] = field(default_factory=set)

    @property
    def digest(self) -> str:
        """The digest of all that goes."""
        return digest_of_all(self.texts, self.fields, self.files)

    def stays(
        self, holder: str, kind: str, until: Until, *, texts: int = 0, fields: Sequence[str] = (), files: int = 0
    ) -> None:
        """Note what stays."""
        what: dict[str, Any] = {"texts": texts, "fields": tuple(fields), "files": files}
        self.kept.append(KeptBack(holder=holder, kind=kind, ground=until.ground, ends_at=until.at, **what))


def facts_of(work: Work, shelves: Shelves, *, at: datetime) -> Facts:
    """What there is to look at, by the policy in force and the holds that there are, as seen at `at` (UTC)."""
    policy = policy_of(work, "retention")
    holds = work.state(HOLDS).holds
    return Facts(work.office, shelves, policy, frozenset(holds), at, matters=shelves.open_matters())


def due(facts: Facts, *, without: Collection[str] = (), most: int = MOST) -> Going:
    """What the rules let go at the instant of the facts, of at most `most` holders; nothing of the providers in `without`.

    The oldest come first.
    """
    going = Going()
    holders = facts.shelves.holders()
    for begin in range(0, len(holders), AT_ONCE):
        some = holders[begin : begin + AT_ONCE]
        facts.forget()
        facts.read_cases(some)
        for holder in some:
            if facts.provider_of(holder) not in without:
                _texts_due(facts, holder, None, going)
        if len({one.holder for one in going.items}) >= most:
            break
    kept = facts.shelves.fields()
    subjects = sorted(kept)
    for begin in range(0, len(subjects), AT_ONCE):
        some = subjects[begin : begin + AT_ONCE]
        facts.forget()
        read_subjects(facts, some)
        for subject in some:
            if not set(without) & {subject, *facts.naming(subject, "provider")}:
                _fields_due(facts, subject, kept[subject], going)
    first = set(list(dict.fromkeys(one.holder for one in going.items))[:most])
    return _only(facts, going, first)


def still(facts: Facts, items: Sequence[Item]) -> Going:
    """What of these items may still go at the instant of the facts; the others stay, each with what keeps it now."""
    going = Going()
    facts.read_cases({one.holder for one in items})
    for item in items:
        if item.fields:
            names = facts.shelves.fields([item.holder]).get(item.holder, ())
            _fields_due(facts, item.holder, [one for one in names if one in item.fields], going, say=True)
        else:
            _texts_due(facts, item.holder, item.kind, going, say=True)
    return going


def asked(facts: Facts, person: str) -> Going:
    """What of a person's own record, and of the texts by or about them, goes when they ask, and what grounds keep.

    A provider's portfolio is the provider's, whoever typed it, and is not theirs to have erased. Who only left an address with
    a concern or a complaint is known by its id.
    """
    if kind_of(person) != "person":
        return _asked_from_outside(facts, person)
    going = Going(concerned={person})
    names = list(facts.shelves.fields([person]).get(person, ()))
    held = facts.held(person)
    for until in [held] if held else person_until(facts, person):
        ground = facts.content.grounds.get(until.ground)
        keeps = names if held else [one for one in names if ground and one in ground.fields]
        if keeps:
            going.stays(person, "people", until, fields=keeps)
    stay = {name for one in going.kept for name in one.fields}
    goes = tuple(one for one in names if one not in stay)
    if goes:
        going.items.append(Item(holder=person, kind="people", fields=goes))
        going.fields += [(person, one) for one in goes]
    going.concerned |= facts.streams.keys()
    _texts_asked(facts, person, held, going)
    return going


def _asked_from_outside(facts: Facts, subject: str) -> Going:
    """What goes of whoever left a name and an address with a concern or a complaint: all, once nobody is to answer them."""
    going = Going(concerned={subject})
    names = tuple(facts.shelves.fields([subject]).get(subject, ()))
    stream = came_with(facts, subject)
    facts.read_cases([stream])
    held = facts.held(stream) or (Until(ground=OPEN_MATTER) if _to_answer(facts, subject, stream) else None)
    if held and names:
        going.stays(subject, own_kind(subject), held, fields=names)
    elif names:
        going.items.append(Item(holder=subject, kind=own_kind(subject), fields=names))
        going.fields += [(subject, one) for one in names]
    _concern(facts, stream, going)
    _texts_asked(facts, subject, held, going)
    return going


def _to_answer(facts: Facts, subject: str, stream: str) -> bool:
    """Whether a concern is still looked into, or to be answered."""
    if kind_of(stream) != "accreditation":
        return False
    award = facts.award(stream)
    held = award.concerns.get(subject)
    return held is not None and (held.clock is not None or bool(answer_due(award, subject)))


def require_seen(work: Work, going: Going, position: int, *, case: str) -> int:
    """Return up to where the log was seen: nothing behind `position` is about what is to go, or it is refused for now."""
    later = list(_log_after(work, position))
    if any(one.stream == case and one.version > work.versions[case] for one in later):
        return position  # somebody else was faster: the append finds that, and everything is looked at again
    for one in later:
        if one.stream != case and not going.concerned.isdisjoint({one.stream, *ids_in(one.event)}):
            raise refuse(
                "shelves-behind",
                f"what is kept of {one.stream} is just changing",
                field="case",
                allowed="trying again in a moment",
            )
    return later[-1].position if later else position


def _log_after(work: Work, position: int) -> Iterator[Recorded]:
    while page := work.office.records.read_log(position, PAGE):
        yield from page
        position = page[-1].position


def _texts_due(facts: Facts, holder: str, kind: str | None, going: Going, *, say: bool = False) -> None:
    """Add what may go of a stream's texts, files, letters and looks (of one kind, if given); with `say`, also what stays."""
    found = [one for one in facts.texts(holder) if kind in (None, one.kind)]
    there = facts.shelves.kept([one.id for one in found])
    files = facts.files(holder) if kind in (None, OF_FILES) else []
    goes: dict[str, tuple[list[str], list[str]]] = {}
    stays: dict[tuple[str, Until], list[int]] = {}
    found = [one for one in found if one.id in there]
    found += [one for one in facts.beside(holder) if kind in (None, one.kind)]
    kept = [(0, one.id, one.kind, one.until) for one in found]
    for what, id, of_kind, until in [*kept, *((1, one.file.sha256, OF_FILES, one.until) for one in files)]:
        if until.past(facts.at):
            goes.setdefault(of_kind, ([], []))[what].append(id)
        else:
            stays.setdefault((of_kind, until), [0, 0])[what] += 1
    for name, (ids, hashes) in goes.items():
        going.items.append(Item(holder=holder, kind=name, texts=len(ids), files=len(hashes)))
        going.texts += ids
        going.files += [(holder, one) for one in hashes]
    for (name, until), (count, count_files) in stays.items() if say else ():
        going.stays(holder, name, until, texts=count, files=count_files)
    if goes:
        _concern(facts, holder, going)


def _fields_due(facts: Facts, subject: str, names: Sequence[str], going: Going, *, say: bool = False) -> None:
    """Add the fields of a person or a provider if nothing keeps them; with `say`, what does."""
    if not names:
        return
    keeps, kind = own_until(facts, subject), own_kind(subject)
    if not keeps:
        going.items.append(Item(holder=subject, kind=kind, fields=tuple(names)))
        going.fields += [(subject, one) for one in names]
        _concern(facts, subject, going)
    for until in keeps if say else ():
        going.stays(subject, kind, until, fields=names)


def _concern(facts: Facts, holder: str, going: Going) -> None:
    """Note whose affair it is that something of this holder goes, and by which ids something may keep it."""
    going.concerned |= facts.concerned(holder)
    if kind_of(holder) in ("person", "provider"):
        going.providers |= {one for one in (holder, *facts.naming(holder, "provider")) if kind_of(one) == "provider"}
    elif provider := facts.provider_of(holder):
        going.providers.add(provider)


def _texts_asked(facts: Facts, person: str, held: Until | None, going: Going) -> None:
    """Add the texts by or about a person that go when they ask; a rule may keep those of its kind for its time."""
    goes: dict[tuple[str, str], list[str]] = {}
    stays: dict[tuple[str, str, Until], int] = {}
    shelved = facts.shelves.texts_of(person)
    facts.read_cases({one.stream for one in shelved})
    for one in shelved:
        rule = facts.content.rules[one.kind]
        until = held or facts.held(one.stream) or facts.until(one.stream, rule, one.since)
        keeps = until.ground in RUNNING or rule.on_request == "kept"
        if keeps and not until.past(facts.at):
            key = (one.stream, one.kind, until)
            stays[key] = stays.get(key, 0) + 1
        else:
            goes.setdefault((one.stream, one.kind), []).append(one.id)
        going.concerned |= facts.concerned(one.stream)
    for (stream, kind), ids in goes.items():
        going.items.append(Item(holder=stream, kind=kind, texts=len(ids)))
        going.texts += ids
    for (stream, kind, until), count in stays.items():
        going.stays(stream, kind, until, texts=count)


def _only(facts: Facts, going: Going, holders: set[str]) -> Going:
    """Of what goes, what these holders hold."""
    if holders == {one.holder for one in going.items}:
        return going
    return still(facts, [one for one in going.items if one.holder in holders])
