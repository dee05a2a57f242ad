"""Two accounts that are found to be one human: one goes on, the other can act no longer, and all history counts for both.

Source: handbook, Who did not decide. Whoever asks whether a person had a part in a case asks by `ids`, never by one id.
"""

from dataclasses import dataclass
from typing import assert_never

from domain.conflicts import FactRecorded
from domain.refusals import refuse
from domain.states import replace
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A conflict as the other account had declared it."""

    provider: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So much work of a round the other account had taken on."""

    window: str
    work: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsLinked:
    """In the stream of the account that goes on: `aliases` are the same human's, and what they had counts here from now on.

    `facts` are numbered anew; `counted` is what they did in each round.
    """

    aliases: tuple[str, ...]
    reason: TextRef
    declared: tuple[Declared, ...]
    facts: tuple[FactRecorded, ...]
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed:
    """In the stream of the other account: it acts no longer; the human goes on as the person `goes_on`."""

    goes_on: str


LinkedEvent = AccountsLinked | AccountClosed


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Linked:
    """The other accounts of this human, and which one goes on where this one does not."""

    aliases: frozenset[str] = frozenset()
    goes_on: str = ""


def evolve(linked: Linked, event: LinkedEvent) -> Linked:
    """Apply one event."""
    match event:
        case AccountsLinked():
            return replace(linked, aliases=linked.aliases | set(event.aliases))
        case AccountClosed():
            return replace(linked, goes_on=event.goes_on)
        case _:
            assert_never(event)


def require_open(linked: Linked, *, field: str = "id") -> None:
    """Refuse to give anything to an account that was closed, or to record more about it."""
    if linked.goes_on:
        raise refuse(
            "account-closed",
            "this account is closed: the person has another one",
            field=field,
            allowed=f"the account that goes on, {linked.goes_on}",
        )
