"""A complaint is acknowledged and answered in time, twice and by a committee, by people who are not party to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain import complaint as complaints
from domain import tasks
from domain.clocks import Duration
from domain.complaint import Complaint
from domain.complaint.committee import SEATED
from domain.complaint.state import DECIDES, LEVELS
from domain.ids import derived_id
from domain.person import Person
from tests.domain import complaining as given
from tests.domain.complaining import ADA, BOARD, COMPLAINT, HAL, IDA, JON, LEAD, QUINN, SAID, STAGES, after, worker
from tests.domain.given import CASE, NOON, PROVIDER, SCHEME, SECOND, conflicted, refused, text, utc

RULES = SCHEME.assurance.complaints
OTHER = derived_id("person", "other")


def all_but(*stages: str) -> list[str]:
    assert set(stages) <= set(STAGES)
    return [name for name in STAGES if name not in stages]


def names(complaint: Complaint) -> dict[str, str]:
    """The running tasks, and who has each."""
    return {name: task.who for name, task in complaint.tasks.running.items()}


def answering(complaint: Complaint, by: Person = HAL, **said: Any) -> list[complaints.ComplaintEvent]:
    whole = {"outcome": "upheld", "reason": text("Because"), "done": text("We did"), "scheme": SCHEME, "at": NOON}
    return complaints.answer(complaint, by=by, **whole | said)


def forming(complaint: Complaint, **said: Any) -> list[complaints.ComplaintEvent]:
    whole = {"by": QUINN, "chair": BOARD[0].id, "members": BOARD, "scheme": SCHEME}
    return complaints.form_committee(complaint, **whole | said)


def deciding(complaint: Complaint, **said: Any) -> list[complaints.ComplaintEvent]:
    whole = {"by": BOARD[0], "members": BOARD, "outcome": "not-upheld", "reason": text("We find"), "done": None}
    return complaints.decide(complaint, **whole | {"scheme": SCHEME} | said)


# Raised


def test_a_complaint_is_to_be_acknowledged_and_answered_in_the_schemes_times():
    complaint = given.raised()

    assert names(complaint) == {
        "acknowledge-complaint-within:first": "complaints-handler",
        "answer-complaint-within:first": "complaints-handler",
    }
    dues = {one.rule: one.due_at for one in complaint.tasks.running.values()}
    assert dues["acknowledge-complaint-within"] == utc("2026-03-05 12:00")
    assert dues["answer-complaint-within"] == utc("2026-03-30 11:00")  # summer time has begun
    assert {one.told for one in complaint.tasks.running.values()} == {"quality-manager"}
    assert (complaint.stage, complaint.provider, complaint.scheme) == ("raised", PROVIDER, SCHEME.ref)


def test_the_same_complaint_twice_is_one():
    assert complaints.raise_complaint(given.raised(), **SAID) == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"about": "weather"}, "about"),
        ({"about": "people", "people": ()}, "people"),
        ({"about": "case", "case": None}, "case"),
        ({"about": "service", "case": CASE}, "case"),
        ({"about": "people", "case": CASE}, "case"),
    ],
)
def test_what_it_is_about_is_said_and_named(said: dict[str, Any], field: str):
    with refused("complaint-about", field=field):
        complaints.raise_complaint(Complaint(), **SAID | said)


@pytest.mark.parametrize(
    "said",
    [
        {"about": "service", "people": ()},
        {"about": "service"},
        {"about": "case", "case": CASE, "people": ()},
        {"about": "case", "case": CASE},
    ],
)
def test_people_may_be_named_in_any_complaint(said: dict[str, Any]):
    assert complaints.raise_complaint(Complaint(), **SAID | said)


def test_a_person_named_twice_counts_once():
    [event] = complaints.raise_complaint(Complaint(), **SAID | {"people": (ADA, OTHER, ADA)})
    assert event.people == (ADA, OTHER)


@pytest.mark.parametrize("as_whom", ["raised_by", "entered_by"])
def test_nobody_raises_or_enters_one_about_themselves(as_whom: str):
    with refused("complain-of-others", field="people"):
        complaints.raise_complaint(Complaint(), **SAID | {"raised_by": None, as_whom: ADA})


# Acknowledged and answered


def test_who_acknowledges_it_has_it_in_hand_by_the_same_date():
    before = given.raised()
    complaint = given.acknowledged(before)

    assert names(complaint) == {"answer-complaint-within:first": HAL.id}
    assert complaint.deadline == before.tasks.running["answer-complaint-within:first"].due_at
    assert complaints.acknowledge(complaint, by=HAL) == []
    with refused("complaint-in-hand", field="actor"):
        complaints.acknowledge(complaint, by=IDA)


def test_the_answer_says_why_and_what_was_done_and_opens_the_time_to_take_it_further():
    at = NOON + timedelta(days=1)
    complaint = given.answered(at=at)

    assert (complaint.stage, complaint.outcome, complaint.upheld) == ("answered", "upheld", True)
    assert names(complaint) == {"escalate-complaint-within:first": LEAD}
    assert complaint.deadline == SCHEME.calendar.due(at, RULES.escalate_within)
    assert answering(complaint, reason=text(f"Because {HAL.id}")) == []


@pytest.mark.parametrize("outcome", ["upheld", "partly-upheld", "not-upheld"])
def test_what_was_done_is_said_where_it_is_upheld(outcome: str):
    complaint = given.acknowledged()

    if outcome == "not-upheld":
        assert not after(complaint, answering(complaint, outcome=outcome, done=None)).upheld
        return
    with refused("upheld-says-what-was-done", field="done"):
        answering(complaint, outcome=outcome, done=None)
    assert after(complaint, answering(complaint, outcome=outcome)).upheld


def test_an_outcome_that_there_is_not_is_refused():
    with refused("complaint-outcomes", field="outcome"):
        answering(given.acknowledged(), outcome="regretted")
    with refused("complaint-outcomes", field="outcome"):
        deciding(given.in_review(), outcome="regretted")


def test_only_who_has_it_in_hand_answers():
    with refused("complaint-in-hand", field="actor"):
        answering(given.acknowledged(by=HAL), by=IDA)


def test_it_is_handed_to_another_handler_who_may_by_the_same_date():
    before = given.acknowledged()
    complaint = after(before, complaints.hand_to(before, by=HAL, to=IDA, reason=text("Away")))

    assert names(complaint) == {"answer-complaint-within:first": IDA.id}
    assert complaint.deadline == before.deadline
    assert complaints.hand_to(complaint, by=HAL, to=IDA, reason=text("Away")) == []
    with refused("handler-role", field="to"):
        complaints.hand_to(complaint, by=IDA, to=QUINN, reason=text("Away"))
    with refused("complaint-in-hand", field="complaint"):
        complaints.hand_to(given.raised(), by=HAL, to=IDA, reason=text("Away"))


# Taken further


def test_it_is_taken_further_with_a_reason_and_both_clocks_run_again():
    at = NOON + timedelta(days=3)
    complaint = given.escalated(at=at)

    assert (complaint.stage, complaint.level, complaint.outcome) == ("escalated", 2, None)
    assert names(complaint) == {
        "acknowledge-complaint-within:second": "complaints-handler",
        "answer-complaint-again-within:second": "complaints-handler",
    }
    due = complaint.tasks.running["answer-complaint-again-within:second"].due_at
    assert due == SCHEME.calendar.due(at, RULES.answer_again_within)
    again = complaints.escalate(complaint, by=LEAD, reason=text("Not enough at 1"), scheme=SCHEME, at=at)
    assert again == []


def test_it_is_taken_further_in_time_and_by_who_complained():
    complaint = given.answered()
    said: dict[str, Any] = {"reason": text("No"), "scheme": SCHEME}
    assert complaint.deadline

    with refused("escalate-in-time", field="complaint"):
        complaints.escalate(complaint, by=LEAD, at=complaint.deadline, **said)
    assert complaints.escalate(complaint, by=LEAD, at=complaint.deadline - SECOND, **said)
    with refused("complainant-only", field="actor"):
        complaints.escalate(complaint, by=HAL.id, at=NOON, **said)
    colleague = derived_id("person", "colleague")
    assert complaints.escalate(complaint, by=colleague, contacts={colleague}, at=NOON, **said)


def test_who_entered_it_takes_it_further_for_them_and_no_contact_does():
    complaint = given.answered(given.acknowledged(given.raised(raised_by=None, on_behalf_of=None, entered_by=JON.id)))
    said: dict[str, Any] = {"reason": text("No"), "scheme": SCHEME, "at": NOON}

    assert complaint.tasks.running["escalate-complaint-within:first"].who == JON.id
    assert complaints.escalate(complaint, by=JON.id, **said)
    with refused("complainant-only"):
        complaints.escalate(complaint, by=LEAD, contacts={LEAD}, **said)


def test_not_taken_further_in_time_it_closes_by_itself():
    complaint = given.answered()
    assert complaint.deadline

    assert complaints.close(complaint, at=complaint.deadline - SECOND) == []
    due = tasks.due_next(complaint, at=complaint.deadline)
    assert due is not None
    assert (due.step, due.at) == ("close_complaint", complaint.deadline)
    over = after(complaint, complaints.close(complaint, at=complaint.deadline))
    assert (over.stage, over.over, names(over)) == ("closed", True, {})
    assert complaints.close(over, at=complaint.deadline) == []
    assert tasks.due_next(over, at=NOON) is None


@pytest.mark.parametrize("stage", all_but("answered", "answered-again"))
def test_at_another_stage_no_time_closes_it(stage: str):
    assert complaints.close(STAGES[stage](), at=NOON + timedelta(days=900)) == []


@pytest.mark.parametrize("stage", all_but("closed", "withdrawn"))
def test_it_is_withdrawn_at_any_time_by_who_complained(stage: str):
    complaint = STAGES[stage]()

    over = after(complaint, complaints.withdraw(complaint, by=LEAD, reason=text("Settled")))

    assert (over.stage, over.over, names(over)) == ("withdrawn", True, {})
    assert complaints.withdraw(over, by=LEAD, reason=text("Settled")) == []
    with refused("complainant-only"):
        complaints.withdraw(complaint, by=HAL.id, reason=None)


def test_what_is_closed_is_not_withdrawn():
    with refused("complaint-over", field="complaint"):
        complaints.withdraw(given.decided(), by=LEAD, reason=None)


# The committee


def test_a_committee_reviews_it_decides_with_reasons_and_that_closes_it():
    complaint = given.in_review()
    assert names(complaint) == {"review-complaint-within:committee": BOARD[0].id}
    assert complaint.tasks.running["review-complaint-within:committee"].told == "board"

    over = given.decided(complaint)

    assert (over.stage, over.over, over.outcome, over.decided_by) == ("closed", True, "upheld", BOARD[0].id)
    assert names(over) == {}
    assert deciding(over) == []


def test_a_committee_is_named_once_and_by_enough_different_people_with_a_chair():
    complaint = given.to_committee()
    more = (*BOARD, worker("bix", "moderator"))

    with refused("committee-size", field="members"):
        forming(complaint, members=BOARD[:2])
    with refused("committee-size", field="members"):
        forming(complaint, members=(*BOARD[:2], BOARD[0]))
    with refused("committee-chair", field="chair"):
        forming(complaint, chair=JON.id)
    assert forming(complaint, members=more)
    formed = given.in_review(complaint)
    assert forming(formed) == []
    with refused("committee-formed", field="members"):
        forming(formed, chair=BOARD[1].id)
    with refused("committee-formed", field="members"):
        forming(formed, members=more)


@pytest.mark.parametrize("role", [*SEATED, "provider", "assessor", "officer"])
def test_a_member_holds_a_role_that_sits_and_undertook_not_to_disclose(role: str):
    complaint, someone = given.to_committee(), worker("someone", role)
    silent = someone.__class__(**{**someone.__dict__, "non_disclosure": False})

    if role in SEATED:
        assert forming(complaint, members=(*BOARD[:2], someone))
    else:
        with refused("committee-members", field="members"):
            forming(complaint, members=(*BOARD[:2], someone))
    with refused("committee-members", field="members"):
        forming(complaint, members=(*BOARD[:2], silent))


def test_only_its_chair_records_what_the_whole_committee_decided():
    complaint = given.in_review()

    with refused("committee-chair", field="actor"):
        deciding(complaint, by=BOARD[1])
    with refused("committee-size", field="members"):
        deciding(complaint, members=BOARD[:2])
    with refused("upheld-says-what-was-done", field="done"):
        deciding(complaint, outcome="partly-upheld")
    assert deciding(complaint)


def test_a_conflict_of_a_member_counts_whenever_it_was_declared():
    with refused("conflict-of-interest"):
        deciding(given.in_review(), members=(*BOARD[:2], conflicted(BOARD[2])))
    with refused("conflict-of-interest"):
        forming(given.to_committee(), members=(*BOARD[:2], conflicted(BOARD[2])))


def test_a_committee_without_a_member_or_its_chair_decides_nothing_until_it_is_whole():
    complaint = given.in_review()
    smaller = after(complaint, complaints.leave(complaint, person=BOARD[2].id))
    headless = after(complaint, complaints.leave(complaint, person=BOARD[0].id))

    with refused("committee-size"):
        deciding(smaller, members=BOARD[:2])
    assert names(headless) == {"review-complaint-within:committee": "complaints-handler"}
    with refused("committee-chair"):
        deciding(headless, by=BOARD[1], members=BOARD[1:])
    whole = given.in_review(smaller, members=(*BOARD[:2], JON))
    assert names(whole) == {"review-complaint-within:committee": BOARD[0].id}
    assert deciding(whole, members=(*BOARD[:2], JON))


# Decided by people not complained about

ACTS: dict[str, tuple[str, Callable[[Complaint, Person], Any]]] = {
    "acknowledges": ("raised", lambda one, by: complaints.acknowledge(one, by=by)),
    "hands over": ("acknowledged", lambda one, by: complaints.hand_to(one, by=by, to=JON, reason=text("x"))),
    "is handed it": ("acknowledged", lambda one, by: complaints.hand_to(one, by=HAL, to=by, reason=text("x"))),
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
    complaint = after(complaint, complaints.hand_to(complaint, by=JON, to=HAL, reason=text("Away")))
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
    events = complaints.name_person(complaint, by=LEAD, person=HAL.id)
    named = after(complaint, events)

    assert [type(one).__name__ for one in events] == ["PersonComplainedAbout", "HandlerLeft"]
    assert names(named) == {"answer-complaint-within:first": "complaints-handler"}
    with refused("complaint-apart"):
        answering(named)
    with refused("complaint-apart"):
        complaints.acknowledge(named, by=HAL)
    other = after(named, complaints.acknowledge(named, by=IDA))
    assert names(other) == {"answer-complaint-within:first": IDA.id}
    assert complaints.name_person(named, by=LEAD, person=HAL.id) == []


def test_a_member_named_later_sits_no_longer():
    complaint = given.in_review()
    named = after(complaint, complaints.name_person(complaint, by=LEAD, person=BOARD[1].id))

    assert named.members == (BOARD[0].id, BOARD[2].id)
    assert named.handler == BOARD[0].id


def test_who_complained_who_entered_it_and_who_has_it_say_whom_it_is_about():
    complaint = given.acknowledged(given.raised(raised_by=None, entered_by=JON.id), by=HAL)

    for by in (JON.id, HAL.id):
        assert complaints.name_person(complaint, by=by, person=OTHER)
    for by in (IDA.id, ADA):
        with refused("complaint-parties", field="actor"):
            complaints.name_person(complaint, by=by, person=OTHER)
    with refused("complain-of-others", field="person"):
        complaints.name_person(complaint, by=HAL.id, person=JON.id)
    with refused("complaint-over"):
        complaints.name_person(given.decided(), by=LEAD, person=OTHER)


def test_who_raised_it_and_was_named_by_nobody_is_not_named_later():
    with refused("complain-of-others", field="person"):
        complaints.name_person(given.acknowledged(), by=HAL.id, person=LEAD)


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


# What follows


def test_what_follows_from_an_upheld_complaint_is_named_by_who_upheld_it():
    for complaint, by in ((given.answered(), HAL), (given.decided(), BOARD[0]), (given.closed(), HAL)):
        need = {"person": ADA, "need": text("How to be on time")}
        followed = after(complaint, complaints.name_follow_up(complaint, by=by, **need))
        assert complaints.name_follow_up(followed, by=by, **need) == []
        assert complaints.name_follow_up(followed, by=by, person=ADA, need=text("Another"))
        touched = after(complaint, complaints.name_affected_case(complaint, by=by, case=CASE, note=text("Too")))
        assert complaints.name_affected_case(touched, by=by, case=CASE, note=text("Too")) == []
        with refused("follow-up-by-decider", field="actor"):
            complaints.name_follow_up(complaint, by=JON, **need)
        with refused("follow-up-of-concerned", field="person"):
            complaints.name_follow_up(complaint, by=by, person=OTHER, need=text("x"))


@pytest.mark.parametrize("stage", ["raised", "acknowledged", "escalated", "answered-again", "withdrawn"])
def test_nothing_follows_from_what_is_not_upheld(stage: str):
    complaint = STAGES[stage]()
    by = IDA if stage == "answered-again" else JON if stage == "escalated" else HAL

    with refused("follow-up-of-upheld", field="complaint"):
        complaints.name_follow_up(complaint, by=by, person=ADA, need=text("x"))
    with refused("follow-up-of-upheld", field="complaint"):
        complaints.name_affected_case(complaint, by=by, case=CASE, note=text("x"))


def test_a_conflict_declared_after_upholding_it_counts():
    with refused("conflict-of-interest"):
        complaints.name_follow_up(given.answered(), by=conflicted(HAL), person=ADA, need=text("x"))


# Wrong order

STEPS: dict[str, tuple[tuple[str, ...], Callable[[Complaint], Any]]] = {
    "acknowledging": (
        ("raised", "acknowledged", "escalated", "acknowledged-again"),
        lambda one: complaints.acknowledge(one, by=worker("new", "complaints-handler")),
    ),
    "handing over": (
        ("raised", "acknowledged", "escalated", "acknowledged-again"),
        lambda one: complaints.hand_to(one, by=JON, to=JON, reason=text("x")),
    ),
    "answering": (("acknowledged", "acknowledged-again"), lambda one: answering(one, by=JON)),
    "taking it further": (
        ("answered", "answered-again"),
        lambda one: complaints.escalate(one, by=LEAD, reason=text("x"), scheme=SCHEME, at=NOON),
    ),
    "forming a committee": (("committee-asked", "in-review"), forming),
    "deciding": (("in-review",), lambda one: deciding(one, reason=text("Another"))),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("step", STEPS)
def test_what_is_not_its_turn_is_refused(step: str, stage: str):
    stages, do = STEPS[step]
    if stage in stages:
        return
    with refused("complaint-over" if stage in ("closed", "withdrawn") else "complaint-stage", field="complaint"):
        do(STAGES[stage]())


def test_nothing_is_done_to_a_complaint_that_does_not_exist():
    for do in (
        *(do for _, do in STEPS.values()),
        lambda one: complaints.withdraw(one, by=LEAD, reason=None),
        lambda one: complaints.close(one, at=NOON),
        lambda one: complaints.name_person(one, by=LEAD, person=OTHER),
        lambda one: complaints.name_follow_up(one, by=HAL, person=OTHER, need=text("x")),
    ):
        with refused("known-complaint", field="complaint"):
            do(Complaint())


# Confidential


def test_who_is_complained_about_does_not_see_it_whatever_they_are():
    complaint = given.raised(people=(HAL.id, QUINN.id))

    assert not any(complaints.may_see(complaint, one, speaks_for=[PROVIDER]) for one in (HAL, QUINN))


def test_who_complained_sees_it_and_so_do_their_colleagues_and_who_entered_it():
    complaint = given.raised(entered_by=JON.id)
    lead = worker("lead", "provider", conflicts=[PROVIDER])
    colleague = worker("colleague", "provider", conflicts=[PROVIDER])

    assert complaints.may_see(complaint, lead)
    assert complaints.may_see(complaint, colleague, speaks_for=[PROVIDER])
    assert complaints.may_see(complaint, conflicted(JON))
    assert not complaints.may_see(complaint, colleague)
    assert not complaints.may_see(given.raised(on_behalf_of=None), colleague, speaks_for=[PROVIDER])


def test_handlers_and_overseers_see_it_without_a_conflict_and_others_who_have_it():
    complaint = given.in_review(members=(*BOARD[:2], worker("mo", "moderator")))

    assert all(complaints.may_see(complaint, one) for one in (HAL, QUINN, BOARD[2], worker("mo", "moderator")))
    assert not any(complaints.may_see(complaint, conflicted(one)) for one in (HAL, QUINN, BOARD[2]))
    assert not any(complaints.may_see(complaint, worker("x", role)) for role in ("officer", "assessor", "provider"))
    assert not complaints.may_see(complaint, Person())
    other = Person(id=OTHER, roles=frozenset({("complaints-handler", "other-mark")}))
    assert not complaints.may_see(complaint, other)
    assert complaints.may_see(given.raised(provider=None), conflicted(QUINN))


def test_the_parties_to_it_administer_nothing_of_it():
    assert given.raised(entered_by=JON.id).parties == {ADA, LEAD, JON.id}


def test_every_level_has_a_name_and_a_rule():
    assert LEVELS.keys() == DECIDES.keys()
    assert RULES.escalate_within == Duration.parse("20 working days")
    assert COMPLAINT.startswith("complaint-")
