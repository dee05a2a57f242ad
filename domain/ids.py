"""Identifiers: one form for all, `kind-xxxxxxxxxxxxxxxx`, derived from the command that creates the thing.

Deriving them makes a repeated command name the same thing, so repeating it creates nothing new.
They say nothing about whom they stand for.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Final

MATTERS: Final = (
    "appeal",
    "complaint",
    "policy",
    "authority",
    "development",
    "standardisation",
    "scrutiny",
    "audit",
    "risk",
    "sampling",
    "proposal",
    "learning",
    "retention",
)
"""The kinds of matters beside submissions and awards, which tasks watch over: see `domain.tasks`."""

KINDS: Final = (
    "scheme",
    "provider",
    "person",
    "window",
    "submission",
    "meeting",
    "accreditation",
    "concern",
    "calibration",
    "text",
    "activity",
    "report",
    "letter",
    *MATTERS,
)

_FORM: Final = re.compile(f"({'|'.join(KINDS)})-[a-z2-7]{{16}}")

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
CODE_FORM: Final = "a code such as early-years: lower-case letters, digits, - and _, at most 60"

PROCESS_ROLE: Final = "process"
"""The acting role of a workflow; its actor is then the id of the case that the workflow drives."""


def derived_id(kind: str, *parts: str) -> str:
    """Return the id of kind `kind` that belongs to `parts` (80 bits of SHA-256, base 32, lower case).

    Raises ValueError for a kind that the product does not know.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of id {kind!r}; allowed: {', '.join(KINDS)}")
    digest = hashlib.sha256("\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")).digest()
    return f"{kind}-{base64.b32encode(digest[:10]).decode().lower()}"


@lru_cache(maxsize=65_536)  # each read model asks it of the stream of every event
def kind_of(identifier: str) -> str:
    """Return the kind part of an id: `submission` of `submission-mfzwizltoq…`."""
    return identifier.partition("-")[0]


def is_id(text: str, *kinds: str) -> bool:
    """Whether `text` has the form of an id, of one of `kinds` if any are given; nothing else is ever looked up."""
    return bool(_FORM.fullmatch(text)) and (not kinds or kind_of(text) in kinds)


def is_code(text: str) -> bool:
    """Whether `text` has the form of a code: what a scheme lists, and what may stand in events as it is."""
    return bool(_CODE.fullmatch(text))
