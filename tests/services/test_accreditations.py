"""While an award lasts, on a real record: who may confirm, raise, review and decide, and what the award learns by itself."""

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationRenewed,
    AccreditationUpgraded,
    CertificateIssued,
    ConcernRaised,
    ConfirmationMissed,
    ExtensionStarted,
    NextSubmissionRegistered,
    ReaccreditationEnded,
    ReaccreditationSubmitted,
    ReviewOpened,
    YearConfirmed,
)
from domain.clocks import DeadlineMissed, Duration, ReminderSent
from domain.ids import PROCESS_ROLE, derived_id
from domain.person import AttemptRefused
from domain.submission.events import AssessorAssigned, FeeCharged
from domain.submission.state import Stage
from services import accreditations, awards, people, preparation, screening
from services.office import Office, Receipt
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.conftest import Clock

LEVELS = """[[awards]]
name = "bronze"
form = "every-criterion-at-least"
level = "partially_met"

[[awards]]
name = "gold"
"""


def source(extra: str = "", *, levels: bool = False, extension: str = "") -> str:
    """The main scheme with a table more, with two levels of award, or with an extension."""
    text = factories.scheme_source()
    if levels:
        text = text.replace('[[awards]]\nname = "accredited"\n', LEVELS) + "\n[upgrade]\nallowed = true\n"
    if extension:
        text = text.replace(
            "areas_for_consideration = true", f'areas_for_consideration = true\nextension = "{extension}"'
        )
    return text + extra


YEARLY = source('\n[annual]\ncertificates = 3\nconfirm_within = "P28D"\nremind_confirm = ["P14D"]\n')


def award_of(body: Body, levels: dict[str, str] | None = None) -> tuple[str, str, Provider]:
    """An award, the submission that earned it, and its provider."""
    case = factories.brought(body, "released", levels=levels)
    registration = body.submission(case).registration
    award = awards.accreditation_id(case)
    return award, case, Provider(id=registration.provider, contact=registration.lead_contact)


def catch_up(body: Body, award: str) -> None:
    """Let the award's process do what has fallen due."""
    from workflows.activities import STEPS

    for _ in range(40):
        due = accreditation_due(body, award)
        if due is None or due.at > body.now():
            return
        STEPS[due.step](body.office, body.command(award, PROCESS_ROLE), case=award)
    raise AssertionError("the process never comes to rest")


def accreditation_due(body: Body, award: str) -> Any:
    from workflows.situation import situation_of

    return situation_of(body.state(award), position=0, at=body.now()).due


def raised(body: Body, award: str, **said: Any) -> str:
    """A concern that an assessor raised, unless said by whom."""
    actor, role = said.pop("by", (body.assessors[0], "assessor"))
    command = body.command(actor, role)
    accreditations.raise_concern(body.office, command, case=award, text="It is not taught as it was judged.", **said)
    return accreditations.concern_id(command.id)


def review(body: Body, award: str, concern: str, reviewer: str) -> Receipt:
    return body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=reviewer)


def conclude(body: Body, award: str, concern: str, finding: str, **said: Any) -> Receipt:
    given = {"case": award, "concern": concern, "finding": finding, "reason": "So it is."}
    return body.by(accreditations.conclude_review, body.chair, "chair", **given, **said)


@pytest.fixture
def yearly(office: Office, clock: Clock) -> Body:
    return factories.open_body(office, source=YEARLY, now=clock)


def test_each_year_is_asked_about_confirmed_and_certified(yearly: Body, clock: Clock):
    award, _, provider = award_of(yearly)
    [first] = yearly.events(award, CertificateIssued)
    clock.comes_to(first.ends_at - timedelta(days=20))
    catch_up(yearly, award)
    clock.comes_to(first.ends_at - timedelta(days=10))
    catch_up(yearly, award)

    yearly.by(accreditations.confirm_year, provider.contact, "provider", case=award, year=2, statement="It keeps up.")

    assert [one.rule for one in yearly.events(award, ReminderSent)] == ["confirm-within"]
    assert [one.year for one in yearly.events(award, CertificateIssued)] == [1, 2]
    assert (
        yearly.by(
            accreditations.confirm_year, provider.contact, "provider", case=award, year=2, statement="It keeps up."
        ).events
        == {}
    )
    third = yearly.state(award).years[2]
    for moment in (third.ask_at, third.starts_at, third.ends_at):
        clock.comes_to(moment)
        catch_up(yearly, award)
    assert [one.year for one in yearly.events(award, ConfirmationMissed)] == [3]
    assert "confirm-within" in [one.rule for one in yearly.events(award, DeadlineMissed)]
    assert yearly.state(award).lapsed


def test_only_the_provider_s_contact_confirms_and_tells_of_changes(yearly: Body, clock: Clock):
    award, _, provider = award_of(yearly)
    stranger = factories.register_provider(yearly)
    clock.passes(days=350)

    for service, said in (
        (accreditations.confirm_year, {"year": 2, "statement": "It keeps up."}),
        (accreditations.notify_change, {"text": "Another place."}),
    ):
        with refused("own-provider", field="accreditation"):
            yearly.by(service, stranger.contact, "provider", case=award, **said)
        with refused("acting-role"):
            yearly.by_officer(service, case=award, **said)
        assert yearly.by(service, provider.contact, "provider", case=award, **said).events
    assert len(yearly.events(award, YearConfirmed)) == 1


def test_an_assessor_who_raised_a_concern_sees_it_decided_by_another(body: Body):
    award, case, _ = award_of(body)
    concern = raised(body, award)
    [event] = body.events(award, ConcernRaised)
    assert event.raised_by == body.assessors[0]

    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")

    assert not body.state(award).valid_on(body.now())
    assert conclude(body, award, concern, "suspend").events == {}
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "reinstate")
    assert body.state(award).valid_on(body.now())
    assert body.state(case).over


def test_who_raised_a_concern_does_not_decide_it_and_trying_is_recorded(body: Body):
    award, _, _ = award_of(body)
    concern = raised(body, award, by=(body.chair, "chair"))

    with refused("raiser-never-decides", field="reviewer"):
        review(body, award, concern, body.chair)

    assert [one.rule for one in body.events(body.officer, AttemptRefused)] == ["raiser-never-decides"]


def test_nobody_with_a_conflict_reviews_or_has_one_reviewed_and_one_declared_meanwhile_counts(body: Body):
    award, _, provider = award_of(body)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    body.by(people.declare_conflict, body.chair, "chair", id=body.chair, provider=provider.id)

    with refused("conflict-of-interest"):
        conclude(body, award, concern, "no_action")
    with refused("conflict-of-interest"):
        review(body, award, raised(body, award), body.chair)
    review(body, award, concern, body.moderators[0])
    body.by(people.declare_conflict, body.officer, "officer", id=body.officer, provider=provider.id)
    with refused("conflict-of-interest"):
        review(body, award, concern, body.moderators[1])
    assert [one.reviewer for one in body.events(award, ReviewOpened)] == [body.chair, body.moderators[0]]


def test_who_assessed_it_does_not_review_it_in_another_role_either(body: Body):
    award, case, _ = award_of(body)
    assessor = body.submission(case).assessor
    assert assessor
    body.by_officer(people.give_role, id=assessor, role="moderator", scheme=body.scheme.id)

    with refused("assessor-never-reviews", field="reviewer"):
        review(body, award, raised(body, award, by=(body.chair, "chair")), assessor)


def test_a_concern_from_outside_is_entered_by_an_officer_and_is_nobody_s_own(body: Body):
    award, _, _ = award_of(body)

    raised(body, award, by=(body.officer, "officer"), from_outside=True)

    assert body.events(award, ConcernRaised)[0].raised_by is None
    with refused("acting-role"):
        raised(body, award, from_outside=True)
    with refused("known-accreditation", field="accreditation"):
        raised(body, derived_id("accreditation", "none"))


def test_an_overdue_review_is_told_to_operations_and_a_withdrawal_ends_the_process(body: Body, clock: Clock):
    award, _, _ = award_of(body)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    clock.passes(days=40)
    catch_up(body, award)

    assert [one.rule for one in body.events(award, DeadlineMissed)] == ["review-concern-within"]
    conclude(body, award, concern, "withdraw")
    assert body.state(award).over
    assert accreditation_due(body, award) is None
    with refused("award-runs"):
        _, case, provider = award, body.state(award).periods[-1].submission, body.state(award).provider
        contact = body.submission(case).registration.lead_contact
        factories.register(body, Provider(id=provider, contact=contact), follows=case, accreditation=award)


# -- earned again ------------------------------------------------------------------------------------------------------


def again(body: Body, award: str, case: str, provider: Provider, window: str = "") -> str:
    """A reaccreditation, submitted."""
    renewal = factories.register(body, provider, follows=case, accreditation=award)
    factories.settle(body, renewal)
    factories.pay_fees(body, renewal)
    factories.submit(body, renewal, window or factories.schedule_window(body))
    return renewal


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


def finishing(body: Body, case: str, levels: dict[str, str] | None = None) -> Any:
    """What people do for a case that is submitted, until its result can be released."""
    body.by_officer(screening.pass_screening, case=case)
    yield "screened"
    yield from factories.assessing(body, case, levels)
    factories.take_up(body, case)
    factories.confirm(body, case)
    yield "confirmed"
    factories.decide(body, case)
    yield "decided"


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
