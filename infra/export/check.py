"""Whether what is carried away is sound: OCEL 2.0 JSON and PROV-JSON, checked without anything of what writes them.

It knows the forms as they are published, and no event of ours. Each fault says where it is and what is wrong.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

_OF_TYPE: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "float": (float, int),
    "boolean": (bool,),
    "time": (str,),
}


def ocel_faults(log: Mapping[str, Any]) -> list[str]:
    """All that is wrong with a log in OCEL 2.0 JSON; empty where nothing is."""
    missing = [
        name for name in ("eventTypes", "objectTypes", "events", "objects") if not isinstance(log.get(name), list)
    ]
    if missing:
        return [f"there is no list of {name}" for name in missing]
    return list(_ocel(log))


def _ocel(log: Mapping[str, Any]) -> Iterator[str]:
    events, objects = log["events"], log["objects"]
    known = {one["id"] for one in objects}
    for what, items, types in (("event", events, log["eventTypes"]), ("object", objects, log["objectTypes"])):
        yield from (
            f"{what} {id} is there {times} times" for id, times in Counter(i["id"] for i in items).items() if times > 1
        )
        names = Counter(one["name"] for one in types)
        yield from (f"{what} type {name} is declared {times} times" for name, times in names.items() if times > 1)
        declared = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in types}
        for one in items:
            where = f"{what} {one['id']}"
            if one["type"] not in declared:
                yield f"{where}: its type {one['type']} is not declared"
                continue
            yield from _attributes(where, one.get("attributes", []), declared[one["type"]])
            yield from _relations(where, one.get("relationships", []), known)
    yield from (
        f"event {one['id']}: its time is no instant in ISO form with a time zone"
        for one in events
        if _instant(one.get("time")) is None
    )
    for one in objects:
        yield from _over_time(one)


def _over_time(one: Mapping[str, Any]) -> Iterator[str]:
    """Each value of an object has a time, the values of one attribute in order, and no two at once: only one can hold then."""
    last: dict[str, datetime] = {}
    for given in one.get("attributes", []):
        name, at = given["name"], _instant(given.get("time"))
        where = f"object {one['id']}: a value of {name}"
        if at is None:
            yield f"{where} has no time"
            continue
        before, last[name] = last.get(name), at
        if before and at < before:
            yield f"{where} is from before the one that it follows"
        elif at == before:
            yield f"{where} is from the same time as another"


def _attributes(where: str, given: list[dict[str, Any]], declared: Mapping[str, str]) -> Iterator[str]:
    for one in given:
        kind = declared.get(one["name"])
        if kind is None:
            yield f"{where}: its attribute {one['name']} is not declared"
            continue
        value = one["value"]
        fits = isinstance(value, _OF_TYPE.get(kind, ())) and not (isinstance(value, bool) and kind != "boolean")
        if not fits or (kind == "time" and _instant(value) is None):
            yield f"{where}: its attribute {one['name']} is no {kind}"


def _relations(where: str, given: list[dict[str, Any]], known: set[str]) -> Iterator[str]:
    for (id, qualifier), times in Counter((one["objectId"], one["qualifier"]) for one in given).items():
        if id not in known:
            yield f"{where}: it is related to {id}, which is no object"
        if not qualifier:
            yield f"{where}: its relation to {id} has no qualifier"
        if times > 1:
            yield f"{where}: its relation to {id} as {qualifier} is there {times} times"


def _instant(said: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


_RELATIONS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "used": (("prov:activity", "activity"), ("prov:entity", "entity")),
    "wasGeneratedBy": (("prov:entity", "entity"), ("prov:activity", "activity")),
    "wasAssociatedWith": (("prov:activity", "activity"), ("prov:agent", "agent")),
    "wasAttributedTo": (("prov:entity", "entity"), ("prov:agent", "agent")),
    "wasDerivedFrom": (("prov:generatedEntity", "entity"), ("prov:usedEntity", "entity")),
    "wasInvalidatedBy": (("prov:entity", "entity"), ("prov:activity", "activity")),
    "wasInformedBy": (("prov:informed", "activity"), ("prov:informant", "activity")),
}


def prov_faults(document: Mapping[str, Any]) -> list[str]:
    """All that is wrong with a document in PROV-JSON; empty where nothing is."""
    return list(_prov(document))


def _prov(document: Mapping[str, Any]) -> Iterator[str]:
    prefixes = set(document.get("prefix", {})) | {"prov", "xsd"}
    unknown = set(document) - {"prefix", "entity", "activity", "agent"} - set(_RELATIONS)
    yield from (f"{name} is no part of PROV-JSON that is known here" for name in sorted(unknown))
    nodes = {kind: set(document.get(kind, {})) for kind in ("entity", "activity", "agent")}
    for kind, ids in nodes.items():
        yield from (f"{kind} {id}: its prefix is not declared" for id in ids if id.partition(":")[0] not in prefixes)
    for id, activity in document.get("activity", {}).items():
        begun, ended = (_instant(activity.get(f"prov:{name}Time")) for name in ("start", "end"))
        if begun and ended and ended < begun:
            yield f"activity {id}: it ends before it begins"
    for name, ends in _RELATIONS.items():
        for id, relation in document.get(name, {}).items():
            for key, kind in ends:
                if relation.get(key) not in nodes[kind]:
                    yield f"{name} {id}: {relation.get(key)} is no {kind}"
    made: Counter[str] = Counter(one.get("prov:entity", "") for one in document.get("wasGeneratedBy", {}).values())
    yield from (f"entity {id}: it was made {times} times" for id, times in made.items() if times > 1)
    yield from _circles(document.get("wasDerivedFrom", {}))


def _circles(derived: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Nothing is derived from itself, by however many steps."""
    sources: dict[str, set[str]] = {}
    for one in derived.values():
        sources.setdefault(one.get("prov:generatedEntity", ""), set()).add(one.get("prov:usedEntity", ""))
    for start, direct in sources.items():
        reached, waiting = set[str](), list(direct)
        while waiting:
            source = waiting.pop()
            if source not in reached:
                reached.add(source)
                waiting += sources.get(source, ())
        if start in reached:
            yield f"entity {start}: it is derived from itself"
