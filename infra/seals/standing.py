"""How sealing stands: what the latest checkpoint seals, what is not sealed yet and since when, which places lack it, and whether what was signed last is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from infra.seals.configured import Sealing
from infra.seals.note import Checkpoint
from infra.seals.publishing import published
from infra.seals.shelf import Seal, Shelf

SLACK: Final = timedelta(minutes=1)
"""How long sealing and publishing themselves may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The latest checkpoint, if there is one; the instant (UTC) of the oldest event that it does not seal; places that lack it.

    `lost` is what was signed last, where it is not among those that are kept.
    """

    seal: Seal | None
    unsealed_since: datetime | None
    lacking: Sequence[str]
    lost: Checkpoint | None

    def is_late(self, sealing: Sealing, at: datetime) -> bool:
        """Whether more time went by without sealing than there is between two times."""
        return self.unsealed_since is not None and at - self.unsealed_since > sealing.every + SLACK

    def is_unpublished(self, at: datetime) -> bool:
        """Whether a place has not taken the latest checkpoint, which it has had time to."""
        return bool(self.lacking) and self.seal is not None and at - self.seal.made_at > SLACK


def standing(connection: Connection[Any], sealing: Sealing, signed: Checkpoint | None) -> Standing:
    """Return how sealing stands; `signed` is what was signed last, as far as this machine knows."""
    shelf = Shelf(connection)
    seal = shelf.last()
    rows = shelf.rows(
        "SELECT recorded_at FROM record.events WHERE notification_id > %s ORDER BY notification_id LIMIT 1",
        [shelf.position_of(seal.size - 1) if seal else 0],
    )
    taken = {one.place for one in published(connection, seal)} if seal else set()
    lacking = [place for place in sealing.places if seal and place not in taken]
    lost = signed if signed and not shelf.keeps(signed) else None
    return Standing(seal=seal, unsealed_since=rows[0][0] if rows else None, lacking=lacking, lost=lost)
