"""The cases and the completed assessments of the whole record, from which audits and internal sampling draw.

They follow from the log up to a position alone, so that whoever draws again from the same position draws the same.
Source: handbook, Governance.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from domain.provider import ProviderRegistered
from domain.submission.events import AssessmentCompleted, CaseMoved, DecisionRecorded, ProgrammeRegistered
from domain.submission.remedy_events import (
    AssessmentSetAside,
    DecisionReplaced,
    ModerationSetAside,
)
from domain.submission.stages import STAGES

FOLLOWED: Final[tuple[type[Any], ...]] = tuple(
    dict.fromkeys(
        (
            ProviderRegistered,
            ProgrammeRegistered,
            CaseMoved,
            AssessmentCompleted,
            DecisionRecorded,
            DecisionReplaced,
            *STAGES,
        )
    )
)
"""The kinds of events that it follows from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A submission: whose it is, under which scheme version, at which stage `since` when (UTC), with which outcome if decided."""

    case: str
    provider: str
    provider_type: str
    scheme: str
    stage: str
    since: datetime
    outcome: str = ""

    @property
    def scheme_id(self) -> str:
        """The id of its scheme, without the version."""
        return self.scheme.partition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An assessment that `assessor` completed, `completed_at` (UTC)."""

    case: str
    provider: str
    scheme: str
    assessor: str
    completed_at: datetime

    @property
    def scheme_id(self) -> str:
        """The id of its scheme, without the version."""
        return self.scheme.partition("@")[0]


@dataclass(slots=True)
class Population:
    """All cases by id and all completed assessments in the order in which they were recorded, up to `position` of the log."""

    position: int = 0
    cases: dict[str, Case] = field(default_factory=dict)
    assessments: list[Assessed] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    def follow(self, recorded: Iterable[tuple[int, str, Any, datetime]]) -> None:
        """Take in events of the log in their order: position, stream, event, and when it holds (UTC)."""
        for position, stream, event, at in recorded:
            self.position = position
            if isinstance(event, ProviderRegistered):
                self.types[stream] = event.provider_type
            elif isinstance(event, ProgrammeRegistered):
                self.cases[stream] = self._registered(stream, event, at)
            elif stream in self.cases:
                self._change(stream, event, at)

    def _registered(self, stream: str, event: ProgrammeRegistered, at: datetime) -> Case:
        return Case(
            case=stream,
            provider=event.provider,
            provider_type=event.provider_type or self.types.get(event.provider, ""),
            scheme=event.scheme,
            stage=STAGES[ProgrammeRegistered].value,
            since=at,
        )

    def _change(self, stream: str, event: Any, at: datetime) -> None:
        held = self.cases[stream]
        if isinstance(event, CaseMoved):
            held = replace(held, scheme=event.scheme)
        if isinstance(event, DecisionRecorded | DecisionReplaced):
            held = replace(held, outcome=event.outcome)
        if isinstance(event, ModerationSetAside | AssessmentSetAside):
            held = replace(held, outcome="")  # until the case is decided again
        if isinstance(event, AssessmentCompleted):
            self.assessments.append(
                Assessed(
                    case=stream,
                    provider=held.provider,
                    scheme=held.scheme,
                    assessor=event.assessor,
                    completed_at=at,
                )
            )
        stage = STAGES.get(type(event))
        if stage and stage.value != held.stage:
            held = replace(held, stage=stage.value, since=at)
        self.cases[stream] = held
