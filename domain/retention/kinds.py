"""Which kind of record each typed text is, told from the event that refers to it: what is kept how long goes by kind.

Source: handbook, Retention. A text of an event that is not listed is of the kind of its stream.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final, NamedTuple, get_args, get_type_hints

from domain import accreditation, calibration
from domain.clocks import Deadline
from domain.ids import is_id, kind_of
from domain.submission import events as e
from domain.submission import side_events as s
from domain.submission.indicators import IndicatorLevel
from domain.submission.past_events import DecisionImported
from domain.texts import TextRef

OF_EVENTS: Final[Mapping[tuple[type[Any], str], str]] = {
    (e.ProgrammeRegistered, "title"): "register",
    (e.ProgrammeRegistered, "audience"): "portfolio",
    (DecisionImported, "title"): "register",
    (DecisionImported, "reference"): "register",
    (e.PortfolioSubmitted, "answers"): "portfolio",
    (e.EvidenceProvided, "answers"): "portfolio",
    (s.SelfEvaluationRecorded, "plan"): "portfolio",
    (s.DraftGuidanceGiven, "text"): "portfolio",
    (s.QuestionAsked, "text"): "portfolio",
    (s.QuestionAnswered, "text"): "portfolio",
    (e.JudgementRecorded, "rationale"): "judgements",
    (calibration.BlindJudgementRecorded, "rationale"): "judgements",
    (e.ItemHandedOver, "reason"): "moderation",
    (e.ItemAdjourned, "reason"): "moderation",
    (e.FoundOutsideDefinition, "reason"): "moderation",
    (e.JudgementChanged, "reason"): "moderation",
    (e.EvidenceRequested, "wanted"): "moderation",
    (e.OutcomeReportApproved, "shortfalls"): "moderation",
    (accreditation.AccreditationReduced, "scope"): "register",
    (accreditation.AccreditationImported, "scope"): "register",
}
"""Event and field → kind."""

OF_STREAMS: Final[Mapping[str, str]] = {
    "submission": "administration",
    "window": "administration",
    "calibration": "judgements",
    "meeting": "moderation",
    "accreditation": "awards",
    "appeal": "appeals",
    "complaint": "complaints",
    "audit": "audits",
    "learning": "questionnaires",
    "person": "development",
    "development": "development",
    "standardisation": "development",
}
"""Kind of stream → kind of text; of all others it is `governance`."""

OF_FILES: Final = "portfolio"
"""The kind of record that evidence files are."""
OF_LETTERS: Final = "letters"
"""The kind of record that the words of letters are."""
OF_LOOKS: Final = "looks"
"""The kind of record that says who looked at what is confidential."""

HOLDING: Final = ("appeal", "complaint", "audit", "scrutiny")
"""The kinds of matters that keep what they concern until they are closed."""

NO_PART: Final = frozenset({"considered", "lead_contact"})
"""Fields that name people who took no part: considered only, or speaking for the provider."""


CODED: Final = frozenset({e.Answer, e.Evidence, e.Shortfall, IndicatorLevel, Deadline})
"""What events hold in which every word is a code or a digest, and none an id."""


_WHOLE: Final = (str, TextRef)
_KNOWN: Final[dict[tuple[type[Any], type[Any]], tuple[str, ...]]] = {}


class Typed(NamedTuple):
    """A text that an event refers to, and the kind of record it is."""

    id: str
    kind: str


def texts_in(event: Any, stream: str) -> list[Typed]:
    """Return the texts that an event of `stream` refers to, wherever they stand in it, each with its kind."""
    kind, default = type(event), OF_STREAMS.get(kind_of(stream), "governance")
    return [
        Typed(ref.id, OF_EVENTS.get((kind, name), default))
        for name in _fields_with(kind, TextRef)
        for ref in _held(getattr(event, name))
        if isinstance(ref, TextRef)
    ]


def ids_in(event: Any, *, but: frozenset[str] = frozenset()) -> set[str]:
    """Return every id that stands in an event, those in the fields `but` left out."""
    found: set[str] = set()
    for name in _fields_with(type(event), str):
        if name in but or not (value := getattr(event, name)):
            continue
        held = (value,) if isinstance(value, str) else _held(value)
        found.update(one for one in held if isinstance(one, str) and "-" in one and is_id(one))
    return found


def _fields_with(kind: type[Any], wanted: type[Any]) -> tuple[str, ...]:
    """The fields of a class in which something of the `wanted` type may stand, at whatever depth; found out once."""
    if (kind, wanted) not in _KNOWN:
        hints = get_type_hints(kind)
        _KNOWN[kind, wanted] = tuple(field.name for field in fields(kind) if _may_hold(hints[field.name], wanted))
    return _KNOWN[kind, wanted]


def _may_hold(hint: Any, wanted: type[Any]) -> bool:
    if hint is wanted or hint is Any:
        return True
    if is_dataclass(hint) and isinstance(hint, type):
        without = hint is TextRef or (wanted is str and hint in CODED)
        return not without and bool(_fields_with(hint, wanted))
    return any(_may_hold(inner, wanted) for inner in get_args(hint))


@cache
def _names_of(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _held(value: Any) -> Iterator[Any]:
    """A value, or whatever it holds: each text reference as a whole, and each single value."""
    if isinstance(value, _WHOLE):
        yield value
    elif is_dataclass(value):
        for name in _names_of(value.__class__):
            yield from _held(getattr(value, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _held(key)
            yield from _held(inner)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for inner in value:
            yield from _held(inner)
    else:
        yield value
