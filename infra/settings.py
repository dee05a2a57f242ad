"""All settings come from the environment, are checked once, and have defaults that work on one machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.badges.configured import Signing, read_signing
from infra.files.place import Place, read_place
from infra.given import Given
from infra.identity.configured import Identity, read_identity
from infra.letters.configured import Mail, read_mail
from infra.problems import CannotStart
from infra.seals.configured import Sealing, read_sealing
from infra.webhooks.addresses import Allowed, read_allowed

LOG_LEVELS: Final = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A host and a port of TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings.

    `database_url` and `temporal_address` are None where the embedded server is to be used. Port 0 means any free
    one; `temporal_ui_port` None means no web interface; `metrics` and `otlp`, None: not observed. `webhooks` says where word may be
    carried to beside public addresses. `files` None means the folder `files` of `data`; `clamd` is where a scanner listens, None
    for no scanning. The URLs may hold passwords, so they stay out of `repr`.
    """

    data: Path
    database_url: str | None = field(default=None, repr=False)
    database_admin_url: str | None = field(default=None, repr=False)
    temporal_address: str | None = None
    temporal_namespace: str = "default"
    task_queue: str = "assay"
    temporal_port: int = 7233
    temporal_ui_port: int | None = 8233
    log_level: str = "info"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    api_reads: int = 1_200
    api_commands: int = 300
    metrics: Address | None = None
    otlp: str | None = field(default=None, repr=False)
    identity: Identity = field(default_factory=Identity)
    webhooks: Allowed = field(default_factory=Allowed)
    sealing: Sealing = field(default_factory=Sealing)
    badges: Signing = field(default_factory=Signing)
    files: Place | None = None
    clamd: str | None = None
    mail: Mail = field(default_factory=Mail)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` holds; an empty variable counts as not set.

    Raises CannotStart for a value that can't be used, naming the variable and what it may be.
    """
    return read_settings(Given(environ))


def read_settings(given: Given) -> Settings:
    """The settings that `given` holds, which notes what was asked of it. Raises CannotStart like `load_settings`."""
    api_port = _port(given, "ASSAY_API_PORT", 8080)
    identity, mail = read_identity(given, api_port), read_mail(given)
    settings = Settings(
        data=Path(given.get("ASSAY_DATA", ".assay")).expanduser().absolute(),
        database_url=_database_url(given, "DATABASE_URL"),
        database_admin_url=_database_url(given, "DATABASE_ADMIN_URL"),
        temporal_address=_address(given, "TEMPORAL_ADDRESS"),
        temporal_namespace=given.get("TEMPORAL_NAMESPACE", "default"),
        task_queue=given.get("ASSAY_TASK_QUEUE", "assay"),
        temporal_port=_port(given, "ASSAY_TEMPORAL_PORT", 7233),
        temporal_ui_port=_ui_port(given),
        log_level=_log_level(given),
        api_host=given.get("ASSAY_API_HOST", "127.0.0.1"),
        api_port=api_port,
        api_reads=_count(given, "ASSAY_API_READS", 1_200),
        api_commands=_count(given, "ASSAY_API_COMMANDS", 300),
        metrics=_metrics(given),
        otlp=_otlp(given),
        webhooks=_webhooks(given),
        identity=identity,
        sealing=read_sealing(given, identity.base, mail),
        badges=read_signing(given),
        files=read_place(given),
        clamd=_clamd(given),
        mail=mail,
    )
    if settings.database_admin_url and not settings.database_url:
        raise CannotStart(
            "DATABASE_ADMIN_URL is set without DATABASE_URL; set both, or neither for the embedded server."
        )
    if settings.temporal_port and settings.temporal_port == settings.temporal_ui_port:
        raise CannotStart("ASSAY_TEMPORAL_PORT and ASSAY_TEMPORAL_UI_PORT are the same port; give them different ones.")
    return settings


def _database_url(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name)
    # The value is never shown: it may hold a password.
    if value is not None and not value.startswith(("postgresql://", "postgres://")):
        raise CannotStart(f"{name} is not a PostgreSQL URL; write it as postgresql://user:password@host:5432/database.")
    return value


def _address(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or "/" in host or not _is_port(port):
        raise CannotStart(f"{name} is {value!r}; write it as host:port, for instance localhost:7233.")
    return value


def _clamd(given: Mapping[str, str]) -> str | None:
    value = given.get("ASSAY_CLAMD")
    if value is None or value.startswith("/"):
        return value
    host, _, port = value.rpartition(":")
    if not host or "/" in host or not _is_port(port) or not int(port):
        raise CannotStart(
            f"ASSAY_CLAMD is {value!r}; write it as host:port, or as the path of a socket, for instance /run/clamd.sock."
        )
    return value


def _port(given: Mapping[str, str], name: str, default: int, *, other: str = "") -> int:
    value = given.get(name, str(default))
    if not _is_port(value):
        raise CannotStart(f"{name} is {value!r}; it must be a port number from 0 (any free one) to 65535{other}.")
    return int(value)


def _ui_port(given: Mapping[str, str]) -> int | None:
    if given.get("ASSAY_TEMPORAL_UI_PORT", "8233").lower() == "off":
        return None
    return _port(given, "ASSAY_TEMPORAL_UI_PORT", 8233, other=", or off")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= 65535


def _count(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= 1_000_000):
        raise CannotStart(f"{name} is {value!r}; it must be a number from 1 to 1000000, of requests a minute.")
    return int(value)


def _webhooks(given: Mapping[str, str]) -> Allowed:
    try:
        return read_allowed(given.get("ASSAY_WEBHOOKS_ALLOW", ""))
    except ValueError as error:
        raise CannotStart(
            f"ASSAY_WEBHOOKS_ALLOW has {str(error)!r}; it must be names of hosts, addresses and networks, with commas,"
            " for instance hooks.example.org,10.1.0.0/16."
        ) from None


def _metrics(given: Given) -> Address | None:
    value = given.get("ASSAY_METRICS", "off")
    if value.lower() == "off":
        return None
    host, _, port = value.rpartition(":")
    if not _is_port(port) or not 0 < int(port) <= 65_000 or (":" in value and not host) or "/" in host:
        raise CannotStart(
            f"ASSAY_METRICS is {value!r}; write it as a port of this machine, as host:port (1 to 65000), or off."
        )
    return Address(host=host.strip("[]") or "127.0.0.1", port=int(port))


def _otlp(given: Given) -> str | None:
    value = given.get("ASSAY_OTLP", given.get("OTEL_EXPORTER_OTLP_ENDPOINT", "off"))
    if value.lower() == "off":
        return None
    if not value.startswith(("http://", "https://")):
        # The value is never shown: it may hold a password.
        raise CannotStart("ASSAY_OTLP is no address of a collector; write it as http://127.0.0.1:4318, or off.")
    return str(value)


def _log_level(given: Mapping[str, str]) -> str:
    level = given.get("ASSAY_LOG_LEVEL", "info").lower()
    if level not in LOG_LEVELS:
        raise CannotStart(f"ASSAY_LOG_LEVEL is {level!r}; it must be one of {', '.join(LOG_LEVELS)}.")
    return level
