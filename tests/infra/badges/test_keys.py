"""The key of badges is made once for its owner alone, or is the one of a file, and can be exchanged; none that can't be used starts anything."""

import stat
from pathlib import Path

import pytest

from infra.badges.configured import Signing, read_signing
from infra.badges.keys import Following, Key, disown, exchange, key_in
from infra.problems import CannotStart
from tests.domain.given import refused


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    made, _ = key_in(tmp_path, None)

    signs, former = key_in(tmp_path, None)
    assert (signs.public, former) == (made.public, ())
    assert stat.S_IMODE((tmp_path / "badges" / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "badges").stat().st_mode) == 0o700


def test_a_key_may_be_given_in_a_file_and_none_is_made_then(tmp_path: Path):
    key = Key.make()
    (tmp_path / "given").write_text(f"{key.secret}\n")
    data = tmp_path / "data"

    assert key_in(data, tmp_path / "given")[0].public == key.public
    assert not data.exists()


def test_another_key_signs_and_the_former_ones_stay_known_until_they_are_disowned(tmp_path: Path):
    first, _ = key_in(tmp_path, None)

    second = exchange(tmp_path, None, believed=True)
    third = exchange(tmp_path, None, believed=True)

    signs, former = key_in(tmp_path, None)
    assert signs.public == third.public
    assert former == (second.multikey, first.multikey)
    held = tmp_path / "badges" / "key"
    assert stat.S_IMODE(held.stat().st_mode) == 0o600
    assert second.secret not in held.read_text()
    disown(tmp_path, None, second.multikey)
    assert key_in(tmp_path, None)[1] == (first.multikey,)
    for key, why in ((third.multikey, "exchange it first"), (second.multikey, "no such key"), ("z6Mk", "no such key")):
        with refused("badge-key-known", field="KEY", match=why):
            disown(tmp_path, None, key)
    assert key_in(tmp_path, None)[1] == (first.multikey,)


def test_a_key_that_is_given_in_a_file_is_exchanged_there_or_it_is_said_why_not(tmp_path: Path):
    given = tmp_path / "given"
    key = Key.make()
    given.write_text(f"{key.secret}\n")

    made = exchange(tmp_path / "data", given, believed=True)

    signs, former = key_in(tmp_path / "data", given)
    assert (signs.public, former) == (made.public, (key.multikey,))
    assert not (tmp_path / "data").exists()
    with pytest.raises(CannotStart, match="No such file"):
        exchange(tmp_path / "data", tmp_path / "nowhere" / "given", believed=True)
    given.write_text("a password\n")
    with pytest.raises(CannotStart, match="holds no such key"):
        exchange(tmp_path / "data", given, believed=True)
    assert given.read_text() == "a password\n"


def test_who_signs_is_another_as_soon_as_the_file_is_and_a_former_key_is_known_until_it_is_disowned(tmp_path: Path):
    issuer = Following(tmp_path, Signing(name="The Body"), "https://assay.example.org")
    first = issuer()
    assert issuer() is first

    second = exchange(tmp_path, None, believed=True)

    assert issuer().key.public == second.public
    assert issuer().former == (first.key.multikey,)
    assert (issuer().did, issuer().name) == (first.did, "The Body")
    disown(tmp_path, None, first.key.multikey)
    assert issuer().former == ()


def test_a_file_that_is_gone_or_holds_no_key_stops_no_badges_and_counts_again_once_it_holds_one(tmp_path: Path):
    given = tmp_path / "given"
    given.write_text(f"{Key.make().secret}\n")
    issuer = Following(tmp_path, Signing(file=given), "https://assay.example.org")
    before = issuer()

    for content in ("half a k", None):
        given.unlink()
        if content:
            given.write_text(content)
        assert issuer() == before
    assert not given.exists()
    after = Key.make()
    given.write_text(f"{after.secret}\n{before.key.multikey}\n")
    assert issuer().key.public == after.public
    given.write_text(f"{before.key.secret}\n")  # written to where it is, as an editor may
    assert issuer().key.public == before.key.public


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a password",
        "assay-badge-key+AAAA",
        "assay-badge-key+???",
        f"assay-badge-key+{'A' * 43}=\nz6MkNoKeyIsWrittenWith0\n",
    ],
)
def test_a_file_that_is_no_key_is_said_to_be_none_and_is_not_shown(tmp_path: Path, content: str):
    (tmp_path / "given").write_text(content)

    with pytest.raises(CannotStart) as caught:
        key_in(tmp_path, tmp_path / "given")

    assert "ASSAY_BADGE_KEY_FILE" in str(caught.value)
    assert not content or content not in str(caught.value)
    with pytest.raises(CannotStart, match="No such file"):
        key_in(tmp_path, tmp_path / "missing")


def test_the_settings_name_the_issuer_on_one_line():
    assert read_signing({}).name == "Assay"
    assert read_signing({"ASSAY_BADGE_ISSUER": "The Body"}).name == "The Body"
    with pytest.raises(CannotStart, match="ASSAY_BADGE_ISSUER"):
        read_signing({"ASSAY_BADGE_ISSUER": "two\nlines"})
