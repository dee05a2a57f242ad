"""Files that commands are given: read as text, told apart, and their faults printed."""

import sys
import tomllib
from pathlib import Path
from typing import NoReturn

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


def _says(source: str, table: str, other: str) -> bool:
    try:
        tables = tomllib.loads(source)
    except (ValueError, RecursionError):
        return False  # whoever reads it says what is wrong
    return table in tables and other not in tables
