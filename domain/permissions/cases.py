"""Who may do what in a submission and its windows: registration to report. Source: handbook, sections 1 to 8, and Money."""

from typing import Final

from domain.permissions.cells import ASSIGNED, NONE, OWN, PANEL, UNCONFLICTED, Rows

BY_OFFICER: Final = {"officer": UNCONFLICTED}
BY_CONTACT: Final = {"provider": OWN}
BY_ASSESSOR: Final = {"assessor": ASSIGNED}
BY_CHAIR: Final = {"chair": PANEL}
BY_LEAD: Final = {"chair": PANEL, "moderator": PANEL}
"""Who leads an item: the chair of its meeting, or its one moderator, as the scheme's form of moderation has it."""

CASES: Final[Rows] = {
    # providers and their contacts; who registers one is known only from then on
    "register_provider": {"provider": OWN | NONE},
    "name_contact": {"provider": OWN, "officer": UNCONFLICTED},
    "end_contact": {"provider": OWN, "officer": UNCONFLICTED},
    "name_lead_contact": {"provider": OWN, "officer": UNCONFLICTED},
    # registration and preparation
    "register_programme": {"provider": OWN | NONE},
    "evaluate_oneself": BY_CONTACT,
    # having guided is a conflict itself, and who guided may go on to; any other conflict the decision refuses
    "give_guidance": {"assessor": UNCONFLICTED | {"conflicted"}, "officer": UNCONFLICTED | {"conflicted"}},
    "extend_preparation": BY_OFFICER,
    "extend_deadline": BY_OFFICER,
    "move_case": BY_OFFICER,
    "withdraw": BY_CONTACT,
    # windows and booked dates
    "schedule_window": BY_OFFICER,
    "extend_window": BY_OFFICER,
    "extend_window_for": BY_OFFICER,
    "book_assessment": {"provider": OWN, "officer": UNCONFLICTED},
    "agree_provisional_date": BY_OFFICER,
    # submission and screening
    "upload_file": BY_CONTACT,
    "remove_file": BY_CONTACT,
    "submit_portfolio": BY_CONTACT,
    "pass_screening": BY_OFFICER,
    "return_portfolio": BY_OFFICER,
    "find_ineligible": BY_OFFICER,
    # assessment
    "accept_assignment": BY_ASSESSOR,
    "decline_assignment": BY_ASSESSOR,
    "reassign": BY_OFFICER,
    "end_assignment": BY_OFFICER,
    "ask_question": BY_ASSESSOR,
    "answer_question": BY_CONTACT,
    "pass_preview": {"assessor": ASSIGNED, "officer": UNCONFLICTED},
    "alert_preview": {"assessor": ASSIGNED, "officer": UNCONFLICTED},
    "agree_people": {"assessor": ASSIGNED, "officer": UNCONFLICTED},
    "hold_visit": BY_ASSESSOR,
    "judge": BY_ASSESSOR,
    "complete_assessment": BY_ASSESSOR,
    "judge_blind": BY_ASSESSOR,
    "complete_blind": BY_ASSESSOR,
    "decline_blind": BY_ASSESSOR,
    "choose_marker": BY_OFFICER,
    # moderation; a meeting is about several cases, of which whoever has a conflict is left out; also its own chair brings to
    # its end a meeting whose cases are all hidden from them by now
    "schedule_meeting": BY_OFFICER,
    "open_meeting": {"chair": PANEL | NONE | {"conflicted"}},
    "sign_minutes": {"chair": PANEL | NONE | {"conflicted"}},
    "take_up": BY_CHAIR,
    # whoever takes it up has no part in it before
    "take_up_alone": {"moderator": PANEL | NONE},
    "moderate": BY_LEAD,
    "request_evidence": BY_LEAD,
    "provide_evidence": BY_CONTACT,
    "moderation.conclude_review": BY_LEAD,
    "decide": BY_LEAD,
    "approve_report": BY_LEAD,
    "find_outside_definition": BY_LEAD,
    "adjourn_item": {"chair": PANEL, "moderator": PANEL, "officer": UNCONFLICTED},
    "hand_over_item": BY_OFFICER,
    # money
    "pay_fee": BY_OFFICER,
    "waive_fee": BY_OFFICER,
    "refund_fee": BY_OFFICER,
    "pay_person": BY_OFFICER,
}
