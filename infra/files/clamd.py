"""Asks a malware scanner, in clamd's protocol, about a file before it is kept. Whoever can't be asked has not said that it is well."""

import re
import socket
import time
from pathlib import Path
from typing import Final

import structlog

from domain.refusals import refuse
from infra.files.errors import FilesOutOfReach

PIECE: Final = 256 * 1024
LONGEST_ANSWER: Final = 4096
PATIENCE: Final = 60.0
"""Seconds that the scanner may take to take in a piece, or to answer in the end."""
FOUND: Final = re.compile(r"^stream: (.+) FOUND$")

log = structlog.get_logger()


def scan(address: str, path: Path, *, patience: float = PATIENCE) -> None:
    """Return where the scanner at `address` (host:port, or the path of a socket) finds nothing in the file at `path`.

    Refuses what it finds something in. Raises FilesOutOfReach where it can't be asked, or answers anything else.
    """
    try:
        with _connected(address, patience) as connection:
            answer = _asked(connection, path, patience)
    except (OSError, ValueError) as problem:
        raise FilesOutOfReach(
            f"the scanner at {address} can't be asked: {problem or type(problem).__name__}"
        ) from problem
    if answer == "stream: OK":
        return
    if found := FOUND.match(answer):
        log.warning("files.infected", found=found[1][:100])
        raise refuse(
            "file-infected",
            "the scanner found something harmful in the file",
            field="body",
            allowed="a file in which it finds nothing; nothing was kept",
        )
    raise FilesOutOfReach(f"the scanner at {address} answered {answer[:80]!r}")


def ask(address: str, *, patience: float = PATIENCE) -> None:
    """Return where a scanner at `address` says that it is there. Raises FilesOutOfReach where none does."""
    try:
        with _connected(address, patience) as connection:
            connection.settimeout(patience)
            connection.sendall(b"zPING\0")
            answer = _answered(connection, time.monotonic() + patience)
    except (OSError, ValueError) as problem:
        raise FilesOutOfReach(
            f"the scanner at {address} can't be asked: {problem or type(problem).__name__}"
        ) from problem
    if answer != "PONG":
        raise FilesOutOfReach(f"the scanner at {address} answered {answer[:80]!r}")


def _connected(address: str, patience: float) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=min(5.0, patience))
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(min(5.0, patience))
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _asked(connection: socket.socket, path: Path, patience: float) -> str:
    connection.settimeout(patience)
    try:
        connection.sendall(b"zINSTREAM\0")
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                connection.sendall(len(piece).to_bytes(4, "big") + piece)
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it may have said why before it hung up, for instance that the file is too large for it
    return _answered(connection, time.monotonic() + patience)


def _answered(connection: socket.socket, until: float) -> str:
    """Its answer, which ends with a zero byte; a longer one than any of its, or a later one, is none."""
    answer = b""
    while b"\0" not in answer:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        connection.settimeout(left)
        piece = connection.recv(LONGEST_ANSWER)
        answer += piece
        if not piece or len(answer) > LONGEST_ANSWER:
            raise ValueError(f"no answer but {answer[:80]!r}")
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
