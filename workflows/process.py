"""The way of every process: news sets a step in motion, what is owed is done at once, the rest waits for its time.

A process owns no fact. It decides nothing but when to take which step; whether the step changes anything is for the
rules to say, so that a step taken twice, or too late, does no harm.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

with workflow.unsafe.imports_passed_through():
    from workflows.situation import News, Situation, Start, Step

SCHEME = SearchAttributeKey.for_keyword("AssayScheme")
STAGE = SearchAttributeKey.for_keyword("AssayStage")
PROVIDER = SearchAttributeKey.for_keyword("AssayProvider")
DEADLINE = SearchAttributeKey.for_datetime("AssayDeadline")

# A step is one short transaction. The limit is short because it is also how long a case waits when a worker dies.
STEP_LIMIT = timedelta(seconds=10)
FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=5))
# Events. To start afresh costs the server as much as two rounds, so a case does so about once, not at every stage.
LONG_HISTORY = 200
# To look is only to read: done within the process's own task, it spares the server a task and the history two events.
# Processes that began before this have it done as a step to the end of their run.
LOOK_ON_THE_SPOT = "look-on-the-spot"
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)


class Process:
    """What the processes have in common; `on_news` names the step that a recorded event sets in motion."""

    def __init__(self, start: Start, on_news: Mapping[str, str]) -> None:
        self._case = start.case
        self._on_news = on_news
        self._seen = start.seen
        self._situation = start.situation
        self._news = list(start.news)
        self._asked = start.situation is None
        self._fruitless = 0
        self._rest_until: datetime | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None

    @workflow.signal
    def recorded(self, news: list[News]) -> None:
        """Something was recorded in the case's stream; what comes a second time is ignored."""
        self._news += [one for one in news if one.position > self._seen]

    @workflow.signal
    def look_again(self) -> None:
        """Look at the case anew, whatever is known of it; also wakes a sleeping process for a new version."""
        self._asked = True

    async def follow(self) -> None:
        """Take step after step until the case is over; at a new stage, start afresh once the history has grown."""
        while called_for := await self._next():
            before = self._situation
            situation = await self._take(*called_for)
            at_new_stage = before is None or situation.stage != before.stage
            if _history_is_long(at_new_stage) and not situation.over:
                self._start_afresh(situation)
            if at_new_stage or not situation.over:
                self._show(situation)

    async def _next(self) -> tuple[str, Step] | None:
        """Wait for what calls for a step, and return that; None when the case is over."""
        while True:
            if self._news:
                return self._set_in_motion()
            now = self._situation
            if now is None or self._asked:
                return "look", Step(case=self._case, position=self._seen, at=workflow.now())
            if now.over:
                return None
            if now.owed:
                if not await self._news_before(workflow.now()):
                    return now.owed, Step(case=self._case, position=now.position)
            elif now.due is None:
                await self._news_before(None)
            elif not await self._news_before(now.due.at):
                return now.due.step, Step(case=self._case, position=now.position, due_at=now.due.at)

    def _set_in_motion(self) -> tuple[str, Step]:
        """One step for all news at hand: the first that has a step of its own, since what is owed besides comes next."""
        first = next((one for one in self._news if one.name in self._on_news), self._news[-1])
        name = self._on_news.get(first.name, "look")
        return name, Step(case=self._case, position=first.position, at=workflow.now())

    async def _news_before(self, moment: datetime | None) -> bool:
        """Wait until news comes, or until `moment`, and longer after steps that changed nothing; say if news came."""
        if moment and self._rest_until:
            moment = max(moment, self._rest_until)
        if moment is None or moment > workflow.now():
            self._set_alarm(moment)
            await workflow.wait_condition(lambda: self._is_called() or (self._alarm is not None and self._alarm.done()))
        return self._is_called()

    def _is_called(self) -> bool:
        return bool(self._news) or self._asked

    def _set_alarm(self, moment: datetime | None) -> None:
        """Have the alarm ring at `moment`; one set for that already stays, since each costs the server and the history."""
        if moment == self._alarm_at:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm_at = moment
        self._alarm = asyncio.create_task(workflow.sleep(moment - workflow.now())) if moment else None

    async def _take(self, name: str, step: Step) -> Situation:
        """Take the step, and see where the case stands then."""
        self._asked = False
        on_the_spot = name == "look" and workflow.patched(LOOK_ON_THE_SPOT)
        execute = workflow.execute_local_activity if on_the_spot else workflow.execute_activity
        situation: Situation = await execute(
            name, step, result_type=Situation, start_to_close_timeout=STEP_LIMIT, retry_policy=FOR_EVER
        )
        self._rest_after(fruitless=situation == self._situation)
        self._situation = situation
        self._seen = max(self._seen, step.position, situation.position)
        self._news = [one for one in self._news if one.position > self._seen]
        return situation

    def _rest_after(self, *, fruitless: bool) -> None:
        """After a step that changed nothing what calls for it still does: rest, longer each time, rather than spin."""
        self._fruitless = self._fruitless + 1 if fruitless else 0
        rest = min(SHORTEST_REST * 2 ** min(self._fruitless - 1, 10), LONGEST_REST) if fruitless else None
        self._rest_until = workflow.now() + rest if rest else None

    def _start_afresh(self, situation: Situation) -> None:
        start = Start(case=self._case, seen=self._seen, situation=situation, news=tuple(self._news))
        workflow.continue_as_new(start, search_attributes=attributes(situation))

    def _show(self, situation: Situation) -> None:
        """Let operations find the case by where it stands; only what changed, since each time adds to the history."""
        shown, wanted = workflow.info().typed_search_attributes, attributes(situation)
        updates = [pair.key.value_set(pair.value) for pair in wanted if shown.get(pair.key) != pair.value]
        if shown.get(DEADLINE) and not situation.deadline:
            updates.append(DEADLINE.value_unset())
        if updates:
            workflow.upsert_search_attributes(updates)


def _history_is_long(at_new_stage: bool) -> bool:
    info = workflow.info()
    return (at_new_stage and info.get_current_history_length() > LONG_HISTORY) or info.is_continue_as_new_suggested()


def attributes(situation: Situation) -> TypedSearchAttributes:
    """What operations can look for a process by, while it stands there."""
    values: dict[SearchAttributeKey[Any], Any] = {
        SCHEME: situation.scheme,
        STAGE: situation.stage,
        PROVIDER: situation.provider,
        DEADLINE: situation.deadline,
    }
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in values.items() if value])
