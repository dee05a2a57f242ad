"""Pay is earned in the transaction that completes the work, and paid by an officer, never to oneself."""

import re

import pytest

from domain.ledger import account_of, ledger_of_case
from domain.pay import PayEarned, PayPaid
from domain.person import WorkReleased
from domain.submission.side_events import FeeRefunded
from services import items, ledger, moderation, people
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.routes import awaiting, body_of

PAY = "\n[pay]\nassessment = 30000\nmoderation = 5000\nchairing = 9000\n"


@pytest.fixture
def body(office: Office, clock: Clock) -> Body:
    """A body whose scheme pays its people."""
    return factories.open_body(
        office, source=re.sub(r"\n\[pay\].*?(?=\n\n)", "", factories.scheme_source(), flags=re.DOTALL) + PAY, now=clock
    )


def owed(body: Body, person: str) -> int:
    return account_of(one.event for one in body.recorded(person)).owed("GBP")


def test_an_assessment_is_paid_for_in_the_transaction_that_completes_it(body: Body):
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor

    [earned] = [one for one in body.recorded(assessor) if isinstance(one.event, PayEarned)]
    [released] = [one for one in body.recorded(assessor) if isinstance(one.event, WorkReleased)]
    assert earned.event == PayEarned(kind="assessment", case=case, amount=30_000, currency="GBP")
    assert (earned.command, earned.recorded_at) == (released.command, released.recorded_at)
    assert owed(body, assessor) == 30_000


def test_signed_minutes_are_paid_for_to_everyone_on_an_item_each_for_their_part(body: Body):
    window = factories.schedule_window(body)
    one, other, left = (factories.brought(body, "completed", window=window) for _ in range(3))
    provider = body.submission(other).registration.provider
    body.by(people.declare_conflict, body.moderators[0], "moderator", id=body.moderators[0], provider=provider)
    command = body.command(body.officer, "officer")
    planned = {"starts_at": command.at, "chair": body.chair, "panel": body.moderators, "items": [one, other, left]}
    moderation.schedule_meeting(body.office, command, scheme=body.scheme.id, **planned)
    meeting = moderation.meeting_id(command.id)
    body.by_chair(moderation.open_meeting, id=meeting, present=[body.chair, *body.moderators])
    for item in (one, other):
        body.by_chair(moderation.take_up, case=item, id=meeting)

    body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=60)
    body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=60)

    assert owed(body, body.chair) == 2 * 9_000
    assert [owed(body, each) for each in body.moderators] == [5_000, 10_000, 10_000]


def test_who_moderates_alone_is_paid_for_finding_a_programme_outside_the_definition_too(office: Office, clock: Clock):
    body = body_of(office, clock, "cpld-mark")
    case = awaiting(body, clock)
    moderator = body.moderators[0]
    body.by(items.take_up_alone, moderator, "moderator", case=case)

    body.by(items.find_outside_definition, moderator, "moderator", case=case, reason="It sells a product.")

    assert owed(body, moderator) == body.scheme.pay["moderation"]


def test_an_officer_pays_what_was_earned_and_never_themselves(body: Body):
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor

    body.by_officer(ledger.pay_person, id=assessor, amount=20_000, currency="GBP")

    assert body.events(assessor, PayPaid) == [PayPaid(amount=20_000, currency="GBP")]
    assert owed(body, assessor) == 10_000
    with refused("pay-within-earned", field="amount"):
        body.by_officer(ledger.pay_person, id=assessor, amount=10_001, currency="GBP")
    with refused("not-for-oneself", field="id"):
        body.by_officer(ledger.pay_person, id=body.officer, amount=1, currency="GBP")
    with refused("acting-role"):
        body.by(ledger.pay_person, assessor, "assessor", id=body.chair, amount=1, currency="GBP")


def test_a_payment_repeated_is_one_payment(body: Body):
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor
    command = body.command(body.officer, "officer")

    for _ in range(2):
        ledger.pay_person(body.office, command, id=assessor, amount=100, currency="GBP")

    assert owed(body, assessor) == 29_900


def test_a_fee_is_given_back_by_an_officer_without_a_conflict_for_a_reason(body: Body):
    case = factories.brought(body, "submitted")
    factories.pay_fees(body, case)
    charged = body.submission(case).charges["submission"]

    body.by_officer(ledger.refund_fee, case=case, kind="submission", amount=charged, reason="Charged in error")

    [event] = body.events(case, FeeRefunded)
    assert event.amount == charged
    total = ledger_of_case(one.event for one in body.recorded(case)).total
    assert (total.balance, total.refunded) == (0, charged)
    provider = body.submission(case).registration.provider
    other = factories.appoint(body, "officer", scheme=None)
    body.by_officer(people.declare_conflict, id=other, provider=provider)
    with refused("conflict-of-interest"):
        body.by(ledger.refund_fee, other, "officer", case=case, kind="registration", amount=1, reason="A friend")
