"""Files that come in, as uploads make them, and what is kept of them."""

from datetime import UTC, datetime

from domain.submission.files import StoredFile
from infra.files.kept import KeptFiles

CASE, OTHER = "submission-aaaaaaaaaaaaaaaa", "submission-bbbbbbbbbbbbbbbb"
PERSON = "person-aaaaaaaaaaaaaaaa"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PDF = b"%PDF-1.4\n% An evaluation\n" + b"%" * 2000


def keep(files: KeptFiles, content: bytes = PDF, case: str = CASE, at: datetime = NOON) -> StoredFile:
    """A file comes in, and is kept for a case."""
    with files.spool.open() as part:
        part.write(content)
        incoming = part.finish()
        file = StoredFile(
            case=case, sha256=incoming.sha256, size=incoming.size, media_type="application/pdf", by=PERSON, at=at
        )
        return files.keep(file, incoming)


def bytes_of(files: KeptFiles, file: StoredFile) -> bytes:
    """What is kept under the file's SHA-256."""
    return b"".join(files.objects.read(file.sha256, 0, file.size))
