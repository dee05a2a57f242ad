"""Processes as a careless change would leave them, under their real names."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.situation import Start

from workflows.process import Process
from workflows.submission import ON_NEWS


@workflow.defn(name="SubmissionProcess")
class WithAnotherStep(Process):
    """Looks where the real one starts the screening."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, {name: step for name, step in ON_NEWS.items() if step != "start_screening"})

    @workflow.run
    async def run(self, start: Start) -> None:
        """Follow the submission until it is over."""
        await self.follow()


@workflow.defn(name="WindowProcess")
class WithAnotherTimer(Process):
    """Rests where the real one begins at once."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:
        """Follow the window until it is closed."""
        await workflow.sleep(timedelta(seconds=1))
        await self.follow()
