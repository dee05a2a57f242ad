"""Where people sign in, as the environment says: at our own issuer, which only this machine reaches, or at a provider elsewhere."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from infra.problems import CannotStart

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
)  # fmt: skip
"""What may sign a token: with a key of which the public half proves nothing. Never a shared secret, never nothing."""
_CLIENT: Final = re.compile(r"[A-Za-z0-9._-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An OpenID Connect provider elsewhere: who may sign, for whom its tokens are, and as which client our pages ask it.

    `audience` is what an API token has to be for; `link_by_email`: who signs in first is taken for the one person on
    record with that address, where the provider says that it verified it.
    """

    issuer: str
    audience: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    link_by_email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How people sign in.

    `base` is the address under which browsers reach this installation; empty where that is known only when it listens. `local`: our own issuer works, under
    `{base}/identity`; `public`: it may be reached from elsewhere. `clients` are the programs that may ask it for tokens,
    each with the exact addresses that it may be sent back to.
    """

    base: str = "http://127.0.0.1:8080"
    local: bool = True
    public: bool = False
    elsewhere: Elsewhere | None = None
    clients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """The name of our own issuer."""
        return f"{self.base}/identity"

    @property
    def audience(self) -> str:
        """For whom the tokens of our own issuer are."""
        return f"{self.base}/api"

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies can be bound to that."""
        return self.base.startswith("https://")

    def at(self, port: int) -> "Identity":
        """The same where it listens on `port` of this machine, if no address was given."""
        return self if self.base else replace(self, base=f"http://127.0.0.1:{port}")


def read_identity(given: Mapping[str, str], port: int) -> Identity:
    """Read the variables, where the API listens on `port` (0: any). Raises CannotStart for what can't be used."""
    elsewhere = _elsewhere(given)
    return Identity(
        base=_address(given, "ASSAY_BASE_URL", "", path=False) or (f"http://127.0.0.1:{port}" if port else ""),
        local=_yes(given, "ASSAY_ISSUER_LOCAL", elsewhere is None),
        public=_yes(given, "ASSAY_ISSUER_PUBLIC", False),
        elsewhere=elsewhere,
        clients=_clients(given),
    )


def require_private(identity: Identity, host: str) -> None:
    """Refuse to let others than this machine reach our own issuer by listening on `host`, unless that is wanted, by https.

    Call it before listening.
    """
    if not identity.local:
        return
    reached = [host, *([urlsplit(identity.base).hostname or ""] if identity.base else [])]
    outward = [one for one in reached if not is_loopback(one)]
    if outward and not identity.public:
        raise CannotStart(
            f"The embedded sign-in would be reachable at {outward[0] or 'all addresses'}; listen on 127.0.0.1, set"
            " ASSAY_OIDC_ISSUER to sign in at a provider, or set ASSAY_ISSUER_PUBLIC=yes with an ASSAY_BASE_URL of https."
        )
    if outward and not identity.secure:
        raise CannotStart(
            f"ASSAY_ISSUER_PUBLIC=yes needs an ASSAY_BASE_URL that begins with https://, not {identity.base}."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_fit(url: str) -> bool:
    """Whether what is said under an address can be trusted: https, or this machine itself; without user or fragment."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and not parts.fragment and parts.port != 0
    except ValueError:
        return False
    plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    return named and (parts.scheme == "https" or plain) and url.isascii() and url.isprintable() and " " not in url


def _elsewhere(given: Mapping[str, str]) -> Elsewhere | None:
    if "ASSAY_OIDC_ISSUER" not in given:
        stray = sorted(name for name in given if name.startswith("ASSAY_OIDC_"))
        if stray:
            raise CannotStart(
                f"{stray[0]} is set without ASSAY_OIDC_ISSUER; set both, or neither for the embedded sign-in."
            )
        return None
    if "ASSAY_OIDC_AUDIENCE" not in given:
        raise CannotStart(
            "ASSAY_OIDC_ISSUER needs ASSAY_OIDC_AUDIENCE: the audience that the provider puts into tokens for us."
        )
    if "ASSAY_OIDC_CLIENT_ID" not in given:
        raise CannotStart("ASSAY_OIDC_ISSUER needs ASSAY_OIDC_CLIENT_ID: what the provider calls our pages.")
    algorithms = tuple(given.get("ASSAY_OIDC_ALGORITHMS", "RS256,ES256").replace(",", " ").split())
    if wrong := [one for one in algorithms if one not in ALGORITHMS]:
        raise CannotStart(f"ASSAY_OIDC_ALGORITHMS names {wrong[0]!r}; it may name {', '.join(ALGORITHMS)}.")
    return Elsewhere(
        issuer=_address(given, "ASSAY_OIDC_ISSUER", "", path=True),
        audience=given["ASSAY_OIDC_AUDIENCE"],
        client_id=given["ASSAY_OIDC_CLIENT_ID"],
        client_secret=given.get("ASSAY_OIDC_CLIENT_SECRET", ""),
        algorithms=algorithms,
        link_by_email=_yes(given, "ASSAY_OIDC_LINK_BY_EMAIL", False),
    )


def _address(given: Mapping[str, str], name: str, default: str, *, path: bool) -> str:
    if name not in given:
        return default
    value = given[name]
    if not is_fit(value) or urlsplit(value).query or (not path and urlsplit(value).path not in ("", "/")):
        example = "https://login.example.org/realm" if path else "https://assay.example.org"
        raise CannotStart(f"{name} is {value!r}; write it as {example}; http only for this machine itself.")
    return value if path else value.rstrip("/")


def _clients(given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given.get("ASSAY_ISSUER_CLIENTS", "").replace(",", " ").split():
        name, _, address = one.partition("=")
        if not _CLIENT.fullmatch(name) or not is_fit(address):
            raise CannotStart(
                f"ASSAY_ISSUER_CLIENTS names {one!r}; write name=https://…/callback, several with a comma between them."
            )
        found[name] = (*found.get(name, ()), address)
    return found


def _yes(given: Mapping[str, str], name: str, default: bool) -> bool:
    value = given.get(name, "yes" if default else "no").lower()
    if value not in ("yes", "no"):
        raise CannotStart(f"{name} is {value!r}; it must be yes or no.")
    return value == "yes"
