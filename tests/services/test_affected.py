"""When an appeal is upheld every other case that the same cause touched is found, dealt with, and closed by somebody else."""

import pytest

from domain.appeal import AppealDecided, FollowUpNamed, OtherClosed, OtherDealtWith, OthersFound
from domain.ids import derived_id
from domain.person import AttemptRefused
from infra.projector import catch_up as project
from infra.store.records import PostgresRecords
from infra.touched import TouchedCases
from projections import touched
from services import affected, people
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import Appealing, hearing, refused_case


@pytest.fixture
def hear(body: Body) -> Appealing:
    return hearing(body)


@pytest.fixture
def search(records: PostgresRecords) -> TouchedCases:
    return TouchedCases(records)


def find(hear: Appealing, search: TouchedCases, appeal: str, *causes: tuple[str, str]) -> OthersFound:
    hear.by_officer(affected.search_others, appeal=appeal, causes=causes, touched=search)
    found: OthersFound = hear.body.events(appeal, OthersFound)[-1]
    return found


def assessed_by(body: Body, person: str) -> str:
    """Another case that this assessor has, whoever the rule would choose."""
    for one in body.assessors:
        body.by(people.set_availability, one, "assessor", available=one == person)
    case = factories.brought(body, "screened")
    assert factories.settle(body, case).assessor == person
    return case


def test_every_case_of_the_same_assessor_is_found_and_the_list_can_be_made_again(
    hear: Appealing, body: Body, search: TouchedCases, records: PostgresRecords
):
    case = refused_case(body)
    assessor = body.submission(case).assessor
    assert assessor
    other = assessed_by(body, assessor)
    elsewhere = factories.brought(body, "submitted")
    appeal = hear.upheld(case)

    found = find(hear, search, appeal, ("assessor", assessor))

    assert found.cases == (other,)
    assert elsewhere not in found.cases
    later = assessed_by(body, assessor)
    asked = [(one.kind, one.value) for one in found.causes]
    project(records)
    again = search.cases(asked, until=found.searched_to)
    assert sorted(again.cases) == sorted([case, other])
    assert later in search.cases(asked).cases


def test_a_read_model_that_is_behind_or_absent_leaves_no_case_out(
    hear: Appealing, body: Body, search: TouchedCases, records: PostgresRecords
):
    case = refused_case(body)
    assessor = body.submission(case).assessor
    assert assessor
    asked = [("assessor", assessor)]
    absent = search.cases(asked)
    project(records, [touched.MODEL])
    assert search.cases(asked) == absent
    other = assessed_by(body, assessor)

    behind = search.cases(asked)

    assert sorted(behind.cases) == sorted([case, other])
    project(records, [touched.MODEL])
    assert search.cases(asked) == behind


def test_a_search_goes_by_meeting_criterion_version_window_letter_and_panel_member(
    hear: Appealing, body: Body, search: TouchedCases
):
    window = factories.schedule_window(body)
    first, second = (factories.brought(body, "completed", window=window, levels={"1.1": "not_met"}) for _ in range(2))
    meeting = factories.take_up(body, first, second)
    for case in (first, second):
        factories.confirm(body, case)
        factories.decide(body, case)
        factories.settle(body, case)
    apart = refused_case(body)
    awarded = factories.brought(body, "released")
    appeal = hear.upheld(first)
    ref = body.scheme.ref

    for cause, cases in (
        (("meeting", meeting), {second}),
        (("window", window), {second}),
        (("panel-member", body.chair), {second, apart, awarded}),
        (("criterion", f"{ref}/1.1"), {second, apart, awarded}),
        (("letter", f"{ref}/result-not-awarded"), {second, apart}),
        (("screener", body.officer), {second, apart, awarded}),
    ):
        assert set(find(hear, search, appeal, cause).cases) == cases, cause
    assert set(hear.state(appeal).others or {}) == {second, apart, awarded}


def test_a_cause_is_one_that_touched_the_contested_case(hear: Appealing, body: Body, search: TouchedCases):
    appeal = hear.upheld(refused_case(body))
    said = {"appeal": appeal, "touched": search}

    for cause, rule in (
        (("assessor", hear.officer), "cause-of-this-case"),
        (("criterion", f"{body.scheme.ref}/9.9"), "cause-of-this-case"),
        (("letter", f"{body.scheme.ref}/withdrawn"), "cause-of-this-case"),
        (("assessor", "Ada"), "cause-value"),
        (("weather", "rain"), "cause-kinds"),
    ):
        with refused(rule, field="causes"):
            hear.by_officer(affected.search_others, causes=[cause], **said)
    with refused("causes-named", field="causes"):
        hear.by_officer(affected.search_others, causes=[], **said)
    with refused("acting-role"):
        body.by_officer(affected.search_others, causes=[], **said)
    assert body.events(appeal, OthersFound) == []


def test_others_are_searched_for_only_when_an_appeal_is_upheld(hear: Appealing, body: Body, search: TouchedCases):
    case = refused_case(body)
    appeal = hear.heard(case)
    cause = ("panel-member", body.chair)

    with refused("appeal-order", field="appeal"):
        hear.by_officer(affected.search_others, appeal=appeal, causes=[cause], touched=search)
    hear.decide(appeal)
    with refused("appeal-order", field="appeal"):
        hear.by_officer(affected.search_others, appeal=appeal, causes=[cause], touched=search)


def test_each_case_is_dealt_with_by_one_person_and_closed_by_another(hear: Appealing, body: Body, search: TouchedCases):
    other = refused_case(body)
    appeal = hear.upheld(refused_case(body))
    find(hear, search, appeal, ("panel-member", body.chair))
    deal = {"appeal": appeal, "other": other}
    another = factories.appoint(body, "officer", scheme=None)

    with refused("dealt-with-first", field="other"):
        body.by(affected.close_other, another, "officer", **deal)
    hear.by_officer(affected.deal_with_other, **deal, action="told", done="We told them.")
    with refused("closed-by-another", field="actor"):
        hear.by_officer(affected.close_other, **deal)
    body.by_officer(people.give_role, id=hear.officer, role="officer")
    with refused("closed-by-another", field="actor"):  # nor in another role of theirs
        body.by(affected.close_other, hear.officer, "officer", **deal)
    with refused("acting-role", field="role"):
        body.by(affected.close_other, body.chair, "chair", **deal)
    assert "others-within" in hear.state(appeal).tasks.running
    body.by(affected.close_other, another, "officer", **deal)

    assert [one.action for one in body.events(appeal, OtherDealtWith)] == ["told"]
    assert [one.closed_by for one in body.events(appeal, OtherClosed)] == [another]
    assert "others-within" not in hear.state(appeal).tasks.running
    assert "closed-by-another" in {one.rule for one in body.events(hear.officer, AttemptRefused)}


@pytest.mark.parametrize("role", ["officer", "appeals-officer"])
def test_who_had_a_part_in_the_contested_case_neither_deals_with_others_nor_closes_them(
    hear: Appealing, body: Body, search: TouchedCases, role: str
):
    other = refused_case(body)
    appeal = hear.upheld(refused_case(body))
    find(hear, search, appeal, ("panel-member", body.chair))
    deal = {"appeal": appeal, "other": other}
    administered, chaired = body.officer, body.chair
    for one in (administered, chaired):
        if not body.state(one).holds(role, None, body.now()):
            body.by(people.give_role, "installer", "installer", id=one, role=role)

    for one in (administered, chaired):
        with refused("took-part-never-settles" if one == administered else "cause-of-it-never-settles", field="actor"):
            body.by(affected.deal_with_other, one, role, **deal, action="told", done="We told them.")
    hear.by_officer(affected.deal_with_other, **deal, action="told", done="We told them.")
    with refused("took-part-never-settles", field="actor"):
        body.by(affected.close_other, administered, role, **deal)
    assert "took-part-never-settles" in {one.rule for one in body.events(administered, AttemptRefused)}
    assert hear.state(appeal).open_others == (other,)


def test_whose_work_is_the_cause_neither_deals_with_what_it_touched_nor_closes_it(
    hear: Appealing, body: Body, search: TouchedCases
):
    other = refused_case(body)
    appeal = hear.upheld(refused_case(body))
    find(hear, search, appeal, ("screener", body.officer))
    deal = {"appeal": appeal, "other": other}

    with refused("cause-of-it-never-settles", field="actor"):
        body.by_officer(affected.deal_with_other, **deal, action="none-needed", done="It was right.")
    hear.by_officer(affected.deal_with_other, **deal, action="told", done="We told them.")
    with refused("cause-of-it-never-settles", field="actor"):
        body.by_officer(affected.close_other, **deal)
    assert "cause-of-it-never-settles" in {one.rule for one in body.events(body.officer, AttemptRefused)}

    another = factories.appoint(body, "officer", scheme=None)
    body.by(affected.close_other, another, "officer", **deal)
    assert [one.closed_by for one in body.events(appeal, OtherClosed)] == [another]


def test_a_conflict_with_the_other_provider_keeps_from_dealing_with_its_case(
    hear: Appealing, body: Body, search: TouchedCases
):
    other = refused_case(body)
    appeal = hear.upheld(refused_case(body))
    find(hear, search, appeal, ("panel-member", body.chair))
    provider = body.submission(other).registration.provider
    body.by(people.declare_conflict, hear.officer, "appeals-officer", id=hear.officer, provider=provider)

    deal = {"appeal": appeal, "other": other}
    with refused("conflict-of-interest", field="actor"):
        hear.by_officer(affected.deal_with_other, **deal, action="told", done="We told them.")
    with refused("known-other", field="other"):
        body.by_officer(
            affected.deal_with_other,
            appeal=appeal,
            other=derived_id("submission", "no"),
            action="told",
            done="We told them.",
        )
    with refused("text-given"):
        body.by_officer(affected.deal_with_other, **deal, action="told", done=" ")
    assert body.events(appeal, OtherDealtWith) == []


def test_what_follows_for_people_is_named_with_the_appeal_as_its_source(hear: Appealing, body: Body):
    case = refused_case(body)
    assessor = body.submission(case).assessor
    appeal = hear.upheld(case)

    with refused("people-concerned", field="person"):
        hear.by_officer(affected.cpd_follows, appeal=appeal, topic="reading-files", needs={hear.hearers[4]: "Reading."})
    hear.by_officer(
        affected.cpd_follows, appeal=appeal, topic="reading-files", needs={assessor: "Reading.", body.chair: "Asking."}
    )

    assert [one.person for one in body.events(appeal, FollowUpNamed)] == [assessor, body.chair]


def test_who_judged_before_and_who_heard_the_appeal_are_excluded_from_what_it_brings(hear: Appealing, body: Body):
    case = refused_case(body)
    assessor = body.submission(case).assessor
    appeal = hear.upheld(case)

    [decided] = body.events(appeal, AppealDecided)
    assert {assessor, body.chair, *body.moderators, *hear.panel} <= set(decided.excluded)
    assert hear.officer not in decided.excluded
