"""How the record is sealed, as the environment says: by which key, how often, and where checkpoints go that its keeper can't change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from infra.identity.configured import is_fit
from infra.letters.configured import ADDRESS, Mail
from infra.problems import CannotStart
from infra.seals.note import Signer

HOUR: Final = 3600
LONGEST: Final = 7 * 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """How the record is sealed.

    `key` signs, where one is set; otherwise one is made under the data folder. `origin` is the log's name, for a key that is made; `named`: somebody chose it. `file` is a
    folder that gets a file for each checkpoint, or a file to which each is added; `url` gets each by POST, `mail_to` by the letters' `mail`; `authority` is
    a time stamping authority (RFC 3161), whose certificate leads to one of those in the file `roots`.
    """

    key: Signer | None = field(default=None, repr=False)
    origin: str = "localhost/record"
    named: bool = False
    every: timedelta = timedelta(seconds=HOUR)
    file: Path | None = None
    url: str | None = None
    mail_to: str | None = None
    mail: Mail = field(default_factory=Mail)
    authority: str | None = None
    roots: Path | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """Where each checkpoint is to be published, by name."""
        named = {"file": self.file, "url": self.url, "mail": self.mail_to, "time-stamp": self.authority}
        return tuple(name for name, where in named.items() if where)


def read_sealing(given: Mapping[str, str], base: str, mail: Mail) -> Sealing:
    """Read the variables, where browsers reach this installation at `base` and letters leave by `mail`. Raises CannotStart for what can't be used."""
    key = _key(given)
    origin = given.get("ASSAY_SEAL_ORIGIN") or f"{urlsplit(base).netloc or 'localhost'}/record"
    if not origin.isprintable() or "+" in origin or " " in origin or len(origin) > 200:
        raise CannotStart(
            f"ASSAY_SEAL_ORIGIN is {origin!r}; write a name such as assay.example.org/record, without white space or plus."
        )
    authority, roots = _address(given, "ASSAY_SEAL_TSA"), given.get("ASSAY_SEAL_TSA_ROOTS")
    if bool(authority) != bool(roots):
        raise CannotStart(
            "ASSAY_SEAL_TSA, a time stamping authority's address, and ASSAY_SEAL_TSA_ROOTS, a file with the certificates"
            " that it is trusted by (PEM), belong together; set both, or neither."
        )
    return Sealing(
        key=key,
        origin=key.verifier.name if key and "ASSAY_SEAL_ORIGIN" not in given else origin,
        named="ASSAY_SEAL_ORIGIN" in given,
        every=timedelta(seconds=_seconds(given)),
        file=Path(given["ASSAY_SEAL_FILE"]).expanduser().absolute() if "ASSAY_SEAL_FILE" in given else None,
        url=_address(given, "ASSAY_SEAL_URL"),
        mail_to=_mail_to(given, mail),
        mail=mail,
        authority=authority,
        roots=Path(roots).expanduser().absolute() if roots else None,
    )


def _key(given: Mapping[str, str]) -> Signer | None:
    if "ASSAY_SEAL_KEY" in given and "ASSAY_SEAL_KEY_FILE" in given:
        raise CannotStart("ASSAY_SEAL_KEY and ASSAY_SEAL_KEY_FILE are both set; set one of them, or neither.")
    name = "ASSAY_SEAL_KEY" if "ASSAY_SEAL_KEY" in given else "ASSAY_SEAL_KEY_FILE"
    if name not in given:
        return None
    try:
        text = given[name] if name == "ASSAY_SEAL_KEY" else Path(given[name]).expanduser().read_text(encoding="utf-8")
        return Signer.read(text)
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem  # the value is never shown
        raise CannotStart(f"{name} holds no key ({why}); `assay seal --print-new-key` makes one.") from None


def _mail_to(given: Mapping[str, str], mail: Mail) -> str | None:
    value = given.get("ASSAY_SEAL_MAIL")
    if value is not None and not ADDRESS.fullmatch(value):
        raise CannotStart(f"ASSAY_SEAL_MAIL is {value!r}; write an e-mail address such as board@example.org.")
    if value is not None and mail.server is None:
        raise CannotStart("ASSAY_SEAL_MAIL is set without ASSAY_SMTP_URL; set the server that letters leave by, too.")
    return value


def _address(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not is_fit(value):
        raise CannotStart(f"{name} is {value!r}; write it as https://…; http only for this machine itself.")
    return value


def _seconds(given: Mapping[str, str]) -> int:
    value = given.get("ASSAY_SEAL_EVERY", str(HOUR))
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= LONGEST):
        raise CannotStart(f"ASSAY_SEAL_EVERY is {value!r}; it must be a number of seconds from 1 to {LONGEST}.")
    return int(value)
