"""Which changes are made to guards, and that those listed as unnoticed are changes that can still be made."""

from pathlib import Path

import pytest

from tests.soak import guards

SOURCE = """\
def late(at, due, told):
    if at < due:
        return False
    return due is not None and not told
"""


def changed(source: str, mutant: guards.Mutant) -> str:
    """The line that the mutant changes, as it then is."""
    return guards.difference(source, guards.mutated(source, mutant))[1]


def test_a_condition_is_inverted_once_and_moved_over_its_edge_and_what_is_joined_is_taken_apart(tmp_path: Path):
    (tmp_path / "late.py").write_text(SOURCE)

    made = [changed(SOURCE, one) for one in guards.mutants("late.py", tmp_path)]

    assert sorted(made) == [
        "if at <= due:",
        "if not at < due:",
        "return due is None and not told",
        "return due is not None or not told",
    ]


@pytest.mark.parametrize(
    ("asked", "becomes"),
    [
        ("if due := told[0]: pass", "if not (due := told[0]): pass"),
        ("if (due := told[0]) and at: pass", "if not (due := told[0]) and at: pass"),
        ("if at: pass\nelif due := told[0]: pass", "elif not (due := told[0]): pass"),
        ("while at: pass", "while not at: pass"),
        ("at if due else told", "at if not due else told"),
        ("[one for one in told if one in due]", "[one for one in told if not one in due]"),
        ("[one for one in told if (lambda: one)]", "[one for one in told if not (lambda: one)]"),
        ("if (at and\n        due): pass", "if not (at and"),
    ],
)
def test_a_condition_is_inverted_whatever_asks_it_and_however_it_is_written(tmp_path: Path, asked: str, becomes: str):
    (tmp_path / "late.py").write_text(asked)

    made = [changed(asked, one) for one in guards.mutants("late.py", tmp_path) if one.operator == guards.INVERT]

    assert becomes in made


def test_a_change_that_is_no_python_is_an_error_and_nothing_that_a_test_has_noticed():
    statement = guards.Mutant("late.py", guards.INVERT, 0, "late", (3, 8), (3, 20))

    with pytest.raises(SyntaxError):
        guards.mutated(SOURCE, statement)


@pytest.mark.parametrize("module", sorted({module for module, _, _ in guards.listed()}))
def test_what_is_listed_as_unnoticed_can_still_be_done(module: str):
    source = (guards.ROOT / module).read_text(encoding="utf-8")

    made = {(one.where, changed(source, one)) for one in guards.mutants(module, guards.ROOT)}

    assert {(where, becomes) for of, where, becomes in guards.listed() if of == module} <= made
