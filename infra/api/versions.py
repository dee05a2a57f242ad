"""`If-Match` for what is beside the record: a command that names another version than the one there is changes nothing."""

from typing import Annotated, Final

from fastapi import Header

from infra.api.problems import refused

VERSION: Final = Header(alias="If-Match", max_length=40, description="The version that the caller saw.")
Seen = Annotated[str | None, VERSION]


def require_seen(said: str | None, version: int) -> None:
    """Refuse a command whose sender saw another version; one that says none is carried out whatever there is."""
    if said is not None and said.strip() not in {"*", f'"{version}"', str(version)}:
        raise refused(
            "version-meanwhile", f"it is at version {version}", allowed="the command again, by what is there now"
        )
