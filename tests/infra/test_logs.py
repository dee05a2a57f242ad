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
