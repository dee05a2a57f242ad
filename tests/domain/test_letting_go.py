"""Records are let go by two people who did not propose it, a request is checked first, and holds are released by others."""

from dataclasses import replace as with_other
from datetime import datetime
from typing import Any

import pytest

from domain.clocks import Calendar, DeadlineMissed, Duration
from domain.linked import Linked
from domain.person import Person
from domain.retention import HoldPlaced, Item, KeptBack, Retention, evolve, letting_go
from domain.retention import holds as register
from domain.retention.letting_go import digest_of_all
from domain.tasks import Task, TaskHandedOver
from tests.domain.given import DAY, NOON, SECOND, fold, refused, text
from tests.domain.test_retention_policy import content

POLICY, CALENDAR = content(), Calendar(zone="Europe/London")
ID, ZOE = "retention-a", "person-zoe"
ANN, BOB, CAT, DAN = "person-ann", "person-bob", "person-cat", "person-dan"
ITEM = Item(holder="submission-a", kind="portfolio", texts=2)
TERMS: dict[str, Any] = {"policy": POLICY, "calendar": CALENDAR, "at": NOON}
NAME = KeptBack(holder=ZOE, kind="people", ground="award-runs", ends_at=NOON + 90 * DAY, fields=("name",))


def who(id: str, *aliases: str, goes_on: str = "") -> Person:
    """Somebody with this account, and others that were linked to it."""
    return Person(id=id, linked=Linked(aliases=frozenset(aliases), goes_on=goes_on))


def before(held: Retention) -> list[Person]:
    """Who proposed it, and who approved it already."""
    return [who(one) for one in (held.proposed_by, *held.approved_by) if one]


def after(held: Retention, events: list[Any]) -> Retention:
    """Where it stands after these events; there has to be one."""
    assert events
    return fold(evolve, held, events)


def proposing(**said: Any) -> dict[str, Any]:
    given = {
        "id": ID, "policy_ref": "retention@1", "by": who(ANN), "due_by": NOON, "items": [ITEM], "kept": [], "providers": ["provider-a"],
        "digest": "d" * 64,
    }  # fmt: skip
    return {**given, **TERMS, **said}


def listed(held: Retention | None = None, **said: Any) -> Retention:
    held = held or Retention()
    return after(held, letting_go.propose(held, **proposing(**said)))


def requested(**said: Any) -> Retention:
    given = {"id": ID, "subject": ZOE, "by": DAN, "received_at": NOON} | TERMS | said
    return after(Retention(), letting_go.request(Retention(), **given))


def checked(**said: Any) -> Retention:
    held = requested(**said)
    return after(held, letting_go.check_requester(held, by=who(BOB), means="in-person", policy=POLICY))


def approved(held: Retention | None = None) -> Retention:
    held = held or listed()
    for by in (BOB, CAT):
        held = after(held, letting_go.approve(held, by=who(by), before=before(held), **TERMS))
    return held


def going(**said: Any) -> dict[str, Any]:
    return (
        {
            "by": who(ANN),
            "before": [who(ANN), who(BOB), who(CAT)],
            "texts": ["text-a", "text-b"],
            "fields": [],
            "kept": [],
        }
        | TERMS
        | said
    )


def task(held: Retention) -> Task:
    [running] = held.tasks.running.values()
    return running


def test_a_list_is_to_be_approved_in_time_by_the_board():
    held = listed()

    assert (task(held).rule, task(held).who, task(held).due_at) == (letting_go.APPROVE, "board", NOON.replace(day=16))
    assert (held.stage, held.items, held.providers) == ("proposed", (ITEM,), ("provider-a",))
    assert letting_go.propose(held, **proposing()) == []


def test_an_empty_list_and_one_as_of_a_date_to_come_are_refused():
    with refused("something-to-go", field="on"):
        letting_go.propose(Retention(), **proposing(items=[]))
    with refused("dates-past", field="on"):
        letting_go.propose(Retention(), **proposing(due_by=NOON + SECOND))


def test_another_list_takes_a_stream_of_its_own():
    with refused("letting-go-order", field="case", match="approved"):
        letting_go.propose(approved(), **proposing(digest="e" * 64))


def test_two_others_approve_and_then_it_is_to_be_carried_out():
    held = listed()
    with refused("two-others-approve", field="actor"):
        letting_go.approve(held, by=who(ANN), before=before(held), **TERMS)
    [first] = letting_go.approve(held, by=who(BOB), before=before(held), **TERMS)
    assert (first.sets, first.ends) == ((), ())
    held = after(held, [first])
    assert (held.stage, task(held).rule) == ("proposed", letting_go.APPROVE)
    assert letting_go.approve(held, by=who(BOB), before=before(held), **TERMS) == []

    held = after(held, letting_go.approve(held, by=who(CAT), before=before(held), **TERMS))

    assert (held.stage, held.approved_by) == ("approved", (BOB, CAT))
    assert (task(held).rule, task(held).who, task(held).due_at) == (
        letting_go.LET_GO,
        "quality-manager",
        NOON + 7 * DAY,
    )
    with refused("letting-go-order", field="case"):
        letting_go.approve(held, by=who(DAN), before=before(held), **TERMS)


@pytest.mark.parametrize(
    ("by", "already"),
    [
        (who(BOB, ANN), [who(ANN, goes_on=BOB)]),
        (who(BOB), [who(ANN, BOB)]),
        (who(CAT, BOB), [who(ANN), who(BOB, goes_on=CAT)]),
        (who(CAT), [who(ANN, BOB), who(BOB, goes_on=ANN)]),
        (who(CAT), [who(ANN, goes_on=DAN), who(BOB, goes_on=DAN)]),
    ],
)
def test_two_accounts_of_one_human_are_not_two_others(by: Person, already: list[Person]):
    held = listed()
    for one in already[1:]:
        held = after(held, letting_go.approve(held, by=who(one.id), before=before(held), **TERMS))

    with refused("two-others-approve", field="actor"):
        letting_go.approve(held, by=by, before=already, **TERMS)


@pytest.mark.parametrize(
    "already",
    [
        [who(ANN), who(BOB, CAT), who(CAT, goes_on=BOB)],
        [who(ANN, BOB), who(BOB, goes_on=ANN), who(CAT)],
        [who(ANN, goes_on=CAT), who(BOB), who(CAT, ANN)],
    ],
)
def test_nothing_goes_where_those_who_approved_turn_out_to_be_one_or_the_proposer(already: list[Person]):
    with refused("two-others-approve", field="actor", match="two accounts"):
        letting_go.let_go(approved(), **going(before=already))


@pytest.mark.parametrize("held", [Retention(), listed(), requested(), checked()])
def test_nothing_goes_before_two_have_approved(held: Retention):
    with refused("letting-go-order", field="case"):
        letting_go.let_go(held, **going())


def test_what_goes_is_counted_and_digested_and_a_list_is_over_with_it():
    held = approved()

    [done] = letting_go.let_go(held, **going(fields=[(ZOE, "name")], kept=[NAME]))

    assert (done.texts, done.fields, done.kept) == (2, 1, (NAME,))
    assert done.digest == digest_of_all(["text-b", "text-a"], [(ZOE, "name")])
    held = after(held, [done])
    assert (held.stage, held.over, held.tasks.running, held.kept) == ("done", True, {}, (NAME,))
    assert letting_go.let_go(held, **going()) == []


def test_a_list_of_which_everything_is_kept_now_is_over_too():
    held = approved()

    held = after(held, letting_go.let_go(held, **going(texts=[], kept=[NAME])))

    assert (held.over, held.texts, held.fields) == (True, 0, 0)


def test_the_digest_tells_what_goes_and_not_in_which_order():
    assert digest_of_all(["a", "b"], []) == digest_of_all(["b", "a"], [])
    assert digest_of_all(["a"], [(ZOE, "name")]) != digest_of_all(["a"], [(ZOE, "email")])
    assert digest_of_all([], []) != digest_of_all(["a"], [])


@pytest.mark.parametrize("held", [requested(), checked(), listed(), approved()])
def test_it_is_declined_with_a_reason_until_it_is_done(held: Retention):
    declined = after(held, letting_go.decline(held, by=who(BOB), reason=text("not now")))

    assert (declined.stage, declined.over, declined.tasks.running) == ("declined", True, {})
    for decide in (
        lambda: letting_go.decline(declined, by=who(BOB), reason=text("not now")),
        lambda: letting_go.let_go(declined, **going()),
        lambda: letting_go.approve(declined, by=who(DAN), before=before(declined), **TERMS),
    ):
        with refused("letting-go-order", field="case", match="declined"):
            decide()


@pytest.mark.parametrize("held", [Retention(), after(approved(), letting_go.let_go(approved(), **going()))])
def test_what_is_not_there_or_done_is_not_declined(held: Retention):
    with refused("letting-go-order", field="case"):
        letting_go.decline(held, by=who(BOB), reason=text("not now"))


def test_who_proposed_it_does_not_decline_it_either():
    with refused("two-others-approve", field="actor"):
        letting_go.decline(listed(), by=who(ANN), reason=text("not now"))


def test_a_request_is_to_be_answered_within_a_month_of_when_it_was_received_and_the_board_told_if_not():
    held = requested(received_at=NOON - 3 * DAY)

    assert (held.stage, held.subject, held.requested_by) == ("requested", ZOE, DAN)
    assert (task(held).rule, task(held).told) == (letting_go.ANSWER, "board")
    assert task(held).due_at == CALENDAR.due(NOON - 3 * DAY, Duration.parse("P1M"))
    assert len(task(held).remind_at) == 2
    assert letting_go.request(held, id=ID, subject=ZOE, by=DAN, received_at=NOON, **TERMS) == []
    with refused("dates-past", field="received_at"):
        requested(received_at=NOON + SECOND)


def test_somebody_else_makes_sure_who_asks():
    for by in (ZOE, DAN):
        with refused("not-for-oneself", field="actor"):
            letting_go.check_requester(requested(), by=who(by), means="in-person", policy=POLICY)
    with refused("erasure-checks", field="means", match="a hunch"):
        letting_go.check_requester(requested(), by=who(BOB), means="a hunch", policy=POLICY)
    held = checked()
    assert (held.stage, held.checked_by) == ("checked", BOB)
    assert letting_go.check_requester(held, by=who(CAT), means="in-person", policy=POLICY) == []
    with refused("letting-go-order", field="case"):
        letting_go.check_requester(listed(), by=who(BOB), means="in-person", policy=POLICY)


def test_a_request_is_proposed_once_it_is_checked_and_again_when_what_goes_has_changed():
    with refused("letting-go-order", field="case"):
        letting_go.propose(requested(), **proposing())
    with refused("not-for-oneself", field="actor"):
        letting_go.propose(checked(), **proposing(by=who(ZOE)))
    held = listed(checked(), items=[], kept=[NAME])
    held = after(held, letting_go.approve(held, by=who(BOB), before=before(held), **TERMS))

    again = listed(held, digest="e" * 64)

    assert (again.approved_by, again.kept, again.subject) == ((), (), ZOE)
    assert {letting_go.ANSWER, letting_go.APPROVE} == set(again.tasks.running)
    assert listed(again, by=who(BOB), digest="e" * 64).proposed_by == BOB


def test_who_asked_may_have_proposed_what_goes_and_is_none_of_the_two_who_approve_it_under_another_account():
    held = listed(checked())
    by_who_asked = [who(ANN, DAN)]
    assert letting_go.approve(held, by=who(BOB), before=by_who_asked, **TERMS)

    held = after(held, letting_go.approve(held, by=who(BOB), before=before(held), **TERMS))
    with refused("two-others-approve", field="actor", match="about one of them"):
        letting_go.approve(held, by=who(CAT), before=[who(ANN), who(BOB, DAN)], **TERMS)


def test_whom_it_is_about_decides_nothing_of_it():
    held = listed(checked())

    for by in (ZOE, DAN):
        with refused("not-for-oneself", field="actor"):
            letting_go.approve(held, by=who(by), before=before(held), **TERMS)
        with refused("not-for-oneself", field="actor"):
            letting_go.decline(held, by=who(by), reason=text("no"))
    with refused("not-for-oneself", field="actor"):
        letting_go.let_go(approved(held), **going(by=who(ZOE)))


def test_what_a_ground_keeps_falls_due_when_that_ends():
    held = approved(listed(checked()))

    held = after(held, letting_go.let_go(held, **going(texts=[], fields=[(ZOE, "email")], kept=[NAME])))

    assert (held.stage, held.over, held.kept, held.fields) == ("keeping", False, (NAME,), 1)
    assert (task(held).rule, task(held).remind_at) == (letting_go.REST, (NAME.ends_at,))
    assert NAME.ends_at
    assert task(held).due_at == CALENDAR.due(NAME.ends_at, POLICY.let_go_within)
    nothing_more = going(texts=[], kept=[NAME])
    assert letting_go.let_go(held, **nothing_more) == []
    assert letting_go.let_go(held, **nothing_more | {"at": NAME.ends_at - SECOND}) == []
    held = after(held, letting_go.let_go(held, **going(texts=[], fields=[(ZOE, "name")], at=NAME.ends_at)))
    assert (held.over, held.fields, held.kept) == (True, 2, ())


@pytest.mark.parametrize("goes", [{"texts": ["text-a"]}, {"fields": [(ZOE, "email")]}])
def test_what_goes_already_before_a_ground_ends_does_go(goes: dict[str, Any]):
    held = approved(listed(checked()))
    held = after(held, letting_go.let_go(held, **going(texts=[], kept=[NAME])))

    [done] = letting_go.let_go(held, **going(texts=[], kept=[NAME]) | goes)

    assert done.texts + done.fields == 1


def test_a_ground_without_a_date_is_looked_at_again_and_the_earliest_of_several_counts():
    running = with_other(NAME, ground="running-case", ends_at=None)
    again = CALENDAR.after(NOON, POLICY.look_again_after)

    def first(*kept: KeptBack) -> datetime:
        held = approved(listed(checked()))
        return task(after(held, letting_go.let_go(held, **going(kept=kept)))).remind_at[0]

    assert first(running) == again
    assert first(running, NAME) == min(again, NOON + 90 * DAY)
    assert first(running, with_other(NAME, ends_at=NOON + 200 * DAY)) == again
    assert first(with_other(NAME, ends_at=NOON + 200 * DAY)) == NOON + 200 * DAY


def test_looked_at_again_a_ground_that_still_lasts_sets_the_next_date():
    running = with_other(NAME, ground="running-case", ends_at=None)
    held = approved(listed(checked()))
    held = after(held, letting_go.let_go(held, **going(kept=[running])))
    at = task(held).remind_at[0]

    [later] = letting_go.let_go(held, **going(texts=[], kept=[running], at=at))

    assert later.sets[0].remind_at == (CALENDAR.after(at, POLICY.look_again_after),)
    assert (later.texts, later.fields) == (0, 0)


HELD = "submission-a"


def on_hold(held: Retention | None = None, **said: Any) -> Retention:
    held = held or Retention()
    given = {"id": "retention-h", "subject": HELD, "by": ANN, "ground": "legal-claim", "reason": text("claim")}
    return after(held, register.hold(held, **{**given, **TERMS, **said}))


def test_a_hold_has_a_ground_and_is_reviewed_in_time():
    held = on_hold()

    assert [type(one) for one in held.holds.values()] == [HoldPlaced]
    assert (task(held).about, task(held).who) == (HELD, "quality-manager")
    assert task(held).due_at == CALENDAR.due(NOON, POLICY.review_holds_every)
    same = {"id": "retention-h", "subject": HELD, "by": BOB, "ground": "legal-claim", "reason": text("again")}
    assert register.hold(held, **same, **TERMS) == []
    with refused("one-hold", field="subject", match="legal-claim"):
        register.hold(held, **same | {"ground": "court-order"}, **TERMS)
    with refused("hold-grounds", field="ground"):
        register.hold(held, **same | {"ground": "because"}, **TERMS)


def test_a_hold_that_was_reviewed_is_due_again_from_then_on():
    held = on_hold()

    held = after(
        held, register.review_hold(held, subject=HELD, by=BOB, reason=text("yes"), **TERMS | {"at": NOON + DAY})
    )

    assert task(held).due_at == CALENDAR.due(NOON + DAY, POLICY.review_holds_every)
    assert HELD in held.holds


def test_a_hold_is_released_by_somebody_else_and_ends_its_own_review_alone():
    held = on_hold(on_hold(), subject="person-zoe")
    with refused("not-for-oneself", field="actor"):
        register.release_hold(held, subject=HELD, by=who(ANN), reason=text("over"))

    held = after(held, register.release_hold(held, subject=HELD, by=who(BOB), reason=text("over")))

    assert list(held.holds) == ["person-zoe"]
    assert task(held).about == "person-zoe"
    assert not held.over


@pytest.mark.parametrize(("held", "said"), [(Retention(), "there is no hold"), (on_hold(), HELD)])
def test_where_there_is_no_hold_none_is_reviewed_or_released(held: Retention, said: str):
    with refused("hold-placed", field="subject", match=said):
        register.review_hold(held, subject="person-zoe", by=BOB, reason=text("yes"), **TERMS)
    with refused("hold-placed", field="subject", match=said):
        register.release_hold(held, subject="person-zoe", by=who(BOB), reason=text("over"))


def test_a_late_reminder_or_a_moved_task_changes_nothing_but_the_task():
    held = listed()
    handed = TaskHandedOver(because="conflict", sets=(with_other(task(held), who=BOB),))
    missed = DeadlineMissed(rule=letting_go.APPROVE, due_at=task(held).due_at)

    later = after(held, [handed, missed])

    assert (later.stage, later.items, task(later).who) == (held.stage, held.items, BOB)
