"""A committee reviews a complaint answered twice: enough people, none of whom is party to it, had it before or has a conflict.

Source: handbook, section 13, and "Who did not decide".
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from domain.complaint import events as e
from domain.complaint.handling import require_outcome
from domain.complaint.raising import all_but_others
from domain.complaint.state import (
    ACKNOWLEDGE,
    LEVELS,
    REVIEW,
    Complaint,
    require_apart,
    require_stage,
    running,
)
from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import named
from domain.texts import TextRef

SEATED = ("board", "quality-manager", "complaints-handler", "appeals-panel", "chair", "moderator")
"""The roles of which a member of a committee holds one."""


def form_committee(
    complaint: Complaint, *, by: Person, chair: str, members: Sequence[Person], scheme: Scheme, at: datetime
) -> list[e.ComplaintEvent]:
    """Acknowledge that it goes to a committee and name who sits on it; again where one is no longer whole.

    `members` are all of them, with the `chair`. Each holds a role under the scheme, undertook not to disclose, and may have
    a part in the complaint; and so may who names them.
    """
    require_stage(complaint, "forming a committee", "committee-asked", "in-review")
    require_apart(complaint, by)
    ids = tuple(one.id for one in members)
    if complaint.members == ids and complaint.handler == chair:
        return []
    for one in members:
        require_apart(complaint, one, field="members")
        if not one.non_disclosure or not any(one.holds(role, scheme.id, at) for role in SEATED):
            raise refuse(
                "committee-members",
                "one of them does not sit on committees here",
                field="members",
                allowed=f"people who undertook not to disclose and are {', '.join(SEATED)}",
            )
    least = scheme.assurance.complaints.committee
    if len(set(ids)) < len(ids) or len(ids) < least:
        raise refuse(
            "committee-size",
            f"{len(set(ids))} people are named",
            field="members",
            allowed=f"{least} different people or more",
        )
    if chair not in ids:
        raise refuse("committee-chair", "the chair is not one of them", field="chair", allowed="one of the members")
    if _whole(complaint, scheme):
        raise refuse(
            "committee-formed", "a whole committee is formed already", field="members", allowed="the committee as it is"
        )
    task = dataclasses.replace(running(complaint, REVIEW), who=chair)
    ends = (named(ACKNOWLEDGE, LEVELS[complaint.level]),)
    return [e.CommitteeFormed(chair=chair, members=ids, ends=ends, sets=(task,))]


def decide(
    complaint: Complaint,
    *,
    by: Person,
    members: Sequence[Person],
    outcome: str,
    reason: TextRef,
    done: TextRef | None,
    scheme: Scheme,
) -> list[e.ComplaintEvent]:
    """Record what the committee decided, with reasons and what was done; that closes the complaint. By its chair.

    `members` are those who sit on it, as they are now: a conflict of one of them counts, whenever it was declared.
    """
    if complaint.told.get("answered-3") == reason.id and complaint.decided_by == by.id:
        return []
    require_stage(complaint, "deciding", "in-review")
    require_apart(complaint, by)
    if complaint.handler != by.id:
        raise refuse("committee-chair", "this person does not chair the committee", field="actor", allowed="its chair")
    for one in members:
        require_apart(complaint, one, field="members")
    if {one.id for one in members} != {*complaint.members} or not _whole(complaint, scheme):
        raise refuse(
            "committee-size",
            "the committee is not whole",
            field="members",
            allowed=f"{scheme.assurance.complaints.committee} members or more, named anew where some left",
        )
    require_outcome(outcome, done)
    return [
        e.ComplaintDecided(chair=by.id, members=complaint.members, outcome=outcome, reason=reason, done=done),
        e.ComplaintClosed(because="reviewed", ends=all_but_others(complaint)),
    ]


def _whole(complaint: Complaint, scheme: Scheme) -> bool:
    return complaint.handler is not None and len(complaint.members) >= scheme.assurance.complaints.committee
