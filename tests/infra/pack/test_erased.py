"""After somebody was erased, and records were let go, by the use cases that do it: packs, replays, exports, figures and seals hold."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.api.caller import Api
from infra.bootstrap import App, open_app
from infra.export.check import ocel_faults, prov_faults
from infra.export.ocel import write_ocel
from infra.export.prov import prov_of
from infra.replay.looks import Eyes
from infra.replay.past import moment_of
from infra.replay.seen import Replayed, replay
from services import providers
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.pack.packs import contents, members, nobody, packed, run
from tests.infra.seals.sealed import Record
from tests.services.appealing import refused_case
from tests.services.conftest import Clock
from tests.services.retaining import Keeping, open_keeping
from tests.services.test_figures import every_figure
from tests.storing import store


@dataclass(frozen=True, slots=True)
class Here:
    """A body that keeps records under the shipped policy, and what is to be seen of its record."""

    app: App
    body: Body
    keeping: Keeping
    record: Record
    clock: Clock

    def sealed(self) -> int:
        """Seal what is recorded; returns how many events."""
        assert self.keeping.seen
        sealed = self.record.seal().seal
        assert sealed is not None
        return sealed.size

    def pack(self, case: str, size: int) -> dict[str, bytes]:
        assert self.keeping.seen
        return members(packed(self.app, case, size=size))

    def replayed(self, case: str, version: int, eyes: Eyes) -> Replayed:
        api = Api(app=self.app, identify=nobody)
        return replay(api, case, moment_of(self.app.records, case, now=self.clock(), version=version), eyes=eyes)

    def exported(self, until: int) -> list[Any]:
        """The events of the export as OCEL up to a position, and whether it is sound."""
        out = io.BytesIO()
        write_ocel(self.app.records, out)
        log = json.loads(out.getvalue())
        assert ocel_faults(log) == []
        return list(log["events"][:until])

    def provenance(self, case: str) -> Any:
        said = prov_of(case, self.app.records.load(case)[case])
        assert prov_faults(said) == []
        return said


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Iterator[Here]:
    clock = Clock()
    with open_app(database.app_url, pool_size=4, store=store(tmp_path / "files")) as app:
        body = factories.open_body(app.office, now=clock)
        keeping = open_keeping(body, database)
        yield Here(app, body, keeping, Record(database, tmp_path / "data", []), clock)


def test_after_somebody_was_erased_old_packs_hold_and_new_ones_hold_without_the_name(here: Here, tmp_path: Path):
    body, keeping = here.body, here.keeping
    case = refused_case(body)
    person = body.submission(case).registration.lead_contact
    size = here.sealed()
    before = here.pack(case, size)
    name = keeping.vault()[person, "name"]
    assert contents(here.app, case).names[person] == name
    old = packed(here.app, case, size=size)
    version = here.app.records.streams(case)[case].version
    shown, log = here.replayed(case, version, Eyes(person=body.officer, role="officer")), here.exported(size)
    provenance, figures = here.provenance(case), every_figure(body)

    another_contact(body, case)
    keeping.gone(keeping.approved(keeping.proposed(keeping.asked(person))))

    assert (person, "name") not in keeping.vault()
    after = here.pack(case, size)
    later = here.pack(case, here.sealed())
    for number, pack in enumerate((old, packed(here.app, case, size=size), packed(here.app, case))):
        assert run(pack, tmp_path / str(number)).code == 0
    assert person not in contents(here.app, case).names
    assert {one for one in before if before[one] != after[one]} == {"story.pdf", "manifest.json"}
    assert name.encode() not in b"".join(after.values()) + b"".join(later.values())
    assert here.record.found() == []
    again = here.replayed(case, version, Eyes(person=body.officer, role="officer"))
    assert (again.portfolio, again.judgements, again.erased) == (shown.portfolio, shown.judgements, shown.erased)
    assert [one.sentence for one in again.history] == [one.sentence for one in shown.history]
    assert here.exported(size) == log
    assert here.provenance(case) == provenance
    assert every_figure(body) == figures


def another_contact(body: Body, case: str) -> None:
    """Somebody else leads the case and speaks for its provider from now on."""
    registration = body.submission(case).registration
    provider, contact = registration.provider, registration.lead_contact
    command = body.command(contact, "provider")
    named = {"contact_name": "Ben", "contact_email": "ben@p.example"}
    providers.name_contact(body.office, command, id=provider, **named)
    other = providers.contact_id(command.id)
    body.by(providers.name_lead_contact, other, "provider", case=case, person_id=other)
    body.by(providers.end_contact, other, "provider", id=provider, person_id=contact)


def test_after_records_were_let_go_old_packs_hold_and_new_ones_say_what_is_kept_no_more(here: Here, tmp_path: Path):
    body, keeping = here.body, here.keeping
    case = factories.brought(body, "released")
    size = here.sealed()
    old = packed(here.app, case, size=size)
    provenance, figures, log = here.provenance(case), every_figure(body), here.exported(size)
    here.clock.passes(days=6 * 365 + 30)
    keeping.gone(keeping.approved(keeping.listed()))

    before, after = members(old), here.pack(case, size)
    listed = json.loads(after["documents.json"])

    gone = {one["id"] for one in (*listed["texts"], *listed["files"]) if one.get("left_out") == "erased, kept no more"}
    assert gone > {one["id"] for one in json.loads(before["documents.json"])["files"]}
    assert not gone & keeping.texts().keys()
    said = run(packed(here.app, case, size=size), tmp_path / "new")
    assert said.code == 0
    assert "LEFT OUT: 9 files (erased, kept no more); the events hold their hashes." in said.said
    assert run(old, tmp_path / "old").code == 0
    for name in ("events.jsonl", "proof.json", "checkpoint.txt", "key.txt"):
        assert before[name] == after[name]
    assert run(packed(here.app, case, size=here.sealed()), tmp_path / "later").code == 0
    assert here.record.found(files=None) == []
    assert (here.provenance(case), here.exported(size)) == (provenance, log)
    assert named_cases(every_figure(body)) == named_cases(figures)


def test_what_is_taken_away_beside_what_was_let_go_is_found(here: Here):
    case = factories.brought(here.body, "released")
    here.sealed()
    here.clock.passes(days=6 * 365 + 30)
    here.keeping.gone(here.keeping.approved(here.keeping.listed()))
    here.sealed()
    assert here.record.found(files=None) == []
    stays = here.record.rows(
        "SELECT id FROM record.texts JOIN read.texts USING (id) WHERE stream = %s ORDER BY id LIMIT 1", case
    )
    [(text,)] = stays

    here.record.tamper("DELETE FROM record.texts WHERE id = %s", values=[text])

    said = [one.found for one in here.record.found(files=None) if one.what == "text"]
    assert any(one.startswith(text) for one in said)
    assert all("were let go, of which it may be one" in one for one in said)


def named_cases(figures: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What figures say of cases; how long something has been open goes on with the clock."""
    return {name: figures[name] for name in ("agreement", "changes", "outcomes", "appeals", "minutes")}
