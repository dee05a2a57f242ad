"""What the body owes its people for their work: earned by kinds of work that the scheme pays for, paid by an officer.

Source: handbook, Money. Nobody pays themselves, nobody is paid more than they earned, and no outcome changes pay.
"""

from dataclasses import dataclass, field

from domain.refusals import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class PayEarned:
    """The person did work of this kind on `case` (a submission, a calibration, a meeting, …): minor units of `currency`."""

    kind: str
    case: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPaid:
    """The person was paid."""

    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a person has earned and was paid, by currency, and the work that it was earned by."""

    earned: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    work: frozenset[tuple[str, str]] = frozenset()

    def owed(self, currency: str) -> int:
        """What is still to be paid, in minor units."""
        return self.earned.get(currency, 0) - self.paid.get(currency, 0)


def booked(account: Account, event: PayEarned | PayPaid) -> Account:
    """Apply one event."""
    if isinstance(event, PayEarned):
        earned = {**account.earned, event.currency: account.earned.get(event.currency, 0) + event.amount}
        return Account(earned=earned, paid=account.paid, work=account.work | {(event.kind, event.case)})
    paid = {**account.paid, event.currency: account.paid.get(event.currency, 0) + event.amount}
    return Account(earned=account.earned, paid=paid, work=account.work)


def earn(account: Account, *, kind: str, case: str, amount: int, currency: str) -> list[PayEarned]:
    """Earn pay for one piece of work, once; nothing where the scheme does not pay for it."""
    if not amount or (kind, case) in account.work:
        return []
    return [PayEarned(kind=kind, case=case, amount=amount, currency=currency)]


def pay(account: Account, *, amount: int, currency: str) -> list[PayPaid]:
    """Pay what was earned, or a part of it."""
    owed = account.owed(currency)
    if not 0 < amount <= owed:
        raise refuse(
            "pay-within-earned",
            f"{amount} {currency} is not what this person is owed",
            field="amount",
            allowed=f"1 to {owed}" if owed > 0 else "nothing, until more is earned",
        )
    return [PayPaid(amount=amount, currency=currency)]
