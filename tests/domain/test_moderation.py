"""Moderation: a quorum without conflicts takes the item up, and confirms or changes each judgement, with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain import person as people
from domain.award import AwardLevel
from domain.conflicts import ScrutinyGranted, Seen
from domain.person import Person
from domain.scheme import Scheme
from domain.submission import decision, items, moderation
from domain.submission import events as e
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
    PROVIDER,
    SCHEME,
    SECOND,
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

    assert not moderation.may_moderate(case, BOTH, SCHEME, NOON)
    assert not moderation.may_moderate(case, BEN, SCHEME, NOON)
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
    lambda case, **sits: decision.decide(case, **sitting(**sits)),
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


# -- the form that the scheme names -------------------------------------------------------------------------------------

ALONE = given.scheme(moderation_form="independent", quorum=1)
PANEL_OF_AWARDS = given.scheme(moderation_form="award-panel")


def take_up_alone(
    case: Submission | None = None, by: Person = MIA, had_part: Sequence[str] = (), scheme: Scheme = ALONE
) -> list[e.SubmissionEvent]:
    """One independent person takes the submission up."""
    return items.take_up_alone(case or given.assessed(), by=by, had_part=had_part, scheme=scheme, at=NOON + 45 * DAY)


def alone(**sits: Any) -> dict[str, Any]:
    return {"by": MIA, "panel": (MIA,), "scheme": ALONE, "at": NOON + 45 * DAY, **sits}


UNSIGNED = replace(MIA, non_disclosure=False)
EXPIRED = replace(MIA, training={("moderating", SCHEME.id): NOON + 45 * DAY})


def test_who_moderates_alone_in_spite_of_a_conflict_was_granted_scrutiny_as_a_moderator_and_not_as_a_chair():
    case = after(given.assessed(), take_up_alone())
    findings = {code: Finding(level="high") for code in SCHEME.criteria}

    def watched(role: str) -> Person:
        usual = {"scrutiny": "scrutiny-a", "scrutineer": "person-w", "until_at": NOON + 60 * DAY}
        granted = ScrutinyGranted(provider=PROVIDER, case=case.id, role=role, **usual)
        return replace(people.evolve(conflicted(MIA), granted), seen=Seen(at=NOON + 45 * DAY))

    mia = watched("moderator")
    assert moderation.moderate(case, **alone(by=mia, panel=(mia,)), findings=findings)
    with refused("conflict-of-interest", field="actor"):
        mia = watched("chair")
        moderation.moderate(case, **alone(by=mia, panel=(mia,)), findings=findings)


@pytest.mark.parametrize("member", [UNSIGNED, EXPIRED, replace(MIA, training={})])
def test_who_is_not_trained_or_has_not_signed_is_left_out_of_the_item_and_not_counted(member: Person):
    with refused("item-quorum", field="present"):
        moderation.start(given.assessed(), meeting=given.opened(), **sitting(panel=(CHAIR, member, NIK)))
    with refused("trained-moderator", field="actor"):
        take_up_alone(by=member)


def test_training_to_chair_is_training_to_moderate_and_counts_until_it_expires():
    second = replace(MIA, training={("chairing", SCHEME.id): NOON + 45 * DAY + SECOND})

    [event] = moderation.start(given.assessed(), meeting=given.opened(), **sitting(panel=(CHAIR, second, NIK)))

    assert isinstance(event, e.ModerationStarted)
    assert event.panel == (CHAIR.id, MIA.id, NIK.id)
    with refused("item-quorum"):
        case = given.in_moderation()
        late = sitting(panel=(CHAIR, second, NIK), at=NOON + 45 * DAY + SECOND)
        moderation.moderate(case, **late, findings={})


def test_an_award_panel_sits_as_a_meeting_does():
    [event] = moderation.start(given.assessed(), meeting=given.opened(), **{**sitting(), "scheme": PANEL_OF_AWARDS})

    assert isinstance(event, e.ModerationStarted)
    with refused("item-quorum", field="present"):
        meeting = given.opened(present=[CHAIR.id, MIA.id])
        moderation.start(given.assessed(), meeting=meeting, **{**sitting(), "scheme": PANEL_OF_AWARDS})


def test_one_independent_person_takes_a_submission_up_alone_and_brings_it_to_its_report():
    case = after(given.assessed(), take_up_alone())
    assert take_up_alone(case) == []
    assert case.moderation
    assert (case.moderation.meeting, case.moderation.chair, case.moderation.panel) == ("", MIA.id, (MIA.id,))

    findings = {code: Finding(level="high") for code in SCHEME.criteria}
    findings["1.1"] = Finding(level="middle", reason=text("less"))
    case = after(case, moderation.moderate(case, **alone(), findings=findings))
    case = after(case, decision.decide(case, **alone()))
    assert case.outcome
    assert (case.outcome.outcome, case.outcome.chair) == ("not_awarded", MIA.id)
    said = {"shortfalls": given.shortfalls(case), "at": NOON + 46 * DAY}
    assert decision.approve_report(case, by=MIA, scheme=ALONE, **said)


@pytest.mark.parametrize(
    ("by", "had_part", "rule"),
    [
        (conflicted(MIA), (), "conflict-of-interest"),
        (MIA, (MIA.id,), "independent-person"),
        (BEN, (), "acting-role"),
        (CHAIR, (), "acting-role"),
        (member("artist", "moderator", subjects=("arts",)), (), "item-expertise"),
    ],
)
def test_who_moderates_alone_is_a_moderator_who_had_no_part_in_the_case(by: Person, had_part: list[str], rule: str):
    with refused(rule):
        take_up_alone(by=by, had_part=had_part)


def test_nor_does_an_assessor_an_adviser_or_a_calibrator_moderate_alone():
    both = member("both", "assessor", "moderator")
    with refused("assessor-never-moderates", field="actor"):
        take_up_alone(assessed_by(both), by=both)
    with refused("assessor-never-moderates", field="actor"):
        take_up_alone(replace(given.assessed(), calibrators=frozenset({MIA.id})))
    with refused("independent-person", field="actor"):
        take_up_alone(replace(given.assessed(), advisers=frozenset({MIA.id})))


def test_only_that_person_goes_on_with_it_and_only_while_they_may():
    case = after(given.assessed(), take_up_alone())
    same = {"1.1": Finding(level="high")}

    with refused("meeting-chair", field="actor"):
        moderation.moderate(case, **alone(by=NIK), findings=same)
    with refused("conflict-of-interest", field="actor"):
        moderation.moderate(case, **alone(by=conflicted(MIA), panel=(conflicted(MIA),)), findings=same)
    ended = fold(people.evolve, MIA, people.end_role(MIA, role="moderator", scheme=SCHEME.id))
    with refused("item-quorum"):
        moderation.moderate(case, **alone(by=ended, panel=(ended,)), findings=same)


def test_another_form_than_the_schemes_is_refused_saying_which_it_is():
    with refused("moderation-form", field="form", match="one independent person"):
        moderation.start(given.assessed(), meeting=given.opened(), **{**sitting(), "scheme": ALONE})
    with refused("moderation-form", field="form", match="one independent person"):
        items.list_for(given.assessed(), meeting="meeting-a", scheme=ALONE)
    with refused("moderation-form", field="form", match="a meeting of a chair and a panel"):
        take_up_alone(scheme=SCHEME)
    with refused("moderation-form", field="form", match="award panel"):
        take_up_alone(scheme=PANEL_OF_AWARDS)


# -- agendas, quorum lost, and the definition ------------------------------------------------------------------------------


def listed(case: Submission | None = None, meeting: str = given.MEETING) -> Submission:
    case = case or given.assessed()
    return after(case, items.list_for(case, meeting=meeting, scheme=SCHEME))


def adjourn(case: Submission, why: str | None = "two had to leave", days: int = 46) -> list[e.SubmissionEvent]:
    return items.adjourn(case, reason=text(why) if why else None, scheme=SCHEME, at=NOON + days * DAY)


def test_an_item_is_on_one_agenda_at_a_time():
    case = listed()

    assert items.list_for(case, meeting=given.MEETING, scheme=SCHEME) == []
    with refused("listed-once", field="items"):
        items.list_for(case, meeting="meeting-other", scheme=SCHEME)
    with refused("meeting-items", field="submission"):
        moderation.start(listed(meeting="meeting-other"), meeting=given.opened(), **sitting())
    assert given.in_moderation(case).listed is None


def test_an_item_that_was_not_taken_up_is_free_once_the_minutes_are_signed():
    case = listed()
    assert items.free(case, meeting="meeting-other", scheme=SCHEME, at=NOON) == []
    [freed] = items.free(case, meeting=given.MEETING, scheme=SCHEME, at=NOON + 46 * DAY)

    assert isinstance(freed, e.ItemAdjourned)
    assert (freed.meeting, freed.reason, freed.clock) == (given.MEETING, None, case.clock)
    case = after(case, [freed])
    assert items.free(case, meeting=given.MEETING, scheme=SCHEME, at=NOON + 46 * DAY) == []
    assert listed(case, "meeting-other").listed == "meeting-other"
    assert items.free(given.in_moderation(), meeting=given.MEETING, scheme=SCHEME, at=NOON) == []


@pytest.mark.parametrize("stage", ["in_moderation", "confirmed", "in_review", "reviewed"])
def test_quorum_lost_an_item_is_adjourned_and_awaits_moderation_afresh(stage: str):
    before = STAGES[stage]()

    case = after(before, adjourn(before))

    assert (case.stage, case.moderation, case.moderated) == (Stage.AWAITING_MODERATION, None, frozenset())
    assert case.results is None
    assert case.clock == SCHEME.deadline("moderate_within", NOON + 46 * DAY)
    assert adjourn(case) == []
    again = given.decided(given.confirmed(given.in_moderation(listed(case, given.MEETING))))
    assert again.outcome


def test_what_a_panel_changed_before_it_was_adjourned_is_not_kept():
    case = given.in_moderation()
    case = after(case, moderate(case, c11="low", why="less"))

    case = after(case, adjourn(case))

    assert case.judgements["1.1"] == "high"


@pytest.mark.parametrize("stage", given.all_but("assessed", "in_moderation", "confirmed", "in_review", "reviewed"))
def test_only_what_is_listed_or_before_a_panel_is_adjourned(stage: str):
    with refused("stage-order", field="submission"):
        adjourn(STAGES[stage]())


def find_outside(case: Submission, **sits: Any) -> list[e.SubmissionEvent]:
    return items.find_outside(case, **sitting(**sits), reason=text("a sale, not development"))


def test_a_panel_may_find_a_programme_outside_the_definition_which_ends_it():
    case = after(given.in_moderation(), find_outside(given.in_moderation()))

    assert case.stage is Stage.INELIGIBLE
    assert case.over
    assert case.results is None
    assert find_outside(case) == []
    with refused("meeting-chair", field="actor"):
        find_outside(given.in_moderation(), by=MIA)
    with refused("item-quorum", field="present"):
        find_outside(given.in_moderation(), panel=(CHAIR, MIA, conflicted(NIK)))
    with refused("stage-order", field="submission"):
        find_outside(given.assessed())


def test_where_a_scheme_has_levels_the_outcome_names_the_highest_whose_rule_holds():
    levels = (
        AwardLevel(name="bronze", form="every-criterion-at-least", level="middle"),
        AwardLevel(name="gold", form="every-criterion-at-least", level="high"),
    )
    highest = given.scheme(awards=levels)
    case = given.confirmed(given.in_moderation(given.assessed(None, all_at("middle"))))

    [decided] = decision.decide(case, **{**sitting(), "scheme": highest})

    assert isinstance(decided, e.DecisionRecorded)
    assert (decided.outcome, decided.level) == ("awarded", "bronze")
