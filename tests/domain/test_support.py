"""Help before a portfolio is handed in, and questions and answers while it is assessed."""

from typing import Any

import pytest

from domain import person as people
from domain.submission import assessment, questions, support
from domain.submission import side_events as s
from domain.submission.moderation import may_moderate
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    DAY,
    LEAD,
    NOON,
    PROVIDER,
    SCHEME,
    STAGES,
    after,
    all_but,
    conflicted,
    fold,
    member,
    refused,
    scheme,
    text,
)

ADVISED = scheme(guidance_on_drafts=True)
BEFORE = ("registered", "preparing")


def evaluate(case: Submission, levels: dict[str, str], by: str = LEAD, plan: str = "We shall") -> list[Any]:
    return list(support.evaluate_oneself(case, by=by, scheme=SCHEME, levels=levels, plan=text(plan)))


def test_a_provider_says_where_it_sees_itself_and_what_it_plans_as_often_as_it_likes():
    case = given.preparing()

    first = evaluate(case, {"2.1": "low", "1.1": "high"})
    assert first == [
        s.SelfEvaluationRecorded(
            levels=(s.OwnLevel(criterion="1.1", level="high"), s.OwnLevel(criterion="2.1", level="low")),
            plan=text("We shall"),
        )
    ]
    case = after(case, first)
    assert evaluate(case, {"1.1": "high", "2.1": "low"}) == []
    assert after(case, evaluate(case, {"2.1": "middle"})).self_evaluation.levels == (  # type: ignore[union-attr]
        s.OwnLevel(criterion="2.1", level="middle"),
    )


@pytest.mark.parametrize(
    ("levels", "rule"),
    [({}, "self-evaluation"), ({"9.9": "low"}, "scheme-criteria"), ({"1.1": "superb"}, "scheme-scale")],
)
def test_a_self_evaluation_is_of_the_schemes_criteria_on_its_scale(levels: dict[str, str], rule: str):
    with refused(rule):
        evaluate(given.preparing(), levels)


@pytest.mark.parametrize("stage", all_but(*BEFORE))
def test_once_handed_in_nobody_evaluates_themselves_or_is_guided(stage: str):
    with refused("stage-order"):
        evaluate(STAGES[stage](), {"1.1": "low"})
    with refused("stage-order"):
        guide(STAGES[stage]())


def test_nobody_else_evaluates_a_provider_for_it():
    with refused("own-provider"):
        evaluate(given.preparing(), {"1.1": "low"}, by=ADA.id)


def guide(case: Submission, *, by: people.Person = ADA, criteria: tuple[str, ...] = ("1.1",), **said: Any) -> list[Any]:
    return list(
        support.give_guidance(
            case, **{"by": by, "scheme": ADVISED, "criteria": criteria, "text": text("Say more"), "at": NOON, **said}
        )
    )


def test_an_assessor_or_an_officer_guides_on_drafts_where_the_scheme_allows_it():
    case = given.preparing()

    assert guide(case) == [s.DraftGuidanceGiven(adviser=ADA.id, criteria=("1.1",), text=text("Say more"))]
    assert guide(case, by=member("olu", "officer"))
    with refused("guidance-on-drafts", field="submission"):
        guide(case, scheme=SCHEME)
    with refused("guidance-adviser", field="actor"):
        guide(case, by=member("mia", "moderator"))
    with refused("guidance-criteria"):
        guide(case, criteria=())


def test_who_guided_may_guide_again_but_not_who_has_another_conflict():
    guided = fold(people.evolve, ADA, people.declare_conflict(ADA, provider=PROVIDER, kind="guided"))

    assert guide(given.preparing(), by=guided)
    with refused("conflict-of-interest"):
        guide(given.preparing(), by=conflicted(ADA))
    graver = fold(people.evolve, guided, people.declare_conflict(guided, provider=PROVIDER, kind="family"))
    with refused("conflict-of-interest"):
        guide(given.preparing(), by=graver)
    assert people.declare_conflict(graver, provider=PROVIDER, kind="guided") == []


def test_who_guided_a_draft_is_passed_over_by_the_assignment_rule():
    case = given.in_assessment(given.screening(given.submitted(after(given.preparing(), guide(given.preparing())))))

    events, chosen = assessment.assign(case, scheme=SCHEME, assessors=[ADA, BEN], at=NOON + 32 * DAY)

    assert chosen is BEN
    assert {one.person: one.verdict for one in events[0].considered}[ADA.id] == "had or advised on this case"  # type: ignore[union-attr]


def test_who_guided_does_not_moderate():
    guided = fold(
        people.evolve, member("gus", "moderator"), [people.ConflictDeclared(provider=PROVIDER, kind="guided")]
    )

    assert not may_moderate(given.assessed(), guided, SCHEME, NOON)


# -- questions -----------------------------------------------------------------------------------------------------------


def asked(case: Submission | None = None, body: str = "Who took part?") -> Submission:
    case = case or given.accepted()
    return after(case, questions.ask(case, by=ADA, text=text(body)))


def answer(case: Submission, number: int = 1, by: str = LEAD, body: str = "Everyone") -> list[Any]:
    return list(questions.answer(case, by=by, number=number, text=text(body)))


def test_questions_are_numbered_and_each_is_answered_once():
    case = asked(asked(), "And when?")

    assert list(case.questions) == [1, 2]
    assert answer(case, 2) == [s.QuestionAnswered(number=2, text=text("Everyone"))]
    case = after(case, answer(case, 2))
    assert answer(case, 2) == []
    with refused("answer-once", field="number"):
        answer(case, 2, body="Nobody")
    assert answer(case, 1)
    with refused("known-question", field="number"):
        answer(case, 3)


def test_only_the_assigned_assessor_asks_and_only_after_accepting():
    with refused("assigned-assessor"):
        questions.ask(given.accepted(), by=BEN, text=text("Who?"))
    with refused("accept-first"):
        questions.ask(given.assigned(), by=ADA, text=text("Who?"))
    with refused("conflict-of-interest"):
        questions.ask(given.accepted(), by=conflicted(ADA), text=text("Who?"))


def test_only_the_lead_contact_answers():
    with refused("own-provider"):
        answer(asked(), by="person-other")


def test_nothing_is_asked_or_answered_once_the_assessment_is_completed():
    done = given.assessed()
    with refused("stage-order"):
        questions.ask(done, by=ADA, text=text("Who?"))
    late = given.assessed(asked())
    with refused("stage-order"):
        answer(late)


def test_a_question_can_be_answered_also_when_another_assessor_has_the_case():
    case = after(asked(), assessment.decline(asked(), by=ADA))

    assert answer(case)
