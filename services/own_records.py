"""What keeps names and addresses: of people, of providers, and of who came with a matter; and who has to be released first.

Source: handbook, Retention.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.ids import kind_of
from domain.pay import PayEarned, PayPaid
from domain.person import Person, RoleEnded
from domain.refusals import refuse
from domain.retention.keeping import Part, Until, award_runs_until, person_kept, provider_kept
from domain.retention.kinds import OF_STREAMS, ids_in
from domain.submission.state import Submission
from domain.terms import ALWAYS, Term
from services.keeping import OPEN_MATTER, Facts

CASES = ("submission", "accreditation")


def read_subjects(facts: Facts, subjects: Iterable[str]) -> None:
    """Read all that the records of these subjects go by, in few round trips."""
    subjects = list(subjects)
    facts.name(subjects)
    facts.read([*subjects, *(one for subject in subjects for one in facts.naming(subject, "provider"))])
    facts.read_cases([one for subject in subjects for one in facts.naming(subject, *CASES)])


def own_kind(subject: str) -> str:
    """The kind of record that the names and addresses of a subject are."""
    kind = kind_of(subject)
    own = {"person": "people", "provider": "providers", "concern": "awards"}
    return own.get(kind) or OF_STREAMS.get(kind, "governance")


def own_until(facts: Facts, subject: str) -> list[Until]:
    """Everything that still keeps the names and addresses of a person, of a provider, or of who came with a matter."""
    if held := facts.held(subject):
        return [held]
    match kind_of(subject):
        case "person":
            bound = [] if why_bound(facts, subject) is None else [Until(ground="running-case")]
            return person_until(facts, subject) or bound
        case "provider":
            kept = _provider_until(facts, subject)
        case _:
            kept = _came_with(facts, subject)
    return [] if kept.past(facts.at) else [kept]


def person_until(facts: Facts, id: str) -> list[Until]:
    """Everything that keeps a person's own record, the rule of its kind first where that keeps it.

    Who alone speaks for a provider of which nothing is live has acted for it until the last of its cases and awards ended.
    """
    cases = facts.naming(id, "submission")
    facts.read([id])
    facts.read_cases(cases)
    person: Person = facts.state(id)
    events = facts.streams[id]
    ended = [one.at for one in events if isinstance(one.event, RoleEnded)]
    paid = [one.at for one in events if isinstance(one.event, (PayEarned, PayPaid))]
    acts = bool(person.roles) and (
        _body_roles(person, facts.at) != [] or any(live(facts, one) for one in _speaks_for(facts, id))
    )
    last = [one for provider in _speaks_for(facts, id) for one in _ends(facts, provider) if one]
    return person_kept(
        person,
        acts=acts,
        since=max([events[0].at if events else facts.at, *ended, *_terms_over(person, facts.at), *last]),
        parts=[_part(facts, one) for one in cases],
        paid_at=max(paid, default=None),
        named_in_open=id in facts.matters,
        policy=facts.content,
        calendar=facts.policy.calendar,
        at=facts.at,
    )


def live(facts: Facts, provider: str) -> bool:
    """Has the provider a case that runs, or an award?"""
    return any(one is None or one > facts.at for one in _ends(facts, provider))


def require_released(facts: Facts, person: str) -> None:
    """Refuse to erase somebody who still acts for the body or for a provider with something live, or is reminded there.

    Who alone speaks for a provider of which nothing is live needs nobody in their place; nor does who only left an address.
    """
    if kind_of(person) != "person":
        return
    if why := why_bound(facts, person):
        reason, allowed = why
        raise refuse("erase-after-roles", reason, field="subject", allowed=allowed)


def why_bound(facts: Facts, person: str) -> tuple[str, str] | None:
    """Why a person can't be erased yet, and what has to be done first; None where nothing binds them."""
    if roles := _body_roles(facts.state(person), facts.at):
        return f"this person still acts as {', '.join(roles)}", "ending roles first"
    if tasks := [matter for matter, told in facts.shelves.tasks_of(person) if told]:
        return f"this person still has a task in {tasks[0]}", "handing it over, or ending it, first"
    for provider in facts.naming(person, "provider"):
        speaks = person in facts.state(provider).contacts or _leads(facts, provider, person)
        if speaks and live(facts, provider):
            return (
                "this person speaks for a provider with a live case or award",
                "naming another contact, and lead contact, first; then ending this one",
            )
    return None


def _body_roles(person: Person, at: datetime) -> list[str]:
    """The roles in which a person acts for the body, or is to; not those whose term is over, which nobody has to end."""
    return sorted({one[0] for one in person.roles if one[0] != "provider" and not _term(person, one).ended(at)})


def _terms_over(person: Person, at: datetime) -> list[datetime]:
    """When the terms ended that are over."""
    terms = [_term(person, one) for one in person.roles]
    return [one.ends_at for one in terms if one.ends_at and one.ended(at)]


def _term(person: Person, role: tuple[str, str | None]) -> Term:
    return person.terms.get(role, ALWAYS)


def _speaks_for(facts: Facts, person: str) -> list[str]:
    """The providers of which a person is a contact."""
    return [one for one in facts.naming(person, "provider") if person in facts.state(one).contacts]


def _leads(facts: Facts, provider: str, person: str) -> bool:
    """Does the person lead a case or an award of the provider?"""
    cases = facts.naming(provider, *CASES)
    facts.read(cases)
    states = [facts.state(one) for one in cases]
    leads = {one.registration.lead_contact if isinstance(one, Submission) else one.lead_contact for one in states}
    return person in leads


def _ends(facts: Facts, provider: str) -> list[datetime | None]:
    """When each of a provider's cases and awards ended or will end (UTC); None for one that runs without an end."""
    cases = facts.naming(provider, *CASES)
    facts.read(cases)
    return [_case_ended(facts, one) for one in cases]


def _case_ended(facts: Facts, case: str) -> datetime | None:
    if kind_of(case) == "submission":
        return facts.ended_at(case)
    award = facts.award(case)
    return max((one.ends_at for one in award.periods), default=award.withdrawn_at)


def _provider_until(facts: Facts, provider: str) -> Until:
    facts.read([provider])
    events = facts.streams[provider]
    return provider_kept(
        ended_at=_ends(facts, provider),
        known_at=events[0].at if events else facts.at,
        rule=facts.content.rules["providers"],
        calendar=facts.policy.calendar,
    )


def came_with(facts: Facts, subject: str) -> str:
    """The stream of what somebody came with: the award that a concern is about, or the complaint itself."""
    awards = facts.naming(subject, "accreditation") if kind_of(subject) == "concern" else []
    return awards[0] if awards else subject


def _came_with(facts: Facts, subject: str) -> Until:
    """Until when the names of who came with a matter are kept: as its texts are; with a concern, as those of its award."""
    stream = came_with(facts, subject)
    facts.read_cases([stream])
    since = [one.at for one in facts.streams[stream] if stream == subject or subject in ids_in(one.event)]
    if not since:
        return Until(ground=OPEN_MATTER)  # the index has not seen it yet
    return facts.held(stream) or facts.until(stream, facts.content.rules[own_kind(subject)], since[0])


def _part(facts: Facts, case: str) -> Part:
    ends_at = award_runs_until(facts.award(facts.award_of(case)), case)
    return Part(over=facts.state(case).over, award_ends_at=ends_at)
