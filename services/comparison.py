"""Two assessors or two panels on one submission, side by side, from the record as known at an instant. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from domain import comparison
from domain.comparison import Cell, Marking, Pair
from domain.refusals import refuse
from domain.submission.state import Submission
from services.office import Office, Work, require_kind
from services.ports import Command
from services.sample import calibration_id
from services.states import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The markings of a submission that there are, what each made of each criterion, and how far each two agree."""

    case: str
    scheme: str
    markings: tuple[Marking, ...]
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]


def side_by_side(office: Office, *, case: str, at: datetime, until: datetime | None = None) -> Comparison:
    """Every whole marking of a submission recorded until an instant (UTC), or now; asked at `at`.

    Refuses a submission that did not exist by then, and one that somebody is marking blind now.
    """
    stream = calibration_id(require_kind(case, "submission"))
    now: Submission = fold(case, office.records.streams(case)[case].entries)
    comparison.require_not_blind(now.marker if not now.over else None)
    loaded = office.records.load(case, stream, until=until)
    if not loaded[case]:
        raise refuse("known-case", "there was no such case", field="case", allowed="a case that had begun by then")
    held: Submission = fold(case, loaded[case])
    marked = comparison.markings(loaded[case], loaded[stream])
    work = Work(office, Command(id="reading", actor="reading", role="reading", at=at), about="reading")
    scale = work.scheme(held.registration.scheme).scale
    return Comparison(
        case=case,
        scheme=held.registration.scheme,
        markings=marked,
        cells=tuple(comparison.cells(marked, scale)),
        pairs=tuple(comparison.pairs(marked, scale)),
    )
