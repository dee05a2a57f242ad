"""An appeal on a real record: who lodges it, sees to it and hears it, what was before the decider, and what is refused."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from domain.appeal import AppealDecided, AppealLodged, AppealOfficerLeft, PanelMemberLeft, PanelNamed
from domain.clocks import DeadlineMissed, ReminderSent
from domain.person import AttemptRefused
from domain.refusals import Refused
from domain.submission.events import DecisionRecorded, ResultReleased
from services import appeals, ledger, matters, people
from services.appeals import Ruling
from services.contested import appeal_id
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import LATER, Appealing, catch_up, hearing, refused_case
from tests.services.conftest import Clock
from tests.services.test_conflicts import another_officer


@pytest.fixture
def hear(body: Body) -> Appealing:
    return hearing(body)


def test_a_contact_of_the_provider_contests_a_result_which_is_pinned_and_stands_meanwhile(hear: Appealing, body: Body):
    case = refused_case(body)
    before = body.recorded(case)

    appeal = hear.lodge(case)

    lodged = hear.state(appeal).lodging
    decided = next(one for one in before if isinstance(one.event, DecisionRecorded))
    [told] = [one for one in before if isinstance(one.event, ResultReleased)]
    assert (lodged.case, lodged.contested, lodged.concern) == (case, "result", None)
    assert (lodged.version, lodged.position, lodged.told_at) == (decided.version, decided.position, told.at)
    assert (lodged.late, lodged.lodged_by) == (False, hear.contact(case))
    assert [one.code for one in lodged.grounds] == ["evidence"]
    assert body.recorded(case) == before
    assert list(hear.state(appeal).tasks.running) == ["acknowledge-appeal-within"]
    assert body.recorded(appeal)[0].scheme == body.scheme.ref


def test_only_who_speaks_for_the_provider_lodges_and_withdraws(hear: Appealing, body: Body):
    case, stranger = refused_case(body), factories.register_provider(body)
    said = {"case": case, "contested": "result", "grounds": hear.grounds}

    with refused("own-provider", field="case"):
        body.by(appeals.lodge_appeal, stranger.contact, "provider", **said)
    for actor, role in ((body.officer, "officer"), (body.chair, "chair"), (hear.officer, "appeals-officer")):
        with refused("acting-role", field="role"):
            body.by(appeals.lodge_appeal, actor, role, **said)
    appeal = hear.lodge(case)
    with refused("own-provider", field="appeal"):
        body.by(appeals.withdraw_appeal, stranger.contact, "provider", appeal=appeal, reason="No more.")
    with refused("acting-role", field="role"):
        hear.by_officer(appeals.withdraw_appeal, appeal=appeal, reason="No more.")

    body.by(appeals.withdraw_appeal, hear.contact(case), "provider", appeal=appeal, reason="No more.")
    assert hear.state(appeal).stage == "withdrawn"
    assert hear.state(appeal).over
    assert not hear.state(appeal).tasks.running


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"contested": "mood"}, "contestable-decision"),
        ({"contested": "review"}, "contestable-decision"),
        ({"contested": "ineligible"}, "decision-told"),
        ({"grounds": {}}, "appeal-grounds"),
        ({"grounds": {"envy": "They had more."}}, "appeal-grounds"),
        ({"grounds": {"evidence": "   "}}, "text-given"),
        ({"grounds": {"evidence": "x" * 1_000_000}}, "text-length"),
        ({"case": "submission-aaaaaaaaaaaaaaaa"}, "known-submission"),
        ({"case": "what?"}, "known-submission"),
    ],
)
def test_what_can_not_be_appealed_is_refused_and_nothing_is_written(
    hear: Appealing, body: Body, said: dict[str, Any], rule: str
):
    case = refused_case(body)
    contact, end = hear.contact(case), body.office.records.max_position()

    with refused(rule):
        body.by(
            appeals.lodge_appeal,
            contact,
            "provider",
            **{"case": case, "contested": "result", "grounds": hear.grounds, **said},
        )
    assert body.office.records.max_position() == end


def test_a_result_that_was_not_told_can_not_be_contested(hear: Appealing, body: Body):
    case = factories.brought(body, "approved")

    with refused("decision-told", field="contested"):
        hear.lodge(case)


def test_the_same_request_twice_lodges_one_appeal(hear: Appealing, body: Body):
    case = refused_case(body)
    command = body.command(hear.contact(case), "provider")
    said = {"case": case, "contested": "result", "grounds": hear.grounds}

    first = appeals.lodge_appeal(body.office, command, **said)
    again = appeals.lodge_appeal(body.office, command, **said)

    assert (again.repeated, again.position) == (True, first.position)
    assert appeals.appeal_of(first) == appeals.appeal_of(again)
    assert len(body.events(appeals.appeal_of(first))) == 1


def test_two_appeals_against_one_decision_lodged_at_once_are_one(hear: Appealing, body: Body):
    case = refused_case(body)
    contact, came = hear.contact(case), []

    def lodge() -> None:
        try:
            came.append(
                body.by(appeals.lodge_appeal, contact, "provider", case=case, contested="result", grounds=hear.grounds)
            )
        except Refused as refusal:
            came.append(refusal.rule)

    threads = [threading.Thread(target=lodge) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(one if isinstance(one, str) else "" for one in came) == ["", *["one-appeal-at-a-time"] * 3]
    version = hear.state(appeals.appeal_of(next(one for one in came if not isinstance(one, str)))).lodging.version
    assert body.events(appeal_id(case, version, 2)) == []


def test_what_was_decided_is_not_decided_again_and_what_was_withdrawn_may_come_again(hear: Appealing, body: Body):
    case = refused_case(body)
    first = hear.heard(case)
    with refused("one-appeal-at-a-time", field="contested"):
        hear.lodge(case)
    body.by(appeals.withdraw_appeal, hear.contact(case), "provider", appeal=first, reason="Better words to come.")

    second = hear.heard(case)
    hear.decide(second)

    assert second != first
    assert hear.state(second).stage == "dismissed"
    with refused("appealed-once", field="contested"):
        hear.lodge(case)
    with refused("appeal-order", field="appeal"):
        body.by(appeals.withdraw_appeal, hear.contact(case), "provider", appeal=second, reason="No more.")


def test_after_its_time_an_appeal_is_lodged_late_and_admitted_for_a_reason_only(
    hear: Appealing, body: Body, clock: Clock
):
    case = refused_case(body)
    clock.comes_to(clock() + LATER)
    appeal = hear.acknowledged(case)
    assert hear.state(appeal).lodging.late

    with refused("late-for-a-reason", field="reason"):
        hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal, reason="The letter went astray.")

    assert hear.state(appeal).stage == "admitted"


def test_what_is_not_admitted_is_over_for_a_reason(hear: Appealing, body: Body):
    appeal = hear.acknowledged(refused_case(body))

    hear.by_officer(appeals.refuse_appeal, appeal=appeal, reason="No ground is made out.")

    assert (hear.state(appeal).stage, hear.state(appeal).over) == ("not-admitted", True)
    assert not hear.state(appeal).tasks.running
    with refused("appeal-order"):
        hear.name(appeal)


def test_each_step_comes_in_its_order(hear: Appealing, body: Body):
    appeal = hear.lodge(refused_case(body))
    steps: list[Callable[[], Any]] = [
        lambda: hear.by_officer(appeals.admit_appeal, appeal=appeal),
        lambda: hear.by_officer(appeals.refuse_appeal, appeal=appeal, reason="No."),
        lambda: hear.name(appeal),
        lambda: hear.by_officer(appeals.close_remedy, appeal=appeal),
    ]
    for step in steps:
        with refused("appeal-order", field="appeal"):
            step()
    with refused("panel-chair"):
        hear.decide(appeal, by=hear.inside)
    for service in (appeals.acknowledge_appeal, appeals.admit_appeal, appeals.close_remedy):
        with refused("known-appeal", field="appeal"):
            hear.by_officer(service, appeal="appeal-aaaaaaaaaaaaaaaa")
        with refused("known-appeal", field="appeal"):
            hear.by_officer(service, appeal=body.chair)


def test_what_makes_each_eligible_is_computed_then_and_kept_with_the_panel(hear: Appealing, body: Body):
    case = refused_case(body)
    assessor = body.submission(case).assessor
    assert assessor
    body.by_officer(people.give_role, id=assessor, role="appeals-panel", scheme=body.scheme.id)
    hear_training(body, assessor)
    appeal = hear.admitted(case)

    hear.name(appeal)

    [named] = body.events(appeal, PanelNamed)
    seen = {one.person: one for one in named.considered}
    assert set(seen) == {*hear.hearers, assessor}
    assert [seen[one].verdict for one in hear.panel] == ["named"] * 3
    assert [seen[one].verdict for one in hear.hearers[3:]] == ["eligible"] * 2
    assert seen[assessor].verdict == "assessed it"
    assert [one for one in seen if seen[one].outsider] == sorted(hear.hearers[2:])
    assert hear.state(appeal).tasks.running["decide-appeal-within"].who == hear.panel[0]


def hear_training(body: Body, person: str) -> None:
    """They are trained to hear appeals."""
    expires_at = body.now() + factories.timedelta(days=900)
    body.by_officer(people.record_training, id=person, kind="appeals", scheme=body.scheme.id, expires_at=expires_at)


def test_somebody_from_outside_hears_it_who_was_never_anything_else_here(hear: Appealing, body: Body):
    appeal = hear.admitted(refused_case(body))
    outside = hear.hearers[2:]
    for one in outside[:1]:  # a role that ended is a role that they had
        body.by_officer(people.give_role, id=one, role="assessor", scheme=body.scheme.id)
        body.by_officer(people.end_role, id=one, role="assessor", scheme=body.scheme.id)

    with refused("panel-outsiders", field="members"):
        hear.name(appeal, (*hear.hearers[:2], outside[0]))
    with refused("panel-size", field="members"):
        hear.name(appeal, (hear.inside, outside[1]))
    with refused("panel-eligible", field="members"):
        hear.name(appeal, (*hear.hearers[:2], "person-aaaaaaaaaaaaaaaa"))
    with refused("panel-eligible", field="members"):
        hear.name(appeal, (*hear.hearers[:2], "whoever"))
    assert body.events(appeal, PanelNamed) == []
    assert hear.name(appeal, (*hear.hearers[:2], outside[1])).events


def test_the_panel_decides_on_each_ground_with_a_reason_and_a_dismissed_appeal_is_over(hear: Appealing, body: Body):
    case = refused_case(body)
    hear.grounds = {"evidence": "A file was not read.", "bias": "They like it long."}
    appeal = hear.heard(case)
    before = body.recorded(case)

    with refused("each-ground-decided", field="rulings"):
        hear.decide(appeal, rulings={"evidence": Ruling(finding="dismissed", reason="It was.")})
    with refused("ground-findings", field="rulings.evidence"):
        hear.decide(appeal, finding="maybe")
    with refused("remedy-fits", field="remedy"):
        hear.decide(appeal, remedy="assess-again")
    with refused("remedy-fits", field="remedy"):
        hear.decide(appeal, finding="upheld")
    with refused("remedy-fits", field="remedy"):
        hear.decide(appeal, finding="upheld", remedy="apologise")
    with refused("panel-chair", field="actor"):
        hear.decide(appeal, by=hear.panel[1])
    with refused("acting-role", field="role"):
        hear.decide(appeal, by=hear.officer)
    hear.decide(appeal)

    [decided] = body.events(appeal, AppealDecided)
    assert (decided.outcome, decided.remedy, decided.in_time) == ("dismissed", None, True)
    assert [one.ground for one in decided.findings] == ["evidence", "bias"]
    judged = {body.submission(case).assessor, body.chair, *body.moderators, body.officer}  # who screened it, too
    assert {*hear.panel, *judged} == set(decided.excluded)
    assert body.recorded(case) == before
    assert hear.state(appeal).over
    assert not hear.state(appeal).tasks.running
    assert hear.decide(appeal, by=hear.panel[0]).events == {}


def test_a_conflict_declared_takes_a_member_off_at_once_and_the_panel_waits_for_another(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    provider = body.submission(case).registration.provider
    chair, _, outsider = hear.panel

    declared = body.by(
        people.declare_conflict, outsider, "appeals-panel", id=outsider, provider=provider, kind="family"
    )

    assert declared.events[appeal] == [PanelMemberLeft(person=outsider, because="conflict", why=None, sets=())]
    with refused("panel-size"):
        hear.decide(appeal)
    with refused("panel-stays", field="members"):
        hear.name(appeal, (chair, *hear.hearers[2:4]))
    with refused("panel-eligible", field="members"):
        hear.name(appeal)
    hear.name(appeal, (*hear.panel[:2], hear.hearers[3]))
    assert hear.decide(appeal).events


def test_a_conflict_of_the_chair_leaves_the_decision_to_be_taken_by_the_same_date(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    due_at = hear.state(appeal).tasks.running["decide-appeal-within"].due_at
    provider = body.submission(case).registration.provider

    body.by_officer(people.declare_conflict, id=hear.panel[0], provider=provider, kind="employed-there")

    task = hear.state(appeal).tasks.running["decide-appeal-within"]
    assert (task.who, task.due_at) == (hear.officer, due_at)
    with refused("conflict-of-interest"):
        hear.decide(appeal, by=hear.panel[0])
    hear.name(appeal, (hear.hearers[4], *hear.panel[1:]))
    assert hear.state(appeal).tasks.running["decide-appeal-within"].due_at == due_at
    assert hear.decide(appeal, by=hear.hearers[4]).events


def test_a_member_whose_training_ends_or_who_is_given_a_part_does_not_decide(hear: Appealing, body: Body):
    appeal = hear.heard(refused_case(body))

    body.by_officer(people.end_role, id=hear.panel[1], role="appeals-panel", scheme=body.scheme.id)

    with refused("panel-eligible", field="panel", match="not authorised"):
        hear.decide(appeal)
    body.by(appeals.leave_panel, hear.officer, "appeals-officer", appeal=appeal, person=hear.panel[1], reason="Left us")
    hear.name(appeal, (hear.panel[0], hear.hearers[3], hear.panel[2]))
    assert hear.decide(appeal).events


def test_a_member_steps_down_for_a_reason_and_nobody_takes_off_whom_they_like(hear: Appealing, body: Body):
    appeal = hear.heard(refused_case(body))

    with refused("acting-role"):
        body.by(appeals.leave_panel, hear.panel[0], "appeals-panel", appeal=appeal, person=hear.panel[1], reason="Why")
    with refused("panel-member", field="person"):
        body.by(appeals.leave_panel, hear.hearers[4], "appeals-panel", appeal=appeal, reason="Ill")
    left = body.by(appeals.leave_panel, hear.panel[1], "appeals-panel", appeal=appeal, reason="Ill")

    [gone] = left.events[appeal]
    assert (gone.person, gone.because, gone.why is not None) == (hear.panel[1], "stepped-down", True)
    assert body.by(appeals.leave_panel, hear.panel[1], "appeals-panel", appeal=appeal, reason="Ill").events == {}


def test_a_conflict_takes_the_appeal_from_the_officer_who_sees_to_it(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.admitted(case)
    provider = body.submission(case).registration.provider

    body.by(people.declare_conflict, hear.officer, "appeals-officer", id=hear.officer, provider=provider)

    [left] = body.events(appeal, AppealOfficerLeft)
    assert (left.officer, left.because, [one.who for one in left.sets]) == (
        hear.officer,
        "conflict",
        ["appeals-officer"],
    )
    for service, said in (
        (appeals.name_panel, {"chair": hear.panel[0], "members": hear.panel[1:]}),
        (appeals.admit_appeal, {}),
        (appeals.leave_panel, {"person": hear.panel[0], "reason": "Why"}),
        (appeals.close_remedy, {}),
    ):
        with refused("conflict-of-interest", field="actor"):
            hear.by_officer(service, appeal=appeal, **said)
    until = body.now() + LATER
    with refused("conflict-of-interest", field="actor"):
        hear.by_officer(matters.move_task, case=appeal, rule="decide-appeal-within", until=until, reason="Why")
    other = factories.appoint(body, "appeals-officer", scheme=None)
    assert body.by(
        appeals.name_panel, other, "appeals-officer", appeal=appeal, chair=hear.panel[0], members=hear.panel[1:]
    ).events


def test_what_was_before_the_decider_is_the_record_up_to_the_decision_and_no_further(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)

    seen = appeals.material(body.office, body.command(hear.panel[1], "appeals-panel"), appeal=appeal)

    assert isinstance(seen[-1].event, DecisionRecorded)
    assert seen == body.recorded(case)[: seen[-1].version]
    assert not [one for one in seen if isinstance(one.event, ResultReleased)]
    assert seen == appeals.material(body.office, body.command(hear.officer, "appeals-officer"), appeal=appeal)
    assert seen == appeals.material(body.office, body.command("installer", "installer"), appeal=appeal)
    with refused("panel-member", field="actor"):
        appeals.material(body.office, body.command(hear.hearers[4], "appeals-panel"), appeal=appeal)
    with refused("acting-role"):
        appeals.material(body.office, body.command(body.chair, "chair"), appeal=appeal)
    with refused("known-appeal"):
        appeals.material(body.office, body.command(hear.panel[1], "appeals-panel"), appeal=case)


def test_later_evidence_and_texts_are_not_before_the_panel(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    before = appeals.material(body.office, body.command(hear.panel[0], "appeals-panel"), appeal=appeal)

    body.by_officer(ledger.refund_fee, case=case, kind="submission", amount=1, reason="As a courtesy.")

    assert appeals.material(body.office, body.command(hear.panel[0], "appeals-panel"), appeal=appeal) == before


def test_the_process_reminds_and_tells_of_what_is_overdue_at_their_instants(hear: Appealing, body: Body, clock: Clock):
    appeal = hear.lodge(refused_case(body))
    [task] = hear.state(appeal).tasks.running.values()
    assert catch_up(body, appeal) == []
    clock.comes_to(task.due_at)
    assert catch_up(body, appeal) == ["miss_task"]
    assert [one.rule for one in body.events(appeal, DeadlineMissed)] == ["acknowledge-appeal-within"]

    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)
    [task] = hear.state(appeal).tasks.running.values()
    [remind_at] = task.remind_at
    clock.comes_to(remind_at)
    assert catch_up(body, appeal) == ["remind_task"]
    assert body.events(appeal, ReminderSent)[-1].planned_for == remind_at
    clock.comes_to(task.due_at)
    assert catch_up(body, appeal) == ["miss_task"]
    clock.passes(seconds=1)
    hear.decide(appeal)
    [decided] = body.events(appeal, AppealDecided)
    assert not decided.in_time
    clock.passes(days=900)
    assert catch_up(body, appeal) == []


def test_nobody_gives_themselves_more_time(hear: Appealing, body: Body):
    appeal = hear.lodge(refused_case(body))
    until = body.now() + LATER
    moved = {"case": appeal, "rule": "acknowledge-appeal-within", "until": until, "reason": "Too much to do."}

    with refused("not-for-oneself", field="actor"):
        hear.by_officer(matters.move_task, **moved)
    body.by_officer(people.give_role, id=hear.officer, role="officer")
    with refused("not-for-oneself", field="actor"):
        body.by(matters.move_task, hear.officer, "officer", **moved)

    with refused("took-part-never-hears", field="actor"):  # who administered the contested case
        body.by_officer(matters.move_task, **moved)

    assert body.by(matters.move_task, another_officer(body), "officer", **moved).events


def test_attempts_against_separation_are_recorded_with_who_made_them(hear: Appealing, body: Body):
    case = refused_case(body)
    body.by_officer(people.give_role, id=body.chair, role="appeals-officer")
    appeal = hear.lodge(case)

    with refused("took-part-never-hears", field="actor"):
        body.by(appeals.acknowledge_appeal, body.chair, "appeals-officer", appeal=appeal)

    assert body.events(body.chair, AttemptRefused) == [AttemptRefused(rule="took-part-never-hears", stream=appeal)]
    assert [type(one) for one in body.events(appeal)] == [AppealLodged]
