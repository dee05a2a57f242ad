"""Internal quality assurance: a seeded sample of each assessor's work in a year, looked at by people who had no part in it.

Source: handbook, Governance. What other modules need of it by name stands here; each policy is in a module of its own.
"""

from domain.sampling.state import (
    AssessmentsDrawn,
    Drawn,
    FollowUpNamed,
    Plan,
    SampleResultRecorded,
    SamplingClosed,
    SamplingEvent,
    SamplingPlanned,
    Shares,
    Tally,
    evolve,
)

__all__ = [
    "AssessmentsDrawn",
    "Drawn",
    "FollowUpNamed",
    "Plan",
    "SampleResultRecorded",
    "SamplingClosed",
    "SamplingEvent",
    "SamplingPlanned",
    "Shares",
    "Tally",
    "evolve",
]
