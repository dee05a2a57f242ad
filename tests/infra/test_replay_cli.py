"""`assay history --as`, `--since` and `--decision`: a case as somebody could see it then, on a terminal."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.submission.events import AssessmentCompleted, DecisionRecorded, ProgrammeRegistered
from infra.bootstrap import open_app
from infra.cli.replaying import show_replay
from infra.projector import catch_up
from infra.settings import Settings
from projections.words import plain
from services import moderation
from services.assessment import Judgement
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.services.appealing import hearing, refused_case
from tests.storing import store

ASKED: dict[str, Any] = {"at": None, "version": None, "eyes": None, "role": None, "since": None, "decision": False}


def test_a_case_is_shown_as_its_provider_could_see_it_before_the_result_was_told(
    database: Database, capsys: pytest.CaptureFixture[str]
):
    settings = Settings(data=Path(), database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = factories.brought(body, "released")
        catch_up(app.records)
        contact = body.submission(case).registration.lead_contact
        decided = next(one for one in body.recorded(case) if isinstance(one.event, DecisionRecorded))
    capsys.readouterr()

    show_replay(
        settings, case, **{**ASKED, "version": decided.version, "eyes": contact, "role": "provider", "decision": False}
    )
    before = capsys.readouterr().out
    show_replay(settings, case, **{**ASKED, "eyes": contact, "role": "provider"})
    after = capsys.readouterr().out
    show_replay(settings, case[:19], **{**ASKED, "decision": True})
    known, _, later = capsys.readouterr().out.partition("What came later")
    show_replay(settings, case, **{**ASKED, "since": decided.recorded_at.isoformat()})
    changed = capsys.readouterr().out

    assert "could see it as provider" in before
    assert "They stood to it as: own." in before
    assert "answer 1.1:" in before
    assert "evidence 1.1:" in before
    assert "judged 1.1" not in before
    assert "judged 1.1" in after
    assert "was told the result" not in known
    assert "told the result" in later
    assert "Recorded after" in changed
    assert "told the result" in changed
    with refused("replay-eyes", field="--role"):
        show_replay(settings, case, **{**ASKED, "role": "officer"})
    with refused("replay-moment", field="version"):
        show_replay(settings, case, **{**ASKED, "version": 9_999})


def test_a_case_is_shown_as_of_an_instant_and_what_changed_between_two(
    database: Database, capsys: pytest.CaptureFixture[str]
):
    """Given a case of which all steps came on record apart, an instant between two of them cuts it there, for whoever looks."""
    settings = Settings(data=Path(), database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = factories.brought(body, "released")
        catch_up(app.records)
        contact = body.submission(case).registration.lead_contact
        address = app.vault.personal([contact])[contact]["email"]
        recorded = body.recorded(case)
        first, completed, decided = (
            next(one for one in recorded if isinstance(one.event, kind))
            for kind in (ProgrammeRegistered, AssessmentCompleted, DecisionRecorded)
        )
    capsys.readouterr()
    asked = {**ASKED, "at": completed.recorded_at.isoformat()}

    show_replay(settings, case, **{**asked, "eyes": address})
    by_contact = capsys.readouterr().out
    show_replay(settings, case, **{**asked, "since": first.recorded_at.isoformat()})
    between = capsys.readouterr().out

    assert f"event {completed.version}" in by_contact.splitlines()[0]
    assert "could see it as provider" in by_contact
    assert "judged 1.1" not in by_contact
    assert "completed the assessment" in between
    assert "registered the programme" not in between
    assert "DecisionRecorded" not in between
    assert decided.recorded_at > completed.recorded_at
    early = (first.recorded_at - timedelta(seconds=1)).isoformat()
    with refused("replay-moment", field="at", match=first.recorded_at.isoformat()[:19]):
        show_replay(settings, case, **{**ASKED, "at": early})


def test_an_appeal_is_shown_as_a_member_of_its_panel_saw_it(database: Database, capsys: pytest.CaptureFixture[str]):
    settings = Settings(data=Path(), database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        made = hearing(body)
        appeal = made.heard(refused_case(body))
        named = body.recorded(appeal)[-1].version
        made.decide(appeal)
        catch_up(app.records)
    capsys.readouterr()

    show_replay(settings, appeal, **{**ASKED, "version": named, "eyes": made.panel[1], "role": "appeals-panel"})
    before = capsys.readouterr().out
    show_replay(settings, appeal, **{**ASKED, "decision": True})
    after = capsys.readouterr().out

    assert "could see it as appeals-panel" in before
    assert "They stood to it as: panel." in before
    assert "It stood at: before panel." in before
    assert "  to do: " in before
    assert "dismissed" not in before
    assert "It stood at: dismissed, dismissed." not in after
    assert "It stood at: dismissed." in after
    assert "Appeal decided: event" in after


def test_a_whole_case_is_shown_with_its_documents_and_both_reasons(
    database: Database, capsys: pytest.CaptureFixture[str]
):
    settings = Settings(data=Path(), database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        low, higher, *_ = body.scheme.scale
        case = factories.brought(body, "taken up", levels={"1.1": low})
        judgement = Judgement(level=higher, reason="The file shows it.")
        body.by_chair(moderation.moderate, case=case, judgements={"1.1": judgement})
        catch_up(app.records)
    capsys.readouterr()

    show_replay(settings, case, **ASKED)
    shown = capsys.readouterr().out

    assert "evidence 1.1: application/pdf, " in shown
    assert f"judged 1.1 {plain(low)}: " in shown
    assert f"panel changed 1.1 from {plain(low)} to {plain(higher)}: The file shows it." in shown
