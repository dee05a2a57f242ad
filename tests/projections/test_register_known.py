"""What holds and what was known are told apart: of any date, at any knowledge, the register says what a replay by the domain says."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accreditation import Accreditation, AwardAnnulled, AwardCorrected, evolve
from domain.accreditation import award as awards
from domain.refusals import Refused
from projections import register
from services.ports import Recorded
from tests.domain.awards import GIVEN as SAID
from tests.domain.given import AWARD, NOON
from tests.projections.given import Log
from tests.projections.test_register_agrees import RULES, happen, steps

LATER = timedelta(days=90)
"""How long after it holds a decision comes on record here."""
SECOND = timedelta(seconds=1)


def by(events: list[Recorded], known: datetime) -> list[Recorded]:
    return [one for one in events if one.recorded_at <= known]


def naive(events: list[Recorded]) -> Accreditation:
    """The award as the domain has it after these events."""
    state = Accreditation()
    for one in events:
        state = evolve(state, one.event)
    return state


def awarded() -> tuple[Log, Accreditation]:
    log = Log()
    log.add(AWARD, *awards.award(Accreditation(), **{**SAID, "scheme": RULES, "level": "bronze"}))
    return log, naive(log.events)


@given(steps=steps, delays=st.lists(st.integers(0, 200), min_size=14, max_size=14))
@settings(max_examples=80, deadline=None)
def test_of_any_date_at_any_knowledge_the_register_says_what_a_replay_by_the_domain_says(
    steps: list[tuple[str, int, str, bool]], delays: list[int]
):
    log, award = awarded()
    at, recorded = NOON, NOON
    for (what, days, name, first), delay in zip(steps, delays, strict=False):
        at += timedelta(days=days, seconds=1)
        try:
            events = happen(what, award, name, at, first=first)
        except Refused:
            continue
        for event in events:
            award = evolve(award, event)
        # Recorded some time after it holds, and never before what was recorded earlier.
        recorded = max(recorded + SECOND, at + timedelta(days=delay))
        log.add(AWARD, *events, at=recorded)

    knowledge = sorted({one.recorded_at + back for one in log.events for back in (timedelta(), -SECOND)})
    ends = [instant for one in award.periods for instant in (one.starts_at, one.ends_at)]
    dates = sorted({NOON, at, recorded, *ends} | {one - SECOND for one in ends})
    for known in knowledge:
        events = by(log.events, known)
        state = naive(events)
        for date in dates:
            valid, suspended = register.known_by(events, on=date)
            assert bool(valid) == (bool(events) and state.valid_on(date)), (known, date)
            covered = any(one.starts_at <= date < one.ends_at for one in state.periods)
            assert bool(suspended) == (covered and state.suspended_on(date)), (known, date)
            if valid:
                assert valid[0].level == state.level_on(date)


def test_after_an_appeal_an_earlier_register_still_says_what_it_said_and_todays_what_holds():
    log, award = awarded()
    decided_at = NOON + 100 * timedelta(days=1)
    corrected = happen("corrected", award, "b", decided_at, first=True)
    assert [type(one) for one in corrected if isinstance(one, AwardCorrected)]
    log.add(AWARD, *corrected, at=decided_at + LATER)  # the panel decided, and it came on record three months later
    between, now = decided_at + LATER / 2, decided_at + 2 * LATER

    [then], _ = register.known_by(by(log.events, between), on=between)
    [since], _ = register.known_by(by(log.events, now), on=between)
    [before], _ = register.known_by(by(log.events, now), on=decided_at - SECOND)

    assert (then.level, since.level, before.level) == ("bronze", "gold", "bronze")


def test_an_award_annulled_on_record_later_was_in_the_register_until_that_was_recorded():
    log, award = awarded()
    annulled_at = NOON + 100 * timedelta(days=1)
    annulled = happen("annulled", award, "b", annulled_at, first=True)
    assert [one for one in annulled if isinstance(one, AwardAnnulled)]
    log.add(AWARD, *annulled, at=annulled_at + LATER)
    date = annulled_at + SECOND

    assert register.known_by(by(log.events, annulled_at + LATER / 2), on=date)[0]
    assert not register.known_by(by(log.events, annulled_at + 2 * LATER), on=date)[0]
    assert register.known_by(by(log.events, annulled_at + 2 * LATER), on=annulled_at - SECOND)[0]
    assert register.known_by((), on=date) == ([], [])
