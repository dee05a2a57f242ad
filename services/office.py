"""The one way a command becomes part of the record: load, decide, append; again where someone else was faster.

A repeated command (same id) changes nothing and answers as the first time. Refusals write nothing, but for those that
an auditor will want to know of, which are recorded with the person who tried.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from domain import accreditation, meeting, permissions, person, programs, provider, scheme_record, window
from domain.conflicts import Seen
from domain.events import recorded_names
from domain.ids import MATTERS, PROCESS_ROLE, derived_id, is_code, is_id, kind_of
from domain.person import Person
from domain.refusals import Refused, refuse
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.submission import state as submission
from domain.texts import TextRef, checked_email, checked_text, digest_of
from services.audited import AUDITED_RULES
from services.ports import (
    Batch,
    Change,
    Command,
    Entry,
    Erasure,
    Files,
    NoFiles,
    PersonalData,
    Records,
    StaleStream,
    Text,
)
from services.states import FOLDED, evolve_of, fold

TRIES = 12
PAGE = 1000
"""How many events of the log are read at once."""
EMAIL = "email"
"""The field of the vault by which people are found: an address that has the form of one."""
REFUSED = "/refused"
"""Marks the command id under which a refusal is noted, so that it does not pass for the command itself."""
ANY = 1_000_000
"""Slack for what holds whatever others did to a stream meanwhile."""
OF_PROVIDERS = ("submission", "accreditation", *MATTERS)
"""The kinds of cases that are a provider's affair; its stream lists them, so that who has a conflict leaves each."""


@dataclass(slots=True)
class Office:
    """What services work with: the record, and the files. Published scheme versions never change, so they are read once.

    `settled` keeps what was computed of the record as of instants of the past, which never changes either.
    """

    records: Records
    schemes: dict[str, Scheme] = field(default_factory=dict)
    settled: dict[str, Any] = field(default_factory=dict)
    files: Files = field(default_factory=NoFiles)


@dataclass(slots=True)
class Work:
    """One command being carried out: what was loaded, and what it will write, all in one transaction.

    `about` is the stream that it is about. A command is its actor's, and about one thing: with the same id, another's or
    one about something else is another command.
    """

    office: Office
    command: Command
    about: str
    versions: dict[str, int] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Sequence[Entry]] = field(default_factory=dict)
    events: dict[str, list[Any]] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    unmoved: set[str] = field(default_factory=set)
    slack: dict[str, int] = field(default_factory=dict)
    held_at: dict[str, datetime] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    personal: list[PersonalData] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    erase: Erasure | None = None
    repeated: int | None = None
    _in_force: list[Scheme] | None = None

    @property
    def position(self) -> int:
        """The position of the last event in what was loaded, 0 if there is none."""
        return max(self.positions.values(), default=0)

    def load(self, *streams: str) -> None:
        """Load streams not loaded yet, in one round trip; notes if this command is already part of one of them."""
        wanted = [one for one in dict.fromkeys(streams) if one not in self.versions]
        if not wanted:
            return
        own = self.command.id
        for id, stream in self.office.records.streams(*wanted).items():
            self.entries[id] = stream.entries
            self.versions[id] = stream.version
            self.positions[id] = stream.position
            self.states[id] = fold(id, stream.entries)
            for position, one in zip(stream.positions, stream.entries, strict=True):
                if (one.command, one.actor, one.correlation) == (own, self.command.actor, self.about):
                    self.repeated = max(self.repeated or 0, position)

    def state(self, stream: str) -> Any:
        """The state of a stream, with the events that this command adds applied."""
        self.load(stream)
        return self.states[stream]

    def submission(self, id: str) -> submission.Submission:
        """A submission that exists; refuses one that does not."""
        case: submission.Submission = self.state(require_kind(id, "submission"))
        submission.require_registered(case)
        return case

    def person(self, id: str) -> Person:
        """A person's state as seen now, by the rule of the case that this is about; its id is empty if they are not registered."""
        found: Person = self.state(require_kind(id, "person"))
        return self.seen(found, self._rule_of(self.about)) if found.ties.timed else found

    def seen(self, who: Person, scheme: Scheme | None) -> Person:
        """A person as seen now under the rule of `scheme`, which says how long past employment is a conflict.

        What is of no scheme, such as an audit of several, goes by the one in force that minds it longest.
        """
        scheme = scheme or max(
            self.schemes_in_force(), key=lambda one: _minded_until(one, self.command.at), default=None
        )
        if scheme is None:
            return replace(who, seen=Seen(at=self.command.at))
        within = scheme.assurance.people.employed_within
        return replace(who, seen=Seen(at=self.command.at, within=within, calendar=scheme.calendar))

    def _rule_of(self, stream: str) -> Scheme | None:
        """The scheme version that a stream's case is pinned to, None if there is none."""
        held = self.states.get(stream)
        pinned = getattr(held, "registered", None) or held
        ref = getattr(pinned, "scheme", "")
        if ref and "@" not in ref and (latest := self.scheme_record(ref).latest):
            ref = f"{ref}@{latest}"
        return self.scheme(ref) if "@" in ref else None

    def people(self, ids: Sequence[str]) -> list[Person]:
        """The states of several people, loaded in one round trip."""
        self.load(*(require_kind(one, "person") for one in ids))
        return [self.person(one) for one in ids]

    def panel(self, ids: Sequence[str]) -> list[Person]:
        """Several people who take part: a conflict that one of them declares meanwhile undoes this command."""
        self.unmoved.update(ids)
        return self.people(ids)

    def window(self, id: str) -> window.Window:
        """A window's state."""
        found: window.Window = self.state(require_kind(id, "window"))
        return found

    def meeting(self, id: str) -> meeting.Meeting:
        """A meeting's state."""
        found: meeting.Meeting = self.state(require_kind(id, "meeting"))
        return found

    def accreditation(self, id: str) -> accreditation.Accreditation:
        """An accreditation's state."""
        found: accreditation.Accreditation = self.state(require_kind(id, "accreditation"))
        return found

    def provider(self, id: str) -> provider.Provider:
        """A provider's state."""
        found: provider.Provider = self.state(require_kind(id, "provider"))
        return found

    def scheme_record(self, scheme: str) -> scheme_record.SchemeRecord:
        """What is on record about the scheme with this id (`cpd-qa`)."""
        found: scheme_record.SchemeRecord = self.state(scheme_stream(scheme))
        return found

    def scheme(self, ref: str) -> Scheme:
        """The published scheme version `ref` (`cpd-qa@1`); refuses one that is not published."""
        known = self.office.schemes.get(ref)
        if known is None:
            name, _, version = ref.partition("@")
            record = self.scheme_record(name)
            published = record.versions.get(int(version)) if version.isdigit() else None
            if published is None:
                allowed = ", ".join(f"{name}@{number}" for number in sorted(record.versions)) or "a published scheme"
                raise refuse("published-scheme", f"{ref!r} is not published", field="scheme", allowed=allowed)
            known = self.office.schemes[ref] = read_published(published.source)
        return known

    def latest_scheme(self, scheme: str) -> Scheme:
        """The version in force of the scheme with this id; refuses one of which none is published."""
        return self.scheme(f"{scheme}@{self.scheme_record(scheme).latest}")

    def schemes_in_force(self) -> list[Scheme]:
        """The version in force of every scheme that there is; found in the log once a command."""
        if self._in_force is None:
            names = recorded_names(scheme_record.SchemeVersionPublished)
            found: set[str] = set()
            after = 0
            while page := self.office.records.read_log(after, PAGE, names):
                found |= {one.event.scheme for one in page}
                after = page[-1].position
            self._in_force = [self.latest_scheme(one) for one in sorted(found)]
        return self._in_force

    def permits(self, relation: str) -> bool:
        """Whether the acting role may do this in that relation to what it is about, by the table of permissions."""
        return relation in permissions.relations_allowed(self.command.action, self.command.role)

    def roles(self, relation: str) -> tuple[str, ...]:
        """The roles that may do this in that relation to what it is about."""
        return permissions.roles(self.command.action, relation)

    def require_permitted(self, among: Sequence[str] | None = None) -> None:
        """Refuse a role that may not do this: one that has no cell in the table, or is not `among` those that may here."""
        own, action = self.command.role, self.command.action
        allowed = permissions.row(action) if among is None else among
        if own not in allowed:
            may = ", ".join(one for one in allowed if one in person.ROLES)
            raise refuse("acting-role", f"{person.article(own)} {own} can't do that", field="role", allowed=may)

    def acts(self, scheme: str | None = None, *, among: Sequence[str] | None = None) -> Person:
        """The acting person, who must hold the role they act in, one that may do this, for `scheme` if one is said; or a program."""
        self.require_permitted(among)
        if programs.is_program(self.command.actor):
            return programs.acting(self.command.actor, role=self.command.role, action=self.command.action)
        self.unmoved.add(self.command.actor)
        actor = self.person(self.command.actor)
        person.require_role(actor, self.command.role, scheme, self.command.at)
        return actor

    def acts_in_own_role(self) -> Person:
        """The acting person, who must hold the role they act in, for some scheme; for what one does for oneself."""
        actor = self.person(self.command.actor)
        person.require_own_role(actor, self.command.role, self.command.at)
        return actor

    def acts_as_process(self, case: str) -> None:
        """The command must come from the process of this case."""
        if self.command.role != PROCESS_ROLE or self.command.actor != case:
            raise refuse("process-only", "only the case's own process does that", field="role", allowed=PROCESS_ROLE)

    def add(
        self, stream: str, events: Sequence[Any], *, scheme: str | None = None, held_at: datetime | None = None
    ) -> None:
        """Add events to a stream; they hold at the command's instant, or since `held_at` where they tell of what is past (UTC)."""
        if not events:
            return
        self.load(stream)
        evolve = evolve_of(stream)
        self.events.setdefault(stream, []).extend(events)
        for event in events:
            self.states[stream] = evolve(self.states[stream], event)
        if scheme:
            self.pins[stream] = scheme
        if held_at:
            self.held_at[stream] = held_at
        if self.versions[stream] == 0 and kind_of(stream) in OF_PROVIDERS:
            self._open_case(stream)

    def _open_case(self, stream: str) -> None:
        """Note a case that begins in the stream of the provider whose affair it is."""
        held = self.states[stream]
        owner = held.registration.provider if isinstance(held, submission.Submission) else held.provider
        if owner:
            self.concerns(owner, stream)

    def concerns(self, owner: str, stream: str) -> None:
        """Note in a provider's stream that something is its affair too, so that who has a conflict with it leaves that."""
        opened = provider.open_case(self.provider(owner), case=stream)
        if opened and owner not in self.events and owner not in self.unmoved:
            self.slack[owner] = ANY  # it is so whatever others did meanwhile
        self.add(owner, opened)

    def text(self, body: str, *, field: str, subject: str) -> TextRef:
        """Keep a typed text for `subject` beside the events; returns what the event says of it."""
        checked = checked_text(body, field=field)
        id = derived_id("text", self.command.id, self.command.actor, self.about, field)
        kept = Text(id=id, subject=subject, salt=os.urandom(16), body=checked)
        self.texts.append(kept)
        return TextRef(id=kept.id, digest=digest_of(kept.salt, kept.body))

    def keep_personal(self, subject: str, *, typed: str = "", **fields: str) -> None:
        """Put names and addresses into the vault; who typed them calls the fields so, with `typed` before it."""
        for name, value in fields.items():
            field = f"{typed}{name}"
            checked = (
                checked_email(value, field=field) if name == EMAIL else checked_text(value, field=field, maximum=500)
            )
            self.personal.append(PersonalData(subject=subject, name=name, value=checked))

    def batch(self) -> Batch:
        """All that is to be written.

        The stream that the command is about comes last: a repetition loads that one, and finds the same position there.
        """
        changes = [
            Change(
                stream=stream,
                expected=self.versions[stream],
                events=events,
                scheme=self.pins.get(stream),
                slack=self.slack.get(stream, 0),
                at=self.held_at.get(stream),
            )
            for stream, events in sorted(self.events.items(), key=lambda one: one[0] == self.about)
        ]
        changes += [
            Change(stream=stream, expected=self.versions[stream], events=())
            for stream in sorted(self.unmoved - self.events.keys())
        ]
        return Batch(
            command=self.command,
            changes=changes,
            texts=self.texts,
            personal=self.personal,
            files=self.files,
            addresses=self.addresses,
            erase=self.erase,
            correlation=self.about,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a command did: the log position to wait for, its events by stream, and whether it was a repetition."""

    position: int
    events: dict[str, list[Any]]
    repeated: bool
    work: Work


def carry_out(office: Office, command: Command, *streams: str, step: Callable[[Work], None]) -> Receipt:
    """Carry out one command: load `streams` (and the actor) in one round trip, decide, append.

    `step` reads states from the Work and adds events to it. When another command was faster, everything is loaded and
    decided again. Raises Refused with nothing written.
    """
    require_plain(command)
    actor = [command.actor] if is_id(command.actor, "person") else []
    wanted = [
        one for one in streams if is_id(one, *FOLDED)
    ]  # what is no id of a stream is refused by name when `step` asks for it
    for tries in range(TRIES):
        work = Work(office, command, streams[0])
        work.load(*actor, *wanted)
        if work.repeated is not None:
            return Receipt(position=work.repeated, events={}, repeated=True, work=work)
        try:
            _require_seen(work)
            if command.action:
                work.require_permitted()
            step(work)
        except Refused as refused:
            if work.repeated is not None:
                return Receipt(position=work.repeated, events={}, repeated=True, work=work)
            note_refusal(work, refused)
            raise
        if work.repeated is not None:
            return Receipt(position=work.repeated, events={}, repeated=True, work=work)
        if not work.events and not work.personal:
            return Receipt(position=work.position, events={}, repeated=False, work=work)
        _require_plain_actor(command)
        try:
            position = office.records.append(work.batch())
        except StaleStream:
            _let_others_finish(tries)
            continue
        return Receipt(position=position, events=work.events, repeated=False, work=work)
    raise refuse(
        "too-busy", f"others changed this {TRIES} times while it was decided", field="command", allowed="trying again"
    )


def _require_seen(work: Work) -> None:
    """Refuse a command about something that was changed since whoever commands saw it."""
    seen, version = work.command.seen, work.versions.get(work.about, 0)
    if seen is not None and seen != version:
        raise refuse(
            "version-meanwhile",
            f"it is at version {version} now, not {seen}",
            field="If-Match",
            allowed="looking at it again, and deciding on what is there now",
        )


def _let_others_finish(tries: int) -> None:
    """Wait a moment, longer each time and never as long as others do, so that many who collide don't collide again."""
    time.sleep(random.uniform(0, min(0.002 * 2**tries, 0.1)))  # noqa: S311 - nothing is kept secret by it


def require_plain(command: Command) -> None:
    """Refuse a command whose own id or role is no id or role: both stand in events, where no typed text may stand."""
    if not (1 <= len(command.id) <= 200 and command.id.isascii() and command.id.isprintable()):
        raise refuse("command-ids", "this is no id", field="id", allowed="1 to 200 printable ASCII characters")
    if not is_code(command.role):
        raise refuse("acting-role", "this is no role", field="role", allowed=", ".join(person.ROLES))


def _require_plain_actor(command: Command) -> None:
    """Refuse to write for an actor that is no id: it would stand in events, where no typed text may stand."""
    if not (1 <= len(command.actor) <= 200 and command.actor.isascii() and command.actor.isprintable()):
        raise refuse("command-ids", "this is no actor", field="actor", allowed="1 to 200 printable ASCII characters")


def note_refusal(work: Work, refused: Refused) -> None:
    """Record an attempt that an auditor will ask about, in the stream of the person who made it.

    The same attempt under the same command is recorded once; under an id used before, another attempt is still another.
    """
    actor = work.command.actor
    if refused.rule not in AUDITED_RULES or not is_id(actor, "person"):
        return
    if not getattr(work.states.get(actor), "id", ""):  # nobody we know: there is no stream to note it in
        return
    stream = next((one for one in work.versions if one != actor), None)
    attempt = person.AttemptRefused(rule=refused.rule, stream=stream)
    noted = replace(work.command, id=f"{work.command.id}{REFUSED}")
    for _ in range(TRIES):
        own = work.office.records.streams(actor)[actor]
        if any((one.command, one.event) == (noted.id, attempt) for one in own.entries):
            return
        try:
            work.office.records.append(
                Batch(command=noted, changes=[Change(stream=actor, expected=own.version, events=[attempt])])
            )
        except StaleStream:
            continue
        return


def scheme_stream(scheme: str) -> str:
    """The stream of the scheme with this id."""
    return derived_id("scheme", scheme)


def require_kind(id: str, kind: str) -> str:
    """Return `id` if it is the id of such a thing; refuse anything else before it is looked up."""
    if not is_id(id, kind):
        raise refuse(f"known-{kind}", f"this is no {kind} id", field=kind, allowed=f"an id such as {kind}-mfzwizltoq…")
    return id


def _minded_until(scheme: Scheme, at: datetime) -> datetime:
    return scheme.calendar.after(at, scheme.assurance.people.employed_within)


@lru_cache(maxsize=64)
def read_published(source: str) -> Scheme:
    """Read a scheme as it was published."""
    return read_scheme(source, "published scheme")
