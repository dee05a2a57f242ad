"""Checkpoints are signed notes as others write and read them; what was changed in one is not signed any more."""

import pytest

from infra.seals.note import NoCheckpoint, Signer, Verifier, checkpoints_in, read_checkpoint
from tests.independent.checking import Wrong, opened

SIGNER = Signer.make("assay.example.org/record")
NOTE = SIGNER.sign(7, bytes(32), "kept 2 " + "A" * 43 + "=")


def test_a_checkpoint_says_what_was_signed_and_is_verified_by_a_checker_of_its_own():
    read = read_checkpoint(NOTE)

    assert (read.origin, read.size, read.root) == ("assay.example.org/record", 7, bytes(32))
    assert read.signed_by(SIGNER.verifier)
    assert opened(NOTE, str(SIGNER.verifier)) == (read.origin, 7, bytes(32), ["kept 2 " + "A" * 43 + "="])


@pytest.mark.parametrize(
    ("before", "after"),
    [("\n7\n", "\n8\n"), ("AAAA", "AAAB"), ("kept 2", "kept 3"), ("example.org/record\n7", "example.net/record\n7")],
)
def test_what_is_changed_in_a_checkpoint_is_not_signed(before: str, after: str):
    forged = NOTE.replace(before, after, 1)
    assert forged != NOTE

    assert not read_checkpoint(forged).signed_by(SIGNER.verifier)
    with pytest.raises(Wrong):
        opened(forged, str(SIGNER.verifier))


def test_another_key_of_the_same_name_did_not_sign_it():
    other = Signer.make(SIGNER.verifier.name)

    assert not read_checkpoint(NOTE).signed_by(other.verifier)
    with pytest.raises(Wrong):
        opened(NOTE, str(other.verifier))


def test_keys_are_read_as_they_are_written():
    assert Signer.read(SIGNER.secret).verifier == SIGNER.verifier == Verifier.read(str(SIGNER.verifier))


@pytest.mark.parametrize(
    "wrong",
    ["", "x", str(SIGNER.verifier), SIGNER.secret.replace("example", "exemple"), SIGNER.secret[:-4] + "AAA="],
    ids=["nothing", "no key", "only what verifies", "another name", "other bytes"],
)
def test_what_is_no_key_does_not_sign(wrong: str):
    with pytest.raises(ValueError, match="key"):
        Signer.read(wrong)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "x" * 201])
def test_a_log_has_a_name_without_white_space_or_plus(name: str):
    with pytest.raises(ValueError, match="name of a log"):
        Signer.make(name)


def test_a_file_with_several_checkpoints_is_read_whole_and_with_nothing_beside_them():
    later = SIGNER.sign(9, bytes(32))

    assert [one.size for one in checkpoints_in(f"{NOTE}\n{later}\n")] == [7, 9]
    assert [one.size for one in checkpoints_in(NOTE.replace("\n", "\r\n"))] == [7]
    for text in ("", "nothing", NOTE.replace("\n7\n", "\nseven\n"), f"see here:\n\n{NOTE}", NOTE.replace("— ", "- ")):
        with pytest.raises(NoCheckpoint):
            checkpoints_in(text)
