"""The people who work for the body: who they are, what they may do, their training, undertakings and conflicts."""

from collections.abc import Callable
from datetime import datetime

from domain import person, scheme_record
from domain.clocks import checked_instant
from domain.ids import kind_of
from domain.linked import require_open
from domain.qualification import require_experience
from domain.refusals import refuse
from services import authority
from services.acting import permitted
from services.handover import end_work
from services.office import EMAIL, Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command
from services.schemes import by_installer


@permitted
def register_person(
    office: Office,
    command: Command,
    *,
    id: str,
    name: str,
    email: str,
    subjects: tuple[str, ...] = (),
    phases: tuple[str, ...] = (),
) -> Receipt:
    """Make a person known; name and address go to the vault. By an officer, or the installer."""

    def step(work: Work) -> None:
        _by_office(work)
        events = person.register(work.person(id), id=id, subjects=subjects, phases=phases)
        if events:
            work.keep_personal(id, name=name, email=email)
            _require_new_address(work, email)
        work.add(id, events)

    return carry_out(office, command, id, step=step)


@permitted
def give_role(
    office: Office,
    command: Command,
    *,
    id: str,
    role: str,
    scheme: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Receipt:
    """Let a person act in a role, for one scheme or (officers and others of the whole body) for all.

    The appointment holds from `starts_at` until `ends_at` (UTC) where they are given, and is to be renewed before it ends.
    The scheme lists whom it has authorised, and may ask for experience first.
    """
    begins = checked_instant(starts_at, field="starts_at") if starts_at else None
    ends = checked_instant(ends_at, field="ends_at") if ends_at else None

    def step(work: Work) -> None:
        _by_office(work, forbidden=id)
        person.require_role_name(role)
        if role not in person.BODY_WIDE and scheme is None:
            raise refuse(
                "authority-per-scheme", f"{role} is a role in a scheme", field="scheme", allowed="a scheme's id"
            )
        if scheme is not None:
            _require_published(work, scheme)
        held = work.person(id)
        given = person.give_role(held, role=role, scheme=scheme, starts_at=begins, ends_at=ends, at=command.at)
        if scheme is not None and given:
            require_experience(held, role, work.latest_scheme(scheme))
        work.add(id, given)
        if given:
            authority.note_appointment(work, person=id, role=role, scheme=scheme, ends_at=ends)
        if scheme is not None:
            listed = scheme_record.authorise(work.scheme_record(scheme), person=id, role=role)
            work.add(scheme_stream(scheme), listed)

    return carry_out(
        office, command, id, authority.authority_id(id), *([scheme_stream(scheme)] if scheme else []), step=step
    )


@permitted
def end_role(office: Office, command: Command, *, id: str, role: str, scheme: str | None = None) -> Receipt:
    """Let a person act in a role no longer; it holds at once."""

    def step(work: Work) -> None:
        _by_office(work, forbidden=id)
        ended = person.end_role(work.person(id), role=role, scheme=scheme)
        work.add(id, ended)
        if ended:
            authority.end_appointment(work, person=id, role=role, scheme=scheme)
        if scheme is not None:
            work.add(
                scheme_stream(scheme), scheme_record.end_authority(work.scheme_record(scheme), person=id, role=role)
            )

    return carry_out(
        office, command, id, authority.authority_id(id), *([scheme_stream(scheme)] if scheme else []), step=step
    )


@permitted
def record_training(
    office: Office, command: Command, *, id: str, kind: str, scheme: str, expires_at: datetime
) -> Receipt:
    """Record that a person was trained (`assessing`, `bias`) for a scheme, until `expires_at` (UTC); they are reminded before."""
    expires_at = checked_instant(expires_at, field="expires_at")

    def step(work: Work) -> None:
        _by_office(work, forbidden=id)
        _require_published(work, scheme)
        trained = person.complete_training(
            work.person(id), kind=kind, scheme=scheme, expires_at=expires_at, at=command.at
        )
        work.add(id, trained)
        if trained:
            authority.note_training(work, person=id, kind=kind, scheme=scheme, expires_at=expires_at)

    return carry_out(office, command, id, authority.authority_id(id), step=step)


@permitted
def sign_non_disclosure(office: Office, command: Command) -> Receipt:
    """Undertake not to disclose; for oneself."""
    return _for_oneself(office, command, person.sign_non_disclosure)


@permitted
def set_availability(office: Office, command: Command, *, available: bool) -> Receipt:
    """Say whether one takes on work; for oneself."""
    return _for_oneself(office, command, lambda who: person.set_availability(who, available=available))


@permitted
def declare_conflict(office: Office, command: Command, *, id: str, provider: str, kind: str = "declared") -> Receipt:
    """Declare a conflict with a provider: one's own, or (the office) somebody else's. It blocks at once.

    The person leaves everything of that provider in the same transaction, and it is handed on. See `services/conflicts.py`.
    """

    def step(work: Work) -> None:
        about_person(work, id)
        require_provider(work, provider)
        work.add(id, person.declare_conflict(work.person(id), provider=provider, kind=kind))
        end_work(work, id, provider)

    return carry_out(office, command, id, provider, step=step)


def _require_new_address(work: Work, email: str) -> None:
    """Refuse the address of somebody who is on record, also when it is written: at a provider elsewhere people are known by theirs.

    It is not said whose it is. Contacts are not looked up: whoever registers a provider is not told who is on record.
    """
    if any(kind_of(one) == "person" for one in work.office.records.holders(EMAIL, email.strip())):
        raise refuse(
            "address-taken",
            "somebody on record has this address",
            field="email",
            allowed="another address; whoever has this one is on record already",
        )
    work.addresses.append(email.strip())


def about_person(work: Work, id: str) -> bool:
    """Who says something of a person's ties: themselves, or somebody of the office; returns whether it is themselves."""
    own = id == work.command.actor
    if own:
        work.acts_in_own_role()
    else:
        work.acts(among=work.roles("none"))
    require_open(work.person(id).linked)
    return own


def require_provider(work: Work, provider: str) -> None:
    """Refuse the id of a provider that is not registered."""
    if not work.provider(provider).id:
        raise refuse(
            "known-provider", "there is no such provider", field="provider", allowed="a registered provider's id"
        )


def _for_oneself(
    office: Office, command: Command, decide: Callable[[person.Person], list[person.PersonEvent]]
) -> Receipt:
    def step(work: Work) -> None:
        work.add(command.actor, decide(work.acts_in_own_role()))

    return carry_out(office, command, command.actor, step=step)


def _by_office(work: Work, forbidden: str | None = None) -> None:
    """An officer or the installer; and no officer for themselves."""
    if by_installer(work.command):
        return
    officer = work.acts()
    if forbidden in officer.ids:
        raise refuse(
            "not-for-oneself", "nobody gives this to themselves", field="id", allowed="another officer doing it"
        )


def _require_published(work: Work, scheme: str) -> None:
    if not work.scheme_record(scheme).versions:
        raise refuse(
            "published-scheme", f"{scheme!r} is not published", field="scheme", allowed="a published scheme's id"
        )
