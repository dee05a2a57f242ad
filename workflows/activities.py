"""The steps that processes take: each is one command to a service, named as the handbook names it.

A command's id comes from what called for it, never from a run or an attempt, so that a step tried again changes
nothing that was changed already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog
from temporalio import activity

from domain.ids import PROCESS_ROLE
from domain.refusals import Refused
from services import (
    accounts,
    accreditations,
    assessment,
    authority,
    awards,
    calibration,
    complaints,
    development,
    learning,
    matters,
    moderation,
    preparation,
    rounds,
    sampling,
    screening,
    standardisation,
    visits,
    windows,
)
from services.office import Office, Receipt
from services.ports import Command
from services.states import fold
from workflows.situation import Situation, Step, situation_of

STEPS: Final[Mapping[str, Callable[..., Receipt]]] = {
    step.__name__: step
    for step in (
        preparation.start_preparation,
        preparation.remind,
        preparation.lapse,
        preparation.miss_deadline,
        visits.give_up_date,
        screening.start_screening,
        assessment.assign_assessor,
        assessment.take_back,
        calibration.remind_marker,
        calibration.miss_marking,
        moderation.open_final_review,
        awards.release_result,
        awards.remind_of_end,
        awards.lapse_award,
        accreditations.start_extension,
        accreditations.ask_confirmation,
        accreditations.remind_to_confirm,
        accreditations.miss_confirmation,
        accreditations.miss_review,
        matters.remind_task,
        matters.miss_task,
        authority.end_terms,
        accounts.look_again,
        standardisation.begin_session,
        complaints.close_complaint,
        learning.close_learning,
        development.turn_period,
        sampling.draw_sample,
        rounds.ask_about_conflicts,
        rounds.look_at_year,
        windows.open_window,
        windows.close_window,
    )
}

_log = structlog.get_logger(__name__)


def activities(office: Office) -> list[Callable[[Step], Situation]]:
    """Return the activities of a worker: `look`, and one for each of the steps."""

    @activity.defn(name="look")
    def look_at(step: Step) -> Situation:
        return look(office, step.case, step.at or activity.info().started_time)

    def taking(name: str) -> Callable[[Step], Situation]:
        @activity.defn(name=name)
        def take(step: Step) -> Situation:
            return take_step(office, name, step, activity.info().started_time)

        return take

    return [look_at, *(taking(name) for name in STEPS)]


def look(office: Office, case: str, at: datetime) -> Situation:
    """Return where the case stands, as seen at `at` (UTC)."""
    stream = office.records.streams(case)[case]
    return situation_of(fold(case, stream.entries), position=stream.position, at=at)


def take_step(office: Office, name: str, step: Step, at: datetime) -> Situation:
    """Carry the step out at `at` (UTC), or at the instant it was due where that is later; return where the case stands then.

    A step that is refused leaves the case as it is: the process looks again when there is news, or after a rest.
    """
    at = max(at, step.due_at) if step.due_at else at
    command = Command(
        id=command_id(name, step), actor=step.case, role=PROCESS_ROLE, at=at, causation=str(step.position)
    )
    try:
        receipt = STEPS[name](office, command, case=step.case)
    except Refused as refused:
        _log.warning("step.refused", command=command.id, rule=refused.rule)
        return look(office, step.case, at)
    written = step.case in receipt.events
    position = receipt.position if written else receipt.work.positions[step.case]
    return situation_of(receipt.work.states[step.case], position=position, at=at)


def command_id(name: str, step: Step) -> str:
    """Return the id of the command that takes this step: the same however often it is tried, by whichever run."""
    called_for = f"{step.case}/{step.position}/{name}"
    return f"{called_for}/{step.due_at.isoformat()}" if step.due_at else called_for
