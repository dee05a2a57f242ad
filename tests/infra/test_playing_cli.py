"""What `assay play` says at its end: what to look at, and by whom one signs in."""

from pathlib import Path

import pytest

from infra.cli.playing import what_next
from infra.cli.screen import screen


def test_after_a_play_it_is_said_what_to_look_at_and_who_can_sign_in(capsys: pytest.CaptureFixture[str]):
    what_next(screen(), Path("/data"), case="submission-abcdefghijk", number="S01", officer="person-abcdefghijkl")

    told = capsys.readouterr().out
    assert "assay history submission-abcdefgh --data /data" in told
    assert "assay sign-in person-abcdefghij --data /data" in told
    assert "a link by which you sign in as an officer" in told
