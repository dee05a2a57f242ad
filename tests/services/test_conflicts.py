"""Whoever has a conflict leaves everything of that provider at once, wherever they are in it, and it is handed on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.accreditation.events import ConcernRaised, ReviewerRelieved
from domain.clocks import DeadlineMissed
from domain.conflicts import ConflictDeclared, ConflictLifted, FactCorrected, FactRecorded
from domain.person import AttemptRefused
from domain.provider import CaseOpened
from domain.submission import events as e
from domain.submission.side_events import MemberRelieved
from domain.submission.state import Stage
from services import (
    accreditations,
    assessment,
    audits,
    awards,
    conflicts,
    items,
    moderation,
    people,
    preparation,
    screening,
    standardisation,
)
from services.assessment import Judgement
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services import complaining
from tests.services.boards import board_of, opened
from tests.services.conftest import Clock

DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def owner(body: Body, case: str) -> str:
    return body.submission(case).registration.provider


def declare(body: Body, person: str, case: str, role: str, kind: str = "family") -> Any:
    """The person declares a conflict with the case's provider."""
    return body.by(people.declare_conflict, person, role, id=person, provider=owner(body, case), kind=kind)


def another_officer(body: Body) -> str:
    return factories.appoint(body, "officer", scheme=None)


def second_chair(body: Body) -> str:
    """Somebody who sits on panels and may chair too."""
    return factories.appoint(body, "chair", training="chairing")


def meeting_of(body: Body, case: str, *, chair: str, panel: tuple[str, ...]) -> str:
    """The case is listed for a meeting; returns the meeting."""
    command = body.command(body.officer, "officer")
    planned = {"scheme": body.scheme.id, "starts_at": command.at, "chair": chair, "panel": panel, "items": [case]}
    moderation.schedule_meeting(body.office, command, **planned)
    return moderation.meeting_id(command.id)


def taken_up(body: Body, *, panel: tuple[str, ...] | None = None) -> str:
    """A case before the chair and a panel."""
    case = factories.brought(body, "completed")
    meeting = meeting_of(body, case, chair=body.chair, panel=panel or body.moderators)
    present = (body.chair, *(panel or body.moderators))
    body.by_chair(moderation.open_meeting, id=meeting, present=present)
    body.by_chair(moderation.take_up, case=case, id=meeting)
    return case


# Off everything at once


def test_a_providers_stream_lists_every_case_that_is_its_affair(body: Body):
    case = factories.brought(body, "released")

    listed = {one.case for one in body.events(owner(body, case), CaseOpened)}

    assert listed == {case, awards.accreditation_id(case)}
    assert body.state(owner(body, case)).cases == listed


def test_a_member_leaves_a_panel_that_is_under_way_and_it_goes_on_where_enough_are_left(body: Body):
    case = taken_up(body)
    member = body.moderators[0]

    receipt = declare(body, member, case, "moderator")

    assert receipt.events[case] == [MemberRelieved(member=member, because="conflict")]
    held = body.submission(case)
    assert held.stage is Stage.IN_MODERATION
    assert held.moderation
    assert member not in held.moderation.panel
    factories.confirm(body, case)
    factories.decide(body, case)
    assert factories.settle(body, case).over


def test_an_item_that_loses_its_quorum_by_a_conflict_is_adjourned_at_once(body: Body):
    case = taken_up(body, panel=body.moderators[:2])

    declare(body, body.moderators[0], case, "moderator")

    held = body.submission(case)
    assert (held.stage, held.moderation, held.listed) == (Stage.AWAITING_MODERATION, None, None)
    [adjourned] = body.events(case, e.ItemAdjourned)
    assert (adjourned.because, adjourned.reason) == ("conflict", None)


def test_a_chairs_item_goes_to_another_chair_of_its_panel(body: Body):
    other = second_chair(body)
    case = taken_up(body, panel=(*body.moderators, other))

    receipt = declare(body, body.chair, case, "chair")

    assert receipt.events[case] == [
        MemberRelieved(member=body.chair, because="conflict"),
        e.ItemHandedOver(chair=other, reason=None, because="conflict"),
    ]
    judged = {code: Judgement(level=level) for code, level in body.submission(case).judgements.items()}
    assert body.by(moderation.moderate, other, "chair", case=case, judgements=judged).events


def test_without_another_chair_the_item_is_adjourned_so_that_somebody_can_schedule_it(body: Body):
    case = taken_up(body)

    declare(body, body.chair, case, "chair")

    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    other = second_chair(body)
    assert meeting_of(body, case, chair=other, panel=body.moderators)


def test_a_chair_leaves_a_decided_item_and_an_officer_hands_it_to_another(body: Body):
    case = taken_up(body)
    factories.confirm(body, case)
    body.by_chair(moderation.decide, case=case)

    declare(body, body.chair, case, "chair")

    held = body.submission(case)
    assert held.stage is Stage.DECIDED
    assert held.moderation
    assert held.moderation.chair == ""
    with refused("conflict-of-interest", field="actor"):
        body.by_chair(moderation.approve_report, case=case, lacks={})
    other = second_chair(body)
    body.by_officer(items.hand_over_item, case=case, to=other, reason="The chair has a conflict.")
    body.by(moderation.approve_report, other, "chair", case=case, lacks={})
    assert factories.settle(body, case).over


def test_an_item_that_is_only_scheduled_under_a_chair_with_a_conflict_is_free_again(body: Body):
    case = factories.brought(body, "completed")
    meeting_of(body, case, chair=body.chair, panel=body.moderators)

    declare(body, body.chair, case, "chair")

    assert body.submission(case).listed is None
    assert meeting_of(body, case, chair=second_chair(body), panel=body.moderators)


@pytest.mark.parametrize(("members", "stays"), [(3, True), (2, False)])
def test_an_item_stays_on_the_agenda_without_a_member_where_enough_are_left(body: Body, members: int, stays: bool):
    case = factories.brought(body, "completed")
    meeting = meeting_of(body, case, chair=body.chair, panel=body.moderators[:members])

    declare(body, body.moderators[0], case, "moderator")

    assert body.submission(case).listed == (meeting if stays else None)


def test_an_item_of_another_provider_on_the_same_meeting_stays(body: Body):
    case, other = factories.brought(body, "completed"), factories.brought(body, "completed")
    factories.take_up(body, case, other)

    declare(body, body.chair, case, "chair")

    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    assert body.submission(other).stage is Stage.IN_MODERATION


def reviewed(body: Body) -> tuple[str, str, str]:
    """An award, a concern about it, and who reviews that."""
    case = factories.brought(body, "released")
    award, reviewer = awards.accreditation_id(case), second_chair(body)
    command = body.command(body.officer, "officer")
    accreditations.raise_concern(body.office, command, case=award, text="They say more.", from_outside=True)
    concern = accreditations.concern_id(command.id)
    body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=reviewer)
    return award, concern, reviewer


def test_a_reviewer_with_a_conflict_hands_the_concern_back_to_be_taken_up_again_in_time(body: Body, clock: Clock):
    award, concern, reviewer = reviewed(body)
    provider = body.state(award).provider
    clock.passes(days=1)

    body.by(people.declare_conflict, reviewer, "chair", id=reviewer, provider=provider)

    [relieved] = body.events(award, ReviewerRelieved)
    assert (relieved.concern, relieved.reviewer, relieved.because) == (concern, reviewer, "conflict")
    assert relieved.clock.due_at == body.scheme.calendar.due(clock(), body.scheme.concern_taken_up)
    assert body.state(award).concerns[concern].reviewer is None
    with refused("conflict-of-interest", field="actor"):
        said = {"case": award, "concern": concern, "finding": "no_action", "reason": "Why"}
        body.by(accreditations.conclude_review, reviewer, "chair", **said)
    clock.comes_to(relieved.clock.due_at)
    body.by(accreditations.miss_review, award, "process", case=award)
    assert [one.rule for one in body.events(award, DeadlineMissed)] == ["take-up-concern-within"]
    other = second_chair(body)
    assert body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=other).events


def test_who_enters_a_concern_from_outside_does_not_review_it(body: Body):
    award, concern, _ = reviewed(body)

    [raised] = body.events(award, ConcernRaised)
    assert (raised.raised_by, raised.entered_by) == (None, body.officer)
    other = another_officer(body)
    with refused("raiser-never-decides", field="reviewer"):
        said = {"case": award, "concern": concern, "reviewer": body.officer}
        body.by(accreditations.open_review, other, "officer", **said)


# Found from facts


def fact(body: Body, actor: str, role: str, **said: Any) -> Any:
    return body.by(conflicts.record_fact, actor, role, **{"kind": "employed", "from_at": LONG_AGO, **said})


def test_a_conflict_found_from_a_fact_blocks_as_a_declared_one_from_the_moment_it_is_recorded(body: Body):
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor
    assert assessor

    receipt = fact(body, assessor, "assessor", id=assessor, provider=owner(body, case))

    assert receipt.events[case] == [e.AssignmentEnded(assessor=assessor, reason="conflict")]
    [recorded] = body.events(assessor, FactRecorded)
    assert (recorded.source, recorded.number) == ("said", 1)
    with refused("conflict-of-interest", field="actor", match="same organisation"):
        body.by(assessment.judge, assessor, "assessor", case=case, judgements={})
    assert body.events(assessor, AttemptRefused) == [AttemptRefused(rule="conflict-of-interest", stream=case)]


def test_past_employment_is_a_conflict_until_the_schemes_years_are_over_and_then_none_by_itself(
    body: Body, clock: Clock
):
    case = factories.register(body)
    left_at = clock() - 30 * DAY
    fact(body, body.officer, "officer", id=body.officer, provider=owner(body, case), until_at=left_at)
    lapses_at = body.scheme.calendar.after(left_at, body.scheme.assurance.people.employed_within)
    said = {"case": case, "kind": "registration", "reason": "A pilot"}

    clock.comes_to(lapses_at - timedelta(seconds=1))
    with refused("conflict-of-interest", field="actor", match="employed there"):
        body.by_officer(preparation.waive_fee, **said)

    clock.comes_to(lapses_at)
    assert body.by_officer(preparation.waive_fee, **said).events


def test_the_years_are_those_of_the_cases_scheme(office: Any, clock: Clock):
    body = factories.open_body(
        office, source=factories.scheme_source() + '\n[people]\nemployed_within = "P1M"\n', now=clock
    )
    case = factories.register(body)
    fact(body, body.officer, "officer", id=body.officer, provider=owner(body, case), until_at=clock() - 40 * DAY)

    assert body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A pilot").events


@pytest.mark.parametrize(("within", "minded"), [("P1M", False), ("P5Y", True)])
def test_past_employment_is_minded_by_the_rule_of_the_case_whatever_it_is_looked_at_for(
    office: Any, clock: Clock, within: str, minded: bool
):
    rule = f'[people]\nemployed_within = "{within}"\n\n[people.training]'
    body = factories.open_body(
        office, source=factories.scheme_source().replace("[people.training]", rule), now=clock, assessors=3
    )
    case = factories.brought(body, "released", levels={"1.1": body.scheme.scale[0]})
    left_at = clock() - (40 if within == "P1M" else 4 * 365) * DAY  # between the scheme's years and the usual three
    members = board_of(body)
    for who, role in ((body.officer, "officer"), (body.moderators[0], "moderator"), (members[0], "board")):
        fact(body, who, role, id=who, provider=owner(body, case), until_at=left_at)

    def tried(act: Callable[[], Any]) -> None:
        if minded:
            with refused("conflict-of-interest"):
                act()
        else:
            assert act()

    tried(lambda: complaining.entered(body, body.officer, "officer", about="case", case=case))
    tried(lambda: schedule(body, case, body.moderators[0]))
    clock.passes(hours=1)
    audit = opened(body, members, size=1)
    look = {"audit": audit, "case": case}
    tried(lambda: audits.look_at(body.office, body.command(members[0], "board"), **look))


def schedule(body: Body, exemplar: str, invited: str) -> Any:
    said: dict[str, Any] = {"scheme": body.scheme.id, "starts_at": body.now() + DAY, "leader": body.chair}
    manager = factories.appoint(body, "quality-manager", scheme=None)
    return body.by(
        standardisation.schedule_session, manager, "quality-manager", **said, invited=[invited], exemplars=[exemplar]
    )


def test_past_employment_that_is_long_over_takes_nothing_from_anybody(body: Body):
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor
    assert assessor

    fact(body, assessor, "assessor", id=assessor, provider=owner(body, case), until_at=LONG_AGO + 9 * DAY)

    assert body.submission(case).assessor == assessor
    assert body.by(assessment.complete_assessment, assessor, "assessor", case=case, minutes_spent=9).events


def test_facts_about_others_are_recorded_by_the_office(body: Body):
    case, quality = factories.register(body), factories.appoint(body, "quality-manager", scheme=None)
    said = {"id": body.chair, "provider": owner(body, case)}

    with refused("acting-role", field="role"):
        fact(body, body.assessors[0], "assessor", **said)
    assert fact(body, quality, "quality-manager", **said).events
    assert fact(body, body.officer, "officer", **said).events == {}
    [recorded] = body.events(body.chair, FactRecorded)
    assert recorded.source == "noted"


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("known-person", "id", {"id": factories.derived_id("person", "nobody")}),
    ("known-person", "person", {"id": "Ada"}),
    ("known-provider", "provider", {"provider": factories.derived_id("provider", "nobody")}),
    ("known-provider", "provider", {"provider": "x" * 1_000_000}),
    ("fact-kinds", "kind", {"kind": "met them once"}),
    ("fact-dates", "from_at", {"from_at": datetime(2199, 1, 1, tzinfo=UTC)}),
    ("fact-dates", "until_at", {"until_at": LONG_AGO}),
    ("fact-dates", "until_at", {"until_at": datetime(2199, 1, 1, tzinfo=UTC)}),
    ("instants", "from_at", {"from_at": datetime(2020, 1, 1)}),  # noqa: DTZ001 - that it has no zone is the point
    ("instants", "until_at", {"until_at": datetime(2300, 1, 1, tzinfo=UTC)}),
]


@pytest.mark.parametrize(("rule", "field", "said"), BAD)
def test_a_fact_that_can_not_be_is_refused_and_nothing_written(body: Body, rule: str, field: str, said: dict[str, Any]):
    provider = factories.register_provider(body).id

    with refused(rule, field=field):
        fact(body, body.officer, "officer", **{"id": body.chair, "provider": provider, **said})

    assert body.events(body.chair, FactRecorded) == []
    assert body.state(body.chair).conflicts == frozenset()


# Lifted and corrected


def test_a_conflict_declared_in_error_is_lifted_by_another_officer_with_a_reason(body: Body):
    case = factories.register(body)
    declare(body, body.chair, case, "chair", kind="family")
    declare(body, body.chair, case, "chair", kind="advised")
    said = {"id": body.chair, "provider": owner(body, case), "reason": "It was somebody of the same name."}

    [lifted] = body.by_officer(conflicts.lift_conflict, kind="family", **said).events[body.chair]

    assert isinstance(lifted, ConflictLifted)
    assert body.state(body.chair).conflicts == {owner(body, case)}  # the other kind stays
    body.by_officer(conflicts.lift_conflict, kind="advised", **said)
    assert body.state(body.chair).conflicts == frozenset()
    with refused("known-conflict", field="kind"):
        body.by_officer(conflicts.lift_conflict, kind="advised", **said)


@pytest.mark.parametrize(("reason", "rule"), [("", "text-given"), ("x" * 1_000_000, "text-length")])
def test_a_conflict_is_not_lifted_without_a_reason_that_can_be_kept(body: Body, reason: str, rule: str):
    case = factories.register(body)
    declare(body, body.chair, case, "chair")

    with refused(rule, field="reason"):
        said = {"id": body.chair, "provider": owner(body, case), "kind": "family", "reason": reason}
        body.by_officer(conflicts.lift_conflict, **said)

    assert body.events(body.chair, ConflictLifted) == []


def test_a_found_conflict_goes_only_by_correcting_the_fact(body: Body):
    case = factories.register(body)
    provider = owner(body, case)
    fact(body, body.chair, "chair", id=body.chair, provider=provider)

    with refused("found-by-facts", field="kind"):
        said = {"id": body.chair, "provider": provider, "kind": "employed-there", "reason": "No"}
        body.by_officer(conflicts.lift_conflict, **said)
    said = {"id": body.chair, "number": 1, "from_at": LONG_AGO, "reason": "They never were."}
    with refused("known-fact", field="number"):
        body.by_officer(conflicts.correct_fact, **{**said, "number": 2})
    body.by_officer(conflicts.correct_fact, **said, stands=False)

    assert body.state(body.chair).conflicts == frozenset()
    [corrected] = body.events(body.chair, FactCorrected)
    assert not corrected.stands


def test_what_the_record_itself_shows_is_not_corrected_by_hand(body: Body):
    provider = factories.register_provider(body)

    with refused("found-on-record", field="number"):
        said = {"id": provider.contact, "number": 1, "from_at": LONG_AGO, "stands": False, "reason": "No"}
        body.by_officer(conflicts.correct_fact, **said)
    with refused("found-by-facts", field="kind"):
        said = {"id": provider.contact, "provider": provider.id, "kind": "employed-there", "reason": "No"}
        body.by_officer(conflicts.lift_conflict, **said)

    assert body.state(provider.contact).conflicts == {provider.id}
    assert [one.rule for one in body.events(body.officer, AttemptRefused)] == ["found-on-record"]


def test_a_correction_that_makes_it_graver_takes_the_person_off_at_once(body: Body):
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor
    assert assessor
    fact(body, assessor, "assessor", id=assessor, provider=owner(body, case), until_at=LONG_AGO + DAY)
    assert body.submission(case).assessor == assessor

    said = {"id": assessor, "number": 1, "from_at": LONG_AGO, "reason": "They are still there."}
    body.by_officer(conflicts.correct_fact, **said)

    assert body.submission(case).assessor is None


def test_who_speaks_for_a_provider_no_longer_has_a_conflict_for_the_years_that_follow(body: Body, clock: Clock):
    from services import providers

    provider = factories.register_provider(body)
    command = body.command(provider.contact, "provider")
    providers.name_contact(body.office, command, id=provider.id, contact_name="Another", contact_email="a@b.example")
    clock.passes(days=1)
    body.by_officer(providers.end_contact, id=provider.id, person_id=provider.contact)

    [ended] = body.events(provider.contact, FactCorrected)
    assert (ended.until_at, ended.stands, ended.reason) == (clock(), True, None)


# Races


def test_a_case_that_begins_while_a_conflict_is_declared_is_looked_at_too(body: Body, records: Any):
    from tests.services.test_at_once import while_deciding

    provider = factories.register_provider(body)
    begun: list[str] = []
    office = while_deciding(body, records, lambda: begun.append(factories.register(body, provider)))

    command = body.command(body.chair, "chair")
    receipt = people.declare_conflict(office, command, id=body.chair, provider=provider.id)

    assert begun[0] in receipt.work.states


def test_an_item_taken_up_while_a_member_declares_a_conflict_is_left_too(body: Body, records: Any):
    from tests.services.test_at_once import while_deciding

    case = factories.brought(body, "completed")
    meeting = meeting_of(body, case, chair=body.chair, panel=body.moderators)
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, *body.moderators))
    office = while_deciding(body, records, lambda: body.by_chair(moderation.take_up, case=case, id=meeting))

    member = body.moderators[0]
    command = body.command(member, "moderator")
    people.declare_conflict(office, command, id=member, provider=owner(body, case))

    held = body.submission(case)
    assert held.moderation
    assert member not in held.moderation.panel
    assert body.events(member, ConflictDeclared)


def test_an_officer_with_a_found_conflict_screens_nothing(body: Body):
    case = factories.brought(body, "submitted")
    fact(body, body.officer, "officer", id=body.officer, provider=owner(body, case), kind="own-organisation")

    with refused("conflict-of-interest", field="actor"):
        body.by_officer(screening.pass_screening, case=case)
