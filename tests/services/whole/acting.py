"""A body at work in a machine: whoever does something does it here, and the record is looked at after each command."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from domain.ids import PROCESS_ROLE, kind_of
from domain.matter_steps import STAGES, possible
from domain.refusals import Refused
from infra.api.catalogue import COMMANDS
from infra.store.records import PostgresRecords
from infra.store.shelves import PostgresShelves
from infra.touched import TouchedCases
from services.office import Receipt
from tests.services.whole.record import Said, kind
from tests.services.whole.rules import faults
from tests.services.whole.setting import Setting

PAGE = 1_000
COMMANDS_OF = {one.service: one for one in COMMANDS}
CAN_TAKE_STEPS = 40
"""More than any process takes at one instant."""


class Acting:
    """The body, what was said in its record, and dice that make the choices: the same dice, the same choices."""

    def __init__(self, here: Setting, records: PostgresRecords, looking: psycopg.Connection[Any], seen: Counter[str]):
        self.here, self.body, self.records, self.looking, self.seen = here, here.body, records, looking, seen
        self.shelves, self.touched = PostgresShelves(records.datastore), TouchedCases(records)
        self.said, self.dice = Said(), random.Random(0)
        self.tried: list[str] = []
        self.refused: Refused | None = None
        self.count = False
        self.look()
        self.count = True

    def do(self, service: Callable[..., Receipt], actor: str, role: str, /, **said: Any) -> bool:
        """Have somebody use a service; returns whether it was done. A refusal says all, and wrote nothing."""
        command, kept, offered = self.body.command(actor, role), self._kept(), self._offered(service, said)
        self.tried.append(f"{service.__name__} by {actor} as {role}: {said}")
        try:
            service(self.body.office, command, **said)
        except Refused as refused:
            self.refused = refused
            self._refused(refused, actor, kept)
            return False
        self.refused = None
        if self.look():
            self._require(offered, "that was done, and the page of the matter did not offer it")
        return True

    def _offered(self, service: Callable[..., Receipt], said: dict[str, Any]) -> bool:
        """Whether a command of people about a matter is among those that its page offers; it is for what has no such page."""
        entry = COMMANDS_OF.get(service)
        about = said.get(entry.about or "", "") if entry else ""
        if entry is None or kind_of(str(about)) not in STAGES:
            return True
        matter = self.body.state(about)
        return not matter.id or entry.action in possible(matter)

    def _kept(self) -> tuple[int, int]:
        [row] = self.looking.execute(
            "SELECT (SELECT count(*) FROM record.texts), (SELECT count(*) FROM record.vault)"
        ).fetchall()
        return int(row[0]), int(row[1])

    def _refused(self, refused: Refused, actor: str, kept: tuple[int, int]) -> None:
        all_said = all((refused.rule, refused.reason, refused.field, refused.allowed))
        self._require(all_said, f"a refusal that does not say all: {refused!r}")
        added = [(kind(one.event), one.stream, one.actor, getattr(one.event, "rule", "")) for one in self.look()]
        noted = ("AttemptRefused", actor, actor, refused.rule)
        self._require(added in ([], [noted]), f"refused, and wrote {added}")
        self._require(self._kept() == kept, "refused, and kept a text")
        self.seen[f"refused: {refused.rule}"] += 1

    def look(self) -> Sequence[Any]:
        """Hold the rules against what was recorded since; returns it."""
        added = []
        while page := self.records.read_log(len(self.said.log) and self.said.log[-1].position, PAGE):
            at = 0
            while at < len(page):
                end = at
                while end < len(page) and page[end].command == page[at].command:
                    end += 1
                found = list(faults(self.said, page[at:end]))
                self._require(not found, "; ".join(found))
                self.said.take(page[at:end])
                at = end
            added += page
        for one in added if self.count else ():
            self._counted(one.event)
        return added

    def _require(self, holds: bool, fault: str) -> None:
        assert holds, f"{fault}\nafter\n" + "\n".join(self.tried[-30:])

    def _counted(self, event: Any) -> None:
        self.seen[kind(event)] += 1
        for said in ("outcome", "remedy", "finding", "result"):
            if isinstance(value := getattr(event, said, None), str):
                self.seen[f"{kind(event)} {value}"] += 1

    def process(self, stream: str) -> None:
        """Let a process do what it owes, and what has fallen due."""
        from workflows.activities import STEPS
        from workflows.situation import situation_of

        for _ in range(CAN_TAKE_STEPS):
            seen = situation_of(self.body.state(stream), position=0, at=self.body.now())
            step = seen.owed or (seen.due.step if seen.due and seen.due.at <= self.body.now() else None)
            if step is None or not self.do(STEPS[step], stream, PROCESS_ROLE, case=stream):
                return
        raise AssertionError(f"the process of {stream} never comes to rest")

    def any(self, among: Any) -> Any:
        """One of these, by the dice."""
        return self.dice.choice(list(among))

    def holders(self, *roles: str) -> list[str]:
        """Who holds one of these roles, by the record."""
        return [one for one in self.here.everyone if any(self.said.holds(one, role) for role in roles)]

    def likely(self, percent: int) -> bool:
        """So often, by the dice."""
        return self.dice.randrange(100) < percent

    def free(self, provider: str, *roles: str, but: Any = ()) -> list[str]:
        """Who holds one of these roles without a conflict with the provider, in an order by the dice, and is none of `but`."""
        at = self.body.now()
        found = [one for one in self.holders(*roles) if not self.said.conflict(one, provider, at)]
        found = [one for one in found if not self.said.same(one, but)]
        self.dice.shuffle(found)
        return found

    def owner(self, stream: str) -> str:
        """Whose affair a stream is."""
        return self.said.owner.get(stream, "")

    def contact(self, stream: str) -> str:
        """Who speaks for the provider whose affair a stream is."""
        return next(one.contact for one in self.here.providers if one.id == self.owner(stream))

    def streams(self, *kinds: str) -> list[str]:
        """The streams of these kinds that there are."""
        return [one for one in self.said.streams if one.startswith(kinds)]
