"""Read your own write: `?after=POSITION` waits until the read models show the log so far; every answer says how far it stands."""

import time
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request

from infra.api.caller import Api
from infra.api.depends import api_of
from infra.api.problems import refused
from infra.read_models import Copy
from projections.model import ReadModel

HEADER: Final = "Assay-Position"
"""The header of an answer that says up to which position of the log it stands."""
PATIENCE: Final = 5.0
"""Seconds for which a reader waits."""
SHORTEST: Final = 0.005
LONGEST: Final = 0.1
"""Seconds between two looks: each wait is twice as long as the one before, up to this."""
LAST: Final = 2**63 - 1

After = Annotated[
    int | None,
    Query(
        ge=0,
        le=LAST,
        description="Wait until what this position of the log recorded is shown: the position that a command answered.",
    ),
]
"""A parameter of a route that reads."""

_POSITIONS: Final = "SELECT name, position FROM read.positions WHERE name = ANY(%s)"
_END: Final = "SELECT coalesce(max(notification_id), 0)::int8 FROM record.events"


def header(position: int) -> dict[str, str]:
    """The header of an answer that stands at this position."""
    return {HEADER: str(position)}


def _end_of_log(request: Request, api: Annotated[Api, Depends(api_of)]) -> None:
    request.state.position = api.app.records.max_position()


END_OF_LOG: Final = Depends(_end_of_log)
"""Of routes that read the record itself, or beside it: their answers stand where the log ended when they were asked for."""


def caught_up(api: Api, models: Sequence[ReadModel], after: int | None = None, *, patience: float = PATIENCE) -> int:
    """Return up to which position of the log all of `models` show it, once that is `after` or later.

    Refuses a position that the log does not have, and to wait longer than `patience` seconds.
    """
    names = [Copy(model).name for model in models]
    deadline, pause = time.monotonic() + patience, SHORTEST
    asked = False
    while True:
        found = dict(api.app.records.datastore.rows(_POSITIONS, [names]))
        if len(found) == len(names) and (position := min(found.values())) >= (after or 0):
            return int(position)
        if after and not asked:
            require_recorded(api, after)
            asked = True
        if time.monotonic() + pause > deadline or after is None:
            raise _behind(after)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)


def require_recorded(api: Api, after: int) -> None:
    """Refuse to wait for a position that no event has yet."""
    [(end,)] = api.app.records.datastore.rows(_END, [])
    if after > end:
        raise refused(
            "read-own-writes", f"the log ends at position {end}", field="after", allowed="a position that was answered"
        )


def _behind(after: int | None) -> Exception:
    what = "what is asked for is being made anew" if after is None else f"position {after} is not shown yet"
    return refused("not-caught-up", what, field="after", allowed="the same request again in a moment")


def standing(*models: ReadModel) -> Any:
    """A parameter of a route: the position at which its answer from these read models stands, once it has `after`."""

    def position(api: Annotated[Api, Depends(api_of)], after: After = None) -> int:
        return caught_up(api, models, after)

    return Depends(position)
