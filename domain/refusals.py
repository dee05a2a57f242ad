"""Refusals: a command that a rule forbids is refused with the rule, the field and what would be allowed."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Refused(Exception):
    """A command was refused and nothing was written.

    `rule` is the handbook's name for the rule (kebab case), `reason` one plain sentence,
    `field` the input it is about, `allowed` what would be accepted or what to do instead.
    """

    rule: str
    reason: str
    field: str | None = None
    allowed: str | None = None

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        then = f" Allowed: {self.allowed}." if self.allowed else ""
        return f"{where}{self.reason}.{then} (rule: {self.rule})"


def refuse(rule: str, reason: str, *, field: str | None = None, allowed: str | None = None) -> Refused:
    """Build a refusal; `raise refuse(...)` reads like the sentence it makes."""
    return Refused(rule=rule, reason=reason, field=field, allowed=allowed)
