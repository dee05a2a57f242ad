"""Who stands in which relation to a case, told by its events: who has something to do in it, sits on what decides it, had a part.

A part that ends makes somebody one who took part. Whoever acts in a case takes part in it, but for its provider. What an appeal,
a complaint or an arrangement of scrutiny gives somebody to do, it gives them in the case that it is about too. Source: handbook,
Who sees what.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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


def _given(stream: str, event: Any) -> Sequence[Hold | Leave]:
    """What the event gives people to do, or takes from them, and what is their own: nothing but for the classes of `_GIVES`."""
    gives = _GIVES.get(type(event))
    return gives(stream, event) if gives else ()


def _from_now(relation: str, by: str, *people: str) -> Callable[[str, Any], Sequence[Hold]]:
    """Exactly the people in these fields stand in the relation from now on, nobody where none is named."""
    return lambda stream, o: [Hold(stream, relation, by, tuple(getattr(o, one) for one in people))]


def _of(field: str, relation: str) -> Callable[[str, Any], Sequence[Hold]]:
    """The person in this field stands in the relation, whoever else does."""
    return lambda stream, o: [Hold(stream, relation, getattr(o, field), (getattr(o, field),))]


def _off_panel(stream: str, _event: Any) -> Sequence[Leave]:
    return [Leave(stream, (PANEL,))]


def _off_panel_alone(field: str) -> Callable[[str, Any], Sequence[Leave]]:
    return lambda stream, o: [Leave(stream, (PANEL,), getattr(o, field))]


def _unassessed(stream: str, _event: Any) -> Sequence[Hold | Leave]:
    return [Leave(stream, (PANEL,)), Hold(stream, ASSIGNED, "assessor", ())]


def _reviewed(stream: str, o: Any) -> Sequence[Hold]:
    return [Hold(stream, ASSIGNED, o.concern, ())]


_GIVES: Final[dict[type[Any], Callable[[str, Any], Sequence[Hold | Leave]]]] = {
    # submissions
    DecisionImported: lambda case, o: (
        [Hold(case, TOOK_PART, o.assessor, (o.assessor,))] if o.assessor is not None else []
    ),
    e.AssessorAssigned: _from_now(ASSIGNED, "assessor", "assessor"),
    e.AssignmentEnded: _from_now(ASSIGNED, "assessor"),
    e.AssessmentCompleted: _from_now(ASSIGNED, "assessor"),
    s.MarkedBlindBy: _from_now(ASSIGNED, MARKER, "second"),
    s.BlindMarkingEnded: _from_now(ASSIGNED, MARKER),
    s.DraftGuidanceGiven: _of("adviser", TOOK_PART),
    e.ModerationStarted: lambda case, o: [
        Leave(case, (PANEL,)),
        Hold(case, PANEL, o.meeting, tuple(dict.fromkeys((o.chair, *o.panel)))),
    ],
    e.ItemHandedOver: lambda case, o: [Hold(case, PANEL, f"chair {o.chair}", (o.chair,))],
    s.MemberRelieved: _off_panel_alone("member"),
    e.ItemAdjourned: _off_panel,
    e.ResultReleased: _off_panel,
    r.ModerationSetAside: _off_panel,
    r.AssessmentSetAside: _unassessed,
    e.FoundOutsideDefinition: _unassessed,
    e.FoundIneligible: _unassessed,
    e.SubmissionWithdrawn: _unassessed,
    e.SubmissionLapsed: _unassessed,
    # appeals
    appeal.AppealAcknowledged: _from_now(ASSIGNED, "officer", "officer"),
    appeal.AppealAdmitted: _from_now(ASSIGNED, "officer", "officer"),
    appeal.PanelNamed: lambda case, o: [
        Hold(case, ASSIGNED, "officer", (o.officer,)),
        Hold(case, PANEL, "panel", o.panel),
    ],
    appeal.PanelMemberLeft: _off_panel_alone("person"),
    appeal.AppealOfficerLeft: _from_now(ASSIGNED, "officer"),
    appeal.AppealDecided: lambda case, _: [  # what is left to do is in tasks
        Hold(case, PANEL, "panel", ()),
        Hold(case, ASSIGNED, "officer", ()),
    ],
    # complaints
    complaint.ComplaintRaised: lambda case, o: [
        *(Hold(case, CONFLICTED, one, (one,)) for one in o.people),
        Hold(case, OWN, "raised", _people(o.raised_by)),
    ],
    complaint.PersonComplainedAbout: _of("person", CONFLICTED),
    complaint.ComplaintAcknowledged: _from_now(ASSIGNED, "handler", "handler"),
    complaint.HandlerChanged: _from_now(ASSIGNED, "handler", "handler"),
    complaint.HandlerLeft: _from_now(ASSIGNED, "handler"),
    complaint.ComplaintEscalated: _from_now(ASSIGNED, "handler"),
    complaint.CommitteeFormed: lambda case, o: [Hold(case, PANEL, "committee", o.members)],
    complaint.CommitteeMemberLeft: _off_panel_alone("person"),
    # providers
    ContactNamed: _of("person", OWN),
    ContactEnded: lambda provider, o: [Hold(provider, OWN, o.person, ())],
    # awards, meetings, and what else people look after
    MeetingScheduled: lambda meeting, o: [Hold(one, PANEL, meeting, o.panel) for one in (meeting, *o.items)],
    ReviewOpened: lambda award, o: [Hold(award, ASSIGNED, o.concern, (o.reviewer,))],
    ReviewerRelieved: _reviewed,
    ReviewConcluded: _reviewed,
    ReviewReplaced: _reviewed,
    AccreditationWithdrawn: lambda award, _: [Leave(award, (ASSIGNED,))],
    audit.AuditOpened: lambda opened, o: [Hold(opened, PANEL, "members", o.members)],
    audit.AuditMembersChanged: lambda opened, o: [Hold(opened, PANEL, "members", o.members)],
    StandardisationScheduled: lambda session, o: [
        Hold(session, ASSIGNED, "session", tuple(dict.fromkeys((o.leader, *o.invited))))
    ],
    InvitationWithdrawn: lambda session, o: [Leave(session, (ASSIGNED,), o.person, "session")],
    CalibrationAssigned: _from_now(ASSIGNED, MARKER, "assessor"),
    CalibrationCompleted: _from_now(ASSIGNED, MARKER),
    CalibrationGivenUp: _from_now(ASSIGNED, MARKER),
    DepartmentLeadNamed: lambda policy, o: [Hold(policy, ASSIGNED, f"lead {o.department}", (o.lead,))],
    DepartmentLeadEnded: lambda policy, o: [Hold(policy, ASSIGNED, f"lead {o.department}", ())],
    # what is about a person is their own: an account, a plan, training and appointments, answers, proposals, what is kept
    PersonRegistered: _from_now(OWN, "person", "person"),
    NeedNoted: _from_now(OWN, "person", "person"),
    PlanOpened: _from_now(OWN, "person", "person"),
    TrainingNoted: _from_now(OWN, "person", "person"),
    AppointmentNoted: _from_now(OWN, "person", "person"),
    ErasureRequested: lambda stream, o: [Hold(stream, OWN, "person", _people(o.subject))],
    ProposalMade: _from_now(OWN, "person", "proposer"),
    QuestionnaireSent: lambda stream, o: [Hold(stream, OWN, one.person, (one.person,)) for one in o.asked],
}
"""What each class of events gives and takes; a class that is not here gives nobody anything."""


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
    moves = _MOVES.get(type(event))
    return moves(place, event) if moves else place


def _under(place: Place, event: Any) -> Place:
    return replace(place, scheme=event.scheme)


def _open_again(place: Place, _event: Any) -> Place:
    return replace(place, told=False)


_MOVES: Final[dict[type[Any], Callable[[Place, Any], Place]]] = {
    e.CaseMoved: _under,
    AccreditationRenewed: _under,
    AccreditationUpgraded: _under,
    e.ResultReleased: lambda place, _: replace(place, told=True),
    r.ModerationSetAside: _open_again,
    r.AssessmentSetAside: _open_again,
    r.IneligibilitySetAside: _open_again,
    r.DecisionReplaced: _open_again,
}
