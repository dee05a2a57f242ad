"""The lists of governance figures: of what their reader may see, so that no count betrays a case that is hidden from them.

Each is of a scheme and a period, as known at any instant (`known`). The public's are of whole years, and leave out small numbers.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.comparison import Cell, Pair
from domain.conformance.path import KINDS, Deviation, Path, Step
from domain.figures import agreeing, appealed, outcomes, times
from domain.figures.asked import Asked, scheme_of
from domain.figures.facts import Facts
from domain.figures.public import PublicRow
from domain.ids import kind_of
from infra.api.looks import look
from infra.api.problems import not_found
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from infra.api.reading.seen import complaints_seen
from infra.api.reading.told import CASES as WITH_LOOKS
from infra.api.reading.told import CONFIDENTIAL
from projections import complaints
from services import conformance, figures
from services.comparison import Comparison, side_by_side

FIGURES: Final = "see-figures"
CONFORMANCE: Final = "see-conformance"
COMPARISON: Final = "see-comparison"
PERIOD: Final = {
    "scheme": kinds.TEXT,
    "period_from": kinds.FROM,
    "period_until": kinds.UNTIL,
    "known": kinds.FROM,
}
"""What every figure is asked: of which scheme, of which period, and as recorded until when."""


def _scheme(view: View) -> str | None:
    """The scheme that is asked about, if one is. Refuses one that is not published."""
    scheme: str | None = view.more.get("scheme")
    figures.require_scheme(view.api.app.office, scheme, at=view.on, field="scheme")
    return scheme


def _asked(view: View) -> Asked:
    more = view.more
    return Asked(scheme=_scheme(view), begins=more.get("period_from"), ends=more.get("period_until"))


def _facts(view: View) -> Facts:
    """The facts without what the reader may not see: a conflict, or a complaint that is not theirs to know of, hides it whole."""
    found = figures.known(view.api.app.office, at=view.on, until=view.more.get("known"))
    seen = {*view.sight.kept(FIGURES, [*found.cases, *(one.id for one in found.of_kind("accreditation"))])}
    seen |= view.sight.kept("see-appeals", [one.id for one in found.of_kind("appeal")])
    seen |= {one.complaint for one in complaints_seen(view)}
    return found.seen(seen)


def _at(view: View) -> datetime:
    known: datetime | None = view.more.get("known")
    return known or view.on


def _agreement(view: View) -> Iterable[agreeing.AgreementRow]:
    facts, asked, scales = _facts(view), _asked(view), figures.scales(view.api.app.office, view.on)
    with figures.alone():  # resampling takes as long as reading the log
        return list(agreeing.agreements(facts, asked, scales))


def _changes(view: View) -> Iterable[agreeing.ChangeRow]:
    return agreeing.changes(_facts(view), _asked(view))


def _outcomes(view: View) -> Iterable[outcomes.OutcomeRow]:
    return outcomes.outcomes(_facts(view), _asked(view))


def _stages(view: View) -> Iterable[times.StageRow]:
    return times.stage_times(_facts(view), _asked(view), figures.calendars(view.api.app.office, view.on), _at(view))


def _minutes(view: View) -> Iterable[times.MinutesRow]:
    return times.minutes(_facts(view), _asked(view))


def _clocks(view: View) -> Iterable[times.ClockRow]:
    return times.clocks(_facts(view), _asked(view), _at(view))


def _appeals(view: View) -> Iterable[appealed.AppealRow]:
    return appealed.appeals(_facts(view), _asked(view))


def _published(view: View) -> Iterable[PublicRow]:
    scheme = _scheme(view)
    found = figures.told_to_the_public(view.api.app.office, at=view.on)
    return [one for one in found if scheme is None or one.scheme == scheme_of(scheme)]


def _deviations(view: View) -> Iterable[Deviation]:
    """Those of all cases, without their reasons, which stand beside each case for who works on it."""
    asked = Asked(scheme=_scheme(view))
    found = conformance.paths(view.api.app.office, until=view.more.get("known"))
    return [one for way in found for one in way.deviations if asked.of_scheme(one.scheme)]


def _path(view: View) -> Path:
    if kind_of(view.id) == "complaint" and view.id not in {one.complaint for one in complaints_seen(view)}:
        raise not_found("case", "id")
    return conformance.path(view.api.app.office, case=view.id, until=view.more.get("known"))


def _steps(view: View) -> Iterable[Step]:
    return _path(view).steps


def _deviations_of(view: View) -> Iterable[Deviation]:
    """Those of one case, with their reasons for who may read what is confidential in it, which is noted."""
    found = _path(view).deviations
    reasons = any(one.reason for one in found) and _works_on(view)
    return found if reasons else [replace(one, reason=None) for one in found]


def _works_on(view: View) -> bool:
    """Whether the reader may read the reasons: of an appeal or a complaint whoever may see it at all."""
    if kind_of(view.id) not in WITH_LOOKS:
        return True
    if not view.sight.sees(view.id, CONFIDENTIAL):
        return False
    look(view.api, view.caller, view.id, CONFIDENTIAL)
    return True


def _compared(view: View) -> Comparison:
    return side_by_side(view.api.app.office, case=view.id, at=view.on, until=view.more.get("known"))


def _cells(view: View) -> Iterable[Cell]:
    """The markings, with rationales for who may read what is confidential, which is noted."""
    found = _compared(view).cells
    texts = any(one.text for one in found) and _works_on(view)
    return found if texts else [replace(one, text=None) for one in found]


def _pairs(view: View) -> Iterable[Pair]:
    return _compared(view).pairs


def _figure(path: str, summary: str, row: type[Any], source: Any, **rest: Any) -> Listing:
    return Listing(
        path=f"figures/{path}",
        operation=f"list_figures_{path}",
        summary=summary,
        tag="figures",
        action=FIGURES,
        row=row,
        source=source,
        more=PERIOD,
        models=(complaints.MODEL,),
        **rest,
    )


LISTS: Final = (
    _figure(
        "agreement",
        "How far two assessors agree who marked the same, and assessor and panel, with intervals",
        agreeing.AgreementRow,
        _agreement,
        key=("between", "scheme", "criterion"),
        order="between",
        sorts=("scheme", "criterion", "cases"),
        filters=("between", "criterion", "few"),
        values={"between": (agreeing.CALIBRATION, agreeing.MODERATION)},
    ),
    _figure(
        "changes",
        "How many judgements of each assessor panels changed, with intervals",
        agreeing.ChangeRow,
        _changes,
        key=("scheme", "assessor"),
        order="scheme",
        sorts=("assessor", "cases", "judgements", "changed"),
        filters=("assessor", "few"),
        names=("assessor",),
    ),
    _figure(
        "outcomes",
        "What came of submissions, by type and size of provider, with intervals of the difference from the rest",
        outcomes.OutcomeRow,
        _outcomes,
        key=("scheme", "by", "group"),
        order="scheme",
        sorts=("by", "decided", "awarded"),
        filters=("by", "group", "few"),
        values={"by": (outcomes.ALL, outcomes.BY_TYPE, outcomes.BY_SIZE)},
    ),
    _figure(
        "stages",
        "How long submissions are at each stage, in calendar and working days, and how many too long",
        times.StageRow,
        _stages,
        key=("scheme", "stage"),
        order="scheme",
        sorts=("stage", "ended", "overdue", "open"),
        filters=("stage", "few"),
        values={"stage": times.STAGES},
    ),
    _figure(
        "minutes",
        "How many minutes a submission takes whom",
        times.MinutesRow,
        _minutes,
        key=("scheme", "role"),
        order="scheme",
        sorts=("role", "cases"),
        filters=("role", "few"),
        values={"role": times.ROLES},
    ),
    _figure(
        "clocks",
        "How far each clock was kept, with intervals",
        times.ClockRow,
        _clocks,
        key=("scheme", "kind", "rule"),
        order="scheme",
        sorts=("rule", "due", "late", "running_late"),
        filters=("kind", "rule", "few"),
    ),
    _figure(
        "appeals",
        "Appeals: how often results are contested, on which grounds, what came of it and why",
        appealed.AppealRow,
        _appeals,
        key=("scheme", "by", "group"),
        order="scheme",
        sorts=("by", "lodged", "upheld"),
        filters=("by", "group", "few"),
        values={"by": appealed.ORDER},
    ),
    Listing(
        path="figures/published",
        operation="list_figures_published",
        summary="What the public is told of each year: outcomes, appeals, times; nothing of small numbers",
        tag="figures",
        action="see-published-figures",
        row=PublicRow,
        source=_published,
        models=(),
        key=("scheme", "year", "by", "group"),
        order="-year",
        sorts=("scheme", "by"),
        filters=("year", "by", "group", "shown"),
        more={"scheme": kinds.TEXT},
    ),
    Listing(
        path="conformance",
        operation="list_conformance",
        summary="Where cases departed from the straight way, and who allowed it",
        tag="conformance",
        action=CONFORMANCE,
        row=Deviation,
        source=_deviations,
        models=(complaints.MODEL,),
        key=("position", "case_id", "kind"),
        order="-position",
        sorts=("at", "case_id", "kind"),
        filters=("case_id", "kind", "by", "stage", "at", "actor", "role"),
        case="case_id",
        matters=True,
        names=("actor",),
        hidden=("reason",),
        more={"known": kinds.FROM, "scheme": kinds.TEXT},
    ),
    Listing(
        path="conformance/{id}",
        kinds=KINDS,
        operation="list_case_conformance",
        summary="Where one case departed from the straight way, who allowed it, and why",
        tag="conformance",
        action=CONFORMANCE,
        row=Deviation,
        source=_deviations_of,
        models=(complaints.MODEL,),
        key=("position", "kind"),
        order="position",
        sorts=("at", "kind"),
        filters=("kind", "by", "stage", "at", "actor", "role"),
        names=("actor",),
        texts=("reason",),
        more={"known": kinds.FROM},
    ),
    Listing(
        path="conformance/{id}/path",
        kinds=KINDS,
        operation="list_case_path",
        summary="The way one case went, from stage to stage",
        tag="conformance",
        action=CONFORMANCE,
        row=Step,
        source=_steps,
        models=(complaints.MODEL,),
        key=("position",),
        order="position",
        sorts=("at",),
        filters=("event", "from_stage", "to_stage", "at", "allowed"),
        names=("actor",),
        more={"known": kinds.FROM},
    ),
    Listing(
        path="cases/{id}/comparison",
        kinds=("submission",),
        operation="list_comparison",
        summary="What assessors and panels made of one submission, criterion by criterion, side by side",
        tag="figures",
        action=COMPARISON,
        row=Cell,
        source=_cells,
        models=(),
        key=("criterion", "indicator", "marking"),
        order="criterion",
        sorts=("marking",),
        filters=("criterion", "indicator", "marking", "by", "level", "set_aside"),
        names=("who",),
        texts=("text",),
        more={"known": kinds.FROM},
    ),
    Listing(
        path="cases/{id}/comparison/pairs",
        kinds=("submission",),
        operation="list_comparison_pairs",
        summary="How far each two markings of one submission agree",
        tag="figures",
        action=COMPARISON,
        row=Pair,
        source=_pairs,
        models=(),
        key=("first", "second"),
        order="first",
        sorts=("second",),
        more={"known": kinds.FROM},
    ),
)
