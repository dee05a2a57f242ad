"""Fifty people use the API at once: each reads, thinks, now and then gives a command, and repeats it until it is answered.

A command is repeated under its key when its answer was lost or said that the record is out of reach, as docs/api.md asks of
clients. Everything that was asked is noted, with what came back.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from bench.wire import Answer, Wire

THINKING: Final = 1.0
"""Seconds for which somebody looks at an answer before they ask again, in the mean. Real people take ten times as long, so
that fifty who do so are as many requests as five hundred signed-in people make. Exponential, so that they meet by chance."""
COMMANDS: Final = 0.2
"""How many of the requests are commands."""
PATIENCE: Final = 30.0
"""Seconds after which somebody gives up waiting for an answer: much longer than one may take."""
AGAIN: Final = 0.5
"""Seconds after which somebody tries again whose connection broke off."""
FEED: Final = "/events?limit=50"

Deed = tuple[str, Mapping[str, Any]]
"""A command: its address, and what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the crowd: as whom they ask, what they read, and what they do the next time that they do something.

    `reads` are groups of addresses, each as likely as the others.
    """

    name: str
    headers: Mapping[str, str]
    reads: Sequence[Sequence[str]]
    next_deed: Callable[[random.Random], Deed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request and what came back: status None is none at all. `key` is that of a command; `begun` is in seconds."""

    who: str
    path: str
    begun: float
    took: float
    status: int | None
    key: str | None = None
    retry_after: str | None = None
    said: bytes = b""

    @property
    def rule(self) -> str:
        """The rule by which it was refused."""
        return str(json.loads(self.said)["type"]).removeprefix("/problems/") if self.said else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A command under its key, with the last answer that came back: None where none came until the end."""

    member: Member
    deed: Deed
    key: str
    answer: Answer | None

    @property
    def did(self) -> dict[str, Any] | None:
        """What was answered with success."""
        found: dict[str, Any] | None = None
        if self.answer and self.answer.status == 200:
            found = json.loads(self.answer.body)
        return found


@dataclass(slots=True)
class Notes:
    """What a crowd asked, and what it did."""

    asked: list[Asked] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    @property
    def reads(self) -> list[Asked]:
        """The requests that read."""
        return [one for one in self.asked if one.key is None]

    @property
    def commands(self) -> list[Asked]:
        """The requests that command, with those that repeat one."""
        return [one for one in self.asked if one.key is not None]


@dataclass(slots=True)
class Person:
    """A member at work, on one connection at a time."""

    member: Member
    port: int
    chance: random.Random
    notes: Notes
    thinking: float = THINKING
    wire: Wire | None = None
    seen: dict[str, str] = field(default_factory=dict)
    after: int = 0
    numbers: Any = field(default_factory=count)

    async def work(self, until: float) -> None:
        """Ask and think until an instant (monotonic seconds); what was begun is brought to its end."""
        while True:
            await asyncio.sleep(self.chance.expovariate(1 / self.thinking))
            if time.monotonic() >= until:
                break
            if self.chance.random() < COMMANDS:
                await self.command(until + 2 * PATIENCE)
            else:
                await self.read()
        if self.wire:
            await self.wire.__aexit__()

    async def read(self) -> None:
        """Read one of what they read: pages only if they changed, the feed from where they are."""
        path = self.chance.choice(self.chance.choice(self.member.reads))
        whole = f"{path}&after={self.after}" if path == FEED else path
        answer = await self.ask(whole, None, {"If-None-Match": self.seen[path]} if path in self.seen else {})
        if answer and answer.status == 200 and path == FEED:
            self.after = json.loads(answer.body)["next"]
        if answer and "etag" in answer.headers:
            self.seen[path] = answer.headers["etag"]

    async def command(self, until: float) -> None:
        """Give a command, again under its key until it is answered."""
        deed, key = self.member.next_deed(self.chance), f"key-of-{self.member.name}-{next(self.numbers)}"
        answer: Answer | None = None
        while time.monotonic() < until:
            answer = await self.ask(deed[0], deed[1], {"Idempotency-Key": key})
            if answer and answer.status != 503:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", AGAIN)) if answer else AGAIN)
        self.notes.given.append(Given(member=self.member, deed=deed, key=key, answer=answer))

    async def ask(self, path: str, said: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Answer | None:
        """Ask once, and note it; None where no answer came."""
        begun, answer = time.monotonic(), None
        try:
            async with asyncio.timeout(PATIENCE):
                wire = await self._connected()
                body = None if said is None else json.dumps(said).encode()
                answer = await wire.ask(f"/api/v1{path}", body=body, **self.member.headers, **headers)
        except (OSError, TimeoutError):
            self.wire = None
        self.notes.asked.append(
            Asked(
                who=self.member.name,
                path=path,
                begun=begun,
                took=time.monotonic() - begun,
                status=answer.status if answer else None,
                key=headers.get("Idempotency-Key"),
                retry_after=answer.headers.get("retry-after") if answer else None,
                said=answer.body if answer and answer.status >= 400 else b"",
            )
        )
        return answer

    async def _connected(self) -> Wire:
        if self.wire is None or not self.wire.open:
            self.wire = await Wire(self.port).__aenter__()
        return self.wire


async def at_work(
    members: Sequence[Member], notes: Notes, *, port: int, seconds: float, seed: int, thinking: float = THINKING
) -> None:
    """Have all of them at work for so many seconds; the same seed has each do the same in the same order."""
    until = time.monotonic() + seconds
    crowd = [Person(one, port, random.Random(f"{seed} {one.name}"), notes, thinking) for one in members]
    await asyncio.gather(*(one.work(until) for one in crowd))


async def repeated(notes: Notes, *, port: int) -> list[tuple[Given, Answer | None]]:
    """Give every command once more under its key; returns each with its new answer."""
    again, found = Notes(), []
    for one in notes.given:
        person = Person(one.member, port, random.Random(0), again)
        found.append((one, await person.ask(one.deed[0], one.deed[1], {"Idempotency-Key": one.key})))
        if person.wire:
            await person.wire.__aexit__()
    return found


def percentile(asked: Sequence[Asked], percent: float) -> float:
    """How long that many in a hundred took at most, in milliseconds."""
    took = sorted(one.took for one in asked)
    return 1000 * took[min(len(took) - 1, int(len(took) * percent / 100))] if took else 0.0


def figures(notes: Notes, seconds: float) -> str:
    """What is to be known of it, in a few lines."""
    lines = []
    for name, asked in (("reads", notes.reads), ("commands", notes.commands)):
        p50, p95, p99 = (percentile(asked, one) for one in (50, 95, 99))
        lines.append(
            f"{name}: {len(asked)} in {seconds:.0f} s ({len(asked) / seconds:.0f}/s), "
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {percentile(asked, 100):.0f} ms"
        )
    return "\n".join(lines)
