"""Two accounts of one human linked: one goes on, the other ends, and what it had in hand is handed on.

Source: handbook, Who did not decide. What cannot stand any more with both histories in one is undone too: somebody who
assessed a case under one account leaves its panel under the other.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from domain import conflicts, linking, provider, scheme_record, selection
from domain.accreditation.concerns import hand_back
from domain.accreditation.events import ReviewOpened
from domain.appeal.events import PanelNamed
from domain.authority import Authority, looked_at, to_look_at
from domain.complaint import CommitteeFormed
from domain.conflicts import ON_RECORD
from domain.events import NAMES, recorded_names
from domain.meeting import MeetingScheduled
from domain.person import Person, end_role, give_role, release_work
from domain.refusals import refuse
from domain.scrutiny import ScrutinyApproved, ScrutinyProposed
from domain.submission.events import ItemHandedOver, ModerationStarted
from domain.submission.handover import end_for_conflict
from domain.submission.leaving import leave_agenda, leave_item
from domain.submission.moderation import may_moderate
from domain.submission.state import Submission
from services import authority
from services.acting import permitted
from services.handover import end_work
from services.linked_matters import CLOSED, end_leads, leave_matter, led_before
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command
from services.sample import choose_again
from services.schemes import PAGE
from services.watching import matter_of
from services.workforce import follow_lead

_TASKS = tuple(kind for kind in NAMES.values() if "sets" in {one.name for one in fields(kind)})


@permitted
def link_accounts(office: Office, command: Command, *, goes_on: str, other: str, reason: str) -> Receipt:
    """Link two accounts found to be one human, with a reason: `goes_on` is the one that stays, `other` acts no longer.

    By an officer or a quality manager who is neither of the two. What was given to one of them in the very moment is in
    streams that nobody can know of before: it is looked at once more, by a command of its own, since whatever comes later
    sees that they are one. The link sets the task to do so, so that it is done by the authority's process where this stops
    between the two.
    """

    def step(work: Work) -> None:
        actor = work.acts()
        keeper, alias = work.panel([goes_on, other])
        if actor.had_part({*keeper.ids, *alias.ids}):
            raise refuse(
                "not-for-oneself",
                "nobody links accounts of their own",
                field="id",
                allowed="somebody else doing it: " + ", ".join(work.roles("none")),
            )
        why = work.text(reason, field="reason", subject=goes_on)
        if not linking.link(keeper, alias, reason=why):
            return
        _give_back(work, other)
        fell = selection.fall(keeper, alias)
        linked = linking.link(keeper, work.person(other), reason=why)  # with the work that it then still counts
        spoke_for = sorted(one for one in _spoken_for(alias) if other in work.provider(one).contacts)
        _speak_on(work, goes_on, other, spoke_for)
        _end_roles(work, other)
        end_leads(work, other)
        work.add(goes_on, linked)
        work.add(other, linking.close(work.person(other), goes_on=goes_on))
        work.add(goes_on, fell)
        authority.note_link(work, person=goes_on, other=other, fell=[(one.topic, one.kind) for one in fell])
        both, before = (
            replace(one, seen=None) for one in (work.person(goes_on), keeper)
        )  # each case minds its own rule
        for one in sorted(both.conflicts - before.conflicts):
            end_work(work, goes_on, one)
        _leave_what_was_had_twice(work, goes_on, other)
        _submitted_together(work, goes_on, _spoken_for(keeper) | _spoken_for(alias))

    receipt = carry_out(office, command, goes_on, other, step=step)
    again = replace(command, id=f"{command.id}/again", seen=None)
    carry_out(office, again, authority.authority_id(goes_on), goes_on, step=lambda work: _look_again(work, goes_on))
    return receipt


def look_again(office: Office, command: Command, *, case: str) -> Receipt:
    """Look once more at what linked accounts have in hand, and undo what can't stand. By the process of the person's authority."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held: Authority = matter_of(work, case)
        _look_again(work, held.person)

    return carry_out(office, command, case, step=step)


def _look_again(work: Work, person: str) -> None:
    id = authority.authority_id(person)
    for other in to_look_at(work.state(id)):
        _leave_what_was_had_twice(work, person, other)
        for department in led_before(work, other):
            follow_lead(work, department)
        work.add(id, looked_at(work.state(id), other=other))


def _give_back(work: Work, other: str) -> None:
    """Give back what the account has in hand as an assessor or a blind marker; the rule chooses again."""
    in_hand = sorted(work.person(other).in_hand)
    work.load(*in_hand)
    for case in in_hand:
        _end_assessment(work, other, case)


def _end_assessment(work: Work, person: str, case: str) -> None:
    held = work.submission(case)
    ended = end_for_conflict(held, person=person, reason=CLOSED)
    if ended:
        work.add(person, release_work(work.person(person), submission=case, reason=CLOSED))
        work.add(case, ended, scheme=held.registration.scheme)
    elif held.marker == person:
        choose_again(work, held, reason=CLOSED)


def _speak_on(work: Work, goes_on: str, other: str, providers: list[str]) -> None:
    """Let the account that goes on speak for the providers that the other one spoke for, under the same schemes."""
    for one in providers:
        work.add(one, provider.name_contact(work.provider(one), person=goes_on))
        work.add(one, provider.end_contact(work.provider(one), person=other))
    for role, scheme in sorted(work.person(other).roles, key=str) if providers else ():
        if role == "provider":
            work.add(goes_on, give_role(work.person(goes_on), role=role, scheme=scheme, at=work.command.at))


def _end_roles(work: Work, other: str) -> None:
    """End all that the account may do; the schemes take it off their lists."""
    for role, scheme in sorted(work.person(other).roles, key=str):
        work.add(other, end_role(work.person(other), role=role, scheme=scheme))
        authority.end_appointment(work, person=other, role=role, scheme=scheme)
        if scheme is not None:
            record = work.scheme_record(scheme)
            work.add(scheme_stream(scheme), scheme_record.end_authority(record, person=other, role=role))


def _leave_what_was_had_twice(work: Work, goes_on: str, other: str) -> None:
    """Take both accounts off the items, agendas, reviews and tasks that they can't have any more."""
    for case in sorted(work.person(goes_on).in_hand):
        held = work.submission(case)
        if held.assessor == goes_on and work.person(goes_on).had_part(
            held.former_assessors | held.advisers | held.calibrators | held.excluded
        ):
            _end_assessment(work, goes_on, case)
    items, meetings, awards, matters = _where(work.office, {goes_on, other})
    work.load(*items, *meetings, *awards, *matters)
    for meeting in sorted(meetings):
        for item in work.meeting(meeting).items:
            _leave(work, work.submission(item), goes_on, other)
    for item in sorted(items):
        _leave(work, work.submission(item), goes_on, other)
    for award in sorted(awards):
        _hand_reviews_back(work, award, goes_on, other)
    for matter in sorted(matters):
        leave_matter(work, matter, goes_on, other)


def _leave(work: Work, held: Submission, *people: str) -> None:
    scheme = work.scheme(held.registration.scheme)
    for person in people:
        now, at = work.submission(held.id), work.command.at
        if may_moderate(now, work.seen(work.person(person), scheme), scheme, at):
            continue
        if now.listed:
            meeting = work.meeting(now.listed)
            panel = [work.seen(one, scheme) for one in work.panel(meeting.panel)]
            left = leave_agenda(now, meeting=meeting, person=person, panel=panel, scheme=scheme, at=at)
        else:
            members = now.moderation.panel if now.moderation else ()
            panel = [work.seen(one, scheme) for one in work.panel(members)]
            left = leave_item(now, person=person, panel=panel, scheme=scheme, at=at)
        work.add(held.id, left, scheme=scheme.ref)


def _hand_reviews_back(work: Work, award: str, goes_on: str, other: str) -> None:
    held = work.accreditation(award)
    scheme, keeper = work.scheme(held.scheme), work.person(goes_on)
    work.add(award, hand_back(held, person=other, scheme=scheme, at=work.command.at), scheme=held.scheme)
    own = [one for one in held.concerns.values() if keeper.had_part({one.raised_by, one.entered_by})]
    if any(one.reviewer == goes_on for one in own):
        work.add(award, hand_back(held, person=goes_on, scheme=scheme, at=work.command.at), scheme=held.scheme)


def _spoken_for(person: Person) -> set[str]:
    """The providers for which somebody speaks or spoke."""
    facts = person.ties.facts.values()
    return {one.provider for one in facts if (one.kind, one.source) == ("employed", ON_RECORD)}


def _submitted_together(work: Work, goes_on: str, providers: set[str]) -> None:
    """Whoever speaks or spoke for one of these providers submitted together with this human, who speaks for the others too."""
    work.load(*sorted(providers))
    for one in sorted(providers) if len(providers) > 1 else ():
        colleagues = (work.provider(one).contacts | work.provider(one).former) - work.person(goes_on).ids
        for colleague in sorted(colleagues):
            for other in sorted(providers - {one} - _spoken_for(work.person(colleague))):
                together = conflicts.record_fact(
                    work.person(colleague).ties,
                    kind="submitted-together",
                    provider=other,
                    from_at=work.command.at,
                    until_at=None,
                    source=ON_RECORD,
                    at=work.command.at,
                )
                work.add(colleague, together)
                end_work(work, colleague, other)


def _where(office: Office, people: set[str]) -> tuple[set[str], set[str], set[str], set[str]]:
    """The items, meetings, awards and other matters in which these people had something to do, looked for in the whole log.

    Accounts are linked a few times in a body's life.
    """
    items, meetings, awards, matters = set(), set(), set(), set()
    for stream, event in _log(office, ModerationStarted, ItemHandedOver, MeetingScheduled, ReviewOpened, *_TASKS):
        match event:
            case ModerationStarted() if people & set(event.panel):
                items.add(stream)
            case ItemHandedOver() if event.chair in people:
                items.add(stream)
            case MeetingScheduled() if people & set(event.panel):
                meetings.add(stream)
            case ReviewOpened() if event.reviewer in people:
                awards.add(stream)
            case PanelNamed() if people & {*event.panel, event.officer}:
                matters.add(stream)
            case CommitteeFormed() if people & set(event.members):
                matters.add(stream)
            case ScrutinyProposed() if people & {event.person, event.proposer, event.scrutineer}:
                matters.add(stream)
            case ScrutinyApproved() if event.approver in people:
                matters.add(stream)
            case _ if people & {one.who for one in getattr(event, "sets", ())}:
                matters.add(stream)
    return items, meetings, awards, matters


def _log(office: Office, *kinds: type[Any]) -> Iterator[tuple[str, Any]]:
    after, names = 0, [name for kind in kinds for name in recorded_names(kind)]
    while page := office.records.read_log(after, PAGE, names):
        for one in page:
            yield one.stream, one.event
        after = page[-1].position
