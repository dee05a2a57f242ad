"""Keys of a provider elsewhere are asked for within bounds, kept for an outage, and asked for again when a new one signs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import OctKey, RSAKey

from infra.identity.known import NotKnown
from infra.identity.provider import FRESH, KEPT, MOST, PAUSE, Provider
from infra.identity.tokens import Issuer, believe
from tests.domain.given import refused
from tests.infra.identity.provider import Running, new_key, running

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def elsewhere() -> Iterator[Running]:
    with running(new_key("first")) as provider:
        yield provider


@pytest.fixture
def provider(elsewhere: Running) -> Provider:
    return Provider(elsewhere.issuer)


def issuer(provider: Provider) -> Issuer:
    return Issuer(name=provider.issuer, audience="assay", algorithms=("ES256", "RS256"), key=provider.key)


def test_a_token_of_the_provider_is_believed_by_the_keys_that_it_shows(elsewhere: Running, provider: Provider) -> None:
    assert believe(elsewhere.token(AT), issuer(provider), AT).subject == "somebody"
    assert elsewhere.asked == ["/.well-known/openid-configuration", "/jwks"]


def test_keys_are_kept_for_a_while_and_then_asked_for_anew(elsewhere: Running, provider: Provider) -> None:
    for minutes in (0, 1, 9):
        provider.key("first", AT + timedelta(minutes=minutes))
    assert len(elsewhere.asked) == 2

    provider.key("first", AT + FRESH)
    assert len(elsewhere.asked) == 4


def test_a_key_that_is_gone_at_the_provider_is_gone_here_when_asked_anew(
    elsewhere: Running, provider: Provider
) -> None:
    assert provider.key("first", AT)
    elsewhere.keys = [new_key("second")]

    assert provider.key("first", AT + FRESH) is None


def test_a_key_that_is_new_at_the_provider_is_asked_for_at_once(elsewhere: Running, provider: Provider) -> None:
    believe(elsewhere.token(AT), issuer(provider), AT)
    elsewhere.keys.insert(0, new_key("second"))
    later = AT + PAUSE

    assert believe(elsewhere.token(later), issuer(provider), later)
    assert len(elsewhere.asked) == 4


def test_tokens_of_unknown_keys_make_nobody_ask_more_often(elsewhere: Running, provider: Provider) -> None:
    """As somebody would send who wants us to flood the provider."""
    forger = new_key("forged")
    for number in range(200):
        later = AT + timedelta(milliseconds=number * 300)
        with pytest.raises(NotKnown, match="does not have"):
            believe(elsewhere.token(later, key=forger, header={"kid": f"kid {number}"}), issuer(provider), later)

    assert len(elsewhere.asked) <= 2 * (1 + 60 // PAUSE.seconds)


def test_while_the_provider_is_down_its_kept_keys_do(elsewhere: Running, provider: Provider) -> None:
    believe(elsewhere.token(AT), issuer(provider), AT)
    elsewhere.down = True

    later = AT + KEPT - timedelta(seconds=1)
    assert believe(elsewhere.token(later), issuer(provider), later)
    with refused("identity-out-of-reach"):
        provider.key("first", AT + KEPT)


def test_a_provider_that_was_never_reached_is_said_to_be_out_of_reach_and_not_asked_each_time(
    elsewhere: Running, provider: Provider
) -> None:
    elsewhere.down = True
    for seconds in (0, 1, 29):
        with refused("identity-out-of-reach"):
            believe(elsewhere.token(AT), issuer(provider), AT + timedelta(seconds=seconds))
    assert len(elsewhere.asked) == 1

    elsewhere.down = False
    assert believe(elsewhere.token(AT), issuer(provider), AT + PAUSE)


def test_where_nobody_listens_is_out_of_reach() -> None:
    with running(new_key("first")) as gone:
        pass
    with refused("identity-out-of-reach"):
        Provider(gone.issuer).key("first", AT)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("openid-configuration", b"{}"),
        ("openid-configuration", b"[]"),
        ("openid-configuration", b"not json"),
        ("openid-configuration", b'{"issuer": "https://another.example", "jwks_uri": "https://another.example/jwks"}'),
        ("openid-configuration", b" " * (MOST + 1)),
        ("jwks", b"{}"),
        ("jwks", b'{"keys": []}'),
        ("jwks", b'{"keys": {"kty": "RSA"}}'),
        ("jwks", b'{"keys": [null, 3, {"kty": "RSA", "n": "x"}]}'),
        ("jwks", b'{"keys": [{"kty": "oct", "k": "hpJdsxaksXQ4Fvh4U4jg8umFiEGSV_jiXRCIsJPUChc"}]}'),
        ("jwks", b'{"keys": [' + b" " * MOST + b"]}"),
    ],
)
def test_a_provider_that_says_what_it_must_not_is_as_one_out_of_reach(
    elsewhere: Running, provider: Provider, which: str, said: bytes
) -> None:
    elsewhere.said[which] = said

    with refused("identity-out-of-reach"):
        provider.key("first", AT)


@pytest.mark.parametrize(
    "address", ["http://issuer.example/jwks", "file:///etc/passwd", "https://u:p@issuer.example/jwks", 7]
)
def test_keys_are_asked_for_only_where_nobody_can_come_between(
    elsewhere: Running, provider: Provider, address: object
) -> None:
    said = {"issuer": elsewhere.issuer, "jwks_uri": address}
    elsewhere.said["openid-configuration"] = json.dumps(said).encode()

    with refused("identity-out-of-reach"):
        provider.key("first", AT)


def test_shared_secrets_and_short_keys_are_left_out_and_a_private_half_is_not_taken_over(
    elsewhere: Running, provider: Provider
) -> None:
    good = new_key("first")
    short = RSAKey.generate_key(1024, {"kid": "short", "alg": "RS256"})
    shared = OctKey.generate_key(256, {"kid": "shared"})
    shown = [shared.as_dict(), short.as_dict(private=False), good.as_dict(private=True)]
    elsewhere.said["jwks"] = json.dumps({"keys": shown}).encode()

    assert provider.key("shared", AT) is None
    assert provider.key("short", AT) is None
    found = provider.key("first", AT)
    assert found is not None
    assert not found.is_private


def test_a_token_that_names_no_key_is_held_against_the_only_one_there_is(
    elsewhere: Running, provider: Provider
) -> None:
    assert provider.key(None, AT) is not None
    elsewhere.keys.append(new_key("second"))
    assert provider.key(None, AT + FRESH) is None
