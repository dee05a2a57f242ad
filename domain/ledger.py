"""The ledger: from events alone, what each case was charged, paid, waived and given back, and what each person is owed.

Source: handbook, Money. It reads no judgement and no outcome, so that neither can change a fee.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.pay import Account, PayEarned, PayPaid, booked
from domain.submission.events import FeeCharged, FeePaid, FeeWaived
from domain.submission.side_events import FeeRefunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """One fee of a case, in minor units."""

    charged: int = 0
    paid: int = 0
    waived: int = 0
    refunded: int = 0

    @property
    def balance(self) -> int:
        """What is still to be paid. What was given back is not asked for again."""
        return self.charged - self.paid - self.waived

    @property
    def received(self) -> int:
        """What the body has kept."""
        return self.paid - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLedger:
    """All fees of one case, by kind."""

    currency: str = ""
    fees: dict[str, Fee] = field(default_factory=dict)

    @property
    def total(self) -> Fee:
        """The sums over all kinds."""
        fees = self.fees.values()
        return Fee(
            charged=sum(one.charged for one in fees),
            paid=sum(one.paid for one in fees),
            waived=sum(one.waived for one in fees),
            refunded=sum(one.refunded for one in fees),
        )


def ledger_of_case(events: Iterable[Any]) -> CaseLedger:
    """Return what the events of a submission's stream say of its fees; all others say nothing here."""
    ledger = CaseLedger()
    for event in events:
        ledger = _entered(ledger, event)
    return ledger


def _entered(ledger: CaseLedger, event: Any) -> CaseLedger:
    match event:
        case FeeCharged(kind=kind, amount=amount, currency=currency):
            ledger = replace(ledger, currency=currency)
            fee = Fee(charged=amount)
        case FeePaid(kind=kind, amount=amount):
            fee = replace(ledger.fees[kind], paid=ledger.fees[kind].paid + amount)
        case FeeWaived(kind=kind):
            fee = replace(ledger.fees[kind], waived=ledger.fees[kind].balance)
        case FeeRefunded(kind=kind, amount=amount):
            fee = replace(ledger.fees[kind], refunded=ledger.fees[kind].refunded + amount)
        case _:
            return ledger
    return replace(ledger, fees={**ledger.fees, kind: fee})


def account_of(events: Iterable[Any]) -> Account:
    """Return what the events of a person's stream say of their pay; all others say nothing here."""
    account = Account()
    for event in events:
        if isinstance(event, PayEarned | PayPaid):
            account = booked(account, event)
    return account
