"""What events of matters with tasks say in words: tasks moved and handed over, letters held back, policies published and reviewed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import letter_events, policy, tasks
from projections.words import plain, task, time, token


def who(one: str) -> str:
    """Return who has a task in words: a person's token, or the role."""
    return token("person", one) if one.startswith("person-") else f"the {plain(one)}" if one != "operations" else one


def _handed_over(event: tasks.TaskHandedOver) -> str:
    moved = "; ".join(f"{task(one.rule)} now falls to {who(one.who)}" for one in event.sets)
    said = f"Because of {plain(event.because)}, {moved}"
    return f"{said}: {token('text', event.reason.id)}" if event.reason else f"{said}."


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    tasks.TaskMoved: lambda o: (
        " ".join(f"The deadline for {task(one.rule)} was moved to {time(one.due_at)}:" for one in o.sets)
        + f" {token('text', o.reason.id)}"
    ),
    tasks.TaskHandedOver: _handed_over,
    letter_events.LetterHeldBack: lambda o: f"A letter was held back: {token('text', o.reason.id)}",
    letter_events.LetterReleased: lambda o: f"A letter that was held back may go: {token('text', o.reason.id)}",
    letter_events.LetterSentNow: lambda o: f"A letter was to go at once: {token('text', o.reason.id)}",
    letter_events.LetterBounced: lambda o: f"A letter came back: {token('text', o.reason.id)}",
    policy.PolicyPublished: lambda o: f"Version {o.version} of the {plain(o.kind)} policy was put in force.",
    policy.PolicyReviewed: lambda o: (
        f"{token('person', o.by)} reviewed the policy, which {'stands' if o.result == 'stands' else 'is to change'}:"
        f" {token('text', o.note.id)}"
    ),
}
