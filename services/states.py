"""The state that a stream's events make, for every kind of stream that has one."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from domain import (
    accreditation,
    appeal,
    audit,
    authority,
    calibration,
    complaint,
    development,
    learning,
    meeting,
    person,
    policy,
    proposal,
    provider,
    retention,
    risk,
    sampling,
    scheme_record,
    scrutiny,
    standardisation,
    window,
)
from domain.ids import kind_of
from domain.letter_events import LETTER_EVENTS
from domain.person import Person
from domain.submission import state as submission
from services.ports import Entry

FOLDS: Final[dict[str, tuple[Callable[..., Any], Any]]] = {
    "submission": (submission.evolve, submission.Submission()),
    "person": (person.evolve, Person()),
    "provider": (provider.evolve, provider.Provider()),
    "window": (window.evolve, window.Window()),
    "meeting": (meeting.evolve, meeting.Meeting()),
    "calibration": (calibration.evolve, calibration.Calibration()),
    "accreditation": (accreditation.evolve, accreditation.Accreditation()),
    "scheme": (scheme_record.evolve, scheme_record.SchemeRecord()),
    "policy": (policy.evolve, policy.PolicyRecord()),
    "appeal": (appeal.evolve, appeal.Appeal()),
    "scrutiny": (scrutiny.evolve, scrutiny.Scrutiny()),
    "authority": (authority.evolve, authority.Authority()),
    "standardisation": (standardisation.evolve, standardisation.Standardisation()),
    "complaint": (complaint.evolve, complaint.Complaint()),
    "learning": (learning.evolve, learning.Learning()),
    "proposal": (proposal.evolve, proposal.Proposal()),
    "development": (development.evolve, development.Development()),
    "audit": (audit.evolve, audit.Audit()),
    "risk": (risk.evolve, risk.Risk()),
    "sampling": (sampling.evolve, sampling.Plan()),
    "retention": (retention.evolve, retention.Retention()),
}
FOLDED: Final = frozenset(FOLDS)
"""The kinds of streams that have a state."""


def fold(stream: str, entries: Sequence[Entry], kind: str | None = None, *, state: Any = None) -> Any:
    """Return the state that a stream's events make, from `state` on where one is given."""
    evolve, initial = FOLDS[kind or kind_of(stream)]
    state = initial if state is None else state
    for one in entries:
        if not isinstance(one.event, LETTER_EVENTS):
            state = evolve(state, one.event)
    return state


def evolve_of(stream: str) -> Callable[..., Any]:
    """The function that applies one event of this stream to its state; what is done to letters changes none."""
    evolve = FOLDS[kind_of(stream)][0]
    return lambda state, event: state if isinstance(event, LETTER_EVENTS) else evolve(state, event)
