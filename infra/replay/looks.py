"""Who looks at a case as it was: somebody as they were then, and who asks now. What is shown, all of them may see.

The table of permissions is today's; the relations that it goes by, roles, assignments, seats and conflicts, are those that were
on record at that moment. Source: handbook, Replay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import is_id, kind_of
from domain.permissions.cells import INSTALLER_ROLE
from domain.person import Person
from domain.refusals import refuse
from infra.api.caller import Api, Caller
from infra.api.reading.matter_pages import sees_matter
from infra.api.reading.told import RESOURCES
from infra.api.seeing import Sight
from infra.api.telling import OF_STREAMS
from infra.replay.past import Moment, PastSight, api_then
from services.states import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """By whose eyes a case is seen: a person's id, and the role that they act in; without one, the only one they held then."""

    person: str
    role: str | None = None


def looks_of(
    api: Api, case: str, moment: Moment, *, eyes: Eyes | None, asker: Sight | None
) -> tuple[Api, Sequence["Look"]]:
    """Return what answers from the record as it stood then, and those who all have to be allowed to see what is shown.

    Raises Refused as `replay` does for eyes.
    """
    past = api_then(api, moment, {case: asker.stream(case)} if asker else None)
    looks = [_then(past, case, moment, eyes)] if eyes else []
    if asker:
        looks.append(Look(api, asker.caller, asker))
    return past, looks


@dataclass(frozen=True, slots=True)
class Look:
    """One of those who have to be allowed to see what is shown: who looks through whose eyes, and with which record."""

    api: Api
    caller: Caller
    sight: Sight


class Common(Sight):
    """What all of those who look may see: everything where nobody does, which is the command line with the record's credentials."""

    def __init__(self, past: Api, moment: Moment, looks: Sequence[Look]) -> None:
        keeper = Caller(actor="", role=INSTALLER_ROLE, at=moment.at, request="replay")
        super().__init__(past, looks[0].caller if looks else keeper)
        self._sights = [one.sight for one in looks]

    def sees(self, case: str, action: str) -> bool:
        return all(one.sees(case, action) for one in self._sights)

    def relations(self, case: str) -> frozenset[str]:
        return self._sights[0].relations(case) if self._sights else super().relations(case)

    def allows(self, action: str, case: str | None = None) -> bool:
        return all(one.allows(action, case) for one in self._sights)


def sees(sight: Sight, caller: Caller, id: str) -> bool:
    """Whether the caller may see that there is this case or matter."""
    if kind_of(id) in RESOURCES.values():
        return sees_matter(sight, caller, id)
    return sight.sees(id, OF_STREAMS[kind_of(id)])


def _then(past: Api, case: str, moment: Moment, eyes: Eyes) -> Look:
    """Somebody as they were then. Refuses who was not known, did not act in the role, or could not see that there is the case."""
    if not is_id(eyes.person, "person"):
        raise refuse("replay-eyes", f"{eyes.person!r} is no person's id", field="person", allowed="the id of a person")
    person: Person = fold(eyes.person, past.app.records.streams(eyes.person)[eyes.person].entries)
    held = sorted({role for role, _ in person.roles_at(moment.at)}) if person.id else []
    if not held:
        raise refuse("replay-eyes", "they held no role then", field="person", allowed="somebody who held one")
    role = eyes.role or (held[0] if len(held) == 1 else None)
    if role not in held:
        why = f"they did not act as {role} then" if role else "they held several roles then"
        raise refuse("replay-eyes", why, field="role", allowed=", ".join(held))
    caller = Caller(actor=eyes.person, role=role, at=moment.at, request="replay", person=person)
    sight = PastSight(past, caller)
    if not sees(sight, caller, case):
        relations = ", ".join(sorted(sight.relations(case)))
        raise refuse(
            "replay-eyes",
            f"as {role} they could not see it then ({relations})",
            field="person",
            allowed="somebody who could, or another of their roles",
        )
    return Look(past, caller, sight)
