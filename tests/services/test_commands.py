"""A command is carried out once, whoever repeats it; and what it is given is checked before anything is written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest

from domain.ids import PROCESS_ROLE, derived_id
from domain.refusals import Refused
from domain.submission import events as e
from services import (
    accreditations,
    assessment,
    awards,
    calibration,
    handover,
    items,
    ledger,
    moderation,
    people,
    preparation,
    providers,
    schemes,
    screening,
    support,
    visits,
    windows,
)
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock

SERVICES = (
    accreditations, assessment, awards, items, moderation, people, preparation, providers, schemes, screening, visits, windows,
    calibration,
    handover,
    ledger,
    support,
)  # fmt: skip


def counts(database: Database) -> tuple[int, ...]:
    """How many events, texts and personal data there are."""
    with psycopg.connect(database.admin_url) as connection:
        found = [
            connection.execute(f"SELECT count(*) FROM record.{table}").fetchone()
            for table in ("events", "texts", "vault")
        ]
    return tuple(row[0] for row in found if row)


def everything_twice(monkeypatch: pytest.MonkeyPatch, database: Database) -> list[Receipt]:
    """From now on every command is given twice, and the second time changes nothing; returns the list of the first times."""
    receipts: list[Receipt] = []

    def twice(office: Office, command: Command, *streams: str, step: Callable[[Work], None]) -> Receipt:
        first = carry_out(office, command, *streams, step=step)
        before = counts(database)
        again = carry_out(office, command, *streams, step=step)
        assert counts(database) == before
        assert again.events == {}
        assert again.repeated is bool(first.events)
        assert again.position == first.position
        receipts.append(first)
        return first

    for module in SERVICES:
        if hasattr(module, "carry_out"):
            monkeypatch.setattr(module, "carry_out", twice)
    return receipts


def test_every_command_of_a_whole_course_given_twice_changes_nothing_the_second_time(
    office: Office, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
):
    receipts = everything_twice(monkeypatch, database)
    body = factories.open_body(office, now=clock)
    window = factories.schedule_window(body, capacity=5)
    body.by_officer(
        windows.extend_window, id=window, closes_at=clock() + timedelta(days=60), reason="The line was down."
    )
    low = {"1.1": "not_met"}

    case = factories.brought(body, "confirmed", window=window, levels=low)
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted="What came of it?")
    body.by_contact(moderation.provide_evidence, case, answers={"1.1": "This came of it."}, evidence=[])
    clock.passes(days=14)
    body.by(moderation.open_final_review, case, PROCESS_ROLE, case=case)
    factories.confirm(body, case, "1.1")
    body.by_chair(moderation.conclude_review, case=case)
    factories.decide(body, case)
    factories.settle(body, case)

    awarded = factories.brought(body, "released", window=window)
    award = awards.accreditation_id(awarded)
    clock.passes(days=800)
    body.by(awards.remind_of_end, award, PROCESS_ROLE, case=award)
    clock.passes(days=800)
    body.by(awards.lapse_award, award, PROCESS_ROLE, case=award)

    assert body.submission(case).over
    assert body.state(award).lapsed
    kinds = {type(event).__name__ for receipt in receipts for events in receipt.events.values() for event in events}
    assert {"EvidenceProvided", "DecisionRecorded", "AccreditationLapsed", "PlaceTaken", "ReminderSent"} <= kinds


def test_a_registration_repeated_is_one_provider_one_contact_and_one_programme(body: Body, database: Database):
    provider = factories.register_provider(body)
    command = body.command(provider.contact, "provider")
    programme = preparation.Programme(
        title="A programme",
        category="single-programme",
        subject="science",
        phase="primary",
        mode="online",
        applies=factories.none_applies(body),
    )
    said: dict[str, Any] = {
        "scheme": body.scheme.id,
        "provider": provider.id,
        "programme": programme,
        "agreement_accepted": True,
    }
    first = preparation.register_programme(body.office, command, **said)
    before = counts(database)

    again = preparation.register_programme(body.office, command, **said)

    assert (again.repeated, again.position, counts(database)) == (True, first.position, before)


def test_a_repetition_is_answered_as_the_first_time_also_when_the_case_has_gone_on(body: Body):
    case = factories.brought(body, "screened")
    given = next(one for one in body.recorded(case) if isinstance(one.event, e.ScreeningPassed))
    command = Command(id=given.command, actor=given.actor, role=given.role, at=given.at)
    factories.settle(body, case)
    factories.assess(body, case)

    again = screening.pass_screening(body.office, command, case=case)

    assert (again.repeated, again.events) == (True, {})
    assert again.position == given.position


def test_the_same_id_on_another_case_or_from_another_person_is_another_command(body: Body):
    provider = factories.register_provider(body)
    one, other = factories.register(body, provider), factories.register(body, provider)
    foreign = factories.register(body)

    def withdraw(case: str, actor: str) -> Receipt:
        return preparation.withdraw(
            body.office, body.command(actor, "provider", id="again and again"), case=case, reason=f"No time for {case}"
        )

    stranger = body.submission(foreign).registration.lead_contact
    assert not any(
        withdraw(case, actor).repeated
        for case, actor in ((one, provider.contact), (other, provider.contact), (foreign, stranger))
    )
    assert withdraw(one, provider.contact).repeated
    with refused("own-provider"):
        withdraw(one, stranger)
    texts = {body.events(case, e.SubmissionWithdrawn)[0].reason.id for case in (one, other, foreign)}
    assert len(texts) == 3


@pytest.mark.parametrize("id", ["", "x" * 201, "a\0b", "\ud800", "Größe", "two\nlines"])
def test_the_id_of_a_command_is_plain_and_short(body: Body, database: Database, id: str):
    before = counts(database)

    with refused("command-ids", field="id"):
        people.set_availability(body.office, body.command(body.chair, "chair", id=id or "\0"), available=False)

    assert counts(database) == before


# -- bad input -----------------------------------------------------------------------------------------------------------

BAD_IDS = [
    "",
    "garbage",
    "submission-",
    "submission-Ada Byron",
    "person-\0",
    "\ud800",
    "x" * 100_000,
    "window-' OR 1=1",
]
BY_OFFICER: dict[Callable[..., Receipt], dict[str, Any]] = {
    screening.pass_screening: {},
    screening.return_portfolio: {"reason": "Why"},
    screening.find_ineligible: {"reason": "Why"},
    preparation.pay_fee: {"kind": "registration", "amount": 1},
    preparation.waive_fee: {"kind": "registration", "reason": "Why"},
    preparation.extend_preparation: {"until": datetime(2027, 1, 1, tzinfo=UTC), "reason": "Why"},
    preparation.extend_deadline: {"until": datetime(2027, 1, 1, tzinfo=UTC), "reason": "Why"},
    assessment.reassign: {},
    calibration.choose_marker: {},
    items.hand_over_item: {"to": derived_id("person", "nobody"), "reason": "Why"},
    handover.end_assignment: {"reason": "They are ill"},
    ledger.refund_fee: {"kind": "registration", "amount": 1, "reason": "In error"},
    visits.agree_provisional_date: {"visit_at": datetime(2027, 1, 1, tzinfo=UTC)},
}
BY_OTHERS: dict[Callable[..., Receipt], tuple[str, dict[str, Any]]] = {
    preparation.withdraw: ("provider", {"reason": "Why"}),
    support.evaluate_oneself: ("provider", {"levels": {"1.1": "met"}, "plan": "We shall"}),
    support.answer_question: ("provider", {"number": 1, "text": "Everyone"}),
    support.ask_question: ("assessor", {"text": "Who took part?"}),
    calibration.judge_blind: ("assessor", {"judgements": {}}),
    calibration.complete_blind: ("assessor", {"minutes_spent": 9}),
    calibration.decline_blind: ("assessor", {}),
    moderation.provide_evidence: ("provider", {"answers": {}, "evidence": []}),
    assessment.accept_assignment: ("assessor", {}),
    assessment.decline_assignment: ("assessor", {}),
    assessment.judge: ("assessor", {"judgements": {}}),
    assessment.complete_assessment: ("assessor", {"minutes_spent": 9}),
    visits.hold_visit: ("assessor", {"met": [], "minutes_spent": 9, "recommendation": None}),
    items.find_outside_definition: ("chair", {"reason": "A sale"}),
    moderation.moderate: ("chair", {"judgements": {}}),
    moderation.request_evidence: ("chair", {"criteria": ["1.1"], "wanted": "More"}),
    moderation.conclude_review: ("chair", {}),
    moderation.decide: ("chair", {}),
    moderation.approve_report: ("chair", {"lacks": {"1.1": Lack(lacking="evidence", missing="A page")}}),
}
BY_PROCESS = (
    preparation.start_preparation,
    preparation.lapse,
    preparation.remind,
    preparation.miss_deadline,
    visits.give_up_date,
    screening.start_screening,
    assessment.assign_assessor,
    assessment.take_back,
    calibration.remind_marker,
    calibration.miss_marking,
    moderation.open_final_review,
    awards.release_result,
    awards.remind_of_end,
    awards.lapse_award,
    accreditations.start_extension,
    accreditations.ask_confirmation,
    accreditations.remind_to_confirm,
    accreditations.miss_confirmation,
    accreditations.miss_review,
    windows.open_window,
    windows.close_window,
)


def test_what_is_no_id_is_refused_by_name_whatever_it_is_and_nothing_is_written(body: Body, database: Database):
    before = counts(database)

    for bad in BAD_IDS:
        for service, said in BY_OFFICER.items():
            with refused("known-submission", field="submission"):
                body.by_officer(service, case=bad, **said)
        for service, (role, said) in BY_OTHERS.items():
            with refused("known-submission", field="submission"):
                body.by(service, body.officer, role, case=bad, **said)
        for service in BY_PROCESS:
            with pytest.raises(Refused, match=r"no (submission|accreditation|window) id"):
                body.by(service, bad, PROCESS_ROLE, case=bad)
        with refused("known-window", field="window"):
            body.by_officer(
                windows.extend_window, id=bad, closes_at=body.now() + timedelta(days=1), reason="The line was down."
            )
        with refused("known-meeting", field="meeting"):
            body.by_chair(moderation.open_meeting, id=bad, present=[])
        with refused("known-meeting", field="meeting"):
            body.by_chair(moderation.sign_minutes, id=bad, minutes_spent=1)
        with refused("known-person", field="person"):
            body.by_officer(people.register_person, id=bad, name="Ada", email="ada@example.org")
        with refused("known-person", field="person"):
            body.by(people.sign_non_disclosure, bad, "assessor")

    assert counts(database) == before


def test_an_id_of_nothing_is_refused_and_nothing_is_written(body: Body, database: Database):
    before = counts(database)
    nothing = derived_id("submission", "nothing")

    for service, said in BY_OFFICER.items():
        with refused("known-submission", field="submission"):
            body.by_officer(service, case=nothing, **said)
    with refused("known-meeting", field="meeting"):
        body.by_chair(moderation.open_meeting, id=derived_id("meeting", "nothing"), present=[body.chair])
    with refused("known-window", field="window"):
        body.by_officer(
            windows.extend_window, id=derived_id("window", "nothing"), closes_at=body.now(), reason="The line was down."
        )
    with refused("known-provider", field="provider"):
        body.by_officer(people.declare_conflict, id=body.chair, provider=derived_id("provider", "nothing"))
    with refused("known-person", field="person"):
        body.by_officer(people.give_role, id=derived_id("person", "nothing"), role="chair", scheme=body.scheme.id)

    assert counts(database) == before


NAIVE = datetime(2027, 1, 1)  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("instant", [NAIVE, datetime.max.replace(tzinfo=UTC)])
def test_an_instant_that_could_mean_anything_is_refused_by_its_field(body: Body, database: Database, instant: datetime):
    case = factories.register(body)
    window = factories.schedule_window(body)
    before = counts(database)
    later = body.now() + timedelta(days=1)

    with refused("instants", field="opens_at"):
        body.by_officer(windows.schedule_window, scheme=body.scheme.id, opens_at=instant, closes_at=later)
    with refused("instants", field="closes_at"):
        body.by_officer(windows.schedule_window, scheme=body.scheme.id, opens_at=later, closes_at=instant)
    with refused("instants", field="closes_at"):
        body.by_officer(windows.extend_window, id=window, closes_at=instant, reason="The line was down.")
    with refused("instants", field="until"):
        body.by_officer(preparation.extend_preparation, case=case, until=instant, reason="Illness")
    with refused("instants", field="expires_at"):
        training = {"kind": "chairing", "scheme": body.scheme.id, "expires_at": instant}
        body.by_officer(people.record_training, id=body.chair, **training)
    with refused("instants", field="starts_at"):
        planned = {"chair": body.chair, "panel": body.moderators, "items": [case]}
        body.by_officer(moderation.schedule_meeting, scheme=body.scheme.id, starts_at=instant, **planned)

    assert counts(database) == before


def test_an_instant_with_another_offset_is_recorded_in_utc(body: Body):
    there = timezone(timedelta(hours=9))
    command = body.command(body.officer, "officer")

    windows.schedule_window(
        body.office,
        command,
        scheme=body.scheme.id,
        opens_at=body.now().astimezone(there),
        closes_at=(body.now() + timedelta(days=9)).astimezone(there),
    )

    assert body.state(windows.window_id(command.id)).opens_at == body.now()


@pytest.mark.parametrize(
    ("text", "rule"),
    [("", "text-given"), (" \n", "text-given"), ("a\0b", "text-characters"), ("x" * 1_000_000, "text-length")],
)
def test_a_text_that_cannot_be_kept_is_refused_by_its_field_and_nothing_is_written(
    body: Body, database: Database, text: str, rule: str
):
    case = factories.brought(body, "confirmed", levels={"1.1": "not_met"})
    provider = body.submission(case).registration.lead_contact
    fresh = factories.register(body)
    before = counts(database)

    with refused(rule, field="reason"):
        body.by_officer(preparation.waive_fee, case=fresh, kind="registration", reason=text)
    with refused(rule, field="reason"):
        body.by(preparation.withdraw, provider, "provider", case=case, reason=text)
    with refused(rule, field="wanted"):
        body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted=text)
    with refused(rule if text else "change-needs-reason", field="judgements.1.2.reason"):
        changed = {"1.2": Judgement(level="not_met", reason=text)}
        body.by_chair(moderation.moderate, case=case, judgements=changed)
    with refused(rule, field="answers.1.1"):
        window = factories.schedule_window(body)
        before = counts(database)
        body.by_contact(preparation.submit_portfolio, fresh, window_id=window, answers={"1.1": text}, evidence=[])

    assert counts(database) == before


def test_a_faulty_scheme_is_refused_with_every_fault_and_is_not_published(body: Body, database: Database):
    before = counts(database)
    faulty = (
        factories.scheme_source(validity="P0Y")
        .replace("quorum = 3", "quorum = 0")
        .replace("version = 1", "version = 2")
    )

    with refused("scheme-checked", field="new.toml", match=r"(?s)clocks\.validity.*moderation\.quorum"):
        body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=faulty, file="new.toml")

    assert counts(database) == before


def test_a_published_version_never_changes(body: Body, database: Database):
    before = counts(database)

    with refused("scheme-versions", field="scheme.version"):
        other = factories.scheme_source(validity="P2Y")
        body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=other, file="new.toml")

    assert counts(database) == before
