"""The register of risks to impartiality. Source: handbook, Governance.

What other modules need of it by name stands here; the decisions are in `keeping`.
"""

from domain.risk.state import (
    Risk,
    RiskClosed,
    RiskEvent,
    RiskOwnerNamed,
    RiskRegistered,
    RiskReviewed,
    RiskReviewReturned,
    RiskReviewSeen,
    evolve,
    rating,
)

__all__ = [
    "Risk",
    "RiskClosed",
    "RiskEvent",
    "RiskOwnerNamed",
    "RiskRegistered",
    "RiskReviewReturned",
    "RiskReviewSeen",
    "RiskReviewed",
    "evolve",
    "rating",
]
