"""What is kept and what is let go: the kinds of records, until when each is kept, holds, and letting go by two approvals."""

from domain.retention.events import (
    ErasureRequested,
    HoldPlaced,
    HoldReleased,
    HoldReviewed,
    Item,
    KeptBack,
    LettingGoApproved,
    LettingGoDeclined,
    LettingGoProposed,
    RecordsLetGo,
    RequesterChecked,
    RetentionEvent,
)
from domain.retention.state import Retention, evolve

__all__ = [
    "ErasureRequested",
    "HoldPlaced",
    "HoldReleased",
    "HoldReviewed",
    "Item",
    "KeptBack",
    "LettingGoApproved",
    "LettingGoDeclined",
    "LettingGoProposed",
    "RecordsLetGo",
    "RequesterChecked",
    "Retention",
    "RetentionEvent",
    "evolve",
]
