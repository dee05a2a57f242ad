"""Arrangements by which somebody acts in one case in spite of a conflict, watched by somebody independent.

Source: handbook, Who did not decide. What was granted stands in the person's own stream, where `require_no_conflict` sees it.
"""

from collections.abc import Sequence

from domain import scrutiny
from domain.accreditation.state import require_accreditation
from domain.conflicts import ScrutinyGranted
from domain.ids import derived_id, is_id
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scrutiny import Scrutiny
from services.accreditations import assessors_of
from services.acting import permitted
from services.contested import parts_in
from services.leaving import end_granted
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.watching import matter_of


def scrutiny_id(command_id: str) -> str:
    """The id of the arrangement that the proposing command with this id creates."""
    return derived_id("scrutiny", command_id)


@permitted
def propose_scrutiny(
    office: Office, command: Command, *, person: str, case: str, role: str, scrutineer: str, reason: str
) -> Receipt:
    """Propose (`scrutiny_id(command.id)`) that a person with a conflict acts in `role` in a case, watched by `scrutineer`.

    `case` is a submission or an award. By an officer who is not the person and has no conflict.
    """
    id = scrutiny_id(command.id)

    def step(work: Work) -> None:
        provider, ref, assessed = _case(work, case)
        scheme = work.scheme(ref)
        proposer = work.acts(scheme.id)
        who, watches = work.panel([person, scrutineer])
        proposed = scrutiny.propose(
            work.state(id),
            id=id,
            person=work.seen(who, scheme),
            case=case,
            provider=provider,
            role=role,
            scrutineer=work.seen(watches, scheme),
            proposer=work.seen(proposer, scheme),
            had_part=_parts(work, case),
            assessed=assessed,
            reason=work.text(reason, field="reason", subject=person),
            scheme=scheme,
            at=command.at,
        )
        work.add(id, proposed, scheme=scheme.ref)

    return carry_out(office, command, id, case, person, scrutineer, step=step)


@permitted
def approve_scrutiny(office: Office, command: Command, *, case: str) -> Receipt:
    """Approve an arrangement; the second of two others grants it. By officers, quality managers or the board."""

    def step(work: Work) -> None:
        held = _held(work, case)
        scheme = work.scheme(held.scheme)
        by = work.acts(scheme.id)
        parties = dict(zip(held.taking_part, _seen(work, held.taking_part, held), strict=True))
        approved = scrutiny.approve(
            held,
            by=work.seen(by, scheme),
            before=_seen(work, held.approvers, held),
            parties=parties,
            had_part=_parts(work, held.case),
            scheme=scheme,
            at=command.at,
        )
        work.add(case, approved, scheme=scheme.ref)
        for one in approved:
            if isinstance(one, scrutiny.ScrutinyApproved) and one.until_at:
                granted = ScrutinyGranted(
                    scrutiny=case,
                    provider=held.provider,
                    case=held.case,
                    role=held.role,
                    scrutineer=held.scrutineer,
                    until_at=one.until_at,
                )
                work.add(held.person, [granted])

    return carry_out(office, command, case, step=step)


@permitted
def end_scrutiny(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """End an arrangement at any time, with a reason. By who may approve one, or who takes part in it."""

    def step(work: Work) -> None:
        held = _held(work, case)
        if command.actor in (held.person, held.scrutineer):
            work.unmoved.add(command.actor)
            work.acts_in_own_role()
        else:
            require_no_conflict(work.acts(work.scheme(held.scheme).id, among=work.roles("none")), held.provider)
        end_granted(work, held, scrutiny.end(held, reason=work.text(reason, field="reason", subject=held.person)))

    return carry_out(office, command, case, step=step)


@permitted
def sign_scrutiny(office: Office, command: Command, *, case: str, statement: str) -> Receipt:
    """Sign what was seen, which ends the arrangement. By its scrutineer, in any role that they hold."""

    def step(work: Work) -> None:
        held = _held(work, case)
        work.unmoved.add(command.actor)
        by = work.acts_in_own_role()
        said = work.text(statement, field="statement", subject=held.person)
        end_granted(work, held, scrutiny.sign(held, by=by, statement=said))

    return carry_out(office, command, case, step=step)


def _parts(work: Work, case: str) -> frozenset[str]:
    """Everyone who did anything in the case, or was on a panel of it without acting."""
    work.load(case)
    return frozenset({one.actor for one in work.entries[case]} | parts_in(work, case).keys())


def _held(work: Work, case: str) -> Scrutiny:
    if not is_id(case, "scrutiny"):
        raise refuse(
            "known-matter", "this is no arrangement of scrutiny", field="case", allowed="an id such as scrutiny-…"
        )
    held: Scrutiny = matter_of(work, case)
    return held


def _seen(work: Work, people: Sequence[str], held: Scrutiny) -> list[Person]:
    scheme = work.scheme(held.scheme)
    return [work.seen(one, scheme) for one in work.panel(people)]


def _case(work: Work, case: str) -> tuple[str, str, frozenset[str]]:
    """The provider of a case, the scheme version it is under, and who assessed it or had it in hand."""
    if is_id(case, "accreditation"):
        award = work.accreditation(case)
        require_accreditation(award)
        return award.provider, award.scheme, assessors_of(work, award)
    held = work.submission(case)
    had = {held.assessor, *held.former_assessors, *held.calibrators}
    return held.registration.provider, held.registration.scheme, frozenset(one for one in had if one)
