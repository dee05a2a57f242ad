"""Typed text never stands in an event: the event carries the text's id and its salted digest.

Text and salt live in a table from which they can be erased; the digest then proves nothing about anyone,
and every replay and hash still works.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from domain.refusals import refuse

MAX_CHARACTERS = 20_000
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@([^\s@.<>,;:\"()\[\]\\]{1,63}\.)+[^\s@.<>,;:\"()\[\]\\]{1,63}")
_UNKEEPABLE = ("Cc", "Cs")  # controls and surrogates, as Unicode names them


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRef:
    """What an event says of a text: `id`, and `digest`, the hex SHA-256 of salt + UTF-8 text."""

    id: str
    digest: str


def digest_of(salt: bytes, body: str) -> str:
    """Return the hex SHA-256 of `salt` followed by `body` in UTF-8."""
    return hashlib.sha256(salt + body.encode()).hexdigest()


def checked_text(body: str, *, field: str, maximum: int = MAX_CHARACTERS) -> str:
    """Return `body` without surrounding white space.

    Refuses a text in which nothing is to be seen, one longer than `maximum` characters, and one with characters that
    can't be stored or shown (NUL, lone surrogates, other controls than tab and line break).
    """
    text = body.strip()
    if len(text) > maximum:
        raise refuse(
            "text-length",
            f"the text has {len(text):,} characters",
            field=field,
            allowed=f"at most {maximum:,} characters",
        )
    for character in text:
        if unicodedata.category(character) in _UNKEEPABLE and character not in "\t\n\r":
            raise refuse(
                "text-characters",
                f"the text contains the character U+{ord(character):04X}, which can't be kept",
                field=field,
                allowed="printable characters, tabs and line breaks",
            )
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise refuse("text-given", "a text is needed here", field=field, allowed=f"1 to {maximum:,} characters")
    return text


def checked_email(said: str, *, field: str) -> str:
    """Return an e-mail address without surrounding white space.

    Refuses what can't be one: no `@` with something before it and a host with a dot behind it, or more than 254 characters.
    Whether anybody reads what is sent there, only sending shows.
    """
    address = checked_text(said, field=field, maximum=254)
    if not _EMAIL.fullmatch(address):
        raise refuse("email-form", "this is no e-mail address", field=field, allowed="one like ada@example.org")
    return address
