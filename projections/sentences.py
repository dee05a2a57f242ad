"""One plain sentence for each kind of event: what pages, letters, lists and files say happened.

People, providers, typed texts and instants stand in it as tokens (see `words`); levels stand between asterisks.
Histories keep the sentences: whoever changes one raises the version of that read model, so that it is built anew.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain import calibration, clocks, meeting, pay, person, provider, scheme_record, window
from domain.submission import events as e
from domain.submission import past_events as past
from domain.submission import side_events as beside
from projections import (
    appeal_sentences,
    award_sentences,
    complaint_sentences,
    conflict_sentences,
    governance_sentences,
    learning_sentences,
    matter_sentences,
    people_sentences,
    remedy_sentences,
    retention_sentences,
    visit_sentences,
    workforce_sentences,
)
from projections.model import Recorded
from projections.words import counted, listed, money, people, plain, task, time, token


def sentence(recorded: Recorded) -> str:
    """Say in plain words what happened. Raises KeyError for a kind of event that has no sentence."""
    return _SENTENCES[type(recorded.event)](recorded.event)


def _person(id: str) -> str:
    return token("person", id)


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _why(fee: e.FeeWaived | beside.FeeRefunded) -> str:
    """Why money was waived or given back: what an officer said, or the appeal that set aside what it was charged for."""
    said = f", because of {token('appeal', fee.appeal)}" if fee.appeal else ""
    return f"{said}: {_text(fee.reason)}" if fee.reason else f"{said}."


def _level(level: str) -> str:
    return f"*{plain(level)}*"


def _for_scheme(scheme: str | None) -> str:
    return f" for {scheme}" if scheme else ""


def _chaired(chair: str, panel: Sequence[str]) -> str:
    return f"chaired by {_person(chair)}, with {people([one for one in panel if one != chair])}"


def _programme_registered(event: e.ProgrammeRegistered) -> str:
    said = f"{token('provider', event.provider)} registered the programme “{_text(event.title)}” under {event.scheme}"
    if event.follows:
        reasons = {"reaccreditation": "to be accredited again", "upgrade": "to be accredited at a higher level"}
        said += f", {reasons.get(event.origin, 'to be judged afresh')} after {token('submission', event.follows)}"
    if event.applies_for:
        said += f", for the level {_level(event.applies_for)}"
    return f"{said}. The portfolio is due by {time(event.clock.due_at)}."


def _decision_imported(event: past.DecisionImported) -> str:
    said = (
        f"The body's earlier records say of the programme “{_text(event.title)}” of {token('provider', event.provider)},"
        f" under {event.scheme}: {_level(event.outcome)}"
    )
    if event.level:
        said += f" at the level {_level(event.level)}"
    said += f", decided at {time(event.decided_at)}"
    if event.assessor:
        said += f", assessed by {_person(event.assessor)}"
    if event.areas:
        said += f", with {listed([plain(one) for one in event.areas])} as areas for consideration"
    return f"{said}. Its reference was: {_text(event.reference)}"


def _reminder_sent(event: clocks.ReminderSent) -> str:
    said = f"A reminder was sent: the deadline for {task(event.rule)} is {time(event.due_at)}."
    if event.overtaken:
        said += f" It stands for {counted(event.overtaken, 'earlier reminder')} too."
    if event.last_window:
        said += f" The last window still of use is {token('window', event.last_window)}."
    return said


def _assignment_ended(event: e.AssignmentEnded) -> str:
    reasons = {
        "declined": "declined the assignment",
        "not-answered": "did not answer in time, so the assignment ended",
        "overdue": "did not finish the assessment in time, so the assignment ended",
        "conflict": "declared a conflict of interest, so the assignment ended",
        "reassigned": "was relieved of the assignment",
        "preview-alerted": "is no longer assigned, since the portfolio goes back to preparation",
    }
    said = f"{_person(event.assessor)} {reasons.get(event.reason, f'no longer has the case: {plain(event.reason)}')}"
    return f"{said}: {_text(event.why)}" if event.why else f"{said}."


def _decision_recorded(event: e.DecisionRecorded) -> str:
    said = f"The award rule gave the outcome {_level(event.outcome)}"
    if event.level:
        said += f" at the level {_level(event.level)}"
    if event.unmet:
        said += f", with {listed(event.unmet)} below what it asks for"
    return f"{said}; {_person(event.chair)} recorded it."


def _report_approved(event: e.OutcomeReportApproved) -> str:
    missing = [f"{one.criterion} lacks {one.lacking}: {_text(one.missing)}" for one in event.shortfalls]
    return f"The chair, {_person(event.chair)}, approved the outcome report." + "".join(f" {one}." for one in missing)


def _portfolio_submitted(event: e.PortfolioSubmitted) -> str:
    said = f"The portfolio was submitted{' in ' + token('window', event.window) if event.window else ''}"
    said += f" with {counted(len(event.answers), 'answer')} and {counted(len(event.evidence), 'file')}"
    return said + (", late, within the time of grace." if event.late else ".")


def _from_to(event: e.JudgementChanged) -> str:
    if event.before == event.level:
        return f"in its indicators, and still {_level(event.level)}"
    return f"from {_level(event.before)} to {_level(event.level)}"


def _signs(indicators: Sequence[Any]) -> str:
    """The indicators of a judged criterion, in brackets."""
    said = [f"{one.indicator} {_level(one.level)}" for one in indicators]
    return f" ({', '.join(said)})" if said else ""


def _item_adjourned(event: e.ItemAdjourned) -> str:
    where = f" in {token('meeting', event.meeting)}" if event.meeting else ""
    said = f"The item was adjourned{where}, to be taken up again by {time(event.clock.due_at)}"
    if event.because:
        return f"{said}, because of {plain(event.because)}."
    return f"{said}: {_text(event.reason)}" if event.reason else f"{said}, since the minutes were signed without it."


def _item_handed_over(event: e.ItemHandedOver) -> str:
    said = f"{_person(event.chair)} leads the item from now on"
    return f"{said}: {_text(event.reason)}" if event.reason else f"{said}, because of {plain(event.because)}."


def _moderation_started(event: e.ModerationStarted) -> str:
    due = f"the result is due by {time(event.results.due_at)}."
    if not event.meeting:
        return f"{_person(event.chair)} took the submission up alone, as its independent moderator; {due}"
    where = token("meeting", event.meeting)
    return f"The submission was taken up in {where}, {_chaired(event.chair, event.panel)}; {due}"


def _meeting_scheduled(event: meeting.MeetingScheduled) -> str:
    what = "An award panel" if event.form == "award-panel" else "A meeting"
    items = counted(len(event.items), "submission")
    return f"{what} on {items} was scheduled for {time(event.starts_at)}, {_chaired(event.chair, event.panel)}."


def _work_taken(event: person.WorkTaken) -> str:
    rounds = not event.window.startswith(person.AT_A_TIME)
    said = f"{token('submission', event.submission)} was taken on"
    return f"{said}, in the round of {token('window', event.window)}." if rounds else f"{said}."


def _self_evaluation(event: beside.SelfEvaluationRecorded) -> str:
    own = listed([f"{one.criterion} at {_level(one.level)}" for one in event.levels])
    return f"The provider sees itself on {own}, and plans: {_text(event.plan)}"


def _version(ref: str) -> str:
    return plain(ref.rpartition("@")[2])


_SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    clocks.ReminderSent: _reminder_sent,
    clocks.DeadlineMissed: lambda o: (
        f"The deadline for {task(o.rule)} passed at {time(o.due_at)}; operations were told."
    ),
    # The submission
    e.ProgrammeRegistered: _programme_registered,
    past.DecisionImported: _decision_imported,
    e.FeeCharged: lambda o: f"The {plain(o.kind)} fee of {money(o.amount, o.currency)} fell due.",
    e.FeePaid: lambda o: f"The {plain(o.kind)} fee of {money(o.amount)} was paid.",
    e.FeeWaived: lambda o: f"The {plain(o.kind)} fee was waived{_why(o)}",
    e.PreparationStarted: lambda _: "Preparation began.",
    e.PreparationExtended: lambda o: f"The time to submit was extended to {time(o.clock.due_at)}: {_text(o.reason)}",
    e.CaseMoved: lambda o: (
        f"At the provider's wish the case moved to {o.scheme}; it is to be judged on {listed(o.criteria)}: {_text(o.reason)}"
    ),
    e.SubmissionLapsed: lambda o: f"The submission lapsed: the deadline for {task(o.rule)} passed at {time(o.due_at)}.",
    e.SubmissionWithdrawn: lambda o: f"The provider withdrew the submission: {_text(o.reason)}",
    e.PortfolioSubmitted: _portfolio_submitted,
    e.ScreeningStarted: lambda o: f"Screening began; it is due by {time(o.clock.due_at)}.",
    e.ScreeningPassed: lambda _: "Screening found the submission complete, eligible and paid for.",
    e.PortfolioReturned: lambda o: (
        f"The portfolio was returned, to come back by {time(o.clock.due_at)}: {_text(o.reason)}"
    ),
    e.FoundIneligible: lambda o: f"The programme was found ineligible: {_text(o.reason)}",
    e.AssessorAssigned: lambda o: (
        f"{_person(o.assessor)} was assigned as assessor, chosen by rule from {counted(len(o.considered), 'person')},"
        f" and is to answer by {time(o.clock.due_at)}."
    ),
    e.NobodyEligible: lambda o: (
        f"Nobody could be assigned: none of the {len(o.considered)} considered was eligible."
        f" The next look is at {time(o.clock.due_at)}."
    ),
    e.AssignmentAccepted: lambda o: (
        f"{_person(o.assessor)} accepted the assignment; the assessment is due by {time(o.clock.due_at)}."
    ),
    e.AssignmentEnded: _assignment_ended,
    e.JudgementRecorded: lambda o: (
        f"The assessor judged {o.criterion} {_level(o.level)}{_signs(o.indicators)}: {_text(o.rationale)}"
    ),
    e.AssessmentCompleted: lambda o: (
        f"{_person(o.assessor)} completed the assessment in {counted(o.minutes_spent, 'minute')};"
        f" moderation is due by {time(o.clock.due_at)}."
    ),
    e.ItemListed: lambda o: f"The submission was put on the agenda of {token('meeting', o.meeting)}.",
    e.ItemHandedOver: _item_handed_over,
    e.ItemAdjourned: _item_adjourned,
    e.FoundOutsideDefinition: lambda o: (
        f"The programme was ruled to be outside the definition of the scheme: {_text(o.reason)}"
    ),
    e.ModerationStarted: _moderation_started,
    e.JudgementConfirmed: lambda o: f"Judgement on {o.criterion} confirmed in moderation as {_level(o.level)}.",
    e.JudgementChanged: lambda o: (
        f"Judgement on {o.criterion} changed in moderation {_from_to(o)}{_signs(o.indicators)}: {_text(o.reason)}"
    ),
    e.EvidenceRequested: lambda o: (
        f"Further evidence was asked for on {listed(o.criteria)}, by {time(o.clock.due_at)};"
        f" the clock for the result stands still meanwhile: {_text(o.wanted)}"
    ),
    e.EvidenceProvided: lambda o: (
        f"The provider gave further evidence: {counted(len(o.answers), 'answer')} and {counted(len(o.evidence), 'file')}."
    ),
    e.EvidenceNotProvided: lambda o: f"No further evidence came by {time(o.due_at)}.",
    e.FinalReviewOpened: lambda o: (
        f"The final review opened; it is due by {time(o.clock.due_at)}, and the result by {time(o.results.due_at)}."
    ),
    e.FinalReviewConcluded: lambda _: "The final review was concluded.",
    e.DecisionRecorded: _decision_recorded,
    e.OutcomeReportApproved: _report_approved,
    e.ResultReleased: lambda o: f"The provider was told the result: {_level(o.outcome)}.",
    # Beside the way from stage to stage
    beside.SelfEvaluationRecorded: _self_evaluation,
    beside.DraftGuidanceGiven: lambda o: (
        f"{_person(o.adviser)} gave guidance on drafts for {listed(o.criteria)}: {_text(o.text)}"
    ),
    beside.LimitStopped: lambda o: (
        f"{token('window', o.window)} had no place left; the time to submit stands still until another keeps one."
    ),
    beside.LimitMoved: lambda o: (
        f"A place is kept in {token('window', o.window)}; the portfolio is due by {time(o.clock.due_at)}."
    ),
    beside.DeadlineExtended: lambda o: (
        f"The deadline for {task(o.clock.rule)} was moved to {time(o.clock.due_at)}: {_text(o.reason)}"
    ),
    beside.QuestionAsked: lambda o: f"{_person(o.assessor)} asked the provider (question {o.number}): {_text(o.text)}",
    beside.QuestionAnswered: lambda o: f"The provider answered question {o.number}: {_text(o.text)}",
    beside.FeeRefunded: lambda o: f"{money(o.amount)} of the {plain(o.kind)} fee were given back{_why(o)}",
    beside.LinkedSubmissionRegistered: lambda o: (
        f"{token('submission', o.submission)} was registered, for the programme to be judged afresh."
    ),
    beside.BlindMarkingEnded: lambda o: (
        f"{_person(o.second)} has marked the submission blind."
        if o.reason == "marked"
        else f"{_person(o.second)} marks the submission blind no longer ({plain(o.reason)})."
    ),
    beside.MemberRelieved: lambda o: (
        f"{_person(o.member)} takes part in the item no longer, because of {plain(o.because)}."
    ),
    beside.MarkedBlindBy: lambda o: f"{_person(o.second)} marks the submission blind, for calibration.",
    calibration.CalibrationAssigned: lambda o: (
        f"{_person(o.assessor)} was assigned to mark {token('submission', o.submission)} blind, chosen by rule from"
        f" {counted(len(o.considered), 'person')}, by {time(o.clock.due_at)}."
    ),
    calibration.NobodyToCalibrate: lambda o: (
        f"{token('submission', o.submission)} was to be marked blind, but none of the {len(o.considered)} considered"
        " was eligible."
    ),
    calibration.BlindJudgementRecorded: lambda o: (
        f"{o.criterion} was judged {_level(o.level)}{_signs(o.indicators)}, blind: {_text(o.rationale)}"
    ),
    calibration.CalibrationCompleted: lambda o: (
        f"{_person(o.assessor)} completed the blind marking in {counted(o.minutes_spent, 'minute')}."
    ),
    calibration.CalibrationGivenUp: lambda o: f"{_person(o.assessor)} no longer marks it blind: {plain(o.reason)}.",
    # The accreditation
    **award_sentences.SENTENCES,
    **visit_sentences.SENTENCES,
    **remedy_sentences.SENTENCES,
    # Matters beside submissions and awards
    **matter_sentences.SENTENCES,
    **appeal_sentences.SENTENCES,
    **people_sentences.SENTENCES,
    **complaint_sentences.SENTENCES,
    **learning_sentences.SENTENCES,
    **workforce_sentences.SENTENCES,
    **governance_sentences.SENTENCES,
    **retention_sentences.SENTENCES,
    # Meetings and windows
    meeting.MeetingScheduled: _meeting_scheduled,
    meeting.MeetingOpened: lambda o: f"The meeting was opened in the presence of {people(o.present)}.",
    meeting.MinutesSigned: lambda o: (
        f"The chair signed the minutes of the meeting ({counted(o.minutes_spent, 'minute')})."
    ),
    window.WindowScheduled: lambda o: (
        f"A window of {o.scheme} was scheduled, from {time(o.opens_at)} to {time(o.closes_at)},"
        f" with {'room for ' + counted(o.capacity, 'submission') if o.capacity else 'no limit of places'}."
    ),
    window.WindowExtended: lambda o: (
        f"The window's closing was moved to {time(o.closes_at)}, for all{f': {_text(o.reason)}' if o.reason else '.'}"
    ),
    window.WindowOpened: lambda o: f"The window opened at {time(o.opens_at)}.",
    window.WindowClosed: lambda o: f"The window closed at {time(o.closes_at)}.",
    window.PlaceTaken: lambda o: f"{token('submission', o.submission)} took one of the window's places.",
    window.WindowExtendedFor: lambda o: (
        f"The window's closing was moved to {time(o.closes_at)} for {token('submission', o.submission)}: {_text(o.reason)}"
    ),
    window.PlaceRefused: lambda o: (
        f"{token('submission', o.submission)} came when all places were taken; it has the first claim on the next window."
    ),
    window.PlaceReserved: lambda o: f"A place was kept for {token('submission', o.submission)}.",
    window.PlaceFreed: lambda o: f"The place of {token('submission', o.submission)} became free.",
    window.ReservationEnded: lambda o: f"The place kept for {token('submission', o.submission)} became free.",
    # People and providers
    person.PersonRegistered: lambda o: f"{_person(o.person)} became known.",
    person.RoleGiven: lambda o: (
        f"The role of {plain(o.role)} was given{_for_scheme(o.scheme)}{people_sentences.term(o)}."
    ),
    person.RoleEnded: lambda o: f"The role of {plain(o.role)} ended{_for_scheme(o.scheme)}.",
    person.TrainingCompleted: lambda o: (
        f"Training in {plain(o.kind)} was completed for {o.scheme}, valid until {time(o.expires_at)}."
    ),
    person.NonDisclosureSigned: lambda _: "The undertaking not to disclose was signed.",
    person.AvailabilitySet: lambda o: f"The person is {'available' if o.available else 'not available'} for work.",
    **conflict_sentences.SENTENCES,
    person.WorkTaken: _work_taken,
    person.WorkReleased: lambda o: f"{token('submission', o.submission)} is no longer in hand: {plain(o.reason)}.",
    person.AttemptRefused: lambda o: (
        f"An attempt{' on ' + token('case', o.stream) if o.stream else ''} was refused by the rule “{plain(o.rule)}”."
    ),
    pay.PayEarned: lambda o: (
        f"The person earned {money(o.amount, o.currency)} for {plain(o.kind)} ({token('case', o.case)})."
    ),
    pay.PayPaid: lambda o: f"The person was paid {money(o.amount, o.currency)}.",
    provider.ProviderRegistered: lambda o: (
        f"{token('provider', o.provider)} was registered: {plain(o.provider_type)}, {plain(o.size_band)}."
    ),
    provider.ContactNamed: lambda o: f"{_person(o.person)} may speak for the provider.",
    # Schemes
    scheme_record.SchemeVersionPublished: lambda o: f"Version {o.version} of {o.scheme} was published.",
    provider.ContactEnded: lambda o: f"{token('person', o.person)} speaks for the provider no longer.",
    provider.CaseOpened: lambda o: f"{token('case', o.case)} began, which is an affair of the provider.",
    provider.LeadContactNamed: lambda o: f"{token('person', o.lead_contact)} acts for the provider from now on.",
    scheme_record.RequirementsChanged: lambda o: (
        f"The client was told that the requirements changed: {o.scheme} is in force;"
        f" this case stays under version {_version(o.before)}."
    ),
    scheme_record.PersonAuthorised: lambda o: f"{_person(o.person)} was authorised as {plain(o.role)}.",
    scheme_record.AuthorityEnded: lambda o: f"{_person(o.person)} is no longer authorised as {plain(o.role)}.",
    scheme_record.WindowAnnounced: lambda o: (
        f"{token('window', o.window)} was announced, from {time(o.opens_at)} to {time(o.closes_at)};"
        f" results are due by {time(o.results_by)}."
    ),
}
