"""The command says in one sentence what is wrong and what is allowed, with exit code 1, and never shows a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def assay(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=os.environ | environ,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["board"], "There is no data in"),
        (["history", "submission-x"], "There is no data in"),
        (["board", "--stage", "resting"], "'resting' is no stage"),
        (["register", "--on", "yesterday"], "'yesterday' is no instant with a time zone"),
        (["reminders", "--until", "2027-03-12"], "is no instant with a time zone"),
        (["figures", "--from", "yesterday"], "'yesterday' is no instant with a time zone"),
        (["conformance"], "There is no data in"),
        (["badge-key", "show"], "There is no data in"),
        (["worker"], "`assay worker` needs DATABASE_URL and TEMPORAL_ADDRESS"),
        (["migrate"], "`assay migrate` needs DATABASE_ADMIN_URL"),
        (["play", "none.csv", "--scheme", "none.toml"], "none.toml can't be read"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    ran = assay(*arguments, ASSAY_DATA=str(tmp_path / "data"))
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""


def test_the_help_waits_for_neither_the_domain_nor_a_database_driver() -> None:
    code = "import sys, infra.cli.main; print(*{one.partition('.')[0] for one in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert {"domain", "services", "psycopg", "temporalio", "cryptography"}.isdisjoint(loaded.stdout.split())


def test_every_command_the_docs_name_exists() -> None:
    """Given the README and the guides, every `assay …` and `make …` in them is a command of this version."""
    shown = assay("--help").stdout
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        for command in re.findall(r"[`/]assay ([a-z][a-z-]*)", text):
            assert re.search(rf"│ {command} ", shown), f"{page.name} names `assay {command}`"
        for target in re.findall(r"`make ([a-z]+)", text):
            assert target in targets, f"{page.name} names `make {target}`"


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
