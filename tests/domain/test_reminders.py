"""Reminders: keyed by rule, due date and planned instant; none twice, those overtaken collapse, none when it is over."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import Deadline, ReminderSent, next_reminder, reminder_due, reminder_key
from domain.submission import clocks
from tests.domain.given import DAY, NOON, SECOND, after, lapsed, preparing, screening, submitted

DUE = NOON + 100 * DAY
CLOCK = Deadline(rule="submit-within", due_at=DUE, remind_at=(DUE - 30 * DAY, DUE - 7 * DAY, DUE - DAY))
NONE: frozenset[tuple[str, datetime, datetime]] = frozenset()


def sent_at(*moments: datetime) -> frozenset[tuple[str, datetime, datetime]]:
    return frozenset((CLOCK.rule, CLOCK.due_at, moment) for moment in moments)


def test_a_reminder_goes_out_at_its_instant_and_not_a_second_before():
    planned = CLOCK.remind_at[0]

    assert reminder_due(CLOCK, NONE, planned - SECOND) == []
    assert reminder_due(CLOCK, NONE, planned) == [
        ReminderSent(rule="submit-within", due_at=DUE, planned_for=planned, overtaken=0, last_window=None)
    ]


def test_none_goes_out_twice():
    planned = CLOCK.remind_at[0]

    assert reminder_due(CLOCK, sent_at(planned), planned + DAY) == []


def test_those_that_an_outage_held_up_collapse_into_the_latest():
    [sent] = reminder_due(CLOCK, NONE, CLOCK.remind_at[2] + SECOND)

    assert (sent.planned_for, sent.overtaken, sent.due_at) == (CLOCK.remind_at[2], 2, DUE)


def test_what_one_reminder_overtook_the_next_does_not_count_again():
    [sent] = reminder_due(CLOCK, NONE, CLOCK.remind_at[1])
    assert sent.overtaken == 1

    [following] = reminder_due(CLOCK, sent_at(sent.planned_for), CLOCK.remind_at[2])

    assert following.overtaken == 0


def test_what_was_overtaken_is_not_sent_later():
    assert reminder_due(CLOCK, sent_at(CLOCK.remind_at[1]), CLOCK.remind_at[1] + DAY) == []
    assert next_reminder(CLOCK, sent_at(CLOCK.remind_at[1]), NOON) == CLOCK.remind_at[2]


def test_none_goes_out_once_the_deadline_has_come():
    assert reminder_due(CLOCK, NONE, DUE) == []
    assert next_reminder(CLOCK, NONE, DUE) is None
    assert reminder_due(CLOCK, NONE, DUE - SECOND) != []


def test_a_moved_deadline_has_reminders_of_its_own():
    later = Deadline(rule=CLOCK.rule, due_at=DUE + DAY, remind_at=CLOCK.remind_at)

    [sent] = reminder_due(later, sent_at(*CLOCK.remind_at), CLOCK.remind_at[0])

    assert sent.due_at == DUE + DAY


def test_it_names_the_last_window_that_is_of_use():
    [sent] = reminder_due(CLOCK, NONE, CLOCK.remind_at[0], "window-one")

    assert sent.last_window == "window-one"


@given(
    remind=st.lists(st.integers(1, 50), max_size=6, unique=True),
    looks=st.lists(st.integers(-60, 10), max_size=12),
)
def test_however_often_one_looks_each_reminder_goes_out_once_or_is_overtaken_once(remind: list[int], looks: list[int]):
    clock = Deadline(rule="r", due_at=DUE, remind_at=tuple(sorted(DUE - days * DAY for days in remind)))
    sent: list[ReminderSent] = []

    for days in sorted(looks):
        at = DUE + days * DAY
        keys = frozenset(map(reminder_key, sent))
        found = reminder_due(clock, keys, at)
        following = next_reminder(clock, keys, at)
        assert bool(found) == (following is not None and following <= at)
        sent += found

    last_look = max((DUE + days * DAY for days in looks if days < 0), default=DUE - timedelta(days=999))
    planned = [moment for moment in clock.remind_at if moment <= last_look]
    assert len(sent) + sum(one.overtaken for one in sent) == len(planned)
    assert len({reminder_key(one) for one in sent}) == len(sent)
    assert all(one.planned_for in clock.remind_at for one in sent)


def test_a_submission_is_reminded_of_its_running_clock_once():
    case = preparing()
    assert case.clock
    planned = case.clock.remind_at[0]

    reminded = after(case, clocks.remind(case, at=planned))

    assert clocks.remind(reminded, at=planned) == []
    assert clocks.remind(submitted(reminded), at=planned + DAY) == []


def test_a_submission_that_is_over_is_not_reminded():
    over = lapsed()

    assert clocks.remind(over, at=DUE) == []
    assert clocks.miss_deadline(over, at=DUE) == []


def test_operations_are_told_of_a_missed_deadline_once_and_not_before_it_passes():
    case = screening()
    assert case.clock
    due = case.clock.due_at

    assert clocks.miss_deadline(case, at=due - SECOND) == []
    missed = after(case, clocks.miss_deadline(case, at=due))

    assert missed.missed == {("screen-within", due)}
    assert clocks.miss_deadline(missed, at=due + DAY) == []
