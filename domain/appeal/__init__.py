"""An appeal: a provider contests one decision, and people who had no part in it look at what was before the decider then.

Source: handbook, section 12, and "Who did not decide". What other modules need of it by name stands here; each policy is in
a module of its own.
"""

from domain.appeal.contested import Contested
from domain.appeal.events import (
    AppealAcknowledged,
    AppealAdmitted,
    AppealDecided,
    AppealEvent,
    AppealLodged,
    AppealNotAdmitted,
    AppealOfficerLeft,
    AppealWithdrawn,
    FollowUpNamed,
    OtherClosed,
    OtherDealtWith,
    OthersFound,
    PanelMemberLeft,
    PanelNamed,
    RemedyClosed,
)
from domain.appeal.state import Appeal, evolve

__all__ = [
    "Appeal",
    "AppealAcknowledged",
    "AppealAdmitted",
    "AppealDecided",
    "AppealEvent",
    "AppealLodged",
    "AppealNotAdmitted",
    "AppealOfficerLeft",
    "AppealWithdrawn",
    "Contested",
    "FollowUpNamed",
    "OtherClosed",
    "OtherDealtWith",
    "OthersFound",
    "PanelMemberLeft",
    "PanelNamed",
    "RemedyClosed",
    "evolve",
]
