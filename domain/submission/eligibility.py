"""What is asked on registering: what the scheme does not accredit, and what its fees go by. Source: handbook, section 1."""

from collections.abc import Mapping

from domain.ids import CODE_FORM, is_code
from domain.refusals import refuse
from domain.scheme import Scheme

MOST_LEARNERS = 1_000_000


def rule_out(scheme: Scheme, applies: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the codes of the scheme's exclusions, once the provider has answered each question, and each with no."""
    codes = tuple(one.code for one in scheme.exclusions)
    unasked = [code for code in applies if code not in codes]
    if unasked:
        raise refuse(
            "exclusions-answered",
            f"{unasked[0]!r} is no exclusion of {scheme.ref}",
            field="applies",
            allowed=", ".join(codes) or "no answer, since this scheme asks nothing",
        )
    for one in scheme.exclusions:
        if one.code not in applies:
            raise refuse(
                "exclusions-answered",
                f"it is not said whether this applies: {one.question}",
                field=f"applies.{one.code}",
                allowed="true or false",
            )
        if applies[one.code]:
            raise refuse(
                "excluded-programmes",
                f"this scheme does not accredit it ({one.code}): {one.question}",
                field=f"applies.{one.code}",
                allowed="a programme to which none of the scheme's exclusions applies",
            )
    return codes


def known_roll(roll: int, scheme: Scheme) -> int:
    """Return the number of learners; refuses none where fees go by it, so that nobody is charged for the smallest."""
    needed = any(item.by == "type_and_roll" for item in scheme.fees.items)
    if not int(needed) <= roll <= MOST_LEARNERS:
        raise refuse(
            "roll-for-fees",
            f"{roll} is no number of learners" if roll else "the number of learners is not said",
            field="roll",
            allowed=f"{int(needed)} to {MOST_LEARNERS:,}",
        )
    return roll


def known_group(group: str | None) -> str | None:
    """Return the code of the group that goes through together, if there is one."""
    if group is not None and not is_code(group):
        raise refuse("codes", "this is no code of a group", field="group", allowed=CODE_FORM)
    return group
