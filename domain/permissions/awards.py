"""Who may do what in an award, an appeal and a complaint. Source: handbook, sections 9 to 13."""

from typing import Final

from domain.permissions.cells import (
    ANYHOW,
    ASSIGNED,
    INSTALLER_ROLE,
    NO_PART,
    NONE,
    OWN,
    PANEL,
    PUBLIC_ROLE,
    UNCONFLICTED,
    Rows,
    everyone,
)

BY_APPEALS_OFFICER: Final = {"appeals-officer": UNCONFLICTED}
BY_DEALERS: Final = {"appeals-officer": UNCONFLICTED, "officer": UNCONFLICTED}
BY_HANDLERS: Final = {"complaints-handler": UNCONFLICTED, "quality-manager": UNCONFLICTED}
BY_WHO_COMPLAINED: Final = everyone(ANYHOW)
"""A complaint is whoever's who raised or entered it; the decision refuses everybody else."""
DECIDED_IT: Final = PANEL | ASSIGNED | {"took-part"}
BY_WHO_UPHELD: Final = {
    "board": DECIDED_IT,
    "quality-manager": DECIDED_IT,
    "complaints-handler": DECIDED_IT,
    "appeals-panel": DECIDED_IT,
    "chair": DECIDED_IT,
    "moderator": DECIDED_IT,
}

BY_DEALERS_WITH_AFFECTED: Final = dict.fromkeys(("complaints-handler", "officer", "quality-manager"), UNCONFLICTED)
"""Who deals with the cases that an upheld complaint touched, and closes them."""

AWARDS: Final[Rows] = {
    # while an award lasts
    "confirm_year": {"provider": OWN},
    "notify_change": {"provider": OWN},
    "look_at_change": {"officer": UNCONFLICTED},
    # an award is public, and so is the way to raise a concern about it
    "raise_concern": {**everyone(ANYHOW), PUBLIC_ROLE: NONE},
    "enter-concern": {"officer": UNCONFLICTED},  # for somebody outside
    "answer_concern": {
        "officer": UNCONFLICTED,
        "moderator": ASSIGNED | {"took-part"},
        "chair": ASSIGNED | {"took-part"},
    },
    "open_review": {"officer": UNCONFLICTED},
    "accreditations.conclude_review": {"officer": ASSIGNED, "moderator": ASSIGNED, "chair": ASSIGNED},
    # appeals
    "lodge_appeal": {"provider": OWN},
    "withdraw_appeal": {"provider": OWN},
    "acknowledge_appeal": BY_APPEALS_OFFICER,
    "admit_appeal": BY_APPEALS_OFFICER,
    "refuse_appeal": BY_APPEALS_OFFICER,
    "name_panel": BY_APPEALS_OFFICER,
    "leave_panel": {"appeals-panel": PANEL, "appeals-officer": UNCONFLICTED},
    "decide_appeal": {"appeals-panel": PANEL},
    "close_remedy": BY_APPEALS_OFFICER,
    "material": {"appeals-panel": PANEL, "appeals-officer": NO_PART, INSTALLER_ROLE: NONE},
    "search_others": BY_APPEALS_OFFICER,
    "deal_with_other": BY_DEALERS,
    "close_other": BY_DEALERS,
    "cpd_follows": BY_APPEALS_OFFICER,
    # complaints
    "raise_complaint": BY_WHO_COMPLAINED,
    "enter_complaint": {"complaints-handler": UNCONFLICTED, "officer": UNCONFLICTED},
    "name_person": BY_WHO_COMPLAINED,
    "escalate_complaint": BY_WHO_COMPLAINED,
    "withdraw_complaint": BY_WHO_COMPLAINED,
    "acknowledge_complaint": {"complaints-handler": UNCONFLICTED},
    "hand_to": BY_HANDLERS,
    "answer_complaint": {"complaints-handler": ASSIGNED},
    "form_committee": BY_HANDLERS,
    "decide_complaint": dict.fromkeys(BY_WHO_UPHELD, PANEL),
    "name_follow_up": BY_WHO_UPHELD,
    "name_affected_case": BY_WHO_UPHELD,
    "deal_with_affected": BY_DEALERS_WITH_AFFECTED,
    "close_affected": BY_DEALERS_WITH_AFFECTED,
}
