"""All read models."""

from typing import Final

from projections import (
    appeals,
    board,
    composition,
    conflicts,
    history,
    ledger,
    register,
    reminders,
    standardisation,
    tasks,
    touched,
)
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    appeals.MODEL,
    board.MODEL,
    conflicts.MODEL,
    composition.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    standardisation.MODEL,
    tasks.MODEL,
    touched.MODEL,
)
