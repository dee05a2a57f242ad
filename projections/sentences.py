"""One plain sentence for each kind of event: what pages, letters, lists and files say happened.

People, providers, typed texts and instants stand in it as tokens (see `words`); levels stand between asterisks.
Histories keep the sentences: whoever changes one raises the version of that read model, so that it is built anew.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain import accreditation, clocks, meeting, person, provider, scheme_record, window
from domain.submission import events as e
from projections.model import Recorded
from projections.words import counted, listed, money, people, plain, task, time, token


def sentence(recorded: Recorded) -> str:
    """Say in plain words what happened. Raises KeyError for a kind of event that has no sentence."""
    return _SENTENCES[type(recorded.event)](recorded.event)


def _person(id: str) -> str:
    return token("person", id)


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _level(level: str) -> str:
    return f"*{plain(level)}*"


def _for_scheme(scheme: str | None) -> str:
    return f" for {scheme}" if scheme else ""


def _chaired(chair: str, panel: Sequence[str]) -> str:
    return f"chaired by {_person(chair)}, with {people([one for one in panel if one != chair])}"


def _programme_registered(event: e.ProgrammeRegistered) -> str:
    said = f"{token('provider', event.provider)} registered the programme “{_text(event.title)}” under {event.scheme}"
    if event.follows:
        reason = "to be accredited again" if event.origin == "reaccreditation" else "to be judged afresh"
        said += f", {reason} after {token('submission', event.follows)}"
    return f"{said}. The portfolio is due by {time(event.clock.due_at)}."


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
    }
    return f"{_person(event.assessor)} {reasons.get(event.reason, f'no longer has the case: {plain(event.reason)}')}."


def _decision_recorded(event: e.DecisionRecorded) -> str:
    said = f"The award rule gave the outcome {_level(event.outcome)}"
    if event.level:
        said += f" at the level {_level(event.level)}"
    if event.unmet:
        said += f", with {listed(event.unmet)} below what it asks for"
    return f"{said}; the chair, {_person(event.chair)}, recorded it."


def _report_approved(event: e.OutcomeReportApproved) -> str:
    missing = [f"{one.criterion} lacks {one.lacking}: {_text(one.missing)}" for one in event.shortfalls]
    return f"The chair, {_person(event.chair)}, approved the outcome report." + "".join(f" {one}." for one in missing)


def _portfolio_submitted(event: e.PortfolioSubmitted) -> str:
    said = f"The portfolio was submitted in {token('window', event.window)}"
    said += f" with {counted(len(event.answers), 'answer')} and {counted(len(event.evidence), 'file')}"
    return said + (", late, within the time of grace." if event.late else ".")


def _award(verb: str, event: accreditation.AccreditationAwarded | accreditation.AccreditationRenewed) -> str:
    return (
        f"The programme was {verb} under {event.scheme} at the level {_level(event.level)},"
        f" from {time(event.starts_at)} until {time(event.ends_at)}."
    )


_SENTENCES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    clocks.ReminderSent: _reminder_sent,
    clocks.DeadlineMissed: lambda o: (
        f"The deadline for {task(o.rule)} passed at {time(o.due_at)}; operations were told."
    ),
    # The submission
    e.ProgrammeRegistered: _programme_registered,
    e.FeeCharged: lambda o: f"The {plain(o.kind)} fee of {money(o.amount, o.currency)} fell due.",
    e.FeePaid: lambda o: f"The {plain(o.kind)} fee of {money(o.amount)} was paid.",
    e.FeeWaived: lambda o: f"The {plain(o.kind)} fee was waived: {_text(o.reason)}",
    e.PreparationStarted: lambda _: "Preparation began.",
    e.PreparationExtended: lambda o: f"The time to submit was extended to {time(o.clock.due_at)}: {_text(o.reason)}",
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
    e.JudgementRecorded: lambda o: f"The assessor judged {o.criterion} {_level(o.level)}: {_text(o.rationale)}",
    e.AssessmentCompleted: lambda o: (
        f"{_person(o.assessor)} completed the assessment in {counted(o.minutes_spent, 'minute')};"
        f" moderation is due by {time(o.clock.due_at)}."
    ),
    e.ModerationStarted: lambda o: (
        f"The submission was taken up in {token('meeting', o.meeting)}, {_chaired(o.chair, o.panel)};"
        f" the result is due by {time(o.results.due_at)}."
    ),
    e.JudgementConfirmed: lambda o: f"Judgement on {o.criterion} confirmed as {_level(o.level)} by the panel.",
    e.JudgementChanged: lambda o: (
        f"Judgement on {o.criterion} changed from {_level(o.before)} to {_level(o.level)} by the panel: {_text(o.reason)}"
    ),
    e.EvidenceRequested: lambda o: (
        f"The panel asked for further evidence on {listed(o.criteria)} by {time(o.clock.due_at)};"
        f" the clock for the result stands still meanwhile: {_text(o.wanted)}"
    ),
    e.EvidenceProvided: lambda o: (
        f"The provider gave further evidence: {counted(len(o.answers), 'answer')} and {counted(len(o.evidence), 'file')}."
    ),
    e.EvidenceNotProvided: lambda o: f"No further evidence came by {time(o.due_at)}.",
    e.FinalReviewOpened: lambda o: (
        f"The final review opened; it is due by {time(o.clock.due_at)}, and the result by {time(o.results.due_at)}."
    ),
    e.FinalReviewConcluded: lambda _: "The panel concluded its final review.",
    e.DecisionRecorded: _decision_recorded,
    e.OutcomeReportApproved: _report_approved,
    e.ResultReleased: lambda o: f"The provider was told the result: {_level(o.outcome)}.",
    # The accreditation
    accreditation.AccreditationAwarded: lambda o: _award("accredited", o),
    accreditation.AccreditationRenewed: lambda o: _award("accredited again", o),
    accreditation.AccreditationLapsed: lambda o: (
        f"The accreditation ended at {time(o.ended_at)} and was not earned again."
    ),
    # Meetings and windows
    meeting.MeetingScheduled: lambda o: (
        f"A meeting on {counted(len(o.items), 'submission')} was scheduled for {time(o.starts_at)},"
        f" {_chaired(o.chair, o.panel)}."
    ),
    meeting.MeetingOpened: lambda o: f"The meeting was opened in the presence of {people(o.present)}.",
    meeting.MinutesSigned: lambda o: (
        f"The chair signed the minutes of the meeting ({counted(o.minutes_spent, 'minute')})."
    ),
    window.WindowScheduled: lambda o: (
        f"A window of {o.scheme} was scheduled, from {time(o.opens_at)} to {time(o.closes_at)},"
        f" with {'room for ' + counted(o.capacity, 'submission') if o.capacity else 'no limit of places'}."
    ),
    window.WindowExtended: lambda o: f"The window's closing was moved to {time(o.closes_at)}, for all.",
    window.WindowOpened: lambda o: f"The window opened at {time(o.opens_at)}.",
    window.WindowClosed: lambda o: f"The window closed at {time(o.closes_at)}.",
    window.PlaceTaken: lambda o: f"{token('submission', o.submission)} took one of the window's places.",
    # People and providers
    person.PersonRegistered: lambda o: f"{_person(o.person)} became known.",
    person.RoleGiven: lambda o: f"The role of {plain(o.role)} was given{_for_scheme(o.scheme)}.",
    person.RoleEnded: lambda o: f"The role of {plain(o.role)} ended{_for_scheme(o.scheme)}.",
    person.TrainingCompleted: lambda o: (
        f"Training in {plain(o.kind)} was completed for {o.scheme}, valid until {time(o.expires_at)}."
    ),
    person.NonDisclosureSigned: lambda _: "The undertaking not to disclose was signed.",
    person.AvailabilitySet: lambda o: f"The person is {'available' if o.available else 'not available'} for work.",
    person.ConflictDeclared: lambda o: (
        f"A conflict of interest with {token('provider', o.provider)} was declared: {plain(o.kind)}."
    ),
    person.WorkTaken: lambda o: (
        f"{token('submission', o.submission)} was taken on, in the round of {token('window', o.window)}."
    ),
    person.WorkReleased: lambda o: f"{token('submission', o.submission)} is no longer in hand: {plain(o.reason)}.",
    person.AttemptRefused: lambda o: (
        f"An attempt{' on ' + token('case', o.stream) if o.stream else ''} was refused by the rule “{plain(o.rule)}”."
    ),
    provider.ProviderRegistered: lambda o: (
        f"{token('provider', o.provider)} was registered: {plain(o.provider_type)}, {plain(o.size_band)}."
    ),
    provider.ContactNamed: lambda o: f"{_person(o.person)} may speak for the provider.",
    # Schemes
    scheme_record.SchemeVersionPublished: lambda o: f"Version {o.version} of {o.scheme} was published.",
    scheme_record.PersonAuthorised: lambda o: f"{_person(o.person)} was authorised as {plain(o.role)}.",
    scheme_record.AuthorityEnded: lambda o: f"{_person(o.person)} is no longer authorised as {plain(o.role)}.",
    scheme_record.WindowAnnounced: lambda o: (
        f"{token('window', o.window)} was announced, from {time(o.opens_at)} to {time(o.closes_at)};"
        f" results are due by {time(o.results_by)}."
    ),
}
