"""What is made as a file and sent: it is written whole to a temporary file first, so that nobody takes half of it for all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Final

from infra.files.errors import of_system

CHUNK: Final = 256 * 1024


def written(write: Callable[[IO[bytes]], object]) -> IO[bytes]:
    """A temporary file that `write` has filled, for `sent`. Raises the error of the file store where it can't be kept."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed once it is sent)
    try:
        write(file)
        file.seek(0, os.SEEK_END)
    except BaseException as error:
        file.close()
        if isinstance(error, OSError):
            raise of_system(error) from error
        raise
    return file


def sized(file: IO[bytes]) -> dict[str, str]:
    """The header that says how long a file is that was `written`: whoever gets less knows that it broke off."""
    return {"Content-Length": str(file.tell())}


def sent(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file, which is closed then."""
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
