"""A checkpoint is published where the record's keeper has no hand, again until it is taken, and stamped by a real authority."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from rfc3161_client import VerificationError

from domain.ids import derived_id
from domain.person import PersonRegistered
from infra.bootstrap import App, open_app
from infra.cli.health import Finding, _seals
from infra.courier import JOBS, run_courier
from infra.letters.configured import Mail, Server
from infra.projector import catch_up
from infra.seals.configured import Sealing
from infra.seals.note import checkpoints_in
from infra.seals.publishing import publish, published, require_stamped, stamped_at
from infra.seals.shelf import Seal, Shelf
from services.ports import Batch, Change, Command, PersonalData, StaleStream
from tests.infra.letters.mailserver import Handler, serving
from tests.infra.polling import until
from tests.infra.seals.authority import Place, listening, make_authority, stamp, verified_by_openssl
from tests.infra.seals.sealed import Record


def latest(record: Record) -> Seal:
    with psycopg.connect(record.database.app_url) as connection:
        found = Shelf(connection).last()
    assert found is not None
    return found


def publishing(record: Record, sealing: Sealing, seal: Seal | None = None) -> Mapping[str, str]:
    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        return publish(connection, sealing, seal or latest(record), datetime.now(UTC))


def taken(record: Record) -> list[str]:
    with psycopg.connect(record.database.app_url) as connection:
        return [one.place for one in published(connection, latest(record))]


def test_to_a_file_checkpoints_are_added_and_in_a_folder_each_is_a_file_of_its_own(record: Record, tmp_path: Path):
    file, folder = tmp_path / "held.txt", tmp_path / "held"
    folder.mkdir()
    with psycopg.connect(record.database.app_url) as connection:
        seals = Shelf(connection).seals()

    for seal in seals:
        assert publishing(record, Sealing(file=file), seal) == {}
    assert checkpoints_in(file.read_text()) == record.held

    record.tamper("TRUNCATE seals.published")
    for seal in [*seals, *seals]:
        assert publishing(record, Sealing(file=folder), seal) == {}
    assert [one.read_text() for one in sorted(folder.iterdir())] == [one.note for one in record.held]


def test_a_file_that_was_written_is_never_written_again(record: Record, tmp_path: Path):
    folder = tmp_path / "held"
    folder.mkdir()
    publishing(record, Sealing(file=folder))
    [file] = folder.iterdir()
    file.write_text("somebody else's\n")
    record.tamper("TRUNCATE seals.published")

    failed = publishing(record, Sealing(file=folder))

    assert "can't be written" in failed["file"]
    assert file.read_text() == "somebody else's\n"


def test_an_address_is_sent_a_checkpoint_until_it_takes_it_and_then_no_more(record: Record):
    with listening() as place:
        sealing = Sealing(url=place.url)
        place.status = 503
        assert publishing(record, sealing) == {"url": "it answers 503"}
        assert taken(record) == []
        place.status = 204
        assert publishing(record, sealing) == {}
        assert publishing(record, sealing) == {}

    note = record.held[-1].note.encode()
    assert place.sent == [("text/plain; charset=utf-8", note)] * 2
    assert taken(record) == ["url"]


def test_a_checkpoint_comes_by_mail_as_it_is_and_again_until_it_is_taken(record: Record):
    handler = Handler(recipient=lambda _to, times: "250 OK" if times > 1 else "451 come again")
    with serving(handler) as port:
        mail = Mail(server=Server(host="127.0.0.1", port=port, security="smtp"), sender="assay@example.org")
        sealing = Sealing(mail_to="board@example.org", mail=mail)
        assert publishing(record, sealing) == {"mail": "the letter was not taken (451)"}
        assert publishing(record, sealing) == {}
        assert publishing(record, sealing) == {}

    [letter] = handler.taken
    assert letter.to == "board@example.org"
    assert checkpoints_in(letter.message.get_content()) == [record.held[-1]]
    assert taken(record) == ["mail"]


def test_an_address_that_nobody_answers_at_is_said_to_be_out_of_reach(record: Record):
    with listening() as place:
        pass

    assert publishing(record, Sealing(url=place.url)) == {"url": "it can't be reached (ConnectError)"}


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Place]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl that could answer as an authority")
    make_authority(tmp_path / "authority")
    with listening(tmp_path / "authority") as place:
        yield place


def test_an_authority_s_stamp_is_kept_and_openssl_takes_it_for_one(record: Record, authority: Place, tmp_path: Path):
    begun = datetime.now(UTC).replace(microsecond=0)
    sealing = Sealing(authority=authority.url, roots=tmp_path / "authority" / "root.pem")

    assert publishing(record, sealing) == {}

    with psycopg.connect(record.database.app_url) as connection:
        [found] = published(connection, latest(record))
    assert found.place == "time-stamp"
    assert found.proof is not None
    note = record.held[-1].note
    assert begun <= stamped_at(found.proof) <= datetime.now(UTC) + timedelta(seconds=1)
    assert verified_by_openssl(tmp_path / "authority", found.proof, note.encode(), tmp_path)
    require_stamped(found.proof, note, (tmp_path / "authority" / "root.pem").read_bytes())
    with pytest.raises(VerificationError):
        require_stamped(found.proof, record.held[0].note, (tmp_path / "authority" / "root.pem").read_bytes())
    assert [kind for kind, _ in authority.sent] == ["application/timestamp-query"]
    roots = (tmp_path / "authority" / "root.pem").read_bytes()
    assert record.found(quick=True, roots=roots) == []
    make_authority(tmp_path / "another")
    others = (tmp_path / "another" / "root.pem").read_bytes()
    record.tamper(
        "UPDATE seals.published SET proof = set_byte(proof, length(proof) - 5, 255 - get_byte(proof, length(proof) - 5))"
    )
    for said in (record.found(quick=True, roots=roots), record.found(quick=True, roots=others)):
        assert ["does not verify" in one.found for one in said] == [True]
    record.tamper("UPDATE seals.published SET size = size - 1")
    assert ["that is not kept" in one.found for one in record.found(quick=True)] == [True]


def test_what_is_no_stamp_of_the_checkpoint_by_that_authority_is_not_taken_for_one(
    record: Record, authority: Place, tmp_path: Path
):
    make_authority(tmp_path / "another")
    own, other = tmp_path / "authority" / "root.pem", tmp_path / "another" / "root.pem"
    assert (
        "no time stamp of the checkpoint"
        in publishing(record, Sealing(authority=authority.url, roots=other))["time-stamp"]
    )

    authority.answer = stamp(tmp_path / "authority", authority.sent[0][1])  # of the request before, with its nonce
    assert (
        "no time stamp of the checkpoint"
        in publishing(record, Sealing(authority=authority.url, roots=own))["time-stamp"]
    )
    authority.answer = b"not at all"
    assert (
        "no time stamp of the checkpoint"
        in publishing(record, Sealing(authority=authority.url, roots=own))["time-stamp"]
    )
    assert (
        "can't be read" in publishing(record, Sealing(authority=authority.url, roots=tmp_path / "none"))["time-stamp"]
    )
    assert taken(record) == []


@pytest.fixture
def app(record: Record) -> Iterator[App]:
    with open_app(record.database.app_url, pool_size=4) as opened:
        yield opened


def test_the_courier_seals_what_is_recorded_and_publishes_it_also_after_a_place_was_away(
    record: Record, app: App, tmp_path: Path
):
    """Given a place that is away at first, it has the checkpoint as soon as it is back; what comes later follows by itself."""
    file = tmp_path / "held.txt"
    with listening() as place:
        place.status = 500
        sealing = Sealing(url=place.url, file=file, every=timedelta(seconds=1))
        settings = replace(record.settings, sealing=sealing)
        stop, ready = threading.Event(), threading.Event()
        courier = threading.Thread(
            target=run_courier,
            args=(settings, app, stop, ready.set),
            kwargs={"jobs": {"seals": JOBS["seals"]}},
            daemon=True,
        )
        record.add(2, 3)
        courier.start()
        try:
            until(lambda: place.sent, 60)
            place.status = 200
            until(lambda: taken(record) == ["file", "url"] or taken(record) == ["url", "file"], 60)
            sealed = latest(record).size
            assert sealed > record.held[-1].size
            record.add(2, 4)
            until(lambda: latest(record).size > sealed and file.read_text().count("\n\n— ") >= 2, 60)
        finally:
            stop.set()
            courier.join(20)
        assert not courier.is_alive()

    assert checkpoints_in(file.read_text())[-1].size == latest(record).size
    assert record.found(outside=[("held", one) for one in checkpoints_in(file.read_text())], quick=True) == []


def test_the_key_is_for_its_owner_alone(record: Record):
    for name in ("key", "trusted", "last"):
        assert (record.folder / "seals" / name).stat().st_mode & 0o077 == 0


def test_while_commands_write_what_is_sealed_is_final(record: Record):
    """Given several writers, some of whose commands fail, all checkpoints made meanwhile lead to the record at the end."""

    def write(writer: int) -> None:
        with open_app(record.database.app_url, pool_size=1) as own:
            for number in range(40):
                id, other = (derived_id("person", str(writer), str(number), one) for one in ("made", "lost"))
                command = Command(id=id, actor=id, role="officer", at=datetime.now(UTC))
                made, lost = (
                    Change(stream=one, expected=0, events=[PersonRegistered(person=one)]) for one in (id, other)
                )
                name = PersonalData(subject=id, name="name", value=f"{writer} {number}")
                own.records.append(Batch(command=command, changes=[made], personal=[name]))
                with suppress(StaleStream):  # the position that the first of these got is lost
                    own.records.append(Batch(command=command, changes=[lost, made]))

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for one in writers:
        one.start()
    while any(one.is_alive() for one in writers):
        record.seal()
    for one in writers:
        one.join()
    with open_app(record.database.app_url, pool_size=1) as own:
        catch_up(own.records)
    record.seal()

    assert len(record.held) > 3
    events, last = record.rows("SELECT count(*), max(notification_id) FROM record.events")[0]
    assert events < last
    report = record.check()
    assert (report.findings, report.unsealed) == ([], 0)
    assert record.rows("SELECT count(*) FROM seals.kept WHERE name = 'name'") == record.rows(
        "SELECT count(*) FROM record.vault WHERE name = 'name'"
    )


def test_operations_are_told_what_is_late_and_what_is_not_published(record: Record, tmp_path: Path):
    def said(sealing: Sealing) -> Finding:
        with psycopg.connect(record.database.app_url, autocommit=True) as connection:
            return _seals(connection, replace(record.settings, sealing=sealing))

    well = said(Sealing())
    assert (well.well, well.to_do) == (True, "")
    assert f"{record.held[-1].size:,} events sealed; published: nowhere" in well.found

    record.tamper("UPDATE seals.checkpoints SET made_at = made_at - interval '1 hour'")
    unpublished = Sealing(file=tmp_path / "held.txt")
    assert (said(unpublished).well, said(unpublished).found.endswith("not published yet: file")) == (False, True)
    publishing(record, unpublished)
    assert said(unpublished).found.endswith("published: file")

    record.add(2, 7)
    assert said(unpublished).well  # it is sealed at the next interval
    record.tamper("UPDATE record.events SET recorded_at = recorded_at - interval '2 hours'")
    late = said(unpublished)
    assert (late.well, "the oldest that is not waits for 2:" in late.found) == (False, True)


@pytest.mark.parametrize("which", ["number > 0", "number = (SELECT max(number) FROM seals.checkpoints)"])
def test_operations_are_told_that_what_was_signed_last_is_kept_no_more(record: Record, which: str):
    record.tamper(f"DELETE FROM seals.checkpoints WHERE {which}")

    with psycopg.connect(record.database.app_url, autocommit=True) as connection:
        said = _seals(connection, record.settings)

    assert not said.well
    assert (
        f"the checkpoint of {record.held[-1].size:,} events, the last that was signed here, is kept no more"
        in said.found
    )
    assert "assay verify" in said.to_do
