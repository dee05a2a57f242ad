"""`assay files`: whether all that is kept is there and unchanged, and making good what a crash left behind."""

import sys

from infra.bootstrap import file_store, open_app
from infra.cli.reading import database
from infra.cli.screen import bar, screen
from infra.files.errors import FilesOutOfReach
from infra.files.tending import tidy
from infra.files.verify import verify
from infra.problems import CannotStart
from infra.settings import Settings
from projections.words import counted


def verify_files(settings: Settings) -> None:
    """Read every file, with a bar, and name what is missing, changed or nobody's; exits with 1 where anything is."""
    console = screen()
    with database(settings) as url, open_app(url, pool_size=2, store=file_store(settings)) as app:
        assert app.files  # noqa: S101 - there is a store
        try:
            with bar(console, "bytes") as progress:
                found = verify(app.files, app.records, progress)
        except FilesOutOfReach as problem:
            raise CannotStart(f"The files can't be verified now: {problem}.") from None
        where = app.files.objects.where
    for one in found.wrong:
        of = f" (of {', '.join(one.cases)})" if one.cases else ""
        console.print(f"[red]{one.name}[/red]: {one.fault}{of}", soft_wrap=True)
    console.print(
        f"{counted(found.files, 'file')} of {found.size:,} bytes in {where}; {len(found.wrong):,} not as kept."
    )
    if found.never:
        console.print(
            f"Not kept here: {counted(found.never, 'file')} that portfolios of {counted(found.never_cases, 'case')} name."
            " They were let go, handed in before files were kept, or made up by `assay generate`."
        )
    if found.wrong:
        console.print(
            "Put a missing or changed file back from a backup, under its SHA-256, or have the same bytes uploaded again;"
            " look at what no case has, and delete it by hand."
        )
        sys.exit(1)


def sweep_files(settings: Settings) -> None:
    """Delete what uploads that were cut off left behind, and bytes of files that no case names any more."""
    with database(settings) as url, open_app(url, pool_size=2, store=file_store(settings)) as app:
        assert app.files  # noqa: S101 - there is a store
        parts, cleared = tidy(app.files)
        _, left = app.files.counts()
    screen().print(
        f"Deleted {counted(parts, 'upload')} cut off, and {counted(cleared, 'file')} that no case names any more."
        + (f" {counted(left, 'file')} could not be looked at; try again once the store is in reach." if left else "")
    )
    if left:
        sys.exit(1)
