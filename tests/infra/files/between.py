"""A proxy between the product and a server, that can be told to refuse, to be slow, to answer rubbish, and to be well again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

RUBBISH = {
    "no-http": b"This is no HTTP at all.\r\n\r\n",
    "half-a-head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "fine-and-empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "a-page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>",
    "error": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "slow-down": b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "denied": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}
"""What a server answers to whatever it is asked, by what is wrong with it."""


class Between:
    """The proxy: `does` is `pass`, `refuse`, `stall`, or one of `RUBBISH`."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._server = (parts.hostname or "", parts.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.does = "pass"

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._open.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def does_now(self, what: str) -> None:
        """From now on do this, also to who is connected already."""
        self.does = what
        for one in list(self._open):
            self._close(one)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.does_now("refuse")

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            if self.does == "pass":
                self._pass_on(client)
            elif self.does == "stall":
                while client.recv(65536):
                    pass
            elif self.does in RUBBISH:
                client.recv(65536)
                client.sendall(RUBBISH[self.does])
        self._close(client)

    def _pass_on(self, client: socket.socket) -> None:
        with socket.create_connection(self._server) as server:
            self._open.add(server)
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()
            self._open.discard(server)

    def _copy(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def _close(self, one: socket.socket) -> None:
        self._open.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def between(address: str) -> Iterator[Between]:
    """A proxy before the server at `address`."""
    proxy = Between(address)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(10)
