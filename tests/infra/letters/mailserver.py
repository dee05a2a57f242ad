"""A real SMTP server that does as it is told: takes letters, refuses them, says to come again, is slow, or talks rubbish."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, cast

from aiosmtpd.controller import Controller

Answer = Callable[[str, int], str]
"""What is answered to a letter to this address, that comes for the so-manieth time."""


@dataclass(slots=True)
class Taken:
    """A letter that the server took: who it was for by the envelope, and the message itself."""

    to: str
    message: EmailMessage


@dataclass
class Handler:
    """Takes letters and keeps them, or answers as `recipient` and `data` say."""

    taken: list[Taken] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    recipient: Answer = lambda _to, _times: "250 OK"
    data: Answer = lambda _to, _times: "250 OK"
    took: Callable[[], None] = lambda: None
    connections: set[Any] = field(default_factory=set)

    async def handle_RCPT(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        self.connections.add(session.peer)
        self.asked[address] = self.asked.get(address, 0) + 1
        said = self.recipient(address, self.asked[address])
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        [to] = envelope.rcpt_tos
        said = self.data(to, self.asked[to])
        if said.startswith("250"):
            message = cast("EmailMessage", message_from_bytes(envelope.content, policy=SMTP))
            self.taken.append(Taken(to, message))
            self.took()
        return said


@contextmanager
def serving(handler: Handler, port: int = 0) -> Iterator[int]:
    """Serve on a free port of this machine, or on `port`; gives the port."""
    port = port or free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def talking(say: bytes, *, after: float = 0.0) -> Iterator[int]:
    """A server that says the same to whoever connects, `after` so many seconds, and no more; gives the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    listening.settimeout(0.1)

    def talk() -> None:
        kept = []
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            kept.append(connection)
            stop.wait(after)
            connection.sendall(say)
        for one in kept:
            one.close()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        thread.join(5)
        listening.close()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def slowly(seconds: float) -> Answer:
    """Take a letter, but only after so long."""

    def answer(_to: str, _times: int) -> str:
        time.sleep(seconds)
        return "250 OK"

    return answer
