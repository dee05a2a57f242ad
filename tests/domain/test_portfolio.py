"""Submission of the portfolio, whole and within the scheme's limits; it is then frozen. Screening."""

from dataclasses import replace
from typing import Any

import pytest

from domain.submission import events as e
from domain.submission import preparation
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import AWARD, DAY, LEAD, NOON, SCHEME, SECOND, STAGES, after, refused, text


def submit(case: Submission | None = None, **said: Any) -> list[e.SubmissionEvent]:
    case = case or given.preparing()
    return preparation.submit(case, **given.portfolio(case, **said))


def test_a_whole_portfolio_is_taken_with_its_window_and_the_submission_fee_falls_due():
    handed_in, fee = submit(late=True)

    assert isinstance(handed_in, e.PortfolioSubmitted)
    assert handed_in.late
    assert [answer.criterion for answer in handed_in.answers] == list(SCHEME.criteria)
    assert fee == e.FeeCharged(kind="submission", amount=150_000, currency="GBP")
    assert given.submitted().stage is Stage.SUBMITTED
    assert given.submitted().clock is None


def test_a_portfolio_without_files_is_taken_too():
    assert submit(evidence=[])


@pytest.mark.parametrize(
    ("reached", "match"),
    [
        (given.answers(["1.1", "1.2"]), r"no answer to 2\.1"),
        ([], r"no answer to 1\.1, 1\.2, 2\.1"),
        (given.answers(["1.1", "1.2", "2.1", "9.9"]), r"not asked for: 9\.9"),
        (given.answers(["1.1", "1.2", "2.1", "2.1"]), r"answered twice: 2\.1"),
    ],
)
def test_there_is_one_answer_to_each_criterion(reached: list[e.Answer], match: str):
    with refused("portfolio-complete", field="answers", match=match):
        submit(answers=reached)


@pytest.mark.parametrize(
    ("one", "rule", "field"),
    [
        (given.file("9.9"), "scheme-criteria", "evidence[0].criterion"),
        (given.file("1.1", sha256="abc"), "evidence-sha256", "evidence[0].sha256"),
        (given.file("1.1", sha256="A" * 64), "evidence-sha256", "evidence[0].sha256"),
        (
            given.file("1.1", sha256="Dear assessor, my name is Ada " + "a" * 34),
            "evidence-sha256",
            "evidence[0].sha256",
        ),
        (given.file("1.1", sha256="a" * 63 + "\n"), "evidence-sha256", "evidence[0].sha256"),
        (given.file("1.1", media_type="text/html"), "scheme-lists", "evidence[0].media_type"),
        (given.file("1.1", size=0), "evidence-size", "evidence[0].size"),
        (given.file("1.1", size=-1), "evidence-size", "evidence[0].size"),
        (given.file("1.1", size=1001), "evidence-size", "evidence[0].size"),
        (given.file("1.1", media_type="video/mp4"), "media-pinpoint", "evidence[0].pinpoint"),
        (given.file("1.1", media_type="video/mp4", pinpoint=(60, 60)), "media-pinpoint", "evidence[0].pinpoint"),
        (given.file("1.1", media_type="video/mp4", pinpoint=(60, 30)), "media-pinpoint", "evidence[0].pinpoint"),
        (given.file("1.1", pinpoint=(-1, 30)), "media-pinpoint", "evidence[0].pinpoint"),
    ],
)
def test_a_file_beyond_the_schemes_limits_is_refused_by_its_field(one: e.Evidence, rule: str, field: str):
    with refused(rule, field=field):
        submit(evidence=[one])


def test_a_file_at_the_schemes_limits_is_taken():
    assert submit(evidence=[given.file("1.1", size=1000, media_type="video/mp4", pinpoint=(0, 1))])


def test_a_criterion_has_so_many_files_and_no_more():
    two = [given.file("1.1"), given.file("1.1", sha256="b" * 64)]

    assert submit(evidence=two)
    with refused("files-per-criterion", field="evidence", match="at most 2"):
        submit(evidence=[*two, given.file("1.1", sha256="c" * 64)])


def test_evidence_is_for_criteria_that_are_judged_in_this_submission():
    light = given.registered(follows=given.released(), accreditation=AWARD)

    with refused("portfolio-criteria", field="evidence[0].criterion", match=r"2\.1"):
        submit(light, evidence=[given.file("1.1")])


@pytest.mark.parametrize("by", ["person-colleague", ""])
def test_only_the_lead_contact_submits(by: str):
    with refused("own-provider", field="actor"):
        submit(by=by)


def test_the_limit_holds_to_the_second():
    case = given.preparing()
    assert case.clock
    due = case.clock.due_at

    assert submit(case, at=due)
    with refused("submit-within", field="submission", match="an extension"):
        submit(case, at=due + SECOND)


def test_after_its_return_a_portfolio_comes_back_by_the_date_and_is_not_charged_again():
    case = given.returned()
    assert case.clock
    due = case.clock.due_at

    [handed_in] = submit(case, at=due)

    assert isinstance(handed_in, e.PortfolioSubmitted)
    with refused("return-within", field="submission"):
        submit(case, at=due + SECOND)


@pytest.mark.parametrize("reached", [given.submitted, given.screening])
def test_a_portfolio_that_was_handed_in_is_frozen(reached: Any):
    case = reached()

    assert submit(case) == []
    with refused("portfolio-frozen", field="submission"):
        submit(case, evidence=given.files()[:1])


def test_other_words_in_the_same_place_are_another_portfolio_and_are_not_taken_in_silence():
    with refused("portfolio-frozen", field="submission"):
        submit(given.submitted(), answers=given.answers(saying="On second thoughts we do"))


FROZEN = given.all_but("registered", "preparing", "submitted", "screening", "returned")


@pytest.mark.parametrize("stage", FROZEN)
def test_later_nothing_is_handed_in_any_more(stage: str):
    with refused("stage-order", field="submission"):
        submit(STAGES[stage](), at=NOON + DAY)


@pytest.mark.parametrize("stage", [stage for stage in FROZEN if stage not in ("lapsed", "withdrawn")])
def test_whatever_follows_the_portfolio_stays_what_was_submitted(stage: str):
    assert STAGES[stage]().portfolio == given.submitted().portfolio


def test_the_manifest_changes_with_any_answer_and_any_file_and_not_with_their_order():
    manifest = preparation.manifest_of(given.answers(), given.files())

    assert preparation.manifest_of(given.answers()[::-1], given.files()[::-1]) == manifest
    assert preparation.manifest_of(given.answers(saying="They do"), given.files()) != manifest
    assert (
        preparation.manifest_of(given.answers(), [*given.files()[:2], replace(given.files()[2], size=101)]) != manifest
    )
    assert preparation.manifest_of(given.answers(), given.files()[:2]) != manifest


def test_screening_starts_once_what_was_submitted_is_there_and_is_due_in_working_days():
    case = given.submitted()

    [started] = preparation.start_screening(case, scheme=SCHEME, at=NOON + 30 * DAY)

    assert isinstance(started, e.ScreeningStarted)
    assert started.clock.rule == "screen-within"
    assert preparation.start_screening(given.screening(), scheme=SCHEME, at=NOON) == []
    assert preparation.start_screening(given.preparing(), scheme=SCHEME, at=NOON) == []


def test_what_is_complete_and_paid_passes_and_goes_on_to_assessment():
    assert preparation.pass_screening(given.paid(given.screening())) == [e.ScreeningPassed()]
    assert preparation.pass_screening(given.in_assessment()) == []
    assert given.in_assessment().clock is None


def test_an_unpaid_fee_keeps_a_submission_from_assessment_and_a_waiver_lets_it_through():
    case = given.screening()
    with refused("fee-before-assessment", field="fees", match="registration, submission"):
        preparation.pass_screening(case)

    for kind in ("registration", "submission"):
        case = after(case, preparation.waive_fee(case, kind=kind, reason=text("a pilot")))

    assert preparation.pass_screening(case)


def test_a_return_says_why_and_sets_a_date():
    [back] = preparation.return_portfolio(given.screening(), reason=text("a page"), scheme=SCHEME, at=NOON)

    assert isinstance(back, e.PortfolioReturned)
    assert (back.clock.rule, back.clock.due_at) == ("return-within", NOON + 10 * DAY)
    assert preparation.return_portfolio(given.returned(), reason=text("a page"), scheme=SCHEME, at=NOON) == []


def test_a_programme_outside_the_scheme_is_found_ineligible_and_that_is_the_end():
    case = given.screening()

    over = after(case, preparation.find_ineligible(case, reason=text("first aid")))

    assert (over.stage, over.over, over.clock) == (Stage.INELIGIBLE, True, None)
    assert preparation.find_ineligible(over, reason=text("first aid")) == []


@pytest.mark.parametrize("stage", given.all_but("submitted", "screening"))
def test_only_what_was_handed_in_is_screened(stage: str):
    case = STAGES[stage]()
    if case.stage is not Stage.IN_ASSESSMENT:
        with refused("stage-order", field="submission"):
            preparation.pass_screening(case)
    if case.stage is not Stage.RETURNED:
        with refused("stage-order", field="submission"):
            preparation.return_portfolio(case, reason=text("a page"), scheme=SCHEME, at=NOON)
    if case.stage is not Stage.INELIGIBLE:
        with refused("stage-order", field="submission"):
            preparation.find_ineligible(case, reason=text("first aid"))


def test_what_lapsed_after_its_return_may_be_taken_up_again_with_an_extension():
    case = given.lapsed(given.returned())
    until = NOON + 400 * DAY

    again = after(
        case, preparation.extend_preparation(case, until=until, reason=text("ill"), scheme=SCHEME, at=NOON + 50 * DAY)
    )

    assert preparation.submit(again, **given.portfolio(again, at=until))
    assert given.portfolio(again)["by"] == LEAD
