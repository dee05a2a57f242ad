"""The separation rules, held against the record alone: each looks at one event as it came, knowing all that came before.

A fault is a sentence. Source of the rules: the handbook, "Who did not decide" and "Nobody for themselves".
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from services.ports import Recorded
from tests.services.whole.record import OUTSIDE, Said, kind, named

BEFORE: Final = frozenset({"ConflictDeclared", "FactRecorded", "FactCorrected", "AccountsLinked", "AccountClosed"})
"""What is recorded with one of these is what it brings about: others leave, and what they had is handed on."""
MODERATING = frozenset(
    {"ModerationStarted", "JudgementConfirmed", "JudgementChanged", "EvidenceRequested", "FinalReviewConcluded"}
    | {"DecisionRecorded", "OutcomeReportApproved", "FoundOutsideDefinition", "ItemAdjourned", "ItemHandedOver"}
)
LEADING = MODERATING - {"ItemAdjourned", "ItemHandedOver"}
JUDGING = frozenset({"AssignmentAccepted", "JudgementRecorded", "AssessmentCompleted", "QuestionAsked", "VisitHeld"})
SCREENING = frozenset({"ScreeningPassed", "PortfolioReturned", "FoundIneligible"})
SET_ASIDE = ("ModerationSetAside", "AssessmentSetAside", "IneligibilitySetAside", "DecisionReplaced")
RAISING = frozenset(
    {"ConcernRaised", "ComplaintRaised", "ComplaintEscalated", "ComplaintWithdrawn", "ProposalWithdrawn"}
)
"""What anybody may do in spite of a conflict: say what they have to say, further or no more."""
TOLD = frozenset({"QuestionnaireAnswered", "AttemptRefused"})
ENDING = frozenset({"ScrutinyEnded", "ScrutinySigned"})
"""Whose conflict is the reason of an arrangement may end it."""
PANELS = {
    "AssessorAssigned": ("assessor",),
    "MarkedBlindBy": ("second",),
    "CalibrationAssigned": ("assessor",),
    "ModerationStarted": ("chair", "panel"),
    "ItemHandedOver": ("chair",),
    "PanelNamed": ("chair", "panel"),
    "AppealDecided": ("chair", "panel"),
    "CommitteeFormed": ("chair", "members"),
    "ComplaintDecided": ("chair", "members"),
    "ComplaintAcknowledged": ("handler",),
    "HandlerChanged": ("handler",),
    "ReviewOpened": ("reviewer",),
}
"""Events that say who has a part from now on."""

Rule = Callable[[Said, Recorded], Iterator[str]]


def faults(said: Said, group: Sequence[Recorded]) -> Iterator[str]:
    """What is wrong with the events of one command, given all that came before it."""
    brought_about = any(kind(one.event) in BEFORE for one in group)
    signed = any(kind(one.event) == "MinutesSigned" for one in group)
    for one in group:
        freed = signed and kind(one.event) == "ItemAdjourned"  # by the minutes, which say nothing of that item
        for rule in ALWAYS if brought_about or freed else EACH:
            for fault in rule(said, one):
                yield f"{rule.__name__}: {fault} [{kind(one.event)} in {one.stream} by {one.actor} as {one.role}]"


def of_the_body(one: Recorded) -> bool:
    """Whether somebody did this in a role of the body."""
    return one.role not in OUTSIDE and one.actor.startswith("person")


def whoever_assessed_never_moderates(said: Said, one: Recorded) -> Iterator[str]:
    """Whoever assessed a case or marked it blind neither moderates nor decides it, nor sits on its panel."""
    name, assessed = kind(one.event), said.assessed[one.stream]
    if name in LEADING and said.same(one.actor, assessed):
        yield "assessed it, and moderates"
    if name in ("ModerationStarted", "ItemHandedOver") and any(
        said.same(each, assessed) for each in named(one.event, "chair", "panel")
    ):
        yield "somebody on the panel assessed it"


def whoever_moderated_never_assesses(said: Said, one: Recorded) -> Iterator[str]:
    """Nobody assesses or marks blind what they are moderating."""
    if kind(one.event) in ("JudgementRecorded", "AssessmentCompleted"):
        panels = [each for event in said.of(one.stream, "ModerationStarted") for each in named(event, "chair", "panel")]
        if said.same(one.actor, panels):
            yield "moderated it, and assesses"


def no_one_with_a_conflict_acts(said: Said, one: Recorded) -> Iterator[str]:
    """After a conflict became known nobody acts for the body on anything of that provider, nor is given a part in it."""
    name = kind(one.event)
    if name in RAISING | TOLD or one.stream.startswith(("person", "provider", "scheme", "development", "authority")):
        return
    for provider in providers_of(said, one):
        if of_the_body(one) and said.conflict(one.actor, provider, one.at):
            case = one.stream
            own = name in ENDING and said.same(one.actor, said_parties(said, one.stream))
            if not own and not said.allowed(one.actor, case, one.role, one.at):
                yield f"has a conflict with {provider}"
        for each in named(one.event, *PANELS.get(name, ())):
            granted = any(
                said.allowed(each, one.stream, role, one.at) for role in ("assessor", "moderator", "chair", "officer")
            )
            if said.conflict(each, provider, one.at) and not granted:
                yield f"{each} has a conflict with {provider}"


def providers_of(said: Said, one: Recorded) -> set[str]:
    """Whose affair an event is: that of its stream, and of the case that it is about."""
    event, found = one.event, {said.owner.get(one.stream)}
    if one.stream.startswith(("audit", "appeal")) and isinstance(getattr(event, "case", None), str):
        found.add(said.owner.get(event.case))
    if one.stream.startswith("audit") and isinstance(getattr(event, "finding", None), int):
        found |= {
            said.owner.get(each.case) for each in said.of(one.stream, "FindingRecorded") if each.number == event.finding
        }
    if one.stream.startswith("sampling") and isinstance(getattr(event, "number", None), int):
        drawn = [each for page in said.of(one.stream, "AssessmentsDrawn") for each in page.drawn]
        found |= {each.provider for each in drawn if each.number == event.number}
    if kind(event) in ("LettingGoApproved", "LettingGoDeclined", "RecordsLetGo"):
        found |= (
            set(said.of(one.stream, "LettingGoProposed")[-1].providers)
            if said.of(one.stream, "LettingGoProposed")
            else set()
        )
    return {each for each in found if each}


def said_parties(said: Said, stream: str) -> list[str]:
    """Who takes part in an arrangement of scrutiny."""
    return [each for event in said.of(stream, "ScrutinyProposed") for each in (event.person, event.scrutineer)]


def whoever_took_part_never_hears(said: Said, one: Recorded) -> Iterator[str]:
    """Nobody who had a part in a contested case before its pinned position hears or administers its appeal."""
    lodged = said.of(one.stream, "AppealLodged") if one.stream.startswith("appeal") else []
    if not lodged:
        return
    had_part = said.parts_before(lodged[0].case, lodged[0].position)
    if kind(one.event) == "PanelMemberLeft" and said.same(one.actor, [one.event.person]):
        return  # they take themselves off
    if of_the_body(one) and said.same(one.actor, had_part):
        yield "had a part in the contested case"
    for each in named(one.event, *PANELS.get(kind(one.event), ())):
        if said.same(each, had_part):
            yield f"{each} had a part in the contested case"


def some_of_each_panel_are_from_outside(said: Said, one: Recorded) -> Iterator[str]:
    """At least one of those who decide an appeal never had another role here, nor pay; and there are three of them."""
    if kind(one.event) == "AppealDecided":
        panel = set(one.event.panel)
        if len({said.human(each) for each in panel}) < 3:
            yield "fewer than three"
        if not any(outsider(said, each) for each in panel):
            yield "nobody from outside"
        if one.actor not in panel:
            yield "decided by somebody else"


def outsider(said: Said, person: str) -> bool:
    """Whether somebody never had to do with the body but for hearing appeals."""
    who = said.human(person)
    accounts = {who, *said.aliases[who], *(each for each in said.closed if said.human(each) == who)}
    return not any(said.had[each] - {"appeals-panel"} or each in said.paid for each in accounts)


def nobody_excluded_acts(said: Said, one: Recorded) -> Iterator[str]:
    """Whoever an upheld appeal excludes neither screens, assesses, moderates nor decides the case from then on."""
    excluded = {each for event in said.of(one.stream, *SET_ASIDE) for each in event.excluded}
    name = kind(one.event)
    if name in LEADING | JUDGING | SCREENING and of_the_body(one) and said.same(one.actor, excluded):
        yield "is excluded"
    for each in named(one.event, *PANELS.get(name, ())):
        if said.same(each, excluded):
            yield f"{each} is excluded"


def whoever_raised_it_never_decides(said: Said, one: Recorded) -> Iterator[str]:
    """Who raised or entered a concern does not review it, nor who raised, entered or is the subject of a complaint decides it."""
    name = kind(one.event)
    if name in ("ReviewOpened", "ReviewConcluded"):
        raised = [each for each in said.of(one.stream, "ConcernRaised") if each.concern == one.event.concern]
        parties = [each for event in raised for each in (event.raised_by, event.entered_by)]
        doers = [one.actor] if name == "ReviewConcluded" else named(one.event, "reviewer")
        if any(said.same(each, parties) for each in doers):
            yield "raised it, and reviews it"
    deciding = {"ComplaintAcknowledged", "HandlerChanged", "ComplaintAnswered", "CommitteeFormed", "ComplaintDecided"}
    if one.stream.startswith("complaint") and (name in deciding or (name == "TaskMoved" and of_the_body(one))):
        raised = said.of(one.stream, "ComplaintRaised")
        parties = [each for event in raised for each in (event.raised_by, event.entered_by, *event.people)]
        parties += [event.person for event in said.of(one.stream, "PersonComplainedAbout")]
        if any(said.same(each, parties) for each in (one.actor, *named(one.event, "handler", "chair", "members"))):
            yield "is party to it"


def nobody_handles_a_complaint_twice(said: Said, one: Recorded) -> Iterator[str]:
    """Who answered a complaint answers it at no later level, nor sits on its committee."""
    if kind(one.event) in ("ComplaintAnswered", "ComplaintDecided", "CommitteeFormed"):
        level = getattr(one.event, "level", 3)
        earlier = [each.handler for each in said.of(one.stream, "ComplaintAnswered") if each.level < level]
        if any(said.same(each, earlier) for each in (one.actor, *named(one.event, "handler", "chair", "members"))):
            yield "answered it before"


def nobody_does_it_for_themselves(said: Said, one: Recorded) -> Iterator[str]:
    """Nobody gives themselves a role, training or time, verifies what they state, or lifts their own conflict."""
    name, event = kind(one.event), one.event
    own = one.stream.startswith("person") and said.same(one.actor, [one.stream])
    given = {
        "RoleGiven",
        "TrainingCompleted",
        "CredentialVerified",
        "ConflictLifted",
        "ScrutinyGranted",
        "AccountsLinked",
    }
    contact = getattr(event, "role", "") == "provider"  # who registers a provider speaks for it
    if own and name in given and one.role != "installer" and not contact:
        yield "for themselves"
    if name == "FactCorrected" and own and event.reason is not None:
        yield "corrects their own"
    if name == "TaskMoved":
        tasks = {each.who for each in event.sets}
        if any(said.same(one.actor, [each]) or said.holds(one.actor, each) for each in tasks):
            yield "more time for themselves"


def nobody_approves_their_own(said: Said, one: Recorded) -> Iterator[str]:
    """Nobody approves what they proposed, or verifies what they did or had in hand."""
    name, event, stream = kind(one.event), one.event, one.stream
    match name:
        case "ActivityApproved" | "ActivityDeclined":
            mine = [each.by for each in said.of(stream, "ActivityProposed") if each.activity == event.activity]
            mine += [each.person for each in said.of(stream, "PlanOpened")]
        case "PlanAgreed" | "ImpactReviewed" | "NeedMet":
            mine = [each.person for each in said.of(stream, "PlanOpened")]
        case "AuditActionVerified" | "AuditActionReturned":
            agreed = [each for each in said.of(stream, "AuditActionAgreed") if each.number == event.number]
            done = [each for each in said.of(stream, "AuditActionDone") if each.number == event.number]
            mine = [*(each.owner for each in agreed), *(each.by for each in done)]
        case "RiskReviewSeen" | "RiskReviewReturned":
            mine = [each.by for each in said.of(stream, "RiskReviewed")]
            mine += [each.owner for each in said.of(stream, "RiskRegistered", "RiskOwnerNamed")]
        case "ProposalConsidered":
            mine = [each.proposer for each in said.of(stream, "ProposalMade")]
        case "OtherClosed":
            mine = [each.dealt_by for each in said.of(stream, "OtherDealtWith") if each.case == event.case]
        case "SampleResultRecorded":
            drawn = [each for page in said.of(stream, "AssessmentsDrawn") for each in page.drawn]
            mine = [each.assessor for each in drawn if each.number == event.number]
        case "RequesterChecked":
            mine = [each for event in said.of(stream, "ErasureRequested") for each in (event.subject, event.by)]
        case "LettingGoApproved" | "LettingGoDeclined":
            mine = [each.by for each in said.of(stream, "LettingGoProposed")[-1:]]
            mine += [each.subject for each in said.of(stream, "ErasureRequested")]
        case "HoldReleased":
            mine = [each.by for each in said.of(stream, "HoldPlaced") if each.subject == event.subject][-1:]
        case "ScrutinyApproved":
            [held] = said.of(stream, "ScrutinyProposed")
            mine = [held.person, held.proposer, held.scrutineer]
        case _:
            return
    if said.same(one.actor, mine):
        yield "their own"


def two_humans_approve(said: Said, one: Recorded) -> Iterator[str]:
    """Where two approvals are asked for, two different humans gave them."""
    match kind(one.event):
        case "RecordsLetGo":
            events = said.streams.get(one.stream, [])
            proposed = max(each.position for each in events if kind(each.event) == "LettingGoProposed")
            approvers = [
                each.actor for each in events if kind(each.event) == "LettingGoApproved" and each.position > proposed
            ]
        case "ScrutinyGranted":
            approvers = [*(each.approver for each in said.of(one.event.scrutiny, "ScrutinyApproved")), one.actor]
        case _:
            return
    if len({said.human(each) for each in approvers}) < 2:
        yield "approved by one human"


def a_closed_account_never_acts(said: Said, one: Recorded) -> Iterator[str]:
    """An account that was closed never does anything again; that it tried is noted."""
    if one.actor in said.closed and kind(one.event) != "AttemptRefused":
        yield "acts though closed"


def each_outcome_is_what_the_rule_makes_of_the_judgements(said: Said, one: Recorded) -> Iterator[str]:
    """An outcome is what the award rule makes of the judgements in force: all criteria met, or no award."""
    if kind(one.event) not in ("DecisionRecorded", "DecisionReplaced"):
        return
    levels: dict[str, str] = {}
    for each in said.streams.get(one.stream, []):
        match kind(each.event):
            case "AssessmentSetAside":
                levels = {}
            case "JudgementRecorded" | "JudgementChanged" | "JudgementConfirmed":
                levels[each.event.criterion] = each.event.level
            case "DecisionReplaced":
                levels |= {changed.criterion: changed.level for changed in each.event.judgements}
    levels |= {changed.criterion: changed.level for changed in getattr(one.event, "judgements", ())}
    criteria = said.of(one.stream, "ProgrammeRegistered")[0].criteria
    unmet = tuple(code for code in criteria if levels.get(code) != "met")
    expected = ("not_awarded" if unmet else "awarded", unmet)
    if (one.event.outcome, one.event.unmet) != expected:
        yield f"{one.event.outcome} for {one.event.unmet}, expected {expected}"


def what_is_told_is_what_was_decided(said: Said, one: Recorded) -> Iterator[str]:
    """The result that a provider is told is the last one decided."""
    if kind(one.event) == "ResultReleased":
        decided: Any = said.of(one.stream, "DecisionRecorded", "DecisionReplaced")[-1]
        if decided.outcome != one.event.outcome:
            yield "another result"


def linked_accounts_keep_every_conflict(said: Said, one: Recorded) -> Iterator[str]:
    """Linking two accounts loses no conflict of the one that closes."""
    if kind(one.event) == "AccountsLinked":
        kept = {each.provider for each in (*one.event.declared, *one.event.facts)}
        for alias in one.event.aliases:
            ties = (*said.declared[alias].values(), *said.facts[alias].values())
            known = {each.provider for each in (*said.declared[one.stream].values(), *said.facts[one.stream].values())}
            if lost := {each.provider for each in ties} - kept - known:
                yield f"{lost} are lost"


ALWAYS: Final[tuple[Rule, ...]] = (
    a_closed_account_never_acts,
    nobody_does_it_for_themselves,
    each_outcome_is_what_the_rule_makes_of_the_judgements,
    what_is_told_is_what_was_decided,
    linked_accounts_keep_every_conflict,
)
"""What holds of every event, also of what a conflict or a link brings about."""
EACH: Final[tuple[Rule, ...]] = (
    *ALWAYS,
    whoever_assessed_never_moderates,
    whoever_moderated_never_assesses,
    no_one_with_a_conflict_acts,
    whoever_took_part_never_hears,
    some_of_each_panel_are_from_outside,
    nobody_excluded_acts,
    whoever_raised_it_never_decides,
    nobody_handles_a_complaint_twice,
    nobody_approves_their_own,
    two_humans_approve,
)
