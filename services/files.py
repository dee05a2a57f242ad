"""Files of a submission: uploaded by the provider, removed by it until they are handed in, named by what is handed in.

Their bytes go to the store beside the record (`Files`); which case has which is known in the record's own transactions.
Source: handbook, Evidence files.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.refusals import refuse
from domain.submission import files
from domain.submission.events import Evidence
from domain.submission.files import StoredFile
from services.acting import permitted
from services.office import TRIES, Office, Receipt, Work, carry_out
from services.ports import Command, Incoming, StaleStream


@permitted
def upload_file(
    office: Office, command: Command, *, case: str, incoming: Incoming, media_type: str | None = None
) -> StoredFile:
    """Keep a file for a submission to which evidence can still be handed in. By a contact of the provider.

    `media_type` is what it is declared as, if anything. The same bytes again are the same file, as it was kept first.
    """
    kept: list[StoredFile] = []

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts(held.scheme_id)
        files.require_uploading(held)
        scheme = work.scheme(held.registration.scheme)
        files.require_size(incoming.size, scheme)
        kind = files.media_type_of(incoming.found, media_type, scheme)
        stored = office.files.of_case(case)
        if not any(one.sha256 == incoming.sha256 for one in stored):
            files.require_room(held, stored, scheme)
        said: dict[str, Any] = {"case": case, "sha256": incoming.sha256, "size": incoming.size, "media_type": kind}
        kept[:] = [StoredFile(**said, by=command.actor, at=command.at)]

    carry_out(office, command, case, step=step)
    return office.files.keep(kept[0], incoming)


@permitted
def remove_file(office: Office, command: Command, *, case: str, sha256: str) -> Receipt:
    """Remove a file that was uploaded for a submission and not handed in. By a contact of the provider."""

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts(held.scheme_id)
        files.require_not_handed_in(sha256, [one.event for one in work.entries[case]])
        if not any(one.sha256 == sha256 for one in office.files.of_case(case)):
            raise refuse(
                "known-file",
                "no file with this SHA-256 is kept for this submission",
                field="sha256",
                allowed="the SHA-256 of one that was uploaded for it",
            )

    for _ in range(TRIES):
        receipt = carry_out(office, command, case, step=step)
        try:
            office.files.remove(case, sha256, version=receipt.work.versions[case])
        except StaleStream:
            continue
        return receipt
    raise refuse("too-busy", "others changed this while it was decided", field="command", allowed="trying again")


def limits_of(office: Office, case: str, *, at: datetime) -> tuple[int, Sequence[str]]:
    """How many bytes and which media types a file uploaded now may have; refuses where none may be uploaded.

    To be asked before the bytes are taken; `upload_file` decides.
    """
    work = Work(office, Command(id="limits", actor="", role="", at=at), case)
    held = work.submission(case)
    files.require_uploading(held)
    scheme = work.scheme(held.registration.scheme)
    return scheme.file_bytes, scheme.media_types


def name_files(work: Work, case: str, evidence: Sequence[Evidence]) -> None:
    """Have what is handed in name only files that are kept for the case, also in the moment in which it is recorded."""
    if evidence:
        files.require_stored(evidence, work.office.files.of_case(case))
        work.files += [(case, one.sha256) for one in evidence]
