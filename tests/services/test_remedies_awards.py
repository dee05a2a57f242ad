"""What an upheld appeal does to the award that hung on the decision, on a real record."""

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
from domain.submission.side_events import FeeRefunded
from services import preparation
from services.assessment import Judgement
from services.office import Office
from services.remedies import remedied
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, Provider
from tests.services.conftest import Clock
from tests.services.holding import again, award_of, catch_up, conclude, raised, review, source
from tests.services.remedying import (
    APPEAL,
    OTHER_APPEAL,
    SHORT,
    assessed,
    direct,
    finish,
    moderated,
    others,
)

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
