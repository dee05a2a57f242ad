"""A concern is reviewed by someone who did not raise it; the review suspends, reduces, withdraws, reinstates, or does nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import (
    Accreditation,
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationSuspended,
    AccreditationWithdrawn,
    ConcernRaised,
    ReviewConcluded,
    ReviewOpened,
    concerns,
    due_next,
)
from domain.accreditation import award as awards
from domain.award import AwardLevel
from domain.clocks import Deadline, DeadlineMissed, Due
from domain.person import Person
from tests.domain.awards import (
    EVE,
    LEVELS,
    RAY,
    after,
    awarded,
    concerned,
    end,
    found,
    in_review,
    renewing,
    suspended,
)
from tests.domain.given import ADA, DAY, NOON, SCHEME, SECOND, conflicted, refused, text, utc

CONCERN = "concern-a"
WHY = text("So it is")
DUE = utc("2026-03-30 11:00")  # twenty working days later, in summer time


def opening(reviewer: Person = RAY, **said: Any) -> dict[str, Any]:
    return {"concern": CONCERN, "reviewer": reviewer, "took_part": (), "scheme": SCHEME, "at": NOON, **said}


def concluding(finding: str, by: Person = RAY, **said: Any) -> dict[str, Any]:
    given = {"concern": CONCERN, "by": by, "finding": finding, "reason": WHY, "scheme": SCHEME, "at": NOON + DAY}
    return given | said


def test_a_concern_is_raised_once_by_someone_or_from_outside():
    said = {"id": CONCERN, "text": WHY, "scheme": SCHEME, "at": NOON}
    take_up = Deadline(rule="take-up-concern-within", due_at=utc("2026-03-09 12:00"))

    events = concerns.raise_concern(awarded(), raised_by=None, **said)

    assert events == [ConcernRaised(concern=CONCERN, raised_by=None, text=WHY, clock=take_up)]
    assert concerns.raise_concern(concerned(), raised_by=EVE.id, **said) == []
    with refused("known-accreditation"):
        concerns.raise_concern(Accreditation(), raised_by=None, **said)


def test_operations_are_told_once_of_a_concern_that_nobody_takes_up():
    award = concerned()
    due_at = utc("2026-03-09 12:00")

    assert due_next(award, at=NOON) == Due(step="miss_review", at=due_at)
    assert concerns.miss_review(award, at=due_at - SECOND) == []
    told = concerns.miss_review(award, at=due_at)
    assert told == [DeadlineMissed(rule="take-up-concern-within", due_at=due_at)]
    assert concerns.miss_review(after(award, told), at=due_at + DAY) == []


def test_the_review_has_its_own_time_however_long_nobody_took_the_concern_up():
    [opened] = concerns.open_review(concerned(), **opening(at=NOON + 7 * DAY))

    assert isinstance(opened, ReviewOpened)
    assert opened.clock == Deadline(rule="review-concern-within", due_at=utc("2026-04-08 11:00"))  # Easter is no work


def test_nobody_is_waited_for_to_take_up_a_concern_about_what_was_withdrawn():
    gone = found(concerned(), "withdraw", NOON + DAY)

    assert concerned(gone, id="concern-b").concerns["concern-b"].clock is None
    assert concerned(gone, id="concern-b").over


def test_a_review_has_a_reviewer_and_a_date():
    award = concerned()

    assert concerns.open_review(award, **opening()) == [
        ReviewOpened(concern=CONCERN, reviewer=RAY.id, clock=Deadline(rule="review-concern-within", due_at=DUE))
    ]
    assert concerns.open_review(in_review(), **opening()) == []


def test_another_reviewer_goes_on_until_the_same_date():
    [event] = concerns.open_review(in_review(), **opening(EVE, at=NOON + 5 * DAY))

    assert isinstance(event, ReviewOpened)
    assert (event.reviewer, event.clock.due_at) == (EVE.id, DUE)


@pytest.mark.parametrize(
    ("reviewer", "said", "rule", "field"),
    [
        (EVE, {}, "raiser-never-decides", "reviewer"),
        (conflicted(RAY), {}, "conflict-of-interest", "actor"),
        (RAY, {"took_part": {RAY.id}}, "assessor-never-reviews", "reviewer"),
        (ADA, {}, "reviewer-role", "reviewer"),
        (RAY, {"concern": "concern-none"}, "known-concern", "concern"),
    ],
)
def test_a_reviewer_did_not_raise_it_has_no_conflict_and_did_not_assess_it(
    reviewer: Person, said: dict[str, Any], rule: str, field: str
):
    with refused(rule, field=field):
        concerns.open_review(concerned(by=EVE.id), **opening(reviewer, **said))


def test_only_the_reviewer_concludes_and_no_longer_with_a_conflict():
    with refused("reviewer-concludes", field="actor"):
        concerns.conclude_review(in_review(), **concluding("no_action", EVE))
    with refused("reviewer-concludes", field="actor"):
        concerns.conclude_review(concerned(), **concluding("no_action"))
    with refused("conflict-of-interest"):
        concerns.conclude_review(in_review(), **concluding("no_action", conflicted(RAY)))
    with refused("review-findings", field="finding"):
        concerns.conclude_review(in_review(), **concluding("shrug"))


def test_a_review_that_finds_nothing_to_do_changes_nothing_and_is_over():
    award = in_review()

    assert concerns.conclude_review(award, **concluding("no_action")) == [
        ReviewConcluded(concern=CONCERN, finding="no_action", reason=WHY)
    ]
    done = found(award, "no_action", NOON + DAY)
    assert concerns.conclude_review(done, **concluding("no_action")) == []
    with refused("reviewer-concludes"):
        concerns.conclude_review(done, **concluding("withdraw"))
    with refused("concern-concluded", field="concern"):
        concerns.open_review(done, **opening())
    assert done.valid_on(NOON + DAY)


def test_suspended_means_not_valid_from_then_until_it_is_reinstated():
    at, back = NOON + DAY, NOON + 9 * DAY
    award = in_review()

    assert concerns.conclude_review(award, **concluding("suspend"))[1:] == [
        AccreditationSuspended(concern=CONCERN, suspended_from=at)
    ]
    award = found(award, "suspend", at)
    assert award.valid_on(at - SECOND)
    assert not award.valid_on(at)
    assert not award.valid_on(end(award) - SECOND)

    review = in_review(award, at=back)
    assert concerns.conclude_review(review, **concluding("reinstate", at=back))[1:] == [
        AccreditationReinstated(concern=CONCERN, reinstated_from=back)
    ]
    again = found(award, "reinstate", back)
    assert not again.valid_on(back - SECOND)
    assert again.valid_on(back)
    assert end(again) == end(award)


def test_what_two_concerns_suspend_is_valid_once_both_are_settled():
    award = found(concerned(suspended(NOON + DAY), "concern-b"), "suspend", NOON + 2 * DAY, "concern-b")

    one = found(award, "reinstate", NOON + 3 * DAY)
    both = found(one, "reinstate", NOON + 4 * DAY, "concern-b")

    assert not one.valid_on(NOON + 3 * DAY)
    assert both.valid_on(NOON + 4 * DAY)
    with refused("reinstate-suspended", field="finding"):
        found(concerned(both, "concern-c"), "reinstate", NOON + 5 * DAY, "concern-c")


def test_a_suspension_can_be_reviewed_again_and_kept():
    award = found(suspended(NOON + DAY), "suspend", NOON + 2 * DAY)

    assert len(award.suspensions) == 1
    assert found(award, "reinstate", NOON + 3 * DAY).valid_on(NOON + 3 * DAY)


def test_a_suspension_moves_neither_the_end_nor_its_reminders():
    award, away = awarded(), suspended(NOON + DAY)

    assert away.clock == award.clock
    assert due_next(away, at=NOON + 2 * DAY) == due_next(award, at=NOON + 2 * DAY)
    assert awards.lapse(away, at=end(away))


def test_withdrawn_ends_it_at_once_and_for_good():
    at = NOON + 20 * DAY
    award = in_review()

    assert concerns.conclude_review(award, **concluding("withdraw", at=at))[1:] == [
        AccreditationWithdrawn(concern=CONCERN, withdrawn_from=at)
    ]
    gone = found(concerned(award, "concern-b"), "withdraw", at)
    assert gone.valid_on(at - SECOND)
    assert not gone.valid_on(at)
    assert gone.over
    assert due_next(gone, at=at) is None
    assert awards.lapse(gone, at=end(award)) == awards.renew(gone, **renewing(at + DAY)) == []
    with refused("award-runs"):
        in_review(gone, "concern-b", at)


def test_withdrawn_as_it_began_it_never_was_valid():
    gone = found(concerned(), "withdraw", NOON)

    assert gone.periods == ()
    assert not gone.valid_on(NOON)
    assert awards.lapse(gone, at=NOON) == awards.renew(gone, **renewing(NOON)) == []
    assert awards.submit_reaccreditation(gone, submission="submission-b", scheme=SCHEME, at=NOON)


def test_reduced_to_a_lower_level_or_a_narrower_scope_from_then_on():
    at = NOON + 20 * DAY
    award = in_review(concerned(awarded(scheme=LEVELS, level="gold")))
    said = concluding("reduce", scheme=LEVELS, level="bronze", scope=WHY, at=at)

    assert concerns.conclude_review(award, **said)[1:] == [
        AccreditationReduced(concern=CONCERN, level="bronze", scope=WHY, reduced_from=at, lowers=("gold",))
    ]
    less = found(award, "reduce", at, scheme=LEVELS, level="bronze")
    assert (less.level_on(at - SECOND), less.level_on(at)) == ("gold", "bronze")
    [_, narrowed] = concerns.conclude_review(award, **concluding("reduce", scheme=LEVELS, scope=WHY, at=at))
    assert narrowed == AccreditationReduced(concern=CONCERN, level=None, scope=WHY, reduced_from=at, lowers=())
    narrower = found(award, "reduce", at, scheme=LEVELS, scope=WHY)
    assert [(one.level, one.scope) for one in narrower.periods] == [("gold", None), ("gold", WHY.id)]
    assert narrower.valid_on(at)
    again = after(narrower, awards.renew(narrower, **renewing(at + DAY)))
    assert again.periods[-1].scope == WHY.id  # a wider scope is an application of its own


def test_what_is_earned_already_at_less_is_not_raised_by_a_reduction():
    silver = AwardLevel(name="silver", form="every-criterion-at-least", level="middle")
    rules = replace(LEVELS, awards=(LEVELS.awards[0], silver, LEVELS.awards[1]))
    award = awarded(scheme=rules, level="gold")
    lower = {**renewing(end(award) - 30 * DAY, scheme=rules), "level": "bronze"}
    renewed = after(award, awards.renew(award, **lower))
    at = end(award) - 20 * DAY

    less = found(concerned(renewed), "reduce", at, level="silver", scope=WHY, scheme=rules)

    assert [(one.starts_at, one.level, one.scope) for one in less.periods] == [
        (NOON, "gold", None),
        (at, "silver", WHY.id),
        (end(award), "bronze", WHY.id),
    ]


def test_levels_are_ranked_by_the_version_under_which_the_award_in_force_was_earned():
    turned = replace(LEVELS, version=2, awards=tuple(reversed(LEVELS.awards)))  # where gold is the lower one
    award = awarded(scheme=LEVELS, level="gold")
    renewed = after(award, awards.renew(award, **{**renewing(end(award) - 30 * DAY, scheme=turned), "level": "bronze"}))
    at = end(award) - 20 * DAY
    assert (renewed.scheme, renewed.scheme_on(at), renewed.scheme_on(end(award))) == (
        turned.ref,
        LEVELS.ref,
        turned.ref,
    )
    reviewed = in_review(concerned(renewed))

    said = concluding("reduce", scheme=turned, standing=LEVELS, at=at)
    with refused("reduce-to-less", field="level", match="bronze"):
        concerns.conclude_review(reviewed, **said, level="gold")
    less = after(reviewed, concerns.conclude_review(reviewed, **said, level="bronze"))
    assert (less.level_on(at - SECOND), less.level_on(at)) == ("gold", "bronze")


def test_a_reduction_recorded_before_it_said_what_it_lowers_stays_what_it_was():
    award = awarded(scheme=LEVELS, level="bronze")
    old = AccreditationReduced(concern=CONCERN, level="gold", scope=None, reduced_from=NOON + DAY)
    assert [one.level for one in after(award, [old]).periods] == ["bronze", "gold"]
    old = AccreditationReduced(concern=CONCERN, level=None, scope=WHY, reduced_from=NOON + DAY)
    assert [(one.level, one.scope) for one in after(award, [old]).periods] == [("bronze", None), ("bronze", WHY.id)]


@pytest.mark.parametrize("level", ["gold", "platinum", None])
def test_reduced_is_to_less_than_it_was(level: str | None):
    award = in_review(concerned(awarded(scheme=LEVELS, level="gold")))

    with refused("reduce-to-less", field="level"):
        concerns.conclude_review(award, **concluding("reduce", scheme=LEVELS, level=level))


@pytest.mark.parametrize("finding", ["suspend", "reduce", "withdraw", "reinstate"])
def test_what_has_ended_can_only_be_found_to_need_no_action(finding: str):
    award = in_review()
    at = end(award)

    with refused("award-runs"):
        concerns.conclude_review(award, **concluding(finding, at=at))
    assert concerns.conclude_review(award, **concluding("no_action", at=at))


def test_operations_are_told_once_of_a_review_that_is_overdue():
    award = in_review()
    assert due_next(award, at=NOON) == Due(step="miss_review", at=DUE)
    assert concerns.miss_review(award, at=DUE - SECOND) == []

    late = after(award, concerns.miss_review(award, at=DUE))

    assert late.missed == {("review-concern-within", DUE)}
    assert concerns.miss_review(late, at=DUE) == []
    assert due_next(late, at=DUE) == due_next(awarded(), at=DUE)


def test_a_review_goes_on_when_the_award_has_lapsed_and_is_watched_until_it_is_over():
    award = in_review(at=NOON + 1090 * DAY)
    over = after(award, awards.lapse(award, at=end(award)))

    assert not over.over
    due = due_next(over, at=end(award))
    assert due
    assert due.step == "miss_review"
    told = after(over, concerns.miss_review(over, at=due.at))
    assert isinstance(concerns.miss_review(over, at=due.at)[0], DeadlineMissed)
    assert due_next(told, at=due.at) is None
    assert found(over, "no_action", datetime.max.replace(tzinfo=NOON.tzinfo)).over
