"""Who stands in which relation to what, from the record: for every kind of case, under whichever account, and with a conflict."""

import pytest

from domain.person import Person
from infra.read_models import connect
from infra.store.records import PostgresRecords
from projections import parts
from services import accreditations, appeals, assessment, people, providers
from services.office import Office
from services.relations import relations_of, rule_of, spoken_for, standing
from services.sample import calibration_id
from tests import factories
from tests.factories import Body
from tests.projections.given import make, show
from tests.services import appealing, boards, complaining, test_calibration
from tests.services.conftest import Clock
from tests.services.standing import disagreements
from tests.services.test_audits import cases
from tests.services.test_conflicts import another_officer, declare, owner, reviewed
from tests.services.test_one_human_twice import link
from tests.services.test_scrutiny import arranged


def related(body: Body, person: str, case: str, role: str, *matters: str) -> set[str]:
    """The relations of a person to a case, acting in this role; `matters` are about it."""
    held = standing(body.office.records, case, matters)
    who: Person = body.state(person)
    return set(
        relations_of(
            who,
            held,
            case=case,
            role=role,
            speaks_for=spoken_for(body.office.records, who),
            rule=rule_of(body.office, held.place.scheme if held.place else None),
            at=body.now(),
        )
    )


def test_who_assesses_has_it_assigned_and_once_done_took_part(body: Body):
    case = factories.brought(body, "screened")
    assessor = factories.settle(body, case).assessor
    assert assessor
    assert related(body, assessor, case, "assessor") == {"assigned"}

    factories.assess(body, case)

    assert related(body, assessor, case, "assessor") == {"took-part"}
    others = [one for one in body.assessors if one != assessor]
    assert related(body, others[0], case, "assessor") == {"none"}


def test_who_gives_a_case_back_took_part(body: Body):
    case = factories.brought(body, "screened")
    assessor = factories.settle(body, case).assessor
    assert assessor

    body.by_assessor(assessment.decline_assignment, case)

    assert "assigned" not in related(body, assessor, case, "assessor")
    assert "took-part" in related(body, assessor, case, "assessor")


def test_a_panel_is_one_from_its_scheduling_until_the_result_is_told(body: Body):
    case = factories.brought(body, "completed")
    factories.take_up(body, case)
    for one in (body.chair, *body.moderators):
        assert "panel" in related(body, one, case, "moderator")

    factories.confirm(body, case)
    factories.decide(body, case)
    assert "panel" in related(body, body.chair, case, "chair")
    factories.settle(body, case)

    assert related(body, body.moderators[0], case, "moderator") == {"took-part"}


def test_a_contact_speaks_for_what_is_its_providers_and_for_nothing_else(body: Body):
    mine, other = factories.register_provider(body), factories.register_provider(body)
    case, strange = factories.register(body, mine), factories.register(body, other)

    assert related(body, mine.contact, case, "provider") == {"own"}
    assert related(body, mine.contact, strange, "provider") == {"none"}


def test_belonging_to_a_provider_is_a_conflict_in_every_other_role(body: Body):
    mine = factories.register_provider(body)
    case = factories.register(body, mine)
    body.by_officer(people.give_role, id=mine.contact, role="officer")

    assert related(body, mine.contact, case, "provider") == {"own"}
    assert "conflicted" in related(body, mine.contact, case, "officer")


def test_who_speaks_for_it_no_longer_owns_nothing_of_it(body: Body):
    mine = factories.register_provider(body)
    case = factories.register(body, mine)
    id = f"{body.mark}-colleague"
    named = {"contact_name": "Colleague", "contact_email": "c@example.org"}
    providers.name_contact(body.office, body.command(mine.contact, "provider", id=id), id=mine.id, **named)
    colleague = providers.contact_id(id)
    assert related(body, colleague, case, "provider") == {"own"}

    body.by_officer(providers.end_contact, id=mine.id, person_id=mine.contact)

    assert "own" not in related(body, mine.contact, case, "provider")
    assert related(body, colleague, case, "provider") == {"own"}


def test_a_conflict_is_a_relation_from_the_moment_it_is_declared(body: Body):
    case, officer = factories.register(body), another_officer(body)
    assert related(body, officer, case, "officer") == {"none"}

    declare(body, officer, case, "officer")

    assert related(body, officer, case, "officer") == {"conflicted"}


def test_scrutiny_that_was_arranged_holds_for_its_case_and_its_role_alone(body: Body):
    id, case, scrutineer = arranged(body)
    person = body.state(id).person
    other = factories.register(body, factories.Provider(id=owner(body, case), contact=_contact(body, case)))

    assert "conflicted" not in related(body, person, case, "officer")
    assert "conflicted" in related(body, person, case, "chair")
    assert "conflicted" in related(body, person, other, "officer")
    assert related(body, scrutineer, case, "chair", id) == {"assigned"}


def _contact(body: Body, case: str) -> str:
    return body.submission(case).registration.lead_contact


def test_who_marks_it_blind_has_it_assigned_until_it_is_marked(office: Office, clock: Clock):
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    body = factories.open_body(office, source=source, now=clock)
    case, first, second = test_calibration.assigned(body)
    assert related(body, second, case, "assessor") == {"assigned"}
    assert related(body, second, calibration_id(case), "assessor") == {"assigned"}
    assert related(body, first, calibration_id(case), "assessor") == {"none"}

    test_calibration.mark(body, case, second)

    assert related(body, second, case, "assessor") == {"took-part"}


def test_an_appeals_officer_and_panel_stand_so_to_the_appeal_and_to_what_it_contests(body: Body):
    made = appealing.hearing(body)
    case = appealing.refused_case(body)
    appeal = made.heard(case)

    assert "assigned" in related(body, made.officer, appeal, "appeals-officer")
    assert "assigned" in related(body, made.officer, case, "appeals-officer", appeal)
    for one in made.panel:
        assert "panel" in related(body, one, appeal, "appeals-panel")
        assert "panel" in related(body, one, case, "appeals-panel", appeal)
    assert related(body, made.contact(case), appeal, "provider") == {"own"}

    made.decide(appeal)

    assert "panel" not in related(body, made.panel[1], appeal, "appeals-panel")
    assert "took-part" in related(body, made.panel[1], case, "appeals-panel", appeal)


def test_a_panel_member_who_leaves_took_part(body: Body):
    made = appealing.hearing(body)
    appeal = made.heard(appealing.refused_case(body))

    body.by(appeals.leave_panel, made.panel[2], "appeals-panel", appeal=appeal, person=made.panel[2], reason="Ill.")

    assert "panel" not in related(body, made.panel[2], appeal, "appeals-panel")


def test_who_is_complained_about_stands_to_it_as_with_a_conflict(body: Body):
    handler = complaining.handlers(body, 1)[0]
    provider = factories.register_provider(body)
    about = body.assessors[0]
    complaint = complaining.by_contact(body, provider, about="people", people=[about])

    assert "conflicted" in related(body, about, complaint, "assessor")
    assert related(body, handler, complaint, "complaints-handler") == {"none"}
    assert related(body, provider.contact, complaint, "provider") >= {"own"}

    complaining.acknowledge(body, complaint, handler)
    assert "assigned" in related(body, handler, complaint, "complaints-handler")


def test_a_complaint_gives_who_complained_nothing_to_see_of_the_case(body: Body):
    case = factories.register(body)
    complaint = complaining.raised(body, body.assessors[0], "assessor", about="case", case=case)

    assert "own" in related(body, body.assessors[0], complaint, "assessor")
    assert related(body, body.assessors[0], case, "assessor", complaint) == {"none"}
    assert "own" not in related(body, _contact(body, case), complaint, "provider")


def test_a_reviewer_of_a_concern_has_the_award_assigned_until_it_is_concluded(body: Body):
    award, concern, reviewer = reviewed(body)
    assert related(body, reviewer, award, "chair") == {"assigned"}

    said = {"finding": "no_action", "reason": "All is well."}
    body.by(accreditations.conclude_review, reviewer, "chair", case=award, concern=concern, **said)

    assert related(body, reviewer, award, "chair") == {"took-part"}


def test_members_of_an_audit_are_its_panel_and_owners_of_tasks_have_them_assigned(body: Body, clock: Clock):
    members = boards.board_of(body)
    cases(body, clock, 3)
    audit = boards.opened(body, members)

    assert related(body, members[1], audit, "board") == {"panel"}
    assert related(body, members[0], audit, "board") == {"panel", "assigned", "took-part"}
    assert related(body, body.assessors[0], audit, "assessor") == {"none"}


def test_linked_accounts_count_as_one_human(body: Body):
    case = factories.brought(body, "completed")
    old = body.submission(case).assessor
    new = factories.appoint(body, "chair", training="chairing")
    assert old
    assert related(body, new, case, "chair") == {"none"}

    link(body, new, old)

    assert related(body, new, case, "chair") == {"took-part"}


@pytest.mark.parametrize("kind", ["submission", "appeal", "proposal"])
def test_what_there_is_not_is_nobodys(body: Body, kind: str):
    assert standing(body.office.records, f"{kind}-aaaaaaaaaaaaaaaa").place is None


def test_the_read_model_the_record_and_the_domain_agree(body: Body, records: PostgresRecords, clock: Clock):
    """Given an appeal upheld, a complaint, scrutiny, an audit, an item on an agenda and one that is decided."""
    made = appealing.hearing(body)
    made.upheld(appealing.refused_case(body))
    handler = complaining.handlers(body, 1)[0]
    complaint = complaining.by_contact(
        body, factories.register_provider(body), about="people", people=body.assessors[:1]
    )
    complaining.answer(body, complaint, handler)
    arranged(body)
    members = boards.board_of(body)
    cases(body, clock, 3)
    boards.opened(body, members)
    factories.take_up(body, factories.brought(body, "completed"))

    assert disagreements(records) == []


def test_all_that_concerns_a_provider_is_listed_also_what_its_stream_does_not_name(
    body: Body, records: PostgresRecords
):
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    log = [one for one in records.read_log(0, 10_000) if one.name != "CaseOpened.1"]  # as it was before there was any

    with connect(records.datastore.url) as connection:
        make(connection, [parts.MODEL])
        show(connection, log, [parts.MODEL])
        assert [one.case_id for one in parts.of_provider(connection, provider.id)] == [provider.id, case]
