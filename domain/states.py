"""Changing a frozen state: as `dataclasses.replace`, which for a state of thirty fields costs more than reading the event."""

from typing import TYPE_CHECKING, Any, TypeVar

State = TypeVar("State")

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(state: State, /, **changes: Any) -> State:
        """Return a copy of `state`, a frozen dataclass without slots or `__post_init__`, with some fields changed."""
        new = object.__new__(type(state))
        new.__dict__.update(state.__dict__)
        new.__dict__.update(changes)
        return new


__all__ = ["replace"]
