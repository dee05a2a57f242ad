"""Concerns of the public, on a real record: anonymous or with an address in the vault, the same words within a day one concern."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from domain.accreditation import ConcernAnswered, ConcernRaised
from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.refusals import Refused
from infra.projector import catch_up as project
from infra.read_models import connect
from infra.store.records import PostgresRecords
from infra.store.vault import PostgresVault
from projections import tasks
from projections.reminders import sent
from services import accreditations, matters
from services.public import PUBLIC_CHARACTERS, PUBLIC_ROLE
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.holding import award_of, catch_up, conclude, raised, review
from tests.services.test_commands import BAD_IDS, counts

WORDS = "They show the badge on another programme."


def public(body: Body, award: str, text: str = WORDS, **said: Any) -> str:
    """A concern of somebody outside; returns the id it has if it is a new one."""
    command = body.command("public", PUBLIC_ROLE)
    accreditations.raise_concern(body.office, command, case=award, text=text, **said)
    return accreditations.concern_id(command.id)


def test_anyone_raises_a_concern_without_saying_who_they_are(body: Body):
    award, _, _ = award_of(body)

    concern = public(body, award, kind="badge-misuse")

    [event] = body.events(award, ConcernRaised)
    assert (event.concern, event.kind, event.raised_by, event.reachable) == (concern, "badge-misuse", None, False)
    assert [one.actor for one in body.recorded(award) if isinstance(one.event, ConcernRaised)] == ["public"]


def test_name_and_address_are_in_the_vault_only_and_can_be_erased_with_what_was_said(body: Body, records: Any):
    award, _, _ = award_of(body)
    concern = public(body, award, name="Zebulon Quill", address="z@quill.example")

    vault = PostgresVault(records.datastore)
    assert vault.personal([concern])[concern] == {"name": "Zebulon Quill", "address": "z@quill.example"}
    assert "Quill" not in str(body.recorded(award))
    assert "quill" not in str(body.recorded(award))
    vault.erase_subject(concern)
    [event] = body.events(award, ConcernRaised)
    assert vault.texts([event.text.id]) == {}
    assert body.state(award).concerns[concern].reachable


def test_the_same_words_within_a_day_are_one_concern_and_other_words_another(
    body: Body, clock: Clock, database: Database
):
    award, _, _ = award_of(body)
    public(body, award)
    before = counts(database)

    public(body, award, f"  {WORDS}\n", name="Somebody", address="x@y.example")
    assert counts(database) == before

    public(body, award, "Something else.")
    clock.passes(hours=23)
    public(body, award)
    assert len(body.events(award, ConcernRaised)) == 2
    clock.passes(hours=1)
    public(body, award)
    assert len(body.events(award, ConcernRaised)) == 3
    other, _, _ = award_of(body)
    public(body, other)
    assert len(body.events(other, ConcernRaised)) == 1


def test_what_was_erased_is_not_known_again(body: Body, records: Any):
    award, _, _ = award_of(body)
    first = public(body, award)
    PostgresVault(records.datastore).erase_subject(first)

    public(body, award)

    assert len(body.events(award, ConcernRaised)) == 2


def test_the_same_words_of_several_at_once_are_one_concern(body: Body):
    award, _, _ = award_of(body)
    start = threading.Barrier(4)

    def say() -> None:
        start.wait()
        public(body, award)

    threads = [threading.Thread(target=say) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(body.events(award, ConcernRaised)) == 1


def test_what_known_people_say_is_never_taken_for_the_publics(body: Body):
    award, _, _ = award_of(body)
    public(body, award, "It is not taught as it was judged.")

    raised(body, award)
    raised(body, award)

    assert [one.raised_by for one in body.events(award, ConcernRaised)] == [None, *[body.assessors[0]] * 2]


def test_what_the_public_writes_is_bounded_and_about_an_award_that_exists(body: Body, database: Database):
    award, _, _ = award_of(body)
    before = counts(database)

    for text, rule in (
        ("", "text-given"),
        ("x" * (PUBLIC_CHARACTERS + 1), "text-length"),
        ("x" * 10**6, "text-length"),
    ):
        with refused(rule, field="text"):
            public(body, award, text)
    with refused("concern-kinds", field="kind"):
        public(body, award, kind="envy")
    with refused("known-accreditation", field="accreditation"):
        public(body, derived_id("accreditation", "none"))
    for bad in BAD_IDS:
        with pytest.raises(Refused, match="no accreditation id"):
            public(body, bad)
    assert counts(database) == before
    assert public(body, award, "x" * PUBLIC_CHARACTERS)


def test_nobody_known_speaks_as_the_public_and_the_public_does_nothing_else(body: Body):
    award, _, _ = award_of(body)

    with refused("acting-role", field="role"):
        body.by(accreditations.raise_concern, body.officer, PUBLIC_ROLE, case=award, text=WORDS)
    concern = public(body, award)
    with pytest.raises(Refused):
        body.by(accreditations.open_review, "public", PUBLIC_ROLE, case=award, concern=concern, reviewer=body.chair)


def test_that_they_are_told_is_reminded_of_in_time_and_the_quality_manager_told_when_it_is_late(
    body: Body, clock: Clock, records: PostgresRecords
):
    award, _, _ = award_of(body)
    concern = public(body, award, address="z@quill.example")
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "no_action")
    task = body.state(award).tasks.running[f"answer-concern-within:{concern}"]

    clock.comes_to(task.remind_at[0])
    catch_up(body, award)
    assert [(one.rule, one.about) for one in body.events(award, ReminderSent)] == [(task.rule, concern)]
    later = {"case": award, "rule": task.rule, "about": concern, "until": task.due_at + timedelta(days=5)}
    with refused("not-for-oneself"):
        body.by_officer(matters.move_task, **later, reason="They are abroad.")
    quinn = factories.appoint(body, "quality-manager", scheme=None)
    body.by(matters.move_task, quinn, "quality-manager", **later, reason="They are abroad.")
    clock.comes_to(later["until"] - timedelta(seconds=1))
    catch_up(body, award)
    assert body.events(award, DeadlineMissed) == []
    clock.comes_to(later["until"])
    catch_up(body, award)
    assert [(one.rule, one.about) for one in body.events(award, DeadlineMissed)] == [(task.rule, concern)]
    project(records)
    with connect(records.datastore.url) as connection:
        [listed] = tasks.running(connection, case=award)
        gone = [(one.kind, one.recipient) for one in sent(connection, award)]
    assert (listed.who, listed.about, listed.due_at) == ("officer", concern, later["until"])
    assert gone == [("reminder", "officer"), ("reminder", "officer"), ("deadline", "quality-manager")]


def test_who_left_an_address_is_told_what_came_of_it(body: Body):
    award, _, _ = award_of(body)
    concern, silent = public(body, award, address="z@quill.example"), public(body, award, "Something else.")
    said = {"case": award, "text": "We looked into it."}

    with refused("concern-concluded-first"):
        body.by_officer(accreditations.answer_concern, concern=concern, **said)
    for one in (concern, silent):
        review(body, award, one, body.chair)
        conclude(body, award, one, "no_action")
    with refused("concern-answerable"):
        body.by_officer(accreditations.answer_concern, concern=silent, **said)
    with refused("acting-role", field="role"):
        body.by(accreditations.answer_concern, body.assessors[0], "assessor", concern=concern, **said)
    body.by_chair(accreditations.answer_concern, concern=concern, **said)

    assert [one.concern for one in body.events(award, ConcernAnswered)] == [concern]


def test_somebody_outside_leaves_an_address_with_an_officer(body: Body, records: Any):
    award, _, _ = award_of(body)
    concern = raised(body, award, by=(body.officer, "officer"), from_outside=True, address="1 Quill Street")

    [event] = body.events(award, ConcernRaised)
    assert (event.reachable, event.same_until_at) == (True, None)
    assert PostgresVault(records.datastore).personal([concern])[concern] == {"address": "1 Quill Street"}


def test_a_concern_of_the_public_is_taken_up_in_time(body: Body):
    award, _, _ = award_of(body)
    concern = public(body, award)

    clock = body.state(award).concerns[concern].clock
    assert (clock.rule, clock.due_at > body.now() + timedelta(days=5)) == ("take-up-concern-within", True)
