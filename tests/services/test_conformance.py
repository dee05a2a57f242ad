"""Cases held against the process, on a real record: straight on, with every kind of deviation, and as it never should have been."""

from datetime import timedelta

import psycopg
import pytest

from domain.conflicts import ScrutinyGranted
from domain.conformance.deviations import KINDS, NOT_ALLOWED
from domain.conformance.moves import LEADS, MOVES, SUBMISSION
from domain.conformance.path import path as follow
from domain.ids import PROCESS_ROLE
from domain.retention.events import HoldPlaced
from domain.submission.past_events import DecisionImported
from domain.submission.state import Stage
from domain.window import WindowExtendedFor
from infra.bootstrap import codec, open_app
from infra.generate.writing import Wanted, generate
from services import accreditations, appeals, assessment, awards, conformance, items, preparation, screening, windows
from services.conformance import path, paths
from services.office import Office
from services.ports import Command, Recorded
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.projections.given import NOON, Log, registered, text
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.holding import again, award_of, catch_up, conclude, raised, review
from tests.services.remedying import finish
from tests.services.routes import body_of, book
from tests.services.routes import register as register_to_book
from tests.services.test_figures import every_figure, moderated
from tests.services.test_importing import award_of as imported_award
from tests.services.test_importing import bring, example


def kinds(body: Body, case: str) -> list[str]:
    return [one.kind for one in path(body.office, case=case).deviations]


def test_every_event_that_leads_to_a_stage_says_from_where():
    assert SUBMISSION.keys() - {DecisionImported} == LEADS.keys()
    known = {stage.value for stage in Stage} - {Stage.UNKNOWN} | {""}
    assert {stage for stages in SUBMISSION.values() for stage in stages} <= known


def test_a_case_that_goes_straight_on_has_a_path_and_no_deviation(body: Body):
    case = factories.brought(body, "released")

    way = path(body.office, case=case)

    assert [one.to_stage for one in way.steps] == [
        "registered", "preparing", "submitted", "screening", "in_assessment", "awaiting_moderation", "in_moderation", "decided",
    ]  # fmt: skip
    assert all(one.allowed for one in way.steps)
    assert [one.from_stage for one in way.steps] == ["", *(one.to_stage for one in way.steps[:-1])]
    assert way.deviations == []
    assert kinds(body, awards.accreditation_id(case)) == []


def test_what_departs_from_the_straight_way_is_listed_with_who_allowed_it_and_why(body: Body, clock: Clock):
    case = factories.brought(body, "registered")
    until = clock() + timedelta(days=900)
    body.by_officer(preparation.extend_preparation, case=case, until=until, reason="A merger.")
    body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A small charity.")
    window = factories.schedule_window(body)
    factories.submit(body, case, window)
    factories.settle(body, case)
    body.by_officer(screening.return_portfolio, case=case, reason="A page is missing.")
    factories.submit(body, case, window)
    factories.settle(body, case)
    factories.pass_screening(body, case)
    factories.settle(body, case)
    body.by_assessor(assessment.decline_assignment, case)
    factories.settle(body, case)
    factories.assess(body, case)
    factories.take_up(body, case)
    body.by_chair(items.adjourn_item, case=case, reason="Somebody fell ill.")

    found = path(body.office, case=case)

    assert [one.kind for one in found.deviations] == ["extended", "fee-waived", "returned", "work-ended", "adjourned"]
    extended, waived, returned, ended, adjourned = found.deviations
    assert {one.actor for one in (extended, waived, returned)} == {body.officer}
    assert (extended.role, extended.stage, extended.by) == ("officer", "preparing", "submit-within")
    assert (waived.by, returned.stage, ended.by, ended.role) == ("registration", "screening", "declined", "assessor")
    assert (adjourned.actor, adjourned.stage) == (body.chair, "in_moderation")
    assert all(one.reason for one in (extended, waived, returned, adjourned))
    assert ended.reason is None
    of_events = {one.position: one.version for one in body.recorded(case)}
    assert all(of_events[one.position] == one.version for one in found.deviations)
    assert found.stage == "awaiting_moderation"


def test_what_the_clock_does_is_nobodys_but_the_process_s(body: Body, clock: Clock):
    case = factories.brought(body, "registered")
    due = body.submission(case).clock
    assert due
    clock.comes_to(due.due_at)
    body.by(preparation.lapse, case, PROCESS_ROLE, case=case)
    until = clock() + timedelta(days=90)
    body.by_officer(preparation.extend_preparation, case=case, until=until, reason="We had told them another date.")

    lapsed, extended = path(body.office, case=case).deviations

    assert (lapsed.kind, lapsed.role, lapsed.by) == ("lapsed", PROCESS_ROLE, "submit-within")
    assert (extended.kind, extended.stage, extended.actor) == ("extended-after-the-end", "lapsed", body.officer)


def test_what_an_appeal_sets_aside_is_by_that_appeal(body: Body):
    heard, case = hearing(body), refused_case(body)
    appeal = heard.upheld(case)

    found = path(body.office, case=case)

    assert [(one.kind, one.by) for one in found.deviations] == [("set-aside", appeal)]
    assert found.steps[-1].allowed
    assert (found.steps[-1].from_stage, found.steps[-1].to_stage) == ("decided", "in_assessment")
    of_appeal = path(body.office, case=appeal)
    assert [one.to_stage for one in of_appeal.steps] == ["lodged", "acknowledged", "admitted", "before-panel", "upheld"]
    assert of_appeal.deviations == []


def test_appeals_and_complaints_have_their_own_ways(body: Body):
    heard = hearing(body)
    appeal = heard.lodge(refused_case(body))
    case = heard.state(appeal).lodging.case
    body.by(appeals.withdraw_appeal, heard.contact(case), "provider", appeal=appeal, reason="No more.")
    provider, [hal, _] = factories.register_provider(body), complaining.handlers(body)
    complaint = complaining.by_contact(body, provider)
    complaining.answer(body, complaint, hal)
    complaining.escalate(body, complaint, provider.contact)

    assert kinds(body, appeal) == ["withdrawn"]
    way = path(body.office, case=complaint)
    assert [one.to_stage for one in way.steps] == ["raised", "acknowledged", "answered", "escalated"]
    assert way.deviations == []


def test_an_award_is_suspended_and_reinstated_and_lapses_each_by_whom_the_process_says(body: Body, clock: Clock):
    award, _, _ = award_of(body)
    concern = raised(body, award)
    for finding in ("suspend", "reinstate"):
        clock.passes(days=1)
        review(body, award, concern, body.chair)
        conclude(body, award, concern, finding)
    clock.comes_to(body.state(award).ends_at)
    catch_up(body, award)

    way = path(body.office, case=award)

    assert [one.to_stage for one in way.steps] == ["accredited", "suspended", "accredited", "lapsed"]
    assert all(one.allowed for one in way.steps)
    suspended, lapsed = (one for one in way.deviations if one.kind in {"suspended", "lapsed"})
    assert (suspended.stage, lapsed.role) == ("accredited", PROCESS_ROLE)


def test_what_stands_in_other_streams_is_a_deviation_of_the_case_that_it_is_about():
    case, log = "submission-aaaaaaaaaaaaaaaa", Log()
    granted = ScrutinyGranted(
        scrutiny="scrutiny-a", provider="provider-a", case=case, role="chair", scrutineer="person-b", until_at=NOON
    )
    held = HoldPlaced(register="retention-a", subject=case, by="person-q", ground="claim", reason=text("h"), sets=())
    log.add(case, registered(case))
    log.add("window-a", WindowExtendedFor(submission=case, closes_at=NOON, reason=text("w")), actor="person-o")
    log.add("person-c", granted, actor="person-q", role="quality-manager")
    log.add("retention-a", held, actor="person-q", role="quality-manager")

    found = follow(case, log.events).deviations

    assert [(one.kind, one.by, one.actor, one.reason) for one in found] == [
        ("extended", "", "person-o", "text-w"),
        ("scrutiny", "scrutiny-a", "person-q", None),
        ("hold", "claim", "person-q", "text-h"),
    ]


def test_a_move_that_the_process_does_not_know_is_found_however_it_came_into_the_record(body: Body, database: Database):
    case = factories.brought(body, "registered")
    [decided] = [one for one in body.recorded(factories.brought(body, "decided")) if one.name == "DecisionRecorded.1"]
    version = len(body.recorded(case)) + 1
    smuggle(database, body, case, decided)

    [wrong] = [one for way in paths(body.office) for one in way.deviations if one.kind == NOT_ALLOWED]

    assert (wrong.case_id, wrong.version, wrong.stage, wrong.by) == (case, version, "preparing", "decided")
    assert wrong.actor == body.chair


@pytest.mark.parametrize(
    ("done", "until", "stage"),
    [("JudgementChanged.1", "released", "decided"), ("ResultReleased.1", "completed", "awaiting_moderation")],
    ids=["judged-after-the-decision", "told-before-it"],
)
def test_what_is_done_at_a_stage_at_which_nobody_can_is_found_though_the_case_stays_there(
    body: Body, database: Database, done: str, until: str, stage: str
):
    other = moderated(body, c11="partially_met")
    case = factories.brought(body, until)
    [recorded] = [one for one in body.recorded(other) if one.name == done]
    smuggle(database, body, case, recorded)

    [wrong] = [one for way in paths(body.office) for one in way.deviations if one.kind == NOT_ALLOWED]

    assert (wrong.case_id, wrong.stage, wrong.actor) == (case, stage, body.chair)
    assert path(body.office, case=case).stage == stage


def smuggle(database: Database, body: Body, case: str, recorded: Recorded) -> None:
    """Put what happened to another case into this one, past the product."""
    command = Command(id="smuggled", actor=body.chair, role="chair", at=body.now())
    state = codec().encode(recorded.event, command, correlation=case, scheme=body.scheme.ref)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "INSERT INTO record.events (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s)",
            [case, len(body.recorded(case)) + 1, recorded.name, state],
        )


def test_what_is_screened_before_the_process_says_that_screening_began_is_no_move_unknown_to_it(body: Body):
    passed, returned, refused_as = (factories.brought(body, "submitted") for _ in range(3))
    factories.pay_fees(body, passed)

    body.by_officer(screening.pass_screening, case=passed)
    body.by_officer(screening.return_portfolio, case=returned, reason="A page is missing.")
    body.by_officer(screening.find_ineligible, case=refused_as, reason="It is a conference.")

    assert (kinds(body, passed), kinds(body, returned), kinds(body, refused_as)) == ([], ["returned"], [])


def test_all_ways_are_those_of_each_case_and_as_of_an_instant_no_later_event_is_in_them(body: Body):
    case = factories.brought(body, "submitted")
    until = body.recorded(case)[-1].recorded_at
    factories.settle(body, case)
    body.by_officer(screening.return_portfolio, case=case, reason="A page is missing.")

    [way] = paths(body.office)

    assert way == path(body.office, case=case)
    assert [one.kind for one in way.deviations] == ["returned"]
    assert path(body.office, case=case, until=until).stage == "submitted"
    assert paths(body.office, until=until)[0].deviations == []


@pytest.mark.parametrize("case", ["nothing", "person-aaaaaaaaaaaaaaaa", "submission-aaaaaaaaaaaaaaaa"], ids=str)
def test_what_has_no_path_is_refused(body: Body, case: str):
    with refused("known-case", field="case"):
        conformance.path(body.office, case=case)


def test_made_up_business_makes_no_move_that_the_process_does_not_know(database: Database, clock: Clock):
    with open_app(database.app_url) as app:
        generate(app, Wanted(cases=60, seed=3, until=clock()))

        found = paths(app.office)

    seen = {one.kind for way in found for one in way.deviations}
    assert len(found) > 60
    assert {"returned", "work-ended", "deadline-missed", "withdrawn", "evidence-not-provided"} <= seen <= KINDS.keys()
    assert NOT_ALLOWED not in seen


def test_what_was_decided_elsewhere_came_as_it_was_and_is_in_no_figure(body: Body):
    for kind in ("providers", "people", "accreditations", "decisions"):
        bring(body, kind, example(kind))

    found = paths(body.office)

    assert {way.kind for way in found} == {"submission", "accreditation"}
    assert {one.kind for way in found for one in way.deviations} == {"imported"}
    assert all(one.actor == body.officer for way in found for one in way.deviations)
    assert every_figure(body)["outcomes"] == []


def test_a_suspension_that_came_from_elsewhere_is_lifted_from_where_it_left_the_award(body: Body):
    for kind in ("providers", "people"):
        bring(body, kind, example(kind))
    bring(body, "accreditations", example("accreditations", suspended_on="2026-01-12"))
    award = imported_award("ACC/2025/014")
    [concern] = body.state(award).concerns
    body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=body.chair)
    body.by_chair(
        accreditations.conclude_review, case=award, concern=concern, finding="reinstate", reason="It is put right."
    )

    way = path(body.office, case=award)

    assert [one.to_stage for one in way.steps] == ["suspended", "accredited"]
    assert [one.kind for one in way.deviations] == ["imported"]


def test_a_reaccreditation_that_ends_after_the_award_was_withdrawn_is_no_move_unknown_to_the_process(
    body: Body, clock: Clock
):
    award, case, provider = award_of(body)
    clock.comes_to(body.state(award).ends_at - timedelta(days=60))
    renewal = again(body, award, case, provider)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "withdraw")

    factories.settle(body, renewal)
    factories.pass_screening(body, renewal)
    finish(body, renewal)

    way = path(body.office, case=award)
    assert [one.to_stage for one in way.steps] == ["accredited", "withdrawn"]
    assert [one.kind for one in way.deviations if one.kind == NOT_ALLOWED] == []


def test_another_date_instead_of_one_that_binds_is_listed_and_a_first_one_or_the_same_is_not(
    office: Office, clock: Clock
):
    body = body_of(office, clock, "cpd-mark")
    case = register_to_book(body)
    first, other = clock() + timedelta(days=150), clock() + timedelta(days=160)

    book(body, case, first)
    assert kinds(body, case) == []
    book(body, case, first)
    book(body, case, other)

    [changed] = path(body.office, case=case).deviations
    assert (changed.kind, changed.event, changed.role) == ("date-changed", "AssessmentBooked", "provider")
    assert changed.actor == body.submission(case).registration.lead_contact


def test_a_portfolio_let_in_because_its_window_closed_later_for_all_departs_by_who_let_it_and_an_earlier_one_does_not(
    body: Body, clock: Clock
):
    window = factories.schedule_window(body, lasts=timedelta(days=5))
    early, later, again_later = (factories.register(body) for _ in range(3))
    for case in (early, again_later):
        factories.submit(body, case, window)
        factories.settle(body, case)
    body.by_officer(screening.return_portfolio, case=again_later, reason="A page is missing.")
    clock.passes(days=6)
    body.by_officer(
        windows.extend_window, id=window, closes_at=clock() + timedelta(days=4), reason="The line was down."
    )
    for case in (later, again_later):
        factories.submit(body, case, window)

    [extended] = path(body.office, case=later).deviations

    assert (extended.kind, extended.stream, extended.stage) == ("extended", window, "registered")
    assert (extended.actor, extended.role, bool(extended.reason)) == (body.officer, "officer", True)
    assert (kinds(body, early), kinds(body, again_later)) == ([], ["returned"])
    assert {way.case: way.deviations for way in paths(body.office)} == {
        case: path(body.office, case=case).deviations for case in (early, later, again_later)
    }


def test_the_kinds_of_cases_that_have_a_process_are_the_handbooks():
    assert set(MOVES) == {"submission", "accreditation", "appeal", "complaint"}
