"""Who stands in which relation to a case, told by its events: who has something to do in it, sits on what decides it, had a part.

A part that ends makes somebody one who took part. Whoever acts in a case takes part in it, but for its provider. What an appeal,
a complaint or an arrangement of scrutiny gives somebody to do, it gives them in the case that it is about too. Source: handbook,
Who sees what.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from domain.accreditation import (
    AccreditationRenewed,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    ReviewConcluded,
    ReviewerRelieved,
    ReviewOpened,
)
from domain.accreditation.remedy_events import ReviewReplaced
from domain.appeal import events as appeal
from domain.audit import events as audit
from domain.authority import AppointmentNoted, TrainingNoted
from domain.calibration import CalibrationAssigned, CalibrationCompleted, CalibrationGivenUp
from domain.complaint import events as complaint
from domain.development.events import NeedNoted, PlanOpened
from domain.ids import MATTERS, kind_of
from domain.learning import QuestionnaireSent
from domain.meeting import MeetingScheduled
from domain.person import PersonRegistered
from domain.policy import DepartmentLeadEnded, DepartmentLeadNamed
from domain.proposal import ProposalMade
from domain.provider import ContactEnded, ContactNamed
from domain.retention.events import ErasureRequested
from domain.standardisation import InvitationWithdrawn, StandardisationScheduled
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission.past_events import DecisionImported
from domain.tasks import ALL

OWN, ASSIGNED, PANEL, TOOK_PART = "own", "assigned", "panel", "took-part"
CONFLICTED, NONE = "conflicted", "none"

CASES: Final = frozenset({"submission", "accreditation", "meeting", "calibration", "provider", "person", *MATTERS})
"""The kinds of streams in which people have parts; in their own, and in that of a provider they speak for, too."""
ADMINISTERED: Final = CASES - {"provider", "person"}
"""Those of them in which whoever acts takes part."""
SHARED: Final = frozenset({"appeal", "complaint", "scrutiny"})
"""Those in which whoever is given a part has it in the case that they are about too."""
OWNED: Final = frozenset({"submission", "accreditation", "appeal"})
"""Those that are their provider's own; others are about a provider that need not see them."""


PASSING: Final = (ASSIGNED, PANEL)
"""The relations that, once over, leave somebody as one who took part."""
MARKER: Final = "marker"
"""What somebody is assigned by who marks it blind, and sees nothing of the first marking."""
TASK: Final = "task "
"""Begins what somebody is assigned by who has a task."""


class Hold(NamedTuple):
    """From now on exactly these people stand in a relation to a case `by` this."""

    case: str
    relation: str
    by: str
    people: tuple[str, ...]


class Leave(NamedTuple):
    """From now on these people, or nobody, are assigned to a case or on its panel, in the relations named, by whatever."""

    case: str
    relations: tuple[str, ...]
    person: str | None = None
    by: str = ""


@dataclass(slots=True)
class Held:
    """Since which position of the log a relation is held, and until which it was; None while it is."""

    since: int
    until: int | None = None


Parts = dict[tuple[str, str, str], Held]
"""The parts in one case: by person, relation, and what they have it by."""


def steps(stream: str, about: str | None, event: Any, actor: str, role: str) -> Iterator[Hold | Leave]:
    """What one event of `stream`, which is about the case `about` if any, changes in people's relations to cases."""
    kind = kind_of(stream)
    if kind not in CASES:
        return
    changed = (*_given(stream, event), *_tasks(stream, event))
    yield from _acting(stream, actor, role)
    yield from changed
    if about and kind in SHARED:
        yield from (_there(step, about) for step in changed if _is_shared(kind, step))


def _is_shared(kind: str, step: Hold | Leave) -> bool:
    """Of tasks only who watches has the case to look at: others fall to whoever complained, or to a contact."""
    if isinstance(step, Leave):
        return True
    return step.relation in (ASSIGNED, PANEL) and (kind == "scrutiny" or not step.by.startswith(TASK))


def _there(step: Hold | Leave, case: str) -> Hold | Leave:
    """The same in the case that a matter is about, told apart from what is held there by other matters."""
    return step._replace(case=case, by=f"{step.case}/{step.by}")


def follow(parts: Parts, step: Hold | Leave, position: int) -> None:
    """Apply one step, recorded at this position, to the parts in its case."""
    match step:
        case Hold(relation=relation, by=by, people=people):
            for (person, *key), held in parts.items():
                if key == [relation, by] and person not in people and held.until is None:
                    held.until = position
            for person in people:
                parts.setdefault((person, relation, by), Held(position)).until = None
        case Leave(relations=relations, person=person, by=begins):
            for (who, relation, by), held in parts.items():
                wanted = relation in relations and person in (None, who) and by.startswith(begins)
                if wanted and held.until is None:
                    held.until = position


def relations_in(parts: Mapping[tuple[str, str, str], Held], people: frozenset[str]) -> frozenset[str]:
    """The relations that a human, by the ids of all their accounts, has to the case by their parts in it."""
    return frozenset(
        relation if held.until is None else TOOK_PART
        for (person, relation, _), held in parts.items()
        if person in people and (held.until is None or relation in PASSING)
    )


def _acting(stream: str, actor: str, role: str) -> Iterator[Hold]:
    if kind_of(stream) in ADMINISTERED and kind_of(actor) == "person" and role != "provider":
        yield Hold(stream, TOOK_PART, actor, (actor,))


def _tasks(stream: str, event: Any) -> Iterator[Hold | Leave]:
    """What the event says of tasks: see `domain.tasks`. Where all end, nobody has anything to do any more."""
    ends = getattr(event, "ends", ())
    if ALL in ends:
        yield Leave(stream, (ASSIGNED, PANEL))
    for name in ends:
        yield Hold(stream, ASSIGNED, TASK + name, ())
    for task in getattr(event, "sets", ()):
        yield Hold(stream, ASSIGNED, TASK + task.name, _people(task.who))


def _people(*ids: str | None) -> tuple[str, ...]:
    return tuple(one for one in ids if one and kind_of(one) == "person")


def _given(stream: str, event: Any) -> Iterator[Hold | Leave]:
    match kind_of(stream):
        case "submission":
            yield from _in_submission(stream, event)
        case "appeal":
            yield from _in_appeal(stream, event)
        case "complaint":
            yield from _in_complaint(stream, event)
        case "provider":
            yield from _in_provider(stream, event)
        case _:
            yield from _elsewhere(stream, event)


def _in_provider(provider: str, event: Any) -> Iterator[Hold]:
    match event:
        case ContactNamed(person=person):
            yield Hold(provider, OWN, person, (person,))
        case ContactEnded(person=person):
            yield Hold(provider, OWN, person, ())


def _in_submission(case: str, event: Any) -> Iterator[Hold | Leave]:
    match event:
        case DecisionImported(assessor=str(person)):
            yield Hold(case, TOOK_PART, person, (person,))
        case e.AssessorAssigned(assessor=person):
            yield Hold(case, ASSIGNED, "assessor", (person,))
        case e.AssignmentEnded() | e.AssessmentCompleted():
            yield Hold(case, ASSIGNED, "assessor", ())
        case s.MarkedBlindBy(second=person):
            yield Hold(case, ASSIGNED, MARKER, (person,))
        case s.BlindMarkingEnded():
            yield Hold(case, ASSIGNED, MARKER, ())
        case s.DraftGuidanceGiven(adviser=person):
            yield Hold(case, TOOK_PART, person, (person,))
        case e.ModerationStarted(meeting=meeting, chair=chair, panel=panel):
            yield Leave(case, (PANEL,))
            yield Hold(case, PANEL, meeting, tuple(dict.fromkeys((chair, *panel))))
        case e.ItemHandedOver(chair=chair):
            yield Hold(case, PANEL, f"chair {chair}", (chair,))
        case s.MemberRelieved(member=person):
            yield Leave(case, (PANEL,), person)
        case e.ItemAdjourned() | e.ResultReleased() | r.ModerationSetAside():
            yield Leave(case, (PANEL,))
        case r.AssessmentSetAside():
            yield Leave(case, (PANEL,))
            yield Hold(case, ASSIGNED, "assessor", ())
        case e.FoundOutsideDefinition() | e.FoundIneligible() | e.SubmissionWithdrawn() | e.SubmissionLapsed():
            yield Leave(case, (PANEL,))
            yield Hold(case, ASSIGNED, "assessor", ())


def _in_appeal(case: str, event: Any) -> Iterator[Hold | Leave]:
    match event:
        case appeal.AppealAcknowledged(officer=person) | appeal.AppealAdmitted(officer=person):
            yield Hold(case, ASSIGNED, "officer", (person,))
        case appeal.PanelNamed(officer=person, panel=panel):
            yield Hold(case, ASSIGNED, "officer", (person,))
            yield Hold(case, PANEL, "panel", panel)
        case appeal.PanelMemberLeft(person=person):
            yield Leave(case, (PANEL,), person)
        case appeal.AppealOfficerLeft():
            yield Hold(case, ASSIGNED, "officer", ())
        case appeal.AppealDecided():  # what is left to do is in tasks
            yield Hold(case, PANEL, "panel", ())
            yield Hold(case, ASSIGNED, "officer", ())


def _in_complaint(case: str, event: Any) -> Iterator[Hold | Leave]:
    match event:
        case complaint.ComplaintRaised(people=people, raised_by=raised_by):
            yield from (Hold(case, CONFLICTED, person, (person,)) for person in people)
            yield Hold(case, OWN, "raised", _people(raised_by))
        case complaint.PersonComplainedAbout(person=person):
            yield Hold(case, CONFLICTED, person, (person,))
        case complaint.ComplaintAcknowledged(handler=person) | complaint.HandlerChanged(handler=person):
            yield Hold(case, ASSIGNED, "handler", (person,))
        case complaint.HandlerLeft() | complaint.ComplaintEscalated():
            yield Hold(case, ASSIGNED, "handler", ())
        case complaint.CommitteeFormed(members=members):
            yield Hold(case, PANEL, "committee", members)
        case complaint.CommitteeMemberLeft(person=person):
            yield Leave(case, (PANEL,), person)


def _elsewhere(stream: str, event: Any) -> Iterator[Hold | Leave]:
    match event:
        case MeetingScheduled(panel=panel, items=items):
            yield from (Hold(case, PANEL, stream, panel) for case in (stream, *items))
        case ReviewOpened(concern=concern, reviewer=person):
            yield Hold(stream, ASSIGNED, concern, (person,))
        case ReviewerRelieved(concern=concern) | ReviewConcluded(concern=concern) | ReviewReplaced(concern=concern):
            yield Hold(stream, ASSIGNED, concern, ())
        case AccreditationWithdrawn():
            yield Leave(stream, (ASSIGNED,))
        case audit.AuditOpened(members=members) | audit.AuditMembersChanged(members=members):
            yield Hold(stream, PANEL, "members", members)
        case StandardisationScheduled(leader=leader, invited=invited):
            yield Hold(stream, ASSIGNED, "session", tuple(dict.fromkeys((leader, *invited))))
        case InvitationWithdrawn(person=person):
            yield Leave(stream, (ASSIGNED,), person, "session")
        case CalibrationAssigned(assessor=person):
            yield Hold(stream, ASSIGNED, MARKER, (person,))
        case CalibrationCompleted() | CalibrationGivenUp():
            yield Hold(stream, ASSIGNED, MARKER, ())
        case DepartmentLeadNamed(department=department, lead=person):
            yield Hold(stream, ASSIGNED, f"lead {department}", (person,))
        case DepartmentLeadEnded(department=department):
            yield Hold(stream, ASSIGNED, f"lead {department}", ())
        case _:
            yield from _about_oneself(stream, event)


def _about_oneself(stream: str, event: Any) -> Iterator[Hold]:
    """What is about a person is their own: an account, a plan, training and appointments, answers, proposals, what is kept."""
    match event:
        case PersonRegistered(person=person) | NeedNoted(person=person) | PlanOpened(person=person):
            yield Hold(stream, OWN, "person", (person,))
        case TrainingNoted(person=person) | AppointmentNoted(person=person):
            yield Hold(stream, OWN, "person", (person,))
        case ErasureRequested(subject=subject):
            yield Hold(stream, OWN, "person", _people(subject))
        case ProposalMade(proposer=person):
            yield Hold(stream, OWN, "person", (person,))
        case QuestionnaireSent(asked=asked):
            yield from (Hold(stream, OWN, one.person, (one.person,)) for one in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose affair a stream is: `provider` is the one that it concerns, `owner` the one whose own it is; `about` another case.

    `items` are the cases that a meeting is to look at. `scheme` is the version that it is under (`cpd-qa@1`), or a scheme of any version. `told`: its provider was told the
    result that holds.
    """

    kind: str
    provider: str | None = None
    owner: str | None = None
    scheme: str | None = None
    about: str | None = None
    items: tuple[str, ...] = ()
    told: bool = False

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that it is about."""
        return (self.about,) if self.about else self.items

    def affair_of(self, providers: Collection[str | None]) -> str | None:
        """The provider whose affair it is: its own, or else the one whose all the cases are that it is about (`providers`)."""
        [of, *others] = set(providers) or {None}
        return self.provider or (None if others else of)


def placed(stream: str, event: Any) -> Place:
    """Where a stream belongs, as its first event says."""
    kind = kind_of(stream)
    scheme, provider = getattr(event, "scheme", None), getattr(event, "provider", None)
    match kind:
        case "person":
            return Place(kind=kind)
        case "provider":
            return Place(kind=kind, provider=stream, owner=stream)
        case "meeting":
            return Place(kind=kind, scheme=scheme, items=event.items)
        case "calibration":
            return Place(kind=kind, provider=provider, scheme=scheme, about=event.submission)
    owner = getattr(event, "on_behalf_of", None) if kind == "complaint" else provider if kind in OWNED else None
    about, told = getattr(event, "case", None), isinstance(event, DecisionImported)
    return Place(kind=kind, provider=provider, owner=owner, scheme=scheme, about=about, told=told)


def moved(place: Place, event: Any) -> Place:
    """Where it belongs after another event of its stream: under a new scheme version, or with a result told, or open again."""
    match event:
        case e.CaseMoved(scheme=scheme) | AccreditationRenewed(scheme=scheme) | AccreditationUpgraded(scheme=scheme):
            return replace(place, scheme=scheme)
        case e.ResultReleased():
            return replace(place, told=True)
        case r.ModerationSetAside() | r.AssessmentSetAside() | r.IneligibilitySetAside() | r.DecisionReplaced():
            return replace(place, told=False)
        case _:
            return place
