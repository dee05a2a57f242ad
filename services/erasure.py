"""What a person asks to be erased: noted, its sender checked, what goes and what a ground keeps; then as all that is let go.

Source: handbook, Retention. Carried out by `services/retention.py`, in the transaction of the event that says so.
"""

from datetime import datetime
from typing import Any

from domain import learning, person
from domain.clocks import checked_instant
from domain.complaint.state import apart
from domain.ids import kind_of
from domain.refusals import refuse
from domain.retention import letting_go
from services.acting import permitted
from services.complaints import complaint_of
from services.going import asked, facts_of
from services.keeping import HOLDS
from services.office import Office, Receipt, Work, carry_out
from services.own_records import require_released
from services.policies import policy_of
from services.ports import Command, Shelves
from services.retention import decides, propose_going, retention_id, terms_of


@permitted
def request_erasure(
    office: Office, command: Command, *, subject: str, received_at: datetime | None = None, case: str = ""
) -> Receipt:
    """Ask that what is kept of a person be erased, for oneself; or note that they asked, when it was received (UTC).

    Who left a name or an address with a complaint is asked for by its id; with a concern by that, and the award that it is
    about as `case`. It begins the matter `retention_id(command.id)`; the answer is due as the policy says. Noted by a quality
    manager, an officer, the board or a complaints handler.
    """
    id = retention_id(command.id)
    received = checked_instant(received_at, field="received_at") if received_at else command.at

    def step(work: Work) -> None:
        if subject == command.actor:
            work.acts_in_own_role()
        else:
            work.acts(among=work.roles("none"))
        _require_known(work, subject, case)
        noted: dict[str, Any] = {"id": id, "subject": subject, "by": command.actor, "received_at": received}
        work.add(id, letting_go.request(work.state(id), **noted, **terms_of(work)))

    return carry_out(office, command, id, *([subject] if subject else []), step=step)


def _require_known(work: Work, subject: str, case: str) -> None:
    """Refuse to erase nobody, or who came with no such complaint or concern from outside."""
    match kind_of(subject):
        case "complaint":
            complaint = complaint_of(work, subject)
            if work.person(work.command.actor).had_part(complaint.people):
                raise apart("actor")
            outside = complaint.raised_by is None
        case "concern":
            concern = work.accreditation(case).concerns.get(subject)
            outside = concern is not None and concern.raised_by is None
        case _:
            person.require_known(work.person(subject), field="subject")
            return
    if not outside:
        raise refuse(
            "erase-from-outside",
            "nobody from outside came with this",
            field="subject",
            allowed="a complaint entered for somebody outside, or a concern of the public with its award; else a person's id",
        )


@permitted
def check_requester(office: Office, command: Command, *, case: str, means: str) -> Receipt:
    """Note by which means it was made sure that the request comes from whom it is about."""

    def step(work: Work) -> None:
        held, actor = decides(work, case)
        content = policy_of(work, "retention").content
        work.add(case, letting_go.check_requester(held, by=actor, means=means, policy=content))

    return carry_out(office, command, case, step=step)


@permitted
def propose_erasure(office: Office, command: Command, *, case: str, shelves: Shelves) -> Receipt:
    """Propose what goes of whom the request is about, and say what each ground keeps and until when.

    Refuses while they still act for the body, or speak for a provider with something live.
    """

    def step(work: Work) -> None:
        held, _ = decides(work, case)
        if not held.subject:
            raise refuse(
                "known-request", "nobody asked for this", field="case", allowed="the id of a request to be erased"
            )
        facts = facts_of(work, shelves, at=command.at)
        require_released(facts, held.subject)
        if kind_of(held.subject) == "person":
            _excuse(work, held.subject, shelves)
        going = asked(facts, held.subject)
        spoken_for = shelves.naming([held.subject]).get(held.subject, ())
        going.providers |= {one for one in spoken_for if one.startswith("provider-")}
        propose_going(work, case, going, facts, command.at)

    return carry_out(office, command, case, HOLDS, step=step)


def _excuse(work: Work, person: str, shelves: Shelves) -> None:
    """Ask a person about no case any more: nobody who is erased is reminded of a questionnaire."""
    asked = sorted({matter for matter, _ in shelves.tasks_of(person) if kind_of(matter) == "learning"})
    work.load(*asked)
    for matter in asked:
        held = work.state(matter)
        work.add(matter, learning.excuse(held, person=person), scheme=held.scheme)
