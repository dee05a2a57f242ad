"""A scheme's values in plain words: lengths of time, money, lists, award rules; the same ones wherever a scheme is explained."""

from collections.abc import Sequence
from datetime import date

from domain.award import AwardLevel
from domain.clocks import Duration
from domain.fees import FeeItem

NOTHING = "nothing"


def length(duration: Duration | None) -> str:
    """`P2Y6M` → `2 years and 6 months`, `PT90S` → `1 minute and 30 seconds`."""
    if duration is None:
        return NOTHING
    years, months = divmod(duration.months, 12)
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        (years, "year"),
        (months, "month"),
        (duration.days, "day"),
        (duration.working_days, "working day"),
        (hours, "hour"),
        (minutes, "minute"),
        (seconds, "second"),
    ]
    return listed([counted(number, noun) for number, noun in parts if number])


def lengths(durations: Sequence[Duration]) -> str:
    """Several lengths of time before a deadline."""
    return listed([length(one) for one in durations])


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, or `nothing`."""
    *most, last = items or [NOTHING]
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: float, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,.10g} {noun}{'' if number == 1 else 's'}"


def money(amount: int, currency: str) -> str:
    """An amount in minor units (hundredths): `575.00 GBP`."""
    return f"{amount / 100:,.2f} {currency}".rstrip()


def days(dates: frozenset[date]) -> str:
    """Dates in their order: `25 December 2026`."""
    return listed([f"{one.day} {one:%B %Y}" for one in sorted(dates)])


def size(octets: int) -> str:
    """A number of bytes: `512 MiB` where that is exact."""
    for unit, worth in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if octets % worth == 0 and octets:
            return f"{octets // worth:,} {unit}"
    return counted(octets, "byte")


def award_rule(award: AwardLevel) -> str:
    """What a level of award asks for."""
    match award.form:
        case "in-each-section":
            return f"in each section at least {award.at_least} at {award.level} or above"
        case "core-and-others":
            core = f"{listed(award.core)}, and at least {award.at_least} of the others," if award.core else ""
            return f"{core or f'at least {award.at_least}'} at {award.level} or above"
        case _:
            return f"every criterion at {award.level} or above"


def fee(item: FeeItem, currency: str) -> str:
    """A fee, with all its amounts and when it falls due."""
    match item.by:
        case "size_band":
            amounts = [f"{money(amount, currency)} ({band})" for band, amount in item.amounts.items()]
        case "type_and_roll":
            amounts = [
                f"{money(amount, currency)} ({kind}, up to {up_to:,})"
                for kind, steps in item.rolls.items()
                for up_to, amount in steps
            ]
        case _:
            amounts = [money(item.amount, currency)]
    part = f"{item.percent} % of " if item.percent != 100 else ""
    less = f", {item.group_discount} % less for groups" if item.group_discount else ""
    return f"{part}{', '.join(amounts)} on {item.due}{less}"


def yes(value: bool) -> str:
    """`yes` or `no`."""
    return "yes" if value else "no"
