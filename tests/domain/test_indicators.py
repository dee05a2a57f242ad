"""Each indicator of a criterion is judged with it, on the same scale; a panel may change some, with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain import calibration
from domain.calibration import BlindJudgementRecorded, Calibration
from domain.scheme import Indicator
from domain.submission import assessment, items, moderation
from domain.submission import events as e
from domain.submission.assessment import Finding
from domain.submission.indicators import IndicatorLevel
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import ADA, BEN, DAY, NOON, after, refused, sitting, text

SIGNS = (Indicator(code="1.1.a", title="It is said"), Indicator(code="1.1.b", title="It is seen"))
SCHEME = given.scheme(criteria=given.SCHEME.criteria | {"1.1": replace(given.SCHEME.criteria["1.1"], indicators=SIGNS)})
WHY = text("It shows")


def levels(**signs: str) -> dict[str, str]:
    return {f"1.1.{sign}": level for sign, level in signs.items()}


def said(**signs: str) -> tuple[IndicatorLevel, ...]:
    return tuple(IndicatorLevel(indicator=sign, level=level) for sign, level in levels(**signs).items())


def found(signs: Mapping[str, str], level: str = "high", reason: Any = WHY) -> dict[str, Finding]:
    cites = (given.file("1.1").sha256,)
    return {"1.1": Finding(level=level, reason=reason, cites=cites, indicators=signs)}


def judge(signs: Mapping[str, str], case: Submission | None = None) -> list[e.SubmissionEvent]:
    return assessment.judge(case or given.accepted(), by=ADA, scheme=SCHEME, findings=found(signs))


def in_moderation() -> Submission:
    case = after(given.judged(), judge(levels(a="high", b="middle"), given.judged()))
    done = assessment.complete(case, by=ADA, scheme=SCHEME, minutes_spent=90, at=NOON + 40 * DAY)
    return given.in_moderation(after(case, done))


def moderate(case: Submission, signs: Mapping[str, str], **judged: Any) -> list[e.SubmissionEvent]:
    findings = found(signs, **judged)
    return moderation.moderate(case, **{**sitting(), "scheme": SCHEME}, findings=findings)


def test_every_indicator_is_judged_with_its_criterion_and_kept_in_the_schemes_order():
    [event] = judge(levels(b="middle", a="high"))

    assert isinstance(event, e.JudgementRecorded)
    assert event.indicators == said(a="high", b="middle")
    assert after(given.accepted(), [event]).indicators == {"1.1": said(a="high", b="middle")}


@pytest.mark.parametrize(
    ("signs", "rule", "match"),
    [
        (levels(a="high"), "every-indicator-judged", "1.1.b"),
        ({}, "every-indicator-judged", "1.1.a, 1.1.b"),
        (levels(a="high", b="high", c="high"), "scheme-indicators", "1.1.a, 1.1.b"),
        (levels(a="high", b="splendid"), "scheme-scale", "low, middle, high"),
    ],
)
def test_one_left_out_unknown_or_off_the_scale_is_refused(signs: dict[str, str], rule: str, match: str):
    with refused(rule, match=match):
        judge(signs)


def test_a_criterion_without_indicators_has_none_to_judge():
    with refused("scheme-indicators", field="judgements.1.1.indicators", match="none"):
        assessment.judge(given.accepted(), by=ADA, scheme=given.SCHEME, findings=found(levels(a="high")))


def test_a_panel_changes_an_indicator_with_a_reason_and_the_others_stay():
    case = in_moderation()

    with refused("change-needs-reason", field="judgements.1.1.reason", match="in its indicators"):
        moderate(case, levels(b="high"), reason=None)
    [event] = moderate(case, levels(b="high"))

    assert event == e.JudgementChanged(
        criterion="1.1", before="high", level="high", reason=WHY, indicators=said(a="high", b="high")
    )
    assert after(case, [event]).indicators["1.1"] == said(a="high", b="high")
    with refused("scheme-scale"):
        moderate(case, levels(b="splendid"))


@pytest.mark.parametrize("signs", [{}, levels(b="middle"), levels(a="high", b="middle")])
def test_a_panel_that_names_none_or_the_same_levels_confirms(signs: dict[str, str]):
    [event] = moderate(in_moderation(), signs, reason=None)

    assert event == e.JudgementConfirmed(criterion="1.1", level="high")
    assert after(in_moderation(), [event]).indicators["1.1"] == said(a="high", b="middle")


def test_a_changed_level_keeps_the_indicators_that_are_not_named():
    [event] = moderate(in_moderation(), {}, level="middle")

    assert isinstance(event, e.JudgementChanged)
    assert event.indicators == said(a="high", b="middle")


def test_adjourned_they_are_again_what_the_assessor_found():
    case = in_moderation()
    case = after(case, moderate(case, levels(b="high")))

    case = after(case, items.adjourn(case, reason=WHY, scheme=SCHEME, at=NOON + 46 * DAY))

    assert case.indicators == {"1.1": said(a="high", b="middle")}


def test_with_another_assessor_they_are_judged_afresh():
    case = after(given.accepted(), judge(levels(a="high", b="middle")))

    assert after(case, assessment.decline(case, by=ADA)).indicators == {}


def test_who_marks_blind_judges_each_indicator_too():
    held = Calibration(id="calibration-a", assessor=BEN.id, provider=given.PROVIDER, criteria=("1.1",))
    known = frozenset({given.file("1.1").sha256})

    with refused("every-indicator-judged"):
        calibration.judge(held, by=BEN, scheme=SCHEME, known=known, findings=found({}))
    [event] = calibration.judge(held, by=BEN, scheme=SCHEME, known=known, findings=found(levels(a="low", b="low")))
    assert isinstance(event, BlindJudgementRecorded)
    assert event.indicators == said(a="low", b="low")
