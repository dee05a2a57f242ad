"""Appeals: lodged, acknowledged, admitted, heard and decided; what follows is carried out and closed.

Source: handbook, section 12, and "Who did not decide". Who else was touched is in `services/affected.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.appeal import decision, lodging, panel
from domain.appeal.contested import find_contested
from domain.appeal.decision import Found
from domain.appeal.events import AppealEvent
from domain.appeal.panel import Candidate
from domain.appeal.parts import HEARS, judged, unconnected
from domain.appeal.state import Appeal
from domain.ids import is_id, kind_of
from domain.person import Person, require_no_conflict
from domain.refusals import Refused, refuse
from domain.scheme import Scheme
from domain.tasks import Matter
from services.acting import permitted
from services.assessment import Judgement, keep_findings
from services.contested import appeal_id, attempts, parts_in, provider_and_scheme, recorded, require_appeal
from services.office import Office, Receipt, Work, carry_out, note_refusal, require_plain
from services.ports import Command, Recorded
from services.remedies import carry_through, remedied
from services.schemes import by_installer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the panel makes of one ground, `upheld` or `dismissed`, and why, in words."""

    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An appeal before whoever acts on it, with the scheme it is under and everyone's part in the contested case."""

    appeal: Appeal
    actor: Person
    parts: Mapping[str, frozenset[str]]
    scheme: Scheme
    work: Work


@permitted
def lodge_appeal(
    office: Office,
    command: Command,
    *,
    case: str,
    contested: str,
    grounds: Mapping[str, str],
    concern: str | None = None,
) -> Receipt:
    """Contest the latest decision of a kind (`result`, `ineligible`, or the `review` of a concern) in a submission or an award.

    By a contact of its provider; each ground of the scheme's list has a text. The appeal is `appeal_of(receipt)`.
    """

    def step(work: Work) -> None:
        provider, scheme = provider_and_scheme(work, case)
        actor = work.acts(scheme.partition("@")[0])
        if actor.id not in work.provider(provider).contacts:
            raise refuse("own-provider", "this is not your case", field="case", allowed="a case of your provider")
        found = find_contested(case, recorded(work, case), kind=contested, concern=concern)
        earlier = attempts(work, case, found)
        id = appeal_id(case, found.version, len(earlier) + 1)
        lodged = lodging.lodge(
            work.state(id),
            id=id,
            case=case,
            provider=provider,
            by=actor.id,
            contested=found,
            earlier=earlier,
            grounds={
                code: work.text(said, field=f"grounds.{code}", subject=provider) for code, said in grounds.items()
            },
            scheme=work.scheme(scheme),
            at=command.at,
        )
        work.add(id, lodged, scheme=scheme)

    return carry_out(office, command, case, step=step)


def appeal_of(receipt: Receipt) -> str:
    """The appeal that a command lodged, also where it was repeated."""
    own = receipt.work.command.id
    lodged = [id for id in receipt.events if kind_of(id) == "appeal"]
    known = [id for id, entries in receipt.work.entries.items() if any(one.command == own for one in entries)]
    return next(id for id in (*lodged, *known) if kind_of(id) == "appeal")


@permitted
def withdraw_appeal(office: Office, command: Command, *, appeal: str, reason: str) -> Receipt:
    """Withdraw an appeal that is not decided. By a contact of its provider."""

    def step(work: Work) -> None:
        held = require_appeal(work, appeal)
        actor = work.acts(_scheme_id(held))
        if actor.id not in work.provider(held.provider).contacts:
            raise refuse("own-provider", "this is not your appeal", field="appeal", allowed="one of your provider")
        why = work.text(reason, field="reason", subject=held.provider)
        work.add(appeal, lodging.withdraw(held, reason=why), scheme=held.scheme)

    return carry_out(office, command, appeal, step=step)


@permitted
def acknowledge_appeal(office: Office, command: Command, *, appeal: str) -> Receipt:
    """Tell the provider that the appeal arrived, and see to it from then on. By an appeals officer."""
    return by_officer(
        office,
        command,
        appeal,
        lambda seen: lodging.acknowledge(
            seen.appeal, by=seen.actor, had_part=seen.parts, scheme=seen.scheme, at=command.at
        ),
    )


@permitted
def admit_appeal(office: Office, command: Command, *, appeal: str, reason: str | None = None) -> Receipt:
    """Let the appeal be heard; a late one with a reason. By an appeals officer."""

    def decide(seen: Seen) -> list[AppealEvent]:
        why = seen.work.text(reason, field="reason", subject=seen.appeal.provider) if reason is not None else None
        return lodging.admit(
            seen.appeal, by=seen.actor, had_part=seen.parts, reason=why, scheme=seen.scheme, at=command.at
        )

    return by_officer(office, command, appeal, decide)


@permitted
def refuse_appeal(office: Office, command: Command, *, appeal: str, reason: str) -> Receipt:
    """Don't let the appeal be heard, for a reason; that is its end. By an appeals officer."""

    def decide(seen: Seen) -> list[AppealEvent]:
        why = seen.work.text(reason, field="reason", subject=seen.appeal.provider)
        return lodging.not_admit(seen.appeal, by=seen.actor, had_part=seen.parts, reason=why)

    return by_officer(office, command, appeal, decide)


@permitted
def name_panel(office: Office, command: Command, *, appeal: str, chair: str, members: Sequence[str]) -> Receipt:
    """Name who hears the appeal, or who takes the place of those who left. By an appeals officer.

    Everyone authorised for that is looked at, and what was found is kept with the panel.
    """

    def decide(seen: Seen) -> list[AppealEvent]:
        work = seen.work
        asked = [one for one in (chair, *members) if is_id(one, "person")]
        authorised = work.scheme_record(seen.scheme.id).people(HEARS)
        asked_or_known = candidates(work, dict.fromkeys((*asked, *authorised)), seen.parts)
        work.unmoved |= {*asked, seen.appeal.lodging.case}
        return panel.name_panel(
            seen.appeal,
            by=seen.actor,
            had_part=seen.parts,
            chair=chair,
            members=members,
            candidates=asked_or_known,
            scheme=seen.scheme,
            at=command.at,
        )

    return by_officer(office, command, appeal, decide)


@permitted
def leave_panel(office: Office, command: Command, *, appeal: str, reason: str, person: str | None = None) -> Receipt:
    """Take oneself, or `person`, off the panel for a reason, before it has decided.

    By oneself, or by an appeals officer who had no part in the case.
    """
    leaving = person or command.actor

    def step(work: Work) -> None:
        held = require_appeal(work, appeal)
        if leaving == command.actor:
            work.acts(_scheme_id(held), among=work.roles("panel"))
        else:
            parts = parts_in(work, held.lodging.case, but=appeal)
            lodging.require_officer(held, _officer(work, held), had_part=parts)
        panel.require_member(held, leaving)
        why = work.text(reason, field="reason", subject=held.provider)
        left = panel.leave_panel(held, person=leaving, because="stepped-down", why=why)
        work.add(appeal, left, scheme=held.scheme)

    return carry_out(office, command, appeal, step=step)


def leave(work: Work, person: str, provider: str) -> None:
    """Take a person who has a conflict with a provider off all its appeals, within the transaction that says so."""
    for id in sorted(one for one in work.provider(provider).cases if kind_of(one) == "appeal"):
        held: Appeal = work.state(id)
        left = [
            *panel.leave_panel(held, person=person, because="conflict"),
            *panel.leave_office(held, person=person, because="conflict"),
        ]
        work.add(id, left, scheme=held.scheme)


@permitted
def decide_appeal(
    office: Office,
    command: Command,
    *,
    appeal: str,
    rulings: Mapping[str, Ruling],
    remedy: str | None = None,
    judgements: Mapping[str, Judgement] | None = None,
    reason: str | None = None,
) -> Receipt:
    """Record what the panel decided on each ground; a remedy is carried through in the same transaction. By its chair.

    `judgements` are those that replace a result, `reason` is said where another decision is replaced.
    """

    def step(work: Work) -> None:
        held = require_appeal(work, appeal)
        chair = work.acts(_scheme_id(held))
        parts, lodged = parts_in(work, held.lodging.case, but=appeal), held.lodging
        work.panel(held.panel)
        work.unmoved.add(lodged.case)
        decided = decision.decide(
            held,
            by=chair,
            panel=candidates(work, held.panel, parts),
            excluded=judged(parts),
            findings={
                code: Found(
                    finding=one.finding,
                    reason=work.text(one.reason, field=f"rulings.{code}.reason", subject=held.provider),
                )
                for code, one in rulings.items()
            },
            remedy=remedy,
            scheme=work.scheme(held.scheme),
            at=command.at,
        )
        work.add(appeal, decided, scheme=held.scheme)
        if decided and remedy:
            carry_through(
                work,
                appeal=appeal,
                case=lodged.case,
                contested=lodged.contested,
                concern=lodged.concern,
                remedy=remedy,
                excluded=frozenset(work.state(appeal).decided.excluded),
                judgements=keep_findings(work, held.provider, judgements or {}),
                reason=work.text(reason, field="reason", subject=held.provider) if reason is not None else None,
            )

    return carry_out(office, command, appeal, step=step)


@permitted
def close_remedy(office: Office, command: Command, *, appeal: str) -> Receipt:
    """Note that what the remedy called for has come to its end. By an appeals officer."""

    def decide(seen: Seen) -> list[AppealEvent]:
        case = seen.appeal.lodging.case
        carried_out = seen.appeal.decided is not None and remedied(seen.work.state(case), appeal)
        return decision.close_remedy(seen.appeal, by=seen.actor, had_part=seen.parts, carried_out=carried_out)

    return by_officer(office, command, appeal, decide)


@permitted
def material(office: Office, command: Command, *, appeal: str) -> Sequence[Recorded]:
    """What was before the decision-maker: the case's events up to the contested decision, and nothing that came later.

    An attempt of anybody else is recorded. For who hears the appeal, for an appeals officer who had no part in it, and for the installer's command line.
    """
    require_plain(command)
    work = Work(office, command, about=appeal)
    work.load(*(one for one in (command.actor, appeal) if is_id(one)))  # where an attempt is noted
    try:
        work.require_permitted()
        held = _readable(work, appeal)
    except Refused as refused:
        note_refusal(work, refused)
        raise
    case = held.lodging.case
    return office.records.load(case, version=held.lodging.version)[case]


def _readable(work: Work, appeal: str) -> Appeal:
    """An appeal whose material the actor may read."""
    held = require_appeal(work, appeal)
    if work.permits("panel"):
        reader = work.acts(_scheme_id(held))
        require_no_conflict(reader, held.provider)
        if reader.id not in held.panel:
            raise refuse("panel-member", "this person does not hear this appeal", field="actor", allowed="its panel")
    elif not by_installer(work.command):
        lodging.require_officer(held, _officer(work, held), had_part=parts_in(work, held.lodging.case, but=appeal))
    return held


def by_officer(office: Office, command: Command, appeal: str, decide: Callable[[Seen], list[AppealEvent]]) -> Receipt:
    """One step of an appeals officer; what they see to is theirs until they have a conflict."""

    def step(work: Work) -> None:
        held = require_appeal(work, appeal)
        officer = _officer(work, held)
        parts = parts_in(work, held.lodging.case, but=appeal)
        done = decide(Seen(held, officer, parts, work.scheme(held.scheme), work))
        work.add(appeal, done, scheme=held.scheme)

    return carry_out(office, command, appeal, step=step)


def _officer(work: Work, held: Matter) -> Person:
    officer = work.acts(_scheme_id(held), among=work.roles("none"))
    require_no_conflict(officer, held.provider)
    return officer


def candidates(
    work: Work, ids: Sequence[str] | Mapping[str, None], parts: Mapping[str, frozenset[str]]
) -> list[Candidate]:
    """These people as far as they are known, with what they did in the case under any account."""
    people = [one for one in work.people(list(ids)) if one.id]
    work.load(*(alias for one in people for alias in one.ids))
    return [
        Candidate(
            person=one,
            parts=frozenset().union(*(parts.get(alias, frozenset()) for alias in one.ids)),
            outsider=unconnected(entry.event for alias in one.ids for entry in work.entries[alias]),
        )
        for one in people
    ]


def _scheme_id(held: Matter) -> str:
    return held.scheme.partition("@")[0]
