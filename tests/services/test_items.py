"""An item whose chair can't go on comes to its end with another one, whom an officer names."""

from datetime import timedelta

import pytest

from domain.pay import PayEarned
from services import items, moderation, people, schemes
from services.assessment import Judgement
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.routes import awaiting, body_of


def test_a_case_whose_chair_has_a_conflict_after_the_decision_comes_to_its_result_with_another_chair(body: Body):
    case = factories.brought(body, "decided")
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, body.chair, "chair", id=body.chair, provider=provider, kind="employed-there")
    other = factories.appoint(body, "chair", training="chairing")
    said = {"case": case, "to": other, "reason": "The first one works there now."}

    with refused("conflict-of-interest"):
        body.by_chair(moderation.approve_report, case=case, lacks={})
    with refused("acting-role"):
        body.by(items.hand_over_item, other, "chair", **said)
    body.by_officer(items.hand_over_item, **said)
    body.by(moderation.approve_report, other, "chair", case=case, lacks={})
    factories.settle(body, case)

    assert body.submission(case).released


def test_an_officer_does_not_hand_an_item_to_themselves_to_moderate_it_alone(office: Office, clock: Clock):
    body = body_of(office, clock, "cpld-mark")
    case = awaiting(body, clock)
    body.by(items.take_up_alone, body.moderators[0], "moderator", case=case)
    both = factories.appoint(body, "officer")
    installer = ("installer", schemes.INSTALLER_ROLE)
    body.by(people.give_role, *installer, id=both, role="moderator", scheme=body.scheme.id)
    training = {"kind": "moderating", "scheme": body.scheme.id, "expires_at": clock() + timedelta(days=365)}
    body.by(people.record_training, *installer, id=both, **training)
    body.by(people.sign_non_disclosure, both, "moderator")
    said = {"case": case, "to": both, "reason": "They are ill."}

    with refused("independent-person"):
        body.by(items.hand_over_item, both, "officer", **said)
    body.by_officer(items.hand_over_item, **said)

    assert body.submission(case).moderation.chair == both  # type: ignore[union-attr]


@pytest.mark.parametrize("signed_before", [True, False])
def test_who_took_over_as_chair_is_paid_for_chairing(office: Office, clock: Clock, signed_before: bool):
    body = factories.open_body(office, source=factories.scheme_source(), now=clock)
    case = factories.brought(body, "taken up")
    meeting = body.submission(case).moderation.meeting  # type: ignore[union-attr]
    other = factories.appoint(body, "chair", training="chairing")
    said = {"id": meeting, "minutes_spent": 60}
    with refused("meeting-chair"):
        body.by(moderation.sign_minutes, other, "chair", **said)
    if signed_before:
        body.by_chair(moderation.sign_minutes, **said)
    body.by_officer(items.hand_over_item, case=case, to=other, reason="They are ill.")
    judged = {code: Judgement(level=level) for code, level in body.submission(case).judgements.items()}
    body.by(moderation.moderate, other, "chair", case=case, judgements=judged)
    body.by(moderation.decide, other, "chair", case=case)
    body.by(moderation.approve_report, other, "chair", case=case, lacks={})
    if not signed_before:  # the first one can't
        body.by(moderation.sign_minutes, other, "chair", **said)

    kinds = {one: [pay.kind for pay in body.events(one, PayEarned)] for one in (body.chair, other)}
    assert kinds == {body.chair: ["chairing" if signed_before else "moderation"], other: ["chairing"]}
