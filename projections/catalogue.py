"""All read models."""

from typing import Final

from projections import board, composition, history, ledger, register, reminders, standardisation, tasks
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    board.MODEL,
    composition.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    standardisation.MODEL,
    tasks.MODEL,
)
