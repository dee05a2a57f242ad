"""Figures on small records, counted by hand: agreement, changes, outcomes, times, minutes, clocks, appeals, as known at any instant."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.figures.agreeing import CALIBRATION, MODERATION, agreements, changes
from domain.figures.appealed import appeals
from domain.figures.asked import Asked
from domain.figures.facts import Facts
from domain.figures.outcomes import outcomes
from domain.figures.times import clocks, minutes, stage_times
from domain.ids import PROCESS_ROLE
from domain.refusals import Refused
from domain.statistics.intervals import newcombe, wilson
from services import appeals as appealing_services
from services import assessment, figures, moderation, people, preparation, providers, screening
from services.assessment import Judgement
from services.figures import told_to_the_public
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.retaining import Keeping
from tests.services.test_calibration import mark
from tests.services.test_erasure import former
from tests.services.test_schemes import publish, version

ALL = Asked()
LATER = datetime(2028, 1, 1, tzinfo=UTC)


def known(body: Body, until: datetime | None = None) -> Facts:
    return figures.known(body.office, at=body.now(), until=until)


def every_figure(body: Body, facts: Facts | None = None, asked: Asked = ALL) -> dict[str, list[Any]]:
    """All figures, by name."""
    facts, at = facts or known(body), body.now()
    found: dict[str, Iterable[Any]] = {
        "agreement": agreements(facts, asked, figures.scales(body.office, at)),
        "changes": changes(facts, asked),
        "outcomes": outcomes(facts, asked),
        "stages": stage_times(facts, asked, figures.calendars(body.office, at), at),
        "minutes": minutes(facts, asked),
        "clocks": clocks(facts, asked, at),
        "appeals": appeals(facts, asked),
    }
    return {name: list(rows) for name, rows in found.items()}


def only(rows: Iterable[Any], **said: Any) -> Any:
    """The one row that has these cells."""
    [row] = [one for one in rows if all(getattr(one, name) == value for name, value in said.items())]
    return row


def registered_as(body: Body, provider_type: str, size_band: str) -> str:
    """A case of a new provider of this type and size, with its process's first steps done."""
    id = f"{body.mark}-{next(body.numbers)}"
    contact = providers.contact_id(id)
    providers.register_provider(
        body.office,
        body.command(contact, "provider", id=id),
        scheme=body.scheme.id,
        name=f"Provider of {id}",
        address="1 Test Street",
        contact_name=f"Contact of {id}",
        contact_email=f"{id}@provider.example",
        provider_type=provider_type,
        size_band=size_band,
    )
    case = factories.register(body, factories.Provider(id=providers.provider_id(id), contact=contact))
    factories.settle(body, case)
    return case


def through(body: Body, case: str, *, awarded: bool) -> str:
    """Bring a registered case to its released result."""
    window = factories.schedule_window(body)
    low = {} if awarded else {"1.1": body.scheme.scale[0]}
    for _ in factories.course(body, case, window, low):
        factories.settle(body, case)
    factories.settle(body, case)
    return case


def moderated(body: Body, **changed: str) -> str:
    """A case at the top of the scale of which the panel changes some judgements, and that is decided; returns it."""
    case = factories.brought(body, "taken up")
    levels = {f"{name[1]}.{name[2]}": level for name, level in changed.items()}
    factories.confirm(body, case, *(code for code in body.submission(case).judgements if code not in levels))
    for code, level in levels.items():
        said = {code: Judgement(level=level, reason="It is not shown.")}
        body.by_chair(moderation.moderate, case=case, judgements=said)
    factories.decide(body, case)
    factories.settle(body, case)
    return case


def marked_twice(body: Body, level: str) -> str:
    """A case that two assessors marked at the top, but for what the second one made of 1.1."""
    case = factories.brought(body, "screened")
    factories.settle(body, case)
    second = body.state(case).marker
    mark(body, case, second, c11=level)
    factories.assess(body, case)
    return case


@pytest.fixture
def blind(office: Office, clock: Clock) -> Body:
    """A body that has every submission marked blind."""
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    return factories.open_body(office, source=source, now=clock)


def test_of_nothing_there_are_no_figures(body: Body):
    assert {name: rows for name, rows in every_figure(body).items() if rows} == {}


def test_agreement_of_two_assessors_is_alpha_over_what_both_judged_by_criterion_and_over_all(blind: Body):
    for level in ("not_met", "met", "partially_met"):
        marked_twice(blind, level)

    rows = [one for one in every_figure(blind)["agreement"] if one.between == CALIBRATION]

    assert [one.criterion for one in rows] == ["", *sorted(blind.scheme.criteria)]
    whole, first, *others = rows
    assert (whole.cases, whole.judgements, whole.alike, whole.one_apart) == (3, 27, 25, 1)
    assert (first.cases, first.judgements, first.alike, first.one_apart) == (3, 3, 1, 1)
    # Of six values four are met and one each of the others: observed 4/6, expected 2 (4 + 4 + 1) / (6 × 5).
    assert first.nominal == pytest.approx(1 - (4 / 6) / (18 / 30))
    # Ranks 0, 1, 2 with 1, 1 and 4 values: squared distances 1, 2.5² and 3.5² between neighbours and the ends.
    near, over, far = (1 / 2 + 1 / 2) ** 2, (1 / 2 + 4 / 2) ** 2, (1 / 2 + 1 + 4 / 2) ** 2
    observed, expected = 2 * (far + over) / 6, 2 * (near + 4 * over + 4 * far) / 30
    assert first.ordinal == pytest.approx(1 - observed / expected)
    assert {(one.nominal, one.ordinal, one.nominal_low) for one in others} == {(None, None, None)}
    assert all(one.few for one in rows)


def test_a_marking_that_is_not_done_by_both_is_not_compared(blind: Body):
    case = factories.brought(blind, "screened")
    factories.settle(blind, case)
    mark(blind, case, blind.state(case).marker)
    assert every_figure(blind)["agreement"] == []

    factories.assess(blind, case)

    assert every_figure(blind)["agreement"][0].judgements == len(blind.scheme.criteria)


def test_what_a_panel_changed_is_a_share_of_what_the_assessor_judged_with_its_interval(body: Body):
    case = moderated(body, c11="partially_met", c21="partially_met")
    assessor = body.submission(case).assessor

    rows = every_figure(body)

    row = only(rows["changes"], assessor=assessor)
    criteria = len(body.scheme.criteria)
    share = wilson(2, criteria)
    assert (row.cases, row.judgements, row.changed, row.few, row.rest) == (1, criteria, 2, True, None)
    assert (row.share, row.low, row.high) == (share.value, share.low, share.high)
    whole = only(rows["agreement"], between=MODERATION, criterion="")
    assert (whole.judgements, whole.alike, whole.one_apart) == (criteria, criteria - 2, 2)


def test_each_assessor_is_seen_beside_all_others_together(body: Body):
    first = body.assessors[0]
    for one in body.assessors[1:]:
        body.by(people.set_availability, one, "assessor", available=False)
    moderated(body, c11="partially_met")
    body.by(people.set_availability, first, "assessor", available=False)
    for one in body.assessors[1:]:
        body.by(people.set_availability, one, "assessor", available=True)
    others = {body.submission(moderated(body)).assessor for _ in range(2)}

    rows = every_figure(body)["changes"]

    criteria = len(body.scheme.criteria)
    own = only(rows, assessor=first)
    assert (own.judgements, own.changed, own.rest) == (criteria, 1, 0)
    assert first not in others
    assert {one.changed for one in rows if one.assessor in others} == {0}
    beside = len(others) * criteria  # what the first judged, and the other one of two
    assert {one.rest for one in rows if one.assessor in others} == {1 / beside}


def test_what_is_changed_after_further_evidence_says_nothing_of_the_assessor(body: Body, clock: Clock):
    case = factories.brought(body, "taken up")
    factories.confirm(body, case)
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted="What came of it?")
    held = body.submission(case)
    assert held.clock
    clock.comes_to(max(held.clock.due_at, held.moderation.review_from))  # type: ignore[union-attr]
    body.by(moderation.open_final_review, case, PROCESS_ROLE, case=case)
    said = {"1.1": Judgement(level="not_met", reason="Nothing came of it.")}
    body.by_chair(moderation.moderate, case=case, judgements=said)
    body.by_chair(moderation.conclude_review, case=case)
    factories.decide(body, case)

    row = only(every_figure(body)["changes"])

    assert (row.judgements, row.changed) == (len(body.scheme.criteria), 0)
    assert body.submission(case).judgements["1.1"] == "not_met"


def test_outcomes_are_by_type_and_size_of_provider_with_the_difference_from_all_others(body: Body):
    types, sizes = body.scheme.provider_types, body.scheme.size_bands
    for kind, size, awarded in ((0, 0, True), (0, 1, True), (0, 0, False), (1, 1, False)):
        through(body, registered_as(body, types[kind], sizes[size]), awarded=awarded)

    rows = every_figure(body)["outcomes"]

    whole = only(rows, by="all")
    assert (whole.decided, whole.awarded, whole.not_awarded, whole.difference) == (4, 2, 2, None)
    of_type = only(rows, by="provider_type", group=types[0])
    assert (of_type.decided, of_type.awarded) == (3, 2)
    expected = newcombe(2, 3, 0, 1)
    assert (of_type.difference, of_type.difference_low, of_type.difference_high) == (
        expected.value,
        expected.low,
        expected.high,
    )
    of_size = only(rows, by="size_band", group=sizes[1])
    assert (of_size.decided, of_size.awarded, of_size.difference) == (2, 1, 0)
    assert all(one.few for one in rows)


def test_an_outcome_counts_as_it_stands_and_when_its_provider_was_first_told(body: Body, clock: Clock):
    case = refused_case(body)
    told_at = clock()
    clock.passes(days=1)
    heard = hearing(body)
    heard.upheld(case)

    assert every_figure(body)["outcomes"] == []  # what was set aside is no outcome, until it is decided again

    clock.passes(days=1)
    body.chair = factories.appoint(body, "chair", training="chairing")  # nobody judges it again who had a part before
    body.moderators = tuple(factories.appoint(body, "moderator", training="moderating") for _ in range(3))
    factories.settle(body, case)
    factories.assess(body, case)
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)
    factories.settle(body, case)
    before = Asked(ends=clock())
    of_then = only(every_figure(body, asked=before)["outcomes"], by="all")
    assert (of_then.decided, of_then.awarded) == (1, 1)
    assert before.holds(told_at)
    assert every_figure(body, asked=Asked(begins=clock()))["outcomes"] == []


def test_time_at_each_stage_is_in_calendar_and_in_working_days_and_says_what_was_too_late(body: Body, clock: Clock):
    window = factories.schedule_window(body)
    case = factories.register(body)  # Monday noon
    factories.settle(body, case)
    clock.passes(days=11)
    factories.pay_fees(body, case)
    factories.submit(body, case, window)  # Friday of the week after, noon
    factories.settle(body, case)
    due = body.submission(case).clock
    assert due
    clock.comes_to(due.due_at)
    clock.passes(hours=1)
    factories.pass_screening(body, case)
    other = factories.register(body)
    factories.settle(body, other)
    clock.passes(days=2)

    rows = every_figure(body)["stages"]

    preparing = only(rows, stage="preparing")
    assert (preparing.ended, preparing.overdue, preparing.open, preparing.longest_open) == (1, 0, 1, 2)
    assert (preparing.median, preparing.working_median, preparing.longest) == (11, 9, 11)
    screening_row = only(rows, stage="screening")
    assert (screening_row.ended, screening_row.overdue) == (1, 1)
    assert only(rows, stage="in_assessment").open == 1
    kept = only(every_figure(body)["clocks"], rule="screen-within")
    assert (kept.due, kept.in_time, kept.late, kept.running_late) == (1, 0, 1, 0)


def test_minutes_are_of_the_assessor_the_second_one_and_the_panels_part_of_its_meeting(blind: Body):
    case = marked_twice(blind, "met")
    meeting = factories.take_up(blind, case)
    factories.confirm(blind, case)
    factories.decide(blind, case)
    blind.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=60)
    assert every_figure(blind)["minutes"] == []  # of what is told only
    factories.settle(blind, case)

    rows = {one.role: one for one in every_figure(blind)["minutes"]}

    people_there = 1 + len(blind.moderators)
    assert {role: (one.cases, one.median) for role, one in rows.items()} == {
        "assessor": (1, 90),
        "second-assessor": (1, 80),
        "panel": (1, 60 * people_there),
    }


def test_a_meeting_over_two_submissions_took_each_half_of_its_time(body: Body):
    cases = [factories.brought(body, "screened") for _ in range(2)]
    for case in cases:
        factories.settle(body, case)
        factories.assess(body, case)
    meeting = factories.take_up(body, *cases)
    for case in cases:
        factories.confirm(body, case)
        factories.decide(body, case)
        factories.settle(body, case)
    body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=60)

    row = only(every_figure(body)["minutes"], role="panel")

    assert (row.cases, row.median, row.total) == (2, 30 * (1 + len(body.moderators)), 60 * (1 + len(body.moderators)))


def test_appeals_are_counted_by_what_came_of_them_and_why(body: Body):
    heard = hearing(body)
    for finding in ("dismissed", "upheld"):
        case = refused_case(body)
        appeal = heard.heard(case)
        heard.decide(appeal, finding=finding, **({"remedy": "assess-again"} if finding == "upheld" else {}))
    heard.lodge(refused_case(body))
    factories.brought(body, "released")

    rows = every_figure(body)["appeals"]

    whole = only(rows, by="all")
    assert (whole.lodged, whole.decided, whole.upheld, whole.dismissed, whole.open) == (3, 2, 1, 1, 1)
    assert (whole.share, whole.told, whole.rate) == (0.5, 4, 0.75)
    expected = wilson(3, 4)
    assert (whole.rate_low, whole.rate_high) == (expected.low, expected.high)
    ground = only(rows, by="ground")
    assert (ground.group, ground.lodged, ground.upheld, ground.dismissed) == ("evidence", 3, 1, 1)
    assert only(rows, by="contested", group="result").lodged == 3
    assert only(rows, by="remedy").group == "assess-again"


def test_a_clock_is_kept_late_or_void_and_counts_once_however_often_it_was_moved(body: Body, clock: Clock):
    case, gone = factories.brought(body, "accepted"), factories.brought(body, "accepted")
    due = body.submission(case).clock
    assert due
    for days in (3, 6):
        until = due.due_at + timedelta(days=days)
        body.by_officer(preparation.extend_deadline, case=case, until=until, reason="They were ill.")
    clock.comes_to(due.due_at)
    body.by_contact(preparation.withdraw, gone, reason="No time")
    criteria = body.submission(case).registration.criteria
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(criteria)}
    said = {code: factories.judged_at(body, code, "met", cited[code]) for code in criteria}
    body.by_assessor(assessment.judge, case, judgements=said)
    body.by_assessor(assessment.complete_assessment, case, minutes_spent=90)

    row = only(every_figure(body)["clocks"], rule="assess-within")

    assert (row.due, row.in_time, row.moved) == (1, 1, 1)


def test_complaints_and_appeals_have_clocks_too(body: Body, clock: Clock):
    [hal, _] = complaining.handlers(body)
    complaint = complaining.entered(body, hal)
    other = complaining.handlers(body, 1)[0]
    complaining.acknowledge(body, complaint, other)
    clock.passes(days=400)

    rows = every_figure(body)["clocks"]

    acknowledged = only(rows, kind="complaint", rule="acknowledge-complaint-within")
    answer = only(rows, kind="complaint", rule="answer-complaint-within")
    assert (acknowledged.in_time, answer.running_late) == (1, 1)


def test_figures_of_a_scheme_or_a_version_are_of_its_cases_alone(body: Body):
    moderated(body)

    for scheme, found in ((body.scheme.id, True), (body.scheme.ref, True), ("another", False)):
        rows = every_figure(body, asked=Asked(scheme=scheme))
        assert all(bool(rows[name]) is found for name in ("changes", "outcomes", "stages", "minutes", "clocks"))


def test_as_of_an_instant_only_what_was_recorded_by_then_counts_and_that_for_ever(body: Body):
    first = moderated(body)
    until = body.recorded(first)[-1].recorded_at
    before = every_figure(body, known(body, until))
    assert before["outcomes"][0].decided == 1

    moderated(body)

    assert every_figure(body, known(body, until)) == before
    assert every_figure(body)["outcomes"][0].decided == 2
    # Long after an instant what was known then is read once.
    late = LATER.replace(year=2031)
    assert figures.known(body.office, at=late, until=LATER) is figures.known(body.office, at=late, until=LATER)


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refused, match="ends before it begins"):
        Asked(begins=LATER, ends=LATER)


def test_a_conflict_hides_a_providers_cases_and_matters_from_a_readers_figures(body: Body):
    heard = hearing(body)
    hidden = refused_case(body)
    heard.lodge(hidden)
    moderated(body, c11="partially_met")
    reader = factories.appoint(body, "board", scheme=None)
    alone = every_figure(body)["outcomes"][0].decided
    provider = body.submission(hidden).registration.provider
    body.by(people.declare_conflict, reader, "board", id=reader, provider=provider)

    facts = known(body)
    rows = every_figure(body, facts.seen(facts.visible_to(body.state(reader), body.now())))

    assert alone == 2
    assert [one.decided for one in rows["outcomes"] if one.by == "all"] == [1]
    assert [one.lodged for one in rows["appeals"] if one.by == "all"] == [0]
    assert sum(one.cases for one in rows["changes"]) == 1


def test_who_is_complained_about_sees_nothing_of_it_in_figures(body: Body):
    member = factories.appoint(body, "board", scheme=None)
    hal = complaining.handlers(body, 1)[0]
    about = complaining.entered(body, hal, about="people", people=[member])
    facts = known(body)

    assert about not in facts.visible_to(body.state(member), body.now())
    assert about in facts.visible_to(body.state(hal), body.now())


def test_after_a_person_is_erased_every_figure_is_as_before(body: Body, keeping: Keeping, clock: Clock):
    case = moderated(body, c11="partially_met")
    hearing(body).lodge(refused_case(body))
    body.by_contact(preparation.withdraw, factories.brought(body, "registered"), reason="No time")
    person = former(body)
    request = keeping.approved(keeping.proposed(keeping.asked(person)))
    assert keeping.seen
    before = every_figure(body)
    assert all(before[name] for name in ("changes", "outcomes", "stages", "minutes", "clocks", "appeals"))

    keeping.gone(request)

    assert every_figure(body) == before
    assert body.submission(case).released


def test_a_reassigned_case_is_its_last_assessors_and_the_first_ones_work_ended_late(body: Body, clock: Clock):
    case = factories.brought(body, "screened")
    first = factories.settle(body, case).assessor
    body.by_assessor(assessment.accept_assignment, case)
    due = body.submission(case).clock
    assert due
    clock.comes_to(due.due_at)
    clock.passes(hours=1)
    body.by_officer(assessment.reassign, case=case)
    factories.settle(body, case)
    factories.assess(body, case)
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)

    rows = every_figure(body)

    assert only(rows["changes"]).assessor not in (first, None)
    late = only(rows["clocks"], rule="assess-within")
    assert (late.in_time, late.late) == (1, 1)


def test_an_appeal_that_is_withdrawn_is_neither_kept_nor_missed(body: Body):
    heard = hearing(body)
    case = refused_case(body)
    appeal = heard.lodge(case)
    body.by(appealing_services.withdraw_appeal, heard.contact(case), "provider", appeal=appeal, reason="No more.")

    rows = every_figure(body)

    assert only(rows["appeals"], by="all").withdrawn == 1
    assert [one for one in rows["clocks"] if one.kind == "appeal"] == []


def test_the_public_is_told_of_a_year_three_months_after_it_and_nothing_of_few(body: Body):
    moderated(body)
    year = body.recorded(body.officer)[0].recorded_at.year

    assert told_to_the_public(body.office, at=datetime(year + 1, 3, 31, 22, tzinfo=UTC)) == ()
    rows = told_to_the_public(body.office, at=datetime(year + 1, 4, 2, tzinfo=UTC))

    assert {one.shown for one in rows} == {False}
    groups = {one.group for one in rows if one.by == "provider_type"}
    assert groups == set(body.scheme.provider_types)  # whether or not anybody was of it
    assert {(one.decided, one.awarded, one.share, one.median_days) for one in rows} == {(None, None, None, None)}


def test_a_group_that_a_later_version_of_the_scheme_gives_up_keeps_its_row_whether_or_not_anybody_was_of_it(body: Body):
    moderated(body)
    publish(body, version(2, ('"subject-association", ', "")))
    year = body.recorded(body.officer)[0].recorded_at.year

    rows = told_to_the_public(body.office, at=datetime(year + 1, 4, 2, tzinfo=UTC))

    groups = {one.group for one in rows if one.by == "provider_type"}
    assert groups == set(body.scheme.provider_types)


def test_screening_that_is_passed_in_time_is_in_time(body: Body):
    case = factories.brought(body, "submitted")
    factories.settle(body, case)
    body.by_officer(screening.return_portfolio, case=case, reason="A page is missing.")

    assert only(every_figure(body)["clocks"], rule="screen-within").in_time == 1


def test_figures_are_counted_for_one_at_a_time_and_who_would_wait_for_long_is_told(
    body: Body, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(figures, "PATIENCE", 0.01)
    counting, enough = threading.Event(), threading.Event()

    def count() -> None:
        with figures.alone():
            counting.set()
            enough.wait(10)

    somebody = threading.Thread(target=count)
    somebody.start()
    assert counting.wait(10)
    try:
        with refused("too-busy"):
            known(body)
    finally:
        enough.set()
        somebody.join()
    assert known(body).cases == {}


def test_the_facts_of_a_moment_ago_are_those_of_now_while_nothing_has_come_since(body: Body):
    moderated(body)
    before = known(body)
    assert known(body) is before

    factories.brought(body, "registered")

    assert len(known(body).cases) == len(before.cases) + 1
