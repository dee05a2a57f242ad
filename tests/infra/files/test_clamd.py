"""The scanner is asked about each file, in clamd's protocol, over a real socket; without its word nothing is kept."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.files.clamd import PIECE, scan
from infra.files.errors import FilesOutOfReach
from infra.files.kept import KeptFiles
from tests.domain.given import refused
from tests.infra.files.coming import CASE, keep
from tests.infra.files.scanner import HARMFUL, Scanner, scanner


@pytest.fixture
def listening() -> Iterator[tuple[Scanner, str]]:
    with scanner() as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"An evaluation. " * PIECE)
    return path


def test_a_file_in_which_it_finds_nothing_passes_and_it_was_sent_whole(listening: tuple[Scanner, str], file: Path):
    asked, address = listening

    scan(address, file)

    assert asked.asked == [file.read_bytes()]


def test_it_is_asked_over_a_socket_of_this_machine_too(file: Path):
    with tempfile.TemporaryDirectory() as folder, scanner(Path(folder) / "s") as (asked, address):
        scan(address, file)

        assert len(asked.asked) == 1


def test_a_file_in_which_it_finds_something_is_refused(listening: tuple[Scanner, str], file: Path):
    file.write_bytes(b"1" * PIECE + HARMFUL)

    with refused("file-infected", field="body"):
        scan(listening[1], file)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"stream: OK", b"OK\0", b"stream: ERROR\0", b"stream: OK FOUND ERROR\0", b"\0", b"stream: Not OK\0",
        b"\xff\xfe\0", b"x" * 10_000, b"HTTP/1.1 400 Bad Request\r\n\r\n\0",
    ],
    ids=["nothing", "no-end", "other", "error", "both", "empty", "not-ok", "bytes", "endless", "http"],
)  # fmt: skip
def test_any_other_answer_or_none_is_no_word_that_it_is_well(answer: bytes, listening: tuple[Scanner, str], file: Path):
    asked, address = listening
    asked.says = answer

    with pytest.raises(FilesOutOfReach, match="scanner"):
        scan(address, file, patience=0.3)


def test_a_file_too_large_for_it_is_not_kept(listening: tuple[Scanner, str], file: Path):
    asked, address = listening
    asked.takes = 100

    with pytest.raises(FilesOutOfReach, match="scanner"):
        scan(address, file, patience=5)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock", "[::1]:1"])
def test_a_scanner_that_is_not_there_is_said_so(address: str, file: Path):
    with pytest.raises(FilesOutOfReach, match="can't be asked"):
        scan(address, file, patience=0.5)


def test_nothing_is_kept_of_what_it_finds_or_while_it_is_not_there(kept: KeptFiles, listening: tuple[Scanner, str]):
    asked, kept.clamd = listening
    with refused("file-infected"):
        keep(kept, b"%PDF " + HARMFUL)
    asked.says = b"rubbish\0"
    with pytest.raises(FilesOutOfReach):
        keep(kept)

    assert kept.of_case(CASE) == ()
    assert list(kept.objects.all()) == []
    assert kept.spool.left() == 0
    asked.says = None
    assert keep(kept) in kept.of_case(CASE)
