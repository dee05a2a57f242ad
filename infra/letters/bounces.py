"""The courier's job that reads notices of letters that came back, where a mail server puts them: a maildir of its own.

A notice names the letter by its Message-ID; what it says beyond the status code is not kept. What is no such notice, or is of no
letter of ours, is put aside with the others: nobody answers mail here.
"""

import re
import threading
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from domain.ids import is_id
from domain.refusals import Refused
from infra.bootstrap import App
from infra.settings import Settings
from services.letters import note_bounce
from services.ports import Command
from services.schemes import INSTALLER_ROLE

LOOK: Final = 5.0
"""Seconds between two looks."""
LARGEST: Final = 1_000_000
"""Bytes of a notice that are read; the status comes first."""
_OURS: Final = re.compile(r"<(letter-[a-z2-7]{16})@[^<>\s]+>")
_STATUS: Final = re.compile(r"(?mi)^Status:\s*([245]\.\d{1,3}\.\d{1,3})")
_FAILED: Final = re.compile(r"(?mi)^Action:\s*failed")

_log = structlog.get_logger(__name__)


class Notice(NamedTuple):
    """A letter that came back, and the status that was given (`5.1.1`)."""

    letter: str
    status: str


def run(settings: Settings, app: App, ended: threading.Event) -> None:
    """Read notices until `ended`; nothing where no maildir is set."""
    folder = settings.mail.bounces
    while not ended.is_set():
        if folder is not None:
            read_all(folder, app)
        ended.wait(LOOK)


def read_all(folder: Path, app: App) -> int:
    """Read what is new in a maildir, and put it aside; returns how many letters came back. Raises RecordUnavailable."""
    (folder / "cur").mkdir(parents=True, exist_ok=True)
    found = 0
    for path in sorted((folder / "new").glob("*")):
        with path.open("rb") as file:
            notice = read_notice(file.read(LARGEST))
        found += notice is not None and _noted(app, notice)
        path.rename(folder / "cur" / f"{path.name}:2,S")
    return found


def read_notice(source: bytes) -> Notice | None:
    """Read one message; None where it is no notice that a letter of ours failed for good."""
    message = message_from_bytes(source, policy=default)
    if message.get_content_type() != "multipart/report":
        return None
    said = original = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            said += part.as_string()
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            original += part.as_string()
    letter, status = _OURS.search(original), _STATUS.search(said)
    if not letter or not _FAILED.search(said):
        return None
    return Notice(letter[1], status[1] if status else "5.0.0")


def _noted(app: App, notice: Notice) -> bool:
    row = app.post.outbox.row(notice.letter) if is_id(notice.letter, "letter") else None
    if row is None:
        return False
    at = datetime.now(UTC)
    # Each sending comes back once: the same letter sent again may come back again.
    sending = f"{row.sent_at.timestamp():.6f}" if row.sent_at else "never"
    command = Command(id=f"bounce-{row.id}-{sending}", actor="courier", role=INSTALLER_ROLE, at=at)
    reason = f"A notice came that it was not delivered (status {notice.status})."
    try:
        note_bounce(app.office, command, case=row.stream, letter=row.id, reason=reason, post=app.post)
    except Refused as refused:  # it was never marked as sent, or is on its way again
        _log.warning("letters.bounce_not_noted", letter=row.id, rule=refused.rule)
        return False
    _log.info("letters.bounced", letter=row.id, status=notice.status)
    return True
