"""PostgreSQL is killed twice, Temporal stays down for a while, the API is killed, and fifty people go on: nothing is lost.

Some of them follow the feed meanwhile, and hear of each event once.
"""

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.soak.body import working
from tests.soak.crowd import Notes, at_work, figures, repeated
from tests.soak.faults import Fault, happening
from tests.soak.follower import meanwhile, told
from tests.soak.kept import check_kept
from tests.soak.test_load import MET

pytestmark = pytest.mark.soak

SECONDS: Final = 60.0
LONGEST: Final = 10.0
"""Seconds within which everybody knows how they are: answered, refused, or cut off."""
FOLLOW: Final = ("officer", "provider", "assessor")
"""Of each of these roles one follows the feed."""
FAULTS: Final = (
    Fault(after=8, victim="postgres"),
    Fault(after=18, victim="serve"),
    Fault(after=28, victim="temporal", lasts=15),
    Fault(after=46, victim="postgres", by=signal.SIGQUIT),  # as `pg_ctl stop -m immediate` does
)


def test_what_is_answered_with_success_is_kept_once_and_nothing_else_is_whatever_dies_meanwhile(tmp_path: Path):
    with working(tmp_path, cases=300) as body:
        notes, before = Notes(), body.app.records.max_position()
        work = at_work(body.members, notes, port=body.port, seconds=SECONDS, seed=2)
        follow = [next(one for one in body.members if one.name.startswith(role)) for role in FOLLOW]
        with happening(FAULTS, body.pid) as struck:
            following = asyncio.run(
                meanwhile(follow, work, port=body.port, after=before, end=body.app.records.max_position)
            )
        answers = Counter("cut off" if one.status is None else str(one.status) for one in notes.asked)
        print(f"\n{figures(notes, SECONDS)}\nstruck: {', '.join(struck)}; answers: {dict(answers)}")

        assert struck.count("postgres") == 2
        assert {"serve", "temporal"} <= set(struck)
        assert answers["503"] + answers["cut off"] > 0, "nobody noticed"
        allowed = {None, 200, 304, 503}
        assert [one for one in notes.asked if one.status not in allowed and one.rule not in MET] == []
        assert [one for one in notes.asked if one.status == 503 and not one.retry_after] == []
        assert [one for one in notes.asked if one.took > LONGEST] == []

        check_kept(body.app.records, notes, before)
        body.catch_up()
        for one in following:
            print(f"{one.member.name} heard of {len(one.heard)} events over {one.broken} breaks")
            assert one.broken > 0
            assert one.heard == told(one.member, port=body.port, after=before), one.member.name
        end = len(notes.given)
        for given, answer in asyncio.run(repeated(notes, port=body.port)):
            if did := given.did:
                assert answer is not None
                assert answer.status == 200, (given, answer)
                assert json.loads(answer.body) == did | {"repeated": True}
        check_kept(body.app.records, notes, before)
        assert end == len(notes.given)
