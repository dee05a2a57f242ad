"""Given matters with tasks: what their processes do by their clocks, and bodies whose scheme asks more of its people."""

from collections.abc import Iterator
from datetime import datetime

from domain import tasks
from domain.ids import PROCESS_ROLE
from services.office import Office
from tests import factories
from tests.factories import Body
from tests.services.conftest import Clock


def body_asking(office: Office, clock: Clock, demands: str = "") -> Body:
    """A body under the main scheme, which asks its people for `demands` besides (TOML tables beginning with `people`)."""
    return factories.open_body(office, source=f"{factories.scheme_source()}\n{demands}", now=clock)


def process(body: Body, matter: str, clock: Clock, until: datetime) -> Iterator[tuple[str, datetime]]:
    """What a matter's process does by its clock until `until`: yields each step, and when it was taken."""
    from workflows.activities import STEPS

    while (due := tasks.due_next(body.state(matter), at=clock())) and due.at <= until:
        clock.comes_to(max(due.at, clock()))
        assert STEPS[due.step](body.office, body.command(matter, PROCESS_ROLE), case=matter).events
        yield due.step, clock()
    clock.comes_to(until)
