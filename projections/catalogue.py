"""All read models."""

from typing import Final

from projections import (
    appeals,
    board,
    complaints,
    composition,
    conflicts,
    development,
    history,
    learning,
    ledger,
    proposals,
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
    complaints.MODEL,
    development.MODEL,
    history.MODEL,
    learning.MODEL,
    ledger.MODEL,
    proposals.MODEL,
    register.MODEL,
    reminders.MODEL,
    standardisation.MODEL,
    tasks.MODEL,
    touched.MODEL,
)
