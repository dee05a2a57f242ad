"""Moderation: a quorum without conflicts takes the item up, and confirms or changes each judgement, with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain import person as people
from domain.person import Person
from domain.submission import events as e
from domain.submission import moderation
from domain.submission.assessment import Finding
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import (
    ADA,
    BEN,
    CHAIR,
    DAY,
    MIA,
    NIK,
    NOON,
    PANEL,
    SCHEME,
    STAGES,
    after,
    all_at,
    conflicted,
    fold,
    member,
    refused,
    sitting,
    text,
)

OLA = member("ola", "moderator")


def start(
    case: Submission | None = None,
    *,
    panel: Sequence[Person] = PANEL,
    present: Sequence[Person] | None = None,
    **sits: Any,
) -> list[e.SubmissionEvent]:
    """Take an item up in a meeting of this panel."""
    meeting = given.opened(
        given.scheduled(panel=panel), present=[one.id for one in (panel if present is None else present)]
    )
    return moderation.start(case or given.assessed(), meeting=meeting, **sitting(panel=panel, **sits))


def test_a_meeting_takes_an_item_up_with_those_who_may_and_the_result_is_due():
    [started] = start(panel=(*PANEL, OLA))

    assert isinstance(started, e.ModerationStarted)
    assert (started.chair, started.panel) == (CHAIR.id, tuple(one.id for one in (*PANEL, OLA)))
    assert started.results.rule == "results-within"
    assert started.review_from == sitting()["at"] + 14 * DAY


def trained_chair_of(case: str) -> Person:
    return member(case, "chair", "assessor")


BOTH = trained_chair_of("both")


def assessed_by(person: Person) -> Submission:
    return given.assessed(given.accepted(given.assigned(to=person), by=person), by=person)


def test_an_assessor_never_moderates_their_own_case():
    case = assessed_by(BOTH)

    with refused("assessor-never-moderates", field="actor"):
        moderation.start(
            case,
            meeting=given.opened(given.scheduled(chair=BOTH, panel=(BOTH, MIA, NIK, OLA))),
            **sitting(by=BOTH, panel=(BOTH, MIA, NIK, OLA)),
        )


def test_nor_does_one_from_whom_the_case_was_taken():
    case = given.assigned(to=BOTH)
    case = after(case, [e.AssignmentEnded(assessor=BOTH.id, reason="overdue")])
    case = given.assessed(given.accepted(given.assigned(case, to=BEN), by=BEN), by=BEN)

    assert not moderation.may_moderate(case, BOTH)
    assert not moderation.may_moderate(case, BEN)
    with refused("assessor-never-moderates", field="actor"):
        moderation.require_chair(case, BOTH, BOTH.id, SCHEME, NOON)


def test_on_the_panel_of_their_own_case_an_assessor_is_left_out_and_not_counted():
    panel = (CHAIR, MIA, BOTH)

    with refused("item-quorum", field="present", match="only 2"):
        start(assessed_by(BOTH), panel=panel)
    [started] = start(assessed_by(BOTH), panel=(*panel, NIK))
    assert isinstance(started, e.ModerationStarted)
    assert BOTH.id not in started.panel


def test_a_member_with_a_conflict_is_left_out_of_this_item_and_not_counted():
    with refused("item-quorum", field="present"):
        start(panel=(CHAIR, MIA, conflicted(NIK)))
    [started] = start(panel=(CHAIR, MIA, NIK, conflicted(OLA)))
    assert isinstance(started, e.ModerationStarted)
    assert OLA.id not in started.panel


def test_a_member_whose_role_has_ended_is_left_out_and_not_counted():
    ended = fold(people.evolve, NIK, people.end_role(NIK, role="moderator", scheme=SCHEME.id))

    with refused("item-quorum", field="present"):
        start(panel=(CHAIR, MIA, ended))


def test_who_is_not_present_is_not_counted():
    with refused("item-quorum", field="present", match="adjourn"):
        start(present=(CHAIR, MIA))


def test_somebody_on_the_item_is_expert_in_its_subject_where_the_scheme_wants_that():
    artists = [member(name, role, subjects=("arts",)) for name, role in (("chair", "chair"), ("mia", "moderator"), ("nik", "moderator"))]  # fmt: skip

    with refused("item-expertise", field="present", match="science"):
        start(panel=artists, by=artists[0])
    assert start(panel=(*artists, OLA), by=artists[0])
    lenient = given.scheme(subject_expert=False)
    assert moderation.start(
        given.assessed(), meeting=given.opened(), **{**sitting(by=artists[0], panel=artists), "scheme": lenient}
    )


def test_an_expert_with_a_conflict_is_no_expert_for_this_item():
    artists = [member(name, "moderator", subjects=("arts",)) for name in ("mia", "nik")]
    chair = member("chair", "chair", subjects=("arts",))

    with refused("item-expertise"):
        start(panel=(chair, *artists, conflicted(OLA)), by=chair)


@pytest.mark.parametrize(
    ("chair", "rule"),
    [
        (conflicted(CHAIR), "conflict-of-interest"),
        (MIA, "meeting-chair"),
        (replace(CHAIR, training={}), "trained-chair"),
        (replace(CHAIR, training={("chairing", SCHEME.id): sitting()["at"]}), "trained-chair"),
        (replace(CHAIR, training={("chairing", "other-mark"): NOON + 999 * DAY}), "trained-chair"),
        (replace(CHAIR, training={("assessing", SCHEME.id): NOON + 999 * DAY}), "trained-chair"),
    ],
)
def test_the_chair_of_the_meeting_is_trained_and_has_no_conflict(chair: Person, rule: str):
    with refused(rule, field="actor"):
        start(by=chair)


def test_only_an_item_of_a_meeting_that_was_opened_and_is_not_over_is_taken_up():
    case = given.assessed()
    with refused("meeting-items", field="submission"):
        moderation.start(case, meeting=given.opened(given.scheduled(items=("submission-other",))), **sitting())
    with refused("meeting-order", field="meeting", match="not opened"):
        moderation.start(case, meeting=given.scheduled(), **sitting())
    with refused("meeting-order", field="meeting", match="minutes are signed"):
        moderation.start(case, meeting=replace(given.opened(), signed=True), **sitting())


def test_an_item_is_taken_up_once():
    assert start(given.in_moderation()) == []
    other = replace(given.opened(), id="meeting-other")
    with refused("stage-order", field="submission"):
        moderation.start(given.in_moderation(), meeting=other, **sitting())


@pytest.mark.parametrize("stage", given.all_but("assessed"))
def test_only_what_awaits_moderation_is_taken_up(stage: str):
    case = STAGES[stage]()
    if case.moderation is None:
        with refused("stage-order", field="submission"):
            start(case)


def moderate(case: Submission | None = None, why: str | None = None, **levels: str) -> list[e.SubmissionEvent]:
    """Moderate some criteria: `moderate(c11="low")`."""
    findings = {
        f"{name[1]}.{name[2]}": Finding(level=level, reason=text(why) if why else None)
        for name, level in levels.items()
    }
    return moderation.moderate(case or given.in_moderation(), **sitting(), findings=findings)


def test_the_same_level_confirms_and_another_one_changes_with_a_reason():
    assert moderate(c11="high") == [e.JudgementConfirmed(criterion="1.1", level="high")]
    assert moderate(c11="low", why="The file shows less") == [
        e.JudgementChanged(criterion="1.1", before="high", level="low", reason=text("The file shows less"))
    ]


def test_a_change_without_a_reason_is_refused_and_nothing_else_of_it_holds():
    with refused("change-needs-reason", field="judgements.2.1.reason", match="from high to low"):
        moderate(c11="high", c21="low")


@pytest.mark.parametrize(
    ("levels", "rule", "field"),
    [
        ({"c99": "high"}, "scheme-criteria", "judgements.9.9"),
        ({"c11": "top"}, "scheme-scale", "judgements.1.1.level"),
    ],
)
def test_a_moderated_judgement_is_of_a_criterion_and_on_the_scale(levels: dict[str, str], rule: str, field: str):
    with refused(rule, field=field):
        moderate(why="because", **levels)


def test_what_was_moderated_is_not_recorded_again_and_may_be_changed_again_with_a_reason():
    case = given.in_moderation()
    changed = after(case, moderate(case, c11="low", why="less"))

    assert moderate(changed, c11="low") == []
    assert moderate(changed, c11="low", why="less") == []
    back = after(changed, moderate(changed, c11="high", why="after all"))
    assert back.judgements["1.1"] == "high"
    assert back.first["1.1"].level == "high"


PANELS: list[Callable[..., Any]] = [
    lambda case, **sits: moderation.moderate(
        case, **sitting(**sits), findings={"1.1": Finding(level="low", reason=text("less"))}
    ),
    lambda case, **sits: moderation.request_evidence(case, **sitting(**sits), criteria=["1.1"], wanted=text("more")),
    lambda case, **sits: moderation.decide(case, **sitting(**sits)),
]


@pytest.mark.parametrize("act", PANELS)
@pytest.mark.parametrize(
    ("sits", "rule"),
    [
        ({"by": MIA}, "meeting-chair"),
        ({"by": member("other chair", "chair")}, "meeting-chair"),
        ({"by": ADA}, "assessor-never-moderates"),
        ({"by": conflicted(CHAIR), "panel": (conflicted(CHAIR), MIA, NIK)}, "conflict-of-interest"),
        ({"panel": (CHAIR, MIA, conflicted(NIK))}, "item-quorum"),
        ({"panel": (CHAIR, MIA)}, "item-quorum"),
        ({"panel": (CHAIR, MIA, OLA)}, "item-quorum"),
        ({"at": NOON + 99_999 * DAY}, "trained-chair"),
    ],
)
def test_every_step_of_a_panel_is_its_chairs_with_the_panel_of_this_item_still_without_conflict(
    act: Callable[..., Any], sits: dict[str, Any], rule: str
):
    with refused(rule):
        act(given.confirmed(), **sits)


@pytest.mark.parametrize("act", PANELS)
@pytest.mark.parametrize("stage", given.all_but("in_moderation", "confirmed", "in_review", "reviewed", "asked"))
def test_a_panel_acts_only_on_what_it_has_before_it(act: Callable[..., Any], stage: str):
    case = STAGES[stage]()
    if case.outcome and act is PANELS[2]:
        assert act(case) == []
    elif case.stage is not Stage.EVIDENCE_REQUESTED or act is not PANELS[1]:
        with refused("stage-order", field="submission"):
            act(case)


def test_the_assessors_own_judgements_stay_beside_those_of_the_panel():
    case = given.in_moderation(given.assessed(None, all_at("middle")))
    case = after(case, moderate(case, c11="high", why="more"))

    assert {code: one.level for code, one in case.first.items()} == all_at("middle")
    assert case.judgements == all_at("middle", c11="high")
