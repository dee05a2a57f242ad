"""While an award lasts, on a real record: who may confirm, raise, review and decide, and what the award learns by itself."""

from datetime import timedelta

import pytest

from domain.accreditation import (
    AccreditationLapsed,
    CertificateIssued,
    ChangeNotified,
    ConcernRaised,
    ConfirmationMissed,
    ReviewOpened,
    YearConfirmed,
)
from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.person import AttemptRefused
from infra.processes import live_cases
from infra.store.records import PostgresRecords
from services import accreditations, people
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.conftest import Clock
from tests.services.holding import (
    YEARLY,
    accreditation_due,
    award_of,
    catch_up,
    conclude,
    raised,
    review,
)


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


def test_what_is_notified_widens_nothing(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    before = body.state(award)
    clock.passes(days=30)

    said = {"case": award, "text": "We teach leaders too now.", "criteria": ["1.1"]}
    body.by(accreditations.notify_change, provider.contact, "provider", **said)

    assert body.state(award).periods == before.periods
    assert factories.register(body, provider) != case  # what is more is registered, and judged, as a case of its own
    assert body.state(award).periods == before.periods


def changed(body: Body, award: str, contact: str, words: str = "We teach leaders too now.") -> str:
    """A change that was notified; returns the id of its text."""
    body.by(accreditations.notify_change, contact, "provider", case=award, text=words, criteria=["1.1"])
    said: str = body.events(award, ChangeNotified)[-1].text.id
    return said


def test_a_notified_change_is_looked_at_in_time_and_noted_or_reviewed_by_somebody_else(body: Body, clock: Clock):
    award, _, provider = award_of(body)
    small, great = changed(body, award, provider.contact), changed(body, award, provider.contact, "All is new.")
    task = body.state(award).tasks.running[f"look-at-change-within:{great}"]
    assert (task.who, task.told) == ("officer", "quality-manager")

    body.by_officer(accreditations.look_at_change, case=award, change=small, result="noted", reason="It is little.")
    assert body.events(award, ConcernRaised) == []
    clock.comes_to(task.remind_at[0])
    catch_up(body, award)
    clock.comes_to(task.due_at)
    catch_up(body, award)
    assert [one.about for one in body.events(award, ReminderSent)] == [great]
    assert [one.about for one in body.events(award, DeadlineMissed)] == [great]
    look = {"case": award, "change": great, "reason": "It is another programme."}
    with refused("change-results", field="result"):
        body.by_officer(accreditations.look_at_change, **look, result="shrug")
    with refused("acting-role", field="role"):
        body.by(accreditations.look_at_change, provider.contact, "provider", **look, result="noted")
    body.by_officer(accreditations.look_at_change, **look, result="review")

    [concern] = body.events(award, ConcernRaised)
    assert (concern.raised_by, body.state(award).tasks.running) == (body.officer, {})
    with refused("raiser-never-decides"):
        review(body, award, concern.concern, body.officer)
    assert review(body, award, concern.concern, body.chair).events
    with refused("known-change", field="change"):
        body.by_officer(accreditations.look_at_change, **look, result="noted")


def test_who_has_a_conflict_looks_at_no_change_and_what_is_over_needs_none(body: Body, clock: Clock):
    award, _, provider = award_of(body)
    change = changed(body, award, provider.contact)
    other = factories.appoint(body, "officer", scheme=None)
    body.by(people.declare_conflict, other, "officer", id=other, provider=provider.id, kind="family")
    with refused("conflict-of-interest", field="actor"):
        body.by(
            accreditations.look_at_change, other, "officer", case=award, change=change, result="noted", reason="So."
        )

    clock.comes_to(body.state(award).ends_at)
    catch_up(body, award)
    assert body.state(award).tasks.running == {}
    assert body.state(award).over


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
    assert not body.state(award).over  # who raised it is still to be told
    body.by_officer(accreditations.answer_concern, case=award, concern=concern, text="It is withdrawn.")
    assert body.state(award).over
    assert accreditation_due(body, award) is None
    with refused("award-runs"):
        _, case, provider = award, body.state(award).periods[-1].submission, body.state(award).provider
        contact = body.submission(case).registration.lead_contact
        factories.register(body, Provider(id=provider, contact=contact), follows=case, accreditation=award)


def test_an_award_that_lapsed_is_still_watched_over_while_a_concern_about_it_has_a_clock(
    body: Body, records: PostgresRecords, clock: Clock
):
    lapsed, doubted = (award_of(body)[0] for _ in range(2))
    clock.comes_to(body.state(doubted).ends_at - timedelta(days=1))
    raised(body, doubted)
    clock.comes_to(body.state(doubted).ends_at)
    for award in (lapsed, doubted):
        catch_up(body, award)
        assert len(body.events(award, AccreditationLapsed)) == 1

    live = live_cases(records)

    assert doubted in live
    assert lapsed not in live
    assert accreditation_due(body, doubted).step == "miss_review"
