"""An item of moderation: listed for a meeting or taken up by one independent person, adjourned, or found outside the scheme.

Source: handbook, section 6, Moderation. What is adjourned awaits moderation again, by whoever takes it up next, afresh.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.person import Person
from domain.qualification import lacks
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.moderation import (
    ALONE,
    OPEN,
    require_chair,
    require_form,
    require_no_part,
    require_open,
    require_quorum,
    seat,
    started,
)
from domain.submission.set_aside import require_eligibility_open
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef


def list_for(case: Submission, *, meeting: str, scheme: Scheme) -> list[e.SubmissionEvent]:
    """Put a submission that awaits moderation on a meeting's agenda; it is on one agenda at a time."""
    require_form(scheme, alone=False)
    if case.listed == meeting:
        return []
    if case.stage is not Stage.AWAITING_MODERATION:
        raise wrong_stage(case, "listing for moderation", Stage.AWAITING_MODERATION)
    if case.listed:
        raise refuse(
            "listed-once",
            f"{case.id} is on the agenda of another meeting",
            field="items",
            allowed="an item that is on no agenda, or adjourning it there first",
        )
    return [e.ItemListed(meeting=meeting)]


def take_up_alone(
    case: Submission, *, by: Person, had_part: Collection[str], scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Take a submission up as its one independent moderator: authorised, without a conflict, and without a part in it.

    `had_part` are the people who did anything in this case before: assessors, advisers, the officer who screened it.
    """
    if case.moderation and case.moderation.chair == by.id and case.stage in OPEN:
        return []
    require_form(scheme, alone=True)
    if case.stage is not Stage.AWAITING_MODERATION:
        raise wrong_stage(case, "moderation", Stage.AWAITING_MODERATION)
    require_independent(case, by, had_part=had_part, scheme=scheme, at=at)
    require_quorum(case, [by], scheme)
    seen = (seat(case, by, by=by, scheme=scheme, at=at),)
    return [started(case, meeting="", by=by, panel=[by], seen=seen, scheme=scheme, at=at)]


def require_independent(
    case: Submission, person: Person, *, had_part: Collection[str], scheme: Scheme, at: datetime
) -> None:
    """Refuse who may not moderate this case alone: no moderator, not trained or signed, with a conflict, or a part in it."""
    require_no_part(case, person, "moderator")
    if person.had_part({*had_part, *case.advisers, *case.calibrators}):
        raise refuse(
            "independent-person",
            "this person had a part in this case",
            field="actor",
            allowed="a moderator who had none",
        )
    if not person.holds("moderator", scheme.id, at):
        raise refuse(
            "acting-role",
            "this person is not a moderator here",
            field="role",
            allowed="a moderator of this scheme",
        )
    if missing := lacks(person, "moderator", scheme, at=at):
        raise refuse(
            "trained-moderator",
            f"this person may not moderate here now: {missing}",
            field="actor",
            allowed="a moderator who is trained for this scheme and has signed",
        )


def adjourn(
    case: Submission, *, reason: TextRef | None, because: str = "", scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Let an item go from its meeting or its moderator, so that it can be taken up again; what was moderated is not kept.

    An item that was taken up has the whole time for moderation again; one that was only listed has what is left.
    """
    if case.stage is Stage.AWAITING_MODERATION and case.clock is not None:
        if case.listed is None:
            return []
        return [e.ItemAdjourned(meeting=case.listed, reason=reason, clock=case.clock, because=because)]
    if case.stage not in OPEN or case.moderation is None:
        raise wrong_stage(case, "adjourning", Stage.AWAITING_MODERATION, *OPEN)
    clock = scheme.deadline("moderate_within", at)
    return [e.ItemAdjourned(meeting=case.moderation.meeting, reason=reason, clock=clock, because=because)]


def hand_over(
    case: Submission, *, to: Person, had_part: Collection[str], reason: TextRef, scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Let another chair lead an item that was taken up, or another one person moderate it, when the present one can't.

    They may take part in it as the first one might; whoever moderates alone had no part in the case (`had_part`).
    """
    led = (*OPEN, Stage.EVIDENCE_REQUESTED, *(() if case.released else (Stage.DECIDED,)))
    if case.moderation is None or case.stage not in led:
        raise wrong_stage(case, "handing the item over", *led)
    if case.moderation.chair == to.id:
        return []
    if scheme.moderation_form == ALONE:
        require_independent(case, to, had_part=had_part, scheme=scheme, at=at)
        require_quorum(case, [to], scheme)
    elif not to.holds("chair", scheme.id, at):
        raise refuse(
            "authorised-panel", "this person chairs nothing here", field="to", allowed="a chair of this scheme"
        )
    require_chair(case, to, to.id, scheme, at)
    seen = seat(case, to, by=to, scheme=scheme, at=at)
    return [e.ItemHandedOver(chair=to.id, reason=reason, seen=seen)]


def free(case: Submission, *, meeting: str, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Free an item that was listed for a meeting which is over, and was not taken up there."""
    if case.listed != meeting or case.stage is not Stage.AWAITING_MODERATION:
        return []
    return adjourn(case, reason=None, scheme=scheme, at=at)


def find_outside(
    case: Submission, *, by: Person, panel: Sequence[Person], scheme: Scheme, reason: TextRef, at: datetime
) -> list[e.SubmissionEvent]:
    """Rule that the programme is not one by the scheme's definition; by the item's chair, with its quorum."""
    if case.stage is Stage.INELIGIBLE and case.moderation:
        return []
    require_open(case, "ruling on the definition", by=by, panel=panel, scheme=scheme, at=at)
    require_eligibility_open(case)
    return [e.FoundOutsideDefinition(reason=reason)]
