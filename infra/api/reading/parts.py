"""The confidential parts of a submission, each for who may see it: its portfolio, and how it was judged."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from domain.submission.events import Answer, Evidence
from domain.submission.state import Submission


class Answered(BaseModel):
    """What was answered to a criterion; null where it was erased."""

    criterion: str
    text: str | None


class File(BaseModel):
    """A file of evidence: the hex SHA-256 of its content, and of audio and video the seconds to look at."""

    criterion: str
    sha256: str
    media_type: str
    size: int
    pinpoint: list[int] | None = None


class Own(BaseModel):
    """Where the provider sees itself on a criterion."""

    criterion: str
    level: str


class Portfolio(BaseModel):
    """What the provider handed in, what it answered to a request for further evidence, and its self-evaluation."""

    id: str
    version: int
    manifest: str | None
    late: bool | None
    answers: list[Answered]
    evidence: list[File]
    further_answers: list[Answered]
    further_evidence: list[File]
    self_evaluation: list[Own]
    plan: str | None


class Indicator(BaseModel):
    """An indicator of a criterion, and how it was judged."""

    indicator: str
    level: str


class Judged(BaseModel):
    """How a criterion was judged: the level in force, and for who works on the case the assessor's own with its reason.

    Where a panel, of moderation or of an appeal, changed it, `before` is the level that it was, and `panel_reason` why.
    """

    criterion: str
    level: str
    indicators: list[Indicator]
    first: str | None = None
    reason: str | None = None
    cites: list[str] | None = None
    before: str | None = None
    panel_reason: str | None = None


class Short(BaseModel):
    """What the report says is still lacking."""

    criterion: str
    lacking: str
    missing: str | None


class Judgements(BaseModel):
    """How a submission was judged and decided, as it is in force now."""

    id: str
    version: int
    judgements: list[Judged]
    strengths: list[str]
    areas: list[str]
    outcome: str | None
    level: str | None
    unmet: list[str]
    shortfalls: list[Short]


def texts_of_portfolio(case: Submission) -> list[str]:
    """The ids of the texts in a portfolio."""
    answers: Sequence[Answer] = case.portfolio.answers if case.portfolio else ()
    further: Sequence[Answer] = case.response.answers if case.response else ()
    plan = [case.self_evaluation.plan.id] if case.self_evaluation else []
    return [*(one.text.id for one in (*answers, *further)), *plan]


def portfolio(case: Submission, version: int, bodies: dict[str, str]) -> Portfolio:
    """The portfolio of a submission, with its texts."""
    held, further, own = case.portfolio, case.response, case.self_evaluation
    return Portfolio(
        id=case.id,
        version=version,
        manifest=held.manifest if held else None,
        late=held.late if held else None,
        answers=_answers(held.answers if held else (), bodies),
        evidence=_files(held.evidence if held else ()),
        further_answers=_answers(further.answers if further else (), bodies),
        further_evidence=_files(further.evidence if further else ()),
        self_evaluation=[Own(criterion=one.criterion, level=one.level) for one in own.levels] if own else [],
        plan=bodies.get(own.plan.id) if own else None,
    )


def texts_of_judgements(case: Submission) -> list[str]:
    """The ids of the texts in the judgements of a submission."""
    return [*texts_of_reasons(case), *(one.missing.id for one in case.shortfalls)]


def texts_of_reasons(case: Submission) -> list[str]:
    """The ids of the texts in which the body's people say why they judged as they did."""
    return [*(one.rationale.id for one in case.first.values()), *(one.reason.id for one in case.changed.values())]


def judgements(case: Submission, version: int, bodies: dict[str, str], *, confidential: bool) -> Judgements:
    """How a submission was judged; what the body's people say among themselves only where that is shown."""
    decided = case.outcome
    return Judgements(
        id=case.id,
        version=version,
        judgements=[_judged(case, code, bodies, confidential) for code in sorted(case.judgements)],
        strengths=list(case.strengths),
        areas=list(case.areas),
        outcome=decided.outcome if decided else None,
        level=decided.level if decided else None,
        unmet=list(decided.unmet) if decided else [],
        shortfalls=[
            Short(criterion=one.criterion, lacking=one.lacking, missing=bodies.get(one.missing.id))
            for one in case.shortfalls
        ],
    )


def _judged(case: Submission, code: str, bodies: dict[str, str], confidential: bool) -> Judged:
    signs = [Indicator(indicator=one.indicator, level=one.level) for one in case.indicators.get(code, ())]
    said: dict[str, Any] = {}
    if confidential and (first := case.first.get(code)):
        said = {"first": first.level, "reason": bodies.get(first.rationale.id), "cites": list(first.cites)}
    if confidential and (changed := case.changed.get(code)):
        said |= {"before": changed.before, "panel_reason": bodies.get(changed.reason.id)}
    return Judged(criterion=code, level=case.judgements[code], indicators=signs, **said)


def _answers(answers: Iterable[Answer], bodies: dict[str, str]) -> list[Answered]:
    return [Answered(criterion=one.criterion, text=bodies.get(one.text.id)) for one in answers]


def _files(files: Iterable[Evidence]) -> list[File]:
    return [
        File(
            criterion=one.criterion,
            sha256=one.sha256,
            media_type=one.media_type,
            size=one.size,
            pinpoint=list(one.pinpoint) if one.pinpoint else None,
        )
        for one in files
    ]
