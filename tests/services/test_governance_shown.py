"""What the command line shows of audits, risks and sampling, from a real record: to the end, and only what a reader may see."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.refusals import Refused
from domain.states import replace
from infra.cli import governance
from infra.cli.reading import show_history
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.settings import Settings, load_settings
from infra.store.records import PostgresRecords
from services import risks, sampling
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.boards import agree, audit, board_of, declare, find, find_all, opened, provider_of, registered_case
from tests.services.conftest import Clock

Shown = Callable[..., str]


@pytest.fixture
def shown(database: Database, records: PostgresRecords, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shown:
    """What a command prints, once the read models have caught up."""
    settings: Settings = load_settings({"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path)})

    def show(command: Callable[..., None], *arguments: Any, **options: Any) -> str:
        catch_up(records)
        capsys.readouterr()
        command(settings, *arguments, **options)
        return capsys.readouterr().out

    return show


def test_an_audit_is_shown_whole_and_to_a_member_without_what_their_conflict_hides(
    body: Body, clock: Clock, shown: Shown
):
    ann, bob, _ = members = board_of(body)
    assert "There is no audit yet" in shown(governance.show_audits, limit=5)
    for _ in range(3):
        registered_case(body)
    clock.passes(days=1)
    id = opened(body, members)
    case = next(iter(audit(body, id).sampled))
    find(body, ann, id, case, "reasons", result="major")
    agree(body, ann, id, 1, body.officer)
    find_all(body, ann, id)
    declare(body, bob, case)

    assert "3 of 3" in shown(governance.show_audits, limit=5)
    whole = shown(governance.show_audit, id, reader_id=None, verify=False)
    assert "What was found on reasons." in whole
    assert "Say why." in whole
    assert "hidden" not in whole
    assert all(one in whole for one in audit(body, id).sampled)
    assert "to be done and verified: action 1" in whole
    seen = shown(governance.show_audit, id[:14], reader_id=bob, verify=False)
    assert "2 cases of the sample, 1 hidden" in seen
    assert "What was found on reasons." not in seen
    assert "Say why." not in seen
    assert case[:20] not in seen
    assert provider_of(body, case) not in seen
    again = shown(governance.show_audit, id, reader_id=None, verify=True)
    assert "Drawn again from the record" in again
    assert "the same 3 cases" in again


def test_the_cases_of_an_audit_are_listed_each_with_what_is_open_for_it(body: Body, clock: Clock, shown: Shown):
    ann, *_ = members = board_of(body)
    for _ in range(2):
        registered_case(body)
    clock.passes(days=1)
    id = opened(body, members, size=2)
    first, second = audit(body, id).sampled
    points = list(audit(body, id).checklist)
    find(body, ann, id, first, points[0], result="major")

    told = " ".join(shown(governance.show_audit, id, reader_id=None, verify=False).split())

    assert f"to be found: {', '.join(points[1:])}; nothing agreed about finding 1" in told
    assert f"to be found: {', '.join(points)}" in told
    assert first in told
    assert second in told


def test_who_may_not_see_audits_is_refused_one(body: Body, clock: Clock, shown: Shown):
    members = board_of(body)
    case = registered_case(body)
    clock.passes(days=1)
    id = opened(body, members, size=1)
    contact = body.submission(case).registration.lead_contact

    with refused("replay-eyes", match="as provider they could not see it"):
        shown(governance.show_audit, id, reader_id=contact, verify=False)
    with refused("replay-eyes", field="--role"):
        shown(governance.show_audit, id, reader_id=None, role="board", verify=False)
    assert "1 case of the sample" in shown(governance.show_audit, id, reader_id=members[0], role="board", verify=False)


def test_an_audit_that_its_lead_makes_alone_says_so(body: Body, clock: Clock, shown: Shown):
    ann, *_ = board_of(body)
    registered_case(body)
    clock.passes(days=1)
    id = opened(body, (ann,), size=1)

    assert "opened an audit on their own: 1 case drawn" in shown(show_history, id)


def test_a_sample_that_does_not_agree_with_the_record_is_said_to(
    body: Body, clock: Clock, shown: Shown, monkeypatch: pytest.MonkeyPatch
):
    members = board_of(body)
    registered_case(body)
    clock.passes(days=1)
    id = opened(body, members, size=1)
    other = replace(audit(body, id), digest="x")
    monkeypatch.setattr(governance, "fold", lambda *_: other)

    with pytest.raises(CannotStart, match="does not agree"):
        shown(governance.show_audit, id, reader_id=None, verify=True)


def test_what_is_no_audit_or_nobody_is_refused(body: Body, clock: Clock, shown: Shown):
    members = board_of(body)
    case = registered_case(body)
    clock.passes(days=1)
    id = opened(body, members, size=1)

    for asked, options, rule in (
        (case, {"reader_id": None}, "known-audit"),
        (id, {"reader_id": factories.derived_id("person", "nobody")}, "known-person"),
        (id, {"reader_id": "nobody"}, "known-person"),
        ("audit-none", {"reader_id": None}, "known-audit"),
    ):
        with pytest.raises(Refused) as caught:
            shown(governance.show_audit, asked, verify=False, **options)
        assert caught.value.rule == rule


def test_the_register_of_risks_is_shown_as_of_a_date(body: Body, clock: Clock, shown: Shown):
    ann, *_ = board_of(body)
    said = {"kind": "financial", "likelihood": "high", "impact": "high", "owner": body.officer}
    body.by(risks.register_risk, ann, "board", **said, description="Fees pay for awards", mitigation="Flat fees")

    register = shown(governance.show_risks, on=None, closed=False)
    assert "Fees pay for awards" in register
    assert "Flat fees" in register
    assert "high (high, high)" in register
    assert "! " in register  # its review is overdue by the clock on the wall
    assert "No risk was on the register" in shown(governance.show_risks, on="2026-03-01T00:00:00Z", closed=False)


def test_an_owner_without_a_role_is_marked(body: Body, clock: Clock, shown: Shown):
    ann, bob, _ = board_of(body)
    said = {"kind": "financial", "likelihood": "high", "impact": "high", "owner": bob}
    body.by(risks.register_risk, ann, "board", **said, description="Fees", mitigation="Flat fees")
    assert "no role any more" not in shown(governance.show_risks, on=None, closed=False)

    body.by_officer(factories.people.end_role, id=bob, role="board")

    assert "no role any more" in shown(governance.show_risks, on=None, closed=False)


def test_sampling_is_shown_by_plan_and_by_assessor(body: Body, clock: Clock, shown: Shown):
    board_of(body)
    assert "No sampling is planned yet" in shown(governance.show_sampling, None, verify=False, limit=5)
    manager = factories.appoint(body, "quality-manager", scheme=None)
    body.by(sampling.plan_sampling, manager, "quality-manager", scheme=body.scheme.id, year=2026, seed=7)
    id = sampling.plan_id(body.scheme.id, 2026)
    assert "Nothing was completed yet" in shown(governance.show_sampling, id, verify=False, limit=5)
    factories.brought(body, "completed")
    body.by(sampling.draw_sample, manager, "quality-manager", case=id)

    assert "2026" in shown(governance.show_sampling, None, verify=False, limit=5)
    progress = shown(governance.show_sampling, id, verify=False, limit=5)
    assert "to be looked at by" in progress
    assert "quality manager" in progress
    body.by(sampling.record_result, manager, "quality-manager", plan=id, number=1, result="sound")
    assert "to be looked at by" not in shown(governance.show_sampling, id, verify=False, limit=5)
    assert "the same assessments" in shown(governance.show_sampling, id, verify=True, limit=5)
