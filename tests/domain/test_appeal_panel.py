"""Who hears an appeal had no part in the case; some are from outside; and who has a conflict later is off at once."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain import person as people
from domain.accreditation import ConcernRaised, ReviewOpened
from domain.appeal import events as e
from domain.appeal.panel import leave_office, leave_panel, name_panel, require_member, why_not
from domain.appeal.parts import judged, unconnected, who_had_part
from domain.appeal.state import Appeal, evolve
from domain.calibration import CalibrationAssigned
from domain.clocks import Deadline
from domain.ids import derived_id
from domain.meeting import MeetingOpened, MeetingScheduled
from domain.pay import PayEarned
from domain.submission import events as s
from domain.submission.side_events import BlindMarkingEnded, DraftGuidanceGiven, MarkedBlindBy
from domain.submission.visit_events import VisitHeld
from domain.window import PlaceTaken, WindowExtendedFor
from tests.domain.appealing import (
    HAL,
    IDA,
    JON,
    KIM,
    OLA,
    PANEL,
    PIP,
    admitted,
    candidate,
    candidates,
    dismissed,
    heard,
    hearer,
    lodged,
    naming,
    upheld,
)
from tests.domain.given import (
    ADA,
    CASE,
    DAY,
    MEETING,
    NOON,
    PROVIDER,
    SCHEME,
    WINDOW,
    conflicted,
    fold,
    member,
    refused,
    text,
)

P = [derived_id("person", letter) for letter in "abcdefgh"]
CLOCK = Deadline(rule="some-within", due_at=NOON)


@dataclass(frozen=True)
class Acted:
    event: Any
    actor: str = ""
    role: str = "process"


def parts(stream: str, *acted: Acted) -> dict[str, frozenset[str]]:
    return who_had_part(CASE, {stream: acted})


@pytest.mark.parametrize(
    ("event", "part"),
    [
        (s.AssessorAssigned(assessor=P[0], considered=(), clock=CLOCK), "assessed it"),
        (s.AssignmentEnded(assessor=P[0], reason="declined"), "assessed it"),
        (VisitHeld(assessor=P[0], met=(), minutes_spent=1, recommendation=None, clock=CLOCK), "assessed it"),
        (MarkedBlindBy(calibration="calibration-a", second=P[0]), "marked it blind"),
        (BlindMarkingEnded(second=P[0], reason="conflict"), "marked it blind"),
        (DraftGuidanceGiven(adviser=P[0], criteria=(), text=text("so")), "advised on it"),
        (s.ItemHandedOver(chair=P[0], reason=text("ill")), "moderated it"),
        (s.DecisionRecorded(outcome="awarded", level="marked", unmet=(), chair=P[0]), "moderated it"),
        (s.OutcomeReportApproved(chair=P[0], shortfalls=()), "moderated it"),
        (ConcernRaised(concern="concern-a", raised_by=P[0], text=text("so")), "raised a concern about it"),
        (ReviewOpened(concern="concern-a", reviewer=P[0], clock=CLOCK), "reviewed a concern about it"),
    ],
)
def test_who_is_named_in_a_case_had_a_part_in_it_whatever_became_of_that(event: Any, part: str):
    assert parts(CASE, Acted(event)) == {P[0]: {part}}


def test_everyone_of_a_panel_or_a_meeting_had_a_part_present_or_not():
    taken_up = s.ModerationStarted(meeting=MEETING, chair=P[0], panel=(P[1],), results=CLOCK, review_from=NOON)
    scheduled = MeetingScheduled(
        meeting=MEETING, scheme=SCHEME.id, starts_at=NOON, chair=P[0], panel=(P[1], P[2]), items=(CASE,)
    )

    assert set(parts(CASE, Acted(taken_up))) == {P[0], P[1]}
    assert set(parts(MEETING, Acted(scheduled), Acted(MeetingOpened(present=(P[3],))))) == set(P[:4])


def test_a_blind_marker_had_a_part():
    event = CalibrationAssigned(
        calibration="calibration-a",
        submission=CASE,
        scheme=SCHEME.ref,
        provider=PROVIDER,
        criteria=(),
        scale=(),
        assessor=P[0],
        considered=(),
        clock=CLOCK,
    )

    assert parts("calibration-a", Acted(event)) == {P[0]: {"marked it blind"}}


def test_who_administered_or_screened_a_case_had_a_part_and_its_provider_and_process_are_nobody_of_the_body():
    waived = s.FeeWaived(kind="registration", reason=text("so"))

    assert parts(CASE, Acted(waived, P[0], "officer")) == {P[0]: {"administered it"}}
    for event in (s.ScreeningPassed(), s.FoundIneligible(reason=text("so"))):
        assert parts(CASE, Acted(event, P[0], "officer")) == {P[0]: {"screened it"}}
    assert parts(CASE, Acted(s.PortfolioReturned(reason=text("so"), clock=CLOCK), P[0], "officer"))[P[0]] == {
        "screened it"
    }
    assert parts(CASE, Acted(waived, P[0], "appeals-panel")) == {P[0]: {"heard an appeal about it"}}
    assert parts(CASE, Acted(waived, P[0], "provider"), Acted(waived, CASE, "process")) == {}
    assert parts(CASE, Acted(waived, "installer", "installer")) == {}


def test_of_a_window_only_what_is_about_the_case_is_a_part_in_it():
    extended = WindowExtendedFor(submission=CASE, closes_at=NOON, reason=text("ill"))
    other = WindowExtendedFor(submission="submission-b", closes_at=NOON, reason=text("ill"))
    acted = [Acted(extended, P[0], "officer"), Acted(other, P[1], "officer"), Acted(PlaceTaken(submission=CASE), P[2])]

    assert set(parts(WINDOW, *acted)) == {P[0], P[2]}


def test_what_somebody_judged_counts_before_what_they_administered():
    waived = Acted(s.FeeWaived(kind="registration", reason=text("so")), P[0], "officer")
    assigned = Acted(s.AssessorAssigned(assessor=P[0], considered=(), clock=CLOCK))
    both = parts(CASE, waived, assigned)

    assert both == {P[0]: {"assessed it"}}
    assert judged({**both, P[1]: {"administered it"}, P[2]: {"screened it"}}) == {P[0], P[2]}


def test_from_outside_is_who_was_never_anything_else_here_and_never_paid():
    given = people.RoleGiven(role="appeals-panel", scheme=SCHEME.id)
    signed = people.NonDisclosureSigned()

    assert unconnected([given, signed])
    assert not unconnected([given, people.RoleGiven(role="board"), people.RoleEnded(role="board")])
    assert not unconnected([given, PayEarned(kind="assessment", case=CASE, amount=1, currency="GBP")])


def test_the_panel_is_named_with_what_was_found_of_everyone_looked_at():
    assessor = hearer("ada")
    known = [candidate(one) for one in (*PANEL, KIM, assessor, conflicted(hearer("lou")))]

    [event] = name_panel(admitted(), **naming(candidates=known))

    assert isinstance(event, e.PanelNamed)
    assert (event.chair, event.panel, event.officer) == (HAL.id, (HAL.id, IDA.id, JON.id), OLA.id)
    assert {one.person: one.verdict for one in event.considered} == {
        **dict.fromkeys(event.panel, "named"),
        KIM.id: "eligible",
        ADA.id: "assessed it",
        derived_id("person", "lou"): "conflict with the provider",
    }
    assert {one.person for one in event.considered if not one.outsider} == {HAL.id, IDA.id}
    [task] = event.sets
    assert (task.who, task.due_at) == (HAL.id, admitted().tasks.running["decide-appeal-within"].due_at)
    assert name_panel(heard(), **naming()) == []


UNTRAINED = member("una", "appeals-panel")
EXPIRED = fold(
    people.evolve,
    UNTRAINED,
    [people.TrainingCompleted(kind="appeals", scheme=SCHEME.id, expires_at=NOON + 2 * DAY)],
)
UNSIGNED = fold(
    people.evolve,
    people.Person(),
    [
        people.PersonRegistered(person=derived_id("person", "ulf")),
        people.RoleGiven(role="appeals-panel", scheme=SCHEME.id),
        people.TrainingCompleted(kind="appeals", scheme=SCHEME.id, expires_at=NOON + 900 * DAY),
    ],
)
ROLELESS = fold(people.evolve, hearer("rob"), [people.RoleEnded(role="appeals-panel", scheme=SCHEME.id)])


@pytest.mark.parametrize(
    ("who", "rule", "because"),
    [
        (ROLELESS, "panel-eligible", "not authorised"),
        (UNTRAINED, "panel-eligible", "no valid training"),
        (EXPIRED, "panel-eligible", "no valid training"),
        (UNSIGNED, "panel-eligible", "non-disclosure not signed"),
        (conflicted(KIM), "panel-eligible", "conflict with the provider"),
        (hearer("ada"), "took-part-never-hears", "assessed it"),
        (hearer("ola", "appeals-officer"), "panel-eligible", "sees to this appeal"),
    ],
)
def test_who_can_not_hear_an_appeal_is_refused_with_the_reason(who: people.Person, rule: str, because: str):
    known = candidates(HAL, IDA, KIM, who)

    with refused(rule, field="members", match=because):
        name_panel(admitted(), **naming((HAL, IDA, who), candidates=known))


def test_an_officer_who_names_themselves_is_refused_though_they_did_not_see_to_it_before():
    pip = hearer("pip", "appeals-officer")

    with refused("panel-eligible", match="sees to this appeal"):
        name_panel(admitted(), **naming((HAL, IDA, pip), candidates=candidates(HAL, IDA, pip), by=PIP))


def test_a_panel_is_large_enough_has_somebody_from_outside_and_is_known():
    for panel, rule in (((HAL, JON), "panel-size"), ((HAL, JON, JON), "panel-size")):
        with refused(rule, field="members"):
            name_panel(admitted(), **naming(panel))
    inside = [candidate(one, outsider=False) for one in PANEL]
    with refused("panel-outsiders", field="members"):
        name_panel(admitted(), **naming(candidates=inside))
    with refused(
        "panel-eligible", field="members", match=f"not known. Allowed: {min(HAL.id, IDA.id)}, {max(HAL.id, IDA.id)}"
    ):
        name_panel(admitted(), **naming((HAL, IDA, KIM), candidates=candidates(HAL, IDA)))
    with refused("panel-eligible", field="members", match="Allowed: nobody known is"):
        name_panel(admitted(), **naming((HAL, IDA, KIM), candidates=()))


def test_a_panel_is_named_once_the_appeal_is_admitted_and_by_who_may_see_to_it():
    for appeal in (lodged(), upheld(), dismissed()):
        with refused("appeal-order", field="appeal"):
            name_panel(appeal, **naming())
    with refused("conflict-of-interest", field="actor"):
        name_panel(admitted(), **naming(by=conflicted(OLA)))
    with refused("known-appeal"):
        name_panel(Appeal(), **naming())


def test_who_hears_an_appeal_goes_on_and_only_who_left_is_replaced():
    for panel in ((HAL, IDA, KIM), (IDA, HAL, JON), (KIM, IDA, JON)):
        with refused("panel-stays", field="members"):
            name_panel(heard(), **naming(panel))

    appeal = fold(evolve, heard(), leave_panel(heard(), person=JON.id, because="conflict"))

    assert (appeal.panel, appeal.former, appeal.stage) == ((HAL.id, IDA.id), {JON.id}, "before-panel")
    [event] = name_panel(appeal, **naming((HAL, IDA, KIM)))
    assert isinstance(event, e.PanelNamed)
    assert event.panel == (HAL.id, IDA.id, KIM.id)


def test_when_the_chair_leaves_the_decision_falls_to_the_officer_by_the_same_date_and_another_chairs():
    appeal = fold(evolve, heard(), leave_panel(heard(), person=HAL.id, because="stepped-down", why=text("ill")))

    [task] = appeal.tasks.running.values()
    assert (task.who, task.due_at) == (OLA.id, heard().tasks.running["decide-appeal-within"].due_at)
    assert appeal.chair == ""
    assert name_panel(appeal, **naming((KIM, IDA, JON)))
    [left] = leave_panel(heard(), person=IDA.id, because="conflict")
    assert isinstance(left, e.PanelMemberLeft)
    assert left.sets == ()


def test_nobody_leaves_twice_nor_a_panel_that_decided():
    assert leave_panel(heard(), person=KIM.id, because="conflict") == []
    assert leave_panel(upheld(), person=HAL.id, because="conflict") == []
    assert leave_panel(admitted(), person=HAL.id, because="conflict") == []
    with refused("appeal-order", field="appeal"):
        require_member(upheld(), HAL.id)
    with refused("panel-member", field="person"):
        require_member(heard(), KIM.id)
    with refused("known-appeal"):
        require_member(Appeal(), HAL.id)
    require_member(heard(), JON.id)


def test_an_officer_with_a_conflict_sees_to_it_no_longer_and_what_they_had_to_do_is_any_officers():
    [left] = leave_office(admitted(), person=OLA.id, because="conflict")
    assert isinstance(left, e.AppealOfficerLeft)
    appeal = fold(evolve, admitted(), [left])

    assert [one.who for one in appeal.tasks.running.values()] == ["appeals-officer"]
    assert (appeal.officer, appeal.officers) == ("", {OLA.id})
    assert leave_office(appeal, person=OLA.id, because="conflict") == []
    assert leave_office(dismissed(), person=OLA.id, because="conflict") == []
    [sitting] = leave_office(heard(), person=OLA.id, because="conflict")
    assert isinstance(sitting, e.AppealOfficerLeft)
    assert sitting.sets == ()
    gone = fold(evolve, heard(), [sitting, *leave_panel(heard(), person=IDA.id, because="conflict")])
    [chair_left] = leave_panel(gone, person=HAL.id, because="conflict")
    assert isinstance(chair_left, e.PanelMemberLeft)
    assert [one.who for one in chair_left.sets] == ["appeals-officer"]


def test_who_can_hear_it_has_no_reason_against_them():
    assert why_not(admitted(), candidate(KIM), scheme=SCHEME, at=NOON) == ""
    assert (
        why_not(admitted(), candidate(KIM), scheme=SCHEME, at=NOON + 4000 * DAY)
        == "no valid training for this scheme: appeals"
    )
