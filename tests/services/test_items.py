"""An item whose chair can't go on comes to its end with another one, whom an officer names."""

from services import items, moderation, people
from tests import factories
from tests.domain.given import refused
from tests.factories import Body


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
