"""What people do in a case whose process runs beside them, in steps that several tests take."""

from datetime import datetime, timedelta
from typing import Any

from domain.accreditation import AccreditationRenewed
from domain.submission.state import Stage
from services import assessment, items, moderation, visits, windows
from services.assessment import Judgement
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.diary import london, same_time
from tests.workflows.machinery import LIMIT, settled, wait_for


def again(body: f.Body, first: str, **said: Any) -> str:
    """The provider registers to earn the award of its first submission again, the light-touch way."""
    registration = body.submission(first).registration
    provider = f.Provider(id=registration.provider, contact=registration.lead_contact)
    case = f.register(body, provider, follows=first, accreditation=accreditation_id(first), **said)
    assert set(settled(body, case).registration.criteria) == set(body.scheme.light_touch)
    return case


def window(body: f.Body, opens: str, closes: str) -> str:
    command = body.command(body.officer, "officer")
    windows.schedule_window(
        body.office,
        command,
        scheme=body.scheme.id,
        opens_at=london(opens),
        closes_at=london(closes),
        grace_seconds=600,
    )
    return windows.window_id(command.id)


def screened(body: f.Body, case: str) -> str:
    """Its fees are paid and it is passed; returns the assessor whom the process assigns."""
    wait_for(body, case, Stage.SCREENING)
    f.pass_screening(body, case)
    until(lambda: body.submission(case).assessor, LIMIT)
    return str(body.submission(case).assessor)


def accept(body: f.Body, case: str) -> None:
    body.by_assessor(assessment.accept_assignment, case)


def complete(body: f.Body, case: str) -> None:
    body.by_assessor(assessment.complete_assessment, case, minutes_spent=300)


def taken_up_alone(body: f.Body, case: str) -> str:
    """One independent moderator takes it up, if nobody has; returns who."""
    held = body.submission(case).moderation
    if held:
        return held.chair
    by = next(one for one in body.moderators if one not in {entry.actor for entry in body.recorded(case)})
    body.by(items.take_up_alone, by, "moderator", case=case)
    return by


def moderated_alone(body: f.Body, case: str) -> None:
    """One independent moderator takes it up, confirms, decides and approves; the process releases the result."""
    by = taken_up_alone(body, case)

    def do(service: Any, **said: Any) -> None:
        body.by(service, by, "moderator", case=case, **said)

    judged = body.submission(case).judgements
    do(moderation.moderate, judgements={code: Judgement(level=level) for code, level in judged.items()})
    do(moderation.decide)
    do(moderation.approve_report, lacks={})
    until(lambda: body.submission(case).over, LIMIT)


def panel_decides(body: f.Body, case: str) -> None:
    """A panel takes it up, confirms all and decides; the process releases the result."""
    f.take_up(body, case)
    f.confirm(body, case)
    f.decide(body, case)
    until(lambda: body.submission(case).over, LIMIT)


def visited(body: f.Body, case: str, recommendation: str) -> None:
    groups = body.scheme.route.people_to_meet
    body.by_assessor(visits.agree_people, case, groups=groups, missing={})
    body.by_assessor(visits.hold_visit, case, met=groups[:2], minutes_spent=300, recommendation=recommendation)


def lasts(body: f.Body, award: str, starts: str, ends: str) -> datetime:
    """The award's last period, to the minute, as it begins when somebody acts; returns the very instant of its end."""
    until(lambda: body.recorded(award), LIMIT)
    period = body.state(award).periods[-1]
    assert timedelta() <= period.starts_at - london(starts) < timedelta(minutes=1)
    assert period.ends_at == same_time(period.starts_at, ends)
    ends_at: datetime = period.ends_at
    return ends_at


def goes_on(body: f.Body, award: str, old_end: datetime, new_end: str) -> None:
    """It was earned again: from the very end of the old period, at the same time of day."""
    until(lambda: body.events(award, AccreditationRenewed), LIMIT)
    period = body.state(award).periods[-1]
    assert (period.starts_at, period.ends_at) == (old_end, same_time(old_end, new_end))
