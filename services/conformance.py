"""How cases went, held against the process: read from the record as known at an instant. Nothing is written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, get_args

from domain.accreditation.events import AccreditationEvent
from domain.appeal.events import AppealEvent
from domain.complaint.events import ComplaintEvent
from domain.conformance.deviations import ELSEWHERE, about
from domain.conformance.path import KINDS, Path
from domain.conformance.path import path as follow
from domain.events import recorded_names
from domain.ids import is_id, kind_of
from domain.refusals import refuse
from domain.submission.events import SubmissionEvent
from services.figures import Telling, alone, log
from services.office import Office
from services.ports import Recorded

_OWN: Final = (
    kind for of in (SubmissionEvent, AccreditationEvent, AppealEvent, ComplaintEvent) for kind in get_args(of)
)
ABOUT: Final = tuple(name for kind in ELSEWHERE for name in recorded_names(kind))
TOPICS: Final = tuple(dict.fromkeys([*(name for kind in _OWN for name in recorded_names(kind)), *ABOUT]))


def path(office: Office, *, case: str, until: datetime | None = None) -> Path:
    """The way of one case as recorded until an instant (UTC), or now; refuses what has no path, or did not begin by then."""
    if not is_id(case, *KINDS):
        raise refuse("known-case", "this has no path", field="case", allowed=f"the id of one of: {', '.join(KINDS)}")
    own: Sequence[Recorded] = office.records.load(case, until=until)[case]
    if not own:
        raise refuse("known-case", "there was no such case", field="case", allowed="a case that had begun by then")
    others = [one for one in log(office, topics=ABOUT, until=until) if about(one.event) == case]
    return follow(case, sorted([*own, *others], key=lambda one: one.position))


def paths(office: Office, *, until: datetime | None = None, telling: Telling = lambda _: None) -> list[Path]:
    """The ways of all cases as recorded until an instant (UTC), or now, in the order in which they began."""
    found: dict[str, Path] = {}
    with alone():
        for one in log(office, topics=TOPICS, until=until, telling=telling):
            if kind_of(one.stream) in KINDS:
                found.setdefault(one.stream, Path(case=one.stream)).follow(one)
            elif (case := about(one.event)) in found:
                found[case].follow(one)
    return list(found.values())
