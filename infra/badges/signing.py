"""Credentials are signed by the W3C's rules: inside, over what their terms mean (`eddsa-rdfc-2022`), or around, as a JWT.

A term that no context knows would be left out of what is signed without a word, so that anybody could change it: it is refused
here. Contexts are those shipped with the product, each checked by its SHA-256; none is ever fetched.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OKPKey
from pyld import jsonld

from infra.badges.keys import Issuer, base58

CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS: Final = {
    CREDENTIALS: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OPEN_BADGES: ("open-badges-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
}
"""The file of each context, and its SHA-256."""
RELATIVE: Final = "https://relative.invalid/"
"""Begins what an id or a type comes to that is no address by itself, and that no context knows."""
SUITE: Final = "eddsa-rdfc-2022"
FOLDER: Final = Path(__file__).parent / "contexts"

Credential = dict[str, Any]
warnings.filterwarnings("ignore", message="EdDSA is deprecated", module="joserfc")  # what readers of VC-JWT know it by


class UnknownTerm(Exception):
    """A credential holds something that its contexts don't know, so that no signature would cover it."""


def signed(credential: Mapping[str, Any], issuer: Issuer, created: datetime) -> Credential:
    """The credential with a proof of Data Integrity, made at `created` (UTC). Raises UnknownTerm."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": instant(created),
        "verificationMethod": issuer.method,
        "proofPurpose": "assertionMethod",
    }
    about = {"@context": credential["@context"], **proof}
    data = _digest(about) + _digest(credential)
    return {**credential, "proof": {**proof, "proofValue": "z" + base58(issuer.key.sign(data))}}


def as_jwt(credential: Mapping[str, Any], issuer: Issuer) -> str:
    """The credential as a VC-JWT: what it says, with the claims by which programs for JWTs read it. Raises UnknownTerm."""
    _require_known(credential)
    claims = {**credential, "iss": issuer.did, "jti": credential["id"], "nbf": _seconds(credential["validFrom"])}
    if "validUntil" in credential:
        claims["exp"] = _seconds(credential["validUntil"])
    if "id" in credential["credentialSubject"]:
        claims["sub"] = credential["credentialSubject"]["id"]
    key = OKPKey.import_key(issuer.key.private)
    header = {"alg": "EdDSA", "typ": "vc+jwt", "kid": issuer.method}
    return jwt.encode(header, claims, key, algorithms=["EdDSA"])


def instant(at: datetime) -> str:
    """An instant as XML Schema writes it, in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def written(credential: Mapping[str, Any]) -> bytes:
    """The bytes of a credential: the same for the same content."""
    return json.dumps(credential, ensure_ascii=False, indent=1).encode() + b"\n"


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _digest(document: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical N-Quads of what the document says. Raises UnknownTerm for what they would leave out."""
    _require_known(document)
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _shipped, "base": RELATIVE}
    quads: str = jsonld.normalize(dict(document), options)
    return hashlib.sha256(quads.encode()).digest()


def _require_known(document: Mapping[str, Any]) -> None:
    dropped: list[str | None] = []
    options = {"documentLoader": _shipped, "base": RELATIVE}
    try:
        expanded = jsonld.expand(dict(document), options, on_property_dropped=dropped.append)
    except jsonld.JsonLdError as fault:
        raise UnknownTerm(f"the credential is no JSON-LD of the contexts that are shipped: {fault.code}") from fault
    names = [str(one) for one in dropped]
    names += [one.removeprefix(RELATIVE) for one in _named(expanded) if one.startswith(RELATIVE) or ":" not in one]
    if names:
        raise UnknownTerm(f"no context of the credential knows {', '.join(sorted(names))}")


def _named(value: Any) -> list[str]:
    """All ids and types in an expanded document; one that is no address would be left out of what is signed."""
    if isinstance(value, list):
        return [name for one in value for name in _named(one)]
    if not isinstance(value, dict):
        return []
    own = [value["@id"]] if "@id" in value else []
    types = value.get("@type", [])
    own += types if isinstance(types, list) else [types]
    return [*own, *(name for one in value.values() for name in _named(one))]


def _shipped(url: str, _options: Any) -> dict[str, Any]:
    """The document of a context, in the form that pyld asks for."""
    return {"contextUrl": None, "documentUrl": url, "contentType": "application/ld+json", "document": context(url)}


@cache
def context(url: str) -> Any:
    """The context of this address, as shipped. Raises UnknownTerm for one that is not, or that was changed."""
    if url not in CONTEXTS:
        raise UnknownTerm(f"{url} is no context that is shipped")
    name, digest = CONTEXTS[url]
    content = (FOLDER / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise UnknownTerm(f"{FOLDER / name} is not the context that was shipped; install the product anew")
    return json.loads(content)
