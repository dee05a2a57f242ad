"""Conflicts are declared, or found from facts; what rests on past employment lapses by itself, and to the second."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain import calibration, conflicts
from domain import person as people
from domain import provider as providers
from domain.assignment import choose_assessor
from domain.clocks import Calendar, Duration
from domain.conflicts import (
    FACTS,
    LAPSING,
    NOTED,
    ON_RECORD,
    ConflictDeclared,
    ConflictLifted,
    FactCorrected,
    FactRecorded,
    ScrutinyGranted,
    ScrutinyRevoked,
    Seen,
    Ties,
    conflicts_of,
    evolve,
)
from domain.person import Person
from domain.submission.moderation import may_moderate
from tests.domain.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    NOON,
    PROVIDER,
    SCHEME,
    SECOND,
    accepted,
    assessed,
    fold,
    refused,
    text,
)
from tests.domain.test_calibration import ALL, ID
from tests.domain.test_machines import SHORT, Aggregate

OTHER = "provider-other"
YEAR = Duration.parse("P1Y")
LONDON = Calendar(zone="Europe/London")
BEGAN = NOON - 2000 * DAY


def recorded(ties: Ties | None = None, **said: Any) -> Ties:
    ties = ties or Ties()
    usual = {"kind": "employed", "provider": PROVIDER, "from_at": BEGAN, "until_at": None, "source": NOTED, "at": NOON}
    events = conflicts.record_fact(ties, **{**usual, **said})
    assert events
    return fold(evolve, ties, events)


def found(ties: Ties, seen: Seen | None = None) -> list[tuple[str, str]]:
    return [(one.kind, one.source) for one in conflicts_of(ties, seen)]


def as_person(ties: Ties, at: datetime | None = None) -> Person:
    return replace(ADA, ties=ties, seen=Seen(at=at) if at else None)


@pytest.mark.parametrize("kind", FACTS)
def test_each_kind_of_fact_is_a_conflict_of_its_kind_while_it_lasts(kind: str):
    assert found(recorded(kind=kind)) == [(FACTS[kind], "found")]
    with refused("conflict-of-interest", field="actor", match=FACTS[kind].replace("-", " ")):
        people.require_no_conflict(as_person(recorded(kind=kind)), PROVIDER)


@pytest.mark.parametrize("kind", FACTS)
def test_of_some_facts_a_conflict_is_left_for_some_years_and_of_others_for_good(kind: str):
    ties = recorded(kind=kind, until_at=NOON)
    lapses_at = LONDON.after(NOON, YEAR)
    before = Seen(at=lapses_at - SECOND, within=YEAR, calendar=LONDON)
    after = replace(before, at=lapses_at)

    assert found(ties, before) == [(LAPSING.get(kind, FACTS[kind]), "found")]
    assert found(ties, after) == ([] if kind in LAPSING else [(FACTS[kind], "found")])


def test_years_are_calendar_right_and_three_where_no_scheme_says_otherwise():
    leap = datetime.fromisoformat("2024-02-29T12:00:00+00:00")
    ties = recorded(until_at=leap)

    assert found(ties, Seen(at=datetime.fromisoformat("2027-02-28T11:59:59+00:00")))
    assert not found(ties, Seen(at=datetime.fromisoformat("2027-02-28T12:00:00+00:00")))


def test_without_an_instant_at_which_one_looks_past_employment_counts():
    assert found(recorded(until_at=BEGAN + DAY)) == [("employed-there", "found")]


def test_conflicts_and_grants_go_with_time_only_where_something_ended_or_was_granted():
    assert not Ties().timed
    assert not recorded().timed
    assert recorded(until_at=NOON).timed
    assert granted().timed


def test_what_is_declared_each_kind_of_it_stands_by_itself():
    ties = fold(evolve, Ties(), conflicts.declare(Ties(), provider=PROVIDER, kind="family"))
    assert conflicts.declare(ties, provider=PROVIDER, kind="family") == []
    ties = fold(evolve, ties, conflicts.declare(ties, provider=PROVIDER, kind="financial"))

    [lifted] = conflicts.lift(ties, provider=PROVIDER, kind="family", reason=text("a namesake"))
    left = evolve(ties, lifted)

    assert lifted == ConflictLifted(provider=PROVIDER, kind="family", reason=text("a namesake"))
    assert found(ties) == [("family", "declared"), ("financial", "declared")]
    assert found(left) == [("financial", "declared")]
    with refused("known-conflict", field="kind", match="financial"):
        conflicts.lift(left, provider=PROVIDER, kind="family", reason=text("again"))
    with refused("known-conflict", field="kind", match="nothing"):
        conflicts.lift(left, provider=OTHER, kind="family", reason=text("again"))


def test_a_found_conflict_is_not_lifted_but_a_declared_one_beside_it_is():
    ties = recorded()
    with refused("found-by-facts", field="kind"):
        conflicts.lift(ties, provider=PROVIDER, kind="same-organisation", reason=text("no"))
    both = fold(evolve, ties, conflicts.declare(ties, provider=PROVIDER, kind="family"))

    assert conflicts.lift(both, provider=PROVIDER, kind="family", reason=text("a namesake"))


def test_the_same_fact_is_recorded_once_and_others_get_numbers_of_their_own():
    ties = recorded()
    said = {"kind": "employed", "provider": PROVIDER, "from_at": BEGAN, "source": NOTED, "at": NOON}
    assert conflicts.record_fact(ties, **said, until_at=None) == []

    ties = recorded(ties, until_at=NOON)
    ties = recorded(ties, kind="family")
    ties = recorded(ties, provider=OTHER)

    assert [(number, one.number) for number, one in ties.facts.items()] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_number_is_never_given_twice():
    ties = recorded()
    gone = fold(evolve, ties, correct(ties, stands=False))

    assert list(recorded(gone, kind="family").facts) == [2]


@pytest.mark.parametrize(
    ("from_at", "until_at", "field", "why"),
    [
        (NOON + SECOND, None, "from_at", "still to come"),
        (BEGAN, BEGAN, "until_at", "ends before it begins"),
        (BEGAN, BEGAN - DAY, "until_at", "ends before it begins"),
        (BEGAN, NOON + SECOND, "until_at", "not ended yet"),
    ],
)
def test_a_fact_began_before_now_and_ended_after_it_began_and_before_now(
    from_at: Any, until_at: Any, field: str, why: str
):
    with refused("fact-dates", field=field, match=why):
        recorded(from_at=from_at, until_at=until_at)
    with refused("fact-dates", field=field, match=why):
        correct(recorded(from_at=BEGAN - DAY), from_at=from_at, until_at=until_at)


def test_a_fact_may_begin_and_end_at_this_very_moment():
    assert recorded(from_at=NOON).facts
    assert recorded(until_at=NOON).facts


def test_a_kind_of_fact_is_one_that_is_known():
    with refused("fact-kinds", field="kind", match="own-organisation"):
        recorded(kind="met them once")


def correct(ties: Ties, **said: Any) -> list[Any]:
    usual = {"number": 1, "from_at": BEGAN, "until_at": None, "stands": True, "reason": text("it was so"), "at": NOON}
    return conflicts.correct_fact(ties, **{**usual, **said})


def test_a_corrected_fact_is_as_corrected_and_keeps_where_it_comes_from():
    ties = recorded()

    [corrected] = correct(ties, until_at=NOON - DAY)
    ties = evolve(ties, corrected)

    assert isinstance(corrected, FactCorrected)
    assert ties.facts[1] == FactRecorded(
        number=1, kind="employed", provider=PROVIDER, from_at=BEGAN, until_at=NOON - DAY, source=NOTED
    )
    assert correct(ties, until_at=NOON - DAY) == []
    assert found(fold(evolve, ties, correct(ties, stands=False))) == []


def test_only_a_fact_that_there_is_can_be_corrected_and_none_that_the_record_shows():
    with refused("known-fact", field="number", match="no number"):
        correct(Ties())
    with refused("known-fact", field="number", match="Allowed: 1"):
        correct(recorded(), number=2)
    with refused("found-on-record", field="number"):
        correct(recorded(source=ON_RECORD), stands=False)


def test_what_the_record_shows_ends_when_the_record_says_so():
    ties = recorded(source=ON_RECORD)
    ties = recorded(ties, kind="guided", source=ON_RECORD)
    ties = recorded(ties, from_at=BEGAN + DAY)

    [ended] = conflicts.end_facts(ties, kind="employed", provider=PROVIDER, at=NOON)

    assert (ended.number, ended.until_at, ended.reason, ended.stands) == (1, NOON, None, True)
    assert conflicts.end_facts(evolve(ties, ended), kind="employed", provider=PROVIDER, at=NOON + DAY) == []
    assert conflicts.end_facts(ties, kind="employed", provider=OTHER, at=NOON) == []


# Scrutiny that was granted


def granted(ties: Ties | None = None, **said: Any) -> Ties:
    ties = ties or fold(evolve, Ties(), conflicts.declare(Ties(), provider=PROVIDER, kind="family"))
    usual = {"scrutiny": "scrutiny-a", "provider": PROVIDER, "case": CASE, "role": "chair", "scrutineer": "person-w"}
    return evolve(ties, ScrutinyGranted(**{**usual, "until_at": NOON + DAY, **said}))


def test_what_was_granted_is_for_one_case_one_role_and_a_time():
    watched = as_person(granted(), at=NOON)

    people.require_no_conflict(watched, PROVIDER, case=CASE, roles=("chair", "moderator"))
    assert not watched.kept_from(PROVIDER, case=CASE, roles=("chair",))
    for said in ({"case": CASE, "roles": ("moderator",)}, {"case": "submission-x", "roles": ("chair",)}, {}):
        with refused("conflict-of-interest", field="actor"):
            people.require_no_conflict(watched, PROVIDER, **said)
    late = as_person(granted(), at=NOON + DAY)
    assert late.kept_from(PROVIDER, case=CASE, roles=("chair",))
    assert as_person(granted()).kept_from(PROVIDER, case=CASE, roles=("chair",))
    assert not as_person(granted(), at=NOON + DAY - SECOND).kept_from(PROVIDER, case=CASE, roles=("chair",))


def test_what_was_granted_for_one_provider_says_nothing_of_another():
    ties = fold(evolve, granted(), [ConflictDeclared(provider=OTHER, kind="family")])

    assert as_person(ties, at=NOON).kept_from(OTHER, case=CASE, roles=("chair",))
    assert ties.granted


def test_who_is_watched_is_chosen_to_assess_only_after_everyone_without_a_conflict():
    watched = as_person(granted(role="assessor"), at=NOON)
    worse = replace(BEN, subjects=frozenset(), phases=frozenset(), round_work={"window-a": 1})
    said = {
        "scheme": SCHEME,
        "submission": CASE,
        "provider": PROVIDER,
        "subject": "science",
        "phase": "primary",
        "window": "window-a",
        "excluded": frozenset(),
        "at": NOON,
    }

    chosen, considered = choose_assessor([watched, worse], **said)
    assert chosen is worse
    assert [(one.person, one.verdict, one.match, one.load) for one in considered] == [
        (worse.id, "chosen", 0, 1),
        (watched.id, "eligible", 2, 0),
    ]
    assert choose_assessor([watched], **said)[0] is watched
    assert choose_assessor([watched], **{**said, "submission": "submission-x"})[0] is None


def test_who_is_watched_in_a_panel_takes_part_in_that_item_only():
    case = assessed(by=BEN)
    watched = replace(CHAIR, ties=granted(case=case.id), seen=Seen(at=NOON))

    assert may_moderate(case, watched, NOON)
    assert not may_moderate(case, replace(watched, ties=granted(case="submission-x")), NOON)
    assert not may_moderate(case, replace(watched, ties=granted(case=case.id, role="officer")), NOON)


def test_a_providers_cases_are_listed_once_and_only_of_one_that_is_known():
    known = fold(
        providers.evolve,
        providers.Provider(),
        [providers.ProviderRegistered(provider=PROVIDER, provider_type="charity", size_band="small")],
    )

    [opened] = providers.open_case(known, case=CASE)

    assert providers.evolve(known, opened).cases == {CASE}
    assert providers.open_case(providers.evolve(known, opened), case=CASE) == []
    assert providers.open_case(providers.Provider(), case=CASE) == []


def test_who_assessed_the_award_before_does_not_mark_it_blind_where_somebody_else_is_wanted():
    case = accepted(by=BEN)
    said = {"id": ID, "case": case, "scheme": ALL, "assessors": [ADA], "at": NOON + 33 * DAY}

    assert calibration.assign(calibration.Calibration(), **said)[1] is ADA
    assert calibration.assign(calibration.Calibration(), **said, before=frozenset({ADA.id}))[1] is None


def test_another_conflict_with_the_provider_ends_what_was_granted():
    assert fold(evolve, granted(), [ConflictDeclared(provider=PROVIDER, kind="advised")]).granted == {}
    assert recorded(granted()).granted == {}
    assert recorded(granted(), provider=OTHER).granted


def test_what_was_granted_is_taken_back():
    ties = granted(granted(), scrutiny="scrutiny-b", case="submission-b")

    left = evolve(ties, ScrutinyRevoked(scrutiny="scrutiny-a"))

    assert list(left.granted) == ["submission-b"]


# Whatever is tried


PROVIDERS = st.sampled_from([PROVIDER, OTHER])
DAYS = st.integers(-2500, 20).map(lambda days: NOON + timedelta(days=days))


class ConflictsMachine(Aggregate):
    """A person's ties: what is declared stays until it is lifted, what is found until its fact is corrected or the years are over."""

    evolve = staticmethod(evolve)

    def __init__(self) -> None:
        super().__init__()
        self.state = Ties()
        self.declared: set[tuple[str, str]] = set()
        self.facts: dict[int, tuple[str, str, datetime | None, str]] = {}

    @rule(provider=PROVIDERS, kind=st.sampled_from([*conflicts.CONFLICT_KINDS, "envy"]))
    def they_declare(self, provider: str, kind: str) -> None:
        for one in self.tries(lambda: conflicts.declare(self.state, provider=provider, kind=kind)):
            self.declared.add((one.provider, one.kind))
            assert provider not in {grant.provider for grant in self.state.granted.values()}

    @rule(provider=PROVIDERS, kind=st.sampled_from(conflicts.CONFLICT_KINDS))
    def somebody_lifts(self, provider: str, kind: str) -> None:
        if self.tries(lambda: conflicts.lift(self.state, provider=provider, kind=kind, reason=text("in error"))):
            self.declared.remove((provider, kind))

    @rule(
        provider=PROVIDERS,
        kind=st.sampled_from([*FACTS, "envy"]),
        from_at=DAYS,
        until_at=st.none() | DAYS,
        source=st.sampled_from([NOTED, ON_RECORD]),
    )
    def somebody_tells(self, provider: str, kind: str, from_at: Any, until_at: Any, source: str) -> None:
        said = {"provider": provider, "kind": kind, "from_at": from_at, "until_at": until_at, "source": source}
        for one in self.tries(lambda: conflicts.record_fact(self.state, **said, at=NOON)):
            assert one.number not in self.facts
            self.facts[one.number] = (provider, kind, until_at, source)

    @rule(number=st.integers(1, 5), from_at=DAYS, until_at=st.none() | DAYS, stands=st.booleans())
    def somebody_corrects(self, number: int, from_at: Any, until_at: Any, stands: bool) -> None:
        said = {"number": number, "from_at": from_at, "until_at": until_at, "stands": stands}
        for _ in self.tries(lambda: correct(self.state, **said)):
            provider, kind, _, source = self.facts.pop(number)
            assert source == NOTED
            if stands:
                self.facts[number] = (provider, kind, until_at, source)

    @rule(provider=PROVIDERS)
    def scrutiny_is_granted(self, provider: str) -> None:
        if any(of == provider for of, _ in self.declared):
            self.state = granted(self.state, provider=provider, case=f"submission-{provider}")

    @invariant()
    def who_has_a_conflict_is_kept_from_the_provider_and_nobody_else_is(self) -> None:
        seen = Seen(at=NOON, within=YEAR)
        lasting = {
            provider
            for provider, kind, until_at, _ in self.facts.values()
            if until_at is None or kind not in LAPSING or seen.calendar.after(until_at, YEAR) > NOON
        }
        wanted = {provider for provider, _ in self.declared} | lasting
        person = replace(ADA, ties=self.state, seen=seen)
        assert person.conflicts == wanted
        for provider in (PROVIDER, OTHER):
            assert person.kept_from(provider) is (provider in wanted)
            watched = f"submission-{provider}" in self.state.granted
            kept = person.kept_from(provider, case=f"submission-{provider}", roles=("chair",))
            assert kept is (provider in wanted and not watched)


ConflictsMachine.TestCase.settings = SHORT
TestConflicts = ConflictsMachine.TestCase
