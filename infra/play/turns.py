"""Everyone's turn: what provider, officer, assessor, panel and chair do with a submission at its stage, as the plot has it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.submission.events import Evidence
from domain.submission.moderation import ALONE, leads
from domain.submission.state import Stage, Submission
from infra.play.papers import hand_over, paper
from infra.play.plot import Entry, now
from services import assessment, calibration, items, moderation, preparation, screening, visits
from services.assessment import Judgement
from services.moderation import Lack
from services.states import fold

if TYPE_CHECKING:
    from infra.play.script import Play

SPARE = 2.0
"""Seconds by which a date is booked later than it could be, to hand the portfolio in."""
BEFORE_MODERATION = (
    Stage.REGISTERED,
    Stage.PREPARING,
    Stage.SUBMITTED,
    Stage.SCREENING,
    Stage.RETURNED,
    Stage.IN_ASSESSMENT,
)


def take_turn(play: "Play", entry: Entry, case: Submission) -> None:
    """Do what is somebody's to do now for one submission, if it is anybody's turn."""
    match case.stage:
        case Stage.REGISTERED | Stage.PREPARING:
            _submit(play, entry, case)
        case Stage.SCREENING:
            _screen(play, entry, case)
        case Stage.IN_ASSESSMENT if case.assessor:
            _assess(play, entry, case, case.assessor)
        case Stage.EVIDENCE_REQUESTED if entry.answers and not case.answered and case.clock:
            if now() < case.clock.due_at:
                _answer(play, entry, case)
        case Stage.FINAL_REVIEW | Stage.DECIDED if case.moderation:
            _review(play, entry, case, (case.moderation.chair, leads(play.plot.scheme)))
        case _:
            pass


def _submit(play: "Play", entry: Entry, case: Submission) -> None:
    if not entry.submits:
        return
    if play.plot.scheme.route.kind == "booked":
        _book(play, entry, case)
    elif not _is_open(play, entry.window):
        return
    _pay(play, entry, case)
    play.do(
        preparation.submit_portfolio,
        entry.contact,
        "provider",
        f"{entry.key}/portfolio",
        case=entry.submission,
        window_id=entry.window or None,
        answers={
            code: play.names.text(f"How the programme meets {code}, in our own words")
            for code in case.registration.criteria
        },
        evidence=[_upload(play, entry, code) for code in case.registration.criteria],
    )


def _is_open(play: "Play", id: str) -> bool:
    window = fold(id, play.app.records.streams(id)[id].entries)
    return window.opens_at is not None and now() >= window.opens_at


def _book(play: "Play", entry: Entry, case: Submission) -> None:
    """Book the next date that leaves time to hand the portfolio in, unless there is one."""
    if case.visit_at is not None and not case.provisional:
        return
    scheme, at = play.plot.scheme, now()
    earliest = [at, *(scheme.calendar.after(at, one) for one in play.plot.ahead())]
    visit_at = max(earliest) + timedelta(seconds=SPARE)
    what = f"{entry.key}/booked/{visit_at.isoformat()}"
    play.do(visits.book_assessment, entry.contact, "provider", what, case=case.id, visit_at=visit_at)


def _pay(play: "Play", entry: Entry, case: Submission) -> None:
    for kind in (kind for kind, state in case.fees.items() if state == "due"):
        what, amount = f"{entry.key}/paid/{kind}", case.charges[kind]
        play.do(preparation.pay_fee, play.cast.officer, "officer", what, case=case.id, kind=kind, amount=amount)


def _paper(play: "Play", entry: Entry, code: str, what: str = "evidence") -> tuple[bytes, Evidence]:
    return paper(play.plot.scheme, code, f"{what} for {code} of {entry.key}, play {play.run}")


def _upload(play: "Play", entry: Entry, code: str, what: str = "evidence") -> Evidence:
    """The provider uploads what it has to show on a criterion."""
    content, named = _paper(play, entry, code, what)
    said: dict[str, Any] = {"case": entry.submission, "content": content, "kind": named.media_type}
    play.do(hand_over, entry.contact, "provider", f"{entry.key}/{what}/{code}", files=play.files, **said)
    return named


def _screen(play: "Play", entry: Entry, case: Submission) -> None:
    _pay(play, entry, case)
    play.do(screening.pass_screening, play.cast.officer, "officer", f"{entry.key}/screened", case=case.id)


def _assess(play: "Play", entry: Entry, case: Submission, assessor: str) -> None:
    by = (assessor, "assessor")
    if case.marker:
        _mark_blind(play, entry, case, case.marker)
    if not case.accepted:
        play.do(assessment.accept_assignment, *by, f"{entry.key}/accepted/{assessor}", case=case.id)
    if play.plot.scheme.route.kind == "booked" and not _seen(play, entry, case, by):
        return
    for section in play.plot.scheme.sections:
        codes = [one for one in case.registration.criteria if play.plot.scheme.criteria[one].section == section]
        if codes:
            _judge_section(play, entry, assessor, section, codes)
    minutes = 240 + 15 * len(case.registration.criteria)
    what = f"{entry.key}/assessed/{assessor}"
    play.do(assessment.complete_assessment, *by, what, case=case.id, minutes_spent=minutes)


def _mark_blind(play: "Play", entry: Entry, case: Submission, marker: str) -> None:
    """Who marks it blind finds what the first assessor does."""
    said: dict[str, Any] = {"case": case.id, "judgements": _judgements(play, entry, case.registration.criteria)}
    play.do(calibration.judge_blind, marker, "assessor", f"{entry.key}/judged-blind/{marker}", **said)
    what = f"{entry.key}/marked-blind/{marker}"
    play.do(calibration.complete_blind, marker, "assessor", what, case=case.id, minutes_spent=240)


def _seen(play: "Play", entry: Entry, case: Submission, by: tuple[str, str]) -> bool:
    """Look at the portfolio ahead, and on the date visit, where the scheme has that; say whether the date has come."""
    scheme, key = play.plot.scheme, f"{entry.key}/{by[0]}"
    if scheme.route.preview_before and not case.previewed:
        play.do(visits.pass_preview, *by, f"{key}/previewed", case=case.id)
    groups = scheme.route.people_to_meet
    if groups and case.to_meet is None:
        play.do(visits.agree_people, *by, f"{key}/people-agreed", case=case.id, groups=groups, missing={})
    if case.visit_at is None or now() < case.visit_at:
        return False
    if scheme.route.visit and case.visit is None:
        recommended = scheme.outcome(entry.judged, case.registration.criteria, case.registration.applies_for).level
        seen: dict[str, Any] = {"met": groups, "minutes_spent": 300, "recommendation": recommended}
        play.do(visits.hold_visit, *by, f"{key}/visited", case=case.id, **seen)
    return True


def _judge_section(play: "Play", entry: Entry, assessor: str, section: str, codes: Sequence[str]) -> None:
    what = f"{entry.key}/judged/{section}/{assessor}"
    said: dict[str, Any] = {"case": entry.submission, "judgements": _judgements(play, entry, codes)}
    play.do(assessment.judge, assessor, "assessor", what, **said)


def _judgements(play: "Play", entry: Entry, codes: Sequence[str]) -> dict[str, Judgement]:
    return {
        code: Judgement(
            level=entry.judged[code],
            reason=play.names.text(f"What the evidence shows on {code}"),
            cites=(_paper(play, entry, code)[1].sha256,),
            indicators={one.code: entry.judged[code] for one in play.plot.scheme.criteria[code].indicators},
        )
        for code in codes
    }


def _answer(play: "Play", entry: Entry, case: Submission) -> None:
    play.do(
        moderation.provide_evidence,
        entry.contact,
        "provider",
        f"{entry.key}/further",
        case=case.id,
        answers={code: play.names.text(f"What we add on {code}") for code in case.asked},
        evidence=[_upload(play, entry, code, "further evidence") for code in case.asked],
    )


def hold_moderation(play: "Play", acting: Sequence[Entry]) -> None:
    """Operations list what awaits moderation, two a meeting, which is then held; or one person takes each up alone."""
    waiting = [
        one for one in acting if play.cases[one.submission].stage is Stage.AWAITING_MODERATION and not one.meeting
    ]
    if play.plot.scheme.moderation_form == ALONE:
        for one in waiting:
            _moderate_alone(play, one, play.cases[one.submission])
        return
    coming = any(one.submits and play.cases[one.submission].stage in BEFORE_MODERATION for one in acting)
    while len(waiting) >= 2 or (waiting and not coming):
        items, waiting = waiting[:2], waiting[2:]
        _hold_meeting(play, items)


def _hold_meeting(play: "Play", items: Sequence[Entry]) -> None:
    cast, what = play.cast, "meeting/" + "+".join(one.key for one in items)
    turn = play.numbers[items[0].number]
    chair = cast.chairs[turn % len(cast.chairs)]
    panel = [cast.moderators[(turn + one) % len(cast.moderators)] for one in range(play.plot.scheme.quorum - 1)]
    at = now()
    play.do(
        moderation.schedule_meeting,
        cast.officer,
        "officer",
        what,
        at=at,
        scheme=play.plot.scheme.id,
        starts_at=at,
        chair=chair,
        panel=panel,
        items=[one.submission for one in items],
    )
    meeting = moderation.meeting_id(f"{play.run}/{what}")
    by = (chair, "chair")
    play.do(moderation.open_meeting, *by, f"{what}/opened", id=meeting, present=[chair, *panel])
    for entry in items:
        entry.meeting, case = meeting, play.cases[entry.submission]
        play.do(moderation.take_up, *by, f"{entry.key}/taken-up/{meeting}", case=case.id, id=meeting)
        _moderate(play, entry, case, by)
    play.do(moderation.sign_minutes, *by, f"{what}/signed", id=meeting, minutes_spent=55 * len(items))


def _moderate_alone(play: "Play", entry: Entry, case: Submission) -> None:
    moderators = play.cast.moderators
    by = (moderators[play.numbers[entry.number] % len(moderators)], "moderator")
    play.do(items.take_up_alone, *by, f"{entry.key}/taken-up/{by[0]}", case=case.id)
    entry.meeting = by[0]
    _moderate(play, entry, case, by)


def _moderate(play: "Play", entry: Entry, case: Submission, by: tuple[str, str]) -> None:
    """Confirm what stands, change exactly what differs from the results, and ask for more where that is no pass."""
    findings = {}
    for code in case.registration.criteria:
        changed = case.judgements[code] != entry.wanted[code]
        reason = play.names.text(f"The panel reads the evidence on {code} differently") if changed else None
        findings[code] = Judgement(level=entry.wanted[code], reason=reason)
    play.do(moderation.moderate, *by, f"{entry.key}/moderated", case=case.id, judgements=findings)
    short = _short(play, entry, case)
    if short and play.plot.scheme.evidence_rounds:
        wanted = play.names.text("Please show how this is done in practice")
        what = f"{entry.key}/evidence-asked"
        play.do(moderation.request_evidence, *by, what, case=case.id, criteria=short, wanted=wanted)
    else:
        _decide(play, entry, case, by)


def _short(play: "Play", entry: Entry, case: Submission) -> tuple[str, ...]:
    scheme = play.plot.scheme
    return scheme.outcome(entry.wanted, case.registration.criteria, case.registration.applies_for).unmet


def _review(play: "Play", entry: Entry, case: Submission, by: tuple[str, str]) -> None:
    if case.stage is Stage.FINAL_REVIEW:
        confirmed = {code: Judgement(level=case.judgements[code]) for code in case.asked}
        play.do(moderation.moderate, *by, f"{entry.key}/reviewed", case=case.id, judgements=confirmed)
        play.do(moderation.conclude_review, *by, f"{entry.key}/review-concluded", case=case.id)
    _decide(play, entry, case, by)


def _decide(play: "Play", entry: Entry, case: Submission, by: tuple[str, str]) -> None:
    play.do(moderation.decide, *by, f"{entry.key}/decided", case=case.id)
    lacks = {
        code: Lack(
            lacking="evidence" if number % 2 else "practice",
            missing=play.names.text(f"What {code} still needs"),
        )
        for number, code in enumerate(_short(play, entry, case))
    }
    play.do(moderation.approve_report, *by, f"{entry.key}/report", case=case.id, lacks=lacks)
