"""What the environment gives, for the settings to read: it notes by the way what each variable would be if it were not set.

Which variables there are is read from the code that reads them, so that none is missing from what `assay config` shows.
"""

import ast
import difflib
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, Final

OWN: Final = "ASSAY_"
"""Begins the variables that are ours alone, so that one we don't know is a mistake."""
NOT_FOR_PEOPLE: Final = frozenset({"ASSAY_READY_FILE"})
"""What `assay up` tells its services."""
LIKE: Final = 0.7
"""How much of a mistyped name has to be like a known one, of 1."""
HIDDEN: Final = "(set, not shown)"

_VARIABLE: Final = re.compile(r"(?:ASSAY|DATABASE|TEMPORAL|OTEL|AWS|AZURE|GOOGLE)_[A-Z0-9_]*[A-Z0-9]")
_SECRET: Final = re.compile(r"SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIAL|(?:^|_)KEY(?:_|$)|_HEADERS$")
_USER: Final = re.compile(r"://([^:@/\s]*):.*@", re.DOTALL)
_PARAMETER: Final = re.compile(
    r"([?&;,\s][^=&;,\s]*(?:password|secret|token|key|sig)[^=&;,\s]*=)[^&;,\s]*", re.IGNORECASE
)


class Given(dict[str, str]):
    """The variables that are set; `defaults` are what those that were asked for are when they are not."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in environ.items() if value.strip()})
        self.defaults: dict[str, str | None] = {}

    def get(self, name: str, default: Any = None, /) -> Any:
        """The value of a variable, or its default."""
        self.defaults.setdefault(name, default)
        return super().get(name, default)


def variables(module: ModuleType) -> set[str]:
    """The names of all variables that `module` reads, itself or by functions and classes of ours that it imports."""
    homes = {getattr(one, "__module__", "") for one in vars(module).values()} | {module.__name__}
    ours = [sys.modules[home] for home in homes if home and home.startswith("infra.")]
    return {name for one in ours for name in _named(one)} - NOT_FOR_PEOPLE


def _named(module: ModuleType) -> Iterable[str]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _VARIABLE.fullmatch(node.value):
            yield node.value


def unknown(environ: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """The variables of ours that are set and that nobody reads, each with the known name that is nearest, or an empty text."""
    names = {name.removeprefix(OWN): name for name in known}
    strange = sorted({name for name in environ if name.startswith(OWN)} - set(names.values()) - NOT_FOR_PEOPLE)
    near = {name: difflib.get_close_matches(name.removeprefix(OWN), names, 1, LIKE) for name in strange}
    return {name: names[found[0]] if found else "" for name, found in near.items()}


def shown(name: str, value: str) -> str:
    """A value as it may be shown: no secret, and no password within an address."""
    if _SECRET.search(name) and not name.endswith("_FILE"):  # where a secret is kept is none
        return HIDDEN
    return _PARAMETER.sub(r"\1…", _USER.sub(r"://\1:…@", value))
