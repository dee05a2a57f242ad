"""Which refusals are recorded with who tried: those that an auditor will ask about.

They are the rules that say who may not do something though their role would let them: for a conflict, a part that they had,
or since it is another's to do. What is wrong with an input is no attempt. Source: handbook, Rules that hold everywhere.
"""

from typing import Final

AUDITED_RULES: Final = frozenset(
    {
        "account-closed",
        "acting-role",
        "appeal-excludes",
        "assessor-never-moderates",
        "assessor-never-reviews",
        "assigned-assessor",
        "audit-lead",
        "audit-members",
        "board-closes-high",
        "closed-by-another",
        "committee-chair",
        "complainant-only",
        "complaint-apart",
        "complaint-parties",
        "conflict-of-interest",
        "follow-up-by-decider",
        "found-on-record",
        "in-own-words",
        "independent-person",
        "independent-scrutineer",
        "no-competitors-portfolio",
        "not-for-oneself",
        "own-proposal",
        "own-provider",
        "owner-acts",
        "owner-never-confirms",
        "owner-never-verifies",
        "owner-reviews",
        "panel-chair",
        "panel-eligible",
        "panel-member",
        "panel-outsiders",
        "parties-never-administer",
        "process-only",
        "proposer-never-approves",
        "proposer-never-considers",
        "raiser-never-decides",
        "reviewer-concludes",
        "sample-drawn-once",
        "sampler-took-no-part",
        "sampling-planned-once",
        "scrutineer-signs",
        "source-speaks-itself",
        "standardisation-leader",
        "took-part-never-hears",
        "two-others-approve",
        "visitor-without-link",
    }
)
