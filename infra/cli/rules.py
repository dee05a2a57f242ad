"""The commands for schemes and policies: check a file, see what it changes, try it out, publish it."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import Data, settings_of

scheme = typer.Typer(help="Schemes: check a file, see what it changes, try it out, publish it.", no_args_is_help=True)
policy = typer.Typer(
    help="The body's own policies: check a file, publish it, see those in force.", no_args_is_help=True
)

SchemeFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="One version of a scheme.", show_default=False)]
PolicyFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="One version of a policy.", show_default=False)]


@scheme.command("check")
def check_scheme(file: SchemeFile) -> None:
    """Find every fault of a scheme file at once, each with its line, its key and what is allowed."""
    from infra.cli.schemes import check_scheme as check

    check(file)


@scheme.command("diff")
def diff_schemes(
    old: Annotated[Path, typer.Argument(metavar="A.toml", help="The version that there is.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="B.toml", help="The version to come.", show_default=False)],
) -> None:
    """Say in words what one version changes, and for whom."""
    from infra.cli.schemes import show_differences

    show_differences(old, new)


@scheme.command("dry-run")
def dry_run_scheme(file: SchemeFile, data: Data = None) -> None:
    """Replay the decided cases under a new version: which outcomes would differ. Writes nothing."""
    from infra.cli.schemes import try_out

    try_out(settings_of(data), file)


@scheme.command("publish")
def publish_scheme(file: SchemeFile, data: Data = None) -> None:
    """Publish a version, for good; clients of live cases under earlier versions are told, and their cases stay."""
    from infra.cli.schemes import publish

    publish(settings_of(data), file)


@scheme.command("list")
def list_schemes(data: Data = None) -> None:
    """The published versions, with date and SHA-256."""
    from infra.cli.schemes import show_published

    show_published(settings_of(data))


@policy.command("check")
def check_policy(file: PolicyFile) -> None:
    """Find every fault of a policy file at once, each with its line, its key and what is allowed."""
    from infra.cli.policies import check_policy as check

    check(file)


@policy.command("publish")
def publish_policy(file: PolicyFile, data: Data = None) -> None:
    """Put a version in force, for good; its reviews and reports are set from then on."""
    from infra.cli.policies import publish

    publish(settings_of(data), file)


@policy.command("list")
def list_policies(data: Data = None) -> None:
    """The published versions, with date and SHA-256, and when each policy is reviewed next."""
    from infra.cli.policies import show_published

    show_published(settings_of(data))


@policy.command("show")
def show_policy(
    kind: Annotated[str, typer.Argument(help="Which policy, such as workforce.", show_default=False)],
    data: Data = None,
) -> None:
    """The text of the version in force, with its reviews, leads and reports."""
    from infra.cli.policies import show

    show(settings_of(data), kind)
