"""A token is believed if a key of its issuer signed it, for us, in its time, in a way that was chosen here; and no other."""

import base64
import hmac
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from infra.identity.known import NotKnown
from infra.identity.tokens import LONGEST, MOST, Issuer, believe, issuer_of
from tests.infra.identity.provider import Running, new_key

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISSUER = "https://issuer.example"
EC, RSA, OTHER = new_key("ec"), new_key("rsa", "RS256"), new_key("ec")
PROVIDER = Running(ISSUER, [EC, RSA])
KEYS = {"ec": EC, "rsa": RSA}
OURS = Issuer(name=ISSUER, audience="assay", algorithms=("ES256", "RS256"), key=lambda kid, _: KEYS.get(kid or ""))


def why_not(token: str, at: datetime = AT, issuer: Issuer = OURS) -> str:
    with pytest.raises(NotKnown) as caught:
        believe(token, issuer, at)
    return str(caught.value)


def part(of: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(of).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("key", [EC, RSA])
def test_a_token_for_us_is_believed(key: ECKey | RSAKey) -> None:
    believed = believe(PROVIDER.token(AT, key=key, email="x@y.example"), OURS, AT)

    assert (believed.issuer, believed.subject, believed.text("email")) == (ISSUER, "somebody", "x@y.example")
    assert (believed.issued_at, believed.until) == (AT, AT + timedelta(minutes=5))


def test_a_token_for_several_is_believed_if_we_are_one_of_them() -> None:
    assert believe(PROVIDER.token(AT, aud=["other", "assay"]), OURS, AT).subject == "somebody"


NOW = int(AT.timestamp())


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "does not hold here"),
        ({"aud": ["another", "assay2"]}, "does not hold here"),
        ({"aud": []}, "does not hold here"),
        ({"aud": None}, "does not hold here"),
        ({"aud": {"assay": 1}}, "does not hold here"),
        ({"iss": "https://issuer.example/"}, "of another issuer"),
        ({"iss": None}, "names no issuer"),
        ({"iss": [ISSUER]}, "names no issuer"),
        ({"sub": None}, "does not hold here"),
        ({"sub": ""}, "does not hold here"),
        ({"sub": 7}, "does not hold here"),
        ({"sub": "s" * 256}, "subject is too long"),
        ({"sub": "a\x00b"}, "no text"),
        ({"exp": None}, "does not hold here"),
        ({"exp": NOW - 30}, "has expired"),
        ({"exp": "tomorrow"}, "does not hold here"),
        ({"exp": True}, "does not hold here"),
        ({"exp": math.nan}, "no signed token"),
        ({"exp": math.inf}, "no signed token"),
        ({"exp": 10**400}, "good for too long"),
        ({"exp": NOW + LONGEST + 31, "iat": NOW + 30}, "good for too long"),
        ({"iat": NOW - LONGEST, "exp": NOW + 1}, "good for too long"),
        ({"iat": None}, "does not hold here"),
        ({"iat": NOW + 31}, "does not hold here"),
        ({"nbf": NOW + 31}, "does not hold here"),
    ],
)
def test_a_token_that_is_not_for_us_or_not_for_now_is_not_believed(claims: dict[str, Any], why: str) -> None:
    assert why in why_not(PROVIDER.token(AT, **claims))


def test_clocks_may_differ_by_half_a_minute() -> None:
    assert believe(PROVIDER.token(AT, exp=NOW - 29), OURS, AT)
    assert believe(PROVIDER.token(AT, iat=NOW + 30, nbf=NOW + 30), OURS, AT)


def test_a_token_that_nobody_signed_is_not_believed() -> None:
    signed = PROVIDER.token(AT)
    claims = signed.split(".")[1]
    for name in ("none", "None", "NONE", ""):
        header = part({"alg": name, "kid": "ec"})
        assert "not accepted" in why_not(f"{header}.{claims}.")
        assert "not accepted" in why_not(f"{header}.{claims}.{signed.split('.')[2]}")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(algorithm: str) -> None:
    """As who has our public key would sign, hoping that we take it for a secret."""
    signed = f"{part({'alg': algorithm, 'kid': 'rsa'})}.{PROVIDER.token(AT).split('.')[1]}"
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode(), b""):
        proof = hmac.digest(secret, signed.encode(), f"sha{algorithm[2:]}")
        forged = f"{signed}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}"
        assert "not accepted" in why_not(forged)


def test_a_key_signs_only_in_the_way_that_it_is_meant_for() -> None:
    pinned = RSAKey.import_key(RSA.as_dict(private=True) | {"alg": "PS256", "kid": "rsa"})
    token = PROVIDER.token(AT, key=pinned)
    accepts_both = Issuer(name=ISSUER, audience="assay", algorithms=("RS256", "PS256"), key=OURS.key)

    assert "not accepted" in why_not(token)
    assert "for something else" in why_not(token, issuer=accepts_both)


def test_a_key_that_encrypts_does_not_sign() -> None:
    encrypts = ECKey.import_key(EC.as_dict(private=False) | {"use": "enc"})
    issuer = Issuer(name=ISSUER, audience="assay", algorithms=("ES256",), key=lambda *_: encrypts)

    assert "for something else" in why_not(PROVIDER.token(AT), issuer=issuer)


def test_a_key_of_another_kind_than_the_token_says_is_not_used() -> None:
    assert why_not(PROVIDER.token(AT, header={"kid": "rsa"}))
    crossed = Issuer(name=ISSUER, audience="assay", algorithms=("ES256",), key=lambda *_: RSA)
    assert why_not(PROVIDER.token(AT), issuer=crossed)


def test_a_key_that_the_token_brings_itself_is_not_used() -> None:
    brought = {"jwk": OTHER.as_dict(private=False)}
    token = PROVIDER.token(AT, key=OTHER, header=brought)

    assert "signature is not right" in why_not(token)


@pytest.mark.parametrize("header", [{"crit": ["b64"], "b64": True}, {"b64": False}, {"typ": "logout+jwt"}, {"kid": 3}])
def test_a_token_of_another_kind_or_with_what_we_do_not_understand_is_not_believed(header: dict[str, Any]) -> None:
    signed = PROVIDER.token(AT).split(".")
    told = part({"alg": "ES256", "kid": "ec"} | header)

    assert why_not(f"{told}.{signed[1]}.{signed[2]}")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "a.b.c", "é.é.é", "e30.e30.", "a" * (MOST + 1), "\ud800.a.b"])
def test_what_is_no_token_is_said_to_be_none(token: str) -> None:
    with pytest.raises(NotKnown):
        issuer_of(token)


def test_a_token_has_an_end() -> None:
    assert why_not(PROVIDER.token(AT, more="m" * MOST)) == "the token is too long"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_token_in_which_one_letter_was_changed_is_not_believed(data: st.DataObject) -> None:
    token = TOKEN
    where = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="))
    changed = token[:where] + letter + token[where + 1 :]
    if decoded(changed) != decoded(token):
        assert why_not(changed)


TOKEN = PROVIDER.token(AT)


def decoded(token: str) -> list[bytes] | str:
    """The parts of a token; the last letter of one may have bits that mean nothing."""
    try:
        return [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in token.split(".")]
    except ValueError:
        return token


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=5), of, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), JSON, max_size=7))
def test_whatever_a_signed_token_claims_it_is_believed_or_refused(claims: dict[str, Any]) -> None:
    """Nothing else comes of it, such as an error of ours; and no odd value passes for one of ours."""
    token = PROVIDER.token(AT, **claims)
    try:
        believed = believe(token, OURS, AT)
    except NotKnown:
        return
    assert isinstance(believed.subject, str)
    assert AT - timedelta(seconds=30) < believed.until <= AT + timedelta(seconds=LONGEST + 30)


@settings(max_examples=100, deadline=None)
@given(JSON, JSON)
def test_whatever_a_header_says_it_is_refused(header: Any, payload: Any) -> None:
    assert why_not(f"{part(header)}.{part(payload)}.AAAA")


def test_why_a_token_is_not_believed_names_nobody() -> None:
    for claims in ({"aud": "another"}, {"exp": NOW - 100}, {"sub": "a-secret-name", "nbf": NOW + 900}):
        assert "a-secret-name" not in why_not(PROVIDER.token(AT, **({"sub": "a-secret-name"} | claims)))


def test_the_library_that_signs_here_is_not_the_one_that_decides() -> None:
    """A token that the library itself would take, by whatever way it knows, passes only by one of ours."""
    token = PROVIDER.token(AT)
    assert jwt.decode(token, EC).claims["sub"] == "somebody"
    none = Issuer(name=ISSUER, audience="assay", algorithms=(), key=OURS.key)
    assert "not accepted" in why_not(token, issuer=none)
