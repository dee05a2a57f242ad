"""Checkpoints are published where the record's keeper has no hand: added to a file, sent to an address or by mail, stamped by a time stamping authority.

Each place gets the latest checkpoint until it took it; what it took is noted, with the authority's answer. The next checkpoint
seals these notes, so that none is written of a checkpoint that was sealed itself: it would be one that somebody added.
"""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

import httpx
from cryptography import x509
from psycopg import Connection
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from infra.letters.carrying import NotSent, Smtp
from infra.seals.configured import Sealing
from infra.seals.sealing import LOCK
from infra.seals.shelf import Seal

PATIENCE: Final = 10.0
"""Seconds that a place may take to answer."""
LONGEST: Final = 64 * 1024
"""Bytes of an authority's answer."""
_NOTE: Final = "text/plain; charset=utf-8"
_TAKEN: Final = """
INSERT INTO seals.published (size, kept, signer, place, at, proof)
SELECT size, kept, signer, %s, %s, %s FROM seals.checkpoints AS one WHERE (size, kept, signer) = (%s, %s, %s)
    AND NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'checkpoint' AND id = one.number::text)
ON CONFLICT DO NOTHING
"""


class NotPublished(Exception):
    """A place did not take a checkpoint; why, in a few words without anything secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A place took a checkpoint at an instant (UTC); `proof` is what a time stamping authority answered."""

    place: str
    at: datetime
    proof: bytes | None = None


def published(connection: Connection[Any], seal: Seal) -> list[Published]:
    """Which places took this checkpoint."""
    rows = connection.execute(
        "SELECT place, at, proof FROM seals.published WHERE (size, kept, signer) = (%s, %s, %s) ORDER BY at",
        [seal.size, seal.kept, seal.signer],
    ).fetchall()
    return [Published(place=place, at=at, proof=bytes(proof) if proof else None) for place, at, proof in rows]


def publish(connection: Connection[Any], sealing: Sealing, seal: Seal, at: datetime) -> Mapping[str, str]:
    """Give the checkpoint to each place that has not taken it; return why, for each that did not take it now either.

    `connection` commits each statement.
    """
    taken = {one.place for one in published(connection, seal)}
    failed: dict[str, str] = {}
    for place in sealing.places:
        if place in taken:
            continue
        try:
            proof = _PLACES[place](sealing, seal)
        except NotPublished as problem:
            failed[place] = str(problem)
            continue
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # nobody seals between the look and the note
            connection.execute(_TAKEN, [place, at, proof, seal.size, seal.kept, seal.signer])
    return failed


def _file(sealing: Sealing, seal: Seal) -> None:
    """In a folder, write a new file and never touch an old one; to a file, add it at the end: both work where no more is allowed."""
    path = sealing.file
    if path is None:
        return
    try:
        if path.is_dir():
            name = re.sub(r"[^a-z0-9]+", "-", f"{seal.size:012d}-{seal.kept}-{seal.signer.split('+')[1]}")
            path = path / f"checkpoint-{name}.txt"
            if path.exists() and path.read_text(encoding="utf-8") == seal.note:
                return
            text, how = seal.note, os.O_EXCL
        else:
            text, how = f"{seal.note}\n", os.O_APPEND
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o644), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise NotPublished(f"{path} can't be written ({problem.strerror or problem})") from problem


def _url(sealing: Sealing, seal: Seal) -> None:
    _post(sealing.url or "", seal.note.encode(), _NOTE)


def _mail(sealing: Sealing, seal: Seal) -> None:
    """Send it as the text of a letter, by the server that letters leave by."""
    if sealing.mail.server is None or sealing.mail_to is None:
        return
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Checkpoint of {seal.size:,} events"
    message["From"], message["To"] = sealing.mail.sender, sealing.mail_to
    message["Date"] = format_datetime(seal.made_at)
    message["Message-ID"] = f"<checkpoint-{seal.number}-{seal.size}@{sealing.mail.domain}>"
    message.set_content(seal.note, cte="base64")  # so that no line is wrapped on the way
    try:
        asyncio.run(_carried(Smtp(sealing.mail.server, sealing.mail), message, sealing.mail_to))
    except NotSent as problem:
        raise NotPublished(f"the letter was not taken ({problem.reply})") from problem


async def _carried(way: Smtp, message: EmailMessage, to: str) -> None:
    try:
        await way.carry("checkpoint", message, to)
    finally:
        await way.close()


def _time_stamp(sealing: Sealing, seal: Seal) -> bytes:
    """Have the hash of the note stamped (RFC 3161), and look at the stamp before it is kept."""
    request = TimestampRequestBuilder().data(seal.note.encode()).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    asked = request.cert_request(cert_request=True).build()
    answer = _post(sealing.authority or "", asked.as_bytes(), "application/timestamp-query")
    try:
        require_stamped(answer, seal.note, sealing.roots.read_bytes() if sealing.roots else b"", nonce=asked.nonce)
    except (VerificationError, ValueError) as problem:
        raise NotPublished(f"what it answered is no time stamp of the checkpoint ({problem})") from problem
    except OSError as problem:
        raise NotPublished(f"{sealing.roots} can't be read ({problem.strerror or problem})") from problem
    return answer


_PLACES: Final[Mapping[str, Callable[[Sealing, Seal], bytes | None]]] = {
    "file": _file,
    "url": _url,
    "mail": _mail,
    "time-stamp": _time_stamp,
}


def stamped_at(proof: bytes) -> datetime:
    """When an authority says that it stamped. Raises ValueError for what is no answer of one."""
    return decode_timestamp_response(proof).tst_info.gen_time


def is_stamp_of(proof: bytes, note: str) -> bool:
    """Whether this says that it is a stamp of the note; by whom, and whether it is true, is not looked at."""
    return decode_timestamp_response(proof).tst_info.message_imprint.message == sha256(note.encode()).digest()


def require_stamped(proof: bytes, note: str, roots: bytes, *, nonce: int | None = None) -> TimeStampResponse:
    """Return the stamp if it is one of this note, by an authority that leads to one of these certificates (PEM).

    Raises VerificationError, and ValueError for what is no stamp or no certificate.
    """
    answer = decode_timestamp_response(proof)
    verifier = VerifierBuilder()
    for root in x509.load_pem_x509_certificates(roots):
        verifier = verifier.add_root_certificate(root)
    if nonce is not None:
        verifier = verifier.nonce(nonce)
    verifier.build().verify_message(answer, note.encode())
    return answer


def _post(url: str, body: bytes, kind: str) -> bytes:
    try:
        with (
            httpx.Client(timeout=PATIENCE, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers={"Content-Type": kind}) as answer,
        ):
            found = b""
            for part in answer.iter_bytes():
                found += part
                if len(found) > LONGEST:
                    raise NotPublished("it answers too much")
            if not answer.is_success:
                raise NotPublished(f"it answers {answer.status_code}")
            return found
    except httpx.HTTPError as problem:
        raise NotPublished(f"it can't be reached ({type(problem).__name__})") from problem
