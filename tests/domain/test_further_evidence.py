"""Further evidence, asked once; the clock for the result stands still meanwhile; the final review that follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import DeadlineMissed
from domain.submission import clocks, decision, moderation
from domain.submission import events as e
from domain.submission.assessment import Finding
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import DAY, LEAD, NOON, SCHEME, SECOND, STAGES, after, refused, sitting, text

ASKED_AT = sitting()["at"]


def ask(case: Submission | None = None, *criteria: str, **sits: Any) -> list[e.SubmissionEvent]:
    case = case or given.confirmed()
    return moderation.request_evidence(
        case, **sitting(**sits), criteria=criteria or ("1.2",), wanted=text("more, please")
    )


def provide(case: Submission | None = None, **said: Any) -> list[e.SubmissionEvent]:
    case = case or given.asked()
    whole = {"by": LEAD, "answers": given.answers(["1.2"]), "evidence": [], "at": ASKED_AT + DAY, **said}
    return moderation.provide_evidence(case, scheme=SCHEME, **whole)


def test_asking_names_the_criteria_sets_a_date_and_stops_the_clock_for_the_result():
    [asked] = ask(None, "1.2", "2.1", "1.2", at=ASKED_AT + DAY)

    assert isinstance(asked, e.EvidenceRequested)
    assert asked.criteria == ("1.2", "2.1")
    assert (asked.clock.rule, asked.clock.due_at) == ("evidence-within", ASKED_AT + 15 * DAY)
    assert asked.clock.remind_at == (ASKED_AT + 8 * DAY,)
    assert asked.results_left == timedelta(days=20).total_seconds()
    waiting = after(given.confirmed(), [asked])
    assert (waiting.results, waiting.stage) == (None, Stage.EVIDENCE_REQUESTED)


def test_asking_for_the_same_again_changes_nothing():
    assert ask(given.asked()) == []


@pytest.mark.parametrize("case", [given.asked, given.responded])
def test_while_an_answer_is_awaited_nothing_else_is_asked(case: Any):
    with refused("stage-order", field="submission"):
        ask(case(), "2.1")


def test_further_evidence_is_asked_once():
    with refused("one-evidence-round", field="submission"):
        ask(given.in_review(), "2.1")
    with refused("one-evidence-round", field="submission"):
        moderation.request_evidence(
            given.confirmed(),
            **{**sitting(), "scheme": given.scheme(evidence_rounds=0)},
            criteria=["1.2"],
            wanted=text("more"),
        )


def test_where_the_scheme_allows_more_rounds_each_waits_for_an_answer_of_its_own():
    twice = {**sitting(at=NOON + 60 * DAY), "scheme": given.scheme(evidence_rounds=2)}
    case = given.reviewed()

    case = after(case, moderation.request_evidence(case, **twice, criteria=["1.2"], wanted=text("still more")))

    assert not case.answered
    answer = provide(case, answers=given.answers(["1.2"], "Here"), at=NOON + 61 * DAY)
    assert len(answer) == 1
    reopened = given.in_review(after(case, answer))
    with refused("every-criterion-moderated"):
        decision.decide(reopened, **twice)
    with refused("review-before-decision"):
        decision.decide(given.confirmed(reopened), **twice)


@pytest.mark.parametrize(
    ("criteria", "rule", "field"),
    [(["9.9"], "scheme-criteria", "judgements.9.9"), ([], "evidence-criteria", "criteria")],
)
def test_what_is_asked_about_are_criteria_that_are_judged_here(criteria: list[str], rule: str, field: str):
    with refused(rule, field=field):
        moderation.request_evidence(given.confirmed(), **sitting(), criteria=criteria, wanted=text("more"))


def test_the_panel_first_says_what_it_makes_of_each_criterion():
    with refused("every-criterion-moderated", field="judgements"):
        ask(given.in_moderation())


@pytest.mark.parametrize(
    "said",
    [
        {"answers": given.answers(["1.2"])},
        {"answers": [], "evidence": given.files(["1.2"])},
        {"answers": given.answers(["1.2"]), "evidence": given.files(["1.2"])},
    ],
)
def test_the_answer_is_in_words_in_files_or_both(said: dict[str, Any]):
    case = after(given.asked(), provide(**said))

    assert case.answered
    assert case.clock is None
    assert provide(case, **said) == []


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"answers": []}, "evidence-criteria", "answers"),
        ({"answers": given.answers(["1.1"])}, "evidence-criteria", "answers"),
        ({"answers": given.answers(["1.2", "1.1"])}, "evidence-criteria", "answers"),
        ({"answers": given.answers(["1.2", "1.2"])}, "evidence-criteria", "answers"),
        ({"evidence": given.files(["1.1"])}, "portfolio-criteria", "evidence[0].criterion"),
        ({"evidence": [given.file("1.2", size=0)]}, "evidence-size", "evidence[0].size"),
        ({"by": "person-colleague"}, "own-provider", "actor"),
        ({"at": ASKED_AT + 14 * DAY + SECOND}, "evidence-within", "submission"),
    ],
)
def test_an_answer_is_to_what_was_asked_by_the_lead_contact_and_in_time(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        provide(**said)


def test_an_answer_at_the_very_instant_is_in_time():
    assert provide(at=ASKED_AT + 14 * DAY)


def test_a_second_answer_is_not_dropped_in_silence():
    with refused("evidence-once", field="submission"):
        provide(given.responded(), answers=given.answers(["1.2"], "On second thoughts"))


@pytest.mark.parametrize("stage", given.all_but("asked", "responded", "in_review", "reviewed"))
def test_nobody_answers_what_was_not_asked(stage: str):
    with refused("stage-order", field="submission"):
        provide(STAGES[stage]())


def opened_at(case: Submission, at: Any) -> list[e.SubmissionEvent]:
    return moderation.open_final_review(case, scheme=SCHEME, at=at)


def test_the_review_opens_about_two_weeks_after_the_meeting_also_when_the_answer_came_early():
    case = given.responded()
    opens_at = ASKED_AT + 14 * DAY

    assert moderation.review_opens_at(case) == opens_at
    assert opened_at(case, opens_at - SECOND) == []
    [opened] = opened_at(case, opens_at)
    assert isinstance(opened, e.FinalReviewOpened)
    assert opened.clock.rule == "review-within"


def test_without_an_answer_it_opens_when_the_date_has_passed_and_that_is_recorded():
    case = after(given.confirmed(), ask(at=ASKED_AT + 3 * DAY))
    due = ASKED_AT + 17 * DAY

    assert opened_at(case, due - SECOND) == []
    [nothing_came, opened] = opened_at(case, due)
    assert nothing_came == e.EvidenceNotProvided(due_at=due)
    assert isinstance(opened, e.FinalReviewOpened)
    assert opened_at(after(case, [nothing_came, opened]), due + DAY) == []


def test_nor_does_it_open_before_that_when_the_date_for_the_answer_passes_sooner():
    case = given.asked()
    assert case.moderation
    late = replace(case, moderation=replace(case.moderation, review_from=ASKED_AT + 30 * DAY))

    assert moderation.review_opens_at(late) == ASKED_AT + 30 * DAY
    assert opened_at(late, ASKED_AT + 30 * DAY - SECOND) == []
    assert len(opened_at(late, ASKED_AT + 30 * DAY)) == 2


def test_the_clock_for_the_result_goes_on_with_the_time_it_had_left():
    case = after(given.confirmed(), ask(at=ASKED_AT + 5 * DAY))

    opened = opened_at(case, ASKED_AT + 100 * DAY)[-1]

    assert isinstance(opened, e.FinalReviewOpened)
    assert opened.results.due_at == ASKED_AT + 116 * DAY


@pytest.mark.parametrize("stage", given.all_but("asked", "responded"))
def test_no_review_opens_where_nothing_was_asked_or_is_open_already(stage: str):
    assert opened_at(STAGES[stage](), NOON + 9999 * DAY) == []


def moderating(case: Submission, **levels: Finding) -> list[e.SubmissionEvent]:
    findings = {f"{name[1]}.{name[2]}": one for name, one in levels.items()}
    return moderation.moderate(case, **sitting(at=NOON + 60 * DAY), findings=findings)


def test_operations_are_told_once_of_a_result_that_is_overdue_when_the_review_is_concluded():
    case = given.reviewed()
    assert case.results

    told = clocks.miss_deadline(case, at=case.results.due_at)

    assert told == [DeadlineMissed(rule="results-within", due_at=case.results.due_at)]


@pytest.mark.parametrize("days", [0, 2])
def test_a_result_that_was_overdue_when_evidence_was_asked_is_so_by_the_same_date_and_not_told_again(days: int):
    case = given.confirmed()
    assert case.results
    late = case.results.due_at + days * DAY
    case = after(case, clocks.miss_deadline(case, at=case.results.due_at))
    wanted = {"criteria": ["1.2"], "wanted": text("more")}
    case = after(case, moderation.request_evidence(case, **sitting(at=late), **wanted))
    opens_at = moderation.review_opens_at(case)
    assert opens_at

    case = after(case, moderation.open_final_review(case, scheme=SCHEME, at=opens_at))

    assert case.results == given.confirmed().results
    assert clocks.miss_deadline(case, at=opens_at) == []


def test_the_review_looks_again_at_what_was_asked_and_at_nothing_else():
    case = given.in_review()

    assert moderating(case, c12=Finding(level="high")) == [e.JudgementConfirmed(criterion="1.2", level="high")]
    with refused("review-what-was-asked", field="judgements.1.1", match=r"1\.2"):
        moderating(case, c11=Finding(level="low", reason=text("less")))


def concluding(case: Submission) -> list[e.SubmissionEvent]:
    return moderation.conclude_review(case, **sitting(at=NOON + 60 * DAY))


def test_the_review_ends_when_every_criterion_asked_about_was_looked_at_again():
    with refused("every-criterion-moderated", field="judgements", match=r"1\.2"):
        concluding(given.in_review())

    assert concluding(given.confirmed(given.in_review(), at=NOON + 60 * DAY)) == [e.FinalReviewConcluded()]
    assert concluding(given.reviewed()) == []
    reviewed = given.reviewed()
    assert reviewed.clock == reviewed.results is not None


@pytest.mark.parametrize("stage", given.all_but("in_review", "reviewed"))
def test_no_review_ends_that_was_not_opened(stage: str):
    with refused("stage-order", field="submission"):
        concluding(STAGES[stage]())


def test_an_overdue_result_stays_overdue_after_the_review():
    late = replace(given.asked(), results_left=-3600.0)

    opened = opened_at(late, NOON + 90 * DAY)[-1]

    assert isinstance(opened, e.FinalReviewOpened)
    assert opened.results.due_at == NOON + 90 * DAY - timedelta(hours=1)
