"""The key of badges is made once for its owner alone, or is the one of a file; one that can't be used starts nothing."""

import stat
from pathlib import Path

import pytest

from infra.badges.configured import read_signing
from infra.badges.keys import Key, key_in
from infra.problems import CannotStart


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    made = key_in(tmp_path, None)

    assert key_in(tmp_path, None).public == made.public
    assert stat.S_IMODE((tmp_path / "badges" / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "badges").stat().st_mode) == 0o700


def test_a_key_may_be_given_in_a_file_and_none_is_made_then(tmp_path: Path):
    key = Key.make()
    (tmp_path / "given").write_text(f"{key.secret}\n")
    data = tmp_path / "data"

    assert key_in(data, tmp_path / "given").public == key.public
    assert not data.exists()


@pytest.mark.parametrize("content", ["", "a password", "assay-badge-key+AAAA", "assay-badge-key+???"])
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
