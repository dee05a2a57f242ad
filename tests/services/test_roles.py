"""Each command is given by who may give it: in a role that they hold, for this scheme, and for nobody else's case."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused, RoleGiven
from domain.refusals import Refused
from services import (
    assessment,
    authority,
    awards,
    competence,
    moderation,
    people,
    preparation,
    providers,
    schemes,
    standardisation,
    windows,
)
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Receipt
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.test_commands import BY_OFFICER, BY_OTHERS, BY_PROCESS

LATER = factories.timedelta(days=9)
NOT_ALLOWED = {"acting-role", "process-only", "own-provider"}


def cast(body: Body, case: str) -> dict[str, str]:
    """One person of each role, and the case's own process."""
    return {
        "officer": body.officer,
        "assessor": body.assessors[0],
        "moderator": body.moderators[0],
        "chair": body.chair,
        "provider": body.submission(case).registration.lead_contact,
        PROCESS_ROLE: case,
    }


def services(body: Body, case: str) -> list[tuple[Callable[..., Receipt], str, dict[str, Any]]]:
    """Every service with the role that may use it."""
    named = {"case": case}
    person = {"id": body.assessors[1]}
    role = {**person, "role": "chair", "scheme": body.scheme.id}
    meeting = {"scheme": body.scheme.id, "starts_at": body.now(), "chair": body.chair, "panel": body.moderators}
    return [
        *((service, "officer", {**named, **said}) for service, said in BY_OFFICER.items()),
        *((service, role, {**named, **said}) for service, (role, said) in BY_OTHERS.items()),
        *((service, PROCESS_ROLE, named) for service in BY_PROCESS),
        (moderation.schedule_meeting, "officer", {**meeting, "items": [case]}),
        (windows.schedule_window, "officer", {"scheme": body.scheme.id, "opens_at": body.now(), "closes_at": body.now() + LATER}),
        (people.register_person, "officer", {**person, "name": "Ada", "email": "ada@example.org"}),
        (people.give_role, "officer", role),
        (people.end_role, "officer", role),
        (people.record_training, "officer", {**person, "kind": "chairing", "scheme": body.scheme.id, "expires_at": body.now() + LATER}),
        (competence.state_credential, "officer", {**person, "topic": "experience", "kind": "led", "text": "A programme"}),
        (competence.verify_credential, "officer", {**person, "topic": "experience", "kind": "led"}),
        (competence.withdraw_credential, "officer", {**person, "topic": "experience", "kind": "led", "reason": "Not so"}),
        (standardisation.schedule_session, "officer", {"scheme": body.scheme.id, "starts_at": body.now() + LATER, "leader": body.chair, "invited": body.moderators, "note": "Two portfolios"}),
        (authority.end_terms, PROCESS_ROLE, named),
        (people.declare_conflict, "officer", {**person, "provider": body.submission(case).registration.provider}),
        (schemes.publish_scheme, "officer", {"source": factories.scheme_source().replace("version = 1", "version = 2"), "file": "a.toml"}),
    ]  # fmt: skip


def test_nobody_uses_a_service_that_is_not_for_their_role(body: Body):
    case = factories.brought(body, "confirmed", levels={"1.1": "not_met"})
    before, trained = len(body.recorded(case)), body.state(body.assessors[1]).training

    for service, may, said in services(body, case):
        for role, actor in cast(body, case).items():
            if role == may:
                continue
            with pytest.raises(Refused) as caught:
                body.by(service, actor, role, **said)
            assert caught.value.rule in NOT_ALLOWED, (service.__name__, role)
            assert caught.value.field
            assert caught.value.allowed

    assert len(body.recorded(case)) == before
    assert body.state(body.assessors[1]).training == trained


def test_nobody_acts_in_a_role_that_they_do_not_hold_by_saying_so(body: Body):
    case = factories.brought(body, "confirmed", levels={"1.1": "not_met"})

    for service, role, said in services(body, case):
        with pytest.raises(Refused) as caught:
            body.by(service, body.moderators[1], role, **said)
        assert caught.value.rule in NOT_ALLOWED, service.__name__


@pytest.mark.parametrize("role", [schemes.INSTALLER_ROLE, PROCESS_ROLE, "officer", "king"])
def test_no_person_passes_for_the_installer_a_process_or_anyone_else(body: Body, role: str):
    person = body.moderators[0]

    with refused("acting-role", field="role"):
        body.by(people.give_role, person, role, id=body.moderators[1], role="officer")
    with refused("acting-role", field="role"):
        body.by(people.sign_non_disclosure, person, role)
    with refused("acting-role", field="role"):
        body.by(people.set_availability, person, role, available=False)
    with refused("acting-role", field="role"):
        source = factories.scheme_source().replace("version = 1", "version = 2")
        body.by(schemes.publish_scheme, person, role, source=source, file="a.toml")

    assert not body.events(body.moderators[1], AttemptRefused)
    assert len(body.events(person, AttemptRefused)) == 4


@pytest.mark.parametrize("role", ["", "My name is Ada", "\ud800", "a\0"])
def test_what_is_no_role_at_all_is_refused_and_not_recorded_either(body: Body, role: str):
    with refused("acting-role", field="role"):
        body.by(people.sign_non_disclosure, body.moderators[0], role)

    assert not body.events(body.moderators[0], AttemptRefused)


def test_no_officer_gives_anything_to_themselves(body: Body):
    with refused("not-for-oneself", field="id"):
        body.by_officer(people.give_role, id=body.officer, role="chair", scheme=body.scheme.id)
    with refused("not-for-oneself", field="id"):
        body.by_officer(people.end_role, id=body.officer, role="officer")
    with refused("not-for-oneself", field="id"):
        training = {"kind": "chairing", "scheme": body.scheme.id, "expires_at": body.now() + LATER}
        body.by_officer(people.record_training, id=body.officer, **training)

    assert {one.rule for one in body.events(body.officer, AttemptRefused)} == {"not-for-oneself"}
    assert [one.role for one in body.events(body.officer, RoleGiven)] == ["officer"]


def test_an_officer_for_one_scheme_is_none_for_another_or_for_the_body(body: Body):
    mine = factories.appoint(body, "officer")
    case = factories.register(body)
    other = factories.scheme_source().replace('id = "cpd-qa"', 'id = "other-mark"')
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=other, file="other.toml")

    said = {"kind": "registration", "reason": "A pilot"}
    assert body.by(preparation.waive_fee, mine, "officer", case=case, **said).events
    planned = {"opens_at": body.now(), "closes_at": body.now() + LATER}
    assert body.by(windows.schedule_window, mine, "officer", scheme=body.scheme.id, **planned).events
    with refused("acting-role", field="role"):
        body.by(windows.schedule_window, mine, "officer", scheme="other-mark", **planned)
    with refused("acting-role", field="role"):
        body.by(people.give_role, mine, "officer", id=body.chair, role="officer")


def test_a_role_that_ended_is_over_at_once(body: Body):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor

    body.by_officer(people.end_role, id=assessor, role="assessor", scheme=body.scheme.id)

    with refused("acting-role", field="role"):
        body.by(assessment.judge, assessor, "assessor", case=case, judgements={})
    assert not body.state(assessor).roles


def test_a_provider_acts_for_itself_only(body: Body):
    window = factories.schedule_window(body)
    case = factories.register(body)
    stranger = factories.register_provider(body)
    criteria = body.scheme.criteria

    with refused("own-provider", field="actor"):
        body.by(preparation.withdraw, stranger.contact, "provider", case=case, reason="Spite")
    with refused("own-provider", field="actor"):
        said = {"answers": dict.fromkeys(criteria, "Ours now"), "evidence": []}
        body.by(preparation.submit_portfolio, stranger.contact, "provider", case=case, window_id=window, **said)
    with refused("own-provider", field="provider"):
        programme = preparation.Programme(
            title="A programme", category="suite", subject="science", phase="primary", mode="online"
        )
        body.by(
            preparation.register_programme,
            stranger.contact,
            "provider",
            scheme=body.scheme.id,
            provider=body.submission(case).registration.provider,
            programme=programme,
            agreement_accepted=True,
        )


def test_a_provider_is_registered_by_its_own_contact_acting_as_such(body: Body):
    said = {
        "scheme": body.scheme.id,
        "name": "A provider",
        "address": "1 Test Street",
        "contact_name": "Ada",
        "contact_email": "ada@example.org",
        "provider_type": "charity",
        "size_band": "small",
    }

    with refused("own-provider", field="actor"):
        body.by(providers.register_provider, body.officer, "provider", **said)
    for role in ("officer", "installer", "assessor"):
        with refused("own-provider", field="actor"):
            providers.register_provider(
                body.office, body.command(providers.contact_id("mine"), role, id="mine"), **said
            )
    assert body.events(providers.provider_id("mine")) == []


def test_a_role_in_a_scheme_is_given_for_a_scheme_that_is_published(body: Body):
    with refused("authority-per-scheme", field="scheme"):
        body.by_officer(people.give_role, id=body.chair, role="assessor")
    with refused("published-scheme", field="scheme"):
        body.by_officer(people.give_role, id=body.chair, role="assessor", scheme="no-mark")
    with refused("published-scheme", field="scheme"):
        training = {"kind": "chairing", "scheme": "Ada was ill that day", "expires_at": body.now() + LATER}
        body.by_officer(people.record_training, id=body.chair, **training)
    with refused("known-role", field="role"):
        body.by_officer(people.give_role, id=body.chair, role="king", scheme=body.scheme.id)


def test_the_panel_of_a_meeting_is_authorised_as_chair_and_moderators(body: Body):
    case = factories.brought(body, "completed")
    planned = {"scheme": body.scheme.id, "starts_at": body.now(), "items": [case]}

    with refused("authorised-panel", field="panel"):
        body.by_officer(moderation.schedule_meeting, **planned, chair=body.moderators[0], panel=body.moderators)
    with refused("authorised-panel", field="panel"):
        body.by_officer(moderation.schedule_meeting, **planned, chair=body.chair, panel=body.assessors)
    with refused("meeting-quorum", field="panel"):
        body.by_officer(moderation.schedule_meeting, **planned, chair=body.chair, panel=body.moderators[:1])


def test_only_what_awaits_moderation_under_this_scheme_is_listed_for_a_meeting(body: Body):
    case = factories.brought(body, "screened")
    planned = {"starts_at": body.now(), "chair": body.chair, "panel": body.moderators}

    with refused("stage-order", field="submission"):
        body.by_officer(moderation.schedule_meeting, scheme=body.scheme.id, items=[case], **planned)

    other = factories.scheme_source().replace('id = "cpd-qa"', 'id = "other-mark"')
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=other, file="other.toml")
    for role, people_ in (("chair", [body.chair]), ("moderator", body.moderators)):
        for person in people_:
            body.by_officer(people.give_role, id=person, role=role, scheme="other-mark")
    with refused("meeting-items", field="items"):
        body.by_officer(moderation.schedule_meeting, scheme="other-mark", items=[case], **planned)


def test_each_does_their_own_part_in_a_case_and_nobody_elses(body: Body, clock: Clock):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor
    [other, *_] = [one for one in body.assessors if one != assessor]
    cited = factories.evidence_of(["1.1"])[0].sha256

    with refused("assigned-assessor", field="actor"):
        judged = {"1.1": Judgement(level="met", reason="Why", cites=(cited,))}
        body.by(assessment.judge, other, "assessor", case=case, judgements=judged)
    second_chair = factories.appoint(body, "chair", training="chairing")
    moderated = factories.brought(body, "confirmed", levels={"1.1": "not_met"})
    with refused("meeting-chair", field="actor"):
        body.by(moderation.decide, second_chair, "chair", case=moderated)
    with refused("meeting-chair", field="actor"):
        body.by(moderation.moderate, second_chair, "chair", case=moderated, judgements={})
    body.by_chair(moderation.decide, case=moderated)
    with refused("meeting-chair", field="actor"):
        lacks = {"1.1": Lack(lacking="evidence", missing="A page")}
        body.by(moderation.approve_report, second_chair, "chair", case=moderated, lacks=lacks)


def test_a_process_acts_on_its_own_case_only(body: Body):
    case, other = factories.register(body), factories.register(body)

    with refused("process-only", field="role"):
        body.by(preparation.start_preparation, other, PROCESS_ROLE, case=case)
    assert body.by(preparation.start_preparation, case, PROCESS_ROLE, case=case).events
    with refused("known-accreditation", field="accreditation"):
        nothing = awards.accreditation_id(case)
        body.by(awards.lapse_award, nothing, PROCESS_ROLE, case=nothing)
