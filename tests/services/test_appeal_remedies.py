"""An upheld appeal and what it brings are one: the case follows in the same transaction, and nothing is erased."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.appeal import AppealDecided, RemedyClosed
from domain.learning import QuestionnaireSent
from domain.scheme_file import read_scheme
from domain.submission.events import AssessorAssigned, DecisionRecorded
from services import accreditations, appeals, awards, schemes
from services.assessment import Judgement
from services.learning import learning_id
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import LATER, Appealing, hearing, refused_case
from tests.services.conftest import Clock
from tests.services.holding import award_of, raised, review


@pytest.fixture
def hear(body: Body) -> Appealing:
    return hearing(body)


def with_others(body: Body) -> Body:
    """The body with another chair, and other moderators, than those who had a part so far."""
    chair = factories.appoint(body, "chair", training="chairing")
    moderators = tuple(factories.appoint(body, "moderator", training="moderating") for _ in range(3))
    return replace(body, chair=chair, moderators=moderators)


def test_assessed_again_by_other_people_the_new_result_supersedes_the_first_and_closes_the_remedy(
    hear: Appealing, body: Body
):
    case = refused_case(body)
    before = body.recorded(case)
    first = body.submission(case).assessor
    appeal = hear.heard(case)
    seen = appeals.material(body.office, body.command(hear.panel[1], "appeals-panel"), appeal=appeal)

    upheld = hear.decide(appeal, finding="upheld", remedy="assess-again")

    assert {appeal, case} <= set(upheld.events)
    assert body.recorded(case)[: len(before)] == before
    with refused("remedy-carried-out", field="appeal"):
        hear.by_officer(appeals.close_remedy, appeal=appeal)
    others = with_others(body)
    assert factories.settle(body, case).assessor not in (None, first)
    factories.assess(body, case)
    factories.take_up(others, case)
    factories.confirm(others, case)
    factories.decide(others, case)
    factories.settle(body, case)
    hear.by_officer(appeals.close_remedy, appeal=appeal)

    assert [one.outcome for one in body.events(case, DecisionRecorded)] == ["not_awarded", "awarded"]
    assert body.state(awards.accreditation_id(case)).valid_on(body.now())
    assert len(body.events(appeal, RemedyClosed)) == 1
    asked = [{one.person for one in each.asked} for each in body.events(learning_id(case), QuestionnaireSent)]
    assert (len(asked), asked[0] & asked[1]) == (2, set())
    assert {body.submission(case).assessor, others.chair} <= asked[1]
    reader = body.command(hear.officer, "appeals-officer")
    assert appeals.material(body.office, reader, appeal=appeal) == seen
    again = body.events(case, AssessorAssigned)[-1]
    assert next(one.verdict for one in again.considered if one.person == first) not in ("chosen", "eligible")


def test_who_decided_before_or_heard_the_appeal_takes_no_part_in_what_it_brings(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    hear.decide(appeal, finding="upheld", remedy="moderate-again")

    with refused("appeal-excludes"):
        factories.take_up(body, case)


def test_a_replaced_result_is_carried_through_to_the_award_at_once(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)

    hear.decide(
        appeal,
        finding="upheld",
        remedy="replace-decision",
        judgements={"1.1": Judgement(level="met", reason="The file shows it.")},
    )
    factories.settle(body, case)

    assert body.state(awards.accreditation_id(case)).valid_on(body.now())
    hear.by_officer(appeals.close_remedy, appeal=appeal)
    with refused("appealed-once", field="contested"):
        hear.lodge(case)


def test_a_remedy_that_does_not_fit_leaves_the_appeal_undecided(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    end = body.office.records.max_position()

    same = {"1.1": Judgement(level=body.scheme.scale[0], reason="So it is.")}
    for said, rule in (
        ({"remedy": "replace-decision", "judgements": same}, "remedy-changes-something"),
        ({"remedy": "assess-again", "judgements": same}, "remedy-fits"),
    ):
        with refused(rule):
            hear.decide(appeal, finding="upheld", **said)
    assert body.office.records.max_position() == end
    assert body.events(appeal, AppealDecided) == []


def test_a_review_that_is_replaced_takes_nothing_away_any_more(hear: Appealing, body: Body):
    award, _, _ = award_of(body)
    concern = raised(body, award)
    reviewer = factories.appoint(body, "moderator", training="moderating")
    review(body, award, concern, reviewer)
    said = {"case": award, "concern": concern, "finding": "suspend", "reason": "It is not taught."}
    body.by(accreditations.conclude_review, reviewer, "moderator", **said)
    assert not body.state(award).valid_on(body.now())
    appeal = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)

    with refused("remedy-reason", field="reason"):
        hear.decide(appeal, finding="upheld", remedy="replace-decision")
    hear.decide(appeal, finding="upheld", remedy="replace-decision", reason="It is taught on Fridays.")

    assert body.state(award).valid_on(body.now() + timedelta(seconds=1))
    hear.by_officer(appeals.close_remedy, appeal=appeal)


def test_two_years_later_under_another_version_an_appeal_is_heard_by_the_version_of_its_case(
    hear: Appealing, body: Body, clock: Clock
):
    case = refused_case(body)
    clock.comes_to(clock() + timedelta(days=700) + LATER)
    changed = factories.scheme_source().replace("version = 1", "version = 2", 1)
    assert read_scheme(changed).version == 2
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=changed, file="scheme.toml")

    appeal = hear.acknowledged(case)
    hear.by_officer(appeals.admit_appeal, appeal=appeal, reason="A file was found.")
    hear.name(appeal)
    hear.decide(
        appeal,
        finding="upheld",
        remedy="replace-decision",
        judgements={"1.1": Judgement(level="met", reason="The file shows it.")},
    )
    factories.settle(body, case)

    held = hear.state(appeal)
    assert (held.scheme, held.lodging.late) == (body.scheme.ref, True)
    assert {one.scheme for one in body.recorded(appeal)} == {body.scheme.ref}
    hear.by_officer(appeals.close_remedy, appeal=appeal)
    assert "carry-out-remedy-within" not in hear.state(appeal).tasks.running
