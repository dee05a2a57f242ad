"""A window's process: it opens and closes at its instants, and later if it is extended. Source: handbook, section 3."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.situation import Start

from workflows.process import Process


@workflow.defn
class WindowProcess(Process):
    """Notes a window's opening and closing; news of it only moves the clock."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the window until it is closed."""
        await self.follow()
