"""The files in schemes/: schemes, and policies of the body's own, told apart by what they say that they are."""

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "schemes"


def scheme_files() -> list[Path]:
    """The files of schemes."""
    return _with("scheme")


def policy_files() -> list[Path]:
    """The files of policies."""
    return _with("policy")


def _with(table: str) -> list[Path]:
    found = [path for path in sorted(FOLDER.glob("*.toml")) if table in tomllib.loads(path.read_text(encoding="utf-8"))]
    assert found
    return found
