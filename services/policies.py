"""Publishing the body's own policies, and their reviews. Source: handbook, Workforce; the board sees every review."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain import policy, rounds
from domain.ids import derived_id
from domain.policy import Policy, PolicyRecord, read_policy
from domain.refusals import refuse
from domain.toml_reader import FaultyFile
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.schemes import by_installer


def policy_id(kind: str) -> str:
    """The stream of the policy of this kind (`workforce`)."""
    return derived_id("policy", kind)


@permitted
def publish_policy(office: Office, command: Command, *, source: str, file: str) -> Receipt:
    """Put the version in `source` (TOML) in force. By a quality manager, the board or the installer.

    Refuses a faulty one, naming every fault.
    """
    try:
        read = read_policy(source, file)
    except FaultyFile as faulty:
        raise refuse("policy-checked", str(faulty), field=file, allowed="a policy file without faults") from faulty
    id = policy_id(read.kind)

    def step(work: Work) -> None:
        if not by_installer(command):
            work.acts()
        work.add(id, policy.publish(work.state(id), id=id, policy=read, at=command.at))

    return carry_out(office, command, id, step=step)


@permitted
def review_policy(office: Office, command: Command, *, kind: str, result: str, note: str) -> Receipt:
    """Note the yearly review of a policy: it `stands` or is `to-change`, with a note. By a quality manager or the board."""
    id = policy_id(kind)

    def step(work: Work) -> None:
        work.acts()
        held, in_force = work.state(id), policy_of(work, kind)
        said = work.text(note, field="note", subject=id)
        reviewed = policy.review(held, policy=in_force, by=command.actor, result=result, note=said, at=command.at)
        work.add(id, reviewed)

    return carry_out(office, command, id, step=step)


def policy_of(work: Work, kind: str) -> Policy:
    """The version in force of the policy of this kind; refuses one that is not published."""
    held: PolicyRecord = work.state(policy_id(kind))
    if not held.latest:
        raise refuse("known-policy", f"no {kind} policy is published", field="policy", allowed="publishing it first")
    return _read(held.versions[held.latest].source)


def make_up(work: Work, *, what: str, scheme: str, at: datetime | None = None, year: int | None = None) -> None:
    """Ask no longer for what the year of a scheme needs, where that was missing: the year given, or that of an instant (UTC)."""
    id = policy_id("governance")
    held: PolicyRecord = work.state(id)
    if held.latest:
        zone = ZoneInfo(policy_of(work, "governance").calendar.zone)
        of = year if year is not None else (at or work.command.at).astimezone(zone).year
        work.add(id, rounds.make_up(held, what=what, scheme=scheme, year=of))


@lru_cache(maxsize=16)
def _read(source: str) -> Policy:
    return read_policy(source)
