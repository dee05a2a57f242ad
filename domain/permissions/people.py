"""Who may do what about the body's people: roles, conflicts, scrutiny, standardisation, development. Source: handbook, People, Workforce."""

from typing import Final

from domain.permissions.cells import (
    ANYHOW,
    ASSIGNED,
    INSTALLER_ROLE,
    NONE,
    ONESELF,
    OWN,
    UNCONFLICTED,
    Rows,
    everyone,
)

BY_OFFICE: Final = {"officer": UNCONFLICTED, "quality-manager": UNCONFLICTED}
BY_MANAGERS: Final = {"quality-manager": UNCONFLICTED, "officer": UNCONFLICTED}
BY_MANAGER: Final = {"quality-manager": UNCONFLICTED}
BY_APPROVERS: Final = {"officer": UNCONFLICTED, "quality-manager": UNCONFLICTED, "board": UNCONFLICTED}
BY_OFFICER_OR_INSTALLER: Final = {"officer": UNCONFLICTED, INSTALLER_ROLE: NONE}
FOR_ONESELF: Final = everyone(ANYHOW)
ONESELF_OR_OFFICE: Final = {**everyone(ONESELF), "officer": ANYHOW, "quality-manager": ANYHOW}
"""About oneself by anybody, about others by the office; whoever has a conflict must be able to say so."""
BY_LEADS: Final = {**everyone(ASSIGNED), "quality-manager": UNCONFLICTED}
"""The lead of the person's department, in any role of theirs, or a quality manager."""
BY_PERSON_OR_LEAD: Final = {**everyone(OWN | ASSIGNED), "quality-manager": OWN | UNCONFLICTED}

PEOPLE: Final[Rows] = {
    # who they are and what they may do
    "register_person": BY_OFFICER_OR_INSTALLER,
    "give_role": BY_OFFICER_OR_INSTALLER,
    "end_role": BY_OFFICER_OR_INSTALLER,
    "record_training": BY_OFFICER_OR_INSTALLER,
    "sign_non_disclosure": FOR_ONESELF,
    "set_availability": FOR_ONESELF,
    "confirm_conflicts": FOR_ONESELF,
    "plan_absence": FOR_ONESELF,
    "cancel_absence": FOR_ONESELF,
    "limit_capacity": FOR_ONESELF,
    "state_credential": {**everyone(OWN), **dict.fromkeys(BY_MANAGERS, OWN | UNCONFLICTED)},
    "verify_credential": BY_MANAGERS,
    "withdraw_credential": {**everyone(OWN), **dict.fromkeys(BY_MANAGERS, OWN | UNCONFLICTED)},
    "link_accounts": BY_OFFICE,
    "keep-calendar": FOR_ONESELF,
    "end-calendar": ONESELF_OR_OFFICE,
    # conflicts, and scrutiny in spite of one
    "declare_conflict": ONESELF_OR_OFFICE,
    "record_fact": ONESELF_OR_OFFICE,
    "correct_fact": BY_OFFICE,
    "lift_conflict": {"officer": UNCONFLICTED},
    "propose_scrutiny": {"officer": UNCONFLICTED},
    "approve_scrutiny": BY_APPROVERS,
    # whoever takes part in an arrangement ends it: the person watched, who has a conflict, and the one who watches
    "end_scrutiny": {
        **everyone(ONESELF | ASSIGNED),
        **dict.fromkeys(BY_APPROVERS, ONESELF | UNCONFLICTED),
    },
    "sign_scrutiny": everyone(ASSIGNED),
    # standardisation
    "schedule_session": BY_MANAGERS,
    "record_attendance": {
        "assessor": ASSIGNED,
        "moderator": ASSIGNED,
        "chair": ASSIGNED,
        "appeals-panel": ASSIGNED,
        "quality-manager": UNCONFLICTED,
    },
    "cancel_session": BY_MANAGERS,
    # development
    "open_plan": BY_LEADS,
    "agree_plan": BY_LEADS,
    "change_department": BY_LEADS,
    "end_development": BY_LEADS,
    "add_need": {
        **everyone(OWN | ASSIGNED),
        "quality-manager": OWN | UNCONFLICTED,
        "appeals-officer": OWN | UNCONFLICTED,
        "complaints-handler": OWN | UNCONFLICTED,
    },
    "meet_need": BY_LEADS,
    "propose_activity": BY_PERSON_OR_LEAD,
    "approve_activity": BY_LEADS,
    "decline_activity": BY_LEADS,
    "drop_activity": BY_PERSON_OR_LEAD,
    "complete_activity": BY_PERSON_OR_LEAD,
    "development.answer_questionnaire": everyone(OWN),
    "reflect": everyone(OWN),
    "review_impact": BY_LEADS,
    "lead-any-department": BY_MANAGER,  # what is the lead's of a department
    # departments and their reports
    "name_lead": BY_MANAGER,
    "end_lead": BY_MANAGER,
    "make_report": BY_LEADS,
    "note_report": {"board": UNCONFLICTED, "quality-manager": UNCONFLICTED},
}
