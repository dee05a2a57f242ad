"""Where an accreditation stands: its periods, suspensions and years, what is asked of its holder, and the concerns about it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, assert_never

from domain.accreditation import events as e
from domain.accreditation import remedy_events as r
from domain.accreditation.superseding import Before, Earned, Reduction, changes, cut_short, inherited, reduced
from domain.accreditation.validity import Period, Suspension, ended, extension_ended, reduced_from, some, valid_on
from domain.clocks import Deadline, DeadlineMissed, ReminderSent, reminder_key
from domain.provider import LeadContactNamed
from domain.refusals import refuse
from domain.scheme_record import RequirementsChanged
from domain.states import replace
from domain.tasks import TaskMoved, Tasks, follow
from domain.texts import TextRef


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Concern:
    """A concern: who raised it, who reviews it now, and what the last review found.

    `clock` is that of the review, or until there is a reviewer that of finding one. `decided_by` concluded the last review,
    `answered` is the text that told who raised it, since then.
    """

    id: str
    raised_by: str | None
    entered_by: str | None = None
    reviewer: str | None = None
    clock: Deadline | None = None
    finding: str | None = None
    said: TextRef | None = None
    kind: str = "quality"
    reachable: bool = False
    same_until_at: datetime | None = None
    decided_by: str | None = None
    answered: str | None = None

    @property
    def answerable(self) -> bool:
        """Who raised it can be told what came of it: somebody known, or who left an address."""
        return self.raised_by is not None or self.reachable


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Accreditation:
    """The state of an accreditation's stream.

    `next` are the submissions registered to earn it again, or at a higher level, each with the criteria touched by changes
    notified since, which it was not asked about.
    `clock` is that of its end, and `remind_at` when to remind of that unless it is being earned again; `asked` the running request to confirm a year. Year 1 is the first of `years`, and one that
    an upgrade overtook is empty. `pending` are the submissions to earn it again that are not decided, `changed` the
    criteria touched by changes notified since it was last earned. `earned` is what each submission earned, `reductions` and
    what was cut short (`before`) are kept so that an appeal can undo them, and `judged_again` who did so; `annulled_at` is
    when a new decision left nothing of it. `carried` is from which end, and until when at most, a reaccreditation handed in in time carries it.
    """

    id: str = ""
    provider: str = ""
    lead_contact: str = ""
    scheme: str = ""
    periods: tuple[Period, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    clock: Deadline | None = None
    remind_at: tuple[datetime, ...] = ()
    reminders: frozenset[tuple[str, datetime, datetime]] = frozenset()
    missed: frozenset[tuple[str, datetime]] = frozenset()
    lapsed: bool = False
    withdrawn_at: datetime | None = None
    told: frozenset[str] = frozenset()
    years: tuple[e.Year, ...] = ()
    asked: e.ConfirmationAsked | None = None
    asked_years: frozenset[int] = frozenset()
    confirmed: frozenset[int] = frozenset()
    certificates: tuple[e.CertificateIssued, ...] = ()
    changed: frozenset[str] = frozenset()
    concerns: dict[str, Concern] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    next: dict[str, frozenset[str]] = field(default_factory=dict)
    earned: dict[str, Earned] = field(default_factory=dict)
    reductions: tuple[Reduction, ...] = ()
    before: dict[str, Before] = field(default_factory=dict)
    judged_again: frozenset[tuple[str, str]] = frozenset()
    annulled_at: datetime | None = None
    carried: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    tasks: Tasks = field(default_factory=Tasks)

    time_up: ClassVar[Mapping[str, str]] = {}

    def valid_on(self, at: datetime) -> bool:
        """Was the programme accredited at this instant? Whenever anyone got to recording what ended or suspended it."""
        return valid_on(self.periods, self.suspensions, at)

    def suspended_on(self, at: datetime) -> bool:
        """Was it suspended at this instant?"""
        return any(one.covers(at) for one in self.suspensions)

    def scheme_on(self, at: datetime) -> str:
        """The scheme version under which it stands at this instant; the last one where it does not."""
        period = next((one for one in self.periods if one.starts_at <= at < one.ends_at), None)
        earned = self.earned.get(period.submission) if period else None
        return earned.scheme if earned else self.scheme

    def level_on(self, at: datetime) -> str | None:
        """The level of the period that this instant is in."""
        return next((one.level for one in self.periods if one.starts_at <= at < one.ends_at), None)

    def standing(self, at: datetime) -> str:
        """Where it stands at this instant, in the handbook's words."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.lapsed:
            return "annulled" if self.annulled_at is not None else "lapsed"
        if self.suspended_on(at):
            return "suspended"
        return "extended" if self.periods and at >= self.earned_until else "accredited"

    @property
    def ends_at(self) -> datetime:
        """When validity ends, with an extension that it may have (UTC)."""
        return self.periods[-1].ends_at if self.periods else self._nothing_since

    @property
    def earned_until(self) -> datetime:
        """When what was earned ends, without any extension (UTC)."""
        return max((one.ends_at for one in self.periods if not one.extension), default=self._nothing_since)

    @property
    def _nothing_since(self) -> datetime:
        """When an award of which nothing is left ended: it was annulled, or withdrawn, as it began."""
        return self.annulled_at or self.withdrawn_at or datetime.min.replace(tzinfo=UTC)

    @property
    def extended(self) -> bool:
        """Validity goes, or will go, on behind what was earned, while a reaccreditation is decided."""
        return bool(self.periods) and self.periods[-1].extension

    @property
    def over(self) -> bool:
        """Nothing more is to happen here."""
        ended = self.withdrawn_at is not None or (self.lapsed and not any(one.clock for one in self.concerns.values()))
        return ended and not self.tasks.running

    @property
    def parties(self) -> frozenset[str]:
        """Who raised or entered a concern about it."""
        people = (person for one in self.concerns.values() for person in (one.raised_by, one.entered_by))
        return frozenset(one for one in people if one)


def evolve(award: Accreditation, event: e.AccreditationEvent) -> Accreditation:
    """Apply one event."""
    award = replace(award, tasks=follow(award.tasks, event))
    match event:
        case e.AccreditationImported():
            return _imported(award, event)
        case e.AccreditationAwarded() | e.AccreditationRenewed() | e.AccreditationUpgraded():
            return _earned(award, event)
        case e.AccreditationLapsed():
            return replace(award, lapsed=True, clock=None, asked=None)
        case e.CertificateIssued():
            return replace(award, certificates=(*award.certificates, event))
        case e.ConfirmationAsked():
            return replace(award, asked=event, asked_years=award.asked_years | {event.year})
        case e.YearConfirmed():
            return replace(award, asked=_unless(award, event.year), confirmed=award.confirmed | {event.year})
        case e.ConfirmationMissed():
            return replace(award, asked=_unless(award, event.year))
        case e.ChangeNotified():
            touched = frozenset(event.criteria)
            unasked = {submission: before | touched for submission, before in award.next.items()}
            return replace(award, changed=award.changed | touched, next=unasked)
        case e.ChangeLookedAt():
            return award
        case e.ConcernRaised():
            return _concern(award, _raised(event))
        case e.ReviewOpened():
            concern = award.concerns[event.concern]
            return _concern(award, replace(concern, reviewer=event.reviewer, clock=event.clock))
        case e.ReviewerRelieved():
            return _concern(award, replace(award.concerns[event.concern], reviewer=None, clock=event.clock))
        case e.ReviewConcluded():
            concern = award.concerns[event.concern]
            decided = replace(concern, decided_by=concern.reviewer, answered=None)
            return _concern(award, replace(decided, reviewer=None, clock=None, finding=event.finding))
        case e.ConcernAnswered():
            return _concern(award, replace(award.concerns[event.concern], answered=event.text.id))
        case e.AccreditationSuspended():
            begun = Suspension(concern=event.concern, starts_at=event.suspended_from)
            return replace(award, suspensions=(*award.suspensions, begun))
        case e.AccreditationReinstated():
            return replace(award, suspensions=_reinstated(award.suspensions, event))
        case e.AccreditationReduced():
            scope = event.scope.id if event.scope else None
            to: dict[str, Any] = {"level": event.level, "lowers": event.lowers, "scope": scope}
            return replace(
                award,
                periods=some(reduced_from(award.periods, event.reduced_from, **to)),
                reductions=reduced(award.reductions, award.periods, event),
            )
        case e.AccreditationWithdrawn():
            return _withdrawn(
                replace(award, before=cut_short(award, event.concern, concerns=True)), event.withdrawn_from
            )
        case e.NextSubmissionRegistered():
            return replace(award, next={**award.next, event.submission: frozenset()})
        case e.ReaccreditationSubmitted():
            return _submitted(award, event)
        case e.ExtensionStarted():
            return replace(award, clock=event.clock)
        case e.ReaccreditationEnded():
            left = award.pending - {event.submission}
            until = event.extension_ended_at
            periods = some(extension_ended(award.periods, until)) if until else award.periods
            return replace(award, pending=left, periods=periods, clock=event.clock or award.clock)
        case (
            r.AwardConfirmed()
            | r.AwardCorrected()
            | r.AwardAnnulled()
            | r.ReviewReplaced()
            | r.ReductionUndone()
            | r.WithdrawalLifted()
            | r.ConcernReopened()
            | r.ReaccreditationReopened()
        ):
            return _superseded(award, event)
        case LeadContactNamed():
            return replace(award, lead_contact=event.lead_contact)
        case RequirementsChanged():
            return replace(award, told=award.told | {event.scheme})
        case TaskMoved():
            return award
        case ReminderSent():
            return replace(award, reminders=award.reminders | {reminder_key(event)})
        case DeadlineMissed():
            return replace(award, missed=award.missed | {(event.rule, event.due_at)})
        case _:
            assert_never(event)


def _earned(
    award: Accreditation, event: e.AccreditationAwarded | e.AccreditationRenewed | e.AccreditationUpgraded
) -> Accreditation:
    before, years, asked = award.periods, award.years, award.asked
    scope = before[-1].scope if before else None
    own = range(len(years), len(years) + len(event.years))
    earned = Earned(
        scheme=event.scheme, level=event.level, strengths=event.strengths, remind_at=event.clock.remind_at, years=own
    )
    award = replace(award, earned={**award.earned, event.submission: earned}, annulled_at=None)
    if isinstance(event, e.AccreditationRenewed) and before:
        award = replace(award, reductions=inherited(award.reductions, before[-1].submission, event.submission))
    if isinstance(event, e.AccreditationUpgraded):
        award = replace(award, before=cut_short(award, event.submission))
        before, scope = tuple(ended(before, event.starts_at)), None
        years, asked = tuple(ended(years, event.starts_at)), None
    period = Period(
        submission=event.submission, level=event.level, starts_at=event.starts_at, ends_at=event.ends_at, scope=scope
    )
    later = replace(
        award,
        scheme=event.scheme,
        periods=some([*extension_ended(before, event.starts_at), period]),
        years=(*years, *event.years),
        asked=asked,
        clock=event.clock,
        remind_at=event.clock.remind_at,
        lapsed=False,
        changed=award.next.get(event.submission, frozenset()),
        pending=award.pending - {event.submission},
    )
    if isinstance(event, e.AccreditationAwarded):
        return replace(later, id=event.accreditation, provider=event.provider, lead_contact=event.lead_contact)
    return later


def _imported(award: Accreditation, event: e.AccreditationImported) -> Accreditation:
    """As if it had been awarded here, with what had happened to it; of a suspension that lasts there is a concern to review."""
    earned = _earned(award, event)
    scope = event.scope.id if event.scope else None
    lasting = {
        one.concern: Concern(id=one.concern, raised_by=None, finding="suspend")
        for one in event.suspended
        if one.ends_at is None
    }
    later = replace(
        earned,
        periods=tuple(dataclasses.replace(one, scope=scope) for one in earned.periods),
        confirmed=frozenset(event.confirmed),
        certificates=event.certificates,
        suspensions=event.suspended,
        concerns=lasting,
    )
    if event.withdrawn_from is not None:
        return _withdrawn(later, event.withdrawn_from)
    return replace(later, lapsed=True, clock=None) if event.lapsed else later


def _superseded(award: Accreditation, event: r.RemedyEvent) -> Accreditation:
    later = replace(award, **changes(award, event))
    if isinstance(event, r.ReviewReplaced):
        concern = award.concerns[event.concern]
        return _concern(later, replace(concern, reviewer=None, clock=None, finding="no_action"))
    if isinstance(event, r.ConcernReopened):
        return _concern(later, replace(award.concerns[event.concern], clock=event.clock))
    return later


def _unless(award: Accreditation, year: int) -> e.ConfirmationAsked | None:
    return None if award.asked and award.asked.year == year else award.asked


def _raised(event: e.ConcernRaised) -> Concern:
    return Concern(
        id=event.concern,
        raised_by=event.raised_by,
        entered_by=event.entered_by,
        clock=event.clock,
        said=event.text,
        kind=event.kind,
        reachable=event.reachable,
        same_until_at=event.same_until_at,
    )


def _concern(award: Accreditation, concern: Concern) -> Accreditation:
    return replace(award, concerns={**award.concerns, concern.id: concern})


def _reinstated(suspensions: tuple[Suspension, ...], event: e.AccreditationReinstated) -> tuple[Suspension, ...]:
    return tuple(
        Suspension(concern=one.concern, starts_at=one.starts_at, ends_at=event.reinstated_from)
        if one.concern == event.concern and one.ends_at is None
        else one
        for one in suspensions
    )


def _withdrawn(award: Accreditation, at: datetime) -> Accreditation:
    closed = {one.id: replace(one, reviewer=None, clock=None) for one in award.concerns.values()}
    return replace(
        award,
        withdrawn_at=at,
        periods=some(ended(award.periods, at)),
        years=tuple(ended(award.years, at)),
        clock=None,
        asked=None,
        concerns=closed,
    )


def _submitted(award: Accreditation, event: e.ReaccreditationSubmitted) -> Accreditation:
    award = replace(award, pending=award.pending | {event.submission}, clock=event.clock or award.clock)
    if event.extension_ends_at is None:
        return award
    last = award.periods[-1]
    carried = {**award.carried, event.submission: (last.ends_at, event.extension_ends_at)}
    award = replace(award, carried=carried)
    extension = Period(
        submission=last.submission,
        level=last.level,
        scope=last.scope,
        starts_at=last.ends_at,
        ends_at=event.extension_ends_at,
        extension=True,
    )
    return replace(award, periods=(*award.periods, extension))


def require_accreditation(award: Accreditation) -> None:
    """Refuse an accreditation that does not exist."""
    if not award.id:
        raise refuse(
            "known-accreditation", "there is no such accreditation", field="accreditation", allowed="the id of an award"
        )


def require_running(award: Accreditation, what: str, at: datetime) -> None:
    """Refuse what can only be done with an award that has not ended, nor been withdrawn."""
    require_accreditation(award)
    if award.withdrawn_at is not None or at >= award.ends_at:
        raise refuse(
            "award-runs",
            f"{what} is not possible once the award has {'been withdrawn' if award.withdrawn_at else 'ended'}",
            field="accreditation",
            allowed="an award that still runs",
        )
