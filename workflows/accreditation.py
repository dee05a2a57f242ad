"""An accreditation's process: years confirmed, reviews in time, reminders of the end, then extension or lapse, unless renewed.

Source: handbook, sections 9 to 11.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.situation import Start

from workflows.process import Process


@workflow.defn
class AccreditationProcess(Process):
    """Watches over the time an award is valid; news of it only moves the clock."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start, on_news={})

    @workflow.run
    async def run(self, start: Start) -> None:  # noqa: ARG002 - `__init__` took it, so that signals find it taken
        """Follow the accreditation until it has lapsed, or was withdrawn."""
        await self.follow()
