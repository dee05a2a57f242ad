"""The cases that are drawn from are those of the record, as it was at a position, however the log is read."""

import pytest

from domain.submission.state import Submission
from services import population
from services.population import population as read
from tests import factories
from tests.factories import Body


@pytest.fixture
def cases(body: Body) -> list[str]:
    """Cases at several stages, one of them withdrawn."""
    made = [factories.brought(body, until) for until in ("registered", "screened", "completed", "taken up", "released")]
    withdrawn = factories.register(body)
    body.by_contact(factories.preparation.withdraw, withdrawn, reason="No time")
    return [*made, withdrawn]


def test_each_case_is_where_its_own_events_say(body: Body, cases: list[str]):
    found = read(body.office.records)

    assert set(found.cases) == set(cases)
    for case in cases:
        held: Submission = body.submission(case)
        seen = found.cases[case]
        assert (seen.stage, seen.scheme, seen.provider) == (
            held.stage.value,
            held.registration.scheme,
            held.registration.provider,
        )
        assert seen.outcome == (held.outcome.outcome if held.outcome else "")
        assert seen.provider_type == body.state(held.registration.provider).provider_type
    done = [body.submission(case) for case in cases if body.submission(case).assessed]
    assert {(one.case, one.assessor) for one in found.assessments} == {(one.id, one.assessor) for one in done}
    assert len(found.assessments) == 3


def test_however_the_log_is_read_the_same_comes_of_it(body: Body, cases: list[str], monkeypatch: pytest.MonkeyPatch):
    at_once = read(body.office.records)
    for page in (1, 7, 50):
        monkeypatch.setattr(population, "PAGE", page)
        assert read(body.office.records) == at_once


def test_what_was_recorded_later_does_not_count(body: Body, cases: list[str], monkeypatch: pytest.MonkeyPatch):
    before = read(body.office.records)
    later = factories.register(body)
    factories.settle(body, cases[0])

    assert later in read(body.office.records).cases
    assert read(body.office.records, until=before.position) == before
    monkeypatch.setattr(population, "PAGE", 3)
    assert read(body.office.records, until=before.position) == before
    assert read(body.office.records, until=0).cases == {}
