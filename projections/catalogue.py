"""All read models."""

from typing import Final

from projections import board, development, history, ledger, register, reminders, tasks
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    board.MODEL,
    development.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    tasks.MODEL,
)
