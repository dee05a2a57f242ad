"""The cases and assessments that are drawn from follow from the log alone, and agree with each submission's state."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.clocks import Deadline
from domain.population import FOLLOWED, Assessed, Case, Population
from domain.provider import ProviderRegistered
from domain.submission import events as e
from domain.submission.remedy_events import DecisionReplaced, ModerationSetAside
from domain.submission.state import Stage
from tests.domain.given import ADA, CASE, DAY, LEAD, NOON, PROVIDER, text

CLOCK = Deadline(rule="submit-within", due_at=NOON + 365 * DAY)


def registered(**but: Any) -> e.ProgrammeRegistered:
    said: dict[str, Any] = {
        "submission": CASE,
        "scheme": "test-mark@1",
        "provider": PROVIDER,
        "lead_contact": LEAD,
        "category": "single",
        "subject": "science",
        "phase": "primary",
        "mode": "online",
        "size_band": "small",
        "title": text("title"),
        "agreement_accepted": True,
        "origin": "new",
        "follows": None,
        "accreditation": None,
        "criteria": ("1.1",),
        "clock": CLOCK,
    }
    return e.ProgrammeRegistered(**(said | but))


COMPLETED = e.AssessmentCompleted(assessor=ADA.id, minutes_spent=9, strengths=(), areas=(), clock=CLOCK)
MOVED = e.CaseMoved(scheme="test-mark@2", criteria=("1.1",), ruled_out=(), reason=text("why"))
DECIDED = e.DecisionRecorded(chair="person-c", outcome="not_awarded", level=None, unmet=("1.1",))


def followed(*events: tuple[str, Any, datetime]) -> Population:
    made = Population()
    made.follow((position, *one) for position, one in enumerate(events, start=10))
    return made


def test_a_case_has_the_scheme_stage_and_outcome_that_its_events_gave_it():
    made = followed(
        (PROVIDER, ProviderRegistered(provider=PROVIDER, provider_type="charity", size_band="small"), NOON),
        (CASE, registered(), NOON + DAY),
        (CASE, e.PreparationStarted(), NOON + 2 * DAY),
        (CASE, e.PreparationExtended(reason=text("why"), clock=CLOCK), NOON + 3 * DAY),
        (CASE, MOVED, NOON + 4 * DAY),
        (CASE, COMPLETED, NOON + 5 * DAY),
        (CASE, DECIDED, NOON + 6 * DAY),
    )

    assert made.position == 16
    assert made.cases == {
        CASE: Case(
            case=CASE,
            provider=PROVIDER,
            provider_type="charity",
            scheme="test-mark@2",
            stage=Stage.DECIDED.value,
            since=NOON + 6 * DAY,
            outcome="not_awarded",
        )
    }
    assert made.assessments == [
        Assessed(case=CASE, provider=PROVIDER, scheme="test-mark@2", assessor=ADA.id, completed_at=NOON + 5 * DAY)
    ]
    assert made.cases[CASE].scheme_id == made.assessments[0].scheme_id == "test-mark"


def test_a_case_is_at_its_stage_since_it_came_there():
    extended = e.PreparationExtended(reason=text("why"), clock=CLOCK)
    started = e.PreparationStarted()
    made = followed((CASE, registered(), NOON), (CASE, started, NOON + DAY), (CASE, extended, NOON + 2 * DAY))

    assert (made.cases[CASE].stage, made.cases[CASE].since) == ("preparing", NOON + DAY)


def test_a_programme_may_be_registered_as_of_another_type_than_its_provider_or_of_none():
    known = ProviderRegistered(provider=PROVIDER, provider_type="charity", size_band="small")

    assert (
        followed((PROVIDER, known, NOON), (CASE, registered(provider_type="trust"), NOON)).cases[CASE].provider_type
        == "trust"
    )
    assert followed((CASE, registered(), NOON)).cases[CASE].provider_type == ""


def test_what_happens_elsewhere_changes_nothing():
    assert followed(("submission-none", DECIDED, NOON)).cases == {}


def test_each_kind_of_event_is_followed_once():
    assert len(set(FOLLOWED)) == len(FOLLOWED)
    assert {e.DecisionRecorded, e.CaseMoved, ProviderRegistered} <= set(FOLLOWED)


def test_what_an_appeal_set_aside_has_no_outcome_until_it_is_decided_again():
    aside = ModerationSetAside(appeal="appeal-a", contested="result", excluded=(), clock=CLOCK)
    again = replace(DECIDED, outcome="awarded", level="accredited", unmet=())
    course = ((CASE, registered(), NOON), (CASE, COMPLETED, NOON), (CASE, DECIDED, NOON), (CASE, aside, NOON + DAY))

    held = followed(*course).cases[CASE]
    assert (held.outcome, held.stage, held.since) == ("", Stage.AWAITING_MODERATION, NOON + DAY)
    assert followed(*course, (CASE, again, NOON + 2 * DAY)).cases[CASE].outcome == "awarded"
    assert {type(aside), DecisionReplaced} <= set(FOLLOWED)
