"""Experience and background on the real record: stated, verified by somebody else, counted for panels; old records still read."""

import json
from typing import Any

import pytest

from domain.competence import CredentialStated, CredentialVerified
from domain.meeting import MeetingScheduled
from domain.person import AttemptRefused, RoleGiven
from domain.submission import events as e
from infra.bootstrap import codec
from services import competence, moderation, people
from services.office import Office
from services.ports import Command
from tests import factories
from tests.domain.given import DAY, NOON, refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.tending import body_asking
from tests.services.test_at_once import at_once

TEACHER = {"topic": "background", "kind": "teacher"}


def states(body: Body, person: str, role: str, **said: Any) -> Any:
    """A person states it of themselves."""
    return body.by(competence.state_credential, person, role, id=person, **{**TEACHER, "text": "Since 2010", **said})


def test_what_one_states_counts_once_an_officer_or_a_manager_verified_it(body: Body):
    ada, manager = body.assessors[0], factories.appoint(body, "quality-manager", scheme=None)
    states(body, ada, "assessor")
    assert body.state(ada).competence.verified("background") == ()

    body.by(competence.verify_credential, manager, "quality-manager", id=ada, **TEACHER)

    assert body.state(ada).competence.verified("background") == ("teacher",)
    assert body.events(ada, CredentialVerified) == [CredentialVerified(**TEACHER, verifier=manager)]


def test_nobody_verifies_their_own_in_whatever_role_and_the_attempt_is_on_record(body: Body):
    ada = body.assessors[0]
    states(body, ada, "assessor")
    body.by(people.give_role, "installer", "installer", id=ada, role="officer")
    body.by(people.give_role, "installer", "installer", id=ada, role="quality-manager")

    for role in ("officer", "quality-manager"):
        with refused("not-for-oneself", field="actor"):
            body.by(competence.verify_credential, ada, role, id=ada, **TEACHER)
        body.by(competence.withdraw_credential, ada, role, id=ada, **TEACHER, reason="To state it anew")
        states(body, ada, role)  # in another role it is still one's own word
    with refused("acting-role"):
        body.by(competence.verify_credential, ada, "assessor", id=ada, **TEACHER)

    assert body.state(ada).competence.verified("background") == ()
    assert [one.rule for one in body.events(ada, AttemptRefused)] == [
        "not-for-oneself",
        "not-for-oneself",
        "acting-role",
    ]


def test_nobody_else_states_anything_of_others(body: Body):
    ada, ben = body.assessors[:2]

    with refused("acting-role", field="role"):
        body.by(competence.state_credential, ben, "assessor", id=ada, **TEACHER, text="I know her")
    with refused("acting-role", field="role"):
        body.by(competence.withdraw_credential, ben, "assessor", id=ada, **TEACHER, reason="I know her")
    with refused("acting-role", field="role"):
        states(body, ada, "chair")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"text": ""}, "text-given"),
        ({"text": "x" * 1_000_000}, "text-length"),
        ({"kind": "king"}, "background-kinds"),
        ({"topic": "hobby"}, "credential-topics"),
    ],
)
def test_what_cannot_be_stated_is_refused_and_nothing_is_written(body: Body, said: dict[str, Any], rule: str):
    before = len(body.recorded(body.assessors[0]))

    with refused(rule):
        states(body, body.assessors[0], "assessor", **said)
    with refused("known-person"):
        body.by_officer(competence.state_credential, id="person-nobody", **TEACHER, text="Yes")
    with refused("known-person"):
        nobody = factories.derived_id("person", "nobody")
        body.by_officer(competence.state_credential, id=nobody, **TEACHER, text="Yes")

    assert len(body.recorded(body.assessors[0])) == before


def test_the_text_of_a_statement_is_kept_for_the_person_and_stands_in_no_event(body: Body):
    ada = body.assessors[0]
    states(body, ada, "assessor", text="I taught in Thornbury Vale")

    [stated] = body.events(ada, CredentialStated)
    assert "Thornbury" not in repr(body.recorded(ada))
    assert stated.text.id.startswith("text-")


def test_verified_by_two_at_once_is_verified_once(body: Body):
    ada, manager = body.assessors[0], factories.appoint(body, "quality-manager", scheme=None)
    states(body, ada, "assessor")

    at_once(
        lambda: body.by_officer(competence.verify_credential, id=ada, **TEACHER),
        lambda: body.by(competence.verify_credential, manager, "quality-manager", id=ada, **TEACHER),
    )

    assert len(body.events(ada, CredentialVerified)) == 1


def test_a_panel_that_misses_the_schemes_minima_is_scheduled_and_told_so(office: Office, clock: Clock):
    body = body_asking(office, clock, "[people.minima]\nteacher = 50\nexpert = 25\n")
    for person in body.moderators[:2]:
        body.by_officer(competence.state_credential, id=person, **TEACHER, text="Since 2010")
    states(body, body.moderators[2], "moderator")  # which nobody has verified
    case = factories.brought(body, "completed")
    meeting = factories.take_up(body, case)

    [scheduled] = body.events(meeting, MeetingScheduled)
    shares = {one.background: (one.members, one.size, one.least, one.met) for one in scheduled.composition}

    assert shares == {"teacher": (2, 4, 50, True), "provider": (0, 4, 0, True), "expert": (0, 4, 25, False)}


def test_the_receipt_of_a_scheduled_meeting_tells_its_shares(body: Body):
    case = factories.brought(body, "completed")
    command = body.command(body.officer, "officer")
    said = {"scheme": body.scheme.id, "starts_at": body.now(), "chair": body.chair, "panel": body.moderators}

    receipt = moderation.schedule_meeting(body.office, command, **said, items=[case])

    [scheduled] = receipt.events[moderation.meeting_id(command.id)]
    assert [(one.background, one.members, one.size) for one in scheduled.composition] == [
        ("teacher", 0, 4),
        ("provider", 0, 4),
        ("expert", 0, 4),
    ]


def test_an_absence_and_a_capacity_are_ones_own_to_say(body: Body, clock: Clock):
    ada = body.assessors[0]
    span = {"starts_at": clock() + DAY, "ends_at": clock() + 9 * DAY}
    body.by(competence.plan_absence, ada, "assessor", **span)
    body.by(competence.limit_capacity, ada, "assessor", scheme=body.scheme.id, most=2)

    assert body.state(ada).competence.absent(clock() + DAY)
    assert body.state(ada).competence.most == {body.scheme.id: 2}
    body.by(competence.cancel_absence, ada, "assessor", **span)
    assert not body.state(ada).competence.absent(clock() + DAY)
    for service, said in ((competence.plan_absence, span), (competence.cancel_absence, span)):
        with refused("acting-role"):
            body.by(service, ada, "chair", **said)
    with refused("acting-role"):
        body.by(competence.limit_capacity, ada, "chair", scheme=body.scheme.id, most=1)
    with refused("published-scheme", field="scheme"):
        body.by(competence.limit_capacity, ada, "assessor", scheme="no-such-mark", most=1)
    with refused("own-capacity", field="most"):
        body.by(competence.limit_capacity, ada, "assessor", scheme=body.scheme.id, most=99)
    with refused("absence-to-come", field="ends_at"):
        body.by(competence.plan_absence, ada, "assessor", starts_at=clock() - DAY, ends_at=clock())
    with refused("instants", field="starts_at"):
        naive = clock().replace(tzinfo=None)
        body.by(competence.plan_absence, ada, "assessor", starts_at=naive, ends_at=clock() + DAY)


def earlier(event: Any, *fields: str) -> Any:
    """The event as it is read from a record that was made before it had these fields, at whatever depth."""
    command = Command(id="x", actor="x", role="x", at=NOON)
    encoded = codec().encode(event, command, correlation="x")

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(one) for name, one in value.items() if name not in fields}
        return [without(one) for one in value] if isinstance(value, list) else value

    old = json.dumps(without(json.loads(encoded))).encode()
    assert old != encoded
    name = json.loads(encoded)["name"]
    [read] = codec().decode([(1, "submission-a", 1, NOON, name, old)])
    return read.event


def test_what_was_recorded_before_all_this_was_kept_can_still_be_read(body: Body):
    case = factories.brought(body, "taken up")
    [assigned], [started] = body.events(case, e.AssessorAssigned), body.events(case, e.ModerationStarted)
    [scheduled] = body.events(started.meeting, MeetingScheduled)
    given = body.events(body.chair, RoleGiven)[0]

    old = earlier(assigned, "qualified")
    assert [one.qualified for one in old.considered] == [None] * len(assigned.considered)
    assert (old.assessor, old.clock) == (assigned.assessor, assigned.clock)
    assert earlier(started, "seen").seen == ()
    assert earlier(started, "seen").panel == started.panel
    assert earlier(scheduled, "composition").composition == ()
    assert earlier(given, "starts_at", "ends_at") == given
