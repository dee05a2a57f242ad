"""A backup taken while people and processes are at work restores to what the doctor calls well, and its clocks go on."""

import re
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from infra.backup.manifest import read_manifest
from infra.bootstrap import open_app
from infra.cli.backup import restore_backup, revive_beside, take_backup
from infra.cli.servers import running_group
from infra.folder import REBUILD_FILE, write_private
from infra.settings import Settings, load_settings
from tests import factories as f
from tests.e2e.stage import pilot_plot
from tests.infra.polling import until

BEFORE, AFTER = 25, 10
"""How many programmes are registered before the backup begins, and at least while it is made and after."""
LIMIT = 120.0


def settings_of(data: Path) -> Settings:
    return replace(load_settings({"ASSAY_DATA": str(data)}), temporal_port=0, temporal_ui_port=None)


def silent(_name: str, _text: str) -> None:
    pass


@pytest.mark.soak
def test_taken_during_load_it_restores_to_a_state_that_is_well_and_the_clocks_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a body at work, whose cases lapse half a minute after they are registered, and a backup taken meanwhile
    source = pilot_plot({"submit_within": "PT30S", "remind_submit": '["PT10S"]'})[1]
    here, there, backup = settings_of(tmp_path / "here"), settings_of(tmp_path / "there"), tmp_path / "backup"
    registered, over = list[str](), threading.Event()
    with running_group(here, silent) as running, open_app(running.database_url) as app:
        body = f.open_body(app.office, source=source)

        def register() -> None:
            while not over.is_set():
                registered.append(f.register(body))

        people = threading.Thread(target=register)
        people.start()
        try:
            until(lambda: len(registered) >= BEFORE, LIMIT)
            take_backup(here, backup)
            so_far = len(registered)
            until(lambda: len(registered) >= so_far + AFTER, LIMIT)
        finally:
            over.set()
            people.join()
        manifest = read_manifest(backup)
        log = app.records.recorder.select_log(0, 100_000)
        assert manifest.position < log[-1][0]

    # when it is restored elsewhere, which exits with 1 where the doctor finds anything amiss
    restore_backup(there, backup)
    assert "All is well." in capsys.readouterr().out
    assert not (there.data / REBUILD_FILE).exists()

    # then its record is what it was at that moment, and goes on: each of its cases lapses, once, by its own clock
    with running_group(there, silent) as running, open_app(running.database_url) as app:
        restored = [row for row in app.records.recorder.select_log(0, 100_000) if row[0] <= manifest.position]
        assert restored == log[: len(restored)]
        assert len(restored) == manifest.events
        cases = {row[1] for row in restored if row[4] == "ProgrammeRegistered.1"}
        assert len(cases) >= BEFORE

        def lapsed() -> bool:
            histories = app.records.load(*cases)
            return all(recorded[-1].name == "SubmissionLapsed.1" for recorded in histories.values())

        until(lapsed, LIMIT)
        for case, recorded in app.records.load(*cases).items():
            found = Counter(one.name for one in recorded)
            assert found["SubmissionLapsed.1"] == found["PreparationStarted.1"] == 1, case
            assert found["ReminderSent.1"] <= 1, case

        # and where a start finds that the processes are still to be made anew, it does that beside its work
        write_private(there.data / REBUILD_FILE, "")
        said: list[str] = []
        thread = revive_beside(there, running, lambda name, text: said.append(f"{name} {text}"))
        assert thread
        thread.join(LIMIT)
        assert re.fullmatch(r"processes of \d+ live cases made anew, since a backup was restored", said[0])
        assert not (there.data / REBUILD_FILE).exists()
        assert revive_beside(there, running, silent) is None
