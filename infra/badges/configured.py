"""Who issues badges, as the environment says: under which name, and with a key of its own where one is given in a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.problems import CannotStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The body's `name`, as people know it, and the `file` of its key; without one, a key is made under the data folder."""

    name: str = "Assay"
    file: Path | None = None


def read_signing(given: Mapping[str, str]) -> Signing:
    """Read the variables. Raises CannotStart for what can't be used."""
    name = given.get("ASSAY_BADGE_ISSUER", "Assay")
    if not name.isprintable() or len(name) > 200:
        raise CannotStart(
            "ASSAY_BADGE_ISSUER is no name; write the body's name on one line, of at most 200 characters."
        )
    file = given.get("ASSAY_BADGE_KEY_FILE")
    return Signing(name=name, file=Path(file).expanduser().absolute() if file else None)
