"""The key that signs badges: made once, kept under the data folder for its owner alone, or given in a file; and whose it is.

It can be exchanged: the file holds the key that signs, and below it the public ones of those that signed before, whose badges
are believed still, until they are disowned. What runs notices that the file is another one. The issuer is `did:web` of the product's own address where that is https, so that a key can be looked up there; otherwise the
key is its own name (`did:key`).
"""

import base64
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.refusals import refuse
from infra.badges.configured import Signing
from infra.folder import hold, make_private, write_private
from infra.problems import CannotStart

log = structlog.get_logger()

KEY: Final = "key"
FORM: Final = "assay-badge-key+"
"""Begins the file of a key, so that no other secret is taken for one."""
BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PATIENCE: Final = 5.0
"""Seconds to wait for another process that makes the key."""
ED25519: Final = b"\xed\x01"
"""Multicodec of a public key of Ed25519."""


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key that signs badges."""

    private: Ed25519PrivateKey

    @classmethod
    def make(cls) -> "Key":
        """A new one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, text: str) -> "Key":
        """The key that `text` holds, as `secret` writes it. Raises ValueError for anything else."""
        if not text.startswith(FORM):
            raise ValueError(f"it does not begin with {FORM}")
        return cls(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text.strip()[len(FORM) :], validate=True)))

    @property
    def secret(self) -> str:
        """The key as it is kept."""
        return FORM + base64.b64encode(self.private.private_bytes_raw()).decode()

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def multikey(self) -> str:
        """The public key in multibase (base58), with what kind of key it is."""
        return "z" + base58(ED25519 + self.public)

    def sign(self, data: bytes) -> bytes:
        """Sign (64 bytes, the same for the same bytes); checked before it is given out."""
        signature = self.private.sign(data)
        try:
            self.private.public_key().verify(signature, data)
        except InvalidSignature as fault:  # a machine that miscounts: nothing false is given out
            raise RuntimeError("a signature that was just made does not fit") from fault
        return signature


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose badges these are: a key, the address `base` under which the product is reached, and a `name` for people.

    `former` are the public keys (multikeys) that signed before, the latest first.
    """

    key: Key
    base: str
    name: str
    former: tuple[str, ...] = ()

    @property
    def did(self) -> str:
        """The issuer's decentralised identifier."""
        if not self.base.startswith("https://"):
            return f"did:key:{self.key.multikey}"
        return f"did:web:{quote(urlsplit(self.base).netloc, safe='.-')}"

    @property
    def method(self) -> str:
        """The name of the key by which a signature is checked."""
        return f"{self.did}#{self.key.multikey}"

    @property
    def profile(self) -> dict[str, Any]:
        """The issuer as a credential names it."""
        return {"id": self.did, "type": ["Profile"], "name": self.name, "url": self.base}

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as a JWK."""
        value = base64.urlsafe_b64encode(self.key.public).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": "Ed25519", "x": value, "alg": "EdDSA", "kid": self.method}

    def document(self) -> dict[str, Any]:
        """The DID document, by which anybody finds the key that a signature names, the former ones too."""
        held = [
            {"id": f"{self.did}#{one}", "type": "Multikey", "controller": self.did, "publicKeyMultibase": one}
            for one in (self.key.multikey, *self.former)
        ]
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": held,
            "assertionMethod": [one["id"] for one in held],
        }


def key_in(data: Path, file: Path | None) -> tuple[Key, tuple[str, ...]]:
    """The key of the `file` if one is set, or of the data folder, where it is made if there is none yet; and the former ones.

    Raises CannotStart for one that can't be used.
    """
    path = _file(data, file)
    if file is None and not path.exists():
        _make(path)
    try:
        first, *former = path.read_text(encoding="utf-8").split("\n")
        return Key.read(first), tuple(_multikey(one) for one in former if one.strip())
    except (OSError, ValueError) as problem:
        why = (
            problem.strerror if isinstance(problem, OSError) else "it holds no such key"
        )  # what it holds is never shown
        then = (
            "set ASSAY_BADGE_KEY_FILE to a file that Assay made"
            if file
            else "restore it from a backup of the folder, or delete it: badges are then signed by another key"
        )
        raise CannotStart(f"The key of badges {path} can't be read ({why}); {then}.") from None


def issuer_in(data: Path, signing: Signing, base: str) -> Issuer:
    """Who issues badges, reached at `base`; makes the key if there is none yet. Raises CannotStart for one that can't be used."""
    key, former = key_in(data, signing.file)
    return Issuer(key, base, signing.name, former)


class Following:
    """Who issues badges, asked anew for each: the key is read again once its file is another one, or was written to.

    Where the file is gone, or holds no key, the one that was read before goes on: half an exchange stops no badges.
    """

    def __init__(self, data: Path, signing: Signing, base: str) -> None:
        """Read the key, which is made if there is none yet. Raises CannotStart for one that can't be used."""
        self._file = _file(data, signing.file)
        self._held = _state(self._file), issuer_in(data, signing, base)  # in this order: a change between is seen later

    def __call__(self) -> Issuer:
        """Who issues badges now."""
        seen, issuer = self._held
        now = _state(self._file)
        if now not in {None, seen}:
            try:
                key, former = key_in(self._file.parent, self._file)  # none is made here
                issuer = replace(issuer, key=key, former=former)
            except CannotStart:
                log.warning("badge-key-not-read", file=str(self._file))
            self._held = now, issuer
        return issuer


def exchange(data: Path, file: Path | None, *, believed: bool) -> Key:
    """Have another key sign from now on, and return it; the former one is known further where its badges are `believed`."""
    path = _file(data, file)
    made = Key.make()
    with _alone(path):
        key, former = key_in(data, file)
        _write(path, made, (key.multikey, *former) if believed else former)
    return made


def disown(data: Path, file: Path | None, multikey: str) -> None:
    """Know a former key no more: what it signed is not believed from now on. Refuses any other (`badge-key-known`)."""
    path = _file(data, file)
    with _alone(path):
        key, former = key_in(data, file)
        if multikey not in former:
            raise refuse(
                "badge-key-known",
                "this key signs; exchange it first" if multikey == key.multikey else "no such key signed before",
                field="KEY",
                allowed=f"one of those that signed before: {', '.join(former) or 'there is none'}",
            )
        _write(path, key, tuple(one for one in former if one != multikey))


def _file(data: Path, given: Path | None) -> Path:
    return given or data / "badges" / KEY


def _state(file: Path) -> tuple[int, int, int] | None:
    """What is another once the file is another one, or was written to, or who may read it; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_ctime_ns


def _multikey(line: str) -> str:
    if not line.startswith("z6Mk") or set(line[1:]) - set(BASE58):
        raise ValueError("it is no public key")
    return line


def _make(path: Path) -> None:
    """Make the key, unless another process does at the same moment."""
    make_private(path.parent)
    with _alone(path):
        if not path.exists():
            _write(path, Key.make(), ())


def _write(path: Path, key: Key, former: tuple[str, ...]) -> None:
    try:
        write_private(path, "".join(f"{one}\n" for one in (key.secret, *former)))
    except OSError as problem:
        raise CannotStart(f"The key of badges {path} can't be written: {problem.strerror}.") from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other process changes the key."""
    until, beside = time.monotonic() + PATIENCE, path.with_suffix(".lock")
    try:
        while (lock := hold(beside)) is None:
            if time.monotonic() > until:
                raise CannotStart(f"Another process keeps {beside}; end it and try again.")
            time.sleep(0.01)
    except OSError as problem:
        raise CannotStart(f"{beside} can't be made: {problem.strerror}.") from None
    try:
        yield
    finally:
        os.close(lock)


def base58(data: bytes) -> str:
    """Write bytes in base 58, as Bitcoin does."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits
