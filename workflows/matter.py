"""The processes of matters beside submissions and awards: they remind of tasks, and say when one is overdue.

Source: handbook, Clocks, and sections 12 to 14. What a matter's tasks are its own events say; see `domain/tasks.py`.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.situation import Start

from workflows.process import Process


@workflow.defn
class AppealProcess(Process):
    """Watches over an appeal: acknowledged, admitted, decided, its remedy carried out and others looked after, in time."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the appeal until it is closed."""
        await self.follow()


@workflow.defn
class ComplaintProcess(Process):
    """Watches over a complaint through its two stages and the committee's review; closes one that is not taken further."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the complaint until it is closed."""
        await self.follow()


@workflow.defn
class MatterProcess(Process):
    """Watches over whatever else has tasks: audits, risks, policies, people's development, what is to be let go."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the matter until it is over."""
        await self.follow()
