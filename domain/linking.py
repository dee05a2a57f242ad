"""How the history of two accounts of one human becomes that of the account which goes on; see `domain/linked.py`.

Source: handbook, Who did not decide. Conflicts, facts and work done are carried over; what was granted is not.
"""

import dataclasses

from domain.linked import AccountClosed, AccountsLinked, Counted, Declared, require_open
from domain.person import Person, require_known
from domain.refusals import refuse
from domain.texts import TextRef


def link(keeper: Person, other: Person, *, reason: TextRef) -> list[AccountsLinked]:
    """Let `keeper` be the account that goes on, with all that is known of the `other`, whose work in hand is given back."""
    for one in (keeper, other):
        require_known(one, field="id")
    if keeper.id == other.id:
        raise refuse("two-accounts", "this is one account", field="other", allowed="another account")
    if other.linked.goes_on == keeper.id:
        return []
    require_open(keeper.linked, field="goes_on")
    require_open(other.linked, field="other")
    begin = keeper.ties.last + 1
    return [
        AccountsLinked(
            aliases=tuple(sorted(other.ids)),
            reason=reason,
            declared=tuple(Declared(provider=provider, kind=kind) for provider, kind in sorted(other.ties.declared)),
            facts=tuple(
                dataclasses.replace(fact, number=number)
                for number, (_, fact) in enumerate(sorted(other.ties.facts.items()), start=begin)
            ),
            counted=tuple(Counted(window=one, work=work) for one, work in sorted(other.round_work.items()) if work),
        )
    ]


def close(other: Person, *, goes_on: str) -> list[AccountClosed]:
    """Close the other account: it acts no longer, and is given nothing again."""
    return [] if other.linked.goes_on else [AccountClosed(goes_on=goes_on)]
