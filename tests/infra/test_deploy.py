"""The units and the container file name what there is: services, files, commands, settings; systemd itself checks its units."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import settings as readers
from infra.bootstrap import SERVICES
from infra.given import unknown, variables
from infra.settings import load_settings
from tests.infra.test_cli import ROOT, assay

DEPLOY = ROOT / "infra" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
CONTAINER = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
MOST_EXPOSED = 25
"""Tenths, of systemd's own measure from 0 to 100; what it calls ok ends at 40."""


def unit(name: str) -> configparser.ConfigParser:
    """A unit by its sections; where a name stands twice, the last counts."""
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(DEPLOY / "systemd" / name)
    return found


def steps(name: str) -> list[str]:
    """The container file's instructions of a kind, in order."""
    return [line.partition(" ")[2].strip() for line in CONTAINER.splitlines() if line.startswith(f"{name} ")]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would stand on a machine on which this tree is /opt/assay."""
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/assay", str(ROOT)))
    return tmp_path


def test_the_target_wants_every_service_and_no_other():
    wanted = unit("assay.target")["Unit"]["Wants"].split()
    assert set(wanted) == {f"assay@{name}.service" for name in SERVICES}
    for path in UNITS:
        for name in re.findall(r"assay[@\w-]*\.(?:service|target)", path.read_text()):
            assert (DEPLOY / "systemd" / re.sub(r"@\w*\.", "@.", name)).exists(), f"{path.name} names {name}"


def test_what_a_unit_runs_is_a_command_of_this_version():
    shown = assay("--help").stdout
    for path in UNITS:
        for command in re.findall(r"^ExecStart=/opt/assay/\.venv/bin/assay (\S+)$", path.read_text(), re.MULTILINE):
            names = list(SERVICES) if command == "%i" else [command]
            assert all(f"│ {name} " in shown for name in names), path.name


def test_a_unit_gives_its_service_longer_to_end_than_it_takes_and_no_more_rights_than_it_needs():
    service = unit("assay@.service")["Service"]
    assert int(service["TimeoutStopSec"]) > 20
    assert service["User"] == "assay"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert "DATABASE_ADMIN_URL" not in (DEPLOY / "assay.env").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize(
    "name", [*(f"assay@{one}.service" for one in SERVICES), "assay-migrate.service", "assay.target"]
)
def test_systemd_finds_no_fault_with_them(units: Path, name: str):
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"./{name}"], cwd=units, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("name", ["assay@serve.service", "assay-migrate.service"])
def test_systemd_calls_them_little_exposed(units: Path, name: str):
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED}",
        "--no-pager",
        f"./{name}",
    ]
    said = subprocess.run(command, cwd=units, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-400:]


def test_the_settings_given_as_an_example_are_settings_and_can_be_used():
    said = dict(
        line.split("=", 1)
        for line in (DEPLOY / "assay.env").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert unknown(said, variables(readers)) == {}
    assert load_settings(said).identity.elsewhere


def test_what_the_container_copies_is_there_and_is_all_that_the_package_is_made_of():
    copied = [name for step in steps("COPY") for name in shlex.split(step)[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    packages = re.search(r"^packages = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    assert {name.strip(' "') for name in packages[1].split(",")} <= set(copied)
    assert {"pyproject.toml", "README.md", "LICENSE", "requirements.lock"} <= set(copied)


def test_the_container_runs_our_command_as_nobody_special_and_asks_whether_it_lives():
    assert steps("ENTRYPOINT") == ['["assay"]']
    assert steps("CMD") == ['["serve"]']
    assert steps("USER") == ["assay"]
    assert steps("STOPSIGNAL") == ["SIGTERM"]
    assert "/healthz" in steps("HEALTHCHECK")[0]
    assert re.search(r'^assay = "infra.cli.main:run"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    names = dict(one.partition("=")[::2] for one in steps("ENV")[0].split() if one.startswith("ASSAY_"))
    assert unknown(names, variables(readers)) == {}


def test_the_container_installs_what_the_lock_lists_and_nothing_else():
    installs = [step for step in steps("RUN") if " pip " in step]
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]


@pytest.mark.soak
def test_the_steps_of_the_container_make_a_working_command(tmp_path: Path):
    """As they stand in the file, in order, in a folder that holds what was copied before each."""
    assert sys.version_info >= (3, 11)
    for line in CONTAINER.splitlines():
        kind, _, said = line.partition(" ")
        if kind == "COPY":
            *names, to = shlex.split(said)
            for name in names:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, tmp_path / to, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / name, tmp_path / to)
        if kind == "RUN" and "pip" in said:
            subprocess.run(
                ["/bin/sh", "-ec", said.replace("python -m venv", f"{sys.executable} -m venv")],
                cwd=tmp_path,
                check=True,
            )

    said = subprocess.run(
        [tmp_path / ".venv" / "bin" / "assay", "config"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "ASSAY_API_PORT" in said.stdout
