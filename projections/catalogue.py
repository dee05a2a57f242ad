"""All read models."""

from typing import Final

from projections import audits, board, history, ledger, register, reminders, risks, sampling, tasks
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    audits.MODEL,
    board.MODEL,
    history.MODEL,
    ledger.MODEL,
    register.MODEL,
    reminders.MODEL,
    risks.MODEL,
    sampling.MODEL,
    tasks.MODEL,
)
