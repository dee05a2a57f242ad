"""Letters leave by a real SMTP server: once each, whatever it answers; what it will not take is kept where it is seen."""

import pytest

from infra.letters.posting import turn
from tests.factories import register
from tests.infra.letters.conftest import Posting
from tests.infra.letters.mailserver import Handler, free_port, serving, slowly, talking
from tests.infra.polling import until


def written(post: Posting, cases: int = 1) -> list[str]:
    """So many cases registered, and their letters written; returns the cases."""
    found = [register(post.body) for _ in range(cases)]
    post.compose()
    return found


def address(post: Posting, case: str) -> str:
    lead = post.body.submission(case).registration.lead_contact
    return post.app.vault.personal([lead])[lead]["email"]


def test_each_letter_comes_once_by_few_connections_as_plain_text_and_html(post: Posting):
    cases = written(post, 10)
    handler = Handler()
    with serving(handler) as port:
        post.by(port).send()

    letters = [one for case in cases for one in post.letters(case)]
    assert sorted(one.message["Message-ID"] for one in handler.taken) == sorted(
        f"<{one.id}@body.example>" for one in letters
    )
    assert {one.state for one in letters} == {"sent"}
    assert {(one.tries, one.reply) for one in letters} == {(1, "250")}
    assert len(handler.connections) == 2
    message = handler.taken[0].message
    assert message["From"] == "letters@body.example"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


def test_what_is_refused_for_good_is_not_tried_again_and_the_others_go(post: Posting):
    one, other = written(post, 2)
    gone = address(post, one)
    handler = Handler(recipient=lambda to, _: "550 5.1.1 Nobody here by that name" if to == gone else "250 OK")
    with serving(handler) as port:
        post.by(port).send()

    refused, sent = post.letters(one), post.letters(other)
    assert {(row.state, row.reply, row.tries) for row in refused} == {("refused", "550", 1)}
    assert {row.state for row in sent} == {"sent"}
    assert handler.asked[gone] == len(refused)


@pytest.mark.parametrize("when", ["recipient", "data"])
def test_what_is_not_taken_now_is_taken_later_and_comes_once(post: Posting, when: str):
    [case] = written(post)
    letters = len(post.letters(case))

    def later(_to: str, times: int) -> str:
        return "451 4.7.1 Come again" if times <= 2 * letters else "250 OK"

    handler = Handler(**{when: later})
    with serving(handler) as port:
        post.by(port).send()

    assert {row.state for row in post.letters(case)} == {"sent"}
    assert max(row.tries for row in post.letters(case)) > 1
    assert len({one.message["Message-ID"] for one in handler.taken}) == len(handler.taken) == letters


def test_what_is_never_taken_is_given_up_after_its_tries_and_shown(post: Posting):
    [case] = written(post)
    with serving(Handler(recipient=lambda _to, _times: "450 4.2.2 Full")) as port:
        post.by(port, tries=3, pause=0.01).send()

    assert {(row.state, row.reply, row.tries) for row in post.letters(case)} == {("failed", "450", 3)}


def test_a_server_that_is_away_costs_no_letter_a_try_and_all_go_when_it_is_back(post: Posting):
    [case] = written(post)
    port, handler = free_port(), Handler()
    with post.by(port, pause=0.02, tries=2).sending():
        until(lambda: any(row.reply == "no-connection" for row in post.letters(case)))
        until(post.outbox.oldest_due)
        with serving(handler, port):
            until(lambda: {row.state for row in post.letters(case)} == {"sent"})

    assert {row.tries for row in post.letters(case)} == {1}
    assert len(handler.taken) == len(post.letters(case))


@pytest.mark.parametrize(
    ("says", "reply"),
    [
        (b"HELLO, what do you want?\r\n" * 3, "rubbish"),
        (b"\x00\xff\xfe\r\n", "rubbish"),
        (b"554 No service\r\n", "554"),
    ],
    ids=["talk", "bytes", "no service"],
)
def test_a_server_that_talks_rubbish_or_takes_nothing_counts_as_away(post: Posting, says: bytes, reply: str):
    [case] = written(post)
    with talking(says) as port, post.by(port, pause=0.02, timeout=1.0).sending():
        until(lambda: any(row.reply for row in post.letters(case)))
        until(lambda: {row.state for row in post.letters(case)} == {"queued"})

    assert {row.reply for row in post.letters(case)} <= {"", reply, "no-connection", "no-answer"}
    assert {row.tries for row in post.letters(case)} == {0}
    handler = Handler()
    with serving(handler) as port:
        post.by(port).send()
    assert len(handler.taken) == len(post.letters(case))


def test_a_server_that_does_not_answer_in_time_holds_up_nothing_for_good(post: Posting):
    [case] = written(post)
    with talking(b"220 slow\r\n", after=30.0) as port, post.by(port, pause=0.02, timeout=0.2).sending():
        until(lambda: any(row.reply == "no-answer" for row in post.letters(case)))

    assert {row.tries for row in post.letters(case)} == {0}


def test_where_no_answer_came_after_the_words_it_goes_again_under_the_same_id(post: Posting):
    """Whether the server has it is not known then: receivers tell by the Message-ID that it is the same letter."""
    [case] = written(post)
    handler = Handler(data=slowly(0.6))
    with serving(handler) as port, post.by(port, pause=0.02, timeout=0.2, connections=1).sending():
        until(lambda: any(row.reply == "no-answer" for row in post.letters(case)))
        handler.data = lambda _to, _times: "250 OK"
        until(lambda: {row.state for row in post.letters(case)} == {"sent"})

    ids = {one.message["Message-ID"] for one in handler.taken}
    assert ids == {f"<{row.id}@body.example>" for row in post.letters(case)}


def test_no_more_go_a_minute_than_the_rate_allows():
    sent_at, last = [], 0.0
    for now in (100.0, 100.1, 100.2, 100.3, 109.0):
        last = turn(last, now, 60)
        sent_at.append(last)

    assert sent_at == [100.0, 101.0, 102.0, 103.0, 109.0]
