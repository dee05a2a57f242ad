"""After a result everyone who had a part is asked once how it was and how long it took; nobody who does not answer is reproached.

Source: handbook, section 14. Answers stand in a stream of their own and change nothing of the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace
from domain.submission.state import Submission
from domain.tasks import NOBODY, Matter, Task, TaskHandedOver, TaskMoved, follow, named, set_task
from domain.texts import TextRef

ANSWER: Final = "answer-case-questionnaire-within"
"""The rule of the task to answer."""
_SITTING: Final = ("papers-in-time", "judgements-reasoned", "time-enough", "discussion-fair")
QUESTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "provider": ("guidance-clear", "criteria-clear", "contact-helpful", "report-useful", "worth-the-effort"),
    "assessor": ("portfolio-complete", "criteria-clear", "evidence-findable", "time-enough"),
    "chair": _SITTING,
    "moderator": _SITTING,
}
"""By role the questions of its questionnaire, each answered by a score."""
SCORES: Final = (1, 2, 3, 4, 5)
"""From `not at all` to `entirely`."""
MOST_MINUTES: Final = 60_000
"""More minutes than anybody spends on one case."""
NAMES_SEEN_BY: Final = ("quality-manager", "board")
"""The roles that see who answered what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A person who had a part in the case, in this role."""

    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The answer to one question, from 1 to 5."""

    question: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireSent:
    """Those who had a part in `case`, and were not asked before, were asked how it was, once its result was told."""

    learning: str
    case: str
    scheme: str
    asked: tuple[Asked, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireAnswered:
    """A person said how it was, and how many minutes the case took them."""

    person: str
    role: str
    scores: tuple[Score, ...]
    comment: TextRef | None
    minutes_spent: int
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireLapsed:
    """The time to answer passed; nothing follows for who did not."""

    person: str
    ends: tuple[str, ...]


LearningEvent = (
    QuestionnaireSent
    | QuestionnaireAnswered
    | QuestionnaireLapsed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Learning(Matter):
    """The state of what is asked about one case: who was asked in which role, and what they answered.

    It is nobody's affair: a conflict that somebody has since keeps them from nothing here.
    """

    case: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    answers: dict[str, QuestionnaireAnswered] = field(default_factory=dict)

    time_up: ClassVar[Mapping[str, str]] = {ANSWER: "close_learning"}


def evolve(learning: Learning, event: LearningEvent) -> Learning:
    """Apply one event. It is over when nobody is left to answer."""
    tasks = follow(learning.tasks, event)
    open_ = bool(tasks.running)
    learning = replace(learning, tasks=tasks, over=not open_, stage="asked" if open_ else "closed")
    match event:
        case QuestionnaireSent():
            return replace(
                learning,
                id=event.learning,
                case=event.case,
                scheme=event.scheme,
                asked=learning.asked | {one.person: one.role for one in event.asked},
            )
        case QuestionnaireAnswered():
            return replace(learning, answers={**learning.answers, event.person: event})
        case QuestionnaireLapsed() | TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return learning
        case _:
            assert_never(event)


def who_had_a_part(case: Submission) -> tuple[Asked, ...]:
    """Everyone to be asked about a case, each once, in the role of their greatest part in it."""
    parts = [("provider", [case.registration.lead_contact]), ("assessor", [case.assessor] if case.assessor else [])]
    if case.moderation is not None:
        parts += [("chair", [case.moderation.chair]), ("moderator", sorted(case.moderation.panel))]
    asked: dict[str, str] = {}
    for role, people in parts:
        for person in people:
            asked.setdefault(person, role)
    return tuple(Asked(person=person, role=role) for person, role in asked.items())


def send(learning: Learning, *, id: str, case: Submission, scheme: Scheme, at: datetime) -> list[LearningEvent]:
    """Ask everyone who had a part in a case, once its result is told; each of them once.

    Where an appeal brings a second result, those who came to it since are asked too.
    """
    asked = tuple(one for one in who_had_a_part(case) if one.person not in learning.asked)
    if not asked:
        return []
    rules = scheme.assurance.learning
    return [
        QuestionnaireSent(
            learning=id,
            case=case.id,
            scheme=case.registration.scheme,
            asked=asked,
            sets=tuple(
                set_task(
                    ANSWER,
                    who=one.person,
                    start=at,
                    within=rules.answer_within,
                    calendar=scheme.calendar,
                    remind=rules.remind,
                    about=one.person,
                    told=NOBODY,
                )
                for one in asked
            ),
        )
    ]


def answer(
    learning: Learning, *, by: str, role: str, scores: Mapping[str, int], comment: TextRef | None, minutes_spent: int
) -> list[LearningEvent]:
    """Answer: a score for each question of the role, the minutes that the case took, and a comment if one likes.

    By who was asked, in the role in which they were, and in time.
    """
    _require_known(learning)
    if learning.asked.get(by) != role:
        raise refuse(
            "questionnaire-asked",
            f"this person was not asked as {role}",
            field="actor",
            allowed="who had a part in the case, in the role that they had in it",
        )
    answered = QuestionnaireAnswered(
        person=by,
        role=role,
        scores=_checked(role, scores),
        comment=comment,
        minutes_spent=_checked_minutes(minutes_spent),
        ends=(named(ANSWER, by),),
    )
    given = learning.answers.get(by)
    if given == answered:
        return []
    if given is not None or named(ANSWER, by) not in learning.tasks.running:
        raise refuse(
            "questionnaire-open",
            "the questionnaire is answered" if given else "the time to answer is over",
            field="learning",
            allowed="one answer, in time",
        )
    return [answered]


def close(learning: Learning, *, at: datetime) -> list[LearningEvent]:
    """Let the questionnaires of those who did not answer in time lapse. By its process."""
    _require_known(learning)
    late = [one for one in learning.tasks.running.values() if one.due_at <= at]
    return [QuestionnaireLapsed(person=one.about, ends=(one.name,)) for one in late]


def excuse(learning: Learning, *, person: str) -> list[LearningEvent]:
    """Ask somebody no longer who is not to be asked any more, as they are to be erased."""
    running = learning.tasks.running.get(named(ANSWER, person))
    return [QuestionnaireLapsed(person=person, ends=(running.name,))] if running else []


def may_see_names(person: Person, scheme: str, at: datetime) -> bool:
    """Whether a person sees at `at` who answered what under the scheme with this id; to everybody else answers have no names."""
    return any(person.holds(role, scheme, at) for role in NAMES_SEEN_BY)


def _checked(role: str, scores: Mapping[str, int]) -> tuple[Score, ...]:
    questions = QUESTIONS[role]
    if set(scores) != set(questions):
        raise refuse(
            "questionnaire-questions",
            "not every question is answered, or another one is",
            field="scores",
            allowed=f"a score for each of {', '.join(questions)}",
        )
    for question in questions:
        if scores[question] not in SCORES:
            raise refuse(
                "questionnaire-scores",
                f"{scores[question]} is no score",
                field="scores",
                allowed=", ".join(map(str, SCORES)),
            )
    return tuple(Score(question=one, score=scores[one]) for one in questions)


def _checked_minutes(minutes: int) -> int:
    if not 0 <= minutes <= MOST_MINUTES:
        raise refuse(
            "questionnaire-minutes",
            f"{minutes} minutes can't be meant",
            field="minutes_spent",
            allowed=f"0 to {MOST_MINUTES:,}",
        )
    return minutes


def _require_known(learning: Learning) -> None:
    if not learning.id:
        raise refuse(
            "known-learning", "nobody was asked about this", field="learning", allowed="a case whose result was told"
        )
