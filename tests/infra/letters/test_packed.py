"""A pack has the letters that went because of what it holds, in their words, for who may read those; and none that came later."""

from pathlib import Path

from infra.replay.looks import Eyes
from infra.seals.sealing import seal
from services import preparation
from tests import factories
from tests.infra.letters.conftest import Posting
from tests.infra.pack.packs import members, packed, run


def letters(pack: bytes) -> dict[str, str]:
    return {name: said.decode() for name, said in members(pack).items() if name.startswith("letters/")}


def test_letters_are_in_the_pack_as_they_went_and_only_for_who_may_read_them(post: Posting, tmp_path: Path):
    case = factories.brought(post.body, "registered")
    contact = post.body.submission(case).registration.lead_contact
    post.compose()
    post.send()
    post.caught_up()
    seal(post.settings, post.app.records.datastore.url)
    whole = packed(post.app, case)
    [first, *_] = post.letters(case)

    found = letters(whole)

    assert found.keys() == {f"letters/{one.id}.txt" for one in post.letters(case) if one.sent_at}
    said = found[f"letters/{first.id}.txt"]
    words = post.outbox.words(first.id)
    assert words is not None
    assert f"To: {first.recipient}\nSent: " in said
    assert f"Subject: {words[0]}\n\n{words[1]}" in said
    assert run(whole, tmp_path / "whole").code == 0
    own = letters(packed(post.app, case, Eyes(person=contact, role="provider")))
    assert own == {name: said for name, said in found.items() if said.startswith(f"To: {contact}\n")}
    assert own
    assert letters(packed(post.app, case, Eyes(person=post.body.officer, role="officer"))) == found

    post.body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="They are small.")
    post.compose()
    post.send()
    post.caught_up()
    assert len([one for one in post.letters(case) if one.sent_at]) > len(found)
    assert packed(post.app, case) == whole
