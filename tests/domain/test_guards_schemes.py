"""Schemes at their edges: what a file may just say and what it may not, and how a scheme is put into words."""

from domain.clocks import Duration
from domain.scheme_words import yes
from tests.domain.awards import LEVELS
from tests.domain.given import DAY, NOON, SCHEME

# -- rules and words -------------------------------------------------------------------------------------------------


def test_a_higher_award_asks_for_its_own_level_of_judgement_and_without_one_the_lowest_counts():
    assert [LEVELS.asked_of(one) for one in ("gold", "bronze", None)] == [2, 1, 1]


def test_a_reminder_that_would_fall_on_the_end_itself_is_left_out():
    moment = Duration.parse("PT0.0000001S")
    assert SCHEME.calendar.before(NOON + DAY, moment) == NOON + DAY

    assert SCHEME.reminders(NOON, NOON + DAY, (moment,)) == ()


def test_what_holds_is_said_as_yes():
    assert (yes(True), yes(False)) == ("yes", "no")
