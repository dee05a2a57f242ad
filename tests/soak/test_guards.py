"""Every guard in the domain is there for a reason that a test knows: whichever is changed, a test of the domain fails."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from tests.soak import guards

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    """A copy of the domain; its tests pass while no guard is changed."""
    with guards.copied() as made:
        print(f"\nThe domain's tests take {guards.check_whole(made):.1f} s on an unchanged copy.")
        yield made


@pytest.fixture(scope="module")
def idle(copy: Path) -> Iterator[Queue[guards.Worker]]:
    """Who can change guards and run the tests, each in a further copy."""
    with guards.workers(copy) as made:
        yield made


@pytest.mark.parametrize("module", guards.modules())
def test_no_guard_can_be_changed_unnoticed(copy: Path, idle: Queue[guards.Worker], module: str) -> None:
    """Given a module, each of its guards is changed alone; what no test notices is listed with the reason why, and lives."""
    chosen = guards.mutants(module, copy)
    survivors = {one.key: one for one in guards.examine(chosen, idle) if one.survived}
    print(f"\n{module}: {len(chosen)} changes to its guards, {len(survivors)} unnoticed")

    allowed = {key for key in guards.listed() if key[0] == module}
    unlisted = [str(one) for key, one in survivors.items() if key not in allowed]
    assert not unlisted, "no test notices:\n" + "\n".join(unlisted)
    assert not allowed - survivors.keys(), f"listed in {guards.LISTED.name}, and noticed or gone"


def test_each_listed_survivor_has_a_reason() -> None:
    assert all(len(reason.split()) > 3 for reason in guards.listed().values())
