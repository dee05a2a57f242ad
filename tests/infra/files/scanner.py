"""A scanner that speaks clamd's protocol on a real socket, and finds what these tests say is harmful; it can misbehave too."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HARMFUL = b"harmful-for-these-tests"


class Scanner:
    """`says` is what it answers whatever it is sent; None: what it found. `takes` is how many bytes it takes before it hangs up."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.says: bytes | None = None
        self.takes: int | None = None
        self.asked: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), client.makefile("rb") as coming:
            command = b""
            while not command.endswith(b"\0"):
                command += coming.read(1) or b"\0"
            if command == b"zPING\0":
                client.sendall(b"PONG\0" if self.says is None else self.says)
                return
            if command != b"zINSTREAM\0":
                client.sendall(b"UNKNOWN COMMAND\0")
                return
            content = b""
            while size := int.from_bytes(coming.read(4), "big"):
                content += coming.read(size)
                if self.takes is not None and len(content) > self.takes:
                    client.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.asked.append(content)
            found = b"stream: Test-Signature FOUND\0" if HARMFUL in content else b"stream: OK\0"
            client.sendall(found if self.says is None else self.says)
            if self.says == b"":
                coming.read()  # it says nothing, and waits


@contextmanager
def scanner(path: Path | None = None) -> Iterator[tuple[Scanner, str]]:
    """A scanner that listens on a free port, or on a socket at `path`; and its address."""
    if path:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        listening.listen()
        address = str(path)
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    made = Scanner(listening)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield made, address
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)
