"""Guards are mutated, one at a time, in a copy of the domain; a test of the domain must notice each.

A guard is a condition: it is inverted, an `and` in it made an `or`, a comparison moved to the other side of its edge. By
hand: `python -m tests.soak.guards [MODULE…] [--sample N] [--seed S]`.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from queue import Queue
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
LISTED: Final = ROOT / "tests" / "domain" / "surviving_guards.toml"
COPIED: Final = ("domain", "services", "schemes", "docs", "examples", "infra/cli", "tests/domain", "pyproject.toml")
"""What the domain's tests read."""
INVERTED: Final = ("Lt_GtE", "GtE_Lt", "Gt_LtE", "LtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")
ON_EDGE: Final = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")
INVERT: Final = "invert"
"""Our own: the library's inverts no `elif` and no filter, and makes what is no Python of `if one := ...`."""
OPERATORS: Final = (
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    *(f"core/ReplaceComparisonOperator_{one}" for one in (*INVERTED, *ON_EDGE)),
)
ASKING: Final = ("if", "elif", "while", "assert")
"""The words that a condition follows."""
ALONE: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The domain's tests need no plugin, and loading those that others need takes as long as the nearest tests do."""
WORKERS: Final = min(os.cpu_count() or 1, 4)
FIRST: Final = 4
"""Test files that are run first, since collecting all takes longer than most mutants live."""
CONFTEST: Final = """\
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("guards", deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.load_profile("guards")
ROOT = Path(__file__).parents[1]
TOOK, CALLS = (ROOT / "tests" / name for name in ("took.json", "calls.json"))
KNOWN = json.loads(TOOK.read_text()) if TOOK.exists() else {}
SEEN, CALLED = Counter(), defaultdict(list)

def pytest_collection_modifyitems(items):
    items.sort(key=lambda one: KNOWN.get(one.nodeid, 0))

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    if KNOWN:
        return (yield)
    called = set()
    sys.setprofile(lambda frame, event, arg: called.add(frame.f_code) if event == "call" else None)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        for code in called:
            if code.co_filename.startswith(f"{ROOT}/domain/"):
                CALLED[f"{code.co_filename[len(str(ROOT)) + 1:]} {code.co_name}"].append(item.nodeid)

def pytest_runtest_logreport(report):
    SEEN[report.nodeid] += report.duration

def pytest_sessionfinish():
    if not KNOWN and SEEN:
        TOOK.write_text(json.dumps(SEEN))
        CALLS.write_text(json.dumps(CALLED))
"""
"""The conftest of the copies: a slow machine is no test that noticed, what is quick has the first word, and the first run
notes which test calls what."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """The guard of `module` that `operator` changes as its `occurrence`th; it is in the function `where`."""

    module: str
    operator: str
    occurrence: int
    where: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether all tests passed with the guard changed from `was` to `becomes`."""

    mutant: Mutant
    survived: bool
    was: str
    becomes: str

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is listed; it outlives changes elsewhere in the module."""
        return self.mutant.module, self.mutant.where, self.becomes

    def __str__(self) -> str:
        at = f"{self.mutant.module}:{self.mutant.start[0]} {self.mutant.where}"
        return f"{at}\n    - {self.was}\n    + {self.becomes}"


def listed() -> dict[tuple[str, str, str], str]:
    """The reasons of the mutants that may survive, by key."""
    entries = tomllib.loads(LISTED.read_text(encoding="utf-8")).get("survivor", [])
    return {(one["module"], one["where"], one["becomes"]): one["reason"] for one in entries}


def modules() -> list[str]:
    """All modules of the domain."""
    return [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("domain/**/*.py"))]


def mutants(module: str, root: Path) -> list[Mutant]:
    """The mutants of a module, in its order; a comparison that is a whole condition is inverted once, not twice."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.ast.ast_query import ASTQuery
    from cosmic_ray.plugins import get_operator

    nodes = list(ast_nodes(get_ast_from_path(root / module)))
    asked = [(node, condition.start_pos, condition.end_pos) for node in nodes for condition in _conditions(node)]
    conditions = {(start, end) for _, start, end in asked}
    found = [
        Mutant(module, INVERT, occurrence, ASTQuery(node).get_definition_name() or "", start, end)
        for occurrence, (node, start, end) in enumerate(asked)
    ]
    for name in OPERATORS:
        positions = [(node, span) for node in nodes for span in get_operator(name)().mutation_positions(node)]
        for occurrence, (node, (start, end)) in enumerate(positions):
            if name.endswith(INVERTED) and (node.start_pos, node.end_pos) in conditions:
                continue
            where = ASTQuery(node).get_definition_name() or ""
            found.append(Mutant(module, name, occurrence, where, start, end))
    return sorted(found, key=lambda one: (one.start, one.operator))


def _conditions(node: Any) -> list[Any]:
    """What is asked in a statement, a choice between two values, or a filter."""
    children = getattr(node, "children", ())
    return [asked for word, asked in pairwise(children) if word.type == "keyword" and word.value in ASKING]


def mutated(source: str, mutant: Mutant) -> str:
    """The module with the guard changed; raises SyntaxError where that is no Python, which no test has to notice."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    if mutant.operator == INVERT:
        made = _inverted(source, mutant)
    else:
        made = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    compile(made, mutant.module, "exec")
    return made


def _inverted(source: str, mutant: Mutant) -> str:
    lines = source.splitlines(keepends=True)
    start, end = (sum(map(len, lines[: row - 1])) + column for row, column in (mutant.start, mutant.end))
    condition = source[start:end]
    try:
        compile(f"(not {condition})", mutant.module, "eval")
    except SyntaxError:
        condition = f"({condition})"
    return f"{source[:start]}not {condition}{source[end:]}"


def nearest(mutant: Mutant, root: Path) -> list[list[str]]:
    """All tests, in the order in which they are run: of those that call the function the few that are most about its module,
    then the others that do, then the files of all that is left."""
    module = mutant.module
    package = Path(module).parent.name
    stem = package if module.endswith("__init__.py") else Path(module).stem
    word = re.compile(rf"\b{stem}s?\b")
    files = [file.relative_to(root).as_posix() for file in sorted((root / "tests" / "domain").glob("test_*.py"))]
    calling: dict[str, list[str]] = {}
    for test in _calls(root).get(f"{module} {mutant.where}", ()):
        calling.setdefault(test.partition("::")[0], []).append(test)
    about = {
        file: (
            stem not in Path(file).stem,
            package not in Path(file).stem,
            -len(word.findall(_text(root / file))),
            file,
        )
        for file in files
    }
    ordered = sorted(calling or files, key=about.__getitem__)
    first, then = (
        [test for file in some for test in calling.get(file, [file])] for some in (ordered[:FIRST], ordered[FIRST:])
    )
    return [one for one in (first, then, files if calling else []) if one]


@cache
def _calls(root: Path) -> dict[str, list[str]]:
    """The tests by what they call, as the first run noted it."""
    found: dict[str, list[str]] = json.loads((root / "tests" / "calls.json").read_text(encoding="utf-8"))
    return found


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of what the tests need, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="assay-guards-") as folder:
        copy = Path(folder) / "first"
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / name)
        (copy / "tests" / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        yield copy


@dataclass(slots=True)
class Worker:
    """A copy of its own, and the process that runs tests in it."""

    copy: Path
    trying: subprocess.Popen[str]

    def passes(self, tests: Sequence[str]) -> bool:
        """Whether all of these tests pass; raises RuntimeError where pytest can't run them."""
        assert self.trying.stdin
        assert self.trying.stdout
        print(json.dumps(tests), file=self.trying.stdin, flush=True)
        match self.trying.stdout.readline().strip():
            case "0":
                return True
            case "1" | "2":  # a test failed, or its file could not even be imported
                return False
            case "4" if any("::" in one for one in tests):  # pytest does not know the tests of what it could not import
                return self.passes(sorted({one.partition("::")[0] for one in tests}))
            case code:
                raise RuntimeError(f"pytest ended with {code or 'nothing'} on {' '.join(tests)[:500]}")

    def try_(self, mutant: Mutant) -> Verdict:
        """Change the guard, run the nearest tests and then all others until one fails, and change it back."""
        module = self.copy / mutant.module
        source, changed = module.read_text(encoding="utf-8"), module.stat()
        made = mutated(source, mutant)
        try:
            module.write_text(made, encoding="utf-8")
            survived = all(self.passes(tests) for tests in nearest(mutant, self.copy))
        finally:
            module.write_text(source, encoding="utf-8")
            os.utime(module, ns=(changed.st_atime_ns, changed.st_mtime_ns))  # what is compiled of it stands
        return Verdict(mutant, survived, *difference(source, made))


@contextmanager
def workers(copy: Path) -> Iterator[Queue[Worker]]:
    """As many workers as there are processors, each with a further copy, for as long as the block lasts."""
    idle: Queue[Worker] = Queue()
    with ExitStack() as stack:
        for number in range(WORKERS):
            own = copy.with_name(f"worker-{number}")
            shutil.copytree(copy, own)
            stack.callback(shutil.rmtree, own)
            trying = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("trying.py"))],
                cwd=own,
                env={**os.environ, **ALONE},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(trying)
            idle.put(Worker(own, trying))
        yield idle


def examine(chosen: Sequence[Mutant], idle: Queue[Worker]) -> Iterator[Verdict]:
    """Try the mutants; raises RuntimeError where one can't be tried."""

    def tried(mutant: Mutant) -> Verdict:
        worker = idle.get()
        try:
            return worker.try_(mutant)
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(tried, chosen)


def difference(source: str, made: str) -> tuple[str, str]:
    """The changed lines as they were, and as they are."""
    pairs = [(old, new) for old, new in zip(source.splitlines(), made.splitlines(), strict=True) if old != new]
    return " ".join(old.strip() for old, _ in pairs), " ".join(new.strip() for _, new in pairs)


def check_whole(copy: Path) -> float:
    """Run the tests on the unchanged copy; return how long they take. Raises RuntimeError where they fail.

    They leave noted how long each takes, and the copy compiled, whatever the environment says: what is copied from it needs not be compiled for each
    mutant, but for the module that was changed.
    """
    begun = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "tests/domain"],
        cwd=copy,
        env={**os.environ, **ALONE, "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"the domain's tests fail before anything is changed:\n{ran.stdout[-2000:]}")
    return time.monotonic() - begun


def main(arguments: Sequence[str]) -> int:
    """Try some mutants by hand, and print those that survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.guards")
    parser.add_argument("modules", nargs="*", default=modules())
    parser.add_argument("--sample", type=int, help="how many of the mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    given = parser.parse_args(arguments)
    known = listed()
    with copied() as copy:
        print(f"The tests alone: {check_whole(copy):.1f} s", flush=True)
        chosen = [one for module in given.modules for one in mutants(module, copy)]
        if given.sample:
            chosen = random.Random(given.seed).sample(chosen, min(given.sample, len(chosen)))
        begun, unlisted = time.monotonic(), 0
        with workers(copy) as idle:
            for verdict in examine(chosen, idle):
                if verdict.survived:
                    unlisted += verdict.key not in known
                    print(f"survived{' (listed)' if verdict.key in known else ''}: {verdict}", flush=True)
        took = time.monotonic() - begun
        print(
            f"{len(chosen)} mutants, {unlisted} unlisted survivors, {took:.0f} s, {took / max(1, len(chosen)):.1f} s each"
        )
    return int(unlisted > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
