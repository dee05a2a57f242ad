"""Guards of submissions at their edges: reminders that fall on the end itself, and what the clock does when nothing else is due."""

from dataclasses import replace

from domain.clocks import Due
from domain.submission.process import due_next
from domain.submission.refunds import refund_fee
from tests.domain import given
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
