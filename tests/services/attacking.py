"""What those need who try to get round the rules: a second account, and something done in the very moment."""

from collections.abc import Callable
from typing import Any

from tests import factories
from tests.factories import Body
from tests.services.test_accounts import link


class Meddled:
    """The record, but that `first` happens just before the next append: after all was read, whatever it was."""

    def __init__(self, records: Any, first: Callable[[], Any]) -> None:
        self._records, self._first = records, [first]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def append(self, batch: Any) -> int:
        while self._first:
            self._first.pop()()
        position: int = self._records.append(batch)
        return position


def with_second_account(body: Body, person: str, role: str) -> str:
    """Another account that holds `role`, and goes on as the human of both."""
    other = factories.appoint(body, role, scheme=None)
    link(body, other, person)
    return other
