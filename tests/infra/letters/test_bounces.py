"""Notices of letters that came back are read from a maildir, each once; anything else in there changes nothing."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from infra.letters.bounces import Notice, read_all, read_notice
from services.letters import send_letter_now
from tests.factories import register
from tests.infra.letters.conftest import Posting


def notice(letter: str, *, action: str = "failed", status: str = "5.1.1", part: str = "headers") -> bytes:
    """A notice as mail servers write them (RFC 3464), about a letter of ours."""
    headers = f"Message-ID: <{letter}@body.example>\nTo: somebody@provider.example\nSubject: Registered\n\n"
    kind = "text/rfc822-headers" if part == "headers" else "message/rfc822"
    return (
        "From: MAILER-DAEMON@relay.example\nTo: letters@body.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt was not delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        f"Final-Recipient: rfc822; somebody@provider.example\nAction: {action}\nStatus: {status}\n\n"
        f"--b\nContent-Type: {kind}\n\n{headers}--b--\n"
    ).encode()


@pytest.mark.parametrize("part", ["headers", "message"])
def test_a_notice_names_the_letter_and_the_status(part: str):
    assert read_notice(notice("letter-abcdefghijklmnop", part=part)) == Notice("letter-abcdefghijklmnop", "5.1.1")


def test_what_is_no_notice_that_a_letter_of_ours_failed_is_none():
    ordinary = EmailMessage()
    ordinary["Subject"] = "Re: Registered"
    ordinary.set_content("Thank you. <letter-abcdefghijklmnop@body.example>")

    assert read_notice(ordinary.as_bytes()) is None
    assert read_notice(b"\x00\xff rubbish") is None
    assert read_notice(notice("letter-abcdefghijklmnop", action="delayed", status="4.4.1")) is None
    assert read_notice(notice("another")) is None


def test_a_letter_that_came_back_is_noted_once_and_its_notice_put_aside(post: Posting, tmp_path: Path):
    case = register(post.body)
    post.compose()
    post.send()
    first, other = post.letters(case)
    inbox = tmp_path / "bounces"
    (inbox / "new").mkdir(parents=True)
    (inbox / "new" / "1").write_bytes(notice(first.id))
    (inbox / "new" / "2").write_bytes(notice(first.id))
    (inbox / "new" / "3").write_bytes(notice("letter-aaaaaaaaaaaaaaaa"))
    (inbox / "new" / "4").write_bytes(b"Buy now!")

    assert read_all(inbox, post.app) >= 1
    post.compose()

    assert [post.outbox.row(one.id).state for one in (first, other)] == ["bounced", "sent"]
    assert sum(type(one).__name__ == "LetterBounced" for one in post.body.events(case)) == 1
    assert list((inbox / "new").iterdir()) == []
    assert len(list((inbox / "cur").iterdir())) == 4
    assert read_all(inbox, post.app) == 0


def test_a_letter_that_is_sent_again_may_come_back_again(post: Posting, tmp_path: Path):
    case = register(post.body)
    post.compose()
    post.send()
    letter = post.letters(case)[0].id
    inbox = tmp_path / "bounces"
    (inbox / "new").mkdir(parents=True)
    for time in range(2):
        (inbox / "new" / str(time)).write_bytes(notice(letter))
        assert read_all(inbox, post.app) == 1
        post.compose()
        assert (post.outbox.row(letter).state, post.outbox.row(letter).tries) == ("bounced", 1)
        again = post.body.command(post.body.officer, "officer")
        send_letter_now(post.body.office, again, case=case, letter=letter, reason="Mended.", post=post.app.post)
        post.compose()
        post.send()

    assert sum(type(one).__name__ == "LetterBounced" for one in post.body.events(case)) == 2
