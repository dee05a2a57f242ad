"""Tasks to renew what a person may do: set with training and appointments, ended with them. Source: handbook, People."""

from collections.abc import Collection
from datetime import datetime

from domain import authority
from domain.ids import derived_id
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.watching import matter_of


def authority_id(person: str) -> str:
    """The stream of what a person has to renew."""
    return derived_id("authority", person)


def note_training(work: Work, *, person: str, kind: str, scheme: str, expires_at: datetime) -> None:
    """Have the person reminded before training expires, as the scheme's version in force has it."""
    id, version = authority_id(person), work.latest_scheme(scheme)
    noted = authority.note_training(
        work.state(id), id=id, person=person, kind=kind, scheme=version, expires_at=expires_at, at=work.command.at
    )
    work.add(id, noted, scheme=version.ref)


def note_appointment(work: Work, *, person: str, role: str, scheme: str | None, ends_at: datetime | None) -> None:
    """Have the person reminded before an appointment ends, if it does by itself."""
    id, version = authority_id(person), work.latest_scheme(scheme) if scheme else None
    noted = authority.note_appointment(
        work.state(id), id=id, person=person, role=role, scheme=version, ends_at=ends_at, at=work.command.at
    )
    work.add(id, noted, scheme=version.ref if version else None)


def end_appointment(work: Work, *, person: str, role: str, scheme: str | None) -> None:
    """Have them reminded of it no longer."""
    id, left = authority_id(person), work.person(person).roles_at(work.command.at)
    work.add(id, authority.end_appointment(work.state(id), role=role, scheme=scheme, left=left))


def end_terms(office: Office, command: Command, *, case: str) -> Receipt:
    """Note the appointments whose term is over. By the process of the person's authority."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held: authority.Authority = matter_of(work, case)
        left = work.person(held.person).roles_at(command.at)
        work.add(case, authority.end_terms(held, left=left, at=command.at))

    return carry_out(office, command, case, step=step)


def note_link(work: Work, *, person: str, other: str, fell: Collection[tuple[str, str]]) -> None:
    """Have a link looked at once more, and what the person had verified themselves (topic and kind) verified anew."""
    id, at = authority_id(person), work.command.at
    work.add(id, authority.note_link(work.state(id), id=id, person=person, other=other, at=at))
    work.add(id, authority.ask_verification(id=id, person=person, fell=fell, at=at))


def settle_verification(work: Work, *, person: str, topic: str, kind: str) -> None:
    """Ask no longer for what was verified anew, or withdrawn."""
    id = authority_id(person)
    work.add(id, authority.settle_verification(work.state(id), topic=topic, kind=kind))
