"""Cells and rows of a file at their edges: the longest, the first and last day, what may be left out, and where a fault is."""

from datetime import date
from typing import Any

import pytest

from domain.importing.cells import WrongCell, read_cell
from domain.importing.columns import LINE, TEXT, Column, Form
from domain.importing.rows import Fault, Sheet, read_rows


def column(form: Form, *, required: bool = False) -> Column:
    return Column(name="x", form=form, says="what it says", required=required)


def wrong(form: Form, raw: str, *, required: bool = False) -> str:
    with pytest.raises(WrongCell) as caught:
        read_cell(column(form, required=required), raw)
    assert caught.value.allowed
    return caught.value.problem


# -- cells -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "said"), [("text", None), ("codes", ()), ("date", None)])
def test_an_empty_cell_says_nothing_where_it_may(form: Form, said: Any):
    assert read_cell(column(form), " ") == said
    assert wrong(form, " ", required=True) == "it is empty"


@pytest.mark.parametrize(("form", "most"), [("text", TEXT), ("line", LINE), ("reference", 100)])
def test_a_cell_is_as_long_as_it_may_be_white_space_around_it_aside(form: Form, most: int):
    longest = "x" * most

    assert read_cell(column(form), longest) == longest
    assert read_cell(column(form), longest + " " * 1_000) == longest
    assert wrong(form, longest + "x") == f"it has {most + 1:,} characters"
    assert wrong(form, longest + " " * 1_001) == f"it has {most + 1_001:,} characters"


@pytest.mark.parametrize("raw", ["a\nb", "a\tb", "a\r\nb"], ids=["newline", "tab", "return"])
def test_only_a_text_goes_on_over_several_lines(raw: str):
    assert read_cell(column("text"), raw) == raw
    for form in ("line", "reference", "code", "codes"):
        assert wrong(form, raw) == "it goes on over several lines"  # type: ignore[arg-type]


def test_white_space_within_a_text_is_seen_by_what_stands_around_it():
    assert read_cell(column("text"), "a \u200b b") == "a \u200b b"
    assert wrong("text", "\u200b\u2003\u200b") == "nothing of it is to be seen"


@pytest.mark.parametrize(
    ("raw", "codes"),
    [("1.1", ("1.1",)), ("1.1, 2.1;3.1 1.1,", ("1.1", "2.1", "3.1")), (",;", ())],
    ids=["one", "several", "none"],
)
def test_codes_are_told_apart_by_what_stands_between_them(raw: str, codes: tuple[str, ...]):
    assert read_cell(column("codes"), raw) == codes


@pytest.mark.parametrize("raw", ["2000-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_days(raw: str):
    assert read_cell(column("date"), raw) == date.fromisoformat(raw)


@pytest.mark.parametrize("raw", ["1999-12-31", "2200-01-01"])
def test_a_day_before_or_after_them_is_none(raw: str):
    assert wrong("date", raw) == f"{raw} is out of range"


@pytest.mark.parametrize(("raw", "number"), [("1", 1), ("99999", 99_999), ("007", 7)])
def test_a_number_has_five_digits_at_most(raw: str, number: int):
    assert read_cell(column("number"), raw) == number


@pytest.mark.parametrize("raw", ["0", "100000", "1.0", "\u0662", "\u00b2", "1e1"], ids=ascii)
def test_what_is_no_number_of_ascii_digits_is_none(raw: str):
    assert wrong("number", raw) == f"{raw!r} is no number from 1"


def test_what_is_no_address_is_said_with_what_is_allowed():
    assert wrong("email", "jo") == "it is no e-mail address"


@pytest.mark.parametrize(
    ("form", "raw"), [("code", "one-off"), ("scheme", "cpd-qa@12"), ("email", "jo@example.org")], ids=lambda one: one
)
def test_a_sound_cell_is_what_it_says(form: Form, raw: str):
    assert read_cell(column(form), raw) == raw


# -- rows --------------------------------------------------------------------------------------------------------------

PEOPLE = ["reference", "name", "email"]
JO = ["P-1", "Jo", "jo@example.org"]


def faults(
    *rows: list[str], header: list[str] | None = None, kind: str = "people"
) -> list[tuple[int | None, str | None, str]]:
    made = Sheet(header=PEOPLE if header is None else header, rows=list(enumerate(rows, 2)))
    return [(one.row, one.column, one.problem) for one in read_rows(kind, made)[1]]


def test_a_fault_says_where_it_is_as_far_as_it_is_somewhere():
    def place(row: int | None, column: str | None) -> str:
        return str(Fault(row=row, column=column, problem="it is so", allowed="otherwise"))

    assert place(2, "name") == "row 2, column name: it is so. Allowed: otherwise."
    assert place(2, None) == "row 2: it is so. Allowed: otherwise."
    assert place(None, "name") == "column name: it is so. Allowed: otherwise."
    assert place(None, None) == "it is so. Allowed: otherwise."


def test_a_short_row_says_nothing_in_the_columns_that_it_lacks():
    assert faults(JO[:2]) == [(2, "email", "it is empty")]


def test_cells_behind_the_header_are_a_fault_where_something_stands_in_them():
    assert faults([*JO, " ", ""]) == []
    assert faults([*JO, "", "x"]) == [(2, None, "it has 5 cells, and the header has 3")]


def test_a_row_is_sound_where_all_its_cells_could_be_read():
    made = Sheet(header=PEOPLE, rows=[(2, JO), (3, ["P-2", "", "bo@example.org"])])
    rows, _ = read_rows("people", made)

    assert [(one.number, one.sound, one["reference"], one["name"]) for one in rows] == [
        (2, True, "P-1", "Jo"),
        (3, False, "P-2", None),
    ]


def test_a_column_that_may_be_left_out_is_no_fault_when_it_is():
    assert faults(JO) == []
    assert faults(JO[:2], header=PEOPLE[:2]) == [(1, "email", "the column is missing")]


def test_of_a_column_that_stands_there_twice_the_first_is_read():
    made = Sheet(header=[*PEOPLE, "name"], rows=[(2, [*JO, "Other"])])
    [row], found = read_rows("people", made)

    assert row["name"] == "Jo"
    assert [one.problem for one in found] == ["the column stands there twice"]


def test_of_a_file_without_any_known_column_no_row_is_missed():
    assert {problem for _, _, problem in faults(header=["xyzzy"])} == {
        "there is no such column",
        "the column is missing",
    }
    assert [row for row, _, _ in faults(["something"], header=["xyzzy"])] == [1] * len(
        faults(["something"], header=["xyzzy"])
    )


def test_rows_that_could_not_be_read_are_no_doubles_of_each_other():
    assert [problem for _, _, problem in faults(["P-1", "Jo", ""], ["P-2", "Bo", ""])] == ["it is empty"] * 2


def test_a_third_row_that_says_the_same_is_a_double_of_the_first():
    other = ["P-2", "Bo", "bo@example.org"]
    doubles = faults(JO, other, ["P-3", "Jo", "JO@example.org"], ["p-1", "Jo", "so@example.org"])

    assert doubles == [
        (5, "reference", "row 2 says the same as reference"),
        (4, "email", "row 2 says the same as email"),
    ]
