"""What providers of a play hand in: real small files of a type that the scheme takes, uploaded as any other."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

from domain.scheme import Scheme
from domain.submission.events import Evidence
from infra.files.kept import KeptFiles
from infra.files.sniff import IN_ARCHIVE
from infra.problems import CannotStart
from services.files import upload_file
from services.office import Office
from services.ports import Command


def _pdf(words: str) -> bytes:
    """One page with a line of text."""
    shown = f"BT /F1 12 Tf 60 740 Td ({words}) Tj ET".encode("ascii", "replace")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
    ]
    page, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(page))
        page += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(page)
    return page + b"xref\n0 5\n0000000000 65535 f \n" + table + end


def _document(main: str) -> Callable[[str], bytes]:
    def written(words: str) -> bytes:
        held = BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr(main, f"<text>{words}</text>")
        return held.getvalue()

    return written


def _after(mark: bytes) -> Callable[[str], bytes]:
    return lambda words: mark + words.encode()


WRITTEN: Final[Mapping[str, Callable[[str], bytes]]] = {
    "application/pdf": _pdf,
    "text/plain": _after(b""),
    "text/csv": _after(b"what\n"),
    "image/png": _after(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": _after(b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
    "audio/mpeg": _after(b"ID3\x03\0\0\0\0\0\0"),
    "video/mp4": _after(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"),
    **{kind: _document(main) for main, kind in IN_ARCHIVE.items()},
}
"""How a file of each type is written; of pictures, sound and film no more than what they are known by."""


def type_written(scheme: Scheme) -> str:
    """The first type of the scheme's that a play can write. Raises CannotStart where there is none."""
    for kind in scheme.media_types:
        if kind in WRITTEN:
            return kind
    raise CannotStart(
        f"A play can write no file of the types that {scheme.ref} takes; add one of {', '.join(WRITTEN)} to its media_types."
    )


def paper(scheme: Scheme, criterion: str, words: str) -> tuple[bytes, Evidence]:
    """A file with these words, and the evidence that names it."""
    kind = type_written(scheme)
    content = WRITTEN[kind](words)
    sha256 = hashlib.sha256(content).hexdigest()
    return content, Evidence(criterion=criterion, sha256=sha256, media_type=kind, size=len(content), pinpoint=(0, 60))


def hand_over(office: Office, command: Command, files: KeptFiles, *, case: str, content: bytes, kind: str) -> None:
    """Upload a file for a case."""
    with files.spool.open() as part:
        part.write(content)
        upload_file(office, command, case=case, incoming=part.finish(), media_type=kind)
