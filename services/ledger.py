"""Money beside what fees are charged and paid: fees given back, and what the body's people earn and are paid.

Source: handbook, Money. Taking card payments is out of scope; what is recorded here is that money moved.
"""

from domain import pay
from domain.person import require_known
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission.refunds import refund_fee as refunded
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer


@permitted
def refund_fee(office: Office, command: Command, *, case: str, kind: str, amount: int, reason: str) -> Receipt:
    """Note that a fee, or a part of it, was given back. By an officer without a conflict."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, refunded(held, kind=kind, amount=amount, reason=why), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def earn_pay(work: Work, person: str, *, kind: str, case: str, scheme: Scheme) -> None:
    """Let a person earn what the scheme pays for this kind of work, in the transaction that completes it; once."""
    amount = scheme.pay.get(kind, 0)
    if amount:
        account = work.person(person).account
        earned = pay.earn(account, kind=kind, case=case, amount=amount, currency=scheme.fees.currency)
        work.add(person, earned, scheme=scheme.ref)


@permitted
def pay_person(office: Office, command: Command, *, id: str, amount: int, currency: str) -> Receipt:
    """Note that a person was paid (minor units), never more than they earned. By an officer, for somebody else."""

    def step(work: Work) -> None:
        officer = work.acts()
        if id in officer.ids:
            raise refuse("not-for-oneself", "nobody pays themselves", field="id", allowed="another officer doing it")
        held = work.person(id)
        require_known(held)
        work.add(id, pay.pay(held.account, amount=amount, currency=currency))

    return carry_out(office, command, id, step=step)
