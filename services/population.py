"""Reading the cases and completed assessments of the whole record, as they were at a position of the log.

Audits and internal sampling draw from them; it takes about a second for ten thousand cases.
"""

from typing import Final

from domain.events import recorded_names
from domain.population import FOLLOWED, Population
from services.ports import Records

PAGE: Final = 5000
"""How many events of the log are read at once."""


def population(records: Records, *, until: int | None = None) -> Population:
    """Return all cases and assessments as the log has them up to position `until`, or now."""
    topics = [name for kind in FOLLOWED for name in recorded_names(kind)]
    found, after = Population(), 0
    while page := records.read_log(after, PAGE, topics):
        wanted = [one for one in page if until is None or one.position <= until]
        found.follow((one.position, one.stream, one.event, one.at) for one in wanted)
        after = page[-1].position
        if len(wanted) < len(page):
            break
    return found
