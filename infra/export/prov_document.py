"""A document of provenance in PROV-JSON, as it is made: entities, the activities that make them, and in whose hands these were."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from services.ports import Recorded

PREFIX: Final = {"assay": "urn:assay:"}
Attributes = dict[str, Any]


@dataclass(slots=True)
class Document:
    """A document being made about a case: its nodes and relations, and the step that is under way."""

    case: str
    parts: dict[str, dict[str, Attributes]] = field(default_factory=dict)
    step: str = ""

    def name(self, *words: object) -> str:
        return "assay:" + "/".join([self.case, *(str(one) for one in words)])

    def node(self, kind: str, id: str, **said: Any) -> str:
        self.parts.setdefault(kind, {}).setdefault(id, {}).update(
            {key: one for key, one in said.items() if one is not None}
        )
        return id

    def relate(self, kind: str, said: Attributes) -> None:
        held = self.parts.setdefault(kind, {})
        if said not in held.values():
            held[f"_:{kind}{len(held) + 1}"] = said

    def begin(self, what: str, one: Recorded, people: Iterable[tuple[str | None, str]], id: str | None = None) -> str:
        """Begin an activity, with the people who have a part in it."""
        step = self.node(
            "activity", id or self.name(what, one.version), **{"prov:type": what, "prov:startTime": _time(one.at)}
        )
        for person, role in people:
            if person:
                agent = self.node("agent", f"assay:{person}", **{"prov:type": "prov:Person"})
                self.relate("wasAssociatedWith", {"prov:activity": step, "prov:agent": agent, "prov:role": role})
        self.step = step
        return step

    def uses(self, step: str, entities: Iterable[str | None]) -> None:
        for entity in entities:
            if entity:
                self.relate("used", {"prov:activity": step, "prov:entity": entity})

    def makes(self, step: str, entity: str, one: Recorded, sources: Iterable[str | None], **said: Any) -> str:
        """An entity that a step makes out of others."""
        self.node("entity", entity, **said)
        if step:
            self.relate("wasGeneratedBy", {"prov:entity": entity, "prov:activity": step, "prov:time": _time(one.at)})
            self.parts["activity"][step]["prov:endTime"] = _time(one.at)
        for source in sources:
            if source:
                self.relate("wasDerivedFrom", {"prov:generatedEntity": entity, "prov:usedEntity": source})
        return entity

    def invalidates(self, step: str, entity: str | None, one: Recorded) -> None:
        """An entity holds no more, by this step."""
        if entity:
            said = {"prov:entity": entity, "prov:activity": step, "prov:time": _time(one.at)}
            self.relate("wasInvalidatedBy", said)

    def written(self) -> dict[str, Any]:
        """The document in PROV-JSON."""
        return {"prefix": dict(PREFIX), **self.parts}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
