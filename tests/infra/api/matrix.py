"""Two bodies that differ in one provider's cases alone, and people in every relation to one of them who hold every role.

The cases' provider has a conflict with one of those people: to them both bodies are to look the same.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI

from domain.ids import KINDS, derived_id, kind_of
from domain.person import BODY_WIDE, ROLES
from infra.api.caller import Caller
from infra.api.seeing import Sight
from infra.embedded import EmbeddedPostgres
from services import accreditations, awards, people
from tests import factories
from tests.conftest import Database, copied
from tests.factories import Provider
from tests.infra.api.conftest import Whole, opened
from tests.services import complaining
from tests.services.appealing import Appealing
from tests.services.whole.setting import Setting


@dataclass(slots=True)
class Scene:
    """The body `beside` is as `whole`, but the provider's cases never were there.

    `stands` says, by relation, who stands in it to which of the submissions. `hidden` are the provider's cases and the
    matters about them, by kind; `matters` one of each other kind, which the body begins with.
    """

    whole: Whole
    beside: Whole
    provider: Provider
    stands: dict[str, tuple[str, str]]
    hidden: dict[str, str]
    matters: dict[str, str]
    sights: dict[tuple[str, str], Sight] = field(default_factory=dict)

    @property
    def away(self) -> str:
        """Whom the conflict keeps away."""
        return self.stands["conflicted"][0]

    @property
    def secrets(self) -> list[str]:
        """What no answer to whom a conflict keeps away has in it."""
        named = self.whole.app.vault.words([self.provider.id], [])[0]
        return [*self.hidden.values(), self.provider.id, *named.values()]

    @property
    def there(self) -> set[str]:
        """Everything that there is to ask about."""
        return {*self.hidden.values(), *self.matters.values(), *(case for _, case in self.stands.values())}

    def about(self, kind: str) -> str:
        """What of this kind there is, or what would stand in an address."""
        absent = derived_id(kind, "nothing") if kind in KINDS else "nothing"
        return self.hidden.get(kind) or self.matters.get(kind) or absent

    def sight(self, who: str, role: str) -> Sight:
        """What somebody sees, looked up once: nothing changes here."""
        if (who, role) not in self.sights:
            caller = Caller(actor=who, role=role, at=self.whole.here.clock(), request="request")
            self.sights[who, role] = Sight(self.whole.api, caller)
        return self.sights[who, role]


@contextmanager
def scene_of(made: FastAPI, server: EmbeddedPostgres, brought: tuple[Database, Setting]) -> Iterator[Scene]:
    """Set the scene."""
    with ExitStack() as stack:
        first = stack.enter_context(copied(server, brought[0]))
        with opened(made, first, brought[1]) as base:
            provider = factories.register_provider(base.here.body)
            away = factories.appoint(base.here.body, "officer", scheme=None)
            base.here.body.by(people.declare_conflict, away, "officer", id=away, provider=provider.id, kind="family")
        databases = [stack.enter_context(copied(server, first)) for _ in range(2)]
        whole, beside = (stack.enter_context(opened(made, one, base.here, 200_000)) for one in databases)
        scene = lived(whole, beside, provider, away)
        for one in (whole, beside):
            for who in sorted({who for who, _ in scene.stands.values()}):
                give_all_roles(one, who)
            one.asks.caught_up()
        yield scene


def lived(whole: Whole, beside: Whole, provider: Provider, away: str) -> Scene:
    """The provider's cases: one that a panel is about, one refused and appealed against, one awarded; and a complaint."""
    here, body = whole.here, whole.here.body
    window = factories.schedule_window(body)
    factories.schedule_window(beside.here.body)
    case, refused, awarded = (brought(whole, provider, window, until) for until in ("taken up", "refused", "awarded"))
    assigned = brought(whole, provider, window, "screened")
    award = awards.accreditation_id(awarded)
    hear = Appealing(body=body, officer=here.people["appeals-officer"][0], hearers=tuple(here.people["appeals-panel"]))
    hidden = {"submission": case, "accreditation": award, "appeal": hear.heard(refused)}
    hidden["complaint"] = complaining.by_contact(body, provider, about="case", case=case)
    text = "It is not taught."
    body.by(accreditations.raise_concern, here.people["officer"][1], "officer", case=award, text=text)
    stands = {
        "own": (provider.contact, case),
        "assigned": (body.submission(assigned).assessor or "", assigned),
        "panel": (body.moderators[0], case),
        "took-part": (body.officer, case),
        "conflicted": (away, case),
        "none": (here.people["board"][1], case),
    }
    return Scene(whole, beside, provider, stands, hidden, {kind_of(one): one for one in here.matters})


def brought(whole: Whole, provider: Provider, window: str, until: str) -> str:
    """A case of the provider, brought so far."""
    body = whole.here.body
    case = factories.register(body, provider)
    factories.settle(body, case)
    for reached in factories.course(body, case, window, {"1.1": "not_met"} if until == "refused" else None):
        factories.settle(body, case)
        if reached == until:
            break
    return case


def give_all_roles(whole: Whole, who: str) -> None:
    """Give somebody every role that there is."""
    body = whole.here.body
    for role in ROLES:
        scheme = None if role in BODY_WIDE else body.scheme.id
        body.by(people.give_role, "installer", "installer", id=who, role=role, scheme=scheme)
