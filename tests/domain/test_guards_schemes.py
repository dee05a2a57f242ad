"""Schemes at their edges: what a file may just say and what it may not, and how a scheme is put into words."""

from domain.clocks import Duration
from domain.scheme_file import read_scheme
from domain.scheme_words import yes
from domain.toml_reader import MOST
from tests.domain.awards import LEVELS
from tests.domain.given import DAY, NOON, SCHEME
from tests.domain.test_scheme_file import another_award, changed, faults_of

# -- files -----------------------------------------------------------------------------------------------------------


def test_two_awards_are_enough_for_one_that_is_higher():
    upgraded = ("[portfolio]", "[upgrade]\nallowed = true\n\n[portfolio]")

    scheme = read_scheme(changed(('level = "high"', 'level = "middle"'), another_award("gold", "high"), upgraded))

    assert scheme.upgrade


def test_a_fee_by_roll_may_be_nothing_and_as_much_as_a_number_can_say():
    rolls = f"rolls = {{ charity = [[0, 0], [9, {MOST}]], trust = [[{MOST}, 1]] }}"

    scheme = read_scheme(changed(("amount = 90000", f'by = "type_and_roll"\n{rolls}')))

    assert scheme.fees.items[2].rolls == {"charity": ((0, 0), (9, MOST)), "trust": ((MOST, 1),)}


def test_a_whole_number_may_be_as_large_as_every_reader_of_the_file_takes():
    assert read_scheme(changed(("file_bytes = 1000", f"file_bytes = {MOST}"))).file_bytes == MOST
    assert faults_of(changed(("file_bytes = 1000", f"file_bytes = {MOST + 1}")))


def test_a_list_of_texts_has_no_empty_one():
    [fault] = faults_of(changed(('media_types = ["application/pdf", "video/mp4"]', 'media_types = ["video/mp4", " "]')))

    assert (fault.key, fault.allowed) == ("portfolio.media_types", "a list of different texts, at least 1")


def test_a_form_of_award_that_is_unknown_is_one_fault_and_asks_for_nothing_else():
    assert [one.key for one in faults_of(changed(('form = "every-criterion-at-least"', 'form = "most"')))] == [
        "awards[0].form"
    ]


# -- rules and words -------------------------------------------------------------------------------------------------


def test_a_higher_award_asks_for_its_own_level_of_judgement_and_without_one_the_lowest_counts():
    assert [LEVELS.asked_of(one) for one in ("gold", "bronze", None)] == [2, 1, 1]


def test_a_reminder_that_would_fall_on_the_end_itself_is_left_out():
    moment = Duration.parse("PT0.0000001S")
    assert SCHEME.calendar.before(NOON + DAY, moment) == NOON + DAY

    assert SCHEME.reminders(NOON, NOON + DAY, (moment,)) == ()


def test_what_holds_is_said_as_yes():
    assert (yes(True), yes(False)) == ("yes", "no")
