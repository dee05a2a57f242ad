"""What keeps a record now, and until when: looked up from the streams that it belongs to, by the body's policy.

The rules themselves are in `domain/retention/keeping.py`; here is gathered what they ask about. Source: handbook, Retention.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from domain.accreditation import Accreditation
from domain.ids import MATTERS, derived_id, kind_of
from domain.policy import Policy
from domain.retention.keeping import (
    Until,
    case_kept,
    cycle_at,
    cycle_kept,
    matter_kept,
)
from domain.retention.kinds import OF_FILES, OF_STREAMS, texts_in
from domain.retention_policy import ALONG, KINDS, RECORDED, RetentionPolicy, Rule
from domain.submission.files import StoredFile
from domain.submission.state import Submission
from domain.tasks import ALL
from services.awards import accreditation_id
from services.office import Office
from services.ports import Recorded, Shelved, Shelves
from services.states import FOLDED, fold

HOLDS = derived_id("retention", "holds")
"""The stream of the register of holds."""
LEGAL_HOLD = "legal-hold"
OPEN_MATTER = "open-matter"


class TextKept(NamedTuple):
    """A text of a stream, words of a letter about it or a look at it, the kind of record it is, and until when it is kept."""

    id: str
    kind: str
    until: Until


class FileKept(NamedTuple):
    """A file of a case, and until when it is kept; it is of the kind of record that `OF_FILES` says."""

    file: StoredFile
    until: Until


@dataclass(slots=True)
class Facts:
    """The streams looked at for one answer, each read once; `at` (UTC) is when it is given."""

    office: Office
    shelves: Shelves
    policy: Policy
    holds: Collection[str]
    at: datetime
    matters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    streams: dict[str, Sequence[Recorded]] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stored: dict[str, Sequence[StoredFile]] = field(default_factory=dict)
    shelved: dict[str, Sequence[Shelved]] = field(default_factory=dict)

    @property
    def content(self) -> RetentionPolicy:
        """What the policy says."""
        found: RetentionPolicy = self.policy.content
        return found

    def read(self, ids: Iterable[str]) -> None:
        """Read streams that were not read yet, in one round trip."""
        wanted = sorted({one for one in ids if one not in self.streams})
        if not wanted:
            return
        for id, events in self.office.records.load(*wanted).items():
            self.streams[id] = events
            if kind_of(id) in FOLDED:
                self.states[id] = fold(id, events)

    def read_cases(self, holders: Iterable[str]) -> None:
        """Read these streams and all that their cases go by: awards, the submissions to earn those again, and their files."""
        holders = list(holders)
        self.read(holders)
        self.read_files(holders)
        self.read_beside(holders)
        cases = {one for holder in holders if (one := self.case_of(holder))}
        self.read(cases)
        self.read({award for one in cases if (award := self.award_of(one))})
        self.read({later for one in cases for later in self.award(self.award_of(one)).next})

    def read_files(self, holders: Iterable[str]) -> None:
        """Ask which files these submissions have, in one round trip."""
        wanted = sorted({one for one in holders if kind_of(one) == "submission" and one not in self.stored})
        if wanted:
            found = self.shelves.files(wanted)
            self.stored.update({one: found.get(one, ()) for one in wanted})

    def read_beside(self, holders: Iterable[str]) -> None:
        """Ask for the letters about these streams and the looks at them, in one round trip."""
        wanted = sorted({one for one in holders if one not in self.shelved})
        if wanted:
            found = self.shelves.beside(wanted)
            self.shelved.update({one: found.get(one, ()) for one in wanted})

    def state(self, id: str) -> Any:
        """The state of a stream of a kind that is known here."""
        self.read([id])
        return self.states[id]

    def name(self, ids: Iterable[str]) -> None:
        """Ask which streams name these people, providers and concerns, in one round trip."""
        wanted = sorted({one for one in ids if one not in self.named})
        if wanted:
            found = self.shelves.naming(wanted)
            self.named.update({one: tuple(found.get(one, ())) for one in wanted})

    def naming(self, id: str, *kinds: str) -> list[str]:
        """The streams of these kinds that name a person, a provider or a concern."""
        self.name([id])
        return [one for one in self.named[id] if kind_of(one) in kinds]

    def forget(self) -> None:
        """Let go of what was read, so that a whole store can be gone through piece by piece."""
        self.streams.clear()
        self.states.clear()
        self.named.clear()
        self.stored.clear()
        self.shelved.clear()

    def award(self, id: str) -> Accreditation:
        """The state of an award; an empty one where there is none."""
        found: Accreditation = self.state(id) if id else Accreditation()
        return found

    def case_of(self, holder: str) -> str:
        """The submission, or the award, whose record a stream is; empty where it is of none."""
        match kind_of(holder):
            case "submission" | "accreditation":
                return holder
            case "calibration":
                return str(self.state(holder).submission)
        return ""

    def award_of(self, case: str) -> str:
        """The award that a submission earned or was to earn; an award's own id."""
        if kind_of(case) != "submission":
            return case
        held: Submission = self.state(case)
        own = held.registration.accreditation if held.registered else None
        return own or accreditation_id(case)

    def provider_of(self, holder: str) -> str:
        """The provider whose affair a stream is; empty where it is nobody's."""
        case = self.case_of(holder)
        if kind_of(case) == "submission":
            held: Submission = self.state(case)
            return held.registration.provider if held.registered else ""
        if not case and kind_of(holder) in MATTERS and holder in self.states:
            return str(self.states[holder].provider)
        return self.award(case).provider

    def concerned(self, holder: str) -> set[str]:
        """All by whose id a record of this stream may be kept: itself, its case, its award, its provider."""
        if kind_of(holder) in ("person", "provider"):
            return {holder}
        case = self.case_of(holder)
        award = self.award_of(case) if case else ""
        return {one for one in (holder, case, award, self.provider_of(holder)) if one}

    def held(self, holder: str) -> Until | None:
        """What keeps all of a stream's records: a hold, or an open matter that concerns it.

        Of a person's own record an open matter keeps what the policy says, see `services/own_records.py`.
        """
        concerned = self.concerned(holder)
        if concerned & set(self.holds):
            return Until(ground=LEGAL_HOLD)
        if concerned & self.matters.keys() and kind_of(holder) != "person":
            return Until(ground=OPEN_MATTER)
        return None

    def texts(self, holder: str) -> list[TextKept]:
        """Every text that the stream's events refer to, with until when it is kept."""
        self.read([holder])
        held = self.held(holder)
        found = []
        for one in self.streams[holder]:
            for text in texts_in(one.event, holder):
                until = held or self.until(holder, self.content.rules[text.kind], one.at)
                found.append(TextKept(text.id, text.kind, until))
        return found

    def files(self, holder: str) -> list[FileKept]:
        """Every file that is kept for a submission, with until when."""
        self.read_files([holder])
        if not (stored := self.stored.get(holder)):
            return []
        self.read([holder])
        held, rule = self.held(holder), self.content.rules[OF_FILES]
        return [FileKept(one, held or self.until(holder, rule, one.at)) for one in stored]

    def beside(self, holder: str) -> list[TextKept]:
        """The letters about a stream whose words are kept, and the looks at it, with until when they are."""
        self.read_beside([holder])
        if not (found := self.shelved[holder]):
            return []
        self.read([holder])
        held, rules = self.held(holder), self.content.rules
        return [TextKept(one.id, one.kind, held or self.until(holder, rules[one.kind], one.since)) for one in found]

    def until(self, holder: str, rule: Rule, since: datetime) -> Until:
        """Until when a text of this stream, recorded at `since`, is kept by its rule."""
        calendar, case = self.policy.calendar, self.case_of(holder)
        own = KINDS[OF_STREAMS.get(kind_of(holder), "governance")]
        basis = own if rule.basis == ALONG else rule.basis
        if basis == RECORDED or not case:
            closed = self.closed_at(holder)
            return matter_kept(recorded_at=since, closed_at=closed, rule=rule, calendar=calendar, basis=basis)
        award = self.award(self.award_of(case))
        given: dict[str, Any] = {"next_runs": self.next_runs(award), "rule": rule, "calendar": calendar}
        if kind_of(case) == "accreditation":
            return cycle_kept(award, cycle=cycle_at(award, since), **given)
        return case_kept(self.state(case), ended_at=self.ended_at(case), award=award, **given)

    def closed_at(self, holder: str) -> datetime | None:
        """When a matter was closed (UTC): by its last event that ended or set tasks, if that ended all and set none."""
        turns = [
            one for one in self.streams[holder] if getattr(one.event, "ends", ()) or getattr(one.event, "sets", ())
        ]
        if turns and ALL in getattr(turns[-1].event, "ends", ()) and not getattr(turns[-1].event, "sets", ()):
            return turns[-1].at
        return None

    def ended_at(self, case: str) -> datetime | None:
        """When a submission came to its end (UTC); None while it runs."""
        state = Submission()
        for one in self.streams[case]:
            state = fold(case, [one], state=state)
            if state.over:
                return one.at
        return None

    def next_runs(self, award: Accreditation) -> bool:
        """Is a submission that is to earn this award again, or to raise it, not over?"""
        self.read(award.next)
        return any(not self.state(one).over for one in award.next)
