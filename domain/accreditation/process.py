"""What time does to an accreditation: reminders, its end or extension, years to confirm, reviews and answers that are overdue.

A process carries these steps out; each is a decision in this package that does nothing when it is not its turn. A
suspension moves none of them.
"""

from collections.abc import Iterator
from datetime import datetime

from domain import tasks
from domain.accreditation.confirmation import year_to_ask
from domain.accreditation.state import Accreditation
from domain.clocks import Due, next_reminder


def due_next(award: Accreditation, *, at: datetime) -> Due | None:
    """The next thing that the clocks do, as seen at `at`. None once it is over."""
    if award.over:
        return None
    task = tasks.due_next(award, at=at)
    own = (*_end(award, at), *_confirmation(award, at), *_reviews(award), *([task] if task else []))
    return min(own, key=lambda due: due.at, default=None)


def _end(award: Accreditation, at: datetime) -> Iterator[Due]:
    if award.clock is None:
        return
    reminder = next_reminder(award.clock, award.reminders, at)
    if reminder and reminder < award.clock.due_at:
        yield Due(step="remind_of_end", at=reminder)
    goes_on = award.ends_at > award.clock.due_at
    yield Due(step="start_extension" if goes_on else "lapse_award", at=award.clock.due_at)


def _confirmation(award: Accreditation, at: datetime) -> Iterator[Due]:
    if award.lapsed:
        return
    if award.asked is not None:
        clock = award.asked.clock
        reminder = next_reminder(clock, award.reminders, at)
        if reminder and reminder < clock.due_at:
            yield Due(step="remind_to_confirm", at=reminder)
        yield Due(step="miss_confirmation", at=clock.due_at)
    number = year_to_ask(award, at)
    ask_at = award.years[number - 1].ask_at if number else None
    if ask_at is not None:
        yield Due(step="ask_confirmation", at=ask_at)


def _reviews(award: Accreditation) -> Iterator[Due]:
    for concern in award.concerns.values():
        if concern.clock and (concern.clock.rule, concern.clock.due_at) not in award.missed:
            yield Due(step="miss_review", at=concern.clock.due_at)
