"""A proposal to change criteria rests on evidence, is considered in time by somebody else, and names the version that took it up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain import proposal, tasks
from domain.ids import derived_id
from domain.proposal import CONSIDER, EVIDENCE, Proposal, evolve
from domain.scheme import Scheme
from domain.scheme_diff import changed_criteria
from tests.domain.given import ADA, CASE, CHAIR, DAY, MIA, NOON, SCHEME, fold, refused, text

ID = derived_id("proposal", "one")
SAID: dict[str, Any] = {
    "id": ID, "scheme": SCHEME, "criteria": ("1.1", "2.1"), "by": ADA.id, "text": text("Ask for less"),
    "evidence": (CASE,), "at": NOON,
}  # fmt: skip


def changing(*codes: str, version: int = 2) -> Scheme:
    """A version that asks for these criteria in other words."""
    changed = {
        code: replace(one, title=f"{one.title}, indeed") if code in codes else one
        for code, one in SCHEME.criteria.items()
    }
    return replace(SCHEME, version=version, criteria=changed)


def after(held: Proposal, events: Sequence[proposal.ProposalEvent]) -> Proposal:
    assert events
    return fold(evolve, held, events)


def made(**said: Any) -> Proposal:
    return after(Proposal(), proposal.propose(Proposal(), **SAID | said))


def considering(held: Proposal, result: str = "accepted", **said: Any) -> list[proposal.ProposalEvent]:
    whole = {"by": CHAIR, "reason": text(f"So {result}"), "scheme": SCHEME, "at": NOON + DAY}
    return proposal.consider(held, result=result, **whole | said)


def considered(result: str = "accepted", held: Proposal | None = None) -> Proposal:
    held = held or made()
    return after(held, considering(held, result))


def taken_up() -> Proposal:
    held = considered()
    return after(held, proposal.take_up(held, before=SCHEME, scheme=changing("1.1", "2.1")))


def withdrawn() -> Proposal:
    held = made()
    return after(held, proposal.withdraw(held, by=ADA))


STAGES = {
    "made": made, "accepted": considered, "deferred": lambda: considered("deferred"),
    "declined": lambda: considered("declined"), "taken-up": taken_up, "withdrawn": withdrawn,
}  # fmt: skip


def test_a_proposal_is_to_be_considered_in_the_schemes_time():
    held = made()

    [task] = held.tasks.running.values()
    assert (task.rule, task.who, task.told) == (CONSIDER, "quality-manager", "board")
    assert task.due_at == SCHEME.calendar.due(NOON, SCHEME.assurance.learning.consider_within)
    assert (held.stage, held.scheme, held.criteria) == ("made", SCHEME.ref, ("1.1", "2.1"))
    assert proposal.propose(held, **SAID) == []


def test_it_is_about_criteria_that_there_are():
    with refused("proposal-criteria", field="criteria"):
        made(criteria=())
    with refused("proposal-criteria", field="criteria"):
        made(criteria=("1.1", "9.9"))
    with refused("proposal-criteria", field="criteria", match="there is no criterion") as _:
        made(criteria=("x" * 1_000_000,))
    assert made(criteria=("1.1", "1.1")).criteria == ("1.1",)


def test_it_rests_on_what_is_on_record_or_on_grounds_in_words():
    with refused("proposal-evidence", field="evidence"):
        made(evidence=())
    assert made(evidence=(), grounds=text("We saw"))
    for kind in EVIDENCE:
        assert made(evidence=(derived_id(kind, "one"),))
    for bad in ("", "x", derived_id("person", "one"), derived_id("text", "one")):
        with refused("proposal-evidence", field="evidence"):
            made(evidence=(CASE, bad))
    [event] = proposal.propose(Proposal(), **SAID | {"evidence": (CASE, CASE)})
    assert isinstance(event, proposal.ProposalMade)
    assert event.evidence == (CASE,)


@pytest.mark.parametrize("result", proposal.RESULTS)
def test_it_is_considered_with_a_reason_by_somebody_else(result: str):
    held = considered(result)

    assert (held.stage, held.over) == (result, result == "declined")
    assert list(held.tasks.running) == ([CONSIDER] if result == "deferred" else [])
    assert considering(held, result) == []
    with refused("proposer-never-considers", field="actor"):
        considering(made(), result, by=ADA)
    with refused("proposal-results", field="result"):
        considering(made(), "liked")


def test_deferred_it_is_considered_again_in_the_same_time():
    held = considered("deferred")

    assert held.deadline == SCHEME.calendar.due(NOON + DAY, SCHEME.assurance.learning.consider_within)
    assert considered("accepted", held).stage == "accepted"
    due = tasks.due_next(held, at=held.deadline)
    assert due is not None
    assert due.step == "miss_task"


@pytest.mark.parametrize("stage", ["accepted", "declined", "taken-up", "withdrawn"])
def test_what_is_settled_is_not_considered_again(stage: str):
    with refused("proposal-stage", field="proposal"):
        considering(STAGES[stage](), "declined", reason=text("On second thought"))


def test_it_is_linked_to_the_version_that_changed_its_criteria():
    held = taken_up()

    assert (held.stage, held.taken_up, held.over) == ("taken-up", "test-mark@2", True)
    assert held.tasks.running == {}
    assert proposal.take_up(held, before=SCHEME, scheme=changing("1.1", "2.1")) == []


def test_it_is_linked_for_some_of_its_criteria_only():
    held, part = considered(), changing("2.1", "1.2")

    [event] = proposal.take_up(held, before=SCHEME, scheme=part, criteria=("2.1", "2.1"))
    assert isinstance(event, proposal.ProposalTakenUp)
    assert event.criteria == ("2.1",)
    for criteria in ((), ("1.1",), ("1.2",), ("2.1", "1.2"), ("9.9",)):
        with refused("proposal-changed", field="criteria", match=r"that this version changes: 2\.1\. "):
            proposal.take_up(held, before=SCHEME, scheme=part, criteria=criteria)


def test_only_a_later_version_of_the_same_scheme_takes_it_up():
    held, other = considered(), replace(changing("1.1", "2.1"), id="other-mark")

    for scheme in (SCHEME, other):
        with refused("proposal-version", field="version"):
            proposal.take_up(held, before=SCHEME, scheme=scheme)


def test_the_version_before_counts_not_the_one_it_was_made_under():
    changed = changing("1.1", "2.1")

    with refused("proposal-changed", field="criteria", match=r"that this version changes: none\. "):
        proposal.take_up(considered(), before=changed, scheme=replace(changed, version=3))


@pytest.mark.parametrize("stage", ["made", "deferred", "declined", "withdrawn"])
def test_only_what_was_accepted_is_taken_up(stage: str):
    with refused("proposal-stage", field="proposal"):
        proposal.take_up(STAGES[stage](), before=SCHEME, scheme=changing("1.1", "2.1"))


@pytest.mark.parametrize("stage", STAGES)
def test_it_is_withdrawn_by_who_made_it_until_it_is_settled(stage: str):
    held = STAGES[stage]()

    with refused("own-proposal", field="actor"):
        proposal.withdraw(held, by=MIA)
    if stage in ("declined", "taken-up"):
        with refused("proposal-stage", field="proposal"):
            proposal.withdraw(held, by=ADA)
    elif stage == "withdrawn":
        assert proposal.withdraw(held, by=ADA) == []
    else:
        over = after(held, proposal.withdraw(held, by=ADA))
        assert (over.over, over.tasks.running) == (True, {})


def test_nothing_is_done_to_a_proposal_that_does_not_exist():
    for do in (
        lambda: considering(Proposal()),
        lambda: proposal.take_up(Proposal(), before=SCHEME, scheme=SCHEME),
        lambda: proposal.withdraw(Proposal(), by=ADA),
    ):
        with refused("known-proposal", field="proposal"):
            do()


def test_who_proposed_it_gives_nobody_more_time_for_it():
    assert made().parties == {ADA.id}
    assert Proposal().parties == frozenset()


def test_a_criterion_changes_with_any_part_of_it_and_when_it_comes_or_goes():
    whole = SCHEME.criteria
    fewer = replace(SCHEME, criteria={code: one for code, one in whole.items() if code != "1.2"})
    elsewhere = replace(SCHEME, criteria={**whole, "2.1": replace(whole["2.1"], guidance="Say more.")})

    assert changed_criteria(SCHEME, SCHEME) == frozenset()
    assert changed_criteria(SCHEME, fewer) == changed_criteria(fewer, SCHEME) == {"1.2"}
    assert changed_criteria(SCHEME, elsewhere) == {"2.1"}
