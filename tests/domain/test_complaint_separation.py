"""A complaint is dealt with by people not complained about, who did not raise it, nor had it before, nor have a conflict."""

from collections.abc import Callable
from typing import Any

import pytest

from domain import complaint as complaints
from domain.complaint import Complaint
from domain.person import Person
from tests.domain import complaining as given
from tests.domain.complaining import ADA, BOARD, HAL, IDA, JON, LEAD, QUINN, STAGES, after, worker
from tests.domain.given import NOON, PROVIDER, conflicted, refused, text
from tests.domain.test_complaint import OTHER, answering, deciding, forming, names

ACTS: dict[str, tuple[str, Callable[[Complaint, Person], Any]]] = {
    "acknowledges": ("raised", lambda one, by: complaints.acknowledge(one, by=by)),
    "hands over": ("acknowledged", lambda one, by: complaints.hand_to(one, at=NOON, by=by, to=JON, reason=text("x"))),
    "is handed it": ("acknowledged", lambda one, by: complaints.hand_to(one, at=NOON, by=HAL, to=by, reason=text("x"))),
    "answers": ("acknowledged", lambda one, by: answering(one, by=by)),
    "acknowledges again": ("escalated", lambda one, by: complaints.acknowledge(one, by=by)),
    "answers again": ("acknowledged-again", lambda one, by: answering(one, by=by)),
    "forms a committee": ("committee-asked", lambda one, by: forming(one, by=by)),
    "sits": ("committee-asked", lambda one, by: forming(one, members=(*BOARD, by))),
    "decides": ("in-review", lambda one, by: deciding(one, by=by)),
    "decides with": ("in-review", lambda one, by: deciding(one, members=(*BOARD[:2], by))),
}
TOGETHER = ("complaints-handler", "quality-manager", "board")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("part", ["people", "raised_by", "entered_by"])
def test_no_party_to_it_has_a_part_whatever_roles_they_were_given(act: str, part: str):
    stage, do = ACTS[act]
    party = worker("party", *TOGETHER)
    held = STAGES[stage]()
    known = {"people": frozenset({party.id}), "raised_by": party.id, "entered_by": party.id}
    complaint = held.__class__(**{**held.__dict__, part: known[part]})

    with refused("complaint-apart"):
        do(complaint, party)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_with_a_conflict_with_the_provider_has_a_part(act: str):
    stage, do = ACTS[act]

    with refused("conflict-of-interest"):
        do(STAGES[stage](), worker("party", *TOGETHER, conflicts=[PROVIDER]))


def test_a_conflict_is_of_no_matter_where_no_provider_is_concerned():
    complaint = given.raised(provider=None, on_behalf_of=None)

    assert complaints.acknowledge(complaint, by=worker("party", *TOGETHER, conflicts=[PROVIDER]))


@pytest.mark.parametrize("act", ["acknowledges again", "forms a committee", "sits"])
def test_who_had_it_in_hand_at_an_earlier_level_has_no_part_later(act: str):
    stage, do = ACTS[act]
    with refused("complaint-apart"):
        do(STAGES[stage](), HAL)


def test_who_only_had_it_for_a_time_counts_as_having_handled_it():
    complaint = given.acknowledged(by=JON)
    complaint = after(complaint, complaints.hand_to(complaint, at=NOON, by=JON, to=HAL, reason=text("Away")))
    second = given.escalated(given.answered(complaint))

    with refused("complaint-apart"):
        complaints.acknowledge(second, by=JON)
    assert complaints.acknowledge(second, by=IDA)


def test_who_answered_a_second_time_does_not_sit():
    with refused("complaint-apart", field="members"):
        forming(given.to_committee(), members=(*BOARD[:2], IDA))
    assert forming(given.to_committee(), members=(*BOARD[:2], JON))


def test_a_person_named_later_loses_it_at_once_and_another_takes_it_on():
    complaint = given.acknowledged(given.raised(), by=HAL)
    events = complaints.name_person(complaint, by=Person(id=LEAD), person=HAL.id)
    named = after(complaint, events)

    assert [type(one).__name__ for one in events] == ["PersonComplainedAbout", "HandlerLeft"]
    assert names(named) == {"answer-complaint-within:first": "complaints-handler"}
    with refused("complaint-apart"):
        answering(named)
    with refused("complaint-apart"):
        complaints.acknowledge(named, by=HAL)
    other = after(named, complaints.acknowledge(named, by=IDA))
    assert names(other) == {"answer-complaint-within:first": IDA.id}
    assert complaints.name_person(named, by=Person(id=LEAD), person=HAL.id) == []


def test_a_member_named_later_sits_no_longer():
    complaint = given.in_review()
    named = after(complaint, complaints.name_person(complaint, by=Person(id=LEAD), person=BOARD[1].id))

    assert named.members == (BOARD[0].id, BOARD[2].id)
    assert named.handler == BOARD[0].id


def test_who_complained_who_entered_it_and_who_has_it_say_whom_it_is_about():
    complaint = given.acknowledged(given.raised(raised_by=None, entered_by=JON.id), by=HAL)

    for by in (JON.id, HAL.id):
        assert complaints.name_person(complaint, by=Person(id=by), person=OTHER)
    for by in (IDA.id, ADA):
        with refused("complaint-parties", field="actor"):
            complaints.name_person(complaint, by=Person(id=by), person=OTHER)
    with refused("complain-of-others", field="person"):
        complaints.name_person(complaint, by=HAL, person=JON.id)
    with refused("complaint-over"):
        complaints.name_person(given.decided(), by=Person(id=LEAD), person=OTHER)


def test_who_raised_it_and_was_named_by_nobody_is_not_named_later():
    with refused("complain-of-others", field="person"):
        complaints.name_person(given.acknowledged(), by=HAL, person=LEAD)


def test_a_conflict_takes_from_a_person_what_they_have_in_hand_and_nothing_else():
    complaint = given.acknowledged()

    assert complaints.leave(complaint, person=IDA.id) == []
    left = after(complaint, complaints.leave(complaint, person=HAL.id))
    assert (left.handler, names(left)) == (None, {"answer-complaint-within:first": "complaints-handler"})
    assert left.deadline == complaint.deadline
    assert complaints.leave(given.decided(), person=BOARD[0].id) == []
    answered = given.answered()
    kept = after(answered, complaints.leave(answered, person=HAL.id))
    assert names(kept) == {"escalate-complaint-within:first": LEAD}


# Confidential


def test_who_is_complained_about_does_not_see_it_whatever_they_are():
    complaint = given.raised(people=(HAL.id, QUINN.id))

    assert not any(complaints.may_see(complaint, one, at=NOON, speaks_for=[PROVIDER]) for one in (HAL, QUINN))


def test_who_complained_sees_it_and_so_do_their_colleagues_and_who_entered_it():
    complaint = given.raised(entered_by=JON.id)
    lead = worker("lead", "provider", conflicts=[PROVIDER])
    colleague = worker("colleague", "provider", conflicts=[PROVIDER])

    assert complaints.may_see(complaint, lead, at=NOON)
    assert complaints.may_see(complaint, colleague, at=NOON, speaks_for=[PROVIDER])
    assert complaints.may_see(complaint, conflicted(JON), at=NOON)
    assert not complaints.may_see(complaint, colleague, at=NOON)
    assert not complaints.may_see(given.raised(on_behalf_of=None), colleague, at=NOON, speaks_for=[PROVIDER])


def test_handlers_and_overseers_see_it_without_a_conflict_and_others_who_have_it():
    complaint = given.in_review(members=(*BOARD[:2], worker("mo", "moderator")))

    assert all(complaints.may_see(complaint, one, at=NOON) for one in (HAL, QUINN, BOARD[2], worker("mo", "moderator")))
    assert not any(complaints.may_see(complaint, conflicted(one), at=NOON) for one in (HAL, QUINN, BOARD[2]))
    assert not any(
        complaints.may_see(complaint, worker("x", role), at=NOON) for role in ("officer", "assessor", "provider")
    )
    assert not complaints.may_see(complaint, Person(), at=NOON)
    other = Person(id=OTHER, roles=frozenset({("complaints-handler", "other-mark")}))
    assert not complaints.may_see(complaint, other, at=NOON)
    assert complaints.may_see(given.raised(provider=None), conflicted(QUINN), at=NOON)


def test_the_parties_to_it_administer_nothing_of_it():
    assert given.raised(entered_by=JON.id).parties == {ADA, LEAD, JON.id}
