"""What a file is by its bytes, whatever it is called."""

import io
import zipfile
from pathlib import Path

import pytest

from infra.files.sniff import MOST, OFFICE, found_in

ZIP = "application/zip"


def archive(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return held.getvalue()


def document(*names: str) -> bytes:
    return archive("[Content_Types].xml", *names)


def found(content: bytes, folder: Path) -> tuple[str, ...]:
    path = folder / "file"
    path.write_bytes(content)
    return found_in(content[: 64 * 1024], path, len(content))


@pytest.mark.parametrize(
    ("content", "first"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(30), "image/jpeg"),
        (b"ID3\x03\0\0\0" + bytes(50), "audio/mpeg"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "video/mp4"),
        (document("word/document.xml"), OFFICE + "wordprocessingml.document"),
        (document("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (document("ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (b"We asked everyone who took part.\n", "text/plain"),
        ("Größe,Zahl\n1,2\n".encode("cp1252"), "text/plain"),
        (b"BMs are bitmaps, and this is a sentence about them.", "image/x-ms-bmp"),
    ],
    ids=["pdf", "png", "jpeg", "mp3", "mp4", "docx", "xlsx", "pptx", "text", "eight-bit-text", "text-like-a-bitmap"],
)
def test_each_type_of_the_schemes_is_known_by_its_bytes(content: bytes, first: str, tmp_path: Path):
    assert found(content, tmp_path)[0] == first


def test_text_may_be_said_to_be_any_text(tmp_path: Path):
    assert {"text/plain", "text/csv"} <= set(found(b"a,b\n1,2\n", tmp_path))


def test_a_text_whose_first_words_look_like_another_type_may_still_be_text(tmp_path: Path):
    assert "text/plain" in found(b"BMs are bitmaps, and this is a sentence about them.", tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\0" + bytes(100), b"\x7fELF" + bytes(60), b"<html><script>alert(1)</script>", bytes(100), b"\x01\x02\x03"],
    ids=["exe", "elf", "html", "zeros", "control"],
)
def test_programs_pages_and_what_is_nothing_are_none_of_them(content: bytes, tmp_path: Path):
    taken = ("application/pdf", "text/plain", "image/png", "image/jpeg", "audio/mpeg", "video/mp4")

    assert not set(taken) & set(found(content, tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        archive("notes.txt"),
        archive("word/document.xml"),
        document("word/document.xml", "word/vbaProject.bin"),
        document("word/document.xml", "xl/workbook.xml"),
        document("word/document.xml")[:-30],
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["archive", "no-types", "macros", "two-at-once", "cut-off", "rubbish"],
)
def test_an_archive_that_is_no_plain_document_is_only_an_archive(content: bytes, tmp_path: Path):
    assert found(content, tmp_path) == (ZIP,)


def test_a_list_of_names_larger_than_any_document_s_is_not_read(tmp_path: Path):
    whole = bytearray(document("word/document.xml"))
    at = whole.rindex(b"PK\x05\x06") + 12
    whole[at : at + 4] = (MOST + 1).to_bytes(4, "little")

    assert found(bytes(whole), tmp_path) == (ZIP,)


def test_an_empty_file_is_of_no_type(tmp_path: Path):
    assert found(b"", tmp_path) == ()
