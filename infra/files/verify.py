"""Looks at every file that is kept, and at all that lies where they are: what is missing, changed, or nobody's."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from domain.events import recorded_names
from domain.submission import events as e
from infra.files.kept import KeptFiles
from infra.store.records import PostgresRecords

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with one file, by its SHA-256 (or its name, if it has none), and the cases that have it."""

    name: str
    fault: str
    cases: Sequence[str] = ()


@dataclass(slots=True)
class Verified:
    """What was looked at, and what was found.

    `never` is how many files portfolios name that are not kept here, and of how many cases: let go since, handed in before
    files were kept, or made up (`assay generate`). Nobody can tell here which, so that none of it is a fault.
    """

    files: int = 0
    size: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    never: int = 0
    never_cases: int = 0


def verify(
    files: KeptFiles, records: PostgresRecords, progress: Callable[[int, int], None] = lambda *_: None
) -> Verified:
    """Read every file whole; `progress` is told how many bytes of how many were read.

    What is found missing or changed is noted for operations, and what is well is no longer. Raises FilesOutOfReach.
    """
    whole, found = files.whole(), Verified()
    there = dict(files.objects.all())
    found.files, total = len(whole), sum(size for size, _ in whole.values())
    progress(0, total)
    for sha256, (size, cases) in whole.items():
        fault = _fault(files, sha256, size, there.get(sha256))
        if fault:
            files.note_fault(sha256, fault)
            found.wrong.append(Wrong(name=sha256, fault=fault, cases=cases))
        else:
            files.note_well(sha256)
        found.size += size
        progress(found.size, total)
    known = files.whole()  # what came in meanwhile is nobody's no more
    doubted = files.doubted()
    unknown = sorted(name for name in there if name not in known and name not in doubted)
    found.wrong += [Wrong(name=one, fault="no case has it") for one in unknown]
    _count_never(found, files, records)
    return found


def _fault(files: KeptFiles, sha256: str, size: int, there: int | None) -> str:
    """What is wrong with a file, empty where nothing is."""
    if there is None and files.objects.size(sha256) is None:  # it may have come in since all were listed
        return "it is missing" if sha256 in files.whole() else ""
    if there is not None and there != size:
        return f"it has {there:,} bytes, not {size:,}"
    digest = hashlib.sha256()
    try:
        for piece in files.objects.read(sha256, 0, size):
            digest.update(piece)
    except FileNotFoundError:
        return "it is missing" if sha256 in files.whole() else ""
    return "" if digest.hexdigest() == sha256 else "its bytes are others than were uploaded"


def _count_never(found: Verified, files: KeptFiles, records: PostgresRecords) -> None:
    """Count the files that are named by portfolios and not kept."""
    topics = (*recorded_names(e.PortfolioSubmitted), *recorded_names(e.EvidenceProvided))
    after = 0
    missing: dict[str, set[str]] = {}
    while page := records.read_log(after, PAGE, topics):
        kept = files.of_cases([one.stream for one in page])
        for one in page:
            there = {file.sha256 for file in kept.get(one.stream, ())}
            if lacking := {file.sha256 for file in one.event.evidence} - there:
                missing.setdefault(one.stream, set()).update(lacking)
        after = page[-1].position
    found.never, found.never_cases = sum(len(one) for one in missing.values()), len(missing)
