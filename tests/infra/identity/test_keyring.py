"""The key of our own issuer is made once, is its owner's alone, and its former self signs no more but is known for a while."""

import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.identity.keyring import KEPT, TOKENS_LAST, KeyRing
from infra.problems import CannotStart

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    first = KeyRing(folder).signing()

    assert KeyRing(folder).signing().kid == first.kid
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_many_who_need_the_first_key_at_once_get_the_same(tmp_path: Path) -> None:
    found: list[str | None] = []
    rings = [KeyRing(tmp_path / "identity") for _ in range(6)]
    threads = [threading.Thread(target=lambda ring=ring: found.append(ring.signing().kid)) for ring in rings]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert (len(found), len(set(found))) == (6, 1)


def test_a_new_key_signs_at_once_in_every_process_and_the_former_one_is_known_until_its_tokens_have_expired(
    tmp_path: Path,
) -> None:
    here, there = KeyRing(tmp_path), KeyRing(tmp_path)
    former = here.signing().kid
    new = there.rotate(AT)

    assert here.signing().kid == new != former
    assert here.key(former, AT + TOKENS_LAST) is not None
    assert here.key(former, AT + KEPT) is None
    assert here.key(new, AT + timedelta(days=1000)) is not None


def test_the_private_half_of_a_former_key_is_gone(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.signing()
    ring.rotate(AT)

    assert (tmp_path / "keys.json").read_text().count('"d"') == 1


def test_no_private_half_is_shown(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.rotate(AT)

    assert len(ring.public(AT)) == 2
    assert not any(one.is_private for one in ring.public(AT))


def test_keys_that_can_not_be_read_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('[{"key": {"kty": "EC"}}]')

    with pytest.raises(CannotStart, match="can't be read"):
        KeyRing(tmp_path).signing()
