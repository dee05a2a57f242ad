"""Who else was touched by what an upheld appeal found wrong: searched for, dealt with, closed by somebody else.

Source: handbook, section 12.
"""

from collections.abc import Mapping, Sequence

from domain.appeal import others
from domain.appeal.causes import checked_cause, touched_by
from domain.appeal.events import AppealEvent
from domain.appeal.state import Appeal
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from services.acting import permitted
from services.appeals import Seen, by_officer
from services.contested import parts_in, provider_and_scheme, recorded, require_appeal
from services.development import note_need
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command, Touched


@permitted
def search_others(
    office: Office, command: Command, *, appeal: str, causes: Sequence[tuple[str, str]], touched: Touched
) -> Receipt:
    """Find every other case that one of `causes` (kind and value) touched, and keep the list. By an appeals officer.

    A cause is one that touched the contested case, so that a slip of the pen does not find nothing.
    """

    def decide(seen: Seen) -> list[AppealEvent]:
        case = seen.appeal.lodging.case
        named = [checked_cause(kind, value) for kind, value in causes]
        own = {cause for one in recorded(seen.work, case) for cause in touched_by(one)}
        for cause in named:
            if cause not in own:
                raise refuse(
                    "cause-of-this-case",
                    f"the {cause.kind} {cause.value} did not touch the contested case",
                    field="causes",
                    allowed=", ".join(f"{one.kind} {one.value}" for one in sorted(own)),
                )
        found = touched.cases([(one.kind, one.value) for one in named])
        return others.find_others(
            seen.appeal,
            by=seen.actor,
            had_part=seen.parts,
            causes=named,
            cases=found.cases,
            searched_to=found.searched_to,
            scheme=seen.scheme,
            at=command.at,
        )

    return by_officer(office, command, appeal, decide)


@permitted
def deal_with_other(office: Office, command: Command, *, appeal: str, other: str, action: str, done: str) -> Receipt:
    """Say what was done about another case. By an officer, or an appeals officer, without a conflict with its provider.

    Nor anybody who had a part in the contested case.
    """

    def step(work: Work) -> None:
        held, actor, provider = _on_other(work, appeal, other)
        dealt = others.deal_with(
            held,
            by=actor,
            had_part=parts_in(work, held.lodging.case, but=appeal),
            provider=provider,
            case=other,
            action=action,
            done=work.text(done, field="done", subject=provider),
        )
        work.add(appeal, dealt, scheme=held.scheme)

    return carry_out(office, command, appeal, step=step)


@permitted
def close_other(office: Office, command: Command, *, appeal: str, other: str) -> Receipt:
    """Find what was done about another case enough. By one of those roles too who may, and by somebody else."""

    def step(work: Work) -> None:
        held, actor, provider = _on_other(work, appeal, other)
        parts = parts_in(work, held.lodging.case, but=appeal)
        closed = others.close_other(held, by=actor, had_part=parts, provider=provider, case=other)
        work.add(appeal, closed, scheme=held.scheme)

    return carry_out(office, command, appeal, step=step)


@permitted
def cpd_follows(office: Office, command: Command, *, appeal: str, topic: str, needs: Mapping[str, str]) -> Receipt:
    """Name what people who had a part in the contested case have to learn from it, on a topic (a code). By an appeals officer.

    It is noted as a need of theirs in the same transaction.
    """

    def decide(seen: Seen) -> list[AppealEvent]:
        if not needs:
            raise refuse(
                "people-concerned",
                "nobody is named",
                field="needs",
                allowed="one person or more who had a part in the contested case, each with what they need",
            )
        named: list[AppealEvent] = []
        for person, need in needs.items():
            said = seen.work.text(need, field=f"needs.{person}", subject=person)
            follows = others.name_follow_up(
                seen.appeal, by=seen.actor, had_part=seen.parts, person=person, topic=topic, need=said
            )
            named += follows
            if follows:
                note_need(seen.work, person=person, topic=topic, source="appeal", text=said, matter=appeal)
        return named

    return by_officer(office, command, appeal, decide)


def _on_other(work: Work, appeal: str, other: str) -> tuple[Appeal, Person, str]:
    held = require_appeal(work, appeal)
    actor = work.acts(held.scheme.partition("@")[0])
    if other not in (held.others or {}):
        return held, actor, held.provider  # which the decision refuses by name
    require_no_conflict(actor, held.provider)
    provider, scheme = provider_and_scheme(work, other)
    return held, work.seen(actor, work.scheme(scheme)), provider
