"""The tasks of a person's development: what each is called, who has it, by when, and who is told when it is late.

Source: handbook, Workforce. What is for somebody else than the person to do falls to the lead of the person's department, or
to the quality manager where there is none or it is the person's own.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.clocks import Duration
from domain.development.state import (
    AGREE,
    APPROVE,
    IMPACT,
    OPEN,
    PERIOD,
    PLAN,
    QUESTIONNAIRE,
    RECORD,
    REFLECTION,
    Development,
)
from domain.person import Person
from domain.policy import BOARD, MANAGER, Policy
from domain.tasks import NOBODY, Task, named, set_task

OF_LEAD: Final = frozenset({AGREE, APPROVE, IMPACT, PERIOD})
"""The rules of the tasks that the lead has; the others are the person's, and the lead is told when they are late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """Sets the tasks of one person under the policy in force; `lead` leads their department, empty where nobody does.

    `aliases` are other accounts of the lead's.
    """

    policy: Policy
    person: str
    lead: str = ""
    aliases: frozenset[str] = frozenset()

    @property
    def leading(self) -> str:
        """Who does for this person what is a lead's to do: an id, or the role of the quality manager."""
        return MANAGER if not self.lead or self._is_lead(self.person) else self.lead

    def _is_lead(self, person: str) -> bool:
        return person == self.lead or person in self.aliases

    def to_open(self, held: Development, at: datetime) -> tuple[Task, ...]:
        """A plan is to be opened for who has a need and none, unless that is to be done already."""
        if OPEN in held.tasks.running:
            return ()
        return (self._set(OPEN, who=MANAGER, start=at, within=self.policy.content.clocks.plan_within),)

    def to_agree(self, at: datetime) -> Task:
        """The plan of the period is to be agreed."""
        within = self.policy.content.clocks.plan_within
        return self._set(AGREE, who=self.leading, start=at, within=within)

    def to_turn(self, start: datetime) -> Task:
        """The period ends by itself; the lead is reminded that it will."""
        return self._set(PERIOD, who=self.leading, start=start, within=self.policy.content.cpd.period, told=NOBODY)

    def to_plan(self, held: Development, topics: Iterable[str], at: datetime, but: str = "") -> tuple[Task, ...]:
        """An activity is to be proposed for each of these needs that wants one: found, not met, and none planned `but` this."""
        wanting = [
            topic
            for topic in topics
            if held.needs[topic].unmet and not held.planned(topic, but) and named(PLAN, topic) not in held.tasks.running
        ]
        return tuple(self._own(PLAN, topic, at, self.policy.content.clocks.plan_within) for topic in wanting)

    def to_approve(self, activity: str, proposed_by: Person, at: datetime) -> Task:
        """An activity is to be approved or declined, not by who proposed it."""
        who = MANAGER if proposed_by.had_part({self.leading}) else self.leading
        within = self.policy.content.clocks.approve_within
        return self._set(APPROVE, about=activity, who=who, start=at, within=within)

    def to_record(self, activity: str, start: datetime) -> Task:
        """An approved activity is to be recorded once it is over."""
        return self._own(RECORD, activity, start, self.policy.content.clocks.record_within)

    def to_look_back(self, activity: str, *, done_at: datetime, at: datetime) -> tuple[Task, ...]:
        """After an activity: the questionnaire and the reflection, counted from when it was recorded, then the review."""
        clocks = self.policy.content.clocks
        review = self._set(
            IMPACT,
            about=activity,
            who=self.leading,
            start=self.policy.calendar.after(done_at, clocks.impact_after),
            within=clocks.impact_within,
        )
        return (
            self._own(QUESTIONNAIRE, activity, at, clocks.questionnaire_within),
            self._own(REFLECTION, activity, at, clocks.reflection_within),
            review,
        )

    def in_other_hands(self, held: Development) -> tuple[Task, ...]:
        """The running tasks as they are with this lead, where that changes them."""
        return tuple(now for task in held.tasks.running.values() if (now := self._with_lead(held, task)) != task)

    def _with_lead(self, held: Development, task: Task) -> Task:
        if task.rule == OPEN:
            return task
        if task.rule not in OF_LEAD:
            return dataclasses.replace(task, told=self.leading)
        proposed_by = held.activities[task.about].proposed_by if task.rule == APPROVE else ""
        who = MANAGER if self._is_lead(proposed_by) else self.leading
        return dataclasses.replace(task, who=who, told=task.told and _above(who))

    def _own(self, rule: str, about: str, start: datetime, within: Duration) -> Task:
        """A task of the person's own; late, the lead is told."""
        return self._set(rule, about=about, who=self.person, start=start, within=within, told=self.leading)

    def _set(
        self, rule: str, *, who: str, start: datetime, within: Duration, told: str | None = None, about: str = ""
    ) -> Task:
        return set_task(
            rule,
            about=about,
            who=who,
            start=start,
            within=within,
            calendar=self.policy.calendar,
            remind=self.policy.content.clocks.remind,
            told=_above(who) if told is None else told,
        )


def _above(who: str) -> str:
    """Who is told when what is for a lead to do is late: the quality manager, or the board where it is theirs."""
    return BOARD if who == MANAGER else MANAGER
