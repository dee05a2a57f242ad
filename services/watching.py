"""A matter that exists, and a step of the process that watches over it. Source: handbook, Clocks."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.ids import MATTERS, is_id
from domain.refusals import refuse
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command


def matter_of(work: Work, id: str) -> Any:
    """The state of a matter that exists, or of an award, which has tasks too; refuses one that does not."""
    if not is_id(id, *MATTERS, "accreditation"):
        kinds = ", ".join(f"{one}-…" for one in MATTERS)
        raise refuse("known-matter", "this is no id of such a matter", field="case", allowed=f"an id such as {kinds}")
    held = work.state(id)
    if not held.id:
        raise refuse("known-matter", "there is no such matter", field="case", allowed="the id of one on record")
    return held


def by_process(office: Office, command: Command, case: str, decide: Callable[[Any], Sequence[Any]]) -> Receipt:
    """A step of the matter's own process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = matter_of(work, case)
        work.add(case, decide(held), scheme=held.scheme or None)

    return carry_out(office, command, case, step=step)
