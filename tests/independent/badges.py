"""Checks a badge as anybody may who has never seen our code: written from the W3C's texts, on other libraries than issue it.

JSON-LD is read by rdflib, canonicalised here (RDFC-1.0), and signatures are checked with `cryptography`. What is not known here
is not believed: each reason not to is a `NotGood` with its name. Contexts are taken from where the product has them, and are
known by hashes that stand here, so that another one there is found out here.
"""

import base64
import gzip
import hashlib
import json
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import rdflib
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rdflib import BNode, Dataset, Literal, URIRef

from tests.independent.open_badges import OPEN_BADGE

rdflib.NORMALIZE_LITERALS = False  # what is signed is how it is written
Fetch = Callable[[str], Any]
"""Answers what JSON is at an address."""
CONTEXTS = {
    # as published in "Verifiable Credentials Data Model v2.0", B.1
    "https://www.w3.org/ns/credentials/v2": (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    # of what others were given at that address; docs/decisions/0032 has what is known of it
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
        "open-badges-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
}
SHIPPED = Path(__file__).parents[2] / "infra" / "badges" / "contexts"
ESCAPED = {chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip
"""Letters of a text that canonical N-Quads write in another way: 5 of RDFC-1.0."""
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class NotGood(Exception):
    """Why a badge is not to be believed."""


def context(url: str) -> Any:
    """A context as its publisher has it."""
    if url not in CONTEXTS:
        raise NotGood("unknown-context")
    name, digest = CONTEXTS[url]
    content = (SHIPPED / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise NotGood("changed-context")
    return json.loads(content)["@context"]


def check(badge: Any, *, fetch: Fetch, at: datetime, issuer: str | None = None) -> dict[str, Any]:
    """Check a badge with a proof, at an instant; `issuer` is whose badges are believed. Returns what it says."""
    said = {key: value for key, value in badge.items() if key != "proof"}
    if issuer and said["issuer"]["id"] != issuer:
        raise NotGood("other-issuer")
    check_proof(badge, fetch)
    check_shape(said)
    check_dates(said, at)
    check_status(said, fetch)
    return said


def check_jwt(token: str, *, fetch: Fetch, at: datetime, issuer: str) -> dict[str, Any]:
    """The same for a VC-JWT."""
    head, body, signature = token.split(".")
    header, said = (json.loads(unpadded(part)) for part in (head, body))
    if (header["alg"], header["typ"]) != ("EdDSA", "vc+jwt"):
        raise NotGood("form")
    if said["issuer"]["id"] != issuer or said["iss"] != issuer:
        raise NotGood("other-issuer")
    verify(key_of(header["kid"], said["iss"], fetch), unpadded(signature), f"{head}.{body}".encode())
    check_shape(said)
    same = {"sub": said["credentialSubject"]["id"], "jti": said["id"]}
    same |= {claim: seconds(said[key]) for claim, key in (("nbf", "validFrom"), ("exp", "validUntil"))}
    if same != {key: said[key] for key in same}:
        raise NotGood("claims")
    check_dates(said, at)
    check_status(said, fetch)
    return said


def check_shape(said: Mapping[str, Any]) -> None:
    """Whether it has what an Open Badge has, each of the kind that it is to be."""
    if not OPEN_BADGE.is_valid(said):
        raise NotGood("shape")


def check_proof(document: Mapping[str, Any], fetch: Fetch) -> None:
    """Check a proof of Data Integrity (eddsa-rdfc-2022): 3.2 of "Data Integrity EdDSA Cryptosuites"."""
    proof, issuer = document["proof"], document["issuer"]
    if (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) != (
        "DataIntegrityProof",
        "eddsa-rdfc-2022",
        "assertionMethod",
    ):
        raise NotGood("form")
    key = key_of(proof["verificationMethod"], issuer if isinstance(issuer, str) else issuer["id"], fetch)
    verify(key, based58(proof["proofValue"]), signed_of(document))


def signed_of(document: Mapping[str, Any]) -> bytes:
    """What a proof signs: the hash of what it says of itself, and that of the rest."""
    proof = {key: one for key, one in document["proof"].items() if key != "proofValue"}
    rest = {key: one for key, one in document.items() if key != "proof"}
    about = {"@context": document["@context"], **proof}
    return b"".join(hashlib.sha256(canonical(one).encode()).digest() for one in (about, rest))


def check_dates(said: Mapping[str, Any], at: datetime) -> None:
    """Whether it holds at this instant by what it says itself."""
    if at < datetime.fromisoformat(said["validFrom"]):
        raise NotGood("not-yet")
    if at > datetime.fromisoformat(said["validUntil"]):
        raise NotGood("expired")


def check_status(said: Mapping[str, Any], fetch: Fetch) -> None:
    """Whether its bits are set: 3.2 of "Bitstring Status List v1.0"."""
    entry = said["credentialStatus"]
    if (entry["type"], entry["statusPurpose"]) != ("BitstringStatusListEntry", "revocation"):
        raise NotGood("form")
    listed = fetch(entry["statusListCredential"])
    check_proof(listed, fetch)
    assert listed["issuer"] == said["issuer"]["id"]
    assert listed["id"] == entry["statusListCredential"]
    assert "BitstringStatusListCredential" in listed["type"]
    subject = listed["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", entry["statusPurpose"])
    if int(entry["statusListIndex"]) in marked_in(subject["encodedList"]):
        raise NotGood("revoked")


def marked_in(encoded: str) -> set[int]:
    """The places whose bit is set in a list: 3.4 and 7.1 of "Bitstring Status List v1.0"."""
    assert encoded[0] == "u"
    bits = gzip.decompress(unpadded(encoded[1:]))
    assert len(bits) * 8 >= 131_072
    return {8 * place + bit for place, byte in enumerate(bits) if byte for bit in range(8) if byte >> (7 - bit) & 1}


def key_of(method: str, issuer: str, fetch: Fetch) -> Ed25519PublicKey:
    """The key that a name stands for, where it is the issuer's to sign with."""
    did, _, fragment = method.partition("#")
    if did != issuer:
        raise NotGood("not-the-issuers-key")
    if did.startswith("did:key:"):
        return multikey(did.removeprefix("did:key:"))
    host = unquote(did.removeprefix("did:web:"))
    document = fetch(f"https://{host}/.well-known/did.json")
    assert document["id"] == did
    if method not in document["assertionMethod"]:
        raise NotGood("not-the-issuers-key")
    [found] = [one for one in document["verificationMethod"] if one["id"] == method]
    assert (found["type"], found["controller"]) == ("Multikey", did)
    assert fragment == found["publicKeyMultibase"]
    return multikey(found["publicKeyMultibase"])


def multikey(text: str) -> Ed25519PublicKey:
    data = based58(text)
    assert data[:2] == bytes([0xED, 0x01])
    return Ed25519PublicKey.from_public_bytes(data[2:])


def verify(key: Ed25519PublicKey, signature: bytes, data: bytes) -> None:
    try:
        key.verify(signature, data)
    except InvalidSignature:
        raise NotGood("signature") from None


def canonical(document: Mapping[str, Any]) -> str:
    """What a document says as canonical N-Quads, where its contexts know all that is in it."""
    given = document["@context"]
    contexts = [context(one) for one in (given if isinstance(given, list) else [given])]
    words = set(re.findall(r'"([\w@]+)"\s*:', json.dumps(contexts)))
    if not words.issuperset(keys_of(document)) and not any("@vocab" in one for one in contexts):
        raise NotGood("unknown-term")
    held = Dataset(default_union=False)
    held.parse(data=json.dumps({**document, "@context": contexts}), format="json-ld", base="https://nobody.invalid/")
    quads = canonical_quads(held)
    if "https://nobody.invalid/" in quads:
        raise NotGood("unknown-term")
    return quads


def canonical_quads(held: Dataset) -> str:
    """Canonical N-Quads (RDFC-1.0), for as much of it as badges need.

    Nodes without a name are told apart by their own quads alone; where these are alike, it gives up, and is not wrong.
    """
    known = [
        (s, p, o, g if g is not None and g != held.default_graph.identifier else None) for s, p, o, g in held.quads()
    ]
    names = sorted({one for quad in known for one in quad if isinstance(one, BNode)})
    first = {
        name: hashlib.sha256(
            "".join(
                sorted(line(quad, lambda one, name=name: "a" if one == name else "z") for quad in known if name in quad)
            ).encode()
        ).hexdigest()
        for name in names
    }
    if len(set(first.values())) != len(names):
        raise NotGood("alike")
    issued = {name: f"c14n{place}" for place, name in enumerate(sorted(names, key=first.__getitem__))}
    return "".join(sorted(line(quad, issued.__getitem__) for quad in known))


def keys_of(value: Any) -> Iterator[str]:
    """All keys in a document, at any depth."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for key, inner in one.items():
                if key != "@context":
                    yield key
                    yield from keys_of(inner)


def line(quad: Any, name: Callable[[BNode], str]) -> str:
    """A quad as canonical N-Quads writes it."""
    return " ".join(term(one, name) for one in quad if one is not None) + " .\n"


def term(one: Any, name: Callable[[BNode], str]) -> str:
    if isinstance(one, BNode):
        return f"_:{name(one)}"
    if isinstance(one, URIRef):
        return f"<{one}>"
    assert isinstance(one, Literal)
    text = "".join(ESCAPED.get(letter, letter) for letter in str(one))
    if one.language:
        return f'"{text}"@{one.language}'
    string = "http://www.w3.org/2001/XMLSchema#string"
    kind = str(one.datatype or string)
    return f'"{text}"' if kind == string else f'"{text}"^^<{kind}>'


def based58(text: str) -> bytes:
    """Bytes of multibase text in base 58."""
    assert text[0] == "z"
    number = 0
    for digit in text[1:]:
        number = number * 58 + DIGITS.index(digit)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def seconds(text: str) -> float:
    """An instant in seconds, as claims of a JWT have it."""
    return datetime.fromisoformat(text).timestamp()


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unbaked_png(content: bytes) -> Any:
    """The credential in a PNG: 5.3.1 of "Open Badges 3.0"; every chunk's check fits."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(content):
        (length,), kind = struct.unpack(">I", content[place : place + 4]), content[place + 4 : place + 8]
        data = content[place + 8 : place + 8 + length]
        (check_sum,) = struct.unpack(">I", content[place + 8 + length : place + 12 + length])
        assert check_sum == zlib.crc32(kind + data)
        if kind == b"iTXt" and data.startswith(b"openbadgecredential\0"):
            rest = data.removeprefix(b"openbadgecredential\0")
            assert rest[:4] == b"\0\0\0\0"
            found.append(json.loads(rest[4:]))
        place += 12 + length
    [badge] = found
    return badge


def unbaked_svg(content: bytes) -> Any:
    """The credential in an SVG: 5.3.2 of "Open Badges 3.0"."""
    root = ET.fromstring(content)
    [found] = root.findall("{https://purl.imsglobal.org/ob/v3p0}credential")
    return json.loads(found.text or "")
