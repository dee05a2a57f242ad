"""All read models."""

from typing import Final

from projections import board, history, ledger, register, reminders, tasks, texts
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    board.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    tasks.MODEL,
    texts.MODEL,
)
