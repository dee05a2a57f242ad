"""Appeals counted: what came of each and of each ground, and how many of the results told were contested."""

from domain.figures.appealed import ALL as EVERY
from domain.figures.appealed import CAUSE, CONTESTED, GROUND, REMEDY, AppealRow, appeals
from domain.figures.asked import Asked
from domain.figures.facts import Case, Matter
from domain.statistics.intervals import wilson
from tests.domain import appealing
from tests.domain.counting import ALL, LATER, OTHER, appeal, case, facts


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
