"""What an upheld appeal brings to the case. Source: handbook, section 12."""

from collections.abc import Mapping
from typing import Any

from domain.submission.assessment import Finding
from domain.texts import TextRef
from services.office import Work


def carry_through(
    work: Work,
    *,
    appeal: str,
    case: str,
    contested: str,
    concern: str | None,
    remedy: str,
    excluded: frozenset[str],
    judgements: Mapping[str, Finding],
    reason: TextRef | None = None,
) -> None:
    """Carry an appeal's remedy through, in the appeal's own transaction."""
    raise NotImplementedError


def remedied(state: Any, appeal: str) -> bool:
    """Whether the remedy directed by this appeal has come to its end."""
    raise NotImplementedError
