"""Guards of submissions at their edges: reminders that fall on the end itself, and what the clock does when nothing else is due."""

from dataclasses import replace

from domain.clocks import Due
from domain.submission import preparation
from domain.submission.process import due_next
from domain.submission.refunds import refund_fee
from tests.domain import given
from tests.domain.awards import LEVELS
from tests.domain.given import NOON, refused, text


def test_a_reminder_planned_for_the_end_itself_is_none():
    case = given.preparing()
    assert case.clock
    case = replace(case, clock=replace(case.clock, remind_at=(case.clock.due_at,)))

    assert due_next(case, at=NOON) == Due(step="lapse", at=case.clock.due_at)  # type: ignore[union-attr]


def test_reminders_go_on_where_the_end_itself_was_told_already():
    case = given.screening()
    assert case.clock
    first = case.clock.due_at - given.DAY
    clock = replace(case.clock, remind_at=(first,))
    told = replace(case, clock=clock, missed=frozenset({(clock.rule, clock.due_at)}))

    assert due_next(told, at=NOON) == Due(step="remind", at=first)


def test_what_can_be_refunded_is_what_was_paid_and_is_named():
    paid = given.paid(given.screening())
    mixed = replace(
        paid, fees={"registration": "paid", "submission": "due", "gift": "paid"}, charges={**paid.charges, "gift": 0}
    )

    with refused("refund-of-paid", field="kind", match=r"a fee paid \(registration\)"):
        refund_fee(mixed, kind="submission", amount=1, reason=text("in error"))
    with refused("refund-of-paid", field="kind", match=r"a fee paid \(registration\)"):
        refund_fee(mixed, kind="gift", amount=1, reason=text("in error"))
    with refused("refund-of-paid", field="kind", match=r"a fee paid \(none yet\)"):
        refund_fee(replace(mixed, fees={"submission": "due"}), kind="submission", amount=1, reason=text("in error"))


def test_without_more_said_an_award_is_earned_again_at_the_level_that_was_decided():
    outcome = given.released().outcome
    assert outcome
    gold = replace(given.released(), outcome=replace(outcome, level="gold"))

    assert given.registered(follows=gold, accreditation=given.AWARD, scheme=LEVELS).registration.applies_for == "gold"


def test_a_fee_that_was_not_charged_is_refused_with_those_that_were():
    with refused("fee-charged", field="kind", match=r"a fee charged \(registration\)"):
        preparation.waive_fee(given.registered(), kind="gift", reason=text("small"))
    with refused("fee-charged", field="kind", match=r"a fee charged \(none yet\)"):
        preparation.waive_fee(replace(given.registered(), fees={}), kind="gift", reason=text("small"))


def test_an_extension_to_this_very_instant_is_none():
    late = given.registered().registration.clock.due_at + 10 * given.DAY

    with refused("extension-later", field="until"):
        preparation.extend_preparation(given.lapsed(), until=late, reason=text("ill"), scheme=given.SCHEME, at=late)


def test_the_limit_of_files_is_each_criterions_own():
    limit = given.SCHEME.files_per_criterion
    several = [
        replace(given.file(code), sha256=f"{place:02}{number:062}")
        for place, code in enumerate(given.SCHEME.criteria)
        for number in range(limit)
    ]

    case = given.submitted(evidence=several)

    assert case.portfolio
    assert len(case.portfolio.evidence) == limit * len(given.SCHEME.criteria) > limit
