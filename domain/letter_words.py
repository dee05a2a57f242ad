"""The letters that there are, by name, and the placeholders that their words may have: `{programme}`, and nothing cleverer.

A scheme may word those of its own cases; the others go out in the product's words. Source: docs/schemes.md, `[letters]`.
"""

import re
from collections.abc import Mapping
from typing import Final

COMMON: Final = ("recipient", "programme", "provider", "scheme", "case", "page")
"""What every letter about a case may name: to whom it goes, about what, and the address of the case's page."""
_CLOCK: Final = ("task", "deadline")
_TAKEN: Final = ("date", "level", "appeal_by")

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "registered": ("deadline",),
    "fee-charged": ("fee", "amount"),
    "fee-waived": ("fee",),
    "fee-refunded": ("fee", "amount"),
    "reminder": (*_CLOCK, "window"),
    "extended": ("deadline",),
    "guidance": (),
    "booked": ("date",),
    "booking-given-up": ("date", "deadline"),
    "preview-alerted": ("deadline",),
    "returned": ("deadline",),
    "ineligible": ("appeal_by",),
    "assigned": ("deadline",),
    "question": ("number",),
    "evidence-requested": ("criteria", "deadline"),
    "result-awarded": ("outcome", "level", "appeal_by"),
    "result-not-awarded": ("outcome", "criteria", "appeal_by"),
    "judged-again": (),
    "lapsed": ("date",),
    "certificate": ("year", "from", "until"),
    "confirmation": ("year", "deadline"),
    "confirmation-missed": ("year", "date"),
    "end-of-award": _CLOCK,
    "extension": ("deadline",),
    "requirements-changed": ("version",),
    "concern-answered": ("answer",),
    "suspended": _TAKEN,
    "reinstated": ("date", "level"),
    "reduced": _TAKEN,
    "withdrawn": ("date", "appeal_by"),
    "award-confirmed": ("level",),
    "award-corrected": ("date", "level"),
    "award-annulled": ("date",),
    "review-replaced": (),
    "reduction-undone": ("date", "level"),
    "withdrawal-lifted": ("date", "level"),
}
"""What a letter that a scheme may word names beside what all of them may."""
LETTERS: Final = tuple(OWN)
"""The steps whose letter a scheme may word itself."""
STANDARD: Final[Mapping[str, tuple[str, ...]]] = {
    "overdue": _CLOCK,
    "appeal-acknowledged": (),
    "appeal-admitted": (),
    "appeal-not-admitted": (),
    "appeal-panel": ("deadline",),
    "appeal-decided": ("outcome",),
    "appeal-closed": (),
    "complaint-acknowledged": (),
    "complaint-answered": ("answer", "outcome", "deadline"),
    "complaint-committee": ("deadline",),
    "complaint-decided": ("answer", "outcome"),
    "complaint-closed": (),
    "questionnaire": ("deadline",),
}
"""The letters that go out in the product's words alone, whatever the scheme."""

PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def allowed_in(letter: str) -> tuple[str, ...]:
    """The names that may stand in braces in the words of a letter. Raises KeyError for what is no letter."""
    return (*COMMON, *(OWN[letter] if letter in OWN else STANDARD[letter]))


def unknown_in(text: str, letter: str) -> list[str]:
    """The placeholders of a text, with their braces, that this letter has no value for; each once, in order."""
    known = allowed_in(letter)
    return list(dict.fromkeys(found[0] for found in PLACEHOLDER.finditer(text) if found[1] not in known))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in the place of the placeholders; what a value itself says in braces stays as it is."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
