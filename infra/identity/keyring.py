"""The keys of our own issuer: made once, kept under the data folder for its owner alone; an old one stays until its tokens ended."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key

from infra.folder import hold, make_private, write_private
from infra.problems import CannotStart

ALGORITHM: Final = "ES256"
"""Known to every library for OpenID Connect."""
TOKENS_LAST: Final = timedelta(minutes=10)
"""How long a token of our own issuer is good."""
KEPT: Final = TOKENS_LAST + timedelta(minutes=5)
"""How long the public half of a former key is shown: until the last token that it signed has expired, and clocks differ."""
PATIENCE: Final = 5.0
"""Seconds to wait for another process that writes."""


class _Entry(msgspec.Struct, frozen=True):
    """One key as it is kept: with its private half, and until when it is shown where another one signs."""

    key: dict[str, str]
    until: datetime | None = None


@dataclass(slots=True)
class KeyRing:
    """The keys in `folder`. Any thread and any process may use it: what another one wrote is seen with the next question."""

    folder: Path
    _entries: tuple[_Entry, ...] = ()
    _stamp: tuple[int, int] = (0, 0)
    _keys: Mapping[str, Key] = field(default_factory=dict)

    def signing(self) -> Key:
        """The key that signs; it is made if there is none yet."""
        if not self._path.exists():
            self._make_first()
        return next(self._read()[str(one.key["kid"])] for one in self._entries_now() if one.until is None)

    def key(self, kid: str | None, at: datetime) -> Key | None:
        """The public key of this id, while it is good."""
        return {str(one.kid): one for one in self.public(at)}.get(kid or "")

    def public(self, at: datetime) -> list[Key]:
        """The public keys by which tokens can be checked at an instant (UTC), the one that signs first."""
        self.signing()
        keys = self._read()
        shown = [one for one in self._entries_now() if one.until is None or one.until > at]
        return [ECKey.import_key(keys[one.key["kid"]].as_dict(private=False)) for one in shown]

    def rotate(self, at: datetime) -> str:
        """Have a new key sign from now on; return its id. The former one can sign no more: its private half is deleted."""
        self.signing()
        with self._alone():
            former = [
                _Entry(_public_half(one.key), one.until or at + KEPT)
                for one in self._entries_now()
                if one.until is None or one.until > at
            ]
            made = _made()
            self._write([_Entry(made), *former])
        return str(made["kid"])

    @property
    def _path(self) -> Path:
        return self.folder / "keys.json"

    def _make_first(self) -> None:
        make_private(self.folder)
        with self._alone():
            if not self._path.exists():
                self._write([_Entry(_made())])

    def _entries_now(self) -> tuple[_Entry, ...]:
        self._read()
        return self._entries

    def _read(self) -> Mapping[str, Key]:
        found = self._path.stat()
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            try:
                entries = tuple(msgspec.json.decode(self._path.read_bytes(), type=list[_Entry]))
                keys: dict[str, Key] = {one.key["kid"]: ECKey.import_key(dict(one.key)) for one in entries}
            except (msgspec.DecodeError, JoseError, KeyError, ValueError):
                raise CannotStart(
                    f"{self._path} can't be read; restore it from a backup, or delete it: all sign in anew."
                ) from None
            self._entries, self._keys, self._stamp = entries, keys, stamp
        return self._keys

    def _write(self, entries: list[_Entry]) -> None:
        write_private(self._path, msgspec.json.encode(entries).decode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one at a time write. Raises CannotStart if somebody else does and goes on doing so."""
        until = time.monotonic() + PATIENCE
        while (lock := hold(self.folder / "keys.lock")) is None:
            if time.monotonic() > until:
                raise CannotStart(f"Another process keeps {self.folder}/keys.lock; end it and try again.")
            time.sleep(0.01)
        try:
            yield
        finally:
            os.close(lock)


def _made() -> dict[str, Any]:
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


def _public_half(key: Mapping[str, str]) -> dict[str, Any]:
    return dict(ECKey.import_key(dict(key)).as_dict(private=False))
