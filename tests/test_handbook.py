"""The handbook's rows point at code and tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = re.findall(
    r"^\| (?!rule|---)(.+?) \| `(.+?)` \| `(.+?)` \|$", (ROOT / "docs" / "handbook.md").read_text(), re.MULTILINE
)


def test_the_handbook_has_rows_and_every_line_of_its_tables_is_one() -> None:
    lines = [line for line in (ROOT / "docs" / "handbook.md").read_text().splitlines() if line.startswith("|")]
    rows = [line for line in lines if not line.startswith(("| rule", "| ---"))]
    assert len(rows) == len(ROWS) > 30


@pytest.mark.parametrize(("rule", "code", "test"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_a_rule_of_the_handbook_is_held_by_code_and_shown_by_a_test(rule: str, code: str, test: str) -> None:
    for pointer in (code, test):
        file, _, name = pointer.partition(":")
        assert (ROOT / file).exists(), f"{rule}: there is no {file}"
        if name:
            defined = rf"^(async )?(def|class) {re.escape(name)}\b"
            assert re.search(defined, (ROOT / file).read_text(), re.MULTILINE), f"{rule}: {file} has no {name}"
