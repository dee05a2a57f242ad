"""A person asks to be erased: noted, checked, what a ground keeps said; the rest goes, and everything still adds up."""

import os
import subprocess
import sys
import threading
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.ids import PROCESS_ROLE, kind_of
from domain.learning import QuestionnaireLapsed
from domain.pay import PayEarned, PayPaid
from domain.retention import ErasureRequested, RecordsLetGo
from domain.retention.kinds import texts_in
from domain.tasks import Task, TaskMoved
from domain.texts import TextRef, digest_of
from infra.rebuild import rebuild
from projections.catalogue import READ_MODELS
from services import accreditations, complaints, erasure, ledger, matters, people, providers, retention
from services.learning import learning_id
from services.ports import Batch, Change, Text
from services.states import fold
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services import complaining
from tests.services.complaining import by_contact
from tests.services.conftest import Clock
from tests.services.holding import award_of, conclude, raised, review
from tests.services.retaining import Keeping
from tests.services.test_public_concerns import public
from workflows.situation import situation_of

ROOT = Path(__file__).parents[2]
NAME = "Zdravka Wolkenkuckucksheim"


def former(body: Body, role: str = "officer") -> str:
    """Somebody with a name of their own who worked for the body and does so no longer."""
    person = factories.derived_id("person", body.mark, "former", role)
    body.by_officer(people.register_person, id=person, name=NAME, email=f"zdravka@{NAME.split()[1].lower()}.example")
    scheme = None if role == "officer" else body.scheme.id
    body.by_officer(people.give_role, id=person, role=role, scheme=scheme)
    body.by_officer(people.end_role, id=person, role=role, scheme=scheme)
    return person


def leave(body: Body, person: str) -> None:
    """Every role of a person ends."""
    for role, scheme in sorted(body.state(person).roles, key=str):
        body.by_officer(people.end_role, id=person, role=role, scheme=scheme)


def fields_of(keeping: Keeping, person: str) -> set[str]:
    return {name for subject, name in keeping.vault() if subject == person}


def test_who_has_left_and_is_kept_by_no_ground_is_gone_after_two_approvals(body: Body, clock: Clock, keeping: Keeping):
    person = former(body)
    case = keeping.asked(person)
    [request] = body.events(case, ErasureRequested)
    assert (request.subject, request.by, request.received_at) == (person, body.officer, clock())
    assert keeping.state(case).deadline == clock().replace(month=4) - timedelta(hours=1)  # a month on the wall clock

    keeping.approved(keeping.proposed(case))
    assert fields_of(keeping, person) == {"name", "email"}
    keeping.gone(case)

    assert fields_of(keeping, person) == set()
    assert keeping.state(case).over
    assert keeping.state(case).kept == ()
    assert not keeping.gone(case).events


def test_one_may_ask_for_oneself_and_nobody_else_without_a_part_in_it(body: Body, keeping: Keeping):
    own = body.by(erasure.request_erasure, body.assessors[0], "assessor", subject=body.assessors[0])
    assert own.events

    with refused("acting-role", field="role"):
        body.by(erasure.request_erasure, body.assessors[0], "assessor", subject=body.assessors[1])


@pytest.mark.parametrize(
    "subject", ["", "nobody", "person-aaaaaaaaaaaaaaaa", "provider-aaaaaaaaaaaaaaaa", "x" * 1_000_000]
)
def test_only_a_known_person_can_be_erased(body: Body, keeping: Keeping, subject: str):
    before = keeping.events()

    with refused("known-person"):
        body.by_officer(erasure.request_erasure, subject=subject)

    assert keeping.events() == before


def test_a_request_has_come_in_and_is_checked_before_anything_is_proposed(body: Body, clock: Clock, keeping: Keeping):
    person = former(body)
    with refused("dates-past", field="received_at"):
        body.by_officer(erasure.request_erasure, subject=person, received_at=clock() + timedelta(seconds=1))
    command = body.command(body.officer, "officer")
    erasure.request_erasure(body.office, command, subject=person, received_at=clock() - timedelta(days=3))
    case = retention.retention_id(command.id)

    with refused("letting-go-order", field="case"):
        keeping.proposed(case)
    with refused("not-for-oneself", field="actor"):
        body.by_officer(erasure.check_requester, case=case, means="identity-document")
    with refused("erasure-checks", field="means"):
        keeping.manager(erasure.check_requester, case=case, means="they sounded like it")
    keeping.manager(erasure.check_requester, case=case, means="in-person")
    assert not keeping.manager(erasure.check_requester, case=case, means="in-person").events
    assert keeping.state(keeping.proposed(case)).items


def test_a_person_who_is_asked_about_decides_nothing_of_it(body: Body, keeping: Keeping):
    person = keeping.managers[1]
    command = body.command(person, "quality-manager")
    erasure.request_erasure(body.office, command, subject=person)
    case = retention.retention_id(command.id)

    with refused("not-for-oneself", field="actor"):
        keeping.manager(erasure.check_requester, 1, case=case, means="in-person")
    with refused("not-for-oneself", field="actor"):
        keeping.manager(retention.decline_letting_go, 1, case=case, reason="No")
    keeping.manager(erasure.check_requester, 0, case=case, means="in-person")
    with refused("erase-after-roles", field="subject"):
        keeping.proposed(case)


def test_roles_end_first_and_one_given_again_meanwhile_stops_it(body: Body, keeping: Keeping):
    person = body.assessors[0]
    case = keeping.asked(person)
    with refused("erase-after-roles", field="subject", match="assessor"):
        keeping.proposed(case)
    leave(body, person)
    keeping.approved(keeping.proposed(case))
    body.by_officer(people.give_role, id=person, role="assessor", scheme=body.scheme.id)

    with refused("erase-after-roles", field="subject"):
        keeping.gone(case)

    assert fields_of(keeping, person) == {"name", "email"}


def test_who_moderated_for_a_running_award_keeps_the_name_until_it_ends_and_then_that_goes(
    body: Body, clock: Clock, keeping: Keeping
):
    award_case = factories.brought(body, "released")
    person = body.moderators[1]
    ends_at = body.state(factories.derived_id("accreditation", award_case)).ends_at
    leave(body, person)
    case = keeping.proposed(keeping.asked(person))

    [kept] = keeping.state(case).kept
    assert (kept.fields, kept.ground, kept.ends_at) == (("name",), "award-runs", ends_at)
    assert [one.person for one in body.events(learning_id(award_case), QuestionnaireLapsed)] == [person]
    keeping.gone(keeping.approved(case))
    assert fields_of(keeping, person) == {"name"}
    [task] = keeping.state(case).tasks.running.values()
    assert (task.rule, task.remind_at) == ("erase-rest-on", (ends_at,))
    clock.comes_to(ends_at - timedelta(seconds=1))
    assert not keeping.gone(case).events
    clock.comes_to(ends_at)
    reminded = body.by(matters.remind_task, case, PROCESS_ROLE, case=case).events[case]
    assert [one.rule for one in reminded] == ["erase-rest-on"]
    keeping.gone(case)

    assert fields_of(keeping, person) == set()
    assert keeping.state(case).over
    assert [one.fields for one in body.events(case, RecordsLetGo)] == [1, 1]


def test_who_was_paid_keeps_the_name_for_the_accounts(body: Body, clock: Clock, keeping: Keeping):
    person = former(body)
    paid = body.command(body.officer, "officer")
    earned = [PayEarned(kind="assessment", case="submission-a", amount=100, currency="GBP")]
    body.office.records.append(
        Batch(command=paid, changes=[Change(stream=person, expected=len(body.recorded(person)), events=earned)])
    )
    case = keeping.proposed(keeping.asked(person))
    [owed] = keeping.state(case).kept
    assert (owed.ground, owed.ends_at) == ("pay-records", None)
    body.by_officer(ledger.pay_person, id=person, amount=100, currency="GBP")
    assert body.events(person, PayPaid)

    keeping.gone(keeping.approved(case))

    [kept] = keeping.state(case).kept
    assert (kept.fields, kept.ground, kept.ends_at) == (
        ("name",),
        "pay-records",
        clock().replace(year=clock().year + 6),
    )
    assert fields_of(keeping, person) == {"name"}


def test_a_case_that_runs_keeps_who_takes_part_and_is_looked_at_again(body: Body, clock: Clock, keeping: Keeping):
    running = factories.brought(body, "completed")
    person = next(one.event.assessor for one in body.recorded(running) if hasattr(one.event, "considered"))
    leave(body, person)
    case = keeping.approved(keeping.proposed(keeping.asked(person)))

    keeping.gone(case)

    assert fields_of(keeping, person) == {"name", "email"}
    kept = {(one.ground, one.fields, one.ends_at) for one in keeping.state(case).kept}
    assert kept == {("running-case", ("email", "name"), None), ("pay-records", ("name",), None)}
    [task] = keeping.state(case).tasks.running.values()
    first = task.due_at
    clock.comes_to(task.remind_at[0])
    keeping.gone(case)
    [task] = keeping.state(case).tasks.running.values()
    assert task.due_at > first
    assert [one.fields for one in body.events(case, RecordsLetGo)] == [0, 0]


def test_a_provider_with_a_live_case_names_another_contact_and_lead_first(body: Body, keeping: Keeping):
    provider = factories.register_provider(body)
    live = factories.register(body, provider)
    case = keeping.asked(provider.contact)
    with refused("erase-after-roles", field="subject", match="live case"):
        keeping.proposed(case)
    named = body.command(provider.contact, "provider")
    providers.name_contact(body.office, named, id=provider.id, contact_name="Ben", contact_email="ben@p.example")
    other = providers.contact_id(named.id)
    body.by(providers.end_contact, other, "provider", id=provider.id, person_id=provider.contact)
    with refused("erase-after-roles", field="subject", match="live case"):
        keeping.proposed(case)
    body.by(providers.name_lead_contact, other, "provider", case=live, person_id=other)

    keeping.gone(keeping.approved(keeping.proposed(case)))

    assert fields_of(keeping, provider.contact) == set()
    assert fields_of(keeping, provider.id) == {"name", "address"}
    assert fields_of(keeping, other) == {"name", "email"}


def test_who_alone_speaks_for_a_provider_of_which_nothing_is_live_is_erased_and_acts_no_more(
    body: Body, keeping: Keeping
):
    provider = factories.register_provider(body)
    case = keeping.approved(keeping.proposed(keeping.asked(provider.contact)))

    keeping.gone(case)

    assert fields_of(keeping, provider.contact) == set()
    assert body.state(provider.contact).roles == frozenset()
    with refused("acting-role"):
        factories.register(body, provider)


def test_a_provider_s_portfolio_stays_when_its_contact_is_erased(body: Body, keeping: Keeping):
    case = factories.brought(body, "submitted")
    registration = body.submission(case).registration
    named = body.command(registration.lead_contact, "provider")
    providers.name_contact(
        body.office, named, id=registration.provider, contact_name="Ben", contact_email="ben@p.example"
    )
    other = providers.contact_id(named.id)
    body.by(providers.name_lead_contact, other, "provider", case=case, person_id=other)
    body.by(providers.end_contact, other, "provider", id=registration.provider, person_id=registration.lead_contact)
    before = keeping.texts()

    asked = keeping.asked(registration.lead_contact)
    keeping.gone(keeping.approved(keeping.proposed(asked)))

    assert fields_of(keeping, registration.lead_contact) == set()
    assert before.items() <= keeping.texts().items()


def typed(body: Body, stream: str, subject: str, what: str, *, who: str = "quality-manager") -> str:
    """A text for `subject` that an event of a stream refers to; returns its id."""
    text = Text(id=factories.derived_id("text", stream, what), subject=subject, salt=b"0" * 16, body=what)
    ref = TextRef(id=text.id, digest=digest_of(text.salt, text.body))
    moved = TaskMoved(reason=ref, sets=(Task(rule="reflect-within", due_at=body.now(), who=who, about=subject),))
    changes = [Change(stream=stream, expected=len(body.office.records.load(stream)[stream]), events=[moved])]
    body.office.records.append(Batch(command=body.command(body.officer, "officer"), changes=changes, texts=[text]))
    return text.id


def test_texts_by_or_about_a_person_go_unless_the_rule_of_their_kind_keeps_them(
    body: Body, clock: Clock, keeping: Keeping
):
    person = former(body)
    reflection = typed(body, "development-aaaaaaaaaaaaaaaa", person, "I learned a lot.")
    minute = typed(body, "policy-aaaaaaaaaaaaaaaa", person, "They were late.")
    raised = by_contact(body, factories.register_provider(body))
    complaint = typed(body, raised, person, "They were rude.")
    other = typed(body, "development-bbbbbbbbbbbbbbbb", body.chair, "So did I.")

    case = keeping.proposed(keeping.asked(person))
    kept = {(one.kind, one.ground, one.ends_at) for one in keeping.state(case).kept if one.texts}
    keeping.gone(keeping.approved(case))

    six_years = clock().replace(year=clock().year + 6)
    assert kept == {("governance", "governance-record", six_years), ("complaints", "open-matter", None)}
    assert reflection not in keeping.texts()
    assert {minute, complaint, other} <= set(keeping.texts())
    assert keeping.state(case).stage == "keeping"
    assert {one.ground for one in keeping.state(case).kept if one.fields} == {"open-matter"}


def test_who_still_has_a_task_hands_it_over_first_so_that_nobody_erased_is_reminded(body: Body, keeping: Keeping):
    person = former(body)
    typed(body, "development-aaaaaaaaaaaaaaaa", person, "I learned a lot.", who=person)

    with refused("erase-after-roles", field="subject", match="development-aaaaaaaaaaaaaaaa"):
        keeping.proposed(keeping.asked(person))


def test_a_hold_keeps_everything_of_a_person_who_asks(body: Body, keeping: Keeping):
    person = former(body)
    keeping.manager(retention.hold, subject=person, ground="legal-claim", reason="They sue.")

    case = keeping.proposed(keeping.asked(person))
    keeping.gone(keeping.approved(case))

    assert fields_of(keeping, person) == {"name", "email"}
    assert {one.ground for one in keeping.state(case).kept} == {"legal-hold"}


def test_a_request_declined_leaves_everything(body: Body, keeping: Keeping):
    person = former(body)
    case = keeping.asked(person)

    keeping.manager(retention.decline_letting_go, case=case, reason="They are somebody else.")

    assert keeping.state(case).over
    assert fields_of(keeping, person) == {"name", "email"}
    with refused("letting-go-order"):
        keeping.proposed(case)


def test_an_answer_that_is_late_is_told_to_the_board_at_its_instant(body: Body, clock: Clock, keeping: Keeping):
    case = keeping.asked(former(body))
    [task] = keeping.state(case).tasks.running.values()

    clock.comes_to(task.due_at)
    late = body.by(matters.miss_task, case, PROCESS_ROLE, case=case).events[case]

    assert (task.told, [one.rule for one in late]) == ("board", ["answer-erasure-within"])


def folded(body: Body) -> dict[str, Any]:
    """The state of every stream."""
    streams: dict[str, list[Any]] = {}
    for one in body.office.records.read_log(0, 100_000):
        streams.setdefault(one.stream, []).append(one)
    known = {"retention", "policy", "person", "provider", "submission", "accreditation", "meeting", "window", "scheme"}
    return {stream: fold(stream, events) for stream, events in streams.items() if kind_of(stream) in known}


def tables(keeping: Keeping, *, but: str) -> dict[str, list[Any]]:
    """Every row of every read model that is not about `but`."""
    found = {}
    for model in READ_MODELS:
        for table in model.tables:
            key = ", ".join(f'"{column}"' for column in table.key)
            rows = keeping.rows(f"SELECT * FROM read.{table.name} ORDER BY {key}")
            found[table.name] = [row for row in rows if but not in row]
    return found


def test_after_an_erasure_every_replay_digest_and_figure_is_as_before_and_nothing_can_be_guessed(
    body: Body, clock: Clock, keeping: Keeping, database: Database
):
    award_case = factories.brought(body, "released")
    person = former(body)
    text = typed(body, "development-aaaaaaaaaaaaaaaa", person, "I learned a lot.")
    case = keeping.approved(keeping.proposed(keeping.asked(person)))
    assert keeping.seen
    events, states, rows = keeping.events(), folded(body), tables(keeping, but=case)

    keeping.gone(case)

    assert keeping.events()[: len(events)] == events
    after = folded(body)
    assert {id: one for id, one in after.items() if id != case} == {id: one for id, one in states.items() if id != case}
    assert keeping.seen
    assert tables(keeping, but=case) == rows
    rebuild(body.office.records, READ_MODELS, threading.Event())  # type: ignore[arg-type]
    assert tables(keeping, but=case) == rows
    # The digest stands in the event; text and salt are nowhere, so that no guess can be held against it.
    [moved] = body.recorded("development-aaaaaaaaaaaaaaaa")
    assert moved.event.reason == TextRef(id=text, digest=digest_of(b"0" * 16, "I learned a lot."))
    assert b"0" * 16 not in {salt for (salt,) in keeping.rows("SELECT salt FROM record.texts")}
    assert text not in keeping.texts()
    assert body.submission(award_case).released


def test_the_name_of_somebody_erased_stands_in_no_table_and_in_nothing_that_processes_are_given(
    body: Body, clock: Clock, keeping: Keeping, database: Database
):
    person = former(body)
    case = keeping.approved(keeping.proposed(keeping.asked(person)))
    assert needles_in(database)
    keeping.gone(case)
    assert keeping.seen

    assert needles_in(database) == []
    given = str([asdict(situation_of(body.state(case), position=1, at=clock()))])
    assert "Wolkenkuckucksheim" not in given
    assert "zdravka" not in given


def needles_in(database: Database) -> list[str]:
    """The tables in a row of which the erased name or address stands, as text or as bytes."""
    found = []
    with psycopg.connect(database.admin_url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('record', 'read', 'migrations')"
        ).fetchall()
        assert {"events", "history", "tasks", "texts"} <= {table for _, table in names}
        for schema, table in names:
            for row in connection.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall():
                said = " ".join(one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in row)
                if "Wolkenkuckucksheim" in said or "zdravka" in said.lower():
                    found.append(f"{schema}.{table}")
    return sorted(set(found))


def test_histories_still_show_what_happened_with_the_erased_person_said_to_be_so(
    body: Body, keeping: Keeping, database: Database
):
    person = former(body)
    case = keeping.asked(person)
    keeping.gone(keeping.approved(keeping.proposed(case)))
    assert keeping.seen

    ran = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "history", case],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database.app_url},
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "what is kept of [person erased] be erased" in ran.stdout
    assert "0 texts and 2 fields were erased" in ran.stdout
    assert NAME not in ran.stdout


def test_every_text_of_the_whole_story_is_of_a_kind_that_the_policy_has_a_rule_for(body: Body, keeping: Keeping):
    factories.brought(body, "released")

    kinds = {text.kind for one in body.office.records.read_log(0, 100_000) for text in texts_in(one.event, one.stream)}

    assert {"register", "portfolio", "judgements"} <= kinds


# Whoever came from outside


def outside(body: Body, what: str) -> tuple[str, str]:
    """Somebody left a name and an address with a concern or a complaint; returns its id, and the award of a concern."""
    left = {"name": NAME, "address": f"zdravka@{NAME.split()[1].lower()}.example"}
    if what == "complaint":
        return complaining.entered(body, complaining.handlers(body)[0], **left), ""
    award, _, _ = award_of(body)
    return public(body, award, **left), award


def noted(body: Body, subject: str, award: str) -> str:
    command = body.command(body.officer, "officer")
    erasure.request_erasure(body.office, command, subject=subject, case=award)
    return retention.retention_id(command.id)


def settled(body: Body, subject: str, award: str) -> None:
    """The concern is concluded and answered, the complaint withdrawn."""
    if award:
        review(body, award, subject, body.chair)
        conclude(body, award, subject, "no_action")
        body.by_officer(accreditations.answer_concern, case=award, concern=subject, text="It is as it was judged.")
    else:
        handler = body.recorded(subject)[0].actor
        body.by(complaints.withdraw_complaint, handler, "complaints-handler", case=subject)


@pytest.mark.parametrize("what", ["concern", "complaint"])
def test_who_left_an_address_with_a_concern_or_a_complaint_is_erased_on_request_once_they_are_answered(
    body: Body, keeping: Keeping, what: str
):
    subject, award = outside(body, what)
    request = noted(body, subject, award)
    keeping.manager(erasure.check_requester, 1, case=request, means="identity-document")

    keeping.gone(keeping.approved(keeping.proposed(request)))
    assert fields_of(keeping, subject) == {"name", "address"}  # somebody is still to answer them
    assert {one.ground for one in keeping.state(request).kept} == {"open-matter"}

    settled(body, subject, award)
    keeping.gone(keeping.approved(keeping.proposed(noted_again(body, keeping, subject, award))))
    assert fields_of(keeping, subject) == set()
    assert not any(NAME in str(one) for one in keeping.vault().values())


def noted_again(body: Body, keeping: Keeping, subject: str, award: str) -> str:
    request = noted(body, subject, award)
    keeping.manager(erasure.check_requester, 1, case=request, means="identity-document")
    return request


def test_only_who_came_from_outside_is_asked_for_by_a_concern_or_a_complaint(body: Body, keeping: Keeping):
    award, _, _ = award_of(body)
    known = raised(body, award)
    inside = by_contact(body, factories.register_provider(body))
    somebody = factories.derived_id("concern", "none")

    for subject, case in ((known, award), (somebody, award), (inside, "")):
        with refused("erase-from-outside", field="subject"):
            noted(body, subject, case)
    with refused("known-complaint", field="complaint"):
        noted(body, factories.derived_id("complaint", "none"), "")
    with refused("known-accreditation", field="accreditation"):
        noted(body, known, "")
    of = complaining.entered(body, complaining.handlers(body)[0], about="people", people=[body.officer])
    with refused("complaint-apart", field="actor"):
        noted(body, of, "")


def test_a_role_whose_term_is_over_keeps_nobody_though_nobody_ended_it(body: Body, clock: Clock, keeping: Keeping):
    person = factories.derived_id("person", body.mark, "for-a-term")
    body.by_officer(people.register_person, id=person, name=NAME, email="zdravka@wolken.example")
    ends_at = clock() + timedelta(days=30)
    body.by_officer(people.give_role, id=person, role="officer", ends_at=ends_at)
    case = keeping.asked(person)
    with refused("erase-after-roles", field="subject", match="officer"):
        keeping.proposed(case)

    clock.comes_to(ends_at)
    keeping.gone(keeping.approved(keeping.proposed(case)))

    assert fields_of(keeping, person) == set()
