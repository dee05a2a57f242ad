"""What the services need from outside, as Protocols; `infra` provides them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from domain.clocks import ReminderSent
from domain.submission.files import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who asks for what, when: goes into the envelope of every event that the command causes.

    `id` makes a repeated command recognisable. `actor` is a person id, or a case id when `role` is `process`.
    `at` is the UTC instant at which the facts hold. `causation` is what made a process act (a log position, as text).
    `seen` is the version of the stream it is about that whoever commands has seen: with another one it is refused.
    `action` is the row of the table of permissions that says who may; the service itself says which (`services/acting.py`).
    """

    id: str
    actor: str
    role: str
    at: datetime
    causation: str | None = None
    seen: int | None = None
    action: str = ""


class Recorded(NamedTuple):
    """One event as the record holds it. Instants are UTC; `position` is its place in the whole log."""

    position: int
    stream: str
    version: int
    recorded_at: datetime
    id: str
    name: str
    event: Any
    at: datetime
    actor: str
    role: str
    command: str
    correlation: str
    causation: str | None
    scheme: str | None


class Entry(Protocol):
    """One event of a stream, and who caused it by which command."""

    @property
    def event(self) -> Any:
        """The event."""

    @property
    def actor(self) -> str:
        """Who did it: a person id, or a case id when `role` is `process`."""

    @property
    def role(self) -> str:
        """The role that they acted in."""

    @property
    def command(self) -> str:
        """The id of the command that caused it."""

    @property
    def correlation(self) -> str:
        """What that command was about."""


class Stream(NamedTuple):
    """A stream as a command has to know it: its entries in order, and the place of each in the whole log."""

    positions: Sequence[int]
    entries: Sequence[Entry]

    @property
    def position(self) -> int:
        """The place of the last one in the log, 0 if there is none."""
        return self.positions[-1] if self.positions else 0

    @property
    def version(self) -> int:
        """How many there are."""
        return len(self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A typed text with its salt; `subject` is the person or provider it may have to be erased for."""

    id: str
    subject: str
    salt: bytes
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """One field of the vault: `subject` (person or provider id), `name` (`name`, `email`, …), `value`."""

    subject: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Events to append to one stream, `expected` being the version it had when they were decided (0: new).

    Up to `slack` other events may have been appended to it meanwhile: as many as would change nothing in the decision.
    `at` is when they hold (UTC), where that is not when the command was given: what is past comes on record later.
    """

    stream: str
    expected: int
    events: Sequence[Any]
    scheme: str | None = None
    slack: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is deleted for good: texts with their salts, by id, fields of the vault, by subject and name, and files, by case
    and SHA-256.

    `seen` is the position of the log up to which was looked whether anything keeps them: with a later event nothing is
    erased, and nothing written, until that was looked at too.
    """

    texts: Sequence[str] = ()
    fields: Sequence[tuple[str, str]] = ()
    files: Sequence[tuple[str, str]] = ()
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that one command writes and erases, in one transaction. `correlation` is its case, if not the first stream.

    `files` are those that its events name, by case and SHA-256: without one of them nothing is written. Nor is anything where
    somebody else on record has one of the e-mail `addresses`.
    """

    command: Command
    changes: Sequence[Change]
    texts: Sequence[Text] = field(default=())
    personal: Sequence[PersonalData] = field(default=())
    files: Sequence[tuple[str, str]] = field(default=())
    addresses: Sequence[str] = field(default=())
    erase: Erasure | None = None
    correlation: str | None = None


class StaleStream(Exception):
    """Another command wrote to one of the streams meanwhile: load again and decide again."""


class Records(Protocol):
    """The event store."""

    def streams(self, *ids: str) -> Mapping[str, Stream]:
        """Return what a command has to know of each of these streams (empty if it has no events), in one round trip.

        It takes half the time of `load`, which says all that is recorded of each event.
        """
        ...

    def load(
        self, *streams: str, until: datetime | None = None, version: int | None = None
    ) -> Mapping[str, Sequence[Recorded]]:
        """Return each stream's events in order (empty if there are none), in one round trip.

        `until` keeps what was recorded at or before that UTC instant, `version` the first `version` events.
        """
        ...

    def read_log(self, after: int, limit: int, topics: Sequence[str] = ()) -> Sequence[Recorded]:
        """Return at most `limit` events after position `after`, in order; only those recorded under `topics`, if given."""
        ...

    def salts(self, texts: Sequence[str]) -> Mapping[str, bytes]:
        """Return the salts of the texts with these ids that have not been erased: the same words again are known by them."""
        ...

    def holders(self, name: str, value: str) -> Sequence[str]:
        """Return the subjects whose field of the vault of this name has this value, in whatever case."""
        ...

    def append(self, batch: Batch) -> int:
        """Append all of `batch` in one transaction and one round trip; return the last position.

        What the batch erases is gone with the same commit. Raises StaleStream, with nothing written or erased, when a stream
        is not at its expected version, when a file that it names is not kept, or when something was recorded behind what the
        erasure has seen.
        """
        ...


class Found(NamedTuple):
    """The cases that a search found, in the log up to position `searched_to`, in a stable order."""

    cases: Sequence[str]
    searched_to: int


class Touched(Protocol):
    """The search for every case that something touched."""

    def cases(self, causes: Sequence[tuple[str, str]], *, until: int | None = None) -> Found:
        """Return the cases that one of `causes` (kind and value, see `domain.appeal.causes`) touched.

        It leaves out nothing that was recorded when it began; with `until`, it sees the log up to that position, and comes
        to the same list whenever it is asked.
        """
        ...


class Vault(Protocol):
    """Names, addresses and typed texts, kept apart from events so that they can be erased."""

    def personal(self, subjects: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the fields of each subject that still has any."""
        ...

    def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the bodies of the texts that have not been erased."""
        ...

    def holding(self, name: str, values: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return for each of these values of the field `name` that anybody has, in whatever case, whose it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file that has come in whole and belongs to no case yet: where it lies, its bytes, its hex SHA-256.

    `found` are the media types that it may be of by what its bytes are, the likeliest first.
    """

    path: Path
    size: int
    sha256: str
    found: tuple[str, ...]


class Files(Protocol):
    """The files of cases, each kept once by its SHA-256 for as many cases as name it."""

    def of_case(self, case: str) -> Sequence[StoredFile]:
        """Return the files kept for a case, the oldest first."""
        ...

    def keep(self, file: StoredFile, incoming: Incoming) -> StoredFile:
        """Keep a file that has come in, for its case; return it as it was kept first, where it was kept for this case before.

        When it returns, the bytes are safe; when it can't, nothing is kept.
        """
        ...

    def remove(self, case: str, sha256: str, *, version: int) -> bool:
        """Remove a file from a case; say whether it was there. Its bytes go soon after, unless another case has them.

        Raises StaleStream where the case is at another version.
        """
        ...


class NoFiles:
    """Where no files are kept: no case has any, so that evidence that names one is refused."""

    def of_case(self, case: str) -> Sequence[StoredFile]:  # noqa: ARG002
        """Return none."""
        return ()

    def keep(self, file: StoredFile, incoming: Incoming) -> StoredFile:
        """Refuse: there is nowhere to keep it."""
        raise NotImplementedError("no files are kept here")

    def remove(self, case: str, sha256: str, *, version: int) -> bool:  # noqa: ARG002
        """Return that it was not there."""
        return False


class Letter(NamedTuple):
    """Where a letter stands (see `domain.letter_events`); `planned` is the reminder of which the time has not come."""

    state: str
    planned: ReminderSent | None = None


class Post(Protocol):
    """The letters that are planned, wait, or were sent."""

    def letter(self, case: str, letter: str) -> Letter | None:
        """Return where this letter of the case stands; None where there is no such one."""
        ...


class Shelved(NamedTuple):
    """A text that is still kept: where an event refers to it, the kind of record it is, and since when (UTC).

    Or the words of a letter, or a look, each of its own kind.
    """

    id: str
    stream: str
    kind: str
    since: datetime


class Shelves(Protocol):
    """What is kept beside the events, and which streams name what: where to look when something is to be let go."""

    def position(self) -> int:
        """Return up to which position of the log the other answers hold; ask for it first."""
        ...

    def holders(self) -> Sequence[str]:
        """Return the streams with a text, a file, words of a letter or a look that is still kept, the oldest first."""
        ...

    def kept(self, texts: Sequence[str]) -> frozenset[str]:
        """Return those of these texts that have not been erased."""
        ...

    def texts_of(self, subject: str) -> Sequence[Shelved]:
        """Return the texts still kept that were typed for this subject, the oldest first."""
        ...

    def files(self, cases: Sequence[str]) -> Mapping[str, Sequence[StoredFile]]:
        """Return the files kept for each of these cases that has any, the oldest first."""
        ...

    def beside(self, streams: Sequence[str]) -> Mapping[str, Sequence[Shelved]]:
        """Return for each of these streams that has any the letters about it whose words are kept, and who looked at it."""
        ...

    def fields(self, subjects: Sequence[str] | None = None) -> Mapping[str, Sequence[str]]:
        """Return the names of the vault's fields of each of these subjects that has any, or of all."""
        ...

    def tasks_of(self, person: str) -> Sequence[tuple[str, bool]]:
        """Return the matters in which a task of this person runs, each with whether somebody is told when it is late."""
        ...

    def naming(self, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return for each of these people, providers and concerns the streams that name it as taking part or concerned."""
        ...

    def open_matters(self) -> Mapping[str, Sequence[str]]:
        """Return for whatever an open appeal, complaint, audit or scrutiny names, which of them do."""
        ...
