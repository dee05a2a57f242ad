"""What others published: our signatures are theirs, byte for byte, and the checker of the tests believes theirs and refuses them changed."""

import base64
import copy
import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey
from pyld import jsonld
from rdflib import Dataset

from infra.badges import signing
from infra.badges.credential import status_list
from infra.badges.keys import Issuer, Key, base58
from infra.badges.signing import signed
from tests.independent import badges as checker
from tests.independent import vectors
from tests.independent.badges import NotGood

SECRET = b"\x80\x26"
"""Multicodec of a private key of Ed25519."""


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The context of W3C's examples is at hand, to both sides."""
    file = tmp_path / "examples.json"
    file.write_text(json.dumps(vectors.EXAMPLES_CONTEXT))
    held = (str(file), hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setitem(signing.CONTEXTS, vectors.EXAMPLES, held)
    monkeypatch.setitem(checker.CONTEXTS, vectors.EXAMPLES, held)
    signing.context.cache_clear()


def signer(secret: bytes, method: str) -> Issuer:
    """Whoever has this key, under the name that a vector gives it."""
    return cast("Issuer", SimpleNamespace(key=Key(Ed25519PrivateKey.from_private_bytes(secret)), method=method))


def unsigned(document: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in document.items() if key != "proof"}


@pytest.mark.usefixtures("examples")
def test_with_the_published_key_we_sign_the_published_credential_as_the_recommendation_does():
    proof = vectors.ALUMNI["proof"]
    secret = checker.based58(vectors.ALUMNI_SECRET)
    assert secret[:2] == SECRET
    by = signer(secret[2:], proof["verificationMethod"])

    made = signed(unsigned(vectors.ALUMNI), by, datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC))

    assert made == vectors.ALUMNI
    assert by.key.multikey == vectors.ALUMNI_PUBLIC
    assert proof["proofValue"] == "z" + base58(bytes.fromhex(vectors.ALUMNI_SIGNATURE))


@pytest.mark.usefixtures("examples")
def test_what_is_hashed_before_it_is_signed_is_what_the_recommendation_says_on_both_sides():
    proof = {"@context": vectors.ALUMNI["@context"], **vectors.ALUMNI["proof"]}
    del proof["proofValue"]

    assert signing._digest(proof).hex() == vectors.ALUMNI_PROOF_HASH
    assert signing._digest(unsigned(vectors.ALUMNI)).hex() == vectors.ALUMNI_HASH
    assert checker.canonical(proof) == vectors.ALUMNI_PROOF_QUADS
    assert checker.signed_of(vectors.ALUMNI).hex() == vectors.ALUMNI_PROOF_HASH + vectors.ALUMNI_HASH


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize(
    ("document", "key"),
    [
        (vectors.ALUMNI, vectors.ALUMNI_PUBLIC),
        (vectors.REVOCABLE, vectors.LISTS_PUBLIC),
        (vectors.STATUS_LIST, vectors.LISTS_PUBLIC),
    ],
    ids=["alumni", "revocable", "status-list"],
)
def test_the_checker_believes_published_proofs_and_none_of_what_was_changed(document: dict[str, Any], key: str):
    def verify(one: dict[str, Any]) -> None:
        checker.verify(checker.multikey(key), checker.based58(one["proof"]["proofValue"]), checker.signed_of(one))

    verify(document)
    for change in ({"validFrom": "2020-01-01T00:00:00Z"}, {"alumniOf": "Another school"}, {"id": "urn:uuid:1"}):
        with pytest.raises(NotGood, match=r"^signature$"):
            verify(document | change)
    dated = copy.deepcopy(document)
    dated["proof"]["created"] = "2020-01-01T00:00:00Z"
    with pytest.raises(NotGood, match=r"^signature$"):
        verify(dated)
    with pytest.raises(
        NotGood, match=r"^not-the-issuers-key$"
    ):  # theirs are signed by keys that their issuers don't name
        checker.check_proof(document, lambda _: None)


def test_the_published_status_list_has_no_bit_set_and_ours_without_any_is_the_same_bits():
    at = datetime(2026, 9, 1, tzinfo=UTC)
    issuer = Issuer(Key.make(), "https://assay.example.org", "The Body")
    theirs = vectors.STATUS_LIST["credentialSubject"]["encodedList"]

    def ours(*marked: int) -> str:
        text: str = status_list(0, marked, issuer, at)["credentialSubject"]["encodedList"]
        return text

    bits = [gzip.decompress(checker.unpadded(one[1:])) for one in (theirs, ours())]
    assert bits[0] == bits[1]
    assert checker.marked_in(theirs) == set()
    assert checker.marked_in(ours(0, 7, 94_567, 131_071)) == {0, 7, 94_567, 131_071}


def test_with_the_published_key_we_sign_a_jws_as_the_rfc_does_and_the_checker_believes_it():
    by = Issuer(Key(Ed25519PrivateKey.from_private_bytes(checker.unpadded(vectors.JWS_SECRET))), "http://a", "The Body")
    key = OKPKey.import_key(by.key.private)
    payload = checker.unpadded(vectors.JWS_SIGNED.partition(".")[2])

    assert by.jwk["x"] == vectors.JWS_PUBLIC
    assert by.key.sign(vectors.JWS_SIGNED.encode()) == checker.unpadded(vectors.JWS_SIGNATURE)
    made = jws.serialize_compact({"alg": "EdDSA"}, payload, key, algorithms=["EdDSA"])  # as `as_jwt` does
    assert made == f"{vectors.JWS_SIGNED}.{vectors.JWS_SIGNATURE}"
    signature = checker.unpadded(vectors.JWS_SIGNATURE)
    public = checker.multikey(by.key.multikey)
    checker.verify(public, signature, vectors.JWS_SIGNED.encode())
    with pytest.raises(NotGood, match=r"^signature$"):
        checker.verify(public, signature, vectors.JWS_SIGNED.encode() + b"A")
    assert base64.urlsafe_b64encode(public.public_bytes_raw()).decode().rstrip("=") == vectors.JWS_PUBLIC


def in_order(quads: str) -> str:
    """The lines of published quads, each with its end; the suite has them in the order of bytes, which is looked at here."""
    lines = [f"{one}\n" for one in quads.split("\n")]
    assert lines == sorted(lines)
    return "".join(lines)


@pytest.mark.parametrize("number", [*vectors.APART, *vectors.ALIKE])
def test_what_we_sign_is_in_the_canonical_order_of_the_w3cs_tests(number: str):
    given, expected = (vectors.APART | vectors.ALIKE)[number]
    options = {"inputFormat": "application/n-quads", "algorithm": "URDNA2015", "format": "application/n-quads"}

    assert jsonld.normalize(given + "\n", options) == in_order(expected)


@pytest.mark.parametrize("number", [*vectors.APART, *vectors.ALIKE])
def test_the_checker_comes_to_the_same_or_says_that_it_can_t(number: str):
    given, expected = (vectors.APART | vectors.ALIKE)[number]
    held = Dataset(default_union=False)
    held.parse(data=given + "\n", format="nquads")

    if number in vectors.APART:
        assert checker.canonical_quads(held) == in_order(expected)
    else:
        with pytest.raises(NotGood, match=r"^alike$"):
            checker.canonical_quads(held)
