"""Other cases that an upheld complaint touched: what is done about each, by whom it is closed, and when all of it is over."""

from typing import Any

import pytest

from domain import complaint as complaints
from domain.appeal.others import ACTIONS
from domain.complaint import Complaint
from domain.complaint.state import AFFECTED
from domain.tasks import ALL, named
from tests.domain.complaining import HAL, IDA, JON, WITHIN, after, answered, closed, decided
from tests.domain.given import PROVIDER, refused, text

ONE, TWO = "submission-one", "submission-two"
TOLD = text("We told them")


def touched(complaint: Complaint | None = None, *cases: str) -> Complaint:
    """An upheld complaint, running unless told otherwise, that touched these cases."""
    complaint = complaint or answered()
    for case in cases or (ONE,):
        named_too = complaints.name_affected_case(complaint, by=HAL, case=case, note=text("It too"), **WITHIN)
        complaint = after(complaint, named_too)
    return complaint


def dealing(complaint: Complaint, case: str = ONE, **said: Any) -> list[Any]:
    given = {"by": IDA, "provider": PROVIDER, "action": ACTIONS[0], "done": TOLD, **said}
    return complaints.deal_with_affected(complaint, case=case, **given)


def dealt(complaint: Complaint | None = None, case: str = ONE) -> Complaint:
    complaint = complaint or touched()
    return after(complaint, dealing(complaint, case))


def closing(complaint: Complaint, case: str = ONE, by: Any = JON) -> list[Any]:
    return complaints.close_affected(complaint, by=by, provider=PROVIDER, case=case)


def test_what_was_done_about_a_case_is_said_once_and_may_be_said_anew():
    held = dealt()

    assert (held.affected[ONE].action, held.affected[ONE].done) == (ACTIONS[0], TOLD.id)
    assert dealing(held) == []
    assert dealing(held, action=ACTIONS[1])
    assert dealing(held, done=text("We told them twice"))


def test_what_is_no_action_is_refused_with_those_that_are():
    with refused("other-actions", field="action", match=", ".join(ACTIONS)):
        dealing(touched(), action="ignored")


def test_about_a_case_that_is_closed_nothing_more_is_said():
    over = after(dealt(), closing(dealt()))

    assert dealing(over) == []
    with refused("other-closed", field="affected"):
        dealing(over, action=ACTIONS[1])


def test_a_case_is_closed_once_by_somebody_who_did_nothing_of_it_and_after_something_was_done():
    with refused("dealt-with-first", field="affected"):
        closing(touched())
    with refused("closed-by-another", field="actor"):
        closing(dealt(), by=IDA)
    over = after(dealt(), closing(dealt()))
    assert over.affected[ONE].closed
    assert closing(over) == []


@pytest.mark.parametrize(
    ("complaint", "cases", "last"),
    [
        (answered(), (ONE,), False),
        (closed(), (ONE,), True),
        (closed(), (ONE, TWO), False),
    ],
    ids=["runs-still", "the-last", "another-waits"],
)
def test_with_the_last_case_a_closed_complaint_is_over(complaint: Complaint, cases: tuple[str, ...], last: bool):
    held = dealt(touched(complaint, *cases))
    [event] = closing(held)

    assert event.ends == ((ALL,) if last else (named(AFFECTED, ONE),))
    assert after(held, [event]).over is last


def test_a_case_that_was_not_named_is_refused_with_those_that_were():
    with refused("known-other", field="affected", match=f"{ONE}, {TWO}"):
        dealing(touched(None, TWO, ONE), case="submission-else")
    with refused("known-other", field="affected", match="a case that was named"):
        dealing(decided(), case=ONE)
