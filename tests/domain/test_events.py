"""Every event has one stored name, and holds ids, codes, instants and digests, never typed text."""

import re
import typing
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import pytest

from domain import (
    accreditation,
    appeal,
    audit,
    authority,
    calibration,
    complaint,
    development,
    learning,
    meeting,
    person,
    policy,
    proposal,
    provider,
    retention,
    risk,
    sampling,
    scheme_record,
    scrutiny,
    standardisation,
    window,
)
from domain.clocks import DeadlineMissed, ReminderSent
from domain.events import NAMES, STORED_NAMES, UPCASTERS, recorded_names
from domain.letter_events import LetterEvent
from domain.submission import events as submission

UNIONS = (
    accreditation.AccreditationEvent,
    appeal.AppealEvent,
    audit.AuditEvent,
    calibration.CalibrationEvent,
    complaint.ComplaintEvent,
    learning.LearningEvent,
    meeting.MeetingEvent,
    person.PersonEvent,
    development.DevelopmentEvent,
    policy.PolicyEvent,
    authority.AuthorityEvent,
    standardisation.StandardisationEvent,
    proposal.ProposalEvent,
    provider.ProviderEvent,
    risk.RiskEvent,
    sampling.SamplingEvent,
    retention.RetentionEvent,
    scheme_record.SchemeEvent,
    scrutiny.ScrutinyEvent,
    window.WindowEvent,
    submission.SubmissionEvent,
    LetterEvent,
)


def test_every_event_of_every_aggregate_has_a_stored_name_and_no_name_is_of_anything_else():
    events = {kind for union in UNIONS for kind in typing.get_args(union)}

    assert events == set(NAMES.values())
    assert {ReminderSent, DeadlineMissed} <= events
    assert {kind: name for name, kind in NAMES.items()} == STORED_NAMES


@pytest.mark.parametrize("name", [*NAMES, *UPCASTERS])
def test_a_stored_name_has_a_number_and_no_suffix(name: str):
    assert re.fullmatch(r"[A-Z][A-Za-z]+\.[1-9][0-9]*", name)
    assert not name.partition(".")[0].endswith("Event")


TYPED = {"title", "reason", "wanted", "text", "rationale", "missing", "body", "comment", "note"}
"""What people type, by the names that it has in events."""
CODED = {"AssignmentEnded.1", "BlindMarkingEnded.1", "CalibrationGivenUp.1", "WorkReleased.1"}
"""Events whose `reason` is a code that the services give."""


def holding(kind: Any) -> list[tuple[str, Any]]:
    """The fields of an event and of what it holds, with their types."""
    hints = typing.get_type_hints(kind)
    found = [(field.name, hints[field.name]) for field in fields(kind)]
    for _, hint in list(found):
        for inner in (hint, *typing.get_args(hint)):
            if is_dataclass(inner):
                found += holding(inner)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_people_type_is_in_an_event_by_reference_only(name: str):
    for field, hint in holding(NAMES[name]):
        if field in TYPED and name not in CODED:
            assert "TextRef" in str(hint), field
        assert field not in {"name", "email", "address", "salt"}


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_frozen_and_does_not_repeat_when_or_by_whom(name: str):
    kind = NAMES[name]

    assert kind.__dataclass_params__.frozen
    assert {"at", "actor", "command", "recorded_at"}.isdisjoint(field.name for field in fields(kind))
    assert all(hint is not datetime or field.endswith(("_at", "_by", "_from", "_for")) for field, hint in holding(kind))


def test_the_names_of_an_event_are_its_own_alone():
    assert recorded_names(NAMES["PlaceFreed.1"]) == ["PlaceFreed.1"]
