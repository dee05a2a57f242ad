"""When an appeal is upheld, who else did the same cause touch? Each case is dealt with, and closed by somebody else.

Source: handbook, section 12. What those concerned have to learn from it is named here, and followed up with their other
needs.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from domain.appeal import events as e
from domain.appeal.causes import Cause
from domain.appeal.decision import OTHERS, task_of
from domain.appeal.lodging import require_officer
from domain.appeal.state import UPHELD, Appeal, Other, wrong_stage
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import named
from domain.texts import TextRef

ACTIONS: Final = ("none-needed", "told", "re-moderated", "corrected", "refunded", "other")
"""What can have been done about another case."""


def find_others(
    appeal: Appeal,
    *,
    by: Person,
    had_part: Collection[str],
    causes: Sequence[Cause],
    cases: Collection[str],
    searched_to: int,
    scheme: Scheme,
    at: datetime,
) -> list[e.AppealEvent]:
    """Keep the list of `cases` that `causes` touched in the log up to position `searched_to`, but for the appealed one.

    A further cause adds to the list; what stands on it stays.
    """
    require_officer(appeal, by, had_part=had_part)
    _require_upheld(appeal, "searching for others")
    if not causes:
        raise refuse("causes-named", "no cause is named", field="causes", allowed="one or more causes")
    kept = tuple(sorted(set(causes)))
    others = tuple(sorted(set(cases) - {appeal.lodging.case}))
    known = appeal.others or {}
    if any(kept == one.causes for one in appeal.found) and set(others) <= set(known):
        return []
    left = bool(appeal.open_others or set(others) - set(known))
    anew = left and named(OTHERS) not in appeal.tasks.running
    return [
        e.OthersFound(
            officer=by.id,
            causes=kept,
            searched_to=searched_to,
            cases=others,
            sets=(task_of(OTHERS, appeal, scheme=scheme, at=at),) if anew else (),
            ends=() if left else (named(OTHERS),),
        )
    ]


def deal_with(
    appeal: Appeal,
    *,
    by: Person,
    had_part: Collection[str],
    provider: str,
    case: str,
    action: str,
    done: TextRef,
) -> list[e.AppealEvent]:
    """Say what was done about another case, whose `provider` the person has no conflict with. It may be said anew until closed.

    Not by somebody who had a part in the contested case, or whose work is a cause that was named.
    """
    held = _other(appeal, by, had_part, provider, case)
    if action not in ACTIONS:
        raise refuse("other-actions", f"{action!r} is no action", field="action", allowed=", ".join(ACTIONS))
    if (held.action, held.done) == (action, done.id):
        return []
    if held.closed:
        raise refuse("other-closed", "this case is closed", field="other", allowed="a case that is not closed")
    return [e.OtherDealtWith(case=case, dealt_by=by.id, action=action, done=done)]


def close_other(
    appeal: Appeal, *, by: Person, had_part: Collection[str], provider: str, case: str
) -> list[e.AppealEvent]:
    """Find what was done about another case enough. By somebody who did nothing of it, and is no cause of it.

    Nor anybody who had a part in the contested case: what went wrong there is theirs too.
    """
    held = _other(appeal, by, had_part, provider, case)
    if held.closed:
        return []
    if not held.dealt_by:
        raise refuse(
            "dealt-with-first", "nothing was done about this case yet", field="other", allowed="dealing with it first"
        )
    if by.had_part(held.dealt_by):
        raise refuse(
            "closed-by-another",
            "this person dealt with the case",
            field="actor",
            allowed="somebody else closing it",
        )
    last = appeal.open_others == (case,)
    return [e.OtherClosed(case=case, closed_by=by.id, ends=(named(OTHERS),) if last else ())]


def name_follow_up(
    appeal: Appeal, *, by: Person, had_part: Collection[str], person: str, topic: str, need: TextRef
) -> list[e.AppealEvent]:
    """Name what somebody who had a part in the contested case has to learn from an upheld appeal."""
    require_officer(appeal, by, had_part=had_part)
    if appeal.decided is None or appeal.decided.outcome != UPHELD:
        raise wrong_stage(appeal, "naming what follows", "an appeal that is upheld")
    if person not in had_part:
        raise refuse(
            "people-concerned",
            "this person had no part in the contested case",
            field="person",
            allowed=", ".join(sorted(had_part)) or "nobody",
        )
    if (person, need.id) in appeal.follow_ups:
        return []
    return [e.FollowUpNamed(person=person, topic=topic, need=need)]


def _other(appeal: Appeal, by: Person, had_part: Collection[str], provider: str, case: str) -> Other:
    _ = appeal.lodging
    require_no_conflict(by, appeal.provider)
    require_no_conflict(by, provider)
    held = (appeal.others or {}).get(case)
    if held is None:
        raise refuse(
            "known-other",
            "this case is not among those that were found",
            field="other",
            allowed=", ".join(appeal.open_others) or "a case that the search found",
        )
    if by.had_part({cause.value for found in appeal.found for cause in found.causes}):
        raise refuse(
            "cause-of-it-never-settles",
            "what this person did is what others are searched for",
            field="actor",
            allowed="somebody whose work is no cause that was named",
        )
    if by.had_part(had_part):
        raise refuse(
            "took-part-never-settles",
            "this person had a part in the contested case",
            field="actor",
            allowed="an officer or an appeals officer who had no part in it",
        )
    return held


def _require_upheld(appeal: Appeal, what: str) -> None:
    if appeal.stage != UPHELD:
        raise wrong_stage(appeal, what, "an appeal that is upheld")
