"""Bytes under their SHA-256, in a folder and in an S3 server's bucket alike."""

import hashlib
from pathlib import Path

import pytest

from infra.files.objects import UPLOADED, Objects
from infra.files.place import Folder
from infra.files.spool import Spool


def put(objects: Objects, spool: Spool, content: bytes) -> str:
    with spool.open() as part:
        part.write(content)
        incoming = part.finish()
        objects.put(incoming.sha256, incoming.path)
    return incoming.sha256


def test_what_is_put_is_there_whole_under_its_hash_and_by_range(objects: Objects, spool: Spool):
    content = bytes(range(256)) * 5000

    sha256 = put(objects, spool, content)

    assert sha256 == hashlib.sha256(content).hexdigest()
    assert objects.size(sha256) == len(content)
    assert b"".join(objects.read(sha256, 0, len(content))) == content
    assert b"".join(objects.read(sha256, 100, 260)) == content[100:260]
    assert b"".join(objects.read(sha256, len(content) - 1, len(content))) == content[-1:]
    assert list(objects.all()) == [(sha256, len(content))]
    assert spool.left() == 0


def test_a_file_of_several_parts_is_there_whole_and_read_in_pieces(objects: Objects, spool: Spool):
    content = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(UPLOADED // 16))
    assert len(content) == 2 * UPLOADED

    sha256 = put(objects, spool, content)

    pieces = list(objects.read(sha256, 0, len(content)))
    assert len(pieces) > 4
    assert hashlib.sha256(b"".join(pieces)).hexdigest() == sha256


def test_what_is_not_there_has_no_size_and_is_deleted_in_vain(objects: Objects):
    missing = "0" * 64

    assert objects.size(missing) is None
    objects.delete(missing)
    with pytest.raises(FileNotFoundError):
        list(objects.read(missing, 0, 1))
    assert list(objects.all()) == []
    objects.check()


def test_what_was_deleted_is_gone(objects: Objects, spool: Spool):
    sha256 = put(objects, spool, b"This goes")

    objects.delete(sha256)

    assert objects.size(sha256) is None
    assert list(objects.all()) == []


def test_the_same_bytes_put_again_are_one_object(objects: Objects, spool: Spool):
    assert put(objects, spool, b"The same") == put(objects, spool, b"The same")
    assert len(list(objects.all())) == 1


def test_files_are_readable_by_their_owner_alone(tmp_path: Path):
    sha256 = put(Objects(Folder(path=tmp_path)), Spool(tmp_path, reserve=0), b"For us")

    assert (tmp_path / sha256[:2] / sha256).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "parts").stat().st_mode & 0o777 == 0o700
