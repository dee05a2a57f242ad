"""Logs are JSON lines on standard error, the libraries' as well as ours."""

import json
import subprocess
import sys

LOGGING = """
import logging, structlog
from infra.logs import configure_logging
early = structlog.get_logger("early")
configure_logging("info")
with structlog.contextvars.bound_contextvars(case="submission-1", step="remind"):
    early.info("step.taken", position=7)
    early.debug("hidden")
    logging.getLogger("library").warning("lost %s", "connection", extra={"temporal_workflow": {"id": "w"}, "secret": 1})
"""


def test_a_line_is_an_object_with_level_time_and_what_is_bound():
    said = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True)

    ours, library = (json.loads(line) for line in said.stderr.splitlines())
    assert said.stdout == ""
    assert (ours["event"], ours["level"], ours["position"]) == ("step.taken", "info", 7)
    assert (library["event"], library["level"], library["temporal_workflow"]) == (
        "lost connection",
        "warning",
        {"id": "w"},
    )
    assert "secret" not in library
    for line in (ours, library):
        assert (line["case"], line["step"]) == ("submission-1", "remind")
        assert line["timestamp"].endswith("Z")


FAILING = """
import logging, structlog
from infra.logs import configure_logging
configure_logging("info")
def register(name):
    email = "canary@example.org"
    try:
        raise KeyError(name)
    except KeyError as missing:
        raise ValueError(f"no room for {name}") from missing
try:
    register("Canary Fieldfare")
except ValueError:
    logging.getLogger("library").exception("failed")
    structlog.get_logger().exception("failed")
"""


def test_of_what_failed_the_kind_and_the_place_are_said_and_not_its_words_nor_what_variables_held():
    said = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True)

    for line in map(json.loads, said.stderr.splitlines()):
        assert [one["error"] for one in line["exception"]] == ["ValueError", "KeyError"]
        assert line["exception"][0]["frames"] == ["<string>:12 <module>", "<string>:10 register"]
    assert len(said.stderr.splitlines()) == 2
    assert "canary" not in said.stderr.lower()


def test_what_is_below_the_level_is_not_said():
    script = LOGGING.replace('configure_logging("info")', 'configure_logging("error")')
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr == ""
