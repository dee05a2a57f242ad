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
    whole = {"by": QUINN, "chair": BOARD[0].id, "members": BOARD, "scheme": SCHEME, "at": NOON}
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
    ("said", "field", "why"),
    [
        ({"about": "weather"}, "about", "is nothing to complain of"),
        ({"about": "people", "people": ()}, "people", "nobody is named"),
        ({"about": "case", "case": None}, "case", "no case is named"),
        ({"about": "service", "case": CASE}, "case", "about service names no case"),
        ({"about": "people", "case": CASE}, "case", "about people names no case"),
    ],
)
def test_what_it_is_about_is_said_and_named(said: dict[str, Any], field: str, why: str):
    with refused("complaint-about", field=field, match=why):
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
    complaint = after(before, complaints.hand_to(before, at=NOON, by=HAL, to=IDA, reason=text("Away")))

    assert names(complaint) == {"answer-complaint-within:first": IDA.id}
    assert complaint.deadline == before.deadline
    assert complaints.hand_to(complaint, at=NOON, by=HAL, to=IDA, reason=text("Away")) == []
    with refused("handler-role", field="to"):
        complaints.hand_to(complaint, at=NOON, by=IDA, to=QUINN, reason=text("Away"))
    with refused("complaint-in-hand", field="complaint"):
        complaints.hand_to(given.raised(), at=NOON, by=HAL, to=IDA, reason=text("Away"))


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
    again = complaints.escalate(complaint, by=Person(id=LEAD), reason=text("Not enough at 1"), scheme=SCHEME, at=at)
    assert again == []


def test_it_is_taken_further_in_time_and_by_who_complained():
    complaint = given.answered()
    said: dict[str, Any] = {"reason": text("No"), "scheme": SCHEME}
    assert complaint.deadline

    with refused("escalate-in-time", field="complaint"):
        complaints.escalate(complaint, by=Person(id=LEAD), at=complaint.deadline, **said)
    assert complaints.escalate(complaint, by=Person(id=LEAD), at=complaint.deadline - SECOND, **said)
    with refused("complainant-only", field="actor"):
        complaints.escalate(complaint, by=HAL, at=NOON, **said)
    colleague = derived_id("person", "colleague")
    assert complaints.escalate(complaint, by=Person(id=colleague), contacts={colleague}, at=NOON, **said)


def test_who_entered_it_takes_it_further_for_them_and_no_contact_does():
    complaint = given.answered(given.acknowledged(given.raised(raised_by=None, on_behalf_of=None, entered_by=JON.id)))
    said: dict[str, Any] = {"reason": text("No"), "scheme": SCHEME, "at": NOON}

    assert complaint.tasks.running["escalate-complaint-within:first"].who == JON.id
    assert complaints.escalate(complaint, by=JON, **said)
    with refused("complainant-only"):
        complaints.escalate(complaint, by=Person(id=LEAD), contacts={LEAD}, **said)


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

    over = after(complaint, complaints.withdraw(complaint, by=Person(id=LEAD), reason=text("Settled")))

    assert (over.stage, over.over, names(over)) == ("withdrawn", True, {})
    assert complaints.withdraw(over, by=Person(id=LEAD), reason=text("Settled")) == []
    with refused("complainant-only"):
        complaints.withdraw(complaint, by=HAL, reason=None)


def test_what_is_closed_is_not_withdrawn():
    with refused("complaint-over", field="complaint"):
        complaints.withdraw(given.decided(), by=Person(id=LEAD), reason=None)


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


# What follows


def test_what_follows_from_an_upheld_complaint_is_named_by_who_upheld_it():
    for complaint, by in ((given.answered(), HAL), (given.decided(), BOARD[0]), (given.closed(), HAL)):
        need = {"person": ADA, "topic": "time", "need": text("How to be on time")}
        followed = after(complaint, complaints.name_follow_up(complaint, by=by, **need))
        assert complaints.name_follow_up(followed, by=by, **need) == []
        assert complaints.name_follow_up(followed, by=by, person=ADA, topic="tone", need=text("Another"))
        touched = after(
            complaint,
            complaints.name_affected_case(complaint, by=by, case=CASE, note=text("Too"), scheme=SCHEME, at=NOON),
        )
        assert complaints.name_affected_case(touched, by=by, case=CASE, note=text("Too"), scheme=SCHEME, at=NOON) == []
        with refused("follow-up-by-decider", field="actor"):
            complaints.name_follow_up(complaint, by=JON, **need)
        with refused("follow-up-of-concerned", field="person"):
            complaints.name_follow_up(complaint, by=by, person=OTHER, topic="tone", need=text("x"))


def test_what_it_touched_is_looked_after_once_it_is_closed_and_nothing_else_is_waited_for():
    complaint = given.answered()
    named = complaints.name_affected_case(
        complaint, by=HAL, case=CASE, note=text("So was this"), scheme=SCHEME, at=NOON
    )
    assert complaint.deadline
    touched = after(complaint, named)

    done = after(touched, complaints.close(touched, at=complaint.deadline))

    assert tuple(done.tasks.running) == touched.looking_after
    assert (done.closed, done.over) == (True, False)


@pytest.mark.parametrize("stage", ["raised", "acknowledged", "escalated", "answered-again", "withdrawn"])
def test_nothing_follows_from_what_is_not_upheld(stage: str):
    complaint = STAGES[stage]()
    by = IDA if stage == "answered-again" else JON if stage == "escalated" else HAL

    with refused("follow-up-of-upheld", field="complaint"):
        complaints.name_follow_up(complaint, by=by, person=ADA, topic="tone", need=text("x"))
    with refused("follow-up-of-upheld", field="complaint"):
        complaints.name_affected_case(complaint, by=by, case=CASE, note=text("x"), scheme=SCHEME, at=NOON)


def test_a_conflict_declared_after_upholding_it_counts():
    with refused("conflict-of-interest"):
        complaints.name_follow_up(given.answered(), by=conflicted(HAL), person=ADA, topic="tone", need=text("x"))


# Wrong order

STEPS: dict[str, tuple[tuple[str, ...], Callable[[Complaint], Any]]] = {
    "acknowledging": (
        ("raised", "acknowledged", "escalated", "acknowledged-again"),
        lambda one: complaints.acknowledge(one, by=worker("new", "complaints-handler")),
    ),
    "handing over": (
        ("raised", "acknowledged", "escalated", "acknowledged-again"),
        lambda one: complaints.hand_to(one, at=NOON, by=JON, to=JON, reason=text("x")),
    ),
    "answering": (("acknowledged", "acknowledged-again"), lambda one: answering(one, by=JON)),
    "taking it further": (
        ("answered", "answered-again"),
        lambda one: complaints.escalate(one, by=Person(id=LEAD), reason=text("x"), scheme=SCHEME, at=NOON),
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
        lambda one: complaints.withdraw(one, by=Person(id=LEAD), reason=None),
        lambda one: complaints.close(one, at=NOON),
        lambda one: complaints.name_person(one, by=Person(id=LEAD), person=OTHER),
        lambda one: complaints.name_follow_up(one, by=HAL, person=OTHER, topic="tone", need=text("x")),
    ):
        with refused("known-complaint", field="complaint"):
            do(Complaint())


def test_every_level_has_a_name_and_a_rule():
    assert LEVELS.keys() == DECIDES.keys()
    assert RULES.escalate_within == Duration.parse("20 working days")
    assert COMPLAINT.startswith("complaint-")
