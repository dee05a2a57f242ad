"""Whatever is killed, whenever: the same final table, no event lost or doubled, no reminder doubled."""

from pathlib import Path

import pytest

from tests.e2e.stage import STRETCHED, Killer, check_nothing_lost_or_doubled, performed

pytestmark = pytest.mark.soak


def test_a_play_ends_the_same_when_each_server_and_service_is_killed(tmp_path: Path) -> None:
    # given a play whose durations are long against a restart, and a killer that spares nobody
    killer = Killer(seed=1, every=(4.0, 9.0), most=15)
    with performed(tmp_path / "data", STRETCHED, killer=killer) as played:
        # then each was killed, and the record is as if none had been
        assert {victim for _, victim in killer.killed} == set(killer.victims), killer.killed
        check_nothing_lost_or_doubled(played)


@pytest.mark.parametrize("seed", range(2, 7))
def test_two_hundred_kills_change_nothing(tmp_path: Path, seed: int) -> None:
    killer = Killer(seed=seed, every=(1.0, 3.0), most=40)
    with performed(tmp_path / "data", STRETCHED, killer=killer) as played:
        print(f"\nseed {seed}: {len(killer.killed)} kills: {killer.killed}")
        assert len(killer.killed) == 40
        check_nothing_lost_or_doubled(played)
