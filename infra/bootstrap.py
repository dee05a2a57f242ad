"""The one place where the product is wired: the record, its names, the vault and the services' office on one database."""

from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

from domain.events import NAMES, UPCASTERS
from infra.store.envelope import Codec
from infra.store.records import PostgresRecords
from infra.store.vault import PostgresVault
from services.office import Office


@cache
def codec() -> Codec:
    """The codec of all events the product knows."""
    return Codec(NAMES, UPCASTERS)


@dataclass(frozen=True, slots=True)
class App:
    """What commands, queries and processes work with; a context manager that closes its connections."""

    records: PostgresRecords
    vault: PostgresVault
    office: Office

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.records.close()


def open_app(database_url: str, *, pool_size: int = 16) -> App:
    """Wire everything to the record that `database_url` (the application's role) leads to; connects when first used."""
    records = PostgresRecords(database_url, codec(), pool_size=pool_size)
    return App(records=records, vault=PostgresVault(records.datastore), office=Office(records))
