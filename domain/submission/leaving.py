"""Who has a conflict leaves an item of moderation at once; it goes on with the others where they are enough, or is adjourned.

Source: handbook, "Who did not decide", and section 6. A chair's item goes to another chair of its panel, if there is one who may.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.meeting import Meeting
from domain.person import Person
from domain.qualification import lacks
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.items import adjourn
from domain.submission.moderation import ALONE, OPEN, has_quorum, may_moderate
from domain.submission.side_events import MemberRelieved
from domain.submission.state import Stage, Submission

CONFLICT = "conflict"
"""Why somebody leaves."""


def leave_item(
    case: Submission, *, person: str, panel: Sequence[Person], scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Take a person off an item that was taken up, whose members are `panel`.

    While evidence is awaited, and once it is decided, an item has no quorum to keep: without a chair of its own it is
    handed over by an officer.
    """
    held = case.moderation
    if held is None or case.released or case.over or person not in held.panel:
        return []
    others = [one for one in panel if one.id in held.panel and one.id != person and may_moderate(case, one, scheme, at)]
    heir = next((one for one in others if _chairs(one, scheme, at)), None)
    lost = held.chair == person and heir is None
    if case.stage in OPEN and (lost or not has_quorum(case, others, scheme)):
        return adjourn(case, reason=None, because=CONFLICT, scheme=scheme, at=at)
    left: list[e.SubmissionEvent] = [MemberRelieved(member=person, because=CONFLICT)]
    if held.chair == person and heir is not None:
        left.append(e.ItemHandedOver(chair=heir.id, reason=None, because=CONFLICT))
    return left


def leave_agenda(
    case: Submission, *, meeting: Meeting, person: str, panel: Sequence[Person], scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Free an item that is only listed for a meeting which this person was to chair, or that is too small without them.

    `panel` is the meeting's. Otherwise it stays listed: who may not take part is left out when it is taken up.
    """
    if case.stage is not Stage.AWAITING_MODERATION or case.listed != meeting.id or person not in meeting.panel:
        return []
    others = [one for one in panel if one.id != person and may_moderate(case, one, scheme, at)]
    if meeting.chair != person and has_quorum(case, others, scheme):
        return []
    return adjourn(case, reason=None, because=CONFLICT, scheme=scheme, at=at)


def _chairs(person: Person, scheme: Scheme, at: datetime) -> bool:
    """Could this member of the panel lead the item?"""
    return (
        scheme.moderation_form != ALONE
        and person.holds("chair", scheme.id, at)
        and not lacks(person, "chair", scheme, at=at)
    )
