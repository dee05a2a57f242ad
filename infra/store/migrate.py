"""The database is brought to this version's schema before anything uses it: forward only, and only its own.

`yoyo` applies the files of `migrations/`; it is imported only when there is one to apply. Two roles come first, since
they belong to the whole server: `assay_owner`, which owns the record and can't log in, and `assay_app`, as which the
product runs. All databases of a server share them, and so the password of `assay_app`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import DuplicateObject, InsufficientPrivilege, UniqueViolation
from psycopg.sql import SQL, Composed, Identifier, Literal

from infra.problems import CannotStart

APP_ROLE: Final = "assay_app"
OWNER_ROLE: Final = "assay_owner"

_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x4153534159  # "ASSAY": the advisory lock under which one process at a time migrates

_CAN_ACT_AS: Final = """
SELECT pg_has_role(%s, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
"""


def migrate(admin_url: str, app_password: str) -> str:
    """Apply every migration that the database lacks; return the URL under which `assay_app` reaches it.

    `admin_url` is a libpq URL or connection string of a role that may create roles and schemas. Safe to repeat, and to
    run twice at once. Raises CannotStart when the database can't be used, or when a newer version made it.
    """
    app_url = _url(conninfo_to_dict(admin_url) | {"user": APP_ROLE, "password": app_password})
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            if _lacks_any(connection):
                with _alone(connection):
                    _make_roles(connection, app_password)
                    _apply(connection, admin_url)
            _let_in(connection, app_url, app_password)
    except (psycopg.OperationalError, InsufficientPrivilege) as error:
        raise _cannot_use(error) from error
    return app_url


def make_roles(admin_url: str, app_password: str) -> None:
    """Create the two roles if the server lacks them, for a database that is going to be restored there."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _make_roles(connection, app_password)


def check_schema(app_url: str) -> None:
    """Make sure that somebody has applied all migrations of this version. Raises CannotStart when not."""
    try:
        with psycopg.connect(app_url, autocommit=True) as connection:
            lacking = _lacks_any(connection)
    except (psycopg.OperationalError, InsufficientPrivilege) as error:
        raise _cannot_use(error) from error
    if lacking:
        raise CannotStart(
            "The database is not prepared for this version of Assay; set DATABASE_ADMIN_URL to have it so."
        )


def known_migrations() -> set[str]:
    """The names of all migrations of this version."""
    return {path.stem for path in _FOLDER.glob("*.sql")}


def _cannot_use(error: psycopg.Error) -> CannotStart:
    reason = error.diag.message_primary or str(error).splitlines()[0]
    return CannotStart(f"The database can't be used: {reason}.")


def _lacks_any(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a migration is still to be applied. Raises CannotStart when one was that is unknown here."""
    ours = known_migrations()
    if connection.execute("SELECT to_regclass('migrations._yoyo_migration')").fetchone() == (None,):
        return True
    applied = {name for (name,) in connection.execute("SELECT migration_id FROM migrations._yoyo_migration")}
    if newer := applied - ours:
        raise CannotStart(
            f"The database was made by a newer version of Assay (migration {max(newer)} is unknown to this one);"
            " start that version, or restore a backup from before it."
        )
    return ours != applied


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Let one process at a time migrate; the lock ends with its connection, so that a killed process leaves none."""
    connection.execute("SET lock_timeout = '60s'")
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _make_roles(connection: psycopg.Connection[Any], app_password: str) -> None:
    """Create the roles that don't exist yet, and be able to act as them, which a superuser always is."""
    for role, rights in ((OWNER_ROLE, SQL("NOLOGIN")), (APP_ROLE, _login(connection, app_password))):
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchall():
            with suppress(DuplicateObject, UniqueViolation):  # another database of the server creates it right now
                connection.execute(SQL("CREATE ROLE {} {}").format(Identifier(role), rights))
        if connection.execute(_CAN_ACT_AS, [role]).fetchone() != (True,):
            connection.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(role)))


def _apply(connection: psycopg.Connection[Any], admin_url: str) -> None:
    from yoyo import get_backend, read_migrations

    connection.execute("CREATE SCHEMA IF NOT EXISTS migrations")
    url = _url(conninfo_to_dict(admin_url) | {"schema": "migrations"}, "postgresql+psycopg")
    with get_backend(url) as backend:
        backend.break_lock()  # its own lock outlives a killed process; ours is what keeps others out
        backend.apply_migrations(backend.to_apply(read_migrations(str(_FOLDER))))
    connection.execute(SQL("GRANT USAGE ON SCHEMA migrations TO {}").format(Identifier(APP_ROLE)))
    connection.execute(SQL("GRANT SELECT ON migrations._yoyo_migration TO {}").format(Identifier(APP_ROLE)))


def _let_in(connection: psycopg.Connection[Any], app_url: str, app_password: str) -> None:
    """Make sure that `assay_app` gets in by this password, setting it if it was another one."""
    try:
        psycopg.connect(app_url).close()
    except psycopg.OperationalError:
        login = _login(connection, app_password)
        connection.execute(SQL("ALTER ROLE {} {}").format(Identifier(APP_ROLE), login))
        psycopg.connect(app_url).close()


def _login(connection: psycopg.Connection[Any], password: str) -> Composed:
    """Return the attributes of a role that logs in, with what verifies the password, not the password, for the log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), APP_ROLE.encode(), b"scram-sha-256").decode()
    return SQL("LOGIN PASSWORD {}").format(Literal(verifier))


def _url(parts: dict[str, Any], scheme: str = "postgresql") -> str:
    """Return connection parameters as a URL; host and port go to the query, where a socket's folder may stand too."""
    rest = {key: value for key, value in parts.items() if key not in ("user", "password", "dbname")}
    user, password, database = (quote(parts.get(key) or "", safe="") for key in ("user", "password", "dbname"))
    return f"{scheme}://{user}:{password}@/{database}?{urlencode(rest, quote_via=quote)}"
