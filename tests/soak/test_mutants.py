"""Which changes are made to guards, and that those listed as unnoticed are changes that can still be made."""

from pathlib import Path

import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

from tests.soak import guards

SOURCE = """\
def late(at, due, told):
    if at < due:
        return False
    return due is not None and not told
"""


def changed(source: str, mutant: guards.Mutant) -> str:
    """The line that the mutant changes, as it then is."""
    made = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    before = source.splitlines()
    [line] = [one for number, one in enumerate(made.splitlines()) if before[number] != one]
    return line.strip()


def test_a_condition_is_inverted_once_and_moved_over_its_edge_and_what_is_joined_is_taken_apart(tmp_path: Path):
    (tmp_path / "late.py").write_text(SOURCE)

    made = [changed(SOURCE, one) for one in guards.mutants("late.py", tmp_path)]

    assert sorted(made) == [
        "if at <= due:",
        "if not at < due:",
        "return due is None and not told",
        "return due is not None or not told",
    ]


@pytest.mark.parametrize("key", guards.listed(), ids="/".join)
def test_what_is_listed_as_unnoticed_can_still_be_done(key: tuple[str, str, str]):
    module, where, becomes = key
    source = (guards.ROOT / module).read_text(encoding="utf-8")

    made = {(one.where, changed(source, one)) for one in guards.mutants(module, guards.ROOT)}

    assert (where, becomes) in made
