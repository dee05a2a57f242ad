"""Fifty people at once on a body with some hundred cases: every request is answered, and reads at once."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.soak.body import working
from tests.soak.business import PEOPLE
from tests.soak.crowd import Notes, at_work, figures, percentile

pytestmark = pytest.mark.soak

SECONDS: Final = 60.0
LONGEST: Final = 250.0
"""Milliseconds that 99 of 100 reads may take, on two cores on which nothing else works."""
MET: Final = frozenset({"too-busy", "version-meanwhile", "extension-later"})
"""The rules by which two are told that they met over one thing: of two who grant more time, one may have granted more."""


def test_fifty_people_at_once_are_all_answered_and_read_without_waiting(tmp_path: Path):
    assert sum(PEOPLE.values()) == 50
    notes = Notes()
    with working(tmp_path, cases=300) as body:
        asyncio.run(at_work(body.members, notes, port=body.port, seconds=SECONDS, seed=1))
    print(f"\n{figures(notes, SECONDS)}")

    assert [one for one in notes.asked if one.status not in {200, 304} and one.rule not in MET] == []
    assert [one for one in notes.reads if one.rule] == []
    assert sum(bool(one.rule) for one in notes.commands) < len(notes.commands) / 20
    assert len(notes.reads) > 20 * len(body.members)
    assert percentile(notes.reads, 99) < LONGEST
