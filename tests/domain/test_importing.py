"""A file is read whole: every fault of its header and cells is said with its row, its column and what is allowed."""

import re
from pathlib import Path

import pytest

from domain.importing import KINDS, Sheet, read_rows
from domain.refusals import Refused

GOOD = {
    "reference": "ACC/1", "provider": "P-1", "contact": "C-1", "scheme": "cpd-qa@1", "title": "Fractions",
    "category": "one-off", "subject": "science", "phase": "primary", "level": "accredited", "starts_on": "2024-02-29",
    "ends_on": "2027-02-27", "assessor": "A-1", "strengths": "1.1", "areas": "2.1, 2.2;3.1", "confirmed_to": "2",
    "suspended_on": "2025-01-01", "reinstated_on": "2025-02-01", "withdrawn_on": "", "scope": "Only\nhere",
}  # fmt: skip


def sheet(*rows: dict[str, str], header: list[str] | None = None) -> Sheet:
    names = list(GOOD) if header is None else header
    return Sheet(header=names, rows=[(n, [row.get(one, "") for one in names]) for n, row in enumerate(rows, 2)])


def faults_of(made: Sheet, kind: str = "accreditations") -> list[tuple[int | None, str | None, str, str]]:
    return [(one.row, one.column, one.problem, one.allowed) for one in read_rows(kind, made)[1]]


def test_a_sound_row_is_read_by_what_its_columns_hold():
    [row], faults = read_rows("accreditations", sheet(GOOD))

    assert faults == []
    assert (row.number, row.sound, row["areas"], row["confirmed_to"], row["withdrawn_on"]) == (
        2, True, ("2.1", "2.2", "3.1"), 2, None,
    )  # fmt: skip
    assert row["starts_on"].isoformat() == "2024-02-29"


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("reference", "", "it is empty"),
        ("title", " \u200b ", "nothing of it is to be seen"),
        ("title", '=HYPERLINK("http://x")', "begins like a formula, with ="),
        ("title", "@SUM(A1)", "begins like a formula, with @"),
        ("title", "-1+1", "begins like a formula, with -"),
        ("reference", "+44", "begins like a formula, with +"),
        ("title", "x" * 1_048_576, "it has 1,048,576 characters"),
        ("title", "x" * 20_001, "it has 20,001 characters"),
        ("title", "a\x00b", "U+0000"),
        ("title", "a\ud800b", "U+D800"),
        ("title", "a\u202eb", "U+202E"),
        ("title", "caf\ufffd", "U+FFFD"),
        ("title", "a\ue000b", "U+E000"),
        ("reference", "A\nB", "several lines"),
        ("starts_on", "2023-02-29", "there is no such day as 2023-02-29"),
        ("starts_on", "01/02/2024", "'01/02/2024' is no date"),
        ("starts_on", "٢٠٢٤-01-01", "is no date"),
        ("starts_on", "1999-12-31", "out of range"),
        ("scheme", "cpd-qa", "no version of a scheme"),
        ("category", "One Off", "not a code"),
        ("confirmed_to", "two", "no number"),
        ("confirmed_to", "0", "no number"),
    ],
    ids=lambda one: ascii(one)[:24],
)
def test_a_cell_that_can_not_be_read_is_a_fault_of_its_row_and_column(column: str, cell: str, problem: str):
    [(row, named, said, allowed)] = faults_of(sheet(GOOD | {column: cell}))

    assert (row, named) == (2, column)
    assert problem in said
    assert allowed


@pytest.mark.parametrize("cell", ["", "jo", "jo@", "jo@x", "jo@x.org, sam@x.org", "Jo <jo@x.org>"])
def test_an_address_is_one_address(cell: str):
    header = ["reference", "name", "email"]
    made = sheet({"reference": "A", "name": "Jo", "email": cell}, header=header)

    assert [(row, column) for row, column, _, _ in faults_of(made, "people")] == [(2, "email")]


def test_all_faults_are_found_at_once():
    made = sheet(
        GOOD | {"starts_on": "soon", "title": "=1"}, GOOD | {"reference": "ACC/2", "subject": "", "phase": "?"}
    )

    found = {(row, column) for row, column, _, _ in faults_of(made)}

    assert found >= {(2, "starts_on"), (2, "title"), (3, "subject"), (3, "phase")}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ([], (None, None, "the file is empty", "a header: reference")),
        (["", " "], (None, None, "the file is empty", "a header: reference")),
        ([*GOOD, "titel"], (1, "titel", "there is no such column", "title, if that is meant")),
        ([*GOOD, "Starts On "], (1, "Starts On", "there is no such column", "starts_on, if that is meant")),
        ([*GOOD, "xyzzy"], (1, "xyzzy", "there is no such column", "reference, provider")),
        ([*GOOD, "title"], (1, "title", "the column stands there twice", "each column once")),
        ([*GOOD, ""], (1, None, "has no name", "reference, provider")),
        ([one for one in GOOD if one != "level"], (1, "level", "the column is missing", "a column with the level")),
    ],
    ids=["nothing", "blank", "misspelt", "spaced", "unknown", "twice", "nameless", "missing"],
)
def test_a_wrong_header_is_said_with_the_nearest_name(
    header: list[str], expected: tuple[int | None, str | None, str, str]
):
    row, column, problem, allowed = expected

    found = faults_of(sheet(GOOD, header=header))

    assert any(
        (one[0], one[1]) == (row, column) and problem in one[2] and one[3].startswith(allowed) for one in found
    ), found


def test_a_header_alone_is_a_fault_and_empty_rows_are_passed_over():
    assert faults_of(sheet()) == [(None, None, "there is no row behind the header", "a row or more")]
    assert len(read_rows("accreditations", sheet(GOOD, {}, GOOD | {"reference": "B", "title": "B"}))[0]) == 2


def test_a_row_with_more_cells_than_the_header_is_a_fault():
    made = Sheet(header=["reference", "name", "email"], rows=[(2, ["A", "Jo", "jo@x.org", "and more"])])

    assert faults_of(made, "people") == [(2, None, "it has 4 cells, and the header has 3", "a cell for each column")]


@pytest.mark.parametrize(
    ("other", "column", "problem"),
    [
        ({"title": "Other", "reference": "acc/1"}, "reference", "row 2 says the same as reference"),
        ({"reference": "ACC/2"}, None, "row 2 says the same as provider, scheme, title, starts_on"),
    ],
    ids=["reference", "award"],
)
def test_doubles_in_a_file_are_faults(other: dict[str, str], column: str | None, problem: str):
    assert [(row, where, said) for row, where, said, _ in faults_of(sheet(GOOD, GOOD | other))] == [
        (3, column, problem)
    ]


def test_the_same_word_in_another_normal_form_is_the_same():
    composed, decomposed = GOOD | {"reference": "caf\u00e9"}, GOOD | {"reference": "cafe\u0301", "title": "Other"}

    assert [said for _, _, said, _ in faults_of(sheet(composed, decomposed))] == ["row 2 says the same as reference"]


def test_what_is_no_kind_of_file_is_refused_with_those_that_there_are():
    with pytest.raises(Refused) as refusal:
        read_rows("fees", sheet(GOOD))

    assert (refusal.value.rule, refusal.value.allowed) == ("import-kinds", ", ".join(KINDS))


def test_the_guide_lists_every_column_with_what_it_holds():
    """The tables of docs/importing.md are the columns, in their order, ° marking what may be left out."""
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    told = {
        section.partition("\n")[0]: re.findall(r"^\| `(\w+)`( °)? \| (.+) \|$", section, re.MULTILINE)
        for section in guide.partition("## Columns")[2].split("\n### ")[1:]
    }

    assert told == {
        kind: [(one.name, "" if one.required else " °", one.says) for one in columns] for kind, columns in KINDS.items()
    }
