"""The pilot, end to end on real servers: the published table comes out, and no name, address or text leaks."""

from collections.abc import Iterator

import psycopg
import pytest

from domain.clocks import ReminderSent
from domain.submission.state import Stage
from infra.cli import health, reading
from infra.cli.replaying import show_replay
from tests.e2e.stage import Played, check_nothing_lost_or_doubled, performed


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with performed(tmp_path_factory.mktemp("pilot") / "data") as played:
        yield played


def test_the_published_table_comes_out_of_the_events(pilot: Played) -> None:
    check_nothing_lost_or_doubled(pilot)
    assert pilot.comparison.changed_in_moderation == 12
    assert (pilot.comparison.asked, pilot.comparison.answered) == (9, 8)
    assert pilot.comparison.changed_after_evidence == 0
    assert pilot.comparison.lapsed == 1


def test_nobody_is_awarded_in_the_first_window_and_both_who_come_again_are(pilot: Played) -> None:
    outcomes = {
        entry.key: case.outcome.outcome if case.outcome else case.stage for entry, case in pilot.comparison.cases
    }
    assert {key: one for key, one in outcomes.items() if not key.startswith("first/")} == {
        "again/11": "awarded",
        "again/16": "awarded",
        "renewal/11": "awarded",
    }
    first = [one for key, one in outcomes.items() if key.startswith("first/")]
    assert sorted(first) == [Stage.LAPSED, *["not_awarded"] * 9]


def test_an_award_is_reminded_of_then_renewed_or_lapsed(pilot: Played) -> None:
    histories = pilot.app.records.load(*pilot.play.awards)
    reminders = {
        id: [one.event for one in recorded if isinstance(one.event, ReminderSent)] for id, recorded in histories.items()
    }
    renewed = next(id for id, award in pilot.play.awards.items() if len(award.periods) == 2)
    lapsed = next(id for id, award in pilot.play.awards.items() if award.lapsed)
    assert len(reminders[lapsed]) == 4
    assert len(reminders[renewed]) >= 1
    # the first reminder names the window in which the award can still be earned again
    assert reminders[renewed][0].last_window is not None


def test_an_award_ends_to_the_second_however_late_its_lapse_is_noted(pilot: Played) -> None:
    lapsed = next(award for award in pilot.play.awards.values() if award.lapsed)
    ends_at = lapsed.periods[-1].ends_at
    recorded = pilot.app.records.load(lapsed.id)[lapsed.id][-1]
    assert recorded.event.ended_at == ends_at
    assert not lapsed.valid_on(ends_at)


def test_different_people_act_in_the_different_roles(pilot: Played) -> None:
    for entry, case in pilot.comparison.cases:
        if case.moderation:
            panel = {case.moderation.chair, *case.moderation.panel}
            assert case.assessor not in panel
            assert entry.contact not in {*panel, case.assessor}


def test_board_register_history_and_reminders_show_the_play(pilot: Played, capsys: pytest.CaptureFixture[str]) -> None:
    entry, _ = pilot.comparison.cases[0]
    reading.show_board(pilot.settings, stage=None, overdue=False, limit=50)
    assert "decided 12   lapsed 1" in capsys.readouterr().out
    reading.show_history(pilot.settings, entry.submission[:20])
    told = capsys.readouterr().out
    assert "registered the programme" in told
    assert "was told the result" in told
    asked = {"at": None, "eyes": None, "role": None, "since": None, "decision": False}
    show_replay(pilot.settings, entry.submission, version=1, **asked)
    assert "was told the result" not in capsys.readouterr().out
    renewed = next(award for award in pilot.play.awards.values() if len(award.periods) == 2)
    reading.show_register(pilot.settings, on=renewed.periods[0].starts_at.isoformat())
    assert "accredited" in capsys.readouterr().out
    reading.show_reminders(pilot.settings, until=None)
    assert capsys.readouterr().out
    reading.show_ledger(pilot.settings, owing=False, limit=100)
    told = capsys.readouterr().out
    assert entry.submission[:19] in told
    assert "500.00 GBP" in told
    reading.show_ledger(pilot.settings, owing=True, limit=1)
    assert "still to be paid" in capsys.readouterr().out


def test_the_doctor_finds_all_well_after_a_play(pilot: Played, capsys: pytest.CaptureFixture[str]) -> None:
    health.examine(pilot.settings)
    assert "All is well" in capsys.readouterr().out


def test_no_name_address_or_text_stands_in_events_logs_or_histories(pilot: Played) -> None:
    typed = sorted(set(pilot.play.names.typed))
    assert len(typed) > 100
    with psycopg.connect(pilot.running.database_url) as connection:
        events = b"\n".join(row[0] for row in connection.execute("SELECT state FROM record.events"))
        tables = "\n".join(
            str(row[0])
            for name in ("board", "history", "register", "reminders", "reminders_sent")
            for row in connection.execute(f"SELECT t::text FROM read.{name} t")
        )
        kept = {row[0] for row in connection.execute("SELECT body FROM record.texts")}
        kept |= {row[0] for row in connection.execute("SELECT value FROM record.vault")}
    assert set(typed) <= kept  # what is searched for was really typed in
    places = {"events": events.decode(), "read models": tables, "histories": _histories(pilot)}
    places |= {path.name: path.read_text(errors="replace") for path in (pilot.settings.data / "logs").iterdir()}
    assert len(places["histories"]) > 10_000
    found = [(text, place) for text in typed for place, content in places.items() if text in content]
    assert found == []


def _histories(pilot: Played) -> str:
    """Everything that Temporal keeps, as its database holds it and as the server gives it back."""
    import asyncio

    from temporalio.client import Client

    async def fetch() -> str:
        client = await Client.connect(pilot.running.temporal_address)
        parts = []
        async for execution in client.list_workflows():
            handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
            parts.append((await handle.fetch_history()).to_json())
        return "\n".join(parts)

    raw = (pilot.settings.data / "temporal" / "temporal.db").read_bytes().decode("utf-8", errors="replace")
    return asyncio.run(fetch()) + raw
