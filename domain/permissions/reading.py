"""Who may see what. What is behind a name, and what rules of the domain take away again, stands beside each.

Source: docs/decisions/0018. The board sees no case but in an audit (`look_at`, and what is in `domain/audit/seeing.py`).
"""

from typing import Final

from domain.permissions.cells import (
    ANYHOW,
    ASSIGNED,
    NO_PART,
    NONE,
    OWN,
    PANEL,
    PUBLIC_ROLE,
    UNCONFLICTED,
    Rows,
    everyone,
)

SITS: Final = ASSIGNED | PANEL
TOOK_PART: Final = ASSIGNED | PANEL | {"took-part"}
CASE: Final = {
    "officer": UNCONFLICTED,
    "quality-manager": UNCONFLICTED,
    "appeals-officer": NO_PART,
    "complaints-handler": NO_PART,
    "assessor": ASSIGNED,
    "moderator": SITS,
    "chair": SITS,
    "appeals-panel": PANEL,
    "provider": OWN,
}
WORK: Final = {
    "officer": UNCONFLICTED,
    "quality-manager": UNCONFLICTED,
    "appeals-officer": ASSIGNED,
    "assessor": ASSIGNED,
    "moderator": SITS,
    "chair": SITS,
    "appeals-panel": PANEL,
}
"""Who works on a case, sees to an appeal about it, or hears that."""
TOLD: Final = {
    **everyone(OWN | SITS),
    "officer": OWN | UNCONFLICTED,
    "quality-manager": OWN | UNCONFLICTED,
}
GOVERNANCE: Final = {"board": UNCONFLICTED, "quality-manager": UNCONFLICTED, "officer": UNCONFLICTED}
ANYBODY: Final = {**everyone(ANYHOW), PUBLIC_ROLE: NONE}

READING: Final[Rows] = {
    # cases
    "see-board": CASE,  # the list of cases, each by its own relations
    "see-case": CASE,  # stage, clocks, people, history in sentences
    "see-proofs": CASE,  # that its events are in the sealed record, as hashes
    "see-certificate": {"officer": UNCONFLICTED, "quality-manager": UNCONFLICTED, "provider": OWN},
    "see-portfolio": {**WORK, "provider": OWN},  # answers, evidence, self-evaluation
    # judgements: a provider sees them once its result is released; who marks blind sees none of the first marking
    "see-judgements": {**WORK, "provider": OWN},
    "see-confidential": WORK,  # scoring, advice, notes, texts between the body's people
    # a case as it was, also as somebody else saw it then: never more of it than who asks may see of it now; a matter as it
    # was is for who may see it, by the eyes of others for who may see people
    "see-replay": {
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "appeals-officer": NO_PART,
        "complaints-handler": NO_PART,
        "appeals-panel": PANEL,
    },
    "see-pack": {  # a case to carry away: of it, what the other rows let them see
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "appeals-officer": NO_PART,
        "appeals-panel": PANEL,
        "provider": OWN,
    },
    "see-provenance": {  # what a decision came from, by ids; also what see-judgements lets them see
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "appeals-officer": ASSIGNED,
        "appeals-panel": PANEL,
    },
    # the same of a complaint, who answered what in turn; nobody who is complained about
    "see-complaint-provenance": {"complaints-handler": UNCONFLICTED, "quality-manager": UNCONFLICTED},
    # the record by ids and codes, for process mining: of it, what the feed tells them
    "see-export": {"quality-manager": UNCONFLICTED, "board": UNCONFLICTED},
    "see-looks": {"quality-manager": UNCONFLICTED, "board": UNCONFLICTED},  # who looked at confidential parts
    "see-ledger": {"officer": UNCONFLICTED, "assessor": OWN, "moderator": OWN, "chair": OWN, "provider": OWN},
    "see-tasks": TOLD,
    "see-reminders": TOLD,
    "see-webhooks": {"officer": UNCONFLICTED, "quality-manager": UNCONFLICTED},  # to whom the feed is carried
    "see-letters": {  # what is sent to whom, and a letter's words; of a case who administers it
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "appeals-officer": NO_PART,
        "complaints-handler": NO_PART,
    },
    "see-events": everyone(OWN | UNCONFLICTED),  # the feed: of it, what the other rows let somebody see
    # what is contested and complained about
    "see-appeals": {
        "appeals-officer": UNCONFLICTED,
        "appeals-panel": TOOK_PART,
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "board": UNCONFLICTED,
        "provider": OWN,
    },
    # nobody who is complained about: domain/complaint/state.py: may_see
    "see-complaints": {
        **everyone(OWN | TOOK_PART),
        "complaints-handler": OWN | UNCONFLICTED,
        "quality-manager": OWN | UNCONFLICTED,
        "board": OWN | UNCONFLICTED,
    },
    "see-concerns": {
        "officer": UNCONFLICTED,
        "quality-manager": UNCONFLICTED,
        "moderator": ASSIGNED | {"took-part"},
        "chair": ASSIGNED | {"took-part"},
    },
    # people; a provider never sees who declared what conflict, and of people its own contacts
    "see-people": {
        **everyone(OWN),
        "officer": OWN | UNCONFLICTED,
        "quality-manager": OWN | UNCONFLICTED,
        "board": OWN | UNCONFLICTED,
        "appeals-officer": OWN | UNCONFLICTED,
        "complaints-handler": OWN | UNCONFLICTED,
    },
    "see-calendars": {**everyone(OWN), "officer": OWN | UNCONFLICTED, "quality-manager": OWN | UNCONFLICTED},
    "see-conflicts": {
        "officer": OWN | UNCONFLICTED,
        "quality-manager": OWN | UNCONFLICTED,
        "board": OWN | UNCONFLICTED,
        "appeals-officer": OWN,
        "complaints-handler": OWN,
        "assessor": OWN,
        "moderator": OWN,
        "chair": OWN,
        "appeals-panel": OWN,
    },
    "see-development": {**everyone(OWN | ASSIGNED), "quality-manager": OWN | UNCONFLICTED},
    "see-reports": {  # of departments and to the board
        **everyone(ASSIGNED),
        "quality-manager": UNCONFLICTED,
        "board": UNCONFLICTED,
    },
    "see-standardisation": {
        "quality-manager": UNCONFLICTED,
        "officer": UNCONFLICTED,
        "board": UNCONFLICTED,
        "assessor": TOOK_PART,
        "moderator": TOOK_PART,
        "chair": TOOK_PART,
        "appeals-panel": TOOK_PART,
    },
    "see-composition": GOVERNANCE,
    # governance
    "see-learning": {**everyone(OWN | TOOK_PART), **GOVERNANCE},  # names: domain/learning.py: may_see_names
    "see-audits": {**everyone(ASSIGNED | {"took-part"}), "board": UNCONFLICTED, "quality-manager": UNCONFLICTED},
    "see-risks": GOVERNANCE,
    "see-sampling": {
        "quality-manager": UNCONFLICTED,
        "board": UNCONFLICTED,
        "moderator": ASSIGNED | {"took-part"},
    },
    "see-figures": GOVERNANCE,  # counted from what the reader may see
    "see-conformance": GOVERNANCE,
    "see-comparison": GOVERNANCE,  # rationales: see-confidential
    "see-proposals": {**everyone(OWN), **GOVERNANCE},
    "see-retention": {
        **everyone(OWN),
        **GOVERNANCE,
        "appeals-officer": OWN | UNCONFLICTED,
        "complaints-handler": OWN | UNCONFLICTED,
    },
    "see-policies": {role: cell for role, cell in everyone(ANYHOW).items() if role != "provider"},
    # what a version would be before it is published: its faults, what it changes, and what cases would come to under it
    "see-scheme-drafts": {"officer": UNCONFLICTED},
    "see-dry-runs": {"officer": UNCONFLICTED},
    "see-policy-drafts": {"quality-manager": UNCONFLICTED, "board": UNCONFLICTED},
    # public
    "see-published-figures": ANYBODY,
    "see-register": ANYBODY,
    "see-schemes": ANYBODY,
    "see-windows": ANYBODY,
    "see-checkpoints": ANYBODY,
    "see-badges": ANYBODY,  # what stands of an award, its badges, their status and their key
}
