"""News is delivered in order for each case, for cases independently, and until it succeeds."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from infra.deliveries import MOST_NEWS, Deliveries
from tests.infra.polling import until
from workflows.situation import News


def news(*positions: int) -> list[News]:
    return [News(position=position, name="MeterRead.1") for position in positions]


class Post:
    """Takes deliveries in; those to a case in `closed` fail until it is taken out."""

    def __init__(self) -> None:
        self.closed: set[str] = set()
        self.tried = 0
        self.received: list[tuple[str, list[int]]] = []
        self.held = threading.Event()
        self.held.set()

    async def send(self, case: str, pieces: Sequence[News]) -> None:
        self.tried += 1
        await asyncio.to_thread(self.held.wait)
        if case in self.closed:
            raise RuntimeError("closed")
        self.received.append((case, [piece.position for piece in pieces]))

    def of(self, case: str) -> list[int]:
        return [position for one, positions in self.received for position in positions if one == case]


def give(deliveries: Deliveries, case: str, *positions: int) -> None:
    deliveries.give([(case, piece) for piece in news(*positions)], positions[-1])


def after(condition: Callable[[], bool]) -> None:
    until(condition, 5)


def test_all_news_of_a_case_arrives_in_order_and_what_gathers_meanwhile_goes_in_one_piece():
    post = Post()
    post.held.clear()
    with Deliveries(post.send, 0) as deliveries:
        give(deliveries, "a", 1)
        after(lambda: post.tried == 1)
        give(deliveries, "a", 2)
        give(deliveries, "a", 3, 4)
        assert (deliveries.done, deliveries.under_way) == (0, 4)
        post.held.set()
        after(lambda: deliveries.done == 4)

    assert post.received == [("a", [1]), ("a", [2, 3, 4])]


def test_a_case_that_fails_holds_up_nobody_but_keeps_the_place():
    post = Post()
    post.closed = {"b"}
    with Deliveries(post.send, 9) as deliveries:
        deliveries.give([("a", news(10)[0]), ("b", news(11)[0]), ("a", news(12)[0])], 15)
        after(lambda: post.of("a") == [10, 12])
        assert (deliveries.done, deliveries.under_way) == (10, 1)
        post.closed.clear()
        after(lambda: deliveries.done == 15)

    assert post.of("b") == [11]


def test_what_is_no_news_to_anybody_counts_as_delivered():
    with Deliveries(Post().send, 0) as deliveries:
        deliveries.give([], 7)
        assert deliveries.done == 7


def test_a_long_absence_is_told_in_several_pieces():
    post = Post()
    with Deliveries(post.send, 0) as deliveries:
        give(deliveries, "a", *range(1, 2 * MOST_NEWS + 2))
        after(lambda: deliveries.under_way == 0)

    assert [len(positions) for _, positions in post.received] == [MOST_NEWS, MOST_NEWS, 1]


def test_the_end_does_not_wait_for_what_can_not_be_delivered():
    post = Post()
    post.closed = {"a"}
    with Deliveries(post.send, 0) as deliveries:
        give(deliveries, "a", 1)
        after(lambda: post.tried > 0)

    assert deliveries.done == 0
