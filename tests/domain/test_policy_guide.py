"""The guide to writing a policy: its example has no fault, and it explains every key there is, and no other."""

import re
from pathlib import Path

import pytest

from domain.policy import CONTENTS, Policy, read_policy
from domain.toml_reader import Reader
from tests.domain.files import policy_files

GUIDE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
LISTED = {"questionnaire"}
"""Tables whose keys the policy makes up itself."""


def keys_read(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Every (table, key) that is asked for when the policies are read."""
    asked: set[str] = set()
    done = Reader.unknown_keys

    def noting(reader: Reader) -> None:
        asked.update(reader.asked)
        done(reader)

    monkeypatch.setattr(Reader, "unknown_keys", noting)
    for file in policy_files():
        read_policy(file.read_text(encoding="utf-8"), file.name)
    named = {one.rpartition(".") for one in asked}
    return {(table, key) for table, _, key in named if table and table not in LISTED}


def keys_explained() -> set[tuple[str, str]]:
    """Every (table, key) that the reference has a row for."""
    explained = set()
    for table, body in re.findall(r"^### `\[([a-z_.]+)\]`\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL):
        for cell in re.findall(r"^\| (`.*?) \|", body, re.MULTILINE):
            explained |= {(table, key) for key in re.findall(r"`([^`]+)`", cell)}
    return explained


def test_every_key_of_a_policy_is_explained_and_no_other(monkeypatch: pytest.MonkeyPatch):
    read, explained = keys_read(monkeypatch), keys_explained()

    assert len(read) > 25
    assert read - explained == set(), "not explained"
    assert explained - read == set(), "explained, and not known to the reader"
    assert all(f"### `[{table}]`" in GUIDE for table in LISTED)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_guide_are_policies_without_faults(example: str):
    assert isinstance(read_policy(example), Policy)


@pytest.mark.parametrize("file", policy_files(), ids=lambda file: file.stem)
def test_every_policy_that_comes_with_it_has_no_fault_and_is_named_after_its_kind(file: Path):
    read = read_policy(file.read_text(encoding="utf-8"), file.name)

    assert read.kind == file.stem
    assert read.ref == f"{file.stem}@1"


def test_each_kind_of_policy_comes_with_a_file_of_its_own():
    assert {file.stem for file in policy_files()} == set(CONTENTS)


def test_the_values_that_hold_without_a_key_are_those_that_the_guide_says():
    """Given a policy that says only its departments, its lengths of time are those in the guide's brackets."""
    content = read_policy(EXAMPLES[0]).content
    of_workforce = GUIDE.partition("## The governance policy")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| a length of time \(`\"(.+?)\"`\)", of_workforce, re.MULTILINE))
    assert len(rows) > 10

    for name, text in rows.items():
        held = [getattr(part, name) for part in (content.cpd, content.clocks, content.reports) if hasattr(part, name)]
        assert [one.text for one in held] == ([text] if held else []), name
