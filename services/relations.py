"""In which relations a person stands to a case at this instant, from the record itself: what they may see and do goes by it.

A conflict is one of them, as the rules of "Who did not decide" have it: under the case's own scheme version, and not where
scrutiny was arranged for this case and the role acted in. Source: handbook, Who sees what.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from domain import relations
from domain.conflicts import ON_RECORD, Seen
from domain.ids import kind_of
from domain.person import Person
from domain.provider import Provider
from domain.relations import CONFLICTED, NONE, OWN, Parts, Place, steps
from domain.scheme import Scheme
from domain.scheme_record import SchemeRecord
from domain.submission.events import ItemListed, ModerationStarted
from services.office import Office, read_published, scheme_stream
from services.ports import Entry, Records, Stream
from services.states import fold

SPEAKS = "provider"
"""The role in which somebody speaks for a provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as it is on record: whose affair it is, None where there is no such case, and who has which part in it.

    `stream` is its own, as it was when it was looked up.
    """

    place: Place | None
    parts: Parts
    stream: Stream | None = None


def standing(records: Records, case: str, matters: Sequence[str] = ()) -> Standing:
    """Look a case up; `matters` are those about it, and meetings, in which people may have been given something to do in it."""
    streams = dict(records.streams(case, *matters))
    meetings = [one for one in _meetings(streams[case].entries) if one not in streams]
    streams |= records.streams(*meetings) if meetings else {}
    # Of the cases that it is about only whose they are: they may be long, and give nobody a part elsewhere.
    about = [one for one in _about(case, streams[case]) if one not in streams]
    first = records.load(*about, version=1) if about else {}
    places = {id: relations.placed(id, events[0].event) for id, events in first.items() if events}
    parts: Parts = {}
    said: dict[tuple[str, str], relations.Hold] = {}
    for position, stream, one in _in_order(streams):
        known = places.get(stream)
        held = places[stream] = relations.moved(known, one.event) if known else relations.placed(stream, one.event)
        for step in steps(stream, held.about, one.event, one.actor, one.role):
            if step.case != case:
                continue
            if isinstance(step, relations.Leave):
                said.clear()
            elif said.get(key := (step.relation, step.by)) == step:
                continue  # nothing has changed since the same was said, as by each event of who acts
            else:
                said[key] = step
            relations.follow(parts, step, position)
    return Standing(place=_whose(case, places), parts=parts, stream=streams[case])


def relations_of(
    person: Person,
    held: Standing,
    *,
    case: str,
    role: str,
    speaks_for: Collection[str],
    rule: Scheme | None,
    at: datetime,
) -> frozenset[str]:
    """The relations of a person, acting in `role`, to a case at `at`; `rule` is the scheme version that it is under.

    What is one's own no conflict hides where one speaks for a provider, nor a complaint that one raised. `none` where there
    is no other relation.
    """
    place = held.place
    found = relations.relations_in(held.parts, person.ids)
    if place and place.owner in speaks_for:
        found |= {OWN}
    owns = OWN in found and (role == SPEAKS or kind_of(case) == "complaint")
    provider = place.provider if place else None
    if provider and not owns and as_seen(person, rule, at).kept_from(provider, case=case, roles=(role,)):
        found |= {CONFLICTED}
    return found or frozenset({NONE})


def as_seen(person: Person, rule: Scheme | None, at: datetime) -> Person:
    """A person as seen at `at` under a scheme version, which says how long past employment is a conflict."""
    if rule is None:
        return replace(person, seen=Seen(at=at))
    within = rule.assurance.people.employed_within
    return replace(person, seen=Seen(at=at, within=within, calendar=rule.calendar))


def spoken_for(records: Records, person: Person, named: Iterable[str] = ()) -> frozenset[str]:
    """The providers for which this human speaks now, under whichever account; `named` are others where they may."""
    facts = person.ties.facts.values()
    likely = {one.provider for one in facts if (one.kind, one.source) == ("employed", ON_RECORD)} | set(named)
    if not likely:
        return frozenset()
    states: dict[str, Provider] = {id: fold(id, one.entries) for id, one in records.streams(*sorted(likely)).items()}
    return frozenset(id for id, one in states.items() if person.had_part(one.contacts))


def rule_of(office: Office, ref: str | None) -> Scheme | None:
    """The published scheme version of a reference (`cpd-qa@1`), or the one in force of a scheme (`cpd-qa`), if there is one."""
    if not ref:
        return None
    if ref not in office.schemes or "@" not in ref:
        name, _, number = ref.partition("@")
        stream = scheme_stream(name)
        record: SchemeRecord = fold(stream, office.records.streams(stream)[stream].entries)
        published = record.versions.get(int(number) if number.isdigit() else record.latest)
        if published is None:
            return None
        ref = f"{name}@{published.version}"
        office.schemes[ref] = read_published(published.source)
    return office.schemes[ref]


def _whose(case: str, places: Mapping[str, Place]) -> Place | None:
    """What is about other cases, and of no provider by itself, is the affair of the one whose all of them are."""
    place = places.get(case)
    if place is None:
        return None
    return replace(place, provider=place.affair_of([places[one].provider for one in place.cases if one in places]))


def _meetings(entries: Iterable[Entry]) -> Iterator[str]:
    for one in entries:
        if isinstance(one.event, ItemListed | ModerationStarted):
            yield one.event.meeting


def _about(case: str, stream: Stream) -> Sequence[str]:
    return relations.placed(case, stream.entries[0].event).cases if stream.entries else ()


def _in_order(streams: Mapping[str, Stream]) -> list[tuple[int, str, Entry]]:
    """All entries of several streams, as they follow each other in the log."""
    found = [
        (position, id, one)
        for id, stream in streams.items()
        for position, one in zip(stream.positions, stream.entries, strict=True)
    ]
    return sorted(found, key=itemgetter(0)) if len(streams) > 1 else found
