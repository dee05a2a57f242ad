"""Which commands there are under which address: services by the resource that they belong to. See docs/decisions/0019."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain import permissions
from domain.ids import derived_id
from services import (
    accounts,
    accreditations,
    affected,
    appeals,
    assessment,
    audit_actions,
    audits,
    calibration,
    competence,
    complaint_handling,
    complaints,
    conflicts,
    development,
    erasure,
    files,
    handover,
    items,
    learning,
    ledger,
    letters,
    matters,
    moderation,
    people,
    policies,
    preparation,
    proposals,
    providers,
    retention,
    risks,
    rounds,
    sampling,
    schemes,
    screening,
    scrutiny,
    standardisation,
    support,
    visits,
    windows,
    workforce,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A service as the API offers it, at `/{resource}/{about}/{name}`, or `/{resource}/{name}` where it is about nothing yet.

    `about` is the parameter that stands in the address; `makes` gives, by parameter, ids that the command's own id makes
    and nobody types; `creates` the ids, by kind, of what it creates that is no stream of its own. With `signs_up` anybody may
    give it who is not known yet: they act as the provider's contact whom the command makes known under that id.
    """

    service: Callable[..., Any]
    resource: str
    about: str | None = None
    makes: tuple[tuple[str, Callable[[str], str]], ...] = ()
    creates: tuple[tuple[str, Callable[[str], str]], ...] = ()
    signs_up: Callable[[str], str] | None = None

    @property
    def action(self) -> str:
        """What the table of permissions calls it."""
        return permissions.named(self.service.__module__, self.service.__name__)

    @property
    def operation(self) -> str:
        """What clients call it: the service's name; where two have the same, with what it is about after the verb."""
        name = self.service.__name__
        verb, _, rest = name.partition("_")
        return name if self.action == name else f"{verb}_{self.resource.removesuffix('s')}_{rest}"

    @property
    def path(self) -> str:
        """Its address below `/api/v1`."""
        middle = f"/{{{self.about}}}" if self.about else ""
        return f"/{self.resource}{middle}/{self.service.__name__.replace('_', '-')}"


def _on(resource: str, about: str | None, *services: Callable[..., Any]) -> tuple[Entry, ...]:
    return tuple(Entry(service=one, resource=resource, about=about) for one in services)


def _person_id(command: str) -> str:
    return derived_id("person", command)


COMMANDS: Final[tuple[Entry, ...]] = (
    Entry(
        service=providers.register_provider,
        resource="providers",
        creates=(("provider", providers.provider_id), ("person", providers.contact_id)),
        signs_up=providers.contact_id,
    ),
    Entry(
        service=providers.name_contact,
        resource="providers",
        about="id",
        creates=(("person", providers.contact_id),),
    ),
    *_on("providers", "id", providers.end_contact),
    # Submissions, from registration to the decision.
    *_on("submissions", None, preparation.register_programme),
    *_on(
        "submissions",
        "case",
        preparation.pay_fee,
        preparation.waive_fee,
        ledger.refund_fee,
        preparation.extend_preparation,
        preparation.extend_deadline,
        preparation.withdraw,
        preparation.submit_portfolio,
        support.evaluate_oneself,
        support.give_guidance,
        support.ask_question,
        support.answer_question,
        schemes.move_case,
        visits.book_assessment,
        visits.agree_provisional_date,
        visits.pass_preview,
        visits.alert_preview,
        visits.agree_people,
        visits.hold_visit,
        screening.pass_screening,
        screening.return_portfolio,
        screening.find_ineligible,
        assessment.accept_assignment,
        assessment.decline_assignment,
        assessment.reassign,
        assessment.judge,
        assessment.complete_assessment,
        handover.end_assignment,
        calibration.judge_blind,
        calibration.complete_blind,
        calibration.decline_blind,
        calibration.choose_marker,
        moderation.take_up,
        items.take_up_alone,
        items.hand_over_item,
        items.adjourn_item,
        items.find_outside_definition,
        moderation.moderate,
        moderation.request_evidence,
        moderation.provide_evidence,
        moderation.conclude_review,
        moderation.decide,
        moderation.approve_report,
    ),
    # Submissions and awards alike.
    *_on("cases", "case", providers.name_lead_contact, files.remove_file, appeals.lodge_appeal, matters.move_task),
    *_on("cases", "case", letters.hold_letter, letters.release_letter, letters.send_letter_now, letters.note_bounce),
    *_on("accreditations", "case", accreditations.confirm_year, accreditations.notify_change),
    Entry(
        service=accreditations.look_at_change,
        resource="accreditations",
        about="case",
        creates=(("concern", accreditations.concern_id),),
    ),
    Entry(
        service=accreditations.raise_concern,
        resource="accreditations",
        about="case",
        creates=(("concern", accreditations.concern_id),),
    ),
    *_on(
        "accreditations",
        "case",
        accreditations.open_review,
        accreditations.conclude_review,
        accreditations.answer_concern,
    ),
    *_on("windows", None, windows.schedule_window),
    *_on("windows", "id", windows.extend_window, windows.extend_window_for),
    *_on("meetings", None, moderation.schedule_meeting),
    *_on("meetings", "id", moderation.open_meeting, moderation.sign_minutes),
    # Appeals, complaints.
    *_on(
        "appeals",
        "appeal",
        appeals.withdraw_appeal,
        appeals.acknowledge_appeal,
        appeals.admit_appeal,
        appeals.refuse_appeal,
        appeals.name_panel,
        appeals.leave_panel,
        appeals.decide_appeal,
        appeals.close_remedy,
        affected.search_others,
        affected.deal_with_other,
        affected.close_other,
        affected.cpd_follows,
    ),
    *_on("complaints", None, complaints.raise_complaint, complaints.enter_complaint),
    *_on(
        "complaints",
        "case",
        complaints.name_person,
        complaints.escalate_complaint,
        complaints.withdraw_complaint,
        complaint_handling.acknowledge_complaint,
        complaint_handling.hand_to,
        complaint_handling.answer_complaint,
        complaint_handling.form_committee,
        complaint_handling.decide_complaint,
        complaint_handling.name_follow_up,
        complaint_handling.name_affected_case,
        complaint_handling.deal_with_affected,
        complaint_handling.close_affected,
    ),
    # People.
    Entry(service=people.register_person, resource="people", makes=(("id", _person_id),)),
    *_on("people", None, accounts.link_accounts),
    *_on(
        "people",
        "id",
        people.give_role,
        people.end_role,
        people.record_training,
        people.declare_conflict,
        ledger.pay_person,
        competence.state_credential,
        competence.verify_credential,
        competence.withdraw_credential,
        conflicts.record_fact,
        conflicts.correct_fact,
        conflicts.lift_conflict,
    ),
    *_on(
        "me",
        None,
        people.sign_non_disclosure,
        people.set_availability,
        rounds.confirm_conflicts,
        competence.plan_absence,
        competence.cancel_absence,
        competence.limit_capacity,
    ),
    *_on("scrutiny", None, scrutiny.propose_scrutiny),
    *_on("scrutiny", "case", scrutiny.approve_scrutiny, scrutiny.end_scrutiny, scrutiny.sign_scrutiny),
    *_on("standardisation", None, standardisation.schedule_session),
    *_on("standardisation", "session", standardisation.record_attendance, standardisation.cancel_session),
    *_on(
        "development",
        "person",
        development.open_plan,
        development.agree_plan,
        development.change_department,
        development.end_development,
        development.add_need,
        development.meet_need,
    ),
    Entry(
        service=development.propose_activity,
        resource="development",
        about="person",
        creates=(("activity", development.activity_id),),
    ),
    *_on(
        "development",
        "person",
        development.approve_activity,
        development.decline_activity,
        development.drop_activity,
        development.complete_activity,
        development.answer_questionnaire,
        development.reflect,
        development.review_impact,
    ),
    *_on("departments", "department", workforce.name_lead, workforce.end_lead),
    Entry(service=workforce.make_report, resource="reports", creates=(("report", workforce.report_id),)),
    *_on("reports", "report", workforce.note_report),
    *_on("learning", "case", learning.answer_questionnaire),
    # The board, quality, policies.
    *_on("audits", None, audits.open_audit),
    *_on(
        "audits",
        "audit",
        audits.change_members,
        audits.replace_hidden,
        audits.look_at,
        audits.record_finding,
        audits.supersede_finding,
        audits.close_audit,
        audit_actions.agree_action,
        audit_actions.give_action,
        audit_actions.do_action,
        audit_actions.verify_action,
        audit_actions.return_action,
    ),
    *_on("risks", None, risks.register_risk),
    *_on("risks", "risk", risks.review_risk, risks.see_review, risks.return_review, risks.name_owner, risks.close_risk),
    *_on("sampling", None, sampling.plan_sampling),
    *_on("sampling", "case", sampling.draw_sample),
    *_on("sampling", "plan", sampling.ask_to_look, sampling.record_result, sampling.close_sampling),
    *_on("proposals", None, proposals.propose_change),
    *_on("proposals", "case", proposals.consider_proposal, proposals.take_up_proposal, proposals.withdraw_proposal),
    *_on("schemes", None, schemes.publish_scheme),
    *_on("policies", None, policies.publish_policy),
    *_on("policies", "kind", policies.review_policy),
    # What is kept, and what may go.
    *_on("retention", None, retention.propose_letting_go, erasure.request_erasure),
    *_on("retention", "case", retention.approve_letting_go, retention.decline_letting_go, retention.let_go),
    *_on("retention", "case", erasure.check_requester, erasure.propose_erasure),
    *_on("holds", "subject", retention.hold, retention.review_hold, retention.release_hold),
)
"""All commands of people, each once."""
