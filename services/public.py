"""What somebody does whom the body does not know: bounded, and known again when the same is said twice.

Source: handbook, section 10, concerns.
"""

from domain.accreditation import Accreditation
from domain.accreditation.concerns import said_lately
from domain.ids import kind_of
from domain.texts import checked_text, digest_of
from services.office import Work
from services.ports import Command

PUBLIC_ROLE = "public"
"""The role of who is not known to the body; its actor is no person."""
PUBLIC_CHARACTERS = 5_000
"""How long what the public writes may be."""


def by_public(command: Command) -> bool:
    """Whether the public gives this command: nobody known, and no person can act in that role."""
    return command.role == PUBLIC_ROLE and kind_of(command.actor) != "person"


def said_already(work: Work, held: Accreditation, text: str) -> bool:
    """Whether the public said the same of this award within a day; refuses a text that is empty or too long.

    The same words are known by their salted digest, without reading a text that was kept.
    """
    body = checked_text(text, field="text", maximum=PUBLIC_CHARACTERS)
    lately = said_lately(held, at=work.command.at)
    salts = work.office.records.salts([one.id for one in lately]) if lately else {}
    return any(one.id in salts and digest_of(salts[one.id], body) == one.digest for one in lately)
