"""A command under an `Idempotency-Key`: the same answer for 24 hours, and never two bodies under one key."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec

from infra.api.caller import Api, Caller
from infra.api.problems import refused

KEPT: Final = timedelta(hours=24)
UNKNOWN: Final = 16
"""Characters of a key, at least, of who is not signed in: nothing else tells one of them from another."""

_CLAIM: Final = """
WITH over AS (
    SELECT caller, key FROM access.keys
    WHERE at < %(since)s AND (caller, key) <> (%(caller)s, %(key)s) ORDER BY at LIMIT 5 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM access.keys AS kept USING over WHERE kept.caller = over.caller AND kept.key = over.key
)
INSERT INTO access.keys AS kept (caller, key, digest, at) VALUES (%(caller)s, %(key)s, %(digest)s, %(at)s)
ON CONFLICT (caller, key) DO UPDATE SET
    digest = CASE WHEN kept.at < %(since)s THEN excluded.digest ELSE kept.digest END,
    answer = CASE WHEN kept.at < %(since)s THEN NULL ELSE kept.answer END,
    at = CASE WHEN kept.at < %(since)s THEN excluded.at ELSE kept.at END
RETURNING digest, answer
"""
_KEEP: Final = "UPDATE access.keys SET answer = %s WHERE caller = %s AND key = %s RETURNING key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key of a caller with what it stands for; `answer` is what was answered to it, None while it was not."""

    caller: str
    key: str
    command: str
    answer: dict[str, Any] | None


def claim(api: Api, caller: Caller, key: str, *, route: str, body: bytes) -> Claim:
    """Take the key for this request; refuses one that stands for another.

    It deletes a few whose time is over, more than come in, so that they are gone soon and no round trip is spent on it.

    The id of the command is made of all three, so that the record knows a repetition also when nothing was kept here, and
    a key used again after its time, for something else, is another command.
    """
    if not caller.session and len(key) < UNKNOWN:
        raise refused(
            "idempotency-key", "without a token a key is known by nothing but itself", field="Idempotency-Key",
            allowed=f"one that nobody else comes upon: at least {UNKNOWN} characters, chosen at random, such as a UUID",
        )  # fmt: skip
    digest = hashlib.sha256(b"\x1f".join((route.encode(), caller.role.encode(), body))).digest()
    who = caller.actor if caller.session else "public"
    [(kept, said)] = api.app.records.datastore.rows(
        _CLAIM, {"caller": who, "key": key, "digest": digest, "at": caller.at, "since": caller.at - KEPT}
    )
    if bytes(kept) != digest:
        raise refused(
            "idempotency-key", "this key stands for another request of the last 24 hours", field="Idempotency-Key",
            allowed="a new key for a new request; the same key only with the same body",
        )  # fmt: skip
    command = hashlib.sha256(b"\x1f".join((who.encode(), key.encode(), digest))).hexdigest()[:40]
    return Claim(caller=who, key=key, command=f"api-{command}", answer=msgspec.json.decode(said) if said else None)


def keep(api: Api, taken: Claim, answer: dict[str, Any]) -> None:
    """Keep what is answered, for who asks again."""
    api.app.records.datastore.rows(_KEEP, [msgspec.json.encode(answer), taken.caller, taken.key])
