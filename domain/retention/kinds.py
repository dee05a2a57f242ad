"""Which kind of record each typed text is, told from the event that refers to it: what is kept how long goes by kind.

Source: handbook, Retention. A text of an event that is not listed is of the kind of its stream.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, NamedTuple

from domain import accreditation, calibration
from domain.ids import is_id, kind_of
from domain.submission import events as e
from domain.submission import side_events as s
from domain.texts import TextRef

OF_EVENTS: Final[Mapping[tuple[type[Any], str], str]] = {
    (e.ProgrammeRegistered, "title"): "register",
    (e.ProgrammeRegistered, "audience"): "portfolio",
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

HOLDING: Final = ("appeal", "complaint", "audit", "scrutiny")
"""The kinds of matters that keep what they concern until they are closed."""

NO_PART: Final = frozenset({"considered", "lead_contact"})
"""Fields that name people who took no part: considered only, or speaking for the provider."""


class Typed(NamedTuple):
    """A text that an event refers to, and the kind of record it is."""

    id: str
    kind: str


def texts_in(event: Any, stream: str) -> list[Typed]:
    """Return the texts that an event of `stream` refers to, wherever they stand in it, each with its kind."""
    default = OF_STREAMS.get(kind_of(stream), "governance")
    return [
        Typed(ref.id, OF_EVENTS.get((type(event), field.name), default))
        for field in fields(event)
        for ref in _held(getattr(event, field.name))
        if isinstance(ref, TextRef)
    ]


def ids_in(event: Any, *, but: frozenset[str] = frozenset()) -> set[str]:
    """Return every id that stands in an event, those in the fields `but` left out."""
    given = (getattr(event, field.name) for field in fields(event) if field.name not in but)
    return {one for value in given for one in _held(value) if isinstance(one, str) and is_id(one)}


def _held(value: Any) -> Iterator[Any]:
    """A value, or whatever it holds: each text reference as a whole, and each single value."""
    if isinstance(value, TextRef):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _held(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _held(key)
            yield from _held(inner)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for inner in value:
            yield from _held(inner)
    else:
        yield value
