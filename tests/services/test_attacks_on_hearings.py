"""People who try to get round the rules of appeals, complaints and scrutiny: by second accounts, roles and what they were before."""

from datetime import timedelta
from typing import Any

import pytest

from domain.appeal.events import AppealOfficerLeft, PanelMemberLeft
from domain.complaint import CommitteeMemberLeft, HandlerLeft
from services import (
    accounts,
    appeals,
    complaint_handling,
    complaints,
    matters,
    people,
    scrutiny,
)
from services.authority import authority_id
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services import complaining
from tests.services.appealing import LATER, catch_up, hearing, refused_case
from tests.services.attacking import Meddled, with_second_account
from tests.services.conftest import Clock
from tests.services.test_accounts import link
from tests.services.test_conflicts import another_officer
from tests.services.test_getting_round import attempts

# Appeals


def test_who_had_a_part_in_the_contested_case_gives_its_appeal_no_more_time(body: Body):
    hear = hearing(body)
    appeal = hear.lodge(refused_case(body))
    said = {"case": appeal, "rule": "acknowledge-appeal-within", "until": body.now() + LATER, "reason": "Ill."}
    body.by_officer(people.give_role, id=body.chair, role="quality-manager")

    with refused("took-part-never-hears", field="actor"):
        body.by_officer(matters.move_task, **said)
    with refused("took-part-never-hears", field="actor"):
        body.by(matters.move_task, body.chair, "quality-manager", **said)
    second = with_second_account(body, body.chair, "quality-manager")
    with refused("took-part-never-hears", field="actor"):
        body.by(matters.move_task, second, "quality-manager", **said)

    assert body.by(matters.move_task, another_officer(body), "officer", **said).events


def test_who_hears_an_appeal_and_turns_out_to_have_had_a_part_leaves_the_panel(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    chair = hear.state(appeal).chair

    link(body, chair, body.moderators[0])

    held = hear.state(appeal)
    assert chair not in held.panel
    assert [(one.person, one.because) for one in body.events(appeal, PanelMemberLeft)] == [(chair, "account-closed")]
    with refused("panel-member", field="actor"):
        body.by(appeals.material, chair, "appeals-panel", appeal=appeal)
    assert attempts(body, chair) == ["panel-member"]


def test_a_closed_account_sits_on_no_panel_and_sees_to_no_appeal(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    member, officer = hear.panel[1], hear.officer
    fresh, another = (factories.appoint(body, "board", scheme=None) for _ in range(2))

    link(body, fresh, member)
    link(body, another, officer)

    held = hear.state(appeal)
    assert member not in held.panel
    assert fresh not in held.panel
    assert held.officer == ""
    assert [one.officer for one in body.events(appeal, AppealOfficerLeft)] == [officer]
    with refused("panel-size"):
        hear.decide(appeal)


def test_a_panel_named_while_one_of_it_is_linked_to_who_had_a_part_does_not_stand(body: Body):
    hear = hearing(body)
    appeal = hear.admitted(refused_case(body))
    meddled = Office(
        Meddled(body.office.records, lambda: hear.name(appeal)), schemes=body.office.schemes, files=body.office.files
    )

    said = {"goes_on": hear.inside, "other": body.moderators[0], "reason": "One address."}
    accounts.link_accounts(meddled, body.command(body.officer, "officer"), **said)

    assert hear.inside not in hear.state(appeal).panel
    assert hear.state(appeal).chair == ""


class Stops:
    """The record, but that after the first append it is gone, as after a crash."""

    def __init__(self, records: Any) -> None:
        self._records, self._appended = records, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def append(self, batch: Any) -> int:
        if self._appended:
            raise ConnectionError
        position: int = self._records.append(batch)
        self._appended += 1
        return position


def test_what_a_crash_left_of_a_link_is_done_by_the_process_that_the_link_itself_calls(body: Body):
    hear = hearing(body)
    appeal = hear.admitted(refused_case(body))
    meddled = Office(
        Meddled(body.office.records, lambda: hear.name(appeal)), schemes=body.office.schemes, files=body.office.files
    )
    stopping = Office(Stops(meddled.records), schemes=body.office.schemes, files=body.office.files)

    said = {"goes_on": hear.inside, "other": body.moderators[0], "reason": "One address."}
    with pytest.raises(ConnectionError):
        accounts.link_accounts(stopping, body.command(body.officer, "officer"), **said)
    assert hear.inside in hear.state(appeal).panel

    assert catch_up(body, authority_id(hear.inside)) == ["look_again"]
    assert hear.inside not in hear.state(appeal).panel
    assert catch_up(body, authority_id(hear.inside)) == []
    with refused("process-only", field="role"):
        body.by_officer(accounts.look_again, case=authority_id(hear.inside))


def test_a_member_from_outside_who_is_paid_or_given_a_role_counts_as_one_no_longer(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    outsider = hear.panel[2]
    body.by_officer(people.give_role, id=outsider, role="moderator", scheme=body.scheme.id)
    body.by_officer(people.end_role, id=outsider, role="moderator", scheme=body.scheme.id)

    with refused("panel-outsiders", field="members"):
        hear.decide(appeal)

    assert hear.state(appeal).decided is None


def test_a_member_whose_appointment_ends_midway_does_not_decide(body: Body, clock: Clock):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    member = hear.panel[1]
    ends_at = body.now() + timedelta(days=5)
    body.by_officer(people.give_role, id=member, role="appeals-panel", scheme=body.scheme.id, ends_at=ends_at)
    clock.passes(days=6)

    with refused("panel-eligible", field="panel"):
        hear.decide(appeal)

    body.by_officer(people.give_role, id=member, role="appeals-panel", scheme=body.scheme.id)
    assert hear.decide(appeal).events


def test_nobody_acts_as_an_appeals_process_nor_as_the_installer(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    chair = hear.state(appeal).chair

    for actor, role in ((chair, "process"), (hear.officer, "process")):
        with refused("process-only", field="role"):
            body.by(matters.miss_task, actor, role, case=appeal)
        assert attempts(body, actor) == ["process-only"]
    with refused("process-only", field="role"):
        body.by(matters.miss_task, appeal.replace("appeal", "complaint"), "process", case=appeal)
    with refused("acting-role", field="role"):
        body.by(appeals.material, hear.officer, "installer", appeal=appeal)


# Complaints


def test_who_is_complained_about_under_one_account_loses_the_complaint_under_the_other(body: Body):
    [handler] = complaining.handlers(body, 1)
    provider = factories.register_provider(body)
    case = complaining.by_contact(body, provider, about="people", people=[body.chair])
    complaining.acknowledge(body, case, handler)

    link(body, handler, body.chair)

    assert [(one.person, one.because) for one in body.events(case, HandlerLeft)] == [(handler, "account-closed")]
    assert {one.who for one in body.state(case).tasks.running.values()} == {"complaints-handler"}
    with refused("complaint-apart"):
        complaining.acknowledge(body, case, handler)
    with refused("complaint-parties", field="actor"):
        body.by(complaints.name_person, handler, "complaints-handler", case=case, person=body.officer)


def test_what_a_closed_account_had_in_hand_another_handler_takes_on(body: Body):
    first, second = complaining.handlers(body)
    case = complaining.by_contact(body, factories.register_provider(body))
    complaining.acknowledge(body, case, first)

    link(body, second, first)
    complaining.answer(body, case, second)

    assert body.state(case).stage == "answered"


def test_one_human_is_not_two_of_a_committee(body: Body):
    first, second = complaining.handlers(body)
    seats = complaining.board(body)
    provider = factories.register_provider(body)
    case = complaining.by_contact(body, provider)
    for handler in (first, second):
        complaining.answer(body, case, handler)
        complaining.escalate(body, case, provider.contact)
    said = {"case": case, "chair": seats[0], "members": seats}
    manager = factories.appoint(body, "quality-manager", scheme=None)
    body.by(complaint_handling.form_committee, manager, "quality-manager", **said)

    link(body, seats[0], seats[1])

    assert [one.person for one in body.events(case, CommitteeMemberLeft)] == [seats[1]]
    with refused("committee-size", field="members"):
        said = {"case": case, "outcome": "not-upheld", "reason": "So."}
        body.by(complaint_handling.decide_complaint, seats[0], "board", **said)


def test_who_complained_goes_on_with_it_under_the_account_that_goes_on_and_nobody_else_does(body: Body):
    [handler] = complaining.handlers(body, 1)
    case = complaining.raised(body, body.moderators[0], "moderator")
    complaining.answer(body, case, handler)
    link(body, body.moderators[1], body.moderators[0])

    with refused("complainant-only", field="actor"):
        complaining.escalate(body, case, body.moderators[2], "moderator")
    complaining.escalate(body, case, body.moderators[1], "moderator")

    assert body.state(case).level == 2
    assert attempts(body, body.moderators[2]) == ["complainant-only"]


# Scrutiny


def test_who_scrutinises_and_turns_out_to_have_had_a_part_in_the_case_ends_it(body: Body):
    case = factories.brought(body, "completed")
    person = another_officer(body)
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, person, "officer", id=person, provider=provider)
    watch = factories.appoint(body, "chair", training="chairing")
    command = body.command(another_officer(body), "officer")
    said = {"person": person, "case": case, "role": "officer", "scrutineer": watch, "reason": "Nobody else."}
    scrutiny.propose_scrutiny(body.office, command, **said)
    id = scrutiny.scrutiny_id(command.id)
    assessor = body.submission(case).assessor
    assert assessor

    link(body, watch, assessor)

    assert body.state(id).over
