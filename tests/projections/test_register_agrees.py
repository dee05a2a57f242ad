"""The register and the domain say the same of any award at any time, whatever happened to it and in whichever batches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.accreditation import Accreditation, AccreditationEvent, concerns, evolve, remedy
from domain.accreditation import award as awards
from domain.award import AwardLevel
from domain.clocks import Duration
from domain.refusals import Refused
from projections import register, reminders
from tests.domain.awards import GIVEN as SAID
from tests.domain.awards import LEVELS, RAY, YEARLY, awarded, renewing
from tests.domain.given import AWARD, CASE, NOON, text
from tests.projections.given import Log, make, show

SILVER = AwardLevel(name="silver", form="every-criterion-at-least", level="middle")
RULES = replace(
    LEVELS,
    extension=Duration.parse("P6M"),
    annual=YEARLY.annual,
    awards=(LEVELS.awards[0], SILVER, LEVELS.awards[1]),
)
MODELS = [register.MODEL, reminders.MODEL]
WHAT = (
    *("suspend", "reinstate", "reduce", "withdraw", "submitted", "ended", "renewed", "upgraded", "lapse", "narrow"),
    *("corrected", "annulled", "replaced", "reopened"),
)
steps = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 400), st.sampled_from("bcd"), st.booleans()), max_size=14
)


def happen(what: str, award: Accreditation, name: str, at: Any, *, first: bool) -> list[AccreditationEvent]:
    submission, concern, appeal = f"submission-{name}", f"concern-{name}", f"appeal-{at}"
    again = {"submission": CASE if first else submission, "appeal": appeal, "strengths": (), "scheme": RULES}
    again |= {"decided_at": at, "noted_at": at}
    level = {"b": "gold", "c": "bronze", "d": "silver"}[name]
    earning = {**renewing(at, submission, RULES), "level": level}
    decisions: dict[str, Callable[[], list[AccreditationEvent]]] = {
        "submitted": lambda: awards.submit_reaccreditation(award, submission=submission, scheme=RULES, at=at),
        "ended": lambda: awards.end_reaccreditation(award, submission=submission, outcome="not_awarded", at=at),
        "renewed": lambda: awards.renew(award, **earning),
        "upgraded": lambda: awards.upgrade(award, **earning),
        "corrected": lambda: remedy.follow_result(award, **again, level=level),
        "annulled": lambda: remedy.follow_result(award, **again, level=None),
        "reopened": lambda: remedy.reopen_reaccreditation(award, submission=submission, appeal=appeal, at=at),
        "replaced": lambda: remedy.replace_review(
            award, concern=concern, appeal=appeal, reason=text("no"), scheme=RULES, at=at
        ),
        "lapse": lambda: [*awards.start_extension(award, at=at), *awards.lapse(award, at=at)],
    }
    if what in decisions:
        return decisions[what]()
    events = concerns.raise_concern(award, id=concern, raised_by=None, text=text("why"), scheme=RULES, at=at)
    for event in events:
        award = evolve(award, event)
    opened = concerns.open_review(award, concern=concern, reviewer=RAY, took_part=(), scheme=RULES, at=at)
    for event in opened:
        award = evolve(award, event)
    to = {"reduce": {"level": "silver" if name == "c" else "bronze"}, "narrow": {"scope": text("less")}}.get(what, {})
    finding = "reduce" if what == "narrow" else what
    said = {"by": RAY, "finding": finding, "reason": text("so"), "scheme": RULES, "at": at, **to}
    return [*events, *opened, *concerns.conclude_review(award, concern=concern, **said)]


@given(steps=steps, cuts=st.sets(st.integers(1, 60)))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_register_and_domain_agree_on_every_day(
    connection: Connection[Any], steps: list[tuple[str, int, str, bool]], cuts: set[int]
):
    make(connection, MODELS)
    award, at, log = awarded(scheme=RULES, level="bronze"), NOON, Log()
    log.add(AWARD, *awards.award(Accreditation(), **{**SAID, "scheme": RULES, "level": "bronze"}))
    instants = {NOON, award.ends_at}
    for what, days, name, first in steps:
        at += timedelta(days=days, seconds=1)
        try:
            events = happen(what, award, name, at, first=first)
        except Refused:
            continue
        for event in events:
            award = evolve(award, event)
        log.add(AWARD, *events, at=at)
        instants |= {at, award.periods[-1].ends_at if award.periods else at}
    begin = 0
    for cut in [*sorted(cut for cut in cuts if cut < len(log.events)), len(log.events)]:
        show(connection, log.events[begin:cut], MODELS)
        begin = cut

    found = register.periods(connection, AWARD)
    assert [(one.starts_at, one.ends_at, one.level, one.extension, one.scope, one.submission) for one in found] == [
        (one.starts_at, one.ends_at, one.level, one.extension, one.scope, one.submission) for one in award.periods
    ]
    for moment in sorted(instants | {one - timedelta(microseconds=1) for one in instants}):
        assert bool(register.valid(connection, at=moment)) == award.valid_on(moment)
        covered = any(one.starts_at <= moment < one.ends_at for one in award.periods)
        assert bool(register.suspended(connection, at=moment)) == (covered and award.suspended_on(moment))
    running = list(award.clock.remind_at) if award.clock else []
    planned = reminders.planned(connection, until=NOON + timedelta(days=20_000), case=AWARD)
    assert [one.planned_for for one in planned] == running
