"""Two assessors, two panels, an appeals panel: what each made of one submission stands side by side, and nothing half done."""

import pytest

from domain.comparison import APPEALS, ASSESSOR, PANEL, SECOND
from services import moderation
from services.assessment import Judgement
from services.comparison import side_by_side
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import hearing, refused_case
from tests.services.test_calibration import mark
from tests.services.test_figures import blind, marked_twice

__all__ = ["blind"]


def test_two_assessors_and_the_panel_stand_side_by_side_criterion_by_criterion(blind: Body):
    case = marked_twice(blind, "not_met")
    factories.take_up(blind, case)
    factories.confirm(blind, case, *(code for code in blind.scheme.criteria if code != "1.1"))
    said = {"1.1": Judgement(level="partially_met", reason="Half of it is shown.")}
    blind.by_chair(moderation.moderate, case=case, judgements=said)
    factories.decide(blind, case)

    found = side_by_side(blind.office, case=case, at=blind.now())

    held = blind.submission(case)
    assert [(one.number, one.by) for one in found.markings] == [(1, SECOND), (2, ASSESSOR), (3, PANEL)]
    assert found.markings[1].who == held.assessor
    assert held.moderation
    assert found.markings[2].who == held.moderation.meeting
    first = {one.marking: one for one in found.cells if (one.criterion, one.indicator) == ("1.1", "")}
    assert {number: (one.level, one.apart) for number, one in first.items()} == {
        1: ("not_met", 0),
        2: ("met", 2),
        3: ("partially_met", 1),
    }
    assert all(one.text for one in first.values())
    pairs = {(one.first, one.second): (one.compared, one.alike, one.one_apart, one.further) for one in found.pairs}
    criteria = len(blind.scheme.criteria)
    assert pairs == {
        (1, 2): (criteria, criteria - 1, 0, 1),
        (1, 3): (criteria, criteria - 1, 1, 0),
        (2, 3): (criteria, criteria - 1, 1, 0),
    }


def test_indicators_are_compared_beside_their_criterion(blind: Body):
    case = marked_twice(blind, "met")
    with_signs = [code for code, one in blind.scheme.criteria.items() if one.indicators]

    found = side_by_side(blind.office, case=case, at=blind.now())

    for code in with_signs:
        expected = {sign.code for sign in blind.scheme.criteria[code].indicators}
        assert {one.indicator for one in found.cells if one.criterion == code} == {"", *expected}
    assert {one.text for one in found.cells if one.indicator} == {None}


def test_while_somebody_marks_it_blind_nothing_is_put_beside_it(blind: Body):
    case = factories.brought(blind, "screened")
    factories.settle(blind, case)
    factories.assess(blind, case)

    with refused("compared-when-done", field="case"):
        side_by_side(blind.office, case=case, at=blind.now())

    mark(blind, case, blind.state(case).marker)
    assert len(side_by_side(blind.office, case=case, at=blind.now()).markings) == 2


def test_two_panels_stand_side_by_side_and_the_one_set_aside_says_so(body: Body):
    heard, case = hearing(body), refused_case(body)
    appeal = heard.heard(case)
    heard.decide(appeal, finding="upheld", remedy="moderate-again")
    body.chair = factories.appoint(body, "chair", training="chairing")
    body.moderators = tuple(factories.appoint(body, "moderator", training="moderating") for _ in range(3))
    factories.take_up(body, case)
    factories.confirm(body, case, *(code for code in body.scheme.criteria if code != "1.1"))
    said = {"1.1": Judgement(level="met", reason="It is shown.")}
    body.by_chair(moderation.moderate, case=case, judgements=said)
    factories.decide(body, case)

    found = side_by_side(body.office, case=case, at=body.now())

    assert [(one.by, one.set_aside) for one in found.markings] == [(ASSESSOR, False), (PANEL, True), (PANEL, False)]
    [pair] = [one for one in found.pairs if (one.first, one.second) == (2, 3)]
    assert (pair.alike, pair.further) == (len(body.scheme.criteria) - 1, 1)


def test_what_an_appeals_panel_changed_is_a_marking_of_its_own(body: Body):
    heard, case = hearing(body), refused_case(body)
    appeal = heard.heard(case)
    changed = {"1.1": Judgement(level="met", reason="It was in the second file.")}
    heard.decide(appeal, finding="upheld", remedy="replace-decision", judgements=changed)

    found = side_by_side(body.office, case=case, at=body.now())

    last = found.markings[-1]
    assert (last.by, last.who, set(last.given)) == (APPEALS, appeal, {"1.1"})
    assert found.markings[-2].set_aside
    assert (found.pairs[-1].compared, found.pairs[-1].further) == (1, 1)


def test_as_of_an_instant_only_what_was_complete_by_then_is_compared(body: Body):
    case = factories.brought(body, "judged")
    until = body.recorded(case)[-1].recorded_at
    assert side_by_side(body.office, case=case, at=body.now()).cells == ()
    factories.settle(body, case)

    assert side_by_side(body.office, case=case, at=body.now(), until=until).markings == ()


@pytest.mark.parametrize(
    "case", ["submission-aaaaaaaaaaaaaaaa", "appeal-aaaaaaaaaaaaaaaa"], ids=["none", "no-submission"]
)
def test_what_is_no_submission_is_refused(body: Body, case: str):
    with refused("known-case" if case.startswith("submission") else "known-submission"):
        side_by_side(body.office, case=case, at=body.now())
