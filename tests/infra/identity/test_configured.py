"""What the environment says about signing in is checked once, and our own issuer is not reached from elsewhere by accident."""

import pytest

from infra.identity.configured import Identity, require_private
from infra.problems import CannotStart
from infra.settings import load_settings

PROVIDER = {"ASSAY_OIDC_ISSUER": "https://login.example/realm", "ASSAY_OIDC_AUDIENCE": "assay"} | {
    "ASSAY_OIDC_CLIENT_ID": "pages"
}


def test_without_any_variable_people_sign_in_on_this_machine() -> None:
    identity = load_settings({}).identity

    assert (identity.base, identity.local, identity.public, identity.elsewhere) == (
        "http://127.0.0.1:8080", True, False, None,
    )  # fmt: skip
    assert load_settings({"ASSAY_API_PORT": "9000"}).identity.base == "http://127.0.0.1:9000"
    assert load_settings({"ASSAY_API_PORT": "0"}).identity.at(7777).base == "http://127.0.0.1:7777"


def test_with_a_provider_people_sign_in_there_and_not_here_unless_that_is_said() -> None:
    identity = load_settings(PROVIDER | {"ASSAY_OIDC_CLIENT_SECRET": "hush"}).identity

    assert identity.elsewhere
    assert (identity.local, identity.elsewhere.link_by_email) == (False, False)
    assert identity.elsewhere.algorithms == ("RS256", "ES256")
    assert "hush" not in repr(identity)
    assert load_settings(PROVIDER | {"ASSAY_ISSUER_LOCAL": "yes"}).identity.local


def test_programs_are_named_with_the_addresses_that_they_may_be_sent_back_to() -> None:
    said = "cli=http://127.0.0.1:7000/back, site=https://a.example/b,site=https://a.example/c"
    assert load_settings({"ASSAY_ISSUER_CLIENTS": said}).identity.clients == {
        "cli": ("http://127.0.0.1:7000/back",),
        "site": ("https://a.example/b", "https://a.example/c"),
    }


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"ASSAY_OIDC_AUDIENCE": "assay"}, "ASSAY_OIDC_AUDIENCE is set without ASSAY_OIDC_ISSUER"),
        ({"ASSAY_OIDC_ISSUER": "https://login.example"}, "needs ASSAY_OIDC_AUDIENCE"),
        (PROVIDER | {"ASSAY_OIDC_CLIENT_ID": ""}, "needs ASSAY_OIDC_CLIENT_ID"),
        (PROVIDER | {"ASSAY_OIDC_ISSUER": "http://login.example"}, "http only for this machine"),
        (PROVIDER | {"ASSAY_OIDC_ISSUER": "login.example"}, "ASSAY_OIDC_ISSUER is 'login.example'"),
        (PROVIDER | {"ASSAY_OIDC_ISSUER": "https://login.example/?a=b"}, "ASSAY_OIDC_ISSUER is"),
        (PROVIDER | {"ASSAY_OIDC_ALGORITHMS": "RS256,HS256"}, "names 'HS256'"),
        (PROVIDER | {"ASSAY_OIDC_ALGORITHMS": "none"}, "names 'none'"),
        (PROVIDER | {"ASSAY_OIDC_LINK_BY_EMAIL": "maybe"}, "must be yes or no"),
        ({"ASSAY_BASE_URL": "https://assay.example/path"}, "ASSAY_BASE_URL is"),
        ({"ASSAY_BASE_URL": "http://assay.example"}, "http only for this machine"),
        ({"ASSAY_ISSUER_PUBLIC": "1"}, "must be yes or no"),
        ({"ASSAY_ISSUER_CLIENTS": "cli"}, "write name=https"),
        ({"ASSAY_ISSUER_CLIENTS": "cli=http://elsewhere.example/"}, "write name=https"),
        ({"ASSAY_ISSUER_CLIENTS": "cli=javascript:alert(1)"}, "write name=https"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(CannotStart, match=sentence.replace("(", r"\(")) as refusal:
        load_settings(environ)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "assay.example", "", "localhost.example"])
def test_our_own_issuer_is_not_reached_from_elsewhere_unless_that_is_said(host: str) -> None:
    with pytest.raises(CannotStart, match="would be reachable"):
        require_private(Identity(), host)
    with pytest.raises(CannotStart, match="https://"):
        require_private(Identity(public=True), host)

    require_private(Identity(public=True, base="https://assay.example"), host)
    require_private(Identity(local=False), host)


def test_an_address_that_others_know_is_elsewhere_also_behind_a_proxy_on_this_machine() -> None:
    with pytest.raises(CannotStart, match=r"assay\.example"):
        require_private(Identity(base="https://assay.example"), "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_itself_needs_no_setting(host: str) -> None:
    require_private(Identity(), host)
    require_private(Identity(base=""), host)
