"""Who follows the feed as server-sent events while things die: connects again, goes on at `Last-Event-ID`, and notes what comes."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.soak.crowd import AGAIN, Member

QUIET: Final = 40.0
"""Seconds after which a stream on which nothing came is given up: more than twice what it takes to say that it is there."""
TO_THE_END: Final = 120.0
"""Seconds within which everybody has heard what was recorded, once all is well again."""


@dataclass(slots=True)
class Follower:
    """Somebody who follows from behind position `last` on: what they heard, in its order, and how often the stream broke off."""

    member: Member
    port: int
    last: int
    heard: list[int] = field(default_factory=list)
    broken: int = 0

    async def follow(self) -> None:
        """Follow for ever, over whatever breaks off."""
        timeout = httpx.Timeout(10.0, read=QUIET)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1", timeout=timeout) as client:
            while True:
                with suppress(httpx.HTTPError):
                    await self._listen(client)
                self.broken += 1
                await asyncio.sleep(AGAIN)

    async def _listen(self, client: httpx.AsyncClient) -> None:
        asked = {**self.member.headers, "Last-Event-ID": str(self.last)}
        async with client.stream("GET", "/events/stream", headers=asked) as answer:
            if answer.status_code != 200:
                return
            block: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                block[name] = value
                if not line:  # a block that was cut off does not count, and comes again
                    self._take(block)
                    block = {}

    def _take(self, block: dict[str, str]) -> None:
        if "event" in block:
            self.heard.append(int(block["id"]))
        self.last = int(block.get("id", self.last))


async def meanwhile(
    members: Sequence[Member], work: Coroutine[Any, Any, None], *, port: int, after: int, end: Callable[[], int]
) -> list[Follower]:
    """Have some follow the feed from behind a position while work is done, and then up to the `end` of the log."""
    found = [Follower(one, port, after) for one in members]
    tasks = [asyncio.create_task(one.follow()) for one in found]
    try:
        await work
        async with asyncio.timeout(TO_THE_END):
            while any(one.last < end() for one in found):  # noqa: ASYNC110 - the end is moved by others
                await asyncio.sleep(AGAIN)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found


def told(member: Member, *, port: int, after: int) -> list[int]:
    """The positions of all that somebody is told behind a position, page by page."""
    found: list[int] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=dict(member.headers), timeout=60) as client:
        while True:
            answer = client.get("/events", params={"after": after, "limit": 200})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += [one["position"] for one in page["items"]]
            after = page["next"]
            if not page["more"]:
                return found
