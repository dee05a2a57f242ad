"""What the page of a case says: what it is, where it stands, its clocks and people, and what the caller may do next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from domain.accreditation import Accreditation
from domain.clocks import Deadline
from domain.submission.next_steps import possible
from domain.submission.state import Submission
from infra.api.caller import Caller
from infra.api.catalogue import COMMANDS
from infra.api.reading.rows import OUTSIDE
from infra.api.seeing import Sight
from projections.words import task

AWARD: tuple[str, ...] = ("confirm_year", "notify_change", "raise_concern", "open_review", "name_lead_contact")
"""What may be done about an award as long as it lasts."""


class Clock(BaseModel):
    """A clock that runs: the rule that set it, what is to be done, until when, and when is still to be reminded."""

    rule: str
    what: str
    due_at: datetime
    overdue: bool
    remind_at: list[datetime]


class Part(BaseModel):
    """Somebody who has a part in the case; the name is null where the caller may not see it, or it was erased."""

    person: str
    name: str | None = None
    part: str


class Next(BaseModel):
    """A command that the caller may give now, as far as the stage and the table of permissions go, and where it is sent."""

    action: str
    path: str


class Period(BaseModel):
    """A period of an award, from `starts_at` until, and without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    level: str
    submission: str
    extension: bool


class CasePage(BaseModel):
    """A submission or an award; what does not belong to the one or the other is null."""

    id: str
    kind: str
    version: int
    """The version of its stream, which a command may name as `If-Match`."""
    position: int
    stage: str
    title: str | None = None
    scheme: str
    provider: str
    provider_name: str | None = None
    clocks: list[Clock]
    people: list[Part]
    next: list[Next]
    over: bool
    origin: str | None = None
    category: str | None = None
    subject: str | None = None
    phase: str | None = None
    mode: str | None = None
    criteria: list[str] | None = None
    follows: str | None = None
    accreditation: str | None = None
    applies_for: str | None = None
    window: str | None = None
    late: bool | None = None
    visit_at: datetime | None = None
    provisional: bool | None = None
    outcome: str | None = None
    """The decision; to who speaks for the provider only once it was released."""
    level: str | None = None
    released: bool | None = None
    periods: list[Period] | None = None
    concerns: int | None = None
    """How many concerns are open; null where the caller may not see them."""


def submission_page(case: Submission, caller: Caller, sight: Sight) -> dict[str, Any]:
    """What the page of a submission says, but for names and texts."""
    said = case.registration
    outside = caller.role == OUTSIDE and not case.released
    decided = None if outside else case.outcome
    return {
        "id": case.id,
        "kind": "submission",
        "stage": case.stage.value,
        "scheme": said.scheme,
        "provider": said.provider,
        "origin": said.origin,
        "category": said.category,
        "subject": said.subject,
        "phase": said.phase,
        "mode": said.mode,
        "criteria": list(said.criteria),
        "follows": said.follows,
        "accreditation": said.accreditation,
        "applies_for": said.applies_for,
        "window": case.portfolio.window or None if case.portfolio else None,
        "late": case.portfolio.late if case.portfolio else None,
        "visit_at": case.visit_at,
        "provisional": case.provisional,
        "outcome": decided.outcome if decided else None,
        "level": decided.level if decided else None,
        "released": case.released,
        "over": case.over,
        "clocks": clocks(caller, {"stage": case.clock, "result": case.results, "marking": case.marking}),
        "people": list(_people_of(case)),
        "next": next_steps(case.id, possible(case), sight),
    }


def award_page(award: Accreditation, caller: Caller, sight: Sight) -> dict[str, Any]:
    """What the page of an award says, but for names and texts."""
    sees_concerns = sight.sees(award.id, "see-concerns")
    reviews = {id: one.clock for id, one in award.concerns.items()} if sees_concerns else {}
    people = [{"person": award.lead_contact, "part": "lead contact"}]
    if sees_concerns:
        people += [{"person": one.reviewer, "part": "reviewer"} for one in award.concerns.values() if one.reviewer]
    asked = award.asked.clock if award.asked else None
    return {
        "id": award.id,
        "kind": "accreditation",
        "stage": award.standing(caller.at),
        "scheme": award.scheme,
        "provider": award.provider,
        "level": award.level_on(caller.at),
        "over": award.over,
        "periods": [
            {
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "level": one.level,
                "submission": one.submission,
                "extension": one.extension,
            }
            for one in award.periods
        ],
        "concerns": sum(one.clock is not None for one in award.concerns.values()) if sees_concerns else None,
        "clocks": clocks(caller, {"end": award.clock, "year": asked, **reviews}),
        "people": people,
        "next": next_steps(award.id, [] if award.over else AWARD, sight),
    }


def clocks(caller: Caller, running: Mapping[str, Deadline | None]) -> list[dict[str, Any]]:
    """The clocks that run, each once, the first to end first."""
    found = {(one.rule, one.due_at): one for one in running.values() if one}
    return [
        {
            "rule": one.rule,
            "what": task(one.rule),
            "due_at": one.due_at,
            "overdue": one.due_at <= caller.at,
            "remind_at": [at for at in one.remind_at if at > caller.at],
        }
        for one in sorted(found.values(), key=lambda one: (one.due_at, one.rule))
    ]


def next_steps(
    id: str, actions: Sequence[str], sight: Sight, *, about: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """Those of these commands that the caller may give about this case, with their addresses.

    `about` says what stands in an address for a parameter where that is not `id`.
    """
    found = [_OFFERED[action] for action in actions if action in _OFFERED and sight.allows(action, id)]
    return [
        {"action": one.action, "path": one.path.replace(f"{{{one.about}}}", (about or {}).get(str(one.about), id))}
        for one in found
    ]


def _people_of(case: Submission) -> Iterator[dict[str, str]]:
    yield {"person": case.registration.lead_contact, "part": "lead contact"}
    if case.assessor:
        yield {"person": case.assessor, "part": "assessor"}
    if case.marker:
        yield {"person": case.marker, "part": "blind marker"}
    if case.moderation:
        yield {"person": case.moderation.chair, "part": "chair"}
        yield from ({"person": one, "part": "panel"} for one in case.moderation.panel if one != case.moderation.chair)


_OFFERED: Final = {one.action: one for one in COMMANDS if one.about}
"""The commands about something that there is, by their action."""
