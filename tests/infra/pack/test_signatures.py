"""The pack's program checks Ed25519 by itself: as RFC 8032 has it, as another implementation does, and no more than that."""

import random
from hashlib import sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.pack import verify
from infra.pack.verify import L, P, Wrong, point_of, signed

PUBLISHED = {  # RFC 8032, 7.1: public key, message, signature
    "1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        bytes.fromhex("72"),
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        bytes.fromhex("af82"),
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").digest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_what_is_published_as_signed_is_signed_and_nothing_else(name: str):
    key, message, signature = PUBLISHED[name]
    public, said = bytes.fromhex(key), bytes.fromhex(signature)

    assert signed(public, message, said)
    assert not signed(public, message + b"x", said)
    assert not signed(bytes.fromhex(PUBLISHED["1" if name != "1" else "2"][0]), message, said)


@pytest.mark.parametrize("seed", range(20))
def test_what_another_implementation_signs_is_signed_and_with_any_bit_changed_it_is_not(seed: int):
    chance = random.Random(seed)
    key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    public, message = key.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(300))
    signature = key.sign(message)

    assert signed(public, message, signature)
    for _ in range(4):
        bit = chance.randrange(512)
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        assert not signed(public, message, bytes(changed))


def test_a_signature_has_one_form_so_that_none_is_made_of_another():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"said")
    number = int.from_bytes(signature[32:], "little")
    assert number < L

    for more in (L, 2 * L):
        assert not signed(public, b"said", signature[:32] + (number + more).to_bytes(32, "little"))
    for said in (signature[:-1], signature + b"\0", b""):
        assert not signed(public, b"said", said)
    for other in (public[:-1], public + b"\0", b""):
        assert not signed(other, b"said", signature)


@pytest.mark.parametrize(
    "encoded",
    [P.to_bytes(32, "little"), (P + 1).to_bytes(32, "little"), b"\xff" * 32, (2).to_bytes(32, "little"), (1 | 1 << 255).to_bytes(32, "little")],
    ids=["y is the modulus", "y is beyond it", "all ones", "no such x", "minus nought"],
)  # fmt: skip
def test_bytes_that_no_point_is_written_as_are_none(encoded: bytes):
    signature = Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(b"said")

    with pytest.raises(Wrong):
        point_of(encoded)
    assert not signed(encoded, b"said", signature)
    assert not signed(verify.bytes_of(verify.BASE), b"said", encoded + signature[32:])
