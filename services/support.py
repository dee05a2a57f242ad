"""Help before a portfolio is handed in, and questions while it is assessed. Source: handbook, sections 2 and 5."""

from collections.abc import Mapping, Sequence

from domain.conflicts import ON_RECORD, record_fact
from domain.submission import questions, support
from services.acting import permitted
from services.handover import end_work
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import scheme_id


@permitted
def evaluate_oneself(office: Office, command: Command, *, case: str, levels: Mapping[str, str], plan: str) -> Receipt:
    """Record the provider's own evaluation, criterion by criterion, with its action plan. By the lead contact."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        work.acts(scheme.id)
        text = work.text(plan, field="plan", subject=held.registration.provider)
        evaluated = support.evaluate_oneself(held, by=command.actor, scheme=scheme, levels=levels, plan=text)
        work.add(case, evaluated, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def give_guidance(office: Office, command: Command, *, case: str, criteria: Sequence[str], text: str) -> Receipt:
    """Say something of a draft. By an assessor or an officer, who may then neither assess nor moderate that provider.

    The conflict is recorded in the same transaction, and ends what they have in hand of that provider.
    """

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme, provider = work.scheme(held.registration.scheme), held.registration.provider
        adviser = work.acts(scheme.id)
        said = work.text(text, field="text", subject=provider)
        given = support.give_guidance(held, by=adviser, scheme=scheme, criteria=criteria, text=said, at=command.at)
        work.add(case, given, scheme=scheme.ref)
        if provider not in {one.provider for one in adviser.ties.facts.values() if one.kind == "guided"}:
            guided = record_fact(
                adviser.ties,
                kind="guided",
                provider=provider,
                from_at=command.at,
                until_at=None,
                source=ON_RECORD,
                at=command.at,
            )
            work.add(adviser.id, guided)
        end_work(work, adviser.id, provider)

    return carry_out(office, command, case, step=step)


@permitted
def ask_question(office: Office, command: Command, *, case: str, text: str) -> Receipt:
    """Ask the provider something. By the assigned assessor, until the assessment is completed."""

    def step(work: Work) -> None:
        held = work.submission(case)
        actor = work.acts(scheme_id(held))
        asked = work.text(text, field="text", subject=held.registration.provider)
        work.add(case, questions.ask(held, by=actor, text=asked), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def answer_question(office: Office, command: Command, *, case: str, number: int, text: str) -> Receipt:
    """Answer the assessor's question of this number. By the lead contact, until the assessment is completed."""

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts(scheme_id(held))
        said = work.text(text, field="text", subject=held.registration.provider)
        answered = questions.answer(held, by=command.actor, number=number, text=said)
        work.add(case, answered, scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)
