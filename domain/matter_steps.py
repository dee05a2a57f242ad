"""Which commands a matter is at the stage for: what people may be offered; whether one succeeds, its own rules say.

Matters are what has tasks and is neither a submission, a window nor an award. Source: handbook, the section of each kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from domain.appeal.lodging import UNDECIDED
from domain.appeal.state import UPHELD
from domain.complaint.handling import HANDLED
from domain.complaint.state import ENDS as OVER
from domain.complaint.state import STAGES as LEVELS
from domain.complaint.state import Complaint
from domain.ids import kind_of
from domain.retention.state import APPROVED, CHECKED, KEEPING, REQUESTED
from domain.retention.state import PROPOSED as LISTED
from domain.sampling.state import Plan
from domain.scrutiny import ENDED, IN_FORCE, PROPOSED

Stages = Mapping[str, frozenset[str]]

_RUNNING: Final = frozenset({"open", "agreed"})
_SEATED: Final = frozenset({"before-panel"})
_UPHELD: Final = frozenset({UPHELD})
_OPEN: Final = frozenset(stage for level in LEVELS.values() for stage in level) - {*OVER}
_RISK: Final = frozenset({"open", "reviewed"})
_SESSION: Final = frozenset({"scheduled", "begun"})

STAGES: Final[Mapping[str, Stages]] = {
    "appeal": {
        "withdraw_appeal": frozenset(UNDECIDED),
        "acknowledge_appeal": frozenset({"lodged"}),
        "admit_appeal": frozenset({"acknowledged"}),
        "refuse_appeal": frozenset({"acknowledged"}),
        "name_panel": _SEATED | {"admitted"},
        "leave_panel": _SEATED,
        "decide_appeal": _SEATED,
        "close_remedy": _UPHELD,
        "search_others": _UPHELD,
        "deal_with_other": _UPHELD,
        "close_other": _UPHELD,
        "cpd_follows": _UPHELD | {"closed"},
    },
    "complaint": {
        "name_person": _OPEN,
        "escalate_complaint": frozenset({"answered", "answered-again"}),
        "withdraw_complaint": _OPEN,
        "acknowledge_complaint": frozenset(HANDLED),
        "hand_to": frozenset(HANDLED),
        "answer_complaint": frozenset({"acknowledged", "acknowledged-again"}),
        "form_committee": frozenset({"committee-asked", "in-review"}),
        "decide_complaint": frozenset({"in-review"}),
    },
    "audit": dict.fromkeys(
        (
            "change_members", "replace_hidden", "look_at", "record_finding", "supersede_finding", "agree_action",
            "give_action", "do_action", "verify_action", "return_action", "close_audit",
        ),
        frozenset({"open"}),
    ),
    "risk": {
        "review_risk": _RISK,
        "see_review": frozenset({"reviewed"}),
        "return_review": frozenset({"reviewed"}),
        "name_owner": _RISK,
        "close_risk": _RISK,
    },
    "sampling": dict.fromkeys(
        ("draw_sample", "ask_to_look", "record_result", "close_sampling"), frozenset({"running", "drawn"})
    ),
    "proposal": {
        "consider_proposal": frozenset({"made", "deferred"}),
        "take_up_proposal": frozenset({"accepted"}),
        "withdraw_proposal": frozenset({"made", "deferred", "accepted"}),
    },
    "development": {
        "open_plan": frozenset({"noted", "closed", "ended"}),
        "agree_plan": frozenset({"open"}),
        "add_need": _RUNNING | {"noted", "closed", "ended"},
        **dict.fromkeys(
            (
                "change_department", "meet_need", "propose_activity", "approve_activity", "decline_activity",
                "drop_activity", "complete_activity", "development.answer_questionnaire", "reflect", "review_impact",
            ),
            _RUNNING,
        ),
        "end_development": _RUNNING | {"noted", "closed"},
    },
    "standardisation": {"record_attendance": _SESSION, "cancel_session": _SESSION},
    "scrutiny": {
        "approve_scrutiny": frozenset({PROPOSED}),
        "end_scrutiny": frozenset({PROPOSED, IN_FORCE}),
        "sign_scrutiny": frozenset({IN_FORCE, ENDED}),
    },
    "learning": {"learning.answer_questionnaire": frozenset({"asked"})},
    "retention": {
        "check_requester": frozenset({REQUESTED, CHECKED}),
        "propose_erasure": frozenset({CHECKED, LISTED}),
        "approve_letting_go": frozenset({LISTED}),
        "decline_letting_go": frozenset({REQUESTED, CHECKED, LISTED, APPROVED}),
        "let_go": frozenset({APPROVED, KEEPING}),
    },
}  # fmt: skip
"""By kind of matter, the stages at which each command of people about it may succeed, by its name in the table of permissions."""


def possible(matter: Any) -> list[str]:
    """The commands that a matter (any state that is a `Matter`) is at the stage for, in a stable order."""
    staged = STAGES.get(kind_of(matter.id), {})
    return [action for action, stages in staged.items() if matter.stage in stages and not _over(matter, action)] + [
        *_following(matter),
        *(["move_task"] if matter.tasks.running else []),
    ]


def _over(matter: Any, action: str) -> bool:
    """What the stage alone does not say: after its last drawing a plan draws no more, and a signed-off arrangement is over."""
    if isinstance(matter, Plan) and action == "draw_sample":
        return matter.final
    return action == "sign_scrutiny" and bool(matter.over)


def _following(matter: Any) -> Iterator[str]:
    """What follows from a complaint that is upheld, also once it is closed."""
    if not isinstance(matter, Complaint):
        return
    if matter.upheld:
        yield from ("name_follow_up", "name_affected_case")
    if any(not one.closed for one in matter.affected.values()):
        yield from ("deal_with_affected", "close_affected")
