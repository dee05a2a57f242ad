"""The one place where the product is wired: the record, its names, the vault, the services' office, and what runs on them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from domain.events import NAMES, UPCASTERS
from infra import observing
from infra.files.kept import KeptFiles
from infra.files.objects import Objects
from infra.files.place import Folder, Place
from infra.files.spool import Spool
from infra.folder import make_private
from infra.letters.post import PostgresPost
from infra.problems import CannotStart
from infra.settings import Settings
from infra.store.envelope import Codec
from infra.store.leader import holds
from infra.store.records import PostgresRecords
from infra.store.shelves import PostgresShelves
from infra.store.vault import PostgresVault
from infra.touched import TouchedCases
from services.badges import AllBadges
from services.office import Office
from services.ports import NoFiles


@cache
def codec() -> Codec:
    """The codec of all events the product knows."""
    return Codec(NAMES, UPCASTERS)


@dataclass(frozen=True, slots=True)
class App:
    """What commands, queries and processes work with; a context manager that closes its connections.

    `files` is None where nothing is done with files.
    """

    records: PostgresRecords
    vault: PostgresVault
    shelves: PostgresShelves
    post: PostgresPost
    office: Office
    touched: TouchedCases
    badges: AllBadges
    files: KeptFiles | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.records.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStore:
    """Where files are kept, below which folder they come in, and where the scanner listens that is asked about each."""

    place: Place
    spool: Path
    clamd: str | None = None


def file_store(settings: Settings) -> FileStore:
    """Where these settings have files kept. They come in beside where they stay, so that they need only be moved there."""
    place = settings.files or Folder(path=settings.data / "files")
    spool = place.path if isinstance(place, Folder) else settings.data / "files"
    return FileStore(place=place, spool=spool, clamd=settings.clamd)


def folder_store(folder: Path) -> FileStore:
    """Files in a folder, without a scanner."""
    return FileStore(place=Folder(path=folder), spool=folder)


def open_app(
    database_url: str, *, pool_size: int = 16, longest: float | None = None, store: FileStore | None = None
) -> App:
    """Wire everything to the record that `database_url` (the application's role) leads to; connects when first used.

    No question to it takes longer than `longest` seconds, if that is said. Without a `store` no files are kept.
    """
    records = PostgresRecords(database_url, codec(), pool_size=pool_size, longest=longest)
    files = KeptFiles(records.datastore, open_objects(store), Spool(store.spool), clamd=store.clamd) if store else None
    return App(
        records=records,
        vault=PostgresVault(records.datastore),
        shelves=PostgresShelves(records.datastore),
        post=PostgresPost(records.datastore),
        office=Office(records, files=files or NoFiles()),
        touched=TouchedCases(records),
        badges=AllBadges(records, records.max_position),
        files=files,
    )


def open_objects(store: FileStore) -> Objects:
    """The bytes of files where `store` says; its folder is made if needed. Raises CannotStart where it can't be."""
    if isinstance(store.place, Folder):
        try:
            make_private(store.place.path)
        except OSError as error:
            raise CannotStart(
                f"The folder of files {store.place.path} can't be made ({error.strerror}); give yourself the right to,"
                " or set ASSAY_FILES_URL to another."
            ) from None
    return Objects(store.place)


Service = Callable[[Settings, threading.Event, Callable[[str], None]], None]
"""A service; its settings name both servers. It says when it works, with its address where it listens."""


def run_worker(settings: Settings, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Carry out what processes decide is due."""
    from infra import worker

    with open_app(settings.database_url or "", pool_size=worker.THREADS) as app:
        worker.run_worker(settings, app.office, stop, lambda: ready(""))


def run_signaller(settings: Settings, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Tell processes what was recorded."""
    from infra import signaller

    with open_app(settings.database_url or "", pool_size=4) as app:
        _watch_reader(app, signaller.NAME, lambda: signaller.delivered(app.records))
        signaller.run_signaller(settings, app.records, stop, lambda: ready(""))


def run_projector(settings: Settings, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Keep the read models up to date."""
    from infra import projector
    from infra.readiness import slowest

    with open_app(settings.database_url or "", pool_size=4) as app:
        _watch_reader(app, projector.NAME, lambda: slowest(app.records.datastore))
        projector.run_projector(app.records, stop, lambda: ready(""))


def run_courier(settings: Settings, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Send letters, and whatever else goes out because something was recorded."""
    from infra import courier

    observing.watch("courier_active", lambda: holds(courier.NAME))
    with open_app(settings.database_url or "", pool_size=8) as app:
        courier.run_courier(settings, app, stop, lambda: ready(""))


def _watch_reader(app: App, name: str, position: Callable[[], int | None]) -> None:
    """Show how far a reader of the log has got, whichever process of its kind is the active one."""
    from infra.readiness import behind

    def seen() -> int:
        if (found := position()) is None:
            raise LookupError(name)
        return found

    observing.watch(f"{name}_active", lambda: holds(name))
    observing.watch(f"{name}_position", seen)
    observing.watch(f"{name}_behind_positions", lambda: behind(app.records.datastore, seen())[0])
    observing.watch(f"{name}_behind_seconds", lambda: behind(app.records.datastore, seen())[1])


def run_serve(settings: Settings, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Answer the API; `ready` is told its address."""
    from infra.api.serve import run_api

    run_api(settings, stop, ready)


SERVICES: Final[Mapping[str, Service]] = {
    "worker": run_worker,
    "signaller": run_signaller,
    "projector": run_projector,
    "courier": run_courier,
    "serve": run_serve,
}


def located(settings: Settings, database_url: str, temporal_address: str) -> Settings:
    """The settings with the servers' addresses filled in."""
    return replace(settings, database_url=database_url, temporal_address=temporal_address)
