"""All read models."""

from typing import Final

from projections import (
    agenda,
    appeals,
    audits,
    board,
    complaints,
    composition,
    conflicts,
    development,
    directory,
    history,
    learning,
    ledger,
    parts,
    proposals,
    register,
    reminders,
    risks,
    sampling,
    standardisation,
    tasks,
    texts,
    touched,
)
from projections.model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    agenda.MODEL,
    appeals.MODEL,
    audits.MODEL,
    board.MODEL,
    complaints.MODEL,
    composition.MODEL,
    conflicts.MODEL,
    development.MODEL,
    directory.MODEL,
    history.MODEL,
    learning.MODEL,
    ledger.MODEL,
    parts.MODEL,
    proposals.MODEL,
    register.MODEL,
    reminders.MODEL,
    risks.MODEL,
    sampling.MODEL,
    standardisation.MODEL,
    tasks.MODEL,
    texts.MODEL,
    touched.MODEL,
)
