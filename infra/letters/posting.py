"""The courier's job that sends letters: what waits in the outbox goes out, once each as far as SMTP allows.

A letter is marked as on its way before it goes and as sent after, and its Message-ID is always the same: whoever ends in
between has it tried once more, and receivers can tell. See docs/decisions/0023.
"""

import asyncio
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from domain.letter_events import FAILED, NO_ADDRESS, OVERTAKEN, QUEUED, REFUSED, SENT
from infra.bootstrap import App
from infra.letters.carrying import Away, Later, Refused, Way, way_out
from infra.letters.configured import Mail
from infra.letters.outbox import Outbox, Row
from infra.letters.writing import Letter, message_of, write
from infra.running import find_running
from infra.settings import Settings
from infra.store.errors import RecordUnavailable

BATCH: Final = 100
"""Letters written and held in memory at once."""
IDLE: Final = 0.25
"""Seconds between two looks where nothing was due."""
LONGEST: Final = 4 * 3600.0
"""Seconds between two tries of a letter at most."""
AWAY: Final = 300.0
"""Seconds between two attempts at a server that takes nothing, at most."""

_log = structlog.get_logger(__name__)


def run(settings: Settings, app: App, ended: threading.Event) -> None:
    """Send letters until `ended`. Raises RecordUnavailable while the outbox can't be reached."""
    outbox = Outbox(app.records.datastore)
    if taken_up := outbox.recover():
        _log.warning("letters.interrupted", letters=taken_up)
    asyncio.run(_Post(app, outbox, settings, ended).work())


def folder_of(settings: Settings) -> Path:
    """Where letters are written where there is no server."""
    return settings.data / "letters"


def turn(last: float, now: float, rate: int) -> float:
    """When the next letter may go, `last` being when one did, at most `rate` a minute (seconds of one clock)."""
    return max(last + 60.0 / rate, now)


@dataclass(slots=True)
class _Post:
    """What sends: over so many ways at once, at most so many letters a minute; it pauses while the server is away."""

    app: App
    outbox: Outbox
    settings: Settings
    ended: threading.Event
    away: int = 0
    next_slot: float = 0.0
    ways: list[Way] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - spreads tries, and no secret

    @property
    def mail(self) -> Mail:
        """How letters leave."""
        return self.settings.mail

    async def work(self) -> None:
        """Send until the end."""
        count = self.mail.connections if self.mail.server else 1
        self.ways = [way_out(self.mail, folder_of(self.settings)) for _ in range(count)]
        try:
            while not self.ended.is_set():
                if not await self._round():
                    await self._wait(IDLE)
        finally:
            for way in self.ways:
                await way.close()

    async def _round(self) -> bool:
        """Send what is due, a batch of it; whether there was anything."""
        rows = await asyncio.to_thread(self.outbox.due, BATCH)
        if not rows:
            return False
        base = self.settings.identity.base or getattr(find_running(self.settings), "base", "")
        seen = await asyncio.to_thread(lambda: self.outbox.place() or 0)
        waiting = iter(await asyncio.to_thread(self._written, base, rows))
        tasks = [asyncio.create_task(self._send(way, waiting, seen)) for way in self.ways]
        done = await asyncio.gather(*tasks, return_exceptions=True)
        problems = [one for one in done if isinstance(one, BaseException) and not isinstance(one, Away)]
        if problems:
            raise problems[0]
        away = [one for one in done if isinstance(one, Away)]
        if away:
            self.away += 1
            pause = min(AWAY, self.mail.pause * 2.0 ** (self.away - 1)) * self.dice.uniform(0.8, 1.2)
            _log.warning("letters.server_away", reply=away[0].reply, again_in=round(pause, 1))
            await self._wait(pause)
        else:
            self.away = 0
        return True

    def _written(self, base: str, rows: Sequence[Row]) -> list[Letter]:
        """Write these letters; one that can't be written is given up, so that it does not hold up the others."""
        try:
            return write(self.app, self.mail, base, rows)
        except RecordUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one letter, or of its words, is not to end all
            if len(rows) > 1:
                return [letter for row in rows for letter in self._written(base, [row])]
            self.outbox.end(rows[0].id, FAILED, "not-written")
            _log.error("letters.not_written", letter=rows[0].id, error=type(error).__name__)
            return []

    async def _send(self, way: Way, waiting: Iterator[Letter], seen: int) -> None:
        """Send one letter after another, until none is left or the server is away."""
        for letter in waiting:
            if self.ended.is_set():
                return
            await self._one(way, letter, seen)

    async def _one(self, way: Way, letter: Letter, seen: int) -> None:
        row = letter.row
        if letter.overtaken or letter.to is None:
            await asyncio.to_thread(self.outbox.end, row.id, OVERTAKEN if letter.overtaken else NO_ADDRESS)
            return
        message = message_of(letter, self.mail, datetime.now(UTC))
        await self._slot()
        begun = await asyncio.to_thread(
            lambda: self.outbox.begin(row, seen=seen, subject=letter.subject, body=letter.body, names=letter.names)
        )
        if not begun:
            return
        try:
            await way.carry(row.id, message, letter.to)
        except Refused as refused:
            await asyncio.to_thread(self.outbox.end, row.id, REFUSED, refused.reply)
            _log.warning("letters.refused", letter=row.id, reply=refused.reply)
        except Later as later:
            await self._again(row.id, row.tries + 1, later.reply)
        except Away as away:
            reply = away.reply
            await asyncio.to_thread(lambda: self.outbox.end(row.id, QUEUED, reply, untried=True))
            raise
        else:
            await asyncio.to_thread(self.outbox.end, row.id, SENT, "250" if self.mail.server else "file")

    async def _again(self, id: str, tries: int, reply: str) -> None:
        if tries >= self.mail.tries:
            await asyncio.to_thread(self.outbox.end, id, FAILED, reply)
            _log.warning("letters.given_up", letter=id, tries=tries, reply=reply)
            return
        pause = min(LONGEST, self.mail.pause * 2.0 ** (tries - 1)) * self.dice.uniform(0.8, 1.2)
        await asyncio.to_thread(lambda: self.outbox.end(id, QUEUED, reply, again_in=pause))
        _log.info("letters.later", letter=id, tries=tries, reply=reply, again_in=round(pause, 1))

    async def _slot(self) -> None:
        """Wait for this letter's turn, so that no more go than the rate allows; files have none."""
        if not self.mail.server:
            return
        now = time.monotonic()
        self.next_slot = turn(self.next_slot, now, self.mail.rate)
        await asyncio.sleep(self.next_slot - now)

    async def _wait(self, seconds: float) -> None:
        await asyncio.to_thread(self.ended.wait, seconds)
