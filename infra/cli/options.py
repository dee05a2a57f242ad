"""What the commands have in common: options with the same meaning everywhere, and the settings that they work with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; by default ASSAY_DATA, or ./.assay.", show_default=False),
]
Case = Annotated[str, typer.Argument(help="The case's id, or enough of its beginning to tell it from others.")]


def settings_of(data: Path | None) -> "Settings":
    """The settings from the environment, with the data folder of the option if one is given."""
    from infra.logs import configure_logging
    from infra.settings import load_settings

    configure_logging("warning")  # a service run apart sets its own level
    environ = dict(os.environ)
    if data is not None:
        environ["ASSAY_DATA"] = str(data)
    return load_settings(environ)
