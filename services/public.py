"""What somebody does whom the body does not know: bounded, and known again when the same is said twice.

Source: handbook, section 10, concerns.
"""

from domain import permissions
from domain.accreditation import Accreditation
from domain.accreditation.concerns import said_lately
from domain.ids import kind_of
from domain.refusals import refuse
from domain.texts import checked_text, digest_of
from services.office import Work
from services.ports import Command

PUBLIC_ROLE = permissions.PUBLIC_ROLE
PUBLIC_CHARACTERS = 5_000
"""How long what the public writes may be."""
PUBLIC_A_DAY = 50
"""How many concerns of the public about one award count within a day: what floods an award's record helps nobody."""


def by_public(command: Command) -> bool:
    """Whether the public gives this command: nobody known, and no person can act in that role."""
    return command.role == PUBLIC_ROLE and kind_of(command.actor) != "person"


def said_already(work: Work, held: Accreditation, text: str) -> bool:
    """Whether the public said the same of this award within a day; refuses a text that is empty or too long, and a flood.

    The same words are known by their salted digest, without reading a text that was kept.
    """
    body = checked_text(text, field="text", maximum=PUBLIC_CHARACTERS)
    lately = said_lately(held, at=work.command.at)
    salts = work.office.records.salts([one.id for one in lately]) if lately else {}
    if any(one.id in salts and digest_of(salts[one.id], body) == one.digest for one in lately):
        return True
    if len(lately) >= PUBLIC_A_DAY:
        raise refuse(
            "public-bounded",
            f"the public raised {PUBLIC_A_DAY} concerns about this award within a day",
            field="case",
            allowed="writing again tomorrow, or to the body, whose officer may enter a concern of somebody outside",
        )
    return False
