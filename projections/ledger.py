"""The ledger: every fee of every case with what was charged, paid, waived and given back, and what each person is owed.

Amounts are whole minor units of a currency. No outcome and no judgement is read here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable

from domain.pay import PayEarned, PayPaid
from domain.submission.events import FeeCharged, FeePaid, FeeWaived
from domain.submission.side_events import FeeRefunded
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

FEE_EVENTS: Final = (FeeCharged, FeePaid, FeeWaived, FeeRefunded)
PAY_EVENTS: Final = (PayEarned, PayPaid)


@dataclass(slots=True)
class Fee:
    """One fee of a case."""

    case_id: str
    kind: str
    currency: str
    charged: int = 0
    paid: int = 0
    waived: int = 0
    refunded: int = 0


@dataclass(slots=True)
class Pay:
    """What a person has earned and was paid in one currency."""

    person: str
    currency: str
    earned: int = 0
    paid: int = 0


@dataclass(slots=True)
class Earned:
    """What a person has earned in one currency by work on one case (or meeting, or whatever else they worked on)."""

    person: str
    currency: str
    case_id: str
    amount: int = 0


FEES: Final = Table("ledger_fees", Fee, ("case_id", "kind"))
PAY: Final = Table("ledger_pay", Pay, ("person", "currency"))
EARNED: Final = Table("ledger_earned", Earned, ("person", "currency", "case_id"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter what moved."""
    _enter_fees(tables, [one for one in events if isinstance(one.event, FEE_EVENTS)])
    _enter_pay(tables, [one for one in events if isinstance(one.event, PAY_EVENTS)])


MODEL: Final = ReadModel(name="ledger", version=2, tables=(FEES, PAY, EARNED), apply=apply)


def _enter_fees(tables: Tables, events: Sequence[Recorded]) -> None:
    if not events:
        return
    fees = {(fee.case_id, fee.kind): fee for fee in tables.load(FEES, "case_id", {one.stream for one in events})}
    for one in events:
        key = (one.stream, one.event.kind)
        match one.event:
            case FeeCharged():
                fees[key] = Fee(*key, currency=one.event.currency, charged=one.event.amount)
            case FeePaid():
                fees[key].paid += one.event.amount
            case FeeWaived():
                fees[key].waived = fees[key].charged - fees[key].paid
            case FeeRefunded():
                fees[key].refunded += one.event.amount
    tables.save(FEES, fees.values())


def _enter_pay(tables: Tables, events: Sequence[Recorded]) -> None:
    if not events:
        return
    people = {one.stream for one in events}
    accounts = {(pay.person, pay.currency): pay for pay in tables.load(PAY, "person", people)}
    work = {(one.person, one.currency, one.case_id): one for one in tables.load(EARNED, "person", people)}
    for one in events:
        key = (one.stream, one.event.currency)
        account = accounts.setdefault(key, Pay(*key))
        if isinstance(one.event, PayEarned):
            account.earned += one.event.amount
            work.setdefault((*key, one.event.case), Earned(*key, one.event.case)).amount += one.event.amount
        else:
            account.paid += one.event.amount
    tables.save(PAY, accounts.values())
    tables.save(EARNED, work.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBalance:
    """All fees of a case; `balance` is what is still to be paid: what was given back is not asked for again."""

    case_id: str
    currency: str
    charged: int
    paid: int
    waived: int
    refunded: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBalance:
    """A person's pay in one currency; `balance` is what is still to be paid."""

    person: str
    currency: str
    earned: int
    paid: int
    balance: int


def cases(
    connection: Connection[Any], *, owing: bool = False, case: str | None = None, after: str = "", limit: int = 100
) -> list[CaseBalance]:
    """Return the balance of each case, or only of those `owing`, by id, behind the id `after`."""
    query = SQL(
        "SELECT case_id, currency, sum(charged)::int8 AS charged, sum(paid)::int8 AS paid, sum(waived)::int8 AS waived,"
        " sum(refunded)::int8 AS refunded, sum(charged - paid - waived)::int8 AS balance FROM {}"
        " WHERE case_id > %(after)s AND (%(case)s::text IS NULL OR case_id = %(case)s)"
        " GROUP BY case_id, currency HAVING NOT %(owing)s OR sum(charged - paid - waived) <> 0"
        " ORDER BY case_id LIMIT %(limit)s"
    ).format(FEES.identifier())
    with connection.cursor(row_factory=class_row(CaseBalance)) as cursor:
        return cursor.execute(query, {"after": after, "case": case, "owing": owing, "limit": limit}).fetchall()


def people(
    connection: Connection[Any], *, owed: bool = False, person: str | None = None, after: str = "", limit: int = 100
) -> list[PersonBalance]:
    """Return the balance of each person by currency, or only of those who are `owed` something, behind the id `after`."""
    query = SQL(
        "SELECT person, currency, earned, paid, earned - paid AS balance FROM {}"
        " WHERE person > %(after)s AND (%(person)s::text IS NULL OR person = %(person)s)"
        " AND (NOT %(owed)s OR earned <> paid) ORDER BY person, currency LIMIT %(limit)s"
    ).format(PAY.identifier())
    with connection.cursor(row_factory=class_row(PersonBalance)) as cursor:
        return cursor.execute(query, {"after": after, "person": person, "owed": owed, "limit": limit}).fetchall()


def people_as_seen(connection: Connection[Any], seen: Composable, values: Mapping[str, Any]) -> list[PersonBalance]:
    """Return the balance of each person by currency, earned by work alone for which `seen` holds, of `earned.case_id`."""
    query = SQL(
        "SELECT person, currency, worked.earned, paid, worked.earned - paid AS balance FROM {pay} AS pay,"
        " LATERAL (SELECT coalesce(sum(amount), 0)::int8 AS earned FROM {earned} AS earned"
        " WHERE earned.person = pay.person AND earned.currency = pay.currency AND ({seen})) AS worked"
        " WHERE worked.earned <> 0 OR paid <> 0"
    ).format(pay=PAY.identifier(), earned=EARNED.identifier(), seen=seen)
    with connection.cursor(row_factory=class_row(PersonBalance)) as cursor:
        return cursor.execute(query, values).fetchall()


def fees(connection: Connection[Any], case: str) -> list[Fee]:
    """Return the fees of a case, by kind."""
    query = SQL("{} WHERE case_id = %s ORDER BY kind").format(FEES.selection())
    with connection.cursor(row_factory=class_row(Fee)) as cursor:
        return cursor.execute(query, [case]).fetchall()
