"""What a file may be by its own bytes, whatever its name says: told from its beginning, and of archives from what is in them."""

import zipfile
from pathlib import Path
from typing import Final

import puremagic

HEAD: Final = 64 * 1024
"""Bytes from the beginning that are looked at."""
OFFICE: Final = "application/vnd.openxmlformats-officedocument."
IN_ARCHIVE: Final = {
    "word/document.xml": OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": OFFICE + "presentationml.presentation",
}
MACROS: Final = "vbaproject.bin"
TEXTS: Final = ("text/plain", "text/csv", "text/markdown", "text/tab-separated-values")
"""Text has no mark of its own; any of these may be said of it."""
CONTROL: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")
"""Bytes that no text has, in whatever alphabet it is written."""
SURE: Final = 0.3
"""A guess that is less sure than this may be about some words at the beginning of a text."""
END: Final = b"PK\x05\x06"
END_WITHIN: Final = 66_000
MOST: Final = 4 * 1024 * 1024
"""Bytes that the list of an archive's names may have: it is read into memory."""


def found_in(head: bytes, path: Path, size: int) -> tuple[str, ...]:
    """Return the media types that a file may be of, the likeliest first; `head` are its first bytes, all are at `path`."""
    if not size:
        return ()
    if head.startswith(b"PK"):
        return _archive(path)
    try:
        guesses = puremagic.magic_string(head)
    except puremagic.PureError:
        guesses = []
    named = dict.fromkeys(one.mime_type for one in guesses if one.mime_type)
    plain = not CONTROL & set(head) and all(one.confidence < SURE for one in guesses)
    return (*named, *(TEXTS if plain else ()))


def _archive(path: Path) -> tuple[str, ...]:
    """Documents that are archives have the same beginning; one with macros in it is none of them."""
    names = _names(path)
    if "[Content_Types].xml" in names and not any(one.lower().endswith(MACROS) for one in names):
        found = tuple(kind for name, kind in IN_ARCHIVE.items() if name in names)
        if len(found) == 1:
            return found
    return ("application/zip",)


def _names(path: Path) -> set[str]:
    """The names in an archive; none where its list of them is damaged, or larger than a document's ever is."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - END_WITHIN))
            _, mark, end = file.read().rpartition(END)
        if not mark or len(end) < 12 or int.from_bytes(end[8:12], "little") > MOST:
            return set()
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return set()
