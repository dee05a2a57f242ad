"""The key that signs badges: made once, kept under the data folder for its owner alone, or given in a file; and whose it is.

The issuer is `did:web` of the product's own address where that is https, so that a key can be looked up there; otherwise the
key is its own name (`did:key`).
"""

import base64
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.folder import hold, make_private, write_private
from infra.problems import CannotStart

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
    """Whose badges these are: a key, the address `base` under which the product is reached, and a `name` for people."""

    key: Key
    base: str
    name: str

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
        """The DID document, by which anybody finds the key."""
        held = {"id": self.method, "type": "Multikey", "controller": self.did, "publicKeyMultibase": self.key.multikey}
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": [held],
            "assertionMethod": [self.method],
        }


def key_in(data: Path, file: Path | None) -> Key:
    """The key of the `file` if one is set, or of the data folder, where it is made if there is none yet.

    Raises CannotStart for one that can't be used.
    """
    path = file or data / "badges" / KEY
    if file is None and not path.exists():
        _make(path)
    try:
        return Key.read(path.read_text(encoding="utf-8"))
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


def _make(path: Path) -> None:
    """Make the key, unless another process does at the same moment."""
    make_private(path.parent)
    until = time.monotonic() + PATIENCE
    while (lock := hold(path.with_suffix(".lock"))) is None:
        if time.monotonic() > until:
            raise CannotStart(f"Another process keeps {path.with_suffix('.lock')}; end it and try again.")
        time.sleep(0.01)
    try:
        if not path.exists():
            write_private(path, f"{Key.make().secret}\n")
    finally:
        os.close(lock)


def base58(data: bytes) -> str:
    """Write bytes in base 58, as Bitcoin does."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits
