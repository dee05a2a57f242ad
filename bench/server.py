"""The server that benchmarks run on: embedded, empty, and syncing every commit to disk, as in production."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.embedded import EmbeddedPostgres
from infra.store.migrate import migrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`admin_url` for a superuser, `app_url` for the application's role; both lead to the same migrated database."""

    admin_url: str
    app_url: str


@contextmanager
def fresh_server() -> Iterator[Server]:
    """Start a server in a temporary folder, and stop and delete it in the end."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            yield Server(admin_url=postgres.admin_url, app_url=migrate(postgres.admin_url, postgres.app_password))
        finally:
            postgres.stop()
