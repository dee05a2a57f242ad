"""What an upheld appeal does to fees and pay, on a real record."""

from domain.pay import PayEarned
from domain.submission import events as e
from domain.submission.side_events import FeeRefunded
from services import moderation
from services.assessment import Judgement
from tests import factories
from tests.factories import Body, Provider
from tests.services.remedying import (
    APPEAL,
    direct,
    failed,
    moderated,
    others,
)

# -- money -------------------------------------------------------------------------------------------------------------


def tried_again(body: Body, case: str) -> str:
    """The linked new submission of a provider that was not awarded, handed in."""
    registration = body.submission(case).registration
    provider = Provider(id=registration.provider, contact=registration.lead_contact)
    linked = factories.register(body, provider, follows=case)
    factories.settle(body, linked)
    factories.submit(body, linked, factories.schedule_window(body))
    return linked


def test_the_fee_of_a_further_try_goes_back_when_the_decision_is_set_aside_and_nothing_is_charged_again(body: Body):
    case = failed(body)
    linked = tried_again(body, case)
    factories.pay_fees(body, linked)
    [charged] = body.events(linked, e.FeeCharged)
    direct(body, case, "moderate-again")

    [back] = body.events(linked, FeeRefunded)
    assert (back.kind, back.amount, back.appeal) == (charged.kind, charged.amount, APPEAL)
    moderated(others(body), case)
    assert len(body.events(linked, FeeRefunded)) == 1
    assert len(body.events(case, e.FeeCharged)) == 2


def test_what_is_not_paid_yet_for_a_further_try_is_waived(body: Body):
    case = failed(body)
    linked = tried_again(body, case)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met", reason="It is.")})

    [waived] = body.events(linked, e.FeeWaived)
    assert (waived.appeal, waived.reason) == (APPEAL, None)
    assert body.submission(linked).fees == {"submission": "waived"}


def test_no_fee_goes_back_where_the_decision_stays_not_awarded(body: Body):
    case = factories.brought(body, "released", levels={"1.1": "not_met", "1.2": "not_met"})
    linked = tried_again(body, case)
    factories.pay_fees(body, linked)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met", reason="It is.")})

    assert body.events(linked, FeeRefunded | e.FeeWaived) == []
    assert [one.criterion for one in body.submission(case).shortfalls] == ["1.2"]


def test_who_moderated_before_the_minutes_were_signed_is_paid_for_it(body: Body):
    case = failed(body)
    panel = body.submission(case).moderation.panel  # type: ignore[union-attr]
    assert not any(body.events(one, PayEarned) for one in panel)
    meeting = body.submission(case).moderation.meeting  # type: ignore[union-attr]
    direct(body, case, "moderate-again")
    body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=60)

    assert all(len(body.events(one, PayEarned)) == bool(body.scheme.pay.get("moderation")) for one in panel)
