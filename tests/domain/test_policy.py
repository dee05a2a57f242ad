"""A policy of the body's own: checked whole, published by version, never changed, and reviewed every year with reminders."""

from typing import Any

import pytest

from domain import policy as policies
from domain import tasks
from domain.clocks import Duration
from domain.policy import PolicyRecord, PolicyReviewed, evolve, publish, read_policy, review
from domain.toml_reader import FaultyFile
from tests.domain.given import DAY, NOON, SECOND, fold, refused, text
from tests.domain.workforce import LEAD, MANAGER, POLICY, POLICY_ID, SOURCE, policy, published

REVIEWING: dict[str, Any] = {
    "policy": POLICY,
    "by": MANAGER,
    "result": "stands",
    "note": text("fine"),
    "at": NOON + DAY,
}


def publishing(record: PolicyRecord, one: Any = POLICY, at: Any = NOON) -> list[Any]:
    return publish(record, id=POLICY_ID, policy=one, at=at)


def faults(*changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong with the policy once its text is changed: key, problem and what is allowed."""
    with pytest.raises(FaultyFile) as caught:
        policy(changes)
    return [(one.key, one.problem, one.allowed) for one in caught.value.faults]


def test_a_policy_says_what_it_is_when_it_is_reviewed_and_on_which_calendar():
    assert (POLICY.ref, POLICY.kind, POLICY.title) == ("workforce@1", "workforce", "How our people go on learning")
    assert POLICY.review_every == Duration.parse("P1Y")
    assert [one.text for one in POLICY.remind_review] == ["P2M", "P1M"]
    assert POLICY.calendar.zone == "Europe/London"
    assert POLICY.source == SOURCE


def test_whatever_is_wrong_with_a_policy_is_said_at_once():
    found = faults(("version = 1", "version = 0"), ('zone = "Europe/London"', 'zone = "Mars"'), ("[cpd]", "[cdp]"))

    assert {key for key, _, _ in found} == {"policy.version", "calendar.zone", "cdp.departments", "cpd.departments"}
    assert all(problem and allowed for _, problem, allowed in found)


def test_a_kind_that_nobody_knows_is_said_with_those_there_are():
    [(key, _, allowed), *_] = [
        one for one in faults(('kind = "workforce"', 'kind = "diet"')) if one[0] == "policy.kind"
    ]

    assert key == "policy.kind"
    assert "workforce" in allowed


def test_what_is_no_toml_is_a_fault_too():
    with pytest.raises(FaultyFile, match="allowed: TOML"):
        read_policy("[policy")


def test_a_version_is_published_with_its_text_and_its_review_is_set():
    [event] = publishing(PolicyRecord())

    assert (event.version, event.source, event.digest) == (1, SOURCE, POLICY.digest)
    task = next(one for one in event.sets if one.rule == policies.REVIEW)
    assert (task.who, task.told, task.due_at) == ("quality-manager", "board", NOON.replace(year=2027))
    assert len(task.remind_at) == 2
    record = published()
    assert (record.id, record.stage, record.latest) == (POLICY_ID, "in-force", 1)


def test_a_published_version_never_changes_and_none_comes_in_before_it():
    record = published()
    assert publishing(record) == []
    with refused("policy-versions", field="policy.version", match="is already published.*version 2 or later"):
        publishing(record, policy([("How our", "How all our")]))

    record = fold(evolve, record, publishing(record, policy(version=3)))
    assert record.latest == 3
    with refused("policy-versions", field="policy.version", match="comes before.*version 4 or later"):
        publishing(record, policy(version=2))
    assert publishing(record) == [], "what is published stays so"


def test_a_new_version_is_to_be_reviewed_from_then_on():
    record = fold(evolve, published(), publishing(published(), policy(version=2), at=NOON + 100 * DAY))

    assert record.tasks.running[policies.REVIEW].due_at > NOON.replace(year=2027) + 90 * DAY


def test_a_review_says_whether_it_stands_and_sets_the_next():
    for result in ("stands", "to-change"):
        [event] = review(published(), **REVIEWING | {"result": result})
        assert (event.by, event.result) == (MANAGER, result)
        assert event.sets[0].due_at == (NOON + DAY).replace(year=2027)


def test_who_is_late_starts_afresh_from_the_review():
    [event] = review(published(), **REVIEWING | {"at": NOON.replace(year=2028)})

    assert event.sets[0].due_at == NOON.replace(year=2029)


def test_a_review_is_noted_once_with_a_result_that_there_is():
    record = fold(evolve, published(), review(published(), **REVIEWING))

    assert review(record, **REVIEWING) == []
    assert review(record, **REVIEWING | {"by": LEAD})
    assert review(record, **REVIEWING | {"result": "to-change"})
    assert review(record, **REVIEWING | {"note": text("better")})
    with refused("policy-results", field="result", match="stands, to-change"):
        review(record, **REVIEWING | {"result": "great"})
    with refused("known-policy", field="policy"):
        review(PolicyRecord(), **REVIEWING)


def test_the_review_is_reminded_of_and_when_it_is_late_the_board_is_told():
    record = published()
    due_at = record.tasks.running[policies.REVIEW].due_at
    first = min(record.tasks.running[policies.REVIEW].remind_at)

    assert policies.REVIEW in {one.rule for one in tasks.remind(record, at=first)}
    assert policies.REVIEW not in {one.rule for one in tasks.remind(record, at=first - SECOND)}
    assert policies.REVIEW in {one.rule for one in tasks.miss(record, at=due_at)}
    reviewed = fold(evolve, record, [PolicyReviewed(by=MANAGER, result="stands", note=text("ok"), sets=())])
    assert reviewed.last_review
