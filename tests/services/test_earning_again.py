"""An award is earned again, or at a higher level, on a real record: when, by whom, by one at a time, and what it learns."""

import re
from datetime import timedelta

import pytest

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationRenewed,
    AccreditationUpgraded,
    CertificateIssued,
    ExtensionStarted,
    NextSubmissionRegistered,
    ReaccreditationEnded,
    ReaccreditationSubmitted,
)
from domain.clocks import Duration
from domain.ids import PROCESS_ROLE, derived_id
from domain.refusals import Refused
from domain.submission.events import AssessorAssigned, FeeCharged
from domain.submission.state import Stage
from services import accreditations, assessment, preparation, screening
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.conftest import Clock
from tests.services.holding import (
    again,
    award_of,
    catch_up,
    conclude,
    finishing,
    lapse,
    raised,
    review,
    source,
)
from tests.services.test_at_once import at_once

# -- earned again ------------------------------------------------------------------------------------------------------


def test_the_award_learns_that_it_is_to_be_earned_again_and_goes_on_until_that_is_decided(office: Office, clock: Clock):
    body = factories.open_body(office, source=source(extension="P6M"), now=clock)
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    clock.comes_to(ends_at - timedelta(days=30))
    renewal = again(body, award, case, provider)
    [submitted] = body.events(award, ReaccreditationSubmitted)
    assert submitted.submission == renewal
    [note] = [one for one in body.recorded(award) if isinstance(one.event, ReaccreditationSubmitted)]
    assert {one.command for one in body.recorded(renewal)} >= {note.command}

    clock.comes_to(ends_at + timedelta(days=10))
    catch_up(body, award)
    assert len(body.events(award, ExtensionStarted)) == 1
    assert body.state(award).valid_on(clock())
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        factories.settle(body, renewal)

    [renewed] = body.events(award, AccreditationRenewed)
    assert (renewed.starts_at, renewed.ends_at) == (
        clock(),
        body.scheme.calendar.after(ends_at, body.scheme.clocks.validity),
    )
    assert body.state(award).valid_on(clock())
    assert body.events(award, ReaccreditationEnded) == []


def test_an_award_is_earned_again_or_raised_by_one_submission_at_a_time(office: Office, clock: Clock):
    body = factories.open_body(office, source=source(levels=True), now=clock)
    award, case, provider = award_of(body, {"1.1": "partially_met"})
    renewal = factories.register(body, provider, follows=case, accreditation=award)
    higher = {"follows": case, "accreditation": award, "upgrade": True}

    with refused("one-at-a-time"):
        factories.register(body, provider, follows=case, accreditation=award)
    with refused("one-at-a-time"):
        factories.register(body, provider, **higher)

    body.by_contact(preparation.withdraw, renewal, reason="Later.")
    raised = factories.register(body, provider, **higher)
    with refused("one-at-a-time"):
        factories.register(body, provider, follows=case, accreditation=award)
    assert body.events(award, NextSubmissionRegistered) == [
        NextSubmissionRegistered(submission=renewal, origin="reaccreditation"),
        NextSubmissionRegistered(submission=raised, origin="upgrade"),
    ]


def test_what_lapsed_gets_no_more_time_once_another_submission_has_earned_the_award(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    lapsed = factories.register(body, provider, follows=case, accreditation=award)
    lapse(body, clock, lapsed)
    other = again(body, award, case, provider)
    factories.settle(body, other)
    for _ in finishing(body, other):
        factories.settle(body, other)
    factories.settle(body, other)
    assert len(body.events(award, AccreditationRenewed)) == 1

    with refused("reaccredits-award"):
        until = clock() + timedelta(days=90)
        body.by_officer(preparation.extend_preparation, case=lapsed, until=until, reason="They were ill.")

    assert body.submission(lapsed).stage is Stage.LAPSED


def test_at_the_same_moment_too_one_submission_is_to_earn_the_award(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    lapsed = factories.register(body, provider, follows=case, accreditation=award)
    lapse(body, clock, lapsed)
    more = {"case": lapsed, "until": clock() + timedelta(days=90), "reason": "They were ill."}

    came = at_once(
        lambda: body.by_officer(preparation.extend_preparation, **more),
        lambda: factories.register(body, provider, follows=case, accreditation=award),
    )

    assert sum(isinstance(one, Refused) for one in came) == 1
    assert len([one for one in body.state(award).next if not body.submission(one).over]) == 1


def test_who_only_had_it_in_hand_may_assess_it_when_it_is_earned_again(office: Office, clock: Clock):
    text = source().replace("[assessment]\n", "[assessment]\nsame_assessor_again = false\n")
    body = factories.open_body(office, source=text, now=clock)
    case = factories.brought(body, "screened")
    declined = factories.settle(body, case).assessor
    body.by_assessor(assessment.decline_assignment, case)
    factories.settle(body, case)
    for _ in finishing(body, case, screened=True):
        factories.settle(body, case)
    factories.settle(body, case)
    registration = body.submission(case).registration
    provider = Provider(id=registration.provider, contact=registration.lead_contact)
    renewal = again(body, derived_id("accreditation", case), case, provider)
    factories.settle(body, renewal)
    body.by_officer(screening.pass_screening, case=renewal)
    factories.settle(body, renewal)

    [assigned] = body.events(renewal, AssessorAssigned)
    verdicts = {one.person: one.verdict for one in assigned.considered}
    assert verdicts[declined or ""] in ("chosen", "eligible")
    assert verdicts[body.submission(case).assessor or ""] == "assessed it when it was earned before"


def test_a_certificate_comes_with_the_award_as_things_stand_when_it_is_noted(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        if not body.submission(renewal).report_approved:
            factories.settle(body, renewal)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")

    factories.settle(body, renewal)

    assert [one.year for one in body.events(award, CertificateIssued)] == [1]
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "reinstate")
    assert [one.year for one in body.events(award, CertificateIssued)] == [1, 2]


def test_an_award_is_earned_again_from_when_the_scheme_says_once_for_each_end_and_not_after_it(
    office: Office, clock: Clock
):
    opens = source().replace("[reaccreditation]\n", '[reaccreditation]\nopens = "P6M"\n')
    body = factories.open_body(office, source=opens, now=clock)
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    opens_at = body.scheme.calendar.before(ends_at, Duration.parse("P6M"))

    clock.comes_to(opens_at - timedelta(seconds=1))
    with refused("reaccreditation-opens", field="accreditation", match=re.escape(opens_at.isoformat())):
        factories.register(body, provider, follows=case, accreditation=award)
    clock.comes_to(opens_at)
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        factories.settle(body, renewal)
    factories.settle(body, renewal)
    with refused("reaccreditation-opens"):
        factories.register(body, provider, follows=renewal, accreditation=award)
    clock.comes_to(body.state(award).ends_at)
    with refused("award-runs"):
        factories.register(body, provider, follows=renewal, accreditation=award)


def test_a_change_notified_after_registering_is_judged_the_next_time(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    notify = {"case": award, "text": "The sessions are online now."}
    body.by(accreditations.notify_change, provider.contact, "provider", **notify, criteria=["1.1"])
    renewal = again(body, award, case, provider)
    body.by(accreditations.notify_change, provider.contact, "provider", **notify, criteria=["2.1"])
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        factories.settle(body, renewal)
    factories.settle(body, renewal)

    assert "1.1" in body.submission(renewal).registration.changed
    assert body.state(award).changed == {"2.1"}


def test_validity_goes_from_the_report_approved_however_late_the_result_is_told(body: Body, clock: Clock):
    case = factories.brought(body, "approved")
    approved_at = clock()
    clock.passes(days=3)

    factories.settle(body, case)

    assert body.state(derived_id("accreditation", case)).periods[0].starts_at == approved_at


def test_what_was_approved_before_the_end_and_told_after_it_leaves_no_gap(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        if not body.submission(renewal).report_approved:
            factories.settle(body, renewal)
    clock.comes_to(ends_at + timedelta(hours=1))
    catch_up(body, award)
    assert not body.state(award).valid_on(clock())

    factories.settle(body, renewal)

    assert body.state(award).valid_on(ends_at)
    assert body.state(award).valid_on(clock())


@pytest.mark.parametrize("same", [True, False])
def test_where_the_scheme_says_so_somebody_else_assesses_an_award_that_is_earned_again(
    office: Office, clock: Clock, same: bool
):
    text = source().replace("[assessment]\n", f"[assessment]\nsame_assessor_again = {str(same).lower()}\n")
    body = factories.open_body(office, source=text, now=clock)
    award, case, provider = award_of(body)
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    body.by_officer(screening.pass_screening, case=renewal)
    factories.settle(body, renewal)

    [assigned] = body.events(renewal, AssessorAssigned)
    verdicts = {one.person: one.verdict for one in assigned.considered}
    before = body.submission(case).assessor
    assert before
    assert verdicts[before] in (("chosen", "eligible") if same else ("assessed it when it was earned before",))
    assert same or assigned.assessor != before


def test_what_lapsed_gets_no_more_time_while_another_submission_is_to_earn_the_award(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    lapsed = factories.register(body, provider, follows=case, accreditation=award)
    factories.settle(body, lapsed)
    clock.comes_to(body.submission(lapsed).clock.due_at)  # type: ignore[union-attr]
    preparation.lapse(body.office, body.command(lapsed, PROCESS_ROLE), case=lapsed)
    other = factories.register(body, provider, follows=case, accreditation=award)
    more = {"case": lapsed, "until": clock() + timedelta(days=90), "reason": "They were ill."}

    with refused("one-at-a-time"):
        body.by_officer(preparation.extend_preparation, **more)
    body.by_contact(preparation.withdraw, other, reason="Later.")
    body.by_officer(preparation.extend_preparation, **more)

    assert body.submission(lapsed).stage is Stage.PREPARING


@pytest.mark.parametrize("how", ["withdrawn", "ineligible", "lapsed", "not_awarded"])
def test_whatever_becomes_of_it_the_award_learns_and_its_extension_ends(office: Office, clock: Clock, how: str):
    body = factories.open_body(office, source=source(extension="P6M"), now=clock)
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    clock.comes_to(ends_at - timedelta(days=5))
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    clock.comes_to(ends_at + timedelta(days=5))
    catch_up(body, award)
    over_at = clock()

    if how == "withdrawn":
        body.by_contact(preparation.withdraw, renewal, reason="No time.")
    elif how == "ineligible":
        body.by_officer(screening.find_ineligible, case=renewal, reason="Another field now.")
    elif how == "lapsed":
        body.by_officer(screening.return_portfolio, case=renewal, reason="A page is missing.")
        clock.passes(days=30)
        over_at = body.submission(renewal).clock.due_at  # type: ignore[union-attr]
        body.by(preparation.lapse, renewal, PROCESS_ROLE, case=renewal)
    else:
        for _ in finishing(body, renewal, {"3.1": "not_met"}):
            factories.settle(body, renewal)

    [over] = body.events(award, ReaccreditationEnded)
    assert (over.submission, over.outcome, over.extension_ended_at) == (renewal, how, over_at)
    assert body.events(award, AccreditationLapsed)[0].ended_at == over_at
    assert not body.state(award).valid_on(over_at)


def test_without_an_extension_in_the_scheme_it_lapses_at_the_end_though_submitted_in_time(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    clock.comes_to(body.state(award).ends_at - timedelta(days=5))
    again(body, award, case, provider)
    clock.comes_to(body.state(award).ends_at + timedelta(days=5))

    catch_up(body, award)

    assert body.state(award).lapsed
    assert body.events(award, ReaccreditationSubmitted)[0].extension_ends_at is None


def test_what_changed_since_is_judged_again_beside_the_light_touch_criteria(body: Body):
    award, case, provider = award_of(body)
    said = {"case": award, "text": "Another way to deliver it.", "criteria": ["2.3"]}
    body.by(accreditations.notify_change, provider.contact, "provider", **said)

    renewal = factories.register(body, provider, follows=case, accreditation=award)

    registration = body.submission(renewal).registration
    assert registration.criteria == ("2.3", "3.1", "3.2", "3.3")
    assert registration.changed == ("2.3",)


# -- a higher level ----------------------------------------------------------------------------------------------------


@pytest.fixture
def levelled(office: Office, clock: Clock) -> Body:
    return factories.open_body(office, source=source(levels=True), now=clock)


def test_a_higher_level_is_applied_for_while_an_award_runs_and_judged_in_full(levelled: Body, clock: Clock):
    award, case, provider = award_of(levelled, {"1.1": "partially_met"})
    assert levelled.state(award).level_on(clock()) == "bronze"
    clock.passes(days=100)

    higher = factories.register(levelled, provider, follows=case, accreditation=award, upgrade=True)
    assert levelled.submission(higher).registration.criteria == tuple(levelled.scheme.criteria)
    assert levelled.events(higher, FeeCharged) == []  # this scheme charges none at that moment
    for _ in factories.course(levelled, higher, factories.schedule_window(levelled)):
        factories.settle(levelled, higher)
    factories.settle(levelled, higher)

    [upgraded] = levelled.events(award, AccreditationUpgraded)
    assert (upgraded.level, upgraded.starts_at) == ("gold", clock())
    assert levelled.state(award).level_on(clock()) == "gold"


def test_not_reaching_it_leaves_the_running_award_untouched(levelled: Body, clock: Clock):
    award, case, provider = award_of(levelled, {"1.1": "partially_met"})
    higher = factories.register(levelled, provider, follows=case, accreditation=award, upgrade=True)
    before = levelled.events(award)
    for _ in factories.course(levelled, higher, factories.schedule_window(levelled), {"1.1": "not_met"}):
        factories.settle(levelled, higher)
    factories.settle(levelled, higher)

    assert levelled.submission(higher).over
    assert levelled.events(award) == before


def test_there_is_nothing_higher_than_the_highest(levelled: Body):
    award, case, provider = award_of(levelled)
    with refused("level-applied-for", field="applies_for"):
        factories.register(levelled, provider, follows=case, accreditation=award, upgrade=True)


def test_a_lower_level_earned_light_touch_stays_at_that_level(levelled: Body, clock: Clock):
    award, case, provider = award_of(levelled, {"1.1": "partially_met"})
    clock.passes(days=900)

    renewal = again(levelled, award, case, provider)
    factories.settle(levelled, renewal)
    for _ in finishing(levelled, renewal):
        factories.settle(levelled, renewal)

    assert levelled.events(award, AccreditationRenewed)[0].level == "bronze"
