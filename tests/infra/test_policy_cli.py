"""`assay policy` and `assay development`: a policy checked and put in force, figures that a report holds, one person's record."""

from pathlib import Path
from typing import Any

import pytest

from domain.policy import ReportMade
from infra.bootstrap import open_app
from infra.projector import catch_up
from services import development, workforce
from services.workforce import STREAM
from tests.conftest import Database
from tests.domain.files import policy_files, scheme_files
from tests.domain.workforce import SOURCE
from tests.factories import open_body
from tests.infra.test_cli import assay
from tests.services.conftest import Clock
from tests.services.workplace import Workplace, open_workplace
from tests.storing import store


@pytest.mark.parametrize("file", policy_files(), ids=lambda file: file.stem)
def test_a_policy_without_faults_is_summed_up_with_its_digest(file: Path):
    ran = assay("policy", "check", str(file))

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{file.stem}@1" in ran.stdout
    assert "no fault" in ran.stdout
    assert "SHA-256" in ran.stdout


def test_every_fault_of_a_policy_is_named_at_once_with_its_line(tmp_path: Path):
    file = tmp_path / "new.toml"
    file.write_text(SOURCE.replace("version = 1", "version = 0") + "colour = 3\n")

    for command in ("check", "publish"):
        ran = assay("policy", command, str(file), ASSAY_DATA=str(tmp_path / "data"))

        assert ran.returncode == 1
        assert "line 3: policy.version: is 0; allowed: a whole number of at least 1" in ran.stderr
        assert "cpd.colour: is not known" in ran.stderr
        assert "2 faults." in ran.stderr


def test_a_policy_and_a_scheme_are_not_taken_for_each_other(tmp_path: Path):
    [policy, *_], [scheme, *_] = policy_files(), scheme_files()
    data = {"ASSAY_DATA": str(tmp_path / "data")}

    for command in (["check"], ["diff", str(scheme)], ["dry-run"], ["publish"]):
        ran = assay("scheme", *command, str(policy), **data)
        assert ran.returncode == 1
        assert f"{policy} is a policy, not a scheme; `assay policy check {policy}` checks it." in ran.stderr
    for command in ("check", "publish"):
        ran = assay("policy", command, str(scheme), **data)
        assert ran.returncode == 1
        assert f"{scheme} is a scheme, not a policy; `assay scheme check {scheme}` checks it." in ran.stderr


def test_a_policy_is_put_in_force_for_good_and_shown(tmp_path: Path, database: Database):
    environ = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")}
    file, other = tmp_path / "workforce.toml", tmp_path / "other.toml"
    file.write_text(SOURCE)
    other.write_text(SOURCE.replace("How our", "How all our"))

    assert "No policy is published yet" in assay("policy", "list", **environ).stdout
    assert "no workforce policy is published" in assay("policy", "show", "workforce", **environ).stderr
    assert "workforce@1 is in force, at position 1." in assay("policy", "publish", str(file), **environ).stdout
    assert "nothing changed, at position 1." in assay("policy", "publish", str(file), **environ).stdout
    assert "already published with other content" in assay("policy", "publish", str(other), **environ).stderr
    assert "workforce@1" in assay("policy", "list", **environ).stdout
    shown = assay("policy", "show", "workforce", **environ).stdout
    assert 'departments = ["assessing", "appeals"]' in shown
    assert "Version 1 of the workforce policy was put in force." in shown
    assert "no kind of policy" in assay("policy", "show", "diet", **environ).stderr


def a_year(place: Workplace, clock: Clock) -> str:
    """Pat has a need, an activity for it, and what came of it; there is a report of the board."""
    place.agree()
    activity = place.complete(clock)
    place.by_pat(development.answer_questionnaire, activity=activity, scores={"relevance": 5, "quality": 4, "use": 3})
    place.by_pat(development.reflect, activity=activity, text="I see what I overlooked")
    clock.passes(days=100)
    said: dict[str, Any] = {"person": place.pat, "activity": activity, "impact": "had", "note": "Her reports show it"}
    place.by_lead(development.review_impact, **said, met=["bias"])
    place.by_manager(workforce.make_report, scope="board", until_at=clock.at)
    return activity


def test_what_is_shown_of_development_is_what_the_record_holds(tmp_path: Path, database: Database):
    environ = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")}
    clock = Clock()
    with open_app(database.app_url, store=store()) as app:
        place = open_workplace(open_body(app.office, now=clock))
        a_year(place, clock)
        catch_up(app.records)
        [made] = place.body.events(STREAM, ReportMade)
        at = made.until_at.isoformat()

        everyone = assay("development", **environ).stdout
        board = assay("development", "--board", "--at", at, **environ).stdout
        department = assay("development", "--department", "assessing", "--at", at, **environ).stdout
        record = assay("development", "--person", place.pat, **environ).stdout
        before = assay("development", "--person", place.pat, "--at", "2026-01-01T00:00:00Z", **environ).stdout

    planned, _, without = everyone.partition("Without a plan (")
    assert place.pat in planned
    assert place.pat not in without
    assert place.colleague in without
    assert made.digest in board, "the figures of a report are found again as they were"
    assert "1 with a plan, " in board
    for figures in (board, department):
        assert "sector" in figures
        assert "1.6" in figures
        assert "120.00 GBP" in figures
        assert "satisfaction, relevance: 5.00 of 5 (n = 1)" in figures
        assert "impact: had 1" in figures
    for said in (
        "Need: bias (met)",
        "from appraisal",
        "from sampling",
        "from self evaluation",
        "More on bias",
        "A course on bias",
        "The Academy",
        "Its tutors are known",
        "approved the activity",
        "it took 95 minutes",
        "relevance 5, quality 4 and use 3",
        "I see what I overlooked",
        "Her reports show it",
        "the end of the plan's period",
    ):
        assert said in record, said
    assert "no need was noted" in before


def test_what_can_not_be_shown_is_said_in_a_sentence(tmp_path: Path, database: Database):
    environ = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")}
    with open_app(database.app_url, store=store()) as app:
        catch_up(app.records)
        place = open_workplace(open_body(app.office))

    assert "Nobody has a plan yet." in assay("development", **environ).stdout
    for arguments, said in (
        (["--board", "--department", "assessing"], "only one can be shown"),
        (["--department", "kitchen"], "'kitchen' is no department"),
        (["--person", "submission-x"], "is no person"),
        (["--person", "person-0"], "no person begins with"),
        (["--at", "yesterday"], "is no instant"),
    ):
        ran = assay("development", *arguments, **environ)
        assert ran.returncode == 1
        assert said in ran.stderr
        assert "Traceback" not in ran.stderr
    assert "No needs." in assay("development", "--department", "assessing", **environ).stdout
    assert place.pat
