"""Whatever is put in where an appeal, a complaint, an audit or the like wants an id, a code, a text, a date or a number: refused by rule.

Each service works with what it is given here, but for one input at a time, which is bad (and for a few, said by name, that
refuse what is given them in any case, since it is not their turn).
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.audit import Scope
from domain.ids import derived_id, is_id, kind_of
from domain.person import AttemptRefused
from domain.refusals import Refused
from services import (
    accounts,
    affected,
    appeals,
    audit_actions,
    audits,
    competence,
    complaint_handling,
    complaints,
    conflicts,
    development,
    erasure,
    matters,
    people,
    proposals,
    retention,
    risks,
    sampling,
    scrutiny,
    standardisation,
    workforce,
)
from services.appeals import Ruling
from services.development import Offer
from services.office import Receipt
from tests import factories
from tests.conftest import Database
from tests.domain.given import says_all
from tests.factories import Body
from tests.services import appealing, boards, complaining, retaining, workplace
from tests.services.conftest import Clock

MEGABYTE = "x" * 1_000_000
STRINGS = ["", " ", "\0", "\ud800", "\u202e\u200b", "garbage Ä", MEGABYTE]
NUMBERS = [-1, 10**30]
DATES = [datetime(2026, 5, 1), datetime(1969, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]  # noqa: DTZ001
WORDS = (
    "text",
    "reason",
    "note",
    "done",
    "need",
    "summary",
    "statement",
    "description",
    "to_do",
    "mitigation",
    "grounds",
)
"""Inputs that are typed text: anything that can be kept and shown goes."""
AS_IT_STANDS = {
    "close_remedy",
    "deal_with_other",
    "close_other",
    "close_affected",
    "record_result",
    "ask_to_look",
    "sign_scrutiny",
    "take_up_proposal",
    "close_audit",
    "do_action",
    "complete_activity",
    "propose_letting_go",
    "approve_letting_go",
    "let_go",
    "propose_erasure",
    "replace_hidden",
}
"""What refuses here whatever it is given."""


@dataclass(frozen=True, slots=True)
class Use:
    """A service with an actor, and what it works with."""

    service: Callable[..., Any]
    actor: str
    role: str
    said: dict[str, Any]


def bad_for(name: str, value: Any) -> Iterator[Any]:
    """Values that cannot be meant where this one can."""
    match value:
        case bool() | None:
            return
        case int():
            yield from NUMBERS
        case datetime():
            yield from DATES
        case str() if name in WORDS:
            yield from STRINGS[:-2]
            yield MEGABYTE
        case str() if is_id(value):
            yield from STRINGS
            yield derived_id(kind_of(value), "nothing of this id")
            yield derived_id("window" if kind_of(value) != "window" else "meeting", "of another kind")
        case str():
            yield from STRINGS
        case Mapping():
            yield {}
            for bad in STRINGS:
                yield {bad: next(iter(value.values()))}
            for key, held in value.items():
                for bad in bad_for("text" if isinstance(held, str) else key, held):
                    yield {**value, key: bad}
        case Ruling() | Offer() | Scope():
            for each in dataclasses.fields(value):
                for bad in bad_for(
                    "text" if each.name in ("reason", "title", "trainer", "statement") else each.name,
                    getattr(value, each.name),
                ):
                    yield dataclasses.replace(value, **{each.name: bad})
        case Sequence():
            yield from ([bad] for one in value[:1] for bad in bad_for(name, one))


def of_appeals(body: Body) -> list[Use]:
    hear = appealing.hearing(body)
    case = appealing.refused_case(body)
    new, late = hear.lodge(case), body.now() + timedelta(days=90)
    admitted = hear.admitted(appealing.refused_case(body))
    heard, upheld = hear.heard(appealing.refused_case(body)), hear.upheld(appealing.refused_case(body))
    ruling = {"evidence": Ruling(finding="dismissed", reason="We looked.")}
    chair, *members = hear.panel
    officer = (hear.officer, "appeals-officer")
    other = appealing.refused_case(body)
    assessor = body.events(hear.state(upheld).lodging.case)
    assert assessor
    return [
        Use(matters.move_task, factories.appoint(body, "officer", scheme=None), "officer", {"case": new, "rule": "acknowledge-appeal-within", "until": late, "reason": "Ill."}),
        Use(appeals.lodge_appeal, hear.contact(other), "provider", {"case": other, "contested": "result", "grounds": {"evidence": "A file was not read."}}),
        Use(appeals.acknowledge_appeal, *officer, {"appeal": new}),
        Use(appeals.admit_appeal, *officer, {"appeal": hear.acknowledged(appealing.refused_case(body)), "reason": "Ill."}),
        Use(appeals.refuse_appeal, *officer, {"appeal": hear.acknowledged(appealing.refused_case(body)), "reason": "No."}),
        Use(appeals.name_panel, *officer, {"appeal": admitted, "chair": chair, "members": members}),
        Use(appeals.decide_appeal, chair, "appeals-panel", {"appeal": heard, "rulings": ruling}),
        Use(appeals.close_remedy, *officer, {"appeal": upheld}),
        Use(appeals.material, chair, "appeals-panel", {"appeal": heard}),
        Use(affected.cpd_follows, *officer, {"appeal": upheld, "topic": "bias", "needs": {body.chair: "To listen."}}),
        Use(affected.deal_with_other, *officer, {"appeal": upheld, "other": case, "action": "told", "done": "A letter."}),
        Use(affected.close_other, *officer, {"appeal": upheld, "other": case}),
        Use(appeals.leave_panel, *officer, {"appeal": hear.heard(appealing.refused_case(body)), "person": chair, "reason": "Ill."}),
        Use(appeals.withdraw_appeal, hear.contact(case), "provider", {"appeal": new, "reason": "Settled."}),
    ]  # fmt: skip


def of_complaints(body: Body) -> list[Use]:
    first, second = complaining.handlers(body)
    provider, seats = factories.register_provider(body), complaining.board(body)
    about = {"about": "people", "people": [body.chair], "text": "They were late."}
    new = complaining.by_contact(body, provider, **about)
    held, answered = complaining.by_contact(body, provider, **about), complaining.by_contact(body, provider)
    complaining.acknowledge(body, held, first)
    complaining.answer(body, answered, first, outcome="upheld", done="We called.")
    third = complaining.by_contact(body, provider)
    complaining.answer(body, third, first)
    complaining.escalate(body, third, provider.contact)
    complaining.answer(body, third, second)
    complaining.escalate(body, third, provider.contact)
    handler = (first, "complaints-handler")
    in_hand = complaining.by_contact(body, provider)
    complaining.acknowledge(body, in_hand, first)
    upheld = complaining.by_contact(body, provider, **about)
    complaining.answer(body, upheld, first, outcome="upheld", done="We called.")
    case, touched = factories.register(body), factories.register(body)
    body.by(complaint_handling.name_affected_case, *handler, case=upheld, affected=touched, note="The same.")
    deal = {"case": upheld, "affected": touched}
    return [
        Use(complaints.raise_complaint, body.chair, "chair", {"scheme": body.scheme.id, "about": "people", "text": "Rude.", "people": [body.officer]}),
        Use(complaints.raise_complaint, body.chair, "chair", {"scheme": body.scheme.id, "about": "case", "text": "Rude.", "case": case}),
        Use(complaints.enter_complaint, *handler, {"scheme": body.scheme.id, "about": "service", "text": "Rude."}),
        Use(complaints.name_person, *handler, {"case": held, "person": body.officer}),
        Use(complaints.escalate_complaint, provider.contact, "provider", {"case": answered, "reason": "No answer."}),
        Use(complaint_handling.acknowledge_complaint, *handler, {"case": new}),
        Use(complaint_handling.answer_complaint, *handler, {"case": held, "outcome": "upheld", "reason": "So.", "done": "Told."}),
        Use(complaint_handling.form_committee, factories.appoint(body, "quality-manager", scheme=None), "quality-manager", {"case": third, "chair": seats[0], "members": seats}),
        Use(complaint_handling.name_follow_up, *handler, {"case": upheld, "person": body.chair, "topic": "tone", "need": "To listen."}),
        Use(complaint_handling.name_affected_case, *handler, {"case": upheld, "affected": case, "note": "The same."}),
        Use(complaint_handling.deal_with_affected, *handler, {**deal, "action": "told", "done": "A letter."}),
        Use(complaint_handling.close_affected, *handler, deal),
        Use(complaints.withdraw_complaint, provider.contact, "provider", {"case": new}),
        Use(complaint_handling.hand_to, *handler, {"case": in_hand, "to": second, "reason": "Ill."}),
    ]  # fmt: skip


def of_governance(body: Body, clock: Clock) -> list[Use]:
    members = boards.board_of(body)
    for _ in range(3):
        boards.registered_case(body)
    clock.passes(days=1)
    id = boards.opened(body, members)
    case, second, *_ = boards.audit(body, id).sampled
    boards.find(body, members[0], id, case, "reasons", result="major")
    boards.agree(body, members[0], id, 1, body.officer)
    boards.find(body, members[0], id, second, "reasons", result="minor")
    board = (members[0], "board")
    manager = (factories.appoint(body, "quality-manager", scheme=None), "quality-manager")
    risk = {
        "kind": "financial",
        "description": "Fees",
        "likelihood": "low",
        "impact": "low",
        "owner": body.officer,
        "mitigation": "Told",
    }
    registered = body.command(*board)
    risks.register_risk(body.office, registered, **risk)
    on_risk, plan = risks.risk_id(registered.id), sampling.plan_id(body.scheme.id, 2026)
    body.by(sampling.plan_sampling, *manager, scheme=body.scheme.id, year=2026, seed=7)
    criteria = [next(iter(body.scheme.criteria))]
    proposed = body.command(body.chair, "chair")
    proposals.propose_change(
        body.office, proposed, scheme=body.scheme.id, criteria=criteria, text="More", grounds="Seen"
    )
    proposal = proposals.proposal_id(proposed.id)
    starts_at = body.now() + timedelta(days=30)
    scheduled = body.command(*manager)
    session = {
        "scheme": body.scheme.id,
        "starts_at": starts_at,
        "leader": body.chair,
        "invited": list(body.moderators),
        "note": "Two portfolios.",
    }
    standardisation.schedule_session(body.office, scheduled, **session)
    held = standardisation.session_id(scheduled.id)
    whole = {"scope": boards.scope(body), "checklist": boards.CHECKLIST, "members": members, "seed": 1, "size": 1}
    return [
        Use(audits.open_audit, *board, {**whole, "scope": boards.scope(body, begins_at=body.now() - timedelta(days=9))}),
        Use(audits.change_members, *board, {"audit": id, "members": members[:2], "lead": members[1], "reason": "Ill."}),
        Use(audits.replace_hidden, *board, {"audit": id}),
        Use(audits.look_at, *board, {"audit": id, "case": case}),
        Use(audits.record_finding, *board, {"audit": id, "case": case, "item": "clocks", "result": "minor", "text": "Late."}),
        Use(audits.supersede_finding, *board, {"audit": id, "finding": 1, "result": "minor", "reason": "Less.", "text": "Late."}),
        Use(audits.close_audit, *board, {"audit": id, "summary": "All in all."}),
        Use(audit_actions.agree_action, *board, {"audit": id, "finding": 2, "owner": body.chair, "to_do": "Say why."}),
        Use(audit_actions.give_action, *board, {"audit": id, "action": 1, "owner": body.chair, "reason": "Ill."}),
        Use(audit_actions.do_action, body.officer, "officer", {"audit": id, "action": 1, "note": "Said."}),
        Use(risks.register_risk, *board, risk),
        Use(risks.review_risk, body.officer, "officer", {"risk": on_risk, "result": "holds", "note": "So."}),
        Use(risks.name_owner, *board, {"risk": on_risk, "owner": members[1], "reason": "Ill."}),
        Use(risks.close_risk, *board, {"risk": on_risk, "reason": "Over."}),
        Use(sampling.plan_sampling, *manager, {"scheme": body.scheme.id, "year": 2027, "seed": 7, "percent": 50, "least": 3}),
        Use(sampling.draw_sample, *manager, {"case": plan}),
        Use(sampling.ask_to_look, *manager, {"plan": plan, "number": 1, "looker": body.moderators[0]}),
        Use(sampling.record_result, *manager, {"plan": plan, "number": 1, "result": "serious"}),
        Use(proposals.propose_change, body.chair, "chair", {"scheme": body.scheme.id, "criteria": criteria, "text": "More", "evidence": [case]}),
        Use(proposals.consider_proposal, *manager, {"case": proposal, "result": "accepted", "reason": "So."}),
        Use(proposals.take_up_proposal, *manager, {"case": proposal, "version": 2}),
        Use(proposals.withdraw_proposal, body.chair, "chair", {"case": proposal}),
        Use(standardisation.schedule_session, *manager, session),
        Use(standardisation.cancel_session, *manager, {"session": held, "reason": "Ill."}),
    ]  # fmt: skip


def of_people(body: Body) -> list[Use]:
    office = (factories.appoint(body, "officer", scheme=None), "officer")
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    body.by_officer(people.declare_conflict, id=body.chair, provider=provider.id)
    then = datetime(2025, 1, 1, tzinfo=UTC)
    employed = {"id": body.chair, "kind": "employed", "provider": provider.id, "from_at": then}
    body.by_officer(conflicts.record_fact, **employed)
    term = body.now() + timedelta(days=90)
    arranged = body.command(*office)
    whole = {
        "person": body.chair,
        "case": case,
        "role": "chair",
        "scrutineer": body.moderators[0],
        "reason": "Nobody else.",
    }
    scrutiny.propose_scrutiny(body.office, arranged, **whole)
    on = scrutiny.scrutiny_id(arranged.id)
    stated = {"id": body.chair, "topic": "experience", "kind": "led"}
    return [
        Use(scrutiny.approve_scrutiny, body.officer, "officer", {"case": on}),
        Use(people.declare_conflict, *office, {"id": body.chair, "provider": provider.id, "kind": "family"}),
        Use(people.give_role, *office, {"id": body.chair, "role": "moderator", "scheme": body.scheme.id, "ends_at": term}),
        Use(people.record_training, *office, {"id": body.chair, "kind": "appeals", "scheme": body.scheme.id, "expires_at": term}),
        Use(conflicts.record_fact, *office, {**employed, "kind": "advised", "until_at": then + timedelta(days=1)}),
        Use(conflicts.correct_fact, *office, {"id": body.chair, "number": 1, "from_at": then, "reason": "In error."}),
        Use(conflicts.lift_conflict, *office, {"id": body.chair, "provider": provider.id, "kind": "declared", "reason": "In error."}),
        Use(accounts.link_accounts, *office, {"goes_on": body.moderators[1], "other": body.moderators[2], "reason": "One."}),
        Use(scrutiny.propose_scrutiny, *office, whole),
        Use(scrutiny.sign_scrutiny, body.moderators[0], "moderator", {"case": on, "statement": "Seen."}),
        Use(competence.state_credential, *office, {**stated, "text": "A programme."}),
        Use(competence.plan_absence, body.chair, "chair", {"starts_at": term, "ends_at": term + timedelta(days=1)}),
        Use(competence.limit_capacity, body.assessors[0], "assessor", {"scheme": body.scheme.id, "most": 1}),
        Use(scrutiny.end_scrutiny, *office, {"case": on, "reason": "Over."}),
    ]  # fmt: skip


def of_workforce(body: Body) -> list[Use]:
    place = workplace.open_workplace(body)
    place.agree()
    activity, second, third = place.propose(), place.propose(), place.propose()
    manager, lead, pat = (place.manager, "quality-manager"), (place.lead, "assessor"), (place.pat, "assessor")
    mine = {"person": place.pat}
    return [
        Use(development.open_plan, *manager, {"person": place.colleague, "department": "assessing"}),
        Use(development.add_need, *lead, {**mine, "topic": "tone", "source": "appraisal", "text": "More."}),
        Use(development.propose_activity, *pat, {**mine, "offer": place.offer()}),
        Use(development.approve_activity, *lead, {**mine, "activity": activity}),
        Use(development.complete_activity, *lead, {**mine, "activity": activity, "done_at": body.now(), "minutes": 9}),
        Use(development.decline_activity, *lead, {**mine, "activity": second, "reason": "Dear."}),
        Use(development.drop_activity, *lead, {**mine, "activity": third, "reason": "Ill."}),
        Use(development.change_department, *manager, {**mine, "department": "appeals"}),
        Use(development.end_development, *manager, {**mine, "reason": "Left."}),
        Use(workforce.make_report, *manager, {"scope": "assessing", "until_at": body.now()}),
        Use(workforce.name_lead, *manager, {"department": "appeals", "lead": place.colleague}),
        Use(workforce.end_lead, *manager, {"department": "assessing"}),
    ]  # fmt: skip


def of_retention(body: Body, database: Database) -> list[Use]:
    keeping = retaining.open_keeping(body, database)
    manager, other = (keeping.managers[0], "quality-manager"), (keeping.managers[1], "quality-manager")
    provider = factories.register_provider(body)
    said = {"subject": provider.id, "reason": "A claim."}
    body.by(retention.hold, *manager, **said, ground="legal-claim")
    asked = body.command(body.officer, "officer")
    erasure.request_erasure(body.office, asked, subject=body.chair)
    case = retention.retention_id(asked.id)
    shelves = {"shelves": keeping.seen}
    return [
        Use(retention.propose_letting_go, *manager, {**shelves, "on": body.now()}),
        Use(retention.approve_letting_go, *other, {"case": case}),
        Use(retention.let_go, *other, {"case": case, **shelves}),
        Use(retention.hold, *manager, {"subject": body.assessors[0], "ground": "legal-claim", "reason": "A claim."}),
        Use(retention.review_hold, *manager, said),
        Use(retention.release_hold, *other, {**said, **shelves}),
        Use(erasure.request_erasure, body.officer, "officer", {"subject": body.chair, "received_at": body.now()}),
        Use(erasure.check_requester, *manager, {"case": case, "means": "in-person"}),
        Use(erasure.propose_erasure, *manager, {"case": case, **shelves}),
        Use(retention.decline_letting_go, *other, {"case": case, "reason": "No."}),
    ]  # fmt: skip


def kept(body: Body, database: Database) -> tuple[int, int, int]:
    """How many events there are but for recorded attempts, and how many texts and personal data."""
    log = body.office.records.read_log(0, 1_000_000)
    with psycopg.connect(database.admin_url) as connection:
        texts = connection.execute("SELECT count(*) FROM record.texts").fetchall()[0][0]
        vault = connection.execute("SELECT count(*) FROM record.vault").fetchall()[0][0]
    return sum(not isinstance(one.event, AttemptRefused) for one in log), texts, vault


def refusing(body: Body, uses: Sequence[Use]) -> set[str]:
    """Use each with what it is given; returns the names of those that refuse."""
    refused = set()
    for use in uses:
        try:
            use.service(body.office, body.command(use.actor, use.role), **use.said)
        except Refused:
            refused.add(use.service.__name__)
    return refused


def spoiled(uses: Sequence[Use]) -> Iterator[tuple[str, Use, dict[str, Any]]]:
    """Each use with one bad input after the other."""
    for use in uses:
        for name, value in use.said.items():
            for bad in bad_for(name, value):
                yield name, use, {**use.said, name: bad}


@pytest.mark.parametrize("part", ["appeals", "complaints", "governance", "people", "workforce", "retention"])
def test_bad_input_is_refused_by_its_rule_and_nothing_is_written(
    part: str, body: Body, clock: Clock, database: Database
):
    worlds: dict[str, Callable[[], list[Use]]] = {
        "appeals": lambda: of_appeals(body),
        "complaints": lambda: of_complaints(body),
        "governance": lambda: of_governance(body, clock),
        "people": lambda: of_people(body),
        "workforce": lambda: of_workforce(body),
        "retention": lambda: of_retention(body, database),
    }
    uses = worlds[part]()
    before = kept(body, database)
    faults: list[str] = []
    tried = 0

    for name, use, said in spoiled(uses):
        tried += 1
        told = f"{use.service.__module__}.{use.service.__name__}({name}={str(said[name])[:60]!r})"
        try:
            done: Receipt = use.service(body.office, body.command(use.actor, use.role), **said)
        except Refused as refusal:
            says_all(refusal)
        except Exception as broken:  # noqa: BLE001 - whatever breaks is named
            faults.append(f"{told} broke: {type(broken).__name__}: {str(broken)[:80]}")
        else:
            faults.append(f"{told} was accepted: {str(getattr(done, 'events', done))[:80]}")

    assert not faults, "\n".join(faults)
    assert kept(body, database) == before
    assert tried > 50
    assert refusing(body, uses) <= AS_IT_STANDS
