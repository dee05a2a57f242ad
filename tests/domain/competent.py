"""What tests of people's competence begin from: the test scheme with demands on its people, and people who meet them."""

from datetime import timedelta
from typing import Any

from domain import person as people
from domain.competence import CredentialStated, StandardisationAttended
from domain.person import Person, TrainingCompleted
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from tests.domain.given import DAY, NOON, SCHEME, SOURCE, fold, member, text

DEMANDS = """
[people]
standardised_within = "P1Y"
remind_standardisation = ["P14D", "P2D"]
record_standardisation_within = "5 working days"

[people.training]
assessor = ["criteria", "bias"]
moderator = ["bias"]
chair = ["bias", "exemplars"]
appeals-panel = ["appeals"]

[people.experience]
assessor = 2
chair = 1

[people.minima]
teacher = 50
expert = 25
"""


def asking(demands: str = DEMANDS) -> Scheme:
    """The test scheme with these demands on its people."""
    return read_scheme(f"{SOURCE}\n{demands}")


STRICT = asking()
TRAINED = asking('[people.training]\nassessor = ["bias"]\nmoderator = ["bias"]\nchair = ["exemplars"]\n')


def trained(person: Person, *kinds: str, expires_in: timedelta = 900 * DAY) -> Person:
    """The person with training of these kinds too."""
    events = [TrainingCompleted(kind=kind, scheme=SCHEME.id, expires_at=NOON + expires_in) for kind in kinds]
    return fold(people.evolve, person, events)


def standardised(person: Person, ago: timedelta = 30 * DAY, scheme: str = SCHEME.id) -> Person:
    """The person, who attended a session so long ago."""
    attended = StandardisationAttended(session=f"standardisation-{ago.days}", scheme=scheme, attended_at=NOON - ago)
    return fold(people.evolve, person, [attended])


def stating(person: Person, topic: str, *kinds: str, verified: bool = True) -> Person:
    """The person of whom these are stated: by somebody else, who answers for it, or only by themselves."""
    by = "person-manager" if verified else person.id
    said: dict[str, Any] = {"topic": topic, "text": text("said"), "stated_by": by, "verified": verified}
    return fold(people.evolve, person, [CredentialStated(kind=kind, **said) for kind in kinds])


def competent(name: str, role: str, *kinds: str) -> Person:
    """Somebody who has all that the strict scheme asks of the role."""
    wanted = kinds or STRICT.assurance.people.training.get(role, ())
    return standardised(stating(trained(member(name, role), *wanted), "experience", "led", "delivered"))
