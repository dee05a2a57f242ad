"""What the documents tell people to type is there: commands, groups of them, and their options."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from infra.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
COMMAND: Any = typer.main.get_command(app)


def faults_of(typed: str) -> list[str]:
    """What there is not, of a line that calls the command: `assay policy publish FILE --data DIR`."""
    words = re.sub(r"[\[\]|]|#.*", " ", typed).split()
    command, following = COMMAND, iter(words[1:])
    for word in following:
        if word.startswith("--"):
            known = {one: each for each in command.params for one in each.opts}
            if word not in known and word != "--help":
                return [f"{command.name} has no {word}"]
            if hasattr(command, "commands") and word in known and not known[word].is_flag:
                next(following, None)
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return [f"there is no {word} in {command.name}"]
            command = command.commands[word]
    return []


def called(document: str) -> list[str]:
    """The lines of a document's code that call the command; in a row that calls it, its other commands too."""
    lines = [line.strip() for code in CODE.findall(document) for line in re.split(r"\n|&&", code.strip("`"))]
    found = [line.removeprefix(".venv/bin/") for line in lines if re.match(r"(\.venv/bin/)?assay(\s|$)", line)]
    for row in re.findall(r"^\|.*`\.venv/bin/assay [^|]*\|$", document, re.MULTILINE):
        found += [f"assay {one}" for one in re.findall(r"`([a-z][a-z -]*)`", row.rsplit("|", 2)[1])]
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(one.relative_to(ROOT)) for one in DOCUMENTS])
def test_every_command_that_a_document_names_is_there(path: Path):
    assert [fault for line in called(path.read_text(encoding="utf-8")) for fault in faults_of(line)] == []


def test_a_command_that_is_not_there_is_found():
    assert called("Look: `assay bored`.\n| x | `.venv/bin/assay board`, `riskz` |\n") == [
        "assay bored",
        "assay board",
        "assay riskz",
    ]
    assert faults_of("assay bored") == ["there is no bored in assay"]
    assert faults_of("assay policy print FILE.toml") == ["there is no print in policy"]
    assert faults_of("assay register [--upon INSTANT]") == ["register has no --upon"]
    assert faults_of("assay audit ID --verify --as PERSON") == []


def test_every_command_that_shows_something_is_named_in_the_readme_or_a_guide():
    whole = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    named = {word for line in called(whole) for word in line.split()[1:2]}

    assert set(COMMAND.commands) - named == set()
