"""Registration, fees, preparation, extension, lapse and withdrawal of a submission."""

from dataclasses import replace
from typing import Any

import pytest

from domain.submission import events as e
from domain.submission import preparation
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import (
    AWARD,
    CASE,
    DAY,
    LEAD,
    NOON,
    PROVIDER,
    SAID,
    SCHEME,
    SECOND,
    STAGES,
    after,
    all_at,
    refused,
    scheme,
    text,
    utc,
)


def test_a_programme_is_registered_under_the_version_in_force_with_its_limit_reminders_and_fee():
    [programme, fee] = preparation.register(Submission(), **{**SAID, "size_band": "large"})

    assert isinstance(programme, e.ProgrammeRegistered)
    assert (programme.scheme, programme.origin, programme.criteria) == ("test-mark@1", "new", ("1.1", "1.2", "2.1"))
    assert programme.clock.rule == "submit-within"
    assert programme.clock.due_at == utc("2027-03-02 12:00")
    assert programme.clock.remind_at == (utc("2027-02-02 12:00"), utc("2027-02-23 12:00"))
    assert fee == e.FeeCharged(kind="registration", amount=100_000, currency="GBP")


def test_a_programme_is_registered_once():
    assert preparation.register(given.registered(), **{**SAID, "mode": "blended"}) == []


@pytest.mark.parametrize("field", ["category", "subject", "phase", "mode", "size_band"])
def test_what_the_scheme_does_not_list_is_refused(field: str):
    with refused("scheme-lists", field=field):
        preparation.register(Submission(), **{**SAID, field: "something else"})


def test_the_agreement_comes_before_any_work():
    with refused("agreement-first", field="agreement_accepted"):
        preparation.register(Submission(), **{**SAID, "agreement_accepted": False})


NOT_AWARDED = given.released(
    given.approved(given.decided(given.confirmed(given.in_moderation(given.assessed(None, all_at("high", c12="low"))))))
)
AWARDED = given.released()


def test_who_was_not_awarded_may_come_again_for_the_submission_fee_only_and_is_judged_afresh():
    [programme] = preparation.register(Submission(), **{**SAID, "id": "submission-b", "follows": NOT_AWARDED})

    assert isinstance(programme, e.ProgrammeRegistered)
    assert (programme.origin, programme.follows, programme.criteria) == ("again", CASE, ("1.1", "1.2", "2.1"))
    again = given.registered(id="submission-b", follows=NOT_AWARDED)
    assert given.submitted(again).fees == {"submission": "due"}


def test_an_award_is_earned_again_the_light_touch_way_for_a_fee_of_its_own():
    case = given.registered(id="submission-b", follows=AWARDED, accreditation=AWARD)

    assert (case.registration.origin, case.registration.criteria) == ("reaccreditation", ("2.1",))
    assert case.charges == {"reaccreditation": 90_000}
    assert given.submitted(case).fees == {"reaccreditation": "due"}


def test_earlier_areas_for_consideration_are_judged_again_where_the_scheme_says_so():
    lenient = replace(AWARDED, areas=("1.2",))
    strict = scheme(light_touch_areas=False)

    assert given.registered(follows=lenient, accreditation=AWARD).registration.criteria == ("1.2", "2.1")
    assert given.registered(follows=lenient, accreditation=AWARD, scheme=strict).registration.criteria == ("2.1",)


@pytest.mark.parametrize(
    ("follows", "said"),
    [
        (AWARDED, {}),
        (AWARDED, {"provider": "provider-other", "accreditation": AWARD}),
        (NOT_AWARDED, {"provider": "provider-other"}),
        (NOT_AWARDED, {"scheme": scheme(id="other-mark")}),
        (given.screening(), {}),
        (None, {"accreditation": AWARD}),
    ],
)
def test_a_link_to_what_was_not_this_providers_or_does_not_fit_is_refused(
    follows: Submission | None, said: dict[str, Any]
):
    with refused("linked-submission", field="follows"):
        preparation.register(Submission(), **{**SAID, "id": "submission-b", "follows": follows, **said})


@pytest.mark.parametrize("levels", [all_at("high"), all_at("low")])
def test_nobody_learns_a_result_by_linking_to_a_submission_before_it_is_released(levels: dict[str, str]):
    unreleased = given.approved(given.decided(given.confirmed(given.in_moderation(given.assessed(None, levels)))))

    with refused("linked-submission", match="^(?!.*was awarded)"):
        preparation.register(Submission(), **{**SAID, "id": "submission-b", "follows": unreleased})


def test_a_fee_is_paid_in_full_or_waived_with_a_reason_once():
    case = given.registered()

    assert preparation.pay_fee(case, kind="registration", amount=20_000) == [
        e.FeePaid(kind="registration", amount=20_000)
    ]
    assert preparation.waive_fee(case, kind="registration", reason=text("small")) == [
        e.FeeWaived(kind="registration", reason=text("small"))
    ]
    paid = after(case, preparation.pay_fee(case, kind="registration", amount=20_000))
    assert preparation.pay_fee(paid, kind="registration", amount=20_000) == []
    assert preparation.waive_fee(paid, kind="registration", reason=text("small")) == []


@pytest.mark.parametrize("amount", [0, -20_000, 19_999, 20_001])
def test_a_part_of_a_fee_is_not_the_fee(amount: int):
    with refused("fee-in-full", field="amount", match="20000"):
        preparation.pay_fee(given.registered(), kind="registration", amount=amount)


@pytest.mark.parametrize("kind", ["submission", "reaccreditation", "bribe"])
def test_a_fee_that_was_not_charged_is_neither_paid_nor_waived(kind: str):
    with refused("fee-charged", field="kind"):
        preparation.pay_fee(given.registered(), kind=kind, amount=1)
    with refused("fee-charged", field="kind"):
        preparation.waive_fee(given.registered(), kind=kind, reason=text("why"))


def test_a_fee_of_nothing_is_not_due():
    free = scheme(fees=replace(SCHEME.fees, items=(replace(SCHEME.fees.items[0], amounts={"small": 0, "large": 0}),)))

    assert given.registered(scheme=free).fees == {"registration": "paid"}


def test_preparation_begins_once():
    assert preparation.start_preparation(given.registered()) == [e.PreparationStarted()]
    assert preparation.start_preparation(given.preparing()) == []
    assert preparation.start_preparation(Submission()) == []


def extending(days: int, after_noon: int = 0) -> dict[str, Any]:
    return {
        "until": utc("2027-03-02 12:00") + days * DAY,
        "reason": text("illness"),
        "scheme": SCHEME,
        "at": NOON + after_noon * DAY,
    }


@pytest.mark.parametrize("reached", [given.registered, given.preparing, given.lapsed])
def test_more_time_is_granted_with_a_reason_also_after_the_limit(reached: Any):
    case = reached()

    extended = after(case, preparation.extend_preparation(case, **extending(30, after_noon=370)))

    assert extended.stage is Stage.PREPARING
    assert extended.clock
    assert extended.clock.due_at == utc("2027-03-02 12:00") + 30 * DAY
    assert all(NOON + 370 * DAY < moment < extended.clock.due_at for moment in extended.clock.remind_at)
    assert given.submitted(extended, at=extended.clock.due_at).stage is Stage.SUBMITTED


@pytest.mark.parametrize("days", [0, -1])
def test_an_extension_ends_later_than_the_limit(days: int):
    with refused("extension-later", field="until"):
        preparation.extend_preparation(given.registered(), **extending(days))


def test_an_extension_ends_in_time_to_come():
    with refused("extension-later", field="until"):
        preparation.extend_preparation(given.lapsed(), **extending(10, after_noon=400))


def test_a_second_extension_does_not_take_back_the_first():
    case = given.preparing()
    extended = after(case, preparation.extend_preparation(case, **extending(60)))

    with refused("extension-later", field="until"):
        preparation.extend_preparation(extended, **extending(30))
    assert preparation.extend_preparation(extended, **extending(60)) == []
    assert preparation.extend_preparation(extended, **extending(61))


@pytest.mark.parametrize("stage", given.all_but("registered", "preparing", "lapsed"))
def test_what_was_handed_in_needs_no_more_time(stage: str):
    with refused("stage-order", field="submission"):
        preparation.extend_preparation(STAGES[stage](), **extending(30))


@pytest.mark.parametrize("reached", [given.registered, given.preparing, given.returned])
def test_what_is_not_handed_in_by_its_date_lapses_then_and_not_a_second_before(reached: Any):
    case = reached()
    assert case.clock
    due = case.clock.due_at

    assert preparation.lapse(case, at=due - SECOND) == []
    assert preparation.lapse(case, at=due) == [e.SubmissionLapsed(rule=case.clock.rule, due_at=due)]


@pytest.mark.parametrize("stage", given.all_but("registered", "preparing", "returned"))
def test_what_was_handed_in_or_is_over_does_not_lapse(stage: str):
    assert preparation.lapse(STAGES[stage](), at=NOON + 9999 * DAY) == []


@pytest.mark.parametrize("stage", given.all_but("decided", "approved", "released", "withdrawn", "lapsed", "ineligible"))
def test_a_provider_may_withdraw_until_the_decision(stage: str):
    case = STAGES[stage]()

    gone = after(case, preparation.withdraw(case, by=LEAD, reason=text("no time")))

    assert (gone.stage, gone.clock, gone.over) == (Stage.WITHDRAWN, None, True)
    assert preparation.withdraw(gone, by=LEAD, reason=text("no time")) == []


@pytest.mark.parametrize("stage", ["decided", "approved", "released", "lapsed", "ineligible"])
def test_what_is_decided_or_over_cannot_be_withdrawn(stage: str):
    with refused("withdraw-before-decision", field="submission"):
        preparation.withdraw(STAGES[stage](), by=LEAD, reason=text("no time"))


def test_nobody_else_withdraws_for_a_provider():
    with refused("own-provider", field="actor"):
        preparation.withdraw(given.withdrawn(), by="person-other", reason=text("spite"))


def test_nothing_can_be_done_with_a_submission_that_does_not_exist():
    with refused("known-submission", field="submission"):
        preparation.withdraw(Submission(), by=LEAD, reason=text("no time"))
    with refused("known-submission", field="submission"):
        preparation.pay_fee(Submission(), kind="registration", amount=1)
    assert given.registered().registration.provider == PROVIDER
