"""Places in windows: one taken with a submission; who finds none left has the first claim on the next window.

Source: handbook, section 3. Many come in a window's last minute, so nobody waits for another here: an event is appended
behind what others have appended meanwhile, as long as there is room for all of them (`Work.slack`). Near the end of the
room that fails, and who was slower looks again.
"""

from domain import places
from domain.scheme_record import SchemeRecord
from domain.submission import limits
from domain.submission.state import Stage, Submission
from domain.window import Window, WindowEvent
from services.office import ANY, Work, scheme_stream


def let_in(work: Work, case: Submission, window: str) -> tuple[list[WindowEvent], bool | None]:
    """Return what lets a submission in, and whether it is late, or None if there is no place left.

    What was returned goes back into its window also when that has closed, and has its place there. Refuses who comes
    before or after the window's time.
    """
    been_in = case.portfolio if case.stage in (Stage.SUBMITTED, Stage.SCREENING, Stage.RETURNED) else None
    if been_in and been_in.window == window:
        return [], been_in.late
    held = work.window(window)
    if places.is_full(held, submission=case.id, scheme=case.scheme_id, at=work.command.at):
        return [], None
    return places.take_place(held, submission=case.id, scheme=case.scheme_id, at=work.command.at)


def take_place(work: Work, case: Submission, window: str, taken: list[WindowEvent]) -> None:
    """Take the place that lets a submission in, where there is a limit; a place kept elsewhere is free then."""
    held = work.window(window)
    work.slack[window] = ANY if case.id in held.reserved else max((held.room or 0) - 1, 0)
    work.add(window, taken)
    if case.claim and case.claim != window:
        end_claim(work, case)


def keep_claim(work: Work, case: Submission, window: str) -> None:
    """Record that there was no place left; keep one in the next window, or let the time to submit stand still.

    Refuses at once who gains no claim by it.
    """
    full = work.window(window)
    if not limits.may_claim(case):
        raise places.no_place_left(full)
    work.texts.clear()  # what nobody took in is not kept either
    work.add(window, places.refuse_place(full, submission=case.id))
    work.slack[window] = ANY
    if case.stopped or _kept(work, case):
        return
    record = work.scheme_record(case.scheme_id)
    coming = _next_with_room(work, record, window)
    if coming is None:
        work.unmoved.add(scheme_stream(case.scheme_id))  # a window announced meanwhile would not know of the claim
        work.add(case.id, limits.stop_limit(case, window=window, at=work.command.at))
    else:
        work.slack[coming.id] = max((coming.room or 0) - 1, 0)
        keep_place(work, case, coming)


def _kept(work: Work, case: Submission) -> bool:
    """Whether a window that still takes submissions keeps a place for the case already."""
    if not case.claim:
        return False
    held = work.window(case.claim)
    ends_at = held.ends_for(case.id)
    there = held.room is None or case.id in held.reserved
    return there and ends_at is not None and ends_at >= work.command.at


def refused_in(case: Submission, window: Window) -> bool:
    """Whether the case was refused for want of places in this window, and is not in it."""
    return case.id in window.refused and (case.portfolio is None or case.portfolio.window != window.id)


def _next_with_room(work: Work, record: SchemeRecord, full: str) -> Window | None:
    coming = [one for one in record.windows if one.window != full and one.closes_at > work.command.at]
    work.load(*(one.window for one in coming))
    held = [work.window(one.window) for one in sorted(coming, key=lambda one: one.opens_at)]
    return next((one for one in held if one.room is None or one.room > 0), None)


def keep_place(work: Work, case: Submission, window: Window) -> None:
    """Keep a place in the window for a case, and let its time to submit last as long, grace included."""
    ends_at = window.ends_for(case.id)
    if ends_at is None:
        raise AssertionError("a scheduled window has its instants")
    if case.claim and case.claim != window.id:
        end_claim(work, case)
    scheme = work.scheme(case.registration.scheme)
    work.add(window.id, places.reserve_place(window, submission=case.id))
    moved = limits.move_limit(case, window=window.id, ends_at=ends_at, scheme=scheme, at=work.command.at)
    work.add(case.id, moved, scheme=scheme.ref)


def keep_places_for_claims(work: Work, scheme: str, window: str) -> None:
    """Keep places in a new window for all who wait for one, as many as there are, in the order in which they came."""
    others = [one.window for one in work.scheme_record(scheme).windows if one.window != window]
    work.load(*others)
    work.unmoved.update(others)  # who is refused meanwhile is to have a place kept too
    claims = dict.fromkeys(case for one in others for case in work.window(one).refused)
    work.load(*claims)
    for case in claims:
        room = work.window(window).room
        if limits.waits_for_place(work.submission(case)) and (room is None or room > 0):
            keep_place(work, work.submission(case), work.window(window))


def follow_extension(work: Work, window: str) -> None:
    """Let the time to submit of those for whom a place is kept last as long as the window, which closes later now."""
    kept = sorted(work.window(window).reserved)
    work.load(*kept)
    for case in kept:
        keep_place(work, work.submission(case), work.window(window))


def free_place(work: Work, case: Submission) -> None:
    """Let others have the place of a case that ended while its window is open."""
    window = case.portfolio.window if case.portfolio else ""
    if window:
        work.load(window)
        work.slack[window] = ANY
        work.add(window, places.free_place(work.window(window), submission=case.id, at=work.command.at))


def end_claim(work: Work, case: Submission) -> None:
    """Let others have the place that is kept for a case."""
    if case.claim:
        work.slack[case.claim] = ANY
        work.add(case.claim, places.end_reservation(work.window(case.claim), submission=case.id))
