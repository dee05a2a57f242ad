"""What events of the workforce say in words: a person's plan, needs and activities, leads of departments, and reports."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain import policy, rounds
from domain.development import events as e
from projections.words import counted, listed, money, plain, time, token


def _person(id: str) -> str:
    return token("person", id)


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _topics(topics: Sequence[str]) -> str:
    return listed([f"*{plain(one)}*" for one in topics])


def _need_noted(event: e.NeedNoted) -> str:
    came = f" ({token('case', event.matter)})" if event.matter else ""
    found = "which makes it a need of the plan" if event.found else "which other sources are still to confirm"
    return (
        f"{_person(event.by)} noted a need of {_person(event.person)} on *{plain(event.topic)}*, from"
        f" {plain(event.source)}{came}, {found}: {_text(event.text)}"
    )


def _plan_opened(event: e.PlanOpened) -> str:
    carried = f" Carried over: {_topics(event.carried)}." if event.carried else ""
    return (
        f"A plan was opened for {_person(event.person)} in {plain(event.department)}, their period {event.period}, from"
        f" {time(event.starts_at)} to {time(event.ends_at)}, under the policy {plain(event.policy.replace('@', ', version '))}.{carried}"
    )


def _activity_proposed(event: e.ActivityProposed) -> str:
    return (
        f"{_person(event.by)} proposed an activity ({plain(event.kind)}) for {_topics(event.topics)}, “{_text(event.title)}” by"
        f" “{_text(event.trainer)}” ({plain(event.quality)}), {counted(event.minutes, 'minute')},"
        f" {money(event.cost, event.currency)}, to be over by {time(event.planned_at)}; of its quality: {_text(event.statement)}"
    )


def _answered(event: e.QuestionnaireAnswered) -> str:
    scores = listed([f"{plain(one.question)} {one.score}" for one in event.ratings])
    return f"The questionnaire on the activity was answered, from 1 to 5: {scores}."


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    policy.DepartmentLeadNamed: lambda o: f"{_person(o.lead)} leads {plain(o.department)} from now on.",
    policy.DepartmentLeadEnded: lambda o: f"{_person(o.lead)} leads {plain(o.department)} no longer.",
    policy.ReportMade: lambda o: (
        f"{_person(o.by)} made the report of {plain(o.scope)}"
        f"{f' from {time(o.since_at)}' if o.since_at else ''} up to {time(o.until_at)}."
    ),
    rounds.ConflictsAskedAbout: lambda o: (
        f"Everybody who works for the body, under {counted(len(o.people), 'account')}, was asked whether the conflicts"
        f" that they declared are all; that is asked again at {time(o.sets[-1].due_at)}."
    ),
    rounds.YearLookedAt: lambda o: (
        f"The year {o.year} was looked at. Missing: {listed([f'{plain(one.what)} for {one.scheme}' for one in o.lacks])}."
        f" It is looked at again at {time(o.sets[-1].due_at)}."
    ),
    rounds.YearMadeUpFor: lambda o: f"{plain(o.what).capitalize()} for {o.scheme} is there for {o.year}.",
    policy.ReportNoted: lambda o: f"{_person(o.by)} noted a report.",
    e.NeedNoted: _need_noted,
    e.PlanOpened: _plan_opened,
    e.PlanAgreed: lambda o: f"{_person(o.by)} agreed the plan.",
    e.PlanClosed: lambda o: (
        f"Period {o.period} of the plan ended; needs met: {_topics(o.met)}; carried over: {_topics(o.unmet)}."
    ),
    e.DevelopmentEnded: lambda o: f"{_person(o.by)} ended the plan for good: {_text(o.reason)}",
    e.DepartmentChanged: lambda o: f"The person is in {plain(o.department)} from now on.",
    e.NeedMet: lambda o: f"{_person(o.by)} found the need on *{plain(o.topic)}* met.",
    e.ActivityProposed: _activity_proposed,
    e.ActivityApproved: lambda o: f"{_person(o.by)} approved the activity.",
    e.ActivityDeclined: lambda o: f"{_person(o.by)} declined the activity: {_text(o.reason)}",
    e.ActivityDropped: lambda o: f"{_person(o.by)} noted that the activity does not take place: {_text(o.reason)}",
    e.ActivityCompleted: lambda o: (
        f"{_person(o.by)} recorded that the activity was over by {time(o.done_at)}; it took"
        f" {counted(o.minutes, 'minute')}."
    ),
    e.QuestionnaireAnswered: _answered,
    e.ReflectionWritten: lambda o: f"The person reflected on the activity: {_text(o.text)}",
    e.ImpactReviewed: lambda o: (
        f"{_person(o.by)} reviewed the impact of the activity, which"
        f" {'had it' if o.impact == 'had' else 'had it in part' if o.impact == 'partly' else 'had none'}: {_text(o.note)}"
    ),
}
