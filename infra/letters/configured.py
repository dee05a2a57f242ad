"""How letters leave, as the environment says: by an SMTP server, or as files in the data folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from infra.problems import CannotStart

SCHEMES: Final = {"smtp": 25, "starttls": 587, "smtps": 465}
"""How the server is spoken to, each with its usual port: in the clear, secured once connected, secured from the start."""
ADDRESS: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")
"""What passes for an address; whether it takes letters, only sending tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An SMTP server. `security` is one of SCHEMES; a user without a password is none."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How letters leave.

    Without a `server` they are written to files. `sender` is whom they come from, `office` where letters to a role go, but for
    `roles`, which have an address of their own. At most `rate` letters a minute, over `connections` at a time; who does not
    answer within `timeout` seconds is given up for now. A letter is tried `tries` times, the second `pause` seconds after the
    first, and then after longer and longer. Notices of what came back are read from the maildir `bounces`.
    """

    server: Server | None = None
    sender: str = "assay@assay.invalid"
    office: str = "office@assay.invalid"
    roles: Mapping[str, str] = field(default_factory=dict)
    rate: int = 1_000
    connections: int = 2
    timeout: float = 30.0
    tries: int = 10
    pause: float = 60.0
    bounces: Path | None = None

    @property
    def domain(self) -> str:
        """The domain that letters come from, which their Message-IDs are of."""
        return self.sender.rpartition("@")[2]

    def address_of(self, role: str) -> str:
        """Where letters to a role go."""
        return self.roles.get(role, self.office)


def read_mail(given: Mapping[str, str]) -> Mail:
    """Read the variables. Raises CannotStart for what can't be used, saying what may stand there; never shows a password."""
    usual, server = Mail(), _server(given.get("ASSAY_SMTP_URL"))
    if server and "ASSAY_MAIL_FROM" not in given:
        raise CannotStart(
            "ASSAY_SMTP_URL is set without ASSAY_MAIL_FROM; set it to the address that letters come from."
        )
    sender = _address(given, "ASSAY_MAIL_FROM", usual.sender)
    bounces = given.get("ASSAY_BOUNCES")
    return Mail(
        server=server,
        sender=sender,
        office=_address(given, "ASSAY_MAIL_OFFICE", sender if server else usual.office),
        roles=_roles(given.get("ASSAY_MAIL_ROLES", "")),
        rate=int(_number(given, "ASSAY_MAIL_RATE", usual.rate, most=100_000, whole=True)),
        connections=int(_number(given, "ASSAY_MAIL_CONNECTIONS", usual.connections, most=50, whole=True)),
        timeout=_number(given, "ASSAY_MAIL_TIMEOUT", usual.timeout, most=600),
        tries=int(_number(given, "ASSAY_MAIL_TRIES", usual.tries, most=100, whole=True)),
        pause=_number(given, "ASSAY_MAIL_PAUSE", usual.pause, most=86_400),
        bounces=Path(bounces).expanduser().absolute() if bounces else None,
    )


def _server(url: str | None) -> Server | None:
    if url is None:
        return None
    allowed = (
        "write it as smtp://, starttls:// or smtps:// user:password@host:port, e.g. starttls://assay:…@mail.example:587"
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotStart(f"ASSAY_SMTP_URL is no address; {allowed}.") from None
    if parts.scheme not in SCHEMES or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise CannotStart(f"ASSAY_SMTP_URL names no mail server; {allowed}.")
    if bool(parts.username) != bool(parts.password):
        raise CannotStart("ASSAY_SMTP_URL has a user without a password, or a password without a user; give both.")
    return Server(
        host=parts.hostname,
        port=port or SCHEMES[parts.scheme],
        security=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _address(given: Mapping[str, str], name: str, default: str) -> str:
    value = given.get(name, default)
    if not ADDRESS.fullmatch(value):
        raise CannotStart(f"{name} is {value!r}; it must be an address such as office@body.example.")
    return value


def _roles(said: str) -> dict[str, str]:
    found = {}
    for one in filter(None, (part.strip() for part in said.split(","))):
        role, _, address = one.partition("=")
        if not role or not ADDRESS.fullmatch(address):
            raise CannotStart(
                f"ASSAY_MAIL_ROLES has {one!r}; it must be role=address, e.g. board=board@body.example, several with commas."
            )
        found[role] = address
    return found


def _number(given: Mapping[str, str], name: str, default: float, *, most: int, whole: bool = False) -> float:
    said = given.get(name, str(default))
    form = r"[0-9]{1,6}" if whole else r"[0-9]{1,6}(\.[0-9]{1,3})?"
    if not re.fullmatch(form, said) or not 0 < float(said) <= most:
        raise CannotStart(
            f"{name} is {said!r}; it must be a {'whole ' if whole else ''}number above 0, at most {most}."
        )
    return float(said)
