"""What a program does in a role of the office, under a service account: it notes and schedules, and decides nothing.

Nobody stands for a program, so it is never the second person whom a rule asks for. Source: handbook, Who sees what.
"""

import re
from typing import Final

from domain.person import Person
from domain.refusals import refuse

NOTES: Final = ("pay_fee", "schedule_window", "extend_window", "register_person", "record_training")
"""The commands that a program may give, where its account is for them; others have a human who answers for them."""
_ACCOUNT: Final = re.compile(r"service-[a-z2-7]{16}")


def is_program(actor: str) -> bool:
    """Whether an actor is a program: the id of a service account."""
    return bool(_ACCOUNT.fullmatch(actor))


def may_do(action: str) -> bool:
    """Whether a program may do this at all: read, and note."""
    return action in NOTES or action.startswith("see-")


def acting(account: str, *, role: str, action: str) -> Person:
    """The program as who acts; refuses what is not for programs. Whether the account has the role is known by its token."""
    if not may_do(action):
        raise refuse(
            "program-notes-only",
            "a program does not do that",
            field="actor",
            allowed=f"a person; a program does {', '.join(NOTES)}",
        )
    return Person(id=account, roles=frozenset({(role, None)}))
