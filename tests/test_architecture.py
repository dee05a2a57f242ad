"""What import-linter can't say: the domain imports the standard library and itself, and nothing else at all."""

import ast
import sys
from pathlib import Path

import pytest

MODULES = sorted(Path(__file__).parent.parent.glob("domain/**/*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_domain_imports_only_the_standard_library(module: Path):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imports = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    imports += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert {name.partition(".")[0] for name in imports} <= sys.stdlib_module_names | {"domain"}
