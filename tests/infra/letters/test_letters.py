"""Letters are written from the log, each once, to whoever is to hear it, and sent as files where there is no server."""

import threading
from email import message_from_string
from email.policy import default

import psycopg
import pytest

from domain.letter_words import OWN, STANDARD, unknown_in
from infra.letters import composing
from infra.letters.writing import standard
from tests.conftest import Database
from tests.factories import brought, register
from tests.infra.letters.conftest import Posting
from tests.infra.polling import until


def test_every_letter_has_standard_words_in_which_only_its_own_placeholders_stand():
    assert set(standard()) == {*OWN, *STANDARD}
    for letter, words in standard().items():
        assert words.subject
        assert words.text
        assert unknown_in(words.subject, letter) == []
        assert unknown_in(words.text, letter) == []


def test_a_case_from_registration_to_result_sends_its_letters_each_once_and_in_order(post: Posting):
    case = brought(post.body, "released")
    post.compose()
    post.compose(batch=3)

    sent = [(one.letter, one.recipient) for one in post.letters(case)]
    registered = post.body.submission(case)
    lead, assessor = registered.registration.lead_contact, registered.assessor
    assert sent == [
        ("registered", lead),
        ("fee-charged", lead),
        ("fee-charged", lead),
        ("assigned", assessor),
        ("result-awarded", lead),
    ]


def test_read_again_from_its_beginning_the_log_sends_nothing_a_second_time(post: Posting):
    case = brought(post.body, "released")
    post.compose()
    post.send()
    before = post.letters(case)

    post.outbox.begin_at(0, again=True)
    post.compose()

    assert post.letters(case) == before
    assert {one.state for one in before} == {"sent"}


def test_on_a_store_that_has_a_history_letters_begin_at_its_end(post: Posting):
    before = register(post.body)
    ended = threading.Event()
    thread = threading.Thread(target=composing.run, args=(post.settings, post.app, ended), daemon=True)
    thread.start()
    until(lambda: post.outbox.place() is not None)
    after = register(post.body)
    until(lambda: post.letters(after, "registered"))
    ended.set()
    thread.join(10)

    assert post.letters(before) == []


def test_what_happened_while_nobody_wrote_letters_is_sent_afterwards(post: Posting):
    post.compose()
    case = register(post.body)

    post.compose()
    post.send()

    assert {one.state for one in post.letters(case)} == {"sent"}


def test_without_a_server_each_letter_is_a_file_that_reads_well_in_plain_text_and_html(post: Posting):
    case = brought(post.body, "released")
    post.compose()
    post.send()

    [result] = post.letters(case, "result-awarded")
    message = message_from_string(post.files()[result.id], policy=default)
    plain = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()

    assert message["Message-ID"] == f"<{result.id}@assay.invalid>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"].addresses[0].addr_spec.endswith("@provider.example")
    assert "accredited" in message["Subject"]
    assert "awarded, at the level accredited" in plain
    assert "You may appeal until 30 March 2026, 23:59 (London)." in plain
    assert f"http://127.0.0.1:8080/api/v1/cases/{case}" in plain
    assert f'href="http://127.0.0.1:8080/api/v1/cases/{case}"' in html
    assert "{" not in plain
    assert (post.settings.data / "letters" / f"{result.id}.eml").stat().st_mode & 0o077 == 0


def test_a_title_can_not_make_a_header_or_markup_of_its_own(post: Posting, monkeypatch: pytest.MonkeyPatch):
    case = register(post.body)
    title = post.body.submission(case).registration.title.id
    texts = type(post.app.vault).texts

    def odd(vault: object, ids: list[str]) -> dict[str, str]:
        return {**texts(vault, ids), title: "Reading\r\nBcc: all@body.example\r\n\r\n<script>alert(1)</script> {page}"}

    monkeypatch.setattr(type(post.app.vault), "texts", odd)
    post.compose()
    post.send()

    [registered] = post.letters(case, "registered")
    message = message_from_string(post.files()[registered.id], policy=default)
    assert message["Bcc"] is None
    assert "<script>" not in message.get_body(("html",)).get_content()
    assert "Bcc: all@body.example" in message["Subject"]
    assert "{page}" in message["Subject"]


def test_who_was_erased_gets_no_letter_and_the_words_of_those_sent_are_gone_with_them(
    post: Posting, database: Database
):
    case = register(post.body)
    post.compose()
    post.send()
    registered = post.letters(case, "registered")[0]
    assert "is registered under" in (post.outbox.words(registered.id) or ("", ""))[1]
    lead = post.body.submission(case).registration.lead_contact

    with psycopg.connect(database.app_url) as connection:
        connection.execute("DELETE FROM record.vault WHERE subject = %s", [lead])
    again = brought(post.body, "registered")
    with psycopg.connect(database.app_url) as connection:
        lead = post.body.submission(again).registration.lead_contact
        connection.execute("DELETE FROM record.vault WHERE subject = %s AND name = 'email'", [lead])
    post.compose()
    post.send()

    assert post.outbox.words(registered.id) is None
    assert {one.state for one in post.letters(again)} == {"no-address"}
    assert post.letters(case)[0].state == "sent"


def test_an_erased_title_takes_the_words_of_letters_with_it(post: Posting, database: Database):
    case = register(post.body)
    post.compose()
    post.send()
    registered = post.letters(case, "registered")[0]

    with psycopg.connect(database.app_url) as connection:
        title = post.body.submission(case).registration.title.id
        connection.execute("DELETE FROM record.texts WHERE id = %s", [title])

    assert post.outbox.words(registered.id) is None
