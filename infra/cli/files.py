"""Files that commands are given, read as text and told apart; and those that they write: whole or not at all, over none unless asked."""

import os
import sys
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

from domain.refusals import refuse
from domain.scheme_words import counted
from domain.toml_reader import FaultyFile
from infra.problems import CannotStart


def source_of(file: Path) -> str:
    """Return the file's text. Raises CannotStart where it can't be read."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as problem:
        raise CannotStart(f"{file} can't be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotStart(f"{file} is not UTF-8 text.") from None


def scheme_source(file: Path) -> str:
    """Return the text of a scheme's file. Raises CannotStart for one that says itself that it is a policy."""
    source = source_of(file)
    if _says(source, "policy", "scheme"):
        raise CannotStart(f"{file} is a policy, not a scheme; `assay policy check {file}` checks it.")
    return source


def policy_source(file: Path) -> str:
    """Return the text of a policy's file. Raises CannotStart for one that says itself that it is a scheme."""
    source = source_of(file)
    if _says(source, "scheme", "policy"):
        raise CannotStart(f"{file} is a scheme, not a policy; `assay scheme check {file}` checks it.")
    return source


def print_faults(faulty: FaultyFile) -> NoReturn:
    """Print every fault, in the order of their lines, and exit with 1."""
    for fault in sorted(faulty.faults, key=lambda one: (one.line or 0, one.key)):
        print(fault, file=sys.stderr)  # noqa: T201 - as it is, for a person or an editor to read
    print(f"{counted(len(faulty.faults), 'fault')}.", file=sys.stderr)  # noqa: T201
    sys.exit(1)


def form_of(file: Path, forms: Collection[str], field: str = "FILE") -> str:
    """The form that the ending of a file's name says, of those in which it can be written. Refuses another ending (`export-form`)."""
    form = file.suffix.removeprefix(".").lower()
    if form not in forms:
        endings = " or ".join(f".{one}" for one in forms)
        why = f"{file.name!r} does not say in which form"
        raise refuse("export-form", why, field=field, allowed=f"a name that ends with {endings}")
    return form


@contextmanager
def replaced(file: Path, field: str = "FILE", *, replace: bool = False) -> Iterator[IO[bytes]]:
    """A file that takes its place once it is whole; nothing is left of it otherwise.

    Refuses where there is one already, unless it is to `replace` that, and where none can be made.
    """
    if file.exists() and not replace:
        allowed = "a file that is not there yet; or --replace"
        raise refuse("export-file", f"{file} is there already", field=field, allowed=allowed)
    beside = file.with_name(f".{file.name}.part")
    try:
        out = beside.open("wb")
    except OSError as error:
        allowed = "a file in a folder that can be written to"
        raise refuse(
            "export-file", f"{file} can't be written ({error.strerror})", field=field, allowed=allowed
        ) from None
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _says(source: str, table: str, other: str) -> bool:
    try:
        tables = tomllib.loads(source)
    except (ValueError, RecursionError):
        return False  # whoever reads it says what is wrong
    return table in tables and other not in tables
