"""Publishing schemes: a version is checked whole, then kept word for word, and never changes."""

from domain import scheme_record
from domain.ids import kind_of
from domain.refusals import refuse
from domain.scheme_file import FaultyScheme, read_scheme
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command

INSTALLER_ROLE = "installer"
"""Who runs the command line with the record's own credentials; sets up schemes and the first people."""


def by_installer(command: Command) -> bool:
    """Whether the installer gives this command; no person can act in that role."""
    return command.role == INSTALLER_ROLE and kind_of(command.actor) != "person"


def publish_scheme(office: Office, command: Command, *, source: str, file: str) -> Receipt:
    """Publish the scheme version in `source` (TOML). Refuses a faulty one, naming every fault."""
    try:
        scheme = read_scheme(source, file)
    except FaultyScheme as faulty:
        raise refuse("scheme-checked", str(faulty), field=file, allowed="a scheme file without faults") from faulty
    stream = scheme_stream(scheme.id)

    def step(work: Work) -> None:
        if not by_installer(command):
            work.acts_as("officer")
        work.add(stream, scheme_record.publish(work.state(stream), scheme=scheme, source=source), scheme=scheme.ref)

    return carry_out(office, command, stream, step=step)
