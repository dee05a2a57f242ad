"""Registration, preparation, submission and screening of a programme. Source: handbook, sections 1 to 4."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.clocks import Deadline
from domain.refusals import refuse
from domain.scheme import MEDIA_KINDS, Scheme, require_criterion, require_listed
from domain.submission import booking
from domain.submission import events as e
from domain.submission.applying import Held, application
from domain.submission.eligibility import known_group, known_roll, rule_out
from domain.submission.set_aside import require_eligibility_open
from domain.submission.state import Stage, Submission, require_registered, wrong_stage
from domain.texts import TextRef

FEE_KINDS = ("registration", "submission", "reaccreditation")


def register(
    case: Submission,
    *,
    id: str,
    scheme: Scheme,
    provider: str,
    lead_contact: str,
    category: str,
    subject: str,
    phase: str,
    mode: str,
    size_band: str,
    title: TextRef,
    audience: TextRef | None = None,
    agreement_accepted: bool,
    provider_type: str = "",
    roll: int = 0,
    group: str | None = None,
    applies: Mapping[str, bool] | None = None,
    follows: Submission | None = None,
    accreditation: str | None = None,
    held: Held | None = None,
    upgrade: bool = False,
    applies_for: str | None = None,
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Register a programme under `scheme`; the case stays pinned to this version.

    `applies` answers each of the scheme's exclusions. `follows` is the submission it comes after: one not awarded (a new
    try, submission fee only) or, with `accreditation`, the awarded one that is to be earned again by the light-touch way,
    or with `upgrade` at a higher level; `held` says of that award what counts then. `applies_for` is a level of award.
    """
    if case.registered:
        return []
    if not agreement_accepted:
        raise refuse(
            "agreement-first",
            "the agreement was not accepted",
            field="agreement_accepted",
            allowed="true, by the provider",
        )
    ruled_out = rule_out(scheme, applies or {})
    if accreditation is not None and held is None:
        level = follows.outcome.level if follows and follows.outcome else None
        held = Held(id=accreditation, level=level or "")
    applied = application(
        scheme, provider=provider, follows=follows, held=held, upgrade=upgrade, applies_for=applies_for
    )
    registered = e.ProgrammeRegistered(
        submission=id,
        scheme=scheme.ref,
        provider=provider,
        lead_contact=lead_contact,
        category=require_listed(category, scheme.categories, field="category"),
        subject=require_listed(subject, scheme.subjects, field="subject"),
        phase=require_listed(phase, scheme.phases, field="phase"),
        mode=require_listed(mode, scheme.modes, field="mode"),
        size_band=require_listed(size_band, scheme.size_bands, field="size_band"),
        title=title,
        audience=audience,
        agreement_accepted=agreement_accepted,
        provider_type=_listed_type(provider_type, scheme),
        roll=known_roll(roll, scheme),
        group=known_group(group),
        ruled_out=ruled_out,
        origin=applied.origin,
        follows=follows.id if follows else None,
        accreditation=accreditation,
        criteria=applied.criteria,
        applies_for=applied.applies_for,
        changed=applied.changed,
        clock=scheme.deadline("submit_within", at, scheme.clocks.remind_submit),
    )
    moment = {"new": "registration", "again": ""}.get(applied.origin, applied.origin)
    return [registered, *_charges(registered, scheme, moment)]


def _listed_type(provider_type: str, scheme: Scheme) -> str:
    """The provider's type, one of this scheme's, though it may have registered under another; needed where fees go by it."""
    if not provider_type and all(item.by != "type_and_roll" for item in scheme.fees.items):
        return ""
    return require_listed(provider_type, scheme.provider_types, field="provider_type")


def _charges(registered: e.ProgrammeRegistered, scheme: Scheme, moment: str) -> list[e.FeeCharged]:
    return [
        e.FeeCharged(
            kind=item.kind,
            amount=item.charge(
                size_band=registered.size_band,
                provider_type=registered.provider_type,
                roll=registered.roll,
                grouped=registered.group is not None,
            ),
            currency=scheme.fees.currency,
        )
        for item in scheme.fees.due_at(moment)
    ]


def pay_fee(case: Submission, *, kind: str, amount: int) -> list[e.SubmissionEvent]:
    """Record that a fee was paid, in full."""
    if _fee(case, kind) != "due":
        return []
    if amount != case.charges[kind]:
        raise refuse(
            "fee-in-full",
            f"the {kind} fee is {case.charges[kind]}, not {amount}",
            field="amount",
            allowed=str(case.charges[kind]),
        )
    return [e.FeePaid(kind=kind, amount=amount)]


def waive_fee(case: Submission, *, kind: str, reason: TextRef) -> list[e.SubmissionEvent]:
    """Waive a fee, with a reason."""
    if _fee(case, kind) != "due":
        return []
    return [e.FeeWaived(kind=kind, reason=reason)]


def _fee(case: Submission, kind: str) -> str:
    require_registered(case)
    if kind not in case.fees:
        charged = ", ".join(case.fees) or "none yet"
        raise refuse(
            "fee-charged", f"no {kind} fee was charged here", field="kind", allowed=f"a fee charged ({charged})"
        )
    return case.fees[kind]


def start_preparation(case: Submission) -> list[e.SubmissionEvent]:
    """Begin preparation once registered."""
    return [e.PreparationStarted()] if case.stage is Stage.REGISTERED else []


def extend_preparation(
    case: Submission, *, until: datetime, reason: TextRef, scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Grant more time to submit, also after the limit has passed."""
    if case.stage not in (Stage.REGISTERED, Stage.PREPARING, Stage.LAPSED):
        raise wrong_stage(case, "an extension", Stage.PREPARING, Stage.LAPSED)
    limit = case.submit_by
    if case.stage is Stage.PREPARING and until == limit.due_at:
        return []
    if until <= at or (case.stage is not Stage.LAPSED and until <= limit.due_at):
        raise refuse(
            "extension-later",
            "an extension ends later than the limit",
            field="until",
            allowed="a later instant to come",
        )
    remind_at = scheme.reminders(at, until, scheme.clocks.remind_submit)
    return [
        e.PreparationExtended(reason=reason, clock=Deadline(rule="submit-within", due_at=until, remind_at=remind_at))
    ]


def lapse(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """End a submission that was not handed in, or in again after its return, by its date."""
    if case.stage not in (Stage.REGISTERED, Stage.PREPARING, Stage.RETURNED) or case.clock is None:
        return []
    if at < case.clock.due_at or case.clock.rule == booking.PORTFOLIO:
        return []
    return [e.SubmissionLapsed(rule=case.clock.rule, due_at=case.clock.due_at)]


def withdraw(case: Submission, *, by: str, reason: TextRef) -> list[e.SubmissionEvent]:
    """Withdraw, at any time before the decision."""
    require_provider(case, by)
    if case.stage is Stage.WITHDRAWN:
        return []
    if case.over or case.outcome:
        raise refuse(
            "withdraw-before-decision", "the case is closed", field="submission", allowed="nothing more; it is over"
        )
    return [e.SubmissionWithdrawn(reason=reason)]


def require_provider(case: Submission, by: str) -> None:
    """Refuse anyone but the provider's lead contact."""
    if by != case.registration.lead_contact:
        raise refuse(
            "own-provider", "only the provider's lead contact does that", field="actor", allowed="the lead contact"
        )


def submit(
    case: Submission,
    *,
    by: str,
    scheme: Scheme,
    window: str,
    late: bool,
    answers: Sequence[e.Answer],
    evidence: Sequence[e.Evidence],
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Hand the portfolio in: an answer to each criterion, and evidence within the scheme's limits. It is then frozen.

    `window` is empty where the scheme has none; a date is booked then, and the portfolio in before it.
    """
    require_provider(case, by)
    if case.portfolio and case.stage in (Stage.SUBMITTED, Stage.SCREENING):
        if case.portfolio.manifest == manifest_of(answers, evidence):
            return []
        raise refuse(
            "portfolio-frozen",
            "the portfolio is already submitted",
            field="submission",
            allowed="to wait for screening",
        )
    if case.stage not in (Stage.REGISTERED, Stage.PREPARING, Stage.RETURNED):
        raise wrong_stage(case, "submitting", Stage.PREPARING, Stage.RETURNED)
    booking.require_route(scheme, "windows" if window else "booked")
    if not window:
        booking.require_date(case, scheme=scheme, at=at)
    if case.clock is not None and at > case.clock.due_at:
        raise refuse(
            case.clock.rule,
            f"the time to submit ended at {case.clock.due_at.isoformat()}",
            field="submission",
            allowed="an extension, which operations can grant",
        )
    _require_each_once([answer.criterion for answer in answers], case.registration.criteria)
    check_evidence(evidence, scheme, case.registration.criteria)
    submitted = e.PortfolioSubmitted(
        window=window,
        late=late,
        answers=tuple(answers),
        evidence=tuple(evidence),
        manifest=manifest_of(answers, evidence),
    )
    if case.registration.origin not in ("new", "again"):
        return [submitted]
    charges = _charges(case.registration, scheme, "submission")
    return [submitted, *(one for one in charges if one.kind not in case.fees)]


def _require_each_once(given: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [code for code in wanted if code not in given]
    extra = [code for code in given if code not in wanted]
    double = sorted({code for code in given if list(given).count(code) > 1})
    for codes, problem in ((missing, "no answer to"), (extra, "not asked for:"), (double, "answered twice:")):
        if codes:
            raise refuse(
                "portfolio-complete",
                f"{problem} {', '.join(codes)}",
                field="answers",
                allowed=f"one answer to each of {', '.join(wanted)}",
            )


def check_evidence(evidence: Sequence[e.Evidence], scheme: Scheme, criteria: Sequence[str]) -> None:
    """Refuse evidence beyond the scheme's limits: number, size, type, pinpoints, and files for other criteria."""
    for number, one in enumerate(evidence):
        field = f"evidence[{number}]"
        require_criterion(scheme, one.criterion, field=f"{field}.criterion")
        if one.criterion not in criteria:
            raise refuse(
                "portfolio-criteria",
                f"criterion {one.criterion} is not judged here",
                field=f"{field}.criterion",
                allowed=", ".join(criteria),
            )
        if len(one.sha256) != 64 or set(one.sha256) - set("0123456789abcdef"):
            raise refuse(
                "evidence-sha256", "this is no SHA-256", field=f"{field}.sha256", allowed="64 hex digits, lower case"
            )
        require_listed(one.media_type, scheme.media_types, field=f"{field}.media_type")
        if not 0 < one.size <= scheme.file_bytes:
            raise refuse(
                "evidence-size",
                f"the file has {one.size:,} bytes",
                field=f"{field}.size",
                allowed=f"1 to {scheme.file_bytes:,} bytes",
            )
        _check_pinpoint(one, field)
    for code in criteria:
        count = sum(one.criterion == code for one in evidence)
        if count > scheme.files_per_criterion:
            raise refuse(
                "files-per-criterion",
                f"{count} files for criterion {code}",
                field="evidence",
                allowed=f"at most {scheme.files_per_criterion} a criterion",
            )


def _check_pinpoint(one: e.Evidence, field: str) -> None:
    if one.pinpoint is None:
        if one.media_type.partition("/")[0] in MEDIA_KINDS:
            raise refuse(
                "media-pinpoint",
                "audio and video need the exact place",
                field=f"{field}.pinpoint",
                allowed="from and to, in seconds",
            )
    elif not 0 <= one.pinpoint[0] < one.pinpoint[1]:
        raise refuse(
            "media-pinpoint",
            f"{one.pinpoint[0]}–{one.pinpoint[1]} is no stretch of time",
            field=f"{field}.pinpoint",
            allowed="from before to, in seconds",
        )


def manifest_of(answers: Sequence[e.Answer], evidence: Sequence[e.Evidence]) -> str:
    """Return the hex SHA-256 over what was handed in: criteria with the digests of answers and files, in order."""
    lines = [f"answer {one.criterion} {one.text.digest}" for one in answers]
    lines += [f"file {one.criterion} {one.sha256} {one.media_type} {one.size} {one.pinpoint}" for one in evidence]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def start_screening(case: Submission, *, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Start the screening of what was submitted."""
    if case.stage is not Stage.SUBMITTED:
        return []
    return [e.ScreeningStarted(clock=scheme.deadline("screen_within", at))]


def _require_screening(case: Submission, what: str) -> None:
    if case.stage not in (Stage.SUBMITTED, Stage.SCREENING):
        raise wrong_stage(case, what, Stage.SCREENING)


def pass_screening(case: Submission) -> list[e.SubmissionEvent]:
    """Find the submission complete, eligible and paid for."""
    if case.stage is Stage.IN_ASSESSMENT:
        return []
    _require_screening(case, "screening")
    due = sorted(kind for kind, state in case.fees.items() if state == "due")
    if due:
        raise refuse(
            "fee-before-assessment",
            f"not paid: {', '.join(due)} fee",
            field="fees",
            allowed="payment or a waiver first, or a return to the provider",
        )
    return [e.ScreeningPassed()]


def return_portfolio(case: Submission, *, reason: TextRef, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """Send the portfolio back with reasons and a date."""
    if case.stage is Stage.RETURNED:
        return []
    _require_screening(case, "a return")
    return [e.PortfolioReturned(reason=reason, clock=scheme.deadline("return_within", at))]


def find_ineligible(case: Submission, *, reason: TextRef) -> list[e.SubmissionEvent]:
    """Refuse a programme that the scheme does not accredit."""
    if case.stage is Stage.INELIGIBLE:
        return []
    _require_screening(case, "a finding of ineligibility")
    require_eligibility_open(case)
    return [e.FoundIneligible(reason=reason)]
