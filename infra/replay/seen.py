"""A case replayed: as it stood at an instant or a version, as a given person could see it then, never more than who asks may now.

The table of permissions is today's; the relations that it goes by, roles, assignments, seats and conflicts, are those that were
on record at that moment. Source: handbook, Replay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.accreditation import ReviewConcluded
from domain.accreditation.remedy_events import ReviewReplaced
from domain.appeal import AppealDecided
from domain.complaint.events import ComplaintDecided
from domain.ids import is_id, kind_of
from domain.person import Person
from domain.refusals import refuse
from domain.submission.events import DecisionRecorded, FoundIneligible, FoundOutsideDefinition
from domain.submission.past_events import DecisionImported
from domain.submission.remedy_events import DecisionReplaced
from infra.api.caller import Api, Caller
from infra.api.reading import parts as of_submission
from infra.api.reading.listing import View
from infra.api.reading.pages import award_page, submission_page
from infra.api.reading.told import CASES, NOT_SHOWN, Told, of, seen
from infra.api.seeing import Sight
from infra.api.telling import OF_STREAMS
from infra.replay.past import Moment, PastSight, api_then
from projections import history
from services.ports import Entry
from services.states import fold

DECISIONS: Final = (
    AppealDecided,
    ComplaintDecided,
    DecisionImported,
    DecisionRecorded,
    DecisionReplaced,
    FoundIneligible,
    FoundOutsideDefinition,
    ReviewConcluded,
    ReviewReplaced,
)
"""The events by which a case is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """By whose eyes a case is seen: a person's id, and the role that they act in; without one, the only one they held then."""

    person: str
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision that a case had come to: event `version` of the case, taken at `at`, recorded at `recorded_at` (UTC)."""

    name: str
    version: int
    position: int
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A case as it was. `page`, `portfolio` and `judgements` are None where they are not to be seen, or it has none.

    `role` is that of whose eyes it is seen by, `relations` theirs to the case then. `history` ends with the moment. `changed`
    are those of its entries that were recorded after the instant asked about. `decision` is the last one by the moment;
    `known` was recorded before it, or with it; `later` after it, up to today, as far as the asker may see it. `erased` are
    the SHA-256 of files, and ids of texts, that were there and are kept no more.
    """

    id: str
    moment: Moment
    version: int
    position: int
    person: str | None
    role: str | None
    relations: tuple[str, ...]
    page: dict[str, Any] | None = None
    portfolio: of_submission.Portfolio | None = None
    judgements: of_submission.Judgements | None = None
    erased: tuple[str, ...] = ()
    history: Sequence[Told] = ()
    changed: Sequence[Told] = ()
    decision: Decision | None = None
    known: Sequence[Told] = ()
    later: Sequence[Told] = ()


def replay(
    api: Api,
    case: str,
    moment: Moment,
    *,
    eyes: Eyes | None = None,
    asker: Caller | None = None,
    since: datetime | None = None,
    decision: bool = False,
) -> Replayed:
    """Return `case` as it was at `moment`, as `eyes` saw it then and as far as `asker` may see it now.

    Without `eyes` it is shown as far as the asker may see it now; without an asker, which is the command line with the record's
    own credentials, all that the eyes saw; without both the history alone, whole. Raises Refused for eyes of nobody known then, in a role that
    they did not hold, or from which the case was hidden.
    """
    past, looks = looks_of(api, case, moment, eyes=eyes, asker=asker)
    stream = past.app.records.streams(case)[case]
    if not stream.entries:
        begun = [one.recorded_at.isoformat() for one in api.app.records.load(case, version=1)[case]]
        allowed = f"{begun[0]}, when it came on record, or later" if begun else "a case that is on record"
        raise refuse("replay-moment", "there was no such case yet", field="at", allowed=allowed)
    said = Replayed(
        id=case,
        moment=moment,
        version=stream.version,
        position=stream.position,
        person=eyes.person if eyes else None,
        role=looks[0].caller.role if eyes else None,
        relations=tuple(sorted(looks[0].sight.relations(case))) if eyes else (),
    )
    if looks and kind_of(case) in CASES:
        said = _with_parts(past, said, stream.entries, looks)
    return _with_history(api, past, said, looks, since=since, decision=decision)


def looks_of(
    api: Api, case: str, moment: Moment, *, eyes: Eyes | None, asker: Caller | None
) -> tuple[Api, Sequence["Look"]]:
    """Return what answers from the record as it stood then, and those who all have to be allowed to see what is shown.

    Raises Refused as `replay` does for eyes.
    """
    past = api_then(api, moment)
    looks = [_then(past, case, moment, eyes)] if eyes else []
    if asker:
        looks.append(Look(api, asker, Sight(api, asker)))
    return past, looks


@dataclass(frozen=True, slots=True)
class Look:
    """One of those who have to be allowed to see what is shown: who looks through whose eyes, and with which record."""

    api: Api
    caller: Caller
    sight: Sight


class _Common(Sight):
    """What all of those who look may see."""

    def __init__(self, looks: Sequence[Look]) -> None:
        super().__init__(looks[0].api, looks[0].caller)
        self._sights = [one.sight for one in looks]

    def sees(self, case: str, action: str) -> bool:
        return all(one.sees(case, action) for one in self._sights)

    def allows(self, action: str, case: str | None = None) -> bool:
        return all(one.allows(action, case) for one in self._sights)


def _then(past: Api, case: str, moment: Moment, eyes: Eyes) -> Look:
    """Somebody as they were then. Refuses who was not known, did not act in the role, or could not see that there is the case."""
    if not is_id(eyes.person, "person"):
        raise refuse("replay-eyes", f"{eyes.person!r} is no person's id", field="person", allowed="the id of a person")
    person: Person = fold(eyes.person, past.app.records.streams(eyes.person)[eyes.person].entries)
    held = sorted({role for role, _ in person.roles_at(moment.at)}) if person.id else []
    if not held:
        raise refuse("replay-eyes", "they held no role then", field="person", allowed="somebody who held one")
    role = eyes.role or (held[0] if len(held) == 1 else None)
    if role not in held:
        why = f"they did not act as {role} then" if role else "they held several roles then"
        raise refuse("replay-eyes", why, field="role", allowed=", ".join(held))
    caller = Caller(actor=eyes.person, role=role, at=moment.at, request="replay", person=person)
    sight = PastSight(past, caller)
    if not sight.sees(case, OF_STREAMS[kind_of(case)]):
        relations = ", ".join(sorted(sight.relations(case)))
        raise refuse(
            "replay-eyes",
            f"as {role} they could not see it then ({relations})",
            field="person",
            allowed="somebody who could, or another of their roles",
        )
    return Look(past, caller, sight)


def _with_parts(past: Api, said: Replayed, entries: Sequence[Entry], looks: Sequence[Look]) -> Replayed:
    case, sight = said.id, _Common(looks)
    state, then = fold(case, entries), replace(looks[0].caller, at=said.moment.at)
    if kind_of(case) == "accreditation":
        return replace(said, page=award_page(state, then, sight))
    handed_in, judged = sight.sees(case, "see-portfolio"), sight.sees(case, "see-judgements")
    confidential = sight.sees(case, "see-confidential")
    texts = [state.registration.title.id]
    texts += of_submission.texts_of_portfolio(state) if handed_in else []
    if judged:
        texts += [one.missing.id for one in state.shortfalls]
        texts += [one.rationale.id for one in state.first.values()] if confidential else []
    _, bodies = past.app.vault.words([], texts)
    portfolio = of_submission.portfolio(state, said.version, bodies) if handed_in else None
    judgements = of_submission.judgements(state, said.version, bodies, confidential=confidential) if judged else None
    files = {one.sha256 for one in (*portfolio.evidence, *portfolio.further_evidence)} if portfolio else set()
    kept = {one.sha256 for one in past.app.shelves.files([case]).get(case, ())} if files else set()
    return replace(
        said,
        page={**submission_page(state, then, sight), "title": bodies.get(texts[0])},
        portfolio=portfolio,
        judgements=judgements,
        erased=tuple(sorted({one for one in texts if one not in bodies} | (files - kept))),
    )


def _with_history(
    api: Api, past: Api, said: Replayed, looks: Sequence[Look], *, since: datetime | None, decision: bool
) -> Replayed:
    with api.app.records.datastore.get_connection() as connection:
        entries = history.history(connection, said.id, until=None if decision else said.moment.until)
    then = [one for one in entries if said.moment.shows(recorded_at=one.recorded_at, position=one.position)]
    told = told_to(said.id, then, looks)
    said = replace(said, history=told)
    if since is not None:
        said = replace(said, changed=[one for one in told if one.recorded_at > since])
    if not decision:
        return said
    taken = _decision(past, said.id, then)
    if taken is None:
        raise refuse(
            "replay-decision", "it was not decided then", field="decision", allowed="a moment after a decision"
        )
    later = [one for one in entries if one.position > taken.position]
    return replace(
        said,
        decision=taken,
        known=[one for one in told if one.position <= taken.position],
        later=told_to(said.id, later, [one for one in looks if one.api is api]),
    )


def told_to(case: str, entries: Sequence[history.Entry], looks: Sequence[Look]) -> list[Told]:
    """What all who look may see of these entries, without the texts that one of them may not read; all, where nobody does."""
    if not looks:
        return [of(one, one.sentence) for one in entries]
    views = [View(api=it.api, caller=it.caller, sight=it.sight, on=it.caller.at, id=case) for it in looks]
    found, *others = ({one.position: one for one in seen(view, entries)} for view in views)
    for theirs in others:
        found = {
            position: theirs[position] if NOT_SHOWN in theirs[position].sentence else one
            for position, one in found.items()
            if position in theirs
        }
    return list(found.values())


def _decision(past: Api, case: str, entries: Sequence[history.Entry]) -> Decision | None:
    """The last event by which the case was decided, among these entries of its history."""
    stream = past.app.records.streams(case)[case]
    known = {one.position: one for one in entries}
    for position, one in reversed(list(zip(stream.positions, stream.entries, strict=True))):
        if isinstance(one.event, DECISIONS) and (found := known.get(position)):
            name = type(one.event).__name__
            return Decision(
                name=name, version=found.version, position=position, at=found.at, recorded_at=found.recorded_at
            )
    return None
