"""Which files are kept for which case, in the database, never contradicts the bytes beside it, wherever they are."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from infra.files.errors import FilesOutOfReach
from infra.files.kept import KeptFiles
from infra.files.tending import tended, tidy
from tests.infra.files.coming import CASE, NOON, OTHER, bytes_of, keep
from tests.infra.polling import until


def test_a_file_is_kept_for_its_case_with_who_uploaded_it_when(kept: KeptFiles):
    file = keep(kept)

    assert list(kept.of_case(CASE)) == [file]
    assert (file.case, file.at, file.media_type) == (CASE, NOON, "application/pdf")
    assert len(bytes_of(kept, file)) == file.size
    assert kept.counts() == (1, 0)
    assert kept.of_case(OTHER) == ()


def test_the_same_bytes_again_are_the_same_file_as_it_was_kept_first(kept: KeptFiles):
    first = keep(kept)

    assert keep(kept, at=NOON + timedelta(hours=1)) == first
    assert len(list(kept.objects.all())) == 1


def test_the_same_bytes_of_two_cases_are_one_file_and_stay_while_one_has_them(kept: KeptFiles):
    file, other = keep(kept), keep(kept, case=OTHER)

    assert kept.remove(CASE, file.sha256, version=0)
    assert kept.clear() == 0
    assert bytes_of(kept, other)
    assert kept.remove(OTHER, file.sha256, version=0)
    assert kept.clear() == 1
    assert list(kept.objects.all()) == []
    assert kept.counts() == (0, 0)


def test_what_is_not_there_is_not_removed(kept: KeptFiles):
    assert not kept.remove(CASE, "0" * 64, version=0)


def test_many_who_upload_the_same_bytes_at_once_keep_one_file(kept: KeptFiles):
    with ThreadPoolExecutor(6) as threads:
        files = list(threads.map(lambda number: keep(kept, case=CASE if number % 2 else OTHER), range(12)))

    assert len({one.sha256 for one in files}) == 1
    assert [len(kept.of_case(one)) for one in (CASE, OTHER)] == [1, 1]
    assert len(list(kept.objects.all())) == 1
    assert kept.spool.left() == 0


def test_bytes_that_were_put_before_a_crash_go_and_the_same_upload_again_is_kept(kept: KeptFiles):
    kept.doubt(keep(kept).sha256)
    put, real = [], kept.objects.put

    def put_and_crash(sha256: str, path: Path) -> None:
        real(sha256, path)
        put.append(sha256)
        raise KeyboardInterrupt

    kept.objects.put = put_and_crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        keep(kept, b"Crashed behind its bytes", case=OTHER)
    kept.objects.put = real  # type: ignore[method-assign]
    assert len(list(kept.objects.all())) == 2

    assert kept.clear() == 1
    assert [len(kept.of_case(one)) for one in (CASE, OTHER)] == [1, 0]
    assert len(list(kept.objects.all())) == 1
    again = keep(kept, b"Crashed behind its bytes", case=OTHER)
    assert again.sha256 == put[0]
    assert bytes_of(kept, again) == b"Crashed behind its bytes"


def test_nobody_clears_bytes_that_are_just_coming_in(kept: KeptFiles):
    real, putting, go_on = kept.objects.put, threading.Event(), threading.Event()

    def slowly(sha256: str, path: Path) -> None:
        real(sha256, path)
        putting.set()
        assert go_on.wait(30)

    kept.objects.put = slowly  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(keep, kept)
        assert putting.wait(30)
        assert kept.clear() == 0  # in doubt, and locked by who puts it
        go_on.set()
        file = coming.result(30)

    assert kept.clear() == 0
    assert bytes_of(kept, file)
    assert kept.counts() == (1, 0)


def test_the_same_bytes_uploaded_again_put_a_damaged_file_right(kept: KeptFiles):
    file = keep(kept)
    kept.note_fault(file.sha256, "it is missing")
    kept.objects.delete(file.sha256)

    keep(kept)

    assert bytes_of(kept, file)
    assert kept.faults() == {}


def test_what_is_let_go_is_cleared_in_the_background_also_what_was_left_before(kept: KeptFiles):
    file = keep(kept)
    kept.spool.open()  # an upload that nobody goes on with
    (kept.spool.parts / "left-behind").write_bytes(b"by a process that was killed")
    with tended(kept, threading.Event(), every=0.01):
        until(lambda: not (kept.spool.parts / "left-behind").exists())
        kept.remove(CASE, file.sha256, version=0)
        until(lambda: list(kept.objects.all()) == [])


def test_what_can_not_be_cleared_now_waits_and_the_rest_goes(kept: KeptFiles):
    stuck, free = keep(kept), keep(kept, b"Another")
    real = kept.objects.delete

    def fails(sha256: str) -> None:
        if sha256 == stuck.sha256:
            raise FilesOutOfReach("refused")
        real(sha256)

    kept.objects.delete = fails  # type: ignore[method-assign]
    for one in (stuck, free):
        kept.remove(CASE, one.sha256, version=0)

    assert tidy(kept) == (0, 1)
    assert kept.counts() == (0, 1)
    kept.objects.delete = real  # type: ignore[method-assign]
    assert tidy(kept) == (0, 1)
    assert kept.counts() == (0, 0)
