"""How cases went, held against the process: read from the record as known at an instant. Nothing is written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, get_args

from domain.accreditation.events import AccreditationEvent
from domain.appeal.events import AppealEvent
from domain.complaint.events import ComplaintEvent
from domain.conformance.deviations import ELSEWHERE, about
from domain.conformance.path import KINDS, Path
from domain.conformance.windows import Windows
from domain.events import recorded_names
from domain.ids import is_id, kind_of
from domain.refusals import refuse
from domain.submission.events import PortfolioSubmitted, SubmissionEvent
from domain.submission.state import Stage
from domain.window import WindowExtended, WindowScheduled
from services.figures import Telling, alone, log
from services.office import Office
from services.ports import Recorded

_OWN: Final = (
    kind for of in (SubmissionEvent, AccreditationEvent, AppealEvent, ComplaintEvent) for kind in get_args(of)
)
ABOUT: Final = tuple(name for kind in ELSEWHERE for name in recorded_names(kind))
WINDOWS: Final = tuple(name for kind in (WindowScheduled, WindowExtended) for name in recorded_names(kind))
TOPICS: Final = tuple(dict.fromkeys([*(name for kind in _OWN for name in recorded_names(kind)), *ABOUT, *WINDOWS]))


def path(office: Office, *, case: str, until: datetime | None = None) -> Path:
    """The way of one case as recorded until an instant (UTC), or now; refuses what has no path, or did not begin by then."""
    if not is_id(case, *KINDS):
        raise refuse("known-case", "this has no path", field="case", allowed=f"the id of one of: {', '.join(KINDS)}")
    own: Sequence[Recorded] = office.records.load(case, until=until)[case]
    if not own:
        raise refuse("known-case", "there was no such case", field="case", allowed="a case that had begun by then")
    others = [one for one in log(office, topics=ABOUT, until=until) if about(one.event) == case]
    submitted = {one.event.window for one in own if isinstance(one.event, PortfolioSubmitted) and one.event.window}
    of_windows = [one for events in office.records.load(*submitted, until=until).values() for one in events]
    found, windows = Path(case=case), Windows()
    for one in sorted([*own, *others, *of_windows], key=lambda one: one.position):
        _follow(found, one, windows)
    return found


def paths(office: Office, *, until: datetime | None = None, telling: Telling = lambda _: None) -> list[Path]:
    """The ways of all cases as recorded until an instant (UTC), or now, in the order in which they began."""
    found: dict[str, Path] = {}
    windows = Windows()
    with alone():
        for one in log(office, topics=TOPICS, until=until, telling=telling):
            case = one.stream if kind_of(one.stream) in KINDS else about(one.event)
            if case == one.stream:
                found.setdefault(case, Path(case=case))
            if case in found:
                _follow(found[case], one, windows)
            else:
                windows.follow(one)
    return list(found.values())


def _follow(found: Path, one: Recorded, windows: Windows) -> None:
    """Take in an event of a case or about it, or of a window that it is handed in to; what was returned has a date of its own."""
    if one.stream != found.case and not about(one.event):
        windows.follow(one)
        return
    if found.stage != Stage.RETURNED and (extension := windows.let_in(one)):
        found.follow(extension)
    found.follow(one)
