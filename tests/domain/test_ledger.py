"""Money: what is charged, paid, waived and given back adds up, for cases and for people; and no outcome changes any of it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from domain import pay
from domain.ledger import CaseLedger, Fee, account_of, ledger_of_case
from domain.pay import Account, PayEarned, PayPaid
from domain.submission import assessment, decision, moderation, preparation
from domain.submission import events as e
from domain.submission.refunds import refund_fee
from domain.submission.side_events import FeeRefunded
from domain.submission.state import Submission, evolve
from tests.domain import given
from tests.domain.given import ADA, CHAIR, DAY, NOON, SAID, SCHEME, after, fold, refused, scheme, sitting, text

REGISTERED = given.registered()
PAID = given.paid(REGISTERED)


def test_a_case_has_a_balance_of_what_was_charged_and_neither_paid_nor_waived():
    events = [
        e.FeeCharged(kind="registration", amount=200, currency="GBP"),
        e.FeeCharged(kind="submission", amount=1000, currency="GBP"),
        e.FeePaid(kind="registration", amount=200),
    ]
    assert ledger_of_case(events).total == Fee(charged=1200, paid=200)
    assert ledger_of_case(events).total.balance == 1000

    waived = [*events, e.FeeWaived(kind="submission", reason=text("small"))]
    assert ledger_of_case(waived).total.balance == 0

    refunded = [*waived, FeeRefunded(kind="registration", amount=150, reason=text("error"))]
    assert ledger_of_case(refunded).total.balance == 0
    assert ledger_of_case(refunded).total.received == 50
    assert ledger_of_case([]) == CaseLedger()


def refund(case: Submission, amount: int, kind: str = "registration") -> list[FeeRefunded]:
    return refund_fee(case, kind=kind, amount=amount, reason=text("in error"))


def test_what_was_paid_may_be_given_back_in_parts_and_never_more_than_it():
    assert refund(PAID, 20_000) == [FeeRefunded(kind="registration", amount=20_000, reason=text("in error"))]
    part = after(PAID, refund(PAID, 15_000))
    with refused("refund-within-paid", field="amount", match="1 to 5000"):
        refund(part, 5_001)
    rest = after(part, refund(part, 5_000))
    assert refund(rest, 5_000) == []
    assert rest.fees == {"registration": "paid"}


@pytest.mark.parametrize("amount", [0, -1, 20_001])
def test_an_amount_that_was_not_paid_is_not_given_back(amount: int):
    with refused("refund-within-paid", field="amount"):
        refund(PAID, amount)


def test_a_fee_that_is_due_or_waived_or_unknown_is_not_given_back():
    waived = after(REGISTERED, preparation.waive_fee(REGISTERED, kind="registration", reason=text("small")))
    for case, kind in ((REGISTERED, "registration"), (waived, "registration"), (PAID, "submission")):
        with refused("refund-of-paid", field="kind"):
            refund(case, 1, kind)


def test_work_is_paid_for_once_and_what_the_scheme_does_not_pay_for_is_not():
    work: dict[str, Any] = {"kind": "assessment", "case": "submission-a", "amount": 300, "currency": "GBP"}
    [earned] = pay.earn(Account(), **work)

    assert earned == PayEarned(**work)
    assert pay.earn(account_of([earned]), **work) == []
    assert pay.earn(account_of([earned]), **{**work, "kind": "visit"})
    assert pay.earn(Account(), **{**work, "amount": 0}) == []


@pytest.mark.parametrize("amount", [0, -1, 301])
def test_nobody_is_paid_more_than_they_earned(amount: int):
    account = account_of([PayEarned(kind="assessment", case="submission-a", amount=300, currency="GBP")])

    with refused("pay-within-earned", field="amount"):
        pay.pay(account, amount=amount, currency="GBP")
    with refused("pay-within-earned"):
        pay.pay(account, amount=100, currency="EUR")
    assert pay.pay(account, amount=300, currency="GBP") == [PayPaid(amount=300, currency="GBP")]


def test_what_is_paid_is_owed_no_longer():
    account = account_of(
        [
            PayEarned(kind="assessment", case="submission-a", amount=300, currency="GBP"),
            PayPaid(amount=200, currency="GBP"),
            PayEarned(kind="visit", case="submission-a", amount=50, currency="EUR"),
        ]
    )

    assert (account.owed("GBP"), account.owed("EUR"), account.owed("USD")) == (100, 50, 0)


# -- no outcome changes a fee ------------------------------------------------------------------------------------------------


def whole_course(levels: dict[str, str], changed: dict[str, str], *, ask: bool) -> list[Any]:
    """All events of a case from its registration to its result, as these judgements make them."""
    happened: list[Any] = []
    case = Submission()

    def then(events: Iterable[Any]) -> None:
        nonlocal case
        new = list(events)
        happened.extend(new)
        case = fold(evolve, case, new)

    then(preparation.register(case, **SAID))
    then(preparation.start_preparation(case))
    then(preparation.submit(case, **given.portfolio(case)))
    for kind, amount in list(case.charges.items()):
        then(preparation.pay_fee(case, kind=kind, amount=amount))
    then(preparation.start_screening(case, scheme=SCHEME, at=NOON + 30 * DAY))
    then(preparation.pass_screening(case))
    then(assessment.assign(case, scheme=SCHEME, assessors=[ADA], at=NOON + 31 * DAY)[0])
    then(assessment.accept(case, by=ADA, scheme=SCHEME, at=NOON + 32 * DAY))
    then(assessment.judge(case, by=ADA, scheme=SCHEME, findings=given.findings(levels)))
    then(assessment.complete(case, by=ADA, scheme=SCHEME, minutes_spent=9, at=NOON + 40 * DAY))
    then(moderation.start(case, meeting=given.opened(), **sitting()))
    then(moderation.moderate(case, **sitting(), findings=given.findings(changed, "We think")))
    if ask:
        then(moderation.request_evidence(case, **sitting(), criteria=["1.2"], wanted=text("more")))
        then(moderation.open_final_review(case, scheme=SCHEME, at=NOON + 70 * DAY))
        same = given.findings({"1.2": case.judgements["1.2"]})
        then(moderation.moderate(case, **sitting(at=NOON + 70 * DAY), findings=same))
        then(moderation.conclude_review(case, **sitting(at=NOON + 70 * DAY)))
    then(decision.decide(case, **sitting(at=NOON + 71 * DAY)))
    short = given.shortfalls(case)
    then(decision.approve_report(case, by=CHAIR, scheme=SCHEME, shortfalls=short, at=NOON + 72 * DAY))
    then(decision.release_result(case))
    assert case.released
    return happened


JUDGEMENTS = st.fixed_dictionaries({code: st.sampled_from(SCHEME.scale) for code in SCHEME.criteria})
EXPECTED = ledger_of_case(whole_course(given.all_at("high"), given.all_at("high"), ask=False))


@examples(levels=JUDGEMENTS, changed=JUDGEMENTS, ask=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_outcome_changes_a_fee(levels: dict[str, str], changed: dict[str, str], ask: bool):
    ledger = ledger_of_case(whole_course(levels, changed, ask=ask))

    assert ledger == EXPECTED
    assert ledger.total.balance == 0


def test_a_group_is_charged_less_by_the_schemes_share():
    item = replace(SCHEME.fees.items[0], group_discount=25)
    discounted = scheme(fees=replace(SCHEME.fees, items=(item,)))

    assert given.registered(scheme=discounted, group="hill").charges == {"registration": 15_000}
    assert given.registered(scheme=discounted).charges == {"registration": 20_000}
