"""What `assay complaints`, `complaint`, `learning` and `proposals` show of a record, with names from the vault."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.cli import complaining as shown
from infra.cli import learning as learnt
from infra.cli.reading import find_case, short, show_register
from infra.projector import catch_up
from infra.settings import Settings
from services import awards, learning
from services.learning import learning_id
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.complaining import acknowledge, answer, by_contact, entered, escalate, handlers
from tests.services.test_calibration import assigned, mark
from tests.services.test_learning import said
from tests.services.test_proposals import proposed


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=database.app_url)


ALL: dict[str, Any] = {"stage": None, "open_only": False, "since": None, "until": None, "limit": 50}


def test_complaints_are_shown_with_who_has_them_and_what_is_due(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    catch_up(records)
    shown.show_complaints(settings, **ALL)
    assert "There is no complaint yet." in capsys.readouterr().out
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case, other = by_contact(body, provider), entered(body, hal, name="Zebulon Quill")
    answer(body, case, hal)
    escalate(body, case, provider.contact)
    catch_up(records)

    shown.show_complaints(settings, **ALL)

    told = capsys.readouterr().out
    assert "first answer: 2, of which acknowledged 1 (1 in time), answered 1 (1 in time), upheld 0, overdue" in told
    assert "second answer: 1, of which acknowledged 0" in told
    assert "acknowledging the complaint" in told
    assert case[:18] in told
    assert "Quill" not in told
    shown.show_complaints(settings, **ALL | {"stage": "raised"})
    told = capsys.readouterr().out
    assert other[:18] in told
    assert case[:18] not in told
    with refused("complaint-stages", field="--stage"):
        shown.show_complaints(settings, **ALL | {"stage": "resting"})


def test_one_complaint_is_shown_with_all_that_happened(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider, about="people", people=[body.assessors[0]])
    acknowledge(body, case, hal)
    catch_up(records)

    shown.show_complaint(settings, case[:20])

    told = capsys.readouterr().out
    assert f"in hand: Complaints-Handler of {body.mark}; handled so far by Complaints-Handler of {body.mark}" in told
    assert f"complained about: Assessor of {body.mark}" in told
    assert "Nobody answers the phone." in told
    assert "answering the complaint by" in told
    with refused("known-complaint", field="COMPLAINT"):
        shown.show_complaint(settings, body.assessors[0])


def test_of_a_complaint_that_nobody_took_on_it_is_said_that_nobody_has_it(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    case = by_contact(body, factories.register_provider(body), about="people", people=[body.assessors[0]])
    catch_up(records)

    shown.show_complaint(settings, case)

    assert "in hand: nobody\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "kind", "rule", "command"),
    [
        ("submission-zzz", "", "known-case", "board"),
        ("zzz", "", "known-case", "board"),
        ("appeal-zzz", "", "known-appeal", "appeals"),
        ("zzz", "appeal", "known-appeal", "appeals"),
        ("zzz", "complaint", "known-complaint", "complaints"),
        ("zzz", "audit", "known-audit", "audits"),
        ("zzz", "accreditation", "known-case", "register"),
        ("zzz", "sampling", "known-case", "sampling"),
    ],
)
def test_what_is_not_on_record_is_said_with_the_command_that_lists_its_kind(
    database: Database, asked: str, kind: str, rule: str, command: str
):
    with (
        psycopg.connect(database.app_url) as connection,
        refused(rule, field="ID", match=f"`assay {command}`"),
    ):
        find_case(connection, asked, kind=kind, field="ID")


def test_the_register_shows_which_award_each_is(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    case = factories.brought(body, "released")
    catch_up(records)
    capsys.readouterr()

    show_register(settings, on=body.now().isoformat())

    assert short(awards.accreditation_id(case)) in capsys.readouterr().out


def test_what_was_learnt_is_shown_and_to_the_public_without_small_numbers(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    catch_up(records)
    learnt.show_learning(settings, scheme=None, public=False)
    assert "Nobody was asked about a case yet." in capsys.readouterr().out
    case = factories.brought(body, "released")
    body.by(learning.answer_questionnaire, body.chair, "chair", case=learning_id(case), **said("chair"))
    catch_up(records)

    learnt.show_learning(settings, scheme="cpd-qa", public=False)
    told = capsys.readouterr().out
    assert "cpd-qa@1, chair: 1 of 1 answered; a case took them 120 minutes" in told
    assert "judgements reasoned" in told
    learnt.show_learning(settings, scheme=None, public=True)
    told = capsys.readouterr().out
    assert "cpd-qa@1, chair: too few answered to say\n" in told
    assert "judgements reasoned" not in told


def test_how_far_assessors_agree_is_shown_by_criterion(
    office: Office, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    body = factories.open_body(office, source=source)
    learnt.show_consistency(settings, scheme=None)
    assert "Nothing was marked by two assessors yet." in capsys.readouterr().out
    case, _, second = assigned(body)
    mark(body, case, second, c11="not_met")
    factories.assess(body, case)

    learnt.show_consistency(settings, scheme="cpd-qa")
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "cpd-qa" in line]
    assert rows[0] == ["cpd-qa", "1.1", "1", "0", "(0%)", "0", "1"]
    assert rows[1] == ["cpd-qa", "1.2", "1", "1", "(100%)", "0", "0"]


def test_proposals_are_shown_with_where_they_stand(
    body: Body, records: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    every: dict[str, Any] = {"scheme": None, "stage": None, "criterion": None, "limit": 9}
    catch_up(records)
    learnt.show_proposals(settings, **every)
    assert "There is no proposal yet." in capsys.readouterr().out
    id = proposed(body)
    catch_up(records)

    learnt.show_proposals(settings, **every | {"criterion": "1.1"})

    told = capsys.readouterr().out
    assert id[:17] in told
    assert "1.1 of cpd-qa@1" in told
    assert "Ask for less." in told
    learnt.show_proposals(settings, **every | {"stage": "declined"})
    assert "No proposal fits that." in capsys.readouterr().out
    with refused("proposal-stages", field="--stage"):
        learnt.show_proposals(settings, **every | {"stage": "resting"})
