"""Windows for submissions: scheduled and extended by operations; their opening and closing noted by their process."""

from datetime import datetime

from domain import scheme_record, window
from domain.clocks import checked_instant
from domain.ids import derived_id
from domain.window import require_scheme
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.places import follow_extension, keep_place, keep_places_for_claims
from services.ports import Command
from services.preparation import by_officer


def window_id(command_id: str) -> str:
    """The id of the window that the scheduling command with this id creates."""
    return derived_id("window", command_id)


@permitted
def schedule_window(
    office: Office,
    command: Command,
    *,
    scheme: str,
    opens_at: datetime,
    closes_at: datetime,
    grace_seconds: int = 0,
    capacity: int | None = None,
) -> Receipt:
    """Schedule a window for the scheme with this id (UTC instants), and announce it with when its results are due.

    Its id is `window_id(command.id)`. Places are kept in it for all who were refused one and wait for it.
    """
    id = window_id(command.id)
    opens_at, closes_at = checked_instant(opens_at, field="opens_at"), checked_instant(closes_at, field="closes_at")

    def step(work: Work) -> None:
        work.acts(scheme)
        record = work.scheme_record(scheme)
        version = work.scheme(f"{scheme}@{record.latest}")
        scheduled = window.schedule(
            work.window(id),
            id=id,
            scheme=scheme,
            opens_at=opens_at,
            closes_at=closes_at,
            grace_seconds=grace_seconds,
            capacity=capacity,
            at=command.at,
        )
        work.add(id, scheduled, scheme=version.ref)
        results_by = version.results_by(closes_at)
        work.add(
            scheme_stream(scheme),
            [scheme_record.WindowAnnounced(window=id, opens_at=opens_at, closes_at=closes_at, results_by=results_by)]
            if scheduled
            else [],
        )
        if scheduled:
            keep_places_for_claims(work, scheme, id)

    return carry_out(office, command, id, scheme_stream(scheme), step=step)


@permitted
def extend_window(office: Office, command: Command, *, id: str, closes_at: datetime, reason: str) -> Receipt:
    """Let a window close later, for all, with a reason. By an officer."""
    closes_at = checked_instant(closes_at, field="closes_at")

    def step(work: Work) -> None:
        held = work.window(id)
        work.acts(held.scheme or None)
        why = work.text(reason, field="reason", subject=id)
        extended = window.extend(held, closes_at=closes_at, reason=why, at=command.at)
        work.add(id, extended)
        if extended and held.opens_at:
            version = work.scheme(f"{held.scheme}@{work.scheme_record(held.scheme).latest}")
            announced = scheme_record.WindowAnnounced(
                window=id, opens_at=held.opens_at, closes_at=closes_at, results_by=version.results_by(closes_at)
            )
            work.add(scheme_stream(held.scheme), [announced])
            follow_extension(work, id)

    return carry_out(office, command, id, step=step)


@permitted
def extend_window_for(
    office: Office, command: Command, *, id: str, case: str, closes_at: datetime, reason: str
) -> Receipt:
    """Let a window close later for one submission, with a reason. By an officer without a conflict."""
    closes_at = checked_instant(closes_at, field="closes_at")

    def step(work: Work) -> None:
        held = by_officer(work, case)
        require_scheme(work.window(id), held.scheme_id)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        extended = window.extend_for(work.window(id), submission=case, closes_at=closes_at, reason=why, at=command.at)
        work.add(id, extended, scheme=held.registration.scheme)
        if held.claim == id:
            keep_place(work, held, work.window(id))

    return carry_out(office, command, id, case, step=step)


def open_window(office: Office, command: Command, *, case: str) -> Receipt:
    """Note that a window's opening came. By its process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        work.add(case, window.open_window(work.window(case), at=command.at))

    return carry_out(office, command, case, step=step)


def close_window(office: Office, command: Command, *, case: str) -> Receipt:
    """Note that a window's closing came. By its process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        work.add(case, window.close_window(work.window(case), at=command.at))

    return carry_out(office, command, case, step=step)
