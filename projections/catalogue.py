"""All read models."""

from typing import Final

from projections import board, complaints, history, learning, ledger, proposals, register, reminders, tasks
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    board.MODEL,
    complaints.MODEL,
    history.MODEL,
    learning.MODEL,
    ledger.MODEL,
    proposals.MODEL,
    register.MODEL,
    reminders.MODEL,
    tasks.MODEL,
)
