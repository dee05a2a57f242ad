"""Histories of real runs are replayed, so that a change that would break a running case fails the build.

`record_golden.py` says when to record them anew.
"""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

from infra.temporal import PROCESSES
from tests.workflows.changed import WithAnotherStep, WithAnotherTimer
from workflows.process import Process

HISTORIES = sorted((Path(__file__).parent / "golden").glob("*.json"))
EARLIER = sorted((Path(__file__).parent / "golden" / "earlier").glob("*.json"))
"""Of processes that began before a patch, which may still run."""


SANDBOX = SandboxedWorkflowRunner(
    # Rules and types can't differ at a replay, so it lets them pass.
    restrictions=SandboxRestrictions.default.with_passthrough_modules("domain", "services", "msgspec", "structlog")
)


@pytest.mark.parametrize("runner", [SANDBOX, UnsandboxedWorkflowRunner()], ids=["in the sandbox", "as a worker does"])
@pytest.mark.parametrize("history", [*HISTORIES, *EARLIER], ids=lambda path: f"{path.parent.stem} {path.stem}")
def test_a_recorded_history_is_replayed_to_the_same_end(history: Path, runner: WorkflowRunner):
    recorded = WorkflowHistory.from_json(history.stem, history.read_text(encoding="utf-8"))
    replayer = Replayer(workflows=list(dict.fromkeys(PROCESSES.values())), workflow_runner=runner)

    asyncio.run(replayer.replay_workflow(recorded))


@pytest.mark.parametrize(
    ("changed", "name"), [(WithAnotherStep, "reviewed-submission-1"), (WithAnotherTimer, "extended-window-1")]
)
def test_a_change_that_would_break_a_running_case_is_found(changed: type[Process], name: str):
    [history] = [path for path in HISTORIES if path.stem == name]
    recorded = WorkflowHistory.from_json(name, history.read_text(encoding="utf-8"))
    replayer = Replayer(workflows=[changed], workflow_runner=SANDBOX)

    with pytest.raises(NondeterminismError):
        asyncio.run(replayer.replay_workflow(recorded))


def test_there_are_histories_of_every_process_and_of_one_that_started_afresh():
    assert {PROCESSES[path.stem.split("-")[1]] for path in HISTORIES} == set(PROCESSES.values())
    assert any("WORKFLOW_EXECUTION_CONTINUED_AS_NEW" in path.read_text(encoding="utf-8") for path in HISTORIES)
