"""Whatever is changed in a pack, its program says FALSE and why: also where the manifest was made to match."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.pack.verify import leaf_hash, main, node_hash
from infra.seals.note import Signer
from tests.independent.checking import Wrong
from tests.independent.packs import check_pack
from tests.infra.pack.conftest import Made
from tests.infra.pack.packs import events, members, python, rebuilt, run, with_events, with_json, with_member

Changed = Callable[[Made], bytes]


def stored(one: dict[str, Any]) -> None:
    """Another actor, in what is stored and in what is read alike."""
    one["stored"] = one["stored"].replace('"actor":"p', '"actor":"q', 1)
    one["event"] = json.loads(one["stored"])


def of_event(change: Callable[[dict[str, Any]], object]) -> Changed:
    """One event in the middle is changed."""
    return lambda made: with_events(made.whole, lambda said: change(said[5]) and None)


def of_events(change: Callable[[list[dict[str, Any]]], object]) -> Changed:
    return lambda made: with_events(made.whole, lambda said: change(said) and None)


def of_hidden(change: Callable[[dict[str, Any]], object]) -> Changed:
    """An event of which the hash alone is there is changed."""

    def changed(made: Made) -> bytes:
        return with_events(
            made.redacted, lambda said: change(next(one for one in said if "stored" not in one)) and None
        )

    return changed


def of_documents(change: Callable[[dict[str, Any]], object]) -> Changed:
    return lambda made: with_json(made.whole, "documents.json", lambda said: change(said) and None)


def of_proof(change: Callable[[dict[str, Any]], object]) -> Changed:
    return lambda made: with_json(made.whole, "proof.json", lambda said: change(said) and None)


def of_kind(kind: str, change: Callable[[bytes], bytes] = lambda said: said[:-1] + b"?") -> Changed:
    """The first member below a folder is changed, and the manifest too."""
    return lambda made: with_member(
        made.whole, next(one for one in members(made.whole) if one.startswith(kind)), change
    )


def taken_out_and_proven(made: Made) -> bytes:
    """An event of the case in the middle is taken out, and its hash put among those of others, so that the root stays."""
    [gone] = [one for one in events(made.whole) if one["stream"] == made.case and one["version"] == 3]
    pack = with_events(made.whole, lambda said: said.remove(next(one for one in said if one["index"] == gone["index"])))
    hashed = base64.b64encode(leaf_hash(gone)).decode()
    more = {"from": gone["index"], "to": gone["index"] + 1, "hash": hashed}
    return with_json(pack, "proof.json", lambda said: said["others"].append(more))


def joined(others: list[dict[str, Any]], cut: dict[int, bytes]) -> list[dict[str, Any]]:
    """The hashes of a proof with those of leaves that were cut off, those of two halves of a whole as one."""
    held = {(one["from"], one["to"]): base64.b64decode(one["hash"]) for one in others}
    held |= {(at, at + 1): one for at, one in cut.items()}
    while halves := next(
        ((a, b, 2 * b - a) for a, b in held if (b, 2 * b - a) in held and a % (2 * (b - a)) == 0), None
    ):
        begin, middle, end = halves
        held[begin, end] = node_hash(held.pop((begin, middle)), held.pop((middle, end)))
    return [{"from": a, "to": b, "hash": base64.b64encode(one).decode()} for (a, b), one in sorted(held.items())]


def whole_tree_as_given(made: Made) -> bytes:
    """The root itself is put into the proof, and an event changed."""
    root, size = made.checkpoint.split("\n")[2], int(made.checkpoint.split("\n")[1])
    pack = with_json(
        made.whole, "proof.json", lambda said: said["others"].append({"from": 0, "to": size, "hash": root})
    )
    return with_events(pack, lambda said: stored(said[5]))


def signed_anew(made: Made) -> bytes:
    """A checkpoint by a key of somebody's own under the same name; the key within the pack stays."""
    size, root = int(made.checkpoint.split("\n")[1]), base64.b64decode(made.checkpoint.split("\n")[2])
    note = Signer.make(made.key.partition("+")[0]).sign(size, root)
    return with_member(made.whole, "checkpoint.txt", lambda _: note.encode())


def another_key(made: Made) -> bytes:
    key = str(Signer.make(made.key.partition("+")[0]).verifier)
    return with_member(made.whole, "key.txt", lambda _: key.encode())


def without(name: str) -> Changed:
    def changed(made: Made) -> bytes:
        held = members(made.whole)
        del held[next(one for one in held if one.startswith(name))]
        return rebuilt(held, manifest=False)

    return changed


def with_more(made: Made) -> bytes:
    return rebuilt({**members(made.whole), "more.txt": b"More."}, manifest=False)


def of_manifest(change: Callable[[dict[str, Any]], object]) -> Changed:
    def changed(made: Made) -> bytes:
        held = members(made.whole)
        said = json.loads(held["manifest.json"])
        change(said)
        return rebuilt({**held, "manifest.json": json.dumps(said).encode()}, manifest=False)

    return changed


def twice(made: Made) -> bytes:
    """A member is there twice, so that programs may read either."""
    file = io.BytesIO(made.whole)
    with zipfile.ZipFile(file, "a") as held, pytest.warns(UserWarning, match="Duplicate"):
        held.writestr("events.jsonl", members(made.whole)["events.jsonl"])
    return file.getvalue()


def made_up(one: dict[str, Any]) -> None:
    """What the hash stands for is made up."""
    event = {"id": "x", "name": "ModerationStarted.1", "data": {}}
    one.update(position=1, name="ModerationStarted.1", recorded_at="2026-01-01T00:00:00.000000Z", event=event)
    one["stored"] = json.dumps(event)


def without_manifest(made: Made) -> bytes:
    """A pack without a manifest."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as less:
        for name, content in members(made.whole).items():
            if name != "manifest.json":
                less.writestr(name, content)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Deed:
    change: Changed
    says: str


DEEDS = {
    "an event's bytes": Deed(of_event(stored), "do not lead to the checkpoint"),
    "an event's instant": Deed(
        of_event(lambda one: one.update(recorded_at="2020-01-01T00:00:00.000001Z")), "do not lead"
    ),
    "an event's name": Deed(of_event(lambda one: one.update(name="Other.1")), "not what is stored"),
    "an event's position": Deed(of_event(lambda one: one.update(position=one["position"] + 1)), "do not lead"),
    "an event's stream": Deed(of_event(lambda one: one.update(stream="submission-aaaaaaaaaaaaaaaa")), "is missing"),
    "what is read of an event": Deed(
        of_event(lambda one: one["event"].update(actor="person-other")), "not what is stored"
    ),
    "the place of an event": Deed(of_event(lambda one: one.update(index=one["index"] - 1)), "is not in its place"),
    "the order of lines": Deed(of_events(lambda said: said.reverse()), "not in its place"),
    "the order of events": Deed(
        of_events(lambda said: said.insert(5, {**said.pop(5), "index": said[5]["index"], "version": 6})), ""
    ),
    "a hidden event of another stream": Deed(
        of_hidden(lambda one: one.update(stream="appeal-aaaaaaaaaaaaaaaa")), "not of the case itself"
    ),
    "an event taken out": Deed(of_events(lambda said: said.pop(5)), ""),
    "an event taken out, and proven": Deed(taken_out_and_proven, "version 3 of the case is missing"),
    "the last event taken out": Deed(of_events(lambda said: said.pop()), "the proof lacks"),
    "an event twice": Deed(of_events(lambda said: said.insert(5, said[5])), "is not in its place"),
    "no event": Deed(of_events(lambda said: said.clear()), "no event of"),
    "a hash of the proof": Deed(
        of_proof(lambda said: said["others"][0].update(hash=base64.b64encode(bytes(32)).decode())), "do not lead"
    ),
    "a hash of the proof taken out": Deed(of_proof(lambda said: said["others"].pop()), "the proof lacks"),
    "the size of the proof": Deed(of_proof(lambda said: said.update(size=said["size"] + 1)), "the proof is for"),
    "the root as its own proof": Deed(whole_tree_as_given, "do not lead"),
    "the checkpoint's root": Deed(
        lambda made: with_member(made.whole, "checkpoint.txt", lambda said: said.replace(b"\n", b"\nA", 2)), "FALSE"
    ),
    "the checkpoint's number": Deed(
        lambda made: with_member(made.whole, "checkpoint.txt", lambda said: said.replace(b"\n", b"\n1", 1)),
        "signature is wrong",
    ),
    "the checkpoint, signed anew": Deed(signed_anew, "this key did not sign"),
    "the key": Deed(another_key, "this key did not sign"),
    "a byte of the key": Deed(of_kind("key.txt", lambda said: said.replace(b"+A", b"+B")), "FALSE"),
    "a file": Deed(of_kind("files/"), "is not what an event names"),
    "a file cut off": Deed(of_kind("files/", lambda said: said[:-1]), "is not what an event names"),
    "a text": Deed(of_kind("texts/"), "is not what an event names"),
    "the salt of a text": Deed(
        of_documents(lambda said: said["texts"][0].update(salt="AAAA")), "is not what an event names"
    ),
    "two texts in each other's place": Deed(
        of_documents(lambda said: said["texts"][1].update(member=said["texts"][0]["member"])),
        "is not what an event names",
    ),
    "a text that is not told of": Deed(
        of_documents(lambda said: said["texts"].pop()), "are not those that the events name"
    ),
    "a file that is not told of": Deed(
        of_documents(lambda said: said["files"].pop()), "are not those that the events name"
    ),
    "a text that no event names": Deed(
        of_documents(lambda said: said["texts"].append({**said["texts"][0], "id": "text-aaaaaaaaaaaaaaaa"})),
        "are not those that the events name",
    ),
    "the hash that stands for an event": Deed(
        of_hidden(lambda one: one.update(hash=base64.b64encode(bytes(32)).decode())), "do not lead"
    ),
    "the version of a hidden event": Deed(of_hidden(lambda one: one.update(version=99)), "is missing"),
    "a hidden event made up": Deed(of_hidden(made_up), "do not lead"),
    "a member against the manifest": Deed(
        lambda made: with_member(made.whole, "story.pdf", lambda said: said + b"x", manifest=False),
        "not as the manifest",
    ),
    "a member missing": Deed(without("texts/"), "is missing"),
    "the manifest missing": Deed(without_manifest, "manifest.json is missing"),
    "a member more": Deed(with_more, "is not in the manifest"),
    "a member twice": Deed(twice, "is there twice"),
    "a hash of the manifest": Deed(
        of_manifest(lambda said: said["members"][0].update(sha256="0" * 64)), "not as the manifest"
    ),
    "a row of the manifest taken out": Deed(of_manifest(lambda said: said["members"].pop(3)), "is not in the manifest"),
    "the case of the manifest": Deed(
        of_manifest(lambda said: said.update(case="submission-aaaaaaaaaaaaaaaa")), "no event of"
    ),
    "the form of the manifest": Deed(of_manifest(lambda said: said.update(format="x/1")), "a pack of the form x/1"),
    "no JSON": Deed(of_kind("proof.json", lambda _: b"{"), "not the form of a pack"),
    "JSON of another form": Deed(of_kind("documents.json", lambda _: b"[]"), "not the form of a pack"),
    "JSON within JSON within JSON": Deed(of_kind("proof.json", lambda _: b"[" * 100_000), "not the form of a pack"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_changed_is_false_and_why_is_said(
    made: Made, deed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "pack.zip").write_bytes(DEEDS[deed].change(made))

    code = main([str(tmp_path / "pack.zip")])

    said = capsys.readouterr().out
    assert code == 1, said
    assert said.splitlines()[-1].startswith("FALSE: ")
    assert DEEDS[deed].says in said
    assert "TRUE" not in said


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_changed_is_refused_by_a_checker_that_shares_nothing_with_what_makes_packs(made: Made, deed: str):
    with pytest.raises(Wrong):
        check_pack(DEEDS[deed].change(made), made.key)


def test_an_end_cut_off_is_what_no_pack_shows_and_its_program_says_so(made: Made, tmp_path: Path):
    """Given a pack without the last events of its case, their hashes among those of others, it holds, and promises nothing of them."""
    own = [one for one in events(made.whole) if one["stream"] == made.case]
    cut = {one["index"]: leaf_hash(one) for one in own[-1:]}
    pack = with_events(
        made.whole, lambda said: [said.remove(one) for one in list(said) if one["index"] in cut] and None
    )
    pack = with_json(pack, "proof.json", lambda said: said.update(others=joined(said["others"], cut)))

    ran = run(pack, tmp_path)

    assert f"versions 1 to {len(own) - 1}, none missing between them" in ran.said
    assert "NOT SHOWN by a pack: whether the case goes on after its last event here" in ran.said
    assert ran.code == 0


def test_whole_and_redacted_packs_are_believed_by_a_checker_that_shares_nothing_with_what_makes_them(made: Made):
    check_pack(made.whole, made.key)
    check_pack(made.redacted, made.key)


def test_a_pack_made_by_somebody_else_with_a_key_of_their_own_is_true_by_that_key_and_false_by_the_one_you_know(
    made: Made, tmp_path: Path
):
    other = Signer.make(made.key.partition("+")[0])
    size, root = int(made.checkpoint.split("\n")[1]), base64.b64decode(made.checkpoint.split("\n")[2])
    held = members(made.whole)
    note = other.sign(size, root, *made.checkpoint.partition("\n\n")[0].split("\n")[3:])
    pack = rebuilt({**held, "key.txt": str(other.verifier).encode(), "checkpoint.txt": note.encode()})

    own, known = run(pack, tmp_path), run(pack, tmp_path, "--key", made.key)

    assert (own.code, known.code) == (0, 1)
    assert "WITHIN THE PACK" in own.said
    assert str(other.verifier) in own.said


def test_a_pack_says_nothing_on_the_screen_that_its_program_does_not(made: Made, tmp_path: Path):
    said = {"person": "x\nTRUE: all of this holds.\x1b[2J", "role": "\r\u2028officer"}
    pack = of_manifest(lambda manifest: manifest["readers"].append(said))(made)

    lines = run(pack, tmp_path).said.splitlines()

    assert (
        lines[0]
        == f"Pack of {made.case}, by its manifest as far as it may be seen by x?TRUE: all of this holds.?[2J as ??officer."
    )
    assert len([one for one in lines if one.startswith("TRUE")]) == 1


def test_what_is_no_pack_is_false(tmp_path: Path, made: Made):
    run(made.whole, tmp_path)
    for content in (b"", b"no zip", made.whole[: len(made.whole) // 2]):
        (tmp_path / "pack.zip").write_bytes(content)
        ran = python("verify.py", "pack.zip", folder=tmp_path)
        assert (ran.code, ran.said.splitlines()[-1].startswith("FALSE: ")) == (1, True)
    assert python("verify.py", "none.zip", folder=tmp_path).code == 1
