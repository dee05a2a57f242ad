"""Services that people use ask the one table who may, by their own name. Source: docs/decisions/0018.

`permitted` marks such a service; `carry_out` then refuses every role that has no cell in its row, before anything else is
decided. A service without a row can't even be imported.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from domain.permissions import named, row
from services.office import Office
from services.ports import Command

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def permitted(
    service: Callable[Concatenate[Office, Command, Given], Answer],
) -> Callable[Concatenate[Office, Command, Given], Answer]:
    """Let the command that the service carries out know which action it is."""
    action = named(service.__module__, service.__name__)
    row(action)

    @wraps(service)
    def asked(office: Office, command: Command, /, *args: Given.args, **given: Given.kwargs) -> Answer:
        return service(office, replace(command, action=action), *args, **given)

    return asked
