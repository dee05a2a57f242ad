"""Who may do what about schemes, policies, audits, risks, sampling, proposals and records. Source: handbook, Governance, Retention."""

from typing import Final

from domain.ids import PROCESS_ROLE
from domain.permissions.cells import ANYHOW, ASSIGNED, INSTALLER_ROLE, NONE, OWN, UNCONFLICTED, Rows, everyone

BY_BOARD: Final = {"board": UNCONFLICTED}
BY_MANAGER: Final = {"quality-manager": UNCONFLICTED}
BY_CLOSERS: Final = {"board": UNCONFLICTED, "quality-manager": UNCONFLICTED}
BY_KEEPERS: Final = {"board": UNCONFLICTED, "quality-manager": UNCONFLICTED, "officer": UNCONFLICTED}
BY_DECIDERS: Final = {"quality-manager": UNCONFLICTED, "officer": UNCONFLICTED, "board": UNCONFLICTED}
BY_HOLDERS: Final = {**BY_DECIDERS, "appeals-officer": UNCONFLICTED, "complaints-handler": UNCONFLICTED}
BY_PUBLISHER: Final = {"officer": UNCONFLICTED, INSTALLER_ROLE: NONE}

BY_LETTERS: Final = {
    "officer": UNCONFLICTED,
    "quality-manager": UNCONFLICTED,
    "appeals-officer": UNCONFLICTED,
    "complaints-handler": UNCONFLICTED,
}

GOVERNANCE: Final[Rows] = {
    # schemes and policies
    "publish_scheme": BY_PUBLISHER,
    "tell_clients": BY_PUBLISHER,
    "publish_policy": {"quality-manager": UNCONFLICTED, "board": UNCONFLICTED, INSTALLER_ROLE: NONE},
    "review_policy": {"quality-manager": UNCONFLICTED, "board": UNCONFLICTED},
    # to whom the feed is carried
    "keep-webhooks": {"officer": UNCONFLICTED},
    # what a body brings with it
    "import_records": BY_PUBLISHER,
    # matters of every kind
    "move_task": {
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "appeals-officer": UNCONFLICTED,
        "complaints-handler": UNCONFLICTED,
        "board": UNCONFLICTED,
    },
    # letters, of cases and of matters; of a complaint who handles such, never who is complained about
    "hold_letter": BY_LETTERS,
    "release_letter": BY_LETTERS,
    "send_letter_now": BY_LETTERS,
    "note_bounce": {**BY_LETTERS, INSTALLER_ROLE: NONE},
    # audits
    "open_audit": BY_BOARD,
    "change_members": BY_BOARD,
    "replace_hidden": BY_BOARD,
    "look_at": BY_BOARD,
    "record_finding": BY_BOARD,
    "supersede_finding": BY_BOARD,
    "close_audit": BY_BOARD,
    "agree_action": BY_BOARD,
    "give_action": BY_BOARD,
    "do_action": everyone(ASSIGNED),
    "verify_action": BY_BOARD,
    "return_action": BY_BOARD,
    # risks to impartiality
    "register_risk": BY_KEEPERS,
    "review_risk": BY_KEEPERS,
    "see_review": BY_BOARD,
    "return_review": BY_BOARD,
    "name_owner": BY_CLOSERS,
    "close_risk": BY_CLOSERS,
    # sampling of assessments
    "plan_sampling": BY_MANAGER,
    "draw_sample": {**BY_MANAGER, PROCESS_ROLE: OWN},
    "ask_to_look": BY_MANAGER,
    "record_result": {**BY_MANAGER, "moderator": UNCONFLICTED},
    "close_sampling": BY_MANAGER,
    # what people say afterwards, and what they propose
    # by who was asked, as what they were, whether or not they have that role still
    "learning.answer_questionnaire": everyone(OWN | ASSIGNED | {"panel", "took-part"}),
    "propose_change": everyone(ANYHOW),
    "consider_proposal": BY_CLOSERS,
    "take_up_proposal": BY_KEEPERS,
    "withdraw_proposal": everyone(ANYHOW),
    # records
    "request_erasure": {**everyone(OWN), **dict.fromkeys((*BY_DECIDERS, "complaints-handler"), OWN | UNCONFLICTED)},
    "check_requester": BY_DECIDERS,
    "propose_erasure": BY_DECIDERS,
    "propose_letting_go": BY_DECIDERS,
    "approve_letting_go": BY_DECIDERS,
    "decline_letting_go": BY_DECIDERS,
    "let_go": BY_DECIDERS,
    "hold": BY_HOLDERS,
    "review_hold": BY_HOLDERS,
    "release_hold": BY_HOLDERS,
}
