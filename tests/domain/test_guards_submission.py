"""Guards of submissions at their edges: reminders that fall on the end itself, and what the clock does when nothing else is due."""

from dataclasses import replace

from domain.clocks import Due
from domain.submission.process import due_next
from tests.domain import given
from tests.domain.given import NOON


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
