"""What events give people to do is a relation to the case; over, it leaves them as ones who took part."""

from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from domain.appeal.events import AppealAcknowledged, PanelMemberLeft, PanelNamed
from domain.ids import derived_id
from domain.relations import (
    ASSIGNED,
    OWN,
    PANEL,
    TOOK_PART,
    Held,
    Parts,
    Place,
    follow,
    moved,
    placed,
    relations_in,
    steps,
)
from domain.submission.events import ResultReleased
from domain.submission.remedy_events import AssessmentSetAside
from domain.tasks import ALL, Task
from tests.domain.given import ADA, BEN, CASE, MIA, NIK, NOON, PROVIDER
from tests.domain.test_decision_imported import IMPORTED

APPEAL, AUDIT, COMPLAINT, SCRUTINY = (derived_id(kind, "one") for kind in ("appeal", "audit", "complaint", "scrutiny"))
WATCHED = Task(rule="watch", due_at=NOON, who=NIK.id)
BY_ROLE = Task(rule="look", due_at=NOON, who="board")


def parts_after(
    stream: str, *events: Any, about: str | None = CASE, actor: str = "process", role: str = ""
) -> dict[str, Parts]:
    """The parts in each case, where the stream is about this one."""
    parts: dict[str, Parts] = defaultdict(dict)
    for position, event in enumerate(events):
        for step in steps(stream, about, event, actor, role):
            follow(parts[step.case], step, position)
    return parts


def acknowledged(*sets: Task, ends: tuple[str, ...] = ()) -> AppealAcknowledged:
    return AppealAcknowledged(officer=ADA.id, sets=sets, ends=ends)


def relations(parts: Parts, person: str) -> set[str]:
    return set(relations_in(parts, frozenset({person})))


def test_only_those_who_have_a_part_stand_in_its_relation_and_once_it_is_over_they_took_part():
    panel = PanelNamed(officer=BEN.id, chair=MIA.id, panel=(MIA.id, NIK.id), considered=(), sets=())
    left = PanelMemberLeft(person=NIK.id, because="conflict", why=None, sets=())

    for case in (APPEAL, CASE):  # what an appeal gives somebody to do, it gives them in the case too
        parts = parts_after(APPEAL, acknowledged(), panel, left)[case]
        assert [relations(parts, one.id) for one in (ADA, BEN, MIA, NIK)] == [
            {TOOK_PART},
            {ASSIGNED},
            {PANEL},
            {TOOK_PART},
        ]
    assert relations({(ADA.id, OWN, ADA.id): Held(0, 1)}, ADA.id) == set()


def test_a_task_is_a_part_of_a_person_and_of_no_role_until_it_ends():
    begun = acknowledged(WATCHED, BY_ROLE)

    assert relations(parts_after(APPEAL, begun)[APPEAL], NIK.id) == {ASSIGNED}
    assert relations(parts_after(APPEAL, begun)[APPEAL], "board") == set()
    assert relations(parts_after(APPEAL, begun, acknowledged(ends=(WATCHED.name,)))[APPEAL], NIK.id) == {TOOK_PART}
    assert relations(parts_after(APPEAL, begun, acknowledged(ends=(ALL,)))[APPEAL], ADA.id) == {TOOK_PART}


def test_of_tasks_only_who_watches_has_the_case_to_look_at():
    for matter, seen in ((APPEAL, set()), (COMPLAINT, set()), (SCRUTINY, {ASSIGNED})):
        assert relations(parts_after(matter, acknowledged(WATCHED))[CASE], NIK.id) == seen


def test_whoever_acts_in_a_case_takes_part_in_it_but_for_its_provider():
    for role, seen in (("officer", {TOOK_PART}), ("provider", set())):
        assert relations(parts_after(APPEAL, acknowledged(), actor=MIA.id, role=role)[APPEAL], MIA.id) == seen
    assert relations(parts_after(APPEAL, acknowledged(), actor="process")[APPEAL], "process") == set()


def test_a_matter_about_no_case_and_one_that_is_not_shared_give_nobody_a_part_elsewhere():
    assert set(parts_after(APPEAL, acknowledged(), about=None)) == {APPEAL}
    assert set(parts_after(AUDIT, acknowledged(WATCHED))) == {AUDIT}


def test_a_case_is_its_providers_own_a_complaint_whose_it_was_raised_for_and_an_audit_nobodys():
    first = SimpleNamespace(provider=PROVIDER, on_behalf_of=None)
    for stream, owner in ((APPEAL, PROVIDER), (CASE, PROVIDER), (COMPLAINT, None), (AUDIT, None)):
        assert (placed(stream, first).provider, placed(stream, first).owner) == (PROVIDER, owner)
    for_them = SimpleNamespace(provider=None, on_behalf_of=PROVIDER)
    assert placed(COMPLAINT, for_them) == Place(kind="complaint", owner=PROVIDER)


def test_a_place_is_about_the_case_that_it_names_or_else_about_those_of_a_meeting():
    assert Place(kind="appeal", about=CASE, items=("submission-b",)).cases == (CASE,)
    assert Place(kind="meeting", items=(CASE, "submission-b")).cases == (CASE, "submission-b")


def test_an_affair_is_of_the_provider_that_it_names_or_of_the_one_whose_all_its_cases_are():
    own, meeting = Place(kind="appeal", provider="provider-a"), Place(kind="meeting")

    assert own.affair_of([PROVIDER, "provider-b"]) == own.affair_of([]) == "provider-a"
    assert meeting.affair_of([PROVIDER, PROVIDER]) == PROVIDER
    assert meeting.affair_of([PROVIDER, "provider-b"]) is None
    assert meeting.affair_of([]) is None


@pytest.mark.parametrize(("assessor", "part"), [(ADA.id, {TOOK_PART}), (None, set())])
def test_whoever_assessed_what_is_imported_took_part_where_that_is_known(assessor: str | None, part: set[str]):
    imported = replace(IMPORTED, assessor=assessor)

    assert relations(parts_after(CASE, imported, about=None)[CASE], ADA.id) == part


def test_a_case_stays_where_it_is_but_for_a_new_version_a_result_told_or_one_set_aside():
    place = Place(kind="submission", provider=PROVIDER, scheme="cpd-qa@1")
    told = moved(place, ResultReleased(outcome="awarded"))

    assert moved(place, acknowledged()) is place
    assert told.told
    assert not moved(told, AssessmentSetAside(appeal=APPEAL, excluded=())).told
