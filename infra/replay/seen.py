"""A case or a matter replayed: as it stood at an instant or a version, as far as all who look may see it.

Source: handbook, Replay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.accreditation import (
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationSuspended,
    AccreditationWithdrawn,
    ReviewConcluded,
)
from domain.accreditation.remedy_events import AwardAnnulled, AwardCorrected, ReviewReplaced
from domain.appeal import AppealDecided
from domain.audit import AuditClosed
from domain.complaint.events import ComplaintAnswered, ComplaintDecided
from domain.events import NAMES
from domain.ids import kind_of
from domain.proposal import ProposalConsidered
from domain.refusals import refuse
from domain.retention.events import LettingGoApproved
from domain.risk.state import RiskClosed, RiskReviewed
from domain.sampling.state import SamplingClosed
from domain.scrutiny import ScrutinyApproved
from domain.submission.events import DecisionRecorded, FoundIneligible, FoundOutsideDefinition
from domain.submission.past_events import DecisionImported
from domain.submission.remedy_events import DecisionReplaced
from infra.api.caller import Api
from infra.api.reading import parts as of_submission
from infra.api.reading.listing import View
from infra.api.reading.matter_pages import listed_then, matter_page, texts_of_page
from infra.api.reading.pages import award_page, submission_page
from infra.api.reading.told import RESOURCES, Told, as_told, readable_to
from infra.api.seeing import Sight
from infra.replay.letters import Letter, letters_by
from infra.replay.looks import Common, Eyes, Look, looks_of
from infra.replay.past import Moment
from projections import history
from projections.words import tokens
from services.ports import Stream
from services.states import fold

DECISIONS: Final = (
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationSuspended,
    AccreditationWithdrawn,
    AppealDecided,
    AuditClosed,
    AwardAnnulled,
    AwardCorrected,
    ComplaintAnswered,
    ComplaintDecided,
    DecisionImported,
    DecisionRecorded,
    DecisionReplaced,
    FoundIneligible,
    FoundOutsideDefinition,
    LettingGoApproved,
    ProposalConsidered,
    ReviewConcluded,
    ReviewReplaced,
    RiskClosed,
    RiskReviewed,
    SamplingClosed,
    ScrutinyApproved,
)
"""The events by which a case or a matter is decided."""


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
    """A case or a matter as it was. `page`, `portfolio` and `judgements` are None where they are not to be seen, or it has none.

    `listed` is the row of a matter in the list of its kind. `letters` are those that had gone by then. `role` is that of whose eyes it is seen by, `relations` theirs to the case then. `history` ends with the moment. `changed`
    are those of its entries that were recorded after the instant asked about. `decision` is the last one by the moment, and then
    all is as it was at that: `known` was recorded before it, or with it; `later` after it, up to today, as far as the asker may see it. `erased` are
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
    listed: Any = None
    portfolio: of_submission.Portfolio | None = None
    judgements: of_submission.Judgements | None = None
    letters: Sequence[Letter] = ()
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
    asker: Sight | None = None,
    since: datetime | None = None,
    decision: bool = False,
) -> Replayed:
    """Return `case` as it was at `moment`, as `eyes` saw it then and as far as `asker` may see it now.

    Without `eyes` it is shown as far as the asker may see it now; without an asker, which is the command line with the record's
    own credentials, all that the eyes saw; without both the whole. With `decision` it is shown as it was when the last decision by
    `moment` was recorded, and what came later beside that. Raises Refused for eyes of nobody known then, in a role that they did not
    hold, or from which the case was hidden, and for a `since` behind the moment.
    """
    if since is not None and moment.until is not None and since > moment.until:
        raise refuse("replay-moment", "that is after the moment", field="since", allowed="an instant before it")
    with api.app.records.datastore.get_connection() as connection:
        entries = history.history(connection, case)
    taken = _decision(case, entries, moment) if decision else None
    if taken is not None:
        moment = Moment(at=taken.recorded_at, position=taken.position)
    past, looks = looks_of(api, case, moment, eyes=eyes, asker=asker)
    stream = past.app.records.streams(case)[case]
    if not stream.entries:
        begun = [one.recorded_at.isoformat() for one in api.app.records.load(case, version=1)[case]]
        known = "when it came on record, or later; what it says of times before stands in its history"
        allowed = f"{begun[0]}, {known}" if begun else "a case that is on record"
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
    said = _with_history(past, _with_parts(past, said, stream, looks), entries, looks, since=since)
    if taken is None:
        return said
    later = [one for one in entries if one.position > taken.position]
    told = told_to(case, later, [one for one in looks if one.api is api])
    return replace(said, decision=taken, known=said.history, later=told)


def _with_parts(past: Api, said: Replayed, stream: Stream, looks: Sequence[Look]) -> Replayed:
    case, sight = said.id, Common(past, said.moment, looks)
    then, letters = replace(sight.caller, at=said.moment.at), letters_by(past.app, case, said.moment, looks)
    said = replace(said, letters=letters)
    if kind_of(case) in RESOURCES.values():
        row, shown = listed_then(case, past.app.records.load(case)[case]), texts_of_page(case, stream)
        return replace(
            said, page=matter_page(case, stream, then, sight), listed=row, erased=_erased(past, shown.values())
        )
    state = fold(case, stream.entries)
    if kind_of(case) == "accreditation":
        return replace(said, page=award_page(state, then, sight))
    if kind_of(case) != "submission":
        return said
    handed_in, judged = sight.sees(case, "see-portfolio"), sight.sees(case, "see-judgements")
    confidential = sight.sees(case, "see-confidential")
    texts = [state.registration.title.id]
    texts += of_submission.texts_of_portfolio(state) if handed_in else []
    if judged:
        texts += [one.missing.id for one in state.shortfalls]
        texts += of_submission.texts_of_reasons(state) if confidential else []
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


def _erased(past: Api, texts: Iterable[str]) -> tuple[str, ...]:
    """Those of these texts that are kept no more."""
    _, bodies = past.app.vault.words([], sorted(texts))
    return tuple(sorted(set(texts) - bodies.keys()))


def _with_history(
    past: Api, said: Replayed, entries: Sequence[history.Entry], looks: Sequence[Look], *, since: datetime | None
) -> Replayed:
    then = [one for one in entries if said.moment.shows(recorded_at=one.recorded_at, position=one.position)]
    told = told_to(said.id, then, looks)
    said = replace(said, history=told)
    if kind_of(said.id) in RESOURCES.values():  # what is said in a matter stands in its history
        named = {value for one in told for kind, value in tokens(one.sentence) if kind == "text"}
        said = replace(said, erased=_erased(past, {*said.erased, *named}))
    return replace(said, changed=[one for one in told if since is not None and one.recorded_at > since])


def told_to(case: str, entries: Sequence[history.Entry], looks: Sequence[Look]) -> list[Told]:
    """What all who look may see of these entries, without the texts that one of them may not read; all, where nobody does."""
    if not looks:
        return [as_told(one) for one in entries]
    views = [View(api=it.api, caller=it.caller, sight=it.sight, on=it.caller.at, id=case) for it in looks]
    readable, *others = (readable_to(view, entries) for view in views)
    for theirs in others:
        readable = {one: words and theirs[one] for one, words in readable.items() if one in theirs}
    return [as_told(one, readable[one.position]) for one in entries if one.position in readable]


def _decision(case: str, entries: Sequence[history.Entry], moment: Moment) -> Decision:
    """The last event by which the case was decided by then, among the entries of its history. Refuses where there is none."""
    for one in reversed(entries):
        name = one.name.partition(".")[0]
        by_then = moment.shows(recorded_at=one.recorded_at, position=one.position)
        if by_then and one.stream == case and name in _DECIDING:
            return Decision(
                name=name, version=one.version, position=one.position, at=one.at, recorded_at=one.recorded_at
            )
    raise refuse("replay-decision", "it was not decided then", field="decision", allowed="a moment after a decision")


_DECIDING: Final = frozenset(name.partition(".")[0] for name, kind in NAMES.items() if kind in DECISIONS)
