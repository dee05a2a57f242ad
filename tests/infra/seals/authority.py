"""A time stamping authority of the tests' own: OpenSSL answers, over HTTP; its certificate is of a root made for it."""

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIGURED = """\
[tsa]
default_tsa = tsa_own
[tsa_own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.13762.3
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[made]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:FALSE
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
"""


@dataclass(slots=True)
class Place:
    """An HTTP server: its address, what it was sent, and how it answers from now on."""

    url: str
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    status: int = 200
    answer: bytes | None = None


@contextmanager
def listening(folder: Path | None = None) -> Iterator[Place]:
    """A server that takes what is posted; with a `folder`, it answers as the authority that was made there."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            place.sent.append((self.headers["Content-Type"], body))
            said = place.answer if place.answer is not None else stamp(folder, body) if folder else b""
            self.send_response(place.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = Place(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_authority(folder: Path) -> Path:
    """Make the keys and certificates of an authority in `folder`; return the file with its root."""
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.conf").write_text(CONFIGURED.format(folder=folder))
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=root -config tsa.conf -extensions root",
        folder,
    )
    openssl("req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa -config tsa.conf", folder)
    openssl(
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 30 -extfile tsa.conf -extensions made",
        folder,
    )
    return folder / "root.pem"


def stamp(folder: Path, query: bytes) -> bytes:
    """What the authority answers."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "query").write_bytes(query)
        openssl(f"ts -reply -config tsa.conf -queryfile {scratch}/query -out {scratch}/reply", folder)
        return (Path(scratch) / "reply").read_bytes()


def verified_by_openssl(folder: Path, reply: bytes, stamped: bytes, scratch: Path) -> bool:
    """Whether OpenSSL takes this for a stamp of those bytes, by the root of the authority."""
    (scratch / "reply").write_bytes(reply)
    (scratch / "stamped").write_bytes(stamped)
    command = ["openssl", "ts", "-verify", "-in", "reply", "-data", "stamped", "-CAfile", str(folder / "root.pem")]
    return subprocess.run(command, cwd=scratch, capture_output=True, check=False).returncode == 0


def openssl(arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, capture_output=True, check=True)
