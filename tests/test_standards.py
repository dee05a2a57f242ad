"""Every row of docs/standards.md points at code and tests that exist, and says plainly how far it is met."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = tuple(
    line for line in (ROOT / "docs" / "standards.md").read_text().splitlines() if re.match(r"\| *\d+ *\|", line)
)
COLUMNS = ("#", "requirement", "command", "process", "read model", "test", "met")
FOLDERS = {
    "command": ("services/",),
    "process": ("workflows/", "services/"),
    "read model": ("projections/",),
    "test": ("tests/",),
}
"""Where what each column points at is to be found."""


def cells(row: str) -> dict[str, str]:
    """The cells of a row, by column."""
    found = [cell.strip() for cell in row.strip().strip("|").split(" | ")]
    assert len(found) == len(COLUMNS), f"a row has {len(found)} cells: {row[:60]}"
    return dict(zip(COLUMNS, found, strict=True))


def faults_of(row: str) -> list[str]:
    """All that is wrong with a row, in words."""
    said, faults, pointers = cells(row), [], 0
    for column, folders in FOLDERS.items():
        named = re.findall(r"`([^`]+)`", said[column])
        pointers += len(named)
        left = re.sub(r"`[^`]+`", "", said[column]).strip()
        if left != ("" if named else "–"):
            faults.append(f"{column}: {left!r} is neither a pointer nor –")
        for pointer in named:
            faults += [f"{column}: {one}" for one in _broken(pointer, folders)]
    if not re.fullmatch(r"yes|(in part|no): \S.+", said["met"]):
        faults.append(f"met: {said['met']!r} is not yes, in part: …, or no: …")
    if pointers == 0 and not said["met"].startswith(("no:", "in part:")):
        faults.append("met: nothing meets it")
    if said["met"] == "yes" and "`" not in said["test"]:
        faults.append("test: no test shows it")
    return faults


def _broken(pointer: str, folders: tuple[str, ...]) -> list[str]:
    file, _, name = pointer.partition(":")
    if not file.startswith(folders):
        return [f"{file} is not in {' or '.join(folders)}"]
    if not (ROOT / file).is_file():
        return [f"there is no {file}"]
    defined = rf"^(?:(?:async )?def|class) {re.escape(name)}\b|^{re.escape(name)}\b *(?::[^=]+)?="
    return [] if name and re.search(defined, (ROOT / file).read_text(), re.MULTILINE) else [f"{file} has no {name!r}"]


def test_each_requirement_has_one_row_in_its_place() -> None:
    lines = [line for line in (ROOT / "docs" / "standards.md").read_text().splitlines() if line.startswith("|")]

    assert lines[0].strip("| ").split(" | ") == list(COLUMNS)
    assert len(lines) == 2 + len(ROWS)
    assert [int(cells(row)["#"]) for row in ROWS] == list(range(1, 22))
    assert len({cells(row)["requirement"] for row in ROWS}) == 21


@pytest.mark.parametrize("row", ROWS, ids=[cells(row)["#"] for row in ROWS])
def test_a_requirement_is_met_by_what_exists_or_says_that_it_is_not(row: str) -> None:
    assert faults_of(row) == []


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("command", "`services/appeals.py:lodge_a_peal`", "command: services/appeals.py has no 'lodge_a_peal'"),
        ("command", "`services/apeals.py:lodge_appeal`", "command: there is no services/apeals.py"),
        ("command", "`services/appeals.py`", "command: services/appeals.py has no ''"),
        ("command", "`domain/policy.py:publish`", "command: domain/policy.py is not in services/"),
        ("process", "a process", "process: 'a process' is neither a pointer nor –"),
        ("read model", "`projections/appeals.py:MODELS`", "read model: projections/appeals.py has no 'MODELS'"),
        ("test", "`tests/services/test_appeals.py:test_it`", "test: tests/services/test_appeals.py has no 'test_it'"),
        ("test", "–", "test: no test shows it"),
        ("met", "nearly", "met: 'nearly' is not yes, in part: …, or no: …"),
        ("met", "in part:", "met: 'in part:' is not yes, in part: …, or no: …"),
    ],
)
def test_a_row_that_points_at_nothing_is_found(column: str, cell: str, fault: str) -> None:
    whole = cells(ROWS[16])
    assert whole["met"] == "yes"

    broken = whole | {column: cell}

    assert fault in faults_of(f"| {' | '.join(broken.values())} |")


@pytest.mark.parametrize(("met", "faulty"), [("yes", True), ("no: nothing does", False), ("in part: by hand", False)])
def test_a_row_without_any_pointer_says_that_it_is_not_met(met: str, faulty: bool) -> None:
    faults = faults_of(f"| 9 | Something is asked | – | – | – | – | {met} |")

    assert bool(faults) is faulty
