"""Trying a scheme version out on the decided cases of its earlier versions: which outcomes would differ. Writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.scheme import Scheme
from domain.submission import trial
from domain.submission.events import DecisionRecorded
from domain.submission.state import Submission
from domain.submission.trial import Trial
from services.office import Office
from services.schemes import recorded
from services.states import fold

BATCH = 100
"""How many cases are loaded at once."""


@dataclass(slots=True)
class DryRun:
    """What became of the decided cases: the trials that differ, the ids of those the same, the trials not comparable."""

    differ: list[Trial] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    incomparable: list[Trial] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many decided cases there were."""
        return len(self.differ) + len(self.same) + len(self.incomparable)


def dry_run(office: Office, scheme: Scheme, progress: Callable[[int, int], None] = lambda _done, _all: None) -> DryRun:
    """Replay every decided case of this scheme under the version `scheme`, published or not.

    `progress` is called with how many cases were looked at, and of how many.
    """
    prefix = f"{scheme.id}@"
    cases = list(
        dict.fromkeys(
            one.stream for one in recorded(office, DecisionRecorded) if one.scheme and one.scheme.startswith(prefix)
        )
    )
    result, done = DryRun(), 0
    progress(0, len(cases))
    for some in _batches(cases):
        for one in _tried(office, scheme, some):
            match one.verdict:
                case "differs":
                    result.differ.append(one)
                case "same":
                    result.same.append(one.case)
                case _:
                    result.incomparable.append(one)
        done += len(some)
        progress(done, len(cases))
    return result


def _tried(office: Office, scheme: Scheme, cases: Sequence[str]) -> Iterator[Trial]:
    """Load some cases, and those that they follow, in two round trips, and try each."""
    held = _folded(office, cases)
    earlier = {one.registration.follows for one in held.values() if one.registration.origin == "reaccreditation"}
    missing = sorted(one for one in earlier if one and one not in held)
    known = held | _folded(office, missing)
    for case in cases:
        found = trial.under(held[case], scheme, known.get(held[case].registration.follows or ""))
        if found:
            yield found


def _folded(office: Office, cases: Sequence[str]) -> dict[str, Submission]:
    return {id: fold(id, stream.entries) for id, stream in office.records.streams(*cases).items()} if cases else {}


def _batches(cases: Sequence[str]) -> Iterator[list[str]]:
    left = iter(cases)
    while some := list(islice(left, BATCH)):
        yield some
