"""Letters on a terminal: what will go, a letter in its words, what is done to one, and what doctor says of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from infra.bootstrap import App, open_app
from infra.cli.health import _courier
from infra.cli.letters import edit, note, show_coming, show_words, show_written
from infra.cli.reading import columns
from infra.projector import catch_up
from infra.read_models import connect
from infra.settings import Settings, load_settings
from services.letters import hold_letter, send_letter_now
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body, open_body, register
from tests.infra.letters.conftest import Posting
from tests.infra.letters.mailserver import Handler, serving


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=6) as opened:
        yield opened


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return load_settings({"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path / "data")})


@pytest.fixture
def post(app: App, settings: Settings) -> Posting:
    body: Body = open_body(app.office, now=lambda: datetime.now(UTC))
    return Posting(app, body, settings)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_what_will_go_is_listed_previewed_held_back_and_sent(
    post: Posting, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    case = register(post.body)
    post.compose()
    catch_up(post.app.records)
    capsys.readouterr()
    first = post.letters(case)[0]

    show_coming(settings, limit=2)
    listed = printed(capsys)
    assert first.id in listed
    assert "Only the first 2 are shown" in listed
    show_words(settings, first.id)
    assert "is registered under" in printed(capsys)

    edit(settings, hold_letter, first.id, by=post.body.officer, role="officer", reason="The date is wrong.")
    edit(settings, hold_letter, first.id, by=post.body.officer, role="officer", reason="The date is wrong.")
    post.compose()
    post.send()
    assert printed(capsys) == "It is so now. It was so already."
    show_written(settings, case=case, state=None, limit=10)
    told = printed(capsys)
    assert "held" in told
    assert "sent" in told
    show_written(settings, case=None, state="bounced", limit=10)
    assert printed(capsys) == "There is no such letter."
    edit(settings, send_letter_now, first.id, by=post.body.officer, role="officer", reason="It is right now.")
    post.compose()
    post.send()
    assert {one.state for one in post.letters(case)} == {"sent"}

    note(settings, f"<{first.id}@assay.invalid>", reason="Nobody lives there.")
    post.compose()
    assert post.outbox.row(first.id).state == "bounced"


def test_ids_are_shown_whole_beside_a_long_reason(capsys: pytest.CaptureFixture[str]):
    table = columns("letter", "why", "case", wraps="why")
    table.add_row("letter-ua5jhpamdenjjdbk", "The deadline for earning it again. " * 20, "accreditation-j4pifpwq")
    Console(width=80).print(table)
    shown = capsys.readouterr().out
    assert "letter-ua5jhpamdenjjdbk" in shown
    assert "accreditation-j4pifpwq" in shown
    assert shown.count("earning") == 20


def test_where_there_is_nothing_it_is_said_so(app: App, settings: Settings, capsys: pytest.CaptureFixture[str]):
    catch_up(app.records)
    capsys.readouterr()

    show_coming(settings, limit=10)

    assert printed(capsys) == "Nothing is planned, and nothing waits."


def test_what_is_no_letter_or_no_state_is_refused_by_name(post: Posting, settings: Settings):
    catch_up(post.app.records)
    with refused("known-letter", field="LETTER"):
        show_words(settings, "letter-aaaaaaaaaaaaaaaa")
    with refused("known-letter", field="LETTER"):
        note(settings, "<somebody@elsewhere.example>", reason="It came back.")
    with refused("letter-state", field="--state"):
        show_written(settings, case=None, state="lost", limit=1)


def test_doctor_says_what_waits_and_what_could_not_be_sent(post: Posting):
    register(post.body)
    post.compose()
    with serving(Handler(recipient=lambda _to, _times: "550 No")) as port:
        post.by(port).send()

    with connect(post.app.records.datastore.url) as connection:
        courier, waiting, stuck = _courier(connection, post.app, post.app.records.max_position())

    assert (courier.well, courier.found) == (False, "none is active; 0 events behind")
    assert waiting.well
    assert (stuck.well, stuck.found) == (False, "2 refused")
    assert "send-now" in stuck.to_do
