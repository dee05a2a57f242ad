"""All read models."""

from typing import Final

from projections import appeals, board, conflicts, history, ledger, register, reminders, tasks, touched
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    appeals.MODEL,
    board.MODEL,
    conflicts.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    tasks.MODEL,
    touched.MODEL,
)
