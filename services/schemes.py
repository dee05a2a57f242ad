"""Publishing schemes: a version is checked whole, then kept word for word, and never changes; clients are told once.

A case stays under its version; only its provider's wish moves it to a later one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from domain import accreditation, permissions, scheme_record
from domain.accreditation import AccreditationAwarded, AccreditationImported
from domain.events import recorded_names
from domain.ids import kind_of
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.submission import moving
from domain.submission.events import ProgrammeRegistered
from domain.toml_reader import FaultyFile
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command, Recorded
from services.preparation import by_officer

INSTALLER_ROLE = permissions.INSTALLER_ROLE
PAGE = 500
"""How many events of the log are read at once."""
Telling = Callable[[int, int, int], None]
"""Is called with how many cases were looked at, of how many, and how many of their clients were told."""


def by_installer(command: Command) -> bool:
    """Whether the installer gives this command; no person can act in that role."""
    return command.role == INSTALLER_ROLE and kind_of(command.actor) != "person"


@permitted
def publish_scheme(
    office: Office, command: Command, *, source: str, file: str, telling: Telling = lambda *_: None
) -> Receipt:
    """Publish the scheme version in `source` (TOML), and tell the clients of live cases under earlier versions.

    Refuses a faulty one, naming every fault. The same again publishes nothing, and tells whoever was not told yet.
    """
    try:
        scheme = read_scheme(source, file)
    except FaultyFile as faulty:
        raise refuse("scheme-checked", str(faulty), field=file, allowed="a scheme file without faults") from faulty
    stream = scheme_stream(scheme.id)

    def step(work: Work) -> None:
        _require_publisher(work)
        work.add(stream, scheme_record.publish(work.state(stream), scheme=scheme, source=source), scheme=scheme.ref)

    receipt = carry_out(office, command, stream, step=step)
    versions = receipt.work.scheme_record(scheme.id).versions
    if len(versions) > 1 and scheme.version == max(versions):
        tell_clients(office, command, scheme=scheme.ref, telling=telling)
    return receipt


@permitted
def tell_clients(office: Office, command: Command, *, scheme: str, telling: Telling = lambda *_: None) -> int:
    """Tell the clients of every live case under an earlier version, once each, that `scheme` is in force; returns how many.

    Each case's command has an id of its own, derived from this one's, so that whoever was told is not told again.
    """
    work = Work(office, command, about=scheme_stream(scheme.partition("@")[0]))
    _require_publisher(work)
    version = work.scheme(scheme)
    begins = (ProgrammeRegistered, AccreditationAwarded, AccreditationImported)
    cases = [one.stream for kind in begins for one in _of(office, version, kind)]
    told = 0
    for done, case in enumerate(cases, start=1):
        told += _tell(office, command, case, version)
        telling(done, len(cases), told)
    return told


def _tell(office: Office, command: Command, case: str, version: Scheme) -> bool:
    def step(work: Work) -> None:
        if kind_of(case) == "submission":
            held = work.submission(case)
            work.add(case, moving.tell_of_change(held, scheme=version), scheme=held.registration.scheme)
        else:
            award = work.accreditation(case)
            work.add(case, accreditation.tell_of_change(award, scheme=version), scheme=award.scheme)

    telling = replace(command, id=f"told/{version.ref}/{case}", seen=None)
    return bool(carry_out(office, telling, case, step=step).events)


def _of(office: Office, version: Scheme, kind: type[ProgrammeRegistered | AccreditationAwarded]) -> Iterator[Recorded]:
    """The events of `kind` by which cases of any version of this scheme began."""
    for one in recorded(office, kind):
        if one.event.scheme.partition("@")[0] == version.id:
            yield one


def recorded(office: Office, *kinds: type[object]) -> Iterator[Recorded]:
    """All events of these kinds, in the log's order."""
    after, names = 0, [name for kind in kinds for name in recorded_names(kind)]
    while page := office.records.read_log(after, PAGE, names):
        yield from page
        after = page[-1].position


def _require_publisher(work: Work) -> None:
    if not by_installer(work.command):
        work.acts()


@permitted
def move_case(
    office: Office, command: Command, *, case: str, to: str, reason: str, applies: Mapping[str, bool] | None = None
) -> Receipt:
    """Move a case not yet submitted to the later version `to` (`cpd-qa@2`), as its provider asked. By an officer.

    `applies` answers the exclusions of that version that the provider was not asked about before.
    """

    def step(work: Work) -> None:
        held = by_officer(work, case)
        earlier = held.registration.follows
        events = moving.move(
            held,
            scheme=work.scheme(to),
            follows=work.submission(earlier) if earlier else None,
            applies=applies or {},
            reason=work.text(reason, field="reason", subject=held.registration.provider),
        )
        work.add(case, events, scheme=to)

    return carry_out(office, command, case, step=step)
