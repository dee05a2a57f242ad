"""A proxy between the product and a server of any kind, that can be told to refuse, to be slow, to answer rubbish, and to be well again."""

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
"""What a server of HTTP answers to whatever it is asked, by what is wrong with it."""
NOISE = b"\x00\xffrubbish\r\n" * 50
"""What it says, in no language at all, to whoever comes and before it is asked."""


class Between:
    """The proxy: `does` is `pass`, `refuse`, `stall`, `hold`, `noise`, or one of `RUBBISH`.

    Who is connected meanwhile is cut off, but for `hold`: nothing is passed on then, and all of it once it is well again;
    `held` are the first bytes of each piece that had to wait.
    """

    def __init__(self, address: str) -> None:
        self._server = urlsplit(address)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._moves = threading.Event()
        self._moves.set()
        self.port = int(self._listening.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.does = "pass"
        self.held: list[bytes] = []

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
        before, self.does = self.does, what
        if {before, what} == {"hold", "pass"}:
            (self._moves.clear if what == "hold" else self._moves.set)()
            return
        self._moves.set()
        for one in list(self._open):
            self._close(one)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.does_now("refuse")

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            if self.does in {"pass", "hold"}:
                self._pass_on(client)
            elif self.does == "noise":
                client.sendall(NOISE)
            elif self.does == "stall":
                while client.recv(65536):
                    pass
            elif self.does in RUBBISH:
                client.recv(65536)
                client.sendall(RUBBISH[self.does])
        self._close(client)

    def _pass_on(self, client: socket.socket) -> None:
        with self._connected() as server:
            self._open.add(server)
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()
            self._open.discard(server)

    def _connected(self) -> socket.socket:
        if self._server.scheme != "unix":
            return socket.create_connection((self._server.hostname or "", self._server.port or 0))
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._server.path)
        return server

    def _copy(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                if not self._moves.is_set():
                    self.held.append(piece[:4])
                self._moves.wait()
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
    """A proxy before the server at `address`: `http://host:port`, whatever it speaks there, or `unix:///a/socket`."""
    proxy = Between(address)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(10)
