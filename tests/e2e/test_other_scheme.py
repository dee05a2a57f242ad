"""A scheme with another scale, tree and levels of award is played as it is, by the command, with no change to code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCHEME = Path(__file__).with_name("other_scheme.toml")
VISITED = Path(__file__).with_name("visited_scheme.toml")


def play(*arguments: object, data: Path, limit: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `assay play` as a user does, in another process."""
    return run("play", *arguments, data=data, limit=limit)


def run(*arguments: object, data: Path, limit: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `assay` in another process."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *map(str, arguments), "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=limit,
        env=os.environ | {"COLUMNS": "200"},
        check=False,
    )


def test_any_results_of_any_scheme_are_played(tmp_path: Path) -> None:
    # given results in the order and on the scale of another scheme
    results = tmp_path / "results.csv"
    results.write_text(
        "submission,good,fair,warm,clean\nx1,all,much,much,all\nx2,some,much,all,some\nx3,none,all,all,all\n"
    )
    # when they are played
    played = play(results, "--scheme", SCHEME, data=tmp_path / "data")
    # then they come out, each with the level that the award rule gives
    assert played.returncode == 0, played.stdout + played.stderr
    assert "3 decided in the first window, 2 awarded" in played.stdout
    assert "(gold)" in played.stdout
    assert "(silver)" in played.stdout
    assert "No difference" in played.stdout


@pytest.mark.soak
def test_a_scheme_with_booked_dates_visits_and_one_moderator_is_played_too(tmp_path: Path) -> None:
    # given results of kitchens that apply for the level they come to, which the assessor saw otherwise in one cell
    results, first = tmp_path / "results.csv", tmp_path / "first.csv"
    results.write_text(
        "submission,good,fair,warm,clean\nx1,all,much,much,all\nx2,some,much,all,some\nx3,none,all,all,all\n"
    )
    first.write_text(results.read_text().replace("x2,some", "x2,none"))
    # when they are played; one of the awards is earned again
    options = ("--assessments", first, "--reaccredits", "x1")
    played = play(results, "--scheme", VISITED, *options, data=tmp_path / "data", limit=300)
    # then each comes out as it is to
    assert played.returncode == 0, played.stdout + played.stderr
    assert "3 decided in the first window, 2 awarded, 0 lapsed. Moderation changed 1 judgement." in played.stdout
    assert "x1 was awarded (gold), was reminded 1 time of its end, and earned it again" in played.stdout
    assert "x2 was awarded (silver), was reminded 1 time of its end, and lapsed" in played.stdout
    assert "No difference" in played.stdout
    # and its history says how it got there
    case = re.search(r"assay history (submission-\w+)", played.stdout)
    assert case
    history = run("history", case[1], data=tmp_path / "data").stdout
    for said in ("booked", "visit", "moderat"):
        assert said in history


def test_results_that_do_not_fit_the_scheme_are_refused_with_line_column_and_what_is_allowed(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text("submission,clean,warm,fair,good\nx1,all,tepid,all,all\nx1,all,all,all,all\nx2,all\n")
    played = play(results, "--scheme", SCHEME, data=tmp_path / "data")
    assert played.returncode == 1
    assert "line 2: warm: 'tepid' is not on the scale; allowed: none, some, much, all" in played.stderr
    assert "line 3: submission: x1 is there twice" in played.stderr
    assert "line 4: has 2 cells; allowed: 5" in played.stderr
    assert "Traceback" not in played.stderr
    assert not (tmp_path / "data").exists()


def test_other_columns_than_the_criteria_are_refused(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text("submission,clean,warm\nx1,all,all\n")
    played = play(results, "--scheme", SCHEME, data=tmp_path / "data")
    assert played.returncode == 1
    assert "allowed: submission, clean, warm, fair, good" in played.stderr


def test_a_faulty_scheme_is_refused_with_each_key_and_what_is_allowed(tmp_path: Path) -> None:
    scheme = tmp_path / "scheme.toml"
    source = (
        SCHEME.read_text()
        .replace('level = "some"', 'level = "plenty"')
        .replace('validity = "PT5S"', 'validity = "long"')
    )
    scheme.write_text(source + "\n[extra]\nkey = 1\n")
    played = play("results.csv", "--scheme", scheme, data=tmp_path / "data")
    assert played.returncode == 1
    assert "awards[0].level: is 'plenty'; allowed: none, some, much, all" in played.stderr
    assert "clocks.validity" in played.stderr
    assert "extra.key: is not known" in played.stderr


def test_a_scheme_of_months_is_not_played_on_real_clocks(tmp_path: Path) -> None:
    played = play("results.csv", "--scheme", "schemes/cpd-qa.toml", data=tmp_path / "data")
    assert played.returncode == 1
    assert "real clocks" in played.stderr


def test_names_given_by_option_must_fit_the_results(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text("submission,clean,warm,fair,good\nx1,all,all,all,all\n")
    for option, allowed in (("--no-answer", "x1"), ("--never-submits", "not among")):
        name = "nobody" if option == "--no-answer" else "x1"
        played = play(results, "--scheme", SCHEME, option, name, data=tmp_path / "data")
        assert played.returncode == 1
        assert option in played.stderr
        assert allowed in played.stderr


def test_fresh_empties_only_a_data_folder(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text("submission,clean,warm,fair,good\nx1,all,all,all,all\n")
    precious = tmp_path / "data" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("keep me")
    played = play(results, "--scheme", SCHEME, "--fresh", data=tmp_path / "data")
    assert played.returncode == 1
    assert precious.read_text() == "keep me"
