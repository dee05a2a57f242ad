"""`assay appeals` and `assay appeal`: where each stands, who has to do what, and what was before the decider."""

from pathlib import Path

import pytest

from infra.bootstrap import open_app
from infra.cli import appeals as shown
from infra.projector import catch_up
from infra.settings import Settings
from services import affected, ledger
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.services.appealing import hearing, refused_case
from tests.storing import store


def test_appeals_are_listed_and_one_is_shown_with_what_was_before_the_decider(
    database: Database, capsys: pytest.CaptureFixture[str]
):
    settings = Settings(data=Path(), database_url=database.app_url)
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        hear = hearing(body)
        catch_up(app.records)
        capsys.readouterr()
        shown.show_appeals(settings, running=False, limit=10)
        shown.show_appeals(settings, running=True, limit=10)
        assert capsys.readouterr().out.splitlines() == ["There is no appeal.", "No appeal is running."]

        other, case = refused_case(body), refused_case(body)
        body.by_officer(ledger.refund_fee, case=case, kind="submission", amount=1, reason="As a courtesy.")
        appeal = hear.upheld(case)
        cause = ("panel-member", body.chair)
        hear.by_officer(affected.search_others, appeal=appeal, causes=[cause], touched=app.touched)
        catch_up(app.records)

    capsys.readouterr()
    shown.show_appeals(settings, running=True, limit=1)
    listed = capsys.readouterr().out
    assert "upheld: assess again" in listed
    assert "1 of 1 open" in listed
    assert "Only the first 1 are shown" in listed

    shown.show_appeal(settings, appeal[:12])
    told = capsys.readouterr().out
    assert f"{appeal} against the result in {case}, upheld" in told
    assert "carrying out the remedy" in told
    assert other[:19] in told
    assert "A file was not read." in told
    happened, before = told.split("What was before the decider")
    assert "As a courtesy." not in before
    assert "The award rule gave the outcome" in before
    assert "told the result" not in before
    assert "found" in happened

    with refused("known-appeal", field="ID"):
        shown.show_appeal(settings, case)
