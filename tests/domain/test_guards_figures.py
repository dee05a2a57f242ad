"""Figures over small tables counted by hand: what counts, from and until when, and where there is nothing to say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.appeal import Appeal, evolve
from domain.appeal.causes import Cause
from domain.appeal.events import AppealDecided, GroundFinding, OthersFound
from domain.calibration import BlindJudgementRecorded, Calibration
from domain.clocks import Deadline
from domain.figures.agreeing import CALIBRATION, MODERATION, agreements, changes
from domain.figures.appealed import ALL as EVERY
from domain.figures.appealed import CAUSE, CONTESTED, GROUND, REMEDY, AppealRow, appeals
from domain.figures.asked import FEWEST, Asked
from domain.figures.facts import Case, Facts, Marked, Matter, Moderated, Stay
from domain.figures.outcomes import outcomes
from domain.figures.runs import Run, Runs
from domain.figures.times import STAGES, clocks, minutes, stage_times
from domain.statistics.intervals import newcombe, wilson
from domain.submission.state import Submission
from tests.domain import appealing, given
from tests.domain.given import DAY, NOON, SCHEME, SECOND, refused, text

ALL = Asked()
LATER = NOON + 10 * DAY
OTHER = "other-mark@1"
HELD = given.released()
ADA, BEN = "person-ada", "person-ben"


def case(id: str = "submission-a", *, scheme: str = SCHEME.ref, held: Submission | None = None, **known: Any) -> Case:
    """A case whose result was told at NOON, unless told."""
    held = held or HELD
    held = replace(held, registered=replace(held.registration, scheme=scheme))
    said = {"provider": "provider-a", "provider_type": "charity", "size_band": "small", "told_at": NOON}
    return Case(case=id, held=held, **{**said, **known})


def facts(*cases: Case, **known: Any) -> Facts:
    return Facts(cases={one.case: one for one in cases}, **known)


def several(number: int, **known: Any) -> Facts:
    return facts(*(case(f"submission-{place}", **known) for place in range(number)))


# -- what is asked for -------------------------------------------------------------------------------------------------


def test_a_period_holds_its_beginning_and_not_its_end():
    period = Asked(begins=NOON, ends=LATER)

    assert [period.holds(at) for at in (NOON - SECOND, NOON, LATER - SECOND, LATER, None)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert [Asked(begins=NOON).holds(at) for at in (NOON - SECOND, NOON)] == [False, True]
    assert [Asked(ends=NOON).holds(at) for at in (NOON - SECOND, NOON)] == [True, False]
    assert ALL.holds(NOON)


def test_a_period_is_a_second_long_or_more():
    assert Asked(begins=NOON, ends=NOON + SECOND)
    for ends in (NOON, NOON - SECOND):
        with refused("figures-period", field="period_until"):
            Asked(begins=NOON, ends=ends)


def test_a_scheme_is_asked_about_in_one_version_or_in_all():
    for asked, found in ((None, True), ("a@1", True), ("a", True), ("a@2", False), ("b", False)):
        assert Asked(scheme=asked).of_scheme("a@1") is found


# -- outcomes ----------------------------------------------------------------------------------------------------------


def test_an_outcome_counts_when_it_was_told_and_of_the_scheme_that_is_asked_about():
    known = facts(case("a"), case("b", scheme=OTHER), case("c", told_at=LATER), case("d", told_at=None))

    def counted(**asked: Any) -> list[tuple[str, int]]:
        return [(one.scheme, one.decided) for one in outcomes(known, Asked(**asked)) if one.by == "all"]

    assert counted() == [("other-mark", 1), ("test-mark", 2)]
    assert counted(scheme="test-mark", ends=LATER) == [("test-mark", 1)]
    assert list(outcomes(facts(case(held=given.approved())), ALL)) == []


def test_the_difference_from_all_others_is_said_where_there_are_others():
    held = HELD.outcome
    assert held
    lost = replace(HELD, outcome=replace(held, outcome="not_awarded"))
    known = facts(case("a"), case("b"), case("c", held=lost, size_band="large"))

    rows = {(one.by, one.group): one for one in outcomes(known, ALL)}

    small, whole = rows["size_band", "small"], rows["all", ""]
    expected = newcombe(2, 2, 0, 1)
    assert (small.awarded, small.not_awarded) == (2, 0)
    assert (small.difference, small.difference_low, small.difference_high) == (
        expected.value, expected.low, expected.high,
    )  # fmt: skip
    assert (whole.awarded, whole.not_awarded) == (2, 1)
    assert (whole.difference, whole.difference_low, whole.difference_high) == (None, None, None)


@pytest.mark.parametrize(("number", "few"), [(FEWEST - 1, True), (FEWEST, False)], ids=["few", "enough"])
def test_of_five_it_is_not_said_that_they_are_few(number: int, few: bool):
    """The same in every figure."""
    spent = several(number, minutes={"assessor": 90}, stays=[Stay("preparing", NOON, LATER)])
    for one in spent.cases.values():
        one.runs.all.append(Run(rule="screen-within", set_at=NOON, due_at=LATER, ended_at=NOON))
        one.moderated = Moderated(assessor=ADA, at=NOON, pairs={"1.1": ("low", "low")})
    known = replace(spent, matters={f"appeal-{place}": appeal(f"appeal-{place}", "upheld") for place in range(number)})

    [change] = changes(known, ALL)
    rows: list[Any] = [
        change,
        *agreements(known, ALL, lambda _: SCHEME.scale),
        *(one for one in outcomes(known, ALL) if one.by == "all"),
        *stage_times(known, ALL, lambda _: SCHEME.calendar, LATER),
        *minutes(known, ALL),
        *clocks(known, ALL, LATER),
        *(one for one in appeals(known, ALL) if one.by == EVERY),
    ]
    assert len(rows) == 8
    assert {one.few for one in rows} == {few}


# -- times -------------------------------------------------------------------------------------------------------------


def staying(*stays: Stay, id: str = "submission-a", clock: Deadline | None = None, **known: Any) -> Case:
    return case(id, stays=list(stays), held=replace(HELD, clock=clock), **known)


def times(*cases: Case, asked: Asked = ALL, at: datetime = LATER) -> dict[str, Any]:
    return {one.stage: one for one in stage_times(facts(*cases), asked, lambda _: SCHEME.calendar, at)}


def test_a_stage_that_was_left_in_the_period_counts_and_one_outside_of_it_does_not():
    left = staying(Stay("preparing", NOON, NOON + 2 * DAY), Stay("screening", NOON + 2 * DAY, LATER))

    rows = times(left, asked=Asked(ends=LATER))

    assert (rows["preparing"].ended, rows["preparing"].open) == (1, 0)
    assert (rows["preparing"].median, rows["preparing"].longest, rows["preparing"].working_median) == (2, 2, 2)
    assert (rows["screening"].ended, rows["screening"].median, rows["screening"].working_longest) == (0, None, None)
    assert times(left, asked=Asked(scheme="other-mark")) == {}


def test_an_end_is_no_stage_that_one_stays_at():
    rows = times(staying(Stay("preparing", NOON, LATER), Stay("lapsed", LATER), Stay("withdrawn", LATER)))

    assert list(rows) == ["preparing"]
    assert not {"lapsed", "withdrawn", "unknown", ""} & set(STAGES)


@pytest.mark.parametrize(
    ("due_at", "overdue"), [(None, 0), (LATER, 1), (LATER + SECOND, 0)], ids=["no-clock", "as-it-passed", "in-time"]
)
def test_what_left_as_its_clock_passed_was_overdue(due_at: datetime | None, overdue: int):
    assert times(staying(Stay("preparing", NOON, LATER, due_at)))["preparing"].overdue == overdue


@pytest.mark.parametrize(
    ("due_at", "overdue"), [(LATER, 1), (LATER + SECOND, 0), (None, 0)], ids=["passed", "to-come", "no-clock"]
)
def test_what_is_there_still_is_overdue_from_the_instant_of_its_clock(due_at: datetime | None, overdue: int):
    clock = due_at and Deadline(rule="submit-within", due_at=due_at, remind_at=())
    row = times(staying(Stay("preparing", NOON), clock=clock))["preparing"]

    assert (row.ended, row.open, row.open_overdue, row.longest_open) == (0, 1, overdue, 10)


def test_the_clock_of_a_stage_says_nothing_of_one_that_was_left_and_of_a_case_without_any():
    clock = Deadline(rule="submit-within", due_at=NOON, remind_at=())
    left = staying(Stay("preparing", NOON, LATER), clock=clock)

    rows = times(left, staying(id="submission-b", clock=clock), staying(Stay("preparing", LATER), id="submission-c"))

    assert (rows["preparing"].open, rows["preparing"].open_overdue, rows["preparing"].longest_open) == (1, 0, 0)


def test_stages_stand_in_the_handbooks_order_scheme_by_scheme():
    stays = [Stay("screening", NOON, LATER), Stay("preparing", NOON, LATER)]
    known = facts(case("a", stays=stays), case("b", scheme=OTHER, stays=stays))

    rows = stage_times(known, ALL, lambda _: SCHEME.calendar, LATER)

    assert [(one.scheme, one.stage) for one in rows] == [
        (scheme, stage) for scheme in ("other-mark", "test-mark") for stage in ("preparing", "screening")
    ]


def test_minutes_of_nothing_are_no_minutes():
    known = facts(case("a", minutes={"assessor": 90, "provider": 0}), case("b", minutes={"assessor": 30}))

    [row] = minutes(known, ALL)

    assert (row.role, row.cases, row.total, row.median, row.longest) == ("assessor", 2, 120, 60, 90)


def run(due_at: datetime, ended_at: datetime | None = None, **known: Any) -> Run:
    return Run(rule="screen-within", set_at=NOON, due_at=due_at, ended_at=ended_at, **known)


def kept(*ran: Run, asked: Asked = ALL, at: datetime = LATER) -> list[tuple[int, int, int, int, int]]:
    rows = clocks(facts(case(runs=Runs(all=list(ran)))), asked, at)
    return [(one.due, one.in_time, one.late, one.running_late, one.moved) for one in rows]


@pytest.mark.parametrize(
    ("ran", "expected"),
    [
        (run(LATER, LATER - SECOND), [(1, 1, 0, 0, 0)]),
        (run(LATER, LATER), [(1, 0, 1, 0, 0)]),
        (run(LATER), [(1, 0, 0, 1, 0)]),
        (run(LATER + SECOND), []),
        (run(LATER, NOON, void=True), []),
        (run(LATER, NOON, moved=1), [(1, 1, 0, 0, 1)]),
    ],
    ids=["in-time", "as-it-passed", "waits-still", "to-come", "void", "moved"],
)
def test_a_clock_is_kept_when_what_it_waited_for_came_before_its_instant(ran: Run, expected: list[Any]):
    assert kept(ran) == expected


def test_a_clock_counts_in_the_period_in_which_it_ended_or_else_was_due():
    assert kept(run(LATER, NOON), asked=Asked(ends=LATER)) == [(1, 1, 0, 0, 0)]
    assert kept(run(NOON, LATER), asked=Asked(ends=LATER)) == []
    assert kept(run(LATER), asked=Asked(ends=LATER)) == []
    assert kept(run(NOON), asked=Asked(scheme="other-mark")) == []


# -- appeals -----------------------------------------------------------------------------------------------------------


def appeal(id: str, end: str = "", *, remedy: str | None = None, causes: tuple[str, ...] = (), **said: Any) -> Matter:
    """An appeal lodged at NOON on two grounds, of which one is upheld where it is."""
    began_at = said.pop("began_at", NOON)
    held: Appeal = appealing.lodged()
    assert held.lodged
    held = replace(held, id=id, scheme=said.pop("scheme", held.scheme), lodged=replace(held.lodged, **said))
    if end in ("upheld", "dismissed"):
        findings = tuple(
            GroundFinding(ground=ground, finding=finding, reason=text("why"))
            for ground, finding in (("evidence", end), ("bias", "dismissed"))
        )
        decided = AppealDecided(
            case=held.lodging.case, outcome=end, chair="person-hal", panel=(), findings=findings, remedy=remedy,
            excluded=(), in_time=True, sets=(), ends=(),
        )  # fmt: skip
        held = evolve(held, decided)
    elif end:
        held = replace(held, stage=end)
    if causes:
        found = tuple(Cause(kind=kind, value="x") for kind in causes)
        held = evolve(held, OthersFound(officer="o", causes=found, searched_to=1, cases=(), sets=(), ends=()))
    return Matter(id=id, held=held, began_at=began_at)


def contested(*matters: Matter, asked: Asked = ALL, cases: tuple[Case, ...] = ()) -> dict[tuple[str, str], AppealRow]:
    known = facts(*cases, matters={one.id: one for one in matters})
    return {(one.by, one.group): one for one in appeals(known, asked)}


def test_appeals_are_counted_by_what_came_of_them_and_of_each_ground():
    rows = contested(
        appeal("appeal-a", "upheld", remedy="assess-again", causes=("assessor", "window", "assessor")),
        appeal("appeal-b", "dismissed"),
        appeal("appeal-c", "not-admitted"),
        appeal("appeal-d", "withdrawn"),
        appeal("appeal-e"),
    )

    whole, share = rows[EVERY, ""], wilson(1, 2)
    assert (whole.lodged, whole.decided, whole.upheld, whole.dismissed) == (5, 2, 1, 1)
    assert (whole.not_admitted, whole.withdrawn, whole.open) == (1, 1, 1)
    assert (whole.share, whole.low, whole.high) == (share.value, share.low, share.high)
    assert (rows[CONTESTED, "result"].lodged, rows[CONTESTED, "result"].upheld) == (5, 1)
    assert (rows[GROUND, "evidence"].upheld, rows[GROUND, "evidence"].dismissed) == (1, 1)
    assert (rows[GROUND, "bias"].upheld, rows[GROUND, "bias"].dismissed, rows[GROUND, "bias"].withdrawn) == (0, 2, 1)
    assert [group for by, group in rows if by == REMEDY] == ["assess-again"]
    assert [(group, one.lodged) for (by, group), one in rows.items() if by == CAUSE] == [("assessor", 1), ("window", 1)]


def test_the_rate_is_of_the_results_told_in_the_period_and_in_the_row_of_all_only():
    mine = case(appealing.CASE)
    rows = contested(appeal("appeal-a"), cases=(mine, case("submission-b"), case("submission-c", told_at=LATER)))

    whole, rate = rows[EVERY, ""], wilson(1, 3)
    assert (whole.told, whole.rate, whole.rate_low, whole.rate_high) == (3, rate.value, rate.low, rate.high)
    assert (whole.share, whole.low, whole.high) == (None, None, None)
    assert {(one.told, one.rate) for (by, _), one in rows.items() if by != EVERY} == {(None, None)}
    assert contested(cases=(mine,), asked=Asked(begins=LATER)) == {}
    assert contested(cases=(mine,), asked=Asked(scheme="other-mark")) == {}


def test_a_result_is_contested_whenever_its_appeal_was_lodged_and_nothing_else_contests_it():
    before = Asked(ends=LATER)
    late = appeal("appeal-a", began_at=LATER)
    other = appeal("appeal-b", contested="suspension")

    assert contested(late, cases=(case(appealing.CASE),), asked=before)[EVERY, ""].rate == 1
    assert contested(late, cases=(case(appealing.CASE),), asked=before)[EVERY, ""].lodged == 0
    assert contested(other, cases=(case(appealing.CASE),))[EVERY, ""].rate == 0


def test_where_no_result_was_told_there_is_no_rate_and_appeals_of_another_scheme_are_not_counted():
    row = contested(appeal("appeal-a"), appeal("appeal-b", scheme=OTHER), asked=Asked(scheme="test-mark"))[EVERY, ""]

    assert (row.lodged, row.told, row.rate, row.rate_low, row.rate_high) == (1, 0, None, None, None)


# -- agreement ---------------------------------------------------------------------------------------------------------

Levels = Mapping[str, tuple[str, str]]


def moderated(pairs: Levels, id: str = "submission-a", *, by: str = ADA, at: datetime = NOON, **known: Any) -> Case:
    return case(id, moderated=Moderated(assessor=by, at=at, pairs=dict(pairs)), **known)


def agreeing(known: Facts, between: str = MODERATION, asked: Asked = ALL) -> list[tuple[str, str, int, int, int, int]]:
    return [
        (one.scheme, one.criterion, one.cases, one.judgements, one.alike, one.one_apart)
        for one in agreements(known, asked, lambda _: SCHEME.scale)
        if one.between == between
    ]


def test_agreement_is_over_all_criteria_and_of_each_that_was_judged():
    known = facts(
        moderated({"1.1": ("low", "middle"), "1.2": ("high", "high")}),
        moderated({"1.2": ("low", "high")}, "submission-b"),
        moderated({}, "submission-c"),
    )

    assert agreeing(known) == [
        (SCHEME.ref, "", 2, 3, 1, 1),
        (SCHEME.ref, "1.1", 1, 1, 0, 1),
        (SCHEME.ref, "1.2", 2, 2, 1, 0),
    ]
    assert agreeing(facts(moderated({}))) == []


def test_a_moderation_counts_in_the_period_of_its_decision_and_of_the_scheme_asked_about():
    known = facts(moderated({"1.1": ("low", "low")}, at=LATER), case("submission-b"))

    for asked, found in (({}, 1), ({"ends": LATER}, 0), ({"begins": LATER}, 1), ({"scheme": "other-mark"}, 0)):
        assert len(list(changes(known, Asked(**asked)))) == found
        assert len(agreeing(known, asked=Asked(**asked))) == 2 * found


def test_what_was_changed_is_a_share_of_what_was_judged_beside_that_of_all_others():
    known = facts(
        moderated({"1.1": ("low", "middle"), "1.2": ("high", "high")}),
        moderated({"1.1": ("low", "low"), "1.2": ("high", "low"), "2.1": ("low", "middle")}, "submission-b", by=BEN),
        moderated({"1.1": ("low", "high")}, "submission-c", scheme=OTHER),
        moderated({}, "submission-d", by="person-cy"),
    )

    other, ada, ben = changes(known, ALL)

    assert (ada.assessor, ada.cases, ada.judgements, ada.changed, ada.share, ada.rest) == (ADA, 1, 2, 1, 0.5, 2 / 3)
    assert (ben.assessor, ben.judgements, ben.changed, ben.rest) == (BEN, 3, 2, 0.5)
    assert (other.scheme, other.assessor, other.changed, other.rest) == ("other-mark", ADA, 1, None)


def blind(level: str = "low", *, completed_at: datetime | None = NOON, scale: tuple[str, ...] = SCHEME.scale) -> Marked:
    """A blind marking of one criterion."""
    judged = BlindJudgementRecorded(criterion="1.1", level=level, rationale=text("so"), cites=())
    held = Calibration(submission="submission-a", scale=scale, judgements={"1.1": judged}, completed=True)
    return Marked(held=held, completed_at=completed_at)


def twice(marked: Marked, asked: Asked = ALL, **known: Any) -> list[int]:
    """How many judgements were compared, over all and of each criterion."""
    first = case("submission-a", **{"held": given.assessed(), "assessed_at": NOON, **known})
    found = agreeing(facts(first, markings={"submission-a": marked, "submission-gone": marked}), CALIBRATION, asked)
    return [judgements for _, _, _, judgements, _, _ in found]


def test_what_was_marked_twice_is_compared_once_both_are_done():
    assert twice(blind()) == [1, 1]
    assert twice(blind(completed_at=None)) == []
    assert twice(blind(), assessed_at=None) == []
    assert twice(blind(), held=replace(given.assessed(), assessed=False)) == []
    assert twice(blind(), Asked(scheme="other-mark")) == []


def test_it_counts_from_the_later_of_the_two():
    for asked, found in ((Asked(ends=LATER), []), (Asked(begins=LATER), [1, 1])):
        assert twice(blind(completed_at=LATER), asked) == found
        assert twice(blind(), asked, assessed_at=LATER) == found
