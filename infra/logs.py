"""Logs are JSON, one object a line on standard error: what happened to which case, by ids, never names or texts.

Of what failed a log says the kind and where, but not its words nor what variables held: these may be what somebody typed.
"""

import logging
import sys
from collections.abc import Iterator
from traceback import extract_tb
from typing import Any, Final

import structlog

FRAMES: Final = 8
"""Places named of one exception."""

_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: str = "info") -> None:
    """Write logs of `level` and above, ours and the libraries', as JSON to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder(allow=["temporal_activity", "temporal_workflow"])],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(lambda info: list(_told(info[1]))),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)


def frames(error: BaseException) -> list[str]:
    """Where it was raised: the last places, with file and line."""
    return [f"{one.filename}:{one.lineno} {one.name}" for one in extract_tb(error.__traceback__)[-FRAMES:]]


def _told(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """What a log says of an exception, and of each that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield {"error": type(error).__name__, "frames": frames(error)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
