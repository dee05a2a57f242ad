"""What questionnaires about cases and proposals to change criteria say in words. No score stands in a sentence."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import learning, proposal
from projections.words import counted, listed, people, plain, time, token


def _by(event: Any) -> str:
    return f" by {time(max(one.due_at for one in event.sets))}" if event.sets else ""


def _text(ref: Any) -> str:
    return token("text", ref.id)


def _made(event: proposal.ProposalMade) -> str:
    rests = [token("case", one) for one in event.evidence]
    rests += [f"what is said here: {_text(event.grounds)}"] if event.grounds else []
    return (
        f"{token('person', event.proposer)} proposed to change {listed(event.criteria)} of {event.scheme}, to be considered"
        f"{_by(event)} ({_text(event.text)}), resting on {listed(rests)}{'' if event.grounds else '.'}"
    )


def _considered(event: proposal.ProposalConsidered) -> str:
    again = f", to be considered again{_by(event)}" if event.sets else ""
    return f"{token('person', event.considerer)} {plain(event.result)} the proposal{again}: {_text(event.reason)}"


def _answered(event: learning.QuestionnaireAnswered) -> str:
    said = f"{token('person', event.person)} answered the questionnaire as {plain(event.role)}"
    said += f" ({counted(event.minutes_spent, 'minute')} spent on the case)"
    return f"{said}: {_text(event.comment)}" if event.comment else f"{said}."


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    learning.QuestionnaireSent: lambda o: (
        f"{people([one.person for one in o.asked])} were asked how it was with {token('case', o.case)}{_by(o)}."
    ),
    learning.QuestionnaireAnswered: _answered,
    learning.QuestionnaireLapsed: lambda o: f"{token('person', o.person)} did not answer the questionnaire.",
    proposal.ProposalMade: _made,
    proposal.ProposalConsidered: _considered,
    proposal.ProposalTakenUp: lambda o: f"{o.scheme} took the proposal up: it changed {listed(o.criteria)}.",
    proposal.ProposalWithdrawn: lambda _: "The proposal was withdrawn.",
}
"""The kinds of events of both, and the sentence of each."""
