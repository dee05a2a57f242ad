"""Which rows of the table of permissions let somebody see an event in the feed: that of its stream's kind, and what it tells of.

An event is told whole or not at all. Source: handbook, Who sees what.
"""

from dataclasses import fields
from typing import Any, Final

from domain import accreditation, calibration, conflicts, pay, person, policy
from domain.events import NAMES
from domain.ids import kind_of
from domain.letter_events import LETTER_EVENTS
from domain.retention.kinds import ids_in
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import side_events as s

FEED: Final = "see-events"
OF_STREAMS: Final = {
    "submission": "see-case",
    "accreditation": "see-case",
    "meeting": "see-case",
    "provider": "see-case",
    "calibration": "see-judgements",
    "window": "see-windows",
    "scheme": "see-schemes",
    "policy": "see-policies",
    "person": "see-people",
    "authority": "see-people",
    "scrutiny": "see-conflicts",
    "appeal": "see-appeals",
    "complaint": "see-complaints",
    "development": "see-development",
    "standardisation": "see-standardisation",
    "audit": "see-audits",
    "risk": "see-risks",
    "sampling": "see-sampling",
    "proposal": "see-proposals",
    "learning": "see-learning",
    "retention": "see-retention",
}
"""Kind of stream → what somebody has to be allowed to see for any of its events."""

_JUDGEMENTS: Final = (
    e.JudgementRecorded,
    e.JudgementConfirmed,
    e.JudgementChanged,
    e.AssessmentCompleted,
    e.DecisionRecorded,
    e.OutcomeReportApproved,
    r.DecisionReplaced,
    calibration.BlindJudgementRecorded,
)
LOOKED_AT: Final = frozenset({"considered", "seen"})
"""Fields that say how people were looked at, and passed over: they are between the body's people."""
_INSIDE: Final = (
    *(kind for kind in NAMES.values() if any(one.name in LOOKED_AT for one in fields(kind))),
    *(s.MarkedBlindBy, s.BlindMarkingEnded, s.MemberRelieved),
)
_MONEY: Final = (e.FeeCharged, e.FeePaid, e.FeeWaived, s.FeeRefunded, pay.PayEarned, pay.PayPaid)
_CONCERNS: Final = (
    accreditation.ConcernRaised,
    accreditation.ConcernAnswered,
    accreditation.ConcernReopened,
    accreditation.ReviewOpened,
    accreditation.ReviewerRelieved,
    accreditation.ReviewConcluded,
    accreditation.ReviewReplaced,
)
_TIES: Final = (
    conflicts.ConflictDeclared,
    conflicts.ConflictLifted,
    conflicts.FactRecorded,
    conflicts.FactCorrected,
    conflicts.ScrutinyGranted,
    conflicts.ScrutinyRevoked,
    person.AttemptRefused,
)
_REPORTS: Final = (policy.ReportMade, policy.ReportNoted)
_FURTHER: Final[dict[type[Any], str]] = {
    **dict.fromkeys(_INSIDE, "see-confidential"),
    **dict.fromkeys(_JUDGEMENTS, "see-judgements"),
    **dict.fromkeys(_MONEY, "see-ledger"),
    **dict.fromkeys(_CONCERNS, "see-concerns"),
    **dict.fromkeys(_TIES, "see-conflicts"),
    **dict.fromkeys(_REPORTS, "see-reports"),
    **dict.fromkeys(LETTER_EVENTS, "see-letters"),
}


def further(kind: type[Any]) -> str | None:
    """What else somebody has to be allowed to see of a case for events of this class."""
    return _FURTHER.get(kind)


def needed(stream: str, event: Any) -> frozenset[tuple[str, str]]:
    """What somebody has to be allowed to see, and of what, to be told an event of a stream: each an action and an id.

    What else is named in it must be theirs to see too: of another case that there is one, of the rest that no conflict
    hides it.
    """
    wanted = {(FEED, stream), (OF_STREAMS[kind_of(stream)], stream)}
    if more := further(type(event)):
        wanted.add((more, stream))
    for id in ids_in(event) - {stream}:
        wanted |= named(id)
    return frozenset(wanted)


def named(id: str) -> set[tuple[str, str]]:
    """What somebody has to be allowed to see, and of what, to be told this id: an action and the id, or nothing."""
    if kind_of(id) in ("submission", "accreditation"):
        return {("see-case", id)}
    return {(FEED, id)} if kind_of(id) in OF_STREAMS and kind_of(id) not in ("person", "scheme") else set()
