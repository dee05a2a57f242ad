"""The key is made once, or given by setting; what settings can't be used are said, and no key is ever shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.letters.configured import Mail, Server
from infra.problems import CannotStart
from infra.seals.configured import Sealing
from infra.seals.configured import read_sealing as read
from infra.seals.keys import KeyFolder, Restored
from infra.seals.note import Signer

MAIL = Mail(server=Server(host="127.0.0.1", port=25, security="smtp"))


def read_sealing(given: dict[str, str], base: str, mail: Mail = MAIL) -> Sealing:
    return read(given, base, mail)


SECRET = Signer.make("assay.example.org/record")


def test_a_key_is_made_once_and_stays(tmp_path: Path):
    first = KeyFolder(tmp_path, Sealing(origin="one.example.org/record")).signer()
    again = KeyFolder(tmp_path, Sealing(origin="two.example.org/record")).signer()

    assert first.verifier == again.verifier
    assert first.verifier.name == "one.example.org/record"
    assert KeyFolder(tmp_path, Sealing()).trusted() == [first.verifier]


def test_a_log_that_was_named_otherwise_is_not_signed_by_the_key_of_another(tmp_path: Path):
    KeyFolder(tmp_path, Sealing(origin="one.example.org/record")).signer()

    with pytest.raises(CannotStart, match="--new-key"):
        KeyFolder(tmp_path, Sealing(origin="two.example.org/record", named=True)).signer()


def test_a_key_that_is_set_signs_and_is_trusted_beside_former_ones(tmp_path: Path):
    made = KeyFolder(tmp_path, Sealing()).signer()
    folder = KeyFolder(tmp_path, read_sealing({"ASSAY_SEAL_KEY": SECRET.secret}, ""))

    assert folder.signer().verifier == SECRET.verifier
    assert folder.trusted() == [made.verifier, SECRET.verifier]
    with pytest.raises(CannotStart, match="ASSAY_SEAL_KEY"):
        folder.renew()


def test_a_key_that_is_set_signs_no_more_where_a_backup_was_restored_and_another_does(tmp_path: Path):
    folder = KeyFolder(tmp_path, read_sealing({"ASSAY_SEAL_KEY": SECRET.secret}, ""))
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)

    noted = folder.begin_anew(Restored(at=at, made_at=at, events=7, position=9))

    assert noted.keys == (str(SECRET.verifier),)
    assert noted.line == "restored 7 2026-11-26T09:00:00Z"
    with pytest.raises(CannotStart, match=r"restored on 26 November 2026; set another: `assay seal --print-new-key`"):
        folder.signer()
    other = Signer.make("assay.example.org/record")
    after = KeyFolder(tmp_path, read_sealing({"ASSAY_SEAL_KEY": other.secret}, ""))
    assert after.signer().verifier == other.verifier
    assert after.trusted() == [SECRET.verifier, other.verifier]


def test_a_key_that_can_not_be_read_is_said_to_be_without_being_shown(tmp_path: Path):
    KeyFolder(tmp_path, Sealing()).signer()
    (tmp_path / "seals" / "key").write_text("PRIVATE+KEY+spoilt")

    with pytest.raises(CannotStart, match="can't be read") as told:
        KeyFolder(tmp_path, Sealing()).signer()
    assert "spoilt" not in str(told.value)


def test_the_log_is_named_after_the_address_at_which_it_is_reached():
    assert read_sealing({}, "https://assay.example.org").origin == "assay.example.org/record"
    assert read_sealing({}, "http://127.0.0.1:8080").origin == "127.0.0.1:8080/record"
    assert read_sealing({}, "").origin == "localhost/record"
    assert read_sealing({"ASSAY_SEAL_ORIGIN": "board.example.org/log"}, "").origin == "board.example.org/log"


def test_a_key_in_a_file_is_read(tmp_path: Path):
    (tmp_path / "secret").write_text(f"{SECRET.secret}\n")

    sealing = read_sealing({"ASSAY_SEAL_KEY_FILE": str(tmp_path / "secret")}, "")

    assert sealing.key is not None
    assert sealing.key.verifier == SECRET.verifier
    assert SECRET.secret not in repr(sealing)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ASSAY_SEAL_KEY": "x"}, "ASSAY_SEAL_KEY holds no key"),
        ({"ASSAY_SEAL_KEY": SECRET.secret, "ASSAY_SEAL_KEY_FILE": "f"}, "both set"),
        ({"ASSAY_SEAL_KEY_FILE": "/nowhere"}, "No such file"),
        ({"ASSAY_SEAL_ORIGIN": "two words"}, "ASSAY_SEAL_ORIGIN"),
        ({"ASSAY_SEAL_EVERY": "0"}, "number of seconds from 1"),
        ({"ASSAY_SEAL_EVERY": "soon"}, "number of seconds from 1"),
        ({"ASSAY_SEAL_URL": "http://example.org/"}, "ASSAY_SEAL_URL"),
        ({"ASSAY_SEAL_MAIL": "nobody"}, "an e-mail address"),
        ({"ASSAY_SEAL_TSA": "https://tsa.example.org"}, "belong together"),
        ({"ASSAY_SEAL_TSA_ROOTS": "roots.pem"}, "belong together"),
    ],
    ids=[
        "no key",
        "two keys",
        "no file",
        "name",
        "never",
        "no number",
        "plain http",
        "no address",
        "no roots",
        "no authority",
    ],
)
def test_settings_that_can_not_be_used_are_said(given: dict[str, str], said: str):
    with pytest.raises(CannotStart, match=said) as told:
        read_sealing(given, "")
    assert SECRET.secret not in str(told.value)


def test_mail_needs_a_server_to_leave_by():
    assert read_sealing({"ASSAY_SEAL_MAIL": "board@example.org"}, "").mail_to == "board@example.org"
    with pytest.raises(CannotStart, match="ASSAY_SMTP_URL"):
        read_sealing({"ASSAY_SEAL_MAIL": "board@example.org"}, "", Mail())
