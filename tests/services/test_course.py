"""Cases from their beginning to their end, by the services that people and processes use."""

from datetime import datetime, timedelta

import pytest

from domain.clocks import ReminderSent
from domain.ids import PROCESS_ROLE
from domain.submission import events as e
from domain.submission.state import Stage
from domain.window import WindowExtended
from services import assessment, awards, moderation, preparation, schemes, screening, windows
from services.office import Receipt
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock


def process(body: Body, case: str, step: str) -> Receipt:
    """The case's process takes a step."""
    from workflows.activities import STEPS

    return STEPS[step](body.office, body.command(case, PROCESS_ROLE), case=case)


def submit_again(body: Body, case: str, window: str) -> Receipt:
    criteria = body.submission(case).registration.criteria
    answers = {code: f"Again: {code}" for code in criteria}
    said = {"window_id": window, "answers": answers, "evidence": factories.uploaded(body, case, criteria)}
    return body.by_contact(preparation.submit_portfolio, case, **said)


def test_a_case_that_meets_everything_is_awarded_for_three_years(body: Body, clock: Clock):
    case = factories.brought(body, "released")

    award = body.state(awards.accreditation_id(case))

    assert body.submission(case).over
    assert (award.periods[0].submission, award.periods[0].level) == (case, "accredited")
    assert award.periods[0].starts_at == clock()
    assert award.valid_on(clock())
    assert not award.valid_on(award.periods[0].ends_at)


def test_a_case_that_falls_short_is_not_awarded_and_there_is_no_award(body: Body):
    case = factories.brought(body, "released", levels={"2.2": "partially_met"})

    outcome = body.submission(case).outcome
    assert outcome
    assert (outcome.outcome, outcome.unmet) == ("not_awarded", ("2.2",))
    assert body.recorded(awards.accreditation_id(case)) == []


def test_what_was_returned_goes_back_into_its_window_also_when_that_has_closed(body: Body, clock: Clock):
    window = factories.schedule_window(body, lasts=timedelta(days=5), capacity=1)
    case = factories.brought(body, "submitted", window=window)
    factories.settle(body, case)
    clock.passes(days=6)
    body.by_officer(screening.return_portfolio, case=case, reason="A page is missing")

    clock.passes(days=3)
    again = submit_again(body, case, window)

    [_, handed_in] = body.events(case, e.PortfolioSubmitted)
    assert (again.events[case], handed_in.late) == ([handed_in], False)
    assert body.submission(case).stage is Stage.SUBMITTED
    with refused("portfolio-frozen", field="submission"):
        submit_again(body, case, window)


def test_what_was_returned_goes_into_no_other_window_that_is_closed_and_not_after_its_date(body: Body, clock: Clock):
    window = factories.schedule_window(body, lasts=timedelta(days=5))
    closed = factories.schedule_window(body, lasts=timedelta(days=5))
    case = factories.brought(body, "submitted", window=window)
    body.by_officer(screening.return_portfolio, case=case, reason="A page is missing")
    clock.passes(days=6)

    with refused("window-open", field="window"):
        submit_again(body, case, closed)
    due = body.submission(case).clock
    assert due
    clock.comes_to(due.due_at + timedelta(seconds=1))
    with refused("return-within", field="submission"):
        submit_again(body, case, window)


def test_a_submission_in_grace_is_late_and_one_after_it_is_refused(body: Body, clock: Clock):
    window = factories.schedule_window(body, lasts=timedelta(days=5), grace_seconds=600)
    on_time, late, too_late = (factories.register(body) for _ in range(3))

    clock.passes(days=5)
    factories.submit(body, on_time, window)
    clock.passes(seconds=600)
    factories.submit(body, late, window)
    clock.passes(seconds=1)
    with refused("window-open", field="window"):
        factories.submit(body, too_late, window)

    assert [body.events(case, e.PortfolioSubmitted)[0].late for case in (on_time, late)] == [False, True]


def test_an_extended_window_is_announced_anew_and_takes_submissions_again(body: Body, clock: Clock):
    window = factories.schedule_window(body, lasts=timedelta(days=5))
    case = factories.register(body)
    clock.passes(days=6)
    process(body, window, "open_window")
    process(body, window, "close_window")
    closes_at = clock() + timedelta(days=4)

    body.by_officer(windows.extend_window, id=window, closes_at=closes_at, reason="The line was down.")
    factories.submit(body, case, window)

    [extended] = body.events(window, WindowExtended)
    assert (extended.closes_at, bool(extended.reason)) == (closes_at, True)
    [announced] = [
        one for one in body.state(factories.derived_id("scheme", body.scheme.id)).windows if one.window == window
    ]
    assert announced.closes_at == closes_at


def test_an_assessor_who_declines_makes_room_for_the_next(body: Body):
    case = factories.brought(body, "screened")
    first = factories.settle(body, case).assessor
    assert first

    body.by_assessor(assessment.decline_assignment, case)

    assert body.state(first).round_work == {body.submission(case).portfolio.window: 0}  # type: ignore[union-attr]
    assert factories.settle(body, case).assessor not in (None, first)


def test_an_assessor_who_does_not_answer_loses_the_case_when_the_date_passes(body: Body, clock: Clock):
    case = factories.brought(body, "screened")
    held = factories.settle(body, case)
    assert held.clock

    clock.comes_to(held.clock.due_at - timedelta(seconds=1))
    assert process(body, case, "take_back").events == {}
    clock.passes(seconds=1)
    process(body, case, "take_back")

    assert body.events(case, e.AssignmentEnded) == [e.AssignmentEnded(assessor=held.assessor, reason="not-answered")]
    assert body.state(held.assessor or "").in_hand == {}


def test_operations_give_an_overdue_case_to_another(body: Body, clock: Clock):
    case = factories.brought(body, "accepted")
    held = body.submission(case)
    assert held.clock
    assert body.by_officer(assessment.reassign, case=case).events == {}

    clock.comes_to(held.clock.due_at)
    body.by_officer(assessment.reassign, case=case)

    assert factories.settle(body, case).assessor not in (None, held.assessor)


def test_a_withdrawal_gives_the_assessors_place_back(body: Body):
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor

    body.by_contact(preparation.withdraw, case, reason="No time")

    assert (body.state(assessor or "").in_hand, body.submission(case).over) == ({}, True)
    with refused("stage-order", field="submission"):
        body.by(assessment.decline_assignment, assessor or "", "assessor", case=case)


def test_work_that_is_done_counts_until_the_round_is_over(body: Body):
    window = factories.schedule_window(body)
    cases = [factories.brought(body, "completed", window=window) for _ in range(4)]

    loads = [body.state(one).round_work.get(window, 0) for one in body.assessors]

    assert sum(loads) == len(cases)
    assert max(loads) - min(loads) <= 1


def test_an_award_is_earned_again_before_its_end_the_light_touch_way(body: Body, clock: Clock):
    first = factories.brought(body, "released")
    award = awards.accreditation_id(first)
    lead, provider = body.state(award).lead_contact, body.state(award).provider
    ends_at = body.state(award).periods[0].ends_at
    clock.comes_to(ends_at - timedelta(days=300))
    window = factories.schedule_window(body, lasts=timedelta(days=60))
    [reminder] = process(body, award, "remind_of_end").events[award]

    again = factories.register(body, factories.Provider(id=provider, contact=lead), follows=first, accreditation=award)
    factories.settle(body, again)
    for _ in factories.course(body, again, window):
        factories.settle(body, again)
    factories.settle(body, again)

    assert isinstance(reminder, ReminderSent)
    assert (reminder.last_window, reminder.overtaken) == (window, 0)
    assert body.submission(again).registration.criteria == ("3.1", "3.2", "3.3")
    renewed = body.state(award)
    assert [period.submission for period in renewed.periods] == [first, again]
    assert renewed.periods[1].starts_at == ends_at
    assert process(body, award, "lapse_award").events == {}
    with refused("reaccredits-award", field="accreditation"):
        factories.register(body, factories.Provider(id=provider, contact=lead), follows=first, accreditation=award)


def test_an_award_that_is_not_earned_again_lapses_at_its_end_to_the_second(body: Body, clock: Clock):
    award = awards.accreditation_id(factories.brought(body, "released"))
    ends_at: datetime = body.state(award).periods[0].ends_at

    clock.comes_to(ends_at - timedelta(seconds=1))
    assert process(body, award, "lapse_award").events == {}
    clock.passes(days=3)
    [lapsed] = process(body, award, "lapse_award").events[award]

    assert lapsed.ended_at == ends_at
    assert not body.state(award).valid_on(ends_at)


def test_nobody_comes_again_with_a_submission_or_an_award_of_somebody_else(body: Body):
    mine, theirs = factories.brought(body, "released", levels={"1.1": "not_met"}), factories.brought(body, "released")
    me = factories.Provider(
        id=body.submission(mine).registration.provider, contact=body.submission(mine).registration.lead_contact
    )

    with refused("linked-submission", field="follows"):
        factories.register(body, me, follows=theirs, accreditation=awards.accreditation_id(theirs))
    with refused("reaccredits-award", field="accreditation"):
        factories.register(body, me, follows=mine, accreditation=awards.accreditation_id(theirs))
    with refused("reaccredits-award", field="accreditation"):
        factories.register(body, me, accreditation=awards.accreditation_id(theirs))
    assert factories.register(body, me, follows=mine)


@pytest.mark.parametrize("levels", [{}, {"1.1": "not_met"}])
def test_until_its_result_is_released_a_case_cannot_be_followed_whatever_the_result(body: Body, levels: dict[str, str]):
    case = factories.brought(body, "approved", levels=levels)
    lead, provider = body.submission(case).registration.lead_contact, body.submission(case).registration.provider

    with refused("linked-submission", field="follows", match="whose result was released"):
        factories.register(body, factories.Provider(id=provider, contact=lead), follows=case)


def test_a_case_stays_with_the_scheme_version_it_was_registered_under(body: Body):
    case = factories.register(body)
    later = factories.scheme_source(validity="P2Y").replace("version = 1", "version = 2")
    body.by(schemes.publish_scheme, "installer", "installer", source=later, file="a.toml")

    assert body.submission(case).registration.scheme == "cpd-qa@1"
    assert body.submission(factories.register(body)).registration.scheme == "cpd-qa@2"
    factories.settle(body, case)
    assert {one.scheme for one in body.recorded(case)} == {"cpd-qa@1"}


def test_further_evidence_that_does_not_come_leads_to_the_review_without_it(body: Body, clock: Clock):
    case = factories.brought(body, "confirmed", levels={"1.1": "partially_met"})
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted="What came of it?")
    due = body.submission(case).clock
    assert due

    clock.comes_to(due.due_at - timedelta(seconds=1))
    assert process(body, case, "open_final_review").events == {}
    clock.passes(seconds=1)
    process(body, case, "open_final_review")

    with refused("stage-order", field="submission"):
        body.by_contact(moderation.provide_evidence, case, answers={"1.1": "This"}, evidence=[])
    factories.confirm(body, case, "1.1")
    body.by_chair(moderation.conclude_review, case=case)
    factories.decide(body, case)
    assert factories.settle(body, case).released
    assert body.events(case, e.EvidenceNotProvided)


def test_a_fee_is_paid_as_it_was_charged(body: Body):
    case = factories.register(body)
    charged = body.events(case, e.FeeCharged)[0]

    with refused("fee-in-full", field="amount"):
        body.by_officer(preparation.pay_fee, case=case, kind=charged.kind, amount=charged.amount - 1)
    assert body.by_officer(preparation.pay_fee, case=case, kind=charged.kind, amount=charged.amount).events
