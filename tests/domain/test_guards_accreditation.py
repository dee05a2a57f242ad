"""Guards of awards at their edges: the very instant at which a year, a period or an extension ends, and awards that are over."""

from dataclasses import replace

import pytest

from domain.accreditation import Accreditation, AccreditationEvent, confirmation, due_next
from domain.accreditation import award as awards
from domain.accreditation.validity import Period, reduced_from
from domain.clocks import Due
from domain.scheme_record import RequirementsChanged
from domain.submission.applying import Held
from domain.tasks import named
from tests.domain import test_applying as applying
from tests.domain.awards import AGAIN, EXTENDING, LEVELS, YEARLY, after, awarded, concerned, end, found, renewing
from tests.domain.given import DAY, NOON, SCHEME, SECOND, member, refused, text, utc
from tests.domain.test_accreditation_years import ASKED_AT, SAID, SECOND_YEAR, asked, held

LATER = replace(SCHEME, version=SCHEME.version + 1)


# -- earned again ------------------------------------------------------------------------------------------------------


def test_decided_at_the_very_end_of_its_extension_it_counts_from_the_decision():
    award = awarded()
    award = after(award, awards.submit_reaccreditation(award, submission=AGAIN, scheme=EXTENDING, at=end(award) - DAY))
    assert award.ends_at > award.earned_until

    renewed = after(award, awards.renew(award, **renewing(award.ends_at)))

    assert renewed.ends_at == SCHEME.calendar.after(award.ends_at, SCHEME.clocks.validity)


def test_a_reminder_of_the_very_instant_at_which_a_reaccreditation_came_to_nothing_is_not_planned_again():
    award = awarded()
    first, *others = award.remind_at
    award = after(award, awards.submit_reaccreditation(award, submission=AGAIN, scheme=SCHEME, at=first - DAY))

    over = awards.end_reaccreditation(award, submission=AGAIN, outcome="withdrawn", at=first)

    clock = after(award, over).clock
    assert clock
    assert list(clock.remind_at) == others


def test_the_holder_of_an_award_that_runs_is_told_of_a_later_version_and_of_one_that_is_over_nobody():
    assert awards.tell_of_change(awarded(), scheme=LATER) == [RequirementsChanged(scheme=LATER.ref, before=SCHEME.ref)]
    lapsed = after(awarded(), awards.lapse(awarded(), at=end(awarded())))
    for award in (Accreditation(), lapsed, found(concerned(), "withdraw", NOON + DAY)):
        assert awards.tell_of_change(award, scheme=LATER) == []


def test_earned_again_an_award_keeps_its_level_or_the_lowest_where_that_is_no_level_any_more():
    unknown = Held(id="accreditation-a", level="platinum")

    assert applying.registering(**{**applying.AGAIN, "held": unknown}).applies_for == "bronze"
    assert applying.registering(**applying.AGAIN, scheme=LEVELS).applies_for == "bronze"
    assert applying.registering(**applying.AGAIN, scheme=SCHEME).applies_for is None


# -- years -------------------------------------------------------------------------------------------------------------


def test_a_period_that_begins_where_a_year_ends_has_no_empty_year():
    years = confirmation.years_of(YEARLY, NOON, SECOND_YEAR, utc("2029-03-02 12:00"))

    assert [one.starts_at for one in years] == [SECOND_YEAR, utc("2028-03-02 12:00")]


def test_a_year_is_confirmed_from_the_very_instant_at_which_it_is_asked_about():
    award = held()

    after(award, confirmation.confirm_year(award, year=2, statement=SAID, at=ASKED_AT))
    with refused("confirm-year", field="year"):
        confirmation.confirm_year(award, year=2, statement=SAID, at=ASKED_AT - SECOND)


def test_asked_about_as_it_begins_a_year_has_as_long_as_ever():
    clock = asked(at=SECOND_YEAR).asked
    assert clock
    assert clock.clock.due_at == YEARLY.calendar.due(SECOND_YEAR, YEARLY.annual.confirm_within)  # type: ignore[union-attr]


def test_no_certificate_is_issued_at_the_very_end_of_its_year():
    award = replace(held(), certificates=())

    assert [one.year for one in confirmation.certificates_due(award, at=SECOND_YEAR - SECOND)] == [1]  # type: ignore[union-attr]
    assert confirmation.certificates_due(award, at=SECOND_YEAR) == []


@pytest.mark.parametrize("over", [{"lapsed": True}, {"withdrawn_at": NOON}])
def test_nobody_is_asked_to_confirm_a_year_of_an_award_that_is_over(over: dict[str, object]):
    award = replace(held(), **over)  # type: ignore[arg-type]

    assert confirmation.ask_confirmation(award, scheme=YEARLY, at=ASKED_AT) == []


def test_under_a_version_without_years_nobody_is_asked():
    assert confirmation.ask_confirmation(held(), scheme=SCHEME, at=ASKED_AT) == []


# -- changes that somebody has to look at ------------------------------------------------------------------------------

RAN = member("ran", "officer")


def changed(*saying: str) -> Accreditation:
    """Such an award of which these changes were notified."""
    award = answerable()
    for one in saying:
        award = after(award, confirmation.notify_change(award, text=text(one), criteria=(), scheme=SCHEME, at=NOON))
    return award


def answerable() -> Accreditation:
    """An award with a task that is about no change: a concern that was reviewed and is to be answered."""
    award = found(concerned(by="person-r"), "no_action", NOON + DAY)
    assert award.tasks.running
    return award


def looked_at(award: Accreditation, saying: str, **said: object) -> list[AccreditationEvent]:
    given = {"by": RAN, "result": "noted", "reason": text("so"), **said}
    return confirmation.look_at_change(award, change=text(saying).id, **given)  # type: ignore[arg-type]


def test_a_change_waits_until_somebody_looked_at_it_and_no_other_task_does():
    award = changed("one", "two")
    waiting = [named(confirmation.LOOK, text(one).id) for one in ("one", "two")]
    assert sorted(confirmation.changes_waiting(award)) == sorted(waiting)
    assert confirmation.changes_waiting(answerable()) == ()

    award = after(award, looked_at(award, "one"))
    assert confirmation.changes_waiting(award) == (waiting[1],)
    assert set(answerable().tasks.running) <= set(award.tasks.running)


def test_a_change_calls_for_a_review_or_is_noted():
    for result in confirmation.RESULTS:
        assert looked_at(changed("one"), "one", result=result)
    with refused("change-results", field="result", match="noted, review"):
        looked_at(changed("one"), "one", result="ignored")


def test_a_change_that_does_not_wait_is_refused_with_those_that_do():
    with refused("known-change", field="change", match=rf"Allowed: {text('one').id}\. "):
        looked_at(changed("one"), "two")
    with refused("known-change", field="change", match="none was notified that waits"):
        looked_at(answerable(), "one")


# -- what time does ----------------------------------------------------------------------------------------------------


def test_a_reminder_planned_for_the_end_itself_is_none():
    award = awarded()
    assert award.clock
    award = replace(award, clock=replace(award.clock, remind_at=(award.clock.due_at,)))

    assert due_next(award, at=NOON) == Due(step="lapse_award", at=end(award))


def test_a_reminder_planned_for_the_end_of_a_confirmation_is_none():
    award = asked()
    assert award.asked
    clock = replace(award.asked.clock, remind_at=(award.asked.clock.due_at,))
    award = replace(award, clock=None, asked=replace(award.asked, clock=clock))

    assert due_next(award, at=ASKED_AT) == Due(step="miss_confirmation", at=SECOND_YEAR)


def test_what_changes_at_a_boundary_leaves_no_empty_period():
    first = Period(submission="a", level="bronze", starts_at=NOON, ends_at=SECOND_YEAR)
    second = Period(submission="b", level="bronze", starts_at=SECOND_YEAR, ends_at=SECOND_YEAR + DAY)

    assert reduced_from([first, second], SECOND_YEAR, level="gold", lowers=None, scope=None) == [
        first,
        replace(second, level="gold"),
    ]


# -- what is said ------------------------------------------------------------------------------------------------------


def test_it_is_said_whether_an_award_ended_or_was_withdrawn():
    lapsed = after(awarded(), awards.lapse(awarded(), at=end(awarded())))
    for award, word in ((lapsed, "ended"), (found(concerned(), "withdraw", NOON + DAY), "withdrawn")):
        with refused("award-runs", match=word):
            confirmation.notify_change(award, text=text("Moved"), criteria=(), scheme=SCHEME, at=end(award) + DAY)


def test_a_level_that_is_no_lower_is_refused_with_the_lower_ones():
    award = concerned(awarded(scheme=LEVELS, level="gold"))
    with refused("reduce-to-less", field="level", match="bronze"):
        found(award, "reduce", NOON + DAY, level="gold", scheme=LEVELS)


def test_the_version_under_which_an_award_stands_changes_at_the_very_instant():
    first = end(awarded())
    award = after(awarded(), awards.renew(awarded(), **renewing(first - DAY, scheme=LATER)))
    last = replace(LATER, version=LATER.version + 1)
    award = after(award, awards.renew(award, **renewing(end(award) - DAY, "submission-third", scheme=last)))

    assert [award.scheme_on(at) for at in (first - SECOND, first, end(award) - SECOND)] == [
        SCHEME.ref, LATER.ref, last.ref,
    ]  # fmt: skip


def test_before_and_after_its_periods_an_award_stands_under_the_last_version():
    renewed = after(awarded(), awards.renew(awarded(), **renewing(end(awarded()) - DAY, scheme=LATER)))

    assert {renewed.scheme_on(at) for at in (NOON - SECOND, end(renewed))} == {LATER.ref}
