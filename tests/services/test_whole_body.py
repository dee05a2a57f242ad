"""Thirty people and twenty cases: the proper course of things, and anyone trying anything, and the separation rules hold.

The rules are checked on the record alone: see `whole/rules.py`. At the end of each example everybody's parts are as the states
of the domain have them, in the read model too, and no case made a move that the process does not know.
"""

from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from domain.conformance.deviations import NOT_ALLOWED
from infra.bootstrap import codec
from infra.embedded import EmbeddedPostgres
from infra.store.records import PostgresRecords
from services import conformance, people, preparation
from services.office import Office
from tests.conftest import Database
from tests.services.standing import disagreements
from tests.services.whole.acting import Acting
from tests.services.whole.setting import Setting, set_up
from tests.services.whole.steps import STEPS, step
from tests.services.whole.tries import TRIES, attempt

DICE = st.integers(0, 2**32 - 1)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Nothing is made smaller, which would take minutes: a fault comes with the commands before it."""
QUICK = settings(
    max_examples=2, stateful_step_count=40, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=25, stateful_step_count=100)
GOING_ON = 1
"""How often everything takes its next step at the end of each example: it still gets somewhere, whatever was tried."""

TIES = (
    *("declare a conflict", "record a fact", "correct a fact", "lift a conflict", "link accounts", "propose scrutiny"),
    *("give a role", "move a task", "approve scrutiny", "approve an activity", "verify an action"),
)
"""What makes and breaks what stands between people and cases; tried more often than the rest."""


def next_steps(at: Acting) -> None:
    """Some of one provider's cases, and of the body's own matters, take their next steps."""
    whose = at.any(at.here.providers).id
    streams = at.streams(*STEPS)
    at.dice.shuffle(streams)
    own = [one for one in streams if not at.owner(one)]
    for stream in [*[one for one in streams if at.owner(one) == whose][:4], *own[:2]]:
        step(at, stream)


def tries(at: Acting) -> None:
    """Anyone tries anything."""
    for name in at.dice.sample(sorted(TRIES), 8):
        attempt(at, name, own=at.likely(85))


def ties(at: Acting) -> None:
    """What stands between people and cases changes."""
    for name in at.dice.sample(TIES, 4):
        attempt(at, name)


def time_passes(at: Acting) -> None:
    """Hours or days go by, and some processes catch up, others later."""
    at.here.clock.passes(hours=at.any((1, 20, 50, 150, 300)))
    streams = at.streams("window", *STEPS)
    at.dice.shuffle(streams)
    for stream in streams[: at.any((4, 10, 40))]:
        at.process(stream)


def in_spite_of_a_conflict(at: Acting) -> None:
    """An officer with a conflict tries to see to a case of that provider; if there is none, one is declared instead."""
    now, providers = at.body.now(), [one.id for one in at.here.providers]
    tied = [(who, one) for who in at.holders("officer") for one in providers if at.said.conflict(who, one, now)]
    cases = [(who, case) for who, one in tied for case in at.streams("submission") if at.owner(case) == one]
    if not cases:
        who = at.any(at.holders("officer"))
        at.do(people.declare_conflict, who, "officer", id=who, provider=at.any(providers), kind="declared")
        return
    who, case = at.any(cases)
    at.do(preparation.waive_fee, who, "officer", case=case, kind="registration", reason="In spite of it.")


def what_is_missing(at: Acting) -> None:
    """What a run must show, and has not yet, is brought about: by the proper next steps of its kind, or by anyone trying it."""
    name = at.any(sorted(lacking(at.seen)))
    match HAPPENED[name][1]:
        case str(kind) if kind in STEPS:
            streams = at.streams(kind)
            at.dice.shuffle(streams)
            for stream in streams[:6]:
                step(at, stream)
        case str(tried):
            attempt(at, tried)
        case happening:
            happening(at)


HAPPENINGS = (next_steps, next_steps, next_steps, tries, tries, tries, ties, in_spite_of_a_conflict, time_passes)


class WholeBody(RuleBasedStateMachine):
    """A body at work on a copy of the record that the machine begins with."""

    def __init__(self, server: EmbeddedPostgres, database: Database, begins: Setting, seen: Counter[str], name: str):
        super().__init__()
        self.server, self.name = server, name
        with psycopg.connect(server.admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_name(database)}")
        admin_url, app_url = (
            one.replace(f"/{_name(database)}?", f"/{name}?") for one in (database.admin_url, database.app_url)
        )
        self.records = PostgresRecords(app_url, codec(), pool_size=2)
        self.records.__enter__()
        self.looking = psycopg.connect(admin_url, autocommit=True)
        self.at = Acting(begins.on(self.records), self.records, self.looking, seen)

    def rolls(self, dice: int) -> Acting:
        """The body, with the dice as hypothesis has thrown them, which likes to throw the same again."""
        self.at.dice = Random(dice + 2**32 * len(self.at.said.log))
        return self.at

    @rule(dice=DICE)
    def something_happens(self, dice: int) -> None:
        """One rule, since hypothesis would leave some of several out of an example: the dice say what it is."""
        at = self.rolls(dice)
        if at.likely(40) and lacking(at.seen):
            what_is_missing(at)
        else:
            at.any(HAPPENINGS)(at)

    def teardown(self) -> None:
        """Everything goes on from where it is."""
        try:
            for turn in range(GOING_ON):
                at = self.rolls(turn)
                for stream in at.streams(
                    "submission", "appeal", "development", *(one for one in STEPS if at.likely(50))
                ):
                    step(at, stream)
            assert disagreements(self.records) == []
            ways = conformance.paths(Office(self.records))
            assert [one for way in ways for one in way.deviations if one.kind == NOT_ALLOWED] == []
        finally:
            self.looking.close()
            self.records.__exit__(None, None, None)
            _drop(self.server, self.name)


def _name(database: Database) -> str:
    return database.admin_url.rpartition("/")[2].partition("?")[0]


def _drop(server: EmbeddedPostgres, name: str) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def begins(database: Database) -> Setting:
    """A body with thirty people and twenty cases, as each example begins with it."""
    return set_up(database)


COPIES = count(1)
HAPPENED: dict[str, tuple[int, str | Callable[[Acting], None]]] = {
    "DecisionRecorded awarded": (1, "submission"),
    "DecisionRecorded not_awarded": (1, "submission"),
    "AppealLodged": (3, "lodge an appeal"),
    "AppealDecided upheld": (1, "appeal"),
    "AppealDecided dismissed": (1, "appeal"),
    "ComplaintAnswered": (3, "complaint"),
    "ComplaintDecided": (1, "complaint"),
    "ReviewConcluded": (1, "accreditation"),
    "FindingRecorded": (3, "audit"),
    "AuditActionVerified": (1, "audit"),
    "RiskReviewed": (1, "risk"),
    "SampleResultRecorded": (1, "sampling"),
    "ProposalConsidered": (1, "proposal"),
    "ActivityApproved": (1, "development"),
    "LettingGoApproved": (2, "retention"),
    "ScrutinyProposed": (1, "propose scrutiny"),
    "ConflictDeclared": (6, in_spite_of_a_conflict),
    "FactRecorded": (3, "record a fact"),
    "ConflictLifted": (1, "lift a conflict"),
    "AccountsLinked": (1, "link accounts"),
    "RoleEnded": (1, "end a role"),
    "TaskMoved": (1, "move a task"),
    "AttemptRefused": (20, tries),
    "ReminderSent": (1, time_passes),
    "refused: conflict-of-interest": (3, in_spite_of_a_conflict),
    "refused: not-for-oneself": (1, "lift a conflict"),
    "refused: acting-role": (10, tries),
}
"""What did happen in a run, at least so often, else the machine would show nothing; and what brings it about."""
ROUNDS = 10


def lacking(seen: Counter[str]) -> dict[str, int]:
    """What did not happen often enough for the run to show something."""
    return {name: seen[name] for name, (least, _) in HAPPENED.items() if seen[name] < least}


def run(server: EmbeddedPostgres, database: Database, begins: Setting, how: settings, seen: Counter[str]) -> None:
    """Run the machine, and count what happens in `seen`."""

    def machine() -> WholeBody:
        return WholeBody(server, database, begins, seen, f"{_name(database)}_{next(COPIES)}")

    seed(sum(seen.values()))(machine)  # else where hypothesis takes no chances, each round would throw the same dice
    run_state_machine_as_test(machine, settings=how)


def test_whatever_anyone_tries_in_a_whole_body_the_separation_rules_hold_on_the_record(
    server: EmbeddedPostgres, database: Database, begins: Setting
):
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):  # what people happen to do is chance: a round that lacks something is followed by another
        run(server, database, begins, QUICK, seen)
        if not lacking(seen):
            break
    assert lacking(seen) == {}


@pytest.mark.soak
def test_whatever_anyone_tries_for_long_the_separation_rules_hold_on_the_record(
    server: EmbeddedPostgres, database: Database, begins: Setting
):
    seen: Counter[str] = Counter()
    run(server, database, begins, LONG, seen)
    assert {name: seen[name] for name, (least, _) in HAPPENED.items() if seen[name] < 4 * least} == {}
    print(*sorted(seen.items()), sep="\n")
