"""What import-linter can't say: the domain imports the standard library and itself, and nothing else at all."""

import ast
import sys
from pathlib import Path

import pytest

from tests.soak import guards

ROOT = Path(__file__).parent.parent
MODULES = sorted(ROOT.glob("domain/**/*.py"))
OWN = {one.stem for one in ROOT.iterdir() if one.is_dir()}


def imported(module: Path) -> set[str]:
    """The names of the modules that `module` imports."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    return {*names, *(node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_domain_imports_only_the_standard_library(module: Path):
    assert {name.partition(".")[0] for name in imported(module)} <= sys.stdlib_module_names | {"domain"}


@pytest.mark.parametrize("module", sorted(ROOT.glob("tests/domain/*.py")), ids=lambda path: path.stem)
def test_the_domains_tests_need_nothing_but_what_guards_are_changed_in_a_copy_of(module: Path):
    copied = tuple(one.replace("/", ".") for one in guards.COPIED)

    needed = [name for name in imported(module) if name.partition(".")[0] in OWN]

    assert [name for name in needed if not f"{name}.".startswith(tuple(f"{one}." for one in copied))] == []
