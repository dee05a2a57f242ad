"""Files uploaded for a submission: while evidence may be handed in, of the scheme's types and sizes; evidence names only these.

Source: handbook, Evidence files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.refusals import Refused, refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.state import Stage, Submission, require_registered, wrong_stage

UPLOADING = (Stage.REGISTERED, Stage.PREPARING, Stage.RETURNED, Stage.EVIDENCE_REQUESTED)
"""The stages at which a provider may still hand evidence in."""
SPARE = 2
"""So many times the files that a whole portfolio may have can be there at once: drafts, and further evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that is kept for a case: its hex SHA-256, bytes, media type, and by whose id it was uploaded when (UTC)."""

    case: str
    sha256: str
    size: int
    media_type: str
    by: str
    at: datetime


def require_uploading(case: Submission) -> None:
    """Refuse files for a submission to which no evidence can be handed in now."""
    require_registered(case)
    if case.stage not in UPLOADING:
        raise wrong_stage(case, "uploading a file", *UPLOADING)
    if case.stage is Stage.EVIDENCE_REQUESTED and case.response is not None:
        raise refuse(
            "evidence-once", "the request was answered already", field="submission", allowed="to wait for the review"
        )


def require_size(size: int, scheme: Scheme) -> None:
    """Refuse a file that is empty, or larger than the scheme allows."""
    if not 0 < size <= scheme.file_bytes:
        raise refuse(
            "evidence-size",
            f"the file has {size:,} bytes" if size else "the file is empty",
            field="size",
            allowed=f"1 to {scheme.file_bytes:,} bytes",
        )


def media_type_of(found: Sequence[str], declared: str | None, scheme: Scheme) -> str:
    """Return the type that a file is kept as: the declared one, or else the first `found` in its bytes that the scheme takes.

    `found` are the types that its bytes may be of, the likeliest first. Refuses what is of no type of the scheme, and what
    is declared as something else than it is.
    """
    taken = [one for one in found if one in scheme.media_types]
    if declared is not None and declared not in found:
        raise _wrong_type(f"it is declared as {declared} and its bytes are {_listed(found)}", scheme)
    if not taken or (declared is not None and declared not in taken):
        raise _wrong_type(f"its bytes are {_listed(found)}", scheme)
    return declared or taken[0]


def _listed(found: Sequence[str]) -> str:
    return ", or ".join(found[:3]) or "of no type that is known here"


def _wrong_type(reason: str, scheme: Scheme) -> Refused:
    return refuse("evidence-type", reason, field="media_type", allowed=", ".join(scheme.media_types))


def require_room(case: Submission, stored: Sequence[StoredFile], scheme: Scheme) -> None:
    """Refuse one file more than a submission may have."""
    most = SPARE * scheme.files_per_criterion * len(case.registration.criteria)
    if len(stored) >= most:
        raise refuse(
            "files-per-submission",
            f"{len(stored)} files are there already",
            field="case",
            allowed=f"at most {most}; removing one that is not handed in makes room",
        )


def require_stored(evidence: Sequence[e.Evidence], stored: Sequence[StoredFile]) -> None:
    """Refuse evidence that names a file which is not kept for this submission, or not with this size and type."""
    there = {one.sha256: one for one in stored}
    for number, one in enumerate(evidence):
        field, kept = f"evidence[{number}]", there.get(one.sha256)
        if kept is None:
            raise refuse(
                "evidence-stored",
                "no file with this SHA-256 was uploaded for this submission",
                field=f"{field}.sha256",
                allowed="uploading the file first, or the SHA-256 of one that was uploaded for this submission",
            )
        said: Mapping[str, tuple[object, object]] = {
            "size": (one.size, kept.size),
            "media_type": (one.media_type, kept.media_type),
        }
        for name, (given, held) in said.items():
            if given != held:
                raise refuse(
                    "evidence-stored",
                    f"the file with this SHA-256 was uploaded with another {name.replace('_', ' ')}",
                    field=f"{field}.{name}",
                    allowed=str(held),
                )


def handed_in(events: Sequence[object]) -> frozenset[str]:
    """The SHA-256 of every file that was ever handed in, by the events of a submission's stream."""
    return frozenset(
        one.sha256
        for event in events
        if isinstance(event, e.PortfolioSubmitted | e.EvidenceProvided)
        for one in event.evidence
    )


def require_not_handed_in(sha256: str, events: Sequence[object]) -> None:
    """Refuse to remove what a portfolio or an answer to the panel names: it is part of the record."""
    if sha256 in handed_in(events):
        raise refuse(
            "portfolio-frozen",
            "the file was handed in",
            field="sha256",
            allowed="removing a file that was uploaded and not handed in",
        )
