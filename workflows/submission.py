"""A submission's process, from registration to its result, and to another one after an appeal. Source: handbook, sections 1 to 8 and 12.

What happens when time is up (reminders, lapse, escalation, the final review) the rules tell with each situation.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.situation import Start

from workflows.process import Process

ON_NEWS = {
    "ProgrammeRegistered.1": "start_preparation",
    "PortfolioSubmitted.1": "start_screening",
    "ScreeningPassed.1": "assign_assessor",
    "AssignmentEnded.1": "assign_assessor",
    "OutcomeReportApproved.1": "release_result",
    "AssessmentSetAside.1": "assign_assessor",
    "DecisionReplaced.1": "release_result",
}


@workflow.defn
class SubmissionProcess(Process):
    """Brings a submission from stage to stage and watches its clocks."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, ON_NEWS)

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the submission until it is over."""
        await self.follow()
