"""An audit pack is the same bytes each time, and verifies: by its own program, without the product, and by a checker of others."""

import base64
import io
import json
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import psycopg
import pytest

from infra.pack import verify
from infra.pack.contents import Line
from infra.pack.documents import File, Text
from infra.pack.story import _UNDRAWN, story_of
from infra.pack.writing import write_pack
from infra.seals.note import Signer
from tests.independent.checking import Wrong, hashed, leaf_of, opened, root_of_parts
from tests.infra.api.test_certificates import descriptors, tags
from tests.infra.pack.conftest import Made
from tests.infra.pack.packs import contents, events, members, packed, python, run, written


def test_it_is_the_same_bytes_each_time_whoever_asks_and_whatever_was_recorded_since(made: Made):
    size = contents(made.app, made.case).seal.size

    assert packed(made.app, made.case) == made.whole
    assert packed(made.app, made.case, size=size) == made.whole
    assert packed(made.app, made.case, made.eyes) == made.redacted
    assert made.redacted != made.whole


def test_nothing_in_it_is_dated_compressed_or_of_this_machine(made: Made):
    with zipfile.ZipFile(io.BytesIO(made.whole)) as held:
        said = {(one.date_time, one.compress_type, one.create_system, one.external_attr) for one in held.infolist()}
    assert said == {((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3, 0o644 << 16)}


def test_its_program_says_true_by_python_alone_of_the_file_and_of_the_folder_that_it_was_unpacked_to(
    made: Made, tmp_path: Path
):
    zipped = run(made.whole, tmp_path / "zip")
    with zipfile.ZipFile(io.BytesIO(made.whole)) as held:
        held.extractall(tmp_path / "folder")
    folder = python("verify.py", folder=tmp_path / "folder")

    assert zipped == folder
    assert zipped.code == 0
    assert zipped.said.endswith("TRUE: all of this holds.\n")
    assert f"Pack of {made.case}, by its manifest whole." in zipped.said
    assert "NOT SHOWN by a pack: whether the case goes on" in zipped.said
    assert "signed by the key WITHIN THE PACK" in zipped.said
    assert "LEFT OUT" not in zipped.said


def test_a_folder_that_was_packed_again_by_another_program_is_still_true(made: Made, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "again.zip", "w", zipfile.ZIP_DEFLATED) as again:
        again.mkdir("texts")
        for name, content in sorted(members(made.redacted).items()):
            again.writestr(name, content)

    ran = run((tmp_path / "again.zip").read_bytes(), tmp_path / "run", "--key", made.key)

    assert ran.code == 0, ran.said


def test_the_program_in_it_is_the_one_of_the_project_and_imports_the_standard_library_alone(made: Made):
    import ast

    source = members(made.whole)["verify.py"]
    assert source == Path(verify.__file__).read_bytes()
    nodes = list(ast.walk(ast.parse(source, feature_version=(3, 9))))
    names = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {one.partition(".")[0] for one in names} <= sys.stdlib_module_names


def test_another_checker_comes_from_what_is_stored_to_the_signed_root(made: Made):
    for pack in (made.whole, made.redacted):
        held = members(pack)
        proof = json.loads(held["proof.json"])
        _, size, root, _ = opened(held["checkpoint.txt"].decode(), held["key.txt"].decode().strip())
        parts = [(one["from"], one["to"], base64.b64decode(one["hash"])) for one in proof["others"]]
        parts += [(one["index"], one["index"] + 1, leaf(one)) for one in events(pack)]

        assert root_of_parts(size, parts) == root
        with pytest.raises(Wrong):
            root_of_parts(size, parts[1:])


def leaf(event: dict[str, Any]) -> bytes:
    if "stored" not in event:
        return base64.b64decode(event["hash"])
    at = datetime.fromisoformat(event["recorded_at"])
    said = (event["position"], event["stream"], event["version"], event["name"], at, event["stored"].encode())
    return hashed(leaf_of(*said))


def test_the_events_are_those_of_the_cases_history_as_the_record_has_them(made: Made):
    with psycopg.connect(made.database.admin_url) as connection:
        rows = connection.execute(
            "SELECT notification_id, state FROM record.events JOIN read.history ON position = notification_id"
            " WHERE case_id = %s ORDER BY 1",
            [made.case],
        ).fetchall()

    found = events(made.whole)

    assert [(one["position"], one["stored"].encode()) for one in found] == [(at, bytes(state)) for at, state in rows]
    assert {one["stream"].partition("-")[0] for one in found} >= {"submission", "appeal", "meeting"}
    assert all(one["event"] == json.loads(one["stored"]) for one in found)


def test_each_document_that_an_event_names_is_in_it(made: Made):
    held = members(made.whole)
    listed = json.loads(held["documents.json"])

    assert len(listed["files"]) == 9
    assert {"Portfolio submitted, answers, text on 1.1", "Judgement recorded, rationale on 1.1"} <= {
        one["where"] for one in listed["texts"]
    }
    assert all("member" in one for one in (*listed["texts"], *listed["files"]))
    assert b"%PDF-1.4" in held[listed["files"][0]["member"]]


def test_what_a_reader_may_not_see_is_left_out_and_stands_by_its_hash(made: Made, tmp_path: Path):
    ran = run(made.redacted, tmp_path)
    whole, less = events(made.whole), events(made.redacted)
    listed = json.loads(members(made.redacted)["documents.json"])
    hidden = [one for one in less if "stored" not in one]
    withheld = [one["id"] for one in listed["texts"] if "left_out" in one]

    assert ran.code == 0, ran.said
    assert f"as far as it may be seen by {made.eyes.person} as provider" in ran.said
    assert f"LEFT OUT: {len(hidden)} events of the case" in ran.said
    assert f"LEFT OUT: {len(withheld)} texts (not for this reader)" in ran.said
    assert {"AssessorSuggested", "ModerationStarted"} & {
        one["name"].partition(".")[0] for one in whole if one["index"] in {each["index"] for each in hidden}
    }
    for one in hidden:
        [same] = [each for each in whole if each["index"] == one["index"]]
        assert base64.b64decode(one["hash"]) == leaf(same)
        assert same["event"]["id"].encode() not in made.redacted
    rationales = [
        one for one in json.loads(members(made.whole)["documents.json"])["texts"] if "rationale" in one["where"]
    ]
    assert rationales
    assert {one["id"] for one in rationales} <= set(withheld)
    for one in rationales:
        assert one["salt"].encode() not in made.redacted
        assert f"texts/{one['id']}.txt" not in members(made.redacted)
    assert len([one for one in listed["files"] if "member" in one]) == 9


def test_of_other_streams_what_a_reader_may_not_see_is_not_there_at_all(made: Made):
    case_alone = {one["stream"] for one in events(made.redacted) if "stored" not in one}

    assert case_alone == {made.case}
    assert {one["stream"] for one in events(made.whole)} - {one["stream"] for one in events(made.redacted)}


def test_whose_key_is_trusted_is_said_and_a_key_that_is_given_is_the_one(made: Made, tmp_path: Path):
    given = run(made.whole, tmp_path, "--key", made.key)
    other = run(made.whole, tmp_path, "--key", str(Signer.make("assay.example.org/record").verifier))
    same_name = run(made.whole, tmp_path, "--key", str(Signer.make(made.key.partition("+")[0]).verifier))
    none = run(made.whole, tmp_path, "--key", "none")
    nothing = run(made.whole, tmp_path, "--key", "")

    assert given.code == 0
    assert "signed by the key that you gave" in given.said
    assert made.key in given.said
    for ran in (other, same_name, none, nothing):
        assert (ran.code, "FALSE" in ran.said) == (1, True)
    assert "this key did not sign the checkpoint" in same_name.said


def test_a_checkpoint_that_somebody_held_is_compared_and_must_be_of_as_many_events(made: Made, tmp_path: Path):
    def held(*notes: str) -> tuple[int, str]:
        (tmp_path / "held.txt").write_text("\n".join(notes), encoding="utf-8")
        ran = run(made.whole, tmp_path, "--checkpoint", "held.txt", "--key", made.key)
        return ran.code, ran.said

    signer = Signer.read((made.folder / "seals" / "key").read_text())
    size = int(made.checkpoint.split("\n")[1])
    earlier = signer.sign(size - 1, bytes(32))

    by_an_earlier_key = Signer.make(signer.verifier.name).sign(size - 1, bytes(32))
    assert held(made.checkpoint)[0] == held(earlier, by_an_earlier_key, made.checkpoint)[0] == 0
    assert "The checkpoint that you hold says the same." in held(made.checkpoint)[1]
    code, said = held(earlier)
    assert (code, f"no checkpoint of {size:,} events" in said) == (1, True)
    code, said = held(signer.sign(size, bytes(32)))
    assert (code, "says something else" in said) == (1, True)
    code, said = held(Signer.make(signer.verifier.name).sign(size, bytes(32)))
    assert (code, "this key did not sign" in said) == (1, True)


def test_an_event_is_one_line_whatever_separates_lines_elsewhere(made: Made, tmp_path: Path):
    """Bytes that are stored may have what Unicode counts as ends of lines; such an event is sealed, and packed."""
    held = contents(made.app, made.case)
    *before, last = held.lines
    assert last.event is not None
    state = last.event.state.replace(b'"role":"', b'"role":"' + "\u2028\u2029\u0085".encode(), 1)
    line = Line(last.leaf, last.event._replace(state=state))
    pack = written(made.app, replace(held, lines=[*before, line]))

    ran = run(pack, tmp_path)

    assert "do not lead to the checkpoint" in ran.said  # it was read as one event, whose bytes these are
    assert len(events(pack)) == len(held.lines)


@pytest.mark.parametrize("arguments", [["--keys", "x"], ["--key"], ["a", "b"], ["--help"]], ids=" ".join)
def test_what_it_is_not_made_for_it_says_how_to_ask(made: Made, tmp_path: Path, arguments: list[str]):
    run(made.whole, tmp_path)
    ran = python("verify.py", *arguments, folder=tmp_path)

    assert ran.code == 2
    assert "python verify.py [PACK.zip] [--key KEY] [--checkpoint FILE]" in ran.said


def test_its_story_is_pdf_a_and_pdf_ua_with_tags_language_title_and_heads_of_tables(made: Made):
    for pack in (made.whole, made.redacted):
        with pikepdf.open(io.BytesIO(members(pack)["story.pdf"])) as found:
            with found.open_metadata() as said:
                assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "A")
                assert said["pdfuaid:part"] == "1"
                assert made.case in str(said["dc:title"])
            assert str(found.Root.Lang) == "en-GB"
            assert bool(found.Root.MarkInfo.Marked)
            assert bool(found.Root.ViewerPreferences.DisplayDocTitle)
            read = tags(found.Root.StructTreeRoot)
            assert read.index("/H1") < read.index("/H2") < read.index("/Table")
            assert {"/P", "/TH", "/TD", "/H3"} <= set(read)
            assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors(found))


@pytest.mark.parametrize(
    "body",
    [
        "中文 हिन्दी עברית 😀 \ue000 \u202e\u200b\ufffe",
        "\tA line.\r\n\n#let x = 1 [*] $ \\ @here <label>\n",
        "".join(chr(one) for one in range(0x20, 0x2300) if not _UNDRAWN.match(chr(one))),
        "\u0301",
        "x" * 20_000,
    ],
    ids=["other scripts", "markup", "all that is drawn", "an accent alone", "one long word"],
)
def test_whatever_somebody_wrote_there_is_a_story(made: Made, body: str):
    held = contents(made.app, made.case)
    text = Text(id=held.texts[0].id, where="Somewhere", body=body, salt=b"salt")

    story = story_of(made.app, replace(held, texts=[text, *held.texts[1:]]))

    assert story.startswith(b"%PDF-")


def test_a_large_file_goes_in_and_is_checked_piece_by_piece(made: Made, tmp_path: Path):
    piece, count = bytes(range(256)) * 4096, 64
    digest = sha256(piece * count).hexdigest()
    assert made.app.files is not None
    coming = made.app.files.spool.parts / digest
    coming.parent.mkdir(exist_ok=True)
    coming.write_bytes(piece * count)
    made.app.files.objects.put(digest, coming)
    held = contents(made.app, made.case)
    kept = held.files[0].kept
    assert kept is not None
    large = File(sha256=digest, where="Somewhere", kept=replace(kept, sha256=digest, size=len(piece) * count))
    tracemalloc.start()
    try:
        with (tmp_path / "pack.zip").open("wb") as file:
            write_pack(made.app, replace(held, files=[large]), file)
        pack = verify.Pack(tmp_path / "pack.zip")
        verify.check_members(pack, pack.json("manifest.json"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        made.app.files.objects.delete(digest)

    assert (tmp_path / "pack.zip").stat().st_size > len(piece) * count
    assert most < 16 * len(piece)
