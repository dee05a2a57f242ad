"""The columns of the files that can be imported, by kind of file: what each holds, and which may not be missing.

`docs/importing.md` lists them, and a test holds it to this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["text", "line", "email", "reference", "code", "codes", "scheme", "date", "number"]
"""What the cells of a column hold. `text` may go on over several lines; `codes` are several, with spaces or commas between."""

LINE: Final = 500
TEXT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the header, what its cells hold, and whether every row needs one. `says` is for people."""

    name: str
    form: Form
    says: str
    required: bool = False

    @property
    def most(self) -> int:
        """How many characters a cell may have."""
        return {"text": TEXT, "line": LINE, "email": 254, "codes": 2_000}.get(self.form, 100)


def _column(name: str, form: Form, says: str, *, optional: bool = False) -> Column:
    return Column(name=name, form=form, says=says, required=not optional)


_REFERENCE: Final = _column("reference", "reference", "what the body calls it; by this a row is known again")
_PROGRAMME: Final = (
    _REFERENCE,
    _column("provider", "reference", "the provider's reference, or its id"),
    _column(
        "contact",
        "reference",
        "the person who speaks for it here, by reference or id; by default the provider's first",
        optional=True,
    ),
    _column("scheme", "scheme", "the published version it was decided under, such as cpd-qa@1"),
    _column("title", "text", "the programme's title"),
    _column("category", "code", "one of the scheme's categories"),
    _column("subject", "code", "one of the scheme's subjects"),
    _column("phase", "code", "one of the scheme's phases"),
)
_JUDGED: Final = (
    _column("assessor", "reference", "who assessed it, by reference or id", optional=True),
    _column("strengths", "codes", "criteria that were strengths", optional=True),
    _column("areas", "codes", "criteria named as areas for consideration", optional=True),
)

KINDS: Final[Mapping[str, tuple[Column, ...]]] = {
    "providers": (
        _REFERENCE,
        _column("name", "line", "its name"),
        _column("address", "text", "its postal address", optional=True),
        _column("scheme", "code", "the scheme whose types and sizes are meant, such as cpd-qa"),
        _column("provider_type", "code", "one of the scheme's types"),
        _column("size_band", "code", "one of the scheme's sizes"),
    ),
    "people": (
        _REFERENCE,
        _column("name", "line", "their name"),
        _column("email", "email", "their address"),
        _column("subjects", "codes", "subjects in which they are expert", optional=True),
        _column("phases", "codes", "phases in which they are expert", optional=True),
        _column("provider", "reference", "the provider for which they speak, by reference or id", optional=True),
        _column("scheme", "codes", "the schemes under which they speak for it", optional=True),
    ),
    "accreditations": (
        *_PROGRAMME,
        _column("level", "line", "the level of award"),
        _column("starts_on", "date", "the first day of validity"),
        _column("ends_on", "date", "the last day of validity; by default as long as the scheme says", optional=True),
        *_JUDGED,
        _column("confirmed_to", "number", "the last year that was confirmed, where years are", optional=True),
        _column("suspended_on", "date", "the first day on which it was suspended", optional=True),
        _column("reinstated_on", "date", "the day on which that ended; nothing while it lasts", optional=True),
        _column("withdrawn_on", "date", "the day on which it was withdrawn", optional=True),
        _column("scope", "text", "what it is limited to, where its scope was narrowed", optional=True),
    ),
    "decisions": (
        *_PROGRAMME,
        _column("outcome", "code", "awarded or not_awarded"),
        _column("level", "line", "the level of award, where there was one", optional=True),
        _column("decided_on", "date", "the day of the decision"),
        *_JUDGED,
    ),
}
"""Kind of file → its columns. Files come in this order: what a row refers to is on record before it."""
