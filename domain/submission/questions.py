"""Questions and answers on the record: the assigned assessor asks, the provider's lead contact answers, both read both.

Source: handbook, section 5, Assessment. Once the assessment is completed nothing more is asked or answered.
"""

from domain.person import Person
from domain.refusals import refuse
from domain.submission import side_events as s
from domain.submission.assessment import require_assessor
from domain.submission.preparation import require_provider
from domain.submission.state import Stage, Submission, wrong_stage
from domain.texts import TextRef


def ask(case: Submission, *, by: Person, text: TextRef) -> list[s.QuestionAsked]:
    """Ask the provider something. By the assigned assessor, who accepted the work."""
    require_assessor(case, by)
    _require_open(case, "asking the provider")
    if not case.accepted:
        raise refuse(
            "accept-first", "the assignment was not accepted", field="submission", allowed="accepting it first"
        )
    return [s.QuestionAsked(number=len(case.questions) + 1, assessor=by.id, text=text)]


def answer(case: Submission, *, by: str, number: int, text: TextRef) -> list[s.QuestionAnswered]:
    """Answer a question, once. By the lead contact; also when another assessor has the case by now."""
    require_provider(case, by)
    asked = case.questions.get(number)
    if asked is None:
        numbers = ", ".join(str(one) for one in case.questions) or "none yet"
        raise refuse(
            "known-question", f"there is no question {number}", field="number", allowed=f"one asked ({numbers})"
        )
    before = case.replies.get(number)
    if before and before.text.digest == text.digest:
        return []
    if before:
        raise refuse("answer-once", f"question {number} was answered", field="number", allowed="a question still open")
    _require_open(case, "answering the assessor")
    return [s.QuestionAnswered(number=number, text=text)]


def _require_open(case: Submission, what: str) -> None:
    if case.stage is not Stage.IN_ASSESSMENT:
        raise wrong_stage(case, what, Stage.IN_ASSESSMENT)
