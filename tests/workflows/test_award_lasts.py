"""While an award lasts its process asks for each year, watches its reviews, and carries it on while it is earned again."""

from datetime import timedelta
from typing import Any

import pytest

from domain.accreditation import (
    AccreditationLapsed,
    ConfirmationAsked,
    ConfirmationMissed,
    ExtensionStarted,
    ReaccreditationSubmitted,
)
from domain.clocks import DeadlineMissed, ReminderSent
from services import accreditations
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, bring, settled
from tests.workflows.skipping import SkippingServer

SOURCE = (
    f.scheme_source(remind_validity=[]).replace(
        "areas_for_consideration = true", 'areas_for_consideration = true\nextension = "P6M"'
    )
    + '\n[annual]\ncertificates = 2\nconfirm_within = "P28D"\nremind_confirm = ["P14D"]\n'
)


@pytest.fixture
def body(skipping: Machinery, time: SkippingServer) -> f.Body:
    opened = f.open_body(skipping.app.office, source=SOURCE, now=time.now)
    skipping.start()
    return opened


def test_the_award_s_process_does_what_falls_due_in_its_years_and_after_its_end(body: f.Body, time: SkippingServer):
    case = bring(body, "approved", f.schedule_window(body))
    award = accreditation_id(case)
    until(lambda: body.state(award).id, LIMIT)
    held = body.state(award)
    second = held.years[1]

    def comes(moment: Any, kind: type[Any]) -> Any:
        time.go_to(moment)
        until(lambda: body.events(award, kind), LIMIT)
        return body.events(award, kind)[-1]

    raised = body.command(body.chair, "chair")
    accreditations.raise_concern(body.office, raised, case=award, text="It is not taught as it was judged.")
    concern = accreditations.concern_id(raised.id)
    body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=body.moderators[0])
    review = body.state(award).concerns[concern].clock
    assert comes(review.due_at, DeadlineMissed).rule == "review-concern-within"

    asked = comes(second.ask_at, ConfirmationAsked)
    assert (asked.year, asked.clock.due_at) == (2, second.starts_at)
    assert comes(asked.clock.remind_at[0], ReminderSent).rule == "confirm-within"
    assert comes(second.starts_at, ConfirmationMissed).year == 2

    time.go_to(held.ends_at - timedelta(days=20))
    registration = body.submission(case).registration
    provider = f.Provider(id=registration.provider, contact=registration.lead_contact)
    renewal = f.register(body, provider, follows=case, accreditation=award)
    settled(body, renewal)
    f.submit(body, renewal, f.schedule_window(body))
    [submitted] = body.events(award, ReaccreditationSubmitted)
    assert comes(held.ends_at, ExtensionStarted).clock.due_at == submitted.extension_ends_at
    assert comes(submitted.extension_ends_at, AccreditationLapsed).ended_at == submitted.extension_ends_at
