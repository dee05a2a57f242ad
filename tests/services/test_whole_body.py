"""Thirty people and twenty cases: the proper course of things, and anyone trying anything, and the separation rules hold.

The rules are checked on the record alone: see `whole/rules.py`.
"""

from collections import Counter
from itertools import count
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from infra.bootstrap import codec
from infra.embedded import EmbeddedPostgres
from infra.store.records import PostgresRecords
from tests.conftest import Database
from tests.services.whole.acting import Acting
from tests.services.whole.setting import Setting, set_up
from tests.services.whole.steps import STEPS, step
from tests.services.whole.tries import FITTING, TRIES, attempt

DICE = st.integers(0, 2**32 - 1)
QUICK = settings(max_examples=6, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=150, stateful_step_count=200)
GOING_ON = 5
"""How often everything takes its next step at the end of each example: it still gets somewhere, whatever was tried."""


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
        """The body, with the dice as hypothesis has thrown them."""
        self.at.dice = Random(dice)
        return self.at

    @rule(dice=DICE)
    def something_takes_its_next_step(self, dice: int) -> None:
        at = self.rolls(dice)
        step(at, at.any(at.streams(*STEPS)))

    @rule(dice=DICE)
    def everything_of_one_provider_takes_its_next_steps(self, dice: int) -> None:
        at = self.rolls(dice)
        whose = at.any(at.here.providers).id
        for stream in [one for one in at.streams(*STEPS) if at.owner(one) == whose]:
            step(at, stream)

    @rule(dice=DICE, names=st.lists(st.sampled_from(sorted(TRIES)), min_size=6, max_size=12))
    def anyone_tries_anything(self, dice: int, names: list[str]) -> None:
        at = self.rolls(dice)
        for name in names:
            attempt(at, name, own=at.likely(75))

    @rule(dice=DICE, name=st.sampled_from(["declare a conflict", "record a fact", "lift a conflict", *sorted(FITTING)]))
    def somebody_has_it_in_for_it(self, dice: int, name: str) -> None:
        at = self.rolls(dice)
        for _ in range(4):
            attempt(at, name)

    @rule(dice=DICE, hours=st.integers(1, 15 * 24))
    def time_passes(self, dice: int, hours: int) -> None:
        at = self.rolls(dice)
        at.here.clock.passes(hours=hours)
        streams = at.streams("submission", "accreditation", "window", *(one for one in STEPS if one != "submission"))
        at.dice.shuffle(streams)
        for stream in streams[: at.any((5, 20, len(streams)))]:
            at.process(stream)

    def teardown(self) -> None:
        """Everything goes on from where it is."""
        try:
            for turn in range(GOING_ON):
                at = self.rolls(turn)
                for stream in at.streams(*STEPS):
                    step(at, stream)
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


HAPPENED = {
    "DecisionRecorded awarded": 1,
    "DecisionRecorded not_awarded": 1,
    "AppealLodged": 3,
    "AppealDecided upheld": 1,
    "AppealDecided dismissed": 1,
    "ComplaintAnswered": 3,
    "ComplaintDecided": 1,
    "ReviewConcluded": 1,
    "FindingRecorded": 3,
    "AuditActionVerified": 1,
    "RiskReviewed": 1,
    "SampleResultRecorded": 1,
    "ProposalConsidered": 1,
    "ActivityApproved": 1,
    "LettingGoApproved": 2,
    "ScrutinyProposed": 1,
    "ConflictDeclared": 6,
    "FactRecorded": 3,
    "ConflictLifted": 1,
    "AccountsLinked": 1,
    "RoleEnded": 1,
    "TaskMoved": 1,
    "AttemptRefused": 20,
    "ReminderSent": 1,
    "refused: conflict-of-interest": 3,
    "refused: not-for-oneself": 1,
    "refused: acting-role": 10,
}
"""What did happen in a run, at least so often: else the machine would show nothing."""


def run(server: EmbeddedPostgres, database: Database, begins: Setting, how: settings) -> Counter[str]:
    """Run the machine; returns what happened, and how often."""
    seen: Counter[str] = Counter()
    numbers = count(1)

    def machine() -> WholeBody:
        return WholeBody(server, database, begins, seen, f"{_name(database)}_{next(numbers)}")

    run_state_machine_as_test(machine, settings=how)
    return seen


def test_whatever_anyone_tries_in_a_whole_body_the_separation_rules_hold_on_the_record(
    server: EmbeddedPostgres, database: Database, begins: Setting
):
    seen = run(server, database, begins, QUICK)
    assert {name: seen[name] for name, least in HAPPENED.items() if seen[name] < least} == {}


@pytest.mark.soak
def test_whatever_anyone_tries_for_long_the_separation_rules_hold_on_the_record(
    server: EmbeddedPostgres, database: Database, begins: Setting
):
    seen = run(server, database, begins, LONG)
    assert {name: seen[name] for name, least in HAPPENED.items() if seen[name] < 10 * least} == {}
    print(*sorted(seen.items()), sep="\n")
