"""The least client there is for HTTP/1.1, so that what is measured is the server: one connection, one request after another."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took in seconds; names of headers are in lower case."""

    status: int
    body: bytes
    took: float
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Wire:
    """A connection to a server on this machine."""

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer:
            self._writer.close()

    async def ask(self, path: str, *, body: bytes | None = None, **headers: str) -> Answer:
        """GET a path, or POST a body to it. Raises ConnectionError where the connection breaks off."""
        if not self._reader or not self._writer:
            raise ConnectionError("not connected")
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **headers}.items()]
        lines += [] if body is None else [f"Content-Length: {len(body)}", "Content-Type: application/json"]
        begun = time.perf_counter()
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        await self._writer.drain()
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            headers = _headers(head)
            answered = await self._reader.readexactly(int(headers.get("content-length", 0)))
        except asyncio.IncompleteReadError as cut:
            raise ConnectionError("the connection broke off") from cut
        return Answer(int(head.split(b" ", 2)[1]), answered, time.perf_counter() - begun, headers)

    @property
    def open(self) -> bool:
        """Whether it is connected, and the server has not ended that meanwhile."""
        return bool(self._reader and self._writer and not self._reader.at_eof() and not self._writer.is_closing())


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:] if line)
    return {name.lower(): value.strip() for name, _, value in lines}


async def _rate(port: int, paths: Sequence[str], headers: Mapping[str, str], *, users: int, seconds: float) -> float:
    done = 0
    until = time.perf_counter() + seconds

    async def user(number: int) -> None:
        nonlocal done
        async with Wire(port, headers) as wire:
            while time.perf_counter() < until:
                answer = await wire.ask(paths[number % len(paths)])
                if answer.status != 200:
                    raise RuntimeError(f"{paths[number % len(paths)]} answered {answer.status}: {answer.body[:300]!r}")
                done += 1
                number += users

    await asyncio.gather(*(user(number) for number in range(users)))
    return done / seconds


def rate(port: int, paths: Sequence[str], headers: Mapping[str, str], *, users: int = 8, seconds: float = 2.0) -> float:
    """How many of these requests are answered within a second, `users` at a time. Raises RuntimeError for any but 200."""
    return asyncio.run(_rate(port, paths, headers, users=users, seconds=seconds))


async def _latency(port: int, path: str, headers: Mapping[str, str], *, calls: int) -> float:
    async with Wire(port, headers) as wire:
        answers = [await wire.ask(path) for _ in range(calls)]
    for one in answers:
        if one.status != 200:
            raise RuntimeError(f"{path} answered {one.status}: {one.body[:300]!r}")
    return statistics.median(one.took for one in answers)


def latency(port: int, path: str, headers: Mapping[str, str], *, calls: int) -> float:
    """The median of the seconds in which this is answered, one request after another. Raises RuntimeError for any but 200."""
    return asyncio.run(_latency(port, path, headers, calls=calls))
