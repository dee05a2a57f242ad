"""A program that word is carried to: a real server on loopback that verifies what comes and answers as it is told."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook


@dataclass(slots=True)
class Got:
    """One request: its headers and body, and what it was answered."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """What it carries, as the library of CloudEvents reads it, which checks it."""
        assert self.headers["content-type"].startswith(JSONFormat.CONTENT_TYPE)
        return JSONFormat().read(CloudEvent, self.body)

    @property
    def position(self) -> int:
        """The position of the event that it carries."""
        return int(self.event.get_id())

    def verify(self, secret: str) -> None:
        """Raise unless it was signed with this secret."""
        Webhook(secret).verify(self.body, dict(self.headers))


Answers = Callable[[Got], int | tuple[int, dict[str, str]]]
"""The status that a request is answered with, and headers."""


@dataclass(slots=True)
class Receiver:
    """What came, in its order; `answers` says what it is answered. While `held` is not set no answer is given."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: Answers = lambda _: 204
    held: threading.Event = field(default_factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def positions(self) -> list[int]:
        """The positions of the events that were taken, in the order in which they were."""
        return [one.position for one in list(self.got) if 200 <= one.status < 300]


@contextmanager
def receiving(answers: Answers = lambda _: 204) -> Iterator[Receiver]:
    """Receive what is carried to `url`."""
    receiver = Receiver(answers=answers)
    receiver.held.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body, 0)
            with receiver.lock:
                receiver.at_once += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
            receiver.held.wait(30)
            said = receiver.answers(got)
            got.status, headers = said if isinstance(said, tuple) else (said, {})
            with receiver.lock:
                receiver.at_once -= 1
                receiver.got.append(got)
            self.send_response(got.status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with served(Handler) as port:
        receiver.url = f"http://127.0.0.1:{port}/hook"
        yield receiver


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Have requests handled on a port of its own; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def saying(raw: Callable[[Any], None]) -> Iterator[str]:
    """Have a connection answered by `raw`, whatever was asked; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.connection.recv(65_536)
            raw(self.connection)

    with served(Handler) as port:
        yield f"http://127.0.0.1:{port}/"


def drip(connection: Any) -> None:
    """Answer a byte now and then, for ever."""
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        pass


@contextmanager
def listening(answer: Callable[[Any], None]) -> Iterator[int]:
    """Have each connection answered by `answer`, from its very beginning; yields the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    answer(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for a host: who trusts it, and who serves by it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return ssl.create_default_context(cafile=str(file)), serving
