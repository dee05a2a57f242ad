"""Checkpoints: how many leaves the tree has and which root, signed; as C2SP's `tlog-checkpoint` and `signed-note` have it.

A key is written as these specifications write it: `name+id+base64` what verifies, `PRIVATE+KEY+name+id+base64` what signs.
"""

import base64
import binascii
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:  # what signs is loaded when it does: every command reads the settings, and with them this
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519: Final = b"\x01"
_PRIVATE: Final = "PRIVATE+KEY+"
_NAME: Final = re.compile(r"[^\s+]{1,200}")
_KEY: Final = re.compile(r"([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")
_NOTE: Final = re.compile(
    r"^[^\n—][^\n]*\n(?:0|[1-9]\d{0,18})\n[A-Za-z0-9+/]{43}=\n(?:[^\n—][^\n]*\n)*\n(?:— [^\n]+\n)+", re.MULTILINE
)
_SIGNATURE: Final = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")


_MADE: Final = "made"
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class NoCheckpoint(ValueError):
    """This is no checkpoint, or not one that the key signed."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key: its name, which is also the log's, and its 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key as it is written. Raises ValueError."""
        found = _KEY.fullmatch(text.strip())
        if not found:
            raise ValueError("a key is written as name+id+base64")
        raw = base64.b64decode(found[3], validate=True)
        read = cls(found[1], raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or read.id.hex() != found[2]:
            raise ValueError("this is no Ed25519 key, or its id is not that of its bytes")
        return read


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs."""

    verifier: Verifier
    private: "Ed25519PrivateKey"

    @classmethod
    def make(cls, name: str) -> Self:
        """Make a new key for the log `name`. Raises ValueError for a name with white space or a plus."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not _NAME.fullmatch(name):
            raise ValueError("the name of a log has 1 to 200 characters, none of them white space or a plus")
        return cls._of(name, Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key as `secret` writes it. Raises ValueError, without telling what was given."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        found = _KEY.fullmatch(text.strip().removeprefix(_PRIVATE))
        if not found or not text.strip().startswith(_PRIVATE):
            raise ValueError("a key that signs is written as PRIVATE+KEY+name+id+base64")
        raw = base64.b64decode(found[3], validate=True)
        if raw[:1] != _ED25519 or len(raw) != 33:
            raise ValueError("this is no Ed25519 key")
        read = cls._of(found[1], Ed25519PrivateKey.from_private_bytes(raw[1:]))
        if read.verifier.id.hex() != found[2]:
            raise ValueError("the id of the key is not that of its bytes")
        return read

    @property
    def secret(self) -> str:
        """The key as it is kept, with its private half."""
        raw = base64.b64encode(_ED25519 + self.private.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.verifier.name}+{self.verifier.id.hex()}+{raw}"

    def sign(self, size: int, root: bytes, *more: str) -> str:
        """The checkpoint of a tree, with further lines if there are any."""
        name = self.verifier.name
        text = "".join(f"{line}\n" for line in (name, size, base64.b64encode(root).decode(), *more))
        signature = base64.b64encode(self.verifier.id + self.private.sign(text.encode())).decode()
        return f"{text}\n— {name} {signature}\n"

    @classmethod
    def _of(cls, name: str, private: "Ed25519PrivateKey") -> Self:
        return cls(Verifier(name, private.public_key().public_bytes_raw()), private)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: the log, how many leaves, their root, further lines; and the note itself."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...]
    note: str

    @property
    def made_at(self) -> datetime | None:
        """When it was made (UTC), as is signed with it; None of one from before checkpoints said so."""
        for line in self.more:
            named, _, at = line.partition(" ")
            if named == _MADE:
                with suppress(ValueError):
                    return datetime.strptime(at, _INSTANT).replace(tzinfo=UTC)
        return None

    def signed_by(self, key: Verifier) -> bool:
        """Whether this key signed it: a signature under its name and id is there, and right."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        text, _, signatures = self.note.rpartition("\n\n")
        for name, said in _SIGNATURE.findall(signatures):
            try:
                raw = base64.b64decode(said, validate=True)
            except binascii.Error:
                continue
            if name == key.name and raw[:4] == key.id:
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], f"{text}\n".encode())
                except InvalidSignature:
                    return False
                return True
        return False


def made_line(at: datetime) -> str:
    """The line of a checkpoint that says when it was made, to the microsecond."""
    return f"{_MADE} {at.astimezone(UTC).strftime(_INSTANT)}"


def read_checkpoint(note: str) -> Checkpoint:
    """Read one checkpoint; its signatures are not looked at. Raises NoCheckpoint."""
    if not _NOTE.fullmatch(note):
        raise NoCheckpoint("this is no checkpoint: the log's name, a number, a hash, an empty line and signatures")
    origin, size, hashed, *more = note.rpartition("\n\n")[0].split("\n")
    return Checkpoint(origin, int(size), base64.b64decode(hashed), tuple(more), note)


def checkpoints_in(text: str) -> list[Checkpoint]:
    """All checkpoints that stand in a text, in its order. Raises NoCheckpoint where there is none, or something else beside them."""
    text = text.replace("\r\n", "\n")
    text = text if text.endswith("\n") else f"{text}\n"
    found = [read_checkpoint(one) for one in _NOTE.findall(text)]
    if not found or _NOTE.sub("", text).strip():
        raise NoCheckpoint("here is no checkpoint, or something beside checkpoints")
    return found
