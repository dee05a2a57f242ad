"""`assay permissions` prints the one table, and docs/permissions.md says of it what is so."""

import csv
import io
import re
from pathlib import Path

import pytest

from domain import permissions
from domain.permissions import RELATIONS, may, relations_allowed
from domain.person import ROLES
from infra.cli.permissions import show_permissions
from tests.domain.given import refused

PAGE = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `([\w-]+)` \| (.+?) \| `([\w-]+)` \| (yes|no) \|$", PAGE, re.MULTILINE)


def shown(
    capsys: pytest.CaptureFixture[str], *, role: str | None = None, action: str | None = None, form: str = "table"
) -> str:
    show_permissions(role=role, action=action, form=form)
    return capsys.readouterr().out


def lines(printed: str) -> list[str]:
    return [" ".join(line.split()) for line in printed.splitlines()]


def test_an_action_is_a_line_with_who_may_and_in_which_relation(capsys: pytest.CaptureFixture[str]):
    assert lines(shown(capsys, action="adjourn_item"))[1:] == [
        "cases adjourn_item chair, moderator: panel; officer: without a conflict"
    ]
    assert lines(shown(capsys, action="declare_conflict"))[1:] == [
        "people declare_conflict officer, quality-manager: in any relation; every other role: own, conflicted"
    ]
    assert lines(shown(capsys, action="reflect"))[1:] == ["people reflect every role: own"]


def test_the_whole_table_has_every_action(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys)

    assert [one for one in permissions.actions() if f" {one} " not in printed] == []
    assert [line for line in lines(printed) if line.count("every other role") > 1] == []


def test_a_role_is_shown_with_what_it_may_and_nothing_else(capsys: pytest.CaptureFixture[str]):
    printed = lines(shown(capsys, role="public"))[1:]

    assert [line.split()[1] for line in printed] == [
        "raise_concern",
        "see-published-figures",
        "see-register",
        "see-schemes",
        "see-windows",
        "see-checkpoints",
        "see-badges",
    ]
    assert shown(capsys, role="public", action="judge") == "Nobody in this role does that.\n"


def test_as_csv_a_cell_is_a_row_with_each_relation(capsys: pytest.CaptureFixture[str]):
    rows = list(csv.DictReader(io.StringIO(shown(capsys, form="csv"))))

    for row in rows:
        said = {one for one in RELATIONS if row[one] == "yes"}
        assert said == relations_allowed(row["action"], row["role"])
    assert {(row["action"], row["role"]) for row in rows} == {
        (action, role) for action in permissions.actions() for role in permissions.row(action) if role != "process"
    }


def test_what_is_not_in_the_table_is_refused_with_what_is():
    with refused("known-permission", field="--role", match="officer, quality-manager"):
        show_permissions(role="king", action=None, form="table")
    with refused("known-permission", field="--action", match="see-board"):
        show_permissions(role=None, action="reign", form="table")
    with refused("known-permission", field="--format", match="table, csv"):
        show_permissions(role=None, action=None, form="stone")


@pytest.mark.parametrize(("role", "stands", "action", "answer"), EXAMPLES)
def test_what_the_page_says_is_so(role: str, stands: str, action: str, answer: str):
    relations = re.findall(r"`([\w-]+)`", stands)

    assert set(relations) <= set(RELATIONS)
    assert may(action, role, relations) is (answer == "yes")


def test_the_page_explains_every_relation_and_has_examples_of_most_roles():
    assert re.findall(r"^\| `([\w-]+)` \| [^`|]+ \|$", PAGE, re.MULTILINE) == list(RELATIONS)
    assert len({role for role, *_ in EXAMPLES} & set(ROLES)) >= 6


def test_the_page_shows_lines_as_they_are_printed(capsys: pytest.CaptureFixture[str]):
    [line] = [one for one in lines(PAGE) if one.startswith("cases adjourn_item")]

    assert line in lines(shown(capsys))
