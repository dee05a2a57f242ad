"""What an upheld appeal does, on a real record: judged again by others, or replaced, and everything that hung on it follows."""

from datetime import timedelta

import pytest

from domain.accreditation import (
    AccreditationAwarded,
)
from domain.clocks import ReminderSent
from domain.ids import PROCESS_ROLE, derived_id
from domain.pay import PayEarned
from domain.person import AttemptRefused
from domain.refusals import Refused
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.side_events import FeeRefunded
from domain.submission.state import Stage
from infra.processes import live_cases
from infra.store.records import PostgresRecords
from services import awards, items, moderation, screening
from services.assessment import Judgement
from services.office import Office
from services.remedies import remedied
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services import routes
from tests.services.conftest import Clock
from tests.services.remedying import (
    APPEAL,
    OTHER_APPEAL,
    SHORT,
    assessed,
    direct,
    failed,
    finish,
    ineligible,
    moderated,
    others,
    verdicts,
)
from tests.services.test_at_once import at_once

# -- moderated again ---------------------------------------------------------------------------------------------------


def test_moderated_again_by_others_it_comes_to_a_new_result_and_an_award_from_then_on(body: Body, clock: Clock):
    case = failed(body)
    first = body.submission(case).outcome
    clock.passes(days=20)
    direct(body, case, "moderate-again")

    held = body.submission(case)
    assert held.stage is Stage.AWAITING_MODERATION
    assert held.clock == body.scheme.deadline("moderate_within", clock())
    assert held.judgements == {code: one.level for code, one in held.first.items()}
    assert not remedied(held, APPEAL)
    clock.passes(days=3)
    now = moderated(others(body), case, {"1.1": "met"})

    assert now.over
    assert now.outcome
    assert now.outcome.outcome == "awarded"
    [superseded] = now.superseded
    assert (superseded.appeal, superseded.outcome) == (APPEAL, first)
    assert remedied(now, APPEAL)
    assert not remedied(now, OTHER_APPEAL)
    assert [one.outcome for one in body.events(case, e.ResultReleased)] == ["not_awarded", "awarded"]
    [awarded] = body.events(awards.accreditation_id(case), AccreditationAwarded)
    assert awarded.starts_at == clock()
    assert awarded.ends_at == body.scheme.calendar.after(clock(), body.scheme.clocks.validity)
    assert routes.same_clocks(body, case)


def test_who_moderated_it_before_or_heard_the_appeal_does_not_moderate_it_again(body: Body):
    case = failed(body)
    chair, [mia, nik, ola] = body.chair, body.moderators
    bystander = factories.appoint(body, "chair", training="chairing")
    direct(body, case, "moderate-again", excluded=[bystander])

    with refused("appeal-excludes", field="actor"):
        factories.take_up(body, case)
    assert [one.rule for one in body.events(chair, AttemptRefused)] == ["appeal-excludes"]
    body.by_officer(items.adjourn_item, case=case, reason="Others are to do it.")
    body.chair = bystander
    with refused("appeal-excludes"):
        factories.take_up(body, case)
    body.by_officer(items.adjourn_item, case=case, reason="Others are to do it.")
    others(body)
    body.moderators = (mia, nik, *body.moderators)
    factories.take_up(body, case)

    panel = body.events(case, e.ModerationStarted)[-1].panel
    assert {chair, bystander, mia, nik, ola}.isdisjoint(panel)
    for barred in (chair, bystander):
        with refused("appeal-excludes"):
            body.by_officer(items.hand_over_item, case=case, to=barred, reason="They know it.")


def test_the_panel_that_moderates_again_may_itself_ask_once_for_further_evidence(body: Body, clock: Clock):
    case = factories.brought(body, "confirmed", levels=SHORT)
    asking = {"case": case, "criteria": ["1.1"], "wanted": "More, please."}
    body.by_chair(moderation.request_evidence, **asking)
    clock.comes_to(body.submission(case).clock.due_at + timedelta(days=9))  # type: ignore[union-attr]
    moderation.open_final_review(body.office, body.command(case, PROCESS_ROLE), case=case)
    factories.confirm(body, case, "1.1")
    body.by_chair(moderation.conclude_review, case=case)
    factories.decide(body, case)
    factories.settle(body, case)
    direct(body, case, "moderate-again")
    factories.take_up(others(body), case)
    factories.confirm(body, case)

    body.by_chair(moderation.request_evidence, **asking)

    assert body.submission(case).stage is Stage.EVIDENCE_REQUESTED
    assert routes.same_clocks(body, case)
    body.by_contact(moderation.provide_evidence, case, answers={"1.1": "Here it is."}, evidence=[])
    clock.comes_to(body.submission(case).moderation.review_from)  # type: ignore[union-attr]
    moderation.open_final_review(body.office, body.command(case, PROCESS_ROLE), case=case)
    with refused("every-criterion-moderated"):
        body.by_chair(moderation.conclude_review, case=case)


def test_nothing_is_reminded_of_that_belongs_to_the_earlier_stage(body: Body, clock: Clock):
    case = failed(body)
    sent = len(body.events(case, ReminderSent))
    direct(body, case, "moderate-again")
    clock.passes(days=400)
    while step := routes.due_next(body.submission(case), at=clock()):
        from workflows.activities import STEPS

        assert step.step == "miss_deadline"
        STEPS[step.step](body.office, body.command(case, PROCESS_ROLE), case=case)

    assert len(body.events(case, ReminderSent)) == sent


# -- assessed again ----------------------------------------------------------------------------------------------------


def test_assessed_again_by_somebody_else_all_criteria_are_judged_afresh(body: Body, clock: Clock):
    case = failed(body)
    before = body.submission(case)
    barred = next(one for one in body.assessors if one != before.assessor)
    clock.passes(days=40)
    direct(body, case, "assess-again", excluded=[barred])
    held = body.submission(case)
    assert (held.stage, held.assessor, held.first, held.judgements) == (Stage.IN_ASSESSMENT, None, {}, {})
    factories.settle(body, case)

    seen = verdicts(body, case)
    assert seen[barred] == "had a part in what an appeal set aside"
    assert seen[before.assessor or ""] == "had or advised on this case"
    assessor = assessed(body, case)
    assert assessor not in (barred, before.assessor)
    now = moderated(others(body), case)
    assert now.outcome
    assert now.outcome.outcome == "awarded"
    assert [one.kind for one in body.events(assessor, PayEarned)] == ["assessment"]
    assert [one.kind for one in body.events(case, e.FeeCharged)] == ["registration", "submission"]
    assert routes.same_clocks(body, case)


def test_a_full_round_of_long_ago_keeps_nobody_from_assessing_again(office: Office, clock: Clock):
    text = factories.scheme_source().replace("capacity_per_round = ", "capacity_per_round = 1 #")
    body = factories.open_body(office, source=text, now=clock, assessors=2)
    window = factories.schedule_window(body)
    case = factories.brought(body, "released", window=window, levels=SHORT)
    factories.brought(body, "completed", window=window)
    clock.passes(days=60)

    direct(body, case, "assess-again")

    assert factories.settle(body, case).assessor


def test_whoever_is_excluded_is_not_chosen_though_nobody_else_is_left(office: Office, clock: Clock):
    body = factories.open_body(office, now=clock, assessors=2)
    case = failed(body)
    direct(body, case, "assess-again", excluded=body.assessors)

    held = factories.settle(body, case)

    assert held.assessor is None
    assert body.events(case, e.NobodyEligible)
    later = factories.appoint(body, "assessor", training="assessing")
    clock.comes_to(held.clock.due_at)  # type: ignore[union-attr]
    from services.assessment import assign_assessor

    assign_assessor(office, body.command(case, PROCESS_ROLE), case=case)
    assert body.submission(case).assessor == later


def test_on_the_booked_route_another_independent_moderator_takes_it_up(office: Office, clock: Clock):
    body = routes.body_of(office, clock, "cpd-mark")
    case = routes.register(body)
    visit_at = clock() + timedelta(days=60)
    routes.book(body, case, visit_at)
    routes.submit(body, case)
    routes.screen(body, case)
    from services.visits import pass_preview

    body.by_assessor(routes.assessment.accept_assignment, case)
    body.by_assessor(pass_preview, case)
    routes.visited(body, case, clock, visit_at, None)
    routes.judge(body, case, "developing")
    routes.complete(body, case)
    first, second, _ = body.moderators
    routes.moderate_alone(body, case, first)
    clock.passes(days=10)
    direct(body, case, "moderate-again")

    with refused("appeal-excludes"):
        body.by(items.take_up_alone, first, "moderator", case=case)
    clock.passes(days=1)
    taken_up_at = clock()
    routes.moderate_alone(body, case, second, **dict.fromkeys(body.submission(case).judgements, "secure"))

    assert routes.result(body, case)[0] == "awarded"
    assert body.scheme.route.results_from_visit
    results = body.events(case, e.ModerationStarted)[-1].results
    assert results == body.scheme.deadline("results_within", taken_up_at)
    assert [one.kind for one in body.events(second, PayEarned)] == [one.kind for one in body.events(first, PayEarned)]


# -- found ineligible --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("remedy", "reason"), [("assess-again", None), ("replace-decision", "It is no first aid.")])
def test_what_screening_found_ineligible_goes_on_to_assessment(body: Body, remedy: str, reason: str | None):
    case = ineligible(body)
    direct(body, case, remedy, contested="ineligible", reason=reason)

    assert factories.settle(body, case).assessor
    assert not remedied(body.submission(case), APPEAL)
    now = finish(body, case)
    assert now.outcome
    assert remedied(now, APPEAL)
    assert routes.same_clocks(body, case)


def test_what_is_not_paid_for_goes_back_to_screening_by_somebody_else_who_can_not_find_it_ineligible(
    body: Body, clock: Clock
):
    case = ineligible(body, paid=False)
    direct(body, case, "assess-again", contested="ineligible", excluded=[body.officer])
    held = body.submission(case)
    assert (held.stage, held.clock) == (Stage.SCREENING, body.scheme.deadline("screen_within", clock()))
    factories.pay_fees(body, case)

    with refused("appeal-excludes"):
        body.by_officer(screening.pass_screening, case=case)
    body.officer = factories.appoint(body, "officer", scheme=None)
    with refused("eligibility-settled"):
        body.by_officer(screening.find_ineligible, case=case, reason="And yet.")
    body.by_officer(screening.pass_screening, case=case)

    assert factories.settle(body, case).assessor


def test_what_a_panel_ruled_outside_the_definition_is_moderated_by_others(body: Body, clock: Clock):
    case = factories.brought(body, "taken up")
    body.by_chair(items.find_outside_definition, case=case, reason="It is a sale.")
    clock.passes(days=10)
    direct(body, case, "replace-decision", contested="ineligible", reason="It is taught.")
    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    with refused("appeal-excludes"):
        factories.take_up(body, case)
    body.by_officer(items.adjourn_item, case=case, reason="Others are to do it.")
    factories.take_up(others(body), case)

    with refused("eligibility-settled"):
        body.by_chair(items.find_outside_definition, case=case, reason="It is a sale.")
    factories.confirm(body, case)
    factories.decide(body, case)

    assert factories.settle(body, case).outcome.outcome == "awarded"  # type: ignore[union-attr]
    assert routes.same_clocks(body, case)


# -- the decision replaced ---------------------------------------------------------------------------------------------


def test_the_decision_replaced_is_computed_from_the_changed_judgements_and_released_again(body: Body, clock: Clock):
    case = failed(body)
    clock.passes(days=30)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met", reason="The evidence shows it.")})
    held = body.submission(case)
    assert held.outcome
    assert (held.outcome.outcome, held.released, held.approved_at) == ("awarded", False, clock())
    replaced_at = clock()
    clock.passes(days=1)

    now = factories.settle(body, case)

    assert now.over
    assert remedied(now, APPEAL)
    [awarded] = body.events(awards.accreditation_id(case), AccreditationAwarded)
    assert awarded.starts_at == replaced_at
    assert "1.1" in awarded.strengths
    assert routes.same_clocks(body, case)


def test_a_replacement_that_changes_nothing_or_fits_nothing_writes_nothing(body: Body):
    case = failed(body)
    before = len(body.recorded(case))
    met = Judgement(level="met", reason="So.")
    with refused("remedy-changes-something", field="judgements"):
        direct(body, case, "replace-decision")
    with refused("remedy-changes-something"):
        direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="partially_met", reason="So.")})
    with refused("change-needs-reason", field="judgements.1.1.reason"):
        direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met")})
    with refused("remedy-fits", field="judgements"):
        direct(body, case, "moderate-again", judgements={"1.1": met})
    with refused("remedy-fits", field="remedy"):
        direct(body, case, "moderate-again", contested="ineligible")
    with refused("remedy-fits", field="contested"):
        direct(body, case, "moderate-again", contested="fee")
    with refused("remedy-fits", field="submission"):
        direct(body, case, "assess-again", contested="ineligible")
    with refused("known-accreditation"):
        direct(body, case, "replace-decision", contested="review", concern="concern-x", reason="So.")
    with refused("known-submission"):
        direct(body, derived_id("submission", "nobody's"), "moderate-again")

    assert len(body.recorded(case)) == before


def test_a_remedy_is_carried_through_once_and_a_case_under_one_gets_no_other(body: Body):
    case = failed(body)
    direct(body, case, "moderate-again")
    before = len(body.recorded(case))

    direct(body, case, "moderate-again")
    with refused("remedy-fits", field="submission"):
        direct(body, case, "assess-again", appeal=OTHER_APPEAL)

    assert len(body.recorded(case)) == before


# -- what happens at the same moment -----------------------------------------------------------------------------------


def test_who_tries_again_and_the_appeal_at_the_same_moment_are_one_after_the_other(body: Body):
    case = failed(body)
    registration = body.submission(case).registration
    provider = Provider(id=registration.provider, contact=registration.lead_contact)

    came = at_once(
        lambda: direct(body, case, "moderate-again"), lambda: factories.register(body, provider, follows=case)
    )

    held = body.submission(case)
    assert held.stage is Stage.AWAITING_MODERATION
    assert len(held.linked) == sum(isinstance(one, str) for one in came)


def test_of_two_appeals_at_the_same_moment_one_sets_the_decision_aside(body: Body):
    case = failed(body)

    came = at_once(
        lambda: direct(body, case, "moderate-again"), lambda: direct(body, case, "assess-again", appeal=OTHER_APPEAL)
    )

    assert sum(isinstance(one, Refused) for one in came) == 1
    assert len(body.submission(case).superseded) == 1


def test_an_officer_who_hands_the_item_over_while_it_is_replaced_is_refused_or_first(body: Body):
    case = failed(body)
    to = factories.appoint(body, "chair", training="chairing")
    refund = {"case": case, "kind": "submission", "amount": 100, "reason": "By mistake."}
    from services.ledger import refund_fee

    came = at_once(
        lambda: direct(body, case, "moderate-again"),
        lambda: body.by_officer(items.hand_over_item, case=case, to=to, reason="Gone."),
        lambda: body.by_officer(refund_fee, **refund),
    )

    assert isinstance(came[1], Refused)
    assert len(body.events(case, FeeRefunded)) == 1
    assert body.submission(case).stage is Stage.AWAITING_MODERATION


def test_a_case_under_a_remedy_is_live_until_its_new_result_is_released(body: Body, records: PostgresRecords):
    case = failed(body)
    assert case not in live_cases(records)
    direct(body, case, "moderate-again")
    assert case in live_cases(records)
    moderated(others(body), case)
    assert case not in live_cases(records)
    assert [type(one) for one in body.events(case, r.ModerationSetAside)] == [r.ModerationSetAside]
