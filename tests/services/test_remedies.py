"""What an upheld appeal does, on a real record: judged again by others, or replaced, and everything that hung on it follows."""

from datetime import timedelta

import pytest

from domain.accreditation import (
    AccreditationAwarded,
    AccreditationReinstated,
    AccreditationRenewed,
    AwardAnnulled,
    AwardConfirmed,
    AwardCorrected,
    ReaccreditationEnded,
    ReaccreditationReopened,
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
from services import awards, items, moderation, preparation, screening
from services.assessment import Judgement
from services.office import Office
from services.remedies import remedied
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services import routes
from tests.services.conftest import Clock
from tests.services.holding import again, award_of, catch_up, conclude, raised, review, source
from tests.services.remedying import (
    APPEAL,
    OTHER_APPEAL,
    assessed,
    direct,
    finish,
    ineligible,
    moderated,
    others,
    verdicts,
)
from tests.services.test_at_once import at_once

SHORT = {"1.1": "partially_met"}
"""Judgements with which a submission falls short."""


def failed(body: Body) -> str:
    """A submission that was not awarded."""
    case = factories.brought(body, "released", levels=SHORT)
    assert body.submission(case).outcome.outcome == "not_awarded"  # type: ignore[union-attr]
    return case


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


# -- what the award does -----------------------------------------------------------------------------------------------


def test_the_same_result_again_leaves_the_award_as_it_is(body: Body, clock: Clock):
    award, case, _ = award_of(body)
    periods = body.state(award).periods
    clock.passes(days=15)
    direct(body, case, "moderate-again")
    moderated(others(body), case)

    assert [one.appeal for one in body.events(award, AwardConfirmed)] == [APPEAL]
    assert body.state(award).periods == periods
    assert len(body.events(award, AccreditationAwarded)) == 1


def test_another_level_corrects_the_award_from_the_new_report_on_and_its_end_stays(office: Office, clock: Clock):
    body = factories.open_body(office, source=source(levels=True), now=clock)
    award, case, _ = award_of(body, SHORT)
    began, ends_at = clock(), body.state(award).ends_at
    clock.passes(days=15)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met", reason="It is.")})
    corrected_at = clock()
    clock.passes(days=1)
    factories.settle(body, case)

    held = body.state(award)
    [corrected] = body.events(award, AwardCorrected)
    assert (corrected.level, corrected.corrected_from) == ("gold", corrected_at)
    assert held.level_on(began) == held.level_on(corrected_at - timedelta(seconds=1)) == "bronze"
    assert held.level_on(corrected_at) == "gold"
    assert held.ends_at == ends_at
    assert held.clock.due_at == ends_at


def test_no_longer_awarded_the_award_ends_from_the_new_report_on(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    clock.passes(days=15)
    direct(body, case, "moderate-again")
    assert body.state(award).valid_on(clock())
    clock.passes(days=5)
    moderated(others(body), case, {"1.1": "not_met"})

    held = body.state(award)
    [annulled] = body.events(award, AwardAnnulled)
    assert annulled.annulled_from == clock()
    assert not held.valid_on(clock())
    assert held.valid_on(clock() - timedelta(seconds=1))
    assert held.standing(clock()) == "annulled"
    assert held.over
    with refused("award-runs"):
        factories.register(body, provider, follows=case, accreditation=award)


def test_withdrawn_while_it_is_judged_again_it_has_no_award(body: Body, clock: Clock):
    award, case, _ = award_of(body)
    clock.passes(days=15)
    direct(body, case, "moderate-again")
    body.by_contact(preparation.withdraw, case, reason="We stop.")

    assert remedied(body.submission(case), APPEAL)
    assert len(body.events(award, AwardAnnulled)) == 1
    assert not body.state(award).valid_on(clock())


def test_annulled_and_awarded_after_another_appeal_it_is_earned_anew(body: Body, clock: Clock):
    award, case, _ = award_of(body)
    clock.passes(days=15)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="not_met", reason="It is not.")})
    factories.settle(body, case)
    clock.passes(days=15)
    direct(
        body,
        case,
        "replace-decision",
        appeal=OTHER_APPEAL,
        judgements={"1.1": Judgement(level="met", reason="It is.")},
    )
    factories.settle(body, case)

    held = body.state(award)
    assert held.valid_on(clock())
    assert not held.valid_on(clock() - timedelta(seconds=1))
    assert held.ends_at == body.scheme.calendar.after(clock(), body.scheme.clocks.validity)
    assert [one.appeal for one in body.submission(case).superseded] == [APPEAL, OTHER_APPEAL]


# -- earned again ------------------------------------------------------------------------------------------------------


def failed_again(body: Body, clock: Clock, before_end: timedelta) -> tuple[str, str, str, Provider]:
    """An award, its submission, and a reaccreditation that was not awarded, so long before the end."""
    award, case, provider = award_of(body)
    clock.comes_to(body.state(award).ends_at - before_end)
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    factories.pass_screening(body, renewal)
    factories.settle(body, renewal)
    code = body.submission(renewal).registration.criteria[0]
    factories.assess(body, renewal, {code: "not_met"})
    moderated(body, renewal)
    assert body.events(award, ReaccreditationEnded)
    return award, case, renewal, provider


def all_met(body: Body, case: str) -> dict[str, Judgement]:
    """What replaces the judgements of a reaccreditation that fell short."""
    short = [code for code, level in body.submission(case).judgements.items() if level != "met"]
    return {code: Judgement(level="met", reason="It is.") for code in short}


def test_a_reaccreditation_judged_again_renews_the_award_from_its_end(body: Body, clock: Clock):
    award, _, renewal, _ = failed_again(body, clock, timedelta(days=60))
    ends_at = body.state(award).ends_at
    direct(body, renewal, "replace-decision", judgements=all_met(body, renewal))
    factories.settle(body, renewal)

    [renewed] = body.events(award, AccreditationRenewed)
    assert renewed.starts_at == ends_at


def test_what_lapsed_meanwhile_is_earned_again_from_the_new_report_on(body: Body, clock: Clock):
    award, _, renewal, _ = failed_again(body, clock, timedelta(days=10))
    ended = body.state(award).ends_at
    clock.passes(days=30)
    catch_up(body, award)
    assert body.state(award).lapsed
    direct(body, renewal, "assess-again")
    assert body.state(award).pending == {renewal}
    assert not body.state(award).valid_on(clock())
    factories.appoint(body, "assessor", training="assessing")
    assessed(body, renewal)
    clock.passes(days=5)
    moderated(others(body), renewal)

    held = body.state(award)
    assert held.valid_on(clock())
    assert not held.valid_on(ended)
    assert held.ends_at == body.scheme.calendar.after(clock(), body.scheme.clocks.validity)


def test_an_extension_that_the_first_decision_ended_goes_on_from_the_appeal_s_decision(office: Office, clock: Clock):
    body = factories.open_body(office, source=source(extension="P6M"), now=clock)
    award, _, renewal, _ = failed_again(body, clock, timedelta(days=10))
    ended = body.state(award).earned_until
    clock.passes(days=40)
    catch_up(body, award)
    assert body.state(award).lapsed
    direct(body, renewal, "moderate-again")

    [reopened] = body.events(award, ReaccreditationReopened)
    held = body.state(award)
    assert (reopened.extension_starts_at, held.ends_at) == (
        clock(),
        body.scheme.calendar.after(ended, body.scheme.extension),
    )  # type: ignore[arg-type]
    assert held.valid_on(clock())
    assert not held.valid_on(clock() - timedelta(seconds=1))
    assert held.standing(clock()) == "extended"
    clock.comes_to(held.ends_at)
    catch_up(body, award)
    assert body.state(award).lapsed


def test_what_another_submission_earned_since_is_not_earned_twice(body: Body, clock: Clock):
    award, case, renewal, provider = failed_again(body, clock, timedelta(days=60))
    other = again(body, award, case, provider)
    factories.settle(body, other)
    factories.pass_screening(body, other)
    finish(body, other)
    ends_at = body.state(award).ends_at
    direct(body, renewal, "moderate-again")
    moderated(others(body), renewal, dict.fromkeys(all_met(body, renewal), "met"))

    assert body.submission(renewal).outcome.outcome == "awarded"  # type: ignore[union-attr]
    assert len(body.events(award, AccreditationRenewed)) == 1
    assert body.state(award).ends_at == ends_at
    assert body.events(award, ReaccreditationEnded)[-1].outcome == "earned-since"


def test_of_two_that_are_to_earn_it_again_the_first_renews_it_and_the_other_s_fee_goes_back(body: Body, clock: Clock):
    award, case, renewal, provider = failed_again(body, clock, timedelta(days=60))
    other = again(body, award, case, provider)
    factories.settle(body, other)
    factories.pass_screening(body, other)
    direct(body, renewal, "replace-decision", judgements=all_met(body, renewal))
    factories.settle(body, renewal)
    [back] = body.events(other, FeeRefunded)
    assert (back.kind, back.appeal) == ("reaccreditation", APPEAL)
    assert not body.events(renewal, FeeRefunded)
    assert not body.events(case, FeeRefunded)

    finish(body, other)

    assert [one.submission for one in body.events(award, AccreditationRenewed)] == [renewal]
    assert body.events(award, ReaccreditationEnded)[-1].outcome == "earned-since"


def test_an_award_annulled_is_not_earned_again_the_light_touch_way(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    clock.comes_to(body.state(award).ends_at - timedelta(days=60))
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="not_met", reason="It is not.")})
    factories.settle(body, case)
    factories.pass_screening(body, renewal)
    finish(body, renewal)

    assert body.events(award, AccreditationRenewed) == []
    assert body.events(award, ReaccreditationEnded)[-1].outcome == "award-annulled"
    assert not body.state(award).valid_on(clock())


def test_what_was_earned_again_since_stands_as_it_was_earned(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    clock.comes_to(ends_at - timedelta(days=60))
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    factories.pass_screening(body, renewal)
    finish(body, renewal)
    clock.comes_to(ends_at + timedelta(days=1))
    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="not_met", reason="It is not.")})
    factories.settle(body, case)

    assert len(body.events(award, AwardAnnulled)) == 1
    assert body.state(award).valid_on(clock())
    assert not body.state(award).over


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


# -- a review ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", ["suspend", "withdraw"])
def test_a_review_replaced_lets_the_award_run_from_then_on_with_the_reason(body: Body, clock: Clock, finding: str):
    award, _, _ = award_of(body)
    ends_at = body.state(award).ends_at
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    clock.passes(days=10)
    conclude(body, award, concern, finding)
    clock.passes(days=10)
    direct(body, award, "replace-decision", contested="review", concern=concern, reason="It was taught.")

    held = body.state(award)
    assert held.valid_on(clock())
    assert not held.valid_on(clock() - timedelta(seconds=1))
    assert (held.ends_at, held.clock.due_at) == (ends_at, ends_at)
    assert held.concerns[concern].finding == "no_action"
    assert remedied(held, APPEAL)
    assert bool(body.events(award, AccreditationReinstated)) is (finding == "suspend")
    before = len(body.recorded(award))
    direct(body, award, "replace-decision", contested="review", concern=concern, reason="It was taught.")
    assert len(body.recorded(award)) == before


def test_a_reaccreditation_that_came_while_it_was_withdrawn_renews_it_once_that_is_lifted(body: Body, clock: Clock):
    award, case, provider = award_of(body)
    ends_at = body.state(award).ends_at
    clock.comes_to(ends_at - timedelta(days=60))
    renewal = again(body, award, case, provider)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "withdraw")
    factories.settle(body, renewal)
    factories.pass_screening(body, renewal)
    finish(body, renewal)
    assert body.events(award, ReaccreditationEnded)[-1].outcome == "award-withdrawn"
    clock.passes(days=5)
    direct(body, award, "replace-decision", contested="review", concern=concern, reason="It was taught.")

    [renewed] = body.events(award, AccreditationRenewed)
    assert (renewed.submission, renewed.starts_at) == (renewal, ends_at)
    assert body.state(award).valid_on(ends_at)


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
