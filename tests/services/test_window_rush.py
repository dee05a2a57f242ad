"""Everybody comes in a window's last minute: as many are let in as it has places, the others clearly refused, and soon."""

import json
import statistics
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from domain.submission.side_events import LimitMoved, LimitStopped
from domain.window import PlaceRefused, PlaceReserved, PlaceTaken
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.services.conftest import Clock

ROOT = Path(__file__).parents[2]
SOON = 2.0
"""Seconds within which everybody is answered."""


def registered(body: Body, count: int) -> list[str]:
    """So many cases of one provider, ready to be handed in."""
    provider = factories.register_provider(body)
    with ThreadPoolExecutor(8) as crowd:
        return list(crowd.map(lambda _: factories.register(body, provider), range(count)))


def rush(
    body: Body, database: Database, window: str, cases: list[str], *, processes: int, threads: int
) -> list[tuple[str, float]]:
    """All of them hand in at once, from several processes; returns what came of each, and in how many seconds."""
    contact = body.submission(cases[0]).registration.lead_contact
    at = body.now().isoformat()
    crowds = [
        subprocess.Popen([sys.executable, "-m", "tests.services.rush", database.app_url, window, at, str(threads)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]  # fmt: skip
    for crowd in crowds:
        assert crowd.stdout
        assert crowd.stdout.readline() == "ready\n"
    for number, crowd in enumerate(crowds):
        assert crowd.stdin
        crowd.stdin.write(" ".join(f"{case}:{contact}" for case in cases[number::processes]) + "\n")
        crowd.stdin.flush()
    came: list[tuple[str, float]] = []
    for crowd in crowds:
        said, _ = crowd.communicate(timeout=120)
        assert crowd.returncode == 0
        came += [(outcome, seconds) for outcome, seconds in json.loads(said)]
    return came


def show(came: list[tuple[str, float]]) -> float:
    """Print how long they waited; returns the longest."""
    waited = sorted(seconds for _, seconds in came)
    p50, p99 = statistics.median(waited), waited[int(len(waited) * 0.99)]
    print(f"\n{len(waited)} at once: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, max {waited[-1] * 1000:.0f} ms")
    return waited[-1]


def check(body: Body, window: str, cases: list[str], came: list[tuple[str, float]], capacity: int) -> None:
    assert Counter(outcome for outcome, _ in came) == {"in": capacity, "window-capacity": len(cases) - capacity}
    taken = [one.submission for one in body.events(window, PlaceTaken)]
    assert len(taken) == len(set(taken)) == capacity
    refused = [one.submission for one in body.events(window, PlaceRefused)]
    assert len(refused) == len(set(refused)) == len(cases) - capacity
    assert set(taken) | set(refused) == set(cases)


def test_in_the_last_minute_exactly_as_many_get_in_as_there_are_places_and_everyone_is_answered_soon(
    body: Body, clock: Clock, database: Database
):
    cases = registered(body, 60)
    window = factories.schedule_window(body, lasts=timedelta(days=1), capacity=45)
    later = factories.schedule_window(body, opens_in=timedelta(days=30), capacity=10)
    clock.comes_to(body.state(window).closes_at - timedelta(seconds=1))

    came = rush(body, database, window, cases, processes=2, threads=8)

    check(body, window, cases, came, 45)
    assert show(came) < SOON
    # Ten of those refused have a place kept in the window that is announced, and the others wait for one.
    kept = {one.submission for one in body.events(later, PlaceReserved)}
    waiting = {case for case in cases if body.events(case, LimitStopped)}
    assert (len(kept), len(waiting)) == (10, 5)
    assert kept | waiting == set(body.state(window).refused)
    assert all(body.events(case, LimitMoved) for case in kept)
    last = factories.schedule_window(body, opens_in=timedelta(days=60), capacity=10)
    assert {one.submission for one in body.events(last, PlaceReserved)} == waiting


def test_five_hundred_for_four_hundred_and_fifty_places(body: Body, clock: Clock, database: Database):
    cases = registered(body, 500)
    window = factories.schedule_window(body, lasts=timedelta(days=1), capacity=450)
    clock.comes_to(body.state(window).closes_at - timedelta(seconds=1))

    came = rush(body, database, window, cases, processes=4, threads=10)

    check(body, window, cases, came, 450)
    assert show(came) < SOON
