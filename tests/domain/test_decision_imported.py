"""A submission that was decided elsewhere: decided and told, and assessed by whom the body says, if it says so."""

from dataclasses import replace

import pytest

from domain.submission.past_events import DecisionImported
from domain.submission.state import Stage, Submission, evolve
from tests.domain.given import ADA, AWARD, CASE, LEAD, NOON, PROVIDER, SCHEME, text

IMPORTED = DecisionImported(
    submission=CASE,
    provider=PROVIDER,
    lead_contact=LEAD,
    scheme=SCHEME.ref,
    category="single",
    subject="science",
    phase="primary",
    title=text("A programme"),
    reference=text("ACC/1"),
    outcome="awarded",
    level="marked",
    decided_at=NOON,
    assessor=ADA.id,
    strengths=("1.1",),
    areas=("2.1",),
    accreditation=AWARD,
)


def test_it_is_decided_told_and_over():
    case = evolve(Submission(), IMPORTED)

    assert (case.stage, case.released, case.over, case.clock) == (Stage.DECIDED, True, True, None)
    assert (case.registration.provider, case.registration.accreditation, case.scheme_id) == (PROVIDER, AWARD, SCHEME.id)
    assert case.outcome
    assert (case.outcome.outcome, case.outcome.level, case.strengths, case.areas) == (
        "awarded", "marked", ("1.1",), ("2.1",),
    )  # fmt: skip
    assert IMPORTED.over


@pytest.mark.parametrize("assessor", [ADA.id, None], ids=["known", "unknown"])
def test_it_was_assessed_where_it_is_known_by_whom(assessor: str | None):
    case = evolve(Submission(), replace(IMPORTED, assessor=assessor))

    assert (case.assessor, case.assessed) == (assessor, assessor is not None)
