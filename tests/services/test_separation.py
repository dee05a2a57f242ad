"""Who has a conflict takes no part, from the moment it is declared; and attempts against separation are recorded."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused
from domain.qualification import kinds_asked
from domain.refusals import Refused
from domain.submission.state import Stage
from services import assessment, moderation, people, preparation, screening
from services.assessment import Judgement
from services.office import Office, Receipt
from services.ports import Command
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock


def declare(body: Body, person: str, case: str, role: str) -> None:
    """The person declares a conflict with the case's provider."""
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, person, role, id=person, provider=provider, kind="advised")


def attempts(body: Body, person: str) -> list[AttemptRefused]:
    found: list[AttemptRefused] = body.events(person, AttemptRefused)
    return found


ADMINISTRATION: list[tuple[Callable[..., Receipt], dict[str, Any]]] = [
    (screening.pass_screening, {}),
    (screening.return_portfolio, {"reason": "Why"}),
    (screening.find_ineligible, {"reason": "Why"}),
    (preparation.pay_fee, {"kind": "registration", "amount": 20_000}),
    (preparation.waive_fee, {"kind": "registration", "reason": "Why"}),
    (preparation.extend_preparation, {"until": Clock().at.replace(year=2028), "reason": "Why"}),
    (assessment.reassign, {}),
]


def test_an_officer_with_a_conflict_administers_nothing_of_the_case(body: Body):
    case = factories.register(body)
    declare(body, body.officer, case, "officer")

    for service, said in ADMINISTRATION:
        with refused("conflict-of-interest", field="actor"):
            body.by_officer(service, case=case, **said)

    assert attempts(body, body.officer) == [AttemptRefused(rule="conflict-of-interest", stream=case)] * len(
        ADMINISTRATION
    )


def test_an_officer_with_a_conflict_does_not_choose_who_moderates_the_case(body: Body):
    case, other = factories.brought(body, "completed"), factories.brought(body, "completed")
    declare(body, body.officer, case, "officer")
    planned = {"scheme": body.scheme.id, "starts_at": body.now(), "chair": body.chair, "panel": body.moderators}

    with refused("conflict-of-interest", field="actor"):
        body.by_officer(moderation.schedule_meeting, items=[other, case], **planned)
    assert body.by_officer(moderation.schedule_meeting, items=[other], **planned).events


def test_a_declared_conflict_keeps_from_assignment(body: Body):
    case = factories.brought(body, "screened")
    willing = body.assessors[2]
    for assessor in body.assessors[:2]:
        declare(body, assessor, case, "assessor")

    assert factories.settle(body, case).assessor == willing


def test_a_conflict_that_operations_found_stops_the_assessor_at_once(body: Body):
    case = factories.brought(body, "accepted")
    assessor, provider = body.submission(case).assessor, body.submission(case).registration.provider

    body.by_officer(people.declare_conflict, id=assessor, provider=provider, kind="employed-there")

    with refused("conflict-of-interest", field="actor"):
        body.by(assessment.judge, assessor, "assessor", case=case, judgements={})
    with refused("conflict-of-interest", field="actor"):
        body.by(assessment.complete_assessment, assessor, "assessor", case=case, minutes_spent=9)
    assert body.submission(case).assessor is None
    assert factories.settle(body, case).assessor not in (None, assessor)


@pytest.mark.parametrize("who", ["chair", "moderator"])
def test_a_conflict_of_the_chair_or_of_the_quorum_stops_the_item_at_once(body: Body, who: str):
    case = factories.brought(body, "taken up")
    body.by_officer(
        people.end_role, id=body.moderators[2], role="moderator", scheme=body.scheme.id
    )  # now just a quorum

    declare(body, body.chair if who == "chair" else body.moderators[0], case, who)

    rule = "conflict-of-interest" if who == "chair" else "stage-order"
    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    for service, said in (
        (moderation.moderate, {"judgements": {"1.1": Judgement(level="met")}}),
        (moderation.request_evidence, {"criteria": ["1.1"], "wanted": "More"}),
        (moderation.decide, {}),
    ):
        with refused(rule):
            body.by_chair(service, case=case, **said)


def test_the_contact_of_a_provider_never_assesses_or_moderates_its_cases_whatever_roles_they_are_given(body: Body):
    provider = factories.register_provider(body)
    installer = ("installer", "installer")
    for role in ("assessor", "moderator", "chair"):
        body.by(people.give_role, *installer, id=provider.contact, role=role, scheme=body.scheme.id)
    body.by(people.give_role, *installer, id=provider.contact, role="officer")
    for kind in ("assessing", "chairing", *kinds_asked("chair", body.scheme)):
        expires_at = body.now() + factories.timedelta(days=900)
        body.by(
            people.record_training,
            *installer,
            id=provider.contact,
            kind=kind,
            scheme=body.scheme.id,
            expires_at=expires_at,
        )
    body.by(people.sign_non_disclosure, provider.contact, "assessor")
    for assessor in body.assessors:
        body.by(people.set_availability, assessor, "assessor", available=False)
    case = factories.register(body, provider)
    with refused("conflict-of-interest", field="actor"):
        body.by(preparation.waive_fee, provider.contact, "officer", case=case, kind="registration", reason="Ours")

    factories.settle(body, case)
    factories.submit(body, case, factories.schedule_window(body))
    factories.pass_screening(body, case)
    stuck = factories.settle(body, case)

    assert stuck.assessor is None
    [seen] = [one for one in body.recorded(case)[-1].event.considered if one.person == provider.contact]
    assert seen.verdict == "conflict with the provider"


def as_both(body: Body) -> str:
    """A person who assesses, and chairs too."""
    both = factories.appoint(body, "chair", training="chairing")
    given = {"id": both, "scheme": body.scheme.id}
    body.by_officer(people.give_role, **given, role="assessor")
    body.by_officer(
        people.record_training, **given, kind="assessing", expires_at=body.now() + factories.timedelta(days=99)
    )
    return both


def test_who_assessed_a_case_does_not_chair_it_and_the_attempt_is_recorded(body: Body):
    both = as_both(body)
    for assessor in body.assessors:
        body.by(people.set_availability, assessor, "assessor", available=False)
    case = factories.brought(body, "completed")
    command = body.command(body.officer, "officer")
    planned = {
        "scheme": body.scheme.id,
        "starts_at": body.now(),
        "chair": both,
        "panel": body.moderators,
        "items": [case],
    }
    moderation.schedule_meeting(body.office, command, **planned)
    meeting = moderation.meeting_id(command.id)
    body.by(moderation.open_meeting, both, "chair", id=meeting, present=[both, *body.moderators])

    with refused("assessor-never-moderates", field="actor"):
        body.by(moderation.take_up, both, "chair", case=case, id=meeting)

    assert body.submission(case).assessor == both
    assert attempts(body, both) == [AttemptRefused(rule="assessor-never-moderates", stream=case)]


def test_a_refused_attempt_is_recorded_once_and_refused_again_when_it_is_repeated(body: Body):
    case = factories.register(body)
    declare(body, body.officer, case, "officer")
    command = body.command(body.officer, "officer")

    for _ in range(3):
        with refused("conflict-of-interest", field="actor"):
            screening.find_ineligible(body.office, command, case=case, reason="Why")

    assert len(attempts(body, body.officer)) == 1
    [noted] = [one for one in body.recorded(body.officer) if isinstance(one.event, AttemptRefused)]
    assert (noted.actor, noted.role, noted.at) == (body.officer, "officer", command.at)
    with refused("conflict-of-interest"):
        body.by_officer(screening.find_ineligible, case=case, reason="Why")
    assert len(attempts(body, body.officer)) == 2


def test_an_attempt_repeated_by_several_at_once_is_recorded_once(body: Body):
    case = factories.register(body)
    command = Command(id="the same", actor=body.moderators[0], role="chair", at=body.now())
    start, refusals = threading.Barrier(6), []

    def attempt() -> None:
        start.wait()
        try:
            moderation.decide(body.office, command, case=case)
        except Refused as refusal:
            refusals.append(refusal.rule)

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refusals == ["acting-role"] * 6
    assert attempts(body, body.moderators[0]) == [AttemptRefused(rule="acting-role", stream=case)]


def test_a_command_that_was_refused_once_may_be_carried_out_when_it_is_allowed(body: Body):
    case = factories.brought(body, "completed")
    chair = factories.appoint(body, "moderator", training="moderating")
    command = body.command(body.officer, "officer")
    planned = {
        "scheme": body.scheme.id,
        "starts_at": body.now(),
        "chair": chair,
        "panel": body.moderators,
        "items": [case],
    }
    with refused("authorised-panel"):
        moderation.schedule_meeting(body.office, command, **planned)

    body.by_officer(people.give_role, id=chair, role="chair", scheme=body.scheme.id)

    assert moderation.schedule_meeting(body.office, command, **planned).events


def test_an_attempt_of_nobody_we_know_or_of_a_process_is_refused_and_leaves_no_stream_behind(
    body: Body, office: Office
):
    case = factories.register(body)
    nobody = factories.derived_id("person", "nobody")

    with refused("known-person", field="actor"):
        body.by(screening.pass_screening, nobody, "officer", case=case)
    with refused("acting-role", field="role"):
        body.by(screening.pass_screening, case, PROCESS_ROLE, case=case)

    assert office.records.load(nobody) == {nobody: []}
    assert not body.events(case, AttemptRefused)


def test_declaring_for_another_is_operations_business(body: Body):
    case = factories.register(body)
    provider = body.submission(case).registration.provider

    with refused("acting-role", field="role"):
        body.by(people.declare_conflict, body.assessors[0], "assessor", id=body.chair, provider=provider)
    assert body.by_officer(people.declare_conflict, id=body.chair, provider=provider).events
    assert body.by_officer(people.declare_conflict, id=body.chair, provider=provider).events == {}
    assert body.by_officer(people.declare_conflict, id=body.chair, provider=provider, kind="family").events
    assert body.state(body.chair).conflicts == {provider}
