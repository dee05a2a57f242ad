"""Scrutiny of a conflict: proposed for one person, case and role, approved by two others, watched by somebody independent."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import linking, scrutiny
from domain import person as people
from domain import tasks as task_rules
from domain.person import Person, evolve
from domain.refusals import Refused
from domain.scrutiny import (
    APPROVE,
    ENDED,
    IN_FORCE,
    PROPOSED,
    SIGN,
    SIGNED,
    Scrutiny,
    ScrutinyApproved,
    ScrutinyEnded,
    ScrutinyProposed,
    ScrutinySigned,
)
from tests.domain.given import CASE, DAY, NOON, PROVIDER, SCHEME, SECOND, conflicted, fold, member, refused, text
from tests.domain.test_machines import SHORT, Aggregate

ID = "scrutiny-one"
PAT = conflicted(member("pat", "chair"))
OLGA, PETE, QUINN = member("olga", "officer"), member("pete", "officer"), member("quinn", "officer")
WATCH = member("watch", "moderator")
PARTIES = {one.id: one for one in (PAT, OLGA, WATCH)}
WHY = text("nobody else knows it")


def propose(held: Scrutiny | None = None, **said: Any) -> list[Any]:
    usual = {
        "id": ID,
        "person": PAT,
        "case": CASE,
        "provider": PROVIDER,
        "role": "chair",
        "scrutineer": WATCH,
        "proposer": OLGA,
        "had_part": (),
        "assessed": (),
        "reason": WHY,
        "scheme": SCHEME,
        "at": NOON,
    }
    return scrutiny.propose(held or Scrutiny(), **{**usual, **said})


def proposed(**said: Any) -> Scrutiny:
    return fold(scrutiny.evolve, Scrutiny(), propose(**said))


def approve(held: Scrutiny, by: Person, before: Sequence[Person] = (), **said: Any) -> list[Any]:
    usual = {"by": by, "before": before, "parties": PARTIES, "had_part": (), "scheme": SCHEME, "at": NOON}
    return scrutiny.approve(held, **{**usual, **said})


def in_force() -> Scrutiny:
    once = fold(scrutiny.evolve, proposed(), approve(proposed(), PETE))
    return fold(scrutiny.evolve, once, approve(once, QUINN, (PETE,)))


def test_a_proposal_is_to_be_approved_in_the_schemes_time():
    [event] = propose()

    assert isinstance(event, ScrutinyProposed)
    [task] = event.sets
    rules = SCHEME.assurance.people
    assert (task.rule, task.who, task.told) == (APPROVE, "quality-manager", "board")
    assert task.due_at == SCHEME.calendar.due(NOON, rules.approve_scrutiny_within)
    held = proposed()
    assert (held.stage, held.provider, held.over) == (PROPOSED, PROVIDER, False)
    assert propose(held) == []


def linked(keeper: Person, other: Person) -> Person:
    return fold(evolve, keeper, linking.link(keeper, other, reason=WHY))


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"proposer": conflicted(OLGA)}, "conflict-of-interest", "actor"),
        ({"proposer": linked(OLGA, member("pat"))}, "not-for-oneself", "person"),
        ({"role": "assessor"}, "scrutiny-role", "role"),
        ({"role": "appeals-panel"}, "scrutiny-role", "role"),
        ({"person": conflicted(member("pat"))}, "scrutiny-role", "role"),
        ({"person": member("pat", "chair")}, "scrutiny-needed", "person"),
        ({"person": Person()}, "known-person", "person"),
        ({"scrutineer": Person()}, "known-person", "scrutineer"),
        ({"scrutineer": conflicted(WATCH)}, "independent-scrutineer", "scrutineer"),
        ({"scrutineer": OLGA}, "independent-scrutineer", "scrutineer"),
        ({"scrutineer": PAT}, "independent-scrutineer", "scrutineer"),
        ({"had_part": (WATCH.id,)}, "independent-scrutineer", "scrutineer"),
        ({"scrutineer": linked(PETE, WATCH), "had_part": (WATCH.id,)}, "independent-scrutineer", "scrutineer"),
        ({"assessed": (PAT.id,)}, "assessor-never-moderates", "person"),
        ({"person": linked(PAT, member("ada")), "assessed": (member("ada").id,)}, "assessor-never-moderates", "person"),
    ],
)  # fmt: skip
def test_what_can_not_be_arranged_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        propose(**said)


@pytest.mark.parametrize(
    ("person", "allowed"), [(PAT, "chair"), (conflicted(member("pat")), "someone else, who holds such a role")]
)
def test_the_roles_that_somebody_could_be_watched_in_are_said(person: Person, allowed: str):
    with pytest.raises(Refused) as caught:
        propose(role="assessor", person=person)

    assert caught.value.allowed == allowed


@pytest.mark.parametrize("field", ["person", "scrutineer"])
def test_a_closed_account_takes_no_part_in_it(field: str):
    one = PAT if field == "person" else WATCH
    closed = fold(evolve, one, linking.close(one, goes_on=QUINN.id))

    with refused("account-closed", field=field):
        propose(**{field: closed})


@pytest.mark.parametrize("role", ["moderator", "chair"])
def test_an_arrangement_to_assess_or_to_screen_asks_nothing_of_who_assessed_before(role: str):
    person = conflicted(member("pat", "assessor", "officer", role))

    for other in ("assessor", "officer"):
        assert propose(person=person, role=other, assessed=(person.id,))
    with refused("assessor-never-moderates"):
        propose(person=person, role=role, assessed=(person.id,))


def test_two_others_approve_it_and_the_second_grants_it_for_the_schemes_time():
    [first] = approve(proposed(), PETE)
    once = scrutiny.evolve(proposed(), first)
    [second] = approve(once, QUINN, (PETE,))

    assert first == ScrutinyApproved(approver=PETE.id, until_at=None)
    assert once.stage == PROPOSED
    rules = SCHEME.assurance.people
    due_at = SCHEME.calendar.due(NOON, rules.sign_scrutiny_within)
    [task] = second.sets
    assert second.until_at == due_at == task.due_at
    assert second.ends == (APPROVE,)
    assert (task.rule, task.who, task.told) == (SIGN, WATCH.id, "quality-manager")
    assert task.remind_at == (SCHEME.calendar.before(due_at, rules.remind_scrutiny[0]),)
    held = in_force()
    assert (held.stage, held.approvers, list(held.tasks.running)) == (IN_FORCE, (PETE.id, QUINN.id), [SIGN])


def test_who_approved_it_is_not_the_second_too():
    once = fold(scrutiny.evolve, proposed(), approve(proposed(), PETE))

    assert approve(once, PETE, (PETE,)) == []
    with refused("two-others-approve", field="actor"):
        approve(once, linked(QUINN, PETE), (PETE,))
    assert approve(in_force(), QUINN, (PETE, QUINN)) == []
    with refused("stage-order", field="case", match="in force"):
        approve(in_force(), member("ray", "officer"), (PETE, QUINN))


@pytest.mark.parametrize("party", PARTIES.values(), ids=["person", "proposer", "scrutineer"])
def test_none_of_those_concerned_approves_it_under_any_account(party: Person):
    by = member(f"other of {party.id[-4:]}", "officer")
    both = {**PARTIES, party.id: linked(party, by)}

    free = fold(evolve, party, []) if PROVIDER not in party.conflicts else member("pat", "officer")
    with refused("two-others-approve", field="actor"):
        approve(proposed(), free)
    with refused("two-others-approve", field="actor"):
        approve(proposed(), by, parties=both)
    once = fold(scrutiny.evolve, proposed(), approve(proposed(), by))
    with refused("two-others-approve", field="actor"):  # found out between the first approval and the second
        approve(once, QUINN, (by,), parties=both)


def test_a_conflict_that_came_meanwhile_keeps_it_from_being_granted():
    once = fold(scrutiny.evolve, proposed(), approve(proposed(), PETE))

    with refused("conflict-of-interest", field="actor"):
        approve(once, conflicted(QUINN), (PETE,))
    with refused("conflict-of-interest", field="actor"):
        approve(once, QUINN, (conflicted(PETE),))
    with refused("independent-scrutineer", field="case"):
        approve(once, QUINN, (PETE,), parties={**PARTIES, WATCH.id: conflicted(WATCH)})
    for part in (WATCH.id, member("ada").id):
        with refused("independent-scrutineer", field="case", match="a part in the case"):
            approve(once, QUINN, (PETE,), parties={**PARTIES, WATCH.id: linked(WATCH, member("ada"))}, had_part={part})


def test_it_is_ended_with_a_reason_and_a_statement_is_still_to_come_of_what_was_granted():
    [early] = scrutiny.end(proposed(), reason=WHY)
    [late] = scrutiny.end(in_force(), reason=WHY)

    assert early == ScrutinyEnded(reason=WHY, because="", ends=("*",))
    assert late == ScrutinyEnded(reason=WHY, because="", ends=(APPROVE,))
    over, open_ = scrutiny.evolve(proposed(), early), scrutiny.evolve(in_force(), late)
    assert (over.stage, over.over, over.tasks.running) == (ENDED, True, {})
    assert (open_.stage, open_.over, list(open_.tasks.running)) == (ENDED, False, [SIGN])
    assert scrutiny.end(over, reason=WHY) == []
    with refused("stage-order", field="case", match="unknown"):
        scrutiny.end(Scrutiny(), reason=WHY)


def ended() -> Scrutiny:
    return fold(scrutiny.evolve, in_force(), scrutiny.end(in_force(), reason=WHY))


@pytest.mark.parametrize(
    ("held", "who"),
    [
        (proposed(), (PAT, OLGA, WATCH)),
        (in_force(), (PAT, WATCH)),
        (ended(), (WATCH,)),
    ],
    ids=["proposed", "in force", "ended"],
)
def test_a_conflict_of_somebody_concerned_ends_it_for_good(held: Scrutiny, who: Sequence[Person]):
    for one in (PAT, OLGA, WATCH, PETE):
        events = scrutiny.leave(held, person=one.id)
        assert events == ([ScrutinyEnded(reason=None, because="conflict", ends=("*",))] if one in who else [])
        after = fold(scrutiny.evolve, held, events)
        assert after.over is (one in who)
        if events:
            assert scrutiny.leave(after, person=one.id) == []


def test_who_scrutinised_signs_and_that_ends_it():
    for held in (in_force(), ended()):
        [signed] = scrutiny.sign(held, by=WATCH, statement=text("all was well"))
        after = scrutiny.evolve(held, signed)
        assert signed == ScrutinySigned(scrutineer=WATCH.id, statement=text("all was well"), ends=("*",))
        assert (after.stage, after.over, after.tasks.running) == (SIGNED, True, {})
        assert scrutiny.sign(after, by=WATCH, statement=text("again")) == []
        with refused("stage-order", field="case"):
            scrutiny.sign(after, by=PETE, statement=text("me too"))


def test_nobody_else_signs_nor_who_has_a_conflict_nor_before_it_is_granted_nor_once_it_was_given_up():
    with refused("scrutineer-signs", field="actor", match="Allowed: the scrutineer"):
        scrutiny.sign(in_force(), by=PETE, statement=text("all was well"))
    with refused("conflict-of-interest", field="actor"):
        scrutiny.sign(in_force(), by=conflicted(WATCH), statement=text("all was well"))
    with refused("stage-order", field="case"):
        scrutiny.sign(proposed(), by=WATCH, statement=text("all was well"))
    given_up = fold(scrutiny.evolve, in_force(), scrutiny.abandon(in_force(), because="account-closed"))
    with refused("scrutineer-signs", field="actor", match="over.* Allowed: nothing more"):
        scrutiny.sign(given_up, by=WATCH, statement=text("all was well"))
    assert scrutiny.abandon(given_up, because="account-closed") == []


def test_scrutiny_is_arranged_once_for_a_person_in_a_case():
    ties = PAT.ties
    granted = people.ScrutinyGranted(
        scrutiny=ID,
        provider=PROVIDER,
        case=CASE,
        role="chair",
        scrutineer=WATCH.id,
        until_at=NOON + DAY,
    )
    again = fold(evolve, PAT, [granted])
    assert ties != again.ties

    with refused("scrutiny-needed", field="person", match="already"):
        propose(person=again)


PEOPLE = st.sampled_from([PAT, OLGA, PETE, QUINN, WATCH, conflicted(QUINN), linked(PETE, WATCH)])
TIMES = st.integers(0, 400).map(lambda days: NOON + days * DAY)


class ScrutinyMachine(Aggregate):
    """An arrangement: whoever tries whatever, nothing is in force but with two approvals of others."""

    evolve = staticmethod(scrutiny.evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = Scrutiny()
        self.approved: list[Person] = []

    @rule(person=PEOPLE, scrutineer=PEOPLE, proposer=PEOPLE, role=st.sampled_from(["chair", "officer", "assessor"]))
    def somebody_proposes(self, person: Person, scrutineer: Person, proposer: Person, role: str) -> None:
        said = {"person": person, "scrutineer": scrutineer, "proposer": proposer, "role": role}
        if self.tries(lambda: propose(self.state, **said)):
            self.parties = {one.id: one for one in (person, scrutineer, proposer)}

    @rule(by=PEOPLE)
    def somebody_approves(self, by: Person) -> None:
        parties = getattr(self, "parties", PARTIES)
        said = {"before": tuple(self.approved), "parties": parties}
        for one in self.tries(lambda: approve(self.state, by, **said)):
            assert one.approver == by.id
            self.approved.append(by)

    @rule()
    def somebody_ends_it(self) -> None:
        self.tries(lambda: scrutiny.end(self.state, reason=WHY))

    @rule(who=PEOPLE)
    def somebody_leaves(self, who: Person) -> None:
        self.tries(lambda: scrutiny.leave(self.state, person=who.id))

    @rule(by=PEOPLE)
    def somebody_signs(self, by: Person) -> None:
        for one in self.tries(lambda: scrutiny.sign(self.state, by=by, statement=WHY)):
            assert one.scrutineer == self.state.scrutineer == by.id

    @rule(at=TIMES)
    def time_passes(self, at: Any) -> None:
        self.tries(lambda: task_rules.remind(self.state, at=at))
        self.tries(lambda: task_rules.miss(self.state, at=at))

    @invariant()
    def in_force_means_that_two_others_without_a_conflict_said_so(self) -> None:
        held = self.state
        if held.stage == IN_FORCE:
            first, second = self.approved
            assert first.ids.isdisjoint(second.ids)
            for one in self.approved:
                assert PROVIDER not in one.conflicts
                assert one.ids.isdisjoint(held.taking_part)
        assert len(set(held.taking_part)) in (1, 3)

    @invariant()
    def over_means_that_nothing_is_to_be_done(self) -> None:
        held = self.state
        assert not held.over or not held.tasks.running
        assert not held.id or held.over or held.tasks.running
        assert held.until_at is None or held.until_at > NOON + SECOND


ScrutinyMachine.TestCase.settings = SHORT
TestScrutiny = ScrutinyMachine.TestCase
