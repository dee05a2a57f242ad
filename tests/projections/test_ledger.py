"""The ledger shows of each case and each person what was charged or earned, what was paid, and what is left."""

from typing import Any

import pytest
from psycopg import Connection

from domain.ledger import account_of, ledger_of_case
from domain.pay import PayEarned, PayPaid
from domain.submission.events import FeeCharged, FeePaid, FeeWaived
from domain.submission.side_events import FeeRefunded
from projections import ledger
from projections.ledger import CaseBalance, PersonBalance
from tests.projections.given import ADA, BEN, CASE, OTHER, Log, make, show, text

FEES = (
    FeeCharged(kind="registration", amount=20_000, currency="GBP"),
    FeePaid(kind="registration", amount=20_000),
    FeeRefunded(kind="registration", amount=5_000, reason=text("why")),
    FeeCharged(kind="submission", amount=150_000, currency="GBP"),
    FeeWaived(kind="submission", reason=text("why")),
)
WORK = (
    PayEarned(kind="assessment", case=CASE, amount=30_000, currency="GBP"),
    PayEarned(kind="chairing", case="meeting-a", amount=10_000, currency="GBP"),
    PayPaid(amount=25_000, currency="GBP"),
)


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [ledger.MODEL])


def test_a_case_has_one_balance_over_all_its_fees(connection: Connection[Any]):
    log = Log()
    log.add(CASE, *FEES)
    log.add(OTHER, FEES[3])
    show(connection, log.events, [ledger.MODEL])

    assert ledger.cases(connection, case=CASE) == [
        CaseBalance(
            case_id=CASE, currency="GBP", charged=170_000, paid=20_000, waived=150_000, refunded=5_000, balance=0
        )
    ]
    assert [one.case_id for one in ledger.cases(connection, owing=True)] == [OTHER]
    assert [one.case_id for one in ledger.cases(connection, after=CASE, limit=1)] == [OTHER]


def test_a_person_has_one_balance_for_each_currency(connection: Connection[Any]):
    log = Log()
    log.add(ADA, *WORK)
    log.add(ADA, PayEarned(kind="visit", case=OTHER, amount=700, currency="EUR"))
    log.add(BEN, WORK[0], PayPaid(amount=30_000, currency="GBP"))
    show(connection, log.events, [ledger.MODEL])

    assert ledger.people(connection, person=ADA) == [
        PersonBalance(person=ADA, currency="EUR", earned=700, paid=0, balance=700),
        PersonBalance(person=ADA, currency="GBP", earned=40_000, paid=25_000, balance=15_000),
    ]
    assert {one.person for one in ledger.people(connection, owed=True)} == {ADA}


@pytest.mark.parametrize("size", [1, 2, 3, 20])
def test_it_says_the_same_as_the_record_however_the_events_come(connection: Connection[Any], size: int):
    log = Log()
    log.add(CASE, *FEES)
    log.add(ADA, *WORK)
    for start in range(0, len(log.events), size):
        show(connection, log.events[start : start + size], [ledger.MODEL])

    [case], [person] = ledger.cases(connection), ledger.people(connection)
    total, account = ledger_of_case(FEES).total, account_of(WORK)
    assert (case.charged, case.paid, case.waived, case.refunded) == (
        total.charged,
        total.paid,
        total.waived,
        total.refunded,
    )
    assert (case.balance, person.balance) == (total.balance, account.owed("GBP"))
